"""Pages of the settings screen: a column in a scroll area, and the page that is a form over settings."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from desktop_app.domain.errors import InkwellError
from desktop_app.settings.schema import Setting
from desktop_app.ui.settings.setting_row import Rows, SettingRowWidget
from desktop_app.ui.theme.theme import Theme
from desktop_app.ui.widgets import PlainLabel

COLUMN_WIDTH = 900
_NARROW = 300
Group = tuple[str, Sequence[Setting]]
"""A heading (may be empty) and the settings below it."""


def rule() -> QFrame:
    """A thin line between rows."""
    line = QFrame()
    line.setProperty("role", "rule")
    line.setFixedHeight(1)
    return line


class ColumnPage(QScrollArea):
    """A page that scrolls, with one column of at most 900 designed pixels. Add to `column`."""

    def __init__(self, theme: Theme, name: str) -> None:
        super().__init__()
        self.theme = theme
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        outer = QWidget()
        outer.setProperty("role", "scrolled")
        self._box = box = QVBoxLayout(outer)
        self._holder = QWidget()
        self.column = QVBoxLayout(self._holder)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(0)
        box.addWidget(self._holder)
        box.addStretch(1)  # a stretch of 1, or text fields, which want to grow, would share the room
        self.setWidget(outer)
        theme.changed.connect(self._fit)
        self._fit()

    def add_heading(self, text: str) -> None:
        """A heading inside the page."""
        if self.column.count():
            self.column.addSpacing(18)
        self.column.addWidget(PlainLabel(text, "strong"))
        self.column.addSpacing(2)

    def scroll_to(self, widget: QWidget) -> None:
        """Bring something of the page into view, once the page is laid out."""
        QTimer.singleShot(0, widget, lambda: self.ensureWidgetVisible(widget, 0, self.theme.px(48)))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        self._holder.setMaximumWidth(self.theme.px(COLUMN_WIDTH))
        left, right = (32, 24) if self.width() >= self.theme.px(_NARROW) else (16, 12)
        self._box.setContentsMargins(left, 12, right, 32)


class FormPage(ColumnPage):
    """Rows for groups of settings, kept up to date."""

    def __init__(self, presenter: Rows, theme: Theme, name: str, groups: Iterable[Group]) -> None:
        super().__init__(theme, name)
        self.rows: dict[str, SettingRowWidget] = {}
        self._presenter = presenter
        for heading, settings in groups:
            if heading:
                self.add_heading(heading)
            for setting in settings:
                row = SettingRowWidget(setting, presenter, theme)
                self.rows[setting.key] = row
                self.column.addWidget(row)
                self.column.addWidget(rule())
        presenter.row_changed.connect(self._refresh)
        presenter.refused.connect(self._refused)

    def go_to(self, key: str) -> None:
        """Scroll to the row of a setting once the page is laid out, and give its editor the keys."""
        row = self.rows[key]
        row.focus_editor()
        self.scroll_to(row)

    def _refresh(self, key: str) -> None:
        if key in self.rows:
            self.rows[key].clear_error()
            self.rows[key].refresh()

    def _refused(self, key: str, error: InkwellError) -> None:
        if key in self.rows:
            self.rows[key].refresh()
            self.rows[key].show_error(error)
