"""Reads the header of a GGUF model file, trusting nothing in it.

llama.cpp's own reader has had out-of-bounds writes, so no file reaches it that this one refuses. Everything the file
claims is compared with what is there before memory or time is spent on it. Format: ggml/docs/gguf.md, versions 2 and 3.
"""

from __future__ import annotations

import hashlib
import math
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import BinaryIO

import msgspec

from desktop_app.domain.errors import ModelDamagedError, ModelMissingError, ModelUnreadableError
from desktop_app.domain.gguf_types import (
    ARRAY,
    BOOL,
    FILE_TYPES,
    SAMPLING_KEYS,
    SCALAR_FORMATS,
    STRING,
    TENSOR_TYPES,
)
from desktop_app.domain.sampling import SamplingValue
from desktop_app.domain.sampling_lists import order_from_llama_cpp

MAX_ENTRIES = 65_536
MAX_KEY_BYTES = 64 * 1024
MAX_STRING_BYTES = 16 * 1024 * 1024
MAX_HEADER_BYTES = 64 * 1024 * 1024
MAX_STRINGS = 3_000_000
MAX_ALIGNMENT = 4096
MAX_TENSOR_NAME_BYTES = 63
MAX_TRAILING_BYTES = 4096
_KEPT_ARRAY_LENGTH = 1024
_WITHOUT_ATTENTION = frozenset(("mamba", "mamba2", "rwkv6", "rwkv6qwen2", "rwkv7", "arwkv7"))
"""Architectures that are recurrent throughout: llama.cpp's converter writes 0 for their attention heads."""
_WHOLE_NUMBERS = ("top_k", "penalty_last_n", "mirostat")
_CHUNK_BYTES = 1024 * 1024


class ArraySummary(msgspec.Struct, frozen=True):
    """Stands for an array too long to keep: value type of its elements (GGUF number) and their count."""

    element_type: int
    length: int


Scalar = str | int | float | bool
Value = Scalar | tuple[Scalar, ...] | ArraySummary


class GgufTensor(msgspec.Struct, frozen=True):
    """One tensor: shape (innermost dimension first), ggml type, place relative to the data section, size in bytes."""

    name: str
    shape: tuple[int, ...]
    type_name: str
    offset: int
    size_bytes: int

    @property
    def weights(self) -> int:
        """Number of weights."""
        return math.prod(self.shape)


