"""The frames of a screen: the list's pane at the left, the head over the middle, the drawer at the right."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtGui import QAction, QIcon
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QSplitter, QVBoxLayout, QWidget

from desktop_app.ui.widgets.buttons import ActionButton, IconButton
from desktop_app.ui.widgets.labels import ElidedLabel

PANE_WIDTH = 268
HEAD_HEIGHT = 52
DRAWER_WIDTH = 360
_WHOLE_TITLE = 64
_NARROWEST_SIDE = 260


class _PaneTitle(ElidedLabel):
    """A title that is whole at usual sizes of the font, and gives way at large ones before the buttons are cut."""

    def minimumSizeHint(self) -> QSize:
        return QSize(min(_WHOLE_TITLE, self.sizeHint().width()), super().minimumSizeHint().height())


class SidePane(QFrame):
    """The pane at the left: a title, "New" with its shortcut, and below whatever the screen adds to `body`."""

    def __init__(self, title: str, new_action: QAction | None = None, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "pane")
        self.setMinimumWidth(200)
        self.setAccessibleName(title)
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(9, 13, 9, 8)
        self.body.setSpacing(8)
        self.header = QHBoxLayout()
        self.header.setContentsMargins(6, 0, 6, 0)
        self.title = _PaneTitle(title, "pane_title")
        self.header.addWidget(self.title)
        self.header.addStretch()
        if new_action is not None:
            self.header.addWidget(ActionButton(new_action, text=self.tr("New")))
        self.body.addLayout(self.header)

    def add_inset(self, widget: QWidget) -> None:
        """Add a field or a row that keeps to the title's edges (lists go to `body` and reach a little further)."""
        row = QHBoxLayout()
        row.setContentsMargins(6, 0, 6, 0)
        row.addWidget(widget)
        self.body.addLayout(row)


#: A few letters of a title, in pixels.
_LEAST_TITLE = 40
_ANY_WIDTH = 16_777_215


class PaneHead(QFrame):
    """The head over a screen's middle: a title that gives way, and controls at its right."""

    def __init__(self, title: str = "", *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "head")
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._row = QHBoxLayout(self)
        self._is_tight = False
        self._row.setContentsMargins(20, 8, 20, 8)
        self._row.setSpacing(10)
        self.title = ElidedLabel(title, "title")
        self._row.addWidget(self.title, 1)

    def event(self, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Resize, QEvent.Type.LayoutRequest):
            self._fit()
        return super().event(event)

    def _fit(self) -> None:
        """Where its controls need all the room, they stand closer."""
        children = self.findChildren(QWidget, options=Qt.FindChildOption.FindDirectChildrenOnly)
        shown = [
            one for one in children if one is not self.title and not one.isHidden() and self._row.indexOf(one) >= 0
        ]
        widths = [one.sizeHint().width() for one in shown]
        is_tight = sum(widths) + 10 * len(widths) + 40 + _LEAST_TITLE > self.width()
        side, gap = (8, 4) if is_tight else (20, 10)
        if is_tight != self._is_tight:
            self._is_tight = is_tight
            self._row.setContentsMargins(side, 8, side, 8)
            self._row.setSpacing(gap)
        has_title = not is_tight or sum(widths) + gap * len(widths) + 2 * side + _LEAST_TITLE // 2 <= self.width()
        self.title.setMaximumWidth(_ANY_WIDTH if has_title else 0)

    def add(self, widget: QWidget) -> None:
        """Put a control at the right of those already there."""
        self._row.addWidget(widget)

    def add_beside_title(self, widget: QWidget) -> None:
        """Put a control at the left of those already there."""
        self._row.insertWidget(1, widget)

    def add_at_left(self, widget: QWidget) -> None:
        """Put a control before the title."""
        self._row.insertWidget(0, widget)

    def sizeHint(self) -> QSize:
        hint = super().sizeHint()
        return QSize(hint.width(), max(HEAD_HEIGHT, hint.height()))

    def minimumSizeHint(self) -> QSize:
        hint = super().minimumSizeHint()
        return QSize(hint.width(), max(HEAD_HEIGHT, hint.height()))


class SideDrawer(QWidget):
    """A middle and a right pane: side by side where there is room, the pane as a drawer over the middle where not."""

    drawer_closed = Signal()  # what lay over the middle was closed, by its button or by `close_drawer`

    def __init__(self, middle: QWidget, side: QWidget, *, close_icon: QIcon, close_text: str) -> None:
        super().__init__()
        self._middle, self._side = middle, side
        self._compact = False
        self._splitter = QSplitter(Qt.Orientation.Horizontal)
        self._splitter.setHandleWidth(1)
        self._splitter.setChildrenCollapsible(False)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._splitter)
        self._frame = QFrame()
        self._frame.setProperty("role", "drawer")
        # Of the pane, not the frame: a minimum that is set hides what the pane itself needs, at a large font.
        side.setMinimumWidth(max(_NARROWEST_SIDE, side.minimumWidth()))
        inner = QVBoxLayout(self._frame)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(0)
        self._close = IconButton(close_icon, close_text)
        self._close.clicked.connect(self.close_drawer)
        inner.addWidget(self._close, 0, Qt.AlignmentFlag.AlignRight)
        inner.addWidget(side, 1)
        self._close.hide()
        self._splitter.addWidget(middle)
        self._splitter.addWidget(self._frame)
        self._splitter.setStretchFactor(0, 1)
        self._splitter.setStretchFactor(1, 0)
        self._wide_sizes = [10_000, DRAWER_WIDTH]
        self._splitter.setSizes(self._wide_sizes)
        self.installEventFilter(self)

    @property
    def splitter(self) -> QSplitter:
        """For saving and restoring the widths."""
        return self._splitter

    @property
    def drawer_open(self) -> bool:
        """True while the right pane is to be seen."""
        return self._frame.isVisibleTo(self)

    def set_compact(self, compact: bool) -> None:
        """Make the right pane a drawer (closed at first), or put it back beside the middle."""
        if compact == self._compact:
            return
        self._compact = compact
        self._close.setVisible(compact)
        if compact:
            self._wide_sizes = self._splitter.sizes()
            self._frame.setParent(self)
            self._frame.hide()
        else:
            self._splitter.addWidget(self._frame)
            self._frame.show()
            self._splitter.setSizes(self._wide_sizes)

    def open_drawer(self) -> None:
        """Show the right pane; in the compact window over the middle."""
        self._place()
        self._frame.show()
        self._frame.raise_()

    def show_side(self, shown: bool) -> None:
        """Show or hide the right pane, beside the middle or over it."""
        if shown:
            self.open_drawer()
        else:
            self._frame.hide()

    def close_drawer(self) -> bool:
        """Close the drawer; false when there was none open over the middle, which gets the keyboard that was in it."""
        if not self._compact or not self.drawer_open:
            return False
        focused = self.window().focusWidget()
        self._frame.hide()
        if focused is None or self._frame.isAncestorOf(focused):
            self._middle.setFocus()
        self.drawer_closed.emit()
        return True

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._place()
        return super().eventFilter(watched, event)

    def _place(self) -> None:
        if self._compact:
            width = min(DRAWER_WIDTH + 40, self.width() - 48)
            self._frame.setGeometry(self.width() - width, 0, width, self.height())
