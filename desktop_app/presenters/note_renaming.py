"""Another title for the open note: what it would change is shown first, and one step takes it back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from PySide6.QtCore import QObject, Signal

from desktop_app.domain.errors import InkwellError
from desktop_app.domain.wiki_links import Backlink
from desktop_app.presenters.tasks import TaskRunner
from desktop_app.services.note_renaming import Renamed


class Renaming(Protocol):
    """What this needs of the service."""

    def links_by_title(self, note_id: int) -> list[Backlink]: ...
    def links_left_behind(self, old_title: str) -> list[Backlink]: ...
    def rename(self, note_id: int, title: str) -> Renamed: ...
    def change_links(self, note_id: int, old_title: str) -> Renamed: ...
    def take_back(self, renamed: Renamed) -> None: ...


class NoteRenamingPresenter(QObject):
    """Works off the GUI thread."""

    notice = Signal(str, object)  # text, undo
    left_behind = Signal(int, str, object)  # note id, its old title, list of Backlink that still say it
    failed = Signal(object)  # InkwellError

    def __init__(self, renaming: Renaming, tasks: TaskRunner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._renaming = renaming
        self._tasks = tasks

    def load_links(
        self, note_id: int, done: Callable[[list[Backlink]], None], failed: Callable[[InkwellError], None]
    ) -> None:
        """The links that a new title would change."""
        self._tasks.run(
            lambda token: self._renaming.links_by_title(note_id), done=done, failed=failed, channel="note.rename.links"
        )

    def rename(self, note_id: int, title: str) -> None:
        """Do it; the notice takes it back."""
        self._tasks.run(
            lambda token: self._renaming.rename(note_id, title), done=self._tell_renamed, failed=self.failed.emit
        )

    def look_behind(self, note_id: int, old_title: str) -> None:
        """The note got another title by typing: `left_behind` follows where links still say the old one."""

        def done(links: list[Backlink]) -> None:
            if links:
                self.left_behind.emit(note_id, old_title, links)

        self._tasks.run(
            lambda token: self._renaming.links_left_behind(old_title),
            done=done,
            failed=self.failed.emit,
            channel="note.rename.behind",
        )

    def change_links(self, note_id: int, old_title: str) -> None:
        """Let them say the new title; the notice takes it back."""
        self._tasks.run(
            lambda token: self._renaming.change_links(note_id, old_title),
            done=self._tell_changed,
            failed=self.failed.emit,
        )

    def _tell_renamed(self, done: Renamed) -> None:
        text = self.tr("“{old}” is “{new}” now.").replace("{old}", done.old_title).replace("{new}", done.title)
        if done.links:
            text += " " + self._count(done.links, done.notes, self.tr("changed"))
        self._offer_undo(text, done)

    def _tell_changed(self, done: Renamed) -> None:
        self._offer_undo(self._count(done.links, done.notes, self.tr("changed")), done)

    def _count(self, links: int, notes: int, what: str) -> str:
        return (
            count_of_links(
                links,
                notes,
                self.tr("1 link in 1 note"),
                self.tr("{links} links in 1 note"),
                self.tr("{links} links in {notes} notes"),
            )
            + f" {what}."
        )

    def _offer_undo(self, text: str, done: Renamed) -> None:
        def undo() -> None:
            self._tasks.run(lambda token: self._renaming.take_back(done), done=lambda _: None, failed=self.failed.emit)

        self.notice.emit(text, undo)


def count_of_links(links: int, notes: int, one: str, in_one: str, in_many: str) -> str:
    """The words for so many links in so many notes."""
    words = one if links == 1 else in_one if notes == 1 else in_many
    return words.replace("{links}", f"{links:,}").replace("{notes}", f"{notes:,}")
