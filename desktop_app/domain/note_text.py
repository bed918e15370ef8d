"""What a Markdown text says of itself, wherever it came from."""

from __future__ import annotations

from datetime import datetime

import msgspec

from desktop_app.domain.front_matter import broken_front_matter_end, split_front_matter
from desktop_app.domain.inline_tags import inline_tags
from desktop_app.domain.snippets import first_heading


class ReadText(msgspec.Struct, frozen=True):
    """A text without its front matter, and what both say.

    Attributes:
        title: the front matter's, else the first heading; "" where there is neither.
        folder, tags: as written, not cleaned; tags are the front matter's and those in the text.
        front_matter: its lines, as they are kept.
        created, edited: the front matter's, None where it says none.
    """

    title: str
    text: str
    folder: str
    tags: tuple[str, ...]
    front_matter: str
    created: datetime | None
    edited: datetime | None


def read_text(text: str) -> ReadText:
    """The text apart from its front matter, with title, tags and times."""
    matter, body = split_front_matter(text)
    return ReadText(
        title=matter.title or first_heading(body[broken_front_matter_end(body) :]),
        text=body,
        folder=matter.folder,
        tags=(*matter.tags, *inline_tags(body)),
        front_matter=matter.lines,
        created=matter.created,
        edited=matter.edited,
    )
