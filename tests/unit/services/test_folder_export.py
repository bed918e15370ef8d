"""An imported folder goes out byte for byte where nothing was edited."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.errors import CancelledError, ExportError, NotFoundError
from desktop_app.domain.foreign_notes import ForeignFile, ForeignNote
from desktop_app.domain.notes import FolderExportReport, ImportReport, Note, NoteFilter
from desktop_app.services import vault_originals
from desktop_app.services.folder_export import FolderExport
from desktop_app.services.linked_folders.linked_folders import LinkedFolders
from desktop_app.services.note_import import NoteImport
from desktop_app.services.note_properties import NoteProperties
from desktop_app.services.notes import NoteService
from desktop_app.services.vault_originals import VaultOriginals
from desktop_app.storage.attachment_files import AttachmentFiles
from desktop_app.storage.store import Store

PNG = b"\x89PNG\r\n\x1a\n"
FILES: dict[str, bytes] = {
    "plain.md": b"# Plain\ntext\n",
    "no end.md": b"no heading, no line end",
    "empty.md": b"",
    "crlf.md": b"---\r\ntitle: Dos\r\ntags: [a, B]\r\n---\r\n# Dos\r\ntext\r\n",
    "mark.md": b"\xef\xbb\xbf# With a mark\n",
    "wide.md": b"\xff\xfe" + "# Wide é\r\n".encode("utf-16-le"),
    "older.txt": ("Заметка о погоде. " * 20).encode("cp1251"),
    "broken.md": "caf\u00e9 ".encode() * 20 + b"\xe9nd",
    "odd head.md": b"---  \ntitle:   'Odd'   # why\n\nlist:\n- x\n...\ntext",
    "toml.md": b"+++\ntitle = 'T'\n+++\ntext\n",
    "two/names/deep.md": b"![[pic.png]] and ![](../../img/pic.png)",
    "two/double  blank/x.md": b"a folder with two blanks",
    "Page 0123456789abcdef0123456789abcdef.md": b"# Page\n",
    "img/pic.png": PNG + b"1",
    "two/pic.png": PNG + b"2",
    "data.bin": bytes(range(256)),
    "LICENSE": b"words",
    ".obsidian/app.json": b"{}",
    "Twin.md": b"upper",
    "twin.md": b"lower",
    unicodedata.normalize("NFC", "Caf\u00e9.md"): b"one letter",
    unicodedata.normalize("NFD", "Caf\u00e9.md"): b"a letter and its accent",
    "page.html": b"<h1>Page</h1><p>text",
    "notes.jex": b"many",
}


class Reader:
    """Reads a page as one note, and an archive as two."""

    def read_notes(
        self,
        path: Path,
        cancel: CancelToken,
        progress: Callable[[int, int], None] = lambda done, total: None,
        keep: object = None,
    ) -> ForeignFile:
        if path.suffix == ".html":
            return ForeignFile((ForeignNote("", "Page of HTML", "# Page\n\ntext\n"),))
        return ForeignFile(tuple(ForeignNote(name, name, "text", hash=name) for name in ("one", "two")))


class Desk:
    """A store, and a folder on the disk."""

    def __init__(self, store: Store, notes: NoteService, folder: Path, out: Path) -> None:
        self.store = store
        self.notes = notes
        self.root = folder
        self.out = out
        self.files = AttachmentFiles(store.path.parent / "attachments")
        self.originals = VaultOriginals(store.source_folders, store.note_attachments, self.files)
        attachments = (store.note_attachments, self.files)
        self.importer = NoteImport(notes, reader=Reader(), attachments=attachments, originals=self.originals)
        self.exporter = FolderExport(store, notes, self.files)

    def put(self, files: Mapping[str, bytes]) -> None:
        for name, data in files.items():
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)

    def bring_in(self) -> ImportReport:
        return self.importer.run([self.root], lambda *_: None, CancelToken())

    def export(self, source: str | Path | None = None) -> FolderExportReport:
        target = self.out / str(len(list(self.out.iterdir())) if self.out.exists() else 0)
        return self.exporter.run(self.root if source is None else source, target, lambda *_: None, CancelToken())

    def note(self, title: str) -> Note:
        found = [one for one in self.notes.list_notes(NoteFilter()) if one.title == title]
        return self.notes.get(found[0].id)


def written(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def desk(real_store: Store, note_service: NoteService, tmp_path: Path) -> Desk:
    desk = Desk(real_store, note_service, tmp_path / "vault", tmp_path / "out")
    desk.put(FILES)
    return desk


def test_every_file_goes_out_as_it_came_in(desk: Desk) -> None:
    report = desk.bring_in()
    assert report.failed == ()
    exported = desk.export()
    assert written(exported.folder) == FILES
    assert exported.unchanged == exported.notes == len(report.imported) - 2
    # and again, after the same came in again
    assert desk.bring_in().imported == ()
    assert written(desk.export().folder) == FILES


def test_a_real_vault_goes_out_as_it_came_in(
    real_store: Store, note_service: NoteService, tmp_path: Path, shared_data: Path
) -> None:
    desk = Desk(real_store, note_service, shared_data / "vaults" / "til", tmp_path / "out")
    desk.bring_in()
    assert written(desk.export().folder) == written(desk.root)


def test_only_edited_files_differ_and_keep_what_was_not_edited(desk: Desk) -> None:
    desk.bring_in()
    wide = next(note for note in map(desk.notes.get, ids(desk)) if note.source_path == "wide.md")
    desk.notes.save(wide.id, wide.text + "more\r\n")
    dos = desk.note("Dos")
    desk.notes.set_tags(dos.id, ["a", "new"])
    odd = desk.note("Odd")
    desk.notes.save(odd.id, "changed")
    page = desk.note("Page of HTML")
    desk.notes.save(page.id, "# Page\n\nmine\n")
    exported = written(desk.export().folder)
    different = {name: data for name, data in exported.items() if FILES.get(name) != data}
    assert different == {
        "wide.md": b"\xff\xfe" + "# Wide é\r\nmore\r\n".encode("utf-16-le"),
        "crlf.md": b'---\r\ntitle: Dos\r\ntags: ["a", "new"]\r\n---\r\n# Dos\r\ntext\r\n',
        "odd head.md": FILES["odd head.md"].removesuffix(b"text") + b"changed",
        "page.md": b"# Page\n\nmine\n",
    }
    assert exported.keys() >= FILES.keys()


def test_edited_properties_go_out_and_taking_them_back_makes_every_byte_what_it_was(desk: Desk) -> None:
    desk.bring_in()
    properties = NoteProperties(desk.notes)
    changes = []
    for title, old, new in (
        ("Dos", "title: Dos", "title: Dos\r\nmood: good"),
        ("Odd", "- x", "- y"),
        ("T", "'T'", "'U'"),
    ):
        note = desk.note(title)
        seen = properties.lines(note.id)
        changes.append(properties.save(note.id, seen.replace(old, new), seen))
    exported = written(desk.export().folder)
    assert {name: data for name, data in exported.items() if FILES.get(name) != data} == {
        "crlf.md": FILES["crlf.md"].replace(b"title: Dos", b"title: Dos\r\nmood: good"),
        "odd head.md": FILES["odd head.md"].replace(b"- x", b"- y"),
        "toml.md": FILES["toml.md"].replace(b"'T'", b"'U'"),
    }
    for change in changes:
        properties.take_back(change)
    assert written(desk.export().folder) == FILES


def ids(desk: Desk) -> list[int]:
    return [one.id for one in desk.notes.list_notes(NoteFilter())]


def test_an_edit_that_was_taken_back_is_none(desk: Desk) -> None:
    desk.bring_in()
    plain = desk.note("Plain")
    desk.notes.save(plain.id, "else")
    desk.notes.save(plain.id, "# Plain\ntext\n")
    assert written(desk.export().folder) == FILES


def test_moved_and_deleted_notes_do_not_lie_where_they_were(desk: Desk) -> None:
    desk.bring_in()
    desk.notes.move([desk.note("Plain").id], "else where")
    desk.notes.trash([desk.note("Dos").id])
    exported = written(desk.export().folder)
    assert exported["else where/plain.md"] == FILES["plain.md"]
    assert FILES.keys() - exported.keys() == {"plain.md", "crlf.md"}


def test_a_folder_of_notes_goes_out_with_the_files_beside_it(desk: Desk) -> None:
    desk.bring_in()
    desk.notes.create("two/names", "# Written here\ntext")
    report = desk.export("two")
    exported = written(report.folder)
    assert {name: data for name, data in exported.items() if name != "names/Written here.md"} == {
        name.removeprefix("two/"): data for name, data in FILES.items() if name.startswith("two/")
    }
    assert exported["names/Written here.md"].endswith(b"# Written here\ntext")
    assert (report.notes, report.unchanged) == (3, 2)
    with pytest.raises(NotFoundError):
        desk.export("nothing")
    with pytest.raises(NotFoundError):
        desk.export(desk.root / "two")


def test_a_linked_folder_goes_out_from_its_files(desk: Desk) -> None:
    folders = LinkedFolders(desk.store, desk.notes, "me")
    folders.link(desk.root, lambda *_: None, CancelToken())
    desk.bring_in()  # leaves it to the look at linked folders
    assert written(desk.export().folder) == FILES
    desk.put({"plain.md": b"changed there, and not looked at yet"})
    assert written(desk.export().folder) == FILES, "the note says what it says"
    desk.put({"plain.md": FILES["plain.md"]})
    desk.notes.save(desk.note("Plain").id, "not yet written")
    exported = written(desk.export("vault").folder)
    assert exported["plain.md"] == b"not yet written"
    assert {name for name, data in exported.items() if FILES.get(name) != data} == {"plain.md"}


def test_what_changed_in_the_folder_is_kept_anew(desk: Desk) -> None:
    desk.bring_in()
    changed = {"data.bin": b"other", "mark.md": b"\xef\xbb\xbf# Changed\n"}
    desk.put(changed)
    (desk.root / "LICENSE").unlink()
    desk.bring_in()
    assert written(desk.export().folder) == {
        name: data for name, data in (FILES | changed).items() if name != "LICENSE"
    }


def test_too_much_beside_the_notes_is_said(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vault_originals, "MOST_BYTES", 40)
    report = desk.bring_in()
    assert [(one.path, one.reason.startswith("A file of it is too large")) for one in report.failed] == [
        (str(desk.root), True)
    ]
    exported = written(desk.export().folder)
    assert "data.bin" not in exported
    assert exported["two/pic.png"] == FILES["two/pic.png"], "what is too large takes no room from the others"


def test_many_files_beside_the_notes_that_are_too_much_together(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vault_originals, "MOST_BYTES", 20)
    report = desk.bring_in()
    assert [one.reason.startswith("2 files of it are too large") for one in report.failed] == [True]


def test_a_file_that_goes_while_its_folder_comes_in_stops_nothing(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    listed = vault_originals.all_files

    def removed_once_listed(folder: Path, relative: str) -> Iterator[tuple[str, os.DirEntry[str]]]:
        for path, entry in listed(folder, relative):
            if path == "data.bin":
                os.unlink(entry.path)
            yield path, entry

    monkeypatch.setattr(vault_originals, "all_files", removed_once_listed)
    assert not desk.bring_in().failed
    assert set(FILES) - set(written(desk.export().folder)) == {"data.bin"}


def test_nothing_is_left_of_an_export_that_ends_early(desk: Desk) -> None:
    desk.bring_in()
    token = CancelToken()
    token.cancel()
    with pytest.raises(CancelledError):
        desk.exporter.run(desk.root, desk.out, lambda *_: None, token)
    assert not desk.out.exists()
    desk.out.parent.joinpath("file").write_text("x")
    with pytest.raises(ExportError):
        desk.exporter.run(desk.root, desk.out.parent / "file", lambda *_: None, CancelToken())
