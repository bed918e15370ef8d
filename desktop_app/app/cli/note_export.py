"""`inkwell notes export`: chosen notes as Markdown or HTML."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from desktop_app.app.cli.arguments import given_path, stored_id
from desktop_app.app.cli.verb import DONE, Call
from desktop_app.domain.notes import NoteFilter, NoteSort


def add_to(actions: argparse._SubParsersAction[argparse.ArgumentParser], shared: argparse.ArgumentParser) -> None:
    """Add the action's grammar."""
    export = actions.add_parser(
        "export", parents=[shared], help="write notes as Markdown or HTML, with their pictures (as PDF: in the window)"
    )
    which = export.add_mutually_exclusive_group(required=True)
    which.add_argument("id", metavar="ID", type=stored_id, nargs="?")
    which.add_argument("--folder", metavar="F", help="this folder and what is below it")
    which.add_argument("--all", action="store_true", help="all notes outside the trash")
    export.add_argument("--format", choices=("markdown", "html"), default="markdown", help="markdown unless said")
    export.add_argument(
        "--output", metavar="DEST", type=given_path, required=True, help="a folder; nothing in it is overwritten"
    )
    export.set_defaults(run=export_notes)


def export_notes(call: Call) -> int:
    """One note, a folder or all, as files; what was written is printed."""
    arguments = call.arguments
    notes, export = call.container.notes, call.container.note_parts.note_export
    if arguments.id is not None:
        ids, name = [notes.get(arguments.id).id], "Notes"
    else:
        wanted = NoteFilter(folder=arguments.folder, sort=NoteSort.CREATED)
        ids = [summary.id for summary in notes.list_notes(wanted)]
        name = (arguments.folder or "Notes").rpartition("/")[2]
    write = export.html if arguments.format == "html" else export.markdown
    folder = Path(os.path.abspath(arguments.output.expanduser()))
    with call.console.progress("Exporting") as bar:
        report = write(ids, folder, name, bar.update, call.cancel)
    call.console.result(
        {
            "path": str(report.folder),
            "notes": report.notes,
            "attachments": report.attachments,
            "missing": list(report.missing),
        }
    )
    call.console.say(str(report.folder))
    if report.missing:
        call.console.note(f"Not there, or damaged: {', '.join(report.missing)}. See “inkwell doctor”.")
    return DONE
