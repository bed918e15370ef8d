"""Finds and reads the files of an import. Nothing is written here."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

import msgspec

from desktop_app.domain.errors import ImportFileError
from desktop_app.domain.exported_notes import folder_of_exported, read_exported_id
from desktop_app.domain.foreign_notes import ForeignNote
from desktop_app.domain.front_matter import broken_front_matter_end, has_open_values
from desktop_app.domain.joplin_folders import ends_like_item, item_names
from desktop_app.domain.keep_names import is_keep_note, keep_pages
from desktop_app.domain.note_file import EXTENSIONS
from desktop_app.domain.note_text import ReadText, read_text
from desktop_app.domain.notes import ImportFailure, ImportSource
from desktop_app.domain.notion_names import name_and_id, without_ids
from desktop_app.domain.notion_pages import Properties, is_page_table, left_out_tables, properties
from desktop_app.domain.snippets import title_of
from desktop_app.domain.text_bundles import BUNDLE, bundle_of
from desktop_app.domain.text_cleaning import without_lone_surrogates
from desktop_app.domain.text_decoding import decode_text
from desktop_app.services.notes import IncomingNote

FOREIGN_EXTENSIONS = frozenset(
    {".html", ".htm", ".xhtml", ".pdf", ".docx", ".epub", ".enex", ".jex", ".zip", ".textpack", ".bear2bk", ".bearbk"}
)
"""Files that only the reader of strangers' files reads."""
MOST_BYTES = 50 * 1024 * 1024
_ONLY_NAMED = frozenset({".zip", ".bear2bk", ".bearbk"})
_TABLE = ".csv"
_KEEP = ".json"
_BROKEN_MATTER = "The lines at its top are no front matter that can be read; they stay in its text."
_OPEN_VALUES = "Some of the front matter at its top is not closed and was not read; it is kept as it is."
_ATTACHMENTS = frozenset(
    {".png", ".jpg", ".jpeg", ".gif", ".webp", ".svg", ".bmp", ".heic", ".avif", ".tif", ".tiff", ".ico"}
    | {".mp3", ".m4a", ".wav", ".ogg", ".flac", ".opus", ".mp4", ".mov", ".webm", ".mkv", ".m4v", ".3gp", ".avi"}
    | {".zip", ".doc", ".odt", ".rtf", ".xls", ".xlsx", ".ods", ".ppt", ".pptx", ".odp", ".canvas", ".excalidraw"}
    | {".eml", ".msg", ".pages", ".numbers"}
)
_EXPORT = "inkwell.json"  # beside what Export everything writes
_EXPORT_HEAD = 200
_TAIL = 100
_BESIDE_NOTES = ("chats", "trash")
_RESOURCES = "_resources"  # where Joplin puts what its notes show
_PAGE_PARTS = "_files"  # and a browser what a saved page does


class FoundFile(msgspec.Struct, frozen=True):
    """A file to be read.

    Attributes:
        relative_path: from the root of the import, with "/" between names.
        named: the person named this very file, not a folder above it.
        is_folder: it is a folder that another program wrote as a whole.
    """

    path: Path
    relative_path: str
    named: bool
    is_folder: bool = False

    @property
    def root(self) -> Path | None:
        """The folder that was named, below which it was found; None for a file that was named itself."""
        return None if self.named else self.path.parents[len(PurePosixPath(self.relative_path).parts) - 1]

    @property
    def is_foreign(self) -> bool:
        """Whether it is a file of another program, and no Markdown and no text."""
        return self.is_folder or self.path.suffix.lower() in FOREIGN_EXTENSIONS | {_TABLE, _KEEP}


class PassedOver(msgspec.Struct, frozen=True):
    """A picture or another file beside notes, which a note may name.

    Attributes:
        relative_path: as for a FoundFile.
        is_usual: of a kind that comes with notes; told where no note names it.
    """

    path: Path
    relative_path: str = ""
    is_usual: bool = True


Found = FoundFile | ImportFailure | PassedOver


class ReadFile(msgspec.Struct, frozen=True):
    """A file's note, and a remark where its encoding had to be guessed or its front matter is none."""

    note: IncomingNote
    remark: str


