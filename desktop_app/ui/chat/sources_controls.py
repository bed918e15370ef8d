"""The pane of sources on the chat screen: made when it is first opened, beside the chat or over it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication

from desktop_app.ui.widgets import DRAWER_WIDTH, IconButton, SideDrawer, keys_of, plain_tool_tip

if TYPE_CHECKING:
    from desktop_app.presenters.answer_sources import AnswerSourcesPresenter
    from desktop_app.presenters.notes_not_used import NotesNotUsedPresenter
    from desktop_app.presenters.shell import ShellPresenter
    from desktop_app.ui.actions import Actions
    from desktop_app.ui.chat.chat_screen import ChatScreen
    from desktop_app.ui.chat.sources_pane import SourcesPane
    from desktop_app.ui.theme.theme import Theme

_LEAST_BESIDE = 540
"""Designed pixels of the messages' width that the pane leaves them; where there is less it lies over them."""


class SourcesControls(QObject):
    """Wires the presenter, the button in the head, and the citations with the pane."""

    def __init__(
        self,
        presenter: AnswerSourcesPresenter,
        others: NotesNotUsedPresenter,
        screen: ChatScreen,
        theme: Theme,
        actions: Actions,
        shell: ShellPresenter,
    ) -> None:
        super().__init__(screen)
        self._presenter = presenter
        self._others = others
        self._screen = screen
        self._theme = theme
        self._shell = shell
        self._wanted = False
        self.pane: SourcesPane | None = None
        self.drawer: SideDrawer | None = None
        action = actions["chat.sources"]
        self.button = IconButton(theme.icon("panel-right", "muted_text"), action.text())
        self.button.setToolTip(plain_tool_tip(f"{action.text()}  {keys_of(action)}"))
        self.button.clicked.connect(lambda _=False: self.toggle())
        self.button.hide()
        screen.head.add(self.button)
        action.triggered.connect(self.toggle_by_key)
        screen.transcript.source_wanted.connect(self.show_source)
        screen.closes_first.append(self.close)
        presenter.available_changed.connect(self._fit_button)
        presenter.place_found.connect(self._go_to_note)
        presenter.place_gone.connect(
            lambda: shell.show_notice(self.tr("The note was changed since: this passage is not in it any more."))
        )
        presenter.failed.connect(shell.show_error)
        others.add_wanted.connect(lambda note_id: screen.attach_notes([note_id]))
        others.open_wanted.connect(self._go_to_note)
        theme.changed.connect(self._fit)
        self._fit_button()

    @property
    def is_open(self) -> bool:
        """Whether the pane is to be seen."""
        return self.drawer is not None and self.drawer.drawer_open

    def toggle(self) -> None:
        """Show or hide the pane."""
        self._show(not self.is_open)

    def toggle_by_key(self) -> None:
        """Show the pane and go to it; from there, hide it and go back to the message."""
        if self.pane is not None and self.is_open and self.pane.has_keyboard:
            self._show(False)
            self._screen.focus_default()
            return
        self._show(True)
        if self.pane is not None:
            self.pane.take_keyboard()

    def show_source(self, answer_id: int, attachment_id: int) -> None:
        """Show the passages of an answer; 0 as `attachment_id`: none of them before the others."""
        self._show(True)
        self._presenter.show(answer_id, attachment_id or None)

    def close(self) -> bool:
        """Close what lies over the messages, or go back from the pane to the message; false for neither."""
        if self.drawer is not None and self.drawer.close_drawer():
            return True
        if self.pane is not None and self.is_open and self.pane.has_keyboard:
            self._screen.focus_default()
            return True
        return False

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.drawer and event.type() == QEvent.Type.Resize:
            self._fit()
        return super().eventFilter(watched, event)

    def _show(self, shown: bool) -> None:
        self._wanted = shown
        if shown and self.drawer is None:
            self._make()
        if self.drawer is None:
            return
        self._fit()
        self.drawer.show_side(shown)
        self._presenter.watch(shown)
        self._fit_button()

    def _on_drawer_closed(self) -> None:
        self._show(False)
        self._screen.focus_default()

    def _make(self) -> None:
        from desktop_app.ui.chat.sources_pane import SourcesPane  # not needed before it is seen

        keyboard = QApplication.focusWidget()
        splitter = self._screen.splitter
        middle, sizes = splitter.widget(1), splitter.sizes()
        if middle is None:
            raise RuntimeError("the chat screen has no middle")
        self.pane = SourcesPane(self._presenter, self._others, self._theme)
        self.pane.copied.connect(lambda: self._shell.show_notice(self.tr("Text copied")))
        self.drawer = SideDrawer(
            middle,
            self.pane,
            close_icon=self._theme.icon("close", "muted_text"),
            close_text=self.tr("Close the sources"),
        )
        self.drawer.drawer_closed.connect(self._on_drawer_closed)
        splitter.addWidget(self.drawer)
        splitter.setStretchFactor(1, 1)
        splitter.setSizes(sizes)
        self.drawer.installEventFilter(self)
        if keyboard is not None and self._screen.isAncestorOf(keyboard):
            keyboard.setFocus()  # moving a widget takes it away

    def _fit(self) -> None:
        """Over the messages where they would get too narrow beside it."""
        if self.drawer is None:
            return
        compact = self.drawer.width() < self._theme.px(_LEAST_BESIDE) + DRAWER_WIDTH
        self.drawer.set_compact(compact)
        if not compact:
            self.drawer.show_side(self._wanted)
        if self._presenter.is_watched != self.is_open:
            self._presenter.watch(self.is_open)  # put away because the window is narrow, or back again

    def _fit_button(self) -> None:
        self.button.setVisible(self._presenter.available or self.is_open)

    def _go_to_note(self, note_id: int, start: int, end: int, beside: bool) -> None:
        go = self._shell.show_note_beside if beside else self._shell.show_note
        go(note_id, start, end)
