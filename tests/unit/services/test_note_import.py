from __future__ import annotations

import os
import shutil
import time
from datetime import UTC, datetime
from pathlib import Path, PureWindowsPath
from typing import cast

import pytest

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.notes import ImportReport, NoteFilter
from desktop_app.services import import_files
from desktop_app.services.note_import import NoteImport
from desktop_app.services.notes import NoteService
from desktop_app.storage.store import Store


@pytest.fixture
def vault(tmp_path: Path) -> Path:
    folder = tmp_path / "vault"
    (folder / "work" / "plans").mkdir(parents=True)
    (folder / "top.md").write_text("no heading here #inline")
    (folder / "work" / "a.md").write_text("# Alpha\ntext")
    (folder / "work" / "plans" / "b.txt").write_text("---\ntitle: Bee\ntags: [X, y]\nmood: good\n---\n# Other\ntext")
    return folder


def run(notes: NoteService, *paths: Path) -> ImportReport:
    return NoteImport(notes).run(paths, lambda done, total, name: None, CancelToken())


def test_a_folder_comes_in_with_titles_folders_and_tags(note_service: NoteService, vault: Path) -> None:
    report = run(note_service, vault)
    assert (len(report.imported), report.updated, report.unchanged, report.failed) == (3, (), 0, ())
    notes = {note.source_path: note for note in map(note_service.get, report.imported)}
    assert {path: (note.title, note.folder, note.tags) for path, note in notes.items()} == {
        "top.md": ("top", "", ("inline",)),
        "work/a.md": ("Alpha", "work", ()),
        "work/plans/b.txt": ("Bee", "work/plans", ("x", "y")),
    }
    assert notes["work/plans/b.txt"].text == "# Other\ntext"
    assert "mood: good" in notes["work/plans/b.txt"].front_matter


def test_a_single_text_is_read_like_a_file(note_service: NoteService, tmp_path: Path) -> None:
    text = "---\ntitle: Bee\ntags: [X]\nfolder: /garden/ hives \ncreated: 2024-05-06\nmood: good\n---\n# Other #y\n"
    file = tmp_path / "b.md"
    file.write_text(text)
    imported = note_service.get(run(note_service, file).imported[0])
    told: list[int] = []
    note_service.subscribe(told.extend)
    added = NoteImport(note_service).add_text(text, file_name="b")
    assert told == [added.id]
    assert (added.title, added.folder, added.tags, added.created_at) == (
        "Bee",
        "garden/hives",
        ("x", "y"),
        datetime(2024, 5, 6, tzinfo=UTC),
    )
    for name in ("title", "folder", "tags", "text", "front_matter", "created_at"):
        assert getattr(added, name) == getattr(imported, name), name
    assert note_service.import_sources().keys() == {imported.id}


def test_options_go_before_what_a_text_says(note_service: NoteService) -> None:
    add = NoteImport(note_service).add_text
    text = "---\ntitle: Bee\nfolder: garden\n---\nfirst line"
    given = add(text, title=" My\n own ", folder="", file_name="b")
    assert (given.title, given.folder) == ("My own", "")
    assert add("first line", file_name="b").title == "b"
    assert add("first line").title == "first line"
    assert add("---\ntitle: never closed\n\nfirst line").title == "first line"
    assert add("---\ntitle: never closed\n# comment\n\nfirst line", file_name="b").title == "b"


def test_a_folder_in_a_vault_goes_before_the_front_matter(note_service: NoteService, vault: Path) -> None:
    (vault / "work" / "a.md").write_text("---\nfolder: elsewhere\n---\ntext")
    report = run(note_service, vault)
    assert "elsewhere" not in {note_service.get(note_id).folder for note_id in report.imported}


def test_the_same_again_changes_nothing_and_changes_come_in(note_service: NoteService, vault: Path) -> None:
    first = run(note_service, vault)
    note_service.save(first.imported[0], "edited here")
    assert run(note_service, vault) == ImportReport(unchanged=3)
    assert note_service.get(first.imported[0]).text == "edited here"
    (vault / "work" / "a.md").write_text("# Alpha two\nnew")
    (vault / "new.md").write_text("new")
    report = run(note_service, vault)
    assert (len(report.imported), len(report.updated), report.unchanged) == (1, 1, 2)
    changed = note_service.get(report.updated[0])
    assert (changed.title, changed.text) == ("Alpha two", "# Alpha two\nnew")
    assert note_service.versions(changed.id)[0].text == "# Alpha\ntext"


