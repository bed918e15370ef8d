"""Pages of the settings screen: a column in a scroll area, and the page that is a form over settings."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from desktop_app.domain.errors import InkwellError
from desktop_app.presenters.setting_words import translated
from desktop_app.settings.schema import Setting
from desktop_app.ui.settings.setting_row import Rows, SettingRowWidget
from desktop_app.ui.theme.theme import Theme
from desktop_app.ui.widgets import PlainLabel, TextButton

COLUMN_WIDTH = 900
_NARROW = 300
_SLICE_SECONDS = 0.008
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
        left, right = (32, 24) if self.width() >= self.theme.px(_NARROW) else (16, 12)
        # A margin, and no greatest width of the column: Qt would ask how high it is at a width that it does not get.
        rest = self.viewport().width() - left - self.theme.px(COLUMN_WIDTH)
        self._box.setContentsMargins(left, 12, max(right, rest), 32)


class Fold(QWidget):
    """A line that names what is folded away below it. Add to `column`."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__()
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 10, 0, 0)
        box.setSpacing(2)
        self.button = TextButton("", "link")
        self.button.clicked.connect(lambda: self.set_open(not self.is_open))
        self._names = PlainLabel(", ".join(names), "small", wrap=True)
        self._rows = QWidget()
        self.column = QVBoxLayout(self._rows)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(0)
        box.addWidget(self.button, 0, Qt.AlignmentFlag.AlignLeft)
        box.addWidget(self._names)
        box.addWidget(self._rows)
        self.set_open(False)

    @property
    def is_open(self) -> bool:
        """True while the rows are shown."""
        return not self._rows.isHidden()

    def set_open(self, wanted: bool) -> None:
        """Show the rows, or their names."""
        self._rows.setVisible(wanted)
        self._names.setVisible(not wanted)
        words = self.tr("Fewer settings") if wanted else self.tr("More settings")
        self.button.setText(f"▾ {words}" if wanted else f"▸ {words}")
        self.button.setAccessibleName(words)
        self.button.setAccessibleDescription("" if wanted else self._names.text())


class FormPage(ColumnPage):
    """Rows for groups of settings, kept up to date. Rare ones are folded away until one of them was changed."""

    def __init__(
        self,
        presenter: Rows,
        theme: Theme,
        name: str,
        groups: Iterable[Group],
        rare: Sequence[Setting] = (),
        *,
        at_once: int | None = None,
    ) -> None:
        """`at_once`: so many rows are made before anything is painted, the others a few at a time; None for all."""
        super().__init__(theme, name)
        self.rows: dict[str, SettingRowWidget] = {}
        self._presenter = presenter
        self._fold: Fold | None = None
        self._folded = frozenset(setting.key for setting in rare)
        self._waiting = [
            (heading if not place else "", setting)
            for heading, settings in groups
            for place, setting in enumerate(settings)
        ]
        self._add_waiting(lambda: at_once is None or len(self.rows) < at_once)
        self._soon = QTimer(self)
        self._soon.timeout.connect(self._add_some)
        if self._waiting:
            self._soon.start(0)
        if rare:
            self._fold = Fold([translated(setting).label for setting in rare])
            self._add_rows(rare, self._fold.column)
            self.column.addWidget(self._fold)
            if any(presenter.row(key).changed for key in self._folded):
                self.unfold()
        presenter.row_changed.connect(self._refresh)
        presenter.refused.connect(self._refused)

    def _add_some(self) -> None:
        """Rows for a part of a frame."""
        end = time.monotonic() + _SLICE_SECONDS
        self._add_waiting(lambda: time.monotonic() < end)
        if not self._waiting:
            self._soon.stop()

    def _add_waiting(self, goes_on: Callable[[], bool]) -> None:
        while self._waiting and goes_on():
            heading, setting = self._waiting.pop(0)
            if heading:
                self.add_heading(heading)
            self._add_rows((setting,), self.column)

    def _add_rows(self, settings: Iterable[Setting], column: QVBoxLayout) -> None:
        for setting in settings:
            row = SettingRowWidget(setting, self._presenter, self.theme)
            self.rows[setting.key] = row
            column.addWidget(row)
            column.addWidget(rule())

    def unfold(self) -> None:
        """Show the rare settings, too."""
        if self._fold is not None:
            self._fold.set_open(True)

    def go_to(self, key: str) -> None:
        """Scroll to the row of a setting once the page is laid out, and give its editor the keys."""
        if key in self._folded:
            self.unfold()
        row = self.rows[key]
        row.focus_editor()
        self.scroll_to(row)

    def _refresh(self, key: str) -> None:
        if key in self.rows:
            self.rows[key].clear_error()
            self.rows[key].refresh()
            if key in self._folded and self._presenter.row(key).changed:
                self.unfold()

    def _refused(self, key: str, error: InkwellError) -> None:
        if key in self.rows:
            self.rows[key].refresh()
            self.rows[key].show_error(error)
