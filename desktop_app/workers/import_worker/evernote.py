"""Notes of an Evernote export (ENEX): one XML file, each note's content in it once more as a document of its own."""

from __future__ import annotations

import base64
import binascii
import hashlib
import html
import mimetypes
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
from msgspec.structs import replace

from desktop_app.domain.errors import ImportFileError, ImportLimitError
from desktop_app.domain.foreign_notes import ForeignNote
from desktop_app.domain.note_attachments import MOST_BYTES
from desktop_app.domain.page_links import is_evernote_note, wiki_link
from desktop_app.protocol.import_messages import MOST_NOTES, MOST_TAGS
from desktop_app.workers.import_worker.archive import MOST_UNPACKED
from desktop_app.workers.import_worker.attached import Attached, Attachments
from desktop_app.workers.import_worker.found_note import (
    Members,
    Reader,
    Remark,
    content_hash,
    matter_line,
    moment,
)
from desktop_app.workers.import_worker.html_inline import plain_link, written_target
from desktop_app.workers.import_worker.html_markdown import HtmlMarkdown
from desktop_app.workers.import_worker.limits import TextBudget, too_many
from desktop_app.workers.import_worker.safe_xml import Attributes, read_xml
from desktop_app.workers.import_worker.xml_faults import mended

_CHUNK = 256 * 1024
_MATTER = {
    "source-url": "source",
    "author": "author",
    "place-name": "place",
    "latitude": "latitude",
    "longitude": "longitude",
}
_TIMES = {"reminder-time": "reminder", "reminder-done-time": "reminder done"}
_TASK_PARTS = frozenset({"taskStatus", "dueDate", "sortWeight", "taskGroupNoteLevelID"})
_KEPT = frozenset(
    {"title", "content", "created", "updated", "tag", "file-name", "mime", *_MATTER, *_TIMES, *_TASK_PARTS}
)
_NOT_IN_NAMES = str.maketrans("[]#|/\\", "()    ")


def evernote_notes(
    path: Path, budget: TextBudget, attachments: Attachments, progress: Callable[[int, int], None]
) -> Reader:
    """The notes; a member's name is the time its note was made, since an export has no other, and where several were
    made at one time their titles, too.

    Raises ImportFileError for what is damaged, cut off, or no export of Evernote.
    """
    size = path.stat().st_size
    if size > MOST_UNPACKED:
        raise too_many(f"It has {size / 1024**3:,.1f} GB; 1 GB is read at most. Export fewer notes at a time.")
    export = _Export(budget, attachments)
    with path.open("rb") as file:
        try:
            chunks = mended(_chunks(file.read, size, progress))
            read_xml(chunks, export.start, export.end, export.text, may_name_type=True)
        except ImportLimitError:
            raise
        except ImportFileError as error:
            raise ImportFileError(error.what, export.place, error.todo) from error
    if not export.is_export:
        raise ImportFileError("It is no export of Evernote.", "", "")
    times = Counter(note.values.get("created", "") for note in export.finished)
    titles = frozenset(note.title for note in export.finished)
    members = Members()
    for note in export.finished:
        made = note.values.get("created", "")
        name = made if made and times[made] == 1 else f"{made} {note.title}".strip()
        yield from note.read(path.stem, members.unique(name.replace("/", "-")[:500]), titles, attachments)


def _chunks(read: Callable[[int], bytes], size: int, progress: Callable[[int, int], None]) -> Iterator[bytes]:
    done = 0
    while chunk := read(_CHUNK):
        done += len(chunk)
        yield chunk
        progress(min(done, size), size)


class _Task(msgspec.Struct):
    """A task, which stands beside a note's content; the content names the group that it is of."""

    title: str = ""
    is_done: bool = False
    due: str = ""
    weight: str = ""
    group: str = ""

    @property
    def line(self) -> str:
        """As a line of a list."""
        due = moment(self.due)
        when = "" if due is None else f" (due {due.date().isoformat()})"
        return f"- [{'x' if self.is_done else ' '}] {self.title}{when}"


