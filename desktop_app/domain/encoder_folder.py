"""Checks of a sentence-transformers folder before anything of it is loaded, and what its files say of the model."""

from __future__ import annotations

import json
import os
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from desktop_app.domain.errors import (
    ModelDamagedError,
    ModelMissingError,
    ModelUnreadableError,
    ModelUnsafeError,
    system_reason,
)

REFUSED_SUFFIXES = frozenset({".bin", ".pt", ".pth", ".pkl", ".pickle", ".ckpt", ".py", ".pyc", ".h5", ".so", ".dll"})
ALLOWED_MODULES = frozenset({"Transformer", "Pooling", "Normalize", "Dense"})
_MAX_JSON_BYTES = 64 << 20
_MAX_FILES = 500
_FLOAT_NAMES = {"F32": "fp32", "F16": "fp16", "BF16": "bf16", "F64": "fp64"}


class EncoderFacts(msgspec.Struct, frozen=True):
    """What a folder's files say: see ModelDescription for the meaning of each."""

    architecture: str
    size_bytes: int
    precision: str
    max_word_pieces: int
    parameters: int
    dimensions: int
    weights: Path


def check_encoder_folder(folder: Path) -> None:
    """Refuse a folder that could run code: pickles, Python files, `auto_map`, foreign module types.

    Raises ModelMissingError, ModelUnreadableError, ModelDamagedError, ModelUnsafeError.
    """
    if not folder.is_dir():
        raise ModelMissingError(
            "The search model's folder is not there.", f"{folder} does not exist.", "Choose the folder again in Models."
        )
    for path in _files(folder):
        if path.suffix.lower() in REFUSED_SUFFIXES:
            raise _unsafe(folder, f"{path.relative_to(folder)} can carry code that runs when it is loaded.")
    for path in _files(folder):
        if path.suffix.lower() == ".json" and path.name != "tokenizer.json" and _mentions_auto_map(_json(path)):
            raise _unsafe(folder, f"{path.relative_to(folder)} asks for code of its own (auto_map).")
    for module in _modules(folder):
        kind = str(module.get("type", "")) if isinstance(module, dict) else ""
        if not kind.startswith("sentence_transformers.") or kind.rpartition(".")[2] not in ALLOWED_MODULES:
            raise _unsafe(folder, f"modules.json asks for the module “{kind}”.")
    if not (folder / "config.json").is_file():
        raise ModelDamagedError(
            "The search model's folder is not complete.", "config.json is missing.", "Copy the whole folder again."
        )
    _safetensors_summary(_weights(folder))


def read_encoder_facts(folder: Path) -> EncoderFacts:
    """What the (checked) folder says of itself. Raises as `check_encoder_folder`."""
    config = _json(folder / "config.json")
    sentence_path = folder / "sentence_bert_config.json"
    sentence = _json(sentence_path) if sentence_path.is_file() else {}
    weights = _weights(folder)
    parameters, precision = _safetensors_summary(weights)
    longest = _number(sentence, "max_seq_length") or _number(config, "max_position_embeddings")
    return EncoderFacts(
        architecture=str(config.get("model_type", "")) if isinstance(config, dict) else "",
        size_bytes=sum(path.stat().st_size for path in _files(folder)),
        precision=precision,
        max_word_pieces=longest,
        parameters=parameters,
        dimensions=_number(config, "hidden_size"),
        weights=weights,
    )


def declared_dimensions(folder: Path) -> tuple[int, ...]:
    """The lengths to which the (checked) model's vectors may be cut (Matryoshka), ascending; empty where it names none.

    Raises ModelDamagedError, ModelUnreadableError.
    """
    found: set[int] = set()
    for name in ("config.json", "config_sentence_transformers.json"):
        path = folder / name
        content = _json(path) if path.is_file() else {}
        for key in ("matryoshka_dimensions", "matryoshka_dims"):
            listed = content.get(key) if isinstance(content, dict) else None
            if isinstance(listed, list):
                found.update(number for number in listed if type(number) is int and number > 0)
    return tuple(sorted(found))


