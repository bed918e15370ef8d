"""Sampling values, where each comes from, and how the lists among them are written."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Mapping

SamplingValue = str | int | float
"""A value of one sampler; lists are text (see domain.sampling_lists)."""

DEFAULT_ORDER = "penalties, dry, top_n_sigma, top_k, typical_p, top_p, min_p, xtc, temperature"
DEFAULT_BREAKERS = r'"\n", ":", "\"", "*"'


class SamplingSettings(msgspec.Struct, frozen=True):
    """Values of llama.cpp's sampler chain; the defaults are llama.cpp's own (common/common.h).

    Attributes:
        dynatemp_range: temperatures run from `temperature` less this to `temperature` plus this; 0 turns it off.
        top_n_sigma: keep tokens within that many standard deviations of the best logit; 0 turns it off.
        mirostat: 0 (off), 1 or 2; takes the place of top-n-sigma, top-k, typical-p, top-p, min-p and XTC.
        dry_sequence_breakers, logit_bias, order: lists as text; domain.sampling_lists reads them.
        seed: None draws a new one for each answer.
    """

    temperature: float = 0.8
    top_k: int = 40
    top_p: float = 0.95
    min_p: float = 0.05
    typical_p: float = 1.0
    repeat_penalty: float = 1.0
    presence_penalty: float = 0.0
    frequency_penalty: float = 0.0
    penalty_last_n: int = 64
    dynatemp_range: float = 0.0
    dynatemp_exponent: float = 1.0
    top_n_sigma: float = 0.0
    xtc_probability: float = 0.0
    xtc_threshold: float = 0.1
    dry_multiplier: float = 0.0
    dry_base: float = 1.75
    dry_allowed_length: int = 2
    dry_penalty_last_n: int = 64
    dry_sequence_breakers: str = DEFAULT_BREAKERS
    mirostat: int = 0
    mirostat_tau: float = 5.0
    mirostat_eta: float = 0.1
    logit_bias: str = ""
    order: str = DEFAULT_ORDER
    seed: int | None = None


SAMPLING_NAMES: tuple[str, ...] = SamplingSettings.__struct_fields__


class ValueSource(StrEnum):
    """Who decided a value, strongest first."""

    PERSON = "person"
    MODEL_FILE = "model_file"  # the GGUF's general.sampling.*
    CATALOGUE = "catalogue"
    DEFAULT = "default"


class ResolvedSampling(msgspec.Struct, frozen=True):
    """The values in force and, by name, who decided each."""

    settings: SamplingSettings
    sources: Mapping[str, ValueSource]


def resolve_sampling(
    person: Mapping[str, SamplingValue | None],
    model_file: Mapping[str, SamplingValue],
    catalogue: Mapping[str, SamplingValue],
) -> ResolvedSampling:
    """Take each value from the person, else the model's file, else the catalogue, else llama.cpp's default.

    `None` in `person` means "not set". Names outside SAMPLING_NAMES are ignored.
    """
    values: dict[str, SamplingValue] = {}
    sources: dict[str, ValueSource] = {}
    ranked = (
        (ValueSource.PERSON, person),
        (ValueSource.MODEL_FILE, model_file),
        (ValueSource.CATALOGUE, catalogue),
    )
    for name in SAMPLING_NAMES:
        for source, mapping in ranked:
            value = mapping.get(name)
            if value is not None:
                values[name] = value
                sources[name] = source
                break
        else:
            sources[name] = ValueSource.DEFAULT
    return ResolvedSampling(SamplingSettings(**values), sources)  # type: ignore[arg-type]
