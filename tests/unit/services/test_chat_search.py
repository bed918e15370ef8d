"""Finding what was said: any text may be typed, and the message is there when its chat is opened."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desktop_app.domain.conversation import Role
from desktop_app.domain.errors import NotFoundError
from desktop_app.domain.generation import StopReason
from desktop_app.domain.query import match_all_expression, parse_query
from desktop_app.domain.reasoning import OPENS_REASONING
from desktop_app.domain.search import SearchOrder
from desktop_app.domain.search_question import parse_question
from desktop_app.services.chat_search import ChatSearch, snippet_of
from desktop_app.storage.store import Store


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    folder: Path = tmp_path_factory.mktemp("store")
    opened = Store.open(folder / "inkwell.sqlite3", backups=folder / "backups")
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def search(store: Store) -> ChatSearch:
    chats = store.conversations
    chat = chats.create("Caddy")
    first = chats.add_message(chat.id, None, Role.USER, "How do I set lb_try_duration in a **reverse proxy**?")
    chats.add_message(chat.id, first.id, Role.USER, "And for running an e-mail server, in the café?")
    return ChatSearch(store.messages, chats)


@pytest.mark.parametrize(
    ("typed", "count"),
    [
        ("proxy reverse", 1),
        ("proxies", 1),
        ("proxy server", 0),
        ("cafe", 1),
        ("run", 1),
        ("lb_try_dur", 1),
        ("lb_try_duration", 1),
        ("lb_duration_try", 0),
        ('"reverse proxy"', 1),
        ('"proxy reverse"', 0),
        ("rev", 1),
        ("e-mail", 1),
        ("  ", 0),
        ('" OR *', 0),
        ("the", 1),
    ],
)
def test_every_word_and_phrase_must_be_there(search: ChatSearch, typed: str, count: int) -> None:
    assert len(search.find(typed, typing=True)) == count


@settings(max_examples=150, deadline=None)
@given(text=st.text(max_size=40), typing=st.booleans())
def test_no_text_is_an_error(search: ChatSearch, text: str, typing: bool) -> None:
    search.find(text, typing=typing)


def test_operators_are_words() -> None:
    assert match_all_expression(parse_query('a:b NEAR(c) AND "x" NOT ^y*')) == ('"x" AND "a b" AND "near c" AND "y"')


def test_a_snippet_shows_the_words_together_and_without_marks() -> None:
    text = "proxy first. " + "x " * 300 + "Then **the reverse** `proxy` came, " + "y " * 400
    snippet, marks = snippet_of(text, parse_query("reverse proxy"))
    assert "*" not in snippet
    assert "`" not in snippet
    assert [snippet[span.start : span.end] for span in marks][:2] == ["reverse", "proxy"]
    assert snippet.startswith("…")
    assert marks[0].start < 40, "a narrow row shows it"


def test_a_short_message_is_shown_whole() -> None:
    assert snippet_of("a tiger\nin the house", parse_query("house"))[0] == "a tiger in the house"


def test_a_message_on_another_branch_is_put_on_the_shown_path(store: Store) -> None:
    chats = store.conversations
    search = ChatSearch(store.messages, chats)
    chat = chats.create()
    question = chats.add_message(chat.id, None, Role.USER, "q")
    old = chats.add_message(chat.id, question.id, Role.USER, "old")
    below = chats.add_message(chat.id, old.id, Role.USER, "below")
    chats.add_message(chat.id, question.id, Role.USER, "new")
    assert not search.reveal(chat.id, question.id)
    assert search.reveal(chat.id, old.id)
    assert [message.id for message in chats.path(chat.id)] == [question.id, old.id, below.id]
    with pytest.raises(NotFoundError):
        search.reveal(chat.id, 10_000)


def test_scripts_without_blanks_are_found_by_any_part(store: Store) -> None:
    chats = store.conversations
    search = ChatSearch(store.messages, chats)
    chat = chats.create("旅")
    first = chats.add_message(chat.id, None, Role.USER, "京都へ行く。新幹線の切符は一ヶ月前から予約できる。")
    chats.add_message(chat.id, first.id, Role.USER, "Tokyo では ramen")

    def found(text: str) -> list[int]:
        return [
            each.message_id for each in search.passages(search.by_words(parse_question(text, today=date(2026, 1, 1))))
        ]

    assert found("切符") == found('"切符は一"') == found("新幹線の切符") == found("京都 切符") == [first.id]
    assert found("ramen では") == [first.id + 1]
    assert found("ramen 切符") == found("大阪") == found("切符 -京都") == []
    assert [hit.message_id for hit in search.find("切符")] == [first.id]


#: How an answer's reasoning is opened: by the model itself, or by its template, of which nothing is in the text.
WAYS_OF_THINKING = pytest.mark.parametrize(("mark", "used"), [("<think>\n", {}), ("", {OPENS_REASONING: True})])


def thoughtful_answer(store: Store, text: str, used: dict[str, Any]) -> int:
    chat = store.conversations.create()
    answer = store.conversations.add_message(chat.id, None, Role.ASSISTANT, "", settings_used=used)
    store.conversations.finish_message(answer.id, text, [], StopReason.END, None)
    return chat.id


@WAYS_OF_THINKING
def test_what_a_model_thought_is_found_and_shown_without_its_marks(
    store: Store, mark: str, used: dict[str, Any]
) -> None:
    search = ChatSearch(store.messages, store.conversations)
    text = f"{mark}Perhaps an ocelot, perhaps a lynx.</think>\n\nIt is a lynx."
    chat_id = thoughtful_answer(store, text, used)
    assert [hit.snippet for hit in search.find("ocelot")] == ["Perhaps an ocelot, perhaps a lynx."]
    assert [hit.snippet for hit in search.find("lynx")] == ["It is a lynx."]
    store.conversations.delete_forever(chat_id)


def test_a_passage_lies_in_its_message(store: Store) -> None:
    chats = store.conversations
    search = ChatSearch(store.messages, chats)
    chat = chats.create("Zebra")
    long_text = "x " * 900 + "the zebra crossed **here** and " + "y " * 900
    message = chats.add_message(chat.id, None, Role.USER, long_text)
    question = parse_question("zebra crossing in:chats", today=date(2026, 1, 1))
    (found,) = search.passages(search.by_words(question))
    assert (found.message_id, found.words_rank, found.score) == (message.id, 1, 1.0)
    assert long_text[found.start : found.end] == found.passage
    assert [found.passage[span.start : span.end] for span in found.word_spans] == ["zebra", "crossed"]
    assert len(found.passage) < 700
    assert search.message(message.id).text == long_text


@WAYS_OF_THINKING
def test_thoughts_are_no_passage_unless_the_words_stand_there_only(
    store: Store, mark: str, used: dict[str, Any]
) -> None:
    search = ChatSearch(store.messages, store.conversations)
    chat_id = thoughtful_answer(store, f"{mark}an okapi, a quagga</think>\n\nAn okapi.", used)

    def passage(text: str) -> str:
        return search.passages(search.by_words(parse_question(text, today=date(2026, 1, 1))))[0].passage

    assert passage("okapi") == "An okapi."
    assert passage("quagga") == "an okapi, a quagga"
    assert passage("after:2020") == "An okapi."
    store.conversations.delete_forever(chat_id)


def test_messages_by_date_and_by_their_filters_alone(store: Store) -> None:
    chats = store.conversations
    search = ChatSearch(store.messages, chats)
    for title, text in (("First numbat", "numbat numbat numbat"), ("Second numbat", "a numbat among many other words")):
        chats.add_message(chats.create(title).id, None, Role.USER, text)

    def titles(text: str, order: SearchOrder = SearchOrder.RELEVANCE) -> list[str]:
        found = search.passages(search.by_words(parse_question(text, today=date(2026, 1, 1)), order=order))
        return [each.title for each in found]

    assert titles("numbat") == ["First numbat", "Second numbat"]
    assert titles("numbat", SearchOrder.DATE) == ["Second numbat", "First numbat"]
    assert titles("numbat -among") == ["First numbat"]
    assert titles("title:numbat") == ["Second numbat", "First numbat"]
    assert titles("title:numbat !!") == []
