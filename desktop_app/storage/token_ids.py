"""Token ids as the store keeps them: unsigned 32-bit, little-endian."""

from __future__ import annotations

import sys
from array import array
from collections.abc import Sequence


def packed(token_ids: Sequence[int]) -> bytes:
    """The ids as bytes. Raises OverflowError for one that 32 bits do not hold."""
    ids = array("I", token_ids)
    if sys.byteorder == "big":
        ids.byteswap()
    return ids.tobytes()


def unpacked(blob: bytes | None) -> tuple[int, ...] | None:
    """The ids in the bytes; what is left over of a damaged row is passed over."""
    if blob is None:
        return None
    ids = array("I")
    ids.frombytes(blob[: len(blob) - len(blob) % ids.itemsize])
    if sys.byteorder == "big":
        ids.byteswap()
    return tuple(ids)
