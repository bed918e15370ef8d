"""What files dropped on an open note mean."""

from __future__ import annotations

import pytest

from desktop_app.domain.dropped_files import DOCUMENT_ENDINGS, NOTE_ENDINGS, DropMeaning, meaning_of
from desktop_app.services.import_files import EXTENSIONS, FOREIGN_EXTENSIONS


@pytest.mark.parametrize(
    ("names", "meaning"),
    [
        (["a.png", "b.CSV", "noending"], DropMeaning.ATTACH),
        (["a.PDF"], DropMeaning.ATTACH_OR_IMPORT),
        (["a.png", "b.docx"], DropMeaning.ATTACH_OR_IMPORT),
        (["a.pdf", "b.md"], DropMeaning.IMPORT),
        (["vault.zip"], DropMeaning.IMPORT),
        (["model.GGUF"], DropMeaning.IMPORT),
        ([], DropMeaning.IMPORT),
    ],
)
def test_one_note_among_them_is_an_import(names: list[str], meaning: DropMeaning) -> None:
    assert meaning_of(names) is meaning


def test_whatever_can_be_imported_has_a_meaning() -> None:
    assert NOTE_ENDINGS | DOCUMENT_ENDINGS == EXTENSIONS | FOREIGN_EXTENSIONS
    assert not NOTE_ENDINGS & DOCUMENT_ENDINGS
