"""What is put in the place of a found text."""

from __future__ import annotations

import pytest

from desktop_app.domain.replacement import replaced_by


@pytest.mark.parametrize(
    ("template", "groups", "made"),
    [
        ("plain", ["ink"], "plain"),
        ("$2-$1", ["ab", "a", "b"], "b-a"),
        (r"\2\1", ["ab", "a", "b"], "ba"),
        ("<$&> <$0>", ["ink"], "<ink> <ink>"),
        ("${1}0", ["ab", "a"], "a0"),
        ("$10", ["ab", "a"], "a0"),
        ("$$1", ["ab", "a"], "$1"),
        ("$3 and $", ["ab", "a", ""], "$3 and $"),
        ("[$2]", ["ab", "a", ""], "[]"),
        (r"a\nb\tc\\n", ["x"], "a\nb\tc\\n"),
        (r"\w stays", ["x"], r"\w stays"),
        ("$1", ["ab", "$2"], "$2"),
    ],
)
def test_groups_are_put_in(template: str, groups: list[str], made: str) -> None:
    assert replaced_by(template, groups) == made
