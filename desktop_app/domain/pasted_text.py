"""What is pasted into Markdown: which HTML says more than its plain text does, and addresses put over words."""

from __future__ import annotations

import re

LONGEST_HTML = 500_000
"""Characters; more is pasted as the plain text that comes with it."""

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
