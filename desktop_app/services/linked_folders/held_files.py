"""Holds a look back from concluding anything of files that are gone at once, or a few at every look."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta

from desktop_app.domain.source_folders import NoteState, SourceFile
from desktop_app.domain.vanished_files import HeldFiles, are_suspicious, go_slowly, vanished_folders
from desktop_app.services.linked_folders.folder_scan import Scan

_LATELY = timedelta(minutes=10)


class LostLately:
    """The files of one folder whose notes went to the trash within the last minutes because the files were gone: a
    share that goes away slowly takes a few with it at every look.
    """

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._lost: dict[str, datetime] = {}

    def add(self, paths: Collection[str]) -> None:
        """The notes of these files went to the trash just now."""
        now = self._clock()
        self._lost.update(dict.fromkeys(paths, now))

    def forget(self) -> None:
        """The person said that they were deleted."""
        self._lost.clear()

    def paths(self, there: Collection[str]) -> set[str]:
        """Those that are not `there` again."""
        now = self._clock()
        self._lost = {
            path: moment for path, moment in self._lost.items() if path not in there and abs(now - moment) <= _LATELY
        }
        return set(self._lost)


def hold_back(
    found: Scan,
    rows: Mapping[str, SourceFile],
    states: Mapping[int, NoteState],
    most_to_trash: int,
    lately: Collection[str] = (),
) -> HeldFiles | None:
    """Where more files than a person deletes are gone, note in `found` that nothing is known of them; None otherwise.

    Args:
        most_to_trash: that so many notes may go to the trash was agreed to; where more files are gone by now, all wait.
        lately: files that went in the minutes before, a few at a time.
    """
    missing = [path for path, row in rows.items() if row.note_id and path not in found.files and found.knows(path)]
    if not missing:
        return None
    alive = {path: row.note_id for path, row in rows.items() if row.note_id and _is_alive(states.get(row.note_id))}
    gone = [path for path in missing if path in alive]
    if len(gone) <= most_to_trash:
        return None
    if not are_suspicious(alive, gone) and not (lately and go_slowly({*alive, *lately}, {*gone, *lately})):
        return None
    found.unsure.update(missing)
    found.vanished = set(vanished_folders(alive, gone))
    return HeldFiles(tuple(alive[path] for path in gone), len(alive))


def _is_alive(state: NoteState | None) -> bool:
    return state is not None and not state.trashed
