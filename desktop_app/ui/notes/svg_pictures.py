"""SVG files of notes, drawn within bounds: no other file or address, no huge size, no more time than a glance takes."""

from __future__ import annotations

import time
from itertools import pairwise

from PySide6.QtCore import QByteArray, QCoreApplication, QRectF, QSize, QSizeF, Qt
from PySide6.QtGui import QImage, QPainter

from desktop_app.domain.note_attachments import StoredFile
from desktop_app.ui.chat.picture_objects import ShownFile
from desktop_app.ui.notes.svg_limits import RefusedError, check_drawing

MOST_SECONDS = 0.25
"""Of a processor, for one drawing: Qt cannot be stopped while it draws, and the window waits for it."""

_SHARPNESS = 2  # pixels for each that it says to have, so that it is sharp on fine screens
_MOST_PIXELS = 9_000_000  # so that one as wide as the column is sharp, however tall it may be
_FEWER_PIXELS = 4_000_000  # where that takes too long
_MOST_HEIGHT = 12_000
_TRIES = (8, 16, 64, 256, 1024, 4096)  # pixels at its longer side


def draw_svg(file: StoredFile, data: bytes, most_width: int) -> ShownFile:
    """The drawing in a file's bytes as a picture, at most `most_width` pixels wide. Blocks; may run in any thread."""
    from PySide6.QtSvg import QSvgRenderer  # only where there is one

    try:
        check_drawing(data)
        renderer = QSvgRenderer(QByteArray(data))
        renderer.setAnimationEnabled(False)
        renderer.setAspectRatioMode(Qt.AspectRatioMode.KeepAspectRatio)
        size = QSizeF(renderer.defaultSize())
        if not renderer.isValid() or size.width() < 1 or size.height() < 1:
            raise RefusedError(_tr("it cannot be read as a picture"))
        image = _drawn(renderer, _pixels(size, most_width))
    except RefusedError as refused:
        return ShownFile(file, problem=str(refused))
    return ShownFile(file, image, round(size.width()), round(size.height()))


def _pixels(size: QSizeF, most_width: int) -> QSize:
    ratio = size.height() / size.width()
    if ratio * min(size.width(), most_width) > _MOST_HEIGHT:
        raise RefusedError(_tr("it is too tall to be shown"))
    width = min(float(most_width), _SHARPNESS * size.width(), (_MOST_PIXELS / ratio) ** 0.5)
    return QSize(max(1, round(width)), max(1, round(ratio * width)))


def _drawn(renderer: object, size: QSize) -> QImage:
    """Larger and larger pictures are drawn, as long as the next one can be expected to be there in time."""
    tried: list[tuple[int, float]] = []  # pixels, seconds
    longer = max(size.width(), size.height())
    parts = [size * (side / longer) for side in _TRIES if side < longer]
    for part, larger in pairwise([*parts, size]):
        began = time.thread_time()
        _draw(renderer, part)
        tried.append((max(1, part.width() * part.height()), time.thread_time() - began))
        if _expected(tried, larger.width() * larger.height()) > MOST_SECONDS:
            fewer = size * min(1.0, (_FEWER_PIXELS / (size.width() * size.height())) ** 0.5)
            if larger == size != fewer and _expected(tried, fewer.width() * fewer.height()) <= MOST_SECONDS:
                return _draw(renderer, fewer)
            raise RefusedError(_tr("it takes too long to be drawn"))
    return _draw(renderer, size)


def _expected(tried: list[tuple[int, float]], pixels: int) -> float:
    """Seconds for so many pixels: part of the time is spent in any case, part goes with their number; after one try
    all of it is taken to go with it.
    """
    done, seconds = tried[-1]
    fewer, less = tried[-2] if len(tried) > 1 else (0, 0.0)
    each = max(0.0, seconds - less) / max(1, done - fewer)
    return seconds + each * max(0, pixels - done)


def _draw(renderer: object, size: QSize) -> QImage:
    from PySide6.QtSvg import QSvgRenderer

    assert isinstance(renderer, QSvgRenderer)
    image = QImage(size.expandedTo(QSize(1, 1)), QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    renderer.render(painter, QRectF(image.rect()))
    painter.end()
    return image


def _tr(text: str) -> str:
    return QCoreApplication.translate("NotePictures", text)
