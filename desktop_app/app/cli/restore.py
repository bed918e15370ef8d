"""`inkwell restore`: put a backup in place of the database."""

from __future__ import annotations

import argparse
from pathlib import Path

from desktop_app.app.cli.verb import DONE, Call


def add_to(verbs: argparse._SubParsersAction[argparse.ArgumentParser], shared: argparse.ArgumentParser) -> None:
    """Add the verb's grammar."""
    parser = verbs.add_parser(
        "restore", parents=[shared], help="put a backup in place of the database; the present one is backed up first"
    )
    parser.add_argument(
        "file", metavar="FILE|latest", help="one of “inkwell backup --list”; latest leaves out what restores kept"
    )
    parser.set_defaults(run=run)


def run(call: Call) -> int:
    """Restore; an open window reads everything again."""
    backups = call.container.backups
    if call.arguments.file == "latest":
        latest = backups.restore_latest()
        call.console.result({"restored": str(latest.path), "made_at": latest.made_at.isoformat()})
        call.console.say(f"Restored the backup of {latest.made_at.astimezone():%Y-%m-%d %H:%M}: {latest.path}")
    else:
        path = Path(call.arguments.file).expanduser().absolute()
        backups.restore(path)
        call.console.result({"restored": str(path)})
        call.console.say(f"Restored {path}")
    return DONE
