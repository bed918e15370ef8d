from __future__ import annotations

import pytest

from desktop_app.domain.formulas import DEEPEST, LONGEST_SOURCE, is_money, may_be_typeset


@pytest.mark.parametrize(
    ("between", "expected"),
    [
        ("5 (small) and US", True),
        ("20 per month, or", True),
        ("5", False),
        ("5x", False),
        ("3x + 2y", False),
        ("2\\,\\text{km}", False),
        ("10^6", False),
        ("x and y", False),
        ("", False),
    ],
)
def test_what_stands_between_two_prices_is_no_formula(between: str, expected: bool) -> None:
    assert is_money(between) is expected


def test_deep_and_long_formulas_are_not_even_tried() -> None:
    assert may_be_typeset("{" * DEEPEST + "x" + "}" * DEEPEST)
    assert not may_be_typeset("{" * (DEEPEST + 1) + "x" + "}" * (DEEPEST + 1))
    assert not may_be_typeset("\\left(" * (DEEPEST + 1) + "x" + "\\right)" * (DEEPEST + 1))
    assert not may_be_typeset("\\frac{1}" * (DEEPEST + 1) + "x" * LONGEST_SOURCE)
    assert not may_be_typeset("  \n")


def test_braces_beside_each_other_and_escaped_ones_are_not_deep() -> None:
    assert may_be_typeset("\\{" * 20 + "{a}" * 40 + "\\\\" * 20 + "\\begin{matrix}a\\end{matrix}" * 10)
