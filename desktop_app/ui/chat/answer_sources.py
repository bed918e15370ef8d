"""The passages of notes that an answer was written from, as chips under it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from desktop_app.domain.attachments import AttachmentKind
from desktop_app.presenters.attachments import Chip, ChipState
from desktop_app.presenters.transcript import AnswerSource
from desktop_app.ui.chat.attachment_chips import ChipRow
from desktop_app.ui.widgets import PlainLabel

if TYPE_CHECKING:
    from desktop_app.ui.theme.theme import Theme

_GAP = 5
_MOST_CHIPS = 3
"""Beside the cited ones, which are all there: the pane has the rest."""
_ALL = 0


class AnswerSources(QWidget):
    """A line that says what they are, and a chip for each; hidden where there are none."""

    open_wanted = Signal(int)  # attachment id; 0: all of them

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._words = PlainLabel("", "small", wrap=True, parent=self)
        self.chips = ChipRow(theme, removable=False, parent=self)
        self.chips.setAccessibleName(self.tr("Passages of your notes"))
        self.chips.open_wanted.connect(self.open_wanted)
        self.hide()

    def show_sources(self, sources: Sequence[AnswerSource], words: str) -> None:
        """Show these, with `words` in front of them."""
        self._words.setText(words)
        some_are_cited = any(each.cited for each in sources)
        shown = [each for number, each in enumerate(sources) if each.cited or number < _MOST_CHIPS]
        chips = [self._chip(each, some_are_cited) for each in shown]
        if len(shown) < len(sources):
            words = self.tr("All {0} passages").format(len(sources))
            chips.append(Chip(_ALL, words, AttachmentKind.NOTE, ChipState.READY, "", attachment_id=_ALL))
        self.chips.show_chips(chips)
        self.setVisible(bool(sources))

    def height_at(self, width: int) -> int:
        """Place everything for `width` pixels; the height it takes."""
        height = self._words.heightForWidth(width)
        self._words.setGeometry(0, 0, width, height)
        gap = self._theme.px(_GAP)
        rows = self.chips.height_at(width)
        self.chips.setGeometry(0, height + gap, width, rows)
        return height + gap + rows + gap

    def _chip(self, source: AnswerSource, some_are_cited: bool) -> Chip:
        detail = self.tr("not cited") if some_are_cited and not source.cited else ""
        name = f"{source.number}  {source.name}"
        return Chip(
            source.attachment_id, name, AttachmentKind.NOTE, ChipState.READY, detail, attachment_id=source.attachment_id
        )
