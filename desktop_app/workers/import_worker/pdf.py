"""Text of a PDF, page by page."""

from __future__ import annotations

import contextlib
import re
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path

import pypdfium2
import pypdfium2.raw as pdfium

from desktop_app.domain.errors import ImportFileError, NoTextError
from desktop_app.domain.text_lines import whole_paragraphs

_CLEANED = str.maketrans({"\x00": None, "\x02": "-", "\ufffe": "-", "\ufffd": None, "\f": "\n"})
_PARTED_WORD = re.compile(r"(?<![^\W\d_])([^\W\d_]+)[\x02\ufffe]([^\W\d_]+)")
"""PDFium writes a hyphen at a line's end as U+0002 or U+FFFE."""
_SHORTEST_TITLE = 6
_LONGEST_TITLE = 250
_TITLE_STANDS_WITHIN = 3_000


def pdf_text(path: Path, progress: Callable[[int, int], None]) -> Iterator[str]:
    """The text, each page under a line `[page N]`; `progress` gets (pages read, pages).

    Raises ImportFileError for a damaged or locked file, NoTextError after the last page of one without any text.
    """
    document = _opened(path)
    with contextlib.closing(document):
        pages = len(document)
        found = damaged = False
        for number in range(1, pages + 1):
            text = _page_text(document, number)
            found = found or bool(text)
            damaged = damaged or text is None
            yield f"[page {number}]\n{'(This page is damaged.)' if text is None else text}\n\n"
            progress(number, pages)
    if damaged and not found:
        raise _damaged()
    if not found:
        raise NoTextError(
            "The PDF has no text.",
            "Its pages are pictures, as a scanner makes them.",
            "Run it through a text recognition (OCR) program first, and attach what that writes.",
        )


def pdf_title(path: Path, text: str) -> str:
    """The title that the file gives itself, where the beginning of its `text` says it, too; else "": programs put names
    of files and templates there as well. Raises ImportFileError for a damaged or locked file.
    """
    with contextlib.closing(_opened(path)) as document:
        said = " ".join(str(document.get_metadata_value("Title")).translate(_CLEANED).split())
    letters = _letters(said)
    is_title = len(letters) >= _SHORTEST_TITLE and len(said) <= _LONGEST_TITLE
    return said if is_title and letters in _letters(text[:_TITLE_STANDS_WITHIN]) else ""


def _letters(text: str) -> str:
    """Letters and digits alone: a page parts a title into lines."""
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKC", text).casefold()))


def _opened(path: Path) -> pypdfium2.PdfDocument:
    try:
        return pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError as error:
        if error.err_code == pdfium.FPDF_ERR_PASSWORD:
            raise ImportFileError(
                "The PDF is protected by a password.", "", "Save it without the password, and attach that."
            ) from error
        raise _damaged() from error


def _damaged() -> ImportFileError:
    return ImportFileError(
        "The PDF is damaged and cannot be read.", "", "Open it in a PDF reader and save it again, or attach a copy."
    )


def _page_text(document: pypdfium2.PdfDocument, number: int) -> str | None:
    """The page's text; None where the page is damaged."""
    try:
        with contextlib.closing(document[number - 1]) as page, contextlib.closing(page.get_textpage()) as text_page:
            text: str = text_page.get_text_bounded()
    except pypdfium2.PdfiumError:
        return None
    return whole_paragraphs(_whole_words(text.replace("\r\n", "\n").replace("\r", "\n")).translate(_CLEANED).strip())


def _whole_words(text: str) -> str:
    """Words that a line's end parted, in one piece; a hyphen that the page writes between the two elsewhere stays."""
    lower = text.lower()

    def joined(found: re.Match[str]) -> str:
        first, second = found[1], found[2]
        keeps = not second[0].islower() or f"{first}-{second}".lower() in lower
        return f"{first}-{second}" if keeps else first + second

    return _PARTED_WORD.sub(joined, text)
