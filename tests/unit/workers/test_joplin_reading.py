"""What is read of Joplin's archives and raw folders, and what is refused of bad ones."""

from __future__ import annotations

import io
import tarfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from desktop_app.domain.errors import ImportFileError, ImportLimitError
from desktop_app.domain.foreign_notes import ForeignNote
from desktop_app.workers.import_worker import joplin, joplin_folder
from desktop_app.workers.import_worker.attached import Attachments
from desktop_app.workers.import_worker.found_note import Remark
from desktop_app.workers.import_worker.note_reading import read_notes
from tests.fakes import note_files as made
from tests.fakes.read_notes_of_file import Reading


@pytest.mark.parametrize("form", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT, tarfile.USTAR_FORMAT])
def test_a_joplin_archive(tmp_path: Path, form: int) -> None:
    found = Reading(made.write_tar(tmp_path / "a.jex", made.joplin_items(), form=form))
    assert found.by_title.keys() == {"First", "Other"}
    first = found.by_title["First"]
    assert first.text == f"See [[Other|the other]] and ![pic](:/{made.PICTURE})"
    assert (first.member, first.folder, first.tags) == (made.NOTE, "Work/A-B", ("Big Tag",))
    assert first.front_matter == "source: https://example.org/a\n"
    assert first.created == datetime(2020, 1, 2, 3, 4, 5, 678000, UTC)
    assert first.edited == datetime(2021, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert found.by_title["Other"].text == "Old **page**\n"
    assert (found.skipped, found.remarks) == (1, [])


def test_links_to_notes_of_joplin_whose_titles_no_link_can_say(tmp_path: Path) -> None:
    items = made.joplin_items(
        f"[a](:/{made.OTHER}) [b](:/{made.OTHER}#what-s-new) [c](:/{'9' * 32}) [d](:/{made.NOTE})"
    )
    items[f"{made.OTHER}.md"] = made.joplin_item("C# [x] | y", "# What s new?", 1, made.OTHER, markup_language="1")
    items["b.md"] = made.joplin_item("Nobody | links here", "", 1, "b" * 32)
    found = Reading(made.write_tar(tmp_path / "a.jex", items)).by_title
    name = "C\uff03 (x) - y"
    assert found["First"].text == f"[[{name}|a]] [[{name}#What s new?|b]] [c](:/{'9' * 32}) [[First|d]]"
    assert found["C# [x] | y"].front_matter == f'aliases: ["{name}"]\n'
    assert "aliases" not in found["First"].front_matter + found["Nobody | links here"].front_matter


def test_the_headings_of_a_joplin_note_are_read_once_for_all_links_to_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []
    headings = joplin.headings
    monkeypatch.setattr(joplin, "headings", lambda text: read.append(text) or headings(text))
    body = f"[x](:/{made.NOTE}#one) [y](:/{made.NOTE}#two) [z](:/{made.NOTE}#no)\n\n# One\n\n# Two\n\n# one"
    found = Reading(made.write_tar(tmp_path / "a.jex", made.joplin_items(body))).by_title["First"].text
    assert found.startswith("[[First#One|x]] [[First#Two|y]] [[First|z]]\n")
    assert len(read) == 1


def test_a_joplin_archive_of_more_parts_than_a_zip_may_have(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    items = {f"{number:032x}.md": made.joplin_item(f"N{number}", "", 1, f"{number:032x}") for number in range(10_050)}
    path = made.write_tar(tmp_path / "a.jex", items, form=tarfile.USTAR_FORMAT)
    assert len(Reading(path).notes) == 10_050
    monkeypatch.setattr(joplin, "MOST_MEMBERS", 10_000)
    with pytest.raises(ImportLimitError):
        Reading(path)


def test_long_names_and_odd_members_of_a_tar(tmp_path: Path) -> None:
    path = tmp_path / "a.jex"
    with tarfile.open(path, "w", format=tarfile.PAX_FORMAT) as archive:
        for name, data in made.joplin_items().items():
            info = tarfile.TarInfo(name)
            info.size, info.pax_headers = len(data), {"comment": "ä" * 300}
            archive.addfile(info, io.BytesIO(data))
        for name, kind in (("../out.md", tarfile.REGTYPE), ("link.md", tarfile.SYMTYPE), ("x/dev.md", tarfile.CHRTYPE)):
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, "/etc/passwd"
            archive.addfile(info)
        archive.addfile(tarfile.TarInfo("n" * 150 + ".md"))
    found = Reading(path)
    assert len(found.notes) == 2
    assert [(remark.member[:10], remark.reason[:22]) for remark in found.remarks] == [
        ("../out.md", "Its name leads out of "),
        ("link.md", "It is a link or a devi"),
        ("x/dev.md", "It is a link or a devi"),
        ("n" * 10, "It is no text as Jopli"),
    ]


def test_a_joplin_archive_that_was_cut_off(tmp_path: Path) -> None:
    whole = made.write_tar(tmp_path / "whole.jex", made.joplin_items()).read_bytes()
    end = len(whole.rstrip(b"\0"))
    path = tmp_path / "cut.jex"
    for length in range(512, end, 512):
        path.write_bytes(whole[:length])
        with pytest.raises(ImportFileError, match="cut off"):
            Reading(path)


def test_a_damaged_header_of_a_tar(tmp_path: Path) -> None:
    data = bytearray(made.write_tar(tmp_path / "a.jex", made.joplin_items()).read_bytes())
    data[100] ^= 1
    (tmp_path / "a.jex").write_bytes(data)
    with pytest.raises(ImportFileError, match="damaged"):
        Reading(tmp_path / "a.jex")


@pytest.mark.parametrize("size", [b"-0000001750\0", b"1_0\0", b"8\0"])
def test_a_size_in_a_tar_that_is_none(tmp_path: Path, size: bytes) -> None:
    """Behind a size below nothing the end of the file would be read over and over."""
    data = bytearray(made.write_tar(tmp_path / "a.jex", {"a.md": b"x"}, form=tarfile.USTAR_FORMAT).read_bytes())
    data[124:136] = size.ljust(12, b"\0")
    data[148:156] = b" " * 8
    data[148:156] = b"%06o\0 " % sum(data[:512])
    (tmp_path / "a.jex").write_bytes(data)
    with pytest.raises(ImportFileError, match="damaged"):
        Reading(tmp_path / "a.jex")


def test_encrypted_notes_of_joplin_are_told(tmp_path: Path) -> None:
    items = {f"{made.NOTE}.md": made.joplin_item("", "", 1, made.NOTE, encryption_applied="1")}
    found = Reading(made.write_tar(tmp_path / "a.jex", items))
    assert (found.notes, [remark.member for remark in found.remarks]) == ([], [made.NOTE])


@pytest.mark.parametrize("packed", [True, False])
def test_a_text_of_joplin_that_is_too_large_leaves_the_others_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, packed: bool
) -> None:
    items = {
        f"{made.NOTE}.md": made.joplin_item("Huge", "x" * 5_000, 1, made.NOTE),
        f"{made.OTHER}.md": made.joplin_item("Small", "y", 1, made.OTHER),
    }
    monkeypatch.setattr(joplin if packed else joplin_folder, "MOST_TEXT_BYTES", 5_000)
    folder = tmp_path / "export"
    folder.mkdir()
    for name, data in items.items():
        (folder / name).write_bytes(data)
    found = Reading(made.write_tar(tmp_path / "a.jex", items) if packed else folder)
    assert [note.title for note in found.notes] == ["Small"]
    assert [(one.member, one.reason[:27], one.failed) for one in found.remarks] == [
        (f"{made.NOTE}.md", "The file has too much text.", True)
    ]


def test_to_dos_places_and_the_trash_of_joplin(tmp_path: Path) -> None:
    items = {
        f"{made.NOTE}.md": made.joplin_item(
            "Task",
            "x",
            1,
            made.NOTE,
            is_todo="1",
            todo_due="1640995200000",
            todo_completed="0",
            latitude="52.5",
            longitude="0.00000000",
            is_conflict="1",
            deleted_time="0",
        ),
        f"{made.OTHER}.md": made.joplin_item("Gone", "y", 1, made.OTHER, deleted_time="1640995200000"),
    }
    found = Reading(made.write_tar(tmp_path / "a.jex", items))
    assert [note.front_matter for note in found.notes] == [
        "todo: open\ndue: 2022-01-01T00:00:00+00:00\nlatitude: 52.5\nlongitude: 0.00000000\nconflict: true\n"
    ]
    assert found.remarks == [Remark("Gone", "It was in Joplin's trash and was left out.", failed=False)]


def test_files_of_joplin_that_are_encrypted_or_no_note_names(tmp_path: Path) -> None:
    items = made.joplin_items()
    items[f"{made.PICTURE}.md"] = made.joplin_item("p.png", "", 4, made.PICTURE, encryption_blob_encrypted="1")
    items[f"resources/{'8' * 32}.pdf"] = b"%PDF-"
    items[f"{'8' * 32}.md"] = made.joplin_item("bill.pdf", "", 4, "8" * 32)
    attachments = Attachments(lambda _key, _name, chunks: list(chunks))
    path = made.write_tar(tmp_path / "a.jex", items)
    (first,) = (
        note
        for note in read_notes(path, attachments, lambda done, total: None)
        if isinstance(note, ForeignNote) and note.member == made.NOTE
    )
    assert first.attachments == ()
    assert [(one.member, one.reason[:16]) for one in attachments.remarks] == [("p.png", "It is encrypted.")]
    assert (attachments.skipped, attachments.skipped_names) == (1, ["bill.pdf"])


def test_notebooks_that_contain_each_other(tmp_path: Path) -> None:
    items = made.joplin_items()
    items[f"{made.NOTEBOOK}.md"] = made.joplin_item("Work", "", 2, made.NOTEBOOK, parent_id=made.INNER)
    found = Reading(made.write_tar(tmp_path / "a.jex", items))
    assert found.by_title["First"].folder == "Work/A-B"
    assert len(found.notes) == 2


def test_a_raw_folder_of_joplin_is_its_archive(tmp_path: Path) -> None:
    folder = tmp_path / "raw"
    for name, data in made.joplin_items().items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    (folder / f"{'d' * 32}.md").write_text("no item")
    (folder / f"{'e' * 32}.md").symlink_to("/etc/hostname")
    (folder / "resources" / f"{'f' * 32}.png").symlink_to("/etc/hostname")
    kept: dict[str, bytes] = {}
    attachments = Attachments(lambda _key, name, chunks: kept.update({name: b"".join(chunks)}))
    found = list(read_notes(folder, attachments, lambda done, total: None))
    notes = {note.title: note for note in found if isinstance(note, ForeignNote)}
    archive = Reading(made.write_tar(tmp_path / "a.jex", made.joplin_items())).by_title
    assert notes.keys() == archive.keys()
    for title, note in notes.items():
        same = archive[title]
        assert (note.member, note.folder, note.tags, note.hash) == (same.member, same.folder, same.tags, same.hash)
    assert notes["First"].text == "See [[Other|the other]] and ![pic](pic.png)"
    assert kept == {"pic.png": b"\x89PNG" * 10}
    remarks = {each.member: each.reason for each in found if isinstance(each, Remark)}
    assert remarks.keys() == {f"{'d' * 32}.md", f"{'e' * 32}.md"}
    assert "cannot be read" in remarks[f"{'e' * 32}.md"]
    assert attachments.skipped == 0
