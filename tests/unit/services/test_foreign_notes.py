"""Other programs' files become notes: all of a file or nothing, once, and again without doubling."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.errors import CancelledError, DiskFullError
from desktop_app.domain.foreign_notes import ForeignFile, ForeignNote
from desktop_app.domain.note_attachments import StoredFile
from desktop_app.domain.notes import ImportFailure, ImportReport, Note, NoteFilter
from desktop_app.services import bounded_commits
from desktop_app.services.note_import import NoteImport
from desktop_app.services.notes import IncomingNote, NoteService
from desktop_app.storage.store import Store
from desktop_app.workers.import_worker.attached import Attachments
from desktop_app.workers.import_worker.found_note import Remark
from desktop_app.workers.import_worker.note_reading import read_notes
from tests.fakes import note_files as made
from tests.fakes.office_files import paragraph, write_docx


class DirectReader:
    """Reads in this process, as the worker does in its own."""

    def __init__(self) -> None:
        self.read: list[str] = []

    def read_notes(
        self,
        path: Path,
        cancel: CancelToken,
        progress: Callable[[int, int], None] = lambda done, total: None,
        keep: Callable[[bytes, str], StoredFile] | None = None,
    ) -> ForeignFile:
        self.read.append(path.name)
        files: dict[str, StoredFile] = {}

        def send(key: str, name: str, chunks: Iterable[bytes]) -> None:
            assert keep is not None
            files[key] = keep(b"".join(chunks), name)

        skipped = Attachments(send if keep is not None else None)
        found = list(read_notes(path, skipped, progress))
        remarks = [each for each in found if isinstance(each, Remark)] + skipped.remarks
        return ForeignFile(
            tuple(each for each in found if isinstance(each, ForeignNote)),
            tuple(ImportFailure(each.member, each.reason) for each in remarks if each.failed),
            tuple(ImportFailure(each.member, each.reason) for each in remarks if not each.failed),
            skipped.skipped,
            files,
        )


class Room:
    """Imports into a real store."""

    def __init__(self, notes: NoteService) -> None:
        self.notes = notes
        self.reader = DirectReader()
        self.importer = NoteImport(notes, reader=self.reader)
        self.steps: list[tuple[float, int, str]] = []

    def run(self, *paths: Path) -> ImportReport:
        return self.importer.run(paths, lambda *step: self.steps.append(step), CancelToken())

    def all(self) -> dict[str, Note]:
        rows = self.notes.list_notes(NoteFilter())
        return {row.title: self.notes.get(row.id) for row in rows}

    def counts(self, *paths: Path) -> tuple[int, int, int, int]:
        report = self.run(*paths)
        return len(report.imported), len(report.updated), report.unchanged, len(report.failed)


@pytest.fixture
def room(note_service: NoteService) -> Room:
    return Room(note_service)


def test_an_archive_comes_in_with_all_that_it_says(room: Room, tmp_path: Path) -> None:
    report = room.run(made.write_tar(tmp_path / "a.jex", made.joplin_items()))
    assert (len(report.imported), report.failed, report.skipped_attachments) == (2, (), 1)
    first = room.all()["First"]
    assert (first.folder, first.tags, first.front_matter) == (
        "Work/A-B",
        ("big-tag",),
        "source: https://example.org/a\n",
    )
    assert first.source_path == f"a.jex/{made.NOTE}"
    assert first.created_at == datetime(2020, 1, 2, 3, 4, 5, 678000, UTC)
    assert first.edited_at == datetime(2021, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert any(0 < done < 1 for done, _total, _name in room.steps)
    assert room.steps[-1] == (1, 1, "")


def test_the_same_again_changes_nothing_and_changes_come_in(room: Room, tmp_path: Path) -> None:
    path = made.write_tar(tmp_path / "a.jex", made.joplin_items())
    room.run(path)
    room.notes.save(room.all()["Other"].id, "mine now", title="Other")
    assert room.counts(path) == (0, 0, 2, 0)
    assert room.all()["Other"].text == "mine now"
    made.write_tar(path, made.joplin_items(body="new body"))
    assert room.counts(path) == (0, 1, 1, 0)
    assert room.all()["First"].text == "new body"
    assert len(room.all()) == 2


@pytest.mark.parametrize("gone", [True, False])
def test_a_newer_export_of_another_name_updates(room: Room, tmp_path: Path, gone: bool) -> None:
    first = made.write_tar(tmp_path / "monday.jex", made.joplin_items())
    room.run(first)
    if gone:
        first.unlink()
    second = made.write_tar(tmp_path / "friday.jex", made.joplin_items(body="friday"))
    assert room.counts(second) == (0, 1, 1, 0)
    assert room.counts(second) == (0, 0, 2, 0)
    assert room.all()["First"].source_path == f"friday.jex/{made.NOTE}"
    notion = made.write_zip(tmp_path / "Export-1.zip", made.notion_members())
    assert room.counts(notion) == (3, 0, 0, 0)
    again = made.write_zip(tmp_path / "Export-2.zip", made.notion_members())
    assert room.counts(again) == (0, 0, 3, 0)


def test_two_exports_in_one_import_are_not_doubled(room: Room, tmp_path: Path) -> None:
    first = made.write_tar(tmp_path / "a.jex", made.joplin_items())
    second = made.write_tar(tmp_path / "b.jex", made.joplin_items(body="later"))
    assert room.counts(first, second) == (2, 1, 1, 0)
    assert room.all()["First"].text == "later"


def test_a_note_of_evernote_under_a_new_title_is_the_same(room: Room, tmp_path: Path) -> None:
    path = tmp_path / "Trips.enex"
    others = [made.enex_note("Twin", "<div>a</div>", created="x"), made.enex_note("Twin", "<div>b</div>", created="x")]
    made.write_enex(path, made.enex_note("Old", "<div>far</div>"), *others)
    assert room.counts(path) == (3, 0, 0, 0)
    made.write_enex(path, made.enex_note("New", "<div>far</div>"), *others)
    assert room.counts(path) == (0, 1, 2, 0)
    assert set(room.all()) == {"New", "Twin"}


def test_archives_of_one_name_in_two_folders_are_two(room: Room, tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        made.write_zip(tmp_path / name / "vault.zip", {"readme.md": f"# {name}"})
    assert room.counts(tmp_path / "a" / "vault.zip") == (1, 0, 0, 0)
    assert room.counts(tmp_path / "b" / "vault.zip") == (1, 0, 0, 0)
    (tmp_path / "moved").mkdir()
    (tmp_path / "a" / "vault.zip").rename(tmp_path / "moved" / "vault.zip")
    assert room.counts(tmp_path / "moved" / "vault.zip") == (0, 0, 1, 0)


def test_a_copy_of_an_archive_doubles_nothing_that_was_edited_here(room: Room, tmp_path: Path) -> None:
    (tmp_path / "copy").mkdir()
    for folder in (tmp_path, tmp_path / "copy"):
        made.write_zip(folder / "vault.zip", {"readme.md": "# Read me", "b.md": "# B"})
    assert room.counts(tmp_path / "vault.zip") == (2, 0, 0, 0)
    room.notes.save(room.all()["B"].id, "# B\nmine now")
    assert room.counts(tmp_path / "copy" / "vault.zip") == (0, 0, 2, 0)
    assert room.all()["B"].text == "# B\nmine now"


def test_a_damaged_archive_gives_nothing(room: Room, tmp_path: Path) -> None:
    whole = made.write_tar(tmp_path / "a.jex", made.joplin_items()).read_bytes()
    (tmp_path / "a.jex").write_bytes(whole[:4000])
    (tmp_path / "b.md").write_text("fine")
    report = room.run(tmp_path)
    assert (len(report.imported), [failure.reason for failure in report.failed]) == (
        1,
        ["The archive is cut off: its end is missing."],
    )


def test_a_full_disk_in_the_middle_of_an_archive(
    room: Room, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, real_store: Store
) -> None:
    path = made.write_zip(tmp_path / "a.zip", {f"{number}.md": f"text {number}" for number in range(20)})
    add, added = room.notes.add_imported, []

    def full_after_ten(incoming: IncomingNote) -> Note:
        added.append(incoming)
        if len(added) > 10:
            raise DiskFullError("The disk is full.", "", "")
        return add(incoming)

    monkeypatch.setattr(bounded_commits, "_LONGEST_SECONDS", 60.0)  # all in one commit, however slow the computer
    monkeypatch.setattr(room.notes, "add_imported", full_after_ten)
    report = room.run(path)
    assert (report.imported, report.broken_off[:16]) == ((), "The disk is full")
    assert room.all() == {}
    monkeypatch.undo()
    assert room.counts(path) == (20, 0, 0, 0)
    assert real_store.integrity_check() == []


def test_notebooks_of_evernote_lead_to_each_other(room: Room, tmp_path: Path) -> None:
    link = '<a href="evernote:///view/1/s1/g/g/">{}</a>'
    first = made.enex_note("Contents", f"{link.format('Far *note*')} {link.format('Gone')}")
    made.write_enex(tmp_path / "a.enex", first)
    made.write_enex(tmp_path / "b.enex", made.enex_note("Far *note*", f"back to {link.format('Contents')}"))
    assert room.counts(tmp_path) == (2, 0, 0, 0)
    notes = room.all()
    assert notes["Contents"].text == "[[Far *note*]] [Gone](evernote:///view/1/s1/g/g/)\n"
    assert notes["Far *note*"].text == "back to [[Contents]]\n"
    assert notes["Contents"].edited_at.year == 2020
    assert room.counts(tmp_path) == (0, 0, 2, 0)


def test_a_raw_folder_of_joplin_and_its_archive_are_the_same_notes(room: Room, tmp_path: Path) -> None:
    raw = tmp_path / "all" / "raw"
    for name, data in made.joplin_items().items():
        (raw / name).parent.mkdir(parents=True, exist_ok=True)
        (raw / name).write_bytes(data)
    (tmp_path / "all" / "beside.md").write_text("a note")
    assert room.counts(raw) == (2, 0, 0, 0)
    assert room.all()["First"].folder == "Work/A-B"
    assert room.counts(raw) == (0, 0, 2, 0)
    assert room.counts(made.write_tar(tmp_path / "a.jex", made.joplin_items())) == (0, 0, 2, 0)
    assert room.counts(tmp_path / "all") == (1, 0, 2, 0)


def test_a_notebook_of_evernote_that_comes_later_is_led_to(room: Room, tmp_path: Path) -> None:
    link = '<a href="evernote:///view/1/s1/g/g/">{}</a>'
    first = made.write_enex(
        tmp_path / "a.enex", made.enex_note("Contents", f"{link.format('Far')} {link.format('Gone')}")
    )
    assert room.counts(first) == (1, 0, 0, 0)
    contents = room.all()["Contents"]
    room.notes.save(contents.id, f"mine\n{contents.text}")
    second = made.write_enex(tmp_path / "b.enex", made.enex_note("Far", f"back to {link.format('Contents')}"))
    assert room.counts(second) == (1, 0, 0, 0)
    assert room.all()["Far"].text == "back to [[Contents]]\n"
    assert room.all()["Contents"].text == "mine\n[[Far]] [Gone](evernote:///view/1/s1/g/g/)\n"
    assert next(one.text for one in room.notes.versions(contents.id)) == f"mine\n{contents.text}"
    assert room.counts(first) == (0, 0, 1, 0)
    assert room.counts(second) == (0, 0, 1, 0)


def test_a_document_that_did_not_change_is_not_read_again(room: Room, tmp_path: Path) -> None:
    vault = tmp_path / "vault"
    (vault / "sub").mkdir(parents=True)
    path = write_docx(vault / "sub" / "plan.docx", paragraph("only words"))
    assert room.counts(vault) == (1, 0, 0, 0)
    note = room.all()["plan"]
    assert (note.folder, note.text, note.source_path) == ("sub", "only words\n\n", "sub/plan.docx")
    assert room.counts(vault) == (0, 0, 1, 0)
    moved = vault.rename(tmp_path / "moved")
    assert room.counts(moved) == (0, 0, 1, 0)
    assert room.reader.read == ["plan.docx"]
    write_docx(moved / "sub" / "plan.docx", paragraph("other words"))
    again = moved.rename(tmp_path / "again")
    assert room.counts(again) == (0, 1, 0, 0)
    assert path != again


def test_the_trash_is_respected(room: Room, tmp_path: Path) -> None:
    path = made.write_tar(tmp_path / "a.jex", made.joplin_items())
    page = tmp_path / "p.html"
    page.write_text("<title>Page</title>text")
    room.run(path, page)
    notes = room.all()
    room.notes.trash([note.id for note in notes.values()])
    assert room.counts(path) == (0, 0, 2, 0)
    assert room.all() == {}
    assert room.counts(page) == (0, 1, 0, 0)
    assert set(room.all()) == {"Page"}


def test_a_folder_with_everything_in_it(room: Room, tmp_path: Path) -> None:
    vault = tmp_path / "vault"
    (vault / "_resources").mkdir(parents=True)
    (vault / "_resources" / "a.html").write_text("an attachment")
    (vault / "page_files").mkdir()
    (vault / "page_files" / "frame.html").write_text("an advertisement")
    (vault / "other_files").mkdir()
    (vault / "other_files" / "b.md").write_text("text")
    (vault / "page.html").write_text("<p>text")
    (vault / "pic.png").write_bytes(b"x")
    (vault / "program.exe").write_bytes(b"x")
    made.write_zip(vault / "backup.zip", {"a.md": "not asked for"})
    made.write_enex(vault / "Trips.enex", made.enex_note("Trip", "<div>far</div>"))
    (vault / f"Page {made.PAGE}.md").write_text("unpacked")
    report = room.run(vault)
    assert {title: note.folder for title, note in room.all().items()} == {
        "b": "other_files",
        "page": "",
        "Trip": "Trips",
        "Page": "",
    }
    assert (report.skipped_attachments, report.failed) == (4, ())


def test_parts_that_could_not_be_read_are_named_with_their_archive(room: Room, tmp_path: Path) -> None:
    path = made.write_zip(tmp_path / "a.zip", {"../up.md": "bad", "ok.md": "fine", "w.txt": "Größe".encode("cp1252")})
    report = room.run(path)
    assert [failure.path for failure in report.failed] == [f"{path}/../up.md"]
    assert [failure.path for failure in report.converted] == [f"{path}/w.txt"]
    assert len(report.imported) == 2


def test_stopping_inside_a_file_keeps_what_was_done(note_service: NoteService, tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("done before")
    (tmp_path / "b.html").write_text("<p>never")
    cancel = CancelToken()

    class Stopped:
        def read_notes(self, path: Path, cancel: CancelToken, *_more: object) -> ForeignFile:
            cancel.cancel()
            raise CancelledError("Stopped.")

    report = NoteImport(note_service, reader=Stopped()).run([tmp_path], lambda *step: None, cancel)
    assert (len(report.imported), report.stopped) == (1, True)


@pytest.mark.skipif(os.name == "nt", reason="pipes are others there")
def test_a_pipe_with_a_right_name_does_not_hang(room: Room, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.pdf"
    os.mkfifo(pipe)
    done = threading.Event()

    def run() -> None:
        assert room.run(pipe).failed[0].reason == "It is not an ordinary file."
        done.set()

    threading.Thread(target=run, daemon=True).start()
    assert done.wait(10)
    assert room.reader.read == []


def test_a_vault_whose_names_are_spelled_another_way(room: Room, tmp_path: Path) -> None:
    vault = tmp_path / "vault"
    vault.mkdir()
    (vault / "e\u0301.md").write_text("one")
    room.run(vault)
    moved = vault.rename(tmp_path / "moved")
    (moved / "e\u0301.md").rename(moved / "\u00e9.md")
    assert room.counts(moved) == (0, 0, 1, 0)


def test_vaults_that_moved_together_keep_their_own_notes(room: Room, tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "x.md").write_text(name)
        room.run(tmp_path / name)
    for name, moved in (("a", "c"), ("b", "d")):
        (tmp_path / name).rename(tmp_path / moved)
    assert room.counts(tmp_path / "c", tmp_path / "d") == (0, 0, 2, 0)


class ManyNotes:
    """A file of many notes, read at once."""

    def __init__(self, count: int) -> None:
        self.notes = tuple(
            ForeignNote(f"{number:032x}", f"Note {number}", f"text {number}", hash=f"{number}")
            for number in range(count)
        )

    def read_notes(self, path: Path, cancel: CancelToken, *_more: object) -> ForeignFile:
        return ForeignFile(self.notes)


def one_note_a_commit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounded_commits, "_LONGEST_SECONDS", 0.0)


def test_a_save_gets_its_turn_within_a_large_archive(
    note_service: NoteService, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one_note_a_commit(monkeypatch)
    (tmp_path / "a.jex").write_bytes(b"x")
    mine = note_service.create("", "mine")
    order: list[str] = []
    add = NoteService.add_imported
    saver = threading.Thread(target=lambda: (note_service.save(mine.id, "saved"), order.append("saved")))

    def counted(self: NoteService, incoming: IncomingNote) -> Note:
        note = add(self, incoming)
        order.append(incoming.title)
        if len(order) == 3:
            saver.start()
        elif len(order) == 150:
            saver.join(10)
        return note

    monkeypatch.setattr(NoteService, "add_imported", counted)
    report = NoteImport(note_service, reader=ManyNotes(400)).run([tmp_path / "a.jex"], lambda *_: None, CancelToken())
    saver.join(10)
    assert len(report.imported) == 400
    assert order.index("saved") < 160
    assert note_service.get(mine.id).text == "saved"


def test_what_came_before_a_stop_is_told_and_does_not_come_twice(
    note_service: NoteService, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one_note_a_commit(monkeypatch)
    (tmp_path / "a.jex").write_bytes(b"x")
    cancel = CancelToken()
    add = NoteService.add_imported

    def stopping(self: NoteService, incoming: IncomingNote) -> Note:
        if incoming.title == "Note 4":
            cancel.cancel()
        return add(self, incoming)

    monkeypatch.setattr(NoteService, "add_imported", stopping)
    told: list[int] = []
    note_service.subscribe(told.extend)
    importer = NoteImport(note_service, reader=ManyNotes(9))
    report = importer.run([tmp_path / "a.jex"], lambda *_: None, cancel)
    assert (report.stopped, len(report.imported), told) == (True, 5, list(report.imported))
    again = importer.run([tmp_path / "a.jex"], lambda *_: None, CancelToken())
    assert (len(again.imported), again.unchanged) == (4, 5)
    assert len(note_service.list_notes(NoteFilter())) == 9
