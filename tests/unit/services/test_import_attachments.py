"""Imports keep the pictures and files that notes name: once, inside the import only, and none by halves."""

from __future__ import annotations

import base64
import hashlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO

import pytest

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.errors import DiskFullError
from desktop_app.domain.note_attachments import StoredFile, targets_in
from desktop_app.domain.notes import ImportReport, Note, NoteFilter
from desktop_app.services import bounded_commits
from desktop_app.services.note_import import NoteImport
from desktop_app.services.notes import NoteService
from desktop_app.storage.attachment_batch import FileBatch
from desktop_app.storage.attachment_files import AttachmentFiles
from desktop_app.storage.store import Store
from tests.fakes import note_files as made
from tests.fakes.office_files import paragraph, write_docx
from tests.unit.services.test_foreign_notes import DirectReader

PNG = b"\x89PNG\r\n\x1a\n"


class Room:
    """Imports into a real store, with a place for files."""

    def __init__(self, store: Store, notes: NoteService) -> None:
        self.store = store
        self.notes = notes
        self.files = AttachmentFiles(store.path.parent / "attachments")
        stores = (store.note_attachments, self.files)
        self.importer = NoteImport(notes, reader=DirectReader(), attachments=stores)

    def run(self, *paths: Path) -> ImportReport:
        return self.importer.run(paths, lambda *_: None, CancelToken())

    def note(self, title: str) -> Note:
        row = next(row for row in self.notes.list_notes(NoteFilter()) if row.title == title)
        return self.notes.get(row.id)

    def shown(self, title: str) -> dict[str, bytes]:
        """What each name in the note's text leads to."""
        note = self.note(title)
        found = self.store.note_attachments.resolve(note.id, targets_in(note.text))
        return {target: self.files.read(file.hash) for target, file in found.items()}

    def stored(self) -> int:
        return sum(path.is_file() for path in self.files.folder.rglob("*"))


@pytest.fixture
def room(real_store: Store, note_service: NoteService) -> Room:
    return Room(real_store, note_service)


@pytest.fixture
def vault(tmp_path: Path) -> Path:
    folder = tmp_path / "vault"
    for name, data in {
        "a/one.md": "# One\n![[pic.png]] ![](img/pic.png) ![[assets/top.png]] ![](../assets/top.png) ![x](no.png)",
        "a/img/pic.png": PNG + b"a",
        "b/two.md": "# Two\n![[pic.png|200]] [paper](<the paper.pdf>) [odd](data.json) ![[One]] [out](../../out.png)",
        "b/pic.png": PNG + b"b",
        "b/the paper.pdf": "%PDF-1.7 no real one",
        "b/data.json": "{}",
        "assets/top.png": PNG + b"t",
        "assets/unused.png": PNG + b"u",
        "_resources/r.png": PNG + b"r",
        "three.md": "# Three\n![](_resources/r.png)",
        ".obsidian/x.png": PNG,
    }.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
    (tmp_path / "out.png").write_bytes(PNG + b"secret")
    return folder


def test_a_vault_keeps_what_its_notes_name(room: Room, vault: Path) -> None:
    report = room.run(vault)
    assert room.shown("One") == {
        "pic.png": PNG + b"a",
        "img/pic.png": PNG + b"a",
        "assets/top.png": PNG + b"t",
        "../assets/top.png": PNG + b"t",
    }
    assert room.shown("Two") == {
        "pic.png": PNG + b"b",
        "the paper.pdf": b"%PDF-1.7 no real one",
        "data.json": b"{}",
    }
    assert room.shown("Three") == {"_resources/r.png": PNG + b"r"}
    assert (report.attachments, report.skipped_attachments) == (6, 1)
    assert report.not_taken == (str(vault / "assets/unused.png"),)
    assert room.stored() == 6


