"""Two notes become one: nothing of either is lost, links follow, and one step takes it all back."""

from __future__ import annotations

import posixpath
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from desktop_app.domain.errors import NoteConflictError, StoreError
from desktop_app.domain.note_attachments import StoredFile
from desktop_app.domain.note_merging import MergeWay
from desktop_app.domain.notes import ImportSource, NoteFilter
from desktop_app.services.note_links import NoteLinkService
from desktop_app.services.note_merging import NoteMerging
from desktop_app.services.notes import IncomingNote, NoteService
from desktop_app.storage.attachment_files import AttachmentFiles
from desktop_app.storage.store import Store

WHEN = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture
def merging(note_service: NoteService, real_store: Store) -> NoteMerging:
    return NoteMerging(note_service, real_store.note_links, real_store.note_attachments)


def imported(notes: NoteService, name: str, text: str, lines: str, *tags: str) -> int:
    source = ImportSource(name, f"/{name}", "0", front_matter=lines)
    return notes.add_imported(IncomingNote(name.removesuffix(".md"), text, "", tags, source, WHEN, WHEN)).id


def test_merging_and_taking_back(note_service: NoteService, real_store: Store, merging: NoteMerging) -> None:
    notes = note_service
    dye = imported(notes, "Dye.md", "# Ink\n\ngalls\ngum, see [[dye#x]]\n", "aliases: Colour\n", "home", "work")
    ink = imported(notes, "Ink.md", "# Ink\n\ngalls\n", "title: Ink\nstatus: open\n", "work")
    pen = notes.create("", "[[Dye|the dye]] and [[colour]] but [[Ink]]")
    before = [notes.get(note_id) for note_id in (ink, dye, pen.id)]
    preview = merging.preview(ink, dye, MergeWay.DIFFERENT)
    assert [change.text for change in preview.changes if change.kind == "added"] == ["gum, see [[dye#x]]"]
    assert (preview.tags, preview.new_names) == (("home", "work"), ("Colour",))
    assert len(preview.links) == 2
    assert [notes.get(note.id) for note in before] == before
    told: list[int] = []
    notes.subscribe(told.extend)
    merged = merging.merge(preview)
    kept = notes.get(ink)
    assert (kept.title, kept.text) == ("Ink", "# Ink\n\ngalls\ngum, see [[Ink#x]]\n")
    assert kept.tags == ("home", "work")
    assert (kept.front_matter, merged.kept) == ('title: Ink\nstatus: open\naliases: ["Colour"]\n', kept)
    assert notes.get(dye).trashed_at is not None
    # A name that came along needs no other words.
    assert notes.get(pen.id).text == "[[Ink|the dye]] and [[colour]] but [[Ink]]"
    assert {
        link.note_id
        for link in NoteLinkService(notes, real_store.note_links, real_store.note_attachments).about(ink).backlinks
    } >= {pen.id}
    assert real_store.note_links.resolve(["colour"], "") == {"colour": ink}
    assert set(told) == {ink, dye, pen.id}
    assert [version.text for version in notes.versions(ink)] == ["# Ink\n\ngalls\n"]
    assert merging.take_back(merged) == []
    for old in before:
        now = notes.get(old.id)
        assert (now.title, now.text, now.tags, now.front_matter, now.edited_at, now.trashed_at) == (
            (old.title, old.text, old.tags, old.front_matter, old.edited_at, None)
        )
    assert real_store.note_links.resolve(["colour"], "") == {"colour": dye}
    assert kept.text in [version.text for version in notes.versions(ink)]


def test_what_the_other_text_shows_outlives_it(
    note_service: NoteService, real_store: Store, merging: NoteMerging
) -> None:
    kept, other = note_service.create("", "# Ink"), note_service.create("", "# Dye\n\n![[pot.png]]")
    file = StoredFile("0" * 64, "pot.png", "image/png", 1)
    real_store.note_attachments.attach(other.id, "pot.png", file)
    merging.merge(merging.preview(kept.id, other.id, MergeWay.JOINED))
    note_service.delete_forever([other.id])
    assert real_store.note_attachments.resolve(kept.id, ["pot.png"]) == {"pot.png": file}


