"""Whatever happens on both sides: after a look both say the same, and no text is lost."""

from __future__ import annotations

import random
import unicodedata
from datetime import UTC, datetime
from pathlib import Path

import pytest

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.note_text import read_text
from desktop_app.domain.notes import Note, NoteFilter
from desktop_app.services.linked_folders.linked_folders import LinkedFolders
from desktop_app.services.notes import NoteService
from desktop_app.storage.store import Store

NAMES = ("Alpha", "beta", "Beta", unicodedata.normalize("NFD", "Café"), "a  b", "Q? x")
FOLDERS = ("", "work", "work/deep", "two  blanks")
HEADS = ("", "---\ntags: [x, y]\nmood: good\n---\n", "---\r\ntitle: Told\r\n---\r\n")


class World:
    """Both sides, and every text that somebody wrote."""

    def __init__(self, store: Store, notes: NoteService, root: Path, seed: int) -> None:
        self.random = random.Random(seed)
        self.notes = notes
        self.root = root
        self.root.mkdir()
        (self.root / "keep.bin").write_bytes(b"so that the folder is never empty")
        self.folders = LinkedFolders(store, notes, "me", lambda: datetime(2026, 11, 27, 12, tzinfo=UTC))
        self.folder, _report = self.folders.link(root, lambda *_: None, CancelToken())
        self.count = 0
        self.written: set[str] = set()

    # What is there

    def files(self) -> list[Path]:
        return sorted(path for path in self.root.rglob("*.md") if ".trash" not in path.parts)

    def all_notes(self, *, trashed: bool = False) -> list[Note]:
        return [self.notes.get(row.id) for row in self.notes.list_notes(NoteFilter(trashed=trashed))]

    # What somebody does

    def text(self) -> str:
        self.count += 1
        word = f"text number {self.count}."
        self.written.add(word)
        return word

    def write_file(self) -> None:
        if files := self.files():
            path = self.random.choice(files)
            self.forget(read_text(path.read_bytes().decode()).text)
            path.write_bytes((self.random.choice(HEADS) + self.text()).encode())

    def make_file(self) -> None:
        path = self.root / self.random.choice(FOLDERS) / f"{self.random.choice(NAMES)}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists():
            self.forget(read_text(path.read_bytes().decode()).text)
        path.write_bytes((self.random.choice(HEADS) + self.text()).encode())

    def delete_file(self) -> None:
        if files := self.files():
            path = self.random.choice(files)
            self.forget(read_text(path.read_bytes().decode()).text)
            path.unlink()

    def move_file(self) -> None:
        if files := self.files():
            path = self.root / self.random.choice(FOLDERS) / f"{self.random.choice(NAMES)}.md"
            if not path.exists():
                path.parent.mkdir(parents=True, exist_ok=True)
                self.random.choice(files).rename(path)

    def save_note(self) -> None:
        if notes := self.all_notes():
            note = self.random.choice(notes)
            self.forget(note.text)  # two saves within a minute keep one version
            self.notes.save(note.id, self.text(), self.random.choice((None, "Own title", "Q? x")))

    def make_note(self) -> None:
        folder = self.random.choice(FOLDERS)
        self.notes.create(f"{self.folder.top}/{folder}" if folder else self.folder.top, self.text())

    def tag_note(self) -> None:
        if notes := self.all_notes():
            self.notes.set_tags(self.random.choice(notes).id, self.random.choice((["x"], ["x", "new"], [])))

    def move_note(self) -> None:
        if notes := self.all_notes():
            folder = self.random.choice((*FOLDERS[1:], "new one"))
            self.notes.move([self.random.choice(notes).id], f"{self.folder.top}/{folder}")

    def trash_note(self) -> None:
        if notes := self.all_notes():
            self.notes.trash([self.random.choice(notes).id])

    def restore_note(self) -> None:
        if notes := self.all_notes(trashed=True):
            self.notes.restore([self.random.choice(notes).id])

    def delete_note(self) -> None:
        if notes := self.all_notes(trashed=True):
            note = self.random.choice(notes)
            for text in (note.text, *(version.text for version in self.notes.versions(note.id))):
                self.forget(text)
            self.notes.delete_forever([note.id])

    def vanish(self) -> None:
        """The disk is taken out, and put in again."""
        away = self.root.with_name("away")
        self.root.rename(away)
        self.look()
        self.save_note()
        away.rename(self.root)

    def unlink(self) -> None:
        self.folders.unlink(self.folder)
        self.save_note()
        self.folder, _report = self.folders.link(self.root, lambda *_: None, CancelToken())

    def look(self) -> None:
        self.folders.look(self.folder, CancelToken())

    def look_at_some(self) -> None:
        if notes := self.all_notes():
            self.folders.look_at_notes([note.id for note in self.random.sample(notes, 1)], CancelToken())

    def forget(self, text: str) -> None:
        """Overwritten or deleted by the person: it may be gone."""
        self.written.discard(text)

    # What must hold

    def check(self) -> None:
        for _ in range(2):
            self.look()
        report = self.folders.look(self.folder, CancelToken())
        assert not report.changed, report
        assert report.problems == ()
        on_disk = sorted(read_text(path.read_bytes().decode()).text for path in self.files())
        assert on_disk == sorted(note.text for note in self.all_notes())
        for note in self.all_notes():
            data = (self.root / note.source_path).read_bytes().decode()
            read = read_text(data)
            assert read.text == note.text
            assert set(read.tags) <= set(note.tags) or not note.tags
            assert note.front_matter == read.front_matter
        kept = set(on_disk)
        for note in (*self.all_notes(), *self.all_notes(trashed=True)):
            kept |= {note.text, *(version.text for version in self.notes.versions(note.id))}
        trash = self.root / ".trash"
        kept |= {read_text(path.read_bytes().decode()).text for path in trash.rglob("*.md")}
        assert self.written <= kept, self.written - kept


@pytest.mark.parametrize("seed", range(8))
def test_both_sides_agree_and_nothing_is_lost(
    real_store: Store, note_service: NoteService, tmp_path: Path, seed: int
) -> None:
    world = World(real_store, note_service, tmp_path / "vault", seed)
    acts = [
        world.write_file,
        world.make_file,
        world.make_file,
        world.delete_file,
        world.move_file,
        world.save_note,
        world.save_note,
        world.make_note,
        world.tag_note,
        world.move_note,
        world.trash_note,
        world.restore_note,
        world.delete_note,
        world.vanish,
        world.unlink,
        world.look,
        world.look_at_some,
    ]
    for _ in range(4):
        for _ in range(10):
            world.random.choice(acts)()
        world.check()
