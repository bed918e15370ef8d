"""The middle of the notes screen: one note, or two of them side by side."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QApplication, QButtonGroup, QHBoxLayout, QSplitter, QVBoxLayout, QWidget

from desktop_app.domain.errors import InkwellError, NotFoundError
from desktop_app.presenters.note_editor import OpenedNote
from desktop_app.ui.notes.note_side import NoteSide
from desktop_app.ui.theme.theme import Theme
from desktop_app.ui.widgets import IconButton, TextButton, set_role

_MOST_TAB = 26
Place = tuple[int, int] | None


class SideBySide(QWidget):
    """A note, and perhaps a second one. Actions are meant for the `active` side, the one that was last worked in.

    In a narrow window only the active side is seen, and tabs above lead from one to the other. A note is never open
    twice: where it is asked for again, the side that shows it becomes the active one.
    """

    active_changed = Signal()
    gone_to = Signal(int)  # id of a note that was open already and is looked at again
    beside_made = Signal(object)  # NoteSide, once, before a second note is first opened

    def __init__(self, main: NoteSide, make_beside: Callable[[], NoteSide] | None, theme: Theme) -> None:
        super().__init__()
        self.main = main
        self.active = main
        self._make_beside = make_beside
        self._beside: NoteSide | None = None
        self._open = False
        self._keeps_lines = False
        self._theme = theme
        self._compact = False
        self._alone = False
        self._splitter = QSplitter()
        self._splitter.setHandleWidth(1)
        self._splitter.setChildrenCollapsible(False)
        self._splitter.addWidget(main.widget)
        self._tabs = self._make_tabs()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._tabs)
        layout.addWidget(self._splitter, 1)
        self._watch(main)
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.focusChanged.connect(self._on_focus)

    # What is open -------------------------------------------------------------------------------

    @property
    def beside(self) -> NoteSide | None:
        """The second side, None while only one note is open."""
        return self._beside if self._open else None

    @property
    def sides(self) -> list[NoteSide]:
        """Those that are there."""
        return [self.main] if self.beside is None or self._beside is None else [self.main, self._beside]

    @property
    def can_open_beside(self) -> bool:
        """Whether a second note is on offer."""
        return self._make_beside is not None

    def side_of(self, note_id: int) -> NoteSide | None:
        """The side that shows a note."""
        return next((side for side in self.sides if side.shows(note_id)), None)

    def go_to(self, note_id: int, place: Place = None, heading: Place = None) -> bool:
        """Go to the side that shows a note, at a place of it; false where none does."""
        side = self.side_of(note_id)
        if side is None:
            return False
        if place is not None or heading is not None:
            side.editor.open(note_id, place, heading=heading)
        else:
            self.gone_to.emit(note_id)
        self.activate(side)
        side.view.focus_text()
        return True

    def open_beside(self, note_id: int, place: Place = None, heading: Place = None, *, focus: bool = True) -> None:
        """Open a note in the other side than the active one; where it is open already, go there."""
        if self._make_beside is None or self.go_to(note_id, place, heading):
            return
        if self._beside is None:
            self._beside = self._make_beside()
            self._beside.view.set_keeps_lines(self._keeps_lines)
            self._beside.view.set_alone(self._alone)
            self._add_beside(self._beside)
        side = self.main if self.active is self.beside else self._beside
        side.editor.open(note_id, place, heading=heading)
        self._set_open(True)
        if focus:
            self.activate(side)
            side.view.focus_text()

    def close_beside(self) -> None:
        """One note again: the main one."""
        side = self.beside
        if side is not None:
            had_focus = _holds_focus(side.widget)
            side.editor.close_note()
            self._set_open(False)
            self.activate(self.main)
            if had_focus:
                self.main.view.focus_text()

    def activate(self, side: NoteSide) -> None:
        """Actions are meant for this side from now on; in a narrow window it is the one that is seen."""
        if side is not self.active:
            self.active = side
            self._arrange()
            self.active_changed.emit()

    def go_to_other(self) -> None:
        """To the side that is not active."""
        if self._open and self._beside is not None:
            side = self.main if self.active is self._beside else self._beside
            self.activate(side)
            side.view.focus_text()

    # For the screen -----------------------------------------------------------------------------

    def save_now(self) -> None:
        """Save both without waiting for the pause in typing."""
        for side in self.sides:
            side.editor.save_now()

    def flush(self) -> list[InkwellError]:
        """Commit both, in this thread; errors of what could not be."""
        return [error for side in self.sides for error in side.editor.flush()]

    def set_keeps_lines(self, keeps: bool) -> None:
        """Whether lines end where they do in the text, in every note that is read here."""
        self._keeps_lines = keeps
        for side in filter(None, (self.main, self._beside)):
            side.view.set_keeps_lines(keeps)

    def set_compact(self, compact: bool) -> None:
        """The window is narrow, or not any more."""
        self._compact = compact
        self._arrange()

    def set_alone(self, alone: bool) -> None:
        """The text of the active note without all that stands around it, and no other; or all of it again."""
        self._alone = alone
        for side in filter(None, (self.main, self._beside)):
            side.view.set_alone(alone)
            if side.links is not None:
                side.links.set_crowded(alone or self._open)
        self._arrange()

    def save_state(self) -> dict[str, Any]:
        """The second note and how it is shown."""
        side = self.beside
        if side is None or side.note is None:
            return {}
        return {"beside": side.note.id, "beside_mode": side.view.mode}

    def restore_state(self, state: dict[str, Any], modes: tuple[str, ...]) -> None:
        """Open the second note again."""
        if isinstance(state.get("beside"), int) and self.can_open_beside:
            self.open_beside(state["beside"], focus=False)
            if self._beside is not None and state.get("beside_mode") in modes:
                self._beside.view.set_mode(state["beside_mode"])

    # Inside -------------------------------------------------------------------------------------

    def _make_tabs(self) -> QWidget:
        tabs = QWidget()
        row = QHBoxLayout(tabs)
        row.setContentsMargins(20, 8, 20, 0)
        row.setSpacing(0)
        self.tabs = (TextButton("", "segment"), TextButton("", "segment"))
        self._tab_group = QButtonGroup(self)
        for number, (tab, edge) in enumerate(zip(self.tabs, ("first", "last"), strict=True)):
            tab.setCheckable(True)
            tab.setProperty("edge", edge)
            self._tab_group.addButton(tab, number)
            row.addWidget(tab)
        row.addStretch()
        self._tab_group.idClicked.connect(self._on_tab)
        tabs.hide()
        return tabs

    def _on_tab(self, number: int) -> None:
        self.activate(self.sides[number])

    def _add_beside(self, side: NoteSide) -> None:
        self._splitter.addWidget(side.widget)
        self._splitter.setStretchFactor(0, 1)
        self._splitter.setStretchFactor(1, 1)
        close = IconButton(self._theme.icon("close", "muted_text"), self.tr("Close the second note"))
        close.clicked.connect(self.close_beside)
        side.view.head.add(close)
        side.editor.open_failed.connect(self._on_open_failed)
        side.editor.opened.connect(self._on_beside_opened)
        self._watch(side)
        self.beside_made.emit(side)

    def _watch(self, side: NoteSide) -> None:
        side.editor.opened.connect(self._name_tabs)
        side.editor.note_changed.connect(self._name_tabs)

    def _on_open_failed(self, error: InkwellError) -> None:
        """A note that is gone needs no side."""
        if isinstance(error, NotFoundError) and self._beside is not None and self._beside.note is None:
            self._set_open(False)
            self.activate(self.main)

    def _on_beside_opened(self, opened: OpenedNote) -> None:
        """One that went to the trash since the last start is seen in the trash."""
        if opened.note.trashed_at is not None:
            self.close_beside()

    def _set_open(self, is_open: bool) -> None:
        if is_open == self._open:
            return
        self._open = is_open
        for side in (self.main, self._beside):
            if side is not None and side.links is not None:
                side.links.set_crowded(is_open or self._alone)
        self._arrange()
        if is_open and not self._compact:
            half = self._splitter.width() // 2
            self._splitter.setSizes([half, half])

    def _arrange(self) -> None:
        beside = self._beside
        if beside is None:
            return
        one_at_a_time = self._open and (self._compact or self._alone)
        active = self.active if self._open else self.main
        self.main.widget.setVisible(not one_at_a_time or active is self.main)
        beside.widget.setVisible(self._open and (not one_at_a_time or active is beside))
        self._tabs.setVisible(one_at_a_time and not self._alone)
        self.tabs[0 if active is self.main else 1].setChecked(True)
        for side in (self.main, beside):
            # Of two notes the head of the one that is worked in stands out.
            set_role(side.view.head.title, "title" if side is active or one_at_a_time else "title_muted")
        self._name_tabs()

    def _name_tabs(self, *_: object) -> None:
        for tab, side in zip(self.tabs, (self.main, self._beside), strict=True):
            note = side.note if side is not None else None
            title = note.title if note is not None and note.title else self.tr("Untitled")
            shown = title if len(title) <= _MOST_TAB else title[: _MOST_TAB - 1] + "…"
            tab.setText(shown)
            tab.setAccessibleName(title)

    def _on_focus(self, _old: QWidget | None, new: QWidget | None) -> None:
        if new is not None and self._open:
            for side in self.sides:
                if side.widget.isAncestorOf(new):
                    self.activate(side)


def _holds_focus(widget: QWidget) -> bool:
    focused = widget.window().focusWidget()
    return focused is not None and widget.isAncestorOf(focused)
