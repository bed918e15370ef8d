"""Notices at the foot of the window: a sentence, perhaps Undo. Problems stay until they are dismissed.

They lie over the screen, but never over what a person writes in: a screen names the widget to keep clear of.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt, QTimer, Signal
from PySide6.QtGui import QEnterEvent
from PySide6.QtWidgets import QApplication, QFrame, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from desktop_app.presenters.shell import Notice, NoticeKind
from desktop_app.ui.theme.theme import Theme
from desktop_app.ui.widgets.buttons import IconButton, TextButton
from desktop_app.ui.widgets.cards import IconLabel
from desktop_app.ui.widgets.labels import PlainLabel

_SHOWN_AT_ONCE = 3
_PLAIN_MS = 5_000
_WITH_ACTION_MS = 10_000
_WIDTH = 520
_LEAST_WIDTH = 280
_SIDE = 16
_GAP = 16  # between the lowest notice and what it keeps clear of
_ABOVE = 8


class Toast(QFrame):
    """One notice. `closed` follows its end, whoever brought it about."""

    closed = Signal()

    def __init__(self, notice: Notice, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.notice = notice
        self.setProperty("role", "toast")
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(notice.text)
        self.setAccessibleDescription(notice.detail)
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 8, 8, 8)
        row.setSpacing(10)
        is_problem = notice.kind is NoticeKind.PROBLEM
        if is_problem:
            row.addWidget(IconLabel(theme.icon("warning", "on_toast"), 18), 0, Qt.AlignmentFlag.AlignTop)
        words = QVBoxLayout()
        words.setSpacing(2)
        self._sentences = [
            PlainLabel(text, "on_toast", wrap=True, selectable=is_problem)
            for text in (notice.text, notice.detail)
            if text
        ]
        for sentence in self._sentences:
            words.addWidget(sentence)
        row.addLayout(words, 1)
        self._act = notice.undo or notice.action
        if self._act is not None:
            button = TextButton(self.tr("Undo") if notice.undo else notice.action_text, "toast")
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves the keyboard where it was
            button.clicked.connect(self._do)
            button.installEventFilter(self)
            row.addWidget(button)
        close = IconButton(theme.icon("close", "on_toast"), self.tr("Dismiss"), size=14)
        close.setProperty("role", "toast_close")
        close.clicked.connect(self.close_notice)
        close.installEventFilter(self)
        row.addWidget(close)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_WITH_ACTION_MS if self._act is not None else _PLAIN_MS)
        self._timer.timeout.connect(self.close_notice)
        if not is_problem:
            self._timer.start()

    @property
    def stays(self) -> bool:
        """True while nothing but the person ends it."""
        return not self._timer.isActive()

    def width_on_one_line(self) -> int:
        """The width at which no sentence wraps."""
        whole = max(label.fontMetrics().horizontalAdvance(label.text()) for label in self._sentences)
        wrapped = max(label.sizeHint().width() for label in self._sentences)
        return self.sizeHint().width() - wrapped + whole + 2

    def close_notice(self) -> None:
        """Take the notice away."""
        self._timer.stop()
        self.closed.emit()

    def enterEvent(self, event: QEnterEvent) -> None:
        super().enterEvent(event)
        self._timer.stop()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._leave_later()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Whoever came to a button by keys has all the time there is, as with the pointer."""
        if event.type() == QEvent.Type.FocusIn:
            self._timer.stop()
        elif event.type() == QEvent.Type.FocusOut:
            self._leave_later()
        return super().eventFilter(watched, event)

    def _leave_later(self) -> None:
        focused = QApplication.focusWidget()
        looked_at = self.underMouse() or (focused is not None and self.isAncestorOf(focused))
        if self.notice.kind is not NoticeKind.PROBLEM and not looked_at:
            self._timer.start()

    def _do(self) -> None:
        act, self._act = self._act, None
        self.close_notice()
        if act is not None:
            act()


