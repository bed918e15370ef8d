"""Where a command writes: results on stdout, everything else on stderr, progress only where someone watches."""

from __future__ import annotations

import errno
import json
import re
import shutil
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TextIO

from desktop_app.app.standard_streams import let_go_of
from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.errors import OutputError, system_reason

_BAR_WIDTH = 24
_REDRAW_S = 0.1
_ACTING = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]|\r(?!\n)")
"""What a terminal obeys in place of showing it: notes and answers are texts of others."""


class ReaderGoneError(Exception):
    """Whoever read standard output has stopped (`| head -1`): nothing is left to do, and nothing to complain of."""


class Console:
    """Two streams and the choice between words and JSON. A terminal gets no control characters but ends of lines and
    tabs; files and pipes get texts as they are.

    Writing to stdout raises OutputError, or ReaderGoneError where a pipe was closed. What stderr does not take is lost.

    Args:
        as_json: stdout then gets exactly one JSON object, from `result`.
    """

    def __init__(self, stdout: TextIO, stderr: TextIO, *, as_json: bool = False) -> None:
        self.stdout = stdout
        self.as_json = as_json
        self._stderr = stderr

    @property
    def watched(self) -> bool:
        """True where a person looks at stderr."""
        return self._stderr.isatty()

    def say(self, text: str) -> None:
        """A line for a person on stdout; nothing under --json."""
        if not self.as_json:
            self._put(f"{text}\n")

    def stream(self, text: str) -> None:
        """A piece of a running text on stdout, shown at once; nothing under --json."""
        if not self.as_json:
            self._put(text)

    def result(self, values: Mapping[str, Any]) -> None:
        """The one object of --json; nothing without it."""
        if self.as_json:
            self._put(json.dumps(values, ensure_ascii=False) + "\n")

    def note(self, text: str) -> None:
        """One line on stderr."""
        _try_to_write(self._stderr, _harmless(" ".join(text.split()), self._stderr) + "\n")

    def as_they_are(self, output: str, errors: str) -> None:
        """Lines made elsewhere (the help, the usage), whatever was asked for."""
        _try_to_write(self._stderr, errors)
        self._put(output)

    def _put(self, text: str) -> None:
        try:
            self.stdout.write(_harmless(text, self.stdout))
            self.stdout.flush()
        except OSError as error:
            let_go_of(self.stdout)
            # Windows says so of a pipe whose reader is gone.
            if isinstance(error, BrokenPipeError) or (sys.platform == "win32" and error.errno == errno.EINVAL):
                raise ReaderGoneError from error
            raise OutputError("The output could not be written.", system_reason(error)) from error

    @contextmanager
    def progress(self, title: str) -> Iterator[Progress]:
        """A progress bar on stderr, cleared at the end; silent where nobody watches."""
        bar = Progress(self._stderr if self.watched else None, title)
        try:
            yield bar
        finally:
            bar.clear()


class Progress:
    """A bar that redraws itself at most ten times a second. With no stream it does nothing."""

    def __init__(self, stream: TextIO | None, title: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._stream = stream
        self._title = title
        self._clock = clock
        self._drawn_at = -1.0
        self._width = 0

    def update(self, done: float, total: int, detail: str = "") -> None:
        """Show `done` of `total`, begun ones as a fraction, and a word about what is at work."""
        if self._stream is None:
            return
        now = self._clock()
        if self._drawn_at >= 0 and now - self._drawn_at < _REDRAW_S and done < total:
            return
        self._drawn_at = now
        share = min(1.0, done / total) if total else 0.0
        filled = round(share * _BAR_WIDTH)
        bar = "█" * filled + "░" * (_BAR_WIDTH - filled)
        line = f"{self._title} {bar} {int(done):,} of {total:,} {_printable(detail)}"
        line = line[: shutil.get_terminal_size().columns - 1]
        _try_to_write(self._stream, "\r" + line.ljust(self._width))
        self._width = len(line)

    def clear(self) -> None:
        """Take the bar off the screen."""
        if self._stream is not None and self._width:
            _try_to_write(self._stream, "\r" + " " * self._width + "\r")


def _try_to_write(stderr: TextIO, text: str) -> None:
    """Nobody can be told where stderr fails, and the work is none the worse for it."""
    try:
        stderr.write(text)
        stderr.flush()
    except OSError:
        let_go_of(stderr)


def _harmless(text: str, stream: TextIO) -> str:
    return _ACTING.sub("?", text) if stream.isatty() else text


def _printable(text: str) -> str:
    """File names may hold control characters that would move the cursor."""
    return "".join(character if character.isprintable() else "?" for character in text)


@contextmanager
def cancelled_by_interrupt() -> Iterator[CancelToken]:
    """A token that Ctrl+C and SIGTERM raise. A second Ctrl+C ends the program the hard way."""
    token = CancelToken()
    if threading.current_thread() is not threading.main_thread():
        yield token
        return

    def interrupt(_number: int, _frame: object) -> None:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        token.cancel()

    previous = {number: signal.signal(number, interrupt) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield token
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
