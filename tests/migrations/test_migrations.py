"""The migrations make exactly the tables of the models, and the constants say what they end in."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import OperationalError
from sqlalchemy.schema import CreateIndex

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.errors import BackupError
from desktop_app.services.long_notes import LongNoteWords
from desktop_app.storage import opening
from desktop_app.storage.backup import Backups
from desktop_app.storage.connection import APPLICATION_ID, writing_engine
from desktop_app.storage.migrations.record import newest_schema
from desktop_app.storage.migrations.run import configuration, migrate
from desktop_app.storage.new_store import RECORDED, make_tables
from desktop_app.storage.schema import HEAD_REVISION, SCHEMA_NUMBER, WORD_TABLES
from desktop_app.storage.store import Store
from desktop_app.storage.tables import metadata

_OWN = (*WORD_TABLES, "notes_vocabulary", "tails_vocabulary", "messages_vocabulary", "alembic_version", "sqlite_")


def _schema(path: Path) -> list[tuple[str, str, str]]:
    connection = sqlite3.connect(path)
    rows = connection.execute("SELECT type, name, sql FROM sqlite_master ORDER BY type, name").fetchall()
    connection.close()
    return rows


def _migrated(path: Path, revision: str = "head") -> None:
    path.touch()
    engine = writing_engine(path)
    with engine.connect() as connection, connection.begin():
        migrate(connection, revision)
    engine.dispose()


def test_the_constants_are_those_of_the_newest_migration() -> None:
    script = ScriptDirectory.from_config(configuration())
    assert script.get_heads() == [HEAD_REVISION]
    assert len(list(script.walk_revisions())) == SCHEMA_NUMBER


def test_migrations_make_the_tables_of_the_models(tmp_path: Path) -> None:
    path = tmp_path / "a.sqlite3"
    _migrated(path)
    engine = writing_engine(path)
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                "compare_type": False,
                "include_name": lambda name, kind, parents: kind != "table" or not str(name).startswith(_OWN),
            },
        )
        differences = compare_metadata(context, metadata)
    engine.dispose()
    # Alembic cannot compare indexes with descending columns: their statements are compared below.
    assert [one for one in differences if "index" not in one[0]] == []
    connection = sqlite3.connect(path)
    made = {name: " ".join(sql.split()) for kind, name, sql in _schema(path) if kind == "index" and sql}
    indexes = [index for table in metadata.sorted_tables for index in table.indexes]
    assert made == {str(one.name): str(CreateIndex(one).compile(dialect=sqlite.dialect())) for one in indexes}
    for table in metadata.sorted_tables:
        info = connection.execute(f"PRAGMA table_info({table.name})").fetchall()
        assert [(row[1], bool(row[3])) for row in info] == [(c.name, not c.nullable) for c in table.columns]
        keys = {(row[2], row[3], row[6]) for row in connection.execute(f"PRAGMA foreign_key_list({table.name})")}
        assert keys == {(key.column.table.name, key.parent.name, key.ondelete) for key in table.foreign_keys}
    assert connection.execute("PRAGMA application_id").fetchone()[0] == APPLICATION_ID
    assert connection.execute("PRAGMA user_version").fetchone()[0] == SCHEMA_NUMBER
    connection.close()


def test_a_fresh_store_equals_one_migrated_step_by_step(tmp_path: Path) -> None:
    fresh = tmp_path / "fresh.sqlite3"
    Store.open(fresh, backups=tmp_path / "b").close()
    stepped = tmp_path / "stepped.sqlite3"
    for revision in reversed([one.revision for one in ScriptDirectory.from_config(configuration()).walk_revisions()]):
        _migrated(stepped, revision)
    assert _schema(fresh) == _schema(stepped)


def test_the_recorded_schema_is_what_the_migrations_make(tmp_path: Path) -> None:
    """After a new migration: python -m desktop_app.storage.migrations.record"""
    assert RECORDED.read_text(encoding="utf-8") == newest_schema()
    made, migrated = tmp_path / "made.sqlite3", tmp_path / "migrated.sqlite3"
    with closing(sqlite3.connect(made, isolation_level=None)) as connection:
        make_tables(connection)
    _migrated(migrated)
    assert _schema(made) == _schema(migrated)
    assert _stamps(made) == _stamps(migrated)


def _stamps(path: Path) -> list[object]:
    with closing(sqlite3.connect(path)) as connection:
        statements = ("PRAGMA application_id", "PRAGMA user_version", "SELECT * FROM alembic_version")
        return [connection.execute(one).fetchall() for one in (*statements, "SELECT * FROM counters")]


def test_a_new_store_that_cannot_be_made_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = tmp_path / "broken.sql"
    broken.write_text("CREATE TABLE a (x);\nCREATE TABLE a (x);\n")
    monkeypatch.setattr("desktop_app.storage.new_store.RECORDED", broken)
    path = tmp_path / "a.sqlite3"
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        with pytest.raises(sqlite3.OperationalError, match="already exists"):
            make_tables(connection)
        assert not connection.in_transaction
    assert _schema(path) == []


def test_a_migration_that_fails_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.sqlite3"
    path.touch()
    monkeypatch.setattr("desktop_app.storage.migrations.run.APPLICATION_ID", "no number (")
    engine = writing_engine(path)
    with pytest.raises(OperationalError, match="syntax"), engine.connect() as connection, connection.begin():
        migrate(connection)
    engine.dispose()
    assert _schema(path) == []


def test_properties_of_older_notes_are_found_after_the_migration(tmp_path: Path) -> None:
    path, backups = tmp_path / "a.sqlite3", tmp_path / "b"
    _migrated(path, "0001")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(
            "INSERT INTO notes(title, folder, snippet, tags, created_at, edited_at, source_path, source_file, "
            "source_hash, revision, is_welcome, front_matter, text) "
            "VALUES ('Bob', '', '', 'x', 1, 1, '', '', '', 1, 0, 'title: Bob\naliases: [Robert]\n', 'some text')"
        )
        connection.execute("PRAGMA user_version=1")
        connection.commit()
    with closing(Store.open(path, backups=backups)) as store:
        assert store.open_report.migrated_from == "0001"
        for word in ("robert", "text", "bob", "x"):
            assert [note_id for note_id, _ in store.words.search_notes(word, 5)] == [1], word
        assert store.words.search_notes("title", 5) == []
        store.words.integrity_check()
    assert [backup.reason for backup in Backups(path, backups).list_backups()] == ["before-migration"]


def test_of_older_long_notes_the_tail_is_filled_in_after_the_migration(tmp_path: Path) -> None:
    path, backups = tmp_path / "a.sqlite3", tmp_path / "b"
    _migrated(path, "0006")
    text = "near " * 120_000 + "remote"
    with closing(sqlite3.connect(path)) as connection:
        for trashed in (None, 1):
            connection.execute(
                "INSERT INTO notes(title, folder, snippet, tags, created_at, edited_at, trashed_at, source_path, "
                "source_file, source_hash, revision, is_welcome, front_matter, text) "
                "VALUES ('Long', '', '', '', 1, 1, ?, '', '', '', 1, 0, '', ?)",
                (trashed, text),
            )
        connection.execute("PRAGMA user_version=6")
        connection.commit()
    with closing(Store.open(path, backups=backups)) as store:
        store.words.integrity_check()
        assert store.words.search_notes("remote", 5) == []
        assert [note_id for note_id, _ in store.words.search_notes("near", 5)] == [1]
        LongNoteWords(store.long_notes).fill(CancelToken())
        assert [note_id for note_id, _ in store.words.search_notes("remote", 5)] == [1]
        store.words.integrity_check()


def test_an_older_store_is_backed_up_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, backups = tmp_path / "a.sqlite3", tmp_path / "b"
    store = Store.open(path, backups=backups)
    note = store.notes.create("t", "x")
    store.close()
    connection = sqlite3.connect(path)
    connection.execute("UPDATE alembic_version SET version_num = '0000'")
    connection.commit()
    connection.close()
    steps: list[str] = []

    def migrated(connection: object, revision: str = "head") -> None:
        assert [backup.reason for backup in Backups(path, backups).list_backups()] == ["before-migration"]
        steps.append(revision)

    monkeypatch.setattr("desktop_app.storage.migrations.run.migrate", migrated)
    again = Store.open(path, backups=backups)
    assert steps == ["head"]
    assert again.open_report.migrated_from == "0000"
    assert again.notes.get(note.id) == note
    again.close()


def test_no_migration_without_a_backup(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.sqlite3"
    Store.open(path, backups=tmp_path / "b").close()
    monkeypatch.setattr(opening, "HEAD_REVISION", "9999")
    (tmp_path / "b").write_text("a file where the folder should be")
    with pytest.raises(BackupError):
        Store.open(path, backups=tmp_path / "b")


def test_messages_of_older_stores_are_due_after_the_migration(tmp_path: Path) -> None:
    path, backups = tmp_path / "a.sqlite3", tmp_path / "b"
    _migrated(path, "0008")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(
            "INSERT INTO conversations(title, created_at, changed_at, change_order, draft, preview, settings) "
            "VALUES ('Ink', 1, 1, 1, '', '', '{}')"
        )
        connection.execute(
            "INSERT INTO messages(conversation_id, sibling_order, role, created_at, error, settings_used, text) "
            "VALUES (1, 0, 'user', 1, '', '{}', 'what is it made of')"
        )
        connection.execute("PRAGMA user_version=8")
        connection.commit()
    with closing(Store.open(path, backups=backups)) as store:
        assert store.open_report.migrated_from == "0008"
        (due,) = store.message_passages.read(store.message_passages.due_ids("an encoder", 5))
        assert (due.title, due.text, due.revision) == ("Ink", "what is it made of", 0)
        assert store.integrity_check() == []
