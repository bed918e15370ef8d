"""`inkwell backup`: a verified copy of the database, now."""

from __future__ import annotations

import argparse

from desktop_app.app.cli.verb import DONE, Call


def add_to(verbs: argparse._SubParsersAction[argparse.ArgumentParser], shared: argparse.ArgumentParser) -> None:
    """Add the verb's grammar."""
    parser = verbs.add_parser("backup", parents=[shared], help="make a verified copy of the database, or list them")
    parser.add_argument("--list", action="store_true", help="list the backups instead, newest first")
    parser.set_defaults(run=run)


def run(call: Call) -> int:
    """Back up, or list."""
    backups = call.container.backups
    if call.arguments.list:
        known = backups.list_backups()
        call.console.result(
            {
                "backups": [
                    {"path": str(b.path), "made_at": b.made_at.isoformat(), "bytes": b.size_bytes, "reason": b.reason}
                    for b in known
                ]
            }
        )
        for backup in known:
            call.console.say(
                f"{backup.made_at.astimezone():%Y-%m-%d %H:%M}  {backup.size_bytes:>12,} bytes  {backup.path}"
            )
        return DONE
    path = backups.back_up_now()
    call.console.result({"path": str(path)})
    call.console.say(str(path))
    return DONE
