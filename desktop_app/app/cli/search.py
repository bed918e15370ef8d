"""`inkwell search`: find notes and messages by words and by meaning."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from datetime import date
from itertools import islice

from desktop_app.app.cli import self_check
from desktop_app.app.cli.arguments import positive
from desktop_app.app.cli.console import Console
from desktop_app.app.cli.verb import DONE, Call
from desktop_app.app.cli.wording import counted
from desktop_app.domain.chat_search import MessagePassage
from desktop_app.domain.search import SearchHit, SearchMode, SearchOrder, SearchResult
from desktop_app.domain.search_question import (
    MOST_CHARACTERS,
    MOST_FILTERS,
    ProblemKind,
    QuestionProblem,
    Scope,
    parse_question,
)

_SHOWN_PASSAGE = 280
_SHOWN_PART = 40
_OPERATORS = (
    'Operators in TEXT: "phrase", -word, tag:, folder:, path:, title:, before:, after: (2026-11-03, 2026-11, 2026, '
    "yesterday, last-week), in:notes, in:chats, similar:ID. A TEXT that is an option's name stands behind --."
)
_FLAGS = frozenset({"-h", "--help", "--json", "--self-check", "--weaker"})
_WITH_VALUE = frozenset({"--mode", "--in", "--sort", "--limit"})


def add_to(verbs: argparse._SubParsersAction[argparse.ArgumentParser], shared: argparse.ArgumentParser) -> None:
    """Add the verb's grammar."""
    parser = verbs.add_parser(
        "search", parents=[shared], help="find notes and messages by words and by meaning", epilog=_OPERATORS
    )
    asked = parser.add_mutually_exclusive_group(required=True)
    asked.add_argument(
        "text", metavar="TEXT", nargs="?", help="what to look for, with operators; put exact phrases in double quotes"
    )
    asked.add_argument(
        "--self-check", action="store_true", help="ask sentences of your own notes, and say how many find their note"
    )
    parser.add_argument(
        "--mode",
        choices=[mode.value for mode in SearchMode],
        default=SearchMode.BOTH.value,
        help="which legs answer; both is the default",
    )
    parser.add_argument(
        "--in",
        dest="scope",
        choices=[scope.value for scope in Scope],
        default=Scope.NOTES.value,
        help="where to look unless TEXT says it; notes is the default",
    )
    parser.add_argument(
        "--sort",
        choices=[order.value for order in SearchOrder],
        default=SearchOrder.RELEVANCE.value,
        help="what comes first; relevance is the default",
    )
    parser.add_argument(
        "--limit", metavar="N", type=positive, default=20, help="at most so many notes, and so many messages (20)"
    )
    parser.add_argument(
        "--weaker", action="store_true", help="show what comes near but fell short, too; never among the hits"
    )
    parser.set_defaults(run=run)


def with_text_apart(words: Sequence[str]) -> list[str]:
    """The words of a command line; of this verb with its one text behind `--`, where that begins with a dash and is no
    option: `-word` and `--flag` are looked for like anything else.
    """
    if not words or words[0] != "search" or "--" in words:
        return list(words)
    options: list[str] = []
    texts: list[str] = []
    rest = iter(words[1:])
    for word in rest:
        name, equals, _ = word.partition("=")
        if word in _FLAGS or (equals and name in _WITH_VALUE):
            options.append(word)
        elif word in _WITH_VALUE:
            options += [word, *islice(rest, 1)]
        else:
            texts.append(word)
    if len(texts) == 1 and texts[0].startswith("-"):
        return ["search", *options, "--", *texts]
    return list(words)


def run(call: Call) -> int:
    """One search, with the encoder loaded and waited for."""
    arguments = call.arguments
    if arguments.self_check:
        return self_check.run(call)
    question = parse_question(arguments.text, today=date.today())
    result = call.container.search_parts.search.search_once(
        question,
        SearchMode(arguments.mode),
        arguments.limit,
        call.cancel,
        order=SearchOrder(arguments.sort),
        scope=Scope(arguments.scope),
    )
    call.console.result(as_json(result, with_weaker=arguments.weaker))
    if not call.console.as_json:
        _show(call.console, result, with_weaker=arguments.weaker)
    weaker = [
        counted(len(found), word)
        for found, word in ((result.weaker, "note"), (result.weaker_messages, "message"))
        if found
    ]
    if weaker and not arguments.weaker and not result.hits and not result.messages:
        call.console.note(f"{' and '.join(weaker)} came near but fell short: --weaker shows them.")
    for each in result.corrections:
        call.console.note(f"No note has “{each.word}”. Did you mean “{each.meant}”?")
    for problem in question.problems:
        call.console.note(_in_words(problem))
    if result.meaning_problem and question.similar_to is not None:
        call.console.note(result.meaning_problem)
    elif result.meaning_problem:
        call.console.note(f"Only words were searched: {result.meaning_problem}")
    if result.language_unread:
        call.console.note("The search model cannot read this script: words lead. Another search model may read it.")
    if result.notes_unindexed:
        verb = "is" if result.notes_unindexed == 1 else "are"
        call.console.note(f"{counted(result.notes_unindexed, 'note')} {verb} still to index: run “inkwell index”.")
    return DONE


