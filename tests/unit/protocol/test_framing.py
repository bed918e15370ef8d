"""Frames and strict decoding."""

from __future__ import annotations

import io
import struct

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_app.protocol.framing import (
    MAX_FRAME_BYTES,
    CutOffError,
    FramingError,
    MessageCodec,
    pack_frame,
    read_frame,
)
from desktop_app.protocol.messages import (
    DecoderFromHost,
    DecoderFromWorker,
    DecoderLoading,
    Generate,
    Heartbeat,
    Sampling,
    Tokens,
    Turn,
    WorkerHello,
)

SAMPLING = Sampling(0.2, 40, 0.9, 0.05, 1.0, 1.1, 0.0, 0.0, 64, 7)


@given(st.lists(st.binary(max_size=200)))
def test_frames_come_out_as_they_went_in(payloads: list[bytes]) -> None:
    stream = io.BytesIO(b"".join(map(pack_frame, payloads)))
    assert [read_frame(stream) for _ in payloads] == payloads
    assert read_frame(stream) is None


@pytest.mark.parametrize("cut", range(1, 9))
def test_a_cut_off_frame_is_an_error_of_its_own(cut: int) -> None:
    whole = pack_frame(b"hello")
    with pytest.raises(CutOffError):
        read_frame(io.BytesIO(whole[:cut]))


def test_a_length_over_the_cap_is_refused_before_reading() -> None:
    class Endless(io.RawIOBase):
        asked = 0

        def read(self, size: int = -1) -> bytes:
            self.asked = max(self.asked, size)
            return struct.pack("<I", MAX_FRAME_BYTES + 1)[:size].ljust(size, b"x")

    source = Endless()
    with pytest.raises(FramingError) as caught:
        read_frame(source)
    assert not isinstance(caught.value, CutOffError)
    assert source.asked == 4


def test_an_over_long_message_is_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("desktop_app.protocol.framing.MAX_FRAME_BYTES", 10)
    with pytest.raises(FramingError):
        pack_frame(b"x" * 11)


def round_trip(message: object, incoming: object) -> object:
    codec = MessageCodec(incoming)
    payload = read_frame(io.BytesIO(codec.encode(message)))  # type: ignore[arg-type]
    assert payload is not None
    return codec.decode(payload)


def test_messages_survive_the_trip() -> None:
    generate = Generate(1, (Turn("user", "hé\0🙂"), Turn("assistant", "x", (1, 2))), SAMPLING, 9, ("\n",), False, True)
    assert round_trip(generate, DecoderFromHost) == generate
    tokens = Tokens(3, "a", (1, 5))
    assert round_trip(tokens, DecoderFromWorker) == tokens


WRONG = {
    "noise": b"\xc1\xff\x00",
    "empty": b"",
    "no map": msgspec.msgpack.encode([1, 2]),
    "no type": msgspec.msgpack.encode({"request_id": 1}),
    "unknown type": msgspec.msgpack.encode({"type": "Exec", "command": "ls"}),
    "unknown field": msgspec.msgpack.encode({"type": "Tokens", "request_id": 1, "text": "", "token_ids": [], "x": 1}),
    "missing field": msgspec.msgpack.encode({"type": "Tokens", "request_id": 1, "text": ""}),
    "wrong type": msgspec.msgpack.encode({"type": "Tokens", "request_id": "1", "text": "", "token_ids": []}),
    "id zero": msgspec.msgpack.encode({"type": "Tokens", "request_id": 0, "text": "", "token_ids": []}),
    "negative count": msgspec.msgpack.encode(
        {"type": "Heartbeat", "phase": "x", "done": -1, "total": 0, "resident_bytes": 0}
    ),
    "fraction above one": msgspec.msgpack.encode({"type": "DecoderLoading", "request_id": 1, "fraction": 1.5}),
    "long phase": msgspec.msgpack.encode(
        {"type": "Heartbeat", "phase": "x" * 33, "done": 0, "total": 0, "resident_bytes": 0}
    ),
    "trailing bytes": msgspec.msgpack.encode(Heartbeat("x", 0, 0, 0)) + b"\0",
    "a host's message": msgspec.msgpack.encode(Generate(1, (), SAMPLING, 1, (), False, True)),
    "deep nesting": b"\x91" * 100_000,
}


@pytest.mark.parametrize("case", WRONG)
def test_strict_decoding_refuses(case: str) -> None:
    with pytest.raises(FramingError):
        MessageCodec(DecoderFromWorker).decode(WRONG[case])


def test_the_hello_carries_a_version() -> None:
    assert isinstance(round_trip(WorkerHello(1, "decoder", 5), DecoderFromWorker), WorkerHello)
    assert isinstance(round_trip(DecoderLoading(1, 0.5), DecoderFromWorker), DecoderLoading)


@given(st.binary(max_size=300))
def test_noise_never_raises_anything_else(payload: bytes) -> None:
    with pytest.raises(FramingError):
        MessageCodec(DecoderFromWorker).decode(payload)
