"""What is known of a model file or folder, for the cards, the pill and the settings."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path

import msgspec

from desktop_app.domain.built_in_templates import BuiltInTemplate
from desktop_app.domain.sampling import SamplingValue


class ModelKind(StrEnum):
    """Which of the two models."""

    DECODER = "decoder"
    ENCODER = "encoder"


class HashState(StrEnum):
    """Whether the file's sha256 was compared with a known one."""

    UNKNOWN = "unknown"  # no hash is known to compare with
    UNCHECKED = "unchecked"  # one is known, the file as it is now was not compared yet
    VERIFIED = "verified"
    WRONG = "wrong"


class CatalogueEntry(msgspec.Struct, frozen=True):
    """One model of resources/models/catalogue.toml.

    Attributes:
        id: short stable name.
        name: full name as people know it.
        pill: short name for the chat's header.
        kind: decoder or encoder.
        file_name: the GGUF's name, or the weights' file of an encoder.
        size_bytes: its length.
        licence: name of the licence.
        address: where to download it, to copy; empty for the starters, which come with Inkwell.
        sha256: lowercase hex where truly known, else empty.
        memory_gb: memory of a computer it is comfortable on, in GB.
        parameters: number of weights, in words ("4 billion").
        quantization: e.g. "Q4_K_M".
        trained_context: tokens.
        good, bad: one sentence each.
        sampling: values by name of SamplingSettings.
        starter: comes with Inkwell.
        package: distribution the starter is found in, with its version, as pip is asked for it.
        path_in_package: where in that distribution, with forward slashes.
    """

    id: str
    name: str
    kind: ModelKind
    file_name: str
    size_bytes: int
    licence: str
    pill: str = ""
    address: str = ""
    sha256: str = ""
    memory_gb: int = 0
    parameters: str = ""
    quantization: str = ""
    trained_context: int = 0
    good: str = ""
    bad: str = ""
    sampling: Mapping[str, SamplingValue] = msgspec.field(default_factory=dict)
    starter: bool = False
    package: str = ""
    path_in_package: str = ""


class ModelDescription(msgspec.Struct, frozen=True):
    """A model on this disk.

    Attributes:
        path: GGUF file of a decoder, folder of an encoder.
        name: from the catalogue, else from the file's header, else the file's name.
        pill: short name for small places, "SmolLM2 135M · starter".
        architecture: as the file says ("llama", "bert"); empty where it does not.
        size_bytes: the file, or all files of the folder.
        quantization: "Q4_1", or the weights' type of an encoder ("fp32").
        trained_context: tokens (word pieces of an encoder) it was trained for; 0 where unknown.
        has_template: false for a base model, which only continues text.
        parameters: number of weights; 0 where unknown.
        dimensions: length of an encoder's vectors; 0 for decoders.
        sampling: the file's own general.sampling.* values, by name of SamplingSettings.
        catalogue_sampling: the catalogue's, likewise.
        expected_sha256: None where no hash is known.
        entry: the catalogue's entry where the file is one of it.
        is_starter: it came with Inkwell.
        built_in_template: chosen in place of the file's own chat template; None uses that one.
        own_name: what the file calls itself, which its process reports as well.
    """

    path: Path
    kind: ModelKind
    name: str
    pill: str
    architecture: str
    size_bytes: int
    quantization: str
    trained_context: int
    has_template: bool
    parameters: int
    dimensions: int = 0
    sampling: Mapping[str, SamplingValue] = msgspec.field(default_factory=dict)
    catalogue_sampling: Mapping[str, SamplingValue] = msgspec.field(default_factory=dict)
    expected_sha256: str | None = None
    hash_state: HashState = HashState.UNKNOWN
    entry: CatalogueEntry | None = None
    is_starter: bool = False
    built_in_template: BuiltInTemplate | None = None
    own_name: str = ""


class FoundModel(msgspec.Struct, frozen=True):
    """A GGUF file another program keeps on this disk. `source` names the program."""

    path: Path
    name: str
    source: str
    size_bytes: int


def readable_size(size_bytes: int) -> str:
    """Bytes as people read them, in decimal units: "98 MB", "4.92 GB"."""
    if size_bytes < 1_000_000:
        return f"{max(0, round(size_bytes / 1000)):d} kB"
    if size_bytes < 1_000_000_000:
        return f"{size_bytes / 1e6:.0f} MB"
    if size_bytes < 100_000_000_000:
        return f"{size_bytes / 1e9:.2f} GB"
    return f"{size_bytes / 1e9:.0f} GB"


def readable_count(number: int) -> str:
    """A number of weights as people say it: "135 million", "4.0 billion"."""
    if number <= 0:
        return ""
    if number < 999_500_000:
        return f"{max(1, round(number / 1e6))} million"
    return f"{number / 1e9:.1f} billion"
