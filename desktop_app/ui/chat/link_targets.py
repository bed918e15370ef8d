"""What links in rendered Markdown may lead to."""

from __future__ import annotations

import re

NOTE_LINK = "inkwell-note:"
"""In front of what a link between notes names, percent-encoded; only where notes are read."""

MISSING_NOTE = "inkwell-missing-note:"
"""The same for a note that is not there."""

TAG_LINK = "inkwell-tag:"
"""In front of a tag in a note's text, percent-encoded; only where notes are read."""

SOURCE_LINK = "inkwell-source:"
"""In front of the number of a passage that an answer cites; only where there is that passage."""

_SAFE_LINK = re.compile(r"^(?:https?://[^\s/]|mailto:[^\s/])", re.IGNORECASE)


def is_safe_link(target: str) -> bool:
    """True for the only targets that may be opened: http, https and mailto with something behind them."""
    return _SAFE_LINK.match(target) is not None