class _Note(msgspec.Struct):
    """A note while it is read."""

    values: dict[str, str] = msgspec.field(default_factory=dict)
    tags: list[str] = msgspec.field(default_factory=list)
    names: dict[str, str] = msgspec.field(default_factory=dict)
    kinds: dict[str, str] = msgspec.field(default_factory=dict)
    tasks: list[_Task] = msgspec.field(default_factory=list)
    files: dict[str, Attached] = msgspec.field(default_factory=dict)

    @property
    def title(self) -> str:
        """On one line."""
        return " ".join(self.values.get("title", "").split())

    def read(self, notebook: str, member: str, titles: frozenset[str], attachments: Attachments) -> Reader:
        """The note as it comes in; the file's name is that of its notebook. Links to notes name them by ids that an
        export does not hold, so a link leads to the note of the file whose title (of `titles`) is its text.
        """

        def link(text: str, target: str) -> str:
            is_inside = is_evernote_note(target) and text in titles
            return (wiki_link(text, text) if is_inside else "") or plain_link(text, target)

        created = moment(self.values.get("created", ""))
        tasks = self._tasks()
        converter = HtmlMarkdown(link, tasks=tasks)
        converter.feed(self.values.get("content", ""))
        converter.close()
        text = converter.text
        text += "".join(f"\n{self._shown(key)}\n" for key in self.files if f"]({key})" not in text)
        text, named = attachments.of_text(text, self.files.get, rename=True)
        for key, name in self.names.items():
            text = text.replace(f"]({key})", f"]({written_target(name)})")
        beside = [written for group, written in tasks.items() if group not in converter.placed]
        if beside:
            text = f"{text}\n" * bool(text) + "\n".join(beside) + "\n"
        written = [f"{key}={self.values[key]}" for key in sorted(self.values)]
        yield ForeignNote(
            member=member,
            title=self.title,
            text=text,
            folder=notebook.replace("/", "-"),
            tags=tuple(self.tags[:MOST_TAGS]),
            front_matter=self._front_matter(),
            hash=content_hash(*written, *self.tags, *(f"{task}" for task in self.tasks)),
            created=created,
            edited=moment(self.values.get("updated", "")) or created,
            attachments=named,
        )
        if converter.encrypted:
            where = f"In “{self.title}”" if self.title else "In a note without a title"
            reason = "a part is encrypted in Evernote and came in as it is. Decrypt it there, and export it again."
            yield Remark(member, f"{where} {reason}", failed=False)

    def _shown(self, key: str) -> str:
        """A file that the content does not name: the note has it all the same."""
        if self.kinds.get(key, "").startswith("image/"):
            return f"![]({key})"
        return f"[{self.files[key].name}]({key})"

    def _tasks(self) -> dict[str, str]:
        """Each group's tasks as a list, in their order."""
        groups: dict[str, list[_Task]] = {}
        for task in self.tasks:
            groups.setdefault(task.group, []).append(task)
        return {
            group: "\n".join(task.line for task in sorted(tasks, key=lambda task: task.weight))
            for group, tasks in groups.items()
        }

    def _front_matter(self) -> str:
        lines = "".join(matter_line(key, self.values.get(name, "")) for name, key in _MATTER.items())
        for name, key in _TIMES.items():
            if (at := moment(self.values.get(name, ""))) is not None:
                lines += matter_line(key, at.isoformat())
        return lines