def find_files(paths: Sequence[Path]) -> Iterator[Found]:
    """The files of notes among and below `paths`, each once, folder by folder in order of name.

    Names that begin with "." (.git, .obsidian, .trash) are passed over, as are files of other kinds inside folders, and
    zip files there: they may be anything. Links inside folders are not followed; one that leads out of its folder is
    reported.
    """
    seen: set[str] = set()
    for named in paths:
        root = Path(os.path.abspath(named))
        for found in _below(root):
            if isinstance(found, ImportFailure):
                yield found
            elif str(found.path) not in seen:
                seen.add(str(found.path))
                yield found


def _below(root: Path) -> Iterator[Found]:
    if root.is_dir():
        yield from _walk(root, root.resolve(), PurePosixPath())
    elif not root.exists():
        yield ImportFailure(_shown(root), "It is not there.")
    elif root.suffix.lower() not in EXTENSIONS | FOREIGN_EXTENSIONS:
        yield ImportFailure(_shown(root), "It is of a kind that cannot be imported.")
    else:
        yield FoundFile(root, root.name, named=True)


def _walk(folder: Path, real_root: Path, relative: PurePosixPath, *, attachments: bool = False) -> Iterator[Found]:
    """With `attachments` nothing below the folder is a note."""
    try:
        with os.scandir(folder) as listing:
            entries = sorted(listing, key=lambda entry: entry.name)
    except OSError as error:
        yield ImportFailure(_shown(folder), f"The folder cannot be read: {error.strerror}.")
        return
    names = {entry.name for entry in entries}
    if is_joplin_folder(folder, names):
        yield FoundFile(
            folder, str(relative) if relative.parts else folder.name, named=not relative.parts, is_folder=True
        )
        return
    left_out = left_out_tables(names)
    in_folder = {f"{folder.name}/{name}": name for name in names}
    left_out |= {in_folder[page] for page in keep_pages(in_folder)}
    exported = _EXPORT in names and is_whole_export(folder)
    for entry in entries:
        if entry.name.startswith("."):
            continue
        path = Path(entry.path)
        if entry.is_symlink():
            if _leads_out(path, real_root):
                yield ImportFailure(_shown(path), "It is a link that leads out of the folder and was not followed.")
        elif entry.is_dir() and exported and entry.name in _BESIDE_NOTES:
            yield PassedOver(path, str(relative / entry.name), is_usual=False)
        elif entry.is_dir():
            in_bundle = folder.suffix.lower() == BUNDLE
            parts = attachments or in_bundle or _holds_attachments(entry.name, names)
            yield from _walk(path, real_root, relative / entry.name, attachments=parts)
        elif entry.is_file():
            kind = path.suffix.lower()
            below = str(relative / entry.name)
            is_note = kind in EXTENSIONS or kind in FOREIGN_EXTENSIONS - _ONLY_NAMED or is_page_table(entry.name)
            is_note = is_note or is_keep_note(f"{folder.name}/{entry.name}")
            if not attachments and is_note and entry.name not in left_out:
                yield FoundFile(path, below, named=False)
            elif entry.name not in left_out:
                yield PassedOver(path, below, is_usual=attachments or kind in _ATTACHMENTS)


def _holds_attachments(folder: str, beside: set[str]) -> bool:
    page = folder.removesuffix(_PAGE_PARTS)
    return folder == _RESOURCES or (page != folder and not beside.isdisjoint({f"{page}.html", f"{page}.htm"}))


def is_joplin_folder(folder: Path, names: Iterable[str]) -> bool:
    """Whether a folder with files of these names is one that Joplin exported as RAW: its items are no notes alone."""
    items = item_names(names)
    if not items:
        return False
    try:
        with open(folder / items[0], "rb") as file:
            file.seek(0, os.SEEK_END)
            file.seek(max(0, file.tell() - _TAIL))
            return ends_like_item(file.read())
    except OSError:
        return False


def is_whole_export(folder: Path) -> bool:
    """Whether a folder is one that *Export everything* wrote: its chats and its trash are no notes to come in."""
    try:
        with open(folder / _EXPORT, "rb") as file:
            return b'"inkwell"' in file.read(_EXPORT_HEAD)
    except OSError:
        return False


def _leads_out(link: Path, real_root: Path) -> bool:
    return not Path(os.path.realpath(link)).is_relative_to(real_root)


def _shown(path: Path) -> str:
    return without_lone_surrogates(str(path))


def file_key(path: Path) -> str:
    """The absolute path as the store keeps it."""
    return without_lone_surrogates(str(path))


