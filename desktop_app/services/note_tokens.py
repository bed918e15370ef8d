"""A note as the tokens that its HTML and its Word document are made of, and what both ask of them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from desktop_app.domain.notes import Note
from desktop_app.domain.outline import headings
from desktop_app.domain.shown_properties import with_shown_properties
from desktop_app.domain.wiki_links import as_markdown
from desktop_app.services.markdown_parser import note_parser

if TYPE_CHECKING:
    from markdown_it.token import Token

NOTE = "inkwell-note:"
"""What the targets of `[[links]]` begin with."""
SAFE_LINK = re.compile(r"^(?:https?://[^\s/]|mailto:[^\s/])", re.IGNORECASE)
TASK = re.compile(r"^\[([ xX])\] ")

_WIDTH = re.compile(r"^(?:(?P<words>.*)\|)?\s*(?P<width>\d{1,4})\s*(?:x\s*\d{1,4})?$", re.DOTALL)


def note_tokens(note: Note) -> list[Token]:
    """The tokens of its text, properties as a table; links to notes have targets with NOTE in front."""
    return note_parser().parse(as_markdown(with_shown_properties(note.text, "Properties"), frozenset(), NOTE, NOTE))


def title_to_show(note: Note) -> str:
    """The title that has to be put over the text; "" where its first heading says it."""
    says_title = any(one.title == note.title for one in headings(note.text)[:1])
    return "" if says_title else note.title.strip()


def words_and_width(alt: str, *, is_wiki: bool) -> tuple[str, int]:
    """What stands for a picture, and how many pixels wide it is to be shown; 0 for its own width."""
    found = _WIDTH.match(alt)
    if found is None or (found["words"] is None and not is_wiki):
        return alt, 0
    return (found["words"] or "").strip(), int(found["width"])
