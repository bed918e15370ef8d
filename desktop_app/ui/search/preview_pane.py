"""The right of the search screen: the note or message at the place that was found."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QTimer, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from desktop_app.domain.errors import InkwellError
from desktop_app.domain.search import SearchHit, Span
from desktop_app.presenters.quotation import quotation_of
from desktop_app.presenters.search_preview import Preview
from desktop_app.presenters.search_rows import Hit, densest
from desktop_app.presenters.search_words import place_in_note
from desktop_app.ui.search.passage_text import PassageText
from desktop_app.ui.theme.theme import Theme
from desktop_app.ui.widgets import ElidedLabel, EmptyState, ErrorBox, IconButton, PlainLabel, TextButton, breakable
from desktop_app.ui.widgets.flow_row import FlowRow

_MARGIN = 16
_NARROWEST = 260


class PreviewPane(QWidget):
    """Shows a Preview. `open_wanted` and `ask_wanted` carry the hit."""

    open_wanted = Signal(object)  # Hit
    ask_wanted = Signal(object)  # SearchHit
    place_wanted = Signal(int)  # 1 for the next place in the note, -1 for the one before
    copied = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._preview: Preview | None = None
        self.setAccessibleName(self.tr("Preview"))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        self._stack = QStackedWidget()
        layout.addWidget(self._stack)
        self._places = self._make_places(theme)
        self._nothing = EmptyState(None, "", self.tr("A result is shown here, in its note."), width=220)
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(_MARGIN, _MARGIN, _MARGIN, _MARGIN)
        column.setSpacing(8)
        self.title = ElidedLabel("", "section_strong")
        self.heading = PlainLabel("", "strong", wrap=True)
        self.text = PassageText(theme, name=self.tr("The note around what was found"), fits_height=False)
        self.text.setProperty("role", "read")
        column.addWidget(self.title)
        column.addWidget(self.heading)
        column.addWidget(self._places)
        column.addWidget(self.text, 1)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        self.open_button = TextButton(self.tr("Open"))
        self.open_button.clicked.connect(self._open)
        self.copy_button = TextButton(self.tr("Copy passage"))
        self.copy_button.clicked.connect(self._copy)
        buttons.addWidget(self.open_button)
        buttons.addWidget(self.copy_button)
        buttons.addStretch()
        column.addLayout(buttons)
        self.ask_button = TextButton(self.tr("Ask about this note"))
        self.ask_button.clicked.connect(self._ask)
        self.quote_button = TextButton(
            self.tr("Copy quotation"), tip=self.tr("As a Markdown quote with a link to this place")
        )
        self.quote_button.clicked.connect(self.copy_quotation)
        more = FlowRow()
        more.set_widgets([self.ask_button, self.quote_button])
        column.addWidget(more)
        self._page = page
        theme.changed.connect(self._fit)
        self._error: QWidget | None = None
        self._stack.addWidget(self._nothing)
        self._stack.addWidget(page)
        self._fit()

    def _make_places(self, theme: Theme) -> QWidget:
        holder = QWidget()
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        self.place_label = PlainLabel("", "small")
        self.previous_button = IconButton(theme.icon("chevron-left", "muted_text"), self.tr("Previous place"))
        self.next_button = IconButton(theme.icon("chevron-right", "muted_text"), self.tr("Next place"))
        self.previous_button.clicked.connect(lambda: self.place_wanted.emit(-1))
        self.next_button.clicked.connect(lambda: self.place_wanted.emit(1))
        row.addWidget(self.place_label)
        row.addStretch()
        row.addWidget(self.previous_button)
        row.addWidget(self.next_button)
        holder.hide()
        return holder

    def show_place(self, number: int, count: int) -> None:
        """Say which place of how many in the note is shown."""
        words = self.tr("Place {number} of {count}").replace("{number}", str(number)).replace("{count}", str(count))
        self.place_label.setText(words)
        self.previous_button.setEnabled(number > 1)
        self.next_button.setEnabled(number < count)
        self._places.setVisible(count > 1)

    @property
    def hit(self) -> Hit | None:
        """What is shown, None for nothing."""
        return self._preview.hit if self._preview else None

    def show_preview(self, preview: Preview) -> None:
        """Show the text around the passage, the passage in full colour, what was found highlighted."""
        if preview == self._preview:
            return
        same = self._preview is not None and self._preview.text == preview.text and self.hit is not None
        same = same and self._preview is not None and self._preview.start == preview.start
        self._preview = preview
        hit = preview.hit
        self.copy_button.setText(self.tr("Copy passage"))
        self.quote_button.setText(self.tr("Copy quotation"))
        is_note = isinstance(hit, SearchHit)
        self.title.setText((preview.title or (self.tr("Untitled") if is_note else self.tr("New chat"))).upper())
        self.ask_button.setVisible(is_note)
        heading = place_in_note(hit) if isinstance(hit, SearchHit) else ""
        self.heading.setText(breakable(heading))
        self.heading.setVisible(bool(heading))
        front = "…\n" if preview.cut_before else ""
        words, marks, headings, code = (
            [Span(span.start + len(front), span.end + len(front)) for span in spans]
            for spans in (preview.words, preview.sentence, preview.headings, preview.code)
        )
        # Words without Markdown's marks, not the rendered note: the places of what was found stay exact to the letter.
        text = front + preview.text + ("\n…" if preview.cut_after else "")
        lit = Span(len(front) + preview.start, len(front) + preview.end)
        place = self.text.verticalScrollBar().value()
        self.text.show_text(text, [*marks, *words], words, lit, headings, code=code)
        self._stack.setCurrentWidget(self._page)
        if same:
            self.text.verticalScrollBar().setValue(place)
        else:
            # The text is laid out for its width first.
            found = marks[0] if marks else densest(text, words) or lit
            QTimer.singleShot(0, self.text, lambda: self.text.scroll_to(found.start))

    def show_nothing(self) -> None:
        """No result is chosen."""
        self._preview = None
        self._stack.setCurrentWidget(self._nothing)

    def show_error(self, error: InkwellError) -> None:
        """The note or message could not be read."""
        self._preview = None
        if self._error is not None:
            self._stack.removeWidget(self._error)
            self._error.deleteLater()
        self._error = QWidget()
        layout = QVBoxLayout(self._error)
        layout.addWidget(ErrorBox(error))
        layout.addStretch()
        self._stack.addWidget(self._error)
        self._stack.setCurrentWidget(self._error)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest:  # the buttons have another size: font, style or words
            self._fit()
        return super().event(event)

    def _fit(self) -> None:
        """Wide enough for its buttons at any font size."""
        self.copy_button.setMinimumWidth(0)
        self.quote_button.setMinimumWidth(0)
        for button in (self.open_button, self.copy_button, self.ask_button, self.quote_button):
            button.ensurePolished()
        buttons = self.open_button.sizeHint().width() + 8 + self.copy_button.sizeHint().width()
        buttons = max(buttons, self.ask_button.sizeHint().width(), self.quote_button.sizeHint().width())
        width = max(_NARROWEST, buttons + 2 * _MARGIN)
        if width != self.minimumWidth():
            self.setMinimumWidth(width)

    def _open(self) -> None:
        if self.hit is not None:
            self.open_wanted.emit(self.hit)

    def _ask(self) -> None:
        if isinstance(self.hit, SearchHit):
            self.ask_wanted.emit(self.hit)

    def copy_quotation(self) -> None:
        """Copy the passage as a quote that says where it stands."""
        if self.hit is not None:
            self._copy_text(quotation_of(self.hit), self.quote_button)

    def _copy(self) -> None:
        if self.hit is not None:
            self._copy_text(self.hit.passage, self.copy_button)

    def _copy_text(self, text: str, button: TextButton) -> None:
        QGuiApplication.clipboard().setText(text)
        button.setMinimumWidth(button.width())  # it stays where it is under the pointer
        button.setText(self.tr("Copied"))
        self.copied.emit()
