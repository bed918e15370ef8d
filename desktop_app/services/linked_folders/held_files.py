"""Holds a look back from concluding anything of files that are gone at once."""

from __future__ import annotations

from collections.abc import Mapping

from desktop_app.domain.source_folders import NoteState, SourceFile
from desktop_app.domain.vanished_files import HeldFiles, are_suspicious, vanished_folders
from desktop_app.services.linked_folders.folder_scan import Scan


def hold_back(
    found: Scan, rows: Mapping[str, SourceFile], states: Mapping[int, NoteState], most_to_trash: int
) -> HeldFiles | None:
    """Where more files than a person deletes are gone, note in `found` that nothing is known of them; None otherwise.

    Args:
        most_to_trash: that so many notes may go to the trash was agreed to; where more files are gone by now, all wait.
    """
    missing = [path for path, row in rows.items() if row.note_id and path not in found.files and found.knows(path)]
    if not missing:
        return None
    alive = {path: row.note_id for path, row in rows.items() if row.note_id and _is_alive(states.get(row.note_id))}
    gone = [path for path in missing if path in alive]
    if len(gone) <= most_to_trash or not are_suspicious(alive, gone):
        return None
    found.unsure.update(missing)
    found.vanished = set(vanished_folders(alive, gone))
    return HeldFiles(tuple(alive[path] for path in gone), len(alive))


def _is_alive(state: NoteState | None) -> bool:
    return state is not None and not state.trashed
