"""`inkwell notes export-folder`: a folder of notes as Markdown, or a folder on the disk as it came in."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from desktop_app.app.cli.arguments import given_path
from desktop_app.app.cli.verb import DONE, Call
from desktop_app.app.cli.wording import counted


def add_to(actions: argparse._SubParsersAction[argparse.ArgumentParser], shared: argparse.ArgumentParser) -> None:
    """Add the action's grammar."""
    export = actions.add_parser(
        "export-folder", parents=[shared], help="write a folder of notes as Markdown, what was not edited byte for byte"
    )
    export.add_argument("source", metavar="FOLDER", help="a folder of notes, or one on the disk that notes came from")
    export.add_argument("destination", metavar="DEST", type=given_path, help="a new or empty folder")
    export.set_defaults(run=export_folder)


def export_folder(call: Call) -> int:
    """Write the export."""
    exporter = call.container.note_parts.folder_export
    path = Path(os.path.abspath(Path(call.arguments.source).expanduser()))
    source: str | Path = path if path in exporter.sources() else call.arguments.source
    target = call.arguments.destination.expanduser().absolute()
    with call.console.progress("Exporting") as bar:
        report = exporter.run(source, target, bar.update, call.cancel)
    call.console.result(
        {
            "folder": str(report.folder),
            "notes": report.notes,
            "unchanged": report.unchanged,
            "files": report.files,
            "missing": list(report.missing),
        }
    )
    call.console.say(
        f"{counted(report.notes, 'note')}, {report.unchanged:,} of them as they came in, "
        f"and {counted(report.files, 'other file')}, all in {report.folder}"
    )
    if report.missing:
        call.console.note(f"Not there, or damaged: {', '.join(report.missing)}. See “inkwell doctor”.")
    return DONE
