"""Files dropped on the notes screen: into the note below the pointer, or an import."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from desktop_app.domain.dropped_files import DropMeaning, meaning_of
from desktop_app.ui.drop_zone import DropArea
from desktop_app.ui.notes.note_side import NoteSide
from desktop_app.ui.notes.side_by_side import SideBySide


class NoteDrops:
    """Says where on the screen a drop means what, and does it."""

    def __init__(self, desk: SideBySide, pane: QWidget, screen: QWidget) -> None:
        self._desk = desk
        self._pane = pane
        self._screen = screen

    def areas(self, paths: Sequence[Path]) -> list[DropArea]:
        """The notes that would take these files, and the list where they would be imported; none for what is a note."""
        meaning = self._meaning(paths)
        sides = [side for side in self._desk.sides if side.widget.isVisible() and _takes(side)]
        if meaning is DropMeaning.IMPORT or not sides:
            return []
        if meaning is DropMeaning.ATTACH and len(sides) == 1:
            return [DropArea(self._screen, *_words(sides[0]))]
        areas = [DropArea(side.view, *_words(side), take=_insert(side)) for side in sides]
        if meaning is DropMeaning.ATTACH_OR_IMPORT:
            areas.append(DropArea(self._pane, _tr("Drop to import"), _tr("The text becomes a note.")))
        return areas

    def take(self, paths: Sequence[Path]) -> bool:
        """Put files into the note that is worked in; false for an import."""
        side = self._desk.active
        if self._meaning(paths) is not DropMeaning.ATTACH or not _takes(side):
            return False
        _insert(side)(paths)
        return True

    def _meaning(self, paths: Sequence[Path]) -> DropMeaning:
        if any(path.is_dir() for path in paths):
            return DropMeaning.IMPORT
        return meaning_of([path.name for path in paths])


def _takes(side: NoteSide) -> bool:
    return side.attachments is not None and side.attachments.can_insert


def _insert(side: NoteSide) -> Callable[[Sequence[Path]], None]:
    def insert(paths: Sequence[Path]) -> None:
        if side.attachments is not None:
            side.attachments.insert_files(paths)

    return insert


def _words(side: NoteSide) -> tuple[str, str]:
    title = (side.note.title if side.note is not None else "") or _tr("Untitled")
    shown = title if len(title) <= 40 else title[:39] + "…"
    return (
        _tr("Drop to attach to “{title}”").replace("{title}", shown),
        _tr("The note keeps a copy, named where the cursor is. The original stays where it is."),
    )


def _tr(text: str) -> str:
    return QCoreApplication.translate("NoteDrops", text)
