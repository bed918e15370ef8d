"""Notes in a zip file: a folder of Markdown, text and pages, or what Notion exports."""

from __future__ import annotations

import posixpath
import zipfile
from collections.abc import Callable, Iterator, Set
from functools import partial
from pathlib import Path, PurePosixPath

import msgspec
from msgspec.structs import replace

from desktop_app.domain.errors import ImportFileError, ImportLimitError
from desktop_app.domain.foreign_notes import ForeignNote
from desktop_app.domain.keep_names import is_keep_note, keep_pages
from desktop_app.domain.note_text import read_text
from desktop_app.domain.notion_names import name_and_id, without_ids
from desktop_app.domain.notion_pages import left_out_tables, properties, without_boxes
from desktop_app.domain.page_links import alias_line, linked_by_ids, linked_by_paths, page_link
from desktop_app.domain.snippets import first_heading
from desktop_app.domain.text_bundles import BUNDLE, INFO, bundle_of, is_beside_text, pack_prefix
from desktop_app.domain.text_decoding import decode_text
from desktop_app.workers.import_worker.archive import MOST_MEMBERS, MOST_UNPACKED, Archive, DamagedMemberError
from desktop_app.workers.import_worker.attached import DAMAGED, Attached, Attachments, Folder, Named, in_page
from desktop_app.workers.import_worker.bundle_info import MOST_BYTES, BundleInfo, read_info
from desktop_app.workers.import_worker.csv_table import csv_markdown
from desktop_app.workers.import_worker.found_note import (
    Found,
    Members,
    Reader,
    Remark,
    content_hash,
)
from desktop_app.workers.import_worker.html_file import read_page
from desktop_app.workers.import_worker.html_inline import plain_link
from desktop_app.workers.import_worker.keep import keep_note
from desktop_app.workers.import_worker.limits import TextBudget, bomb, too_many
from desktop_app.workers.import_worker.member_names import fault_of_name, is_hidden, zip_name

MARKDOWN = frozenset({".md", ".markdown", ".mdown", ".mkd"})
_TEXTS = MARKDOWN | {".txt", ".text"}
_PAGES = frozenset({".html", ".htm", ".xhtml"})
_TABLES = frozenset({".csv"})
_ARCHIVES = frozenset({".zip"})
_UTF8 = 0x800
_LINK_MODE, _MODE_MASK, _FILE_MODE = 0o120000, 0o170000, 0o100000


class _Member(msgspec.Struct, frozen=True):
    """A note of the archive, or of one inside it."""

    archive: Archive
    info: zipfile.ZipInfo
    name: str

    @property
    def suffix(self) -> str:
        return PurePosixPath(self.name).suffix.lower()

    @property
    def page_id(self) -> str:
        """The id that Notion gave it; "" where it is not of Notion."""
        return name_and_id(PurePosixPath(self.name).stem)[1]

    @property
    def name_title(self) -> str:
        bundle = bundle_of(self.name)
        return name_and_id((bundle or PurePosixPath(self.name)).stem)[0]

    @property
    def folder(self) -> str:
        parent = str((bundle_of(self.name) or PurePosixPath(self.name)).parent)
        return "" if parent == "." else without_ids(parent)

    @property
    def is_note(self) -> bool:
        if is_beside_text(self.name):
            return False
        return self.suffix in _TEXTS | _PAGES | _TABLES or is_keep_note(self.name)

    @property
    def is_bundle_info(self) -> bool:
        place = PurePosixPath(self.name)
        return place.name == INFO and place.parent.suffix.lower() == BUNDLE and self.info.file_size <= MOST_BYTES

    def read(self) -> bytes:
        return b"".join(self.archive.chunks_of(self.info))

    def head(self) -> bytes:
        """Enough of it to find a title in."""
        return next(self.archive.chunks_of(self.info), b"")


def archive_notes(
    path: Path, budget: TextBudget, attachments: Attachments, progress: Callable[[int, int], None]
) -> Reader:
    """The notes, named by their paths in the archive; `progress` gets (members read, members).

    Raises ImportFileError for a damaged archive and one without notes, ImportLimitError for a bomb.
    """
    with Archive(path) as archive:
        members: list[_Member] = []
        limits = _Limits()
        others: list[_Member] = []
        infos: dict[str, _Member] = {}
        left_out = ""
        prefix = pack_prefix(path.name, archive.names())
        for found in _members(archive, limits, prefix):
            if isinstance(found, Remark):
                left_out = f"{found.member}: {found.reason}"
                yield found
            elif found.is_bundle_info:
                infos[str(PurePosixPath(found.name).parent)] = found
            else:
                (members if found.is_note else others).append(found)
        if not members:
            raise ImportFileError("It holds no notes.", left_out, "")
        titles = _Titles(members)
        names = Members()
        beside = _Beside(attachments, others)
        for number, member in enumerate(members, start=1):
            key = names.unique(member.name)
            try:
                if (bundle := bundle_of(member.name)) is not None:
                    yield _bundle(member, key, infos.get(str(bundle)), budget, beside)
                else:
                    yield from _note(member, key, titles, budget, beside)
            except DamagedMemberError:
                yield Remark(key, DAMAGED)
            progress(number, len(members))


