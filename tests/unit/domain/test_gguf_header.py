"""The header reader: right files are described, everything else is refused with our own errors, quickly."""

from __future__ import annotations

import os
import struct
import time
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from desktop_app.domain.errors import ModelDamagedError, ModelError, ModelMissingError, ModelUnreadableError
from desktop_app.domain.gguf_header import ArraySummary, read_gguf_header
from tests.fakes.gguf_writer import ARRAY, METADATA, STRING, UINT32, gguf, tensor, text


def write(folder: Path, data: bytes) -> Path:
    path = folder / "model.gguf"
    path.write_bytes(data)
    return path


def with_entry(key: str, item: object) -> bytes:
    return gguf({**METADATA, key: item})


def test_describes_a_right_file(tmp_path: Path) -> None:
    header = read_gguf_header(write(tmp_path, gguf()))
    assert (header.version, header.architecture, header.name, header.quantization) == (3, "llama", "Tiny", "Q4_1")
    assert (header.trained_context, header.n_layers, header.n_head_kv) == (2048, 2, 2)
    assert (header.head_dim_k, header.head_dim_v, header.vocabulary_size) == (16, 16, 3)
    assert header.sampling == {"temperature": 0.5, "top_k": 12}
    assert header.chat_template == "{{ messages[0]['content'] }}"
    assert header.tensor_bytes == 42 * 4
    assert header.parameter_count == 42
    assert header.sliding_window == 0
    assert header.n_head_kv_by_layer == (2, 2)


def test_quantization_by_weight_where_the_file_does_not_say(tmp_path: Path) -> None:
    metadata = {key: item for key, item in METADATA.items() if key != "general.file_type"}
    header = read_gguf_header(write(tmp_path, gguf(metadata)))
    assert header.quantization == "F32"


def test_long_arrays_are_skipped_and_counted(tmp_path: Path) -> None:
    tokens = [f"token{number}" for number in range(5000)]
    metadata = {**METADATA, "tokenizer.ggml.tokens": tokens, "tokenizer.ggml.token_type": [1] * 5000}
    header = read_gguf_header(write(tmp_path, gguf(metadata)))
    assert header.metadata["tokenizer.ggml.tokens"] == ArraySummary(STRING, 5000)
    assert header.vocabulary_size == 5000


def test_fingerprint_changes_with_header_and_size_only(tmp_path: Path) -> None:
    first = read_gguf_header(write(tmp_path, gguf())).fingerprint
    assert read_gguf_header(write(tmp_path, gguf()[:-1] + b"\7")).fingerprint == first
    assert read_gguf_header(write(tmp_path, gguf() + b"\0")).fingerprint != first
    assert read_gguf_header(write(tmp_path, with_entry("general.name", "Tiny2"))).fingerprint != first


