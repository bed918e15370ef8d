"""`inkwell search`: find notes by words and by meaning."""

from __future__ import annotations

import argparse

from desktop_app.app.cli.arguments import positive
from desktop_app.app.cli.console import Console
from desktop_app.app.cli.verb import DONE, Call
from desktop_app.app.cli.wording import counted
from desktop_app.domain.search import SearchHit, SearchMode, SearchResult

_SHOWN_PASSAGE = 280


def add_to(verbs: argparse._SubParsersAction[argparse.ArgumentParser], shared: argparse.ArgumentParser) -> None:
    """Add the verb's grammar."""
    parser = verbs.add_parser("search", parents=[shared], help="find notes by words and by meaning")
    parser.add_argument("text", metavar="TEXT", help="what to look for; put exact phrases in double quotes")
    parser.add_argument(
        "--mode",
        choices=[mode.value for mode in SearchMode],
        default=SearchMode.BOTH.value,
        help="which legs answer; both is the default",
    )
    parser.add_argument("--limit", metavar="N", type=positive, default=20, help="at most so many notes (20)")
    parser.set_defaults(run=run)


def run(call: Call) -> int:
    """One search, with the encoder loaded and waited for."""
    arguments = call.arguments
    result = call.container.search.search_once(arguments.text, SearchMode(arguments.mode), arguments.limit, call.cancel)
    call.console.result(as_json(result))
    if not call.console.as_json:
        _show(call.console, result)
    if result.meaning_problem:
        call.console.note(f"Only words were searched: {result.meaning_problem}")
    if result.notes_unindexed:
        verb = "is" if result.notes_unindexed == 1 else "are"
        call.console.note(f"{counted(result.notes_unindexed, 'note')} {verb} still to index: run “inkwell index”.")
    return DONE


def as_json(result: SearchResult) -> dict[str, object]:
    """The object of --json."""
    return {
        "hits": [
            {
                "note_id": hit.note_id,
                "title": hit.title,
                "path": hit.path,
                "passage": hit.passage,
                "start": hit.start,
                "end": hit.end,
                "score": hit.score,
                "words_rank": hit.words_rank,
                "meaning_rank": hit.meaning_rank,
            }
            for hit in result.hits
        ],
        "seconds": round(result.seconds, 4),
        "loading_s": round(result.loading_seconds, 4),
    }


def _show(console: Console, result: SearchResult) -> None:
    if not result.hits:
        console.say("Nothing found.")
    for number, hit in enumerate(result.hits, start=1):
        console.say(f"{number}. {hit.title}   [{hit.note_id}] {hit.path}   {_ranks(hit)}")
        passage = " ".join(hit.passage.split())
        console.say(f"   {passage[:_SHOWN_PASSAGE]}{'…' if len(passage) > _SHOWN_PASSAGE else ''}\n")


def _ranks(hit: SearchHit) -> str:
    ranks = (("Meaning", hit.meaning_rank), ("Words", hit.words_rank))
    return " · ".join(f"{leg} #{rank}" for leg, rank in ranks if rank is not None)
