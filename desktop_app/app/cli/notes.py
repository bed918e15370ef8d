"""`inkwell notes`: add, list, show, delete and import; linked folders and the export have modules of their own."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from desktop_app.app.cli import folder_export, linked_folders, note_export
from desktop_app.app.cli.arguments import given_path, stored_id
from desktop_app.app.cli.verb import DONE, FAILED, STOPPED, Call
from desktop_app.domain.errors import ImportFileError, system_reason
from desktop_app.domain.notes import ImportReport, Note, NoteFilter, NoteSort, NoteSummary

_MOST_LISTED = 100
"""Files that were not taken which are listed line by line."""


def add_to(verbs: argparse._SubParsersAction[argparse.ArgumentParser], shared: argparse.ArgumentParser) -> None:
    """Add the verb's grammar."""
    notes = verbs.add_parser("notes", help="add, list, show, delete, import, export notes; link folders")
    actions = notes.add_subparsers(metavar="ACTION", required=True)
    add = actions.add_parser("add", parents=[shared], help="keep one text as a note and print its id")
    add.add_argument("file", metavar="FILE", help="a UTF-8 text; - reads standard input")
    add.add_argument(
        "--title", metavar="T", help="in place of the front matter's, the first heading or the file's name"
    )
    add.add_argument("--folder", metavar="F", help="names with / between them; in place of the front matter's")
    add.set_defaults(run=add_note)
    listing = actions.add_parser("list", parents=[shared], help="id, folder and title, last edited first")
    listing.add_argument("--folder", metavar="F", help="only this folder and what is below it")
    listing.add_argument("--tag", metavar="T", help="only notes with this tag")
    listing.add_argument("--trashed", action="store_true", help="what is in the trash")
    listing.set_defaults(run=list_notes)
    show = actions.add_parser("show", parents=[shared], help="print a note's text")
    show.add_argument("id", metavar="ID", type=stored_id)
    show.set_defaults(run=show_note)
    delete = actions.add_parser("delete", parents=[shared], help="move a note to the trash")
    delete.add_argument("id", metavar="ID", type=stored_id)
    delete.set_defaults(run=delete_note)
    bring_in = actions.add_parser(
        "import",
        parents=[shared],
        help="import Markdown, text, HTML, PDF, DOCX, EPUB, folders of them, and other programs' exports",
    )
    bring_in.add_argument("paths", metavar="PATH", nargs="+", type=given_path)
    bring_in.set_defaults(run=import_notes)
    note_export.add_to(actions, shared)
    linked_folders.add_to(actions, shared)
    folder_export.add_to(actions, shared)


def add_note(call: Call) -> int:
    """Keep a file's or standard input's text, front matter read as the import reads it."""
    arguments = call.arguments
    if arguments.file == "-":
        text, file_name = call.read_stdin(), ""
    else:
        path = Path(arguments.file)
        # What the shell makes of <(command) has a number for a name.
        text, file_name = _read(path), path.stem if path.is_file() else ""
    note = call.container.note_parts.note_import.add_text(
        text, title=arguments.title or "", folder=arguments.folder, file_name=file_name
    )
    call.console.result({"id": note.id})
    call.console.say(str(note.id))
    return DONE


