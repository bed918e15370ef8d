"""How messages travel over a pipe: four bytes of length (little-endian), then a msgpack map.

Both sides treat the other as untrusted: lengths are capped, maps are decoded strictly into the tagged structs that side
may send, and anything else is a FramingError, upon which the connection is given up.
"""

from __future__ import annotations

import struct
from typing import Any, Protocol

import msgspec

MAX_FRAME_BYTES = 64 * 1024 * 1024
"""Longest payload either side accepts or sends."""

_LENGTH = struct.Struct("<I")


class FramingError(Exception):
    """Bytes that are not a frame, or a frame that is not a message of this protocol."""


class CutOffError(FramingError):
    """The stream ended inside a frame: whoever wrote it is gone, and nothing says that it wrote nonsense."""


class ByteSource(Protocol):
    """What frames are read from: a blocking binary stream whose `read(n)` returns less than n bytes only at its end."""

    def read(self, size: int, /) -> bytes | None: ...


def pack_frame(payload: bytes) -> bytes:
    """`payload` with its length in front. Raises FramingError when it is longer than MAX_FRAME_BYTES."""
    if len(payload) > MAX_FRAME_BYTES:
        raise FramingError(f"a frame of {len(payload)} bytes is over the limit of {MAX_FRAME_BYTES}")
    return _LENGTH.pack(len(payload)) + payload


def read_frame(source: ByteSource) -> bytes | None:
    """The next payload, or None at a clean end. Raises CutOffError for an end inside a frame, FramingError for an
    over-long one.
    """
    header = source.read(_LENGTH.size)
    if not header:
        return None
    if len(header) < _LENGTH.size:
        raise CutOffError("the stream ended inside a frame's length")
    length: int = _LENGTH.unpack(header)[0]
    if length > MAX_FRAME_BYTES:
        raise FramingError(f"a frame claims {length} bytes, the limit is {MAX_FRAME_BYTES}")
    payload = source.read(length) if length else b""
    if payload is None or len(payload) < length:
        raise CutOffError("the stream ended inside a frame")
    return payload


class Message(msgspec.Struct, frozen=True, tag=True, tag_field="type", forbid_unknown_fields=True):
    """Base of every message; the class name is its tag on the wire."""


class MessageCodec:
    """Turns messages into frames and payloads into messages.

    `incoming` is the union of the message classes the other side may send; nothing else is accepted.
    """

    def __init__(self, incoming: Any) -> None:
        self._decoder: msgspec.msgpack.Decoder[Any] = msgspec.msgpack.Decoder(incoming, strict=True)
        self._encoder = msgspec.msgpack.Encoder()

    def encode(self, message: Message) -> bytes:
        """The whole frame for `message`. Raises FramingError when it is too long."""
        return pack_frame(self._encoder.encode(message))

    def decode(self, payload: bytes) -> Message:
        """The message in `payload`. Raises FramingError for anything that is not exactly one."""
        try:
            message = self._decoder.decode(payload)
        except (msgspec.DecodeError, RecursionError) as error:
            raise FramingError(f"not a message of this protocol: {error}") from error
        assert isinstance(message, Message)
        return message
