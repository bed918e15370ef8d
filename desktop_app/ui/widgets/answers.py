"""Answers that a dialog waits for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtWidgets import QDialog


class AnswersWhileOpen:
    """Makes callbacks that do nothing once the dialog is closed, and then hold nothing of it any more."""

    def __init__(self, dialog: QDialog) -> None:
        self._open = [dialog]
        dialog.finished.connect(lambda _result: self._open.clear())

    def to(self, take: Callable[..., None]) -> Callable[..., None]:
        """`take`, an unbound method of the dialog's class, called with the dialog and the answer."""
        waiting = self._open

        def answer(*values: Any) -> None:
            for dialog in list(waiting):
                take(dialog, *values)

        return answer
