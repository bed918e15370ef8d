"""Tags that the nearest notes have: a weighted vote."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Sequence

import msgspec

NEIGHBOURS = 15
"""So many of the nearest notes with tags vote."""

LEAST_SIMILARITY = 0.2
"""Cosine below which two notes have nothing to do with each other, whatever the others are like."""

LEAST_DEVIATIONS = 0.7
"""A neighbour is nearer than the mean of all notes by so many of their deviations, or it has no vote."""

LEAST_SHARE = 0.4
"""A tag needs this share of all votes."""

NAMED = 0.4
"""A tag that the note's own title names gets this share of all votes on top, once a neighbour has it."""

MOST_SUGGESTED = 3
_ALONE = 0.7
_ALONE_DEVIATIONS = 3.0  # some encoders find all texts that near
_WEIGHT_GROWTH = 3
_WORD = re.compile(r"[^\W_]+")


class Neighbour(msgspec.Struct, frozen=True):
    """A note with tags: how near it is (cosine), and how much nearer than notes are on the whole (deviations)."""

    similarity: float
    deviations: float
    tags: tuple[str, ...]


def suggested_tags(neighbours: Sequence[Neighbour], own: Collection[str], title: str = "") -> tuple[str, ...]:
    """The tags that a note might bear besides its `own`, best first; none where no neighbour is near.

    Each vote weighs the more, the nearer the neighbour is, and what the `title` names weighs more. A tag of one
    neighbour alone is suggested only where that one is very near or the title names it.
    """
    near = [each for each in neighbours if _is_near(each)]
    near = sorted(near, key=lambda each: -each.similarity)[:NEIGHBOURS]
    votes: dict[str, float] = defaultdict(float)
    voters: dict[str, list[Neighbour]] = defaultdict(list)
    total = 0.0
    for each in near:
        weight = each.deviations**_WEIGHT_GROWTH
        total += weight
        for tag in each.tags:
            votes[tag] += weight
            voters[tag].append(each)
    named = {tag for tag in votes if _is_named(tag, title)}
    extra = NAMED * total
    total += extra * len(named)
    for tag in named:
        votes[tag] += extra
    found = [
        tag
        for tag, weight in votes.items()
        if tag not in own
        and weight >= LEAST_SHARE * total
        and (len(voters[tag]) > 1 or tag in named or _is_very_near(voters[tag][0]))
    ]
    return tuple(sorted(found, key=lambda tag: (-votes[tag], tag))[:MOST_SUGGESTED])


def _is_named(tag: str, title: str) -> bool:
    """Whether all words of the tag (of its last part, where it lies below others) stand in the title."""
    words = _WORD.findall(tag.rpartition("/")[2].lower())
    return bool(words) and set(words) <= set(_WORD.findall(title.lower()))


def _is_very_near(each: Neighbour) -> bool:
    return each.similarity >= _ALONE and each.deviations >= _ALONE_DEVIATIONS


def _is_near(each: Neighbour) -> bool:
    return each.similarity >= LEAST_SIMILARITY and each.deviations >= LEAST_DEVIATIONS
