"""Files that are added to notes: what a person is told where there is no room for one."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from desktop_app.domain.errors import DiskFullError
from desktop_app.services.note_attachments import NoteAttachmentService
from desktop_app.services.notes import NoteService
from desktop_app.storage.attachment_files import AttachmentFiles
from desktop_app.storage.store import Store


def test_a_file_without_room_is_named_and_the_note_is_as_it_was(
    real_store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = NoteAttachmentService(real_store.note_attachments, AttachmentFiles(tmp_path / "attachments"))
    note = NoteService(real_store).create("", "# Barn\n")
    picture = tmp_path / "barn [1].png"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n")

    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("desktop_app.storage.attachment_batch.os.fsync", full)
        for add in (lambda: service.add_file(note.id, picture), lambda: service.add_bytes(note.id, b"x", "pasted.png")):
            with pytest.raises(DiskFullError) as caught:
                add()
            assert caught.value.what in (
                "“barn [1].png” was not added: the disk is full.",
                "“pasted.png” was not added: the disk is full.",
            )
            assert caught.value.todo == "Free some space, then add the file again."
    assert service.of_note(note.id) == []
    assert service.add_file(note.id, picture).name == "barn (1).png"