def as_json(result: SearchResult, *, with_weaker: bool = False) -> dict[str, object]:
    """The object of --json; `with_weaker` adds the weaker matches under a key of their own."""
    return {
        "hits": [_hit_as_json(hit) for hit in result.hits] + [_message_as_json(each) for each in result.messages],
        "seconds": round(result.seconds, 4),
        "loading_s": round(result.loading_seconds, 4),
        **({"weaker": _weaker_as_json(result)} if with_weaker else {}),
    }


def _weaker_as_json(result: SearchResult) -> list[dict[str, object]]:
    return [_hit_as_json(hit) for hit in result.weaker] + [_message_as_json(each) for each in result.weaker_messages]


def _message_as_json(message: MessagePassage) -> dict[str, object]:
    return {
        "note_id": None,
        "title": message.title,
        "path": _path(message),
        "passage": message.passage,
        "start": message.start,
        "end": message.end,
        "score": message.score,
        "words_rank": message.words_rank,
        "meaning_rank": message.meaning_rank,
        "chat_id": message.conversation_id,
        "message_id": message.message_id,
    }


def _hit_as_json(hit: SearchHit) -> dict[str, object]:
    return {
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


def _show(console: Console, result: SearchResult, *, with_weaker: bool) -> None:
    if not result.hits and not result.messages:
        console.say("Nothing found.")
    _say_hits(console, result.hits)
    if result.messages:
        console.say("In chats:\n")
    _say_messages(console, result.messages)
    if with_weaker and (result.weaker or result.weaker_messages):
        console.say("Weaker matches:\n")
        _say_hits(console, result.weaker)
        _say_messages(console, result.weaker_messages)


def _say_messages(console: Console, messages: Sequence[MessagePassage]) -> None:
    for number, message in enumerate(messages, start=1):
        title = message.title or "New chat"
        place = f"[chat {message.conversation_id}, message {message.message_id}] {message.folder}"
        console.say(f"{number}. {title}   {place.rstrip()}   {_ranks(message)}".rstrip())
        _say_passage(console, message.passage)


def _say_hits(console: Console, hits: Sequence[SearchHit]) -> None:
    for number, hit in enumerate(hits, start=1):
        console.say(f"{number}. {hit.title}   [{hit.note_id}] {hit.path}   {_ranks(hit)}".rstrip())
        _say_passage(console, hit.passage)


def _say_passage(console: Console, passage: str) -> None:
    line = " ".join(passage.split())
    shown = line if len(line) <= _SHOWN_PASSAGE else line[:_SHOWN_PASSAGE].rsplit(" ", 1)[0] + "…"
    console.say(f"   {shown}\n")


def _path(message: MessagePassage) -> str:
    return "/".join(part for part in (message.folder, message.title) if part)


def _ranks(hit: SearchHit | MessagePassage) -> str:
    ranks = (("Meaning", hit.meaning_rank), ("Words", hit.words_rank))
    return " · ".join(f"{leg} #{rank}" for leg, rank in ranks if rank is not None)


def _in_words(problem: QuestionProblem) -> str:
    meant = f" Did you mean {problem.meant}:?" if problem.meant else ""
    part = problem.text if len(problem.text) <= _SHOWN_PART else problem.text[:_SHOWN_PART] + "…"
    match problem.kind:
        case ProblemKind.UNKNOWN_OPERATOR:
            return f"“{part}” is no operator; it was sought as words.{meant}"
        case ProblemKind.UNCLOSED_QUOTE:
            return f"The quote {part} is not closed; it was taken to end with the text."
        case ProblemKind.NO_VALUE:
            return f"Nothing stands behind “{part}”; it was passed over."
        case ProblemKind.NO_DATE:
            return (
                f"“{part}” has no date such as 2026-11-03, 2026-11, 2026, yesterday or last-week; it was passed over."
            )
        case ProblemKind.NO_PLACE:
            return f"“{part}” names no place: notes, chats or all; it was passed over."
        case ProblemKind.NO_NUMBER:
            return f"“{part}” has no note's number; it was passed over."
        case ProblemKind.TOO_MANY:
            return f"Only the first {MOST_FILTERS} operators count."
        case ProblemKind.TOO_LONG:
            return f"Only the first {MOST_CHARACTERS:,} characters were read."
