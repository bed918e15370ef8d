"""Tiny models with random weights whose state cannot be rolled back, with the starter's own tokenizer."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from desktop_app.domain.gguf_types import ARRAY, SCALAR_FORMATS, STRING
from tests.fakes.gguf_writer import tensor, text, value
from tests.fakes.workers import starter_decoder

WIDTH, INNER, STATE, KERNEL, RANK, LAYERS, FEED_FORWARD, HEADS = 32, 64, 16, 4, 4, 2, 64, 2
_F32 = 0
_ALIGNMENT = 32

Weights = dict[str, NDArray[np.float32]]


def write_recurrent_model(path: Path, *, hybrid: bool = False) -> Path:
    """A Mamba, or with `hybrid` a Jamba of one recurrent layer and one of attention.

    It writes nonsense, and the same nonsense for the same prompt.
    """
    tokenizer, vocabulary_size = _tokenizer(starter_decoder())
    architecture = "jamba" if hybrid else "mamba"
    metadata: dict[str, object] = {
        "general.architecture": architecture,
        "general.name": "Tiny hybrid" if hybrid else "Tiny recurrent",
        f"{architecture}.context_length": 1024,
        f"{architecture}.embedding_length": WIDTH,
        f"{architecture}.feed_forward_length": FEED_FORWARD if hybrid else 0,
        f"{architecture}.block_count": LAYERS,
        f"{architecture}.attention.head_count": HEADS if hybrid else 0,
        f"{architecture}.attention.layer_norm_rms_epsilon": 1e-5,
        f"{architecture}.ssm.conv_kernel": KERNEL,
        f"{architecture}.ssm.inner_size": INNER,
        f"{architecture}.ssm.state_size": STATE,
        f"{architecture}.ssm.time_step_rank": RANK,
        f"{architecture}.vocab_size": vocabulary_size,
        **tokenizer,
    }
    if hybrid:
        metadata["jamba.attention.head_count_kv"] = [0, 1]
    _write(path, metadata, _weights(vocabulary_size, hybrid=hybrid))
    return path


def _weights(vocabulary_size: int, *, hybrid: bool) -> Weights:
    """By name, with ggml's first dimension last, as numpy has it."""
    draw = np.random.default_rng(7)

    def random(*shape: int) -> NDArray[np.float32]:
        return (draw.standard_normal(shape) / np.sqrt(shape[-1])).astype(np.float32)

    def ones(*shape: int) -> NDArray[np.float32]:
        return np.ones(shape, np.float32)

    weights = {"token_embd.weight": random(vocabulary_size, WIDTH) * 4, "output_norm.weight": ones(WIDTH)}
    for layer in range(LAYERS):
        own: Weights = {"attn_norm.weight": ones(WIDTH)}
        if hybrid and layer == 1:
            head = WIDTH // HEADS
            own |= {"attn_q.weight": random(WIDTH, WIDTH), "attn_output.weight": random(WIDTH, WIDTH)}
            own |= {"attn_k.weight": random(head, WIDTH), "attn_v.weight": random(head, WIDTH)}
        else:
            own |= {
                "ssm_in.weight": random(2 * INNER, WIDTH),
                "ssm_conv1d.weight": random(INNER, KERNEL),
                "ssm_conv1d.bias": random(INNER),
                "ssm_x.weight": random(RANK + 2 * STATE, INNER),
                "ssm_dt.weight": random(INNER, RANK),
                "ssm_dt.bias": random(INNER),
                "ssm_a": -np.tile(np.arange(1, STATE + 1, dtype=np.float32), (INNER, 1)),
                "ssm_d": ones(INNER),
                "ssm_out.weight": random(WIDTH, INNER),
            }
            if hybrid:
                own |= {"ssm_dt_norm.weight": ones(RANK)}
                own |= {"ssm_b_norm.weight": ones(STATE), "ssm_c_norm.weight": ones(STATE)}
        if hybrid:
            own |= {"ffn_norm.weight": ones(WIDTH), "ffn_gate.weight": random(FEED_FORWARD, WIDTH)}
            own |= {"ffn_up.weight": random(FEED_FORWARD, WIDTH), "ffn_down.weight": random(WIDTH, FEED_FORWARD)}
        weights |= {f"blk.{layer}.{name}": each for name, each in own.items()}
    return weights


def _write(path: Path, metadata: dict[str, object], weights: Weights) -> None:
    infos, data = b"", bytearray()
    for name, each in weights.items():
        infos += tensor(name, each.shape[::-1], _F32, len(data))
        data += each.tobytes()
        data += b"\0" * (-len(data) % _ALIGNMENT)
    header = b"GGUF" + struct.pack("<IQQ", 3, len(weights), len(metadata))
    header += b"".join(text(key) + value(item) for key, item in metadata.items()) + infos
    path.write_bytes(header + b"\0" * (-len(header) % _ALIGNMENT) + data)


def _tokenizer(path: Path) -> tuple[dict[str, object], int]:
    """The tokenizer's values as they stand in the file, and how many tokens it has."""
    with path.open("rb") as file:
        head = file.read(16 * 1024 * 1024)
    (entries,) = struct.unpack_from("<Q", head, 16)
    at, found, size = 24, {}, 0
    for _ in range(entries):
        (length,) = struct.unpack_from("<Q", head, at)
        key = head[at + 8 : at + 8 + length].decode()
        start = at + 8 + length
        at = _after_value(head, start)
        if key.startswith("tokenizer."):
            found[key] = head[start:at]
        if key == "tokenizer.ggml.tokens":
            (size,) = struct.unpack_from("<Q", head, start + 8)
    return dict(found), size


def _after_value(head: bytes, at: int) -> int:
    """Where the value whose type stands at `at` ends."""
    (kind,) = struct.unpack_from("<I", head, at)
    at += 4
    count = 1
    if kind == ARRAY:
        kind, count = struct.unpack_from("<IQ", head, at)
        at += 12
    if kind != STRING:
        return at + count * struct.calcsize(SCALAR_FORMATS[kind])
    for _ in range(count):
        (length,) = struct.unpack_from("<Q", head, at)
        at += 8 + length
    return at