def read_bytes(path: Path, *, follow_links: bool = True) -> bytes:
    """The file's content. Raises ImportFileError where it is no ordinary file, too large, or unreadable; a link is
    unreadable where it is not to be followed, on systems that can say so while opening it.
    """
    try:
        # Not blocking: opening a pipe must not wait for somebody to write into it.
        flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
        if not follow_links:
            flags |= getattr(os, "O_NOFOLLOW", 0)
        with os.fdopen(os.open(path, flags), "rb") as file:
            state = os.fstat(file.fileno())
            if not stat.S_ISREG(state.st_mode):
                raise ImportFileError("It is not an ordinary file.")
            if state.st_size > MOST_BYTES:
                size = state.st_size / (1024 * 1024)
                raise ImportFileError(f"It is too large: {size:,.0f} MB, and a note may have 50 MB.")
            return file.read(MOST_BYTES + 1)
    except OSError as error:
        raise ImportFileError(f"It cannot be read: {error.strerror}.") from error


def read_note(found: FoundFile, data: bytes, now: datetime) -> ReadFile:
    """The note in a file's bytes. Raises ImportFileError where they are no text.

    Its title is the front matter's, else the first heading, else the file's name; its folder is the file's folder in
    the import, and for a file that was named itself the front matter's. Ids that Notion adds to names are left out.
    """
    decoded = decode_text(data)
    if decoded is None:
        raise ImportFileError("It is not a text file.")
    read = read_text(decoded.text)
    page = properties(read.text) if name_and_id(found.path.stem)[1] else Properties()
    edited = min(read.edited or page.edited or _modified(found.path, now), now)
    note = IncomingNote(
        title=read.title or _name(found),
        text=read.text,
        folder=read.folder if found.named else _folder_said(found, read),
        tags=(*read.tags, *page.tags),
        source=ImportSource(
            path=shown_path(found),
            file=file_key(found.path),
            hash=content_hash(data),
            front_matter=read.front_matter + page.front_matter,
        ),
        created_at=min(read.created or page.created or edited, edited),
        edited_at=edited,
    )
    remarks = [
        decoded.remark,
        _BROKEN_MATTER if broken_front_matter_end(read.text) else "",
        _OPEN_VALUES if has_open_values(read.front_matter) else "",
    ]
    return ReadFile(note, " ".join(remark for remark in remarks if remark))


def foreign_note(found: FoundFile, note: ForeignNote, file_hash: str, now: datetime) -> IncomingNote:
    """A note of another program's file; `file_hash` is that of a file which is one note."""
    edited = min(note.edited or note.created or _modified(found.path, now), now)
    member = f"/{note.member}" if note.member else ""
    own_folder = "" if found.named else _folder(found)
    return IncomingNote(
        title=" ".join(note.title.split()) or (title_of(note.text) if note.member else _name(found)),
        text=note.text,
        folder="/".join(part for part in (own_folder, note.folder) if part),
        tags=note.tags,
        source=ImportSource(
            path=shown_path(found) + member,
            file=file_key(found.path) + member,
            hash=note.hash or file_hash,
            front_matter=note.front_matter,
        ),
        created_at=min(note.created or edited, edited),
        edited_at=edited,
    )


def shown_path(found: FoundFile) -> str:
    """The path in the import as the store keeps it."""
    return without_lone_surrogates(found.relative_path)


def _name(found: FoundFile) -> str:
    bundle = bundle_of(without_lone_surrogates(found.path.as_posix()))
    return bundle.stem if bundle is not None else name_and_id(PurePosixPath(shown_path(found)).stem)[0]


def _folder(found: FoundFile) -> str:
    path = shown_path(found)
    parent = str((bundle_of(path) or PurePosixPath(path)).parent)
    return "" if parent == "." else without_ids(parent)


def file_hash(path: Path) -> str:
    """sha256 of a file that may be large, lowercase hex. Raises ImportFileError where it cannot be read."""
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
        with os.fdopen(descriptor, "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise ImportFileError("It is not an ordinary file.")
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise ImportFileError(f"It cannot be read: {error.strerror}.") from error


def content_hash(data: bytes) -> str:
    """sha256 of a file's bytes, lowercase hex."""
    return hashlib.sha256(data).hexdigest()


def _folder_said(found: FoundFile, read: ReadText) -> str:
    exported = read_exported_id(read.front_matter)
    return _folder(found) if exported is None else folder_of_exported(_folder(found), read.folder)


def _modified(path: Path, now: datetime) -> datetime:
    try:
        return datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except (OSError, OverflowError, ValueError):
        return now
