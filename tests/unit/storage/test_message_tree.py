"""The tree of messages in the store: versions, branches that go and come back, the memory of each path, copies."""

from __future__ import annotations

import pytest
from sqlalchemy import insert, select

from desktop_app.domain.conversation import Message, Role
from desktop_app.domain.errors import NotFoundError
from desktop_app.domain.generation import StopReason
from desktop_app.storage.store import Store
from desktop_app.storage.tables import attachments, messages


def grow(store: Store, chat: int, parent: int | None, *texts: str) -> list[Message]:
    """A path of messages below `parent`, the person's first where there is none."""
    grown: list[Message] = []
    for text in texts:
        role = Role.USER
        if parent is not None and store.conversations.get_message(parent).role is Role.USER:
            role = Role.ASSISTANT
        message = store.conversations.add_message(chat, parent, role, text)
        if role is Role.ASSISTANT:
            message = store.conversations.finish_message(message.id, text, [7, 8], StopReason.END, None)
        grown.append(message)
        parent = message.id
    return grown


def shown(store: Store, chat: int) -> list[str]:
    return [message.text for message in store.conversations.path(chat)]


def test_only_messages_with_siblings_have_versions_deleted_ones_not_counted(store: Store) -> None:
    chats = store.conversations
    chat = chats.create().id
    q1, a1, q2, a2 = grow(store, chat, None, "q1", "a1", "q2", "a2")
    (other_root,) = grow(store, chat, None, "q1, edited")
    (again,) = grow(store, chat, q2.id, "a2, again")
    (third,) = grow(store, chat, q2.id, "a2, third")
    asked = [q1.id, a1.id, q2.id, a2.id, third.id]
    roots, answers = (q1.id, other_root.id), (a2.id, again.id, third.id)
    assert chats.versions(asked) == {q1.id: roots, a2.id: answers, third.id: answers}
    chats.delete_branch(again.id)
    assert chats.versions([a2.id]) == {a2.id: (a2.id, third.id)}
    chats.delete_branch(third.id)
    assert chats.versions([a2.id]) == {}
    assert chats.versions([]) == {}


def test_the_newest_path_below_a_message(store: Store) -> None:
    chats = store.conversations
    chat = chats.create().id
    q1, a1, q2, a2 = grow(store, chat, None, "q1", "a1", "q2", "a2")
    q3, a3 = grow(store, chat, a1.id, "q2, edited", "a3")
    assert chats.newest_leaf(q1.id) == a3.id
    assert chats.newest_leaf(q2.id) == a2.id
    assert chats.newest_leaf(a3.id) == a3.id
    chats.delete_branch(q3.id)
    assert chats.newest_leaf(q1.id) == a2.id
    with pytest.raises(NotFoundError):
        chats.newest_leaf(99_999)


def test_a_deleted_branch_leaves_its_sibling_in_view_and_comes_back(store: Store) -> None:
    chats = store.conversations
    chat = chats.create().id
    _q1, a1, q2, a2 = grow(store, chat, None, "q1", "a1", "q2", "a2")
    q3, a3 = grow(store, chat, a1.id, "q3", "a3")
    chats.delete_branch(q3.id)
    assert shown(store, chat) == ["q1", "a1", "q2", "a2"]
    assert chats.get(chat).preview == "a2"
    assert a3.id in [message.id for message in chats.tree(chat)], "nothing is destroyed"
    chats.delete_branch(q2.id)
    assert shown(store, chat) == ["q1", "a1"]
    chats.restore_branch(q3.id, a3.id)
    assert shown(store, chat) == ["q1", "a1", "q3", "a3"]
    chats.restore_branch(q2.id, a2.id)
    assert shown(store, chat) == ["q1", "a1", "q2", "a2"]


def test_deleting_a_branch_that_is_not_shown_leaves_the_shown_path(store: Store) -> None:
    chats = store.conversations
    chat = chats.create().id
    _q1, a1, q2, _a2 = grow(store, chat, None, "q1", "a1", "q2", "a2")
    grow(store, chat, a1.id, "q3", "a3")
    chats.delete_branch(q2.id)
    assert shown(store, chat) == ["q1", "a1", "q3", "a3"]


def test_deleting_the_only_root_leaves_an_empty_chat(store: Store) -> None:
    chats = store.conversations
    chat = chats.create().id
    q1, a1 = grow(store, chat, None, "q1", "a1")
    chats.delete_branch(q1.id)
    assert shown(store, chat) == []
    assert (chats.get(chat).active_leaf_id, chats.get(chat).preview) == (None, "")
    chats.restore_branch(q1.id, a1.id)
    assert shown(store, chat) == ["q1", "a1"]


