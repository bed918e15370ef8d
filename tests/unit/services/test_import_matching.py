"""Which note a file is that comes in: by its path, its content, its id in an archive, or what it says."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from desktop_app.domain.exported_notes import exported_id
from desktop_app.domain.notes import ImportSource
from desktop_app.services.import_matching import ImportMatching
from desktop_app.services.known_notes import KnownNotes, is_there
from desktop_app.services.notes import IncomingNote, NoteService

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
KEY = "0123456789abcdef0123456789abcdef"


def coming(file: Path | str, text: str = "# A", *, path: str = "a.md", front_matter: str = "") -> IncomingNote:
    source = ImportSource(path=path, file=str(file), hash=f"hash of {text}", front_matter=front_matter)
    return IncomingNote("A", text, "", (), source, NOW, NOW)


@pytest.fixture
def earlier(tmp_path: Path) -> ImportSource:
    """The file of a note that is there still."""
    file = tmp_path / "a.md"
    file.write_text("# A, as it was")
    return ImportSource(path="a.md", file=str(file), hash="as it was")


def test_a_file_that_says_what_a_note_of_the_same_path_says_is_that_note(
    notes: NoteService, earlier: ImportSource
) -> None:
    note = notes.create("", "# A")
    matching = ImportMatching(notes, KnownNotes({note.id: earlier}))
    assert matching.match(coming("/other/a.md", "# B")).earlier is None
    found = matching.match(coming("/other/a.md"))
    assert found.earlier == (note.id, earlier)
    assert found.is_unchanged
    # Each note is one file's.
    assert matching.match(coming("/third/a.md")).earlier is None
    assert matching.match(coming("/other/a.md")).earlier is not None


def test_a_note_that_was_deleted_since_the_import_began_is_none(notes: NoteService, earlier: ImportSource) -> None:
    note = notes.create("", "# A")
    matching = ImportMatching(notes, KnownNotes({note.id: earlier}))
    notes.trash([note.id])
    notes.delete_forever([note.id])
    assert matching.match(coming("/other/a.md")).earlier is None


def test_the_file_of_a_note_is_known_beside_what_its_export_says(notes: NoteService, earlier: ImportSource) -> None:
    note = notes.create("", "# A")
    lines = f"inkwell_id: {exported_id(note, note.text)}\n"
    matching = ImportMatching(notes, KnownNotes({note.id: earlier}))
    found = matching.match(coming("/out/other name.md", path="other name.md", front_matter=lines))
    assert found.is_unchanged
    assert found.earlier == (note.id, earlier)
    without_file = ImportMatching(notes, KnownNotes({})).match(coming("/out/b.md", path="b.md", front_matter=lines))
    assert without_file.earlier == (note.id, ImportSource(path="", file="", hash=""))
    notes.trash([note.id])
    in_trash = ImportMatching(notes, KnownNotes({})).match(coming("/out/b.md", path="b.md", front_matter=lines))
    assert in_trash.earlier is not None
    assert in_trash.earlier[1].trashed


def test_a_file_elsewhere_is_known_by_its_path_and_content(earlier: ImportSource, tmp_path: Path) -> None:
    def find(file: str, path: str = "a.md", content: str = "") -> int | None:
        found = KnownNotes({1: earlier}).find(file, path, content=content)
        return found[0] if found is not None else None

    assert find(earlier.file, path="anything.md") == 1
    assert find("/other/a.md", content="as it was") == 1
    assert find("/other/a.md", content="another") is None
    assert find("/other/a.md") is None
    assert find("/other/b.md", path="b.md", content="as it was") is None
    (tmp_path / "a.md").unlink()
    assert find("/other/a.md", content="another") == 1  # the vault was moved


def test_a_note_without_a_content_is_no_other_without_one(earlier: ImportSource) -> None:
    known = KnownNotes({1: ImportSource(path="a.md", file=earlier.file, hash="")})
    assert known.find("/other/a.md", "a.md") is None


def test_a_note_of_an_archive_is_known_by_its_id_whatever_the_archive_is_called(earlier: ImportSource) -> None:
    known = KnownNotes({})
    known.add(1, ImportSource(path=f"monday.jex/{KEY}", file=f"{earlier.file}/{KEY}", hash="h"))
    known.add(2, ImportSource(path="monday.jex/readme", file=f"{earlier.file}/readme", hash="h"))
    for path in (f"friday.jex/{KEY}", f"Export.zip/Page {KEY}.md", f"Export.zip/Page {KEY}_all.csv"):
        found = known.find("/x", path, in_archive=True)
        assert found is not None
        assert found[0] == 1
    assert known.find("/x", f"friday.jex/{KEY}") is None
    assert known.find("/x", f"friday.jex/1{KEY}", in_archive=True) is None
    assert known.find("/x", "friday.jex/readme", in_archive=True) is None


def test_of_two_names_that_differ_by_spelling_the_very_same_one_is_first(tmp_path: Path) -> None:
    apart, whole = "cafe\N{COMBINING ACUTE ACCENT}.md", "caf\N{LATIN SMALL LETTER E WITH ACUTE}.md"
    known = KnownNotes(
        {
            1: ImportSource(path=apart, file=str(tmp_path / "gone" / apart), hash="h"),
            2: ImportSource(path=whole, file=str(tmp_path / "gone" / whole), hash="h"),
        }
    )
    assert [note_id for note_id, _ in known.beside("/x", whole)] == [2, 1]
    assert [note_id for note_id, _ in known.beside("/x", apart)] == [1, 2]
    assert known.find("/y", whole) == known.find("/y", whole)
    assert [note_id for note_id, _ in known.beside("/z", whole)] == [1]


def test_what_lies_in_an_archive_is_there_while_the_archive_is(tmp_path: Path) -> None:
    (tmp_path / "a.jex").write_bytes(b"")
    assert is_there(str(tmp_path / "a.jex"))
    assert is_there(str(tmp_path / "a.jex" / "Work" / KEY))
    assert is_there(str(tmp_path))
    assert not is_there(str(tmp_path / "b.jex" / KEY))
    assert not is_there("nowhere/at/all.md")
