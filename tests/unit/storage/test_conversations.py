from __future__ import annotations

import time

import pytest

from desktop_app.domain.conversation import Role
from desktop_app.domain.errors import NotFoundError
from desktop_app.domain.generation import GenerationFigures, StopReason
from desktop_app.domain.reasoning import OPENS_REASONING
from desktop_app.storage.store import Store

FIGURES = GenerationFigures(10, 4, 1, 3, 0.5, 0.6, 1.5, 20.25, 4_294_967_295)


def test_an_answer_is_written_in_parts_and_finished(store: Store) -> None:
    chats = store.conversations
    chat = chats.create("Hello")
    question = chats.add_message(chat.id, None, Role.USER, "Why?")
    answer = chats.add_message(
        chat.id, question.id, Role.ASSISTANT, "", model_fingerprint="f", model_name="m", settings_used={"seed": 3}
    )
    assert answer.stop_reason is None
    assert answer.token_ids is None
    chats.save_partial(answer.id, "Beca", [1, 2, 4_000_000_000])
    half = chats.get_message(answer.id)
    assert (half.text, half.token_ids, half.stop_reason) == ("Beca", (1, 2, 4_000_000_000), None)
    whole = chats.finish_message(answer.id, "Because", [1, 2, 3], StopReason.END, FIGURES)
    assert whole.figures == FIGURES
    assert whole.settings_used == {"seed": 3}
    assert chats.path(chat.id) == [question, whole]
    assert chats.get(chat.id).preview == "Because"
    assert chats.get(chat.id).active_leaf_id == answer.id


def test_the_list_shows_readable_words_of_the_last_message(store: Store) -> None:
    chats = store.conversations
    chat = chats.create()
    question = chats.add_message(chat.id, None, Role.USER, "## Why *so*?")
    assert chats.get(chat.id).preview == "Why so?"
    answer = chats.add_message(chat.id, question.id, Role.ASSISTANT, "")
    assert chats.get(chat.id).preview == "Why so?", "the answer has no words yet"
    chats.finish_message(answer.id, "```python\nx = 1\n```\nSo **that** " + "x" * 500, [], StopReason.END, None)
    preview = chats.get(chat.id).preview
    assert preview.startswith("So that xxx")
    assert len(preview) == 120


def test_the_list_never_shows_what_was_thought_before_an_answer(store: Store) -> None:
    """Where a template opens the reasoning, the answer's text begins inside it, with no mark in front."""
    chats = store.conversations
    chat = chats.create()
    question = chats.add_message(chat.id, None, Role.USER, "What colour is it?")
    used = {OPENS_REASONING: True}
    thought = chats.add_message(chat.id, question.id, Role.ASSISTANT, "", settings_used=used)
    chats.finish_message(thought.id, "It may be blue.</think>\n\nBlue.", [], StopReason.END, None)
    assert chats.get(chat.id).preview == "Blue."
    chats.add_message(chat.id, question.id, Role.ASSISTANT, "Red.")
    assert chats.get(chat.id).preview == "Red."
    chats.set_active_leaf(chat.id, thought.id)
    assert chats.get(chat.id).preview == "Blue."
    copy = chats.add_copy(chats.copy_of(chat.id), "copy")
    assert copy.preview == "Blue."
    chats.delete_branch(thought.id)
    assert chats.get(chat.id).preview == "Red."
    assert chats.deleted_branches(chat.id)[0].beginning == "Blue."


def test_regenerated_answers_are_siblings(store: Store) -> None:
    chats = store.conversations
    chat = chats.create()
    question = chats.add_message(chat.id, None, Role.USER, "Q")
    first = chats.add_message(chat.id, question.id, Role.ASSISTANT, "one")
    second = chats.add_message(chat.id, question.id, Role.ASSISTANT, "two")
    other_root = chats.add_message(chat.id, None, Role.USER, "Q, edited")
    assert [first.sibling_order, second.sibling_order, other_root.sibling_order] == [0, 1, 1]
    assert chats.siblings(first.id) == [first.id, second.id]
    assert chats.path(chat.id) == [other_root]
    chats.set_active_leaf(chat.id, first.id)
    assert [message.text for message in chats.path(chat.id)] == ["Q", "one"]
    assert [message.id for message in chats.tree(chat.id)] == [question.id, first.id, second.id, other_root.id]


