"""Code that is only indented is told from lists and paragraphs."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_app.domain.indented_code import IndentedCode, is_indented_code
from desktop_app.domain.plain_markdown import plain_markdown


@pytest.mark.parametrize(
    ("text", "is_code"),
    [
        ("    ink = 1", True),
        ("Words:\n\n    ink = 1", True),
        ("Words:\n\n\tink = 1", True),
        ("Words:\n\n    ink = 1\n\n    pen = 2", True),
        ("# Title\n\n    ink = 1\n        pen = 2", True),
        ("- item\n\nWords:\n\n    ink = 1", True),
        ("Words that\n    go on", False),
        ("- item\n\n    its second paragraph", False),
        ("- item\n    - nested", False),
        ("    - nested, at the beginning of a part", False),
        ("1. item\n\n       deeper", False),
        ("[^1]: A footnote\n\n    that goes on", False),
        ("Words:\n\n   three blanks", False),
        ("Words:\n\n    ", False),
    ],
)
def test_what_is_code(text: str, is_code: bool) -> None:
    *above, line = text.split("\n")
    assert is_indented_code(line, reversed(above)) is is_code


def test_where_code_stands_in_a_text() -> None:
    text = "Run `a*b` now:\n\n    x = `1`\n\n```python\ny = 2\n\nz\n```\nEnd"
    code = [text[start:end] for start, end in plain_markdown(text).code]
    assert code == ["a*b", "    x = `1`", "y = 2", "", "z"]


@given(
    st.lists(st.sampled_from(["", "  ", "    code", "\tcode", "    - item", "words", "   words", "- item", "2. item"]))
)
def test_one_line_after_the_other_is_told_the_same(lines: list[str]) -> None:
    text = IndentedCode()
    told = [text.is_code(line) for line in lines]
    assert told == [is_indented_code(line, reversed(lines[:number])) for number, line in enumerate(lines)]


def test_a_long_text_of_code_is_read_as_quickly_as_one_of_words() -> None:
    began = time.process_time()
    text = plain_markdown("\n".join(["Words:", "", *("    ink = 1" for _ in range(20_000))]))
    assert time.process_time() - began < 3, "twice the lines took four times as long"
    assert len(text.code) == 20_000