def names_of(folder: Path) -> tuple[str, ...]:
    """What the (checked) model may be called: its folders' names, which a download keeps, and what it calls itself."""
    config = _json(folder / "config.json")
    own = config.get("_name_or_path") if isinstance(config, dict) else None
    return (*(part for part in reversed(folder.absolute().parts[-3:])), *([own] if isinstance(own, str) else []))


def _files(folder: Path) -> Iterator[Path]:
    count = 0

    def closed(error: OSError) -> None:
        raise ModelUnreadableError(
            "The search model's folder cannot be read.", system_reason(error), "Check its permissions."
        ) from error

    for root, _folders, names in os.walk(folder, onerror=closed):
        for name in sorted(names):
            count += 1
            if count > _MAX_FILES:
                raise _unsafe(folder, f"It holds more than {_MAX_FILES} files; a model has a dozen.")
            yield Path(root) / name


def _weights(folder: Path) -> Path:
    path = folder / "model.safetensors"
    if path.is_file():
        return path
    raise ModelDamagedError(
        "The search model's folder has no weights.",
        "model.safetensors is missing; other formats are refused because they can carry code.",
        "Get the model with its safetensors file.",
    )


def _modules(folder: Path) -> list[Any]:
    path = folder / "modules.json"
    content = _json(path) if path.is_file() else []
    if not isinstance(content, list):
        raise _damaged(path)
    return content


def _json(path: Path) -> Any:
    try:
        if path.stat().st_size > _MAX_JSON_BYTES:
            raise _damaged(path)
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise _damaged(path) from None
    except OSError as error:
        raise ModelUnreadableError(
            "The search model cannot be read.", f"{path.name}: {system_reason(error)}", "Check its permissions."
        ) from error
    except (ValueError, RecursionError):
        raise _damaged(path) from None


def _mentions_auto_map(content: Any) -> bool:
    waiting = [content]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            if "auto_map" in value:
                return True
            waiting.extend(value.values())
        elif isinstance(value, list):
            waiting.extend(value)
    return False


def _safetensors_summary(path: Path) -> tuple[int, str]:
    """(number of weights, type of most of them), from the file's header; the data must end where the file ends."""
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            raw_length = file.read(8)
            length = struct.unpack("<Q", raw_length)[0] if len(raw_length) == 8 else 0
            if not 2 <= length <= min(size - 8, _MAX_JSON_BYTES):
                raise _damaged(path)
            header = json.loads(file.read(length))
    except OSError as error:
        raise ModelUnreadableError("The search model cannot be read.", system_reason(error), "") from error
    except (ValueError, RecursionError):
        raise _damaged(path) from None
    counts: dict[str, int] = {}
    end = 0
    try:
        for name, tensor in header.items():
            if name == "__metadata__":
                continue
            number = 1
            for dimension in tensor["shape"]:
                number *= int(dimension)
            counts[tensor["dtype"]] = counts.get(tensor["dtype"], 0) + number
            end = max(end, int(tensor["data_offsets"][1]))
    except (AttributeError, KeyError, TypeError, ValueError, IndexError):
        raise _damaged(path) from None
    if 8 + length + end != size:
        raise _damaged(path)
    most = max(counts, key=lambda name: counts[name], default="")
    return sum(counts.values()), _FLOAT_NAMES.get(most, most.lower())


def _number(content: Any, key: str) -> int:
    value = content.get(key) if isinstance(content, dict) else None
    return value if isinstance(value, int) and value > 0 else 0


def _damaged(path: Path) -> ModelDamagedError:
    return ModelDamagedError(
        "The search model is damaged.", f"{path.name} is not what it should be.", "Copy the model's folder again."
    )


def _unsafe(folder: Path, why: str) -> ModelUnsafeError:
    return ModelUnsafeError(
        f"The folder “{folder.name}” is refused.", why, "Choose a model that comes as safetensors, without code."
    )
