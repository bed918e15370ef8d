"""Beside a note: the links to it, and behind a line the places that name it without a link."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from desktop_app.domain.mentions import Mention
from desktop_app.presenters.note_mentions import NoteMentionsPresenter
from desktop_app.presenters.rows import Row, RowListModel
from desktop_app.services.note_mentions import MOST_MENTIONS
from desktop_app.ui.theme.theme import Theme
from desktop_app.ui.widgets import EmptyState, FlatList, PlainLabel, TextButton


class LinksPage(QWidget):
    """`links` is the list above, or why there is none. Has mentions looked for only while it is seen."""

    mention_chosen = Signal(object)  # Mention

    def __init__(self, links: FlatList, presenter: NoteMentionsPresenter | None, theme: Theme) -> None:
        """Without `presenter` there are links alone."""
        super().__init__()
        self._presenter = presenter
        self._unfolded = False
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        self.links = links
        self._none = EmptyState(
            None, self.tr("No note links here"), self.tr("Type [[ in another note to link to this one."), width=220
        )
        self._none_shortly = PlainLabel(self.tr("No note links here"), "small")
        self._none_shortly.setContentsMargins(10, 8, 10, 4)
        column.addWidget(self._none_shortly)
        self._above = QStackedWidget()
        self._above.setStyleSheet("QStackedWidget { background: transparent; }")
        self._above.addWidget(links)
        self._above.addWidget(self._none)
        column.addWidget(self._above, 1)
        head = QHBoxLayout()
        head.setContentsMargins(10, 2, 10, 2)
        self.toggle = TextButton("", "small_link")
        self.toggle.clicked.connect(self._turn)
        head.addWidget(self.toggle)
        head.addStretch()
        column.addLayout(head)
        self._model = RowListModel(self)
        self.mentions = FlatList(theme, self._model, name=self.tr("Where this note is mentioned without a link"))
        self.mentions.chosen.connect(lambda row: self.mention_chosen.emit(self._shown[row]))
        column.addWidget(self.mentions, 1)
        foot = QHBoxLayout()
        foot.setContentsMargins(10, 2, 10, 8)
        self.link_button = TextButton(self.tr("Make it a link"))
        self.link_button.clicked.connect(self.link_current)
        foot.addWidget(self.link_button)
        foot.addStretch()
        column.addLayout(foot)
        column.addStretch()
        if presenter is not None:
            presenter.changed.connect(self._show_mentions)
        self.show_links(False)
        self._show_mentions()

    def show_links(self, any_there: bool) -> None:
        """Whether there are links to the note."""
        self._above.setCurrentWidget(self.links if any_there else self._none)
        self._arrange()

    @property
    def chosen_mention(self) -> Mention | None:
        """The one that the keyboard is on."""
        row = self.mentions.current_id
        return self._shown[row] if isinstance(row, int) and row < len(self._shown) else None

    def link_current(self) -> None:
        """Make a link of the chosen mention, the first one where none is chosen; they are unfolded first."""
        if self._presenter is None or not self._shown:
            return
        if not self._unfolded:
            self._turn()
            self.mentions.setFocus()
            self.mentions.setCurrentIndex(self._model.index(0))
            return
        row = self.mentions.current_id
        number = row if isinstance(row, int) and row < len(self._shown) else 0
        self._presenter.link(self._shown[number])
        if self._shown:  # the next one is the one that is meant next
            self.mentions.setCurrentIndex(self._model.index(min(number, len(self._shown) - 1)))

    def take_focus(self) -> None:
        """Take the keyboard to the links, to the mentions where there are none."""
        if self._above.currentWidget() is self.links:
            self.links.setFocus()
            if not self.links.currentIndex().isValid():
                self.links.setCurrentIndex(self.links.model().index(0, 0))
        elif self.mentions.isVisible():
            self.mentions.setFocus()
        else:
            self.toggle.setFocus()

    @property
    def has_rows(self) -> bool:
        """Whether there is anything for the keyboard."""
        return self._above.currentWidget() is self.links or bool(self._shown)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._presenter is not None:
            self._presenter.set_watched(True)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        if self._presenter is not None:
            self._presenter.set_watched(False)

    @property
    def _shown(self) -> tuple[Mention, ...]:
        return self._presenter.mentions if self._presenter is not None else ()

    def _arrange(self) -> None:
        """Beside mentions, that there are no links is one line: the room is theirs."""
        shortly = self._above.currentWidget() is self._none and bool(self._shown)
        self._none_shortly.setVisible(shortly)
        self._above.setVisible(not shortly)

    def _turn(self) -> None:
        self._unfolded = not self._unfolded
        self._show_mentions()

    def _show_mentions(self) -> None:
        shown = self._shown
        count = f"{MOST_MENTIONS}+" if len(shown) >= MOST_MENTIONS else str(len(shown))
        words = self.tr("Mentioned without a link ({n})").replace("{n}", count)
        self.toggle.setText(f"{'▾' if self._unfolded else '▸'} {words}")
        self.toggle.setAccessibleName(words)
        untitled = self.tr("Untitled")
        self._model.set_rows(
            [
                Row(number, one.title or untitled, one.excerpt, marks=(one.mark,), needs_enter=True)
                for number, one in enumerate(shown)
            ]
        )
        self._arrange()
        self.toggle.setVisible(bool(shown))
        self.mentions.setVisible(self._unfolded and bool(shown))
        self.link_button.setVisible(self._unfolded and bool(shown))