@pytest.mark.parametrize(("folder", "written"), [("Work/Lab", "[[Work/Lab/Ink]]"), ("", "[[/Ink]]")])
def test_notes_of_one_title_in_two_folders(
    note_service: NoteService, real_store: Store, merging: NoteMerging, folder: str, written: str
) -> None:
    notes = note_service
    kept = notes.create(folder, "# Ink")
    other = notes.create("Home", "# Ink\n\ngum")
    third = notes.create("Home", "# Ink\n\nanother")
    near = notes.create("Home", "# Near\n\n[[Ink]]")
    merging.merge(merging.preview(kept.id, other.id, MergeWay.DIFFERENT))
    assert notes.get(near.id).text == f"# Near\n\n{written}"
    assert [link.note_id for link in real_store.note_links.links_to(kept.id)] == [near.id]
    assert notes.get(third.id) == third


def test_a_title_that_no_link_can_say_gets_a_name(
    note_service: NoteService, real_store: Store, merging: NoteMerging
) -> None:
    kept = note_service.create("", "# Ink #1 [old]\n\ngalls")
    other = note_service.create("", "# Ink\n\ngum")
    pen = note_service.create("", "[[Ink]]")
    merging.merge(merging.preview(kept.id, other.id, MergeWay.JOINED))
    assert note_service.get(pen.id) == pen
    assert real_store.note_links.resolve(["Ink"], "") == {"Ink": kept.id}


def test_what_was_changed_since_is_not_overwritten(note_service: NoteService, merging: NoteMerging) -> None:
    kept, other = note_service.create("", "# Ink"), note_service.create("", "# Dye\n\ngum")
    pen = note_service.create("", "[[Dye]]")
    merged = merging.merge(merging.preview(kept.id, other.id, MergeWay.JOINED))
    note_service.save(kept.id, "typed since")
    note_service.set_tags(kept.id, ["mine"])
    assert [note.id for note in merging.take_back(merged)] == [kept.id]
    assert note_service.get(kept.id).text == "typed since"
    assert note_service.get(kept.id).tags == ("mine",)
    assert note_service.get(other.id).trashed_at is None
    assert note_service.get(pen.id).text == "[[Dye]]"


def test_only_what_was_shown_is_merged(note_service: NoteService, merging: NoteMerging) -> None:
    kept, other = note_service.create("", "# Ink"), note_service.create("", "# Dye")
    preview = merging.preview(kept.id, other.id, MergeWay.JOINED)
    note_service.save(other.id, "# Dye\n\nmore")
    with pytest.raises(NoteConflictError):
        merging.merge(preview)
    assert note_service.get(kept.id) == kept
    assert note_service.get(other.id).trashed_at is None


def test_all_of_it_or_nothing(note_service: NoteService, merging: NoteMerging, monkeypatch: pytest.MonkeyPatch) -> None:
    kept, other = note_service.create("", "# Ink"), note_service.create("", "# Dye")
    pen = note_service.create("", "[[Dye]]")
    preview = merging.preview(kept.id, other.id, MergeWay.JOINED)

    def fail(*_: object) -> None:
        raise StoreError("The disk is full.")

    monkeypatch.setattr(merging, "_point", fail)
    with pytest.raises(StoreError):
        merging.merge(preview)
    assert note_service.get(kept.id) == kept
    assert note_service.get(pen.id) == pen
    assert note_service.list_notes(NoteFilter(trashed=True)) == []


@pytest.mark.parametrize("way", list(MergeWay))
def test_two_pictures_of_one_name_stay_two_in_the_merged_note(
    note_service: NoteService, real_store: Store, merging: NoteMerging, way: MergeWay
) -> None:
    kept = note_service.create("", "# Ink\n\n![[image.png]]\n![](img/a.png)")
    other = note_service.create("", "# Dye\n\n![[image.png|80]]\n![](img/a.png)\n![[same.png]]")
    mine, theirs, shared = (StoredFile(sign * 64, "image.png", "image/png", 1) for sign in "012")
    attachments = real_store.note_attachments
    attachments.attach_all(kept.id, {"image.png": mine, "img/a.png": mine, "same.png": shared})
    attachments.attach_all(other.id, {"image.png": theirs, "img/a.png": theirs, "same.png": shared})
    merged = merging.merge(merging.preview(kept.id, other.id, way))
    text = note_service.get(kept.id).text
    for written in ("![[image.png]]", "![[image (2).png|80]]", "![](img/a%20%282%29.png)", "![[same.png]]"):
        assert written in text
    meant = attachments.resolve(kept.id, ["image.png", "image (2).png", "img/a (2).png", "same.png"])
    assert [meant[name].hash[0] for name in meant] == ["0", "1", "1", "2"]
    assert merging.take_back(merged) == []
    assert attachments.resolve(other.id, ["image.png"]) == {"image.png": theirs}
    assert note_service.get(other.id).text == other.text


