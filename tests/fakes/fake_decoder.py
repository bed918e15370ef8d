"""A decoder without a process: it counts words as tokens and answers from a script."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.generation import (
    ChatTurn,
    DecoderEvent,
    DecoderSpec,
    GenerateRequest,
    GenerationEnded,
    GenerationFigures,
    LoadedDecoder,
    PromptMeasure,
    ReadingProgress,
    StopReason,
    TokensWritten,
    WorkerPhase,
    WorkerStatus,
)
from desktop_app.domain.token_alternatives import pack_choice

TURN_OVERHEAD = 4
PROMPT_OVERHEAD = 3


class FakeDecoder:
    """Implements DecoderPort. `answer` is streamed word by word; `fail_after` raises `error` after that many words.

    It holds the last prompt and its answer as the real one does; `prefilled` counts what each request had to read.
    """

    def __init__(self, answer: str = "An answer of five words.", *, context_length: int = 1000) -> None:
        self.answer = answer
        self.context_length = context_length
        self.error: Exception | None = None
        self.fail_after = 0
        self.load_error: Exception | None = None
        self.stop_reason = StopReason.END
        self.requests: list[GenerateRequest] = []
        self.prefilled: list[int] = []
        self.held: list[str] = []
        self.read_tokens_per_s = 400.0
        self.read_ahead_of: list[tuple[ChatTurn, ...]] = []
        self.states_forgotten = 0
        self.forbidden: set[int] = set()
        self.checked: list[tuple[str, tuple[int, ...]]] = []
        self._loaded: LoadedDecoder | None = None
        self._listeners: list[Callable[[WorkerStatus], None]] = []

    @property
    def status(self) -> WorkerStatus:
        return WorkerStatus(WorkerPhase.READY if self._loaded else WorkerPhase.OFF)

    @property
    def loaded(self) -> LoadedDecoder | None:
        return self._loaded

    def subscribe(self, listener: Callable[[WorkerStatus], None]) -> Callable[[], None]:
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def load(self, spec: DecoderSpec, cancel: CancelToken | None = None) -> LoadedDecoder:
        if self.load_error is not None:
            raise self.load_error
        self._loaded = LoadedDecoder("fake-fingerprint", "Fake 1B", self.context_length, 8192, 1000, True, True, 1, 0.1)
        return self._loaded

    def unload(self) -> None:
        self._loaded = None

    def generate(self, request: GenerateRequest, cancel: CancelToken) -> Iterator[DecoderEvent]:
        self.requests.append(request)
        if request.plain_text is not None:
            measure = self.measure_text(request.plain_text)
            self.held = ["<begin>", *request.plain_text.split()]
        else:
            measure = self.measure(request.turns)
            self.held = _tokens(request.turns)
        self.prefilled.append(measure.total_tokens - measure.cached_tokens)
        yield ReadingProgress(measure.total_tokens // 2, measure.total_tokens, 0)
        yield ReadingProgress(measure.total_tokens, measure.total_tokens, 0)
        reason = self.stop_reason
        written = 0
        for index, word in enumerate(self.answer.split(" ")):
            if self.error is not None and index >= self.fail_after:
                raise self.error
            if cancel.cancelled:
                reason = StopReason.STOPPED
                break
            record = pack_choice(0.5, (1000 + index, 7, 8, 9, 999), (0.5, 0.2, 0.1, 0.05, 0.01))
            asked = request.alternatives
            yield TokensWritten(word if index == 0 else f" {word}", (1000 + index,), record if asked else b"")
            self.held.append(word)
            written += 1
        yield GenerationEnded(
            reason, GenerationFigures(measure.total_tokens, 0, 0, written, 0.1, 0.2, 0.3, written / 0.3, 7)
        )

    def read_ahead(self, turns: Sequence[ChatTurn], cancel: CancelToken, *, keep_state: bool = False) -> bool:
        self.read_ahead_of.append(tuple(turns))
        return not cancel.cancelled

    def forget_states(self) -> None:
        self.states_forgotten += 1

    def measure(
        self, turns: Sequence[ChatTurn], *, continue_last: bool = False, keep_state: bool = False
    ) -> PromptMeasure:
        counts = tuple(len(turn.text.split()) + TURN_OVERHEAD for turn in turns)
        tokens = _tokens(turns)
        same = (place for place, (held, asked) in enumerate(zip(self.held, tokens, strict=False)) if held != asked)
        cached = min(next(same, min(len(self.held), len(tokens))), len(tokens) - 1)
        return PromptMeasure(counts, PROMPT_OVERHEAD, cached, self.read_tokens_per_s)

    def measure_text(self, text: str) -> PromptMeasure:
        tokens = ["<begin>", *text.split()]
        same = (place for place, (held, asked) in enumerate(zip(self.held, tokens, strict=False)) if held != asked)
        cached = min(next(same, min(len(self.held), len(tokens))), len(tokens) - 1)
        return PromptMeasure((len(tokens) - 1,), 1, cached, self.read_tokens_per_s)

    def spell(self, token_ids: Sequence[int]) -> tuple[bytes, ...]:
        """Its tokens are the words of `answer`, and some of their own; 999 ends an answer."""
        words = self.answer.split(" ")
        known = {1000 + n: (word if n == 0 else f" {word}").encode() for n, word in enumerate(words)}
        return tuple(b"" if each == 999 else known.get(each, f" t{each}".encode()) for each in token_ids)

    def allows(self, grammar: str, token_ids: Sequence[int]) -> bool:
        """True unless the last token is one of `forbidden`; `checked` holds what was asked."""
        self.checked.append((grammar, tuple(token_ids)))
        return token_ids[-1] not in self.forbidden

    def forgive(self) -> None:
        self.load_error = None

    def close(self) -> None:
        self.unload()


def _tokens(turns: Sequence[ChatTurn]) -> list[str]:
    """Words between the marks of a template; as many as `measure` counts."""
    found = ["<begin>", "<begin>"]
    for turn in turns:
        found += [f"<{turn.role}>", *turn.text.split(), "<end>", "<end>", "<end>"]
    return [*found, "<assistant>"]
