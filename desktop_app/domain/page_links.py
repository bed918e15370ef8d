"""Links between the pages of other programs' exports, as links between notes."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Mapping
from pathlib import PurePosixPath
from urllib.parse import unquote

from desktop_app.domain.front_matter import quoted
from desktop_app.domain.wiki_links import can_be_linked

_LINK = re.compile(r"(?<!!)\[((?:[^\[\]\n]|\\.)*)\]\((<[^<>\n]+>|(?:[^()\s]|\([^()\s]*\))+)\)")
_ID_AT_END = re.compile(r"([0-9a-f]{32})(?:_all)?(?:\.(?:md|html|csv))?(?:[?#].*)?$", re.IGNORECASE)
_MARKS_OF_LINKS = str.maketrans({"[": "(", "]": ")", "|": "-", "#": "\uff03"})
_PAGE_ADDRESS = re.compile(r"https://(?:www\.)?notion\.(?:so|site)/", re.IGNORECASE)
_EVERNOTE = re.compile(
    r"evernote:///view/|https://(?:(?:www|app)\.evernote\.com/(?:shard|client)|share\.evernote\.com/note)/",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)


def wiki_link(title: str, text: str, heading: str = "") -> str:
    """`[[title]]`, with the text where it says something else; "" for a title that cannot be written so."""
    title = " ".join(title.split())
    if not can_be_linked(title):
        return ""
    text = " ".join(text.split())
    place = f"{title}#{heading}" if can_be_linked(heading) else title
    return f"[[{place}]]" if not text or text == place or "]" in text or "[" in text else f"[[{place}|{text}]]"


def link_name(title: str) -> str:
    """A title as a link can say it: the marks that mean something else there are changed. Where that is another name,
    the note needs it as an alias.
    """
    return " ".join(title.translate(_MARKS_OF_LINKS).split())


def alias_line(title: str) -> str:
    """The line of front matter by which a link finds a note of that title; "" where its title does."""
    name = link_name(title)
    return f"aliases: [{quoted(name)}]\n" if name and name != " ".join(title.split()) else ""


def linked_by_ids(text: str, titles: Mapping[str, str]) -> str:
    """Notion's Markdown with links to pages of the export by their titles, which are given by the pages' ids."""
    return _LINK.sub(lambda found: page_link(found[1], _target(found), titles) or found[0], text)


def page_link(text: str, target: str, titles: Mapping[str, str]) -> str:
    """`[[title]]` for a link to a page of Notion's export; "" for any other."""
    target = unquote(target)
    if _ADDRESS.match(target) and not _PAGE_ADDRESS.match(target):
        return ""
    found = _ID_AT_END.search(PurePosixPath(target).name)
    title = titles.get(found[1].lower(), "") if found else ""
    return wiki_link(link_name(title), text) if title else ""


def _target(found: re.Match[str]) -> str:
    return found[2][1:-1] if found[2].startswith("<") else found[2]


def is_evernote_note(target: str) -> bool:
    """Whether an address is that of a note in Evernote."""
    return _EVERNOTE.match(target) is not None


def linked_by_words(text: str, titles: Container[str]) -> str:
    """Markdown with links to notes in Evernote by their words, where these are the title of a note."""

    def replaced(found: re.Match[str]) -> str:
        words = re.sub(r"\\([*`\\_\[\]#])", r"\1", found[1])
        return (wiki_link(words, words) if is_evernote_note(_target(found)) and words in titles else "") or found[0]

    return _LINK.sub(replaced, text)


def linked_by_paths(text: str, title_of: Callable[[str], str]) -> str:
    """Markdown with links to files of notes beside it by their titles; `title_of` gives "" for what is no note. A place
    within the other note is lost.
    """

    def replaced(found: re.Match[str]) -> str:
        target = unquote(_target(found).partition("#")[0])
        if not target or _ADDRESS.match(target):
            return found[0]
        return wiki_link(title_of(target), found[1]) or found[0]

    return _LINK.sub(replaced, text)
