"""What fills the context window: each part with its tokens and its messages, and what happens when it is full."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPoint, QRectF, Qt, Signal
from PySide6.QtGui import QEnterEvent, QFocusEvent, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QVBoxLayout, QWidget

from desktop_app.domain.context_budget import WhenFull
from desktop_app.presenters.context_choices import ContextChoices
from desktop_app.presenters.context_meter import ContextMeterPresenter, MeterPart, PartLine
from desktop_app.ui.widgets import ChipButton, ElidedLabel, PlainLabel, TextButton

if TYPE_CHECKING:
    from desktop_app.ui.theme.theme import Theme

MOST_LINES = 8
"""Messages of a part that are listed; the others are counted."""

_WIDTH = 380


class PartRow(QFrame):
    """One part: its colour, name and tokens. The pointer or the keyboard on it asks for its messages."""

    chosen = Signal()

    def __init__(self, theme: Theme, part: MeterPart, *, opens: bool, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self.part = part
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus if opens else Qt.FocusPolicy.NoFocus)
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.px(22), 3, 6, 3)
        row.addWidget(PlainLabel(part.label), 1)
        self._value = PlainLabel("", "muted")
        row.addWidget(self._value)
        self.show_part(part)

    def show_part(self, part: MeterPart) -> None:
        """Show another state of the same part."""
        self.part = part
        self._value.setText(f"{part.tokens:,}")
        one, many = self.tr("{0}, 1 token"), self.tr("{0}, {1} tokens")
        self.setAccessibleName((one if part.tokens == 1 else many).format(part.label, f"{part.tokens:,}"))

    def enterEvent(self, event: QEnterEvent) -> None:
        """Hovering chooses."""
        super().enterEvent(event)
        self.chosen.emit()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """So does the keyboard."""
        super().focusInEvent(event)
        self.chosen.emit()
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Its frame goes with the focus."""
        super().focusOutEvent(event)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The colour as a small square, and the keyboard's frame."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        side = self._theme.px(10)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.color(self.part.role))
        painter.drawRoundedRect(QRectF(5, (self.height() - side) / 2, side, side), 3, 3)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(self._theme.color("accent"), 1))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 5, 5)


class PartDetail(QFrame):
    """The messages of the part that was pointed at; a pinned one can be let go."""

    unpin_wanted = Signal(int)

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._shown: tuple[str, tuple[PartLine, ...]] | None = None
        self._body: QWidget | None = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 2, 0, 0)

    @property
    def lines(self) -> list[str]:
        """What is listed."""
        return [label.text() for label in self.findChildren(ElidedLabel)] if self._body is not None else []

    def show_part(self, part: MeterPart | None) -> bool:
        """List the part's messages; false where nothing changed."""
        wanted = (part.label, part.lines) if part is not None and part.lines else None
        if wanted == self._shown:
            return False
        self._shown = wanted
        if self._body is not None:
            self._column.removeWidget(self._body)
            self._body.setParent(None)
            self._body.deleteLater()
            self._body = None
        self.setVisible(wanted is not None)
        if part is not None and wanted is not None:
            self._body = self._make_body(part)
            self._column.addWidget(self._body)
        return True

    def _make_body(self, part: MeterPart) -> QWidget:
        body = QWidget(self)
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(PlainLabel(part.label, "section_strong"))
        for line in part.lines[:MOST_LINES]:
            column.addLayout(self._line(line, body))
        more = len(part.lines) - MOST_LINES
        if more > 0:
            column.addWidget(PlainLabel(self.tr("and {0} more").format(f"{more:,}"), "small"))
        return body

    def _line(self, line: PartLine, body: QWidget) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(ElidedLabel(line.text, "small", parent=body), 1)
        if line.message_id is not None:
            message_id = line.message_id
            unpin = TextButton(self.tr("Unpin"), "small_link", parent=body)
            unpin.setAccessibleName(self.tr("Unpin “{0}”").format(line.text))
            unpin.clicked.connect(lambda: self.unpin_wanted.emit(message_id))
            row.addWidget(unpin)
        return row


