"""What the services need of the processes of the two models.

All methods block and may be called from any thread.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.generation import (
    ChatTurn,
    DecoderEvent,
    DecoderSpec,
    GenerateRequest,
    LoadedDecoder,
    PromptMeasure,
    WorkerStatus,
)
from desktop_app.domain.search import EncoderSpec, LoadedEncoder, QueryEmbedding, WordLikeness

StatusListener = Callable[[WorkerStatus], None]
Unsubscribe = Callable[[], None]


class DecoderPort(Protocol):
    """The chat model's process (engines/decoder.py)."""

    @property
    def status(self) -> WorkerStatus:
        """Where the process stands now; cheap, from any thread."""
        ...

    @property
    def loaded(self) -> LoadedDecoder | None:
        """What is loaded, None while nothing is."""
        ...

    def subscribe(self, listener: StatusListener) -> Unsubscribe:
        """Call `listener` at each change of status, in the engine's thread."""
        ...

    def load(self, spec: DecoderSpec, cancel: CancelToken | None = None) -> LoadedDecoder:
        """Load `spec`, at once when an equal one is loaded. Starts or restarts the process as needed.

        Raises ModelError and its kin, WorkerError, CancelledError.
        """
        ...

    def unload(self) -> None:
        """End the process and give its memory back."""
        ...

    def generate(self, request: GenerateRequest, cancel: CancelToken) -> Iterator[DecoderEvent]:
        """Write one answer. The last event is GenerationEnded, with STOPPED when cancelled.

        Raises WorkerCrashedError, WorkerUnresponsiveError, TemplateError, MessageTooLongError, DecoderBusyError.
        """
        ...

    def measure(
        self, turns: Sequence[ChatTurn], *, continue_last: bool = False, keep_state: bool = False
    ) -> PromptMeasure:
        """Count tokens as `generate` would, and how many need no reading. Answers during a generation, too.

        `keep_state`: what would be restored from disk needs no reading either.
        """
        ...

    def measure_text(self, text: str) -> PromptMeasure:
        """Count the tokens of a text that is gone on from, with no template, and how many need no reading."""
        ...

    def read_ahead(self, turns: Sequence[ChatTurn], cancel: CancelToken, *, keep_state: bool = False) -> bool:
        """Read what is certain of a prompt whose last turn, the person's, is still being written.

        Any other request goes first: this one then ends. True when all that is certain is there.
        """
        ...

    def forget_states(self) -> None:
        """What the model holds now is not to be kept on disk any more."""
        ...

    def spell(self, token_ids: Sequence[int]) -> tuple[bytes, ...]:
        """The bytes each token stands for, by the loaded model. Answers during a generation, too."""
        ...

    def allows(self, grammar: str, token_ids: Sequence[int]) -> bool:
        """Whether an answer under the grammar (GBNF) may begin with these tokens. Answers during a generation, too.

        Raises ConstraintError for a grammar that the model's process does not take.
        """
        ...

    def forgive(self) -> None:
        """Lift the quarantine of the model last loaded."""
        ...

    def close(self) -> None:
        """End the process for good (program exit)."""
        ...


class EncoderPort(Protocol):
    """The search model's process (engines/encoder.py)."""

    @property
    def status(self) -> WorkerStatus:
        """Where the process stands now."""
        ...

    @property
    def loaded(self) -> LoadedEncoder | None:
        """What is loaded, None while nothing is."""
        ...

    def subscribe(self, listener: StatusListener) -> Unsubscribe:
        """Call `listener` at each change of status, in the engine's thread."""
        ...

    def load(self, spec: EncoderSpec, cancel: CancelToken | None = None) -> LoadedEncoder:
        """Load `spec`, or return at once when an equal spec is loaded. Raises ModelError and its kin, WorkerError."""
        ...

    def embed_query(self, text: str, cancel: CancelToken | None = None) -> QueryEmbedding:
        """Embed a query, ahead of all queued passages."""
        ...

    def embed_passages(self, texts: Sequence[str], cancel: CancelToken | None = None) -> list[bytes]:
        """Vectors (float32 little-endian) of passages, in order. Low priority; waits while paused."""
        ...

    def embed_sentences(self, texts: Sequence[str], cancel: CancelToken | None = None) -> list[bytes]:
        """As `embed_passages`, with a query's priority: for the sentences of the passages on the screen."""
        ...

    def compare_words(
        self, question: str, sentence: str, cancel: CancelToken | None = None
    ) -> tuple[WordLikeness, ...]:
        """Which words of a sentence are like which of a question, in the sentence's order."""
        ...

    def set_paused(self, paused: bool) -> None:
        """Pause passages (not queries) while an answer streams."""
        ...

    def forgive(self) -> None:
        """Lift the quarantine of the model last loaded."""
        ...

    def close(self) -> None:
        """End the process for good."""
        ...
