"""Linked folders on the notes screen: the question when a folder comes in, how they are, and their menu."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QObject, QPoint, Qt, Signal
from PySide6.QtWidgets import QDialog, QHBoxLayout, QMenu, QVBoxLayout, QWidget

from desktop_app.domain.folder_sync import Conflict, FolderState, FolderStatus, SyncProblem
from desktop_app.domain.source_folders import FolderKind
from desktop_app.presenters.linked_folders import LinkedFoldersPresenter
from desktop_app.presenters.rows import Row, RowListModel
from desktop_app.ui.notes.import_dialog import TransferBar
from desktop_app.ui.notes.screen_parts import ScreenParts
from desktop_app.ui.theme.theme import Theme
from desktop_app.ui.widgets import Card, FlatList, PlainLabel, TextButton, literal

if TYPE_CHECKING:
    from desktop_app.ui.notes.conflict_lines import ConflictLines

_MOST_LISTED = 500
_AWAY = (FolderState.NOT_THERE, FolderState.EMPTY)


class FolderChoiceDialog(QDialog):
    """Keep a folder's files as notes, or copy its texts in? `chosen` carries the FolderKind."""

    chosen = Signal(object)

    def __init__(self, theme: Theme, folders: Sequence[Path], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Bring in a folder"))
        self.setMinimumWidth(theme.px(500))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(22, 18, 22, 18)
        layout.setSpacing(10)
        words = (
            self.tr("Link “{folder}”, or copy its notes in?").replace("{folder}", folders[0].name or str(folders[0]))
            if len(folders) == 1
            else self.tr("Link {n} folders, or copy their notes in?").replace("{n}", str(len(folders)))
        )
        layout.addWidget(PlainLabel(words, "title", wrap=True))
        self.keep = self._choice(
            FolderKind.LINKED,
            self.tr("Keep as files, linked"),
            self.tr(
                "The files stay where they are and are notes here too; a change on either side reaches the other. "
                "Markdown and text only: PDF, DOCX and other documents are left out."
            ),
        )
        self.copy = self._choice(
            FolderKind.COPIED,
            self.tr("Copy in"),
            self.tr(
                "The texts are copied into your notes once, those of PDF, DOCX and other documents too, and the files "
                "are left alone."
            ),
        )
        layout.addWidget(self.keep)
        layout.addWidget(self.copy)
        layout.addWidget(
            PlainLabel(self.tr("This is remembered for the folder, and can be changed later."), "small", wrap=True)
        )
        row = QHBoxLayout()
        row.addStretch()
        cancel = TextButton(self.tr("Cancel"))
        cancel.clicked.connect(self.reject)
        row.addWidget(cancel)
        layout.addLayout(row)
        self.keep.setFocus()

    def _choice(self, kind: FolderKind, title: str, help_: str) -> Card:
        card = Card(interactive=True, parent=self)
        card.layout_.addWidget(PlainLabel(title, "strong"))
        card.layout_.addWidget(PlainLabel(help_, "muted", wrap=True))
        card.setAccessibleName(title)
        card.setAccessibleDescription(help_)
        card.clicked.connect(lambda: self._choose(kind))
        return card

    def _choose(self, kind: FolderKind) -> None:
        self.accept()
        self.chosen.emit(kind)


class FolderListDialog(QDialog):
    """Notes or files of linked folders that want a look; `note_chosen` carries the id of one that has a note."""

    note_chosen = Signal(int)

    def __init__(
        self,
        theme: Theme,
        title: str,
        help_: str,
        rows: Sequence[Row],
        act: tuple[str, Callable[[], None]] | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setMinimumSize(theme.px(520), theme.px(360))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(22, 18, 22, 18)
        layout.setSpacing(10)
        layout.addWidget(PlainLabel(title, "title", wrap=True))
        layout.addWidget(PlainLabel(help_, "muted", wrap=True))
        self._rows = RowListModel(self)
        self._rows.set_rows(rows)
        self.list = FlatList(theme, self._rows, name=title)
        self.list.chosen.connect(self._choose)
        layout.addWidget(self.list, 1)
        row = QHBoxLayout()
        row.addStretch()
        if act is not None:
            button = TextButton(act[0])
            button.clicked.connect(self.accept)
            button.clicked.connect(lambda _=False: act[1]())
            row.addWidget(button)
        close = TextButton(self.tr("Close"), "primary")
        close.clicked.connect(self.reject)
        row.addWidget(close)
        layout.addLayout(row)

    def _choose(self, row_id: object) -> None:
        if isinstance(row_id, int):
            self.note_chosen.emit(row_id)
            self.accept()


class HeldQuestion(QWidget):
    """Many files of a linked folder are gone at once: were they deleted, or will they be back?"""

    trash_wanted = Signal(object)  # FolderStatus

    def __init__(self) -> None:
        super().__init__()
        self._waiting: dict[int, int] = {}
        self._shown: FolderStatus | None = None
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        self.words = PlainLabel("", "small", wrap=True)
        layout.addWidget(self.words)
        self.trash = TextButton(self.tr("Move their notes to the trash"), "small_link")
        self.trash.clicked.connect(lambda _=False: self.trash_wanted.emit(self._shown))
        self.wait = TextButton(self.tr("Wait"), "small_link")
        self.wait.setAccessibleDescription(self.tr("The notes stay, and all goes on once the files are back."))
        self.wait.clicked.connect(lambda _=False: self._wait())
        row = QHBoxLayout()
        row.setSpacing(10)
        row.addWidget(self.trash)
        row.addWidget(self.wait)
        row.addStretch()
        layout.addLayout(row)
        self.hide()

    def show_statuses(self, statuses: Sequence[FolderStatus]) -> None:
        """Ask about the first folder that was not answered for; again where more of its files are gone by now."""
        held = [status for status in statuses if status.state is FolderState.HELD]
        gone = {status.folder.id: status.held.gone for status in held if status.held is not None}
        self._waiting = {id_: count for id_, count in self._waiting.items() if id_ in gone}
        asked = (one for one in held if gone.get(one.folder.id, 0) > self._waiting.get(one.folder.id, 0))
        self._shown = next(asked, None)
        if self._shown is not None:
            words = self.tr("{gone} of “{folder}” are gone. Their notes wait.")
            self.words.setText(
                words.replace("{gone}", held_words(self._shown)).replace("{folder}", _shortened(self._shown.folder.top))
            )
        self.setVisible(self._shown is not None)

    def _wait(self) -> None:
        if self._shown is not None and self._shown.held is not None:
            self._waiting[self._shown.folder.id] = self._shown.held.gone
        self.hide()


class FolderLine(QWidget):
    """One line at the foot of the list: how the linked folders are. Pressed, it opens their menu."""

    menu_wanted = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 0, 6, 0)
        layout.setSpacing(2)
        self.gone = PlainLabel("", "small", wrap=True)
        self.gone.hide()
        layout.addWidget(self.gone)
        self.held = HeldQuestion()
        layout.addWidget(self.held)
        self.button = TextButton("", "small_link", icon=theme.icon("link", "muted_text"))
        self.button.clicked.connect(lambda _=False: self.menu_wanted.emit())
        layout.addWidget(self.button, 0, Qt.AlignmentFlag.AlignLeft)
        self.hide()

    def show_statuses(self, statuses: Sequence[FolderStatus]) -> None:
        """Show the one word that matters most, and in full which folder is not there."""
        self.setVisible(bool(statuses))
        if not statuses:
            return
        away = [status for status in statuses if status.state in _AWAY]
        self.gone.setText("\n".join(self._of_away(status) for status in away))
        self.gone.setVisible(bool(away))
        self.held.show_statuses(statuses)
        name = (
            statuses[0].folder.top
            if len(statuses) == 1
            else self.tr("{n} linked folders").replace("{n}", str(len(statuses)))
        )
        words = f"{_shortened(name)} · {self.state_words(statuses)}"
        worst = next((s for s in statuses if s.state is not FolderState.IN_STEP), None)
        self.button.setIcon(self._theme.icon("warning", "warning") if worst else self._theme.icon("link", "muted_text"))
        self.button.setText(words)
        self.button.setAccessibleName(self.tr("Linked folders: {state}").replace("{state}", words))

    def _of_away(self, status: FolderStatus) -> str:
        words = (
            self.tr("The folder {folder} is empty; its notes are as last seen.")
            if status.state is FolderState.EMPTY
            else self.tr("The folder {folder} is not there; its notes are as last seen.")
        )
        return words.replace("{folder}", str(status.folder.path))

    def state_words(self, statuses: Sequence[FolderStatus]) -> str:
        """What matters most about these folders."""
        if any(status.state is FolderState.NOT_THERE for status in statuses):
            return self.tr("not there")
        if any(status.state is FolderState.EMPTY for status in statuses):
            return self.tr("empty")
        held = [status for status in statuses if status.state is FolderState.HELD]
        if held:
            return self.tr("{gone} gone").replace("{gone}", held_words(held[0]))
        unwritten = sum(len(status.unwritten) for status in statuses)
        if unwritten:
            return self.tr("{n} not yet written").replace("{n}", f"{unwritten:,}")
        conflicts = sum(len(status.conflicts) for status in statuses)
        if conflicts == 1:
            return self.tr("1 conflict")
        return self.tr("{n} conflicts").replace("{n}", f"{conflicts:,}") if conflicts else self.tr("in step")


class LinkedFolderControls(QObject):
    """Wires the presenter of linked folders to the notes screen."""

    states_changed = Signal(object)  # dict of the linked folders' names among the notes, with a word for each

    def __init__(
        self,
        linked: LinkedFoldersPresenter,
        parts: ScreenParts,
        transfer: TransferBar,
        open_note: Callable[[int], None],
        open_beside: Callable[[int], None],
    ) -> None:
        """`open_beside` shows a note beside the one that is open."""
        super().__init__(parts.over)
        self._linked = linked
        self._parts = parts
        self._open_note = open_note
        self._open_beside = open_beside
        self.conflict_lines: ConflictLines | None = None
        self.line = FolderLine(parts.theme)
        self.line.menu_wanted.connect(self.show_menu)
        self.line.held.trash_wanted.connect(self._trash_held)
        self.choice: FolderChoiceDialog | None = None
        linked.statuses_changed.connect(self._show)
        linked.choice_wanted.connect(self._ask)
        notes = parts.presenter
        linked.import_wanted.connect(notes.import_paths)
        linked.linking_changed.connect(lambda linking: transfer.show_kind("import" if linking else ""))
        linked.progress.connect(transfer.show_progress)
        linked.linked.connect(lambda folder: notes.set_folder(folder.top))
        linked.conflicts_found.connect(self._tell_of_conflicts)
        linked.failed.connect(notes.failed)
        linked.notice.connect(notes.notice)
        transfer.stop_wanted.connect(linked.stop_linking)
        for action_id, act in (
            ("note.link_folder", self._link_folder),
            ("note.sync_folders", linked.look),
            ("note.linked_folders", self.show_menu),
        ):
            parts.actions[action_id].triggered.connect(lambda _=False, act=act: act())
        parts.theme.changed.connect(self._show_again)
        self._show(linked.statuses)

    def _show_again(self) -> None:
        self._show(self._linked.statuses)

    def _show(self, statuses: list[FolderStatus]) -> None:
        self.line.show_statuses(statuses)
        self._parts.presenter.set_linked([status.folder.top for status in statuses])
        self.states_changed.emit({status.folder.top: self.line.state_words([status]) for status in statuses})
        if self.conflict_lines is not None:
            self.conflict_lines.keep_only(statuses)
        self._parts.actions["note.link_folder"].setEnabled(self._linked.can_link)
        self._parts.actions["note.sync_folders"].setEnabled(bool(statuses))
        self._parts.actions["note.linked_folders"].setEnabled(bool(statuses))

    def _ask(self, folders: list[Path]) -> None:
        dialog = FolderChoiceDialog(self._parts.theme, folders, self._parts.over)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.chosen.connect(self._linked.choose)
        dialog.rejected.connect(lambda: self._linked.choose(None))
        dialog.finished.connect(lambda _: setattr(self, "choice", None))
        self.choice = dialog
        dialog.open()

    def _link_folder(self) -> None:
        folder = self._parts.questions.folder(self.tr("Keep a folder as files"))
        if folder is not None:
            self._linked.link([folder])

    def _trash_held(self, status: FolderStatus) -> None:
        if status.held is not None:
            self._linked.trash_held(status.folder, status.held)

    def _tell_of_conflicts(self, conflicts: list[Conflict]) -> None:
        words = (
            self.tr("Changed here and in its file: your text is in “{title}”.").replace("{title}", conflicts[0].title)
            if len(conflicts) == 1
            else self.tr(
                "{n} notes were changed here and in their files. Yours have “conflict” in their names."
            ).replace("{n}", f"{len(conflicts):,}")
        )
        self._parts.presenter.notice.emit(words, None)
        if self.conflict_lines is None:
            from desktop_app.ui.notes.conflict_lines import ConflictLines  # most starts of the window need none

            self.conflict_lines = ConflictLines(self._parts, self._open_note, self._open_beside)
        self.conflict_lines.add(conflicts)

    # The menu -----------------------------------------------------------------------------------

    def show_menu(self) -> None:
        """Open the menu of the linked folders, over their line."""
        menu = self.make_menu()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(self.line.button.mapToGlobal(QPoint(0, -menu.sizeHint().height())))

    def make_menu(self) -> QMenu:
        """What can be done with each linked folder."""
        menu = QMenu(self._parts.over)
        for status in self._linked.statuses:
            if len(self._linked.statuses) > 1:
                head = menu.addAction(literal(f"{_shortened(status.folder.top)} · {self.line.state_words([status])}"))
                head.setEnabled(False)
            self._fill(menu, status)
            menu.addSeparator()
        menu.addAction(self._parts.actions["note.sync_folders"])
        menu.addAction(self._parts.actions["note.link_folder"])
        menu.addAction(self._parts.actions["note.export_folder"])
        return menu

    def _fill(self, menu: QMenu, status: FolderStatus) -> None:
        folder = status.folder
        menu.addAction(self.tr("Show its notes"), lambda: self._parts.presenter.set_folder(folder.top))
        if status.held is not None:
            words = self.tr("Move the notes of {n} missing files to the trash")
            menu.addAction(words.replace("{n}", f"{status.held.gone:,}"), lambda: self._trash_held(status))
        if status.conflicts:
            words = self.tr("Conflicts ({n})…").replace("{n}", f"{len(status.conflicts):,}")
            menu.addAction(words, lambda: self.show_conflicts(status))
        problems = (*status.unwritten, *status.unread)
        if problems:
            words = self.tr("Not in step ({n})…").replace("{n}", f"{len(problems):,}")
            menu.addAction(words, lambda: self._show_problems(problems))
        menu.addAction(self.tr("Unlink, keep its notes as copies"), lambda: self._linked.unlink(folder))

    def show_conflicts(self, status: FolderStatus) -> FolderListDialog:
        """List the notes that hold our text of a conflict."""
        conflicts = status.conflicts
        ids = [one.note_id for one in conflicts]
        return self._list(
            self.tr("Conflicts"),
            self.tr("Each holds the text you had here. The file's text is in the note of the same name."),
            [Row(one.note_id, one.title, one.path, needs_enter=True) for one in conflicts[:_MOST_LISTED]],
            (self.tr("All settled, keep both"), lambda: self._linked.settle(ids)),
        )

    def _show_problems(self, problems: Sequence[SyncProblem]) -> None:
        rows = [
            Row(one.note_id if one.note_id is not None else f"file {one.path}", one.path, one.reason, needs_enter=True)
            for one in problems[:_MOST_LISTED]
        ]
        help_ = self.tr("Notes are saved here and tried again by themselves; files stay as they are.")
        self._list(self.tr("Not in step"), help_, rows)

    def _list(
        self, title: str, help_: str, rows: Sequence[Row], act: tuple[str, Callable[[], None]] | None = None
    ) -> FolderListDialog:
        dialog = FolderListDialog(self._parts.theme, title, help_, rows, act, self._parts.over)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.note_chosen.connect(self._open_note)
        dialog.open()
        return dialog


def held_words(status: FolderStatus) -> str:
    """How many of a folder's files are gone: "412 of 640 files"."""
    held = status.held
    if held is None:
        return ""
    words = QCoreApplication.translate("HeldQuestion", "{gone} of {known} files")
    return words.replace("{gone}", f"{held.gone:,}").replace("{known}", f"{held.known:,}")


def _shortened(name: str) -> str:
    return name if len(name) <= 28 else name[:27] + "…"
