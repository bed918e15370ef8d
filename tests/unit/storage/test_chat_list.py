"""Lists of chats: pinned ones, folders, archive and trash."""

from __future__ import annotations

import pytest

from desktop_app.domain.chat_list import ChatFilter, ChatPlace
from desktop_app.domain.errors import NotFoundError
from desktop_app.storage.store import Store


def titles(store: Store, **wanted: object) -> list[str]:
    wanted_chats = ChatFilter(**wanted)  # type: ignore[arg-type]
    return [chat.title for chat in store.conversations.list_chats(wanted_chats, limit=50)]


def test_pinned_chats_stand_first_in_the_order_they_were_pinned(store: Store, clock) -> None:  # type: ignore[no-untyped-def]
    chats = store.conversations
    one, two, three = (chats.create(name).id for name in ("one", "two", "three"))
    chats.set_pinned(one, True)
    clock.forward(minutes=1)
    chats.set_pinned(two, True)
    assert titles(store) == ["one", "two", "three"]
    chats.create("four")
    assert titles(store) == ["one", "two", "four", "three"]
    chats.set_pinned(one, False)
    assert titles(store) == ["two", "four", "three", "one"], "a pin is no change of the chat"
    assert three in [chat.id for chat in chats.list_conversations()]


def test_archive_and_trash_are_lists_of_their_own(store: Store) -> None:
    chats = store.conversations
    kept, archived, gone = (chats.create(name).id for name in ("kept", "archived", "gone"))
    chats.set_archived(archived, True)
    chats.trash(gone)
    assert titles(store) == ["kept"]
    assert titles(store, place=ChatPlace.ARCHIVE) == ["archived"]
    assert titles(store, place=ChatPlace.TRASH) == ["gone"]
    chats.trash(archived)
    assert titles(store, place=ChatPlace.ARCHIVE) == []
    chats.restore(archived)
    assert titles(store, place=ChatPlace.ARCHIVE) == ["archived"], "it comes back to where it was"
    chats.set_archived(archived, False)
    assert titles(store) == ["archived", "kept"]
    assert kept


def test_a_text_finds_archived_titles_too_behind_the_others(store: Store) -> None:
    chats = store.conversations
    chats.create("pens in use")
    old = chats.create("old pens")
    chats.set_pinned(old.id, True)
    chats.set_archived(old.id, True)
    chats.trash(chats.create("broken pens").id)
    assert titles(store, text="pens") == ["pens in use", "old pens"]
    assert titles(store, text="pens", place=ChatPlace.TRASH) == ["broken pens"]


def test_a_folder_holds_what_is_in_it_and_below(store: Store) -> None:
    chats = store.conversations
    for title, folder in (
        ("a", "Work"),
        ("b", "Work/Ideas"),
        ("c", "Workshop"),
        ("d", ""),
        ("e", "%"),
        ("f", "home"),
        ("h", "Work 2"),
    ):
        chats.set_folder(chats.create(title).id, folder)
    archived = chats.create("g")
    chats.set_folder(archived.id, "Work")
    chats.set_archived(archived.id, True)
    assert titles(store, folder="Work") == ["b", "a"]
    assert titles(store, folder="%") == ["e"]
    assert chats.folders() == [("%", 1), ("home", 1), ("Work", 2), ("Work/Ideas", 1), ("Work 2", 1), ("Workshop", 1)]


def test_the_list_comes_in_pages(store: Store) -> None:
    for number in range(7):
        store.conversations.create(str(number))
    pages = [store.conversations.list_chats(ChatFilter(), limit=3, offset=offset) for offset in (0, 3, 6)]
    assert [[chat.title for chat in page] for page in pages] == [["6", "5", "4"], ["3", "2", "1"], ["0"]]


def test_emptying_the_trash_takes_nothing_else(store: Store) -> None:
    chats = store.conversations
    kept, gone = chats.create("kept"), chats.create("gone")
    chats.trash(gone.id)
    assert chats.empty_trash() == 1
    assert chats.empty_trash() == 0
    assert titles(store) == ["kept"]
    with pytest.raises(NotFoundError):
        chats.get(gone.id)
    for change in (chats.set_pinned, chats.set_archived):
        with pytest.raises(NotFoundError):
            change(gone.id, True)
    with pytest.raises(NotFoundError):
        chats.set_folder(gone.id, "x")
    assert kept
