"""One text of two: nothing is lost, nothing is said twice."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_app.domain import note_merging
from desktop_app.domain.front_matter import aliases, other_properties, united_properties
from desktop_app.domain.note_merging import MergeWay, merged_text, without_title

LINES = st.lists(st.sampled_from(["", "# Ink", "galls", "gum", "water", "a pen"]), max_size=12)


def test_only_what_the_first_does_not_have_comes_to_it() -> None:
    first = "# Ink\n\nNine grams of galls.\n\nStir."
    second = "# Ink\n\nNine  grams of galls.\nAnd gum.\n\nStir.\nWait a day.\n"
    assert merged_text(first, second, MergeWay.DIFFERENT) == (
        "# Ink\n\nNine grams of galls.\nAnd gum.\n\nStir.\nWait a day."
    )


def test_joined_texts_stand_below_each_other() -> None:
    assert merged_text("one\n", "two\n", MergeWay.JOINED) == "one\n\ntwo\n"
    assert merged_text("one", "\ntwo", MergeWay.JOINED) == "one\n\ntwo"
    assert merged_text("", "two\n", MergeWay.JOINED) == "two"
    assert merged_text("one\n", "", MergeWay.JOINED) == "one\n"


def test_lines_get_the_line_ends_of_the_first() -> None:
    assert merged_text("one\r\ntwo", "one\nthree", MergeWay.DIFFERENT) == "one\r\ntwo\r\nthree"
    assert merged_text("one\r\n", "two\n", MergeWay.JOINED) == "one\r\n\r\ntwo\r\n"


def test_long_texts_are_merged_in_time() -> None:
    first = "\n".join(f"line {number}" for number in range(9_000))
    second = "\n".join(f"line {number}" for number in range(3_000, 12_000))
    merged = merged_text(first, second, MergeWay.DIFFERENT)
    assert merged.startswith(first)
    assert merged.splitlines()[-3_000:] == [f"line {number}" for number in range(9_000, 12_000)]


def test_a_text_without_its_title() -> None:
    assert without_title("# Ink\n\n\ngalls\n") == "galls\n"
    assert without_title("\n# Ink\r\n \r\n  galls") == "  galls"
    assert without_title("# Ink") == ""
    for text in ("galls\n# Ink", "## Ink\n", "#tag\n", ""):
        assert without_title(text) == text


@given(LINES, LINES, st.sampled_from(MergeWay), st.booleans())
def test_no_line_is_lost_and_the_first_stays_in_order(
    first: list[str], second: list[str], way: MergeWay, ended: bool
) -> None:
    one, other = "\n".join(first) + "\n" * ended, "\n".join(second)
    merged = merged_text(one, other, way).split("\n")
    rest = iter(merged)
    assert all(line in rest for line in first if line)
    assert {line for line in (*first, *second) if line} <= set(merged)
    if way is MergeWay.DIFFERENT and first == second:
        assert merged_text(one, other, way) == one


def test_properties_are_united() -> None:
    first = "title: Ink\naliases: [Tint]\nstatus: open\n"
    second = "title: Dye\nalias: Colour, Tint\nstatus: done\nsource:\n  - a book\n  - a pot\n"
    united = united_properties(first, second, ["Dye: 2"])
    assert aliases(united) == ("Tint", "Colour", "Dye: 2")
    assert other_properties(united).count("status") == 1
    assert "status: open" in united
    assert "source:\n  - a book\n  - a pot\n" in united


def test_properties_stay_byte_for_byte_where_nothing_comes_to_them() -> None:
    first = "status : open # so far\r\naliases:\r\n- Tint\r\n"
    assert united_properties(first, "title: Other\naliases: Tint\nstatus: shut\n") == first
    assert united_properties("", "title: Other\n") == ""


def test_toml_properties_are_kept_as_yaml() -> None:
    united = united_properties('title = "Ink"\naliases = ["Tint"]\nstatus = "open"\n', "aliases: Dye\n")
    assert aliases(united) == ("Tint", "Dye")
    assert 'status: "open"' in united


def test_paragraphs_of_unlike_texts_stay_in_their_order() -> None:
    first, second = "One.\n\nSame.\n\nThree.\n\nFour.\n", "Eins.\n\nZwei.\n\nSame.\n\nVier.\n"
    merged = merged_text(first, second, MergeWay.DIFFERENT)
    assert merged == f"{first}\nEins.\n\nZwei.\n\nVier.\n"


def test_a_paragraph_that_differs_stands_below_the_first_as_one_of_its_own() -> None:
    first, second = "# Ink\n\nNine grams.\n\nStir.\n", "# Ink\n\nTen grams.\n\nStir.\n"
    assert merged_text(first, second, MergeWay.DIFFERENT) == "# Ink\n\nNine grams.\n\nTen grams.\n\nStir.\n"
    first, second = "# Ink\n\n- gum\n- salt\n", "# Ink\n\n- gum\n- water\n"
    assert merged_text(first, second, MergeWay.DIFFERENT) == "# Ink\n\n- gum\n- salt\n- water\n"


def test_what_comes_in_leaves_no_two_empty_lines() -> None:
    first, second = "One.\n\nTwo.\n\nThree.\n", "One.\n\n\nNew.\n\nTwo.\n\nThree.\n\nLast.\n"
    assert merged_text(first, second, MergeWay.DIFFERENT) == "One.\n\nNew.\n\nTwo.\n\nThree.\n\nLast.\n"


@pytest.mark.parametrize(("first", "second"), [("a\nb\nc\n", "a\nx\nb\nc\n"), ("a\nb\nc\nd\n", "a\nx\nb\n")])
def test_texts_of_very_many_lines_are_not_compared_in_order(
    first: str, second: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(note_merging, "_MOST_COMPARED", 4)
    assert merged_text(first, second, MergeWay.DIFFERENT) == first.replace("a\n", "a\nx\n")
    monkeypatch.setattr(note_merging, "_MOST_COMPARED", 3)
    assert merged_text(first, second, MergeWay.DIFFERENT) == f"{first}\nx\n"


def test_lines_that_come_again_and_again_are_compared_like_others() -> None:
    first = "one\ntwo\n" * 150
    assert merged_text(first, f"{first}new\n", MergeWay.DIFFERENT) == f"{first}new\n"


def test_empty_lines_alone_are_no_difference() -> None:
    assert merged_text("a\nb\n", "a\n\n\nb\n", MergeWay.DIFFERENT) == "a\nb\n"
