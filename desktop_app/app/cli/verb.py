"""What each verb gets and gives."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Protocol, TextIO

import msgspec

from desktop_app.app.cli.console import Console
from desktop_app.app.paths import DataPaths
from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.errors import CancelledError, ImportFileError, system_reason

if TYPE_CHECKING:
    from desktop_app.app.container import Container

DONE = 0
FAILED = 1
USAGE = 2
STOPPED = 130


def _stop_reading() -> None:
    raise CancelledError("Stopped.")


class ContainerFactory(Protocol):
    """Makes the parts; `overrides` are environment variables that stand over the settings file for this command."""

    def __call__(self, paths: DataPaths, overrides: Mapping[str, str]) -> Container: ...


class Call(msgspec.Struct, frozen=True):
    """One command as its verb sees it.

    Attributes:
        open: makes the container on first use, with settings overridden for this command; closed after the verb.
        stdin: read where a file is named `-`; None where it was closed.
    """

    arguments: argparse.Namespace
    console: Console
    cancel: CancelToken
    paths: DataPaths
    open: Callable[[Mapping[str, str]], Container]
    stdin: TextIO | None
    overrides: Mapping[str, str] = msgspec.field(default_factory=dict)

    @property
    def container(self) -> Container:
        """The parts, with the settings as they are."""
        return self.open(self.overrides)

    def read_stdin(self) -> str:
        """All of standard input, as UTF-8 whatever the locale, line ends untouched.

        Raises ImportFileError, and CancelledError at Ctrl+C, which reading would sit out.
        """
        if self.stdin is None:
            raise ImportFileError("There is no standard input: it is closed.", "", "Name a file, or use a pipe.")
        raw = getattr(self.stdin, "buffer", None)
        try:
            with self.cancel.telling(_stop_reading):
                return self.stdin.read() if raw is None else str(raw.read().decode("utf-8-sig"))
        except UnicodeDecodeError as error:
            raise ImportFileError("What came on standard input is not UTF-8 text.") from error
        except OSError as error:
            raise ImportFileError(
                "Standard input cannot be read.", system_reason(error), "Name a file, or use a pipe."
            ) from error
