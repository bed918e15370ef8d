"""A place for what went wrong: empty, or one error with its next steps."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QBoxLayout, QWidget

from desktop_app.domain.errors import InkwellError
from desktop_app.ui.theme.theme import Theme
from desktop_app.ui.widgets.buttons import ButtonAction
from desktop_app.ui.widgets.cards import ErrorBox


class ProblemPlace:
    """The end of a layout, where one error is shown at a time."""

    def __init__(self, layout: QBoxLayout, theme: Theme, parent: QWidget | None = None) -> None:
        """`parent` is the box's from the beginning; without one it gets the layout's widget."""
        self._layout = layout
        self._theme = theme
        self._parent = parent
        self._box: ErrorBox | None = None

    @property
    def box(self) -> ErrorBox | None:
        """What is shown."""
        return self._box

    def show(self, error: InkwellError | None, actions: Sequence[ButtonAction] = ()) -> None:
        """Show another error, or none."""
        if self._box is not None:
            self._layout.removeWidget(self._box)
            self._box.hide()
            self._box.deleteLater()
            self._box = None
        if error is not None:
            icon = self._theme.icon("warning", "warning")
            self._box = ErrorBox(error, actions, icon=icon, parent=self._parent)
            self._layout.addWidget(self._box)
            self._box.show()  # at once, not in the next turn: whoever measures the layout now has to count it
