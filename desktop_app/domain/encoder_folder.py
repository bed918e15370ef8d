"""Checks of a sentence-transformers folder before anything of it is loaded, and what its files say of the model."""

from __future__ import annotations

import json
import os
import re
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
_OTHER_WEIGHTS = frozenset({".bin", ".pt", ".pth", ".pkl", ".pickle", ".ckpt", ".h5"})
ALLOWED_MODULES = frozenset(
    {"Transformer", "Pooling", "Normalize", "Dense", "LayerNorm", "Dropout", "WeightedLayerPooling", "StaticEmbedding"}
)
STATIC = "StaticEmbedding"
_MAX_JSON_BYTES = 64 << 20
_MAX_FILES = 500
_WEIGHTS = "model.safetensors"
_WEIGHTS_IN_PARTS = "model.safetensors.index.json"
_MOST_PARTS = 64
_SIGNS = ("modules.json", "config.json", _WEIGHTS, _WEIGHTS_IN_PARTS)  # a folder with none of them is no model
_MODEL_CARD = "README.md"
_MOST_OF_A_CARD = 1 << 20
_CARD_DIMENSIONS = re.compile(r'"matryoshka_dims"\s*:\s*\[([\d,\s]+)\]')
_FLOAT_NAMES = {"F32": "fp32", "F16": "fp16", "BF16": "bf16", "F64": "fp64"}


class EncoderFacts(msgspec.Struct, frozen=True):
    """What a folder's files say: see ModelDescription for the meaning of each."""

    architecture: str
    size_bytes: int
    precision: str
    max_word_pieces: int
    parameters: int
    dimensions: int
    weights: tuple[Path, ...]


def check_encoder_folder(folder: Path) -> None:
    """Refuse a folder that could run code: pickles, Python files, `auto_map`, foreign module types.

    Raises ModelMissingError, ModelUnreadableError, ModelDamagedError, ModelUnsafeError.
    """
    if not folder.is_dir():
        raise ModelMissingError(
            "The search model's folder is not there.", f"{folder} does not exist.", "Choose the folder again in Models."
        )
    refused = [path for path in _files(folder) if path.suffix.lower() in REFUSED_SUFFIXES]
    if refused:
        raise _can_carry_code(folder, [path.relative_to(folder).as_posix() for path in sorted(refused)])
    for path in _files(folder):
        if path.suffix.lower() == ".json" and path.name != "tokenizer.json" and _mentions_auto_map(_json(path)):
            raise _unsafe(folder, f"{path.relative_to(folder)} asks for code of its own (auto_map).")
    for module in _modules(folder):
        kind = str(module.get("type", "")) if isinstance(module, dict) else ""
        if not kind.startswith("sentence_transformers.") or _kind(module) not in ALLOWED_MODULES:
            raise _unsafe(folder, f"modules.json asks for the module “{kind}”.")
        if not _lies_inside(folder, module):
            raise _unsafe(folder, "modules.json names a place outside the folder.")
    if not _looks_like_model(folder):
        raise _no_model(folder)
    model = _model_folder(folder)
    needed = "tokenizer.json" if _is_static(folder) else "config.json"
    if not (model / needed).is_file():
        raise ModelDamagedError(
            "The search model's folder is not complete.", f"{needed} is missing.", "Copy the whole folder again."
        )
    for path in encoder_weights(folder):
        _safetensors_summary(path)


def encoder_weights(folder: Path) -> tuple[Path, ...]:
    """The files with the weights, the first one first. Raises ModelDamagedError, ModelUnreadableError."""
    model = _model_folder(folder)
    whole, parts = model / _WEIGHTS, model / _WEIGHTS_IN_PARTS
    if whole.is_file() or not parts.is_file():
        return (_existing(whole),)
    index = _json(parts)
    listed = index.get("weight_map") if isinstance(index, dict) else None
    names = sorted({str(name) for name in listed.values()}) if isinstance(listed, dict) else []
    if not 0 < len(names) <= _MOST_PARTS or any(Path(name).name != name for name in names):
        raise _damaged(parts)
    return tuple(_existing(model / name) for name in names)


def read_encoder_facts(folder: Path) -> EncoderFacts:
    """What the (checked) folder says of itself. Raises as `check_encoder_folder`."""
    model = _model_folder(folder)
    config, sentence = _json_if_there(model / "config.json"), _json_if_there(model / "sentence_bert_config.json")
    weights = encoder_weights(folder)
    summaries = [_safetensors_summary(path) for path in weights]
    is_static = _is_static(folder)
    longest = _number(sentence, "max_seq_length") or _number(config, "max_position_embeddings")
    return EncoderFacts(
        architecture="static" if is_static else str(config.get("model_type", "")) if isinstance(config, dict) else "",
        size_bytes=sum(path.stat().st_size for path in _files(folder)),
        precision=summaries[0].precision,
        max_word_pieces=longest,
        parameters=sum(summary.parameters for summary in summaries),
        dimensions=_widened(folder, summaries[0].columns if is_static else _number(config, "hidden_size")),
        weights=weights,
    )