def test_a_note_moved_here_stays_and_keeps_its_tags(note_service: NoteService, vault: Path) -> None:
    run(note_service, vault)
    (note,) = [note for note in note_service.list_notes(NoteFilter()) if note.title == "Bee"]
    note_service.move([note.id], "mine")
    note_service.set_tags(note.id, ["own"])
    (vault / "work" / "plans" / "b.txt").write_text("---\ntags: z\n---\nother")
    run(note_service, vault)
    again = note_service.get(note.id)
    assert (again.folder, again.tags, again.text) == ("mine", ("own", "z"), "other")


def test_a_vault_that_was_moved_is_known_again(note_service: NoteService, vault: Path) -> None:
    run(note_service, vault)
    moved = vault.rename(vault.parent / "moved")
    assert run(note_service, moved).unchanged == 3
    copied = Path(shutil.copytree(moved, vault.parent / "copy"))
    assert run(note_service, copied).unchanged == 3
    (copied / "top.md").write_text("a text of its own")
    assert len(run(note_service, copied).imported) == 1


def test_files_named_and_folders_overlap(note_service: NoteService, vault: Path) -> None:
    report = run(note_service, vault / "work" / "a.md", vault, vault / "work")
    assert len(report.imported) == 3
    assert run(note_service, vault / "work" / "a.md").unchanged == 1


def test_the_trash_is_respected_unless_the_file_is_named(note_service: NoteService, vault: Path) -> None:
    run(note_service, vault)
    (row,) = [row for row in note_service.list_notes(NoteFilter()) if row.title == "Alpha"]
    note_service.trash([row.id])
    assert run(note_service, vault).unchanged == 3
    assert note_service.get(row.id).trashed_at is not None
    assert run(note_service, vault / "work" / "a.md").updated == (row.id,)
    assert note_service.get(row.id).trashed_at is None


def test_what_cannot_be_imported_is_listed_and_the_rest_comes_in(
    note_service: NoteService, vault: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_files, "MOST_BYTES", 10_000)
    (vault / "binary.md").write_bytes(bytes(range(256)))
    (vault / "large.md").write_bytes(b"x" * 10_001)
    (vault / "just.md").write_bytes(b"x" * 10_000)
    (vault / "latin.md").write_bytes("Größe".encode("latin-1"))
    (vault / "picture.png").write_bytes(b"x")
    for hidden in (".obsidian", ".git", ".trash"):
        (vault / hidden).mkdir()
        (vault / hidden / "x.md").write_text("hidden")
    report = run(note_service, vault, vault / "missing.md", vault / "picture.png")
    assert len(report.imported) == 5
    reasons = {Path(failure.path).name: failure.reason for failure in report.failed}
    assert reasons == {
        "binary.md": "It is not a text file.",
        "large.md": "It is too large: 0 MB, and a note may have 50 MB.",
        "missing.md": "It is not there.",
        "picture.png": "It is of a kind that cannot be imported.",
    }
    assert [Path(one.path).name for one in report.converted] == ["latin.md"]
    assert "Größe" in [note_service.get(note_id).text for note_id in report.imported]


