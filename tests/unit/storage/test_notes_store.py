from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from desktop_app.domain.errors import NoteConflictError, NotFoundError
from desktop_app.domain.notes import ImportSource, NoteFilter, NoteSort
from desktop_app.storage.opened_notes import MOST_OPENED
from desktop_app.storage.store import Store
from tests.unit.storage.conftest import TurnedClock

ODD_TEXTS = (
    "",
    "\x00",
    "a\x00b\x00",
    "\r\n\r",
    "😀👩‍👩‍👧‍👦",
    "שלום עולם \u200f",
    "e\u0301",
    "\ufeffBOM",
    "a" * 100_000,
    "\u2028\x85\x1c",
)


@pytest.mark.parametrize("text", ODD_TEXTS)
def test_text_comes_back_byte_for_byte(store: Store, text: str) -> None:
    note = store.notes.create("t" + text[:50], text)
    assert store.notes.get(note.id).text == text
    assert store.notes.get(note.id).title == "t" + text[:50]
    saved = store.notes.save(note.id, title="t", text=text + "x" + text)
    assert store.notes.get(note.id).text == saved.text == text + "x" + text
    assert store.notes.versions(note.id)[0].text == text
    store.words.integrity_check()


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.characters(codec="utf-8"), max_size=200))
def test_any_text_comes_back(store: Store, text: str) -> None:
    assert store.notes.get(store.notes.create("", text).id).text == text


def test_lone_surrogates_are_cleaned_at_the_boundary(store: Store) -> None:
    note = store.notes.create("\udc00title", "a\ud800b \ud83d\ude00", folder="f\udfff", tags=("t\ud800",))
    assert note == store.notes.get(note.id)
    assert (note.title, note.text, note.folder, note.tags) == ("\ufffdtitle", "a\ufffdb 😀", "f\ufffd", ("t\ufffd",))


def test_save_counts_revisions_and_refuses_a_stale_one(store: Store) -> None:
    note = store.notes.create("t", "one")
    second = store.notes.save(note.id, title="t", text="two", expected_revision=1)
    assert second.revision == 2
    assert store.notes.save(note.id, title="t", text="two") == second
    with pytest.raises(NoteConflictError):
        store.notes.save(note.id, title="t", text="three", expected_revision=1)
    assert store.notes.get(note.id).text == "two"
    store.notes.move([note.id], "elsewhere")
    store.notes.set_tags(note.id, ["x"])
    assert store.notes.get(note.id).revision == 2


def test_versions_once_a_minute_and_after_a_restart(
    store: Store,
    clock,
    database: Path,
    backups_folder: Path,  # type: ignore[no-untyped-def]
) -> None:
    note = store.notes.create("t", "v0")
    for number in range(1, 100):
        clock.forward(seconds=2)
        store.notes.save(note.id, title="t", text=f"v{number}")
    kept = [version.text for version in store.notes.versions(note.id)]
    assert kept[-1] == "v0"
    assert 3 <= len(kept) <= 5
    store.close()
    reopened = Store.open(database, backups=backups_folder, clock=clock)
    assert [version.text for version in reopened.notes.versions(note.id)] == kept
    version = reopened.notes.versions(note.id)[0]
    assert reopened.notes.get_version(version.id) == version
    reopened.notes.delete_forever([note.id])
    with pytest.raises(NotFoundError):
        reopened.notes.get_version(version.id)
    reopened.close()


def test_old_versions_go_when_a_new_one_comes(store: Store, clock) -> None:  # type: ignore[no-untyped-def]
    other = store.notes.create("o", "w0")
    note = store.notes.create("t", "v0")
    for number in range(1, 14):
        clock.forward(minutes=2)
        store.notes.save(note.id, title="t", text=f"v{number}")
    store.notes.save(other.id, title="o", text="w1")
    assert len(store.notes.versions(note.id)) == 13
    clock.forward(days=31)
    store.notes.save(note.id, title="t", text="v14")
    # The last ten, and one of the day of the others.
    assert [version.text for version in store.notes.versions(note.id)] == [f"v{number}" for number in range(13, 2, -1)]
    assert [version.text for version in store.notes.versions(other.id)] == ["w0"]


