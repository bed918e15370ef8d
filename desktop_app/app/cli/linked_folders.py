"""`inkwell notes link`, `unlink` and `sync`: folders whose files are notes."""

from __future__ import annotations

import argparse

from msgspec.structs import asdict

from desktop_app.app.cli.arguments import given_path
from desktop_app.app.cli.verb import DONE, FAILED, STOPPED, Call
from desktop_app.domain.folder_sync import LinkedFolder, SyncReport


def add_to(actions: argparse._SubParsersAction[argparse.ArgumentParser], shared: argparse.ArgumentParser) -> None:
    """Add the three actions' grammar."""
    link = actions.add_parser("link", parents=[shared], help="make a folder's files notes that stay in step with them")
    link.add_argument("folder", metavar="FOLDER", type=given_path)
    link.set_defaults(run=link_folder)
    unlink = actions.add_parser(
        "unlink", parents=[shared], help="leave a linked folder alone; its notes stay as copies"
    )
    unlink.add_argument("folder", metavar="FOLDER", type=given_path)
    unlink.set_defaults(run=unlink_folder)
    sync = actions.add_parser("sync", parents=[shared], help="bring all linked folders and their notes in step")
    sync.add_argument(
        "--trash-missing",
        metavar="FOLDER",
        type=given_path,
        help="of this folder, move the notes of files that are gone at once to the trash; without it they wait",
    )
    sync.set_defaults(run=sync_folders)


def link_folder(call: Call) -> int:
    """Link, and bring in step."""
    with call.console.progress("Linking") as bar:
        folder, report = call.container.note_parts.linked_folders.link(call.arguments.folder, bar.update, call.cancel)
    call.console.result(_as_json(folder, report))
    return _say(call, folder, report)


def unlink_folder(call: Call) -> int:
    """The notes stay, and so do the files."""
    folders = call.container.note_parts.linked_folders
    folder = folders.find(call.arguments.folder)
    folders.unlink(folder)
    call.console.result({"folder": str(folder.path), "linked": False})
    call.console.say(f"{folder.path} is linked no more; its notes stay as copies.")
    return DONE


def sync_folders(call: Call) -> int:
    """One line for each folder."""
    folders = call.container.note_parts.linked_folders
    given_up = None if call.arguments.trash_missing is None else folders.find(call.arguments.trash_missing)
    done = folders.look_at_all(call.cancel)
    done = [
        (folder, folders.trash_held(folder, report.held, call.cancel))
        if given_up == folder and report.held is not None
        else (folder, report)
        for folder, report in done
    ]
    call.console.result({"folders": [_as_json(folder, report) for folder, report in done]})
    if not done:
        call.console.note("No folder is linked.")
    return max((_say(call, folder, report) for folder, report in done), default=DONE)


def _as_json(folder: LinkedFolder, report: SyncReport) -> dict[str, object]:
    counts = asdict(report)
    del counts["stopped"]
    counts["held"] = None if report.held is None else {"gone": report.held.gone, "known": report.held.known}
    counts["conflicts"] = [{"note_id": one.note_id, "path": one.path} for one in report.conflicts]
    counts["problems"] = [{"path": one.path, "reason": one.reason} for one in report.problems]
    return {"folder": str(folder.path), "notes_folder": folder.top, **counts}


def _say(call: Call, folder: LinkedFolder, report: SyncReport) -> int:
    if not report.there:
        how = "empty" if folder.path.is_dir() else "not there"
        call.console.note(f"The folder {folder.path} is {how}; its notes are as last seen.")
        return FAILED
    removed = "1 file" if report.removed == 1 else f"{report.removed:,} files"
    conflicts = "1 conflict" if len(report.conflicts) == 1 else f"{len(report.conflicts):,} conflicts"
    call.console.say(
        f"{folder.path}: {report.added:,} new, {report.taken:,} taken in, {report.written + report.created:,} written, "
        f"{report.moved:,} moved, {report.trashed:,} to the trash, {removed} to its .trash, "
        f"{conflicts}."
    )
    if not call.console.as_json:
        for problem in report.problems:
            call.console.note(f"{problem.path}: {problem.reason}")
    if report.held is not None:
        call.console.note(
            f"{report.held.gone:,} of {report.held.known:,} files are gone. Their notes wait until the files are back; "
            f"“inkwell notes sync --trash-missing FOLDER” moves them to the trash."
        )
        return FAILED
    if report.stopped:
        call.console.note("Stopped. Run “inkwell notes sync” for the rest.")
        return STOPPED
    return DONE