@dataclass(frozen=True)
class GgufHeader:
    """What a model file says about itself.

    Attributes:
        metadata: all key-value pairs; arrays of more than 1,024 elements as ArraySummary.
        data_offset: where the tensor data begins, in bytes.
        fingerprint: sha256 hex of the header bytes and the file size: identifies weights' layout and tokenizer cheaply.
    """

    version: int
    metadata: Mapping[str, Value]
    tensors: tuple[GgufTensor, ...]
    data_offset: int
    file_bytes: int
    fingerprint: str

    @property
    def architecture(self) -> str:
        """`general.architecture`, such as "llama"."""
        return self.text("general.architecture")

    @property
    def name(self) -> str:
        """The model's name, empty where it gives none."""
        return self.text("general.name") or self.text("general.basename")

    @cached_property
    def quantization(self) -> str:
        """The file's quantization, such as "Q4_K_M"; by the type most weights have where the file does not say."""
        declared = FILE_TYPES.get(self.number("general.file_type", -1))
        if declared is not None:
            return declared
        weights: dict[str, int] = {}
        for tensor in self.tensors:
            weights[tensor.type_name] = weights.get(tensor.type_name, 0) + tensor.weights
        return max(weights, key=lambda name: weights[name]) if weights else ""

    @property
    def trained_context(self) -> int:
        """Tokens the model was trained for, 0 where unknown."""
        return self.number(f"{self.architecture}.context_length", 0)

    @property
    def chat_template(self) -> str | None:
        """The Jinja source of the chat template, None for a base model."""
        return self.text("tokenizer.chat_template") or None

    @cached_property
    def sampling(self) -> Mapping[str, SamplingValue]:
        """The file's own sampling values by the names of domain.sampling; finite numbers, and known samplers' order."""
        found: dict[str, SamplingValue] = {}
        for key, name in SAMPLING_KEYS.items():
            value = self.metadata.get(f"general.sampling.{key}")
            if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
                found[name] = int(value) if name in _WHOLE_NUMBERS else float(value)
        order = order_from_llama_cpp(self.text("general.sampling.sequence"))
        if order:
            found["order"] = order
        return found

    @cached_property
    def tensor_bytes(self) -> int:
        """Size of all tensors in bytes."""
        return sum(tensor.size_bytes for tensor in self.tensors)

    @cached_property
    def parameter_count(self) -> int:
        """Number of weights."""
        return sum(tensor.weights for tensor in self.tensors)

    @property
    def n_layers(self) -> int:
        """Number of blocks."""
        return self.number(f"{self.architecture}.block_count", 0)

    @property
    def n_embd(self) -> int:
        """Width of the model."""
        return self.number(f"{self.architecture}.embedding_length", 0)

    @property
    def n_head(self) -> int:
        """Attention heads (the most of any layer)."""
        return self.number(f"{self.architecture}.attention.head_count", 0)

    @property
    def n_head_kv(self) -> int:
        """Key-value heads (the most of any layer)."""
        return self.number(f"{self.architecture}.attention.head_count_kv", self.n_head)

    @property
    def n_head_kv_by_layer(self) -> tuple[int, ...]:
        """Key-value heads of each layer; zero for layers without attention."""
        value = self.metadata.get(f"{self.architecture}.attention.head_count_kv")
        if isinstance(value, tuple) and len(value) == self.n_layers:
            return tuple(int(heads) if isinstance(heads, int) else 0 for heads in value)
        return (self.n_head_kv,) * min(self.n_layers, MAX_ENTRIES)

    @property
    def head_dim_k(self) -> int:
        """Size of one key head."""
        return self.number(
            f"{self.architecture}.attention.key_length", self.n_embd // self.n_head if self.n_head else 0
        )

    @property
    def head_dim_v(self) -> int:
        """Size of one value head."""
        return self.number(
            f"{self.architecture}.attention.value_length", self.n_embd // self.n_head if self.n_head else 0
        )

    @property
    def sliding_window(self) -> int:
        """Tokens a sliding-window layer looks back, 0 where the model has none."""
        return self.number(f"{self.architecture}.attention.sliding_window", 0)

    @property
    def vocabulary_size(self) -> int:
        """Number of tokens the tokenizer knows."""
        return _length_of(self.metadata.get("tokenizer.ggml.tokens")) or self.number(
            f"{self.architecture}.vocab_size", 0
        )

    @property
    def split_count(self) -> int:
        """Number of files the model is split into; 1 for a whole one."""
        return max(1, self.number("split.count", 1))

    def text(self, key: str) -> str:
        """A string value, empty where missing or of another type."""
        value = self.metadata.get(key)
        return value if isinstance(value, str) else ""

    def number(self, key: str, default: int) -> int:
        """A whole number, the largest of an array, or `default`."""
        value = self.metadata.get(key)
        if isinstance(value, tuple):
            value = max((entry for entry in value if isinstance(entry, int)), default=None)
        return value if isinstance(value, int) and not isinstance(value, bool) else default


def read_gguf_header(path: Path) -> GgufHeader:
    """Read and check the header of `path`; takes under a second and 200 MB whatever the file holds.

    Raises ModelMissingError, ModelUnreadableError, ModelDamagedError (not a GGUF file, a damaged header, a wrong
    length), and nothing else.
    """
    try:
        with path.open("rb") as file:
            file_bytes = file.seek(0, 2)
            file.seek(0)
            return _HeaderReader(file, file_bytes, path.name).read()
    except FileNotFoundError as error:
        raise ModelMissingError(
            f"The model file {path.name} is not there.", f"Looked for {path}.", "Choose it again on the Models screen."
        ) from error
    except IsADirectoryError as error:
        raise ModelUnreadableError(f"{path.name} is a folder, not a model file.", "", "Choose a .gguf file.") from error
    except (OSError, ValueError) as error:
        raise ModelUnreadableError(
            f"The model file {path.name} cannot be read.", str(error), "Check its permissions and the disk it lies on."
        ) from error


