from __future__ import annotations

import random
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from desktop_app.domain.conversation import Role
from desktop_app.domain.errors import BackupError, DiskFullError, StoreDamagedError
from desktop_app.domain.message_passages import EmbeddedMessage, EmbeddedPassage
from desktop_app.domain.notes import ImportSource, NoteFilter
from desktop_app.storage import salvage as salvage_module
from desktop_app.storage.backup import Backups
from desktop_app.storage.connection import Access, connect
from desktop_app.storage.database import suspect_path
from desktop_app.storage.opening import check_whole
from desktop_app.storage.salvage import salvage
from desktop_app.storage.store import Store

PAGE = 4096
_TABLE_LEAF = 13


COUNT = 400


@pytest.fixture(scope="module")
def full_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A closed database with 400 notes and a chat of 400 messages, made once."""
    folder = tmp_path_factory.mktemp("full")
    store = Store.open(folder / "inkwell.sqlite3", backups=folder / "backups")
    chat = store.conversations.create("chat")
    parent = None
    with store.transaction():
        for number in range(COUNT):
            store.notes.create(f"note {number}", f"text of {number} " * 60, tags=("tag",), folder="f")
            parent = store.conversations.add_message(chat.id, parent, Role.USER, f"message {number} " * 20).id
    store.close()
    return store.path


@pytest.fixture
def store(full_database: Path, database: Path, backups_folder: Path) -> Iterator[Store]:
    """A store with everything of `full_database`."""
    database.parent.mkdir()
    shutil.copy(full_database, database)
    opened = Store.open(database, backups=backups_folder)
    yield opened
    opened.close()


def pages_of(database: Path, table: str) -> list[int]:
    """The leaves of a table's tree, in its order (https://sqlite.org/fileformat2.html#b_tree_pages)."""
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (root,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (table,)).fetchone()
    data = database.read_bytes()

    def leaves(page: int) -> Iterator[int]:
        start = (page - 1) * PAGE
        head = data[start + (100 if page == 1 else 0) : start + PAGE]
        if head[0] == _TABLE_LEAF:
            yield page
            return
        count = int.from_bytes(head[3:5])
        for cell in range(count):
            place = start + int.from_bytes(head[12 + 2 * cell : 14 + 2 * cell])
            yield from leaves(int.from_bytes(data[place : place + 4]))
        yield from leaves(int.from_bytes(head[8:12]))

    return list(leaves(int(root)))


def overwrite(database: Path, pages: list[int]) -> None:
    noise = random.Random(7)
    with open(database, "r+b") as file:
        for page in pages:
            file.seek((page - 1) * PAGE)
            file.write(noise.randbytes(PAGE))


def test_damaged_pages_cost_their_rows_and_no_others(store: Store, backups_folder: Path) -> None:
    store.close()
    leaves = pages_of(store.path, "notes")
    overwrite(store.path, [leaves[3], leaves[40]])
    suspect_path(store.path).touch()
    mended = Store.open(store.path, backups=backups_folder)
    report = mended.open_report
    assert report.damaged_copy is not None
    assert report.damaged_copy.exists()
    assert ".damaged-2026" in report.damaged_copy.name
    notes = mended.notes.list_notes(NoteFilter())
    assert 380 <= len(notes) < 400
    assert f"{len(notes)} notes and 400 messages were recovered. Some could not be read." in report.notices[0]
    for row in notes[:5]:
        number = row.title.split()[1]
        assert mended.notes.get(row.id).text == f"text of {number} " * 60
    assert len(mended.conversations.path(1)) == 400
    assert mended.integrity_check() == []
    assert mended.words.search_notes("text", 1000) != []
    assert mended.notes.create("new", "x").id > 400
    mended.close()
    quiet = Store.open(store.path, backups=backups_folder)
    assert quiet.open_report.notices == ()
    quiet.close()


def test_missing_rows_come_from_the_newest_backup(store: Store, backups_folder: Path) -> None:
    Backups(store.path, backups_folder).back_up("daily")
    late = store.notes.create("written after the backup", "x")
    gone = store.notes.all_ids()[200]
    store.close()
    overwrite(store.path, [pages_of(store.path, "notes")[3]])
    suspect_path(store.path).touch()
    mended = Store.open(store.path, backups=backups_folder)
    assert mended.open_report.restored_from is not None
    assert "came from the backup" in mended.open_report.notices[0]
    assert len(mended.notes.all_ids()) == 401
    assert mended.notes.get(late.id).title == "written after the backup"
    assert mended.notes.get(gone).tags == ("tag",)
    assert mended.integrity_check() == []
    mended.close()


