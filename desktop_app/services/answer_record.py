"""One answer on its way to the store."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from desktop_app.domain.chat_events import Reading
from desktop_app.domain.errors import InkwellError
from desktop_app.domain.generation import StopReason
from desktop_app.domain.reasoning import (
    REASONING_SECONDS,
    REASONING_TOKENS,
    ReasoningStream,
    begins_inside,
    reasoning_seconds,
    reasoning_tokens,
)
from desktop_app.domain.token_alternatives import fitted

if TYPE_CHECKING:
    from desktop_app.domain.conversation import Message
    from desktop_app.domain.generation import GenerationFigures, ReadingProgress, TokensWritten
    from desktop_app.services.ports import ConversationStore

COMMIT_SECONDS = 0.5
COMMIT_BYTES = 1024
"""How much of a running answer a crash may cost, whichever comes first."""


class AnswerRecord:
    """The text and token ids of one answer on their way to the store."""

    def __init__(
        self,
        store: ConversationStore,
        answer: Message,
        kept_ids: list[int],
        clock: Callable[[], float],
        kept_alternatives: bytes = b"",
    ) -> None:
        """`kept_ids` and their `kept_alternatives` are those of the part that stands there already."""
        self._store = store
        self._answer = answer
        self._earlier_tokens = len(kept_ids)
        self._ids = list(kept_ids)
        self._alternatives = [fitted(kept_alternatives, len(kept_ids))]
        # Token ids of an earlier part that are not this model's are unknown: then none of the answer's can be kept.
        self._ids_known = bool(kept_ids) or not answer.text
        self._parts = [answer.text]
        self._clock = clock
        self._committed_at = clock()
        self._uncommitted = 0
        self._open = True
        self._reasoning = _ReasoningMeter(answer, clock)

    def add(self, event: TokensWritten) -> None:
        """Append new tokens and commit when enough is at stake."""
        self._parts.append(event.text)
        self._ids.extend(event.token_ids)
        self._reasoning.add(event)
        self._alternatives.append(fitted(event.alternatives, len(event.token_ids)))
        self._uncommitted += len(event.text.encode("utf-8", "surrogatepass"))
        now = self._clock()
        if self._uncommitted >= COMMIT_BYTES or (self._uncommitted and now - self._committed_at >= COMMIT_SECONDS):
            self._store.save_partial(self._answer.id, self.text, self._known_ids())
            self._committed_at = now
            self._uncommitted = 0

    def finish(self, reason: StopReason, figures: GenerationFigures | None, error: str = "") -> Message:
        """Commit the final answer."""
        self._open = False
        if figures is not None and self._earlier_tokens:
            figures = replace(figures, generated_tokens=figures.generated_tokens + self._earlier_tokens)
        return self._store.finish_message(
            self._answer.id,
            self.text,
            self._known_ids(),
            reason,
            figures,
            error,
            settings_added=self._reasoning.figures(),
            alternatives=b"".join(self._alternatives) if self._ids_known else b"",
        )

    def finish_if_open(self, reason: StopReason) -> None:
        """Commit what is there unless the answer is final already."""
        if self._open:
            self.finish(reason, None)

    @contextmanager
    def under_way(self, while_answering: Callable[[bool], None]) -> Iterator[None]:
        """The block writes the answer. However it ends, what came is kept, with why it ended.

        `while_answering(True)` is called before and `(False)` after, also where the store does not take the end.
        """
        while_answering(True)
        try:
            yield
        except InkwellError as error:
            self.finish(StopReason.INTERRUPTED, None, error.what)
            raise
        except GeneratorExit:  # whoever took the events went away
            self.finish_if_open(StopReason.STOPPED)
            raise
        finally:
            try:
                self.finish_if_open(StopReason.INTERRUPTED)
            finally:
                while_answering(False)

    @property
    def text(self) -> str:
        """All of the answer so far."""
        text = "".join(self._parts)
        self._parts = [text]
        return text

    def _known_ids(self) -> list[int]:
        return self._ids if self._ids_known else []


def reading_under_way(event: ReadingProgress, elapsed: float, known_speed: float = 0.0) -> Reading:
    """How far the prompt is read, `elapsed` seconds after it began, and the seconds left: by this very reading's speed
    once it is under way, else by `known_speed` in tokens a second; 0.0 where none is known.
    """
    read = event.done - event.cached
    speed = read / elapsed if read > 0 and elapsed > 0 else known_speed
    return Reading(event.done, event.total, event.cached, (event.total - event.done) / speed if speed > 0 else None)


class _ReasoningMeter:
    """How much of an answer was reasoning: tokens, and seconds from its first to its last one."""

    def __init__(self, answer: Message, clock: Callable[[], float]) -> None:
        used = answer.settings_used
        self._stream = ReasoningStream(opened=begins_inside(answer.text, used))
        self._stream.append(answer.text)
        self._clock = clock
        self._tokens = reasoning_tokens(used)
        self._earlier_seconds = reasoning_seconds(used)
        self._began: float | None = None
        self._seconds = 0.0
        self._undecided = 0  # tokens of what may still be the mark that opens the reasoning

    def add(self, event: TokensWritten) -> None:
        """Count new tokens. Those of the text that closes the reasoning are counted with it."""
        was_open = self._stream.is_open
        self._stream.append(event.text)
        if was_open or self._stream.is_open:
            now = self._clock()
            self._began = now if self._began is None else self._began
            self._seconds = now - self._began
            self._tokens += len(event.token_ids) + self._undecided
            self._undecided = 0
        elif not self._stream.found:
            self._undecided = self._undecided + len(event.token_ids) if self._stream.is_undecided else 0

    def figures(self) -> dict[str, Any]:
        """How much was thought, as the message keeps it; empty where nothing was."""
        if not self._stream.found:
            return {}
        seconds = round(self._earlier_seconds + self._seconds, 2)
        return {REASONING_TOKENS: self._tokens, REASONING_SECONDS: seconds}
