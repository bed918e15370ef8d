"""Notes and data folder: its settings, then backing up, restoring, exporting, and what can be made again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QBoxLayout, QFileDialog, QFrame, QHBoxLayout, QVBoxLayout, QWidget

from desktop_app.presenters.data_folder import DataJob, DataPresenter, JobPhase
from desktop_app.presenters.setting_words import page_name
from desktop_app.presenters.settings import SettingsPresenter
from desktop_app.settings.schema import Section, settings_in
from desktop_app.ui.settings.form_page import FormPage, rule
from desktop_app.ui.settings.restore_dialog import RestoreDialog
from desktop_app.ui.theme.theme import Theme
from desktop_app.ui.widgets import PlainLabel, TextButton, ThinProgress, set_role
from desktop_app.ui.widgets.problem_place import ProblemPlace

_WORDS_WIDTH = 150


class JobRow(QFrame):
    """What a job does, its button, and how far it is."""

    def __init__(
        self, job: DataJob, words: tuple[str, str, str], data: DataPresenter, theme: Theme, start: Callable[[], None]
    ) -> None:
        """`words`: title, sentence, button."""
        super().__init__()
        self._job, self._data, self._theme = job, data, theme
        title, sentence, button = words
        self.setAccessibleName(title)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 13, 0, 13)
        column.setSpacing(6)
        self._words = QWidget()
        text = QVBoxLayout(self._words)
        text.setContentsMargins(0, 0, 0, 0)
        text.setSpacing(2)
        text.addWidget(PlainLabel(title, "strong", wrap=True))
        text.addWidget(PlainLabel(sentence, "small", wrap=True))
        self.button = TextButton(button)
        self.button.clicked.connect(start)
        self.stop = TextButton(self.tr("Stop"))
        self.stop.setAccessibleName(self.tr("Stop: {0}").format(title))
        self.stop.clicked.connect(lambda: data.cancel(job))
        self._buttons = QWidget()
        buttons = QHBoxLayout(self._buttons)
        buttons.setContentsMargins(0, 0, 0, 0)
        buttons.addWidget(self.stop)
        buttons.addWidget(self.button)
        self._line = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._line.setSpacing(18)
        self._line.addWidget(self._words, 1)
        self._line.addWidget(self._buttons, 0, Qt.AlignmentFlag.AlignLeft)
        column.addLayout(self._line)
        self.progress = ThinProgress(theme, name=title)
        self.status = PlainLabel("", "small", wrap=True, selectable=True)
        column.addWidget(self.progress)
        column.addWidget(self.status)
        self.problem = ProblemPlace(column, theme, self)
        data.changed.connect(self.refresh)
        self.refresh()

    def minimumSizeHint(self) -> QSize:
        """As narrow as the words and the buttons below each other are."""
        width = max(self._words.minimumSizeHint().width(), self._buttons.minimumSizeHint().width())
        return QSize(width, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        """The buttons beside the words, or below them where these would be left a narrow strip."""
        room = self.width() - self._buttons.sizeHint().width() - self._line.spacing()
        beside = room >= self._theme.px(_WORDS_WIDTH)
        directions = QBoxLayout.Direction
        self._line.setDirection(directions.LeftToRight if beside else directions.TopToBottom)
        self._line.setSpacing(18 if beside else 8)

    def refresh(self, _job: str = "") -> None:
        """Show where the job stands."""
        state = self._data.state(self._job)
        busy = state.phase is JobPhase.BUSY
        self.button.setEnabled(not self._data.busy)
        self.stop.setVisible(busy and self._job is DataJob.EXPORT)
        self.progress.setVisible(busy)
        self.progress.set_fraction(state.fraction if busy else 0.0)
        self.status.setVisible(bool(state.text))
        self.status.setText(state.text)
        set_role(self.status, "ok" if state.phase is JobPhase.DONE else "small")
        shown = self.problem.box
        if state.error is None or shown is None:
            self.problem.show(state.error)
        else:
            shown.set_error(state.error)


class DataPage(FormPage):
    """Settings of the section, and the jobs with what is in the data folder."""

    def __init__(self, presenter: SettingsPresenter, data: DataPresenter, theme: Theme) -> None:
        super().__init__(presenter, theme, page_name(Section.DATA), [("", settings_in(Section.DATA))])
        self._data = data
        self.dialog: RestoreDialog | None = None
        self.jobs: dict[DataJob, JobRow] = {}
        self.add_heading(self.tr("Backups and export"))
        self._add(
            DataJob.BACK_UP,
            self.tr("Back up"),
            self.tr("A checked copy of all chats and notes. Inkwell makes one each day and thins old ones."),
            self.tr("Back up now"),
            data.back_up,
        )
        self._add(
            DataJob.RESTORE,
            self.tr("Restore"),
            self.tr("Go back to a backup. What is there now is backed up first."),
            self.tr("Restore…"),
            data.list_backups,
        )
        self._add(
            DataJob.EXPORT,
            self.tr("Export"),
            self.tr("Notes as Markdown files, chats as Markdown and JSON, in a folder you choose."),
            self.tr("Export everything…"),
            self.choose_export_folder,
        )
        self.add_heading(self.tr("What can be made again"))
        self._add(
            DataJob.CLEAR_STATES,
            self.tr("Kept chat states"),
            self.tr("What the chat model has read of recent chats, so that it goes on at once after a restart."),
            self.tr("Clear"),
            data.clear_states,
        )
        self.jobs[DataJob.CLEAR_STATES].button.setAccessibleName(self.tr("Clear the kept chat states"))
        data.backups_listed.connect(self._offer_backups)

    def showEvent(self, event: QShowEvent) -> None:
        """Say how much is kept now."""
        super().showEvent(event)
        self._data.measure_states()

    def choose_export_folder(self) -> None:
        """Ask for a folder and export into it."""
        folder = QFileDialog.getExistingDirectory(self, self.tr("Export everything into…"))
        if folder:
            self._data.export(Path(folder))

    def _add(self, job: DataJob, title: str, sentence: str, button: str, start: Callable[[], None]) -> None:
        row = JobRow(job, (title, sentence, button), self._data, self.theme, start)
        self.jobs[job] = row
        self.column.addWidget(row)
        self.column.addWidget(rule())

    def _offer_backups(self, backups: object) -> None:
        if not self.isVisible() or not isinstance(backups, list):
            return
        parent: QWidget = self.window()
        self.dialog = RestoreDialog(backups, parent)
        self.dialog.restore_wanted.connect(self._data.restore)
        self.dialog.open()