def test_folders_tags_and_filters(store: Store) -> None:
    a = store.notes.create("Alpha", "", folder="work/plans", tags=("x", "y"))
    b = store.notes.create("beta", "", folder="work", tags=("y",))
    c = store.notes.create("Gamma", "", folder="work-out")
    store.notes.create("Delta", "")
    assert store.notes.folders() == [("work", 2), ("work/plans", 1), ("work-out", 1)]
    assert store.notes.tags() == [("x", 1), ("y", 2)]

    def titles(**parts: object) -> list[str]:
        return [row.title for row in store.notes.list_notes(NoteFilter(sort=NoteSort.TITLE, **parts))]  # type: ignore[arg-type]

    assert titles() == ["Alpha", "beta", "Delta", "Gamma"]
    assert titles(folder="work") == ["Alpha", "beta"]
    assert titles(folder="work/plans") == ["Alpha"]
    assert titles(tag="y") == ["Alpha", "beta"]
    assert titles(text="ET") == ["beta"]
    assert store.notes.count(NoteFilter(folder="work")) == 2
    store.notes.trash([a.id, c.id])
    assert titles() == ["beta", "Delta"]
    assert titles(trashed=True) == ["Alpha", "Gamma"]
    assert store.notes.folders() == [("work", 1)]
    assert store.notes.tags() == [("y", 1)]
    assert store.notes.all_ids(trashed=True) == [a.id, c.id]
    store.notes.restore([a.id])
    assert [note.id for note in store.notes.get_many([b.id, 999, a.id])] == [b.id, a.id]


def test_newest_edit_first_and_pages(store: Store, clock) -> None:  # type: ignore[no-untyped-def]
    ids = []
    for number in range(5):
        clock.forward(minutes=1)
        ids.append(store.notes.create(f"n{number}", "body").id)
    clock.forward(minutes=1)
    store.notes.save(ids[1], title="n1", text="newer")
    rows = store.notes.list_notes(NoteFilter())
    assert [row.id for row in rows] == [ids[1], ids[4], ids[3], ids[2], ids[0]]
    assert store.notes.list_notes(NoteFilter(), limit=2, offset=1) == rows[1:3]
    assert rows[0].snippet == "newer"


def test_where_imported_notes_came_from(store: Store) -> None:
    when = datetime(2020, 1, 1, tzinfo=UTC)
    source = ImportSource("a/b.md", "/vault/a/b.md", "hash", front_matter="x: 1\n")
    note = store.notes.create("t", "x", source=source, edited_at=when)
    assert (note.source_path, note.front_matter, note.edited_at, note.created_at) == ("a/b.md", "x: 1\n", when, when)
    assert store.notes.import_sources() == {note.id: ImportSource("a/b.md", "/vault/a/b.md", "hash")}
    store.notes.trash([note.id])
    assert store.notes.import_sources()[note.id].trashed


def test_a_note_that_never_was_is_not_called_deleted(store: Store) -> None:
    gone = store.notes.create("t", "x").id
    store.notes.delete_forever([gone])
    for number in (0, gone + 1, 999):
        with pytest.raises(NotFoundError, match=f"There is no note with the number {number}") as never:
            store.notes.get(number)
        assert "deleted" not in str(never.value)
    with pytest.raises(NotFoundError, match="not there any more") as deleted:
        store.notes.set_tags(gone, [])
    assert "deleted for good" in str(deleted.value)


def test_five_megabytes_and_one_long_word(store: Store) -> None:
    text = "wörter und mehr 😀\n" * 250_000 + "x" * 200_000
    note = store.notes.create("big", text)
    assert store.notes.get(note.id).text == text
    assert len(store.notes.list_notes(NoteFilter())[0].snippet) <= 120


@pytest.mark.parametrize("sort", list(NoteSort))
def test_pinned_notes_are_listed_first(store: Store, clock: TurnedClock, sort: NoteSort) -> None:
    ids = []
    for title in ("a", "b", "c", "d"):
        clock.forward(minutes=1)
        ids.append(store.notes.create(title, "").id)
    plain = [row.id for row in store.notes.list_notes(NoteFilter(sort=sort))]
    store.notes.set_pinned([ids[1], ids[2]], True)
    rows = store.notes.list_notes(NoteFilter(sort=sort))
    pinned = [note_id for note_id in plain if note_id in ids[1:3]]
    assert [row.id for row in rows] == [*pinned, *(note_id for note_id in plain if note_id not in pinned)]
    assert [row.pinned for row in rows] == [True, True, False, False]
    assert [note.pinned for note in store.notes.get_many(ids)] == [False, True, True, False]
    assert [store.notes.position(NoteFilter(sort=sort), row.id) for row in rows] == [0, 1, 2, 3]
    store.notes.set_pinned(ids, False)
    assert [row.id for row in store.notes.list_notes(NoteFilter(sort=sort))] == plain


