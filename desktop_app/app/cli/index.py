"""`inkwell index`: embed what is due of notes and messages."""

from __future__ import annotations

import argparse

from desktop_app.app.cli.verb import DONE, Call
from desktop_app.app.cli.wording import counted
from desktop_app.domain.search import IndexingProgress


def add_to(verbs: argparse._SubParsersAction[argparse.ArgumentParser], shared: argparse.ArgumentParser) -> None:
    """Add the verb's grammar."""
    parser = verbs.add_parser(
        "index", parents=[shared], help="embed new and changed notes and messages, so that search finds them"
    )
    parser.set_defaults(run=run)


def run(call: Call) -> int:
    """One indexing run, to the end."""
    with call.console.progress("Indexing") as bar:
        told = False

        def show(progress: IndexingProgress) -> None:
            nonlocal told
            if progress.waiting and not told:
                told = True
                bar.clear()
                call.console.note("Another Inkwell is indexing; waiting.")
            if progress.waiting:
                return
            speed = f"{progress.chunks_per_s:.0f} a second"
            if progress.messages_due and not progress.notes_due:
                total = progress.messages_total
                bar.update(total - progress.messages_due, total, f"messages; passages: {speed}")
                return
            total = progress.chunks_done + progress.chunks_due
            bar.update(progress.chunks_done, total, f"passages, {speed}")

        report = call.container.search_parts.indexing.run(call.cancel, show)
    call.console.result(
        {
            "notes": report.notes,
            "chunks": report.chunks,
            "messages": report.messages,
            "message_chunks": report.message_chunks,
            "embedded": report.embedded,
            "seconds": round(report.seconds, 3),
        }
    )
    of_chats = ""
    if report.messages:
        of_chats = f"{counted(report.messages, 'message')}, {counted(report.message_chunks, 'passage')}; "
    call.console.say(
        f"{counted(report.notes, 'note')}, {counted(report.chunks, 'passage')}; {of_chats}"
        f"{report.embedded:,} embedded in {report.seconds:.1f} s."
    )
    return DONE
