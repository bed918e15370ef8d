"""Notes by the names of their files: the one a note was imported from or is linked to, and those attached to it."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator, Sequence

import msgspec
from sqlalchemy import Connection, text

from desktop_app.domain.folding import fold

_SERVES_SECONDS = 5.0
"""A file that is renamed changes nothing in the word index, so names are read again after a while in any case."""

_MOST_FOUND = 200
_WORD = re.compile(r"[^\W_]+")
# Both are read from their indexes alone; notes in the trash are left out by whoever reads the notes.
_SOURCES = text("SELECT id, source_path FROM notes WHERE source_path > ''")
_ATTACHED = text("SELECT note_id, tail FROM note_attachments WHERE tail > ''")


class _Names(msgspec.Struct, frozen=True):
    """Folded names, one a line between line breaks, and the note of each line."""

    lines: str = "\n"
    notes: tuple[int, ...] = ()


class FileNames:
    """The names as they were read last. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._names = _Names()
        self._stamp: str | None = None
        self._good_until = 0.0

    def with_words(
        self, connection: Connection, stamp: str, words: Sequence[str], *, growing: bool = False
    ) -> list[tuple[int, str]]:
        """(note id, folded file name) of names that have all the words (folded) as words of their own; with `growing`
        the last one may go on. At most 200.

        Args:
            stamp: of the word index; at another one the names are read again.
        """
        if not words:
            return []
        names = self._at(connection, stamp)
        found: list[tuple[int, str]] = []
        for place, line in _lines_with(names.lines, max(words, key=len)):
            if _has(line, words, growing=growing):
                found.append((names.notes[place], line))
            if len(found) == _MOST_FOUND:
                break
        return found

    def _at(self, connection: Connection, stamp: str) -> _Names:
        now = time.monotonic()
        with self._lock:
            if stamp and stamp == self._stamp and now < self._good_until:
                return self._names
        rows = [*connection.execute(_SOURCES), *connection.execute(_ATTACHED)]
        lines = (fold(path.rpartition("/")[2]).replace("\n", " ") for _, path in rows)
        names = _Names("\n" + "".join(f"{line}\n" for line in lines), tuple(row[0] for row in rows))
        with self._lock:
            self._names, self._stamp, self._good_until = names, stamp, now + _SERVES_SECONDS
        return names


def _lines_with(lines: str, word: str) -> Iterator[tuple[int, str]]:
    """(place, line) of each line that has the word anywhere."""
    at, place, counted = lines.find(word), 0, 1
    while at >= 0:
        start, end = lines.rfind("\n", 0, at) + 1, lines.find("\n", at)
        place += lines.count("\n", counted, start)
        counted = start
        yield place, lines[start:end]
        at = lines.find(word, end)


def _has(line: str, words: Sequence[str], *, growing: bool) -> bool:
    inside = _WORD.findall(line)
    *whole, last = words
    if not all(word in inside for word in whole):
        return False
    return last in inside or (growing and any(word.startswith(last) for word in inside))
