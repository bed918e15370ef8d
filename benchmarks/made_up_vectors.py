"""Vectors for measuring at scale: as unlike one another as those of texts are, or without any order.

What was measured on 90,497 passages embedded by the starter encoder (all-MiniLM-L6-v2): a Markdown vault, Cranfield
and MED, docstrings and pages of Python's documentation, Perl's, descriptions of Debian's packages, WordNet's glosses,
FAQs, German, Spanish, Russian and Chinese messages. Their principal axes have the share of variance below; the median
cosine to the 10th, 100th, 1,000th and 10,000th nearest is .60, .45, .32 and .18, that of any two .06 on average. Of
100,000 vectors made here it is .57, .40, .27, .17 and .06.
"""

from __future__ import annotations

import numpy as np

DIMENSIONS = 384
_BLOCK = 50_000

_AXES = (0, 1, 16, 32, 64, 96, 128, 192, 256, 320, 384)
_SHARES = (0.0, 0.043, 0.276, 0.399, 0.561, 0.675, 0.763, 0.889, 0.965, 0.993, 1.0)
"""Which share of the variance the first so many principal axes of texts' vectors have."""

_MEAN_COSINE = 0.05

_MATTERS = ((5_000, 0.12), (1_000, 0.12), (100, 0.16), (10, 0.22))
"""(how many passages share a matter, how much of their vectors that is): a field, a subject, a topic, a text."""

_GROUP = 40


def text_like_vectors(count: int) -> np.ndarray:
    """Unit vectors with the axes and neighbours that texts have."""
    draw = np.random.default_rng(7)
    scale, turn, common = _text_like(draw)
    matters = [
        (np.sqrt(share) * draw.standard_normal((max(1, count // size), DIMENSIONS)) * scale).astype(np.float32)
        for size, share in _MATTERS
    ]
    own = float(np.sqrt(1.0 - sum(share for _, share in _MATTERS)))
    rows = np.empty((count, DIMENSIONS), np.float32)
    for start in range(0, count, _BLOCK):
        size = min(_BLOCK, count - start)
        block = own * draw.standard_normal((size, DIMENSIONS), dtype=np.float32) * scale + common
        # A text has one topic, a topic one subject: which of the smaller ones it is says which of the larger.
        place = draw.integers(0, len(matters[-1]), size)
        for kinds in matters:
            block += kinds[place * len(kinds) // len(matters[-1])]
        rows[start : start + size] = _units(block @ turn)
    return rows


def isotropic_vectors(count: int) -> np.ndarray:
    """Unit vectors in groups: two of one group have a cosine near 0.5, others near 0.1, and no axis matters more."""
    draw = np.random.default_rng(7)
    common = draw.standard_normal(DIMENSIONS).astype(np.float32)
    centres = draw.standard_normal((max(1, count // _GROUP), DIMENSIONS), dtype=np.float32) + 0.35 * common
    rows = np.empty((count, DIMENSIONS), np.float32)
    for start in range(0, count, _BLOCK):
        size = min(_BLOCK, count - start)
        block = centres[draw.integers(0, len(centres), size)]
        rows[start : start + size] = _units(block + draw.standard_normal((size, DIMENSIONS), dtype=np.float32))
    return rows


def questions_near(rows: np.ndarray, count: int, *, isotropic: bool) -> np.ndarray:
    """Unit vectors with a cosine near 0.7 to one of the rows each, as of a question and the passage it asks for."""
    draw = np.random.default_rng(11)
    asked = rows[draw.integers(0, len(rows), count)]
    other = draw.standard_normal((count, DIMENSIONS)).astype(np.float32)
    if not isotropic:
        scale, turn, _ = _text_like(np.random.default_rng(7))
        other = other * scale @ turn
    return _units(asked + _units(other))


def _text_like(draw: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(the deviation along each axis, where the axes lie, what all vectors share)."""
    variances = np.diff(np.interp(np.arange(DIMENSIONS + 1), _AXES, _SHARES)) * DIMENSIONS
    turn, _ = np.linalg.qr(draw.standard_normal((DIMENSIONS, DIMENSIONS)))
    common = draw.standard_normal(DIMENSIONS)
    common *= np.sqrt(_MEAN_COSINE * DIMENSIONS) / np.linalg.norm(common)
    return np.sqrt(variances).astype(np.float32), turn.astype(np.float32), common.astype(np.float32)


def _units(rows: np.ndarray) -> np.ndarray:
    units: np.ndarray = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    return units
