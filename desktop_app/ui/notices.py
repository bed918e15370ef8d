"""Notices over the foot of the window: a sentence, perhaps Undo. Problems stay until they are dismissed."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QEnterEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from desktop_app.presenters.shell import Notice, NoticeKind
from desktop_app.ui.theme.theme import Theme
from desktop_app.ui.widgets.buttons import IconButton, TextButton
from desktop_app.ui.widgets.cards import IconLabel
from desktop_app.ui.widgets.labels import PlainLabel

_SHOWN_AT_ONCE = 3
_PLAIN_MS = 5_000
_WITH_ACTION_MS = 10_000
_WIDTH = 520


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
        for text in (notice.text, notice.detail):
            if text:
                words.addWidget(PlainLabel(text, "on_toast", wrap=True, selectable=is_problem))
        row.addLayout(words, 1)
        self._act = notice.undo or notice.action
        if self._act is not None:
            button = TextButton(self.tr("Undo") if notice.undo else notice.action_text, "toast")
            button.clicked.connect(self._do)
            row.addWidget(button)
        close = IconButton(theme.icon("close", "on_toast"), self.tr("Dismiss"), size=14)
        close.setProperty("role", "toast_close")
        close.clicked.connect(self.close_notice)
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

    def close_notice(self) -> None:
        """Take the notice away."""
        self._timer.stop()
        self.closed.emit()

    def enterEvent(self, event: QEnterEvent) -> None:
        super().enterEvent(event)
        self._timer.stop()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        if self.notice.kind is not NoticeKind.PROBLEM:
            self._timer.start()

    def _do(self) -> None:
        act, self._act = self._act, None
        self.close_notice()
        if act is not None:
            act()


class Notices(QWidget):
    """The pile of notices, newest below, over the foot of `parent`."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._toasts: list[Toast] = []
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(8)
        parent.installEventFilter(self)
        self.hide()

    @property
    def shown(self) -> list[Notice]:
        """The notices to be seen, oldest first."""
        return [toast.notice for toast in self._toasts]

    def toasts(self) -> list[Toast]:
        """Their widgets, oldest first."""
        return list(self._toasts)

    def add(self, notice: Notice) -> None:
        """Show a notice. The same problem twice stays one; the oldest that would leave by itself makes room."""
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
            self._remove((passing or self._toasts)[0])
        self.show()
        self._place()

    def close_newest(self) -> bool:
        """Dismiss the newest notice; false when there is none."""
        if not self._toasts:
            return False
        self._toasts[-1].close_notice()
        return True

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
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
        parent = self.parentWidget()
        if parent is None or not self._toasts:
            return
        self._layout.activate()
        width = min(self._theme.px(_WIDTH), parent.width() - 32)
        if all(toast.notice.kind is not NoticeKind.PROBLEM for toast in self._toasts):
            width = min(width, max(280, self._layout.sizeHint().width()))
        height = (
            self._layout.heightForWidth(width) if self._layout.hasHeightForWidth() else self._layout.sizeHint().height()
        )
        self.setGeometry((parent.width() - width) // 2, parent.height() - height - 16, width, height)
        self.raise_()
