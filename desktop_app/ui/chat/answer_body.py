"""The body of an answer: text and code widgets in turn, of which only the last one changes while the answer grows."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from msgspec.structs import replace
from PySide6.QtCore import QTimer, QUrl, Signal
from PySide6.QtWidgets import QWidget

from desktop_app.domain.markdown_blocks import Block, BlockKind, BlockStream, CodeStream
from desktop_app.ui.chat.code_block import CodeBlock
from desktop_app.ui.chat.message_text import MarkdownText, ShownTask
from desktop_app.ui.chat.selection import MessageSelection

if TYPE_CHECKING:
    from desktop_app.ui.chat.callout_folds import CalloutFolds
    from desktop_app.ui.chat.picture_objects import NoteFiles
    from desktop_app.ui.theme.theme import Theme

LARGEST_TEXT = 4_000
"""Characters of Markdown in one text widget. A longer answer has several, so that laying out its end stays cheap."""

_AT_ONCE = 8_000
"""Characters at the end of a long answer that are rendered at once; the parts above follow one by one."""

_GAP = 12


class AnswerBody(QWidget):
    """Shows one answer's Markdown, or the code that it is as a whole."""

    height_changed = Signal()
    link_activated = Signal(str)
    link_hovered = Signal(str)
    menu_wanted = Signal(object)
    task_clicked = Signal(object)  # ShownTask

    def __init__(
        self,
        theme: Theme,
        selection: MessageSelection,
        parent: QWidget | None = None,
        *,
        links_to_notes: bool = False,
        keeps_lines: bool = False,
        files: NoteFiles | None = None,
        callouts: CalloutFolds | None = None,
    ) -> None:
        """What notes differ in, see MarkdownWriter; `files` are those of the note."""
        super().__init__(parent)
        self._links_to_notes = links_to_notes
        self._keeps_lines = keeps_lines
        self._files = files
        self._callouts = callouts
        self.citable: frozenset[int] = frozenset()
        """Numbers of the passages that the answer may cite: what shows a text from now on makes links of them."""
        self._theme = theme
        self._selection = selection
        self._stream: BlockStream | CodeStream = BlockStream()
        self._writing = False
        self._parts: list[MarkdownText | CodeBlock] = []
        self._starts: list[int] = []
        self._bottoms: list[int] = []  # of the parts that stand where they belong, at the width below
        self._width = 0
        self._goes_on = (False, False)  # the code that it begins with, and that it ends with
        self._whole_code: Callable[[], str] | None = None
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.timeout.connect(self._render_waiting)

    @property
    def parts(self) -> list[MarkdownText | CodeBlock]:
        """The widgets, from the top."""
        return self._parts

    @property
    def is_code(self) -> bool:
        """True where the answer as a whole is shown as code."""
        return isinstance(self._stream, CodeStream)

    def show_text(self, text: str, *, writing: bool, language: str = "") -> None:
        """Show `text` from the beginning: Markdown, or code where it has a `language`."""
        self._stream = CodeStream(language) if language else BlockStream()
        self._stream.append(text)
        self._writing = writing
        if not writing:
            self._stream.finish()
        self._update(0)

    def add_text(self, text: str) -> None:
        """The answer grew by `text`."""
        self._update(self._stream.append(text))

    def resume(self) -> None:
        """The answer shown is written on."""
        self._writing = True
        self._update(min(self._stream.resume(), len(self._stream.blocks)))

    def finish(self) -> None:
        """Nothing more will come."""
        self._writing = False
        self._update(self._stream.finish())

    def join_code(self, *, above: bool, below: bool, whole_code: Callable[[], str]) -> None:
        """The code that it begins with goes on from the body above, what it ends with goes on in the one below.

        `whole_code()` is all of what goes on below.
        """
        self._goes_on = (above, below)
        self._whole_code = whole_code
        self._join_code()

    def _join_code(self) -> None:
        above, below = self._goes_on
        last = len(self._parts) - 1
        for position, part in enumerate(self._parts):
            joins = (above and position == 0, below and position == last)
            if isinstance(part, CodeBlock) and part.joins != joins:
                part.join(above=joins[0], below=joins[1], whole_code=self._whole_code if joins[1] else None)
                self._misplaced(position)

    def fit(self, width: int) -> int:
        """Place the parts for `width` pixels; the height they take."""
        if width != self._width:
            self._width = width
            self._bottoms.clear()
        y = self._bottoms[-1] if self._bottoms else 0
        for part in self._parts[len(self._bottoms) :]:
            if y and not (isinstance(part, MarkdownText) and part.goes_on_with_a_table):
                y += _GAP
            height = part.fit(width)
            part.setGeometry(0, y, width, height)
            y += height
            self._bottoms.append(y)
        return y

    def _misplaced(self, position: int) -> None:
        """The part at `position` has another height now: it and those below it are placed anew."""
        del self._bottoms[position:]

    def _part_grew(self, part: MarkdownText | CodeBlock) -> None:
        self._misplaced(self._parts.index(part) if part in self._parts else 0)
        self.height_changed.emit()

    def _update(self, changed: int) -> None:
        """Regroup from the part that holds block `changed`; parts in front of it are not looked at."""
        blocks = self._stream.blocks
        keep = max(0, bisect_left(self._starts, changed) - 1)
        self._misplaced(keep)
        at = self._starts[keep] if keep < len(self._starts) else 0
        groups = _grouped(blocks, at)
        self._starts[keep:] = [start for start, _ in groups]
        below = sum(len(block.text) for block in blocks[at:])
        for offset, (start, count) in enumerate(groups):
            is_last = offset == len(groups) - 1
            part_blocks = blocks[start : start + count]
            below -= sum(len(block.text) for block in part_blocks)
            if below > _AT_ONCE and self._announce_part(keep + offset, part_blocks):
                continue
            self._show_part(keep + offset, part_blocks, writing=self._writing and is_last)
        for part in self._parts[keep + len(groups) :]:
            part.hide()
            part.deleteLater()
        del self._parts[keep + len(groups) :]
        self._join_code()

    def _announce_part(self, position: int, blocks: Sequence[Block]) -> bool:
        """Make room for a new text part far from the end, to be rendered later; false where nothing can be put off."""
        if blocks[0].kind is BlockKind.CODE or position < len(self._parts):
            return False
        part = self._part(position, is_code=False)
        assert isinstance(part, MarkdownText)
        part.expect(blocks)
        self._later.start(0)
        return True

    def _render_waiting(self) -> None:
        """Render the lowest part that waits; the next one when the event loop has had its turn."""
        waiting = [part for part in self._parts if isinstance(part, MarkdownText) and part.is_waiting]
        if waiting:
            waiting[-1].show_expected()
            self._misplaced(self._parts.index(waiting[-1]))
            self.height_changed.emit()
        if len(waiting) > 1:
            self._later.start(0)

    def render_all(self) -> None:
        """Render every part that waits, now."""
        self._misplaced(0)
        for part in self._parts:
            if isinstance(part, MarkdownText):
                part.show_expected()

    @property
    def is_complete(self) -> bool:
        """True when every part is rendered."""
        return not any(isinstance(part, MarkdownText) and part.is_waiting for part in self._parts)

    def count_tasks(self, before: MarkdownText | CodeBlock | None = None) -> int:
        """How many tasks are shown, or how many above one of the parts."""
        self.render_all()
        above = self._parts if before is None else self._parts[: self._parts.index(before)]
        return sum(part.count_tasks() for part in above if isinstance(part, MarkdownText))

    def _on_task(self, part: MarkdownText | CodeBlock, task: ShownTask) -> None:
        self.task_clicked.emit(replace(task, number=task.number + self.count_tasks(part)))

    def headings(self) -> list[tuple[int, str]]:
        """(height in this widget, words) of each heading that is rendered."""
        return [
            (part.y() + top, title)
            for part in self._parts
            if isinstance(part, MarkdownText)
            for top, title in part.headings()
        ]

    def line_tops(self) -> list[tuple[int, int]]:
        """(line of the text, height in this widget) of what is rendered, from the top; as of the last `fit`."""
        found: list[tuple[int, int]] = []
        for start, part in zip(self._starts, self._parts, strict=True):
            if isinstance(part, CodeBlock):
                found.append((self._stream.blocks[start].line, part.y()))
            elif not part.is_waiting:
                found += [(line, part.y() + top) for line, top in part.line_tops()]
        return found

    def _show_part(self, position: int, blocks: Sequence[Block], *, writing: bool) -> None:
        is_code = blocks[0].kind is BlockKind.CODE
        part = self._part(position, is_code=is_code)
        if isinstance(part, CodeBlock):
            part.lines.set_wraps(self.is_code)
            part.set_code(blocks[0].text, blocks[0].language, is_open=blocks[0].is_open and self._writing)
        else:
            part.show_blocks(blocks, writing=writing)

    def _part(self, position: int, *, is_code: bool) -> MarkdownText | CodeBlock:
        if position < len(self._parts):
            part = self._parts[position]
            if isinstance(part, CodeBlock) == is_code:
                return part
            part.hide()
            part.deleteLater()
            self._parts[position] = self._new_part(is_code=is_code)
        else:
            self._parts.append(self._new_part(is_code=is_code))
        return self._parts[position]

    def _new_part(self, *, is_code: bool) -> MarkdownText | CodeBlock:
        part: MarkdownText | CodeBlock
        if is_code:
            part = CodeBlock(self._theme, self)
            part.height_changed.connect(lambda: self._part_grew(part))
            part.lines.selection = self._selection
        else:
            part = MarkdownText(
                self._theme,
                self,
                links_to_notes=self._links_to_notes,
                keeps_lines=self._keeps_lines,
                files=self._files,
                callouts=self._callouts,
                citable=self.citable,
            )
            part.height_changed.connect(lambda: self._part_grew(part))
            part.setAccessibleName(self.tr("Answer"))
            part.task_clicked.connect(lambda task: self._on_task(part, task))
            part.selection = self._selection
            part.anchorClicked.connect(lambda url: self.link_activated.emit(_target(url)))
            part.highlighted.connect(lambda url: self.link_hovered.emit(_target(url)))
        part.menu_wanted.connect(self.menu_wanted)
        part.show()
        return part


def _target(url: QUrl) -> str:
    return url.toString(QUrl.ComponentFormattingOption.FullyEncoded)


def _grouped(blocks: Sequence[Block], start: int) -> list[tuple[int, int]]:
    """(first block, number of blocks) of each part: code alone, text together up to LARGEST_TEXT characters."""
    groups: list[tuple[int, int]] = []
    length = 0
    for position in range(start, len(blocks)):
        block = blocks[position]
        joins = (
            groups
            and block.kind is BlockKind.TEXT
            and blocks[position - 1].kind is BlockKind.TEXT
            and length + len(block.text) <= LARGEST_TEXT
        )
        if joins:
            first, count = groups[-1]
            groups[-1] = (first, count + 1)
            length += len(block.text)
        else:
            groups.append((position, 1))
            length = len(block.text)
    return groups
