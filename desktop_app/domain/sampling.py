"""Sampling values and where each comes from."""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class SamplingSettings:
    """Values of llama.cpp's sampler chain; the defaults are llama.cpp's own (common/common.h).

    A seed of None draws a new one for each answer.
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
    seed: int | None = None


SAMPLING_NAMES: tuple[str, ...] = tuple(f.name for f in fields(SamplingSettings))


class ValueSource(StrEnum):
    """Who decided a value, strongest first."""

    PERSON = "person"
    MODEL_FILE = "model_file"  # the GGUF's general.sampling.*
    CATALOGUE = "catalogue"
    DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class ResolvedSampling:
    """The values in force and, by name, who decided each."""

    settings: SamplingSettings
    sources: Mapping[str, ValueSource]


def resolve_sampling(
    person: Mapping[str, float | int | None],
    model_file: Mapping[str, float | int],
    catalogue: Mapping[str, float | int],
) -> ResolvedSampling:
    """Take each value from the person, else the model's file, else the catalogue, else llama.cpp's default.

    `None` in `person` means "not set". Names outside SAMPLING_NAMES are ignored.
    """
    values: dict[str, float | int | None] = {}
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
