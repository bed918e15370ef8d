"""The rule by which a note and its file are kept in step."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_app.domain.folder_sync import Step, step_for

STATES = st.sampled_from([None, "a", "b", "c"])


@pytest.mark.parametrize(
    ("base", "file", "note", "step"),
    [
        (None, None, None, Step.NOTHING),
        (None, "f", None, Step.NEW_FILE),
        (None, None, "n", Step.NEW_NOTE),
        (None, "f", "f", Step.AGREE),
        (None, "f", "n", Step.CONFLICT),
        ("b", "b", "b", Step.NOTHING),
        ("b", "f", "b", Step.TAKE_FILE),
        ("b", "b", "n", Step.WRITE_FILE),
        ("b", "f", "f", Step.AGREE),
        ("b", "f", "n", Step.CONFLICT),
        ("b", None, "b", Step.FILE_GONE),
        ("b", None, "n", Step.NEW_NOTE),
        ("b", "b", None, Step.NOTE_GONE),
        ("b", "f", None, Step.NEW_FILE),
        ("b", None, None, Step.FORGET),
    ],
)
def test_the_table(base: str | None, file: str | None, note: str | None, step: Step) -> None:
    assert step_for(base, file, note) is step


def after(step: Step, base: str | None, file: str | None, note: str | None) -> tuple[list[tuple[str | None, ...]], set]:
    """(base, file, note) of each pair that there is after the step, and the texts that went to a trash."""
    match step:
        case Step.NOTHING:
            return [(base, file, note)], set()
        case Step.AGREE | Step.TAKE_FILE | Step.NEW_FILE:
            return [(file, file, file)], set()
        case Step.WRITE_FILE | Step.NEW_NOTE:
            return [(note, note, note)], set()
        case Step.CONFLICT:
            return [(file, file, file), (None, None, note)], set()
        case Step.FILE_GONE:
            return [(None, None, None)], {note}
        case Step.NOTE_GONE:
            return [(None, None, None)], {file}
        case Step.FORGET:
            return [(None, None, None)], set()


@given(STATES, STATES, STATES)
def test_no_step_loses_what_was_changed(base: str | None, file: str | None, note: str | None) -> None:
    pairs, trashed = after(step_for(base, file, note), base, file, note)
    kept = {one for pair in pairs for one in pair[1:]} - {None}
    changed = {one for one in (file, note) if one is not None and one != base}
    assert changed <= kept  # nor is it in a trash only
    assert {one for one in (file, note) if one is not None} <= kept | trashed | {base}


@given(STATES, STATES, STATES)
def test_after_a_step_all_is_in_step(base: str | None, file: str | None, note: str | None) -> None:
    pairs, _ = after(step_for(base, file, note), base, file, note)
    for pair in pairs:
        pairs_then, _ = after(step_for(*pair), *pair)
        assert [step_for(*one) for one in pairs_then] == [Step.NOTHING]


@given(STATES, STATES, STATES)
def test_neither_side_is_preferred(base: str | None, file: str | None, note: str | None) -> None:
    mirrored = {
        Step.TAKE_FILE: Step.WRITE_FILE,
        Step.FILE_GONE: Step.NOTE_GONE,
        Step.NEW_FILE: Step.NEW_NOTE,
    }
    mirrored |= {second: first for first, second in mirrored.items()}
    step = step_for(base, file, note)
    assert step_for(base, note, file) is mirrored.get(step, step)
