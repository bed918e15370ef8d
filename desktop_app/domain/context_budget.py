"""Which messages the decoder sees: the instructions always, the newest messages as far as they fit.

When the window is full, whole oldest messages leave in one big step rather than one at each turn: a step changes the
prompt's beginning, so everything after it must be read again, and that should happen rarely.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

import msgspec

from desktop_app.domain.conversation import Role
from desktop_app.domain.errors import MessageTooLongError

RESERVED_SHARE = 0.25
"""Largest share of the context window that is kept free for the answer."""

TARGET_SHARE_AFTER_DROP = 0.55
"""How full the window is after oldest messages have left it."""

RECALLED_SHARE = 0.125
"""Largest share of the context window that recalled messages take."""

SUMMARY_SHARE = 0.125
"""Largest share of the context window that a summary takes."""

SOURCES_SHARE = 0.35
"""Largest share of the context window that passages of notes take that were found for one question."""

MOST_PASSAGES = 8
"""Passages of notes that are found for one question."""

_SUMMARY_TOKENS = (32, 512)


class WhenFull(StrEnum):
    """What happens when a chat no longer fits into the context window."""

    RECALL = "recall"  # oldest messages leave; those that matter for a question come back, quoted
    SUMMARISE = "summarise"  # oldest messages leave, and a summary of them stays
    ASK = "ask"  # nothing is sent until the person chose one of the two, or a new chat


def recalled_at_most(context_length: int) -> int:
    """Most tokens that recalled messages may take."""
    return int(context_length * RECALLED_SHARE)


def summary_at_most(context_length: int) -> int:
    """Most tokens of a summary."""
    least, most = _SUMMARY_TOKENS
    return max(least, min(most, int(context_length * SUMMARY_SHARE)))


def reserved_for_answer(max_answer_tokens: int, context_length: int) -> int:
    """Tokens kept free for the answer: its maximum, at most a quarter of the context window."""
    return max(1, min(max_answer_tokens, int(context_length * RESERVED_SHARE)))


def require_room(
    tokens: int,
    *,
    fixed_tokens: int,
    context_length: int,
    reserved: int,
    what: str = "This message is too long",
    todo: str = "Shorten the message, or raise the context length in Settings.",
) -> None:
    """Raise MessageTooLongError where a turn of `tokens` does not fit alone beside instructions, template and the
    reserved answer.
    """
    room = max(0, context_length - fixed_tokens - reserved)
    if tokens > room:
        too_long = f"{what}: {tokens:,} tokens, and there is room for {room:,}."
        raise MessageTooLongError(
            too_long
            if room
            else f"The instructions leave no room for a message: they are {fixed_tokens:,} tokens long.",
            f"The context length is {context_length:,} tokens, part of it kept free for the answer.",
            todo,
            tokens=tokens,
            room=room,
        )


def far_too_long(text: str, context_length: int) -> MessageTooLongError:
    """The error for a text so long that it need not be counted."""
    return MessageTooLongError(
        f"This message is far too long: {len(text):,} characters, with what it carries.",
        f"The context length is {context_length:,} tokens.",
        "Remove an attachment, or attach only the part that matters.",
        tokens=len(text),
    )


class SizedTurn(msgspec.Struct, frozen=True):
    """A message of the shown path with its length in tokens. What is pinned takes its room wherever it stands."""

    message_id: int
    role: Role
    tokens: int
    pinned: bool = False


class ContextPlan(msgspec.Struct, frozen=True):
    """What goes into the window.

    Attributes:
        first_index: index of the first turn the decoder sees; those before it stay stored but are not read.
        prompt_tokens: instructions, template and all turns from `first_index` on.
        room: tokens there would be for turns beside instructions, template and the reserved answer.
        fits: false when even the last message alone does not fit beside the instructions and the reserved answer.
    """

    first_index: int
    prompt_tokens: int
    room: int
    fits: bool


def plan_context(
    turns: Sequence[SizedTurn],
    *,
    fixed_tokens: int,
    context_length: int,
    reserved: int,
    keep_last: int = 1,
) -> ContextPlan:
    """Choose the turns that the decoder sees.

    Args:
        turns: from the present memory start to the message to be answered, oldest first.
        fixed_tokens: instructions and what the template adds around the turns.
        context_length: size of the window in tokens.
        reserved: tokens kept free for the answer.
        keep_last: how many of the last turns may never leave (2 to continue an unfinished answer).
    """
    room = context_length - fixed_tokens - reserved
    total = sum(turn.tokens for turn in turns)
    if total <= room:
        return ContextPlan(0, fixed_tokens + total, room, fits=True)

    last_start = max(0, len(turns) - keep_last)
    target = min(room, int(context_length * TARGET_SHARE_AFTER_DROP) - fixed_tokens)
    remaining = total
    for index, turn in enumerate(turns[:last_start]):
        # A window that began with an answer would show the decoder a reply to nothing; some templates refuse it.
        if remaining <= target and turn.role is Role.USER:
            return ContextPlan(index, fixed_tokens + remaining, room, fits=True)
        if not turn.pinned:
            remaining -= turn.tokens
    return ContextPlan(last_start, fixed_tokens + remaining, room, fits=remaining <= room)