class ContextPopup(QFrame):
    """Opens above the meter. Without `choices` it only shows."""

    def __init__(
        self, presenter: ContextMeterPresenter, choices: ContextChoices | None, theme: Theme, parent: QWidget
    ) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self._presenter = presenter
        self._choices = choices
        self._theme = theme
        self._above: QWidget | None = None
        self._chosen = ""
        self.rows: list[PartRow] = []
        self.setProperty("role", "popup")
        self.setAccessibleName(self.tr("What fills the context"))
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(16, 13, 16, 13)
        self._column.setSpacing(8)
        self._column.addWidget(PlainLabel(self.tr("Context window"), "strong"))
        self._parts = QVBoxLayout()
        self._parts.setSpacing(0)
        self._column.addLayout(self._parts)
        self.detail = PartDetail(theme, self)
        self.detail.hide()
        if choices is not None:
            self.detail.unpin_wanted.connect(lambda message_id: choices.set_pinned(message_id, False))
        self._column.addWidget(self.detail)
        self._note = PlainLabel("", "small", wrap=True)
        self._column.addWidget(self._note)
        self.when_full: ChipButton | None = None
        if choices is not None:
            self._column.addLayout(self._make_when_full())
        self.setFixedWidth(theme.px(_WIDTH))
        self.show_parts()

    def open_above(self, bar: QWidget) -> None:
        """Show above `bar`, at its right end."""
        self._above = bar
        self._place()
        self.show()
        if self.rows:
            self.rows[0].setFocus(Qt.FocusReason.PopupFocusReason)

    def show_parts(self) -> None:
        """Fill in the present numbers."""
        meter = self._presenter.meter
        if meter is None:
            self.close()
            return
        parts = [
            *self._presenter.parts(),
            MeterPart("line_strong", self.tr("Kept free for the answer"), meter.reserved),
            MeterPart("line", self.tr("Free"), meter.free),
        ]
        if [row.part.role for row in self.rows] != [part.role for part in parts]:
            self._make_rows(parts)
        for row, part in zip(self.rows, parts, strict=True):
            row.show_part(part)
        self._note.setText(self._presenter.reading())
        if self.when_full is not None:
            self.when_full.set_text(self._words(meter.when_full))
        self._show_detail()
        self._place()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc closes; Up and Down walk the parts."""
        if event.key() == Qt.Key.Key_Escape:
            self.close()
        elif event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self.focusNextPrevChild(event.key() == Qt.Key.Key_Down)
        else:
            super().keyPressEvent(event)

    def _make_rows(self, parts: list[MeterPart]) -> None:
        for row in self.rows:
            self._parts.removeWidget(row)
            row.setParent(None)
            row.deleteLater()
        self.rows = [PartRow(self._theme, part, opens=part.role.startswith("meter_"), parent=self) for part in parts]
        for row in self.rows:
            row.chosen.connect(lambda row=row: self._choose(row.part.role))
            self._parts.addWidget(row)

    def _choose(self, role: str) -> None:
        if role != self._chosen:
            self._chosen = role
            self._show_detail()

    def _show_detail(self) -> None:
        part = next((row.part for row in self.rows if row.part.role == self._chosen), None)
        if self.detail.show_part(part):
            self._place()

    def _make_when_full(self) -> QHBoxLayout:
        menu = QMenu(self)
        menu.aboutToShow.connect(lambda: self._fill_menu(menu))
        self.when_full = ChipButton("", menu=menu, parent=self)
        self.when_full.setAccessibleDescription(self.tr("What happens in this chat when the context is full"))
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(PlainLabel(self.tr("When full"), "small"))
        row.addWidget(self.when_full)
        row.addStretch(1)
        return row

    def _fill_menu(self, menu: QMenu) -> None:
        meter, choices = self._presenter.meter, self._choices
        menu.clear()
        if meter is None or choices is None:
            return
        options: list[tuple[str, WhenFull | None]] = [(self.tr("As in Settings"), None)]
        options += [(self._words(choice), choice) for choice in WhenFull]
        now = meter.when_full if meter.when_full_chosen else None
        for words, choice in options:
            action = menu.addAction(words, partial(choices.choose_when_full, choice))
            action.setCheckable(True)
            action.setChecked(choice is now)

    def _words(self, choice: WhenFull) -> str:
        return {
            WhenFull.RECALL: self.tr("Drop oldest, recall by meaning"),
            WhenFull.SUMMARISE: self.tr("Summarise the oldest"),
            WhenFull.ASK: self.tr("Stop and ask"),
        }[choice]

    def _place(self) -> None:
        """Above the bar at its right end, whatever height the messages need."""
        if self._above is None:
            return
        for child in self.findChildren(QWidget):
            child.ensurePolished()  # its font, and so its height, comes from the style sheet
        height = max(self.heightForWidth(self.width()), self.sizeHint().height())
        self.resize(self.width(), height)
        bar = self._above
        corner = bar.mapToGlobal(QPoint(max(0, bar.width() - self.width()), -height - 6))
        screen = bar.screen().availableGeometry()
        self.move(corner.x(), max(screen.top(), corner.y()))

    def event(self, event: QEvent) -> bool:
        """What needs more height gets it."""
        handled = super().event(event)
        if event.type() == QEvent.Type.LayoutRequest:
            self._place()
        return handled

    def changeEvent(self, event: QEvent) -> None:
        """Another font size: another width."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange:
            self.setFixedWidth(self._theme.px(_WIDTH))
            self._place()
