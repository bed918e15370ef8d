from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.conversation import Role
from desktop_app.domain.errors import BackupError, CancelledError, ExportError
from desktop_app.domain.generation import StopReason
from desktop_app.domain.notes import ExportReport
from desktop_app.services.backups import BackupService
from desktop_app.services.export import Export
from desktop_app.services.note_import import NoteImport
from desktop_app.services.notes import NoteService
from desktop_app.storage.attachment_files import AttachmentFiles
from desktop_app.storage.backup import Backups
from desktop_app.storage.store import Store


def attachment_files(store: Store) -> AttachmentFiles:
    return AttachmentFiles(store.path.parent / "attachments")


def export(store: Store, folder: Path, cancel: CancelToken | None = None) -> ExportReport:
    return Export(store, attachment_files(store)).run(folder, lambda done, total, name: None, cancel or CancelToken())


@pytest.fixture
def filled(real_store: Store, note_service: NoteService) -> Store:
    for folder, text in (("a/b", "# Same: title\n\x00😀\r\nx"), ("a/b", "# same: title\nother"), ("..", "# ../../x\n")):
        note = note_service.create(folder, text)
        note_service.set_tags(note.id, ["t"])
    note_service.save(note.id, "# ../../x\nchanged")
    gone = note_service.create("", "# Thrown away")
    note_service.trash([gone.id])
    chat = real_store.conversations.create("A chat?")
    question = real_store.conversations.add_message(chat.id, None, Role.USER, "Q")
    first = real_store.conversations.add_message(chat.id, question.id, Role.ASSISTANT, "")
    real_store.conversations.finish_message(first.id, "one", [1, 2], StopReason.END, None)
    second = real_store.conversations.add_message(chat.id, question.id, Role.ASSISTANT, "")
    real_store.conversations.finish_message(second.id, "two", [3], StopReason.END, None)
    return real_store


def test_everything_is_in_the_export(filled: Store, tmp_path: Path) -> None:
    report = export(filled, tmp_path / "out")
    assert report == ExportReport(tmp_path / "out", 4, 1)
    files = sorted(path.relative_to(report.folder).as_posix() for path in report.folder.rglob("*") if path.is_file())
    assert files == [
        "chats/A chat.md",
        "inkwell.json",
        "notes/a/b/Same title.md",
        "notes/a/b/same title (2).md",
        "notes/x.md",
        "trash/notes/Thrown away.md",
    ]
    written = (report.folder / "notes/a/b/Same title.md").read_bytes()
    assert written.endswith("---\n# Same: title\n\x00😀\r\nx".encode())
    assert (report.folder / "chats/A chat.md").read_text() == "# A chat?\n\n## You\n\nQ\n\n## Answer\n\ntwo\n"
    everything = json.loads((report.folder / "inkwell.json").read_text("utf-8"))
    assert everything["notes"][0]["text"] == "# Same: title\n\x00😀\r\nx"
    assert everything["notes"][2]["versions"][0]["text"] == "# ../../x\n"
    assert [message["text"] for message in everything["conversations"][0]["messages"]] == ["Q", "one", "two"]
    assert everything["conversations"][0]["messages"][1]["token_ids"] == [1, 2]


def test_an_export_can_be_imported_again(filled: Store, tmp_path: Path) -> None:
    report = export(filled, tmp_path / "out")
    other = Store.open(tmp_path / "other" / "inkwell.sqlite3", backups=tmp_path / "other" / "b")
    done = NoteImport(NoteService(other)).run([report.folder / "notes"], lambda *_: None, CancelToken())
    assert done.failed == ()
    before = {(note.title, note.text, note.folder, note.tags) for note in filled.notes.get_many(filled.notes.all_ids())}
    after = {(note.title, note.text, note.folder, note.tags) for note in other.notes.get_many(other.notes.all_ids())}
    assert before == after
    other.close()


def test_nothing_is_overwritten(filled: Store, tmp_path: Path) -> None:
    mine = tmp_path / "full" / "mine.txt"
    mine.parent.mkdir()
    mine.write_text("x")
    first, second = export(filled, mine.parent).folder, export(filled, mine.parent).folder
    assert first != second
    assert first.parent == second.parent == mine.parent
    assert mine.read_text() == "x"
    empty = tmp_path / "empty"
    empty.mkdir()
    assert export(filled, empty).folder == empty
    with pytest.raises(ExportError):
        export(filled, mine)


def test_a_stopped_or_failed_export_leaves_nothing(
    filled: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(CancelledError):
        export(filled, tmp_path / "out", cancel)

    def full(path: Path, text: str) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("desktop_app.services.markdown_folder.write_text", full)
    with pytest.raises(ExportError, match="No space left"):
        export(filled, tmp_path / "out")
    assert [path.name for path in tmp_path.iterdir()] == ["data"]


def test_backups_by_hand_daily_and_back(real_store: Store, note_service: NoteService) -> None:
    day = datetime(2026, 5, 5, 9, tzinfo=UTC)
    service = BackupService(
        Backups(real_store.path, real_store.path.parent / "backups", lambda: day), clock=lambda: day
    )
    with pytest.raises(BackupError):
        service.restore_latest()
    note = note_service.quick_note("old")
    by_hand = service.back_up_now()
    assert service.back_up_if_due() is not None
    assert service.back_up_if_due() is None
    assert {backup.reason for backup in service.list_backups()} == {"by-hand", "daily"}
    note_service.save(note.id, "new")
    service.restore(by_hand)
    assert note_service.get(note.id).text == "old"


def test_restoring_the_latest_twice_does_not_undo_itself(real_store: Store, note_service: NoteService) -> None:
    moments = iter(datetime(2026, 5, 5, hour, tzinfo=UTC) for hour in range(24))
    service = BackupService(Backups(real_store.path, real_store.path.parent / "backups", lambda: next(moments)))
    note = note_service.quick_note("old")
    kept = service.back_up_now()
    note_service.save(note.id, "new")
    for _ in range(2):
        latest = service.restore_latest()
        assert (latest.path, latest.reason) == (kept, "by-hand")
        assert note_service.get(note.id).text == "old"
    before = [backup for backup in service.list_backups() if backup.reason == "before-restore"]
    service.restore(before[-1].path)
    assert note_service.get(note.id).text == "new"


def test_what_restores_kept_is_no_latest_backup(real_store: Store, note_service: NoteService) -> None:
    service = BackupService(Backups(real_store.path, real_store.path.parent / "backups"))
    note_service.quick_note("text")
    kept = service.back_up_now()
    service.restore_latest()
    kept.unlink()
    with pytest.raises(BackupError, match="no backup"):
        service.restore_latest()
