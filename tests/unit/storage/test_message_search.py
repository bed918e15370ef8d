"""Messages by their words: what is left out, and the way to where they stand."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import update

from desktop_app.domain.conversation import Message, Role
from desktop_app.domain.errors import StoreError
from desktop_app.domain.generation import StopReason
from desktop_app.storage.store import Store
from desktop_app.storage.tables import messages


def say(store: Store, chat: int, parent: Message | None, text: str, *, answer: bool = False) -> Message:
    chats = store.conversations
    role = Role.ASSISTANT if answer else Role.USER
    message = chats.add_message(chat, parent.id if parent else None, role, "" if answer else text)
    return chats.finish_message(message.id, text, [], StopReason.END, None) if answer else message


def delete_branch(store: Store, message: Message) -> None:
    statement = update(messages).where(messages.c.id == message.id).values(deleted_at=datetime(2026, 1, 1, tzinfo=UTC))
    store._database.write(lambda connection: connection.execute(statement))


def found(store: Store, match: str, **options: object) -> list[int]:
    return [hit.message_id for hit in store.messages.find(match, limit=10, **options)]  # type: ignore[arg-type]


def test_the_best_message_comes_first_with_its_chat(store: Store) -> None:
    chat = store.conversations.create("Animals")
    long = say(store, chat.id, None, "tiger " + "and much else besides " * 40)
    short = say(store, chat.id, long, "the tiger", answer=True)
    first, second = store.messages.find('"tiger"', limit=10)
    assert [first.message_id, second.message_id] == [short.id, long.id]
    assert (first.conversation_id, first.title, first.role, first.text) == (
        chat.id,
        "Animals",
        Role.ASSISTANT,
        "the tiger",
    )
    assert first.score > second.score
    assert not first.archived


def test_trash_is_left_out_and_the_archive_marked(store: Store) -> None:
    chats = store.conversations
    gone, archived = chats.create(), chats.create()
    say(store, gone.id, None, "tiger")
    kept = say(store, archived.id, None, "tiger")
    chats.trash(gone.id)
    chats.set_archived(archived.id, True)
    (hit,) = store.messages.find('"tiger"', limit=10)
    assert (hit.message_id, hit.archived) == (kept.id, True)


def test_a_deleted_branch_is_left_out_with_all_below_it(store: Store) -> None:
    chat = store.conversations.create()
    root = say(store, chat.id, None, "tiger at the root")
    left = say(store, chat.id, root, "tiger left", answer=True)
    below = say(store, chat.id, left, "tiger below")
    right = say(store, chat.id, root, "tiger right", answer=True)
    delete_branch(store, left)
    assert set(found(store, '"tiger"')) == {root.id, right.id}
    assert below.id not in found(store, '"below"')
    delete_branch(store, root)
    assert found(store, '"tiger"') == []


def test_deleted_messages_do_not_use_up_the_hits(store: Store) -> None:
    chat = store.conversations.create()
    kept = say(store, chat.id, None, "a tiger far down in a long message, ranked last of all " * 3)
    for _ in range(30):
        delete_branch(store, say(store, chat.id, None, "tiger"))
    assert found(store, '"tiger"') == [kept.id]


def test_a_folder_narrows(store: Store) -> None:
    chats = store.conversations
    inside, below, beside = chats.create(), chats.create(), chats.create()
    for chat, folder in ((inside, "Work"), (below, "Work/Ideas"), (beside, "Workshop")):
        chats.set_folder(chat.id, folder)
        say(store, chat.id, None, "tiger")
    hits = store.messages.find('"tiger"', limit=10, folder="Work")
    assert {hit.conversation_id for hit in hits} == {inside.id, below.id}


def test_an_answer_under_way_is_not_found(store: Store) -> None:
    chat = store.conversations.create()
    question = say(store, chat.id, None, "why")
    answer = store.conversations.add_message(chat.id, question.id, Role.ASSISTANT, "")
    store.conversations.save_partial(answer.id, "tiger", [])
    assert found(store, '"tiger"') == []


def test_an_expression_that_is_none_is_refused(store: Store) -> None:
    with pytest.raises(StoreError):
        store.messages.find('"', limit=1)


def test_the_texts_of_the_shown_path_and_what_stands_on_it(store: Store) -> None:
    chats = store.conversations
    chat = chats.create()
    root = say(store, chat.id, None, "root")
    left = say(store, chat.id, root, "left", answer=True)
    right = say(store, chat.id, root, "right", answer=True)
    index = store.messages
    assert [(message_id, text) for message_id, _, text in index.path_texts(chat.id)] == [
        (root.id, "root"),
        (right.id, "right"),
    ]
    assert index.is_on_path(chat.id, root.id)
    assert not index.is_on_path(chat.id, left.id)
    assert not index.is_on_path(chats.create().id, root.id)
