"""Writes small GGUF files for tests, right ones and wrong ones."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence

STRING, ARRAY, UINT32, FLOAT32, BOOL = 8, 9, 4, 6, 7


def text(value: str | bytes) -> bytes:
    """A GGUF string."""
    data = value.encode() if isinstance(value, str) else value
    return struct.pack("<Q", len(data)) + data


def value(item: object) -> bytes:
    """Type number and bytes of a metadata value."""
    if isinstance(item, bool):
        return struct.pack("<IB", BOOL, item)
    if isinstance(item, int):
        return struct.pack("<II", UINT32, item)
    if isinstance(item, float):
        return struct.pack("<If", FLOAT32, item)
    if isinstance(item, str):
        return struct.pack("<I", STRING) + text(item)
    if isinstance(item, bytes):
        return item
    if isinstance(item, list):
        kind = STRING if isinstance(item[0], str) else FLOAT32 if isinstance(item[0], float) else UINT32
        body = b"".join(value(entry)[4:] for entry in item)
        return struct.pack("<IIQ", ARRAY, kind, len(item)) + body
    raise TypeError(item)


def tensor(name: str, shape: Sequence[int], type_number: int, offset: int) -> bytes:
    """A tensor info."""
    return (
        text(name)
        + struct.pack("<I", len(shape))
        + struct.pack(f"<{len(shape)}Q", *shape)
        + struct.pack("<IQ", type_number, offset)
    )


METADATA: Mapping[str, object] = {
    "general.architecture": "llama",
    "general.name": "Tiny",
    "general.file_type": 3,
    "general.sampling.temp": 0.5,
    "general.sampling.top_k": 12,
    "llama.context_length": 2048,
    "llama.block_count": 2,
    "llama.embedding_length": 64,
    "llama.attention.head_count": 4,
    "llama.attention.head_count_kv": 2,
    "tokenizer.ggml.tokens": ["a", "b", "c"],
    "tokenizer.ggml.token_type": [1, 1, 3],
    "tokenizer.chat_template": "{{ messages[0]['content'] }}",
}


def gguf(
    metadata: Mapping[str, object] = METADATA,
    tensors: Sequence[bytes] | None = None,
    *,
    version: int = 3,
    n_tensors: int | None = None,
    n_entries: int | None = None,
    data_bytes: int = 128 + 40,
    magic: bytes = b"GGUF",
) -> bytes:
    """A whole file: by default two F32 tensors of 32 weights and 10 weights."""
    infos = [tensor("a.weight", (32,), 0, 0), tensor("b.weight", (5, 2), 0, 128)] if tensors is None else tensors
    header = magic + struct.pack(
        "<IQQ",
        version,
        len(infos) if n_tensors is None else n_tensors,
        len(metadata) if n_entries is None else n_entries,
    )
    for key, item in metadata.items():
        header += text(key) + value(item)
    header += b"".join(infos)
    return header + b"\0" * (-len(header) % 32) + b"\1" * data_bytes
