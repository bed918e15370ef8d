"""Notes that are deleted for good, or saved, while an import that knows them runs."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.notes import ImportReport, ImportSource, Note, NoteFilter
from desktop_app.services.known_notes import KnownNotes
from desktop_app.services.note_import import NoteImport
from desktop_app.services.notebook_links import NotebookLinks
from desktop_app.services.notes import IncomingNote, NoteService
from desktop_app.storage.attachment_files import AttachmentFiles
from desktop_app.storage.store import Store

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)


class Room:
    """A folder of two notes, one with a picture, that came in once."""

    def __init__(self, store: Store, notes: NoteService, folder: Path) -> None:
        self.notes = notes
        self.folder = folder
        files = AttachmentFiles(store.path.parent / "attachments")
        self.importer = NoteImport(notes, attachments=(store.note_attachments, files))
        self.put("a.md", "![[pic.png]]")
        self.put("b.md", "second")
        self.put("pic.png", "picture")
        self.goes, self.stays = self.run().imported

    def put(self, name: str, text: str) -> None:
        self.folder.mkdir(exist_ok=True)
        (self.folder / name).write_text(text)

    def run(self, *, folder: Path | None = None, delete: bool = False) -> ImportReport:
        def progress(_done: float, _total: int, _name: str) -> None:
            if delete:
                self.notes.trash([self.goes])
                self.notes.delete_forever([self.goes])

        return self.importer.run([folder or self.folder], progress, CancelToken())

    def texts(self) -> list[str]:
        return sorted(self.notes.get(row.id).text for row in self.notes.list_notes(NoteFilter()))


@pytest.fixture
def room(real_store: Store, note_service: NoteService, tmp_path: Path) -> Room:
    return Room(real_store, note_service, tmp_path / "vault")


def test_a_file_that_changed_comes_in_anew_and_the_others_as_ever(room: Room) -> None:
    room.put("a.md", "changed ![[pic.png]]")
    room.put("b.md", "second, changed")
    report = room.run(delete=True)
    assert (len(report.imported), report.updated, report.failed, report.broken_off) == (1, (room.stays,), (), "")
    assert room.texts() == ["changed ![[pic.png]]", "second, changed"]


def test_a_picture_that_changed_stops_nothing(room: Room) -> None:
    room.put("pic.png", "another picture")
    room.put("b.md", "second, changed")
    report = room.run(delete=True)
    assert (report.imported, report.updated, report.failed, report.broken_off) == ((), (room.stays,), (), "")


def test_a_folder_that_was_moved_stops_nothing(room: Room) -> None:
    moved = room.folder.rename(room.folder.with_name("moved"))
    (moved / "b.md").write_text("second, changed")
    report = room.run(folder=moved, delete=True)
    assert (report.updated, report.failed, report.broken_off) == ((room.stays,), (), "")


def test_a_copy_of_the_folder_stops_nothing(room: Room) -> None:
    copy = room.folder.with_name("copy")
    copy.mkdir()
    (copy / "a.md").write_text("other")
    report = room.run(folder=copy, delete=True)
    assert (len(report.imported), report.failed, report.broken_off) == (1, (), "")


def test_what_is_saved_while_links_are_written_is_not_written_over(
    real_store: Store, note_service: NoteService, monkeypatch: pytest.MonkeyPatch
) -> None:
    def came(name: str, text: str) -> int:
        source = ImportSource(path=f"x.enex/{name}", file=f"/x.enex/{name}", hash="h")
        return real_store.notes.create(name, text, source=source).id

    came("Tea", "text")
    linking = came("Links", "See [Tea](evernote:///view/1/s1/a/b/).")
    rewrite = note_service.rewrite
    saving: list[threading.Thread] = []

    def saved_meanwhile(note_id: int, title: str, text: str, **how: Any) -> Note:
        thread = threading.Thread(target=note_service.save, args=(note_id, "typed just now"))
        saving.append(thread)
        thread.start()
        while thread.is_alive() and not real_store.others_wait():
            thread.join(0.001)
        return rewrite(note_id, title, text, **how)

    monkeypatch.setattr(note_service, "rewrite", saved_meanwhile)
    known = KnownNotes(note_service.import_sources())
    links = NotebookLinks()
    incoming = IncomingNote("", "", "", (), ImportSource(path="", file="/x.enex/Links", hash=""), NOW, NOW)
    links.see([incoming])
    assert list(links.write(note_service, known)) == [linking]
    saving[0].join(10)
    assert note_service.get(linking).text == "typed just now"
