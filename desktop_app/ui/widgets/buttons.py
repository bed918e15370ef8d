"""Buttons, chips and the row of choices."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QAction, QIcon, QKeyEvent, QKeySequence, QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QMenu,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QWidget,
)

from desktop_app.ui.widgets.labels import at_font_size, literal, plain_tool_tip

_KEYPAD = Qt.KeyboardModifier.KeypadModifier
#: Room on either side of what a button shows, where it is short.
_LEAST_PADDING = 6
#: Fewer letters than these and the "…" say nothing.
_LEAST_LETTERS = 4
#: Qt leaves so much behind an icon, where no words follow, too.
_QT_GAP = 4

#: A button's words and what it does.
ButtonAction = tuple[str, Callable[[], object]]


def keys_of(action: QAction) -> str:
    """The action's first shortcut as the person's desktop writes it, with blanks for the plus signs."""
    return action.shortcut().toString(QKeySequence.SequenceFormat.NativeText).replace("+", " ")


def pressed_by_enter(button: QPushButton | QToolButton, event: QKeyEvent) -> bool:
    """Press a button that has the focus when Enter is; false for any other key.

    Qt's buttons know the space bar only: Enter would go to the default button of a dialog, or to the card around them.
    """
    if event.key() not in (Qt.Key.Key_Return, Qt.Key.Key_Enter) or event.modifiers() & ~_KEYPAD:
        return False
    if not event.isAutoRepeat():
        if button.menu() is not None:
            button.showMenu()
        else:
            button.click()
    event.accept()
    return True


class TextButton(QPushButton):
    """A button with words. `role`: "" (outlined), "primary", "quiet", "link", "small_link", "danger", "chip"."""

    def __init__(
        self, text: str, role: str = "", *, icon: QIcon | None = None, tip: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(literal(text), parent)
        if role:
            self.setProperty("role", role)
        if icon is not None:
            self.setIcon(icon)
        self.setAccessibleName(text)
        self.setToolTip(plain_tool_tip(tip))
        self.setAutoDefault(False)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor if "link" in role else Qt.CursorShape.ArrowCursor)

    def setText(self, text: str, /) -> None:
        """Show exactly these words."""
        super().setText(literal(text))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not pressed_by_enter(self, event):
            super().keyPressEvent(event)


class ActionButton(TextButton):
    """A button for an action of `ui/actions.py`: its words, its shortcut behind them, its state."""

    def __init__(
        self,
        action: QAction,
        role: str = "",
        *,
        text: str = "",
        show_keys: bool = True,
        parent: QWidget | None = None,
    ) -> None:
        words = text or action.text()
        keys = keys_of(action) if show_keys else ""
        self._words = words
        self._words_and_keys = f"{words}  {keys}" if keys else words
        super().__init__(self._words_and_keys, role, parent=parent)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(action.text())
        self.setEnabled(action.isEnabled())
        self.clicked.connect(action.trigger)
        action.changed.connect(lambda: self.setEnabled(action.isEnabled()))

    def sizeHint(self) -> QSize:
        hint = super().sizeHint()
        missing = self._width_of(self._words_and_keys) - self._width_of(self.text())
        return QSize(hint.width() + missing, hint.height())

    def minimumSizeHint(self) -> QSize:
        return QSize(self.sizeHint().width() - self._keys_width(), super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        fits = event.size().width() >= self.sizeHint().width()
        self.setText(self._words_and_keys if fits else self._words)

    def _keys_width(self) -> int:
        return self._width_of(self._words_and_keys) - self._width_of(self._words)

    def _width_of(self, text: str) -> int:
        return self.fontMetrics().horizontalAdvance(text)


class IconButton(QToolButton):
    """A square button with an icon only; `name` is read aloud and shown as tool tip."""

    def __init__(self, icon: QIcon, name: str, *, size: int = 18, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setIcon(icon)
        self._size = size
        self._fit_icon()
        self.setAccessibleName(name)
        self.setToolTip(plain_tool_tip(name))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAutoRaise(True)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not pressed_by_enter(self, event):
            super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange:
            self._fit_icon()

    def _fit_icon(self) -> None:
        side = at_font_size(self._size)
        self.setIconSize(QSize(side, side))

    def set_menu(self, menu: QMenu) -> None:
        """Open `menu` at a press."""
        self.setMenu(menu)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)


class ChipButton(TextButton):
    """A small round-ended button. Checkable for a filter; with a menu it shows "▾"."""

    def __init__(self, text: str, *, checkable: bool = False, menu: QMenu | None = None, parent: QWidget | None = None):
        super().__init__(text, "chip", parent=parent)
        self._has_menu = menu is not None
        self.setCheckable(checkable)
        self.set_text(text)
        if menu is not None:
            self.setMenu(menu)

    def set_text(self, text: str) -> None:
        """Change the words, keeping the mark for the menu."""
        self.setText(text + (" ▾" if self._has_menu else ""))
        self.setAccessibleName(text)


class ElidedButton(TextButton):
    """A button whose words end in "…" where room is short. With a `symbol`, that is all it shows where not even the
    beginning of a word fits; with a menu it shows "▾". What is not shown is said by the tool tip.
    """

    def __init__(
        self,
        text: str,
        role: str = "",
        *,
        icon: QIcon | None = None,
        symbol: QIcon | None = None,
        menu: QMenu | None = None,
        is_whole: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        """`icon` stands in front of the words, `symbol` in their place; `is_whole`: once a letter has no room."""
        self._words = text
        self._mark = " ▾" if menu is not None else ""
        self._symbol = symbol
        self._has_icon = icon is not None
        self._is_whole = is_whole
        super().__init__(text, role, icon=icon, parent=parent)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        if menu is not None:
            self.setMenu(menu)
        self._fit()

    def set_text(self, text: str) -> None:
        """Say something else."""
        self._words = text
        self.setAccessibleName(text)
        self._fit()
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        return QSize(self._frame() + self._advance(self._words + self._mark), super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        height = super().minimumSizeHint().height()
        if self._symbol is not None:  # no narrower than high: ends that are round stay so
            return QSize(max(height, self._symbol_side() + 2 * _LEAST_PADDING), height)
        return QSize(self._frame() + self._advance("…" + self._mark), height)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.StyleChange, QEvent.Type.FontChange):
            self._fit()

    def _fit(self) -> None:
        # Words may reach into the padding before any of them is left out.
        beside = self.iconSize().width() + _QT_GAP if self._has_icon else 0
        around = self._frame() - beside
        # Qt draws the words of a button with a menu there, too; those of another one it cuts at both ends.
        room = self.width() - beside - (min(around, 2 * _LEAST_PADDING) if self._mark or self._symbol else around)
        whole = self._words + self._mark
        shown = whole
        if room < self._advance(whole):
            words_room = max(0, room - self._advance(self._mark))
            shown = self.fontMetrics().elidedText(self._words, Qt.TextElideMode.ElideRight, words_room) + self._mark
        if self._symbol is not None:
            side = self._symbol_side()
            self.setIconSize(QSize(side, side))
            if shown != whole and (self._is_whole or len(shown) - len(self._mark) < _LEAST_LETTERS):
                shown = ""
            if bool(shown) != self.icon().isNull():
                self.setIcon(QIcon() if shown else self._symbol)
        if shown != self._shown:
            self.setText(shown)
        self.setToolTip(plain_tool_tip(self._words if shown != whole else ""))

    @property
    def _shown(self) -> str:
        return self.text().replace("&&", "&")

    def _frame(self) -> int:
        """The width of all that is around the words."""
        inside = self._advance(self._shown) if self._shown else self.iconSize().width() + _QT_GAP
        return super().sizeHint().width() - inside

    def _symbol_side(self) -> int:
        return at_font_size(16)

    def _advance(self, text: str) -> int:
        """As Qt measures a button's words."""
        return self.fontMetrics().size(Qt.TextFlag.TextShowMnemonic, literal(text)).width()


