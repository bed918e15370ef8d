"""Reads the line, runs one verb, and turns its end into an exit code: 0 done, 1 failed, 2 usage, 130 stopped."""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import closing, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from desktop_app import __version__
from desktop_app.app.cli import (
    ask,
    backup,
    chats,
    complete,
    doctor,
    export,
    index,
    models,
    notes,
    restore,
    search,
    settings,
)
from desktop_app.app.cli.console import Console, ReaderGoneError, cancelled_by_interrupt
from desktop_app.app.cli.verb import FAILED, STOPPED, USAGE, Call, ContainerFactory
from desktop_app.app.paths import DataPaths, data_paths, split_data_dir
from desktop_app.app.standard_streams import hold_descriptors, writing_utf8
from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.errors import CancelledError, InkwellError, OutputError

if TYPE_CHECKING:
    from desktop_app.app.container import Container

_VERBS = (ask, chats, complete, notes, index, search, settings, models, doctor, backup, restore, export)


def main(
    argv: Sequence[str],
    *,
    container_factory: ContainerFactory | None = None,
    environ: Mapping[str, str] | None = None,
    stdin: TextIO | None = None,
    stdout: TextIO | None = None,
    stderr: TextIO | None = None,
) -> int:
    """Run one command and return its exit code. Whatever its streams do to it, it ends with at most one line."""
    hold_descriptors()
    # Where stderr was closed its number stands for the null device now.
    err = stderr or writing_utf8(sys.stderr) or open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    out = stdout or writing_utf8(sys.stdout)
    if out is None:
        # Before anything is done: who tried again would do it twice.
        Console(err, err).note(
            "inkwell: Nothing was done: standard output is closed, and there is nowhere to write to."
        )
        return FAILED
    console = Console(out, err)
    try:
        return _run(argv, console, container_factory or _real_container, environ, stdin or sys.stdin)
    except ReaderGoneError:
        return FAILED
    except OutputError as error:
        console.note(f"inkwell: {error}")
        return FAILED


def _run(
    argv: Sequence[str],
    console: Console,
    factory: ContainerFactory,
    environ: Mapping[str, str] | None,
    stdin: TextIO | None,
) -> int:
    """Raises ReaderGoneError and OutputError; every other failure is told here."""
    help_text, usage = io.StringIO(), io.StringIO()  # argparse would swallow failures to write them
    try:
        override, rest = split_data_dir(argv)
        with redirect_stdout(help_text), redirect_stderr(usage):
            arguments = build_parser().parse_args(search.with_text_apart(rest))
    except ValueError as error:
        console.note(f"inkwell: {error}")
        return USAGE
    except SystemExit as end:
        console.as_they_are(help_text.getvalue(), usage.getvalue())
        return end.code if isinstance(end.code, int) else USAGE
    console.as_json = arguments.json
    command = _Command(arguments, override, environ, factory)
    try:
        with closing(command), cancelled_by_interrupt() as cancel:
            return command.run(console, cancel, stdin)
    except (CancelledError, KeyboardInterrupt):
        console.note("Stopped.")
        return STOPPED
    except (ReaderGoneError, OutputError):
        raise
    except InkwellError as error:
        console.note(f"inkwell: {error}")
        return FAILED
    except Exception as error:  # noqa: BLE001 - nobody below us: it becomes one line and a report
        console.note(f"inkwell: Something unexpected happened ({type(error).__name__}). {command.report(error)}")
        return FAILED


class _Command:
    """Holds the container between its first use and the end."""

    def __init__(
        self,
        arguments: argparse.Namespace,
        data_dir: Path | None,
        environ: Mapping[str, str] | None,
        factory: ContainerFactory,
    ) -> None:
        self._arguments = arguments
        self._data_dir = data_dir
        self._environ = environ
        self._factory = factory
        self._container: Container | None = None

    def run(self, console: Console, cancel: CancelToken, stdin: TextIO | None) -> int:
        paths = data_paths(self._data_dir, self._environ)

        def open_container(overrides: Mapping[str, str]) -> Container:
            if self._container is None:
                paths.create()
                self._log(paths)
                self._container = self._factory(paths, overrides)
            return self._container

        code: int = self._arguments.run(Call(self._arguments, console, cancel, paths, open_container, stdin))
        for notice in self._notices():
            console.note(notice)
        return code

    def _notices(self) -> list[str]:
        """What was found and mended on the way, told once: a broken settings file, a damaged store."""
        if self._container is None:
            return []
        store = vars(self._container).get("store")  # only where the verb opened it
        opened = store.open_report.notices if store is not None else ()
        return [notice for notice in (self._container.settings_notice, *opened) if notice]

    def report(self, error: Exception) -> str:
        """Write a crash report; where it is, in words."""
        from desktop_app.app.crash_report import CrashReports

        path = CrashReports(data_paths(self._data_dir, self._environ).logs).write(error)
        return "" if path is None else f"A report that holds none of your texts is in {path}."

    def close(self) -> None:
        if self._container is not None:
            self._container.close()

    def _log(self, paths: DataPaths) -> None:
        from desktop_app.app.logging import start_logging

        start_logging(paths.logs, os.environ if self._environ is None else self._environ)


def build_parser() -> argparse.ArgumentParser:
    """The whole grammar. Each verb adds its own part."""
    parser = argparse.ArgumentParser(
        prog="inkwell",
        description="A private assistant on your own machine. Without a verb, the window opens.",
        epilog="--data-dir DIR may stand anywhere and keeps everything in that folder.",
    )
    parser.add_argument("--version", action="version", version=f"inkwell {__version__}")
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
    verbs = parser.add_subparsers(title="verbs", metavar="VERB", required=True)
    for verb in _VERBS:
        verb.add_to(verbs, shared)
    return parser


def _real_container(paths: DataPaths, overrides: Mapping[str, str]) -> Container:
    from desktop_app.app.container import Container

    os.environ.update(overrides)
    return Container(paths)
