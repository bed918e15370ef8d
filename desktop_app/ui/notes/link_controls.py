"""Links on the notes screen: the pane beside the note, the list while one is typed, and going where one leads."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from desktop_app.domain.outline import Heading
from desktop_app.domain.wiki_links import Backlink
from desktop_app.presenters.note_editor import NoteEditorPresenter
from desktop_app.presenters.note_links import NoteLinksPresenter
from desktop_app.presenters.notes import NotesPresenter
from desktop_app.services.note_links import AboutNote, Destination
from desktop_app.ui.actions import Actions
from desktop_app.ui.notes.about_pane import LINKS, OUTLINE, AboutPane
from desktop_app.ui.notes.completer import LinkCompleter
from desktop_app.ui.notes.note_view import NoteView
from desktop_app.ui.theme.theme import Theme
from desktop_app.ui.widgets import IconButton, SideDrawer


class LinkControls(QObject):
    """Wires the links' presenter to the view. `drawer` is the middle of the screen with the pane at its right."""

    def __init__(
        self,
        links: NoteLinksPresenter,
        notes: NotesPresenter,
        editor: NoteEditorPresenter,
        view: NoteView,
        middle: QWidget,
        theme: Theme,
        actions: Actions,
    ) -> None:
        super().__init__(middle)
        self._links = links
        self._notes = notes
        self._editor = editor
        self._view = view
        self._actions = actions
        self._wanted = False
        self._compact = False
        self.pane = AboutPane(theme)
        self.drawer = SideDrawer(
            middle, self.pane, close_icon=theme.icon("close", "muted_text"), close_text=self.tr("Close")
        )
        self.drawer.show_side(False)
        self.button = IconButton(theme.icon("panel-right", "muted_text"), self.tr("Outline and links"))
        self.button.clicked.connect(actions["note.about"].trigger)
        self.button.hide()
        view.head.add(self.button)
        self.completer = LinkCompleter(view.editor, theme)
        self._connect()

    # For the screen -----------------------------------------------------------------------------

    def set_compact(self, compact: bool) -> None:
        """In a narrow window the pane lies over the note, and is closed at first."""
        self._compact = compact
        self.drawer.set_compact(compact)
        if not compact:
            self.drawer.show_side(self._wanted)

    def close_drawer(self) -> bool:
        """Close what lies over the note; false where nothing does."""
        if self.completer.isVisible():
            self.completer.dismiss()
            return True
        return self.drawer.close_drawer()

    def save_state(self) -> dict[str, Any]:
        """Whether the pane is open, and on which side."""
        return {"about": self._wanted, "about_tab": self.pane.tab}

    def restore_state(self, state: dict[str, Any]) -> None:
        """Take up where `save_state` left."""
        if state.get("about_tab") in (OUTLINE, LINKS):
            self.pane.show_tab(state["about_tab"])
        self._wanted = state.get("about") is True
        if not self._compact:
            self.drawer.show_side(self._wanted)

    def toggle(self) -> None:
        """Show or hide the pane."""
        shown = not self.drawer.drawer_open
        if not self._compact:
            self._wanted = shown
        self.drawer.show_side(shown)

    # Inside -------------------------------------------------------------------------------------

    def _connect(self) -> None:
        links, editor, view = self._links, self._editor, self._view
        editor.opened.connect(lambda opened: self._show(opened.note.id))
        editor.closed.connect(lambda: self._show(None))
        editor.note_changed.connect(lambda _note: links.refresh())
        self._notes.store_changed.connect(links.refresh)
        links.about_changed.connect(self._on_about)
        links.completed.connect(self.completer.show_completions)
        links.led_to.connect(self._go)
        links.failed.connect(self._notes.failed)
        self.completer.wanted.connect(links.complete)
        view.note_link_activated.connect(self._follow)
        self.pane.heading_chosen.connect(self._go_to_heading)
        self.pane.backlink_chosen.connect(self._go_to_backlink)
        acts: tuple[tuple[str, Callable[[], object]], ...] = (
            ("note.about", self.toggle),
            ("note.follow_link", view.editor.open_link_at_cursor),
        )
        for action_id, act in acts:
            self._actions[action_id].triggered.connect(lambda _=False, act=act: act())

    def _show(self, note_id: int | None) -> None:
        self.button.setVisible(note_id is not None)
        self._links.show(note_id)

    def _on_about(self, about: AboutNote) -> None:
        self.pane.show_about(about)
        self._view.set_missing_links(about.missing)
        self._view.show_words(about.words)

    def _follow(self, written: str) -> None:
        self._editor.save_now()
        self._links.follow(written)

    def _go(self, there: Destination) -> None:
        self._editor.open(there.note_id, heading=there.place)
        self._view.focus_text()
        if there.made:
            text = self.tr("Made the note “{title}”.").replace("{title}", there.title)
            self._notes.notice.emit(text, lambda: self._notes.trash([there.note_id]))

    def _go_to_heading(self, heading: Heading) -> None:
        note = self._editor.note
        if note is not None:
            self._editor.open(note.id, heading=(heading.start, heading.end))
            self._view.focus_text()

    def _go_to_backlink(self, link: Backlink) -> None:
        self._editor.open(link.note_id, (link.start, link.end))
        self._view.focus_text()
