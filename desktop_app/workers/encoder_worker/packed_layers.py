"""Linear layers in bf16 with their weights in the order in which the processor multiplies them.

torch puts a layer's weights into that order at every call (oneDNN). For a question, which is a few tokens, this took as
long as the product itself.
"""

from __future__ import annotations

from typing import Any

import torch
from sentence_transformers import SentenceTransformer
from torch import Tensor, nn


class PackedLinear(nn.Module):
    """A linear layer, and the exact GELU behind it where `gelu` is set: one pass over the result in place of two."""

    def __init__(self, layer: nn.Linear, *, gelu: bool) -> None:
        super().__init__()
        weight = layer.weight.detach().clone()
        self._weight = torch.ops.mkldnn._reorder_linear_weight(weight, None)
        self._bias = None if layer.bias is None else layer.bias.detach().clone()
        self._after: tuple[str, list[float], str] = ("gelu", [], "none") if gelu else ("none", [], "")

    def forward(self, inputs: Tensor) -> Tensor:
        """The layer's result."""
        found: Tensor = torch.ops.mkldnn._linear_pointwise(inputs, self._weight, self._bias, *self._after)
        return found


def pack_layers(model: SentenceTransformer) -> bool:
    """Replace the linear layers of a model in bf16, for inference only. False, and nothing changed, where this torch
    or this processor cannot do it.
    """
    if not hasattr(torch.ops.mkldnn, "_linear_pointwise"):
        return False
    with torch.inference_mode():
        try:
            found = [
                (parent, name, PackedLinear(child, gelu=_gelu_follows(parent, name)))
                for parent in model.modules()
                for name, child in parent.named_children()
                if type(child) is nn.Linear and child.weight.dtype is torch.bfloat16
            ]
            for parent, name, packed in found:
                packed(torch.zeros(1, getattr(parent, name).in_features, dtype=torch.bfloat16))
        except (RuntimeError, NotImplementedError):
            return False
    for parent, name, packed in found:
        if _gelu_follows(parent, name):
            parent.intermediate_act_fn = nn.Identity()
        setattr(parent, name, packed)
    return bool(found)


def _gelu_follows(parent: nn.Module, name: str) -> bool:
    """Whether the layer's result goes straight into an exact GELU: how BERT and its kin are built in transformers."""
    after: Any = getattr(parent, "intermediate_act_fn", None)
    return name == "dense" and type(parent).__name__.endswith("Intermediate") and _is_exact_gelu(after)


def _is_exact_gelu(activation: Any) -> bool:
    if isinstance(activation, nn.GELU):
        return activation.approximate == "none"
    return type(activation).__name__ == "GELUActivation" and getattr(activation, "act", None) is nn.functional.gelu