def test_no_row_names_a_file_that_is_not_on_the_disk(room: Room, vault: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    attach = room.store.note_attachments.attach_all
    seen: list[bool] = []

    def attached(note_id: int, files: Mapping[str, StoredFile]) -> None:
        seen.extend(room.files.is_whole(file.hash) for file in files.values())
        attach(note_id, files)

    monkeypatch.setattr(room.store.note_attachments, "attach_all", attached)
    jex = made.write_tar(vault.parent / "x.jex", made.joplin_items())
    room.run(vault, jex)
    assert len(seen) > 6
    assert all(seen)
    assert not list(room.files.folder.glob(".*"))


def test_the_same_again_doubles_nothing_and_a_changed_picture_comes_in(room: Room, vault: Path) -> None:
    room.run(vault)
    before = room.stored()
    again = room.run(vault)
    assert (again.imported, again.updated, again.attachments) == ((), (), 0)
    assert again.skipped_attachments == 1  # which no note names; the others are there already
    assert room.stored() == before
    (vault / "b/pic.png").write_bytes(PNG + b"another")
    (vault / "three.md").write_text("# Three\n![](_resources/r.png) ![[unused.png]]")
    changed = room.run(vault)
    assert len(changed.updated) == 1
    assert room.shown("Two")["pic.png"] == PNG + b"another"
    assert room.shown("Three") == {"_resources/r.png": PNG + b"r", "unused.png": PNG + b"u"}


def test_a_picture_that_changed_and_is_as_long_as_before_comes_in(room: Room, vault: Path) -> None:
    room.run(vault)
    assert room.shown("Three") == {"_resources/r.png": PNG + b"r"}
    (changed,) = vault.rglob("r.png")
    changed.write_bytes(PNG + b"R")
    assert room.run(vault).attachments == 1
    assert room.shown("Three") == {"_resources/r.png": PNG + b"R"}


def test_notes_that_came_without_their_pictures_get_them(room: Room, vault: Path) -> None:
    NoteImport(room.notes).run([vault], lambda *_: None, CancelToken())
    assert room.shown("Three") == {}
    report = room.run(vault)
    assert report.imported == report.updated == ()
    assert room.shown("Three") == {"_resources/r.png": PNG + b"r"}


def test_links_out_of_the_folder_are_not_followed(room: Room, tmp_path: Path) -> None:
    secret = tmp_path / "secret.png"
    secret.write_bytes(PNG + b"secret")
    folder = tmp_path / "vault"
    folder.mkdir()
    (folder / "pic.png").symlink_to(secret)
    (folder / "n.md").write_text(f"# N\n![](pic.png) ![](../secret.png) ![]({secret}) ![](file://{secret})")
    room.run(folder)
    assert room.shown("N") == {}
    (folder / "alone.md").write_text("# Alone\n![](pic.png) ![](../secret.png) ![](beside.png)")
    (folder / "beside.png").write_bytes(PNG + b"beside")
    room.run(folder / "alone.md")
    assert room.shown("Alone") == {"beside.png": PNG + b"beside"}
    assert room.stored() == 1


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
def test_a_picture_that_became_a_link_since_it_was_listed_is_not_read(room: Room, vault: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret.png"
    secret.write_bytes(PNG + b"secret")
    picture = vault / "a" / "img" / "pic.png"

    def swap(*_progress: object) -> None:
        if not picture.is_symlink():
            picture.unlink()
            picture.symlink_to(secret)

    report = room.importer.run([vault], swap, CancelToken())
    assert str(picture) in [one.path for one in report.failed]
    assert PNG + b"secret" not in room.shown("One").values()


def test_what_is_too_large_or_unreadable_is_told_and_the_note_comes_in(
    room: Room, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open(tmp_path / "big.png", "wb") as file:
        file.truncate(51 * 1024 * 1024)
    (tmp_path / "bad.png").write_bytes(PNG)
    (tmp_path / "n.md").write_text("# N\n![](big.png) ![](bad.png)")
    open_as = os.fdopen

    def opened(descriptor: int, mode: str) -> object:
        inner = open_as(descriptor, mode)
        return _Faulty(inner) if os.fstat(descriptor).st_size == len(PNG) else inner

    monkeypatch.setattr("desktop_app.services.import_attachments.os.fdopen", opened)
    report = room.run(tmp_path)
    assert len(report.imported) == 1
    reasons = sorted(one.reason for one in report.failed)
    assert reasons == [
        "It cannot be read: Input/output error.",
        "“big.png” is too large. A file of a note may have 50 MB.",
    ]
    assert room.stored() == 0


class _Faulty:
    """A file on a disk with a bad place."""

    def __init__(self, inner: BinaryIO) -> None:
        self._inner = inner

    def __enter__(self) -> _Faulty:
        return self

    def __exit__(self, *_what: object) -> None:
        self._inner.close()

    def fileno(self) -> int:
        return self._inner.fileno()

    def read(self, _size: int = -1) -> bytes:
        raise OSError(5, "Input/output error")


def test_a_full_disk_in_the_middle_leaves_earlier_notes_and_nothing_by_halves(
    room: Room, vault: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put = FileBatch.put
    calls: list[str] = []
    monkeypatch.setattr(bounded_commits, "_LONGEST_SECONDS", 60.0)

    def full(batch: FileBatch, source: BinaryIO, name: str) -> StoredFile:
        calls.append(name)
        if len(calls) > 2:
            raise DiskFullError("Not saved: the disk is full.")
        return put(batch, source, name)

    monkeypatch.setattr(FileBatch, "put", full)
    report = room.run(vault)
    assert report.broken_off.startswith("The disk is full")
    assert (report.not_taken, report.attachments) == ((), 2)
    assert [row.title for row in room.notes.list_notes(NoteFilter())] == ["One"]  # committed before the next file
    assert len(room.shown("One")) == 4
    monkeypatch.undo()
    assert len(room.run(vault).imported) == 2
    assert room.stored() == 6


def test_a_page_keeps_the_pictures_beside_it(room: Room, tmp_path: Path) -> None:
    (tmp_path / "page_files").mkdir()
    (tmp_path / "page_files/a b.png").write_bytes(PNG)
    (tmp_path / "page.html").write_text(
        '<title>Page</title><p>x <img src="page_files/a%20b.png"> <img src="https://e.org/x.png">'
        '<img src="../../etc/passwd"> <img src="file:///etc/passwd">'
    )
    room.run(tmp_path)
    assert room.shown("Page") == {"page_files/a b.png": PNG}


def test_pictures_that_stand_in_a_page_are_kept(room: Room, tmp_path: Path) -> None:
    uri = f"data:image/png;base64,{base64.b64encode(PNG + b'in').decode()}"
    page = (
        f'<title>Saved</title><p>a <img alt="A" src="{uri}"> <img src="{uri}"> <img src="data:image/gif;base64,%%%">'
        '<img src="data:text/html,<script>"> <img src="data:image/svg+xml,%3Csvg/%3E"></p>'
    )
    (tmp_path / "one.html").write_text(page)
    (tmp_path / "picture 1.png").write_bytes(PNG + b"another of that name")
    report = room.run(tmp_path / "one.html")
    assert room.shown("Saved") == {"picture 1.png": PNG + b"in", "picture 2.svg": b"<svg/>"}
    assert room.note("Saved").text.count("(<picture 1.png>)") == 2
    assert (report.attachments, report.skipped_attachments) == (2, 0)
    room.run(made.write_zip(tmp_path / "z.zip", {"a/x.html": page.replace("Saved", "Zipped")}))
    assert room.shown("Zipped") == {"picture 1.png": PNG + b"in", "picture 2.svg": b"<svg/>"}


@pytest.mark.parametrize("packed_in", ["", "./", "export/"])
def test_joplin_resources_are_named_as_in_joplin(room: Room, tmp_path: Path, packed_in: str) -> None:
    path = made.write_tar(
        tmp_path / "x.jex", {f"{packed_in}{name}": data for name, data in made.joplin_items().items()}
    )
    report = room.run(path)
    assert room.note("First").text.endswith("![pic](pic.png)")
    assert room.shown("First") == {"pic.png": b"\x89PNG" * 10}
    assert (report.attachments, report.skipped_attachments, report.failed) == (1, 0, ())
    assert room.run(path).unchanged == 2
    assert room.stored() == 1


def test_notion_and_other_zips_keep_pictures(room: Room, tmp_path: Path) -> None:
    room.run(made.write_zip(tmp_path / "n.zip", made.notion_members()))
    assert list(room.shown("Home: the long title").values()) == [b"\x89PNG"]
    report = room.run(
        made.write_zip(
            tmp_path / "v.zip",
            {
                "a/n.md": "# N\n![[p.png]] ![](../q.png) ![](../../q.png)",
                "p.png": PNG + b"p",
                "q.png": PNG + b"q",
                "unused.png": PNG,
                "../evil.png": PNG,
            },
        )
    )
    own = room.store.note_attachments.of_note(room.note("N").id)
    assert {one.target: room.files.read(one.file.hash) for one in own} == {"p.png": PNG + b"p", "../q.png": PNG + b"q"}
    assert (report.attachments, report.skipped_attachments) == (2, 1)
    assert [one.reason for one in report.failed] == ["Its name leads out of the archive, and it was not read."]


def test_evernote_resources(room: Room, tmp_path: Path) -> None:
    def resource(data: bytes, name: str, mime: str) -> str:
        attributes = f"<resource-attributes><file-name>{name}</file-name></resource-attributes>" if name else ""
        coded = base64.encodebytes(data).decode()
        return f'<resource><data encoding="base64">\n{coded}</data><mime>{mime}</mime>{attributes}</resource>'

    first, second = PNG + b"1" * 100, b"%PDF-1.7"
    media = "".join(f'<en-media hash="{hashlib.md5(data).hexdigest()}"/>' for data in (first, second))
    note = made.enex_note("E", f"<div>{media}</div>").replace(
        "</note>", resource(first, "a [b].png", "image/png") + resource(second, "", "application/pdf") + "</note>"
    )
    report = room.run(made.write_enex(tmp_path / "x.enex", note))
    found = room.shown("E")
    assert found["a (b).png"] == first
    assert sorted(found.values()) == sorted([first, second])
    assert (report.attachments, report.skipped_attachments) == (2, 0)


def test_a_book_keeps_its_pictures(room: Room, tmp_path: Path) -> None:
    path = made.write_epub(
        tmp_path / "b.epub", {"c1.xhtml": '<p>one <img src="p.png" alt="P"/></p>'}, more={"OPS/p.png": PNG}
    )
    room.run(path)
    assert room.shown("The Book") == {"OPS-p.png": PNG}


def test_a_document_keeps_its_pictures(room: Room, tmp_path: Path) -> None:
    drawing = '<w:r><w:drawing><a:blip xmlns:a="x" xmlns:r="y" r:embed="rId7"/></w:drawing></w:r>'
    relations = (
        '<Relationships><Relationship Id="rId7" Target="media/image1.png"/>'
        '<Relationship Id="rId8" Target="../../../etc/passwd"/></Relationships>'
    )
    body = paragraph("Before") + f"<w:p>{drawing}</w:p>" + paragraph("After")
    parts = {"word/_rels/document.xml.rels": relations.encode(), "word/media/image1.png": PNG}
    write_docx(tmp_path / "d.docx", body, more=parts)
    room.run(tmp_path / "d.docx")
    assert "![](image1.png)" in room.note("d").text
    assert room.shown("d") == {"image1.png": PNG}


def test_a_file_of_an_archive_that_is_too_large_is_told(
    room: Room, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("desktop_app.workers.import_worker.attached.MOST_BYTES", 20)
    path = made.write_zip(tmp_path / "x.zip", {"n.md": "# N\n![](a.png) ![](b.png)", "a.png": b"x" * 21, "b.png": b"y"})
    report = room.run(path)
    assert room.shown("N") == {"b.png": b"y"}
    assert [one.path for one in report.failed] == [f"{path}/a.png"]
    assert "too large" in report.failed[0].reason


def test_a_bomb_gives_no_note_and_no_file(room: Room, tmp_path: Path) -> None:
    path = made.write_zip(tmp_path / "x.zip", {"n.md": "# N\n![](z.png)", "z.png": bytes(40 * 1024 * 1024)})
    report = room.run(path)
    assert report.imported == ()
    assert "unpacks to far more than it should" in report.failed[0].reason
    assert room.stored() == 0
