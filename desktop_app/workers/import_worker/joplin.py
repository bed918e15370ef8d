"""Notes of a Joplin archive (JEX): a tar file with one text for each note, notebook, tag, and tie between them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from urllib.parse import unquote

import msgspec
from msgspec.structs import replace

from desktop_app.domain.errors import ImportFileError
from desktop_app.domain.foreign_notes import ForeignNote
from desktop_app.domain.outline import headings
from desktop_app.domain.page_links import alias_line, link_name, wiki_link
from desktop_app.domain.text_decoding import decode_text
from desktop_app.domain.whole_numbers import whole_number
from desktop_app.protocol.import_messages import MOST_TEXT_BYTES
from desktop_app.workers.import_worker.attached import Attached, Attachments
from desktop_app.workers.import_worker.found_note import (
    Reader,
    Remark,
    content_hash,
    matter_line,
    moment,
)
from desktop_app.workers.import_worker.html_markdown import HtmlMarkdown
from desktop_app.workers.import_worker.limits import TextBudget, told_too_large, too_many
from desktop_app.workers.import_worker.member_names import fault_of_name
from desktop_app.workers.import_worker.tar_archive import MOST_MEMBERS, TarReader

_NOTE, _FOLDER, _RESOURCE, _TAG, _NOTE_TAG = "1", "2", "4", "5", "6"
_HTML = "2"
_NONE = frozenset({"", "0", "0.00000000", "0.0000"})
_ENCRYPTED = "It is encrypted. Decrypt it in Joplin, and export it again."
_PROPERTY = re.compile(r"([A-Za-z_]\w*):(?: (.*))?")
_ID = re.compile(r"[0-9a-f]{32}")
_LINK = re.compile(r"(?<!!)\[((?:[^\[\]\n]|\\.)*)\]\(:/([0-9a-f]{32})(?:#([^)\s]*))?(?:\s+\"[^\"\n]*\")?\)")
_LINKED = re.compile(r":/([0-9a-f]{32})")
_MOST_NOTEBOOKS_DEEP = 50
_NOT_IN_LINKS = str.maketrans("[]#|", "()  ")


class JoplinItem(msgspec.Struct, frozen=True):
    """One text of Joplin's: its properties, and what stands above them."""

    properties: dict[str, str]
    title: str
    body: str
    hash: str

    def get(self, key: str) -> str:
        """A property; "" where it has none of that name."""
        return self.properties.get(key, "")


def joplin_notes(
    path: Path, budget: TextBudget, attachments: Attachments, progress: Callable[[int, int], None]
) -> Reader:
    """The notes; members are named by their ids. `progress` gets (bytes read, bytes).

    Raises ImportFileError for a damaged archive, one that was cut off, and one that is not of Joplin.
    """
    items: dict[str, JoplinItem] = {}
    resources: dict[str, Attached] = {}
    size = path.stat().st_size
    done = count = 0
    with path.open("rb") as file:
        reader = TarReader(file, size)
        for member in reader.members():
            count += 1
            if count > MOST_MEMBERS:
                raise too_many(f"It has more than {MOST_MEMBERS:,} parts. Export your notebooks one by one.")
            done += member.size
            progress(min(done, size), size)
            if fault := fault_of_name(member.name) or ("" if member.is_file else "It is a link or a device."):
                yield Remark(member.name, fault)
            elif "resources" in PurePosixPath(member.name).parts[:-1]:  # packed anew, behind "./" or a folder
                key = PurePosixPath(member.name).stem
                attachments.see(key, member.name)
                resource = Attached(key, PurePosixPath(member.name).name, member.size, reader.chunks)
                if attachments.keep(resource):
                    resources[key] = resource
            elif member.name.endswith(".md") and member.size > MOST_TEXT_BYTES:
                yield Remark(member.name, told_too_large())
            elif member.name.endswith(".md"):
                if (item := joplin_item(reader.read(), budget)) is None:
                    yield Remark(member.name, "It is no text as Joplin writes it.")
                else:
                    items[item.get("id")] = item
    if not items:
        raise ImportFileError("It is no archive of Joplin notes.", "", "")
    yield from notes_of_items(items, resources, attachments)


def joplin_item(data: bytes, budget: TextBudget) -> JoplinItem | None:
    """What a text of Joplin's says; None for one that Joplin did not write. Raises ImportLimitError."""
    decoded = decode_text(data)
    if decoded is None:
        return None
    lines = budget.take(decoded.text).replace("\r\n", "\n").split("\n")
    while lines and not lines[-1].strip():
        lines.pop()
    properties: dict[str, str] = {}
    while lines and lines[-1].strip():
        found = _PROPERTY.fullmatch(lines.pop())
        if found is None:
            return None
        properties[found[1]] = found[2] or ""
    if not _ID.fullmatch(properties.get("id", "")) or "type_" not in properties:
        return None
    title = lines[0].strip() if lines else ""
    body = "\n".join(lines[2:-1] if lines and not lines[-1].strip() else lines[2:])
    return JoplinItem(properties, title, body, content_hash(data))