def _read(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ImportFileError(
            f"{path} is not UTF-8 text.", "", "“inkwell notes import” reads other encodings, too."
        ) from error
    except OSError as error:
        raise ImportFileError(f"{path} cannot be read.", system_reason(error), "Check the name.") from error


def list_notes(call: Call) -> int:
    """One line for each note."""
    arguments = call.arguments
    wanted = NoteFilter(folder=arguments.folder, tag=arguments.tag, trashed=arguments.trashed, sort=NoteSort.EDITED)
    summaries = call.container.notes.list_notes(wanted)
    call.console.result({"notes": [_summary_as_json(summary) for summary in summaries]})
    for summary in summaries:
        place = f"{summary.folder}/" if summary.folder else ""
        call.console.say(f"{summary.id}\t{place}{' '.join(summary.title.split())}")
    return DONE


def _summary_as_json(summary: NoteSummary) -> dict[str, object]:
    return {
        "id": summary.id,
        "title": summary.title,
        "folder": summary.folder,
        "edited_at": summary.edited_at.isoformat(),
    }


def show_note(call: Call) -> int:
    """The text as it is stored."""
    note = call.container.notes.get(call.arguments.id)
    call.console.result(_note_as_json(note))
    call.console.stream(note.text)
    if call.console.stdout.isatty() and not note.text.endswith("\n"):
        call.console.stream("\n")
    return DONE


def _note_as_json(note: Note) -> dict[str, object]:
    return {
        "id": note.id,
        "title": note.title,
        "folder": note.folder,
        "tags": list(note.tags),
        "text": note.text,
        "front_matter": note.front_matter,
        "path": note.source_path,
        "created_at": note.created_at.isoformat(),
        "edited_at": note.edited_at.isoformat(),
        "trashed": note.trashed_at is not None,
    }


def delete_note(call: Call) -> int:
    """Into the trash, where the window can restore it."""
    notes = call.container.notes
    note = notes.get(call.arguments.id)
    notes.trash([note.id])
    call.console.result({"id": note.id, "trashed": True})
    call.console.say(f"“{note.title}” is in the trash.")
    return DONE


def import_notes(call: Call) -> int:
    """Files and folders; one that cannot be read does not stop the others."""
    paths = [Path(os.path.abspath(path.expanduser())) for path in call.arguments.paths]
    with call.console.progress("Importing") as bar:
        report = call.container.note_parts.note_import.run(paths, bar.update, call.cancel)
    call.console.result(_report_as_json(report))
    call.console.say(
        f"{len(report.imported):,} imported, {len(report.updated):,} updated, {report.unchanged:,} unchanged, "
        f"{len(report.failed):,} failed."
    )
    if report.attachments:
        what = "attachment" if report.attachments == 1 else "attachments"
        call.console.say(f"{report.attachments:,} {what} kept.")
    if not call.console.as_json:
        for failure in (*report.failed, *report.converted):
            call.console.note(f"{failure.path}: {failure.reason}")
    _tell_what_was_not_taken(call, report)
    if report.broken_off:
        call.console.note(report.broken_off)
        return FAILED
    if report.stopped:
        call.console.note("Stopped. What is listed is in; run it again for the rest.")
        return STOPPED
    nothing_came = not (report.imported or report.updated or report.unchanged)
    if report.failed and nothing_came and call.console.as_json:
        call.console.note(f"{report.failed[0].path}: {report.failed[0].reason}")
    return FAILED if report.failed and nothing_came else DONE


def _tell_what_was_not_taken(call: Call, report: ImportReport) -> None:
    count, names = report.skipped_attachments, report.not_taken
    if not count:
        return
    what = "attachment was" if count == 1 else "attachments were"
    call.console.note(f"{count:,} {what} not taken: no note names {'it' if count == 1 else 'them'}.")
    if call.console.as_json:
        return
    for name in names[:_MOST_LISTED]:
        call.console.note(f"{name}: not taken")
    if len(names[:_MOST_LISTED]) < count and names:
        call.console.note(f"… and {count - len(names[:_MOST_LISTED]):,} more; --json lists up to 1,000.")


def _report_as_json(report: ImportReport) -> dict[str, object]:
    return {
        "imported": len(report.imported),
        "updated": len(report.updated),
        "unchanged": report.unchanged,
        "failed": [{"path": failure.path, "reason": failure.reason} for failure in report.failed],
        "attachments": report.attachments,
        "skipped_attachments": report.skipped_attachments,
        "not_taken": list(report.not_taken),
        "broken_off": report.broken_off,
    }
