"""Filters of a question in the store: each alone, joined, negated; never anything from the trash."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desktop_app.domain.conversation import Role
from desktop_app.domain.generation import StopReason
from desktop_app.domain.search_question import Filter, parse_question
from desktop_app.storage.store import Store
from tests.unit.storage.conftest import TurnedClock


def conditions(text: str, *, typing: bool = False) -> tuple[Filter, ...]:
    return parse_question(text, today=date(2026, 3, 4), typing=typing).conditions


def at(month: int, day: int) -> datetime:
    return datetime(2026, month, day, 12, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Notes and chats that no test changes."""
    folder, clock = tmp_path_factory.mktemp("store"), TurnedClock()
    store = Store.open(folder / "inkwell.sqlite3", backups=folder / "backups", clock=clock)
    fill_notes(store)
    fill_chats(store, clock)
    yield store
    store.close()


def fill_notes(store: Store) -> None:
    notes = store.notes
    notes.create("Attention", "Models focus.", folder="Gen AI", tags=("ml/encoder",), edited_at=at(1, 10))
    notes.create("Brot", "Sourdough and water.", folder="Küche", tags=("bread",), edited_at=at(2, 10))
    notes.create("Plan", "Water the plants.", folder="Work/Ideas", edited_at=at(3, 3))
    notes.create("Index", "An e-mail about 100% wool.", source_path="til/sql_index.md", edited_at=at(3, 4))
    gone = notes.create("Gone", "Water.", folder="Work", tags=("bread",), edited_at=at(3, 4))
    notes.trash([gone.id])


@pytest.mark.parametrize(
    ("text", "titles"),
    [
        ("", ["Index", "Plan", "Brot", "Attention"]),
        ("tag:bread", ["Brot"]),
        ("tag:ml", ["Attention"]),
        ("tag:m", []),
        ("-tag:bread", ["Index", "Plan", "Attention"]),
        ("tag:bread tag:ml", []),
        ("folder:work", ["Plan"]),
        ("folder:ideas", ["Plan"]),
        ("folder:Work/Ideas", ["Plan"]),
        ("folder:wor", []),
        ("folder:KÜCHE", ["Brot"]),
        ('folder:"gen ai" folder:work', ["Plan", "Attention"]),
        ("-folder:work -folder:küche", ["Index", "Attention"]),
        ("folder:/", ["Index"]),
        ("path:til/", ["Index"]),
        ("path:sql_", ["Index"]),
        ("path:100%", []),
        ("path:ideas/pl", ["Plan"]),
        ("title:brot", ["Brot"]),
        ("-title:n", ["Brot"]),
        ("before:2026-02", ["Attention"]),
        ("after:2026-02 before:2026-03", ["Brot"]),
        ("after:yesterday", ["Index", "Plan"]),
        ("-water", ["Index", "Attention"]),
        ("-watering", ["Index", "Attention"]),
        ("-e-mail", ["Plan", "Brot", "Attention"]),
        ('-"water the" -focus', ["Index", "Brot"]),
    ],
)
def test_what_meets_a_filter_newest_first(filled: Store, text: str, titles: list[str]) -> None:
    found = filled.filtered_notes.newest(conditions(text), 10)
    assert [note.title for note in filled.notes.get_many(found)] == titles
    assert filled.filtered_notes.ids(conditions(text)) == sorted(found)
    assert filled.filtered_notes.by_date(sorted(found)) == found


def test_a_day_begins_with_its_first_moment(store: Store) -> None:
    midnight = datetime(2026, 3, 4).astimezone()
    made = store.notes.create("Midnight", "", edited_at=midnight)
    assert store.filtered_notes.ids(conditions("after:2026-03-04 before:2026-03-05")) == [made.id]
    assert store.filtered_notes.ids(conditions("before:2026-03-04")) == []


