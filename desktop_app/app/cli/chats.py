"""`inkwell chats`: list, show, export, import and delete."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING

from desktop_app.app.cli.arguments import given_path, stored_id
from desktop_app.app.cli.verb import DONE, FAILED, STOPPED, Call
from desktop_app.app.cli.wording import counted
from desktop_app.domain.chat_format import ChatFormat
from desktop_app.domain.conversation import WRITING

if TYPE_CHECKING:
    from desktop_app.domain.chat_record import ChatImportReport, ChatRecord, ChatSummary
    from desktop_app.domain.conversation import Message

_UNTITLED, _UNTITLED_WRITING = "New chat", "Free writing"


def add_to(verbs: argparse._SubParsersAction[argparse.ArgumentParser], shared: argparse.ArgumentParser) -> None:
    """Add the verb's grammar."""
    actions = verbs.add_parser("chats", help="list, show, export, import and delete chats").add_subparsers(
        metavar="ACTION", required=True
    )
    listing = actions.add_parser("list", parents=[shared], help="id, folder and title, last changed first")
    place = listing.add_mutually_exclusive_group()
    place.add_argument("--trashed", action="store_true", help="what is in the trash")
    place.add_argument("--archived", action="store_true", help="what is in the archive")
    listing.set_defaults(run=list_chats)
    show = actions.add_parser("show", parents=[shared], help="print a chat as Markdown, the shown branch of it")
    show.add_argument("id", metavar="ID", type=stored_id)
    show.set_defaults(run=show_chat)
    out = actions.add_parser("export", parents=[shared], help="a chat as Markdown for reading, or all of it as JSON")
    out.add_argument("id", metavar="ID", type=stored_id)
    out.add_argument(
        "--format",
        choices=[each.value for each in ChatFormat],
        required=True,
        help="json keeps branches, settings and timings",
    )
    out.add_argument("--output", metavar="FILE", type=given_path, help="in place of standard output; is replaced")
    out.set_defaults(run=export_chat)
    bring_in = actions.add_parser(
        "import", parents=[shared], help="import chats of Inkwell, ChatGPT, Open WebUI or LM Studio"
    )
    bring_in.add_argument("files", metavar="FILE", nargs="+", type=given_path, help="each comes in whole or not at all")
    bring_in.set_defaults(run=import_chats)
    delete = actions.add_parser("delete", parents=[shared], help="move a chat to the trash")
    delete.add_argument("id", metavar="ID", type=stored_id)
    delete.add_argument("--forever", action="store_true", help="delete it for good, from the trash, too")
    delete.set_defaults(run=delete_chat)


def list_chats(call: Call) -> int:
    """One line for each chat."""
    arguments = call.arguments
    summaries = call.container.chat_transfer.summaries(trashed=arguments.trashed, archived=arguments.archived)
    call.console.result({"chats": [_summary_as_json(summary) for summary in summaries]})
    for summary in summaries:
        place = f"{summary.folder}/" if summary.folder else ""
        untitled = _UNTITLED_WRITING if summary.kind == WRITING else _UNTITLED
        call.console.say(f"{summary.id}\t{place}{' '.join(summary.title.split()) or untitled}")
    return DONE


def _one_line(title: str) -> str:
    return " ".join(title.split()) or _UNTITLED


def _summary_as_json(summary: ChatSummary) -> dict[str, object]:
    return {
        "id": summary.id,
        "title": summary.title,
        "folder": summary.folder,
        "kind": summary.kind,
        "messages": summary.messages,
        "pinned": summary.pinned_at is not None,
        "archived": summary.archived_at is not None,
        "trashed": summary.trashed_at is not None,
        "created_at": summary.created_at.isoformat(),
        "changed_at": summary.changed_at.isoformat(),
    }


def show_chat(call: Call) -> int:
    """The branch that is shown in the window."""
    chat_id = call.arguments.id
    chat = call.container.chat_transfer.read(chat_id)
    if call.console.as_json:
        call.console.result(_chat_as_json(chat_id, chat, call.container.chat.messages(chat_id)))
    else:
        call.console.stream(call.container.chat.as_markdown(chat_id))
    return DONE


def _chat_as_json(chat_id: int, chat: ChatRecord, shown: list[Message]) -> dict[str, object]:
    return {
        "id": chat_id,
        "title": chat.title,
        "folder": chat.folder,
        "kind": chat.kind,
        "pinned": chat.pinned_at is not None,
        "archived": chat.archived_at is not None,
        "trashed": chat.trashed_at is not None,
        "created_at": chat.created_at.isoformat(),
        "changed_at": chat.changed_at.isoformat(),
        "draft": chat.draft,
        "all_messages": len(chat.messages),
        "messages": [_message_as_json(message) for message in shown],
    }


def _message_as_json(message: Message) -> dict[str, object]:
    return {
        "id": message.id,
        "role": message.role.value,
        "text": message.text,
        "model": message.model_name,
        "stop_reason": None if message.stop_reason is None else message.stop_reason.value,
        "error": message.error,
        "created_at": message.created_at.isoformat(),
    }


def export_chat(call: Call) -> int:
    """To a file or to standard output."""
    arguments, transfer = call.arguments, call.container.chat_transfer
    wanted = ChatFormat(arguments.format)
    if arguments.output is None:
        text = transfer.exported(arguments.id, wanted)
        call.console.result({"id": arguments.id, "format": wanted.value, "text": text})
        call.console.stream(text)
        return DONE
    path = Path(os.path.abspath(arguments.output.expanduser()))
    transfer.export(arguments.id, wanted, path)
    call.console.result({"id": arguments.id, "format": wanted.value, "file": str(path)})
    call.console.say(f"Written to {path}")
    return DONE


def import_chats(call: Call) -> int:
    """Each file whole or not at all; one that fails does not stop the others."""
    paths = [Path(os.path.abspath(path.expanduser())) for path in call.arguments.files]
    with call.console.progress("Importing") as bar:
        report = call.container.chat_transfer.import_files(paths, bar.update, call.cancel)
    call.console.result(_report_as_json(report))
    call.console.say(f"{counted(len(report.chat_ids), 'chat')} imported, {counted(report.messages, 'message')}.")
    for one in report.failed if call.console.as_json else (*report.failed, *report.skipped):
        call.console.note(f"{one.name}: {one.reason}")
    if call.cancel.cancelled:
        return STOPPED
    return FAILED if report.failed and not report.chat_ids else DONE


def _report_as_json(report: ChatImportReport) -> dict[str, object]:
    return {
        "imported": len(report.chat_ids),
        "messages": report.messages,
        "chat_ids": list(report.chat_ids),
        "skipped": [{"name": one.name, "reason": one.reason} for one in report.skipped],
        "failed": [{"name": one.name, "reason": one.reason} for one in report.failed],
    }


def delete_chat(call: Call) -> int:
    """Into the trash, where the window can restore it, or for good."""
    chats, chat_id = call.container.chat, call.arguments.id
    title = _one_line(chats.get(chat_id).title)
    if call.arguments.forever:
        chats.delete_forever(chat_id)
        call.console.result({"id": chat_id, "deleted": True})
        call.console.say(f"“{title}” is deleted for good.")
        return DONE
    chats.trash(chat_id)
    call.console.result({"id": chat_id, "trashed": True})
    call.console.say(f"“{title}” is in the trash.")
    return DONE
