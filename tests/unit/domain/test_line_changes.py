"""What changed between two texts."""

from __future__ import annotations

from desktop_app.domain.line_changes import ChangeKind, line_changes


def _marks(old: str, new: str) -> list[str]:
    signs = {ChangeKind.SAME: " ", ChangeKind.ADDED: "+", ChangeKind.REMOVED: "-", ChangeKind.GAP: "…"}
    return [signs[change.kind] + change.text for change in line_changes(old, new)]


def test_changed_lines_stand_with_those_around_them() -> None:
    old = "\n".join(f"line {number}" for number in range(40))
    new = old.replace("line 20", "line 20, longer").replace("line 33\n", "")
    assert _marks(old, new) == [
        "…",
        *(f" line {number}" for number in (17, 18, 19)),
        "-line 20",
        "+line 20, longer",
        *(f" line {number}" for number in (21, 22, 23)),
        "…",
        *(f" line {number}" for number in (30, 31, 32)),
        "-line 33",
        *(f" line {number}" for number in (34, 35, 36)),
        "…",
    ]


def test_equal_texts_and_other_line_ends() -> None:
    assert line_changes("a\nb", "a\nb") == []
    assert _marks("a\nb", "a\r\nb") == ["…"]
    assert _marks("", "a") == ["+a"]


def test_texts_with_nothing_in_common_are_not_compared_for_minutes() -> None:
    old = "\n".join(f"a{number}" for number in range(100_000))
    new = "\n".join(f"b{number}" for number in range(100_000))
    changes = line_changes(old, new)
    assert 1_000 < len(changes) < 4_000
    assert len(line_changes("x" * 200_000, "y" * 200_000)[0].text) < 2_100


def test_words_that_differ_in_a_line_that_was_replaced_are_told() -> None:
    changes = line_changes("same\nan old pen\nx", "same\na new pen\nx")
    assert [[line.text[slice(*words)] for words in line.words] for line in changes] == [[], ["an old"], ["a new"], []]
    changes = line_changes("an old pen\ngone for good", "quite another line\nan old brush")
    assert [[line.text[slice(*words)] for words in line.words] for line in changes] == [["pen"], [], [], ["brush"]]
