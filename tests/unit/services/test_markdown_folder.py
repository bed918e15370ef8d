"""Notes with pictures as a folder of Markdown in which every name leads to its file."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.errors import ExportError
from desktop_app.domain.note_attachments import find_references
from desktop_app.domain.notes import ExportReport
from desktop_app.services import markdown_folder
from desktop_app.services.export import Export
from desktop_app.services.markdown_folder import MarkdownFolder
from desktop_app.services.note_attachments import NoteAttachmentService
from desktop_app.services.notes import NoteService
from desktop_app.storage.attachment_files import AttachmentFiles
from desktop_app.storage.store import Store

PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture
def files(real_store: Store) -> AttachmentFiles:
    return AttachmentFiles(real_store.path.parent / "attachments")


@pytest.fixture
def service(real_store: Store, files: AttachmentFiles) -> NoteAttachmentService:
    return NoteAttachmentService(real_store.note_attachments, files)


def _export(store: Store, files: AttachmentFiles, folder: Path) -> ExportReport:
    return Export(store, files).run(folder, lambda *_: None, CancelToken())


def _written(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_files_lie_where_the_texts_look_for_them(
    real_store: Store, note_service: NoteService, files: AttachmentFiles, tmp_path: Path
) -> None:
    one, two = files.put_bytes(PNG + b"1", "pic.png"), files.put_bytes(PNG + b"2", "pic.png")
    text = "# A\n![](img/pic.png) ![[pic.png]] ![](../up.png) ![out](../../../out.png) ![j](:/0a)\r\n"
    first = note_service.create("x/y", text)
    second = note_service.create("x", "# B\n![[pic.png]] ![[sub/pic.png|90]] `![no](no.png)`")
    rows = real_store.note_attachments
    rows.attach_all(
        first.id, {"img/pic.png": one, "pic.png": one, "../up.png": two, "../../../out.png": two, ":/0a": two}
    )
    rows.attach_all(second.id, {"pic.png": two, "sub/pic.png": two})
    report = _export(real_store, files, tmp_path / "out")
    folder = report.folder
    assert _written(folder) == [
        "inkwell.json",
        "notes/attachments/pic (2).png",
        "notes/sub/pic.png",
        "notes/x/B.md",
        "notes/x/up.png",
        "notes/x/y/A.md",
        "notes/x/y/img/pic.png",
    ]
    assert report.attachments == 4
    written = (folder / "notes/x/y/A.md").read_bytes().decode()
    assert written.endswith("![](img/pic.png) ![[pic.png]] ![](../up.png) ![out](../up.png) ![j](../up.png)\r\n")
    for reference in find_references(written):
        if not reference.is_wiki:
            assert (folder / "notes/x/y" / reference.target).is_file()
    assert (folder / "notes/x/B.md").read_text().endswith("![[pic (2).png]] ![[sub/pic.png|90]] `![no](no.png)`")
    assert (folder / "notes/x/up.png").read_bytes() == PNG + b"2"
    noted = json.loads((folder / "inkwell.json").read_bytes())["notes"][0]
    assert noted["text"] == text
    assert {one["target"] for one in noted["attachments"]} == {each.target for each in rows.of_note(first.id)}
    assert all((folder / one["file"]).is_file() for one in noted["attachments"])


def test_two_pictures_of_one_name_stay_two(
    real_store: Store, note_service: NoteService, files: AttachmentFiles, tmp_path: Path
) -> None:
    for number in (1, 2):
        note = note_service.create("", f"# {number}\n![[pic.png]]")
        real_store.note_attachments.attach(note.id, "pic.png", files.put_bytes(PNG + bytes([number]), "pic.png"))
    folder = _export(real_store, files, tmp_path / "out").folder / "notes"
    for number, name in ((1, "pic.png"), (2, "pic (2).png")):
        assert (folder / f"{number}.md").read_text().endswith(f"![[{name}]]")
        assert (folder / "attachments" / name).read_bytes() == PNG + bytes([number])


def test_what_only_a_version_names_is_exported_and_what_is_missing_is_said(
    real_store: Store, note_service: NoteService, service: NoteAttachmentService, files: AttachmentFiles, tmp_path: Path
) -> None:
    note = note_service.create("", "# A")
    kept = service.add_bytes(note.id, PNG, "old.png")
    lost = service.add_bytes(note.id, b"x", "lost.pdf")
    note_service.save(note.id, f"# A\n{kept.markdown} {lost.markdown}")
    note_service.save(note.id, f"# A\n{lost.markdown}")
    files.path(lost.file.hash).unlink()
    report = _export(real_store, files, tmp_path / "out")
    assert report.missing == ("lost.pdf",)
    assert "notes/attachments/old.png" in _written(report.folder)
    assert lost.markdown in (report.folder / "notes/A.md").read_text()


def test_names_lead_nowhere_else(
    real_store: Store, note_service: NoteService, files: AttachmentFiles, tmp_path: Path
) -> None:
    hostile = [
        "../../../../evil.png",
        "/evil.png",
        "a/../../../../evil2.png",
        "con.png",
        "x/..",
        "C:/evil.png",
        "a\x00.png",
    ]
    for number, name in enumerate(hostile):
        note = note_service.create("", f"# n{number}\n![[{name}]]")
        real_store.note_attachments.attach(note.id, name, files.put_bytes(PNG + bytes([number]), name))
    report = _export(real_store, files, tmp_path / "deep" / "out")
    assert report.attachments == len(hostile)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data", "deep"]
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["out"]


def test_a_file_and_a_folder_of_one_name_live_beside_each_other(
    real_store: Store, note_service: NoteService, files: AttachmentFiles, tmp_path: Path
) -> None:
    note = note_service.create("a", "# N\n[x](b) [y](b/c.png) ![[d]]")
    names = {
        "b": files.put_bytes(b"1", "b"),
        "b/c.png": files.put_bytes(b"2", "c.png"),
        "d": files.put_bytes(b"3", "d"),
    }
    real_store.note_attachments.attach_all(note.id, names)
    note_service.create("attachments/d", "# Inside")
    folder = _export(real_store, files, tmp_path / "out").folder / "notes"
    assert _written(folder) == [
        "a/N.md",
        "a/b",
        "a/b (2)/c.png",
        "attachments/d",
        "attachments/d (2)/Inside.md",
    ]
    assert "[x](b) [y](b%20%282%29/c.png) ![[d]]" in (folder / "a/N.md").read_text()


def test_names_that_windows_lacks_get_others_there(
    real_store: Store, files: AttachmentFiles, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name with a colon would make a hidden stream of another file there."""
    monkeypatch.setattr(markdown_folder, "_ON_WINDOWS", True)
    folder = MarkdownFolder(tmp_path / "out", real_store.note_attachments, files)
    for name in ("a: b.md", ".obsidian/app.json", "sub /aux.md", "two  blanks.md", "end..md"):
        folder.write_exactly(name, b"x")
    assert _written(tmp_path / "out") == [
        ".obsidian/app.json",
        "a b.md",
        "end..md",
        "sub/_aux.md",
        "two  blanks.md",
    ]


