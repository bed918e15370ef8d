"""A passage that leaves the search: quoted in a note with where it stands."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from desktop_app.domain.search import SearchHit
from desktop_app.domain.wiki_links import can_be_linked
from desktop_app.presenters.search_rows import Hit, page_of


def quotation_of(hit: Hit) -> str:
    """The passage as a Markdown quote, with a link to its note, heading and page below; of a message its chat."""
    quoted = "\n".join(f"> {line}".rstrip() for line in hit.passage.strip().splitlines())
    return f"{quoted}\n>\n> — {_source_of(hit)}\n"


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
