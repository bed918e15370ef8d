"""What lies behind ⋯ of Search: one page at a time in the place of the search, with a way back."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from desktop_app.ui.theme.theme import Theme
from desktop_app.ui.widgets import IconButton, PaneHead

_COLUMN = 760
_SIDE = 24


class SearchPage(QWidget):
    """A page with a head. What it shows goes into `body`; Esc and the arrow go back."""

    back_wanted = Signal()

    def __init__(self, title: str, theme: Theme) -> None:
        super().__init__()
        self.theme = theme
        self.setAccessibleName(title)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        self.head = PaneHead(title)
        self.back = IconButton(theme.icon("arrow-left", "muted_text"), self.tr("Back to the search"))
        self.back.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.back.clicked.connect(self.back_wanted)
        self.head.add_at_left(self.back)
        outer.addWidget(self.head)
        self.body = QVBoxLayout()
        self.body.setContentsMargins(0, 0, 0, 0)
        self.body.setSpacing(0)
        outer.addLayout(self.body, 1)

    def opened(self) -> None:
        """The page is shown now."""

    def on_escape(self) -> bool:
        """Whether the page had something to close itself."""
        return False


class Column(QScrollArea):
    """The reading column of a page: as wide as the search's own, scrolled where it is longer than the page."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        page = QWidget()
        self.layout_of_page = QVBoxLayout(page)
        self.layout_of_page.setSpacing(14)
        self.setWidget(page)

    def resizeEvent(self, event: object) -> None:
        super().resizeEvent(event)  # type: ignore[arg-type]
        side = max(_SIDE, (self.viewport().width() - self._theme.px(_COLUMN)) // 2)
        self.layout_of_page.setContentsMargins(side, 28, side, 28)
