"""Code that is only indented is told from lists and paragraphs."""

from __future__ import annotations

import pytest

from desktop_app.domain.indented_code import is_indented_code
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
