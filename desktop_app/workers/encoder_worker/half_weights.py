"""Linear layers whose weights are kept in half precision and multiplied in full (FBGEMM, processors of the x86 family).

The product of a question's few tokens waits for the weights to come from memory: at half the size they come in half the
time. Vectors are those of full precision to the sixth digit, as weights in fp16 keep eleven bits.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn


class HalfWeightLinear(nn.Module):
    """A linear layer, for inference only. Raises RuntimeError where this torch or this processor cannot do it."""

    def __init__(self, layer: nn.Linear) -> None:
        super().__init__()
        bias = None if layer.bias is None else layer.bias.detach()
        self._packed: Any = torch.ops.quantized.linear_prepack_fp16(layer.weight.detach(), bias)

    def forward(self, inputs: Tensor) -> Tensor:
        """The layer's result, in full precision."""
        found: Tensor = torch.ops.quantized.linear_dynamic_fp16(inputs, self._packed)
        return found


@contextmanager
def half_weights(model: nn.Module) -> Iterator[None]:
    """Let the model's linear layers be such ones for the time of the context. Raises RuntimeError, and nothing is
    changed, where they cannot be.
    """
    layers = [
        (parent, name, child)
        for parent in model.modules()
        for name, child in parent.named_children()
        if type(child) is nn.Linear
    ]
    instead = [HalfWeightLinear(layer) for _, _, layer in layers]
    try:
        for (parent, name, _), half in zip(layers, instead, strict=True):
            setattr(parent, name, half)
        yield
    finally:
        for parent, name, layer in layers:
            setattr(parent, name, layer)
