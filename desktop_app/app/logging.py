"""The log file: what happened and where in the code, never what was in a note, a chat or a question."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType

from desktop_app.app.crash_report import describe_failure

LEVEL_VARIABLE = "INKWELL_LOG_LEVEL"
_LARGEST_BYTES = 1_000_000
_KEPT_FILES = 3


class ContentFreeFormatter(logging.Formatter):
    """Writes exceptions as kind and place: their texts can hold what the person wrote."""

    def formatException(
        self, ei: tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]
    ) -> str:
        return describe_failure(ei[1]) if ei[1] is not None else ""


class _PrivateFile(RotatingFileHandler):
    """A log only its owner can read (0600)."""

    def _open(self) -> object:  # type: ignore[override]
        descriptor = os.open(self.baseFilename, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        return os.fdopen(descriptor, "a", encoding="utf-8")


def start_logging(folder: Path, environ: Mapping[str, str]) -> logging.Handler | None:
    """Log into `folder`/inkwell.log from now on; None where the folder cannot be written, and nothing is lost by it.

    Calling it again replaces the handler. The level is INKWELL_LOG_LEVEL, else INFO.
    """
    root = logging.getLogger("desktop_app")
    for old in [handler for handler in root.handlers if isinstance(handler, _PrivateFile)]:
        root.removeHandler(old)
        old.close()
    try:
        handler = _PrivateFile(
            folder / "inkwell.log", maxBytes=_LARGEST_BYTES, backupCount=_KEPT_FILES, encoding="utf-8"
        )
    except OSError:
        root.addHandler(logging.NullHandler())
        return None
    handler.setFormatter(ContentFreeFormatter("%(asctime)s %(process)d %(levelname)s %(name)s: %(message)s"))
    root.addHandler(handler)
    level = logging.getLevelName(environ.get(LEVEL_VARIABLE, "INFO").upper())
    root.setLevel(level if isinstance(level, int) else logging.INFO)
    return handler
