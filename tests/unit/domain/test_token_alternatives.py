"""The packed records of what a model hesitated between."""

from __future__ import annotations

import os

import pytest

from desktop_app.domain.token_alternatives import (
    RECORD_BYTES,
    UNKNOWN,
    choosing,
    compressed,
    decompressed,
    fitted,
    pack_choice,
    unpack_choices,
)

RECORD = pack_choice(0.25, (5, 7, 2, 151_935, 0), (0.5, 0.25, 0.125, 0.0625, 0.0011))


def test_a_record_comes_back_within_its_precision_in_32_bytes() -> None:
    assert len(RECORD) == RECORD_BYTES == 32
    (choice,) = unpack_choices(RECORD)
    assert choice is not None
    assert choice.probability == pytest.approx(0.25, abs=1e-4)
    assert [token for token, _ in choice.likeliest] == [5, 7, 2, 151_935, 0]
    assert [share for _, share in choice.likeliest] == pytest.approx([0.5, 0.25, 0.125, 0.0625, 0.0011], abs=1e-4)


def test_what_is_less_likely_than_a_thousandth_is_left_out() -> None:
    (choice,) = unpack_choices(pack_choice(0.99, (5, 7, 2, 9, 4), (0.99, 0.005, 0.0005, 0.0001, 0.0)))
    assert choice is not None
    assert [token for token, _ in choice.likeliest] == [5, 7]


def test_records_are_fitted_to_the_tokens_they_are_of() -> None:
    assert fitted(RECORD * 3, 2) == RECORD * 2
    assert fitted(RECORD[:-1] + b"", 1) == UNKNOWN
    assert unpack_choices(fitted(RECORD, 2))[1] is None
    assert fitted(b"", 0) == b""


def test_another_choice_keeps_the_place_and_takes_its_probability() -> None:
    (choice,) = unpack_choices(choosing(RECORD, 2))
    (before,) = unpack_choices(RECORD)
    assert choice is not None
    assert before is not None
    assert (choice.probability, choice.likeliest) == (pytest.approx(0.125, abs=1e-4), before.likeliest)
    assert choosing(UNKNOWN, 2) == UNKNOWN


def test_the_store_keeps_them_small_and_survives_damage() -> None:
    records = RECORD * 500
    blob = compressed(records)
    assert blob is not None
    assert decompressed(blob) == records
    assert compressed(UNKNOWN * 9) is None
    assert decompressed(None) == b""
    assert decompressed(os.urandom(50)) == b""
    assert unpack_choices(decompressed(blob[:-20])) is not None
