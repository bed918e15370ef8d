"""A folder that is unlinked while something else is about to look at it."""

from __future__ import annotations

from pathlib import Path

import pytest

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.folder_sync import LinkedFolder
from desktop_app.domain.notes import NoteFilter
from desktop_app.services.linked_folders.linked_folders import LinkedFolders
from desktop_app.services.notes import NoteService
from desktop_app.storage.store import Store


class Desk:
    """A linked folder with one note."""

    def __init__(self, store: Store, notes: NoteService, root: Path) -> None:
        self.root = root
        root.mkdir()
        (root / "Alpha.md").write_text("first text")
        self.store = store
        self.notes = notes
        self.folders = LinkedFolders(store, notes, "me")
        self.folder, _report = self.folders.link(root, lambda _done, _total, _name: None, CancelToken())
        self.note_id = notes.list_notes(NoteFilter())[0].id

    @property
    def files(self) -> dict[str, str]:
        return {path.name: path.read_text() for path in self.root.iterdir()}

    def unlink_once_asked(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Whoever asks next which folders are linked hears of one that is unlinked by then."""
        linked = self.folders.linked

        def outdated() -> list[LinkedFolder]:
            monkeypatch.setattr(self.folders, "linked", linked)
            found = linked()
            self.folders.unlink(self.folder)
            self.store.notes.save(self.note_id, title="Alpha", text="mine alone")
            return found

        monkeypatch.setattr(self.folders, "linked", outdated)


@pytest.fixture
def desk(real_store: Store, note_service: NoteService, tmp_path: Path) -> Desk:
    return Desk(real_store, note_service, tmp_path / "vault")


def test_a_look_that_waited_leaves_files_and_notes_alone(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.unlink_once_asked(monkeypatch)
    (desk.root / "Beta.md").write_text("came later")
    desk.folders.look_at_all(CancelToken())
    assert desk.files == {"Alpha.md": "first text", "Beta.md": "came later"}
    assert [note.title for note in desk.notes.list_notes(NoteFilter())] == ["Alpha"]
    assert desk.store.source_folders.files(desk.folder.id) == {}


def test_a_save_just_before_goes_to_no_file(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.unlink_once_asked(monkeypatch)
    desk.folders.look_at_notes([desk.note_id], CancelToken())
    assert desk.files == {"Alpha.md": "first text"}
    assert desk.store.source_folders.files(desk.folder.id) == {}
