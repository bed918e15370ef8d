"""How far indexing is, with a way to pause, and what is said while another search model reads all notes."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop_app.domain.search import IndexingProgress
from desktop_app.presenters.indexing_words import is_under_way, pace, share_done, still_to_index
from desktop_app.ui.theme.theme import Theme
from desktop_app.ui.widgets import PlainLabel, TextButton, ThinProgress


class IndexingLine(QWidget):
    """Hidden while nothing is left to index."""

    def __init__(self, theme: Theme, keep_encoder: QAction, hold: Callable[[bool], object]) -> None:
        """`keep_encoder` stays with the former search model; `hold` pauses the indexing, or lets it go on."""
        super().__init__()
        self._hold = hold
        self._held = False
        column = QVBoxLayout(self)
        column.setContentsMargins(2, 2, 2, 0)
        column.setSpacing(5)
        self.label = PlainLabel("", "small", wrap=True)
        self.bar = ThinProgress(theme, name=self.tr("Notes indexed"))
        self.pause_button = TextButton(self.tr("Pause"), "link")
        self.pause_button.setAccessibleName(self.tr("Pause indexing"))
        self.pause_button.clicked.connect(lambda: self._hold(not self._held))
        self.change_label = PlainLabel("", "small", wrap=True)
        self.keep_button = TextButton("", "link")
        self.keep_button.clicked.connect(keep_encoder.trigger)
        self._change = QWidget()
        column.addLayout(_row(self.label, self.pause_button))
        self._change.setLayout(_row(self.change_label, self.keep_button))
        column.addWidget(self._change)
        column.addWidget(self.bar)
        self._change.hide()
        self.hide()

    def show_progress(self, progress: IndexingProgress) -> None:
        """Say it."""
        self._held = progress.held
        self.setVisible(is_under_way(progress))
        self.label.setText(" · ".join(words for words in (still_to_index(progress), pace(progress)) if words))
        self.pause_button.setVisible(progress.problem is None)
        self._change.setVisible(bool(progress.replaces))
        if progress.replaces:
            self.change_label.setText(
                self.tr("{name} answers until the new search model has read all notes.").format(name=progress.replaces)
            )
            self.keep_button.setText(self.tr("Keep {name}").format(name=progress.replaces))
            self.keep_button.setAccessibleName(self.keep_button.text())
        self.pause_button.setText(self.tr("Resume") if progress.held else self.tr("Pause"))
        self.pause_button.setAccessibleName(self.tr("Resume indexing") if progress.held else self.tr("Pause indexing"))
        done, total, words = share_done(progress)
        unknown = 0.0 if progress.held else None  # nothing moves while it is paused
        self.bar.set_fraction(done / total if total else unknown)
        for shown in (self.bar, self.label):
            shown.setToolTip(words)
            shown.setAccessibleDescription(words)


def _row(words: QWidget, button: QWidget) -> QHBoxLayout:
    """The button at the right end, where it stays under the pointer while the words change."""
    row = QHBoxLayout()
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(8)
    row.addWidget(words, 1)
    row.addWidget(button)
    return row