class _Titles:
    """What the pages of the archive are called, by their ids and by their paths, before they are read."""

    def __init__(self, members: list[_Member]) -> None:
        self.by_id = {member.page_id: _title(member) for member in members if member.page_id}
        self._rows: dict[str, set[str]] = {}
        for member in members:
            if member.page_id and member.suffix not in _TABLES:
                self._rows.setdefault(member.folder, set()).add(self.by_id[member.page_id])
        self._pages = {member.name: member for member in members if member.suffix in _PAGES}
        self._found: dict[str, str] = {}

    def of_rows(self, table: _Member) -> Set[str]:
        """The titles of the pages that the rows of a table of Notion open as."""
        return self._rows.get(posixpath.join(table.folder, table.name_title), frozenset())

    def at(self, folder: str, target: str) -> str:
        """The title of the page in HTML that is meant in a folder; "" where there is none."""
        path = posixpath.normpath(posixpath.join(folder, target))
        if path not in self._found:
            self._found[path] = _title(self._pages[path]) if path in self._pages else ""
        return self._found[path]


class _Beside:
    """The files beside the notes."""

    def __init__(self, attachments: Attachments, members: list[_Member]) -> None:
        self._attachments = attachments
        files = []
        for member in members:
            attachments.see(member.name)
            chunks = partial(member.archive.chunks_of, member.info)
            name = PurePosixPath(member.name).name
            files.append((member.name, Attached(member.name, name, member.info.file_size, chunks)))
        self._folder = Folder(files)
        self._names = {member.name for member in members}

    @property
    def are_wanted(self) -> bool:
        """Whether files are taken at all."""
        return self._attachments.are_wanted

    def has(self, name: str) -> bool:
        """Whether there is a file of this path."""
        return name in self._names

    def named_by(self, text: str, member: _Member, own: Callable[[str], Attached | None] | None = None) -> Named:
        """What the text of a note names, handed on; `own` finds what stood in the note itself."""
        parent = str(PurePosixPath(member.name).parent)

        def find(target: str) -> Attached | None:
            return (own(target) if own is not None else None) or self._folder.find(target, parent)

        return self._attachments.of_text(text, find)[1]


class _Limits(msgspec.Struct):
    """What an archive and those inside it may have together."""

    members: int = 0
    unpacked: int = 0

    def count(self, members: list[zipfile.ZipInfo]) -> None:
        """Count them in. Raises ImportLimitError where they are too many, and counts none of them then."""
        count, unpacked = self.members + len(members), self.unpacked + sum(member.file_size for member in members)
        if count > MOST_MEMBERS:
            raise too_many(f"It has more than {MOST_MEMBERS:,} parts. Unpack it, and import the folder.")
        if unpacked > MOST_UNPACKED:
            raise bomb("It would fill more than 1 GB.")
        self.members, self.unpacked = count, unpacked


def _members(
    archive: Archive, limits: _Limits, prefix: str = "", *, inside: bool = False
) -> Iterator[_Member | Remark]:
    """The archive's notes and other files, `prefix` in front of their names. Exports of Notion hold archives, of
    which one level is opened; one inside that cannot be read, or unpacks to too much, is left out alone.
    """
    infos = archive.members
    if not inside:
        limits.count(infos)
    names = {id(info): zip_name(info.filename, bool(info.flag_bits & _UTF8)).replace("\\", "/") for info in infos}
    left_out = left_out_tables(set(names.values())) | keep_pages(names.values())
    for info in infos:
        name = names[id(info)]
        if fault := fault_of_name(name) or _fault_of_kind(info):
            yield Remark(name, fault)
        elif is_hidden(name) or name in left_out:
            continue
        elif PurePosixPath(name).suffix.lower() in _ARCHIVES and not inside:
            yield from _members_inside(archive, info, name, limits)
        else:
            yield _Member(archive, info, prefix + name)


def _members_inside(archive: Archive, info: zipfile.ZipInfo, name: str, limits: _Limits) -> Iterator[_Member | Remark]:
    stream = archive.open(info)
    try:
        inner = Archive(stream, info.file_size)
        limits.count(inner.members)
    except ImportLimitError as error:
        yield Remark(name, f"{error.what} {error.why}".strip())
    except ImportFileError:
        yield Remark(name, DAMAGED)  # perhaps no more than a file beside notes
    else:
        yield from _members(inner, limits, inside=True)


def _fault_of_kind(info: zipfile.ZipInfo) -> str:
    mode = (info.external_attr >> 16) & _MODE_MASK
    if mode == _LINK_MODE:
        return "It is a link and was not followed."
    return "" if mode in (0, _FILE_MODE) else "It is not an ordinary file."


