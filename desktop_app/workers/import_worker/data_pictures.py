"""Pictures that stand in a page itself, as data addresses: `data:image/png;base64,…`."""

from __future__ import annotations

import base64
import binascii
from urllib.parse import unquote_to_bytes

from desktop_app.domain.note_attachments import MOST_BYTES

MOST_TOGETHER = 200 * 1024**2
"""Bytes of all pictures of one page."""
_SUFFIXES = {
    "image/png": "png",
    "image/jpeg": "jpg",
    "image/jpg": "jpg",
    "image/gif": "gif",
    "image/webp": "webp",
    "image/bmp": "bmp",
    "image/svg+xml": "svg",
}


class DataPictures:
    """The pictures of one page, under names that count them; the same picture has one name.

    Attributes:
        found: bytes by name.
    """

    def __init__(self) -> None:
        self.found: dict[str, bytes] = {}
        self._names: dict[bytes, str] = {}
        self._total = 0

    def take(self, address: str) -> str:
        """The name of the picture in a data address; "" where it holds none, or too much."""
        head, comma, written = address.partition(",")
        kind, *parameters = head.removeprefix("data:").split(";")
        suffix = _SUFFIXES.get(kind.strip().lower())
        if not comma or suffix is None or len(written) > 2 * MOST_BYTES:
            return ""
        data = _decoded(written, is_base64="base64" in (one.strip().lower() for one in parameters))
        if not data or len(data) > MOST_BYTES:
            return ""
        if data not in self._names:
            self._total += len(data)
            if self._total > MOST_TOGETHER:
                return ""
            name = f"picture {len(self.found) + 1}.{suffix}"
            self._names[data] = name
            self.found[name] = data
        return self._names[data]


def _decoded(written: str, *, is_base64: bool) -> bytes:
    if not is_base64:
        return unquote_to_bytes(written)
    try:
        return base64.b64decode("".join(written.split()), validate=True)
    except (binascii.Error, ValueError):
        return b""