def test_the_memory_begins_where_it_did_on_each_path(store: Store) -> None:
    chats = store.conversations
    chat = chats.create().id
    q1, a1, q2, a2, _q3, a3 = grow(store, chat, None, "q1", "a1", "q2", "a2", "q3", "a3")
    chats.set_memory_start(chat, q2.id)
    edited, _answer = grow(store, chat, None, "q1, edited", "other")
    assert chats.get(chat).memory_start_id is None, "the new path does not hold the message it began at"
    chats.set_active_leaf(chat, a3.id)
    assert chats.get(chat).memory_start_id == q2.id
    chats.set_active_leaf(chat, chats.newest_leaf(edited.id))
    assert chats.get(chat).memory_start_id is None
    chats.set_active_leaf(chat, a2.id)
    assert chats.get(chat).memory_start_id is None, "it had not moved yet when this answer was made"
    assert (q1.id, a1.id) == tuple(message.id for message in chats.path(chat)[:2])


def test_a_branch_below_the_memorys_beginning_keeps_it(store: Store) -> None:
    chats = store.conversations
    chat = chats.create().id
    _q1, _a1, q2, a2, q3, a3 = grow(store, chat, None, "q1", "a1", "q2", "a2", "q3", "a3")
    chats.set_memory_start(chat, q2.id)
    grow(store, chat, a2.id, "q3, edited", "other")
    assert chats.get(chat).memory_start_id == q2.id
    chats.set_active_leaf(chat, a3.id)
    assert chats.get(chat).memory_start_id == q2.id
    assert q3.id in [message.id for message in chats.path(chat)]


def test_a_path_is_copied_with_everything_into_a_chat_of_its_own(store: Store) -> None:
    chats = store.conversations
    chat = chats.create("Ink").id
    chats.set_settings_of(chat, {"sampling.temperature": 0.1})
    _q1, a1, q2, a2 = grow(store, chat, None, "q1", "a1", "q2", "a2")
    chats.set_memory_start(chat, q2.id)
    copied = chats.add_copy(chats.copy_of(chat, a2.id), "Ink (branch)")
    path = chats.path(copied.id)
    assert [message.text for message in path] == ["q1", "a1", "q2", "a2"]
    assert [message.token_ids for message in path] == [None, (7, 8), None, (7, 8)]
    assert {message.conversation_id for message in path} == {copied.id}
    assert [message.created_at for message in path][1] == a1.created_at
    assert chats.get(copied.id).memory_start_id == path[2].id
    assert chats.get(copied.id).title == "Ink (branch)"
    assert chats.settings_of(copied.id) == {"sampling.temperature": 0.1}
    shorter = chats.add_copy(chats.copy_of(chat, a1.id), "Ink (branch 2)")
    assert shown(store, shorter.id) == ["q1", "a1"]
    assert chats.get(shorter.id).memory_start_id is None
    assert shown(store, chat) == ["q1", "a1", "q2", "a2"]


def test_a_whole_tree_is_copied_with_all_its_branches(store: Store) -> None:
    chats = store.conversations
    chat = chats.create("Ink").id
    _q1, a1, q2, _a2 = grow(store, chat, None, "q1", "a1", "q2", "a2")
    grow(store, chat, a1.id, "q2, edited", "a3")
    chats.set_active_leaf(chat, q2.id)
    copied = chats.add_copy(chats.copy_of(chat), "Ink")
    assert shown(store, copied.id) == ["q1", "a1", "q2"]
    assert [message.text for message in chats.tree(copied.id)] == ["q1", "a1", "q2", "a2", "q2, edited", "a3"]
    below = chats.versions([chats.path(copied.id)[2].id])
    assert [len(ids) for ids in below.values()] == [2]


def test_what_messages_and_the_draft_carry_is_copied_too(store: Store, clock) -> None:  # type: ignore[no-untyped-def]
    chats = store.conversations
    chat = chats.create("Ink").id
    q1, a1 = grow(store, chat, None, "q1", "a1")
    common = {"conversation_id": chat, "ordinal": 0, "kind": "paste", "media_type": "text/plain", "size": 3}
    carried = [
        {**common, "message_id": message_id, "name": name, "text": "abc", "created_at": clock()}
        for message_id, name in ((q1.id, "of the message"), (None, "of the draft"))
    ]
    store._database.write(lambda connection: connection.execute(insert(attachments), carried))

    def of(conversation_id: int) -> set[tuple[str, bool]]:
        statement = select(attachments).where(attachments.c.conversation_id == conversation_id)
        rows = store._database.read(lambda connection: connection.execute(statement).mappings().all())
        ids = {message.id for message in chats.tree(conversation_id)}
        assert all(row["message_id"] is None or row["message_id"] in ids for row in rows)
        return {(row["name"], row["message_id"] is None) for row in rows}

    whole = chats.add_copy(chats.copy_of(chat), "Ink")
    assert of(whole.id) == {("of the message", False), ("of the draft", True)}
    path = chats.add_copy(chats.copy_of(chat, a1.id), "Ink (branch)")
    assert of(path.id) == {("of the message", False)}


