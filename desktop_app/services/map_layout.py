"""Vectors onto a plane, so that what is near in meaning is near on the map. The same vectors give the same map.

The two first principal components, refined by the forces of UMAP (McInnes, Healy, Melville, 2018): each note is drawn
to its nearest neighbours and pushed from notes drawn by lot. The components alone leave one cloud, since they hold a
tenth of the variance of sentence vectors: of a note's ten nearest, 13 % are among its ten nearest on that map of 515
notes, and 45 % on the refined one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from desktop_app.domain.cancellation import CancelToken

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]
    Doubles = NDArray[np.float64]
    Integers = NDArray[np.int64]

Progress = Callable[[float], None]

NEIGHBOURS = 12
_EPOCHS = 200
_NEGATIVES = 4
_BLOCK = 1_000
_DIGITS = 4
_SPIRAL = 0.004
_GOLDEN_ANGLE = 2.399963
_FEWEST = 8
"""Fewer notes stay where their components put them."""

# The curve of UMAP for a least distance of 0.1: 1 / (1 + A · d^(2B)).
_A, _B = 1.577, 0.895
_MOST_REGIONS = 18
_TRIES = 4
_ROUNDS = 60


def layout(rows: Floats, cancel: CancelToken, progress: Progress) -> Doubles:
    """Places (n × 2) of unit vectors. `progress` gets the share that is done. Raises CancelledError."""
    import numpy as np

    places = principal_components(rows)
    if len(rows) < _FEWEST:
        return apart(places)
    heads, tails, weights = _edges(rows, cancel, lambda share: progress(share * 0.2))
    places = places / max(float(np.abs(places).max()), 1e-9) * 10.0
    chance = np.random.default_rng(1)
    for epoch in range(_EPOCHS):
        cancel.raise_if_cancelled()
        step = 1.0 - epoch / _EPOCHS
        drawn = chance.random(len(weights)) < weights
        places = places + _moves(places, heads[drawn], tails[drawn], chance, step)
        if epoch % 5 == 0:
            progress(0.2 + 0.8 * epoch / _EPOCHS)
    return apart(places - places.mean(axis=0))


def apart(places: Doubles) -> Doubles:
    """Notes that lie at one place (equal texts) in a small spiral around it, so that each can be pointed at."""
    import numpy as np

    _, groups, counts = np.unique(places.round(_DIGITS), axis=0, return_inverse=True, return_counts=True)
    groups = groups.reshape(-1)
    if counts.max(initial=1) == 1:
        return places
    order = np.argsort(groups, kind="stable")
    starts = np.r_[0, np.cumsum(counts)[:-1]]
    turn = np.empty(len(places))
    turn[order] = np.arange(len(places)) - starts[groups[order]]
    extent = float(np.ptp(places, axis=0).max(initial=0.0)) or 1.0
    away = _SPIRAL * extent * np.sqrt(turn)
    angles = turn * _GOLDEN_ANGLE
    spread: Doubles = places + away[:, None] * np.column_stack((np.cos(angles), np.sin(angles)))
    return spread


def principal_components(rows: Floats) -> Doubles:
    """The two directions in which the vectors differ most, each with a sign that does not depend on the library."""
    import numpy as np

    centred = rows.astype(np.float64) - rows.mean(axis=0)
    _values, vectors = np.linalg.eigh(centred.T @ centred)
    axes = vectors[:, ::-1][:, :2]
    signs = np.sign(axes[np.abs(axes).argmax(axis=0), np.arange(axes.shape[1])])
    places: Doubles = centred @ (axes * signs)
    return places if places.shape[1] > 1 else np.column_stack((places, np.zeros(len(places))))


def regions(places: Doubles) -> Integers:
    """The region of each place (k-means on the map itself, so that a region is one area), numbered by size."""
    import numpy as np

    count = min(_MOST_REGIONS, max(1, round(len(places) ** 0.5)))
    chance = np.random.default_rng(1)
    best, least = np.zeros(len(places), np.int64), np.inf
    for _ in range(_TRIES):
        centres = _spread(places, count, chance)
        belongs = np.zeros(len(places), np.int64)
        for number in range(_ROUNDS):
            distances = ((places[:, None, :] - centres[None, :, :]) ** 2).sum(axis=2)
            now = distances.argmin(axis=1)
            if number and (now == belongs).all():
                break
            belongs = now
            for region in range(count):
                inside = places[belongs == region]
                if len(inside):
                    centres[region] = inside.mean(axis=0)
        spread = float(distances.min(axis=1).sum())
        if spread < least:
            best, least = belongs, spread
    sizes = np.bincount(best, minlength=count)
    order = np.argsort(-sizes, kind="stable")
    renamed = np.empty(count, np.int64)
    renamed[order] = np.arange(count)
    return renamed[best]


def middles(places: Doubles, belongs: Sequence[int]) -> list[int]:
    """Of each region, the place that is nearest to its centre."""
    import numpy as np

    numbers = np.asarray(belongs)
    found: list[int] = []
    for region in range(int(numbers.max()) + 1):
        inside = np.flatnonzero(numbers == region)
        distances = ((places[inside] - places[inside].mean(axis=0)) ** 2).sum(axis=1)
        found.append(int(inside[distances.argmin()]))
    return found


def _spread(places: Doubles, count: int, chance: np.random.Generator) -> Doubles:
    """First centres far from each other (k-means++)."""
    import numpy as np

    chosen = [int(chance.integers(len(places)))]
    nearest = np.full(len(places), np.inf)
    while len(chosen) < count:
        nearest = np.minimum(nearest, ((places - places[chosen[-1]]) ** 2).sum(axis=1))
        total = float(nearest.sum())
        if total <= 0.0:
            chosen.append(int(chance.integers(len(places))))
        else:
            chosen.append(int(chance.choice(len(places), p=nearest / total)))
    return places[chosen].copy()


def _edges(rows: Floats, cancel: CancelToken, progress: Progress) -> tuple[Integers, Integers, Doubles]:
    """(from, to, weight from 0 to 1): each note with its nearest, the nearest of all with weight 1."""
    import numpy as np

    count = len(rows)
    near = min(NEIGHBOURS, count - 1)
    tails = np.empty((count, near), np.int64)
    weights = np.empty((count, near))
    for start in range(0, count, _BLOCK):
        cancel.raise_if_cancelled()
        cosines = rows[start : start + _BLOCK] @ rows.T
        size = len(cosines)
        cosines[np.arange(size), np.arange(start, start + size)] = -np.inf
        found = np.argpartition(-cosines, near - 1, axis=1)[:, :near]
        distances = 1.0 - np.take_along_axis(cosines, found, axis=1).astype(np.float64)
        beyond = distances - distances.min(axis=1, keepdims=True)
        scale = np.maximum(beyond.mean(axis=1, keepdims=True), 1e-6)
        tails[start : start + size] = found
        weights[start : start + size] = np.exp(-beyond / scale)
        progress((start + size) / count)
    return np.arange(count).repeat(near), tails.reshape(-1), weights.reshape(-1)


def _moves(places: Doubles, heads: Integers, tails: Integers, chance: np.random.Generator, step: float) -> Doubles:
    """How each place moves in one round: to its neighbours, and away from places drawn by lot."""
    import numpy as np

    count = len(places)
    between = places[heads] - places[tails]
    squared = (between**2).sum(axis=1)
    pull = -2.0 * _A * _B * np.maximum(squared, 1e-9) ** (_B - 1.0) / (1.0 + _A * squared**_B)
    drawn = np.clip(pull[:, None] * between, -4.0, 4.0)
    pushed = heads.repeat(_NEGATIVES)
    away = places[pushed] - places[chance.integers(count, size=len(pushed))]
    squared = (away**2).sum(axis=1)
    push = np.clip((2.0 * _B / ((0.001 + squared) * (1.0 + _A * squared**_B)))[:, None] * away, -4.0, 4.0)
    moves = np.empty_like(places)
    for axis in range(2):
        moves[:, axis] = (
            np.bincount(heads, drawn[:, axis], count)
            - np.bincount(tails, drawn[:, axis], count)
            + np.bincount(pushed, push[:, axis], count)
        )
    # All forces of a round act at once: together they must not throw a note across the map.
    return np.clip(moves * 0.3, -4.0, 4.0) * step
