"""`inkwell export`: everything as Markdown and JSON."""

from __future__ import annotations

import argparse

from desktop_app.app.cli.arguments import given_path
from desktop_app.app.cli.verb import DONE, Call
from desktop_app.app.cli.wording import counted


def add_to(verbs: argparse._SubParsersAction[argparse.ArgumentParser], shared: argparse.ArgumentParser) -> None:
    """Add the verb's grammar."""
    parser = verbs.add_parser("export", parents=[shared], help="write all notes and chats as Markdown and JSON")
    parser.add_argument("folder", metavar="FOLDER", type=given_path, help="a new or empty folder")
    parser.set_defaults(run=run)


def run(call: Call) -> int:
    """Write the export."""
    folder = call.arguments.folder.expanduser().absolute()
    with call.console.progress("Exporting") as bar:
        report = call.container.export.run(folder, bar.update, call.cancel)
    call.console.result(
        {
            "folder": str(report.folder),
            "notes": report.notes,
            "chats": report.chats,
            "attachments": report.attachments,
            "missing": list(report.missing),
        }
    )
    parts = [counted(report.notes, "note"), counted(report.chats, "chat"), counted(report.attachments, "attachment")]
    call.console.say(f"{parts[0]}, {parts[1]} and {parts[2]}, all in {report.folder}")
    if report.missing:
        call.console.note(f"Not there, or damaged: {', '.join(report.missing)}. See “inkwell doctor”.")
    return DONE
