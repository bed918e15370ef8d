"""Chips for what a message carries: its name and size, and in the composer a way to take it off."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QWidget

from desktop_app.domain.attachments import Attachment, AttachmentKind
from desktop_app.presenters.attachments import Chip, ChipState, size_in_words
from desktop_app.ui.widgets import ElidedLabel, IconButton, IconLabel, PlainLabel, plain_tool_tip

if TYPE_CHECKING:
    from desktop_app.ui.theme.theme import Theme

_ICONS = {AttachmentKind.FILE: "file", AttachmentKind.NOTE: "note", AttachmentKind.PASTE: "text"}
_LONGEST_NAME = 260
_SPACING = 6
_OPEN_KEYS = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)
_REMOVE_KEYS = (Qt.Key.Key_Delete, Qt.Key.Key_Backspace)


def sent_chip(attachment: Attachment) -> Chip:
    """The chip of something a sent message carries."""
    size = size_in_words(attachment.size)
    return Chip(attachment.id, attachment.name, attachment.kind, ChipState.READY, size, attachment.id)


class _Name(ElidedLabel):
    """As wide as the name, up to a limit."""

    def sizeHint(self) -> QSize:
        wanted = self.fontMetrics().horizontalAdvance(self.text()) + 2
        return QSize(min(wanted, self.maximumWidth()), super().sizeHint().height())


class AttachmentChip(QFrame):
    """One attachment. Enter or a click opens its text, Delete takes it off."""

    open_wanted = Signal(int)  # attachment id
    remove_wanted = Signal(int)  # key
    focused = Signal()

    def __init__(self, chip: Chip, theme: Theme, *, removable: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.chip = chip
        self._removable = removable
        failed = chip.state is ChipState.FAILED
        self.setProperty("role", "attachment")
        self.setProperty("state", str(chip.state))
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        row = QHBoxLayout(self)
        row.setContentsMargins(9, 4, 4 if removable else 9, 4)
        row.setSpacing(7)
        icon = theme.icon("warning", "warning") if failed else theme.icon(_ICONS[chip.kind], "muted_text")
        row.addWidget(IconLabel(icon, 15), 0, Qt.AlignmentFlag.AlignTop if failed else Qt.AlignmentFlag.AlignVCenter)
        if failed:
            self.detail = PlainLabel("", "warning", wrap=True)
            row.addWidget(self.detail, 1)
        else:
            name = _Name(chip.name)
            name.setMaximumWidth(theme.px(_LONGEST_NAME))
            name.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
            self.detail = PlainLabel("", "small")
            row.addWidget(name)
            row.addWidget(self.detail)
        self.remove_button: IconButton | None = None
        if removable:
            self.remove_button = IconButton(theme.icon("close", "muted_text"), self._remove_words(), size=13)
            self.remove_button.setProperty("role", "chip_close")
            self.remove_button.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the chip has the keyboard: Delete
            self.remove_button.clicked.connect(lambda: self.remove_wanted.emit(self.chip.key))
            row.addWidget(self.remove_button, 0, Qt.AlignmentFlag.AlignTop if failed else Qt.AlignmentFlag.AlignVCenter)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        if chip.attachment_id is not None:
            self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.show_detail(chip)

    def show_detail(self, chip: Chip) -> None:
        """Another state of reading, or another count; nothing else changed."""
        self.chip = chip
        failed = chip.state is ChipState.FAILED
        self.detail.setText(f"{chip.name}: {chip.detail}" if failed else chip.detail)
        self._name_it()

    def sizeHint(self) -> QSize:
        """A failure takes the whole line: its reason is a sentence."""
        hint = super().sizeHint()
        return QSize(100_000, hint.height()) if self.chip.state is ChipState.FAILED else hint

    def height_in(self, width: int) -> int:
        """How high it is in that width."""
        return self.heightForWidth(width) if self.hasHeightForWidth() else self.sizeHint().height()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self.rect().contains(event.position().toPoint()):
            self._open()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in _OPEN_KEYS:
            self._open()
        elif self._removable and event.key() in _REMOVE_KEYS:
            self.remove_wanted.emit(self.chip.key)
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self._show_focus(True)
        self.focused.emit()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._show_focus(False)

    def _show_focus(self, focused: bool) -> None:
        self.setProperty("focused", focused)
        self.style().unpolish(self)
        self.style().polish(self)

    def _open(self) -> None:
        if self.chip.attachment_id is not None:
            self.open_wanted.emit(self.chip.attachment_id)

    def _name_it(self) -> None:
        self.setAccessibleName(f"{self.chip.name}, {self.chip.detail}")
        words = self.tr("Enter shows its text. Delete takes it off.") if self._removable else self.tr("Shows its text.")
        self.setAccessibleDescription(words)
        self.setToolTip(plain_tool_tip(self.chip.name if self.chip.state is not ChipState.FAILED else ""))

    def _remove_words(self) -> str:
        if self.chip.state is ChipState.READING:
            return self.tr("Stop reading {0}").format(self.chip.name)
        return self.tr("Remove {0}").format(self.chip.name)


class ChipRow(QWidget):
    """Chips in lines, as high as they need; hidden while there are none."""

    open_wanted = Signal(int)  # attachment id
    remove_wanted = Signal(int)  # key
    height_changed = Signal()
    focused = Signal(object)  # AttachmentChip: it has the keyboard

    def __init__(
        self, theme: Theme, *, removable: bool, from_right: bool = False, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._removable = removable
        self._from_right = from_right
        self.chips: list[AttachmentChip] = []
        self.setAccessibleName(self.tr("Attachments"))
        self.hide()

    def show_chips(self, chips: Sequence[Chip]) -> None:
        """Show these; those that stay what they are stay where the keyboard is."""
        at = next((number for number, each in enumerate(self.chips) if each.hasFocus()), -1)
        old = {_shape(each.chip): each for each in self.chips}
        was = list(self.chips)
        self.chips = [old.pop(shape) if (shape := _shape(chip)) in old else self._make(chip) for chip in chips]
        for each, chip in zip(self.chips, chips, strict=True):
            each.show_detail(chip)
        for each in old.values():
            each.hide()
            each.deleteLater()
        if self.chips == was:
            return
        self.setVisible(bool(chips))
        self._fit()
        if at >= 0 and self.chips and not any(each.hasFocus() for each in self.chips):
            self.chips[min(at, len(self.chips) - 1)].setFocus()

    def height_at(self, width: int) -> int:
        """How high the chips are in that width."""
        return self._arrange(width, move=False)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """A chip that needs another size may need another line."""
        if event.type() == QEvent.Type.LayoutRequest:
            self._fit()
        return super().eventFilter(watched, event)

    def _fit(self) -> None:
        # A box layout gives a row of lines the height of one: the row says its height itself.
        if self.chips and self.width() > 0:
            height = self.height_at(self.width())
            if height != self.height():
                self.setFixedHeight(height)
            self._arrange(self.width(), move=True)
        self.height_changed.emit()

    def _arrange(self, width: int, *, move: bool) -> int:
        """Fill lines from one side; the height they take. A chip wider than the line gets all of it."""
        top = 0
        line: list[tuple[AttachmentChip, int]] = []
        for chip in self.chips:
            chip.ensurePolished()
            wanted = min(chip.sizeHint().width(), width)
            if line and sum(each for _chip, each in line) + _SPACING * len(line) + wanted > width:
                top += self._place(line, width, top, move=move) + _SPACING
                line = []
            line.append((chip, wanted))
        return top + (self._place(line, width, top, move=move) if line else 0)

    def _place(self, line: list[tuple[AttachmentChip, int]], width: int, top: int, *, move: bool) -> int:
        """One line; its height."""
        height = max(chip.height_in(each) for chip, each in line)
        used = sum(each for _chip, each in line) + _SPACING * (len(line) - 1)
        x = width - used if self._from_right else 0
        for chip, each in line if move else ():
            chip.setGeometry(x, top, each, height)
            x += each + _SPACING
        return height

    def _make(self, chip: Chip) -> AttachmentChip:
        made = AttachmentChip(chip, self._theme, removable=self._removable, parent=self)
        made.open_wanted.connect(self.open_wanted)
        made.remove_wanted.connect(self.remove_wanted)
        made.focused.connect(lambda: self.focused.emit(made))
        made.installEventFilter(self)
        made.show()
        return made


def _shape(chip: Chip) -> tuple[object, ...]:
    """What a chip is made of: another one of these is another widget."""
    failed = chip.detail if chip.state is ChipState.FAILED else ""
    return chip.key, chip.name, chip.kind, chip.state, chip.attachment_id, failed
