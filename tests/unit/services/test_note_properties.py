"""Properties edited by a person, on a real store, in linked folders and in exports of vaults."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.errors import NoteConflictError, PropertiesError
from desktop_app.domain.notes import ImportSource, Note, NoteFilter
from desktop_app.services.linked_folders.linked_folders import LinkedFolders
from desktop_app.services.note_properties import NoteProperties
from desktop_app.services.notes import IncomingNote, NoteService
from desktop_app.storage.store import Store

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
LINES = "# kept by hand\ntitle: 'Bee keeping'\naliases: [Hives,  \"the bees\"]\ntags:\n  - garden\nnested:\n  a: 1\n"


@pytest.fixture
def properties(note_service: NoteService) -> NoteProperties:
    return NoteProperties(note_service, lambda: NOW)


@pytest.fixture
def bees(note_service: NoteService) -> Note:
    source = ImportSource(path="bees.md", file="/v/bees.md", hash="0", front_matter=LINES)
    return note_service.add_imported(IncomingNote("Bee keeping", "smoke\n", "", ("garden",), source, NOW, NOW))


def test_an_edit_keeps_every_other_byte_and_tags_title_and_names_follow(
    properties: NoteProperties, note_service: NoteService, real_store: Store, bees: Note
) -> None:
    told: list[list[int]] = []
    note_service.subscribe(lambda ids: told.append(list(ids)))
    assert properties.lines(bees.id) == LINES
    wanted = LINES.replace("- garden", "- yard\n  - Bees").replace("Bee keeping", "Bees").replace("Hives", "Swarms")
    after = properties.save(bees.id, wanted, LINES).after
    assert after.front_matter == wanted
    assert (after.title, after.tags, after.text) == ("Bees", ("bees", "yard"), "smoke\n")
    assert told == [[bees.id]]
    assert real_store.note_links.resolve(["Swarms", "Hives"], "") == {"Swarms": bees.id}


def test_the_same_lines_change_nothing(properties: NoteProperties, note_service: NoteService, bees: Note) -> None:
    properties.save(bees.id, LINES, LINES)
    assert note_service.get(bees.id) == bees
    assert note_service.versions(bees.id) == []


def test_tags_given_in_the_window_are_among_the_lines(
    properties: NoteProperties, note_service: NoteService, bees: Note
) -> None:
    note_service.set_tags(bees.id, ["garden", "summer"])
    shown = properties.lines(bees.id)
    assert 'tags: ["garden", "summer"]\nnested:' in shown
    assert properties.save(bees.id, shown.replace(', "summer"', ""), shown).after.tags == ("garden",)


def test_a_tag_that_the_text_says_stays(properties: NoteProperties, note_service: NoteService, bees: Note) -> None:
    note_service.save(bees.id, "smoke #garden\n")
    after = properties.save(bees.id, "mood: calm\n", LINES).after
    assert after.tags == ("garden",)


def test_a_note_without_properties_gets_some_and_loses_them(
    properties: NoteProperties, note_service: NoteService
) -> None:
    note = note_service.create("", "# Ink\n\ngalls\n")
    assert properties.lines(note.id) == ""
    properties.save(note.id, "status: draft\ntags: [ink]\n", "")
    assert note_service.get(note.id).tags == ("ink",)
    after = properties.save(note.id, "", "status: draft\ntags: [ink]\n").after
    assert (after.front_matter, after.tags, after.title) == ("", (), "Ink")


def test_what_stood_there_is_a_version_that_can_be_put_back(
    properties: NoteProperties, note_service: NoteService, bees: Note
) -> None:
    properties.save(bees.id, "mood: calm\n", LINES)
    (version,) = note_service.versions(bees.id)
    assert version.front_matter == LINES
    back = note_service.restore_version(version.id)
    assert (back.front_matter, back.tags, back.title) == (LINES, ("garden",), "Bee keeping")
    assert note_service.versions(bees.id)[0].front_matter == "mood: calm\n"


def test_undo_makes_them_what_they_were_unless_they_changed_since(
    properties: NoteProperties, note_service: NoteService, bees: Note
) -> None:
    change = properties.save(bees.id, "mood: calm\n", LINES)
    note_service.save(bees.id, "typed since\n")
    properties.take_back(change)
    now = note_service.get(bees.id)
    assert (now.front_matter, now.tags, now.title, now.text) == (LINES, ("garden",), "Bee keeping", "typed since\n")
    change = properties.save(bees.id, "mood: calm\n", LINES)
    properties.save(bees.id, "mood: cross\n", "mood: calm\n")
    with pytest.raises(NoteConflictError):
        properties.take_back(change)
    assert note_service.get(bees.id).front_matter == "mood: cross\n"


def test_what_another_window_changed_meanwhile_is_told_and_not_lost(
    properties: NoteProperties, note_service: NoteService, bees: Note
) -> None:
    properties.save(bees.id, "mood: calm\n", LINES)
    with pytest.raises(NoteConflictError):
        properties.save(bees.id, "mood: cross\n", LINES)
    assert note_service.get(bees.id).front_matter == "mood: calm\n"
    properties.save(bees.id, "mood: cross\n", None)
    assert [one.front_matter for one in note_service.versions(bees.id)] == ["mood: calm\n", LINES]


def test_lines_that_would_become_text_are_refused(
    properties: NoteProperties, note_service: NoteService, bees: Note
) -> None:
    for lines in ("a: b\n---\nc: d\n", "only words\n"):
        with pytest.raises(PropertiesError):
            properties.save(bees.id, lines, LINES)
    assert note_service.get(bees.id) == bees


class Vault:
    """A linked folder with one file, whose bytes are odd in every way that is allowed."""

    HEAD = "--- \r\n# mine\r\ntitle: 'Ink'\r\nmood:   good # or so\r\ntags: [One,  two]\r\n...\r\n"

    def __init__(self, root: Path, store: Store, notes: NoteService) -> None:
        self.file = root / "Ink.md"
        root.mkdir()
        self.file.write_bytes(b"\xef\xbb\xbf" + (self.HEAD + "galls\r\n").encode())
        self.folders = LinkedFolders(store, notes, "me", lambda: NOW)
        self.linked, _ = self.folders.link(root, lambda *_: None, CancelToken())
        self.note = notes.get(notes.list_notes(NoteFilter())[0].id)

    def look(self) -> object:
        return self.folders.look(self.linked, CancelToken())

    def read(self) -> str:
        return self.file.read_bytes().decode()


@pytest.fixture
def vault(tmp_path: Path, real_store: Store, note_service: NoteService) -> Vault:
    return Vault(tmp_path / "vault", real_store, note_service)


def test_a_linked_file_gets_the_edit_and_keeps_marks_and_line_ends(
    vault: Vault, properties: NoteProperties, note_service: NoteService
) -> None:
    seen = properties.lines(vault.note.id)
    before = vault.read()
    properties.save(vault.note.id, seen.replace("good", "bad").replace("One", "Three"), seen)
    vault.look()
    assert vault.read() == before.replace("good", "bad").replace("One", "Three")
    assert note_service.get(vault.note.id).tags == ("three", "two")
    vault.look()
    assert vault.read() == before.replace("good", "bad").replace("One", "Three")
    properties.save(vault.note.id, "", properties.lines(vault.note.id))
    vault.look()
    assert vault.read() == "\ufeffgalls\r\n"
    assert note_service.get(vault.note.id).tags == ()


def test_an_edit_of_the_text_leaves_the_linked_files_properties_byte_for_byte(
    vault: Vault, note_service: NoteService
) -> None:
    note_service.save(vault.note.id, "oak galls\r\n")
    vault.look()
    assert vault.read() == "\ufeff" + vault.HEAD + "oak galls\r\n"


def test_a_file_and_its_note_that_both_got_other_properties_are_both_kept(
    vault: Vault, properties: NoteProperties, note_service: NoteService
) -> None:
    seen = properties.lines(vault.note.id)
    properties.save(vault.note.id, seen.replace("good", "ours"), seen)
    vault.file.write_bytes(vault.file.read_bytes().replace(b"good", b"theirs"))
    vault.look()
    assert "theirs" in note_service.get(vault.note.id).front_matter
    all_notes = [note_service.get(row.id) for row in note_service.list_notes(NoteFilter())]
    (copy,) = [note for note in all_notes if note.id != vault.note.id]
    assert "ours" in copy.front_matter


def test_properties_that_a_linked_file_overwrites_are_a_version(vault: Vault, note_service: NoteService) -> None:
    vault.file.write_bytes(vault.file.read_bytes().replace(b"good", b"theirs"))
    vault.look()
    (version,) = note_service.versions(vault.note.id)
    assert version.front_matter == vault.note.front_matter
