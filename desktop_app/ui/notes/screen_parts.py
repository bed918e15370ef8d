"""What the controls of the notes screen work with."""

from __future__ import annotations

import msgspec
from PySide6.QtWidgets import QWidget

from desktop_app.presenters.notes import NotesPresenter
from desktop_app.ui.actions import Actions
from desktop_app.ui.notes.notes_pane import NotesPane
from desktop_app.ui.notes.questions import Questions
from desktop_app.ui.notes.side_by_side import SideBySide
from desktop_app.ui.theme.theme import Theme


class ScreenParts(msgspec.Struct, frozen=True):
    """The parts of one notes screen.

    Attributes:
        over: the screen itself; dialogs open over it.
    """

    presenter: NotesPresenter
    pane: NotesPane
    desk: SideBySide
    questions: Questions
    theme: Theme
    actions: Actions
    over: QWidget
