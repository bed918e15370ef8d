"""The right of the search screen: the note or message at the place that was found."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QTimer, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from desktop_app.domain.errors import InkwellError
from desktop_app.domain.search import SearchHit, Span
from desktop_app.presenters.search_preview import Preview
from desktop_app.presenters.search_rows import Hit
from desktop_app.ui.search.passage_text import PassageText
from desktop_app.ui.theme.theme import Theme
from desktop_app.ui.widgets import ElidedLabel, EmptyState, ErrorBox, PlainLabel, TextButton

_MARGIN = 16
_NARROWEST = 260


class PreviewPane(QWidget):
    """Shows a Preview. `open_wanted` and `ask_wanted` carry the hit."""

    open_wanted = Signal(object)  # Hit
    ask_wanted = Signal(object)  # SearchHit
    copied = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._preview: Preview | None = None
        self.setAccessibleName(self.tr("Preview"))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        self._stack = QStackedWidget()
        layout.addWidget(self._stack)
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
        column.addWidget(self.ask_button)
        self._page = page
        theme.changed.connect(self._fit)
        self._error: QWidget | None = None
        self._stack.addWidget(self._nothing)
        self._stack.addWidget(page)
        self._fit()

    @property
    def hit(self) -> Hit | None:
        """What is shown, None for nothing."""
        return self._preview.hit if self._preview else None

    def show_preview(self, preview: Preview) -> None:
        """Show the text around the passage, the passage in full colour, what was found highlighted."""
        same = self._preview is not None and self._preview.text == preview.text and self.hit is not None
        same = same and self._preview is not None and self._preview.start == preview.start
        self._preview = preview
        hit = preview.hit
        self.copy_button.setText(self.tr("Copy passage"))
        is_note = isinstance(hit, SearchHit)
        self.title.setText((preview.title or (self.tr("Untitled") if is_note else self.tr("New chat"))).upper())
        self.ask_button.setVisible(is_note)
        heading = hit.heading_path[-1] if isinstance(hit, SearchHit) and hit.heading_path else ""
        self.heading.setText(heading)
        self.heading.setVisible(bool(heading) and heading != preview.title)
        front = "…\n" if preview.cut_before else ""
        words, marks, headings = (
            [Span(span.start + len(front), span.end + len(front)) for span in spans]
            for spans in (preview.words, preview.sentence, preview.headings)
        )
        # Words without Markdown's marks, not the rendered note: the places of what was found stay exact to the letter.
        text = front + preview.text + ("\n…" if preview.cut_after else "")
        lit = Span(len(front) + preview.start, len(front) + preview.end)
        place = self.text.verticalScrollBar().value()
        self.text.show_text(text, [*marks, *words], words, lit, headings)
        self._stack.setCurrentWidget(self._page)
        if same:
            self.text.verticalScrollBar().setValue(place)
        else:
            # The text is laid out for its width first.
            QTimer.singleShot(0, self.text, lambda: self.text.scroll_to(marks[0].start if marks else lit.start))

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
        for button in (self.open_button, self.copy_button, self.ask_button):
            button.ensurePolished()
        buttons = self.open_button.sizeHint().width() + 8 + self.copy_button.sizeHint().width()
        buttons = max(buttons, self.ask_button.sizeHint().width())
        width = max(_NARROWEST, buttons + 2 * _MARGIN)
        if width != self.minimumWidth():
            self.setMinimumWidth(width)

    def _open(self) -> None:
        if self.hit is not None:
            self.open_wanted.emit(self.hit)

    def _ask(self) -> None:
        if isinstance(self.hit, SearchHit):
            self.ask_wanted.emit(self.hit)

    def _copy(self) -> None:
        if self.hit is not None:
            QGuiApplication.clipboard().setText(self.hit.passage)
            self.copy_button.setMinimumWidth(self.copy_button.width())  # it stays where it is under the pointer
            self.copy_button.setText(self.tr("Copied"))
            self.copied.emit()