@pytest.mark.skipif(os.name == "nt", reason="links and pipes are others there")
def test_links_are_not_followed_and_pipes_do_not_hang(note_service: NoteService, vault: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.mkdir()
    (secret / "s.md").write_text("secret")
    (vault / "out").symlink_to(secret)
    (vault / "out.md").symlink_to(secret / "s.md")
    (vault / "loop").symlink_to(vault)
    (vault / "inside.md").symlink_to(vault / "top.md")
    (vault / "gone.md").symlink_to(tmp_path / "nowhere.md")
    os.mkfifo(vault / "pipe.md")
    report = run(note_service, vault, vault / "pipe.md")
    assert len(report.imported) == 3
    failed = {Path(failure.path).name: failure.reason for failure in report.failed}
    assert set(failed) == {"out", "out.md", "gone.md", "pipe.md"}
    assert "leads out" in failed["out.md"]
    assert failed["pipe.md"] == "It is not an ordinary file."
    assert "secret" not in [note_service.get(note_id).text for note_id in report.imported]


def test_odd_names_and_odd_times(note_service: NoteService, vault: Path) -> None:
    odd = vault / "😀 שלום.md"
    odd.write_bytes(b"a\x00\r\nb" + b"x" * 50)
    os.utime(odd, (0, 2**33))
    report = run(note_service, odd)
    note = note_service.get(report.imported[0])
    assert note.title == "😀 שלום"
    assert note.text == "a\x00\r\nb" + "x" * 50
    assert note.edited_at <= datetime.now(UTC)


def test_a_file_that_goes_away_meanwhile(note_service: NoteService, vault: Path) -> None:
    def progress(done: int, total: int, name: str) -> None:
        if done == 0:
            (vault / "work" / "a.md").unlink()

    report = NoteImport(note_service).run([vault], progress, CancelToken())
    assert len(report.imported) == 2
    assert "No such file" in report.failed[0].reason


def test_stopping_keeps_what_is_done_and_can_be_taken_up_again(note_service: NoteService, vault: Path) -> None:
    cancel = CancelToken()

    def progress(done: int, total: int, name: str) -> None:
        if done == 1:
            cancel.cancel()

    report = NoteImport(note_service).run([vault], progress, cancel)
    assert report.stopped
    assert len(report.imported) in (1, 2)  # commits end by time, and a stop is heard between two of them
    assert len(run(note_service, vault).imported) == 3 - len(report.imported)


def test_listeners_are_told_once_a_group(note_service: NoteService, vault: Path) -> None:
    heard: list[int] = []
    note_service.subscribe(lambda ids: heard.append(len(ids)))
    run(note_service, vault)
    assert heard == [3]


def test_five_hundred_notes_come_in_quickly(note_service: NoteService, tmp_path: Path, real_store: Store) -> None:
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(500):
        (folder / f"{number}.md").write_text(f"# Note {number}\n\n" + "some words of text here. " * 80)
    seen: list[tuple[int, int]] = []
    start = time.process_time()  # another test may run beside this one
    report = NoteImport(note_service).run([folder], lambda done, total, name: seen.append((done, total)), CancelToken())
    seconds = time.process_time() - start
    assert len(report.imported) == 500
    assert seconds < 3
    assert seen[0] == (0, 500)
    assert seen[-1] == (500, 500)
    assert real_store.integrity_check() == []


def test_a_real_vault_comes_in_whole(note_service: NoteService, real_store: Store, shared_data: Path) -> None:
    vault = shared_data / "vaults" / "til"
    report = run(note_service, vault)
    assert len(report.imported) == len(list(vault.rglob("*.md")))
    assert report.failed == ()
    assert run(note_service, vault).unchanged == len(report.imported)
    for note in real_store.notes.get_many(report.imported[::25]):
        assert note.text == (vault / note.source_path).read_bytes().decode()
        assert note.folder == str(Path(note.source_path).parent)
    assert real_store.integrity_check() == []


def test_text_bundles_in_a_folder_are_notes_of_their_names(note_service: NoteService, tmp_path: Path) -> None:
    bundle = tmp_path / "vault" / "work" / "A plan.textbundle"
    (bundle / "assets").mkdir(parents=True)
    (bundle / "text.md").write_text("no heading")
    (bundle / "info.json").write_text("{}")
    (bundle / "assets" / "read.md").write_text("a file of the note")
    report = run(note_service, tmp_path / "vault")
    (note,) = map(note_service.get, report.imported)
    assert (note.title, note.folder, report.not_taken) == ("A plan", "work", (str(bundle / "assets" / "read.md"),))
    assert run(note_service, bundle).unchanged == 1


def test_a_text_bundle_is_known_by_its_name_on_windows() -> None:
    path = PureWindowsPath(r"C:\vault\A plan.textbundle\text.md")
    assert (
        import_files._name(import_files.FoundFile(cast("Path", path), "A plan.textbundle/text.md", named=False))
        == "A plan"
    )
