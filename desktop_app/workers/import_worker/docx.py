"""Text of a DOCX file, as Markdown writes it: headings, paragraphs, lists, tables, notes, page headers and footers.

A DOCX is a zip file of XML; what stands in its paragraphs is read, text boxes included, with bold, italic and struck
letters, code, links and formulas. Comments become notes that say whose they are. Deleted text and the table of contents
are not read.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from desktop_app.domain.errors import ImportFileError, ImportLimitError, NoTextError
from desktop_app.domain.foreign_notes import ForeignNote
from desktop_app.domain.note_text import read_text
from desktop_app.workers.import_worker.archive import Archive, damaged
from desktop_app.workers.import_worker.attached import Attached, Attachments
from desktop_app.workers.import_worker.docx_body import Body, Relations
from desktop_app.workers.import_worker.docx_properties import PART as PROPERTIES
from desktop_app.workers.import_worker.docx_properties import DocxProperties
from desktop_app.workers.import_worker.docx_styles import Numbering, Styles
from desktop_app.workers.import_worker.html_inline import escaped
from desktop_app.workers.import_worker.limits import TextBudget
from desktop_app.workers.import_worker.safe_xml import Attributes, read_xml

DOCUMENT = "word/document.xml"
_STYLES = "word/styles.xml"
_NUMBERING = "word/numbering.xml"
_NOTES = ("word/footnotes.xml", "word/endnotes.xml", "word/comments.xml")
_MARGIN = re.compile(r"word/(header|footer)(\d*)\.xml")
_MEDIA = "word/media/"
_LONGEST_NAME = 100
NoteMark = Callable[[str, str], str]
_BLOCK = 100_000
"""Characters that are handed on at once."""


def docx_note(path: Path, budget: TextBudget, attachments: Attachments) -> ForeignNote:
    """The document as one note, with its pictures. Raises as `docx_text` does."""
    with Archive(path) as archive:
        if DOCUMENT not in archive:
            raise damaged()
        for name in archive.names():
            if name.startswith(_MEDIA):
                attachments.see(name, posixpath.basename(name))
        text = _Document(archive, budget, with_pictures=attachments.are_wanted).text()
        if not text.strip():
            raise NoTextError("The document has no text.", "It holds pictures or nothing.", "")
        text, named = attachments.of_text(text, partial(_picture, archive), rename=True)
        said = _properties(archive)
    return ForeignNote(
        "",
        read_text(text).title,
        text,
        tags=said.tags,
        front_matter=said.front_matter,
        created=said.created,
        edited=said.edited,
        attachments=named,
    )


def _properties(archive: Archive) -> DocxProperties:
    """What the document says of itself; where that is damaged, as much as can be read."""
    said = DocxProperties()
    try:
        if PROPERTIES in archive:
            read_xml(archive.chunks(PROPERTIES), said.start, said.end, said.text)
    except ImportLimitError:
        raise
    except ImportFileError:
        pass  # the text is whole
    return said


def _picture(archive: Archive, target: str) -> Attached | None:
    if not target.startswith(_MEDIA) or target not in archive:
        return None
    return Attached(target, posixpath.basename(target), archive.size_of(target), partial(archive.chunks, target))


def docx_text(path: Path, budget: TextBudget) -> Iterator[str]:
    """The document's text in parts: page headers, body, page footers, notes; `budget` bounds what is held.

    Raises ImportFileError for what is no DOCX, ImportLimitError for a bomb, NoTextError where it has no text.
    """
    with Archive(path) as archive:
        if DOCUMENT not in archive:
            raise damaged()
        text = _Document(archive, budget).text()
    if not text.strip():
        raise NoTextError("The document has no text.", "It holds pictures or nothing.", "")
    for start in range(0, len(text), _BLOCK):
        yield text[start : start + _BLOCK]


def _ignore(*_what: object) -> None:
    """What this part of the document is not asked about."""


def _no_mark(_kind: str, _note_id: str) -> str:
    return ""


class _Relations:
    """Which part of the document, or which address, each id in a part means."""

    def __init__(self, *, with_pictures: bool) -> None:
        self.relations = Relations()
        self._with_pictures = with_pictures

    def start(self, name: str, attributes: Attributes) -> None:
        if name != "Relationship":
            return
        target = attributes.get("Target", "")
        if attributes.get("TargetMode") == "External":
            if attributes.get("Type", "").endswith("/hyperlink"):
                self.relations.links[attributes.get("Id", "")] = target
            return
        path = posixpath.normpath(posixpath.join("/word", target)).lstrip("/")
        if self._with_pictures and path.startswith(_MEDIA):
            self.relations.pictures[attributes.get("Id", "")] = path


class _Document:
    """Reads the parts in the order they need each other."""

    def __init__(self, archive: Archive, budget: TextBudget, *, with_pictures: bool = False) -> None:
        """Without `with_pictures` they leave no trace."""
        self._archive = archive
        self._with_pictures = with_pictures
        self._budget = budget
        self._known: dict[str, Relations] = {}
        self._styles = Styles()
        self._numbering = Numbering()

    def text(self) -> str:
        """All of it."""
        if _STYLES in self._archive:
            read_xml(self._archive.chunks(_STYLES), self._styles.start, self._styles.end, _ignore)
        if _NUMBERING in self._archive:
            read_xml(self._archive.chunks(_NUMBERING), self._numbering.start, _ignore, _ignore)
        notes = _Notes(self._part)
        for name in _NOTES:
            if name in self._archive:
                notes.name = name
                read_xml(self._archive.chunks(name), notes.start, notes.end, notes.text)
        body = self._part(DOCUMENT, notes.mark)
        read_xml(self._archive.chunks(DOCUMENT), body.start, body.end, body.text)
        headers, footers = self._margin("header"), self._margin("footer")
        return "".join([*headers, body.written(), *footers, *notes.lines()])

    def _part(self, name: str, note_mark: NoteMark = _no_mark) -> Body:
        """What reads a part of the document, or a note in it."""
        return Body(self._styles, self._numbering, self._budget, note_mark, self._relations(name))

    def _relations(self, name: str) -> Relations:
        if name not in self._known:
            found = _Relations(with_pictures=self._with_pictures)
            place = f"word/_rels/{posixpath.basename(name)}.rels"
            if place in self._archive:
                read_xml(self._archive.chunks(place), found.start, _ignore, _ignore)
            self._known[name] = found.relations
        return self._known[name]

    def _margin(self, kind: str) -> list[str]:
        """Page headers or footers, each different one once, without page numbers."""
        found: dict[str, None] = {}
        for name in self._archive.names():
            match = _MARGIN.fullmatch(name)
            if match is None or match[1] != kind:
                continue
            part = self._part(name)
            read_xml(self._archive.chunks(name), part.start, part.end, part.text)
            text = part.written().strip()
            if any(sign.isalnum() for sign in text):
                found[text] = None
        return [f"{text}\n\n" for text in found]


class _Notes:
    """Footnotes, endnotes and comments, counted in the order in which the text refers to them."""

    def __init__(self, part: Callable[[str], Body]) -> None:
        """`part` gives what reads a note in the part of that name; set `name` before one is read."""
        self.name = ""
        self._part = part
        self._texts: dict[tuple[str, str], str] = {}
        self._numbers: dict[tuple[str, str], int] = {}
        self._now: Body | None = None
        self._key = ("", "")
        self._author = ""

    def start(self, name: str, attributes: Attributes) -> None:
        if self._now is not None:
            self._now.start(name, attributes)
        elif (
            name in ("footnote", "endnote", "comment") and attributes.get("type", "normal") == "normal"
        ):  # others are lines
            self._key = name, attributes.get("id", "")
            self._author = " ".join(attributes.get("author", "").split())[:_LONGEST_NAME]
            self._now = self._part(self.name)

    def text(self, text: str) -> None:
        if self._now is not None:
            self._now.text(text)

    def end(self, name: str) -> None:
        if self._now is None:
            return
        if name == self._key[0]:
            text = self._now.written().strip()
            if text and self._key[0] == "comment":
                text = f"Comment by {escaped(self._author)}: {text}" if self._author else f"Comment: {text}"
            if text:
                self._texts[self._key] = text
            self._now = None
        else:
            self._now.end(name)

    def mark(self, kind: str, note_id: str) -> str:
        """What stands in the text for that note."""
        key = kind, note_id
        if key not in self._texts:
            return ""
        return f"[^{self._numbers.setdefault(key, len(self._numbers) + 1)}]"

    def lines(self) -> list[str]:
        """The notes that were referred to."""
        return [f"[^{number}]: {_indented(self._texts[key])}\n\n" for key, number in self._numbers.items()]


def _indented(text: str) -> str:
    """Lines after the first belong to the same note."""
    first, *others = text.split("\n")
    return "\n".join([first, *(f"    {line}" if line.strip() else "" for line in others)])
