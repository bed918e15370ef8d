"""Pictures and other files that come with notes: each is handed on once, where a note names it."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterable, Mapping

import msgspec

from desktop_app.domain.note_attachments import MOST_BYTES, find_references, reference_key, tail_key, with_targets
from desktop_app.workers.import_worker.archive import DamagedMemberError
from desktop_app.workers.import_worker.found_note import Remark

Send = Callable[[str, str, Iterable[bytes]], None]
"""Takes a file's key, its name and its bytes."""

DAMAGED = "It is damaged in the archive, and was not read."
Named = tuple[tuple[str, str], ...]
"""(name in a note's text, key of the file) for each file that a note names."""


class Attached(msgspec.Struct, frozen=True):
    """A file beside notes. `key` is the same at every reading; `chunks` begins to read it."""

    key: str
    name: str
    size: int
    chunks: Callable[[], Iterable[bytes]]


class Attachments:
    """What becomes of the files beside notes. Without `send` none is wanted, and all are counted as skipped.

    Attributes:
        remarks: files that were not taken, and why.
    """

    def __init__(self, send: Send | None = None) -> None:
        self._send = send
        self._seen: dict[str, str] = {}
        self._sent: set[str] = set()
        self._named: set[str] = set()
        self._others: list[str] = []
        self.remarks: list[Remark] = []

    @property
    def skipped(self) -> int:
        """How many were not taken."""
        return len(self._seen.keys() - self._named) + len(self._others)

    @property
    def skipped_names(self) -> list[str]:
        """What those are called that have a name, in order."""
        names = [name for key, name in self._seen.items() if key not in self._named]
        return sorted(name for name in (*names, *self._others) if name)

    @property
    def are_wanted(self) -> bool:
        """Whether files are taken at all."""
        return self._send is not None

    def skip(self, count: int = 1, name: str = "") -> None:
        """So many more that are not taken."""
        self._others += [name] * count

    def see(self, key: str, name: str = "") -> None:
        """There is such a file, called `name` where it is shown; a note may name it later."""
        self._seen[key] = name or key

    def keep(self, file: Attached) -> bool:
        """Hand a file on, unless it was before; false where it is not taken."""
        self._seen.setdefault(file.key, file.name)
        if self._send is None:
            return False
        if file.key in self._sent:
            return True
        if file.size > MOST_BYTES:
            self.refuse(file.key, f"It is too large: a file of a note may have {MOST_BYTES // 1024**2} MB.")
            return False
        try:
            chunks = list(file.chunks())  # to its end, before anybody gets the beginning of what is damaged further on
        except DamagedMemberError:
            self.refuse(file.key, DAMAGED)
            return False
        self._send(file.key, file.name, chunks)
        self._sent.add(file.key)
        return True

    def refuse(self, key: str, reason: str) -> None:
        """The file is not taken, and the reason is told, once; it is counted among the parts that failed."""
        name = self._seen.get(key) or key
        self._named.add(key)
        if not any(one.member == name for one in self.remarks):
            self.remarks.append(Remark(name, reason))

    def of_text(self, text: str, find: Callable[[str], Attached | None], *, rename: bool = False) -> tuple[str, Named]:
        """Hand on what a note's text names, as `find` finds it: the text, and what its names mean.

        With `rename` the text says each file's own name in place of what it said, such as an id.
        """
        if not self.are_wanted:
            return text, ()
        named: dict[str, str] = {}
        names: dict[str, str] = {}
        changes = []
        for reference in find_references(text):
            file = find(reference.target)
            if file is None or not self.keep(file):
                continue
            named[reference_key(reference.target)] = file.key
            self._named.add(file.key)
            if rename:
                name = names.setdefault(file.key, _unused(file.name, names))
                named[name] = file.key
                changes.append((reference, name))
        return with_targets(text, changes), tuple(named.items())


def _unused(name: str, names: dict[str, str]) -> str:
    stem, suffix = posixpath.splitext(name)
    count = 1
    while name in names.values():
        count += 1
        name = f"{stem} ({count}){suffix}"
    return name


def in_page(pictures: Mapping[str, bytes], page: str) -> Callable[[str], Attached | None]:
    """Finds the pictures that stood in a page itself; `page` is its name in an archive."""

    def find(target: str) -> Attached | None:
        data = pictures.get(target)
        return None if data is None else Attached(f"{page}/{target}", target, len(data), lambda: [data])

    return find


class Folder:
    """Files by their paths in an archive, found as programs that read a folder find them."""

    def __init__(self, files: Iterable[tuple[str, Attached]]) -> None:
        self._by_path = {reference_key(path): file for path, file in files}
        self._by_tail: dict[str, list[str]] = {}
        for path in self._by_path:
            self._by_tail.setdefault(tail_key(path), []).append(path)

    def find(self, target: str, folder: str) -> Attached | None:
        """The file that a note in `folder` means: from there, else from the top, else by its name, the nearest one."""
        key = reference_key(target)
        for path in (posixpath.normpath(posixpath.join(folder, key)), posixpath.normpath(key)):
            if path in self._by_path:
                return self._by_path[path]
        paths = self._by_tail.get(tail_key(key), [])
        if "/" in key:
            paths = [path for path in paths if path.endswith(f"/{key.removeprefix('./')}")]
        near = min(paths, key=lambda path: (not path.startswith(f"{folder}/"), path.count("/"), path), default=None)
        return None if near is None else self._by_path[near]
