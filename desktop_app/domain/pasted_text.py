"""What is pasted into Markdown: which HTML says more than its plain text does, and addresses put over words."""

from __future__ import annotations

import re

from desktop_app.domain.markdown_tables import aligned, delimiter_row

LONGEST_HTML = 500_000
"""Characters; more is pasted as the plain text that comes with it."""

MOST_ROWS = 2_000
"""Of cells that become a table; more is pasted as it is."""

_SAYS_MORE = re.compile(
    r"<(?:a\s[^>]{0,2000}?href|h[1-6]|li|table|strong|b|em|i|del|s|code|pre|blockquote|img|hr|mark|sup|sub)[\s>/=]",
    re.IGNORECASE,
)
_CODE_EDITOR = re.compile(r"font-family:\s*[^;\"]{0,200}?(?:monospace|consolas|menlo|monaco)", re.IGNORECASE)
_ADDRESS = re.compile(r"(?:https?://|mailto:)[^\s<>]{1,4000}", re.IGNORECASE)


def says_more_than_text(html: str) -> bool:
    """Whether HTML has links, lists, emphasis and the like. What editors of code copy only looks like something."""
    if len(html) > LONGEST_HTML or _SAYS_MORE.search(html) is None:
        return False
    return _CODE_EDITOR.search(html[:2_000]) is None or "<a " in html


def as_address(text: str) -> str | None:
    """The web or mail address that a text is, and nothing besides; else None."""
    stripped = text.strip()
    return stripped if _ADDRESS.fullmatch(stripped) else None


def link_over(words: str, address: str) -> str | None:
    """`words` as a link to `address`; None where they cannot be its words."""
    if not words.strip() or "\n" in words or as_address(words) is not None or "](" in words:
        return None
    target = f"<{address}>" if any(sign in address for sign in "()") else address
    return f"[{words}]({target})"


def as_table(text: str) -> str | None:
    """Rows of cells with tabs between them, as a spreadsheet copies them, as a Markdown table; None for another text.

    All rows have the same number of cells, and the first cell of each is filled: lines of code that are indented with
    tabs are none.
    """
    rows = [line.split("\t") for line in text.replace("\r\n", "\n").rstrip("\n").split("\n")]
    columns = len(rows[0])
    if not 2 <= len(rows) <= MOST_ROWS or columns < 2:
        return None
    if any(len(row) != columns or not row[0].strip() for row in rows):
        return None
    lines = ["| " + " | ".join(cell.strip().replace("|", "\\|") for cell in row) + " |" for row in rows]
    return "\n".join(aligned([lines[0], delimiter_row(columns), *lines[1:]]))
