"""How many passages are embedded at once: as many as end in time."""

from __future__ import annotations

from desktop_app.workers.encoder_worker.batches import (
    FIRST_TOKENS,
    LANE_TOKENS,
    LEAST_TOKENS,
    MOST_TOKENS,
    SECONDS,
    Batches,
)


def grown(batches: Batches, tokens_per_second: float) -> int:
    for _ in range(20):
        batches.took(batches.most_tokens, batches.most_tokens / tokens_per_second)
    return batches.most_tokens


def test_texts_of_a_length_go_together_the_longest_first() -> None:
    groups = list(Batches().groups([3, 200, 100, 250, 90, 4]))
    assert groups == [[3, 1], [2, 4, 5, 0]]
    assert sorted(place for group in groups for place in group) == list(range(6))


def test_a_text_longer_than_a_batch_goes_alone() -> None:
    assert list(Batches().groups([FIRST_TOKENS + 1, FIRST_TOKENS + 2])) == [[1], [0]]
    assert list(Batches().groups([])) == []


def test_a_slow_machine_computes_fewer_tokens_at_once_and_a_quick_one_more() -> None:
    assert grown(Batches(), 1_400) == int(1_400 * SECONDS)
    assert grown(Batches(), 50_000) == MOST_TOKENS
    assert grown(Batches(), 10) == LEAST_TOKENS


def test_what_was_learned_holds_for_the_very_next_group() -> None:
    batches = Batches()
    groups = batches.groups([256] * 9)
    first = next(groups)
    batches.took(len(first) * 256, 10.0)
    assert [len(first), len(next(groups))] == [2, 1]


def test_a_quick_batch_only_doubles_the_next_and_a_short_one_tells_nothing() -> None:
    batches = Batches()
    batches.took(FIRST_TOKENS, 0.001)
    assert batches.most_tokens == 2 * FIRST_TOKENS
    batches.took(8, 5.0)
    assert batches.most_tokens == 2 * FIRST_TOKENS


def test_lanes_get_groups_that_are_small_towards_the_end() -> None:
    batches = Batches()
    grown(batches, 50_000)
    sizes = [len(group) * 64 for group in batches.groups([64] * 64, lanes=2)]
    assert sum(sizes) == 64 * 64
    assert sizes[0] == LANE_TOKENS
    assert sizes[-1] <= LEAST_TOKENS
    assert all(size <= max(LEAST_TOKENS, sum(sizes[place:]) // 2) for place, size in enumerate(sizes))
    assert sorted(place for group in batches.groups([9, 300, 5], lanes=4) for place in group) == [0, 1, 2]
