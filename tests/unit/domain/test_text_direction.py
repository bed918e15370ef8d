"""Which way a text runs."""

from __future__ import annotations

import pytest

from desktop_app.domain.text_direction import has_right_to_left, is_right_to_left


@pytest.mark.parametrize(
    ("text", "right"),
    [("", False), ("ink", False), ("שלום", True), ("123 (مرحبا) ink", True), ("ink שלום", False), ("—", False)],
)
def test_the_first_letter_with_a_direction_decides(text: str, right: bool) -> None:
    assert is_right_to_left(text) is right


def test_any_letter_from_the_right_is_noticed() -> None:
    assert has_right_to_left("ink שלום")
    assert not has_right_to_left("größe, 日本")
