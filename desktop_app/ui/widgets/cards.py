"""Cards, and what a screen shows while it has nothing, waits, or failed."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QIcon, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from desktop_app.domain.errors import InkwellError
from desktop_app.ui.widgets.buttons import ButtonAction, TextButton
from desktop_app.ui.widgets.labels import PlainLabel, at_font_size

#: Room around what an empty screen says.
_AROUND = 24


class IconLabel(QLabel):
    """An icon that is only looked at. It repaints in the theme's colour."""

    def __init__(self, icon: QIcon, size: int = 20, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon = icon
        self._size = size
        self._fit()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange:
            self._fit()

    def _fit(self) -> None:
        side = at_font_size(self._size)
        self.setFixedSize(side, side)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        self._icon.paint(painter, self.rect())


def keep_height(frame: QFrame) -> None:
    """Give a frame the height that its wrapped sentences need at its width.

    Nested layouts may ask for the height before they know the width; without this, sentences would be cut.
    """
    height = max(0, frame.heightForWidth(frame.width()))  # -1 while no wrapped sentence is shown
    if height != frame.minimumHeight():
        frame.setMinimumHeight(height)


class Card(QFrame):
    """A raised sheet. `layout_` is its vertical layout. With `interactive`, a click or Enter sends `clicked`."""

    clicked = Signal()

    def __init__(self, *, interactive: bool = False, role: str = "card", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", role)
        self.setProperty("interactive", interactive)
        self._interactive = interactive
        if interactive:
            self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.layout_ = QVBoxLayout(self)
        self.layout_.setContentsMargins(16, 13, 16, 13)
        self.layout_.setSpacing(6)

    def set_selected(self, selected: bool) -> None:
        """Show or hide the accent edge."""
        if self.property("selected") != selected:
            self.setProperty("selected", selected)
            self.style().unpolish(self)
            self.style().polish(self)

    def event(self, event: QEvent) -> bool:
        handled = super().event(event)
        if event.type() in (QEvent.Type.LayoutRequest, QEvent.Type.Resize):
            keep_height(self)
        return handled

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        if (
            self._interactive
            and event.button() == Qt.MouseButton.LeftButton
            and self.rect().contains(event.position().toPoint())
        ):
            self.clicked.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self._interactive and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.clicked.emit()
            return
        super().keyPressEvent(event)


def button_row(actions: Sequence[ButtonAction], *, first_role: str = "primary", role: str = "") -> QHBoxLayout:
    """Buttons side by side, the first one in `first_role`."""
    row = QHBoxLayout()
    row.setSpacing(8)
    for number, (words, act) in enumerate(actions):
        button = TextButton(words, first_role if number == 0 else role)
        button.clicked.connect(lambda _=False, act=act: act())
        row.addWidget(button)
    return row


class EmptyState(QWidget):
    """What an empty screen or list says: what this is, and what to do next."""

    def __init__(
        self,
        icon: QIcon | None,
        title: str,
        sentence: str = "",
        actions: Sequence[ButtonAction] = (),
        *,
        width: int = 460,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(_AROUND, _AROUND, _AROUND, _AROUND)
        outer.addStretch(2)
        # Its widgets belong to the window from the start: a label without a parent that is shown is a window itself.
        self._middle = QWidget(self)
        self._column = QVBoxLayout(self._middle)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(8)
        centred = Qt.AlignmentFlag.AlignHCenter
        if icon is not None:
            self._column.addWidget(IconLabel(icon, 32), 0, centred)
            self._column.addSpacing(4)
        self.title = PlainLabel(title, "title", wrap=True)
        self.sentence = PlainLabel(sentence, "muted", wrap=True)
        for label in (self.title, self.sentence):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            self._column.addWidget(label)
        self.sentence.setVisible(bool(sentence))
        self._column.addSpacing(6)
        self._buttons = button_row(actions)
        if actions:
            row = QHBoxLayout()
            row.addStretch()
            row.addLayout(self._buttons)
            row.addStretch()
            self._column.addLayout(row)
            for button in self._choices():
                self._buttons.setAlignment(button, centred)
        self._width = width
        self._middle.setMaximumWidth(width)
        holder = QHBoxLayout()
        holder.addWidget(self._middle)
        outer.addLayout(holder)
        outer.addStretch(3)

    def event(self, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.LayoutRequest, QEvent.Type.Resize):
            self._stack_buttons()
            # At a large font a button may be wider than the column of text was meant to be.
            self._middle.setMaximumWidth(max(self._width, self._column.minimumSize().width()))
        return super().event(event)

    def _choices(self) -> list[TextButton]:
        return [one for one in self._middle.findChildren(TextButton) if self._buttons.indexOf(one) >= 0]

    def _stack_buttons(self) -> None:
        """One below the other where they do not fit side by side."""
        needed = sum(button.sizeHint().width() + self._buttons.spacing() for button in self._choices())
        across, down = QBoxLayout.Direction.LeftToRight, QBoxLayout.Direction.TopToBottom
        direction = across if needed <= self.width() - 2 * _AROUND else down
        if direction != self._buttons.direction():
            self._buttons.setDirection(direction)

    def add(self, widget: QWidget) -> None:
        """Put something below the buttons."""
        self._column.addSpacing(8)
        self._column.addWidget(widget)


class ErrorBox(QFrame):
    """What happened, why, and what to do, where it happened."""

    def __init__(
        self,
        error: InkwellError,
        actions: Sequence[ButtonAction] = (),
        *,
        icon: QIcon | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setProperty("role", "problem")
        outer = QHBoxLayout(self)
        outer.setContentsMargins(14, 12, 14, 12)
        outer.setSpacing(10)
        if icon is not None:
            outer.addWidget(IconLabel(icon, 20), 0, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout()
        column.setSpacing(3)
        outer.addLayout(column, 1)
        self._what = PlainLabel("", "strong", wrap=True, selectable=True)
        self._why = PlainLabel("", "muted", wrap=True, selectable=True)
        self._todo = PlainLabel("", "", wrap=True, selectable=True)
        for label in (self._what, self._why, self._todo):
            column.addWidget(label)
        if actions:
            row = button_row(actions, first_role="")
            row.addStretch()
            column.addSpacing(6)
            column.addLayout(row)
        self.set_error(error)

    def set_error(self, error: InkwellError) -> None:
        """Show another error with the same buttons."""
        for label, text in ((self._what, error.what), (self._why, error.why), (self._todo, error.todo)):
            label.setText(text)
            label.setVisible(bool(text))
        self.setAccessibleName(error.what)
        self.setAccessibleDescription(" ".join(part for part in (error.why, error.todo) if part))
        keep_height(self)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        keep_height(self)


class Banner(QFrame):
    """One calm line across a screen: an icon, a sentence, perhaps buttons. Not an error."""

    def __init__(
        self,
        text: str,
        actions: Sequence[ButtonAction] = (),
        *,
        icon: QIcon | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setProperty("role", "hint")
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 7, 8, 7)
        row.setSpacing(8)
        if icon is not None:
            row.addWidget(IconLabel(icon, 18))
        self._label = PlainLabel(text, wrap=True)
        row.addWidget(self._label, 1)
        for words, act in actions:
            button = TextButton(words, "link")
            button.clicked.connect(lambda _=False, act=act: act())
            row.addWidget(button)
        self.setAccessibleName(text)

    def set_text(self, text: str) -> None:
        """Change the sentence."""
        self._label.setText(text)
        self.setAccessibleName(text)
