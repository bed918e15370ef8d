"""Beside a note: its outline, the links to it, and notes like it."""

from __future__ import annotations

import re

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QStackedWidget, QWidget

from desktop_app.domain.outline import Heading
from desktop_app.domain.wiki_links import Backlink, link_words, marked_words
from desktop_app.presenters.note_mentions import NoteMentionsPresenter
from desktop_app.presenters.rows import Row, RowListModel
from desktop_app.services.note_links import AboutNote
from desktop_app.ui.notes.links_page import LinksPage
from desktop_app.ui.notes.related_list import RelatedList
from desktop_app.ui.theme.theme import Theme
from desktop_app.ui.widgets import EmptyState, FlatList, SegmentedControl, SidePane

OUTLINE, LINKS, RELATED = "outline", "links", "related"
_INDENT = "\u2003"
_BESIDE_TABS = 32
_LEAST_WIDTH = 272
"""The three tabs stand side by side in it at letters of the usual size."""
#: What a line of a list, a quote or a heading begins with.
_LINE_SIGNS = re.compile(r"^\s*(?:>\s*|#{1,6}\s+|(?:[-*+]|\d{1,9}[.)])\s+(?:\[[ xX]\]\s+)?)+")


class AboutPane(SidePane):
    """Lists headings and backlinks; tells which one was chosen."""

    heading_chosen = Signal(object)  # Heading
    backlink_chosen = Signal(object)  # Backlink

    def __init__(
        self, theme: Theme, related: RelatedList | None = None, mentions: NoteMentionsPresenter | None = None
    ) -> None:
        """Without `related` similar notes are not on offer, without `mentions` links alone."""
        super().__init__("")
        self.setMinimumWidth(_LEAST_WIDTH)
        self.setAccessibleName(self.tr("About this note"))
        self._about = AboutNote()
        self.title.hide()
        self.related = related
        tabs = [(OUTLINE, self.tr("Outline")), (LINKS, self.tr("Linked from"))]
        if related is not None:
            tabs.append((RELATED, self.tr("Similar")))
        self.tabs = SegmentedControl(tabs, name=self.tr("What stands beside the note"))
        self.tabs.changed.connect(lambda _: self._show())
        self.add_inset(self.tabs)
        theme.changed.connect(self._fit_tabs)
        self._headings, self._backlinks = RowListModel(self), RowListModel(self)
        self.outline = FlatList(theme, self._headings, name=self.tr("Headings of this note"), one_line=True)
        self.outline.chosen.connect(lambda row: self.heading_chosen.emit(self._about.outline[row]))
        self.links = FlatList(theme, self._backlinks, name=self.tr("Links to this note"))
        self.links.chosen.connect(lambda row: self.backlink_chosen.emit(self._about.backlinks[row]))
        self._no_headings = EmptyState(
            None, self.tr("No headings yet"), self.tr("A line that begins with # is a heading."), width=220
        )
        self.links_page = LinksPage(self.links, mentions, theme)
        self._stack = QStackedWidget()
        self._stack.setStyleSheet("QStackedWidget { background: transparent; }")
        pages: list[QWidget] = [self.outline, self.links_page, self._no_headings]
        if related is not None:
            pages.append(related)
        for page in pages:
            self._stack.addWidget(page)
        self.body.addWidget(self._stack, 1)
        self._show()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_tabs()

    def _fit_tabs(self) -> None:
        self.tabs.fit(self.contentsRect().width() - _BESIDE_TABS)

    @property
    def tab(self) -> str:
        """OUTLINE, LINKS or RELATED."""
        return str(self.tabs.value)

    def show_tab(self, tab: str) -> None:
        """Show one of them; the outline in place of one that is not on offer."""
        tab = OUTLINE if tab == RELATED and self.related is None else tab
        self.tabs.set_value(tab)
        self._show()

    def take_focus(self) -> None:
        """Take the keyboard to what is listed, on its first row where it was on none; to the tabs where nothing is."""
        shown = self._stack.currentWidget()
        if isinstance(shown, FlatList):
            shown.setFocus()
            if not shown.currentIndex().isValid():
                shown.setCurrentIndex(shown.model().index(0, 0))
        elif shown is self.links_page and self.links_page.has_rows:
            self.links_page.take_focus()
        elif shown is self.related and self.related is not None:
            self.related.setFocus()
        else:
            self.tabs.setFocus()

    def show_about(self, about: AboutNote) -> None:
        """Fill both lists."""
        self._about = about
        self._headings.set_rows(_outline_rows(about.outline))
        self._backlinks.set_rows(
            [_backlink_row(number, one, self.tr("Untitled")) for number, one in enumerate(about.backlinks)]
        )
        self.links_page.show_links(bool(about.backlinks))
        self._show()

    def _show(self) -> None:
        if self.tab == RELATED and self.related is not None:
            self._stack.setCurrentWidget(self.related)
        elif self.tab == OUTLINE:
            self._stack.setCurrentWidget(self.outline if self._about.outline else self._no_headings)
        else:
            self._stack.setCurrentWidget(self.links_page)


def _outline_rows(outline: tuple[Heading, ...]) -> list[Row]:
    top = min((one.level for one in outline), default=1)
    return [
        Row(number, _INDENT * (one.level - top) + one.title, needs_enter=True) for number, one in enumerate(outline)
    ]


def _backlink_row(number: int, link: Backlink, untitled: str) -> Row:
    line = _LINE_SIGNS.sub("", link.excerpt)  # no link begins with them
    mark = marked_words(line, link.target)
    marks = () if mark is None else (mark,)
    return Row(number, link.title or untitled, link_words(line), marks=marks, needs_enter=True)
