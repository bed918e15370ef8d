"""Chats that are on no disk: told apart by their ids, kept when wanted, else forgotten."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop_app.domain.attachments import AttachmentKind
from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.conversation import FIRST_TEMPORARY_ID, Role, is_temporary
from desktop_app.domain.errors import DiskFullError, NotFoundError
from desktop_app.services.ports import ConversationStore
from tests.fakes.chat_desk import ChatDesk

SECRET = "Wren among the reeds"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[ChatDesk]:
    made = ChatDesk(tmp_path)
    yield made
    made.close()


def test_a_temporary_chat_works_like_any_other(desk: ChatDesk) -> None:
    chat = desk.chat.create(temporary=True).id
    assert is_temporary(chat)
    desk.ask(chat, "One")
    old = desk.ask(chat, "Two")
    assert all(is_temporary(message.id) for message in old)
    desk.edit(chat, old[2].id, "Two, edited")
    desk.chat.branches.show(chat, old[2].id)
    assert desk.texts(chat) == ["One", "Answer to One", "Two", "Answer to Two"]
    deleted = desk.chat.branches.delete(chat, old[2].id)
    assert desk.texts(chat)[2] == "Two, edited"
    desk.chat.branches.restore(deleted)
    desk.decoder.answer = " and more"
    list(desk.chat.continue_answer(chat, old[3].id, CancelToken()))
    assert desk.texts(chat)[-1] == "Answer to Two and more"
    assert desk.chat.get(chat).title == "One"
    assert desk.chat.meter(chat, "draft") is not None
    assert "Answer to One" in desk.chat.as_markdown(chat)


def test_nothing_of_it_is_on_the_disk_or_in_any_list(desk: ChatDesk, tmp_path: Path) -> None:
    kept = desk.chat.create().id
    desk.ask(kept, "Ordinary")
    chat = desk.chat.create(temporary=True).id
    desk.ask(chat, SECRET, SECRET)
    desk.chat.save_draft(chat, SECRET)
    desk.conversations.set_settings_of(chat, {"note": SECRET})
    assert [each.id for each in desk.chat.conversations()] == [kept]
    assert [each.id for each in desk.store.conversations.list_conversations()] == [kept]
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert files
    assert not any(SECRET.encode() in path.read_bytes() for path in files)


def test_the_decoder_keeps_no_state_of_it_on_the_disk(desk: ChatDesk) -> None:
    desk.ask(desk.chat.create(temporary=True).id, "One")
    assert not desk.decoder.requests[-1].keep_state
    desk.ask(desk.chat.create().id, "One")
    assert desk.decoder.requests[-1].keep_state


def test_keeping_it_moves_everything_into_the_store(desk: ChatDesk) -> None:
    chat = desk.chat.create(temporary=True).id
    desk.ask(chat, "One")
    old = desk.ask(chat, "Two")
    desk.edit(chat, old[2].id, "Two, edited")
    desk.chat.save_draft(chat, "not sent yet")
    kept = desk.chat.keep(chat)
    assert kept.id < FIRST_TEMPORARY_ID
    assert desk.texts(kept.id) == ["One", "Answer to One", "Two, edited", "Answer to Two, edited"]
    assert len(desk.store.conversations.tree(kept.id)) == 6
    assert desk.chat.get(kept.id).draft == "not sent yet"
    assert desk.chat.get(kept.id).title == "One"
    assert desk.chat.messages(kept.id)[1].token_ids
    with pytest.raises(NotFoundError):
        desk.chat.get(chat)


def test_what_it_carries_stays_in_memory_and_is_kept_with_it(desk: ChatDesk) -> None:
    chat = desk.chat.create(temporary=True).id
    carried = desk.conversations.attachments  # type: ignore[attr-defined]
    carried.add(chat, AttachmentKind.PASTE, "paste", SECRET, media_type="text/plain", size=len(SECRET))
    desk.ask(chat, "What is this?")
    assert SECRET in desk.decoder.requests[-1].turns[-1].text
    later = carried.add(chat, AttachmentKind.PASTE, "later", "unsent", media_type="text/plain", size=6)
    assert is_temporary(later.id)
    assert carried.get(later.id).text == "unsent"
    kept = desk.chat.keep(chat)
    assert [each.text for each in desk.chat.messages(kept.id)[0].attachments] == [SECRET]
    assert [each.name for each in carried.of_draft(kept.id)] == ["later"]


def test_a_chat_that_cannot_be_kept_stays(desk: ChatDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    chat = desk.chat.create(temporary=True).id
    desk.ask(chat, "One")

    def full(*_arguments: object) -> None:
        raise DiskFullError("Full.")

    monkeypatch.setattr(desk.store.conversations, "add_copy", full)
    with pytest.raises(DiskFullError):
        desk.chat.keep(chat)
    assert desk.texts(chat) == ["One", "Answer to One"]


def test_an_ended_chat_is_forgotten(desk: ChatDesk) -> None:
    chat = desk.chat.create(temporary=True).id
    message = desk.ask(chat, "One")[0]
    desk.chat.end(chat)
    with pytest.raises(NotFoundError):
        desk.chat.get(chat)
    with pytest.raises(NotFoundError):
        desk.conversations.get_message(message.id)


def test_an_error_in_memory_leaves_nothing_half_done(desk: ChatDesk) -> None:
    chat = desk.chat.create(temporary=True).id
    with pytest.raises(NotFoundError):
        desk.temporary.add_message(chat, FIRST_TEMPORARY_ID + 99, Role.USER, "x")
    assert desk.temporary.tree(chat) == []


WITHOUT_ID = {
    "create",
    "list_conversations",
    "list_chats",
    "folders",
    "empty_trash",
    "add_copy",
    "mark_interrupted",
}
IDS = ("conversation_id", "message_id", "message_ids", "first_id")


def test_every_method_of_the_store_is_about_an_id_or_about_kept_chats() -> None:
    """Chats of both stores are told apart by the first argument; a method that begins with another needs thought."""
    for name, method in inspect.getmembers(ConversationStore, inspect.isfunction):
        if name.startswith("_") or name in WITHOUT_ID:
            continue
        first = list(inspect.signature(method).parameters)[1]
        assert first in IDS, f"{name}({first}, …) would go to the kept chats"
