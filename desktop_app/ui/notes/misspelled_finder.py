"""Goes from one word that no dictionary knows to the next, over the whole of a note."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QTextBlock, QTextDocument

from desktop_app.domain.spelling import WordPlace, front_matter_end, is_formula_edge, words_to_check
from desktop_app.presenters.spelling import SpellingBook
from desktop_app.ui.notes.markdown_editor import MarkdownEditor
from desktop_app.ui.notes.markdown_lines import LineState, line_state
from desktop_app.ui.notes.word_corrections import word_cursor

_AT_ONCE = 300  # words, between two turns of the event loop
_LONGEST_FRONT = 200  # lines of front matter

_Place = tuple[QTextBlock, WordPlace]


class MisspelledFinder(QObject):
    """Looks through the text from the cursor on, then from its beginning. An edit meanwhile ends it."""

    none_found = Signal()

    def __init__(self, editor: MarkdownEditor, book: SpellingBook) -> None:
        super().__init__(editor)
        self._editor = editor
        self._book = book
        self._places: Iterator[_Place] = iter(())
        self._some: list[_Place] = []
        self._waits = False
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(0)
        self._soon.timeout.connect(self._take_some)
        book.looked_up.connect(self._judge)
        book.unanswered.connect(self._judge_known)
        editor.edited.connect(self.stop)
        editor.loaded.connect(self.stop)

    @property
    def problem(self) -> bool:
        """Nothing is checked, though spelling is on."""
        return self._book.problem is not None

    def find_next(self) -> None:
        """Select the next such word; `none_found` where there is none."""
        if not self._editor.loading:
            cursor = self._editor.textCursor()
            self._places = _from_place(self._editor.document(), cursor.selectionEnd())
            self._take_some()

    def stop(self) -> None:
        """Look no further."""
        self._waits = False
        self._soon.stop()
        self._places = iter(())

    def _take_some(self) -> None:
        self._some = list(islice(self._places, _AT_ONCE))
        if not self._some:
            self.none_found.emit()
            return
        self._waits = True
        self._judge()

    def _judge(self) -> None:
        if not self._waits:
            return
        unknown = [place.word for _block, place in self._some if not self._book.knows(place.word)]
        if unknown:
            self._book.want(unknown)
            return
        self._judge_known()

    def _judge_known(self) -> None:
        """Words that cannot be looked up are passed over."""
        if not self._waits:
            return
        self._waits = False
        wrong = next((each for each in self._some if self._book.is_wrong(each[1].word)), None)
        if wrong is None:
            self._soon.start()
            return
        self._editor.setTextCursor(word_cursor(*wrong))
        self._editor.ensureCursorVisible()
        self._editor.setFocus()


def _from_place(document: QTextDocument, place: int) -> Iterator[_Place]:
    """The words of a text that begin at a place or behind it, then those in front of it."""
    for block, word in _words(document, place, document.characterCount()):
        if word_cursor(block, word).selectionStart() >= place:
            yield block, word
    for block, word in _words(document, 0, place):
        if word_cursor(block, word).selectionStart() < place:
            yield block, word


def _words(document: QTextDocument, start: int, end: int) -> Iterator[_Place]:
    """The words of the lines between two places. What is code, a formula or front matter is known from the beginning on
    only, so all lines are looked at.
    """
    block = document.begin()
    front = _front_matter(document)
    state, in_formula = LineState.TEXT, False
    while block.isValid() and block.position() < end:
        text = block.text()
        before, state = state, line_state(text, state)
        if block.blockNumber() < front:
            state = LineState.TEXT
        elif before is LineState.TEXT and state is LineState.TEXT:
            if is_formula_edge(text):
                in_formula = not in_formula
            elif not in_formula and block.position() + block.length() > start:
                for place in words_to_check(text):
                    yield block, place
        block = block.next()


def _front_matter(document: QTextDocument) -> int:
    lines: list[str] = []
    block = document.begin()
    while block.isValid() and len(lines) < _LONGEST_FRONT and (lines or block.text().strip() == "---"):
        lines.append(block.text())
        block = block.next()
    return front_matter_end(lines)
