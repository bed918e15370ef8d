"""What happens while an answer is made, and how full the context window is."""

from __future__ import annotations

from dataclasses import dataclass

from desktop_app.domain.conversation import Message


@dataclass(frozen=True, slots=True)
class MessageAdded:
    """A message was committed: the person's, or the empty answer about to be written."""

    message: Message


@dataclass(frozen=True, slots=True)
class MemoryMoved:
    """Oldest messages left the context window; the decoder now sees from this message on (stored text is untouched)."""

    first_message_id: int


@dataclass(frozen=True, slots=True)
class Reading:
    """The decoder reads the prompt; `seconds_left` is None until a speed is known."""

    done: int
    total: int
    cached: int
    seconds_left: float | None


@dataclass(frozen=True, slots=True)
class TextAdded:
    """New text at the end of the answer."""

    message_id: int
    text: str


@dataclass(frozen=True, slots=True)
class AnswerFinished:
    """The answer is final; `message` carries stop reason and figures."""

    message: Message


ChatEvent = MessageAdded | MemoryMoved | Reading | TextAdded | AnswerFinished


@dataclass(frozen=True, slots=True)
class ContextMeter:
    """How the context window would be filled if the draft were sent now, in tokens.

    Attributes:
        conversation: the stored messages that the decoder would read, what the template adds to each included.
        draft: the same for the unsent text; 0 without one.
        reserved: kept free for the answer.
        free: what is left beside all of these; never negative.
        used_fraction: (instructions + conversation + draft) / context_length.
        to_read_tokens: tokens the decoder does not hold yet.
        seconds_to_first_token: estimate from this machine's measured reading speed; None before the first measurement.
        fits: false when the draft alone is too long to be sent.
        will_drop: sending would first let the oldest messages leave the window.
        unanswered: tokens of stored messages without an answer that the draft is read as one with; a part of
            `conversation`.
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

    @property
    def used_fraction(self) -> float:
        """Share of the context window in use, 0.0 to 1.0 and above when too long."""
        return (self.instructions + self.conversation + self.draft) / max(1, self.context_length)
