"""Highlights Markdown where it is seen: the blocks on the screen at once, what a fence opens further down in slices."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import NamedTuple

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QFont, QTextBlock, QTextCharFormat, QTextDocument, QTextLayout

from desktop_app.domain.indented_code import MOST_LOOKED_AT, is_indented, is_indented_code
from desktop_app.ui.notes.fence_colours import FenceColours
from desktop_app.ui.notes.markdown_lines import (
    CODE_ROLES,
    LineState,
    Stretch,
    Style,
    code_stretches,
    line_state,
    line_styles,
)
from desktop_app.ui.theme.theme import Theme

#: Longest stretch of work between two turns of the event loop, in seconds.
_BUDGET_S = 0.006
#: No screen shows more characters than this at once.
_SCREEN = 20_000
#: So far above the screen the beginning of its first code is looked for, in lines.
_LOOKED_BACK = 400
#: Lines whose styles are kept: some screens of them.
_MOST_KNOWN = 500
#: A block's user state holds, from the lowest bit: what is open after it (2 bits), and a digest of how it looks.
_STATE_BITS = 2
_DIGEST_MASK = (1 << 28) - 1

_HEADING_SIZES = {Style.HEADING_1: 26.0, Style.HEADING_2: 19.0, Style.HEADING_3: 16.5}


class MarkdownHighlighter(QObject):
    """Styles the blocks of one document after another.

    QSyntaxHighlighter styles a whole document before it shows anything, which takes seconds for one of some megabytes.
    This one styles what is asked for by `show_blocks` and keeps track of open code fences in the background. A document
    is laid out anew once for each call, however many blocks changed.
    """

    restyled = Signal()

    def __init__(
        self, theme: Theme, next_shown: Callable[[QTextBlock], QTextBlock], parent: QObject | None = None
    ) -> None:
        """`next_shown` leaves out the lines that are folded."""
        super().__init__(parent)
        self._theme = theme
        self._next_shown = next_shown
        self._document: QTextDocument | None = None
        self._active = -1
        self._window = (0, 0)
        self._scan_next = -1
        self._scan_until = -1
        self._salt = 0
        self._missing: frozenset[str] = frozenset()
        self._formats: dict[tuple[Style, bool], QTextCharFormat] = {}
        self._known_styles: dict[tuple[str, LineState, bool], list[Stretch]] = {}
        self._run: _IndentedRun | None = None
        self._colours = FenceColours()
        self._timer = QTimer(self)
        self._timer.setInterval(0)
        self._timer.timeout.connect(self._scan_slice)
        theme.changed.connect(self._on_theme)

    def set_document(self, document: QTextDocument) -> None:
        """Style this document from now on. Its first blocks are styled before this returns."""
        if self._document is not None:
            self._document.contentsChange.disconnect(self._on_contents_change)
        self._document = document
        self._run = None
        self._active = -1
        self._window = (0, 0)
        document.contentsChange.connect(self._on_contents_change)
        self._scan_next, self._scan_until = 0, document.blockCount() - 1
        self._scan(_BUDGET_S * 3)
        self.show_blocks(0, 80)

    def show_blocks(self, first: int, last: int) -> None:
        """Blocks `first` to `last` (numbers, both included) are on the screen: style them."""
        document = self._document
        if document is None:
            return
        self._window = (first, last)
        changed_from, changed_to = -1, -1
        block = document.findBlockByNumber(max(0, first))
        shown = self._shown(block, last)
        coloured = self._code_colours(shown)
        for block, before in shown:
            if self._style(block, before, coloured.get(block.blockNumber(), [])):
                changed_from = block.position() if changed_from < 0 else changed_from
                changed_to = block.position() + block.length()
        if first <= self._scan_next <= last:
            # What the scan compares with was just renewed here: it may not stop before the end of the window.
            self._scan_until = max(self._scan_until, last + 1)
        if changed_from >= 0:
            document.markContentsDirty(changed_from, changed_to - changed_from)
            self.restyled.emit()

    def set_missing(self, missing: frozenset[str]) -> None:
        """Keys of the link targets that no note answers to."""
        if missing != self._missing:
            self._missing = missing
            self._known_styles.clear()
            self.show_blocks(*self._window)

    def style_anew(self) -> None:
        """The document has forgotten how its blocks look."""
        self._salt += 1
        self.show_blocks(*self._window)

    def set_active_block(self, number: int) -> None:
        """The cursor is in this block: its Markdown signs are shown. -1 for none."""
        if number != self._active:
            self._active = number
            self.show_blocks(*self._window)

    def state_after(self, block: QTextBlock) -> LineState:
        """What is open after `block`, as far as known."""
        state = block.userState()
        return LineState(state & 3) if state >= 0 else LineState.TEXT

    def state_before(self, block: QTextBlock) -> LineState:
        """What is open before `block`, as far as known."""
        return self._state_before(block)

    # Inside -------------------------------------------------------------------------------------

    def _state_before(self, block: QTextBlock) -> LineState:
        previous = block.previous()
        return self.state_after(previous) if previous.isValid() else LineState.TEXT

    def _shown(self, block: QTextBlock, last: int) -> list[tuple[QTextBlock, LineState]]:
        """The blocks from `block` to the one with the number `last` that are not folded, as many as a screen can hold,
        each with what is open before it.
        """
        found: list[tuple[QTextBlock, LineState]] = []
        before, room = self._state_before(block), _SCREEN
        while block.isValid() and block.blockNumber() <= last and room >= 0:
            found.append((block, before))
            room -= block.length()
            following = self._next_shown(block)
            is_next = following.blockNumber() == block.blockNumber() + 1
            before = line_state(block.text(), before) if is_next else self._state_before(following)
            block = following
        return found

    def _code_colours(self, shown: list[tuple[QTextBlock, LineState]]) -> dict[int, list[tuple[int, int, str]]]:
        """The colours of the code in these blocks, by block number."""
        opening: QTextBlock | None = None
        found: dict[int, list[tuple[int, int, str]]] = {}
        for at, (block, before) in enumerate(shown):
            if at == 0 and before is not LineState.TEXT:
                opening = self._opening_above(block)
            after = line_state(block.text(), before)
            if before is LineState.TEXT and after is not LineState.TEXT:
                opening = block
            goes_on = at + 1 < len(shown) and shown[at + 1][0].blockNumber() == block.blockNumber() + 1
            if opening is not None and (after is LineState.TEXT or not goes_on):
                for number, line in enumerate(self._colours.of_lines(opening, block), opening.blockNumber() + 1):
                    found[number] = line
                opening = None
        return found

    def _opening_above(self, block: QTextBlock) -> QTextBlock | None:
        for _ in range(_LOOKED_BACK):
            block = block.previous()
            if not block.isValid():
                return None
            if self._state_before(block) is LineState.TEXT:
                return block
        return None

    def _style(self, block: QTextBlock, before: LineState, coloured: list[tuple[int, int, str]]) -> bool:
        """Style one block; true when its looks changed."""
        text = block.text()
        stretches = list(self._styles_of(text, before, is_code=before is LineState.TEXT and self._is_code(block)))
        if coloured and before is not LineState.TEXT and line_state(text, before) is not LineState.TEXT:
            stretches += code_stretches(text, coloured)
        active = block.blockNumber() == self._active
        digest = hash((self._salt, active, before, tuple(stretches))) & _DIGEST_MASK or 1
        state = block.userState()
        if state >= 0 and state >> _STATE_BITS == digest:
            return False
        layout = block.layout()
        had = bool(layout.formats())
        block.setUserState(digest << _STATE_BITS | line_state(text, before))
        if not stretches and not had:
            return False
        layout.setFormats([self._range(stretch, active) for stretch in stretches])
        return True

    def _is_code(self, block: QTextBlock) -> bool:
        """Whether a line outside fences is code because it is indented. Lines are mostly asked for one after the other:
        what was found out for the one above holds for this one, too.
        """
        text, number, revision = block.text(), block.blockNumber(), block.document().revision()
        run, self._run = self._run, None
        if run is not None and (run.revision, run.last) != (revision, number - 1):
            run = None
        if run is not None and not text.strip():
            self._run = run._replace(last=number)
        if not is_indented(text):
            return False
        if run is None:
            above = _LinesAbove(block)
            is_code = is_indented_code(text, above)
            run = _IndentedRun(revision, number, is_code, max(0, number - 1 - above.passed))
        self._run = run._replace(last=number)
        return run.is_code and number - 1 - run.below < MOST_LOOKED_AT

    def _styles_of(self, text: str, before: LineState, *, is_code: bool) -> list[Stretch]:
        """The lines on the screen are asked for with each key, and all but one of them are what they were."""
        key = (text, before, is_code)
        found = self._known_styles.get(key)
        if found is None:
            if len(self._known_styles) >= _MOST_KNOWN:
                self._known_styles.clear()
            found = self._known_styles[key] = line_styles(text, before, self._missing, is_code=is_code)
        return found

    def _range(self, stretch: Stretch, active: bool) -> QTextLayout.FormatRange:
        result = QTextLayout.FormatRange()
        result.start = stretch.start
        result.length = stretch.length
        result.format = self._format(stretch.style, active)
        return result

    def _on_contents_change(self, position: int, removed: int, added: int) -> None:
        document = self._document
        if document is None:
            return
        first = document.findBlock(position).blockNumber()
        end = document.findBlock(position + added)
        last = end.blockNumber() if end.isValid() else document.blockCount() - 1
        if self._scan_next >= 0:
            first = min(first, self._scan_next)
            last = max(last, min(self._scan_until, document.blockCount() - 1))
        self._scan_next, self._scan_until = first, last
        self._scan(_BUDGET_S)
        # The document is still in the middle of its change: it is laid out by itself afterwards, styles included.
        QTimer.singleShot(0, self, self._restyle_window)

    def _restyle_window(self) -> None:
        self.show_blocks(*self._window)

    def _scan_slice(self) -> None:
        self._scan(_BUDGET_S)
        if self._scan_next < 0:
            self.show_blocks(*self._window)

    def _scan(self, budget: float) -> None:
        """Work out what is open after each block, from where it may have changed to where it comes out as before."""
        document = self._document
        if document is None or self._scan_next < 0:
            return
        deadline = time.perf_counter() + budget
        block = document.findBlockByNumber(self._scan_next)
        before = self._state_before(block)
        number = self._scan_next
        while block.isValid():
            old = block.userState()
            before = line_state(block.text(), before)
            if old < 0:
                block.setUserState(int(before))
            elif old & 3 != before:
                block.setUserState((old & ~3) | before)
            if number >= self._scan_until and old >= 0 and old & 3 == before:
                break
            block = block.next()
            number += 1
            if number & 31 == 0 and time.perf_counter() > deadline:
                self._scan_next = number
                self._timer.start()
                return
        self._scan_next = self._scan_until = -1
        self._timer.stop()

    def _on_theme(self) -> None:
        self._formats.clear()
        self.style_anew()

    def _format(self, style: Style, active: bool) -> QTextCharFormat:
        key = (style, active)
        if key not in self._formats:
            self._formats[key] = self._make_format(style, active)
        return self._formats[key]

    def _make_format(self, style: Style, active: bool) -> QTextCharFormat:
        theme = self._theme
        result = QTextCharFormat()
        if style in _HEADING_SIZES:
            result.setFontPointSize(theme.interface_font(_HEADING_SIZES[style]).pointSizeF())
            result.setFontWeight(QFont.Weight.DemiBold)
        elif style is Style.BOLD:
            result.setFontWeight(QFont.Weight.DemiBold)
        elif style is Style.ITALIC:
            result.setFontItalic(True)
        elif style is Style.STRIKE:
            result.setFontStrikeOut(True)
        elif style is Style.DONE:
            result.setFontStrikeOut(True)
            result.setForeground(theme.color("muted_text"))
        elif style in CODE_ROLES:
            result.setForeground(theme.color(CODE_ROLES[style]))
        elif style in (Style.CODE, Style.CODE_IN_HEADING, Style.CODE_BLOCK, Style.TABLE, Style.INDENT):
            font = theme.code_font()
            result.setFontFamilies(font.families())
            if style is not Style.CODE_IN_HEADING:  # as large as the words around it
                result.setFontPointSize(font.pointSizeF())
            if style in (Style.CODE, Style.CODE_IN_HEADING):
                result.setBackground(theme.color("code_block"))
        elif style is Style.QUOTE:
            result.setForeground(theme.color("muted_text"))
            result.setFontItalic(True)
        elif style is Style.HIGHLIGHT:
            result.setBackground(theme.color("highlight"))
            result.setForeground(theme.color("text"))
        elif style is Style.CALLOUT:
            result.setForeground(theme.color("text"))
            result.setFontItalic(False)
            result.setFontWeight(QFont.Weight.DemiBold)
        elif style is Style.LINK:
            result.setForeground(theme.color("accent"))
        elif style is Style.MISSING_LINK:
            result.setForeground(theme.color("muted_text"))
            result.setUnderlineStyle(QTextCharFormat.UnderlineStyle.DashUnderline)
            result.setUnderlineColor(theme.color("muted_text"))
        elif style is Style.TAG:
            result.setForeground(theme.color("tag"))
        elif style is Style.BULLET and not active:
            result.setForeground(QColor(Qt.GlobalColor.transparent))
        elif style is Style.INVISIBLE or (style is Style.MARK and not active):
            result.setFontPointSize(0.5)
            result.setFontLetterSpacing(1.0)  # percent of each letter's width
            result.setForeground(QColor(Qt.GlobalColor.transparent))
        else:
            result.setForeground(theme.color("muted_text"))
        return result


class _IndentedRun(NamedTuple):
    """Lines that are indented, and blank ones between them, as far as they were looked at."""

    revision: int  # of the document
    last: int
    is_code: bool
    below: int  # the number of the block that they stand below


class _LinesAbove(Iterator[str]):
    """The nearest first; `passed` are those that were gone by for the next one."""

    def __init__(self, block: QTextBlock) -> None:
        self._block = block
        self.passed = -1

    def __next__(self) -> str:
        self._block = self._block.previous()
        self.passed += 1
        if not self._block.isValid():
            raise StopIteration
        return self._block.text()
