"""What a decoder hesitated between at each token of an answer, in 32 bytes a token."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence

import msgspec

LIKELIEST = 5
"""How many of the likeliest tokens are kept for each place."""

_RECORD = struct.Struct(f"<H{LIKELIEST}I{LIKELIEST}H")
RECORD_BYTES = _RECORD.size
UNKNOWN = bytes(RECORD_BYTES)
"""The record of a token of which nothing is known."""

_ONE = 65_535
_LEAST = 66  # a thousandth: what is never looked at costs nothing once compressed
_MOST_BYTES = 64 * 1024 * 1024


class TokenChoice(msgspec.Struct, frozen=True):
    """One place of an answer.

    Attributes:
        probability: of the token that was chosen, 0.0 to 1.0, by the model alone (before any sampler).
        likeliest: (token id, probability), likeliest first; the chosen one need not be among them.
    """

    probability: float
    likeliest: tuple[tuple[int, float], ...]


class LikelyToken(msgspec.Struct, frozen=True):
    """One of the likeliest at a place. `text` is empty for what ends the answer."""

    token_id: int
    text: str
    probability: float
    chosen: bool


class TokenPlace(msgspec.Struct, frozen=True):
    """One token of the answer.

    Attributes:
        position: how many tokens stand before it.
        text: what it added; empty where a character goes on in the next token.
        probability: by the model alone, 0.0 to 1.0; None where it was not kept.
        likeliest: likeliest first; empty where they were not kept.
    """

    position: int
    text: str
    probability: float | None
    likeliest: tuple[LikelyToken, ...]


def pack_choice(probability: float, token_ids: Sequence[int], probabilities: Sequence[float]) -> bytes:
    """The record of one place; takes exactly LIKELIEST tokens. Those below a thousandth are left out of it."""
    shares = [share if share >= _LEAST else 0 for share in map(_share, probabilities)]
    ids = [token if share else 0 for token, share in zip(token_ids, shares, strict=True)]
    return _RECORD.pack(_share(probability), *ids, *shares)


def unpack_choices(records: bytes) -> list[TokenChoice | None]:
    """All places in order; None where nothing is known. What is left of a cut record does not count."""
    found: list[TokenChoice | None] = []
    for values in _RECORD.iter_unpack(records[: len(records) - len(records) % RECORD_BYTES]):
        shares = values[1 + LIKELIEST :]
        if not any(shares):
            found.append(None)
            continue
        likeliest = tuple((values[1 + n], shares[n] / _ONE) for n in range(LIKELIEST) if shares[n])
        found.append(TokenChoice(values[0] / _ONE, likeliest))
    return found


def fitted(records: bytes, tokens: int) -> bytes:
    """Exactly as many records as there are tokens: cut, or filled up with unknown ones."""
    whole = records[: min(len(records) // RECORD_BYTES, tokens) * RECORD_BYTES]
    return whole + UNKNOWN * (tokens - len(whole) // RECORD_BYTES)


def choosing(record: bytes, token_id: int) -> bytes:
    """The record of the same place where `token_id`, one of the likeliest, was chosen instead."""
    (choice,) = unpack_choices(record) or [None]
    if choice is None:
        return UNKNOWN
    probability = dict(choice.likeliest).get(token_id, 0.0)
    return struct.pack("<H", _share(probability)) + record[2:RECORD_BYTES]


def compressed(records: bytes) -> bytes | None:
    """As the store keeps them; None where nothing is known."""
    return zlib.compress(records) if records.strip(b"\0") else None


def decompressed(blob: bytes | None) -> bytes:
    """The records; none where the store has none, or only what cannot be read."""
    if not blob:
        return b""
    try:
        return zlib.decompressobj().decompress(blob, _MOST_BYTES)
    except zlib.error:
        return b""


def _share(probability: float) -> int:
    return max(0, min(_ONE, round(probability * _ONE)))
