"""Small faults of XML that programs write all the same: they are mended, so that one of them does not cost a file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from html.entities import html5

_CDATA, _CDATA_END = b"<![CDATA[", b"]]>"
_REFERENCE = re.compile(rb"&(?:#(?P<number>\d{1,8});|#[xX](?P<hex>[0-9a-fA-F]{1,7});|(?P<name>[A-Za-z]\w{0,31});)?")
_LONGEST = 64
_OWN = frozenset({b"amp", b"lt", b"gt", b"quot", b"apos"})
_CONTROLS = bytes(code for code in range(32) if code not in b"\t\n\r")


def mended(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The bytes of an XML file, without control characters, which XML may not have, and outside of CDATA with `&amp;`
    for an `&` that begins no reference, and with numbers for HTML's names of characters.

    UTF-16 and UTF-32 stay as they are.
    """
    left, in_cdata, is_wide = b"", False, None
    for chunk in chunks:
        if is_wide is None:
            is_wide = b"\0" in chunk[:64]
        if is_wide:
            yield chunk
            continue
        left += chunk.translate(None, _CONTROLS)
        parts: list[bytes] = []
        while True:
            mark = _CDATA_END if in_cdata else _CDATA
            at = left.find(mark)
            if at < 0:
                break
            part, left = left[: at + len(mark)], left[at + len(mark) :]
            parts.append(part if in_cdata else _with_references(part))
            in_cdata = not in_cdata
        end = _safe_end(left, in_cdata)
        part, left = left[:end], left[end:]
        parts.append(part if in_cdata else _with_references(part))
        yield b"".join(parts)
    yield left if in_cdata else _with_references(left)


def _safe_end(data: bytes, in_cdata: bool) -> int:
    """Up to where no mark and no reference goes on in what is not there yet."""
    if in_cdata:
        return max(0, len(data) - len(_CDATA_END) + 1)
    start = max(0, len(data) - _LONGEST)
    places = [place for place in (data.find(b"&", start), data.find(b"<", start)) if place >= 0]
    return min(places, default=len(data))


def _with_references(data: bytes) -> bytes:
    return _REFERENCE.sub(_reference, data) if b"&" in data else data


def _reference(found: re.Match[bytes]) -> bytes:
    name = found["name"]
    if name is not None:
        if name in _OWN:
            return found[0]
        letters = html5.get(name.decode("ascii", "replace") + ";")
        return b"&amp;" + found[0][1:] if letters is None else b"".join(b"&#%d;" % ord(letter) for letter in letters)
    if found["number"] is None and found["hex"] is None:
        return b"&amp;"
    code = int(found["number"]) if found["number"] is not None else int(found["hex"], 16)
    is_character = code in (9, 10, 13) or 32 <= code < 0xD800 or 0xE000 <= code < 0xFFFE or 0x10000 <= code < 0x110000
    return found[0] if is_character else b""
