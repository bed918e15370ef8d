"""What search by meaning has to say about the results: that it is not ready, or cannot read the question."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop_app.domain.search import SearchMode
from desktop_app.domain.search_question import Question
from desktop_app.presenters.search import SearchView
from desktop_app.ui.theme.theme import Theme
from desktop_app.ui.widgets import Banner


class MeaningBanner(QWidget):
    """Hidden while there is nothing to say."""

    models_wanted = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._banner: Banner | None = None
        self._text = ""
        self._place = QVBoxLayout(self)
        self._place.setContentsMargins(0, 0, 0, 0)
        self.hide()

    def show_view(self, view: SearchView, question: Question) -> None:
        """Say what there is to say about this state of the search."""
        text, models_help = self._words(view, question)
        if text == self._text:
            return
        self._text = text
        if self._banner is not None:
            self._place.removeWidget(self._banner)
            self._banner.deleteLater()
            self._banner = None
        if text:
            actions = [(self.tr("Open Models"), self.models_wanted.emit)] if models_help else []
            self._banner = Banner(text, actions, icon=self._theme.icon("info", "accent"))
            self._place.addWidget(self._banner)
            self._banner.show()  # at once, not with the next turn of the event loop
        self.setVisible(bool(text))

    def _words(self, view: SearchView, question: Question) -> tuple[str, bool]:
        """The words, and whether another model may help."""
        result = view.result
        similar = question.similar_to is not None
        if result is None or not (similar or view.mode is not SearchMode.WORDS):
            return "", False
        if result.meaning_ready:
            if not result.language_unread:
                return "", False
            return self.tr("The search model cannot read this script: words lead. Another model may read it."), True
        if similar:
            return (result.meaning_problem if result.hits else ""), False
        if result.meaning_problem:
            return result.meaning_problem + " " + self.tr("These are word matches."), True
        return self.tr("Meaning is still loading: these are word matches."), False
