"""What happens while an answer is made, and how full the context window is."""

from __future__ import annotations

import msgspec

from desktop_app.domain.context_budget import WhenFull
from desktop_app.domain.conversation import Message, Role


class MessageAdded(msgspec.Struct, frozen=True):
    """A message was committed: the person's, or the empty answer about to be written."""

    message: Message


class MemoryMoved(msgspec.Struct, frozen=True):
    """Oldest messages left the context window; the decoder now sees from this message on (stored text is untouched).

    `summary` stands in their place where there is one.
    """

    first_message_id: int
    summary: Message | None = None


class Summarising(msgspec.Struct, frozen=True):
    """The decoder sums up `messages` messages before they leave; `fraction` of it is done, 0.0 to 1.0."""

    messages: int
    fraction: float


class Reading(msgspec.Struct, frozen=True):
    """The decoder reads the prompt; `seconds_left` is None until a speed is known."""

    done: int
    total: int
    cached: int
    seconds_left: float | None


class TextAdded(msgspec.Struct, frozen=True):
    """New text at the end of the answer."""

    message_id: int
    text: str


class LookingInNotes(msgspec.Struct, frozen=True):
    """The person's notes are searched for what the question is about; nothing is stored yet."""


class AnswerFinished(msgspec.Struct, frozen=True):
    """The answer is final; `message` carries stop reason and figures."""

    message: Message


ChatEvent = MessageAdded | MemoryMoved | Summarising | LookingInNotes | Reading | TextAdded | AnswerFinished


class MeterMessage(msgspec.Struct, frozen=True):
    """One message in a part of the context window: how it begins, and who wrote it."""

    message_id: int
    role: Role
    beginning: str
    pinned: bool = False
    kind: str = ""


class ContextMeter(msgspec.Struct, frozen=True):
    """How the context window would be filled if the draft were sent now, in tokens.

    Attributes:
        instructions: the system prompt, and what the template adds to the whole.
        pinned: messages that never leave, wherever they stand, with what they carry.
        conversation: the other stored messages that the decoder would read, what the template adds to each included,
            with the summary and what would be recalled, and without what they carry.
        draft: the same for the unsent text; 0 without one.
        attachments: what those messages and the draft carry, but for notes.
        notes: the notes that they carry.
        awaited: about what the passages of notes will take that are found for the question when it is sent; they are
            among what has to be read. 0 where the chat does not answer from notes.
        draft_attachments: the draft's part of these.
        reserved: kept free for the answer.
        free: what is left beside all of these; never negative.
        used_fraction: all but reserved and free / context_length.
        to_read_tokens: tokens the decoder does not hold yet.
        seconds_to_first_token: estimate from this machine's measured reading speed; None before the first measurement.
        fits: false when the draft alone is too long to be sent.
        will_drop: sending would first let the oldest messages leave the window, or ask (`when_full`).
        unanswered: tokens of stored messages without an answer that the draft is read as one with; a part of
            `conversation`.
        when_full: what happens in this chat when it is full; `when_full_chosen` where that was chosen for it alone.
        left_out: stored messages of the shown path that the decoder does not see.
        pinned_messages, conversation_messages, recalled_messages: what the parts are made of, oldest first.
        attachment_names, note_names: what those parts hold.
        summary: what stands in place of messages that left.
    """

    instructions: int
    conversation: int
    draft: int
    reserved: int
    free: int
    context_length: int
    to_read_tokens: int
    seconds_to_first_token: float | None
    fits: bool
    will_drop: bool = False
    unanswered: int = 0
    pinned: int = 0
    attachments: int = 0
    draft_attachments: int = 0
    notes: int = 0
    awaited: int = 0
    when_full: WhenFull = WhenFull.RECALL
    when_full_chosen: bool = False
    left_out: int = 0
    attachment_names: tuple[str, ...] = ()
    note_names: tuple[str, ...] = ()
    pinned_messages: tuple[MeterMessage, ...] = ()
    conversation_messages: tuple[MeterMessage, ...] = ()
    recalled_messages: tuple[MeterMessage, ...] = ()
    summary: Message | None = None

    @property
    def prompt_tokens(self) -> int:
        """All tokens that the decoder would read."""
        carried = self.pinned + self.attachments + self.notes + self.awaited
        return self.instructions + carried + self.conversation + self.draft

    @property
    def used_fraction(self) -> float:
        """Share of the context window in use, 0.0 to 1.0 and above when too long."""
        return self.prompt_tokens / max(1, self.context_length)
