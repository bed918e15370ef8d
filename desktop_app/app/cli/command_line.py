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
from desktop_app.app.cli import ask, backup, doctor, export, index, models, notes, restore, search, settings
from desktop_app.app.cli.console import Console, cancelled_by_interrupt
from desktop_app.app.cli.verb import FAILED, STOPPED, USAGE, Call, ContainerFactory
from desktop_app.app.paths import DataPaths, data_paths, split_data_dir
from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.errors import CancelledError, InkwellError

if TYPE_CHECKING:
    from desktop_app.app.container import Container

_VERBS = (ask, notes, index, search, settings, models, doctor, backup, restore, export)


def main(
    argv: Sequence[str],
    *,
    container_factory: ContainerFactory | None = None,
    environ: Mapping[str, str] | None = None,
    stdin: TextIO | None = None,
    stdout: TextIO | None = None,
    stderr: TextIO | None = None,
) -> int:
    """Run one command and return its exit code. Only `--help`, `--version` and usage errors raise SystemExit inside."""
    out, err = stdout or _utf8(sys.stdout), stderr or sys.stderr
    try:
        override, rest = split_data_dir(argv)
        with redirect_stdout(out), redirect_stderr(err):
            arguments = build_parser().parse_args(rest)
    except ValueError as error:
        print(f"inkwell: {error}", file=err)
        return USAGE
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else USAGE
    console = Console(out, err, as_json=arguments.json)
    command = _Command(arguments, override, environ, container_factory or _real_container)
    try:
        with closing(command), cancelled_by_interrupt() as cancel:
            return command.run(console, cancel, stdin or sys.stdin)
    except (CancelledError, KeyboardInterrupt):
        console.note("Stopped.")
        return STOPPED
    except InkwellError as error:
        console.note(f"inkwell: {error}")
        return FAILED
    except BrokenPipeError:
        _let_go_of(out)
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

    def run(self, console: Console, cancel: CancelToken, stdin: TextIO) -> int:
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


def _utf8(stream: TextIO) -> TextIO:
    """The same stream, writing UTF-8 and the line ends of the text, whatever locale and system: as it was kept."""
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(encoding="utf-8", newline="")
    return stream


def _let_go_of(stdout: TextIO) -> None:
    """The reader of our output went away (`| head`): keep the interpreter from complaining at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stdout.fileno())
