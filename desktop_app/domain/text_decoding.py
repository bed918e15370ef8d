"""Text out of a file's bytes, whatever its encoding."""

from __future__ import annotations

import codecs

import msgspec
from msgspec.structs import replace

from desktop_app.domain.encoding_guess import guess_encoding

# Bytes that are no UTF-8 decode to U+DC80 … U+DCFF first; each is then read as Windows-1252, the undefined five as
# Latin-1.
_WINDOWS = {0xDC00 + byte: bytes([byte]).decode("cp1252", "replace") for byte in range(0x80, 0x100)}
_WINDOWS.update({0xDC00 + byte: chr(byte) for byte in (0x81, 0x8D, 0x8F, 0x90, 0x9D)})
_LOOKED_AT = 65_536
_TEXT_CONTROLS = frozenset(b"\t\n\r\f\x0b\x1b\x08")
_MOST_CONTROLS = 0.05
_WEIGHED = 1_000_000
_NAMES = {
    "cp932": "Shift-JIS",
    "gb18030": "GB18030",
    "cp1251": "Windows-1251",
    "koi8_r": "KOI8-R",
    "cp1250": "Windows-1250",
    "cp1252": "Windows-1252",
}


class DecodedText(msgspec.Struct, frozen=True):
    """Text, and how it was read.

    Attributes:
        remark: for a person who may want to look, where it was not plain UTF-8; else empty.
        encoding: in which the text can be written again; UTF-8 where the bytes were in none as a whole.
        mark: the byte order mark in front.
    """

    text: str
    remark: str = ""
    encoding: str = "utf-8"
    mark: bytes = b""


def decode_text(data: bytes) -> DecodedText | None:
    """The text of `data`; None when it is no text at all.

    Byte order marks of UTF-8, UTF-16 and UTF-32 are obeyed and taken off. Without one it is UTF-8, or UTF-16 where
    every other byte is zero. In broken UTF-8 everything valid is kept, and each other byte is read as Windows-1252,
    as an older Windows program meant it; what is hardly UTF-8 at all is read in the encoding its letters speak for.
    """
    try:
        for mark, encoding in (
            (codecs.BOM_UTF8, "utf-8"),
            (codecs.BOM_UTF32_LE, "utf-32-le"),
            (codecs.BOM_UTF32_BE, "utf-32-be"),
            (codecs.BOM_UTF16_LE, "utf-16-le"),
            (codecs.BOM_UTF16_BE, "utf-16-be"),
        ):
            if data.startswith(mark):
                return DecodedText(data[len(mark) :].decode(encoding), "", encoding, mark)
        if (unmarked := _unmarked_utf16(data)) is not None:
            remark = "It was read as UTF-16, though it does not say so."
            return DecodedText(data.decode(unmarked), remark, unmarked)
    except UnicodeDecodeError:
        if data.startswith(codecs.BOM_UTF8):
            rest = data[len(codecs.BOM_UTF8) :]
            return None if _is_binary(rest) else replace(_older(rest), mark=codecs.BOM_UTF8)
        if data[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
            return None
    if _is_binary(data):
        return None
    try:
        return DecodedText(data.decode("utf-8"))
    except UnicodeDecodeError:
        return _older(data)


def _older(data: bytes) -> DecodedText:
    escaped = data.decode("utf-8", "surrogateescape")
    head = escaped[:_WEIGHED]
    broken = sum("\udc80" <= letter <= "\udcff" for letter in head)
    valid = sum("\x7f" < letter < "\udc80" or letter > "\udcff" for letter in head)
    encoding = guess_encoding(data) if valid < broken else ""
    if encoding:
        return DecodedText(data.decode(encoding), f"It is not UTF-8; it was read as {_NAMES[encoding]}.", encoding)
    return DecodedText(
        escaped.translate(_WINDOWS), "It is not valid UTF-8; the broken places were read as Windows-1252."
    )


def _unmarked_utf16(data: bytes) -> str | None:
    head = data[: _LOOKED_AT - _LOOKED_AT % 2]
    if len(head) < 8 or len(data) % 2:
        return None
    even, odd = head[0::2].count(0), head[1::2].count(0)
    half = len(head) // 2
    if odd > 0.7 * half and even < 0.05 * half:
        return "utf-16-le"
    if even > 0.7 * half and odd < 0.05 * half:
        return "utf-16-be"
    return None


def _is_binary(data: bytes) -> bool:
    head = data[:_LOOKED_AT]
    controls = sum(count for byte in range(32) if byte not in _TEXT_CONTROLS and (count := head.count(byte)))
    return controls > _MOST_CONTROLS * len(head)
