"""Rendered Markdown in the reading column: what the note that is read and the live rendering have in common."""

from __future__ import annotations

from urllib.parse import unquote

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget

from desktop_app.domain.folders import clean_tag
from desktop_app.domain.shown_properties import with_shown_properties
from desktop_app.domain.wiki_links import as_markdown
from desktop_app.ui.chat.answer_body import AnswerBody
from desktop_app.ui.chat.callout_folds import CalloutFolds
from desktop_app.ui.chat.code_block import CodeBlock
from desktop_app.ui.chat.link_targets import MISSING_NOTE, NOTE_LINK, TAG_LINK
from desktop_app.ui.chat.picture_objects import FILE_LINK
from desktop_app.ui.chat.selection import MessageSelection, TextEdit
from desktop_app.ui.notes.code_run import CodeRuns
from desktop_app.ui.notes.pictures import NotePictures
from desktop_app.ui.theme.theme import READING_COLUMN, Theme

MARGIN = 26
"""Pixels above and below the text."""

GAP = 12
"""Pixels between two bodies."""

_SIDE = 24  # least room at the left and right, as beside the text that is written


class RenderedNote(QScrollArea):
    """Bodies one below the other, with one selection over them. It lets nothing load or run: links are only told.

    A subclass makes the bodies, in `_go_on`, which runs once the event loop has had its turn after `_more.start()`.
    """

    link_activated = Signal(str)
    note_link_activated = Signal(str)  # target and heading as they are written in a link between notes
    tag_activated = Signal(str)  # as notes have it
    note_link_hovered = Signal(str)  # the same, below the pointer; "" where none is any more
    file_activated = Signal(str)  # the name of a file of the note

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._missing: frozenset[str] = frozenset()
        self._files: NotePictures | None = None
        self._keeps_lines = False
        self._callouts = CalloutFolds()
        self._selection = MessageSelection(self._edits, self.selected_text, lambda: None)
        self._code_runs = CodeRuns(self)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setProperty("role", "read")
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._page = QWidget()
        self._page.setProperty("role", "scrolled")
        self.setWidget(self._page)
        self._more = QTimer(self)
        self._more.setSingleShot(True)
        self._more.setInterval(0)
        self._more.timeout.connect(self._go_on)

    @property
    def bodies(self) -> list[AnswerBody]:
        """What is rendered, from the top."""
        raise NotImplementedError

    def _go_on(self) -> None:
        """Render what is wanted next."""
        raise NotImplementedError

    def _draw_again(self) -> None:
        """Render all that is shown anew; the place in it stays."""
        raise NotImplementedError

    @property
    def keeps_lines(self) -> bool:
        """Whether lines end where they do in the text."""
        return self._keeps_lines

    def set_keeps_lines(self, keeps: bool) -> None:
        """Whether lines end where they do in the text, or paragraphs are filled, as at first."""
        if keeps != self._keeps_lines:
            self._keeps_lines = keeps
            self._draw_again()

    def set_files(self, files: NotePictures) -> None:
        """Where the pictures and other files of the note come from."""
        self._files = files

    def selected_text(self) -> str:
        """What is selected in what is rendered."""
        return "\n".join(text for body in self.bodies for part in body.parts if (text := part.selected_text()))

    def _edits(self) -> list[TextEdit]:
        return [edit for body in self.bodies for edit in edits_of(body)]

    def _new_body(self) -> AnswerBody:
        body = AnswerBody(
            self._theme,
            self._selection,
            self._page,
            links_to_notes=True,
            keeps_lines=self._keeps_lines,
            files=self._files,
            callouts=self._callouts,
        )
        body.link_activated.connect(self._on_link)
        body.link_hovered.connect(self._on_hover)
        return body

    def _markdown(self, text: str, *, begins: bool) -> str:
        """The text with its links between notes as links that can be followed; `begins`: it is the note's beginning."""
        if begins:
            text = with_shown_properties(text, self.tr("Properties"))
        return as_markdown(text, self._missing, NOTE_LINK, MISSING_NOTE)

    def _on_link(self, target: str) -> None:
        if target.startswith(FILE_LINK):
            self.file_activated.emit(unquote(target.removeprefix(FILE_LINK)))
            return
        if target.startswith(TAG_LINK):
            self.tag_activated.emit(clean_tag(unquote(target.removeprefix(TAG_LINK))))
            return
        for scheme in (NOTE_LINK, MISSING_NOTE):
            if target.startswith(scheme):
                self.note_link_activated.emit(unquote(target.removeprefix(scheme)))
                return
        self.link_activated.emit(target)

    def _on_hover(self, target: str) -> None:
        is_note = target.startswith(NOTE_LINK)
        self.note_link_hovered.emit(unquote(target.removeprefix(NOTE_LINK)) if is_note else "")

    def _reading_column(self) -> tuple[int, int]:
        """Left edge and width of the text: the same with a scroll bar and without."""
        steady = self.width() - self.verticalScrollBar().sizeHint().width()
        width = max(1, min(self._theme.px(READING_COLUMN), steady - 2 * _SIDE))
        return (steady - width) // 2, width


def edits_of(body: AnswerBody) -> list[TextEdit]:
    """What shows the text of a body, from the top."""
    return [part.lines if isinstance(part, CodeBlock) else part for part in body.parts]