def test_what_could_run_is_not_opened_and_copies_cannot_be_changed(
    note_service: NoteService, real_store: Store, files: AttachmentFiles, tmp_path: Path
) -> None:
    service = NoteAttachmentService(real_store.note_attachments, files, tmp_path / "opened")
    note = note_service.create("", "a")
    for name in ("run.sh", "a.exe", "a.pdf.desktop", "noending", "a.svg", "a.html", "pdf"):
        with pytest.raises(ExportError, match="not opened"):
            service.copy_to_open(service.add_bytes(note.id, name.encode(), name).file)
    assert not (tmp_path / "opened").exists()
    old = service.copy_to_open(service.add_bytes(note.id, b"%PDF-1", "A.PDF").file)
    assert not old.stat().st_mode & 0o222
    os.utime(old.parent, (0, 0))
    service.copy_to_open(service.add_bytes(note.id, b"%PDF-2", "b.pdf").file)
    assert not old.exists()  # a copy is gone after a day


def test_old_copies_go_where_a_file_that_may_only_be_read_cannot_be_deleted(
    note_service: NoteService,
    real_store: Store,
    files: AttachmentFiles,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    real_unlink = os.unlink

    def unlink(path: str, *, dir_fd: int | None = None) -> None:
        """As on Windows."""
        if not os.stat(path, dir_fd=dir_fd).st_mode & 0o200:
            raise PermissionError(13, "Access is denied")
        real_unlink(path, dir_fd=dir_fd)

    service = NoteAttachmentService(real_store.note_attachments, files, tmp_path / "opened")
    note = note_service.create("", "a")
    old = service.copy_to_open(service.add_bytes(note.id, b"%PDF-1", "a.pdf").file)
    os.utime(old.parent, (0, 0))
    monkeypatch.setattr(os, "unlink", unlink)
    service.copy_to_open(service.add_bytes(note.id, b"%PDF-2", "b.pdf").file)
    assert not old.exists()


def test_a_name_is_free_or_the_same_file(
    note_service: NoteService, service: NoteAttachmentService, tmp_path: Path
) -> None:
    first, second = note_service.create("", "a"), note_service.create("", "b")
    path = tmp_path / "my [pic]#1.png"
    path.write_bytes(PNG)
    added = service.add_file(first.id, path)
    assert (added.name, added.markdown) == ("my (pic) 1.png", "![my (pic) 1.png](my%20%28pic%29%201.png)")
    assert service.add_file(second.id, path).name == added.name
    other = service.add_bytes(second.id, PNG + b"2", "my (pic) 1.png")
    assert other.name == "my (pic) 1 (2).png"
    assert service.resolve(second.id, [added.name, other.name]) == {added.name: added.file, other.name: other.file}
    assert service.read(other.file) == PNG + b"2"
