"""What the decoder would read of a chat: instructions, what stands after them, the messages, and what is recalled."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

from desktop_app.domain.context_budget import ContextPlan, SizedTurn, plan_context
from desktop_app.domain.conversation import Message, Role
from desktop_app.domain.generation import ChatTurn, PromptMeasure
from desktop_app.domain.quotes import Passage, quote_block, quoted_message
from desktop_app.services.remembered_turns import RememberedTurn, remembered_turns, with_quotes

if TYPE_CHECKING:
    from desktop_app.services.model_ports import DecoderPort

_PINNED = "The user pinned these earlier messages of this chat:"
_SUMMARY = "Summary of the earlier part of this chat:"


class Standing(msgspec.Struct, frozen=True):
    """What stands before the messages: instructions, pinned messages that left their place, the summary."""

    instructions: str
    pinned: tuple[Message, ...] = ()
    summary: Message | None = None

    @property
    def pinned_text(self) -> str:
        """The pinned messages as the decoder reads them; empty without any."""
        quotes = [quoted_message(message) for message in self.pinned]
        return "\n\n".join((_PINNED, *quotes)) if quotes else ""

    @property
    def summary_text(self) -> str:
        """The summary as the decoder reads it; empty without one."""
        return f"{_SUMMARY}\n{self.summary.text}" if self.summary is not None and self.summary.text.strip() else ""

    def turns(self) -> list[ChatTurn]:
        """One turn of the system, none where there is nothing to say."""
        parts = [part for part in (self.instructions, self.pinned_text, self.summary_text) if part]
        return [ChatTurn(Role.SYSTEM, "\n\n".join(parts))] if parts else []


class LeftOut(msgspec.Struct, frozen=True):
    """The messages of the shown path that are before the first one the decoder sees, oldest first."""

    ids: tuple[int, ...] = ()
    pinned: tuple[Message, ...] = ()

    def and_(self, messages: Sequence[Message]) -> LeftOut:
        """These and the next ones of the path."""
        pinned = tuple(message for message in messages if message.pinned)
        return LeftOut((*self.ids, *(message.id for message in messages)), (*self.pinned, *pinned))


class Question(msgspec.Struct, frozen=True):
    """What is asked: the text to be answered, not stored yet (`draft`) or the last one of the path.

    `place` counts turns from the end: -1, or -2 where an answer is continued.
    """

    text: str
    draft: str = ""
    place: int = -1


class Filling(msgspec.Struct, frozen=True):
    """A prompt and its true token counts.

    Attributes:
        path: the stored messages in it.
        fixed: tokens of what stands before them and of the template.
        sizes: tokens of each turn, quotes included.
        quotes: what is recalled in front of the question; `quote_tokens` of them.
    """

    path: tuple[Message, ...]
    left_out: LeftOut
    standing: Standing
    turns: tuple[RememberedTurn, ...]
    quotes: tuple[Passage, ...]
    quote_tokens: int
    measure: PromptMeasure
    fixed: int
    sizes: tuple[int, ...]
    plan: ContextPlan

    @property
    def chat_turns(self) -> tuple[ChatTurn, ...]:
        """The prompt."""
        return (*self.standing.turns(), *(each.turn for each in self.turns))

    def leaving(self) -> tuple[Message, ...]:
        """The stored messages that the plan lets go."""
        first = self.turns[self.plan.first_index].message_id if self.plan.first_index < len(self.turns) else 0
        ids = [message.id for message in self.path]
        return self.path[: ids.index(first)] if first in ids else self.path


class WindowFiller:
    """Puts prompts together and counts them with the loaded decoder."""

    def __init__(self, decoder: DecoderPort, *, keep_state: bool = True) -> None:
        """`keep_state`: what would be restored from disk counts as read."""
        self.decoder = decoder
        self._keep_state = keep_state

    def fill(
        self,
        path: Sequence[Message],
        left_out: LeftOut,
        standing: Standing,
        question: Question,
        quotes: Sequence[Passage],
        *,
        fingerprint: str,
        context_length: int,
        reserved: int,
        allowance: int = 0,
        quote_room: int = 0,
    ) -> Filling:
        """The prompt for `path` and the question's draft, and which turns of it could stay.

        Args:
            quotes: recalled passages, best first; as many as fit into `quote_room` tokens are quoted.
            allowance: tokens to keep free beside the answer's, for a summary that is yet to be written.
        """
        continues = question.place == -2
        turns = remembered_turns(path, fingerprint, question.draft, goes_on=continues)
        chosen, tokens = self.within(quotes, quote_room)
        if chosen and len(turns) >= -question.place and turns[question.place].turn.role is Role.USER:
            turns = with_quotes(turns, quote_block(chosen), question.text, place=question.place)
        else:
            chosen, tokens = (), 0
        before = standing.turns()
        measure = self.count([*before, *(each.turn for each in turns)], continue_last=continues)
        first = len(measure.turn_tokens) - len(turns)
        fixed = measure.overhead_tokens + sum(measure.turn_tokens[:first])
        sizes = measure.turn_tokens[first:]
        plan = plan_context(
            [
                SizedTurn(each.message_id, each.turn.role, size, each.pinned)
                for each, size in zip(turns, sizes, strict=True)
            ],
            fixed_tokens=fixed + allowance,
            context_length=context_length,
            reserved=reserved,
            keep_last=-question.place,
        )
        return Filling(
            tuple(path), left_out, standing, tuple(turns), chosen, tokens, measure, fixed, tuple(sizes), plan
        )

    def within(self, quotes: Sequence[Passage], room: int) -> tuple[tuple[Passage, ...], int]:
        """(the first of `quotes` that fit into `room` tokens, the tokens they take)."""
        chosen = list(quotes)
        while chosen and room > 0:
            tokens = sum(self.count([ChatTurn(Role.USER, quote_block(chosen))]).turn_tokens)
            if tokens <= room:
                return tuple(chosen), tokens
            chosen.pop()
        return (), 0

    def content_tokens(self, text: str) -> int:
        """Tokens of a part of what stands before the messages."""
        return sum(self.count([ChatTurn(Role.SYSTEM, text)]).turn_tokens) if text else 0

    def count(self, turns: Sequence[ChatTurn], *, continue_last: bool = False) -> PromptMeasure:
        """As the decoder counts."""
        if not turns:
            return PromptMeasure((), 0)
        return self.decoder.measure(turns, continue_last=continue_last, keep_state=self._keep_state)
