"""Between the domain's values and the messages on the wire."""

from __future__ import annotations

from collections.abc import Sequence

from desktop_app.domain.generation import (
    ChatTurn,
    DecoderSpec,
    GenerateRequest,
    GenerationEnded,
    GenerationFigures,
    LoadedDecoder,
    StopReason,
)
from desktop_app.domain.text_cleaning import without_lone_surrogates
from desktop_app.protocol.messages import DecoderLoaded, Ended, Generate, LoadDecoder, Sampling, Turn


def turns_for_worker(turns: Sequence[ChatTurn]) -> tuple[Turn, ...]:
    """Turns as messages, without the lone surrogates that UTF-8 cannot carry."""
    return tuple(Turn(turn.role.value, without_lone_surrogates(turn.text), turn.token_ids) for turn in turns)


def generate_for_worker(request_id: int, request: GenerateRequest, seed: int) -> Generate:
    """The message for `request` with the seed drawn for it."""
    sampling = request.sampling
    return Generate(
        request_id,
        turns_for_worker(request.turns),
        Sampling(
            temperature=float(sampling.temperature),
            top_k=int(sampling.top_k),
            top_p=float(sampling.top_p),
            min_p=float(sampling.min_p),
            typical_p=float(sampling.typical_p),
            repeat_penalty=float(sampling.repeat_penalty),
            presence_penalty=float(sampling.presence_penalty),
            frequency_penalty=float(sampling.frequency_penalty),
            penalty_last_n=int(sampling.penalty_last_n),
            seed=seed % 2**32,
        ),
        request.max_tokens,
        tuple(without_lone_surrogates(stop) for stop in request.stop_strings if stop),
        request.continue_last,
        request.reuse_prefix,
    )


def load_for_worker(request_id: int, spec: DecoderSpec) -> LoadDecoder:
    """The message that asks for `spec`."""
    return LoadDecoder(
        request_id,
        str(spec.path.absolute()),
        spec.context_length,
        spec.threads,
        spec.batch_size,
        spec.gpu_layers,
    )


def loaded_from_worker(message: DecoderLoaded) -> LoadedDecoder:
    """What the worker found."""
    return LoadedDecoder(
        fingerprint=message.fingerprint,
        name=message.name,
        context_length=message.context_length,
        trained_context=message.trained_context,
        vocabulary_size=message.vocabulary_size,
        has_chat_template=message.has_chat_template,
        can_roll_back=message.can_roll_back,
        resident_bytes=message.resident_bytes,
        load_seconds=message.load_seconds,
    )


def ended_from_worker(message: Ended) -> GenerationEnded:
    """Stop reason and figures."""
    return GenerationEnded(
        StopReason(message.stop_reason),
        GenerationFigures(
            prompt_tokens=message.prompt_tokens,
            cached_tokens=message.cached_tokens,
            restored_tokens=message.restored_tokens,
            generated_tokens=message.generated_tokens,
            read_s=message.read_s,
            first_token_s=message.first_token_s,
            write_s=message.write_s,
            tokens_per_s=message.tokens_per_s,
            seed=message.seed,
        ),
    )
