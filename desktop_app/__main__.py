"""The one door into Inkwell: a worker, a command, or the window.

Decides before anything heavy is imported: a worker must not load Qt, a command must not load Qt,
and the window must not wait for what commands need.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from desktop_app.app.paths import DataPaths


def main(argv: Sequence[str] | None = None) -> int:
    """Run what the arguments ask for and return the exit code."""
    if getattr(sys, "frozen", False):
        import multiprocessing

        from desktop_app.app.frozen_start import give_back_library_path

        multiprocessing.freeze_support()
        give_back_library_path(os.environ)
    arguments = list(sys.argv[1:] if argv is None else argv)
    if len(arguments) == 2 and arguments[0] == "--worker":
        from desktop_app.workers.registry import run_worker

        return run_worker(arguments[1])
    from desktop_app.app.standard_streams import hold_descriptors, in_utf8_mode

    hold_descriptors()
    if argv is None:
        in_utf8_mode()
    if opens_window(arguments):
        return _run_window(arguments)
    return _run_command(arguments)


def main_window(argv: Sequence[str] | None = None) -> int:
    """The GUI script: the same door; without a verb it opens the window."""
    return main(argv)


def opens_window(arguments: Sequence[str]) -> bool:
    """True where the line holds nothing but `--data-dir`: everything else is a command or a usage error."""
    from desktop_app.app.paths import split_data_dir

    try:
        _, rest = split_data_dir(arguments)
    except ValueError:
        return False
    return not rest


def _run_command(arguments: Sequence[str]) -> int:
    try:
        from desktop_app.app.cli import main as run_command

        return run_command(arguments)
    except KeyboardInterrupt:
        return 130  # before the command could say so itself


def _run_window(arguments: Sequence[str]) -> int:
    from desktop_app.app.paths import data_paths, split_data_dir
    from desktop_app.app.screen import missing_library, no_screen
    from desktop_app.domain.errors import InkwellError

    problem = no_screen(os.environ, sys.platform)
    if not problem and not getattr(sys, "frozen", False):  # a build brings its libraries
        problem = missing_library(os.environ, sys.platform)
    if problem:
        print(f"inkwell: {problem}", file=sys.stderr)
        return 1
    override, _ = split_data_dir(arguments)
    try:
        paths = data_paths(override)
        paths.create()
    except InkwellError as error:
        print(f"inkwell: {error}", file=sys.stderr)
        return 1
    try:
        open_window = import_window()
    except ImportError as error:
        if "shared object" not in str(error) and "DLL load failed" not in str(error):
            raise
        print(f"inkwell: Qt does not load ({error}). “inkwell doctor” says how to mend it.", file=sys.stderr)
        return 1
    return open_window(paths)


def import_window() -> Callable[[DataPaths], int]:
    """Import what the first picture needs, in the order that takes least time; what runs the window on a data folder.

    The garbage collector rests until that picture is painted: start-up only adds objects, and looking through them
    again and again took a tenth of the time.
    """
    gc.disable()
    from desktop_app.app.shiboken_sources import leave_sources_unread

    leave_sources_unread()
    from desktop_app.app.window import run

    return run


if __name__ == "__main__":
    sys.exit(main())
