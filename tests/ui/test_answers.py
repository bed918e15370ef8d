"""Answers reach a dialog while it is open, and nobody afterwards."""

from __future__ import annotations

import gc
import weakref

from PySide6.QtWidgets import QDialog
from pytestqt.qtbot import QtBot

from desktop_app.ui.widgets.answers import AnswersWhileOpen


class _Asking(QDialog):
    def __init__(self) -> None:
        super().__init__()
        self.answers = AnswersWhileOpen(self)
        self.taken: list[str] = []

    def take(self, answer: str) -> None:
        self.taken.append(answer)


def test_an_answer_is_taken_while_the_dialog_is_open(qtbot: QtBot) -> None:
    dialog = _Asking()
    qtbot.addWidget(dialog)
    take, accept = dialog.answers.to(_Asking.take), dialog.answers.to(_Asking.accept)
    dialog.open()
    take("first")
    accept()
    assert dialog.result() == QDialog.DialogCode.Accepted
    take("second")
    assert dialog.taken == ["first"]


def test_an_answer_that_is_still_to_come_keeps_no_closed_dialog(qtbot: QtBot) -> None:
    dialog = _Asking()
    take = dialog.answers.to(_Asking.take)
    dialog.open()
    dialog.reject()
    gone = weakref.ref(dialog)
    del dialog
    gc.collect()
    assert gone() is None
    take("late")
