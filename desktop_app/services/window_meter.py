"""How full the context window is, part by part."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from desktop_app.domain.attachments import AttachmentKind
from desktop_app.domain.chat_events import ContextMeter, MeterMessage
from desktop_app.domain.context_budget import MOST_PASSAGES, SOURCES_SHARE
from desktop_app.domain.note_sources import sources_among
from desktop_app.services.attachment_counter import AttachmentCounter, estimated_tokens
from desktop_app.services.remembered_turns import remembered_turns

if TYPE_CHECKING:
    from desktop_app.domain.attachments import Attachment
    from desktop_app.domain.context_budget import WhenFull
    from desktop_app.domain.conversation import Message
    from desktop_app.domain.generation import LoadedDecoder, PromptMeasure
    from desktop_app.domain.reading_speed import ReadingSpeed
    from desktop_app.services.window_filling import Filling, WindowFiller

_BEGINNING = 90
_TOKENS_OF_A_PASSAGE = 230
"""Notes are cut at some 220 word pieces; its name and fences come on top, and most are shorter."""


class WindowMeter:
    """Divides a prompt's tokens among the parts that a person knows."""

    def __init__(self, filler: WindowFiller, speed: ReadingSpeed) -> None:
        self._filler = filler
        self._speed = speed
        self._counter = AttachmentCounter(filler.decoder)

    def meter(
        self,
        filling: Filling,
        loaded: LoadedDecoder,
        *,
        will_drop: bool,
        has_draft: bool,
        carried: Sequence[Attachment],
        reserved: int,
        when_full: WhenFull,
        when_full_chosen: bool,
        awaits_passages: bool = False,
    ) -> ContextMeter:
        """The meter for `filling`, whose last turn ends with the draft where there is one, and what that carries.

        `awaits_passages`: passages of notes will be found for the draft when it is sent.
        """
        stored = len(filling.turns) - (1 if has_draft else 0)
        unanswered = self._unanswered(filling, loaded) if has_draft else 0
        draft = max(0, sum(filling.sizes[stored:]) - unanswered - filling.quote_tokens)
        pinned_before = self._filler.content_tokens(filling.standing.pinned_text)
        summary = self._filler.content_tokens(filling.standing.summary_text)
        pinned_here = sum(
            size for each, size in zip(filling.turns[:stored], filling.sizes, strict=False) if each.pinned
        )
        conversation = sum(filling.sizes) - draft - pinned_here + summary
        own = min(draft, self._carried(carried))
        earlier = [each for message in filling.path if not message.pinned for each in message.attachments]
        before = min(conversation, self._carried(earlier))
        notes = [each for each in (*earlier, *carried) if each.kind is AttachmentKind.NOTE]
        files = [each for each in (*earlier, *carried) if each.kind is not AttachmentKind.NOTE]
        of_notes = min(before + own, self._carried(notes))
        prompt = filling.measure.total_tokens
        awaited = self._awaited(filling.path, loaded) if awaits_passages else 0
        to_read = max(0, prompt - filling.measure.cached_tokens) + awaited
        overflows = awaited > 0 and stored > 0 and prompt + awaited + reserved > loaded.context_length
        return ContextMeter(
            instructions=max(0, filling.fixed - pinned_before - summary),
            pinned=pinned_before + pinned_here,
            conversation=conversation - before,
            attachments=before + own - of_notes,
            notes=of_notes,
            attachment_names=tuple(each.name for each in files),
            note_names=tuple(each.name for each in notes),
            draft=draft - own,
            draft_attachments=own,
            reserved=reserved,
            awaited=awaited,
            free=max(0, loaded.context_length - prompt - awaited - reserved),
            context_length=loaded.context_length,
            to_read_tokens=to_read,
            seconds_to_first_token=self._seconds(filling.measure, to_read, awaited, loaded),
            fits=filling.plan.fits,
            will_drop=will_drop or overflows,
            unanswered=unanswered,
            when_full=when_full,
            when_full_chosen=when_full_chosen,
            left_out=len(filling.left_out.ids),
            pinned_messages=_lines(
                [*filling.standing.pinned, *(message for message in filling.path if message.pinned)]
            ),
            conversation_messages=_lines(message for message in filling.path if not message.pinned and message.text),
            recalled_messages=tuple(
                MeterMessage(passage.message_id, passage.role, _beginning(passage.text))
                for passage in sorted(filling.quotes, key=lambda each: each.key)
            ),
            summary=filling.standing.summary,
        )

    def _awaited(self, path: Sequence[Message], loaded: LoadedDecoder) -> int:
        """About the tokens of the passages for the next question: as many as the last one's took, else as many as are
        looked for, of the length that notes are cut to; their share of the window at most.
        """
        most = int(loaded.context_length * SOURCES_SHARE)
        last = next((found for each in reversed(path) if (found := sources_among(each.attachments))), [])
        return min(most, self._carried(last) or MOST_PASSAGES * _TOKENS_OF_A_PASSAGE)

    def _carried(self, attachments: Iterable[Attachment]) -> int:
        return sum(self._counter.tokens(each) or 0 for each in attachments)

    def _seconds(self, measure: PromptMeasure, to_read: int, awaited: int, loaded: LoadedDecoder) -> float | None:
        """About how long until the first token; what is on the disk is restored first."""
        held = measure.total_tokens + awaited - to_read
        speed = measure.read_tokens_per_s
        reading = self._speed.seconds(to_read, held, speed, loaded.fingerprint, threads=measure.threads)
        return None if reading is None else measure.restore_s + reading

    def _unanswered(self, filling: Filling, loaded: LoadedDecoder) -> int:
        """Tokens of the messages at the end that have no answer: a draft after them is read as one with them."""
        turns = remembered_turns(filling.path, loaded.fingerprint)
        if not turns or len(turns) == len(filling.turns) - 1:
            return 0
        return self._filler.count([*filling.standing.turns(), *(each.turn for each in turns)]).turn_tokens[-1]


def hopeless(text: str, carried: Sequence[Attachment], loaded: LoadedDecoder, reserved: int) -> ContextMeter:
    """The meter for a draft that cannot fit: estimated, since counting it would take long."""
    attachments = sum(estimated_tokens(each.text) for each in carried)
    return ContextMeter(
        instructions=0,
        conversation=0,
        attachments=attachments,
        draft=estimated_tokens(text),
        draft_attachments=attachments,
        reserved=reserved,
        free=0,
        context_length=loaded.context_length,
        to_read_tokens=attachments + estimated_tokens(text),
        seconds_to_first_token=None,
        fits=False,
    )


def _lines(messages: Iterable[Message]) -> tuple[MeterMessage, ...]:
    return tuple(
        MeterMessage(message.id, message.role, _beginning(message.text), message.pinned, message.kind)
        for message in messages
    )


def _beginning(text: str) -> str:
    line = " ".join(text[: 4 * _BEGINNING].split())
    return line if len(line) <= _BEGINNING else line[: _BEGINNING - 1].rstrip() + "…"