class Beside:
    """Files that lie on the disk, by the folder of the note that names them."""

    def __init__(self, notes: NoteService, files: dict[str, StoredFile], root: str) -> None:
        self._notes, self._files, self._root = notes, files, root
        self.texts = {file.hash: file.name.encode() for file in files.values()}

    def find(self, note_id: int, targets: Sequence[str]) -> dict[str, StoredFile]:
        folder = self._notes.get(note_id).folder
        if not folder.startswith(self._root):
            return {}
        paths = {target: posixpath.normpath(posixpath.join(folder, target)) for target in targets}
        return {target: self._files[path] for target, path in paths.items() if path in self._files}

    def read(self, file_hash: str) -> bytes | None:
        return self.texts.get(file_hash)


def beside(notes: NoteService) -> Beside:
    files = {
        path: StoredFile(str(number) * 64, posixpath.basename(path), "image/png", 1)
        for number, path in enumerate(["Vault/Home/img/pot.png", "Vault/Work/img/jar.png", "Vault/Home/img/jar.png"])
    }
    return Beside(notes, files, "Vault")


def test_relative_paths_lead_to_the_same_files_from_the_other_folder(
    note_service: NoteService, real_store: Store
) -> None:
    merging = NoteMerging(
        note_service, real_store.note_links, real_store.note_attachments, elsewhere=beside(note_service)
    )
    kept = note_service.create("Vault/Work", "# Ink\n\n![](img/jar.png)")
    text = "# Dye\n\n![pot](img/pot.png) [j](img/jar.png) ![no](img/none.png) [web](https://example.org/a.png)"
    other = note_service.create("Vault/Home", text)
    merging.merge(merging.preview(kept.id, other.id, MergeWay.JOINED))
    assert note_service.get(kept.id).text.splitlines()[-1] == (
        "![pot](../Home/img/pot.png) [j](../Home/img/jar.png) ![no](img/none.png) [web](https://example.org/a.png)"
    )


def test_what_the_kept_note_cannot_reach_is_copied(
    note_service: NoteService, real_store: Store, tmp_path: Path
) -> None:
    files = AttachmentFiles(tmp_path / "attachments")
    there = beside(note_service)
    there.texts["0" * 64] = b"the bytes"
    pot = files.put_bytes(b"the bytes", "pot.png")
    there._files["Vault/Home/img/pot.png"] = pot
    there.texts[pot.hash] = b"the bytes"
    merging = NoteMerging(
        note_service, real_store.note_links, real_store.note_attachments, files=files, elsewhere=there
    )
    kept, other = note_service.create("", "# Ink"), note_service.create("Vault/Home", "# Dye\n\n![](img/pot.png)")
    merging.merge(merging.preview(kept.id, other.id, MergeWay.JOINED))
    assert note_service.get(kept.id).text.endswith("![](img/pot.png)")
    found = real_store.note_attachments.resolve(kept.id, ["img/pot.png"])["img/pot.png"]
    assert files.read(found.hash) == b"the bytes"


def test_links_lead_where_they_led_before(note_service: NoteService, merging: NoteMerging) -> None:
    notes = note_service
    notes.create("Work", "# Pen")
    far = notes.create("Home", "# Pen")
    notes.create("Home", "# Jar")
    kept = notes.create("Work", "# Ink")
    other = notes.create("Home", "# Dye\n\n[[Pen|a pen]] [[Jar]] [[Nowhere]] [[Dye#Top]]")
    merging.merge(merging.preview(kept.id, other.id, MergeWay.JOINED))
    assert notes.get(kept.id).text.splitlines()[-1] == "[[Home/Pen|a pen]] [[Jar]] [[Nowhere]] [[Ink#Top]]"
    assert notes.get(far.id).trashed_at is None


def test_the_other_title_is_no_line_that_differs(note_service: NoteService, merging: NoteMerging) -> None:
    kept = note_service.create("", "# Ink\n\n- galls\n- gum")
    other = note_service.create("", "# Dye\n\n- galls\n- water\n- gum\n")
    assert merging.preview(kept.id, other.id, MergeWay.DIFFERENT).text == "# Ink\n\n- galls\n- water\n- gum"
    assert "# Dye" in merging.preview(kept.id, other.id, MergeWay.JOINED).text
    empty = note_service.create("", "")
    assert merging.preview(empty.id, other.id, MergeWay.DIFFERENT).text.startswith("# Dye")
    named = note_service.create("", "# A part\n\n- water")
    note_service.rewrite(named.id, "Another", "# A part\n\n- water")
    assert "# A part" in merging.preview(kept.id, named.id, MergeWay.DIFFERENT).text
