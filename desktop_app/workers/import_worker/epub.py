"""Text of an EPUB book, chapter by chapter in the order it is read in."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable
from functools import partial
from pathlib import Path
from urllib.parse import unquote

from desktop_app.domain.errors import ImportFileError, NoTextError
from desktop_app.domain.foreign_notes import ForeignNote
from desktop_app.workers.import_worker.archive import Archive, damaged
from desktop_app.workers.import_worker.attached import Attached, Attachments
from desktop_app.workers.import_worker.found_note import matter_line, moment
from desktop_app.workers.import_worker.html_file import read_page
from desktop_app.workers.import_worker.html_footnotes import Footnotes
from desktop_app.workers.import_worker.html_inline import plain_link
from desktop_app.workers.import_worker.limits import TextBudget
from desktop_app.workers.import_worker.safe_xml import Attributes, read_xml

CONTAINER = "META-INF/container.xml"
_ENCRYPTION = "META-INF/encryption.xml"
_CHAPTERS = frozenset({"application/xhtml+xml", "text/html", "text/x-oeb1-document"})
_MEDIA = ("image/", "audio/", "video/")
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]+:", re.IGNORECASE)
_METADATA = frozenset({"title", "creator", "subject", "source", "date", "identifier", "language"})


def epub_note(
    path: Path, budget: TextBudget, attachments: Attachments, progress: Callable[[int, int], None]
) -> ForeignNote:
    """The book as one note; `progress` gets (chapters read, chapters).

    Raises ImportFileError for a damaged or copy-protected book, NoTextError for one of pictures only.
    """
    with Archive(path) as archive:
        container = _Container()
        read_xml(archive.chunks(CONTAINER), container.start, _ignore, _ignore, may_name_type=True)
        if container.package not in archive:
            raise damaged()
        package = _Package(posixpath.dirname(container.package))
        read_xml(archive.chunks(container.package), package.start, package.end, package.text, may_name_type=True)
        locked = _Locked()
        if _ENCRYPTION in archive:
            read_xml(archive.chunks(_ENCRYPTION), locked.start, _ignore, _ignore, may_name_type=True)
        chapters = [name for name in package.chapters if name in archive]
        if not chapters:
            raise damaged()
        if locked.names & set(chapters):
            raise ImportFileError("The book is copy-protected and cannot be read.", "", "")
        for picture in package.pictures:
            attachments.see(picture)
        parts: list[str] = []
        named: list[tuple[str, str]] = []
        footnotes = Footnotes()
        for number, name in enumerate(chapters, start=1):
            footnotes.page = name
            page = read_page(b"".join(archive.chunks(name)), _link, footnotes=footnotes)
            if page is not None and page.text.strip():
                text, files = attachments.of_text(page.text, partial(_picture, archive, name), rename=True)
                parts.append(budget.take(text))
                named += files
            progress(number, len(chapters))
    if not parts:
        raise NoTextError("The book has no text.", "Its pages are pictures.", "")
    found = package.found
    return ForeignNote(
        member="",
        title=next(iter(found.get("title", [])), ""),
        text="\n".join(parts),
        tags=tuple(found.get("subject", []))[:50],
        front_matter=matter_line("author", ", ".join(found.get("creator", [])))
        + matter_line("source", next((each for each in found.get("source", []) if each.startswith("http")), "")),
        created=moment(next(iter(found.get("date", [])), "")),
        attachments=tuple(named),
    )


def _link(text: str, target: str) -> str:
    """A link to the web. Those to other places of the book lead nowhere in a note: their words stay."""
    return plain_link(text, target) if _SCHEME.match(target) else text


def _picture(archive: Archive, chapter: str, target: str) -> Attached | None:
    """The file that a chapter names; its own name with its folders, since a book may have two of one name."""
    path = posixpath.normpath(posixpath.join(posixpath.dirname(chapter), target))
    if path not in archive or path.endswith((".xhtml", ".html", ".htm")):
        return None
    return Attached(path, path.replace("/", "-"), archive.size_of(path), partial(archive.chunks, path))


def _ignore(*_what: object) -> None:
    """What is not asked about."""


class _Container:
    """Where the book's list of files is."""

    def __init__(self) -> None:
        self.package = ""

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "rootfile" and not self.package:
            self.package = attributes.get("full-path", "")


class _Locked:
    """Which files are encrypted; fonts often are, to no harm."""

    def __init__(self) -> None:
        self.names: set[str] = set()

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "CipherReference":
            self.names.add(unquote(attributes.get("URI", "")))


class _Package:
    """The book's data, its files, and their order."""

    def __init__(self, folder: str) -> None:
        self.found: dict[str, list[str]] = {}
        self.pictures: list[str] = []
        self._folder = folder
        self._files: dict[str, str] = {}
        self._order: list[str] = []
        self._name = ""
        self._parts: list[str] = []

    @property
    def chapters(self) -> list[str]:
        """Names of the chapters in their order, each once."""
        return list(dict.fromkeys(self._files[key] for key in self._order if key in self._files))

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "item":
            kind = attributes.get("media-type", "")
            if kind.startswith(_MEDIA):
                self.pictures.append(self._path(attributes.get("href", "")))
            if kind in _CHAPTERS:
                self._files[attributes.get("id", "")] = self._path(attributes.get("href", ""))
        elif name == "itemref":
            self._order.append(attributes.get("idref", ""))
        elif name in _METADATA:
            self._name, self._parts = name, []

    def text(self, text: str) -> None:
        if self._name and len(self._parts) < 1_000:
            self._parts.append(text)

    def end(self, name: str) -> None:
        if name == self._name:
            if value := " ".join("".join(self._parts).split())[:1_000]:
                self.found.setdefault(name, []).append(value)
            self._name = ""

    def _path(self, target: str) -> str:
        return posixpath.normpath(posixpath.join(self._folder, unquote(target.partition("#")[0])))