def test_deleted_branches_are_listed_with_what_comes_back(store: Store, clock) -> None:  # type: ignore[no-untyped-def]
    chats = store.conversations
    chat, other = chats.create().id, chats.create().id
    q1, a1, q2, a2 = grow(store, chat, None, "q1", "a1", "# q2\n\nmore", "a2")
    _edited, newer = grow(store, chat, a1.id, "q2, edited", "a2, edited")
    grow(store, other, None, "elsewhere")
    assert chats.deleted_branches(chat) == []
    chats.delete_branch(newer.id)
    clock.forward(minutes=1)
    chats.delete_branch(q2.id)
    first, second = chats.deleted_branches(chat)
    assert (first.branch.message_id, first.branch.parent_id, first.branch.leaf_id) == (q2.id, a1.id, a2.id)
    assert (first.role, first.beginning, first.messages) == (Role.USER, "q2", 2)
    assert first.deleted_at > second.deleted_at
    assert (second.branch.leaf_id, second.role, second.beginning) == (newer.id, Role.ASSISTANT, "a2, edited")
    clock.forward(minutes=1)
    chats.delete_branch(q1.id)
    whole, *inner = chats.deleted_branches(chat)
    assert (whole.branch.message_id, whole.messages) == (q1.id, 3), "what was deleted inside it stays deleted"
    assert [(each.branch.message_id, each.messages, each.is_inside) for each in (whole, *inner)] == [
        (q1.id, 3, False),
        (q2.id, 2, True),
        (newer.id, 1, True),
    ]
    assert chats.deleted_branches(other) == []
    chats.restore_branch(q1.id, whole.branch.leaf_id)
    assert shown(store, chat) == ["q1", "a1", "q2, edited"]
    assert [each.branch.message_id for each in chats.deleted_branches(chat)] == [q2.id, newer.id]


def test_a_branch_inside_a_deleted_one_brings_that_back_and_nothing_else(store: Store) -> None:
    chats = store.conversations
    chat = chats.create().id
    q1, a1, q2, a2 = grow(store, chat, None, "q1", "a1", "q2", "a2")
    edited, newer = grow(store, chat, a1.id, "q2, edited", "a2, edited")
    other, _answer = grow(store, chat, None, "other", "answer")
    chats.delete_branch(q2.id)
    chats.delete_branch(newer.id)
    chats.delete_branch(other.id)
    chats.delete_branch(q1.id)
    chats.restore_branch(q2.id, a2.id)
    assert shown(store, chat) == ["q1", "a1", "q2", "a2"]
    assert chats.versions([q2.id]) == {q2.id: (q2.id, edited.id)}
    assert {each.branch.message_id for each in chats.deleted_branches(chat)} == {newer.id, other.id}


def test_a_removed_branch_is_gone_with_all_below_it(store: Store) -> None:
    chats = store.conversations
    chat = chats.create().id
    _q1, a1, q2, a2 = grow(store, chat, None, "q1", "a1", "q2", "a2")
    chats.add_summary(chat, a2.id, "All in short", model_fingerprint="f", model_name="m")
    with pytest.raises(NotFoundError):
        chats.remove_branch(q2.id)  # it is not deleted
    chats.delete_branch(a2.id)
    chats.delete_branch(q2.id)
    chats.remove_branch(q2.id)
    assert chats.deleted_branches(chat) == []
    for gone in (q2, a2):
        with pytest.raises(NotFoundError):
            chats.get_message(gone.id)
    assert shown(store, chat) == ["q1", "a1"]
    with pytest.raises(NotFoundError):
        chats.restore_branch(q2.id, a2.id)
    with pytest.raises(NotFoundError):
        chats.remove_branch(q2.id)
    assert chats.get(chat).active_leaf_id == a1.id


def test_a_branch_deeper_than_sqlite_follows_is_removed_too(store: Store) -> None:
    chat = store.conversations.create().id
    (root,) = grow(store, chat, None, "root")
    columns = {"conversation_id": chat, "sibling_order": 0, "role": "user", "created_at": root.created_at, "error": ""}
    rows = [
        {**columns, "id": root.id + at, "parent_id": root.id + at - 1, "text": "x", "settings_used": {}}
        for at in range(1, 2_501)
    ]
    store._database.write(lambda connection: connection.execute(insert(messages), rows))
    store.conversations.delete_branch(root.id)
    (branch,) = store.conversations.deleted_branches(chat)
    assert branch.messages == 2_501
    store.conversations.remove_branch(root.id)
    left = store._database.read(lambda connection: connection.execute(select(messages.c.id)).all())
    assert left == []
