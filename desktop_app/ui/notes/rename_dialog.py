"""Asks for a note's new title, and shows which links will say it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDialog, QLineEdit, QVBoxLayout, QWidget

from desktop_app.domain.errors import InkwellError
from desktop_app.domain.wiki_links import Backlink, can_be_linked, marked_link, target_key
from desktop_app.presenters.note_renaming import count_of_links
from desktop_app.presenters.rows import Row, RowListModel
from desktop_app.ui.theme.theme import Theme
from desktop_app.ui.widgets import FlatList, PlainLabel
from desktop_app.ui.widgets.cards import button_row


class RenameDialog(QDialog):
    """`renamed` carries the title, once it was accepted."""

    renamed = Signal(str)

    def __init__(self, theme: Theme, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._old = title
        self._links: Sequence[Backlink] | None = None
        self.setWindowTitle(self.tr("Rename note"))
        self.setMinimumWidth(theme.px(480))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(22, 18, 22, 18)
        layout.setSpacing(10)
        layout.addWidget(PlainLabel(self.tr("Rename note"), "title"))
        self.line = QLineEdit(title)
        self.line.setAccessibleName(self.tr("Title of the note"))
        self.line.setMaxLength(200)
        self.line.setAcceptDrops(False)
        self.line.selectAll()
        self.line.textChanged.connect(self._show)
        self.line.returnPressed.connect(self._accept)
        layout.addWidget(self.line)
        self.count = PlainLabel(self.tr("Looking for links to this note…"), "muted", wrap=True)
        layout.addWidget(self.count)
        self._rows = RowListModel(self)
        self.list = FlatList(theme, self._rows, name=self.tr("Links that will be changed"))
        self.list.setFixedHeight(theme.px(190))
        self.list.hide()
        layout.addWidget(self.list)
        row = button_row(((self.tr("Rename"), self._accept), (self.tr("Cancel"), self.reject)))
        row.insertStretch(0)
        layout.addLayout(row)

    def show_links(self, links: Sequence[Backlink]) -> None:
        """The links that say the title now."""
        self._links = links
        self._rows.set_rows([_row(number, links, self.tr("Untitled")) for number in range(len(links))])
        self.list.setVisible(bool(links))
        self._show()

    def show_error(self, error: InkwellError) -> None:
        """The links could not be read."""
        self.count.setText(str(error))

    def _show(self) -> None:
        links = self._links
        if links is None:
            return
        title = " ".join(self.line.text().split())
        if not links:
            self.count.setText(self.tr("No link says this title."))
        elif title and not can_be_linked(title):
            self.count.setText(
                self.tr("Links cannot say a title with [ ] | or #. They stay as they are, and lead nowhere.")
            )
        else:
            notes = len({link.note_id for link in links})
            words = count_of_links(
                len(links),
                notes,
                self.tr("1 link in 1 note will be changed."),
                self.tr("{links} links in 1 note will be changed."),
                self.tr("{links} links in {notes} notes will be changed."),
            )
            self.count.setText(words)

    def _accept(self) -> None:
        title = " ".join(self.line.text().split())
        if not title:
            return
        if title != self._old:
            self.renamed.emit(title)
        self.accept()


def _row(number: int, links: Sequence[Backlink], untitled: str) -> Row:
    link, before = links[number], 0
    for other in reversed(links[:number]):
        if (other.note_id, other.excerpt) != (link.note_id, link.excerpt):
            break
        if link.start - other.start >= len(link.excerpt):
            break  # another line that says the same
        before += target_key(other.target) == target_key(link.target)
    mark = marked_link(link.excerpt, link.target, before)
    return Row(number, link.title or untitled, link.excerpt, marks=() if mark is None else (mark,), needs_enter=True)
