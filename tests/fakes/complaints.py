"""What Qt warned about and what was logged as an error while a test ran."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtCore import QMessageLogContext, QtMsgType, qInstallMessageHandler

#: What the offscreen platform says at the first show of a window or popup, and when one is raised; it means nothing.
HARMLESS = (
    "This plugin does not support propagateSizeHints()",
    "This plugin does not support raise()",
    "This plugin does not support grabbing the keyboard",
)


class _Errors(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(f"{record.name}: {record.getMessage()}")


@contextmanager
def none_allowed() -> Iterator[None]:
    """Fail at the end when Qt warned of anything or an error was logged."""
    warnings: list[str] = []

    def listen(kind: QtMsgType, context: QMessageLogContext, message: str) -> None:
        if kind not in (QtMsgType.QtDebugMsg, QtMsgType.QtInfoMsg) and message not in HARMLESS:
            warnings.append(message)

    errors = _Errors()
    logging.getLogger().addHandler(errors)
    previous = qInstallMessageHandler(listen)
    try:
        yield
    finally:
        qInstallMessageHandler(previous)
        logging.getLogger().removeHandler(errors)
    assert not warnings, f"Qt complained: {warnings}"
    assert not errors.lines, f"errors were logged: {errors.lines}"
