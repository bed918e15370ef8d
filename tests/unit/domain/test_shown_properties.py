"""Properties at the top of a text, as they are read."""

from __future__ import annotations

import pytest

from desktop_app.domain.shown_properties import property_rows, with_shown_properties

_NESTED = """# a comment
author:
  name: "Ann"
  # another
  address:
    town: Ulm
steps:
  - what: mix
    with: water
  - rest
text: >-
  of two
  lines
names: [one,
  two: three]
empty:"""


def test_names_and_values_are_a_table_with_as_many_lines() -> None:
    text = '---\naliases: [Ink, "the | black"]\ntags:\n  - a\n  - b\nup: "[[Paper|the paper]]"\n---\n\n# Title\n'
    shown = with_shown_properties(text, "Properties")
    assert shown.split("\n")[:7] == [
        "| Properties | |",
        "|---|---|",
        "| aliases | Ink, the \\| black |",
        "| tags | a, b |",
        "| up | [[Paper|the paper]] |",
        "",
        "",
    ]
    assert shown.endswith("\n\n# Title\n")
    assert shown.count("\n") == text.count("\n")


def test_what_is_nested_stands_behind_its_name() -> None:
    lines = _NESTED.split("\n")
    assert property_rows(lines) == [
        ("author", "name: Ann, address: town: Ulm"),
        ("steps", "what: mix, with: water, rest"),
        ("text", "of two lines"),
        ("names", "one, two: three"),
        ("empty", ""),
    ]
    text = "\n".join(["---", *lines, "---", "", "words"])
    shown = with_shown_properties(text, "Properties")
    assert shown.startswith("| Properties | |\n")
    assert shown.count("\n") == text.count("\n")
    assert shown.endswith("\n\nwords")


@pytest.mark.parametrize(
    "text",
    ["---\nkey: 1\nno name\n---\n\nwords", "---\na: b\n---\nwords", "+++\na = 1\n+++\n\nwords"],
)
def test_what_is_more_than_that_is_code(text: str) -> None:
    shown = with_shown_properties(text, "Properties")
    assert shown.startswith("```yaml\n")
    assert shown.count("\n") == text.count("\n")
    assert shown.endswith("words")


@pytest.mark.parametrize("text", ["", "words", "---\n\nwords\n\n---", "---", "text\n---\na: b\n---\n"])
def test_a_text_without_properties_stays(text: str) -> None:
    assert with_shown_properties(text, "Properties") == text
