"""When an answer counts as repeating itself."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from desktop_app.domain.repetition import RepetitionWatch


def first_hit(tokens: list[int], run: int = 20, times: int = 3) -> int | None:
    watch = RepetitionWatch(run, times)
    return next((number for number, token in enumerate(tokens) if watch.add(token)), None)


def test_the_third_run_of_twenty_tokens_stops() -> None:
    run = list(range(20))
    assert first_hit([7, 7, *run, *run, *run]) == 61
    assert first_hit([7, 7, *run, *run, *run[:-1]]) is None


def test_shorter_loops_count_as_well() -> None:
    assert first_hit([1] * 60) == 59
    assert first_hit([1, 2, 3, 4] * 15) == 59


def test_one_other_token_starts_the_count_again() -> None:
    run = list(range(20))
    assert first_hit([*run, *run, 99, *run[1:], *run[:1]]) is None


@given(st.lists(st.integers(0, 2), max_size=60))
def test_agrees_with_the_definition(tokens: list[int]) -> None:
    def repeats(end: int) -> bool:
        last = tokens[:end][-9:]
        return len(last) == 9 and last[:3] == last[3:6] == last[6:]

    expected = next((end - 1 for end in range(1, len(tokens) + 1) if repeats(end)), None)
    assert first_hit(tokens, 3, 3) == expected