def test_a_damaged_store_of_the_first_schema_gives_its_properties(tmp_path: Path) -> None:
    source = ImportSource("a.md", "/a.md", "1", front_matter="title: Bob\naliases: [Robert]\n")
    older, fresh = tmp_path / "older.sqlite3", tmp_path / "fresh.sqlite3"
    for path in (older, fresh):
        Store.open(path, backups=tmp_path / "none").close()
    with closing(Store.open(older, backups=tmp_path / "none")) as store:
        store.notes.create("Bob", "text", source=source)
    with closing(sqlite3.connect(older)) as connection:
        connection.executescript(
            "DROP TRIGGER notes_words_leave; DROP TRIGGER notes_words_return; DROP TRIGGER notes_words_inserted;"
            "DROP TRIGGER notes_words_deleted; DROP VIEW live_notes; ALTER TABLE notes DROP COLUMN properties;"
        )
    salvage(older, fresh, None)
    with closing(Store.open(fresh, backups=tmp_path / "none")) as store:
        assert [note_id for note_id, _ in store.words.search_notes("robert", 5)] == [1]
        store.words.integrity_check()


def test_what_was_deleted_does_not_come_back_from_the_backup(store: Store, backups_folder: Path) -> None:
    Backups(store.path, backups_folder).back_up("daily")
    store.conversations.delete_forever(1)
    kept = store.conversations.create("another")
    store.close()
    overwrite(store.path, [pages_of(store.path, "notes")[3]])
    suspect_path(store.path).touch()
    mended = Store.open(store.path, backups=backups_folder)
    assert [chat.id for chat in mended.conversations.list_conversations()] == [kept.id]
    mended.close()


@pytest.mark.parametrize("damage", ["header", "all", "short", "empty-header"])
def test_a_file_that_is_no_database_any_more_is_replaced_by_the_backup(
    store: Store, backups_folder: Path, damage: str
) -> None:
    Backups(store.path, backups_folder).back_up("daily")
    store.close()
    size = store.path.stat().st_size
    with open(store.path, "r+b") as file:
        if damage == "header":
            file.write(random.Random(1).randbytes(100))
        elif damage == "all":
            file.write(random.Random(1).randbytes(size))
        elif damage == "short":
            file.truncate(PAGE * 3 + 17)
        else:
            file.write(bytes(100))
    if damage == "short":
        suspect_path(store.path).touch()
    mended = Store.open(store.path, backups=backups_folder)
    assert len(mended.notes.all_ids()) == COUNT
    assert len(mended.conversations.path(1)) == COUNT
    assert "The database was damaged" in mended.open_report.notices[0]
    assert mended.open_report.damaged_copy is not None
    assert mended.integrity_check() == []
    mended.close()


def test_without_any_backup_an_unreadable_file_still_lets_one_begin(store: Store, backups_folder: Path) -> None:
    store.close()
    store.path.write_bytes(b"not a database" * 1000)
    begun = Store.open(store.path, backups=backups_folder)
    assert begun.open_report.damaged_copy is not None
    assert begun.open_report.damaged_copy.read_bytes().startswith(b"not a database")
    assert begun.notes.all_ids() == []
    assert begun.notes.create("t", "x").id
    begun.close()