HOSTILE = {
    "empty": b"",
    "only magic": b"GGUF",
    "version 1": gguf(version=1),
    "version 4": gguf(version=4),
    "other byte order": gguf(version=0x03000000),
    "too many entries": gguf(n_entries=65_537),
    "entries beyond the file": gguf(n_entries=60_000),
    "too many tensors": gguf(n_tensors=2**63),
    "long key": gguf({"k" * 65_537: 1, **METADATA}),
    "nameless entry": gguf({"": 1, **METADATA}),
    "gibibyte string": with_entry("x", struct.pack("<IQ", STRING, 2**30)),
    "string beyond the file": with_entry("x", struct.pack("<IQ", STRING, 10_000)),
    "key not UTF-8": gguf().replace(b"general.name", b"general.\xff\xfe\xfa\xfb"),
    "nested arrays": with_entry("x", struct.pack("<IIQ", ARRAY, ARRAY, 1)),
    "array beyond the file": with_entry("x", struct.pack("<IIQ", ARRAY, UINT32, 2**60)),
    "strings beyond the file": with_entry("x", struct.pack("<IIQ", ARRAY, STRING, 2**50)),
    "unknown value type": with_entry("x", struct.pack("<II", 13, 0)),
    "unknown element type": with_entry("x", struct.pack("<IIQ", ARRAY, 99, 1)),
    "neither true nor false": with_entry("x", struct.pack("<IB", 7, 2)),
    "alignment zero": with_entry("general.alignment", 0),
    "alignment no power of two": with_entry("general.alignment", 48),
    "alignment too large": with_entry("general.alignment", 8192),
    "alignment is text": with_entry("general.alignment", "32"),
    "no dimensions": gguf(tensors=[tensor("a", (), 0, 0)]),
    "five dimensions": gguf(tensors=[tensor("a", (1,) * 5, 0, 0)]),
    "dimension zero": gguf(tensors=[tensor("a", (0, 4), 0, 0)]),
    "product overflows": gguf(tensors=[tensor("a", (2**32, 2**32, 2**32), 0, 0)]),
    "unknown tensor type": gguf(tensors=[tensor("a", (32,), 4, 0)]),
    "row no multiple of the block": gguf(tensors=[tensor("a", (31,), 2, 0)]),
    "offset beyond the file": gguf(tensors=[tensor("a", (32,), 0, 2**40)]),
    "tensors overlap": gguf(tensors=[tensor("a", (32,), 0, 0), tensor("b", (10,), 0, 96)]),
    "tensor twice": gguf(tensors=[tensor("a", (32,), 0, 0), tensor("a", (10,), 0, 128)]),
    "long tensor name": gguf(tensors=[tensor("a" * 64, (32,), 0, 0)]),
    "last byte missing": gguf()[:-1],
    "far too long": gguf() + b"\0" * 5000,
    "no architecture": gguf({"general.name": "x"}),
    "no heads": with_entry("llama.attention.head_count", 0),
    "width zero": with_entry("llama.embedding_length", 0),
    "types for fewer tokens": with_entry("tokenizer.ggml.token_type", [1, 1]),
    "scores for more tokens": with_entry("tokenizer.ggml.scores", [0.5] * 9),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_refuses(case: str, tmp_path: Path) -> None:
    with pytest.raises(ModelDamagedError) as caught:
        read_gguf_header(write(tmp_path, HOSTILE[case]))
    assert caught.value.what
    assert caught.value.todo


@pytest.mark.parametrize("architecture", ["mamba", "mamba2", "rwkv7"])
def test_models_without_attention_have_no_heads(architecture: str, tmp_path: Path) -> None:
    entries = {key.replace("llama.", f"{architecture}."): item for key, item in METADATA.items()}
    entries |= {"general.architecture": architecture, f"{architecture}.attention.head_count": 0}
    del entries[f"{architecture}.attention.head_count_kv"]
    header = read_gguf_header(write(tmp_path, gguf(entries)))
    assert (header.n_head, header.head_dim_k, set(header.n_head_kv_by_layer)) == (0, 0, {0})


def test_duplicate_key_is_refused(tmp_path: Path) -> None:
    entry = text("general.name") + struct.pack("<I", STRING) + text("twin")
    data = gguf(n_entries=len(METADATA) + 1)
    start = data.index(text("a.weight"))
    with pytest.raises(ModelDamagedError, match="twice"):
        read_gguf_header(write(tmp_path, data[:start] + entry + data[start:]))


def test_says_when_it_is_no_gguf_file(tmp_path: Path) -> None:
    with pytest.raises(ModelDamagedError, match="not a GGUF"):
        read_gguf_header(write(tmp_path, b"PK\3\4" + b"x" * 100))


def test_missing_folder_and_forbidden_files(tmp_path: Path) -> None:
    with pytest.raises(ModelMissingError):
        read_gguf_header(tmp_path / "nowhere.gguf")
    with pytest.raises(ModelUnreadableError):
        read_gguf_header(tmp_path)
    with pytest.raises(ModelUnreadableError):
        read_gguf_header(Path("a\0b"))


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_unreadable_file(tmp_path: Path) -> None:
    path = write(tmp_path, gguf())
    path.chmod(0)
    with pytest.raises(ModelUnreadableError):
        read_gguf_header(path)


RIGHT = gguf()


@pytest.mark.parametrize("length", range(0, len(RIGHT), 7))
def test_every_truncation_is_refused(length: int, tmp_path: Path) -> None:
    with pytest.raises(ModelDamagedError):
        read_gguf_header(write(tmp_path, RIGHT[:length]))


@settings(max_examples=300, deadline=1000, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(flips=st.lists(st.tuples(st.integers(0, len(RIGHT) - 1), st.integers(1, 255)), min_size=1, max_size=4))
def test_flipped_bytes_never_raise_anything_else(flips: list[tuple[int, int]], tmp_path: Path) -> None:
    data = bytearray(RIGHT)
    for position, change in flips:
        data[position] ^= change
    try:
        header = read_gguf_header(write(tmp_path, bytes(data)))
        repr((header.sampling, header.n_head_kv_by_layer, header.quantization, header.vocabulary_size))
        assert header.head_dim_k >= 0
    except ModelError:
        pass


@settings(max_examples=200, deadline=1000, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(tail=st.binary(max_size=400))
def test_noise_behind_the_magic_never_raises_anything_else(tail: bytes, tmp_path: Path) -> None:
    with pytest.raises(ModelDamagedError):
        read_gguf_header(write(tmp_path, b"GGUF\3\0\0\0" + tail))


def test_a_hostile_file_costs_under_a_second_and_200_mb(tmp_path: Path) -> None:
    """As many empty strings as 40 MB can hold, which is more than the reader will walk through."""
    count = 5_000_000
    data = gguf({**METADATA, "x": struct.pack("<IIQ", ARRAY, STRING, count) + b"\0" * (8 * count)})
    path = write(tmp_path, data)
    began = time.thread_time()
    tracemalloc.start()
    with pytest.raises(ModelDamagedError):
        read_gguf_header(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert time.thread_time() - began < 1.0
    assert peak < 200 * 1024 * 1024
