"""One file to text, whatever it is: its first bytes decide, not its name."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal

import msgspec

from desktop_app.domain.errors import ImportFileError, NoTextError, system_reason
from desktop_app.domain.text_cleaning import without_lone_surrogates
from desktop_app.domain.text_decoding import decode_text
from desktop_app.protocol.import_messages import MOST_TEXT_BYTES
from desktop_app.workers.import_worker.limits import TextBudget, too_much_text

Format = Literal["text", "pdf", "docx"]
_HEAD = 1024
_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_WRITTEN_IN_UTF32 = 4  # bytes of the file for each of its text, at most


class OpenedFile(msgspec.Struct, frozen=True):
    """A file that is going to be read.

    Attributes:
        size: of the file, in bytes.
        parts: its text, read as it is asked for.
        remark: what a person may want to know about how it was read.
    """

    format: Format
    size: int
    parts: Iterator[str]
    remark: str = ""


def open_file(path: Path, progress: Callable[[int, int], None]) -> OpenedFile:
    """Look at the file and make ready to read it; `progress` gets (pages read, pages).

    Raises ImportFileError and its kin, also while the parts are read.
    """
    head, size = look_at(path)
    budget = TextBudget()
    if b"%PDF-" in head:
        from desktop_app.workers.import_worker.pdf import pdf_text

        return OpenedFile("pdf", size, _counted(pdf_text(path, progress), budget))
    if head.startswith(b"PK\x03\x04"):
        from desktop_app.workers.import_worker.docx import docx_text

        _refuse_other_archives(path)
        return OpenedFile("docx", size, docx_text(path, budget))
    if head.startswith(_OLD_OFFICE):
        raise ImportFileError(
            "The file is in an old Office format, or protected by a password.",
            "",
            "Save it as DOCX without a password, and attach that.",
        )
    text, remark = _plain_text(path, size)
    return OpenedFile("text", size, _counted(iter([text]), budget), remark)


def look_at(path: Path) -> tuple[bytes, int]:
    """(the first bytes, the file's size). Raises ImportFileError for what is no ordinary file, or cannot be read."""
    try:
        # Not blocking: opening a pipe must not wait for somebody to write into it.
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
        with os.fdopen(descriptor, "rb") as file:
            state = os.fstat(file.fileno())
            if not stat.S_ISREG(state.st_mode):
                raise ImportFileError("It is not an ordinary file.")
            return file.read(_HEAD), state.st_size
    except OSError as error:
        raise ImportFileError("The file cannot be read.", system_reason(error)) from error


def _refuse_other_archives(path: Path) -> None:
    from desktop_app.workers.import_worker.archive import Archive
    from desktop_app.workers.import_worker.docx import DOCUMENT

    with Archive(path) as archive:
        if DOCUMENT not in archive:
            raise ImportFileError(
                "The file is neither a text nor a PDF nor a DOCX file.", "", "Attach one of these, or paste the text."
            )


def _plain_text(path: Path, size: int) -> tuple[str, str]:
    if size > MOST_TEXT_BYTES * _WRITTEN_IN_UTF32:
        raise too_much_text()
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ImportFileError("The file cannot be read.", system_reason(error)) from error
    decoded = decode_text(data)
    if decoded is None:
        raise ImportFileError(
            "The file is neither a text nor a PDF nor a DOCX file.", "", "Attach one of these, or paste the text."
        )
    if not decoded.text.strip():
        raise NoTextError("The file is empty.", "", "")
    return without_lone_surrogates(decoded.text), decoded.remark


def _counted(parts: Iterator[str], budget: TextBudget) -> Iterator[str]:
    for part in parts:
        yield budget.take(part)