def declared_dimensions(folder: Path) -> tuple[int, ...]:
    """The lengths to which the (checked) model's vectors may be cut (Matryoshka), ascending; empty where it names none.

    Where its configuration is silent, its description counts: sentence-transformers writes there what it trained with.

    Raises ModelDamagedError, ModelUnreadableError.
    """
    found: set[int] = set()
    for path in (_model_folder(folder) / "config.json", folder / "config_sentence_transformers.json"):
        content = _json_if_there(path)
        for key in ("matryoshka_dimensions", "matryoshka_dims"):
            listed = content.get(key) if isinstance(content, dict) else None
            if isinstance(listed, list):
                found.update(number for number in listed if type(number) is int and number > 0)
    return tuple(sorted(found or _dimensions_of_card(folder / _MODEL_CARD)))


def names_of(folder: Path) -> tuple[str, ...]:
    """What the (checked) model may be called: its folders' names, which a download keeps, and what it calls itself."""
    config = _json_if_there(_model_folder(folder) / "config.json")
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


def _existing(path: Path) -> Path:
    if path.is_file():
        return path
    raise ModelDamagedError(
        "The search model's folder has no weights.",
        f"{path.name} is missing; other formats are refused because they can carry code.",
        "Get the model with its safetensors file.",
    )


def _kind(module: Any) -> str:
    return str(module.get("type", "")).rpartition(".")[2] if isinstance(module, dict) else ""


def _place(module: Any) -> str:
    return str(module.get("path") or "") if isinstance(module, dict) else ""


def _lies_inside(folder: Path, module: Any) -> bool:
    root = folder.resolve()
    return (root / _place(module)).resolve().is_relative_to(root)


def _is_static(folder: Path) -> bool:
    modules = _modules(folder)
    return bool(modules) and _kind(modules[0]) == STATIC


def _model_folder(folder: Path) -> Path:
    """Where the first module lies: the folder itself, with older ones a folder in it."""
    modules = _modules(folder)
    return folder / _place(modules[0]) if modules else folder


def _widened(folder: Path, dimensions: int) -> int:
    """How long vectors are after the last layer that changes it."""
    for module in _modules(folder):
        if _kind(module) == "Dense":
            dimensions = _number(_json_if_there(folder / _place(module) / "config.json"), "out_features") or dimensions
    return dimensions


def _dimensions_of_card(path: Path) -> set[int]:
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            listed = _CARD_DIMENSIONS.findall(file.read(_MOST_OF_A_CARD))
    except OSError:
        return set()
    return {int(number) for each in listed for number in each.split(",") if 0 < len(number.strip()) <= 6}


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


def _json_if_there(path: Path) -> Any:
    return _json(path) if path.is_file() else {}


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


class _Summary(msgspec.Struct, frozen=True):
    """Number of weights, type of most of them, and the length of the rows of the largest table."""

    parameters: int
    precision: str
    columns: int


def _safetensors_summary(path: Path) -> _Summary:
    """From the file's header; the data must end where the file ends."""
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
    end = largest = columns = 0
    try:
        for name, tensor in header.items():
            if name == "__metadata__":
                continue
            number = 1
            for dimension in tensor["shape"]:
                number *= int(dimension)
            counts[tensor["dtype"]] = counts.get(tensor["dtype"], 0) + number
            if number > largest:
                largest, columns = number, int(tensor["shape"][-1]) if tensor["shape"] else 0
            end = max(end, int(tensor["data_offsets"][1]))
    except (AttributeError, KeyError, TypeError, ValueError, IndexError):
        raise _damaged(path) from None
    if 8 + length + end != size:
        raise _damaged(path)
    most = max(counts, key=lambda name: counts[name], default="")
    return _Summary(sum(counts.values()), _FLOAT_NAMES.get(most, most.lower()), columns)


def _number(content: Any, key: str) -> int:
    value = content.get(key) if isinstance(content, dict) else None
    return value if isinstance(value, int) and value > 0 else 0


def _damaged(path: Path) -> ModelDamagedError:
    return ModelDamagedError(
        "The search model is damaged.", f"{path.name} is not what it should be.", "Copy the model's folder again."
    )


def _can_carry_code(folder: Path, names: list[str]) -> ModelUnsafeError:
    """A whole repository often has pickles beside the safetensors file, which nobody needs."""
    first = next((name for name in names if "/" not in name), names[0])
    named = first if len(names) == 1 else f"{first} and {len(names) - 1} more"
    why = f"{named} can carry code that runs when it is loaded."
    spare = all(Path(name).suffix.lower() in _OTHER_WEIGHTS for name in names)
    if spare and (folder / _WEIGHTS).is_file():
        return ModelUnsafeError(
            f"The folder “{folder.name}” is refused.",
            why,
            "Take every such file out of a copy of the folder: model.safetensors is enough.",
        )
    return _unsafe(folder, why)


def _looks_like_model(folder: Path) -> bool:
    return any(os.path.isfile(folder / name) for name in _SIGNS)


def _no_model(folder: Path) -> ModelUnreadableError:
    """It is another folder altogether, perhaps the one that the model's lies in."""
    inside = next((path.name for path in sorted(folder.iterdir()) if path.is_dir() and _looks_like_model(path)), "")
    return ModelUnreadableError(
        f"The folder “{folder.name}” is no search model.",
        "A sentence-transformers model has config.json and model.safetensors.",
        f"Choose the folder “{inside}” inside it." if inside else "Choose the folder that holds these files.",
    )


def _unsafe(folder: Path, why: str) -> ModelUnsafeError:
    return ModelUnsafeError(
        f"The folder “{folder.name}” is refused.", why, "Choose a model that comes as safetensors, without code."
    )
