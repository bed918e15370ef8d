"""By what a note that was exported is known when its file comes in again, here or in another store.

Its front matter says it in one line, `inkwell_id: 12-1764227645123456-9a0b1c2d3e4f5061`: the note's number and time of
birth in the store where it was written first, and a hash of what it said there. So the file may be renamed and moved.
Another store adds a hash of what it wrote itself, so that each can tell what was changed where.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from datetime import datetime

import msgspec

from desktop_app.domain.folders import safe_file_name
from desktop_app.domain.front_matter import EXPORTED_ID, split_front_matter
from desktop_app.domain.notes import Note

_ID = re.compile(
    rf"^{EXPORTED_ID}:[ \t]*[\"']?(\d{{1,18}})-(-?\d{{1,20}})-([0-9a-f]{{16}})(?:-([0-9a-f]{{16}}))?\b", re.MULTILINE
)


class ExportedId(msgspec.Struct, frozen=True):
    """What such a line says.

    Attributes:
        number, born: the note's id and its creation (microseconds since 1970) in the store it was written in.
        content: a hash of what it said when it left that store.
        written: a hash of what the file said when it was written, in that store or another.
    """

    number: int
    born: int
    content: str
    written: str

    @property
    def key(self) -> tuple[int, int]:
        """The same for all exports of a note."""
        return self.number, self.born


def exported_id(note: Note, written_text: str) -> str:
    """The value of the line for a note whose file says `written_text`."""
    written = content_of(note.title, note.tags, written_text)
    earlier = read_exported_id(note.front_matter)
    if earlier is None:
        return f"{note.id}-{born_at(note.created_at)}-{written}"
    own = "" if written == earlier.content else f"-{written}"
    return f"{earlier.number}-{earlier.born}-{earlier.content}{own}"


def read_exported_id(front_matter: str) -> ExportedId | None:
    """What the lines of a front matter say of it."""
    found = _ID.search(front_matter)
    if found is None:
        return None
    return ExportedId(int(found[1]), int(found[2]), found[3], found[4] or found[3])


def content_in(front_matter: str, text: str) -> str:
    """The hash of what a file with these lines and this text says now; line ends may be others."""
    said = split_front_matter(f"---\n{front_matter}---\n")[0]
    return content_of(said.title, said.tags, text)


def content_of(title: str, tags: Sequence[str], text: str) -> str:
    """A hash of what an exported file says."""
    said = "\n".join((" ".join(title.split()), *tags, "", text.replace("\r\n", "\n")))
    return hashlib.sha256(said.encode("utf-8", "replace")).hexdigest()[:16]


def born_at(created: datetime) -> int:
    """Whole microseconds since 1970."""
    return round(created.timestamp() * 1_000_000)


def folder_of_exported(lies_in: str, said: str) -> str:
    """The folder of notes for an exported file that lies in the folder `lies_in` of an import and says `said`.

    The export's own top, which no note was in, is none of it. A file that was moved since is where it lies.
    """
    written = [safe_file_name(name, "folder") for name in said.split("/") if name]
    there = [name for name in lies_in.split("/") if name]
    shorter = min(len(written), len(there))
    same = written[len(written) - shorter :] == there[len(there) - shorter :]
    return said if same else lies_in
