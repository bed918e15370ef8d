"""The page of open tasks: those of the notes that the list shows, what is due first, ticked where they stand."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from PySide6.QtCore import QDate, QLocale, Qt, Signal
from PySide6.QtGui import QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from desktop_app.domain.open_tasks import OpenTask
from desktop_app.presenters.open_tasks import OpenTasksPresenter
from desktop_app.presenters.rows import Row, RowListModel
from desktop_app.services.note_tasks import MOST_TASKS
from desktop_app.ui.notes.task_list import TaskList
from desktop_app.ui.theme.theme import Theme
from desktop_app.ui.widgets import EmptyState, ErrorBox, IconButton, PaneHead, PlainLabel

_COLUMN = 760
_SIDE = 24


class OpenTasksPage(QWidget):
    """Stands in the place of the notes. Reads tasks only while it is seen."""

    back_wanted = Signal()
    open_wanted = Signal(int, int, int)  # note id, characters of the task's words

    def __init__(self, presenter: OpenTasksPresenter, theme: Theme) -> None:
        super().__init__()
        self._presenter = presenter
        self._theme = theme
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        self.head = PaneHead(self.tr("Open tasks"))
        self.setAccessibleName(self.head.title.text())
        self.back = IconButton(theme.icon("arrow-left", "muted_text"), self.tr("Back to the note"))
        self.back.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.back.clicked.connect(self.back_wanted)
        self.head.add_at_left(self.back)
        self.count = PlainLabel("", "small")
        self.head.add(self.count)
        outer.addWidget(self.head)
        self._model = RowListModel(self)
        self.list = TaskList(theme, self._model, name=self.tr("Open tasks"))
        self.list.chosen.connect(self._go_to)
        self.list.ticked.connect(self._tick)
        self._stack = QStackedWidget()
        self._stack.setStyleSheet("QStackedWidget { background: transparent; }")
        self._stack.addWidget(self.list)
        self._blank = QWidget()
        self._stack.addWidget(self._blank)
        self._message: QWidget | None = None
        self._awaits_focus = False
        self._holder = QVBoxLayout()
        self._holder.addWidget(self._stack)
        outer.addLayout(self._holder, 1)
        self.setFocusProxy(self.back)
        presenter.changed.connect(self._show)
        self._show()

    def take_focus(self) -> None:
        """The keyboard to the list, to the way back where there is none."""
        is_listed = self._stack.currentWidget() is self.list
        self._awaits_focus = not is_listed and self._presenter.tasks is None
        (self.list if is_listed else self.back).setFocus()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._presenter.set_watched(True)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._presenter.set_watched(False)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        side = max(_SIDE, (self.width() - self._theme.px(_COLUMN)) // 2)
        self._holder.setContentsMargins(side, 12, side, 8)

    # What is shown ------------------------------------------------------------------------------

    def _show(self) -> None:
        tasks = self._presenter.tasks
        self.count.setText(self._count_of(tasks or []))
        had_focus = self.list.hasFocus()
        place = self.list.currentIndex().row()
        if self._message is not None:
            self._stack.removeWidget(self._message)
            self._message.deleteLater()
            self._message = None
        if tasks and self._presenter.error is None:
            self._model.set_rows(list(self._rows_of(tasks)))
            self._stack.setCurrentWidget(self.list)
            if self._awaits_focus and self.back.hasFocus():
                self.list.setFocus()
                self._choose_row_at(0)
            elif had_focus and not self.list.currentIndex().isValid():
                self._choose_row_at(place)
            self._awaits_focus = False
            return
        self._model.set_rows([])
        if tasks is None and self._presenter.error is None:
            self._stack.setCurrentWidget(self._blank)  # a moment: words that come and go would only flicker
            return
        self._message = self._words()
        self._stack.addWidget(self._message)
        self._stack.setCurrentWidget(self._message)
        if had_focus:
            self.back.setFocus()

    def _choose_row_at(self, place: int) -> None:
        """The task that moved up to the place of the one that was ticked."""
        rows = self._model.rows
        ahead = [number for number in range(max(0, place), len(rows)) if not rows[number].is_section]
        behind = [number for number in range(min(place, len(rows)) - 1, -1, -1) if not rows[number].is_section]
        if ahead or behind:
            self.list.setCurrentIndex(self._model.index((ahead or behind)[0]))

    def _rows_of(self, tasks: list[OpenTask]) -> Iterable[Row]:
        today = date.today()
        dated = sorted((one for one in tasks if one.due is not None), key=lambda one: one.due or today)
        parts = (
            (self.tr("Overdue"), [one for one in dated if one.due is not None and one.due < today]),
            (self.tr("Today"), [one for one in dated if one.due == today]),
            (self.tr("With a date"), [one for one in dated if one.due is not None and one.due > today]),
            (self.tr("Without a date"), [one for one in tasks if one.due is None]),
        )
        for title, members in parts:
            if members and dated:
                yield Row(title, title, is_section=True)
            for one in members:
                where = [one.title or self.tr("Untitled"), one.heading]
                second = " › ".join(part for part in where if part)
                if one.folder:
                    second = f"{second}  ·  {one.folder}"
                yield Row(one, one.words, second, _day(one.due, today), needs_enter=True, icon="task")

    def _count_of(self, tasks: list[OpenTask]) -> str:
        if not tasks:
            return ""
        notes = len({one.note_id for one in tasks})
        count = f"{MOST_TASKS:,}+" if len(tasks) >= MOST_TASKS else f"{len(tasks):,}"
        words = self.tr("1 task") if len(tasks) == 1 else self.tr("{n} tasks in {m} notes")
        if notes == 1 and len(tasks) > 1:
            words = self.tr("{n} tasks in 1 note")
        words = words.replace("{n}", count).replace("{m}", f"{notes:,}")
        folder, tag = self._presenter.filter.folder, self._presenter.filter.tag
        narrowed = [part for part in (folder, f"#{tag}" if tag else "") if part]
        return " · ".join([words, *narrowed])

    def _words(self) -> QWidget:
        error = self._presenter.error
        if error is not None:
            again = ((self.tr("Try again"), self._presenter.look),)
            return ErrorBox(error, again, icon=self._theme.icon("warning", "warning"))
        return EmptyState(
            self._theme.icon("check", "muted_text"),
            self.tr("No open tasks"),
            self.tr(
                "A line such as “- [ ] buy ink”, in any of the notes that the list shows, stands here until it is done."
            ),
        )

    # What is done -------------------------------------------------------------------------------

    def _go_to(self, task: object) -> None:
        if isinstance(task, OpenTask):
            self.open_wanted.emit(task.note_id, task.start, task.start + len(task.label.rstrip()))

    def _tick(self, task: object) -> None:
        if isinstance(task, OpenTask):
            self._presenter.tick(task)


def _day(due: date | None, today: date) -> str:
    if due is None:
        return ""
    return QLocale().toString(QDate(due.year, due.month, due.day), "d MMM" if due.year == today.year else "d MMM yyyy")
