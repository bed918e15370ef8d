"""`inkwell ask --chat new|ID`: the question and its answer become part of a stored chat.

With `--notes` or `--notes-in` they are answered from passages of notes, without `--chat` in a chat that is in memory
only.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence

from desktop_app.app.cli.arguments import stored_id
from desktop_app.app.cli.verb import DONE, FAILED, STOPPED, Call
from desktop_app.domain.attachments import Attachment
from desktop_app.domain.chat_events import AnswerFinished, Reading, TextAdded
from desktop_app.domain.conversation import Message, Role
from desktop_app.domain.errors import InkwellError, NotFoundError, SettingError
from desktop_app.domain.generation import StopReason
from desktop_app.domain.note_sources import cited_first, cited_numbers, sources_among
from desktop_app.domain.reasoning import answer_of
from desktop_app.services.chat import ChatService
from desktop_app.settings.schema import Value, setting_for
from desktop_app.settings.validation import parse_text

NEW = "new"


def chat_to_go_on(text: str) -> int | str:
    """`new`, or the number of a chat."""
    return NEW if text == NEW else stored_id(text)


def overrides(arguments: argparse.Namespace) -> dict[str, str]:
    """Options that a stored chat takes from the settings: they stand over them for this answer.

    Raises SettingError for what a chat has for itself, and for what its setting does not take.
    """
    if arguments.schema or arguments.grammar:
        raise SettingError(
            "--schema and --grammar do not go with --chat.",
            "A chat has an answer format of its own.",
            "Leave them out, or ask without --chat.",
        )
    values = {setting_for(key): str(value) for key, value in _options(arguments).items()}
    for setting, value in values.items():
        parse_text(setting, value)
    return {setting.environment_name: value for setting, value in values.items()}


def given(arguments: argparse.Namespace) -> dict[str, Value]:
    """All settings that the command line gives, by key: for this answer they stand above the chat's and its preset's.

    Raises SettingError for what its setting does not take.
    """
    values = {setting.key: parse_text(setting, value) for setting, value in arguments.settings}
    if arguments.context is not None:
        values["decoder.context_length"] = arguments.context
    values |= {key: parse_text(setting_for(key), str(value)) for key, value in _options(arguments).items()}
    if arguments.max_tokens is not None:  # may be less than an answer's length in the settings
        values["decoder.max_answer_tokens"] = arguments.max_tokens
    return values


def _options(arguments: argparse.Namespace) -> dict[str, Value]:
    options = {
        "decoder.system_prompt": arguments.system,
        "sampling.temperature": arguments.temperature,
        "sampling.seed": arguments.seed,
    }
    return {key: value for key, value in options.items() if value is not None}


def run(call: Call, text: str, load: Callable[[Call], object], stop_words: dict[StopReason, str]) -> int:
    """Store the question, stream the answer into the chat, say how it ended; the exit status."""
    container, arguments = call.container, call.arguments
    chat = container.chat_for_one_answer(given(arguments), read_afresh=arguments.no_cache)
    if arguments.chat not in (NEW, None) and chat.get(arguments.chat).trashed_at is not None:
        raise NotFoundError(f"Chat {arguments.chat} is in the trash.", "", "Put it back first.")
    preset = container.presets.named(arguments.preset) if arguments.preset is not None else None
    load(call)
    is_new = arguments.chat in (NEW, None)
    chat_id = chat.create(temporary=arguments.chat is None).id if is_new else int(arguments.chat)
    before = chat.get(chat_id).memory_start_id
    try:
        if arguments.notes is not None:
            container.note_grounding.set_scope(chat_id, arguments.notes)
        if preset is not None:
            container.presets.apply(chat_id, preset)
        message = _stream(call, chat, chat_id, text)
    except (InkwellError, KeyboardInterrupt):
        if arguments.chat == NEW and not chat.messages(chat_id):
            chat.delete_forever(chat_id)  # nothing was sent
        raise
    if not message.text.endswith("\n"):
        call.console.stream("\n")
    sources = _sources(chat, chat_id)
    call.console.result(_as_json(message, _evicted(chat, chat_id, before), sources))
    answer = answer_of(message.text, message.settings_used)
    cited, others = cited_first(sources, answer)
    for each in (*cited, *others):
        place = each.source
        if place is not None:
            mark = " (cited)" if each in cited else ""
            call.console.note(f"[{place.number}] {each.name}{mark}")
    unknown = [number for number in cited_numbers(answer) if number not in _known_numbers(chat, chat_id)]
    if sources and unknown:
        call.console.note(f"It read no passage {', '.join(f'[{number}]' for number in unknown)}.")
    container.decoder.unload()  # leaves it longer than the end of the program would to keep the chat's state
    if message.stop_reason in stop_words:
        call.console.note(stop_words[message.stop_reason])
    if message.error:
        call.console.note(message.error)
    if arguments.chat == NEW:
        call.console.note(f"Kept as chat {chat_id}; go on with: inkwell ask --chat {chat_id} TEXT")
    if message.stop_reason is StopReason.STOPPED:
        return STOPPED
    return FAILED if message.error else DONE


def _stream(call: Call, chat: ChatService, chat_id: int, text: str) -> Message:
    """The finished answer. Raises InkwellError."""
    finished: Message | None = None
    with call.console.progress("Reading") as bar:
        for event in chat.send(chat_id, text, call.cancel):
            match event:
                case Reading(done=done, total=total):
                    bar.update(done, total, "tokens")
                case TextAdded(text=piece):
                    bar.clear()
                    call.console.stream(piece)
                case AnswerFinished(message=message):
                    finished = message
    if finished is None:
        raise InkwellError("The answer did not end properly.", "The model process said nothing more.", "Try again.")
    return finished


def _evicted(chat: ChatService, chat_id: int, before: int | None) -> int:
    """How many messages left the model's memory since it began at message `before`."""
    now = chat.get(chat_id).memory_start_id
    if now is None or now == before:
        return 0
    ids = [message.id for message in chat.messages(chat_id)]
    first = ids.index(before) if before in ids else 0
    return max(0, ids.index(now) - first) if now in ids else 0


def _sources(chat: ChatService, chat_id: int) -> list[Attachment]:
    """The passages that the last question carried."""
    asked = [message for message in chat.messages(chat_id) if message.role is Role.USER]
    return sources_among(asked[-1].attachments) if asked else []


def _known_numbers(chat: ChatService, chat_id: int) -> set[int]:
    """What an answer of the chat could cite."""
    carried = [each for message in chat.messages(chat_id) for each in sources_among(message.attachments)]
    return {each.source.number for each in carried if each.source is not None}


def _as_json(message: Message, evicted: int, sources: Sequence[Attachment]) -> dict[str, object]:
    figures = message.figures
    return {
        "text": message.text,
        "stop_reason": message.stop_reason.value if message.stop_reason is not None else None,
        "prompt_tokens": figures.prompt_tokens if figures else 0,
        "cached_tokens": figures.cached_tokens if figures else 0,
        "restored_tokens": figures.restored_tokens if figures else 0,
        "generated_tokens": figures.generated_tokens if figures else 0,
        "first_token_s": figures.first_token_s if figures else None,
        "tokens_per_s": figures.tokens_per_s if figures else None,
        "model": message.model_name,
        "chat_id": message.conversation_id,
        "message_id": message.id,
        "evicted_messages": evicted,
        "sources": [
            {"number": each.source.number, "note_id": each.note_id, "name": each.name, "text": each.text}
            for each in sources
            if each.source is not None
        ],
    }
