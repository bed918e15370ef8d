"""What an SVG file must not hold to be drawn.

Qt's renderer opens files that a drawing names (pictures, style sheets), and draws a part as often as others use it,
without a limit. So a drawing is read here first, by the reader that Qt reads it with.
"""

from __future__ import annotations

import base64
import binascii
import re

import msgspec
from PySide6.QtCore import QBuffer, QByteArray, QCoreApplication, QIODevice, QXmlStreamReader
from PySide6.QtGui import QImageReader

MOST_BYTES = 4_000_000
MOST_PARTS = 20_000
"""Elements that are drawn, each as often as others use it."""

_DEEPEST = 200
_MOST_PIXELS = 16_000_000  # of all pictures inside a drawing
_PICTURE = re.compile(r"data:image/(png|jpeg|jpg|gif|webp);base64,")
_MAGIC = {"png": b"\x89PNG\r\n\x1a\n", "jpeg": b"\xff\xd8\xff", "jpg": b"\xff\xd8\xff", "gif": b"GIF8", "webp": b"RIFF"}
_USED = re.compile(r"url\(\s*[\"']?#([^\"')]*)")
_PAINTED = frozenset({"pattern", "mask", "marker", "filter"})  # what `url(#…)` draws anew at each use


class RefusedError(Exception):
    """Why a drawing is not drawn: a few words for the reader."""


class _Part(msgspec.Struct):
    """An element of the drawing: what is in it, and the names of what it uses."""

    kind: str
    parts: list[_Part] = msgspec.field(default_factory=list)
    uses: list[str] = msgspec.field(default_factory=list)
    drawn: int = 0  # how many elements it makes, itself included; 0 where that is not known


def check_drawing(data: bytes) -> None:
    """Raises RefusedError where it names files, or is too large or too intricate to be drawn."""
    if len(data) > MOST_BYTES:
        raise RefusedError(_tr("it is too large to be drawn"))
    buffer = QBuffer()
    buffer.setData(QByteArray(data))
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    _Reading(QXmlStreamReader(buffer)).check()


class _Reading:
    def __init__(self, reader: QXmlStreamReader) -> None:
        self._reader = reader
        self._whole = _Part("")
        self._open = [self._whole]
        self._named: dict[str, list[_Part]] = {}  # one name may be given twice
        self._pixels = 0
        self._count = 0
        self._sheets = ""
        self._has_escapes = False

    def check(self) -> None:
        token = QXmlStreamReader.TokenType
        while not self._reader.atEnd():
            kind = self._reader.readNext()
            if kind is token.StartElement:
                self._begin()
            elif kind is token.EndElement:
                self._open.pop()
            elif self._reader.processingInstructionTarget() == "xml-stylesheet":
                raise RefusedError(_tr("it names a style sheet in another file"))
            elif kind is token.Characters and self._open[-1].kind == "style":
                self._sheets += self._reader.text()
        if self._reader.hasError() or [part.kind for part in self._whole.parts] != ["svg"]:
            raise RefusedError(_tr("it cannot be read as a picture"))
        self._check_sheets()
        if self._times(self._whole, 0) > MOST_PARTS:
            raise _too_intricate()

    def _begin(self) -> None:
        self._count += 1
        if self._count > MOST_PARTS or len(self._open) > _DEEPEST:
            raise _too_intricate()
        part = _Part(self._reader.name())
        attributes = self._reader.attributes()
        for place in range(attributes.size()):
            name, value = attributes.at(place).name(), attributes.at(place).value()
            if name == "id":
                self._named.setdefault(value, []).append(part)
            elif name == "href" and part.kind != "a":
                self._take_reference(part, value)
            else:
                part.uses += _USED.findall(value)
                self._has_escapes |= "\\" in value
        self._open[-1].parts.append(part)
        self._open.append(part)

    def _check_sheets(self) -> None:
        """What a rule of a style sheet paints may be painted anywhere; so may what is written with escapes."""
        painted = {name for name, parts in self._named.items() for part in parts if part.kind in _PAINTED}
        in_sheets = painted.intersection(_USED.findall(self._sheets))
        if painted and (self._has_escapes or "\\" in self._sheets or in_sheets):
            raise _too_intricate()

    def _take_reference(self, part: _Part, value: str) -> None:
        if value.startswith("#"):
            part.uses.append(value[1:].strip())
        elif part.kind == "image" and (picture := _PICTURE.match(value)):
            self._check_picture(picture[1], value[picture.end() :])
        else:
            raise RefusedError(_tr("it names another file or address, which is not opened"))

    def _check_picture(self, kind: str, text: str) -> None:
        try:
            data = base64.b64decode(re.sub(r"\s", "", text), validate=True)
        except binascii.Error:
            data = b""
        buffer = QBuffer()
        buffer.setData(QByteArray(data))
        buffer.open(QIODevice.OpenModeFlag.ReadOnly)
        size = QImageReader(buffer, kind.encode()).size() if data.startswith(_MAGIC[kind]) else None
        if size is None or not size.isValid():
            raise RefusedError(_tr("a picture in it is damaged"))
        self._pixels += size.width() * size.height()
        if self._pixels > _MOST_PIXELS:
            raise RefusedError(_tr("a picture in it is too large to be drawn"))

    def _times(self, part: _Part, depth: int) -> int:
        """How many elements are drawn for this one; far too many where it uses itself."""
        if part.drawn:
            return part.drawn
        if depth > 2 * _DEEPEST:
            raise _too_intricate()
        part.drawn = MOST_PARTS + 1  # while it is counted: what comes back to it never ends
        used = [each for name in part.uses for each in self._named.get(name, ())]
        count = 1
        for each in (*part.parts, *used):
            count += self._times(each, depth + 1)
            if count > MOST_PARTS:
                return part.drawn
        part.drawn = count
        return count


def _too_intricate() -> RefusedError:
    return RefusedError(_tr("it has too many parts to be drawn"))


def _tr(text: str) -> str:
    return QCoreApplication.translate("NotePictures", text)
