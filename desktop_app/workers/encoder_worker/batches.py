"""How many passages go through the model at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

MOST_TOKENS = 2048
"""Padded tokens in one forward pass: more is no faster on any processor that was measured."""

LANE_TOKENS = 1024
"""The same of one of several passes at once (`lanes.py`): what lies between the layers stays in the caches."""

LEAST_TOKENS = 256
FIRST_TOKENS = 512
SECONDS = 0.5
"""A stop, or a pause, waits for the end of one forward pass: 2048 tokens of a small model in fp32 took 1.5 s on a
processor with two cores and no bf16, and a process that does not stop within 2 s is ended."""


class Batches:
    """Groups passages, and learns how many tokens the machine computes in `SECONDS`."""

    def __init__(self) -> None:
        self.most_tokens = FIRST_TOKENS

    def groups(self, lengths: Sequence[int], lanes: int = 1) -> Iterator[list[int]]:
        """Places in `lengths` grouped by length, longest first: of one group at most `most_tokens` as they are when it
        is taken, padding included, or a single text. Where `lanes` are computed at once, groups become small towards
        the end, so that all lanes end at about the same time.
        """
        order = sorted(range(len(lengths)), key=lambda place: -lengths[place])
        left = sum(lengths)
        position = 0
        while position < len(order):
            most = (
                self.most_tokens if lanes == 1 else min(self.most_tokens, LANE_TOKENS, max(LEAST_TOKENS, left // lanes))
            )
            count = max(1, most // max(1, lengths[order[position]]))
            group = order[position : position + count]
            left -= sum(lengths[place] for place in group)
            yield group
            position += count

    def took(self, tokens: int, seconds: float) -> None:
        """A group of so many padded tokens took so long. Small ones, which are mostly overhead, tell nothing; one that
        was quick lets the next be twice as large at most.
        """
        if tokens < LEAST_TOKENS // 2:
            return
        in_time = int(tokens * SECONDS / max(seconds, 1e-6))
        self.most_tokens = max(LEAST_TOKENS, min(in_time, 2 * self.most_tokens, MOST_TOKENS))
