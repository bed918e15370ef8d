"""The notes, or a page in their place."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QStackedWidget, QWidget
from shiboken6 import isValid

from desktop_app.ui.notes.open_tasks_page import OpenTasksPage


class FootStrip(QWidget):
    """Lies over the foot of a widget, unseen, so that what keeps clear of it hides nothing there."""

    def __init__(self, over: QWidget, view: QWidget, height: Callable[[], int]) -> None:
        """`height()` in pixels is that of the foot of the view."""
        super().__init__(over)
        self._over = over
        self._view = view
        self._height = height
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        over.installEventFilter(self)
        self.lower()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Resize, QEvent.Type.LayoutRequest):
            height = self._height() if isValid(self._view) else 0  # its going lays out the rest anew
            self.setGeometry(0, self._over.height() - height, self._over.width(), height)
        return super().eventFilter(watched, event)


class OverDesk(QStackedWidget):
    """Shows the notes until a page is asked for, and again when one of them is gone to."""

    def __init__(self, desk: QWidget) -> None:
        super().__init__()
        self.setStyleSheet("OverDesk { background: transparent; }")
        self._desk = desk
        self._page: OpenTasksPage | None = None
        self.addWidget(desk)

    @property
    def shows_desk(self) -> bool:
        """Whether no page stands in front of the notes."""
        return self.currentWidget() is self._desk

    def add_page(self, page: OpenTasksPage) -> None:
        """Offer a page."""
        self._page = page
        self.addWidget(page)

    def show_page(self) -> None:
        """The page, with the keyboard in it."""
        if self._page is not None:
            self.setCurrentWidget(self._page)
            self._page.take_focus()

    def show_desk(self) -> bool:
        """The notes again; false where they are shown already."""
        if self.shows_desk:
            return False
        focused = self.window().focusWidget()
        if focused is not None and self.isAncestorOf(focused):
            self.setFocus()  # Qt would hand it to the list of notes, which would open its first one
        self.setCurrentWidget(self._desk)
        return True

    def take_focus(self) -> bool:
        """Give the keyboard to the page; false where the notes are shown."""
        if self._page is None or self.currentWidget() is not self._page:
            return False
        self._page.take_focus()
        return True
