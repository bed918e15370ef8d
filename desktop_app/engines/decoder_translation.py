"""Between the domain's values and the messages on the wire."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from desktop_app.domain.errors import SamplingError
from desktop_app.domain.generation import (
    ChatTurn,
    DecoderSpec,
    GenerateRequest,
    GenerationEnded,
    GenerationFigures,
    LoadedDecoder,
    PromptMeasure,
    StopReason,
)
from desktop_app.domain.sampling import SamplingSettings
from desktop_app.domain.sampling_lists import read_biases, read_breakers, read_order
from desktop_app.domain.text_cleaning import without_lone_surrogates
from desktop_app.protocol.messages import Bias, DecoderLoaded, Ended, Generate, LoadDecoder, Measured, Sampling, Turn

_List = TypeVar("_List")


def turns_for_worker(turns: Sequence[ChatTurn]) -> tuple[Turn, ...]:
    """Turns as messages, without the lone surrogates that UTF-8 cannot carry."""
    return tuple(Turn(turn.role.value, without_lone_surrogates(turn.text), turn.token_ids) for turn in turns)


def generate_for_worker(request_id: int, request: GenerateRequest, seed: int) -> Generate:
    """The message for `request` with the seed drawn for it. Raises SamplingError, ConstraintError."""
    return Generate(
        request_id,
        turns_for_worker(request.turns),
        _sampling_for_worker(request.sampling, seed),
        request.max_tokens,
        tuple(without_lone_surrogates(stop) for stop in request.stop_strings if stop),
        request.continue_last,
        request.reuse_prefix,
        plain_text=None if request.plain_text is None else without_lone_surrogates(request.plain_text),
        grammar=without_lone_surrogates(request.constraint.grammar()) if request.constraint is not None else "",
        keep_state=request.keep_state,
        alternatives=request.alternatives,
    )


def _sampling_for_worker(sampling: SamplingSettings, seed: int) -> Sampling:
    return Sampling(
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
        dynatemp_range=float(sampling.dynatemp_range),
        dynatemp_exponent=float(sampling.dynatemp_exponent),
        top_n_sigma=float(sampling.top_n_sigma),
        xtc_probability=float(sampling.xtc_probability),
        xtc_threshold=float(sampling.xtc_threshold),
        dry_multiplier=float(sampling.dry_multiplier),
        dry_base=float(sampling.dry_base),
        dry_allowed_length=int(sampling.dry_allowed_length),
        dry_penalty_last_n=int(sampling.dry_penalty_last_n),
        dry_sequence_breakers=_read("DRY sequence breakers", read_breakers, sampling.dry_sequence_breakers),
        mirostat=1 if sampling.mirostat == 1 else 2 if sampling.mirostat == 2 else 0,
        mirostat_tau=float(sampling.mirostat_tau),
        mirostat_eta=float(sampling.mirostat_eta),
        logit_bias=tuple(
            Bias(without_lone_surrogates(each.text), each.token, each.bias)
            for each in _read("logit bias", read_biases, sampling.logit_bias)
        ),
        order=_read("sampler order", read_order, sampling.order),
    )


def _read(name: str, read: Callable[[str], _List], text: str) -> _List:
    """A list that a preset or an import may have brought unchecked. Raises SamplingError."""
    try:
        return read(text)
    except ValueError as error:
        raise SamplingError(
            f"The {name} cannot be used.", f"In it {error}.", "Correct it under Expert sampling."
        ) from None


def load_for_worker(request_id: int, spec: DecoderSpec) -> LoadDecoder:
    """The message that asks for `spec`."""
    return LoadDecoder(
        request_id,
        str(spec.path.absolute()),
        spec.context_length,
        spec.threads,
        spec.batch_size,
        spec.gpu_layers,
        states_folder=str(spec.states_folder.absolute()) if spec.states_folder is not None else "",
        states_bytes=spec.states_bytes,
        template=spec.template,
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
        opens_reasoning=message.opens_reasoning,
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


def measure_from_worker(message: Measured) -> PromptMeasure:
    """Counts, speed, and what would come from disk."""
    return PromptMeasure(
        message.turn_tokens,
        message.overhead_tokens,
        message.cached_tokens,
        message.read_tokens_per_s,
        message.restorable_tokens,
        message.restore_s,
        message.threads,
    )
