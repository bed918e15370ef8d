"""What the decoder is asked for and what it tells while it works."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

import msgspec

from desktop_app.domain.built_in_templates import BuiltInTemplate
from desktop_app.domain.constraint import Constraint
from desktop_app.domain.conversation import Role
from desktop_app.domain.sampling import SamplingSettings


class StopReason(StrEnum):
    """Why an answer ended."""

    END = "end"  # an end-of-generation token
    STOP_STRING = "stop_string"
    LIMIT = "limit"  # the maximum answer length
    CONTEXT_FULL = "context_full"
    REPETITION = "repetition"  # the same 20 tokens three times running
    STOPPED = "stopped"  # by the person
    INTERRUPTED = "interrupted"  # the worker or the program died in mid-answer


class DecoderSpec(msgspec.Struct, frozen=True):
    """Which decoder to load and how. Equal specs mean the loaded model can stay.

    Attributes:
        path: the GGUF file.
        context_length: tokens of the KV cache.
        threads: CPU threads; 0 lets the worker choose (physical cores).
        batch_size: most tokens in one `llama_decode` call while reading.
        gpu_layers: layers on the GPU; -1 all, 0 none, None all where a GPU backend is built in.
        expected_sha256: hash to compare, lowercase hex, where one is known; the model library checks it.
        states_folder: where the states of chats are kept; None keeps none.
        states_bytes: most bytes they may take there; 0 removes them.
        template: used in place of the file's own chat template; None uses that one.
    """

    path: Path
    context_length: int = 4096
    threads: int = 0
    batch_size: int = 256
    gpu_layers: int | None = None
    expected_sha256: str | None = None
    states_folder: Path | None = None
    states_bytes: int = 0
    template: BuiltInTemplate | None = None


class LoadedDecoder(msgspec.Struct, frozen=True):
    """What the worker found when it loaded a model.

    Attributes:
        fingerprint: identifies weights and tokenizer (sha256 of the GGUF header and file size); stored with token ids.
        context_length: tokens really allocated.
        trained_context: tokens the model was trained for, 0 where unknown.
        has_chat_template: false for a base model.
        can_roll_back: false for recurrent or hybrid models, which re-read where others reuse a prefix.
        resident_bytes: resident memory of the worker after loading.
        opens_reasoning: the template opens the reasoning itself, so that an answer's text begins inside it.
    """

    fingerprint: str
    name: str
    context_length: int
    trained_context: int
    vocabulary_size: int
    has_chat_template: bool
    can_roll_back: bool
    resident_bytes: int
    load_seconds: float
    opens_reasoning: bool = False


class ChatTurn(msgspec.Struct, frozen=True):
    """One message as the decoder sees it.

    `token_ids` holds the ids this very model generated for `text`; the worker appends them as they are.
    """

    role: Role
    text: str
    token_ids: tuple[int, ...] | None = None


class GenerateRequest(msgspec.Struct, frozen=True):
    """One answer to be written, or one text to go on from.

    Attributes:
        turns: system (optional, first), then user and assistant in turn.
        continue_last: the last turn is the assistant's unfinished answer; write on from its end.
        max_tokens: most tokens to write.
        plain_text: go on from the end of this text in place of answering turns: no chat template, and of a long text
            as much of its end as the context holds.
        alternatives: have the likeliest tokens of each place told as well (domain.token_alternatives).
        constraint: what the answer must look like, from its first character on; None leaves it free.
        reuse_prefix: keep the KV cache's common prefix (false reads everything again, in slices of one length).
        keep_state: the state of this conversation may be kept on disk, and restored from there.
    """

    turns: tuple[ChatTurn, ...]
    sampling: SamplingSettings
    max_tokens: int = 1024
    stop_strings: tuple[str, ...] = ()
    continue_last: bool = False
    reuse_prefix: bool = True
    plain_text: str | None = None
    constraint: Constraint | None = None
    keep_state: bool = False
    alternatives: bool = False


class GenerationFigures(msgspec.Struct, frozen=True):
    """Counts and timings of one answer; seconds, tokens, tokens per second.

    `cached_tokens` are those of the prompt that were not read again; `restored_tokens` of them came from disk.
    `first_token_s` runs from the request to a loaded model until the first token is sampled.
    """

    prompt_tokens: int
    cached_tokens: int
    restored_tokens: int
    generated_tokens: int
    read_s: float
    first_token_s: float
    write_s: float
    tokens_per_s: float
    seed: int


class ReadingProgress(msgspec.Struct, frozen=True):
    """The prompt is being read: `done` of `total` tokens, of which `cached` needed no reading."""

    done: int
    total: int
    cached: int


class TokensWritten(msgspec.Struct, frozen=True):
    """New text of the answer. `text` may be empty while a multi-byte character is incomplete.

    `alternatives` holds a record for each token (domain.token_alternatives), or nothing.
    """

    text: str
    token_ids: tuple[int, ...]
    alternatives: bytes = b""


class GenerationEnded(msgspec.Struct, frozen=True):
    """Last event of every generation that did not raise."""

    stop_reason: StopReason
    figures: GenerationFigures


DecoderEvent = ReadingProgress | TokensWritten | GenerationEnded


class PromptMeasure(msgspec.Struct, frozen=True):
    """True token counts of a prompt, by the decoder's own tokenizer and template.

    Attributes:
        turn_tokens: tokens of each turn, template's control tokens included, in the order given.
        overhead_tokens: what the template adds around them (begin of text, generation prompt).
        cached_tokens: leading tokens that need no reading: the KV cache holds them, or they come from disk.
        restorable_tokens: so many of them come from disk; 0 where the KV cache alone has as many.
        restore_s: about how many seconds that takes.
        read_tokens_per_s: speed of reading measured on this machine, 0.0 before the first measurement.
        threads: how many would compute now, fewer beside other busy programs; 0 where that is not known.
    """

    turn_tokens: tuple[int, ...]
    overhead_tokens: int
    cached_tokens: int = 0
    read_tokens_per_s: float = 0.0
    restorable_tokens: int = 0
    restore_s: float = 0.0
    threads: int = 0

    @property
    def total_tokens(self) -> int:
        """All tokens of the prompt."""
        return sum(self.turn_tokens) + self.overhead_tokens


class WorkerPhase(StrEnum):
    """Where a model process stands."""

    OFF = "off"
    STARTING = "starting"
    LOADING = "loading"
    READY = "ready"
    BUSY = "busy"
    RESTARTING = "restarting"
    CRASHED = "crashed"
    QUARANTINED = "quarantined"


@dataclass(frozen=True, slots=True)
class WorkerStatus:
    """A model process as the status bar and the Models screen show it.

    Attributes:
        progress: share loaded while LOADING, else 0.
        error: what went wrong in CRASHED and QUARANTINED.
        model: what is loaded, by name; empty when nothing is.
        resident_bytes: resident memory of the process, from its heartbeat.
        crashes: crashes counted for this model.
    """

    phase: WorkerPhase
    progress: float = 0.0
    error: Exception | None = field(default=None, compare=False)
    model: str = ""
    resident_bytes: int = 0
    crashes: int = 0
