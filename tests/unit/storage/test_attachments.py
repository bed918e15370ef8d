from __future__ import annotations

import pytest

from desktop_app.domain.attachments import Attachment, AttachmentKind
from desktop_app.domain.conversation import Role
from desktop_app.domain.errors import NotFoundError
from desktop_app.storage.store import Store


def attach(store: Store, chat: int, name: str, text: str = "text") -> Attachment:
    return store.conversations.attachments.add(chat, AttachmentKind.FILE, name, text, media_type="text/plain", size=9)


def test_a_draft_carries_in_the_order_of_attaching(store: Store) -> None:
    chat = store.conversations.create()
    first, second = attach(store, chat.id, "a.txt", "nul \x00 and 🙂"), attach(store, chat.id, "b.txt")
    assert store.conversations.attachments.of_draft(chat.id) == [first, second]
    assert first.text == "nul \x00 and 🙂"
    assert store.conversations.attachments.get(second.id) == second
    store.conversations.attachments.remove_from_draft(first.id)
    assert store.conversations.attachments.of_draft(chat.id) == [second]
    with pytest.raises(NotFoundError):
        store.conversations.attachments.get(first.id)


def test_sending_moves_what_is_named_and_nothing_else(store: Store) -> None:
    chats = store.conversations
    chat, other = chats.create(), chats.create()
    first, second, third = (attach(store, chat.id, name) for name in ("a", "b", "c"))
    foreign = attach(store, other.id, "d")
    message = chats.add_message(chat.id, None, Role.USER, "Look", attachment_ids=[second.id, first.id, foreign.id])
    assert [each.name for each in message.attachments] == ["b", "a"]
    assert store.conversations.attachments.of_draft(chat.id) == [third]
    assert store.conversations.attachments.of_draft(other.id) == [foreign]
    answer = chats.add_message(chat.id, message.id, Role.ASSISTANT, "Yes")
    assert chats.path(chat.id) == [message, answer]
    assert chats.tree(chat.id) == [message, answer]
    assert chats.get_message(message.id) == message


def test_what_a_message_carries_cannot_be_removed_but_copied(store: Store) -> None:
    chats = store.conversations
    chat = chats.create()
    attached = attach(store, chat.id, "a")
    message = chats.add_message(chat.id, None, Role.USER, "Look", attachment_ids=[attached.id])
    store.conversations.attachments.remove_from_draft(attached.id)
    assert chats.get_message(message.id).attachments == message.attachments
    edited = chats.add_message(chat.id, None, Role.USER, "Look here", attachment_ids=[attached.id])
    assert [(each.name, each.text) for each in edited.attachments] == [("a", "text")]
    assert edited.attachments[0].id != attached.id
    assert chats.get_message(message.id).attachments == message.attachments


def test_a_deleted_chat_takes_its_attachments_along(store: Store) -> None:
    chat = store.conversations.create()
    attached = attach(store, chat.id, "a")
    store.conversations.delete_forever(chat.id)
    with pytest.raises(NotFoundError):
        store.conversations.attachments.get(attached.id)
    with pytest.raises(NotFoundError):
        attach(store, chat.id, "b")
