"""`inkwell restore`: put a backup in place of the database."""

from __future__ import annotations

import argparse
from pathlib import Path

from desktop_app.app.cli.verb import DONE, Call
from desktop_app.app.single_instance import SingleInstance
from desktop_app.domain.errors import AlreadyRunningError, BackupError


def add_to(verbs: argparse._SubParsersAction[argparse.ArgumentParser], shared: argparse.ArgumentParser) -> None:
    """Add the verb's grammar."""
    parser = verbs.add_parser(
        "restore", parents=[shared], help="put a backup in place of the database; the present one is backed up first"
    )
    parser.add_argument("file", metavar="FILE|latest", help="one of “inkwell backup --list”")
    parser.set_defaults(run=run)


def run(call: Call) -> int:
    """Restore while no window is open, so that nothing writes into the file that is replaced."""
    instance = SingleInstance(call.paths)
    call.paths.create()
    if not instance.acquire():
        raise AlreadyRunningError(
            "The database is in use.", "An Inkwell window is open.", "Close it, or restore in its settings."
        )
    try:
        backups = call.container.backups
        path = _chosen(call)
        backups.restore(path)
    finally:
        instance.close()
    call.console.result({"restored": str(path)})
    call.console.say(f"Restored {path}.")
    return DONE


def _chosen(call: Call) -> Path:
    if call.arguments.file != "latest":
        return Path(call.arguments.file).expanduser().absolute()
    known = call.container.backups.list_backups()
    if not known:
        raise BackupError("There is no backup yet.", "", "“inkwell backup” makes one.")
    return max(known, key=lambda backup: backup.made_at).path
