"""The notes in one file of another program: its first bytes say what it is, and its name only where they do not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path, PurePath

from desktop_app.domain.errors import ImportFileError, NoTextError
from desktop_app.domain.foreign_notes import ForeignNote
from desktop_app.domain.text_decoding import decode_text
from desktop_app.protocol.import_messages import MOST_TEXT_BYTES
from desktop_app.workers.import_worker.attached import Attachments, in_page
from desktop_app.workers.import_worker.found_note import Found, Reader, Remark
from desktop_app.workers.import_worker.limits import TextBudget, too_much_text
from desktop_app.workers.import_worker.reading import look_at

Progress = Callable[[int, int], None]

_PAGES = frozenset({".html", ".htm", ".xhtml"})
_MOST_PAGE_BYTES = MOST_TEXT_BYTES * 4
_KINDS = {
    ".pdf": "a PDF",
    ".docx": "a DOCX",
    ".epub": "an EPUB",
    ".jex": "a Joplin",
    ".enex": "an Evernote",
    ".zip": "a zip",
    ".textpack": "a TextPack",
    ".bear2bk": "a Bear",
    ".bearbk": "a Bear",
}


def read_notes(path: Path, attachments: Attachments, progress: Progress) -> Reader:
    """The notes of the file at `path`, or of a folder that is one program's export, and what could not be read of it.

    Raises ImportFileError and its kin, also while the notes are read: then none of them may be taken.
    """
    if path.is_dir():
        from desktop_app.workers.import_worker.joplin_folder import joplin_folder_notes

        yield from joplin_folder_notes(path, TextBudget(), attachments, progress)
        return
    head, size = look_at(path)
    if not size:
        raise NoTextError("It is empty.", "", "")
    budget = TextBudget()
    suffix = path.suffix.lower()
    if b"%PDF-" in head and suffix not in _PAGES:
        yield _pdf(path, budget, progress)
    elif head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        yield from _zipped(path, budget, attachments, progress)
    elif head[257:262] == b"ustar":
        from desktop_app.workers.import_worker.joplin import joplin_notes

        yield from joplin_notes(path, budget, attachments, progress)
    elif suffix == ".enex":
        from desktop_app.workers.import_worker.evernote import evernote_notes

        yield from evernote_notes(path, budget, attachments, progress)
    elif suffix in _PAGES:
        yield from _page(path, size, budget, attachments)
    elif suffix == ".csv":
        yield _table(path, size, budget)
    elif suffix == ".json":
        yield _keep(path, size, budget)
    elif suffix in _KINDS:
        raise ImportFileError(f"It is not {_KINDS[suffix]} file, though its name says so.", "", "")
    else:
        raise ImportFileError("It is of a kind that cannot be read.", "", "")


def _pdf(path: Path, budget: TextBudget, progress: Progress) -> ForeignNote:
    from desktop_app.workers.import_worker.pdf import pdf_text, pdf_title

    text = "".join(budget.take(part) for part in pdf_text(path, progress))
    return ForeignNote("", pdf_title(path, text), text)


def _zipped(path: Path, budget: TextBudget, attachments: Attachments, progress: Progress) -> Reader:
    from desktop_app.workers.import_worker import docx, epub
    from desktop_app.workers.import_worker.archive import Archive
    from desktop_app.workers.import_worker.note_archive import archive_notes

    with Archive(path) as archive:
        is_docx, is_book = docx.DOCUMENT in archive, epub.CONTAINER in archive
    if is_docx:
        yield docx.docx_note(path, budget, attachments)
    elif is_book:
        yield epub.epub_note(path, budget, attachments, progress)
    elif path.suffix.lower() in (".docx", ".epub"):
        raise ImportFileError(f"It is not {_KINDS[path.suffix.lower()]} file, though its name says so.", "", "")
    else:
        yield from archive_notes(path, budget, attachments, progress)


def _table(path: Path, size: int, budget: TextBudget) -> ForeignNote:
    from desktop_app.workers.import_worker.csv_table import csv_markdown

    decoded = decode_text(path.read_bytes()) if size <= _MOST_PAGE_BYTES else None
    if size > _MOST_PAGE_BYTES:
        raise too_much_text()
    if decoded is None:
        raise ImportFileError("It is not a text file.", "", "")
    return ForeignNote("", "", budget.take(csv_markdown(budget.take(decoded.text))))


def _keep(path: Path, size: int, budget: TextBudget) -> Found:
    from desktop_app.workers.import_worker.keep import keep_note

    if size > _MOST_PAGE_BYTES:
        raise too_much_text()
    found = keep_note(path.read_bytes(), "", "", lambda name: (path.parent / PurePath(name).name).is_file())
    if found is None:
        raise ImportFileError("It is no note of Google Keep.", "", "")
    if isinstance(found, ForeignNote):
        budget.take(found.text)
    return found


def _page(path: Path, size: int, budget: TextBudget, attachments: Attachments) -> Reader:
    from desktop_app.workers.import_worker.html_file import read_page

    if size > _MOST_PAGE_BYTES:
        raise too_much_text()
    page = read_page(path.read_bytes(), keeps_pictures=attachments.are_wanted)
    if page is None:
        raise ImportFileError("It is not a text file.", "", "")
    if not page.text.strip():
        raise NoTextError("The page has no text.", "", "")
    if not attachments.are_wanted:  # else those beside the page are looked for where the import is
        attachments.skip(page.pictures)
    text, named = attachments.of_text(page.text, in_page(page.embedded, ""))
    if page.remark:
        yield Remark("", page.remark, failed=False)
    yield ForeignNote(
        member="",
        title=page.title,
        text=budget.take(text),
        tags=page.tags,
        front_matter=page.front_matter,
        created=page.created,
        edited=page.edited,
        attachments=named,
    )
