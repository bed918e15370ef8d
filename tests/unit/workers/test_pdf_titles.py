"""The title of a note that was a PDF."""

from __future__ import annotations

from pathlib import Path

import pytest

from desktop_app.domain.foreign_notes import ForeignNote
from desktop_app.workers.import_worker.attached import Attachments
from desktop_app.workers.import_worker.note_reading import read_notes
from tests.fakes.office_files import write_pdf


@pytest.mark.parametrize(
    ("said", "title"),
    [
        ("Fungal Networks and Trees", "Fungal Networks and Trees"),
        ("FUNGAL  networks and trees", "FUNGAL networks and trees"),
        ("Microsoft Word - draft3.doc", ""),  # what a program put there
        ("Trees", ""),  # stands in the text by chance
        ("", ""),
    ],
)
def test_a_pdf_has_the_title_that_it_says_itself_and_shows(tmp_path: Path, said: str, title: str) -> None:
    pytest.importorskip("pypdfium2")
    path = write_pdf(tmp_path / "p.pdf", ["Fungal Networks and Trees. A. Author", "Fungi share"], title=said)
    (pdf,) = read_notes(path, Attachments(), lambda done, total: None)
    assert isinstance(pdf, ForeignNote)
    assert pdf.title == title
