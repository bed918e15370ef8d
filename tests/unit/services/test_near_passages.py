"""Near passages: found wherever the blocks are cut, and few enough where all notes are alike."""

from __future__ import annotations

import numpy as np
import pytest

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.errors import CancelledError
from desktop_app.services import near_passages
from desktop_app.services.near_passages import NEAREST, NearNotes, near_notes

Rows = np.ndarray[tuple[int, ...], np.dtype[np.float32]]


def unit(rows: Rows) -> Rows:
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def found_among(note_ids: list[int], rows: Rows) -> list[NearNotes]:
    return near_notes(np.asarray(note_ids, np.int64), rows, CancelToken(), lambda _share: None)


def test_notes_of_one_template_make_few_pairs_and_the_true_copy_leads() -> None:
    draw = np.random.default_rng(1)
    template = draw.normal(size=32)
    rows = unit(template + 0.05 * draw.normal(size=(1_500, 32)))
    rows[1_200] = rows[3]
    assert float((rows @ rows.T).min()) > near_passages.LEAST_COSINE, "all are near"
    found = found_among(list(range(1, 1_501)), rows)
    assert len(found) <= 1_500 * NEAREST
    assert found[0].notes == (4, 1_201)
    assert found[0].cosine == pytest.approx(1.0)


def test_equal_notes_make_few_pairs_too() -> None:
    found = found_among(list(range(500)), unit(np.ones((500, 8), np.float32)))
    assert 250 <= len(found) <= 500 * NEAREST


@pytest.mark.parametrize("block", [1, 3, 2_000])
def test_the_share_is_that_of_the_smaller_note_whichever_is_the_older(
    monkeypatch: pytest.MonkeyPatch, block: int
) -> None:
    """Note 5 has two passages that note 9 has, which repeats one of them; note 7 has one that both have, of three."""
    monkeypatch.setattr(near_passages, "_BLOCK", block)
    axes = np.eye(8, dtype=np.float32)
    note_ids = [9, 9, 9, 9, 5, 5, 7, 7, 7]
    rows = axes[[0, 1, 2, 2, 2, 1, 2, 6, 7]]
    found = {each.notes: each for each in found_among(note_ids, rows)}
    assert found.keys() == {(5, 9), (7, 9), (5, 7)}
    assert found[5, 9].share == 1.0
    assert found[7, 9].share == pytest.approx(1 / 3)
    assert found[5, 7].share == pytest.approx(1 / 2)


def test_blocks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    draw = np.random.default_rng(2)
    rows = unit(draw.normal(size=(12, 6))[draw.integers(12, size=90)] + 0.1 * draw.normal(size=(90, 6)))
    note_ids = sorted(draw.integers(40, size=90).tolist())
    whole = found_among(note_ids, rows)
    monkeypatch.setattr(near_passages, "_BLOCK", 7)
    assert [each.notes for each in found_among(note_ids, rows)] == [each.notes for each in whole]
    assert whole


def test_it_tells_how_far_it_is_and_can_be_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(near_passages, "_BLOCK", 2)
    ids, rows = np.arange(6), np.eye(6, dtype=np.float32)
    told: list[float] = []
    assert near_notes(ids, rows, CancelToken(), told.append) == []
    assert told == pytest.approx([number / 6 for number in range(1, 7)])
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(CancelledError):
        near_notes(ids, rows, cancel, told.append)


def test_of_many_that_are_all_alike_each_keeps_a_few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(near_passages, "NEAREST", 2)
    monkeypatch.setattr(near_passages, "_BLOCK", 5)
    rows = np.tile(np.asarray([[1.0, 0.0]], np.float32), (20, 1))
    found = near_notes(np.arange(20), rows, CancelToken(), lambda _: None)
    assert 10 <= len(found) <= 40  # of 190 pairs
    assert {(one.share, one.cosine) for one in found} == {(1.0, 1.0)}