class _Export:
    """Turns the elements of the file into notes."""

    def __init__(self, budget: TextBudget, attachments: Attachments) -> None:
        self.is_export = False
        self.finished: list[_Note] = []
        self._budget = budget
        self._attachments = attachments
        self._data = b""
        self._size = 0
        self._note: _Note | None = None
        self._name = ""
        self._parts: list[str] = []
        self._digest: _DataDigest | None = None
        self._hash = ""
        self._inside = ""
        self._depth = 0

    @property
    def place(self) -> str:
        """How far it was read, in a sentence."""
        if not self.finished:
            return "The fault is in its first note." if self.is_export else ""
        return f"The fault is behind its note {len(self.finished):,}, “{self.finished[-1].title}”."

    def start(self, name: str, attributes: Attributes) -> None:
        if self._name == "content":  # written as elements, not as a text that holds them
            self._depth += 1
            written = "".join(f' {key}="{html.escape(value)}"' for key, value in attributes.items())
            self._parts.append(self._budget.take(f"<{name}{written}>"))
        elif name == "en-export":
            self.is_export = True
        elif name == "note" and self.is_export:
            self._note = _Note()
            if len(self.finished) >= MOST_NOTES:
                raise too_many(f"It has more than {MOST_NOTES:,} notes. Export fewer at a time.")
        elif self._note is not None and name in ("resource", "task"):
            self._inside, self._hash, self._data = name, "", b""
            if name == "task":
                self._note.tasks.append(_Task())
        elif self._note is not None and name == "data":
            self._digest = _DataDigest(MOST_BYTES if self._attachments.are_wanted else 0)
        elif name in _KEPT:
            self._name, self._parts = name, []

    def text(self, text: str) -> None:
        if self._digest is not None:
            self._digest.add(text)
        elif self._name and self._note is not None:
            self._parts.append(self._budget.take(html.escape(text, quote=False) if self._depth else text))

    def end(self, name: str) -> None:
        note = self._note
        if note is None:
            return
        if self._depth:
            self._depth -= 1
            self._parts.append(f"</{name}>")
        elif name == "data" and self._digest is not None:
            self._hash, self._data, self._size = self._digest.hex(), bytes(self._digest.data), self._digest.size
            self._digest = None
        elif name == self._inside:
            if name == "resource":
                self._end_resource(note)
            self._inside = ""
        elif name == "note":
            self.finished.append(note)
            self._note = None
        elif name == self._name:
            self._keep(note, name, "".join(self._parts).strip())
            self._name = ""

    def _end_resource(self, note: _Note) -> None:
        if not self._hash or not self._data:
            name = f"{note.title}/{note.names.get(self._hash, 'attachment')}"
            if self._size > MOST_BYTES:
                self._attachments.refuse(
                    name, f"It is too large: a file of a note may have {MOST_BYTES // 1024**2} MB."
                )
            else:
                self._attachments.skip(name=name)
            return
        kind = mimetypes.guess_extension(note.kinds.get(self._hash, ""), strict=False) or ""
        data, name = self._data, note.names.get(self._hash) or f"{self._hash[:8]}{kind}"
        file = Attached(self._hash, name, len(data), lambda: [data])
        if self._attachments.keep(file):
            note.files[self._hash] = replace(file, chunks=list)  # it was handed on: its bytes need not stay

    def _keep(self, note: _Note, name: str, value: str) -> None:
        if self._inside == "resource":
            if name == "file-name" and self._hash and value:
                note.names[self._hash] = " ".join(value.translate(_NOT_IN_NAMES).split())[:200]
            elif name == "mime" and self._hash:
                note.kinds[self._hash] = value[:100]
        elif self._inside == "task":
            self._keep_task(note.tasks[-1], name, " ".join(value.split()))
        elif name == "tag":
            note.tags.append(value[:200])
        else:
            note.values.setdefault(name, value)

    def _keep_task(self, task: _Task, name: str, value: str) -> None:
        if name == "title":
            task.title = task.title or value
        elif name == "taskStatus":
            task.is_done = value == "completed"
        elif name == "dueDate":
            task.due = value
        elif name == "sortWeight":
            task.weight = value
        elif name == "taskGroupNoteLevelID":
            task.group = value


class _DataDigest:
    """The MD5 of data in base64, by which a note's content names it, and the data where it is at most `most` bytes."""

    def __init__(self, most: int) -> None:
        self.data = bytearray()
        self.size = 0
        self._most = most
        self._digest = hashlib.md5(usedforsecurity=False)
        self._rest = ""

    def add(self, text: str) -> None:
        text = self._rest + "".join(text.split())
        whole = len(text) - len(text) % 4
        self._rest = text[whole:]
        try:
            data = base64.b64decode(text[:whole])
            self._digest.update(data)
            self.data += data
            self.size += len(data)
            if len(self.data) > self._most:
                self._most = 0
                self.data.clear()
        except (binascii.Error, ValueError):
            self._rest = ""

    def hex(self) -> str:
        return self._digest.hexdigest()