def test_what_is_being_typed_narrows_already(filled: Store) -> None:
    for text, title in (("tag:br", "Brot"), ("folder:Wo", "Plan"), ("folder:id", "Plan")):
        found = filled.filtered_notes.ids(conditions(text, typing=True))
        assert [note.title for note in filled.notes.get_many(found)] == [title], text


def test_words_are_sought_among_what_meets_the_filters(filled: Store) -> None:
    def found(text: str) -> list[str]:
        ids = [note_id for note_id, _ in filled.words.search_notes('"water"', 10, conditions(text))]
        return sorted(note.title for note in filled.notes.get_many(ids))

    assert found("") == ["Brot", "Plan"]
    assert found("folder:work") == ["Plan"]
    assert found("-sourdough") == ["Plan"]
    assert found("tag:bread after:2026-03") == []


@settings(max_examples=150, deadline=None)
@given(
    text=st.lists(
        st.sampled_from(["tag:", "folder:", "path:", "title:", "after:", "before:", "-", " ", '"', "%", "_", "\\", "é",
                         "9999", "0001", "\x00", "\ud800", "日本", "a", "'", ":", "*"]),
        max_size=20,
    ).map("".join),
    typing=st.booleans(),
)  # fmt: skip
def test_no_filter_is_an_error(filled: Store, text: str, typing: bool) -> None:
    filters = conditions(text, typing=typing)
    filled.filtered_notes.ids(filters)
    filled.words.search_notes('"water"', 5, filters)
    filled.messages.find('"water"', limit=5, filters=filters)
    filled.messages.newest(filters, 5)


def fill_chats(made: Store, clock: TurnedClock) -> None:
    store = made.conversations
    for title, folder, day, said in (
        ("Ink", "Work/Ideas", 1, ("How is ink made?", "Of galls and water.")),
        ("Tea", "", 2, ("How much water?", "Two cups.")),
        ("Trash", "Work", 3, ("Water?", "Yes.")),
    ):
        clock.now = at(3, day)
        chat = store.create(title)
        store.set_folder(chat.id, folder)
        question = store.add_message(chat.id, None, Role.USER, said[0])
        answer = store.add_message(chat.id, question.id, Role.ASSISTANT, "")
        store.finish_message(answer.id, said[1], [], StopReason.END, None)
        if title == "Trash":
            store.trash(chat.id)


@pytest.mark.parametrize(
    ("text", "titles"),
    [
        ("", ["Ink", "Tea"]),
        ("folder:work", ["Ink"]),
        ("-folder:ideas", ["Tea"]),
        ("title:te", ["Tea"]),
        ("after:2026-03-02", ["Tea"]),
        ("before:2026-03-02", ["Ink"]),
        ("-galls", ["Tea"]),
        ("tag:bread", []),
        ("-tag:bread", ["Ink", "Tea"]),
        ("path:til", []),
    ],
)
def test_messages_that_meet_a_filter(filled: Store, text: str, titles: list[str]) -> None:
    found = filled.messages.find('"water"', limit=10, filters=conditions(text))
    assert sorted(each.title for each in found) == titles
    newest = filled.messages.find('"water"', limit=10, filters=conditions(text), newest_first=True)
    assert [each.title for each in newest] == sorted(titles, reverse=True)


def test_the_newest_message_of_each_chat_is_listed(filled: Store) -> None:
    found = filled.messages.newest(conditions("after:2026-03-01"), 10)
    assert [(each.title, each.text, each.folder) for each in found] == [
        ("Tea", "Two cups.", ""),
        ("Ink", "Of galls and water.", "Work/Ideas"),
    ]
    assert found[0].said_at == at(3, 2)
    assert [each.title for each in filled.messages.newest(conditions("folder:work"), 10)] == ["Ink"]
    assert len(filled.messages.newest((), 1)) == 1


def test_a_deleted_branch_is_not_listed(store: Store, clock: TurnedClock) -> None:
    fill_chats(store, clock)
    store.conversations.delete_branch(store.messages.newest((), 10)[0].message_id)
    assert [each.text for each in store.messages.newest((), 10)] == ["How much water?", "Of galls and water."]