def test_no_room_for_what_can_be_read_is_not_taken_for_damage(
    store: Store, backups_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The damaged file stays in its place, so that the next start finds it and tries again."""
    store.close()
    overwrite(store.path, pages_of(store.path, "notes")[3:5])
    damaged = store.path.read_bytes()

    def connect_to_a_small_disk(path: Path, access: Access) -> sqlite3.Connection:
        connection = connect(path, access)
        connection.execute("PRAGMA max_page_count = 100")
        return connection

    with monkeypatch.context() as small:
        small.setattr(salvage_module, "connect", connect_to_a_small_disk)
        suspect_path(store.path).touch()
        with pytest.raises(DiskFullError):
            Store.open(store.path, backups=backups_folder)
    assert store.path.read_bytes() == damaged
    assert [path.name for path in store.path.parent.glob("*recovering*")] == []
    mended = Store.open(store.path, backups=backups_folder)
    assert mended.open_report.damaged_copy is not None
    assert len(mended.notes.all_ids()) > 380
    mended.close()


def test_damage_met_while_running_is_mended_at_the_next_start(store: Store, backups_folder: Path) -> None:
    store.close()
    overwrite(store.path, pages_of(store.path, "notes")[3:5])
    running = Store.open(store.path, backups=backups_folder)
    with pytest.raises(StoreDamagedError):
        running.notes.get_many(list(range(1, 401)))
    running.close()
    mended = Store.open(store.path, backups=backups_folder)
    assert mended.open_report.damaged_copy is not None
    assert len(mended.notes.all_ids()) > 380
    mended.close()


def test_a_backup_finds_damage_and_does_not_take_a_good_ones_place(store: Store, backups_folder: Path) -> None:
    keeper = Backups(store.path, backups_folder)
    good = keeper.back_up("daily")
    store.close()
    overwrite(store.path, pages_of(store.path, "messages")[3:5])
    with pytest.raises(BackupError, match="damaged"):
        keeper.back_up("daily")
    assert [backup.path for backup in keeper.list_backups()] == [good]
    assert suspect_path(store.path).exists()
    assert [path.name for path in backups_folder.iterdir()] == [good.name]


def test_a_damaged_index_is_made_again_and_nothing_else(store: Store, backups_folder: Path) -> None:
    store.close()
    connection = sqlite3.connect(store.path)
    connection.execute("DELETE FROM notes_words_data WHERE id > 10")
    connection.commit()
    connection.close()
    suspect_path(store.path).touch()
    mended = Store.open(store.path, backups=backups_folder)
    assert mended.open_report.damaged_copy is None
    assert "search index" in mended.open_report.notices[0]
    assert len(mended.words.search_notes("text", 1000)) == COUNT
    mended.close()


@pytest.mark.parametrize("seed", range(6))
def test_wherever_pages_are_damaged_the_store_opens_and_is_whole(store: Store, backups_folder: Path, seed: int) -> None:
    store.close()
    chosen = random.Random(seed)
    pages = store.path.stat().st_size // PAGE
    overwrite(store.path, chosen.sample(range(1, pages + 1), 1 + seed))
    suspect_path(store.path).touch()
    mended = Store.open(store.path, backups=backups_folder)
    assert mended.open_report.notices
    assert mended.integrity_check() == []
    assert mended.notes.create("t", "x").id
    mended.close()
    check_whole(store.path)


@pytest.mark.parametrize("how", ["missing", "empty"])
def test_a_database_that_is_gone_comes_back_from_its_backup_and_says_so(tmp_path: Path, how: str) -> None:
    database, folder = tmp_path / "inkwell.sqlite3", tmp_path / "backups"
    with closing(Store.open(database, backups=folder)) as store:
        note = store.notes.create("kept", "text")
        Backups(database, folder).back_up("by-hand")
    for path in tmp_path.glob("inkwell.sqlite3*"):
        path.unlink()
    if how == "empty":
        database.touch()
    with closing(Store.open(database, backups=folder)) as store:
        assert store.notes.get(note.id).title == "kept"
        assert "missing or empty" in store.open_report.notices[0]
        assert store.open_report.restored_from is not None
    with closing(Store.open(database, backups=folder)) as store:
        assert store.open_report.notices == ()


def test_passages_of_messages_are_brought_along_and_found_by_their_hash(store: Store, tmp_path: Path) -> None:
    message_id = store.message_passages.due_ids("e", 1)[0]
    passages = [EmbeddedPassage(0, 7, "h", b"abcd")]
    store.message_passages.store("e", [EmbeddedMessage(message_id, 0, passages, [0], complete=True)])
    store.close()
    fresh = tmp_path / "fresh" / "inkwell.sqlite3"
    fresh.parent.mkdir()
    Store.open(fresh, backups=tmp_path / "fresh-backups").close()
    salvage(store.path, fresh, None)
    with closing(Store.open(fresh, backups=tmp_path / "fresh-backups")) as saved:
        assert saved.message_passages.known_vectors("e", ["h"]) == {"h": b"abcd"}
        assert message_id in saved.message_passages.due_ids("e", 1_000), "what is there is found out anew"
        assert saved.integrity_check() == []
