"""The three standard streams, fit for use whatever the program was started with."""

from __future__ import annotations

import contextlib
import io
import os
import sys
from typing import TextIO


def hold_descriptors() -> None:
    """Open the null device in place of each standard stream that was closed at the start.

    The database could get its number otherwise, and what a library prints would be written into it.
    """
    for descriptor in (0, 1, 2):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest free number: this one


def in_utf8_mode() -> None:
    """Start again in Python's UTF-8 mode where the locale knows no letter beyond ASCII; returns where it does.

    Arguments, names of files and all text would lose their letters otherwise. Python does this by itself in the
    locales C and POSIX, unless PYTHONUTF8=0 stands in its way (https://docs.python.org/3/library/os.html#utf8-mode).
    """
    if sys.getfilesystemencoding() != "ascii" or os.environ.get("PYTHONUTF8") == "1" or not sys.executable:
        return
    os.environ["PYTHONUTF8"] = "1"
    os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])


def writing_utf8(stream: TextIO | None) -> TextIO | None:
    """The same stream, writing UTF-8 and the line ends of the text, whatever locale and system; None for a closed one.

    Names of files that are no valid UTF-8 come out escaped, in JSON as JSON escapes them.
    """
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(encoding="utf-8", errors="backslashreplace", newline="")
    return stream


def let_go_of(stream: TextIO) -> None:
    """What cannot be written to this stream any more goes nowhere: the interpreter would complain of it at its end."""
    with contextlib.suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
        stream.flush()
