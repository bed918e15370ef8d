"""The messages between this program and its model processes.

Part one is spoken by every worker, part two by the decoder's; the encoder's own messages stand in `encoder_messages`.
A `request_id` ties answers to the request they belong to; ids are given out by the engine and never used twice.
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from desktop_app.domain.built_in_templates import BuiltInTemplate
from desktop_app.domain.sampling_lists import SAMPLERS
from desktop_app.protocol.framing import Message

PROTOCOL_VERSION = 4
"""Raised whenever a message changes; both hellos carry it and a difference ends the connection."""

Count = Annotated[int, Meta(ge=0)]
RequestId = Annotated[int, Meta(ge=1)]
Seconds = Annotated[float, Meta(ge=0)]
TokenId = Annotated[int, Meta(ge=-(2**31), lt=2**31)]
Sentence = Annotated[str, Meta(max_length=4000)]

# Spoken by every worker --------------------------------------------------------------------------


class HostHello(Message, frozen=True):
    """First frame to a worker. `niceness` is what the worker adds to its own; 0 leaves it."""

    protocol_version: int
    niceness: Annotated[int, Meta(ge=0, le=19)] = 0


class WorkerHello(Message, frozen=True):
    """First frame from a worker, sent before it imports anything heavy."""

    protocol_version: int
    worker: Annotated[str, Meta(max_length=32)]
    pid: Count


class Cancel(Message, frozen=True):
    """Stop that request; its last message still comes."""

    request_id: RequestId


class Heartbeat(Message, frozen=True):
    """Sent every second: what the worker does (`done` of `total`) and its resident memory in bytes."""

    phase: Annotated[str, Meta(max_length=32)]
    done: Count
    total: Count
    resident_bytes: Count


class Failed(Message, frozen=True):
    """A request ended with an error; `code` is that of a class in domain.errors, which tells of the last three, too."""

    request_id: RequestId
    code: Annotated[str, Meta(max_length=64)]
    what: Sentence
    why: Sentence = ""
    todo: Sentence = ""
    tokens: Count = 0
    room: int = 0
    built_in: BuiltInTemplate | None = None


CommonFromWorker = WorkerHello | Heartbeat | Failed
CommonFromHost = HostHello | Cancel

# The decoder -------------------------------------------------------------------------------------


class Turn(Message, frozen=True):
    """One turn of the prompt; see domain.generation.ChatTurn."""

    role: Literal["system", "user", "assistant"]
    text: str
    token_ids: tuple[TokenId, ...] | None = None


class Bias(Message, frozen=True):
    """Added to the logits of a text's tokens, or of the token of that number; -inf bans it."""

    text: str
    token: Annotated[int, Meta(ge=0, lt=2**31)] | None
    bias: float


class Sampling(Message, frozen=True):
    """Values of the sampler chain; see domain.sampling.SamplingSettings. `seed` is always drawn by the engine."""

    temperature: float
    top_k: int
    top_p: float
    min_p: float
    typical_p: float
    repeat_penalty: float
    presence_penalty: float
    frequency_penalty: float
    penalty_last_n: int
    seed: Annotated[int, Meta(ge=0, lt=2**32)]
    dynatemp_range: float = 0.0
    dynatemp_exponent: float = 1.0
    top_n_sigma: float = 0.0
    xtc_probability: float = 0.0
    xtc_threshold: float = 0.1
    dry_multiplier: float = 0.0
    dry_base: float = 1.75
    dry_allowed_length: int = 2
    dry_penalty_last_n: int = 64
    dry_sequence_breakers: tuple[str, ...] = ()
    mirostat: Literal[0, 1, 2] = 0
    mirostat_tau: float = 5.0
    mirostat_eta: float = 0.1
    logit_bias: tuple[Bias, ...] = ()
    order: tuple[str, ...] = tuple(SAMPLERS)


class LoadDecoder(Message, frozen=True):
    """Load a GGUF file; see domain.generation.DecoderSpec."""

    request_id: RequestId
    path: str
    context_length: Annotated[int, Meta(ge=1)]
    threads: Count
    batch_size: Annotated[int, Meta(ge=1)]
    gpu_layers: int | None
    states_folder: str = ""
    states_bytes: Count = 0
    template: BuiltInTemplate | None = None


class DecoderLoading(Message, frozen=True):
    """Share of the file that is loaded."""

    request_id: RequestId
    fraction: Annotated[float, Meta(ge=0.0, le=1.0)]