def notes_of_items(items: dict[str, JoplinItem], resources: dict[str, Attached], attachments: Attachments) -> Reader:
    """The notes among the items, by their ids, with the files that they name; what is left out is told."""

    def resource(target: str) -> Attached | None:
        """A resource by ":/id", under the name that it has in Joplin."""
        key = target.removeprefix(":/")
        if not target.startswith(":/") or key not in resources:
            return None
        item = items.get(key)
        if item is not None and "1" in (item.get("encryption_applied"), item.get("encryption_blob_encrypted")):
            attachments.refuse(key, _ENCRYPTED)
            return None
        title = item.title if item is not None and item.get("type_") == _RESOURCE else ""
        return replace(resources[key], name=_file_name(title, resources[key].name))

    names = {key: item.title for key, item in items.items() if item.get("type_") == _TAG}
    tags: dict[str, list[str]] = {}
    for item in items.values():
        if item.get("type_") == _NOTE_TAG and item.get("tag_id") in names:
            tags.setdefault(item.get("note_id"), []).append(names[item.get("tag_id")])
    links = _Links({key: item for key, item in items.items() if item.get("type_") == _NOTE})
    for key in resources.keys() & items.keys():
        attachments.see(key, items[key].title or resources[key].name)
    for key, item in items.items():
        if item.get("type_") != _NOTE:
            continue
        if item.get("encryption_applied") == "1":
            yield Remark(key, _ENCRYPTED)
            continue
        if item.get("deleted_time") not in _NONE:
            yield Remark(item.title or key, "It was in Joplin's trash and was left out.", failed=False)
            continue
        text, named = attachments.of_text(_text(item, links), resource, rename=True)
        yield ForeignNote(
            member=key,
            title=item.title,
            text=text,
            folder=_folder(item, items),
            tags=tuple(sorted(tags.get(key, []))),
            front_matter=_front_matter(item) + links.alias_of(key),
            hash=item.hash,
            created=moment(item.get("user_created_time") or item.get("created_time")),
            edited=moment(item.get("user_updated_time") or item.get("updated_time")),
            attachments=named,
        )


def _file_name(title: str, stored: str) -> str:
    """A resource's title, with the ending of the file where it has none."""
    name = " ".join(title.replace("/", " ").replace("\\", " ").translate(_NOT_IN_LINKS).split())[:120]
    suffix = PurePosixPath(stored).suffix
    return (name if name.lower().endswith(suffix.lower()) else f"{name}{suffix}") if name else stored


class _Links:
    """Links between the notes of an archive, which name them by their ids, by their titles."""

    def __init__(self, notes: Mapping[str, JoplinItem]) -> None:
        self._notes = notes
        self._linked = {key for note in notes.values() for key in _LINKED.findall(note.body)}
        self._places: dict[str, dict[str, str]] = {}

    def in_text(self, text: str) -> str:
        """The text with such links; those to notes that the archive does not hold stay."""
        return _LINK.sub(lambda found: self._written(found[1], found[2], found[3] or "") or found[0], text)

    def alias_of(self, key: str) -> str:
        """What a note needs beside its title so that the links to it find it, as a line of front matter."""
        return alias_line(self._notes[key].title) if key in self._linked else ""

    def _written(self, text: str, key: str, place: str) -> str:
        note = self._notes.get(key)
        if note is None:
            return ""
        wanted = unquote(place).lower()
        return wiki_link(link_name(note.title), text, self._headings(key).get(wanted, "") if wanted else "")

    def _headings(self, key: str) -> Mapping[str, str]:
        """The headings of a note, the first of each name, by what addresses call them."""
        if key not in self._places:
            named = [(_slug(one.title), one.title) for one in headings(self._notes[key].body)]
            self._places[key] = dict(reversed(named))
        return self._places[key]


def _slug(heading: str) -> str:
    """A heading as an address names it."""
    return re.sub(r"[^\w-]", "", heading.lower().replace(" ", "-"))


def _text(item: JoplinItem, links: _Links) -> str:
    text = item.body
    if item.get("markup_language") == _HTML:
        converter = HtmlMarkdown()
        converter.feed(text)
        converter.close()
        text = converter.text
    return links.in_text(text)


def _folder(item: JoplinItem, items: dict[str, JoplinItem]) -> str:
    """Names of the notebooks that the note stands in; some exports hold only a part of them."""
    names: list[str] = []
    seen: set[str] = set()  # damage may have made one lie in itself
    key = item.get("parent_id")
    while (parent := items.get(key)) is not None and key not in seen and len(names) < _MOST_NOTEBOOKS_DEEP:
        if parent.get("type_") != _FOLDER:
            break
        seen.add(key)
        names.append(parent.title.replace("/", "-"))
        key = parent.get("parent_id")
    return "/".join(reversed(names))


def _front_matter(item: JoplinItem) -> str:
    lines = matter_line("source", item.get("source_url")) + matter_line("author", item.get("author"))
    if item.get("is_todo") == "1":
        lines += matter_line("todo", "open" if item.get("todo_completed") in _NONE else "done")
        lines += _time_line("due", item.get("todo_due")) + _time_line("completed", item.get("todo_completed"))
    for name in ("latitude", "longitude"):
        if item.get("latitude") not in _NONE or item.get("longitude") not in _NONE:
            lines += matter_line(name, item.get(name))
    if item.get("is_conflict") == "1":
        lines += matter_line("conflict", "true")
    return lines


def _time_line(key: str, milliseconds: str) -> str:
    """A time that Joplin writes in milliseconds since 1970; "" for none."""
    number = whole_number(milliseconds, most_digits=14)
    if not number:
        return ""
    return matter_line(key, datetime.fromtimestamp(number / 1000, UTC).isoformat(timespec="seconds"))
