"""How much memory a decoder needs, and whether this computer has it. An estimate with a margin, never a promise."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import StrEnum

import msgspec

KV_BYTES_PER_VALUE = 2  # llama.cpp keeps keys and values as f16
PROCESS_BYTES = 80 * 1_000_000
"""The worker itself: interpreter and llama.cpp were measured at 43 MB; the rest is for tokenizer tables."""
FITS_SHARE = 0.80
TIGHT_SHARE = 0.95
SMALLEST_CONTEXT = 512
ATTENTION_BYTES = 256 * 1024 * 1024
"""Most bytes of attention scores that a processor without flash attention keeps at once."""
_SMALLEST_BATCH = 32

SLIDING_LAYERS: dict[str, tuple[int, int]] = {
    "gemma2": (1, 2),
    "gemma3": (5, 6),
    "gemma3n": (4, 5),
    "cohere2": (3, 4),
    "gpt-oss": (1, 2),
    "exaone4": (3, 4),
    "phi3": (1, 1),
}
"""Share of layers that see only a sliding window, by architecture (llama.cpp, llama-model.cpp: set_swa_pattern).
Architectures that are not listed keep the whole context in every layer, whatever window their header names."""


class MemoryVerdict(StrEnum):
    """Whether the model fits the memory that is available now."""

    FITS = "fits"
    TIGHT = "tight"
    DOES_NOT_FIT = "does not fit"


class DecoderShape(msgspec.Struct, frozen=True):
    """What of a model decides its memory.

    Attributes:
        tensor_bytes: all weights.
        heads: attention heads (the most of any layer).
        kv_heads: key/value heads of each layer, one number for all layers or one a layer.
        key_length, value_length: values of one head's key and value.
        sliding_window: tokens a sliding layer sees; 0 where there is none.
    """

    tensor_bytes: int
    layers: int
    heads: int
    kv_heads: Sequence[int]
    key_length: int
    value_length: int
    vocabulary_size: int
    architecture: str = ""
    sliding_window: int = 0


class MemoryEstimate(msgspec.Struct, frozen=True):
    """Bytes a loaded model takes, and what there is.

    Attributes:
        weights, kv_cache, compute, process: the parts of `total`.
        available: bytes free for it now, the present model's share included; 0 where unknown.
        installed: bytes of memory this computer (or this container) has; 0 where unknown.
    """

    weights: int
    kv_cache: int
    compute: int
    process: int = PROCESS_BYTES
    available: int = 0
    installed: int = 0

    @property
    def total(self) -> int:
        """All of it."""
        return self.weights + self.kv_cache + self.compute + self.process

    @property
    def verdict(self) -> MemoryVerdict:
        """FITS up to 80 % of what is available, TIGHT up to 95 %; FITS where nothing is known of the computer."""
        if self.available <= 0 or self.total <= self.available * FITS_SHARE:
            return MemoryVerdict.FITS
        if self.total <= self.available * TIGHT_SHARE:
            return MemoryVerdict.TIGHT
        return MemoryVerdict.DOES_NOT_FIT


def kv_cache_bytes(shape: DecoderShape, context_length: int, batch_size: int = 512) -> int:
    """Bytes of the key/value cache: per layer n_ctx · n_head_kv · (key + value) · 2, sliding layers less."""
    if shape.layers <= 0:
        return 0
    heads = list(shape.kv_heads) or [0]
    per_layer = heads if len(heads) == shape.layers else [max(heads)] * shape.layers
    token_bytes = (shape.key_length + shape.value_length) * KV_BYTES_PER_VALUE
    sliding = _sliding_count(shape)
    window = min(context_length, shape.sliding_window + batch_size) if sliding else context_length
    # Which layers slide is not told apart: the ones with most heads are counted in full.
    ordered = sorted(per_layer, reverse=True)
    full = ordered[: shape.layers - sliding]
    narrow = ordered[shape.layers - sliding :]
    return token_bytes * (sum(full) * context_length + sum(narrow) * window)


def attention_batch(context_length: int, heads: int, batch_size: int) -> int:
    """Tokens computed at once, so that their scores (n_ctx · heads, in f32, for each) stay within ATTENTION_BYTES.

    At most `batch_size`, at least 32 of them: fewer make reading slow.
    """
    fitting = ATTENTION_BYTES // max(1, context_length * heads * 4)
    return min(batch_size, max(_SMALLEST_BATCH, fitting))


def compute_bytes(shape: DecoderShape, context_length: int, batch_size: int) -> int:
    """Bytes of the compute buffers, which logits and attention share: the larger of the two, in f32.

    A row of logits for each token of a batch; or its attention scores, with a fifth for what goes with them (llama.cpp
    0.3.36 reports 49.7 and 83.2 MiB for SmolLM2 135M at 4,096 and 8,192 tokens, in batches of 256).
    """
    batch = max(1, batch_size)
    scores = context_length * shape.heads * 4 * attention_batch(context_length, shape.heads, batch)
    return max(shape.vocabulary_size * batch * 4, scores + scores // 5)


def estimate_memory(
    shape: DecoderShape, context_length: int, batch_size: int = 512, *, available: int = 0, installed: int = 0
) -> MemoryEstimate:
    """Memory of `shape` with `context_length` tokens of KV cache, beside what is there."""
    return MemoryEstimate(
        weights=shape.tensor_bytes,
        kv_cache=kv_cache_bytes(shape, context_length, batch_size),
        compute=compute_bytes(shape, context_length, batch_size),
        available=available,
        installed=installed,
    )


def context_in_force(wanted: int, *, set_by_person: bool, trained: int, fits: Callable[[int], bool]) -> int:
    """The context length to load with: at most the trained one; a default also shrinks by halves until it `fits`."""
    length = min(wanted, trained) if trained > 0 else wanted
    if set_by_person:
        return length
    while length > SMALLEST_CONTEXT and not fits(length):
        length = max(SMALLEST_CONTEXT, length // 2)
    return length


def _sliding_count(shape: DecoderShape) -> int:
    if shape.sliding_window <= 0 or shape.architecture not in SLIDING_LAYERS:
        return 0
    narrow, of = SLIDING_LAYERS[shape.architecture]
    return shape.layers * narrow // of