def _title(member: _Member) -> str:
    """A page's title before the page is read: names of files are shortened, headings are not."""
    try:
        head = member.head() if member.suffix in MARKDOWN | _PAGES else b""
    except DamagedMemberError:
        return member.name_title
    if member.suffix in MARKDOWN:
        line = head.decode("utf-8", "ignore").lstrip("\ufeff").split("\n", 1)[0]
        return (first_heading(line) if line.startswith("# ") else "") or member.name_title
    if member.suffix in _PAGES:
        page = read_page(head)
        return (page.title if page is not None else "") or member.name_title
    return member.name_title


def _note(member: _Member, key: str, titles: _Titles, budget: TextBudget, beside: _Beside) -> Iterator[Found]:
    data = member.read()
    if member.suffix in _PAGES:
        yield from _page(member, key, data, titles, budget, beside)
        return
    if is_keep_note(member.name):
        yield _keep(member, key, data, budget, beside)
        return
    decoded = decode_text(data)
    if decoded is None:
        yield Remark(key, "It is not a text file.")
        return
    if decoded.remark:
        yield Remark(key, decoded.remark, failed=False)
    text = budget.take(decoded.text)
    if member.suffix in _TABLES:
        written = budget.take(csv_markdown(text, titles.of_rows(member)))
        yield ForeignNote(key, member.name_title, written, member.folder, hash=content_hash(data))
    elif member.page_id:
        yield _notion_page(member, key, text, titles.by_id, content_hash(data), beside)
    else:
        read = read_text(text)
        yield ForeignNote(
            member=key,
            title=read.title or member.name_title,
            text=read.text,
            folder=member.folder,
            tags=read.tags,
            front_matter=read.front_matter,
            hash=content_hash(data),
            created=read.created,
            edited=read.edited,
            attachments=beside.named_by(read.text, member),
        )


def _bundle(member: _Member, key: str, info: _Member | None, budget: TextBudget, beside: _Beside) -> Found:
    data = member.read()
    decoded = decode_text(data)
    if decoded is None:
        return Remark(key, "It is not a text file.")
    read = read_text(budget.take(decoded.text))
    said = read_info(info.read()) if info is not None else BundleInfo()
    title = read.title or member.name_title
    if said.trashed:
        return Remark(title, "It was in Bear's trash and was left out.", failed=False)
    return ForeignNote(
        member=said.id or key,
        title=title,
        text=read.text,
        folder=member.folder,
        tags=read.tags,
        front_matter=read.front_matter or said.front_matter,
        hash=content_hash(data),
        created=read.created or said.created,
        edited=read.edited or said.edited,
        attachments=beside.named_by(read.text, member),
    )


def _keep(member: _Member, key: str, data: bytes, budget: TextBudget, beside: _Beside) -> Found:
    parent = PurePosixPath(member.name).parent
    found = keep_note(data, key, member.folder, lambda name: beside.has(str(parent / name)))
    if found is None:
        return Remark(key, "It is no note of Google Keep.")
    if isinstance(found, ForeignNote):
        budget.take(found.text)
        return replace(found, attachments=beside.named_by(found.text, member))
    return found


def _notion_page(
    member: _Member, key: str, text: str, titles: dict[str, str], hash_: str, beside: _Beside
) -> ForeignNote:
    found = properties(text)
    title = titles.get(member.page_id, "") or member.name_title
    return ForeignNote(
        member=key,
        title=title,
        text=linked_by_ids(without_boxes(text), titles),
        folder=member.folder,
        tags=found.tags,
        front_matter=found.front_matter + alias_line(title),
        hash=hash_,
        created=found.created,
        edited=found.edited,
        attachments=beside.named_by(text, member),
    )


def _page(
    member: _Member, key: str, data: bytes, titles: _Titles, budget: TextBudget, beside: _Beside
) -> Iterator[Found]:
    folder = str(PurePosixPath(member.name).parent)

    def link(text: str, target: str) -> str:
        by_id = page_link(text, target, titles.by_id)
        return by_id or linked_by_paths(plain_link(text, target), lambda path: titles.at(folder, path))

    page = read_page(data, link, keeps_pictures=beside.are_wanted)
    if page is None:
        yield Remark(key, "It is not a text file.")
        return
    if page.remark:
        yield Remark(key, page.remark, failed=False)
    title = page.title or member.name_title
    yield ForeignNote(
        member=key,
        title=title,
        text=budget.take(page.text),
        folder=member.folder,
        tags=page.tags,
        front_matter=page.front_matter + (alias_line(title) if member.page_id else ""),
        hash=content_hash(data),
        created=page.created,
        edited=page.edited,
        attachments=beside.named_by(page.text, member, in_page(page.embedded, member.name)),
    )
