"""Links on the notes screen: the pane beside the note, the list while one is typed, and going where one leads."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from desktop_app.domain.mentions import Mention
from desktop_app.domain.outline import Heading
from desktop_app.domain.related_notes import RelatedNote
from desktop_app.domain.wiki_links import Backlink
from desktop_app.presenters.note_editor import NoteEditorPresenter
from desktop_app.presenters.note_links import NoteLinksPresenter
from desktop_app.presenters.note_mentions import NoteMentionsPresenter
from desktop_app.presenters.notes import NotesPresenter
from desktop_app.presenters.related_notes import RelatedNotesPresenter
from desktop_app.services.note_links import AboutNote, Destination
from desktop_app.ui.notes.about_pane import LINKS, OUTLINE, RELATED, AboutPane
from desktop_app.ui.notes.completer import LinkCompleter, TagCompleter
from desktop_app.ui.notes.link_preview import LinkPreview
from desktop_app.ui.notes.note_view import NoteView
from desktop_app.ui.notes.related_list import RelatedList
from desktop_app.ui.theme.theme import Theme
from desktop_app.ui.widgets import IconButton, SideDrawer

_CTRL, _SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier

ShowElsewhere = Callable[[int, tuple[int, int] | None, tuple[int, int] | None, bool], bool]
"""(note id, place, heading, whether it is wanted beside the present one)"""


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
        related: RelatedNotesPresenter | None = None,
        mentions: NoteMentionsPresenter | None = None,
    ) -> None:
        """Without `related` similar notes do not stand in the pane, without `mentions` no words that name the note."""
        super().__init__(middle)
        self._links = links
        self._notes = notes
        self._mentions = mentions
        self._editor = editor
        self._view = view
        self.modifiers: Callable[[], Qt.KeyboardModifier] = QGuiApplication.keyboardModifiers
        """The keys that are held down."""
        self._key_leads_beside: bool | None = None  # while a link is followed by keys
        self._leads_beside = False  # the link that is being followed
        self._wanted = False
        self._narrow = self._crowded = self._compact = False
        self.pane = AboutPane(theme, RelatedList(related, theme) if related is not None else None, mentions)
        self.drawer = SideDrawer(
            middle, self.pane, close_icon=theme.icon("close", "muted_text"), close_text=self.tr("Close")
        )
        self.drawer.show_side(False)
        self.button = IconButton(theme.icon("panel-right", "muted_text"), self.tr("Outline, links and similar notes"))
        self.button.clicked.connect(lambda _=False: self.toggle())
        self.button.hide()
        view.head.add(self.button)
        QWidget.setTabOrder(view.head.more_button, self.button)
        self.link_preview = LinkPreview(links, lambda: None if editor.note is None else editor.note.id, view)
        self.completer = LinkCompleter(view.editor, theme)
        self._elsewhere: ShowElsewhere = lambda *_: False
        self.tag_completer = TagCompleter(view.editor, theme, lambda: [name for name, _ in notes.facets.tags])
        self._connect()

    # For the screen -----------------------------------------------------------------------------

    def set_compact(self, compact: bool) -> None:
        """In a narrow window the pane lies over the note, and is closed at first."""
        self._narrow = compact
        self._fit()

    def set_crowded(self, crowded: bool) -> None:
        """Beside a second note there is no more room than in a narrow window."""
        self._crowded = crowded
        self._fit()

    def _fit(self) -> None:
        self._compact = self._narrow or self._crowded
        self.drawer.set_compact(self._compact)
        if not self._compact:
            self.drawer.show_side(self._wanted)

    def close_drawer(self) -> bool:
        """Close what lies over the note; false where nothing does."""
        for completer in (self.completer, self.tag_completer):
            if completer.isVisible():
                completer.dismiss()
                return True
        return self.drawer.close_drawer()

    def save_state(self) -> dict[str, Any]:
        """Whether the pane is open, and on which side."""
        return {"about": self._wanted, "about_tab": self.pane.tab}

    def restore_state(self, state: dict[str, Any]) -> None:
        """Take up where `save_state` left."""
        if state.get("about_tab") in (OUTLINE, LINKS, RELATED):
            self.pane.show_tab(state["about_tab"])
        self._wanted = state.get("about") is True
        if not self._compact:
            self.drawer.show_side(self._wanted)

    def set_elsewhere(self, show: ShowElsewhere) -> None:
        """`show` is asked first where a note is gone to; it says whether another place took it."""
        self._elsewhere = show

    def follow(self) -> None:
        """Follow the link at the cursor, or go to the note of the pane that the keyboard is on, which opens beside."""
        related, row = self.pane.related, self.pane.links.current_id
        if self.pane.links.hasFocus() and isinstance(row, int):
            self._go_to_backlink(self._links.about.backlinks[row], beside=True)
        elif related is not None and related.list.hasFocus() and related.chosen_note is not None:
            self._go_to_related(related.chosen_note, beside=True)
        elif self.pane.links_page.mentions.hasFocus() and (mention := self.pane.links_page.chosen_mention) is not None:
            self._go_to_mention(mention, beside=True)
        else:
            self.follow_at_cursor(beside=False)

    def follow_at_cursor(self, *, beside: bool) -> bool:
        """Follow the link at the cursor; false where it is in none."""
        self._key_leads_beside = beside
        try:
            return self._view.editor.hasFocus() and self._view.editor.open_link_at_cursor()
        finally:
            self._key_leads_beside = None

    def toggle(self) -> None:
        """Show or hide the pane."""
        shown = not self.drawer.drawer_open
        if not self._compact:
            self._wanted = shown
        self.drawer.show_side(shown)

    def toggle_by_key(self) -> None:
        """Show the pane; where it is shown, take the keyboard to it; from there, hide it and go back to the note."""
        if not self.drawer.drawer_open:
            self.toggle()
        elif self.pane.isAncestorOf(self.pane.window().focusWidget()):
            self.toggle()
            self._view.focus_text()
        else:
            self.pane.take_focus()

    def show_related(self) -> None:
        """Show the similar notes, the keyboard stays where it is; where they are shown, it goes to them."""
        related = self.pane.related
        if related is None:
            return
        if related.isVisible():
            related.setFocus()
            return
        self.pane.show_tab(RELATED)
        if not self.drawer.drawer_open:
            self.toggle()

    @property
    def can_link_mentions(self) -> bool:
        """Whether words that name the note are looked for."""
        return self._mentions is not None

    def link_mention(self) -> None:
        """Make a link of the mention that is chosen in the pane; where they are not shown yet, show them."""
        if not self.pane.links_page.isVisible():
            self.pane.show_tab(LINKS)
            if not self.drawer.drawer_open:
                self.toggle()
        else:
            self.pane.links_page.link_current()

    # Inside -------------------------------------------------------------------------------------

    def _connect(self) -> None:
        links, editor, view = self._links, self._editor, self._view
        editor.opened.connect(lambda opened: self._show(opened.note.id))
        editor.closed.connect(lambda: self._show(None))
        editor.conflict.connect(lambda mine, _other: self._show(editor.note.id if editor.note else mine.id))
        editor.note_changed.connect(lambda _note: links.refresh())
        self._notes.store_changed.connect(links.refresh)
        links.about_changed.connect(self._on_about)
        links.completed.connect(self.completer.show_completions)
        links.led_to.connect(self._go)
        links.failed.connect(self._notes.failed)
        self.completer.wanted.connect(links.complete)
        view.reader.note_link_activated.connect(lambda written: self._follow(written, beside=self._is_held(_CTRL)))
        # There Ctrl is held to follow a link at all.
        view.editor.link_activated.connect(lambda written: self._follow(written, beside=self._editor_leads_beside()))
        self.pane.heading_chosen.connect(self._go_to_heading)
        self.pane.backlink_chosen.connect(self._go_to_backlink)
        self.pane.links_page.mention_chosen.connect(self._go_to_mention)
        if self.pane.related is not None:
            self.pane.related.note_chosen.connect(self._go_to_related)
        if self._mentions is not None:
            self._mentions.notice.connect(self._notes.notice)
            self._mentions.failed.connect(self._notes.failed)
            self._notes.store_changed.connect(self._mentions.look)
            editor.note_changed.connect(lambda _note: self._look_for_mentions())

    def _show(self, note_id: int | None) -> None:
        self.button.setVisible(note_id is not None)
        self._links.show(note_id)

    def _on_about(self, about: AboutNote) -> None:
        self.pane.show_about(about)
        self._view.set_missing_links(about.missing)
        self._view.show_words(about.words)

    def _is_held(self, key: Qt.KeyboardModifier) -> bool:
        return bool(self.modifiers() & key)

    def _editor_leads_beside(self) -> bool:
        by_key = self._key_leads_beside
        return self._is_held(_SHIFT) if by_key is None else by_key

    def _follow(self, written: str, *, beside: bool) -> None:
        self._editor.save_now()
        self._leads_beside = beside
        self._links.follow(written)

    def _go(self, there: Destination) -> None:
        self._open(there.note_id, None, there.place, beside=self._leads_beside)
        if there.made:
            text = self.tr("Made the note “{title}”.").replace("{title}", there.title)
            self._notes.notice.emit(text, lambda: self._notes.trash([there.note_id]))

    def _open(
        self, note_id: int, place: tuple[int, int] | None, heading: tuple[int, int] | None, *, beside: bool
    ) -> None:
        """Go to a note here, unless it is wanted beside this one or is shown there already."""
        if self._elsewhere(note_id, place, heading, beside):
            return
        self._editor.open(note_id, place, heading=heading)
        self._view.focus_text()

    def _go_to_heading(self, heading: Heading) -> None:
        note = self._editor.note
        if note is not None:
            self._editor.open(note.id, heading=(heading.start, heading.end))
            self._view.focus_text()

    def _go_to_backlink(self, link: Backlink, *, beside: bool = False) -> None:
        beside = beside or self._is_held(_CTRL)
        self._open(link.note_id, (link.start, link.end), None, beside=beside)

    def _look_for_mentions(self) -> None:
        if self._mentions is not None:
            self._mentions.look()

    def _go_to_mention(self, mention: Mention, *, beside: bool = False) -> None:
        beside = beside or self._is_held(_CTRL)
        self._open(mention.note_id, (mention.start, mention.end), None, beside=beside)

    def _go_to_related(self, note: RelatedNote, *, beside: bool = False) -> None:
        beside = beside or self._is_held(_CTRL)
        self._open(note.note_id, (note.start, note.end), None, beside=beside)