class Pill(ElidedButton):
    """A chip that names what is chosen (the model) and opens more on a press. Where room is short it ends in "…"."""

    def __init__(self, text: str, *, parent: QWidget | None = None) -> None:
        super().__init__(text, "chip", parent=parent)


class SegmentedControl(QFrame):
    """A few choices side by side, one of them taken. Arrow keys move between them."""

    changed = Signal(str)

    def __init__(
        self, options: Sequence[tuple[str, str]], *, name: str, value: str = "", parent: QWidget | None = None
    ) -> None:
        """`options` are (value, words); `name` is read aloud for the whole."""
        super().__init__(parent)
        self.setProperty("role", "segments")
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        layout = self._row = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        self._group = QButtonGroup(self)
        self._group.setExclusive(True)
        self._buttons: dict[str, QPushButton] = {}
        self._stacked = False
        for number, (key, words) in enumerate(options):
            button = TextButton(words, "segment")
            button.setCheckable(True)
            button.setProperty("edge", self._edge(number, len(options)))
            button.clicked.connect(lambda _=False, key=key: self.changed.emit(key))
            button.toggled.connect(lambda taken, button=button: self.setFocusProxy(button) if taken else None)
            self._group.addButton(button)
            self._buttons[key] = button
            layout.addWidget(button)
        self.set_value(value or options[0][0])

    @property
    def value(self) -> str:
        """The value taken."""
        return next(key for key, button in self._buttons.items() if button.isChecked())

    def choose(self, value: str) -> None:
        """Take a value as a click does. KeyError for an unknown one."""
        self._buttons[value].click()

    def set_offered(self, value: str, offered: bool) -> None:
        """Whether one of the values in between can be taken just now."""
        self._buttons[value].setVisible(offered)

    def set_value(self, value: str) -> None:
        """Take a value without sending `changed`. KeyError for an unknown one."""
        self._buttons[value].setChecked(True)

    def fit(self, width: int) -> None:
        """Put the choices one below the other where they are not all to be read side by side in `width` pixels."""
        buttons = list(self._buttons.values())
        stacked = sum(button.sizeHint().width() for button in buttons) > width
        if stacked == self._stacked:
            return
        self._stacked = stacked
        self._row.setDirection(QBoxLayout.Direction.TopToBottom if stacked else QBoxLayout.Direction.LeftToRight)
        for number, button in enumerate(buttons):
            button.setProperty("edge", self._edge(number, len(buttons)))
            button.style().unpolish(button)
            button.style().polish(button)

    def _edge(self, number: int, count: int) -> str:
        """Which corners of a choice are round."""
        if count == 1 or self._stacked:
            return "only"
        return {0: "first", count - 1: "last"}.get(number, "")
