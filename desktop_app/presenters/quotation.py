"""Passages that leave the search: quoted in a note with where they stand, and attached to a question in a chat."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication

from desktop_app.domain.attachments import NotePassages
from desktop_app.domain.search import SearchHit
from desktop_app.domain.wiki_links import can_be_linked
from desktop_app.presenters.search_rows import Hit, at_places, page_of
from desktop_app.presenters.search_words import place_in_note

#: Passages that one question in a chat is asked about.
MOST_ASKED = 6


def quotation_of(hit: Hit) -> str:
    """The passage as a Markdown quote, with a link to its note, heading and page below; of a message its chat."""
    quoted = "\n".join(f"> {line}".rstrip() for line in hit.passage.strip().splitlines())
    return f"{quoted}\n>\n> — {_source_of(hit)}\n"


def passages_to_ask(hits: Sequence[Hit]) -> list[NotePassages]:
    """What the first notes among the hits say, best first: of each its passage, and of as many as have room their other
    places, too. Some MOST_ASKED passages fit into a small context.
    """
    notes = [hit for hit in hits if isinstance(hit, SearchHit)][:MOST_ASKED]
    room = MOST_ASKED - len(notes)
    found: list[NotePassages] = []
    for hit in notes:
        places = [each for each in at_places(hit) if isinstance(each, SearchHit)]
        taken = sorted(places[: 1 + room], key=lambda each: each.start)
        room -= len(taken) - 1
        found.append(NotePassages(hit.note_id, _name_of(taken), "\n\n".join(_with_place(each) for each in taken)))
    return found


def _name_of(places: Sequence[SearchHit]) -> str:
    title = places[0].title or _tr("Untitled")
    pages = dict.fromkeys(str(page) for each in places if (page := page_of(each)))
    if not pages:
        return title
    words = _tr("page {n}") if len(pages) == 1 else _tr("pages {n}")
    return f"{title}, {words.replace('{n}', ', '.join(pages))}"


def _with_place(hit: SearchHit) -> str:
    place = place_in_note(hit)
    return f"({place})\n{hit.passage.strip()}" if place else hit.passage.strip()


def _source_of(hit: Hit) -> str:
    if not isinstance(hit, SearchHit):
        return hit.title or _tr("New chat")
    parts = [_link_to(hit) if can_be_linked(hit.title) else hit.title or _tr("Untitled")]
    if page := page_of(hit):
        parts.append(_tr("page {n}").replace("{n}", str(page)))
    return ", ".join(parts)


def _link_to(hit: SearchHit) -> str:
    heading = hit.heading_path[-1] if hit.heading_path else ""
    if heading in ("", hit.title) or not can_be_linked(heading):
        return f"[[{hit.title}]]"
    return f"[[{hit.title}#{heading}]]"


def _tr(text: str) -> str:
    return QCoreApplication.translate("Quotation", text)
