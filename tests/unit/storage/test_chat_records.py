"""Whole chats into the store and out of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace
from sqlalchemy import Connection

from desktop_app.domain.chat_record import AttachmentRecord, ChatRecord, MessageRecord
from desktop_app.domain.conversation import Role
from desktop_app.domain.errors import NotFoundError, StoreError
from desktop_app.domain.generation import GenerationFigures, StopReason
from desktop_app.domain.quotes import passages_at
from desktop_app.domain.recalled_places import recalled_places
from desktop_app.services.remembered_turns import remembered_turns
from desktop_app.storage import chat_records
from desktop_app.storage.store import Store
from tests.unit.storage.conftest import TurnedClock

MOMENT = datetime(2024, 5, 6, 7, 8, 9, 123456, tzinfo=UTC)
FIGURES = GenerationFigures(12, 3, 1, 2, 0.1, 0.25, 0.5, 40.0, 7)


def attachment(name: str) -> AttachmentRecord:
    return AttachmentRecord("file", name, "text/plain", 3, MOMENT, "abc")


def whole_chat(title: str = "All of it", changed_at: datetime = MOMENT, **changes: Any) -> ChatRecord:
    """A chat in which every field says something."""
    values: dict[str, Any] = {
        "title": title,
        "created_at": MOMENT - timedelta(days=1),
        "changed_at": changed_at,
        "messages": (
            MessageRecord(None, 0, Role.USER, "Question", MOMENT, attachments=(attachment("a"), attachment("b"))),
            MessageRecord(
                0,
                1,
                Role.ASSISTANT,
                "One",
                MOMENT,
                (1, 2, 2**32 - 1),
                "print",
                "Model",
                StopReason.LIMIT,
                "failed",
                FIGURES,
                {"temperature": 0.5, "order": ["top_k", None]},
                MOMENT,
                True,
                "summary",
                b"\x00\xff",
            ),
            MessageRecord(0, 0, Role.ASSISTANT, "Two", MOMENT, stop_reason=StopReason.END),
        ),
        "active_leaf": 2,
        "memory_start": 0,
        "draft": "unsent",
        "draft_attachments": (attachment("c"),),
        "settings": {"system": "Be brief", "deep": {"list": [1, 2.5, True]}},
        "trashed_at": None,
        "pinned_at": MOMENT,
        "archived_at": None,
        "folder": "Work/This year",
        "kind": "writing",
    }
    return ChatRecord(**(values | changes))


def test_nothing_is_lost_on_the_way_in_and_out(store: Store) -> None:
    chat = whole_chat(trashed_at=MOMENT, archived_at=MOMENT)
    (chat_id,) = store.chat_records.add([chat])
    assert store.chat_records.read(chat_id) == chat
    assert store.integrity_check() == []


def test_what_the_window_shows_is_the_same_chat(store: Store) -> None:
    other = store.conversations.create("Other")
    store.conversations.add_message(other.id, None, Role.USER, "there before")
    (chat_id,) = store.chat_records.add([whole_chat()])
    shown = store.conversations.path(chat_id)
    assert [message.text for message in shown] == ["Question", "Two"]
    assert store.conversations.get(chat_id).preview == "Two"
    assert store.conversations.siblings(shown[1].id) == [shown[1].id], "the other one is deleted"
    after = store.conversations.add_message(chat_id, shown[1].id, Role.USER, "goes on")
    assert after.parent_id == shown[1].id
    assert store.words.search_notes('"question"', 5) == []


def test_answers_keep_their_order(store: Store) -> None:
    messages = [replace(message, deleted_at=None, kind="") for message in whole_chat().messages]
    (chat_id,) = store.chat_records.add([whole_chat(messages=tuple(messages))])
    (_, shown) = store.conversations.path(chat_id)
    assert store.conversations.siblings(shown.id) == [shown.id, shown.id - 1]


def test_token_ids_of_a_file_are_never_read_by_a_model(store: Store) -> None:
    """They could end the answer's turn and begin one of the person's."""
    messages = (
        MessageRecord(None, 0, Role.USER, "Question", MOMENT),
        MessageRecord(
            0, 0, Role.ASSISTANT, "Harmless", MOMENT, (1, 2, 3), "this very model", stop_reason=StopReason.END
        ),
    )
    (chat_id,) = store.chat_records.add([whole_chat(messages=messages, active_leaf=1)])
    turns = remembered_turns(store.conversations.path(chat_id), "this very model")
    assert [(each.turn.text, each.turn.token_ids) for each in turns] == [("Question", None), ("Harmless", None)]
    again = store.chat_records.read(chat_id)
    assert again.messages == messages, "a file that is made of it has them all the same"
    (copy,) = store.chat_records.add([again])
    assert store.chat_records.read(copy) == again


def test_a_note_of_another_store_is_not_taken_for_one_of_ours(store: Store) -> None:
    note = AttachmentRecord("note", "n", "text/markdown", 1, MOMENT, "x", note_id=1)
    (chat_id,) = store.chat_records.add([whole_chat(draft_attachments=(note,))])
    assert [one.note_id for one in store.chat_records.read(chat_id).draft_attachments] == [None]


def test_an_answer_that_nobody_writes_any_more_is_interrupted(store: Store) -> None:
    messages = (MessageRecord(None, 0, Role.ASSISTANT, "half", MOMENT), MessageRecord(0, 0, Role.USER, "q", MOMENT))
    (chat_id,) = store.chat_records.add([whole_chat(messages=messages, active_leaf=1)])
    assert [one.stop_reason for one in store.chat_records.read(chat_id).messages] == [StopReason.INTERRUPTED, None]


def test_chats_take_the_place_of_their_last_change(store: Store, clock: TurnedClock) -> None:
    conversations = store.conversations
    for title, days in (("first", 0), ("second", 2)):
        clock.forward(days=days)
        conversations.create(title)
    clock.now -= timedelta(days=100)  # a clock set back: the order of the chats that are there stays
    conversations.create("third")
    start = datetime(2026, 3, 4, 12, tzinfo=UTC)
    times = {"old": start - timedelta(days=30), "between": start + timedelta(days=1), "new": start + timedelta(days=9)}
    store.chat_records.add([whole_chat(title, moment) for title, moment in times.items()])
    titles = [chat.title for chat in conversations.list_conversations()]
    assert titles == ["new", "third", "second", "between", "first", "old"]
    conversations.create("made now")
    assert conversations.list_conversations()[0].title == "made now"


def test_all_of_them_or_none(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[int] = []
    real = chat_records._insert_chat

    def second_one_fails(connection: Connection, chat: ChatRecord) -> int:
        calls.append(1)
        if len(calls) == 2:
            raise StoreError("Broken.")
        return real(connection, chat)

    monkeypatch.setattr(chat_records, "_insert_chat", second_one_fails)
    with pytest.raises(StoreError, match="Broken"):
        store.chat_records.add([whole_chat(), whole_chat(), whole_chat()])
    assert store.conversations.list_conversations() == []
    assert store.chat_records.summaries() == []


def test_summaries_tell_trash_archive_and_desk_apart(store: Store) -> None:
    store.chat_records.add(
        [
            whole_chat("desk"),
            whole_chat("archived", archived_at=MOMENT),
            whole_chat("thrown away", trashed_at=MOMENT, archived_at=MOMENT),
        ]
    )
    records = store.chat_records
    assert [one.title for one in records.summaries()] == ["desk"]
    assert [one.title for one in records.summaries(archived=True)] == ["archived"]
    (gone,) = records.summaries(trashed=True)
    assert (gone.title, gone.messages, gone.folder, gone.kind) == ("thrown away", 3, "Work/This year", "writing")


def test_a_chat_that_is_gone_is_an_error(store: Store) -> None:
    with pytest.raises(NotFoundError):
        store.chat_records.read(7)


def test_messages_that_an_answer_names_are_those_of_its_own_chat(store: Store) -> None:
    """Places in a record, ids in the store, and places again on the way out."""
    store.conversations.add_message(store.conversations.create().id, None, Role.USER, "Another chat's secret")
    used = {"memory_start": 2, "recalled": [[0, 1, 4], [1, 0, 2]], "seed": 3}
    talk = [
        MessageRecord(None, 0, Role.USER, "Question", MOMENT),
        MessageRecord(0, 0, Role.ASSISTANT, "Answer", MOMENT, stop_reason=StopReason.END),
        MessageRecord(1, 0, Role.USER, "Another", MOMENT),
        MessageRecord(2, 0, Role.ASSISTANT, "Last", MOMENT, stop_reason=StopReason.END, settings_used=used),
    ]
    chat = whole_chat(messages=tuple(talk), active_leaf=3, memory_start=2)
    (chat_id,) = store.chat_records.add([chat])
    assert store.chat_records.read(chat_id) == chat
    path = store.conversations.path(chat_id)
    last = path[-1]
    assert recalled_places(last.settings_used) == [(path[0].id, 1, 4), (path[1].id, 0, 2)]
    assert last.settings_used["memory_start"] == path[2].id
    assert [each.text for each in passages_at(recalled_places(last.settings_used), {m.id: m for m in path})] == [
        "ues",
        "An",
    ]
    # Coming back to the path finds where its memory began, also when the chat shows another one now.
    other = store.conversations.add_message(chat_id, None, Role.USER, "Again")
    store.conversations.set_active_leaf(chat_id, other.id)
    store.conversations.set_active_leaf(chat_id, last.id)
    assert store.conversations.get(chat_id).memory_start_id == path[2].id


@pytest.mark.parametrize(
    ("used", "kept"),
    [
        ({"memory_start": 9, "recalled": [[9, 0, 1], [-1, 0, 1], [0, 0, 1]]}, {"recalled": [[0, 0, 1]]}),
        ({"memory_start": "0", "recalled": "all"}, {"recalled": []}),
        ({"memory_start": [0], "recalled": [[0], None, [0, "a", 1], [True, 0, 1]]}, {"recalled": []}),
        ({"memory_start": None}, {}),
        ({"memory_start": True}, {}),
    ],
)
def test_what_names_no_message_of_the_chat_is_left_out(store: Store, used: Any, kept: Any) -> None:
    message = MessageRecord(None, 0, Role.ASSISTANT, "Hi", MOMENT, stop_reason=StopReason.END, settings_used=used)
    chat = whole_chat(messages=(message,), active_leaf=0, memory_start=None)
    (chat_id,) = store.chat_records.add([chat])
    assert store.chat_records.read(chat_id).messages[0].settings_used == kept
    assert store.conversations.get(chat_id).memory_start_id is None


@pytest.mark.parametrize("damage", ["", "[]", "3", "null", '"x"', "{", "[" * 100_000, '{"memory_start": [1]}'])
def test_damaged_values_of_an_answer_cost_nothing_else(store: Store, damage: str) -> None:
    (chat_id,) = store.chat_records.add([whole_chat()])

    def harm(connection: Connection) -> None:
        connection.exec_driver_sql("UPDATE messages SET settings_used = ?", (damage,))
        connection.exec_driver_sql("UPDATE conversations SET settings = ?", (damage,))

    store.conversations._database.write(harm)
    leaf = store.conversations.path(chat_id)[-1]
    store.conversations.set_active_leaf(chat_id, leaf.id)
    assert len(store.chat_records.read(chat_id).messages) == 3
    copied = store.conversations.add_copy(store.conversations.copy_of(chat_id, leaf.id), "Copy")
    assert len(store.conversations.path(copied.id)) == 2
