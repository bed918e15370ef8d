"""SVG files of notes: drawn where that is safe and quick, refused with the reason elsewhere."""

from __future__ import annotations

import base64
import time
from pathlib import Path

import pytest
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QApplication

from desktop_app.domain.note_attachments import SVG, StoredFile
from desktop_app.ui.chat.picture_objects import ShownFile
from desktop_app.ui.notes import svg_pictures
from desktop_app.ui.notes.pictures import as_png, decode_picture

RED = "#ff0000"
GROUP = '<g id="a{0}">' + '<use href="#a{1}"/>' * 10 + "</g>"


def svg(inside: str, size: str = 'width="100" height="50"', before: str = "") -> bytes:
    names = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
    return f"{before}<svg {names} {size}>{inside}</svg>".encode()


def shown(data: bytes, most_width: int = 700) -> ShownFile:
    return decode_picture(StoredFile("0" * 64, "a.svg", SVG, len(data)), data, most_width)


def png(side: int, colour: str = RED) -> bytes:
    image = QImage(side, side, QImage.Format.Format_RGB32)
    image.fill(QColor(colour))
    return as_png(image)


def embedded(data: bytes, kind: str = "png") -> str:
    text = base64.b64encode(data).decode()
    return f'<image width="100" height="50" preserveAspectRatio="none" xlink:href="data:image/{kind};base64,{text}"/>'


@pytest.mark.parametrize(
    "inside",
    [
        f'<rect width="100" height="50" fill="{RED}"/>',
        f'<defs><rect id="r" width="50" height="50" fill="{RED}"/></defs><use xlink:href="#r"/><use href="#r" x="50"/>',
        f"<style>.a {{ fill: {RED} }}</style>"
        + '<a href="https://example.org"><rect class="a" width="100" height="50"/></a>',
        f'<linearGradient id="g"><stop stop-color="{RED}"/></linearGradient>'
        '<rect width="100" height="50" fill="url(#g)"/>',
        embedded(png(8)),
    ],
    ids=["shape", "use", "style and link", "gradient", "picture inside"],
)
def test_a_drawing_is_drawn_sharp_and_as_large_as_it_says(qapp: QApplication, inside: str) -> None:
    picture = shown(svg(inside))
    assert picture.problem == ""
    assert picture.image is not None
    assert (picture.width, picture.height) == (100, 50)
    assert (picture.image.width(), picture.image.height()) == (200, 100)
    assert picture.image.pixelColor(100, 50).name() == RED


def test_without_a_size_it_has_that_of_its_view(qapp: QApplication) -> None:
    picture = shown(svg('<rect width="9" height="9"/>', 'viewBox="0 0 3000 1500"'))
    assert (picture.width, picture.height) == (3000, 1500)
    assert picture.image is not None
    assert picture.image.width() == 700


def test_no_other_file_is_opened(qapp: QApplication, tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(png(100))
    (tmp_path / "a.css").write_text(f"rect {{ fill: {RED} }}")
    (tmp_path / "b.svg").write_bytes(svg(f'<rect width="100" height="50" fill="{RED}"/>'))
    named = f"{tmp_path}/a.png"
    sheet = f'<?xml version="1.0"?><?xml-stylesheet type="text/css" href="{tmp_path}/a.css"?>'
    entity = f'<!DOCTYPE svg [<!ENTITY x "{named}">]>'
    nested = svg(f'<image width="100" height="50" xlink:href="{named}"/>')
    for data in (
        svg(f'<image width="100" height="50" xlink:href="{named}"/>'),
        svg(f'<image width="100" height="50" href="file://{named}"/>'),
        svg('<image width="100" height="50" href="https://example.org/a.png"/>'),
        svg(f'<use xlink:href="{tmp_path}/b.svg#a"/>'),
        svg('<rect width="100" height="50"/>', before=sheet),
        svg('<image width="100" height="50" href="&x;"/>', before=entity),
        svg(embedded(nested, "svg+xml")),
        svg(embedded(nested)),
    ):
        picture = shown(data)
        assert picture.image is None, data
        assert picture.problem


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "data",
    [
        svg('<defs><rect id="a0" width="3" height="3"/>' + "".join(GROUP.format(n + 1, n) for n in range(9)) + "</defs>"
            '<use href="#a9"/>'),
        svg('<g id="a"><rect width="9" height="9"/><use href="#a"/></g>'),
        svg("".join(
            f'<pattern id="p{n}" width="1" height="1">' + f'<rect width="9" height="9" fill="url(#p{n + 1})"/>' * 10
            + "</pattern>" for n in range(9)
        ) + '<rect width="100" height="50" fill="url(#p0)"/>'),
        svg('<pattern id="p"><rect/></pattern><style>rect { fill: url(#p) }</style><rect width="9" height="9"/>'),
        svg("<g>" * 50_000 + "</g>" * 50_000),
        svg('<rect width="9" height="9"/>' * 30_000),
        svg("<desc>" + "words " * 800_000 + "</desc>"),
        svg(embedded(png(5_000))),
        svg('<rect width="9" height="9"/>', 'width="1" height="100000"'),
        svg("<rect"),
        b"<html><body/></html>",
        b"\x1f\x8b\x08\x00",
    ],
    ids=["uses", "itself", "patterns", "sheet", "deep", "many", "large", "picture", "thin", "torn", "html", "packed"],
)  # fmt: skip
def test_what_would_never_end_is_refused_with_the_reason(qapp: QApplication, data: bytes) -> None:
    picture = shown(data)
    assert picture.image is None
    assert picture.problem


def test_a_huge_drawing_is_drawn_as_large_as_it_is_shown(qapp: QApplication) -> None:
    picture = shown(svg('<rect width="900000000" height="9"/>', 'width="1000000000" height="500000000"'))
    assert picture.image is not None
    assert (picture.image.width(), picture.image.height()) == (700, 350)


def test_a_tall_drawing_is_as_sharp_as_the_column_is_wide(qapp: QApplication, monkeypatch: pytest.MonkeyPatch) -> None:
    tall = svg(f'<rect width="1000" height="16000" fill="{RED}"/>', 'width="1000" height="16000"')
    picture = shown(tall)
    assert picture.image is not None
    assert (picture.image.width(), picture.image.height()) == (700, 11_200)
    # Where so many pixels would take too long, there are fewer.
    monkeypatch.setattr(svg_pictures, "_expected", lambda _tried, pixels: 1.0 if pixels > 5_000_000 else 0.0)
    picture = shown(tall)
    assert picture.image is not None
    assert picture.image.width() == 500


def test_a_time_that_grows_with_the_pixels_is_foreseen_from_the_first_try() -> None:
    most = svg_pictures.MOST_SECONDS
    assert svg_pictures._expected([(64, most / 3)], 256) > most
    assert svg_pictures._expected([(64, most / 3), (256, most / 3)], 40_000) < most, "it is spent in any case"
    assert svg_pictures._expected([(64, 0.001), (256, 0.004)], 4_096) == pytest.approx(0.064)


@pytest.mark.timeout(20)
def test_what_takes_too_long_is_refused_before_the_window_waits(qapp: QApplication) -> None:
    blurred = '<filter id="f"><feGaussianBlur stdDeviation="50"/></filter>'
    data = svg(blurred + '<rect filter="url(#f)" width="700" height="350"/>' * 400, 'width="700" height="350"')
    began = time.thread_time()
    assert shown(data).problem == "it takes too long to be drawn"
    assert time.thread_time() - began < 4 * svg_pictures.MOST_SECONDS
