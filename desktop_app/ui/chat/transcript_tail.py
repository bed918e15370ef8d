"""Below the last message: what goes on just now, or what went wrong."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop_app.domain.errors import InkwellError
from desktop_app.presenters.chat import Activity, Phase
from desktop_app.ui.widgets import ErrorBox, PlainLabel, ThinProgress
from desktop_app.ui.widgets.problem_place import ProblemPlace

if TYPE_CHECKING:
    from desktop_app.ui.theme.theme import Theme
    from desktop_app.ui.widgets import ButtonAction

_SHOWN = (Phase.SENDING, Phase.WAITING_FOR_MODEL, Phase.READING, Phase.STOPPING)
_BAR_WIDTH = 260


class TranscriptTail(QWidget):
    """A line with a thin bar while the model loads or reads; an error with its next step where one happened."""

    resized = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._line = PlainLabel("", "muted", wrap=True, parent=self)
        self._bar = ThinProgress(theme, name=self.tr("Progress"), parent=self)
        theme.changed.connect(self._fit)
        self._fit()
        self._column = QVBoxLayout(self)
        self._problem = ProblemPlace(self._column, theme)
        self._column.setContentsMargins(0, 2, 0, 2)
        self._column.setSpacing(8)
        self._column.addWidget(self._line)
        self._column.addWidget(self._bar)
        self.show_activity(Activity(Phase.IDLE))

    def _fit(self) -> None:
        self._bar.setMaximumWidth(self._theme.px(_BAR_WIDTH))

    @property
    def text(self) -> str:
        """The line shown, empty while there is none."""
        return "" if self._line.isHidden() else self._line.text()

    @property
    def problem(self) -> ErrorBox | None:
        """The error shown."""
        return self._problem.box

    def show_activity(self, activity: Activity, extra: str = "") -> None:
        """Show what goes on; `extra` stands in front of it (the model's own state).

        Of a text that waits to be sent the composer itself tells.
        """
        shown = activity.phase in _SHOWN
        own = "" if activity.draft_waits else activity.text
        text = " · ".join(part for part in (extra, own) if part) if shown else ""
        with_bar = shown and activity.phase in (Phase.WAITING_FOR_MODEL, Phase.READING)
        changed = shown == self._line.isHidden() or with_bar == self._bar.isHidden()
        self._line.setText(text)
        self._line.setVisible(shown)
        self._bar.setVisible(with_bar)
        self._bar.set_fraction(activity.progress if with_bar else 0.0)
        self._update(changed)

    def show_problem(self, error: InkwellError | None, actions: Sequence[ButtonAction] = ()) -> None:
        """Show an error, or none."""
        self._problem.show(error, actions)
        self._update(True)

    def _update(self, changed: bool) -> None:
        self.setVisible(not self._line.isHidden() or self._problem.box is not None)
        if changed:
            self._column.invalidate()
            self.resized.emit()
