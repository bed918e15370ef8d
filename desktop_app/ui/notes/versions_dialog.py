"""Earlier texts of a note: look at one, put it back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QDialog, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from desktop_app.domain.errors import InkwellError
from desktop_app.domain.line_changes import LineChange
from desktop_app.domain.notes import NoteVersion
from desktop_app.presenters.rows import Row, RowListModel
from desktop_app.ui.dates import when_in_words
from desktop_app.ui.notes.change_view import ChangeView
from desktop_app.ui.theme.theme import Theme
from desktop_app.ui.widgets import EmptyState, ErrorBox, FlatList, PlainLabel, SegmentedControl, TextButton
from desktop_app.ui.widgets.labels import at_font_size

CHANGES, TEXT = "changes", "text"


class VersionsDialog(QDialog):
    """Lists versions, newest first. `restore_wanted` carries the id of the one to put back."""

    restore_wanted = Signal(int)
    changes_wanted = Signal(object)  # NoteVersion; `show_changes` is the answer

    def __init__(self, theme: Theme, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._versions: list[NoteVersion] = []
        self.setWindowTitle(self.tr("Earlier versions"))
        room = parent.window().size() - QSize(40, 40) if parent is not None else QSize(880, 560)
        self.resize(QSize(at_font_size(880), at_font_size(560)).boundedTo(room.expandedTo(QSize(640, 420))))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(22, 18, 22, 18)
        layout.setSpacing(10)
        layout.addWidget(PlainLabel(self.tr("Earlier versions of “{title}”").replace("{title}", title), "title"))
        layout.addWidget(
            PlainLabel(self.tr("Putting one back keeps the present text as a version, too."), "muted", wrap=True)
        )
        self._rows = RowListModel(self)
        self.list = FlatList(theme, self._rows, name=self.tr("Versions"))
        self.list.setFixedWidth(theme.px(230))
        self.list.selectionModel().currentChanged.connect(lambda index, _before: self._show_version(index.row()))
        self.tabs = SegmentedControl(
            ((CHANGES, self.tr("What changed since")), (TEXT, self.tr("Text then"))), name=self.tr("Changes or text")
        )
        self.tabs.changed.connect(lambda _: self._show_again())
        theme.changed.connect(self._show_again)
        self.preview = ChangeView(theme, self.tr("Text of the version"))
        self._stack = QStackedWidget()
        both = QWidget()
        row = QHBoxLayout(both)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        row.addWidget(self.list)
        right = QVBoxLayout()
        right.setSpacing(8)
        right.addWidget(self.tabs)
        right.addWidget(self.preview, 1)
        row.addLayout(right, 1)
        self._both = both
        self._stack.addWidget(PlainLabel(self.tr("Looking for versions…"), "muted"))
        self._stack.addWidget(both)
        layout.addWidget(self._stack, 1)
        buttons = QHBoxLayout()
        buttons.addStretch()
        self.restore_button = TextButton(self.tr("Put this version back"), "primary")
        self.restore_button.clicked.connect(self._restore)
        self.restore_button.setEnabled(False)
        close = TextButton(self.tr("Close"))
        close.clicked.connect(self.reject)
        buttons.addWidget(self.restore_button)
        buttons.addWidget(close)
        layout.addLayout(buttons)

    def show_versions(self, versions: Sequence[NoteVersion]) -> None:
        """Fill the list; an empty one says how versions come about."""
        self._versions = list(versions)
        if not self._versions:
            self.restore_button.hide()
            self._show(
                EmptyState(
                    None,
                    self.tr("No earlier version yet"),
                    self.tr("While you write, Inkwell keeps what stood here before."),
                )
            )
            return
        now = datetime.now(UTC)
        self._rows.set_rows(
            [Row(version.id, when_in_words(version.saved_at, now), self._length(version)) for version in self._versions]
        )
        self._stack.setCurrentWidget(self._both)
        self.list.setCurrentIndex(self._rows.index(0))
        self.list.setFocus()

    def _length(self, version: NoteVersion) -> str:
        words = len(version.text.split())
        return self.tr("1 word") if words == 1 else self.tr("{n} words").replace("{n}", f"{words:,}")

    def show_error(self, error: InkwellError) -> None:
        """The versions could not be read."""
        self._show(ErrorBox(error))

    def _show(self, widget: QWidget) -> None:
        self._stack.addWidget(widget)
        self._stack.setCurrentWidget(widget)

    def _show_version(self, row: int) -> None:
        inside = 0 <= row < len(self._versions)
        self.restore_button.setEnabled(inside)
        if inside and self.tabs.value == CHANGES:
            self.preview.setPlainText(self.tr("Comparing…"))
            self.changes_wanted.emit(self._versions[row])
        elif inside:
            self.preview.show_text(self._versions[row].text)

    def show_changes(self, version: NoteVersion, changes: Sequence[LineChange]) -> None:
        """What changed since that version; passed over when another one is shown by now."""
        row = self.list.currentIndex().row()
        if self.tabs.value != CHANGES or not 0 <= row < len(self._versions) or self._versions[row] != version:
            return
        self.preview.show_changes(changes, self.tr("Nothing: the note says the same now."))

    def _show_again(self) -> None:
        self._show_version(self.list.currentIndex().row())

    def _restore(self) -> None:
        row = self.list.currentIndex().row()
        if 0 <= row < len(self._versions):
            self.restore_wanted.emit(self._versions[row].id)
            self.accept()
