"""Whole numbers as strangers write them."""

from __future__ import annotations

import pytest

from desktop_app.domain.whole_numbers import whole_number


@pytest.mark.parametrize(("text", "number"), [("0", 0), ("007", 7), ("123456789", 123_456_789)])
def test_digits_are_a_number(text: str, number: int) -> None:
    assert whole_number(text) == number


@pytest.mark.parametrize("text", ["", " 1", "-1", "+1", "1_0", "1.0", "²", "٣", "1234567890", "1" * 5000])
def test_anything_else_is_none(text: str) -> None:
    assert whole_number(text) is None


def test_how_many_digits_there_may_be_is_said() -> None:
    assert whole_number("123456", most_digits=6) == 123_456
    assert whole_number("1234567", most_digits=6) is None
