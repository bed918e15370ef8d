"""A transformer recorded once, so that a question runs through it without Python in between.

Of a forward pass over a few tokens a third is Python's: hundreds of modules, and the checks of their arguments. torch
records which operations they come to (`torch.jit.trace`), and runs these alone. The rest waits for weights above all:
they are recorded at half their size where the processor can read them so.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import torch
from sentence_transformers import SentenceTransformer
from torch import Tensor, nn

from desktop_app.workers.encoder_worker.half_weights import half_weights

_LENGTHS = (7, 2, 40)
"""Recorded with so many tokens, and tried with each number of them: what was recorded must hold for any."""

_LEAST_COSINE = 0.99999


class TracedTransformer:
    """The encoder's layers of a model in fp32, for one text at a time.

    Args:
        run: what was recorded: (token ids, attention mask) to the embeddings of the tokens.
        after: the model's other modules (pooling and the like), which follow.
    """

    def __init__(self, run: Any, after: Sequence[nn.Module]) -> None:
        self._run = run
        self._after = tuple(after)

    def forward(self, features: dict[str, Any]) -> dict[str, Any]:
        """As the model's own `forward`."""
        features["token_embeddings"] = self._run(features["input_ids"], features["attention_mask"])
        for module in self._after:
            features = module(features)
        return features


def traced(model: SentenceTransformer) -> TracedTransformer | None:
    """Record it. None where it cannot be, or where what was recorded tells anything else than the model does."""
    return _recorded(model, half_weights) or _recorded(model, lambda _: nullcontext())


def _recorded(
    model: SentenceTransformer, prepared: Callable[[nn.Module], AbstractContextManager[object]]
) -> TracedTransformer | None:
    """What is recorded of the model while it is prepared so."""
    first: Any = model[0]
    try:
        texts = [_text(length, int(first.model.config.vocab_size)) for length in _LENGTHS]
        with torch.inference_mode(), prepared(first):
            record: Any = torch.jit.trace
            run = record(_Embeddings(first), texts[0], strict=False, check_trace=False)
        found = TracedTransformer(run, list(model)[1:])
        alike = all(_cosine(model, found, text) >= _LEAST_COSINE for text in texts)
    except (RuntimeError, OSError, AttributeError, LookupError, TypeError, ValueError) as error:  # it runs as it is
        print(f"trace: {type(error).__name__}: {error}", file=sys.stderr, flush=True)
        return None
    return found if alike else None


class _Embeddings(nn.Module):
    """Tensors in, a tensor out, as `torch.jit.trace` wants it."""

    def __init__(self, transformer: nn.Module) -> None:
        super().__init__()
        self.transformer = transformer

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        features = self.transformer({"input_ids": input_ids, "attention_mask": attention_mask})
        found: Tensor = features["token_embeddings"]
        return found


def _text(length: int, vocabulary: int) -> tuple[Tensor, Tensor]:
    """Some token ids, and the mask over them."""
    ids = (torch.arange(length) * 7_919 + 1_000) % vocabulary
    return ids.unsqueeze(0), torch.ones(1, length, dtype=torch.long)


def _cosine(model: SentenceTransformer, found: TracedTransformer, text: tuple[Tensor, Tensor]) -> float:
    features = {"input_ids": text[0], "attention_mask": text[1]}
    with torch.inference_mode():
        own: Tensor = model.forward(dict(features))["sentence_embedding"]
        recorded: Tensor = found.forward(dict(features))["sentence_embedding"]
        return float(torch.nn.functional.cosine_similarity(own, recorded))