class _HeaderReader:
    """Walks through a header that is held in memory as far as it was needed."""

    def __init__(self, file: BinaryIO, file_bytes: int, file_name: str) -> None:
        self._file = file
        self._file_bytes = file_bytes
        self._name = file_name
        self._buffer = bytearray()
        self._position = 0
        self._strings = 0

    def read(self) -> GgufHeader:
        """The whole header, checked."""
        version, n_tensors, n_entries = self._read_start()
        metadata = self._read_metadata(n_entries)
        alignment = self._alignment(metadata)
        infos = [self._read_tensor_info() for _ in range(n_tensors)]
        data_offset = _padded(self._position, alignment)
        tensors = self._place(infos, data_offset, alignment)
        self._check_model(metadata)
        digest = hashlib.sha256(memoryview(self._buffer)[: self._position])
        digest.update(struct.pack("<Q", self._file_bytes))
        return GgufHeader(version, metadata, tensors, data_offset, self._file_bytes, digest.hexdigest())

    def _read_start(self) -> tuple[int, int, int]:
        if self._file_bytes == 0:
            raise self._damaged("The file is empty.")
        if self._file_bytes < 24:
            raise self._damaged("It is far too short.")
        if self._take(4) != b"GGUF":
            raise ModelDamagedError(
                f"{self._name} is not a GGUF model file.", "", "Choose a file that ends in .gguf, made for llama.cpp."
            )
        version = self._unsigned("<I")
        if version not in (2, 3):
            if version in (0x02000000, 0x03000000):
                raise self._damaged("It was made for computers with the other byte order.")
            raise self._damaged(f"Its format version {version} is not known here (2 and 3 are).")
        n_tensors, n_entries = self._unsigned("<Q"), self._unsigned("<Q")
        if n_tensors > MAX_ENTRIES or n_entries > MAX_ENTRIES:
            raise self._damaged(f"It claims {n_entries:,} entries and {n_tensors:,} tensors.")
        return version, n_tensors, n_entries

    def _read_metadata(self, n_entries: int) -> dict[str, Value]:
        metadata: dict[str, Value] = {}
        for _ in range(n_entries):
            key = self._text(MAX_KEY_BYTES, "a key")
            if not key or key in metadata:
                raise self._damaged("An entry has no name." if not key else f"The entry {key[:80]!r} stands twice.")
            metadata[key] = self._read_value(self._unsigned("<I"), key)
        return metadata

    def _read_value(self, value_type: int, key: str) -> Value:
        if value_type == ARRAY:
            return self._read_array(key)
        return self._read_scalar(value_type, key)

    def _read_scalar(self, value_type: int, key: str) -> Scalar:
        if value_type == STRING:
            self._count_strings(1)
            return self._bytes(MAX_STRING_BYTES, f"the entry {key[:80]!r}").decode("utf-8", "replace")
        layout = SCALAR_FORMATS.get(value_type)
        if layout is None:
            raise self._damaged(f"The entry {key[:80]!r} has the unknown type {value_type}.")
        value: int | float = struct.unpack(layout, self._take(struct.calcsize(layout)))[0]
        if value_type != BOOL:
            return value
        if value not in (0, 1):
            raise self._damaged(f"The entry {key[:80]!r} is neither true nor false.")
        return bool(value)

    def _read_array(self, key: str) -> Value:
        element_type, length = self._unsigned("<I"), self._unsigned("<Q")
        if element_type == ARRAY:
            raise self._damaged(f"The entry {key[:80]!r} nests lists.")
        layout = SCALAR_FORMATS.get(element_type)
        if layout is None and element_type != STRING:
            raise self._damaged(f"The entry {key[:80]!r} has the unknown type {element_type}.")
        smallest = 8 if layout is None else struct.calcsize(layout)
        if length > self._bytes_left() // smallest:
            raise self._damaged(f"The entry {key[:80]!r} claims {length:,} elements, more than the file holds.")
        if length <= _KEPT_ARRAY_LENGTH:
            return tuple(self._read_scalar(element_type, key) for _ in range(length))
        if layout is None:
            self._skip_strings(length, key)
        else:
            self._need(length * smallest)
            self._position += length * smallest
        return ArraySummary(element_type, length)

    def _skip_strings(self, count: int, key: str) -> None:
        self._count_strings(count)
        unpack = struct.Struct("<Q").unpack_from
        position, buffer = self._position, self._buffer
        limit = len(buffer)
        for _ in range(count):
            if position + 8 > limit:
                limit = self._fill(position + 8)
            (length,) = unpack(buffer, position)
            position += 8 + length
            if position > limit:
                if length > MAX_STRING_BYTES or position > self._file_bytes:
                    raise self._damaged(f"A text in {key[:80]!r} claims {length:,} bytes.")
                limit = self._fill(position)
        self._position = position

    def _count_strings(self, count: int) -> None:
        self._strings += count
        if self._strings > MAX_STRINGS:
            raise self._damaged(f"It holds more than {MAX_STRINGS:,} texts.")

    def _alignment(self, metadata: Mapping[str, Value]) -> int:
        alignment = metadata.get("general.alignment", 32)
        if (
            not isinstance(alignment, int)
            or isinstance(alignment, bool)
            or not 0 < alignment <= MAX_ALIGNMENT
            or alignment & (alignment - 1)
        ):
            raise self._damaged(f"Its alignment {alignment!r} is not a power of two up to {MAX_ALIGNMENT}.")
        return alignment

    def _read_tensor_info(self) -> tuple[str, tuple[int, ...], int, int]:
        name = self._text(MAX_TENSOR_NAME_BYTES, "a tensor's name")
        n_dimensions = self._unsigned("<I")
        if not 1 <= n_dimensions <= 4:
            raise self._damaged(f"The tensor {name!r} has {n_dimensions} dimensions.")
        shape = tuple(self._unsigned("<Q") for _ in range(n_dimensions))
        return name, shape, self._unsigned("<I"), self._unsigned("<Q")

    def _place(
        self, infos: list[tuple[str, tuple[int, ...], int, int]], data_offset: int, alignment: int
    ) -> tuple[GgufTensor, ...]:
        """Check each tensor's size and that they lie one behind the other, as llama.cpp demands, to the file's end."""
        tensors: list[GgufTensor] = []
        names: set[str] = set()
        expected = end = 0
        for name, shape, type_number, offset in infos:
            kind = TENSOR_TYPES.get(type_number)
            if kind is None:
                raise self._damaged(f"The tensor {name!r} has the unknown type {type_number}.")
            if name in names:
                raise self._damaged(f"The tensor {name!r} stands twice.")
            if min(shape) < 1 or shape[0] % kind.block_size:
                raise self._damaged(f"The tensor {name!r} has the impossible shape {shape}.")
            size = math.prod(shape) // kind.block_size * kind.block_bytes
            if offset != expected:
                raise self._damaged(f"The tensor {name!r} does not lie where it should.")
            end = offset + size
            if data_offset + end > self._file_bytes:
                missing = data_offset + end - self._file_bytes
                raise self._damaged(f"The file is cut off: the tensor {name!r} lacks {missing:,} bytes or more.")
            expected = _padded(end, alignment)
            names.add(name)
            tensors.append(GgufTensor(name, shape, kind.name, offset, size))
        if tensors and self._file_bytes - (data_offset + end) > MAX_TRAILING_BYTES:
            raise self._damaged("The file is longer than its header says.")
        return tuple(tensors)

    def _check_model(self, metadata: Mapping[str, Value]) -> None:
        """What llama.cpp divides by, or indexes with, without looking."""
        architecture = metadata.get("general.architecture")
        if not isinstance(architecture, str) or not architecture:
            raise self._damaged("It does not say which architecture it is.")
        for key in ("embedding_length", "block_count", "attention.head_count", "context_length"):
            value = metadata.get(f"{architecture}.{key}")
            if value == 0 and key == "attention.head_count" and architecture in _WITHOUT_ATTENTION:
                continue
            if isinstance(value, int) and not 0 < value < 2**31:
                raise self._damaged(f"Its {key.replace('_', ' ')} is {value}.")
        tokens = _length_of(metadata.get("tokenizer.ggml.tokens"))
        for key in ("scores", "token_type"):
            entry = metadata.get(f"tokenizer.ggml.{key}")
            if entry is not None and _length_of(entry) != tokens:
                raise self._damaged(f"Its tokenizer has {tokens:,} tokens but {_length_of(entry):,} entries of {key}.")

    def _unsigned(self, layout: str) -> int:
        value: int = struct.unpack(layout, self._take(struct.calcsize(layout)))[0]
        return value

    def _text(self, limit: int, what: str) -> str:
        self._count_strings(1)
        try:
            return self._bytes(limit, what).decode()
        except UnicodeDecodeError as error:
            raise self._damaged(f"The text of {what} is not UTF-8.") from error

    def _bytes(self, limit: int, what: str) -> bytes:
        length = self._unsigned("<Q")
        if length > limit or length > self._bytes_left():
            raise self._damaged(f"The text of {what} claims {length:,} bytes.")
        return self._take(length)

    def _take(self, count: int) -> bytes:
        self._need(count)
        start = self._position
        self._position += count
        return bytes(memoryview(self._buffer)[start : self._position])

    def _need(self, count: int) -> None:
        end = self._position + count
        if end > len(self._buffer):
            self._fill(end)

    def _fill(self, end: int) -> int:
        """Read on until `end` is in memory; how much is."""
        if end > self._file_bytes:
            raise self._damaged("The file is cut off within its header.")
        if end > MAX_HEADER_BYTES:
            raise self._damaged(f"Its header is longer than {MAX_HEADER_BYTES >> 20} MiB.")
        while len(self._buffer) < end:
            chunk = self._file.read(max(_CHUNK_BYTES, end - len(self._buffer)))
            if not chunk:
                raise self._damaged("The file is cut off within its header.")
            self._buffer += chunk
        return len(self._buffer)

    def _bytes_left(self) -> int:
        return self._file_bytes - self._position

    def _damaged(self, why: str) -> ModelDamagedError:
        return ModelDamagedError(
            f"The model file {self._name} is damaged.", why, "Get it again from where it came, or choose another model."
        )


def _padded(position: int, alignment: int) -> int:
    return (position + alignment - 1) // alignment * alignment


def _length_of(value: Value | None) -> int:
    if isinstance(value, ArraySummary):
        return value.length
    return len(value) if isinstance(value, tuple) else 0
