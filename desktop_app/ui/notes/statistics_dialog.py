"""What can be counted: in the open note, and in all notes that the list shows."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, QObject, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QDialog, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from desktop_app.domain.errors import InkwellError
from desktop_app.domain.note_statistics import NoteStatistics, word_goal
from desktop_app.presenters.note_statistics import StatisticsPresenter
from desktop_app.presenters.notes import NotesPresenter
from desktop_app.ui.notes.side_by_side import SideBySide
from desktop_app.ui.widgets import PlainLabel, TextButton
from desktop_app.ui.widgets.labels import at_font_size

_NOT_YET = "…"


class StatisticsDialog(QDialog):
    """One column for the note, where one is open, and one for all that the list shows; filled once that is counted."""

    def __init__(self, goal: int | None, shown: str, parent: QWidget | None = None, *, of_note: bool) -> None:
        """`shown` says which notes the list shows."""
        super().__init__(parent)
        self.setWindowTitle(self.tr("Statistics"))
        self.setMinimumWidth(at_font_size(420))
        column = QVBoxLayout(self)
        column.setContentsMargins(22, 18, 22, 18)
        column.setSpacing(10)
        column.addWidget(PlainLabel(self.tr("Statistics"), "title"))
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(18)
        self._grid.setVerticalSpacing(4)
        self._grid.setColumnStretch(0, 1)
        column.addLayout(self._grid)
        self._goal = goal
        self.own = [PlainLabel(_NOT_YET, "strong") for _ in _names()] if of_note else []
        self.total = [PlainLabel(_NOT_YET, "strong") for _ in _names()]
        heads = [self.tr("This note")] if of_note else []
        for place, words in enumerate([*heads, shown], 1):
            self._head = head = PlainLabel(words, "small")
            self._grid.addWidget(head, 0, place, Qt.AlignmentFlag.AlignRight)
        last = len(heads) + 1
        for row, name in enumerate(_names(), 1):
            self._grid.addWidget(PlainLabel(name), row, 0)
            if of_note:
                self._grid.addWidget(self.own[row - 1], row, 1, Qt.AlignmentFlag.AlignRight)
            self._grid.addWidget(self.total[row - 1], row, last, Qt.AlignmentFlag.AlignRight)
        hint = self.tr("A property “word-goal: 1500” (Ctrl+;) sets a goal, which then stands at the note's foot.")
        self.note = PlainLabel(hint if of_note and goal is None else " ", "small", wrap=True)
        column.addWidget(self.note)
        buttons = QHBoxLayout()
        buttons.addStretch()
        done = TextButton(self.tr("Done"), "primary")
        done.clicked.connect(self.accept)
        done.setDefault(True)
        buttons.addWidget(done)
        column.addLayout(buttons)

    def show_own(self, own: NoteStatistics) -> None:
        """What the note has, and how far it is from its goal."""
        _fill(self.own, own)
        if self._goal is not None:
            self.note.setText(_goal_words(own, self._goal))

    def show_total(self, notes: int, total: NoteStatistics) -> None:
        """What all notes of the list have together."""
        _fill(self.total, total)
        words = self.tr("1 note") if notes == 1 else self.tr("{n} notes").replace("{n}", f"{notes:,}")
        self._head.setText(f"{self._head.text()} · {words}")

    def show_error(self, error: InkwellError) -> None:
        """Something could not be counted."""
        for label in (*self.own, *self.total):
            if label.text() == _NOT_YET:
                label.setText("–")
        self.note.setText(f"{error.what} {error.todo}".strip())


class StatisticsControls(QObject):
    """Opens the dialog of the note that is worked in."""

    def __init__(
        self,
        presenter: StatisticsPresenter,
        notes: NotesPresenter,
        desk: SideBySide,
        action: QAction,
        screen: QWidget,
    ) -> None:
        super().__init__(screen)
        self._presenter = presenter
        self._notes = notes
        self._desk = desk
        self._screen = screen
        self.dialog: StatisticsDialog | None = None
        action.triggered.connect(lambda _=False: self._open())
        presenter.own_counted.connect(lambda own: self.dialog.show_own(own) if self.dialog else None)
        presenter.counted.connect(lambda notes, total: self.dialog.show_total(notes, total) if self.dialog else None)
        presenter.failed.connect(lambda error: self.dialog.show_error(error) if self.dialog else None)

    def _open(self) -> None:
        if self._desk.flush():
            return  # what could not be saved is said above its note
        note, shown = self._desk.active.note, self._notes.filter
        text = self._desk.active.editor.text() if note is not None else None
        narrowed = [part for part in (shown.folder, f"#{shown.tag}" if shown.tag else "", shown.text) if part]
        words = " · ".join(narrowed) or self.tr("All notes")
        goal = word_goal(note.front_matter) if note is not None else None
        dialog = StatisticsDialog(goal, words, self._screen, of_note=note is not None)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.finished.connect(self._close)
        self.dialog = dialog
        self._presenter.count(shown, text)
        dialog.open()

    def _close(self) -> None:
        self.dialog = None
        self._presenter.stop()


def _names() -> list[str]:
    return [
        _tr("Words"),
        _tr("Characters"),
        _tr("Characters without blanks"),
        _tr("Paragraphs"),
        _tr("Headings"),
        _tr("Open tasks"),
        _tr("Reading time"),
    ]


def _values(counts: NoteStatistics) -> list[str]:
    minutes, hours = counts.minutes % 60, counts.minutes // 60
    time = _tr("{n} min").replace("{n}", str(minutes))
    if hours:
        time = _tr("{h} h {time}").replace("{h}", f"{hours:,}").replace("{time}", time)
    tasks = _tr("{n} of {all}").replace("{n}", f"{counts.tasks[0]:,}").replace("{all}", f"{counts.tasks[1]:,}")
    numbers = (counts.words, counts.characters, counts.letters, counts.paragraphs, counts.headings)
    return [*(f"{number:,}" for number in numbers), tasks, time]


def _goal_words(own: NoteStatistics, goal: int) -> str:
    if own.words >= goal:
        return _tr("The goal of {goal} words is reached.").replace("{goal}", f"{goal:,}")
    left = goal - own.words
    words = (
        _tr("1 word is left to the goal of {goal}.") if left == 1 else _tr("{n} words are left to the goal of {goal}.")
    )
    return words.replace("{n}", f"{left:,}").replace("{goal}", f"{goal:,}")


def _fill(labels: Sequence[PlainLabel], counts: NoteStatistics) -> None:
    for name, label, value in zip(_names(), labels, _values(counts), strict=True):
        label.setText(value)
        label.setAccessibleName(f"{name}: {value}")


def _tr(text: str) -> str:
    return QCoreApplication.translate("Statistics", text)
