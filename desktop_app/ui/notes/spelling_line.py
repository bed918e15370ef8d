"""One calm line under a note: spelling is on, and yet nothing is checked."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QStyle, QStyleOptionButton, QStylePainter

from desktop_app.domain.spelling import SpellingProblem
from desktop_app.presenters.spelling import SpellingBook
from desktop_app.ui.notes.note_view import NoteView
from desktop_app.ui.theme.theme import Theme
from desktop_app.ui.widgets import Banner, TextButton


class SpellingLine(TextButton):
    """Hidden while words are checked, or spelling is off. A press says what to do."""

    def __init__(self, view: NoteView, book: SpellingBook, theme: Theme, settings: QAction) -> None:
        """`settings` opens the page on which spelling is switched off."""
        super().__init__("", "small_link")
        self._view = view
        self._book = book
        self._theme = theme
        self._settings = settings
        self._is_wanted = True
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.clicked.connect(self.explain)
        book.problem_changed.connect(self._show)
        self._show()

    def minimumSizeHint(self) -> QSize:
        return QSize(1, super().minimumSizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """As any button, its words cut at their end where there is no room for all of them."""
        option = QStyleOptionButton()
        self.initStyleOption(option)
        words = self.fontMetrics()
        around = self.sizeHint().width() - words.horizontalAdvance(self.text())
        option.text = words.elidedText(self.text(), Qt.TextElideMode.ElideRight, self.width() - around)
        QStylePainter(self).drawControl(QStyle.ControlElement.CE_PushButton, option)

    def leave_to_other(self) -> None:
        """Another note beside this one says it already."""
        self._is_wanted = False
        self._show()

    def _show(self) -> None:
        self.setText(self._short())
        self.setAccessibleName(self.text())
        self.setVisible(self._is_wanted and self._book.problem is not None)

    def explain(self) -> None:
        """Say above the note what is missing and where to get it."""
        actions = (
            (self.tr("Settings"), self._settings.trigger),
            (self.tr("Close"), lambda: self._view.tell(None)),
        )
        self._view.tell(Banner(self._long(), actions, icon=self._theme.icon("info", "accent")))

    def _short(self) -> str:
        if self._book.problem is SpellingProblem.NO_LIBRARY:
            return self.tr("Spelling is not checked: its library is missing. What to do…")
        if self._book.problem is SpellingProblem.OTHER_LANGUAGES:
            return self.tr("Spelling is not checked: no dictionary of your language. What to do…")
        return self.tr("Spelling is not checked: no dictionary. What to do…")

    def _long(self) -> str:
        if self._book.problem is SpellingProblem.NO_LIBRARY:
            return self.tr(
                "Spelling is on, but Hunspell, which looks words up, is not installed. Install Inkwell again, or "
                "switch Spelling off in Settings."
            )
        if self._book.problem is SpellingProblem.OTHER_LANGUAGES:
            return self.tr(
                "Spelling is on, but no dictionary on this computer is of the chosen language. Choose another one "
                "under Languages of spelling in Settings, or switch Spelling off there."
            )
        return self.tr(
            "Spelling is on, but this computer has no dictionary. They come with LibreOffice or a package such as "
            "hunspell-en-us; a pair of files, .aff and .dic, can also be put into the folder “dictionaries” of the "
            "data folder. Then start Inkwell again, or switch Spelling off in Settings."
        )
