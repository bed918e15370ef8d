"""Pictures of the note that is read: looked up and decoded off the GUI thread, within bounds."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from PySide6.QtCore import QBuffer, QByteArray, QCoreApplication, QIODevice, QObject, QTimer, Signal
from PySide6.QtGui import QImage, QImageReader, QImageWriter

from desktop_app.domain.errors import AttachmentMissingError
from desktop_app.domain.note_attachments import SVG, StoredFile
from desktop_app.presenters.note_attachments import NoteAttachmentsPresenter
from desktop_app.services.note_links import EmbeddedNote
from desktop_app.ui.chat.picture_objects import EMBED, ShownFile
from desktop_app.ui.notes.svg_pictures import draw_svg

MOST_PIXELS = 64_000_000
"""A picture of more is not decoded: a small file can say that it is a huge one."""

_MOST_HEIGHT = 12_000
_BUDGET = 200_000_000
"""Bytes of all pictures of a note; what comes after that is kept in a third of its width."""
_AT_ONCE = 10
_GATHER_MS = 30
"""Pictures that arrive within this time are announced together: each time, what stands below is written anew."""
_FORMATS = {
    "image/png": b"png",
    "image/jpeg": b"jpeg",
    "image/gif": b"gif",
    "image/bmp": b"bmp",
    "image/webp": b"webp",
}


def decode_picture(file: StoredFile, data: bytes, most_width: int) -> ShownFile:
    """The picture in a file's bytes, at most `most_width` pixels wide, turned as it says it has to be.

    An SVG is drawn within the bounds of `draw_svg`. For others only the decoder that their first bytes name is asked,
    and first only for the size.
    """
    if file.media_type == SVG:
        return draw_svg(file, data, most_width)
    raw = QByteArray(data)
    buffer = QBuffer(raw)
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    reader = QImageReader(buffer, _FORMATS[file.media_type])
    reader.setAutoDetectImageFormat(False)
    reader.setAutoTransform(True)
    size = reader.size()
    if not size.isValid() or size.isEmpty():
        return ShownFile(file, problem=_tr("it cannot be read as a picture"))
    if size.width() * size.height() > MOST_PIXELS:
        words = _tr("it is too large to be shown, {width} × {height} pixels")
        return ShownFile(
            file, problem=words.replace("{width}", f"{size.width():,}").replace("{height}", f"{size.height():,}")
        )
    scale = min(1.0, most_width / size.width(), _MOST_HEIGHT / size.height())
    if scale < 1:
        reader.setScaledSize(size * scale)
    image = reader.read()
    if image.isNull():
        return ShownFile(file, problem=_tr("it is damaged"))
    turned = (image.width() > image.height()) != (size.width() > size.height()) and size.width() != size.height()
    width, height = (size.height(), size.width()) if turned else (size.width(), size.height())
    return ShownFile(file, image, width, height)


Embeds = Callable[[int, str, Callable[[EmbeddedNote | None], None]], None]


class NotePictures(QObject):
    """Implements NoteFiles for the note that is open."""

    arrived = Signal(object)  # frozenset[str] of names

    def __init__(
        self,
        attachments: NoteAttachmentsPresenter,
        note_id: Callable[[], int | None],
        most_width: Callable[[], int],
        parent: QObject | None = None,
    ) -> None:
        """`note_id` is that of the open note, `most_width` that of the column in pixels of the screen."""
        super().__init__(parent)
        self._attachments = attachments
        self._note_id = note_id
        self._most_width = most_width
        self._of: int | None = None
        self._known: dict[str, ShownFile | None] = {}
        self._wanted: dict[str, None] = {}  # in the order in which they stand in the text
        self._looking = False
        self._bytes = 0
        self._embeds: Embeds | None = None
        self._embedded: dict[str, EmbeddedNote | None] = {}
        self._asked: set[str] = set()
        self._fresh: set[str] = set()
        self._announce = QTimer(self)
        self._announce.setSingleShot(True)
        self._announce.setInterval(_GATHER_MS)
        self._announce.timeout.connect(self._tell)

    def set_embeds(self, embeds: Embeds) -> None:
        """Where embedded notes come from: `embeds(note_id, written, done)` calls `done(EmbeddedNote | None)`."""
        self._embeds = embeds

    def is_known(self, target: str) -> bool:
        """Whether it has been looked for."""
        self._turn_to_open_note()
        if target.startswith(EMBED):
            return self._embeds is None or target in self._embedded
        return target in self._known

    def embedded(self, target: str) -> EmbeddedNote | None:
        """What of another note the open one shows under this name."""
        self._turn_to_open_note()
        return self._embedded.get(target)

    def shown(self, target: str) -> ShownFile | None:
        """What the name means in the open note."""
        self._turn_to_open_note()
        return self._known.get(target)

    def want(self, targets: Iterable[str]) -> None:
        """Look for these in turn: one picture at a time is decoded, whatever it takes."""
        self._turn_to_open_note()
        for target in targets:
            if target.startswith(EMBED):
                self._want_note(target)
            elif target not in self._known:
                self._wanted.setdefault(target)
        self._look()

    def _want_note(self, target: str) -> None:
        note_id = self._of

        def take(found: EmbeddedNote | None) -> None:
            self._asked.discard(target)
            if self._of == note_id:
                self._embedded[target] = found
                self._arrives(target)

        if self._embeds is None or note_id is None:
            return
        if target not in self._embedded and target not in self._asked:
            self._asked.add(target)
            self._embeds(note_id, target.removeprefix(EMBED), take)

    def _look(self) -> None:
        note_id = self._of
        if self._looking or note_id is None or not self._wanted:
            return
        batch = list(self._wanted)[:_AT_ONCE]
        width = self._most_width() if self._bytes < _BUDGET else self._most_width() // 3

        def each(target: str, shown: ShownFile | None) -> None:
            if self._of == note_id:
                self._take(target, shown)

        def done() -> None:
            self._looking = False
            for target in batch if self._of == note_id else ():
                self._wanted.pop(target, None)
            self._look()

        self._looking = True
        self._attachments.look_up(note_id, batch, lambda file, read: _read(file, read, width), each, done)

    def forget_missing(self) -> None:
        """What was not found, or could not be read, may be there by now."""
        self._known = {target: one for target, one in self._known.items() if one is not None and not one.problem}

    def forget_notes(self) -> None:
        """Other notes may say something else by now."""
        self._embedded.clear()

    def _take(self, target: str, shown: ShownFile | None) -> None:
        self._wanted.pop(target, None)
        self._known[target] = shown
        if shown is not None and shown.image is not None:
            self._bytes += shown.image.sizeInBytes()
        self._arrives(target)

    def _arrives(self, target: str) -> None:
        self._fresh.add(target)
        if not self._announce.isActive():
            self._announce.start()

    def _tell(self) -> None:
        fresh, self._fresh = frozenset(self._fresh), set()
        self.arrived.emit(fresh)

    def _turn_to_open_note(self) -> None:
        if self._note_id() != self._of:
            self._of = self._note_id()
            self._known.clear()
            self._embedded.clear()
            self._asked.clear()
            self._wanted.clear()
            self._fresh.clear()
            self._bytes = 0


def _read(file: StoredFile, read: Callable[[], bytes], width: int) -> ShownFile:
    if not file.is_shown:
        return ShownFile(file)
    try:
        return decode_picture(file, read(), width)
    except AttachmentMissingError:
        return ShownFile(file, problem=_tr("it is missing or damaged"))


def as_png(image: QImage) -> bytes:
    """A picture as the bytes of a PNG file."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    QImageWriter(buffer, b"png").write(image)
    return bytes(buffer.data().data())


def _tr(text: str) -> str:
    return QCoreApplication.translate("NotePictures", text)