def test_the_list_is_read_from_its_index_in_order(store: Store) -> None:
    with closing(sqlite3.connect(store.path)) as connection:
        plan = connection.execute(
            "EXPLAIN QUERY PLAN SELECT id, title, folder, snippet, edited_at, trashed_at, pinned, tags FROM notes "
            "WHERE trashed_at IS NULL ORDER BY pinned DESC, edited_at DESC, id DESC LIMIT 200"
        ).fetchall()
    assert [row[3] for row in plan] == ["SEARCH notes USING COVERING INDEX notes_by_edit (trashed_at=?)"]


def test_accents_do_not_part_what_belongs_together(store: Store) -> None:
    for title, folder, tag in (("Zebra", "Öfen", "öl"), ("äpfel", "Ofen", "Zeit"), ("Éclair", "Zoo", "obst")):
        store.notes.set_tags(store.notes.create(title, "", folder=folder).id, [tag])
    by_title = NoteFilter(sort=NoteSort.TITLE)
    assert [row.title for row in store.notes.list_notes(by_title)] == ["äpfel", "Éclair", "Zebra"]
    assert [folder for folder, _ in store.notes.folders()] == ["Ofen", "Öfen", "Zoo"]
    assert [tag for tag, _ in store.notes.tags()] == ["obst", "öl", "Zeit"]
    for typed in ("apfel", "ÄPFEL", "äpf", "eclair"):
        assert len(store.notes.list_notes(NoteFilter(text=typed))) == 1, typed


@pytest.mark.parametrize("sort", list(NoteSort))
def test_position_counts_the_rows_before(store: Store, sort: NoteSort) -> None:
    same = datetime(2026, 3, 1, tzinfo=UTC)
    for title in ("b", "A", "a", "c", "B", "ä"):
        store.notes.create(title, title, folder="F", created_at=same, edited_at=same)
        store.notes.mark_opened(store.notes.create(title, title).id)
    for wanted in (NoteFilter(sort=sort), NoteFilter(sort=sort, folder="F"), NoteFilter(sort=sort, text="a")):
        listed = [row.id for row in store.notes.list_notes(wanted)]
        assert [store.notes.position(wanted, note_id) for note_id in listed] == list(range(len(listed)))
    outside = store.notes.list_notes(NoteFilter(folder="F"))[0].id
    store.notes.trash([outside])
    assert store.notes.position(NoteFilter(sort=sort), outside) is None
    assert store.notes.position(NoteFilter(sort=sort), 999) is None


def test_the_last_opened_notes_come_first(store: Store, clock: TurnedClock) -> None:
    def titles() -> list[str]:
        return [row.title for row in store.notes.list_notes(NoteFilter(sort=NoteSort.OPENED))]

    ids = {}
    for title in ("a", "b", "c", "d"):
        clock.forward(minutes=1)
        ids[title] = store.notes.create(title, "").id
    assert titles() == ["d", "c", "b", "a"]
    for title in ("b", "a", "b"):
        store.notes.mark_opened(ids[title])
    assert titles() == ["b", "a", "d", "c"]
    store.notes.set_pinned([ids["c"]], True)
    assert titles() == ["c", "b", "a", "d"]
    assert [row.title for row in store.notes.recently_opened(3)] == ["b", "a", "d"]
    store.notes.trash([ids["b"]])
    assert [row.title for row in store.notes.recently_opened(3)] == ["a", "d", "c"]
    for note_id in range(1_000, 1_000 + 2 * MOST_OPENED):
        store.notes.mark_opened(note_id)
    assert len(store.ui_state.get("notes.opened")) == MOST_OPENED
    store.ui_state.set("notes.opened", {"no": "list"})
    store.notes.mark_opened(ids["a"])
    assert store.ui_state.get("notes.opened") == [ids["a"]]


def test_tags_by_note_leave_out_the_trash(store: Store) -> None:
    one = store.notes.create("", "one", tags=["b", "a"])
    store.notes.create("", "two")
    gone = store.notes.create("", "three", tags=["a"])
    store.notes.trash([gone.id])
    assert store.notes.tags_by_note() == {one.id: ("a", "b")}


def test_a_new_note_is_given_as_its_row_says(store: Store) -> None:
    long_ago = datetime(1822, 1, 1, 3, 4, 5, 678901)  # without a zone, as a file may say it
    source = ImportSource(path="a/b\ud800.md", file="/x/a/b.md", hash="h", front_matter="aliases: [z\ud800]\nx: 1\n")
    for text in ODD_TEXTS:
        note = store.notes.create(
            "t\ud800", text, folder="f\ud800/g", tags=("one", "two"), edited_at=long_ago, source=source
        )
        assert note == store.notes.get(note.id)
    note = store.notes.create("welcome", "x", is_welcome=True)
    assert note == store.notes.get(note.id)
    assert note.is_welcome
    assert not note.pinned
