"""The pane beside the chat: the passages of notes that an answer was written from."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent, QGuiApplication, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import (
    QApplication,
    QHBoxLayout,
    QScrollArea,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from desktop_app.presenters.answer_sources import AnswerSourcesPresenter, SourceCard, SourcesPhase
from desktop_app.presenters.notes_not_used import NotesNotUsedPresenter
from desktop_app.ui.chat.not_used_list import NotUsedList
from desktop_app.ui.search.passage_text import PassageText
from desktop_app.ui.theme.theme import Theme
from desktop_app.ui.widgets import Card, ElidedLabel, EmptyState, ErrorBox, PlainLabel, breakable

_MARGIN = 14
_OPEN_KEYS = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class PassageCard(Card):
    """One passage. Enter or a click opens its note there, with Ctrl beside; Ctrl+C copies it."""

    open_wanted = Signal(bool)  # beside
    step_wanted = Signal(int)  # 1: to the next passage, -1: to the one before
    copied = Signal()
    focused = Signal()

    def __init__(self, theme: Theme, card: SourceCard, parent: QWidget) -> None:
        super().__init__(interactive=True, parent=parent)
        self.card = card
        self._beside = False
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.layout_.setContentsMargins(12, 10, 12, 10)
        passage = card.passage
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(PlainLabel(f"[{passage.number}]", "strong" if card.cited else "muted"))
        title = passage.title or self.tr("Untitled")
        self.title = ElidedLabel(title, "strong")
        head.addWidget(self.title, 1)
        cited = self.tr("cited") if card.cited else self.tr("not cited")
        head.addWidget(PlainLabel(cited, "small"))
        self.layout_.addLayout(head)
        if card.place:
            self.layout_.addWidget(ElidedLabel(card.place, "small"))
        self.text = PassageText(theme, name=self.tr("Passage"))
        self.text.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.layout_.addWidget(self.text)
        self.text.show_text(passage.text, passage.words, code=passage.code)
        for words, role in ((card.reason, "small"), (card.warning, "warning")):
            if words:
                self.layout_.addWidget(PlainLabel(breakable(words), role, wrap=True))
        self.setAccessibleName(
            self.tr("Passage {number}, {title}, {cited}")
            .replace("{number}", str(passage.number))
            .replace("{title}", title)
            .replace("{cited}", cited)
        )
        told = [card.place, card.warning, passage.text, card.reason]
        self.setAccessibleDescription("\n".join(part for part in told if part))
        if not card.opens:
            self.setCursor(Qt.CursorShape.ArrowCursor)
        self.clicked.connect(lambda: self.open_wanted.emit(self._beside))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """With Ctrl beside the note that is open."""
        self._beside = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        super().mouseReleaseEvent(event)
        self._beside = False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        control = event.modifiers() & Qt.KeyboardModifier.ControlModifier
        if event.key() == Qt.Key.Key_C and control:
            QGuiApplication.clipboard().setText(self.card.passage.text)
            self.copied.emit()
        elif event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self.step_wanted.emit(1 if event.key() == Qt.Key.Key_Down else -1)
        elif event.key() in _OPEN_KEYS and control:
            self.open_wanted.emit(True)
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.focused.emit()


class SourcesPane(QWidget):
    """Draws an AnswerSourcesPresenter: none, being read, failed, or a card for each passage."""

    copied = Signal()

    def __init__(self, presenter: AnswerSourcesPresenter, others: NotesNotUsedPresenter, theme: Theme) -> None:
        super().__init__()
        self._presenter = presenter
        self._others = others
        self._theme = theme
        self.setAccessibleName(self.tr("Sources of the answer"))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, _MARGIN, 0, 0)
        column.setSpacing(4)
        self.title = PlainLabel(self.tr("SOURCES IN THIS ANSWER"), "section_strong")
        self.question = PlainLabel("", "small", wrap=True)
        for label in (self.title, self.question):
            row = QHBoxLayout()
            row.setContentsMargins(_MARGIN, 0, _MARGIN, 0)
            row.addWidget(label)
            column.addLayout(row)
        self._stack = QStackedWidget()
        column.addWidget(self._stack, 1)
        self.nothing = EmptyState(
            theme.icon("note", "muted_text"),
            "",
            self.tr(
                "No answer of this chat was written from your notes. Switch My notes on below the message box, and the "
                "passages that were read are shown here."
            ),
            width=240,
        )
        self._reading = PlainLabel(self.tr("Reading the passages…"), "muted")
        self._reading.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._area = QScrollArea()
        self._area.setWidgetResizable(True)
        self._area.setFrameShape(QScrollArea.Shape.NoFrame)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._failure = QWidget()
        QVBoxLayout(self._failure)
        for page in (self.nothing, self._reading, self._area, self._failure):
            self._stack.addWidget(page)
        self.cards: list[PassageCard] = []
        self._cards_of: int | None = None
        presenter.changed.connect(self._show)
        presenter.chosen.connect(self.go_to)
        self._show()

    def go_to(self, attachment_id: int) -> None:
        """Give the keyboard to a passage, and bring it into view."""
        for each in self.cards:
            if each.card.passage.attachment_id == attachment_id:
                # The cards are laid out for their width first.
                QTimer.singleShot(0, each, lambda each=each: self._bring(each))

    def take_keyboard(self) -> None:
        """Give the keyboard to the chosen passage, else to the first one, else to the pane."""
        (self._selected() or next(iter(self.cards), self)).setFocus(Qt.FocusReason.ShortcutFocusReason)

    @property
    def has_keyboard(self) -> bool:
        """Whether something in it has the keyboard."""
        holder = QApplication.focusWidget()
        return holder is not None and (holder is self or self.isAncestorOf(holder))

    def _bring(self, card: PassageCard) -> None:
        card.setFocus(Qt.FocusReason.OtherFocusReason)
        self._select(card)

    def _selected(self) -> PassageCard | None:
        return next((each for each in self.cards if each.property("selected")), None)

    def _step(self, card: PassageCard, step: int) -> None:
        at = self.cards.index(card) + step
        if 0 <= at < len(self.cards):
            self.cards[at].setFocus(Qt.FocusReason.TabFocusReason)

    def _select(self, card: PassageCard) -> None:
        for each in self.cards:
            each.set_selected(each is card)
        self._area.ensureWidgetVisible(card, 0, _MARGIN)

    def _show(self) -> None:
        presenter = self._presenter
        question = presenter.question
        self.question.setText(self.tr("Read for “{0}”").replace("{0}", breakable(question)))
        self.question.setVisible(bool(question))
        if presenter.phase is SourcesPhase.NONE:
            self._stack.setCurrentWidget(self.nothing)
        elif presenter.phase is SourcesPhase.READING:
            self._stack.setCurrentWidget(self._reading)
        elif presenter.phase is SourcesPhase.FAILED:
            self._show_failure()
        else:
            self._show_cards()

    def _show_failure(self) -> None:
        error, layout = self._presenter.error, self._failure.layout()
        if error is None or layout is None:
            return
        while (item := layout.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.deleteLater()
        layout.addWidget(ErrorBox(error, [(self.tr("Try again"), self._presenter.read_again)]))
        layout.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._stack.setCurrentWidget(self._failure)

    def _show_cards(self) -> None:
        shown = self._presenter.cards
        self._stack.setCurrentWidget(self._area)
        if tuple(each.card for each in self.cards) == shown:
            return
        had_keyboard, place = self.has_keyboard, self._area.verticalScrollBar().value()
        is_same_answer = self._presenter.answer_id == self._cards_of
        self._cards_of = self._presenter.answer_id
        selected = self._selected() if is_same_answer else None
        holder = QWidget()
        rows = QVBoxLayout(holder)
        rows.setContentsMargins(_MARGIN, 6, _MARGIN, _MARGIN)
        rows.setSpacing(8)
        self.cards = [self._card(each, holder) for each in shown]
        for each in self.cards:
            rows.addWidget(each)
        rows.addWidget(NotUsedList(self._others, holder))
        rows.addStretch()
        self._area.setWidget(holder)
        if is_same_answer:
            self._go_on_at(selected, holder, place)
        if had_keyboard:
            self.take_keyboard()

    def _go_on_at(self, before: PassageCard | None, holder: QWidget, place: int) -> None:
        """The cards were made anew while they are read: the same one is chosen, and stands where it stood."""
        for each in self.cards:
            chosen = before is not None and each.card.passage.attachment_id == before.card.passage.attachment_id
            each.set_selected(chosen)
        QTimer.singleShot(0, holder, lambda: self._area.verticalScrollBar().setValue(place))

    def _card(self, shown: SourceCard, holder: QWidget) -> PassageCard:
        card = PassageCard(self._theme, shown, holder)
        card.open_wanted.connect(lambda beside: self._presenter.open(shown, beside=beside) if shown.opens else None)
        card.step_wanted.connect(lambda step: self._step(card, step))
        card.focused.connect(lambda: self._select(card))
        card.copied.connect(self.copied)
        return card
