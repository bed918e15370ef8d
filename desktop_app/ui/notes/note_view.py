"""The middle of the notes screen: the head over one note, and the note to write or to read."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from desktop_app.domain.errors import InkwellError
from desktop_app.domain.notes import Note
from desktop_app.presenters.note_editor import NoteEditorPresenter, OpenedNote
from desktop_app.presenters.save_state import SaveKind, SaveState, while_typing
from desktop_app.ui.actions import Actions
from desktop_app.ui.chat.message_text import ShownTask
from desktop_app.ui.notes.kept_folds import KeptFolds
from desktop_app.ui.notes.kept_texts import KeptTexts
from desktop_app.ui.notes.live_preview import LivePreview
from desktop_app.ui.notes.markdown_editor import MarkdownEditor
from desktop_app.ui.notes.note_head import BOTH, READ, WRITE, NoteHead
from desktop_app.ui.notes.read_find_bar import ReadFindBar
from desktop_app.ui.notes.read_view import ReadView
from desktop_app.ui.notes.tag_row import TagRow
from desktop_app.ui.notes.title_field import TitleField
from desktop_app.ui.notes.word_count import WordCount
from desktop_app.ui.theme.theme import Theme
from desktop_app.ui.widgets import (
    Banner,
    ErrorBox,
    PlainLabel,
    ThinProgress,
)
from desktop_app.ui.widgets.text_find_bar import TextFindBar

#: A note that is there sooner than this shows no sign of loading, in milliseconds.
_PATIENCE_MS = 150

#: Room for the head's controls and a few letters of the title, at the usual font size.
_LEAST_WIDTH = 256

#: Least room for text and rendering side by side, at the usual font size.
_BOTH_WIDTH = 640


class NoteView(QWidget):
    """Shows the note that the presenter opened."""

    tag_chosen = Signal(str)
    link_activated = Signal(str)
    note_link_activated = Signal(str)  # what a link between notes names
    restore_wanted = Signal(int)
    delete_wanted = Signal(int)
    opened = Signal(object)  # Note, shown now
    room_changed = Signal()  # `has_room_for_both` did

    def __init__(
        self, presenter: NoteEditorPresenter, theme: Theme, actions: Actions, folds: KeptFolds | None = None
    ) -> None:
        super().__init__()
        self._folds = folds or KeptFolds()
        self._presenter = presenter
        self._theme = theme
        self._actions = actions
        self._mode = WRITE
        self._writing_mode = WRITE  # the one that Ctrl+E comes back to
        self._has_room = False
        self._alone = False
        self._shown_id: int | None = None
        self._heading: tuple[int, int] | None = None  # to be shown as soon as the note is
        self._focus_when_shown = False
        self._share = 0.5  # of the width, for the text
        self._message: QWidget | None = None
        theme.changed.connect(self._fit_head)
        self._fit_head()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        self.head = NoteHead(theme, actions)
        layout.addWidget(self.head)
        self._add_title(layout)
        self._make_texts()
        self._kept = KeptTexts(self.editor)
        theme.changed.connect(self._kept.forget_all)
        self._add_find_bars(layout)
        layout.addWidget(self._stack, 1)
        self._add_foot(layout)
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.setInterval(_PATIENCE_MS)
        self._patience.timeout.connect(lambda: self._stack.setCurrentWidget(self._loading))
        presenter.set_source(self.editor.display_text)
        theme.changed.connect(self._fit_column)
        self._connect()
        self._show_nothing()

    def _add_title(self, layout: QVBoxLayout) -> None:
        """What is to be told of the note, its title and tags, and what belongs to it below them."""
        self._lines_under_head = QVBoxLayout()
        layout.addLayout(self._lines_under_head)
        self._notes_about = QVBoxLayout()
        self._notes_about.setContentsMargins(20, 0, 20, 0)
        layout.addLayout(self._notes_about)
        self._about: QWidget | None = None
        self._tells_of_saving = False
        self.title = TitleField(self._theme)
        layout.addWidget(self.title)
        self._tags = TagRow(self._theme)
        self._tags.tag_chosen.connect(self.tag_chosen)
        layout.addWidget(self._tags)
        self._around = QWidget()
        self._below_tags = QVBoxLayout(self._around)
        self._below_tags.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._around)

    def _make_texts(self) -> None:
        """The note to write, with its rendering beside it, and to read."""
        self.editor = MarkdownEditor(self._theme)
        self.editor.link_activated.connect(self.note_link_activated)
        self.reader = ReadView(self._theme)
        self.reader.link_activated.connect(self.link_activated)
        self.reader.note_link_activated.connect(self.note_link_activated)
        self.reader.tag_activated.connect(self.tag_chosen)
        self.reader.task_clicked.connect(self._tick)
        self.preview = LivePreview(self._theme, self.editor)
        self.preview.link_activated.connect(self.link_activated)
        self.preview.note_link_activated.connect(self.note_link_activated)
        self.preview.tag_activated.connect(self.tag_chosen)
        self.preview.hide()
        self._desk = QSplitter(Qt.Orientation.Horizontal)
        self._desk.setHandleWidth(1)
        self._desk.setChildrenCollapsible(False)
        self._desk.addWidget(self.editor)
        self._desk.addWidget(self.preview)
        self._desk.splitterMoved.connect(self._on_divided)
        self._stack = QStackedWidget()
        self._blank = QWidget()
        self._loading = self._loading_page()
        for page in (self._blank, self._desk, self.reader, self._loading):
            self._stack.addWidget(page)

    def _add_find_bars(self, layout: QVBoxLayout) -> None:
        """Right below the head."""
        self.find_bar = TextFindBar(self.editor, self._theme, self.tr("Find in this note…"), self.tr("Find in note"))
        layout.insertWidget(1, self.find_bar)
        self.read_find_bar = ReadFindBar(self.reader, self._theme)
        layout.insertWidget(2, self.read_find_bar)

    def _add_foot(self, layout: QVBoxLayout) -> None:
        """The line with the count of words, and what is told while one writes."""
        self.words = WordCount(self.editor, lambda: self._presenter.note, lambda: self._page() is self.editor)
        self._foot = QWidget()
        self._foot_row = QHBoxLayout(self._foot)
        self._foot_row.setContentsMargins(14, 2, 20, 4)
        self._while_writing = QWidget()
        self._lines_row = QHBoxLayout(self._while_writing)
        self._lines_row.setContentsMargins(0, 0, 0, 0)
        self._foot_row.addWidget(self._while_writing)
        self._foot_row.addStretch()
        self._foot_row.addWidget(self.words)
        self._foot.hide()
        layout.addWidget(self._foot)

    # For the screen -----------------------------------------------------------------------------

    @property
    def mode(self) -> str:
        """WRITE, BOTH or READ, as chosen; a note in the trash is always read."""
        return self._mode

    @property
    def has_room_for_both(self) -> bool:
        """False where the view is too narrow for two texts; BOTH is then as WRITE."""
        return self._has_room

    @property
    def foot_height(self) -> int:
        """The height of the line with the count of words, in pixels."""
        return self._foot.sizeHint().height()

    @property
    def text_share(self) -> float:
        """How much of the width the text has where both are shown, from 0 to 1."""
        return self._share

    def set_text_share(self, share: float) -> None:
        """Divide the width anew when both are shown next."""
        self._share = min(0.8, max(0.2, share))

    def set_mode(self, mode: str) -> None:
        """Show the note to write, to read, or both side by side."""
        self._mode = mode
        if mode != READ:
            self._writing_mode = mode
        self._show_segment()
        self._show_page()

    @property
    def scroll_position(self) -> int:
        """How far the shown page is scrolled, in pixels."""
        return self._page().verticalScrollBar().value()

    def scroll_to(self, position: int) -> None:
        """Scroll the shown page to where `scroll_position` was."""
        if self._page() is self.editor:
            self.editor.scroll_to(position)
        else:
            self.reader.scroll_to(position)

    def toggle_mode(self) -> None:
        """From writing to reading, and back to the way it was written in."""
        self.set_mode(self._writing_mode if self._mode == READ else READ)

    def toggle_both(self) -> None:
        """Both side by side, or the text alone."""
        self.set_mode(WRITE if self._mode == BOTH else BOTH)

    def set_alone(self, alone: bool) -> None:
        """Nothing but title and text, or all that stands around them again."""
        self._alone = alone
        self.head.setVisible(not alone)
        self._around.setVisible(not alone)
        self._show_tags()
        self._show_title()
        self._show_foot()

    def _show_tags(self) -> None:
        note = self._presenter.note
        self._tags.show_tags(() if note is None or self._alone else note.tags)

    def set_missing_links(self, missing: frozenset[str]) -> None:
        """Keys of the link targets that no note answers to."""
        self.editor.set_missing_links(missing)
        self.preview.set_missing_links(missing)
        self.reader.set_missing_links(missing)

    def set_keeps_lines(self, keeps: bool) -> None:
        """Whether the lines of the note that is read end where they do in its text."""
        self.preview.set_keeps_lines(keeps)
        self.reader.set_keeps_lines(keeps)

    def show_words(self, count: int | None) -> None:
        """How many words the note has, at its foot; None shows nothing."""
        self.words.show_count(count)
        self._show_foot()

    def _show_foot(self) -> None:
        self._foot.setVisible(self.words.is_known and not self._alone)

    def find_text(self, *, replacing: bool) -> None:
        """Find a text in the note as it is shown; to replace it, the note is shown to be written."""
        note = self._presenter.note
        if note is None or (replacing and note.trashed_at is not None):
            return
        if replacing and self._mode == READ:
            self.set_mode(self._writing_mode)
        if self._page() is self.reader:
            self.read_find_bar.open_bar()
        else:
            self.find_bar.open_bar(replacing=replacing)

    def find_step(self, direction: int) -> None:
        """Go to the next place found (1), or to the one before (-1)."""
        (self.read_find_bar if self._page() is self.reader else self.find_bar).step(direction)

    def close_find(self) -> bool:
        """Close what finds in the note; false where nothing does."""
        return self.find_bar.close_bar() or self.read_find_bar.close_bar()

    def focus_text(self) -> None:
        """Put the cursor into the note, when one is shown (or as soon as it is)."""
        if self._stack.currentWidget() is self._desk and not self.editor.loading:
            self.editor.setFocus()
        elif self._stack.currentWidget() is self.reader:
            self.reader.setFocus()
        else:
            self._focus_when_shown = True

    def show_message(self, widget: QWidget) -> None:
        """Show an empty state or an error in place of a note."""
        self._drop_message()
        self._message = widget
        self._stack.addWidget(widget)
        self._stack.setCurrentWidget(widget)

    def add_below_tags(self, widget: QWidget) -> None:
        """Put a row between the note's tags and its text; it keeps to the reading column itself."""
        self._below_tags.addWidget(widget)

    def add_at_foot(self, widget: QWidget) -> None:
        """Put a line at the left of the number of words, to be seen while the note is written."""
        self._lines_row.addWidget(widget)

    def tell(self, widget: QWidget | None) -> None:
        """Show a banner or an error between head and note; None takes it away."""
        self._tells_of_saving = False
        if self._about is not None:
            self._notes_about.removeWidget(self._about)
            self._about.deleteLater()
        self._about = widget
        self._notes_about.setContentsMargins(20, 12 if widget is not None else 0, 20, 0)
        if widget is not None:
            self._notes_about.addWidget(widget)
            widget.show()

    def add_under_head(self, widget: QWidget) -> None:
        """Show a line above title and text, which stays until whoever added it takes it away."""
        self._lines_under_head.addWidget(widget)

    def tell_error(self, error: InkwellError) -> None:
        """Show what went wrong, until it is closed or another note is opened."""
        close = ((self.tr("Close"), lambda: self.tell(None)),)
        self.tell(ErrorBox(error, close, icon=self._theme.icon("warning", "warning")))

    # Building -----------------------------------------------------------------------------------

    def _fit_head(self) -> None:
        """Never so narrow that the head's controls are cut off."""
        self.setMinimumWidth(max(340, self._theme.px(_LEAST_WIDTH)))

    def _fit_column(self) -> None:
        self._measure_room()
        self._fit_above()

    def _fit_above(self) -> None:
        """Title, tags and what is below them stand above the text that is written."""
        width = self.width()
        if not self.preview.isHidden():
            text, rendered = self._desk.sizes()  # as they were before the view changed its width
            width = width * text // max(1, text + rendered)
        self.title.fit(width)
        self._tags.fit(width)
        self._below_tags.setContentsMargins(0, 0, self.width() - width, 0)

    def _loading_page(self) -> QWidget:
        page = QWidget()
        layout = QVBoxLayout(page)
        layout.addStretch(2)
        self._loading_label = PlainLabel(self.tr("Opening…"), "muted")
        layout.addWidget(self._loading_label, 0, Qt.AlignmentFlag.AlignHCenter)
        row = QHBoxLayout()
        self._progress = ThinProgress(self._theme, name=self.tr("Opening the note"))
        self._progress.set_fraction(None)
        self._progress.setMaximumWidth(220)
        row.addWidget(self._progress)
        layout.addLayout(row)
        layout.addStretch(3)
        return page

    def _connect(self) -> None:
        presenter, editor = self._presenter, self.editor
        presenter.opening.connect(self._on_opening)
        presenter.opened.connect(self._on_opened)
        presenter.closed.connect(self._on_closed)
        presenter.save_state_changed.connect(self._show_save_state)
        presenter.note_changed.connect(self._on_note_changed)
        presenter.open_failed.connect(self._on_open_failed)
        presenter.conflict.connect(self._on_conflict)
        self.head.mode_chosen.connect(self.set_mode)
        self.head.save_wanted.connect(presenter.save_now)
        self.head.restore_wanted.connect(self.restore_wanted)
        self.head.delete_wanted.connect(self.delete_wanted)
        editor.edited.connect(presenter.edited)
        editor.left.connect(presenter.save_now)
        self.title.line.textEdited.connect(presenter.title_edited)
        self.title.line.left.connect(self._leave_title)
        self.title.line.onward.connect(editor.setFocus)
        editor.load_progress.connect(self._progress.set_fraction)
        editor.loaded.connect(self._on_loaded)

    # What happens -------------------------------------------------------------------------------

    def _on_opening(self, note_id: int) -> None:
        self.tell(None)
        self._progress.set_fraction(None)
        self._patience.start()

    def _on_opened(self, opened: OpenedNote) -> None:
        self._drop_message()
        note = opened.note
        same = self._shown_id == note.id
        if same and opened.reloaded and opened.selection is None and self._follow(opened):
            return
        self.remember_folds()
        self.editor.fold_when_shown(self._folds.lines_of(note.id))
        if not same and self._shown_id is not None:
            self._kept.put_aside(self._shown_id)
        self._shown_id = note.id
        self._show_head(note, anew=True)
        self._loading_label.setText(self.tr("Opening “{title}”…").replace("{title}", note.title))
        self._heading = opened.heading
        if same or not self._kept.show_again(opened):
            self.editor.show_text(opened.encoded, opened.selection, keep_place=opened.reloaded and same)
        if self.editor.loading and not self._patience.isActive():
            self._stack.setCurrentWidget(self._loading)
        if opened.selection is not None and opened.heading is None and self._mode == READ:
            self.set_mode(self._writing_mode)

    def _follow(self, opened: OpenedNote) -> bool:
        """The note was changed elsewhere: change what is shown, so that what was typed can still be undone."""
        self._heading = opened.heading
        self._show_head(opened.note, anew=True)
        return self.editor.change_to(opened.encoded)

    def remember_folds(self) -> None:
        """What is folded now is folded when the note is come back to."""
        if self._shown_id is not None and not self.editor.loading:
            self._folds.remember(self._shown_id, self.editor.folded_lines)

    def _tick(self, task: ShownTask) -> None:
        """A box was clicked where the note is read: the text follows, and what is read follows the text."""
        note = self._presenter.note
        if note is None or note.trashed_at is not None:
            return
        if self.editor.tick_task(task.number, task.done, task.words):
            position = self.scroll_position
            self.reader.show_text(self._presenter.text())
            self.reader.scroll_to(position)

    def _on_loaded(self) -> None:
        self._patience.stop()
        if self._presenter.note is None:
            return
        self._show_page()
        if self._heading is not None and self._page() is self.reader:
            self.reader.show_heading(self._heading[0])
        self._heading = None
        if self._focus_when_shown:
            self._focus_when_shown = False
            self.focus_text()
        self.opened.emit(self._presenter.note)

    def _on_closed(self) -> None:
        self._patience.stop()
        self._focus_when_shown = False
        self.remember_folds()
        self._shown_id = None
        self.find_bar.hide()
        self.read_find_bar.hide()
        self.editor.clear_text()
        self._show_nothing()

    def _on_open_failed(self, error: InkwellError) -> None:
        self._patience.stop()
        self._focus_when_shown = False
        self._show_page()
        self.tell_error(error)

    def _on_note_changed(self, note: Note) -> None:
        shown = self._presenter.note
        if shown is not None and shown.id == note.id:
            self._shown_id = note.id
            self._show_head(note)
            self.words.refresh()  # the goal is a property

    def _on_conflict(self, mine: Note, other_id: int | None) -> None:
        text = (
            self.tr("This note was deleted elsewhere. Your text is kept: it is now a note of its own, “{title}”.")
            if other_id is None
            else self.tr(
                "This note was also changed elsewhere. Both texts are kept: yours is now a note of its own, “{title}”; "
                "the other text stays in the note that was open."
            )
        ).replace("{title}", mine.title or self.tr("Untitled"))
        ok = (self.tr("OK"), lambda: self.tell(None))
        other = (self.tr("Open the other"), lambda: self._presenter.open(other_id or 0))
        actions = (ok,) if other_id is None else (other, ok)
        self.tell(Banner(text, actions, icon=self._theme.icon("info", "accent")))

    # Showing ------------------------------------------------------------------------------------

    def _show_nothing(self) -> None:
        self.head.show_note(None)
        self.title.hide()
        self._tags.hide()
        self.tell(None)
        if self._message is None:
            self._stack.setCurrentWidget(self._blank)

    def _show_head(self, note: Note, *, anew: bool = False) -> None:
        self.head.show_note(note)
        self._show_title(anew=anew)
        self._show_tags()
        self._show_save_state(self._presenter.state)

    def _show_title(self, *, anew: bool = False) -> None:
        """To write it always, to read it where the text does not say it. Left alone while it is written in."""
        note = self._presenter.note
        title = self._presenter.own_title
        reading = self._mode == READ or (note is not None and note.trashed_at is not None)
        if anew or not self.title.line.hasFocus():
            self.title.show_title(title)
        self.title.set_reading(reading)
        self._while_writing.setVisible(not reading)
        self.title.setVisible(note is not None and (bool(title) or not (reading or self._alone)))

    def _leave_title(self) -> None:
        self._presenter.save_now()
        self._show_title()

    def _show_page(self) -> None:
        note = self._presenter.note
        self._show_title()
        if note is None:
            if self._message is None:
                self._stack.setCurrentWidget(self._blank)
            return
        if self.editor.loading:
            return
        if self._mode == READ or note.trashed_at is not None:
            if self._stack.currentWidget() is not self.reader or self.reader.shown_text != self._presenter.text():
                self.reader.show_text(self._presenter.text())
            self._stack.setCurrentWidget(self.reader)
        else:
            self._stack.setCurrentWidget(self._desk)
        self._show_preview()
        self.setFocusProxy(self._page())
        if self._page() is self.reader:
            self.find_bar.hide()
        else:
            self.read_find_bar.hide()

    def _show_preview(self) -> None:
        """Beside the text where both are wanted and there is room; it costs nothing where it is not seen."""
        shown = self._mode == BOTH and self._has_room and self._stack.currentWidget() is self._desk
        if shown and self.preview.isHidden():
            text = round(self._desk.width() * self._share)
            self.preview.show()
            self._desk.setSizes([text, self._desk.width() - text])
        elif not shown:
            self.preview.hide()
        self.preview.set_following(shown)
        self._fit_above()

    def _on_divided(self) -> None:
        text, rendered = self._desk.sizes()
        self._share = text / max(1, text + rendered)
        self._fit_above()

    def _show_segment(self) -> None:
        self.head.show_mode(WRITE if self._mode == BOTH and not self._has_room else self._mode)

    def _measure_room(self) -> None:
        has_room = self.width() >= self._theme.px(_BOTH_WIDTH)
        if has_room != self._has_room:
            self._has_room = has_room
            self.head.segments.set_offered(BOTH, has_room)
            self._show_segment()
            self._show_preview()
            self.room_changed.emit()

    def _show_save_state(self, state: SaveState) -> None:
        self.head.show_state(state)
        if state.kind is SaveKind.FAILED and state.error is not None:
            self.tell(ErrorBox(while_typing(state.error), icon=self._theme.icon("warning", "warning")))
            self._tells_of_saving = True
        elif self._tells_of_saving:
            self.tell(None)

    def _page(self) -> MarkdownEditor | ReadView:
        return self.reader if self._stack.currentWidget() is self.reader else self.editor

    def _drop_message(self) -> None:
        if self._message is not None:
            self._stack.removeWidget(self._message)
            self._message.deleteLater()
            self._message = None

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_column()
