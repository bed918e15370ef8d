"""The tree of a chat through ChatService: edited messages, versions, branches deleted and taken elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.conversation import Role
from desktop_app.domain.errors import MessageTooLongError, ModelMissingError, NotFoundError
from desktop_app.domain.generation import StopReason
from desktop_app.services.chat_branches import ChatBranches, branch_title
from tests.fakes.chat_desk import ChatDesk


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[ChatDesk]:
    made = ChatDesk(tmp_path)
    yield made
    made.close()


def test_an_edited_message_is_a_new_branch_and_the_old_one_stays(desk: ChatDesk) -> None:
    chat = desk.chat.create().id
    desk.ask(chat, "One")
    old = desk.ask(chat, "Two")
    path = desk.edit(chat, old[2].id, "Two, edited")
    assert [message.text for message in path] == ["One", "Answer to One", "Two, edited", "Answer to Two, edited"]
    assert path[2].parent_id == old[1].id
    assert desk.chat.branches.versions([path[2].id]) == {path[2].id: (old[2].id, path[2].id)}
    turns = desk.decoder.requests[-1].turns
    assert [turn.text for turn in turns] == ["One", "Answer to One", "Two, edited"]
    assert turns[1].token_ids, "what the model wrote before the edit is read as it wrote it"
    desk.chat.branches.show(chat, old[2].id)
    assert desk.texts(chat) == ["One", "Answer to One", "Two", "Answer to Two"]


def test_the_first_message_can_be_edited(desk: ChatDesk) -> None:
    chat = desk.chat.create().id
    old = desk.ask(chat, "One")
    path = desk.edit(chat, old[0].id, "Uno")
    assert [message.text for message in path] == ["Uno", "Answer to Uno"]
    assert path[0].parent_id is None
    assert desk.chat.get(chat).title == "One"
    assert desk.chat.branches.versions([path[0].id])[path[0].id] == (old[0].id, path[0].id)


def test_going_back_shows_the_newest_path_below(desk: ChatDesk) -> None:
    chat = desk.chat.create().id
    old = desk.ask(chat, "One")
    desk.decoder.answer = "Another"
    list(desk.chat.regenerate(chat, old[1].id, CancelToken()))
    desk.edit(chat, old[0].id, "Uno")
    desk.chat.branches.show(chat, old[0].id)
    assert desk.texts(chat) == ["One", "Another"]


def test_an_edit_that_cannot_be_sent_stores_nothing(desk: ChatDesk) -> None:
    chat = desk.chat.create().id
    old = desk.ask(chat, "One")
    with pytest.raises(MessageTooLongError):
        desk.edit(chat, old[0].id, "word " * 900)
    desk.decoder.load_error = ModelMissingError("No model.")
    with pytest.raises(ModelMissingError):
        desk.edit(chat, old[0].id, "Uno")
    assert len(desk.store.conversations.tree(chat)) == 2
    assert desk.texts(chat) == ["One", "Answer to One"]


def test_an_edited_answer_stands_beside_the_old_one_and_its_token_ids_are_unknown(desk: ChatDesk) -> None:
    chat = desk.chat.create().id
    old = desk.ask(chat, "One")
    edited = desk.chat.branches.edit_answer(chat, old[1].id, "My own words")
    assert desk.texts(chat) == ["One", "My own words"]
    assert (edited.role, edited.edited, edited.stop_reason) == (Role.ASSISTANT, True, StopReason.END)
    assert (edited.model_name, edited.model_fingerprint) == ("Fake 1B", None)
    assert not edited.token_ids
    assert not old[1].edited
    desk.ask(chat, "Two")
    assert not desk.decoder.requests[-1].turns[1].token_ids


def test_the_model_goes_on_from_an_edited_answer(desk: ChatDesk) -> None:
    chat = desk.chat.create().id
    old = desk.ask(chat, "One")
    edited = desk.chat.branches.edit_answer(chat, old[1].id, "My own words")
    desk.decoder.answer = " and its"
    list(desk.chat.continue_answer(chat, edited.id, CancelToken()))
    request = desk.decoder.requests[-1]
    assert request.continue_last
    assert (request.turns[-1].text, request.turns[-1].token_ids) == ("My own words", None)
    whole = desk.chat.messages(chat)[-1]
    assert (whole.text, whole.edited) == ("My own words and its", True)
    assert not whole.token_ids, "only a part of it has ids of this model"


def test_a_deleted_branch_comes_back(desk: ChatDesk) -> None:
    chat = desk.chat.create().id
    desk.ask(chat, "One")
    old = desk.ask(chat, "Two")
    desk.edit(chat, old[2].id, "Two, edited")
    edited = desk.chat.messages(chat)[2].id
    deleted = desk.chat.branches.delete(chat, edited)
    assert desk.texts(chat) == ["One", "Answer to One", "Two", "Answer to Two"]
    assert desk.chat.branches.versions([old[2].id]) == {}
    desk.chat.branches.restore(deleted)
    assert desk.texts(chat) == ["One", "Answer to One", "Two, edited", "Answer to Two, edited"]


def test_a_branch_that_is_removed_for_good_leaves_nothing_in_kept_states(
    desk: ChatDesk,
) -> None:
    forgotten: list[bool] = []
    branches = ChatBranches(desk.conversations, lambda: forgotten.append(True))
    chat = desk.chat.create().id
    path = desk.ask(chat, "One")
    branches.delete(chat, path[1].id)
    (deleted,) = branches.deleted(chat)
    branches.restore(deleted.branch)
    assert desk.texts(chat) == ["One", "Answer to One"]
    assert forgotten == []
    branches.delete(chat, path[1].id)
    branches.remove(deleted.branch)
    assert branches.deleted(chat) == []
    assert forgotten == [True]
    with pytest.raises(NotFoundError):
        branches.restore(deleted.branch)


def test_branches_of_a_temporary_chat_are_listed_and_removed(desk: ChatDesk) -> None:
    chat = desk.chat.create(temporary=True).id
    path = desk.ask(chat, "One")
    desk.chat.branches.delete(chat, path[1].id)
    (deleted,) = desk.chat.branches.deleted(chat)
    assert deleted.beginning == "Answer to One"
    desk.chat.branches.remove(deleted.branch)
    assert desk.chat.branches.deleted(chat) == []


def test_the_path_below_a_message(desk: ChatDesk) -> None:
    chat = desk.chat.create().id
    parent = None
    store = desk.store.conversations
    for number in range(450):
        role = Role.ASSISTANT if number % 2 else Role.USER
        parent = store.add_message(chat, parent, role, str(number)).id
    ids = [message.id for message in store.path(chat)]
    below = desk.chat.branches.path_from(chat, ids[10])
    assert [message.id for message in below] == ids[11:]
    assert [message.id for message in desk.chat.branches.path_from(chat, None)] == ids
    assert [message.id for message in desk.chat.branches.path_from(chat, 10**6)] == ids
    assert desk.chat.branches.path_from(chat, ids[-1]) == []


def test_a_branch_becomes_a_chat_of_its_own(desk: ChatDesk) -> None:
    chat = desk.chat.create().id
    desk.ask(chat, "One")
    path = desk.ask(chat, "Two")
    new = desk.chat.branches.branch_off(chat, path[1].id)
    assert new.title == "One (branch)"
    assert desk.texts(new.id) == ["One", "Answer to One"]
    desk.ask(new.id, "Three")
    assert desk.decoder.requests[-1].turns[1].token_ids, "its token ids came along, so that what is read stays read"
    assert desk.texts(chat) == ["One", "Answer to One", "Two", "Answer to Two"]
    with pytest.raises(NotFoundError):
        desk.chat.branches.branch_off(999, path[1].id)


@pytest.mark.parametrize(
    ("title", "wanted"),
    [
        ("Ink", "Ink (branch)"),
        ("Ink (branch)", "Ink (branch 2)"),
        ("Ink (branch 9)", "Ink (branch 10)"),
        ("", "(branch)"),
        ("Ink (branch " + "9" * 5000 + ")", "Ink (branch " + "9" * 5000 + ") (branch)"),
    ],
)
def test_titles_of_branches(title: str, wanted: str) -> None:
    assert branch_title(title) == wanted
