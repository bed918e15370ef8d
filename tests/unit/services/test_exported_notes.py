"""What was exported as Markdown comes in again as the notes that it was."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.exported_notes import content_in, exported_id, folder_of_exported, read_exported_id
from desktop_app.domain.front_matter import split_front_matter, written_front_matter
from desktop_app.domain.notes import ImportReport, Note, NoteFilter
from desktop_app.services.export import Export
from desktop_app.services.folder_export import FolderExport
from desktop_app.services.note_export import NoteExport
from desktop_app.services.note_import import NoteImport
from desktop_app.services.notes import NoteService
from desktop_app.services.vault_originals import VaultOriginals
from desktop_app.storage.attachment_files import AttachmentFiles
from desktop_app.storage.store import Store

PNG = b"\x89PNG\r\n\x1a\n"


class Desk:
    """A store with its exports and imports."""

    def __init__(self, folder: Path) -> None:
        self.store = Store.open(folder / "inkwell.sqlite3", backups=folder / "backups")
        self.notes = NoteService(self.store)
        self.files = AttachmentFiles(folder / "attachments")

    def take(self, *paths: Path) -> ImportReport:
        attachments = (self.store.note_attachments, self.files)
        originals = VaultOriginals(self.store.source_folders, *attachments)
        importing = NoteImport(self.notes, attachments=attachments, originals=originals)
        return importing.run(paths, lambda *_: None, CancelToken())

    def give(self, folder: Path) -> Path:
        """All notes as *Export note* writes several of them."""

        def none() -> None:
            raise AssertionError

        export = NoteExport(self.store.notes, self.store.note_attachments, self.files, none)  # type: ignore[arg-type]
        ids = [row.id for row in self.notes.list_notes(NoteFilter())]
        return export.markdown(ids, folder, "Notes", lambda *_: None, CancelToken()).folder

    def places(self) -> dict[str, str]:
        rows = self.notes.list_notes(NoteFilter())
        assert len({row.title for row in rows}) == len(rows), "a note came in twice"
        return {row.title: row.folder for row in rows}

    def note(self, title: str) -> Note:
        (row,) = [row for row in self.notes.list_notes(NoteFilter()) if row.title == title]
        return self.notes.get(row.id)


@pytest.fixture
def desks(tmp_path: Path) -> Iterator[tuple[Desk, Desk]]:
    both = Desk(tmp_path / "one"), Desk(tmp_path / "two")
    both[0].notes.create("Home/Food", "# Soup\n\nboil #kitchen\n")
    both[0].notes.create("Home: old?", "# Stew\r\n\r\nslowly")
    both[0].notes.create("", "no heading, see [[Soup]]")
    yield both
    for desk in both:
        desk.store.close()


PLACES = {"Soup": "Home/Food", "Stew": "Home: old?", "no heading, see Soup": ""}


def only(report: ImportReport, *, imported: int = 0, updated: int = 0, unchanged: int = 0) -> None:
    found = (len(report.imported), len(report.updated), report.unchanged, report.failed)
    assert found == (imported, updated, unchanged, ())


def test_an_export_says_nothing_new_to_the_notes_it_is_of(desks: tuple[Desk, Desk], tmp_path: Path) -> None:
    desk = desks[0]
    folder = desk.give(tmp_path)
    only(desk.take(folder), unchanged=3)
    desk.notes.save(desk.note("Soup").id, "# Soup\n\nboil twice\n")
    only(desk.take(folder.parent / "Notes"), unchanged=3)
    assert desk.note("Soup").text == "# Soup\n\nboil twice\n"
    assert desk.places() == PLACES


def test_what_was_edited_in_an_export_is_the_same_notes_text(desks: tuple[Desk, Desk], tmp_path: Path) -> None:
    desk = desks[0]
    folder = desk.give(tmp_path)
    soup = desk.note("Soup")
    file = folder / "Home" / "Food" / "Soup.md"
    file.write_text(file.read_text() + "and salt\n")
    only(desk.take(folder), updated=1, unchanged=2)
    again = desk.notes.get(soup.id)
    assert (again.text, again.folder, again.front_matter) == (f"{soup.text}and salt\n", "Home/Food", "")
    assert [version.text for version in desk.notes.versions(soup.id)] == [soup.text]
    only(desk.take(folder), unchanged=3)
    desk.notes.save(soup.id, "mine")
    only(desk.take(folder), unchanged=3)
    assert desk.notes.get(soup.id).text == "mine"


def test_an_edited_file_that_was_renamed_is_still_the_note(desks: tuple[Desk, Desk], tmp_path: Path) -> None:
    desk = desks[0]
    folder = desk.give(tmp_path)
    file = folder / "Home" / "Food" / "Soup.md"
    file.write_text(file.read_text().replace("edited:", "aliases: [Broth]\nedited:") + "and salt\n")
    shutil.copy(file, folder / "copy of it.md")
    file.rename(folder / "a soup.md")
    report = desk.take(folder)
    only(report, imported=1, updated=1, unchanged=2)
    assert desk.notes.get(report.updated[0]).front_matter == "aliases: [Broth]\n"
    assert desk.notes.get(report.updated[0]).folder == "Home/Food"


def test_a_note_and_one_made_of_its_file_are_told_apart(desks: tuple[Desk, Desk], tmp_path: Path) -> None:
    desk = desks[0]
    soup = desk.note("Soup")
    file = desk.give(tmp_path) / "Home" / "Food" / "Soup.md"
    copy = NoteImport(desk.notes).add_text(file.read_text())
    desk.notes.save(copy.id, "# Soup\n\nanother one\n")
    folder = desk.give(tmp_path / "both")
    for path in list(folder.rglob("Soup*.md")):  # whichever is read first
        path.rename(path.with_name("a.md" if "another" in path.read_text() else "b.md"))
    only(desk.take(folder), unchanged=4)
    for path in folder.rglob("[ab].md"):
        path.write_text(path.read_text() + f"{'another' in path.read_text()}\n")
    only(desk.take(folder), updated=2, unchanged=2)
    assert desk.notes.get(soup.id).text == f"{soup.text}False\n"
    assert desk.notes.get(copy.id).text == "# Soup\n\nanother one\nTrue\n"


def test_notes_go_to_another_computer_and_back(desks: tuple[Desk, Desk], tmp_path: Path) -> None:
    first, second = desks
    first.give(tmp_path / "a")
    only(second.take(tmp_path / "a"), imported=3)
    assert second.places() == PLACES
    only(first.take(second.give(tmp_path / "b")), unchanged=3)

    second.notes.save(second.note("Soup").id, "# Soup\n\nfrom there\n")
    only(first.take(second.give(tmp_path / "c")), updated=1, unchanged=2)
    assert first.note("Soup").text == "# Soup\n\nfrom there\n"
    first.notes.save(first.note("Stew").id, "# Stew\n\nfrom here\n")
    last = first.give(tmp_path / "d")
    only(second.take(last), updated=1, unchanged=2)
    assert second.note("Stew").text == "# Stew\n\nfrom here\n"
    second.notes.save(second.note("Stew").id, "# Stew\n\nonce more\n")
    only(second.take(last), unchanged=3)
    assert first.places() == second.places() == PLACES


def test_export_of_everything_brings_its_notes_alone(desks: tuple[Desk, Desk], tmp_path: Path) -> None:
    first, second = desks
    gone = first.notes.create("", "# Thrown away")
    first.notes.trash([gone.id])
    first.store.conversations.create("A chat")
    folder = Export(first.store, first.files).run(tmp_path / "all", lambda *_: None, CancelToken()).folder
    only(first.take(folder), unchanged=3)
    only(second.take(folder), imported=3)
    assert second.places() == PLACES
    assert second.store.source_folders.folders() == []


def test_an_exported_folder_comes_in_where_it_was(desks: tuple[Desk, Desk], tmp_path: Path) -> None:
    first, second = desks
    export = FolderExport(first.store, first.notes, first.files)
    folder = export.run("Home", tmp_path / "home", lambda *_: None, CancelToken()).folder
    assert (folder / "Food" / "Soup.md").is_file()
    only(second.take(folder), imported=1)
    assert second.places() == {"Soup": "Home/Food"}


def test_the_export_of_a_folder_that_was_imported_doubles_nothing(desks: tuple[Desk, Desk], tmp_path: Path) -> None:
    desk = desks[1]
    vault = tmp_path / "vault"
    (vault / "sub").mkdir(parents=True)
    (vault / "a.md").write_bytes(b"# A\r\n![](pic.png)\r\n")
    (vault / "pic.png").write_bytes(PNG)
    (vault / "sub" / "b.md").write_text("# B\n")
    only(desk.take(vault), imported=2)
    desk.notes.save(desk.note("B").id, "# B\nedited here\n")
    export = FolderExport(desk.store, desk.notes, desk.files)
    folder = export.run(vault, tmp_path / "out", lambda *_: None, CancelToken()).folder
    only(desk.take(folder), unchanged=2)
    only(desk.take(vault), unchanged=2)
    assert desk.note("B").text == "# B\nedited here\n"
    (folder / "a.md").write_bytes(b"# A\r\nanother\r\n")
    only(desk.take(folder), imported=1, unchanged=1)


def test_a_note_stays_the_one_of_its_own_file(desks: tuple[Desk, Desk], tmp_path: Path) -> None:
    desk = desks[1]
    (tmp_path / "vault").mkdir()
    (tmp_path / "vault" / "a.md").write_text("# A\n")
    only(desk.take(tmp_path / "vault"), imported=1)
    folder = Export(desk.store, desk.files).run(tmp_path / "all", lambda *_: None, CancelToken()).folder
    file = folder / "notes" / "A.md"
    file.write_text(file.read_text() + "edited there\n")
    only(desk.take(folder), updated=1)
    assert desk.note("A").text == "# A\nedited there\n"
    only(desk.take(tmp_path / "vault"), unchanged=1)
    (tmp_path / "vault" / "a.md").write_text("# A\nin the vault\n")
    only(desk.take(tmp_path / "vault"), updated=1)


def test_a_copy_of_a_folder_comes_out_as_it_is(desks: tuple[Desk, Desk], tmp_path: Path) -> None:
    desk = desks[1]
    (tmp_path / "vault").mkdir()
    (tmp_path / "vault" / "a.md").write_bytes(b"# A\r\n")
    only(desk.take(tmp_path / "vault"), imported=1)
    shutil.copytree(tmp_path / "vault", tmp_path / "copy")
    only(desk.take(tmp_path / "copy"), unchanged=1)
    export = FolderExport(desk.store, desk.notes, desk.files)
    out = export.run(tmp_path / "copy", tmp_path / "out", lambda *_: None, CancelToken()).folder
    assert (out / "a.md").read_bytes() == b"# A\r\n"
    desk.notes.save(desk.note("A").id, "# A\r\nedited")
    out = export.run(tmp_path / "copy", tmp_path / "edited", lambda *_: None, CancelToken()).folder
    assert (out / "a.md").read_bytes() == b"# A\r\nedited"


def test_a_note_that_is_gone_for_good_comes_in_again(desks: tuple[Desk, Desk], tmp_path: Path) -> None:
    desk = desks[0]
    folder = desk.give(tmp_path)
    desk.notes.trash([desk.note("Soup").id])
    only(desk.take(folder), unchanged=3)
    (row,) = desk.notes.list_notes(NoteFilter(trashed=True))
    only(desk.take(folder / "Home" / "Food" / "Soup.md"), updated=1)
    assert desk.places() == PLACES
    desk.notes.trash([row.id])
    desk.notes.delete_forever([row.id])
    only(desk.take(folder), imported=1, unchanged=2)
    assert desk.places() == PLACES


@pytest.mark.parametrize(
    ("lies_in", "said", "folder"),
    [
        ("Notes/Home", "Home", "Home"),
        ("", "Home", "Home"),
        ("Food", "Home/Food", "Home/Food"),
        ("Notes", "", ""),
        ("Notes/Home old", "Home: old?", "Home: old?"),
        ("Work", "Home", "Work"),
        ("Home/Work", "Home/Food", "Home/Work"),
    ],
)
def test_folder_of_an_exported_file(lies_in: str, said: str, folder: str) -> None:
    assert folder_of_exported(lies_in, said) == folder


@given(
    st.text(st.characters(codec="utf-8"), max_size=30),
    st.lists(st.text(st.sampled_from("ab/é-"), min_size=1, max_size=5)),
    st.text(st.characters(codec="utf-8"), max_size=60),
    st.sampled_from(["", "title: x\nfolder: y\ncolour: red\n", "inkwell_id: 3-4-0123456789abcdef\nfolder:\n  z\n"]),
)
def test_what_was_written_is_known_to_be_unedited(title: str, tags: list[str], text: str, lines: str) -> None:
    from tests.fakes.fake_notes import START

    note = Note(7, title, text, "f", tuple(tags), START, START, front_matter=lines)
    name = exported_id(note, text)
    written = written_front_matter(title, tags, START, START, lines, folder="f", exported_id=name)
    matter, body = split_front_matter(written + text)
    exported = read_exported_id(matter.lines)
    assert exported is not None
    assert matter.folder == "f"
    assert exported.number == (3 if "inkwell_id" in lines else 7)
    assert exported.written == content_in(matter.lines, body)
    assert exported.written != content_in(matter.lines, body + "x")