def test_a_message_cannot_hang_on_another_chat(store: Store) -> None:
    chats = store.conversations
    mine, other = chats.create(), chats.create()
    there = chats.add_message(other.id, None, Role.USER, "x")
    with pytest.raises(NotFoundError):
        chats.add_message(mine.id, there.id, Role.USER, "y")
    assert chats.tree(mine.id) == []


def test_the_list_is_ordered_by_change_even_when_the_clock_goes_back(store: Store, clock) -> None:  # type: ignore[no-untyped-def]
    chats = store.conversations
    first, second = chats.create("first"), chats.create("second")
    assert [chat.title for chat in chats.list_conversations()] == ["second", "first"]
    clock.forward(days=-400)
    chats.add_message(first.id, None, Role.USER, "again")
    assert [chat.title for chat in chats.list_conversations()] == ["first", "second"]
    chats.rename(second.id, "other")
    chats.set_draft(second.id, "unsent")
    assert [chat.title for chat in chats.list_conversations()] == ["first", "other"]
    assert chats.get(second.id).draft == "unsent"


def test_filter_trash_restore_delete(store: Store) -> None:
    chats = store.conversations
    chat = chats.create("100 % über_Wasser")
    chats.create("Something else")
    for typed in ("ÜBER", "wasser 100", "% ü", "r_w"):
        assert [found.id for found in chats.list_conversations(text=typed)] == [chat.id], typed
    assert chats.list_conversations(text="1%0") == []
    chats.trash(chat.id)
    assert chat.id not in [found.id for found in chats.list_conversations()]
    assert [found.id for found in chats.list_conversations(trashed=True)] == [chat.id]
    chats.restore(chat.id)
    assert chats.get(chat.id).trashed_at is None
    message = chats.add_message(chat.id, None, Role.USER, "x")
    chats.delete_forever(chat.id)
    for missing in (
        lambda: chats.get(chat.id),
        lambda: chats.get_message(message.id),
        lambda: chats.path(chat.id),
        lambda: chats.rename(chat.id, "y"),
        lambda: chats.delete_forever(chat.id),
        lambda: chats.save_partial(message.id, "", []),
    ):
        with pytest.raises(NotFoundError):
            missing()


def test_unfinished_answers_are_marked_at_the_start(store: Store) -> None:
    chats = store.conversations
    chat = chats.create()
    question = chats.add_message(chat.id, None, Role.USER, "Q")
    answer = chats.add_message(chat.id, question.id, Role.ASSISTANT, "")
    chats.save_partial(answer.id, "half", [1])
    assert chats.mark_interrupted() == 1
    assert chats.get_message(answer.id).stop_reason is StopReason.INTERRUPTED
    assert chats.get_message(question.id).stop_reason is None
    assert chats.mark_interrupted() == 0
    assert store.messages.find("half", limit=5) != []


def test_settings_of_a_chat(store: Store) -> None:
    chat = store.conversations.create()
    assert store.conversations.settings_of(chat.id) == {}
    store.conversations.set_settings_of(chat.id, {"temperature": 0.5, "names": ["ä"]})
    assert store.conversations.settings_of(chat.id) == {"temperature": 0.5, "names": ["ä"]}
    store.conversations.set_memory_start(chat.id, 7)
    assert store.conversations.get(chat.id).memory_start_id == 7


def test_a_page_of_a_long_chat_costs_what_a_page_of_a_short_one_does(store: Store) -> None:
    chats = store.conversations
    long, short = chats.create(), chats.create()
    with store.transaction():
        for chat, count in ((short, 40), (long, 800)):
            parent = None
            for number in range(count):
                parent = chats.add_message(chat.id, parent, Role.USER, f"message {number}").id

    def fastest(chat_id: int) -> float:
        times = []
        for _ in range(7):
            start = time.perf_counter()
            chats.path(chat_id, limit=30)
            times.append(time.perf_counter() - start)
        return min(times)

    assert fastest(long.id) < 1.5 * fastest(short.id) + 0.002
    last = chats.path(long.id, limit=30)
    assert [message.text for message in last] == [f"message {number}" for number in range(770, 800)]
    before = chats.path(long.id, before_id=last[0].id, limit=5)
    assert [message.text for message in before] == [f"message {number}" for number in range(765, 770)]
    assert len(chats.path(long.id)) == 800
    assert chats.path(long.id, before_id=chats.path(long.id)[0].id) == []
