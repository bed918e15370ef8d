"""Where a text stands in another, whatever the case of the letters: as an editor's own search finds it."""

from __future__ import annotations

import re

from desktop_app.domain.conversation import Role
from desktop_app.domain.plain_markdown import plain_markdown
from desktop_app.domain.reasoning import split_reasoning

_MAY_BE_MARKED = re.compile(r"[*_`#>\[~|\\]|^[ \t]*[-+][ \t]", re.MULTILINE)
_SOFT_BREAK = re.compile(r"(?<!\n)\n(?!\n)")


def count_places(text: str, wanted: str) -> int:
    """How often `wanted` stands in `text`, each place counted once; 0 for an empty text."""
    return folded(text).count(folded(wanted)) if wanted else 0


def count_in_message(role: Role, text: str, wanted: str) -> int:
    """How often `wanted` stands in a message as it is shown: an answer without the marks of Markdown and of reasoning,
    the reasoning included.
    """
    if role is Role.USER:
        return count_places(text, wanted)
    lowered = folded(text)
    # Marks may stand between the words that are wanted, but seldom within one: most messages need no closer look.
    if not all(word in lowered for word in re.findall(r"\w+", folded(wanted))):
        return 0
    parts = split_reasoning(text)
    return sum(count_places(_as_shown(part), wanted) for part in (parts.reasoning, parts.answer) if part)


def _as_shown(text: str) -> str:
    plain = plain_markdown(text).text if _MAY_BE_MARKED.search(text) else text
    return _SOFT_BREAK.sub(" ", plain)


def folded(text: str) -> str:
    """Lower case, one character for one; a no-break space is a blank."""
    lowered = text.lower()
    if len(lowered) != len(text):
        lowered = "".join(low if len(low := each.lower()) == 1 else each for each in text)
    return lowered.replace("\u00a0", " ")