class DecoderLoaded(Message, frozen=True):
    """Answer to LoadDecoder; see domain.generation.LoadedDecoder."""

    request_id: RequestId
    fingerprint: Annotated[str, Meta(max_length=128)]
    name: Annotated[str, Meta(max_length=500)]
    context_length: Count
    trained_context: Count
    vocabulary_size: Count
    has_chat_template: bool
    can_roll_back: bool
    resident_bytes: Count
    load_seconds: Seconds
    opens_reasoning: bool = False


class Generate(Message, frozen=True):
    """Write one answer, or go on from a text; see domain.generation.GenerateRequest.

    `grammar` is GBNF; an empty one leaves it free.
    """

    request_id: RequestId
    turns: tuple[Turn, ...]
    sampling: Sampling
    max_tokens: Count
    stop_strings: tuple[str, ...]
    continue_last: bool
    reuse_prefix: bool
    plain_text: str | None = None
    grammar: str = ""
    keep_state: bool = False
    alternatives: bool = False


class PromptReading(Message, frozen=True):
    """`done` of `total` prompt tokens are in the KV cache, `cached` of them were there before."""

    request_id: RequestId
    done: Count
    total: Count
    cached: Count


class Tokens(Message, frozen=True):
    """Tokens written since the last such message, and the text they completed.

    `alternatives` are their records (domain.token_alternatives), where they were asked for.
    """

    request_id: RequestId
    text: str
    token_ids: tuple[TokenId, ...]
    alternatives: bytes = b""


class Ended(Message, frozen=True):
    """Last message of an answer; see domain.generation.GenerationFigures."""

    request_id: RequestId
    stop_reason: Literal["end", "stop_string", "limit", "context_full", "repetition", "stopped"]
    prompt_tokens: Count
    cached_tokens: Count
    restored_tokens: Count
    generated_tokens: Count
    read_s: Seconds
    first_token_s: Seconds
    write_s: Seconds
    tokens_per_s: Seconds
    seed: Count


class Measure(Message, frozen=True):
    """Count the tokens of a prompt; answered at once, also while an answer is written.

    `plain_text` is counted in place of the turns, as it would be gone on from.
    """

    request_id: RequestId
    turns: tuple[Turn, ...]
    continue_last: bool
    keep_state: bool = False
    plain_text: str | None = None


class Measured(Message, frozen=True):
    """Answer to Measure; see domain.generation.PromptMeasure."""

    request_id: RequestId
    turn_tokens: tuple[Count, ...]
    overhead_tokens: int
    cached_tokens: Count
    read_tokens_per_s: Seconds
    restorable_tokens: Count = 0
    restore_s: Seconds = 0.0
    threads: Count = 0


class ReadAhead(Message, frozen=True):
    """Read what is certain of a prompt whose last turn, the person's, is still being written.

    Its text ends with a whole word and is followed by a blank, or is empty. Any later request ends it.
    """

    request_id: RequestId
    turns: tuple[Turn, ...]
    keep_state: bool


class ReadAheadEnded(Message, frozen=True):
    """Answer to ReadAhead: how many tokens were read, and whether all that is certain is there now."""

    request_id: RequestId
    read_tokens: Count
    whole: bool


class ForgetStates(Message, frozen=True):
    """What is held now is not to be kept on disk. Without an answer."""


class SpellTokens(Message, frozen=True):
    """Ask for the bytes of tokens; answered at once, also while an answer is written."""

    request_id: RequestId
    token_ids: tuple[TokenId, ...]


class SpelledTokens(Message, frozen=True):
    """Answer to SpellTokens, one for each; control tokens have none."""

    request_id: RequestId
    pieces: tuple[bytes, ...]


class CheckTokens(Message, frozen=True):
    """Ask whether an answer under `grammar` (GBNF) may begin with these tokens; answered as SpellTokens is."""

    request_id: RequestId
    grammar: str
    token_ids: tuple[TokenId, ...]


class CheckedTokens(Message, frozen=True):
    """Answer to CheckTokens."""

    request_id: RequestId
    allowed: bool


DecoderFromHost = (
    CommonFromHost | LoadDecoder | Generate | Measure | ReadAhead | ForgetStates | SpellTokens | CheckTokens
)
DecoderFromWorker = (
    CommonFromWorker
    | DecoderLoading
    | DecoderLoaded
    | PromptReading
    | Tokens
    | Ended
    | Measured
    | ReadAheadEnded
    | SpelledTokens
    | CheckedTokens
)