class Notices(QWidget):
    """The pile of notices, newest below, over the foot of `parent`. Where room is short the oldest wait."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._toasts: list[Toast] = []
        self._over = parent
        self._clear_of: QWidget | None = None
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(8)
        parent.installEventFilter(self)
        self.hide()

    def keep_clear_of(self, widget: QWidget | None) -> None:
        """Stand above this widget of the screen that is shown; None where the whole foot is free."""
        if self._clear_of is not None:
            self._clear_of.removeEventFilter(self)
        self._clear_of = widget
        if widget is not None:
            widget.installEventFilter(self)
        self._place()

    @property
    def shown(self) -> list[Notice]:
        """The notices that were not dismissed, oldest first."""
        return [toast.notice for toast in self._toasts]

    def toasts(self) -> list[Toast]:
        """Their widgets, oldest first."""
        return list(self._toasts)

    def add(self, notice: Notice) -> None:
        """Show a notice. The same problem twice stays one; the oldest that would leave by itself makes room, and a
        problem never does.
        """
        if notice.kind is NoticeKind.PROBLEM and any(
            (toast.notice.text, toast.notice.detail) == (notice.text, notice.detail) for toast in self._toasts
        ):
            return
        toast = Toast(notice, self._theme)
        toast.closed.connect(lambda: self._remove(toast))
        self._toasts.append(toast)
        self._layout.addWidget(toast)
        toast.show()  # a hidden widget takes no room in a layout
        if len(self._toasts) > _SHOWN_AT_ONCE:
            passing = [old for old in self._toasts[:-1] if old.notice.kind is not NoticeKind.PROBLEM]
            if passing:
                self._remove(passing[0])
        self.show()
        self._place()

    def close_newest(self) -> bool:
        """Dismiss the newest notice; false when there is none."""
        if not self._toasts:
            return False
        self._toasts[-1].close_notice()
        return True

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Resize, QEvent.Type.Move):
            self._place()
        return super().eventFilter(watched, event)

    def event(self, event: QEvent) -> bool:
        handled = super().event(event)
        if event.type() == QEvent.Type.LayoutRequest:
            self._place()
        return handled

    def _remove(self, toast: Toast) -> None:
        if toast not in self._toasts:
            return
        self._toasts.remove(toast)
        self._layout.removeWidget(toast)
        toast.hide()
        toast.deleteLater()
        self.setVisible(bool(self._toasts))
        self._place()

    def _place(self) -> None:
        if not self._toasts:
            return
        place = self._free_place()
        most = place.height() - _GAP - _ABOVE
        width = self._width(place.width() - 2 * _SIDE, most)
        self._let_in(width, most)
        self._layout.activate()
        height = self._layout.heightForWidth(width)
        left = place.left() + (place.width() - width) // 2
        self.setGeometry(left, max(0, place.bottom() + 1 - _GAP - height), width, height)
        self.raise_()

    def _free_place(self) -> QRect:
        """Where notices may lie, in the coordinates of what they lie over."""
        if self._clear_of is None:
            return self._over.rect()
        corner = self._clear_of.mapTo(self._over, QPoint(0, 0))
        return QRect(corner.x(), 0, self._clear_of.width(), corner.y())

    def _width(self, most_width: int, most_height: int) -> int:
        designed = min(self._theme.px(_WIDTH), most_width)
        if all(toast.notice.kind is not NoticeKind.PROBLEM for toast in self._toasts):
            wanted = max(toast.width_on_one_line() for toast in self._toasts)
            return min(designed, max(_LEAST_WIDTH, wanted))
        # A long problem in a low window is set wider before any of it is lost.
        return designed if self._toasts[-1].heightForWidth(designed) <= most_height else most_width

    def _let_in(self, width: int, most_height: int) -> None:
        """Show the newest and as many of the older ones as there is height for."""
        taken = 0
        full = False
        for toast in reversed(self._toasts):
            taken += toast.heightForWidth(width) + (self._layout.spacing() if taken else 0)
            full = full or (taken > most_height and toast is not self._toasts[-1])
            if toast.isHidden() is not full:
                toast.setVisible(not full)
