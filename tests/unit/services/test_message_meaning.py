"""Messages found by meaning: what shares no word with the question, joined with what words find, as notes are."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from desktop_app.domain.conversation import Role
from desktop_app.domain.errors import ModelMissingError
from desktop_app.domain.generation import StopReason
from desktop_app.domain.search import SearchMode, SearchOrder, SearchResult
from desktop_app.domain.search_question import Scope
from desktop_app.services import message_meaning
from desktop_app.services.chat_search import ChatSearch
from desktop_app.services.message_blending import MOST_OF_A_CHAT
from desktop_app.services.message_meaning import MessageMeaning
from desktop_app.services.search import SearchService
from desktop_app.storage.store import Store
from tests.fakes.fake_encoder import FakeEncoder, fake_indexing, fake_search


class House:
    """Chats in a store, the encoder that reads them, and the search over both."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.encoder = FakeEncoder(known=["car", "automobile", "tyres", "feline", "kitten"])
        meaning = MessageMeaning(store.message_passages, store.messages)
        chats = ChatSearch(store.messages, store.conversations, lambda: meaning)
        self.search: SearchService = fake_search(store, self.encoder, messages=chats)

    def say(self, title: str, *texts: str, folder: str = "") -> list[int]:
        """A chat of questions and answers by turns; their ids."""
        chats = self.store.conversations
        chat = chats.create(title)
        chats.set_folder(chat.id, folder)
        ids: list[int] = []
        for number, text in enumerate(texts):
            role = Role.ASSISTANT if number % 2 else Role.USER
            message = chats.add_message(chat.id, ids[-1] if ids else None, role, "" if number % 2 else text)
            if number % 2:
                chats.finish_message(message.id, text, [], StopReason.END, None)
            ids.append(message.id)
        return ids

    def index(self) -> None:
        fake_indexing(self.store, self.encoder).run()

    def ask(self, text: str, mode: SearchMode = SearchMode.BOTH, scope: Scope = Scope.CHATS) -> SearchResult:
        return self.search.search_once(text, mode, scope=scope)

    def found(self, text: str, mode: SearchMode = SearchMode.BOTH, scope: Scope = Scope.CHATS) -> list[int]:
        return [message.message_id for message in self.ask(text, mode, scope).messages]


@pytest.fixture
def house(real_store: Store) -> House:
    return House(real_store)


@pytest.mark.parametrize("scope", [Scope.CHATS, Scope.ALL])
def test_a_message_is_found_that_shares_no_word_with_the_question(house: House, scope: Scope) -> None:
    _, answered = house.say("Garage", "which one should we take", "the red car stands. It rolls")
    house.say("Pets", "the cat sleeps on the sofa")
    house.index()
    result = house.ask("automobile", scope=scope)
    (message,) = result.messages
    assert (message.message_id, message.meaning_rank, message.words_rank) == (answered, 1, None)
    assert (message.matched_words, message.word_spans) == ((), ())
    assert result.meaning_ready
    assert message.similarity is not None
    text = house.store.conversations.get_message(answered).text
    assert text[message.start : message.end] == message.passage
    (marked,) = house.search.explain_nearest(result).messages
    assert marked.nearest_span is not None
    assert marked.passage[marked.nearest_span.start : marked.nearest_span.end] == "the red car stands."
    likeness = house.search.word_likeness("car", marked)
    assert [marked.passage[word.start : word.end] for word in likeness if word.likeness == 1.0] == ["car"]


def test_the_modes_hold_for_chats(house: House) -> None:
    by_word, by_meaning = (
        house.say(title, text)[0] for title, text in (("A", "the kitten sat here"), ("B", "a cat slept there"))
    )
    house.index()
    assert set(house.found("kitten")) == {by_word, by_meaning}
    assert house.found("kitten", SearchMode.WORDS) == [by_word]
    result = house.ask("kitten", SearchMode.MEANING)
    assert {message.message_id for message in result.messages} == {by_word, by_meaning}
    assert {message.words_rank for message in result.messages} == {None}
    hits = {message.message_id: message for message in house.ask("kitten").messages}
    assert [hits[each].words_rank for each in (by_word, by_meaning)] == [1, None]
    assert {hit.meaning_rank for hit in hits.values()} == {1, 2}
    assert hits[by_word].matched_words == ("kitten",)
    assert 1.0 >= max(hit.score for hit in hits.values()) > 0.0


def test_nonsense_finds_nothing(house: House) -> None:
    house.say("A", "the kitten was here with us", "a cat was there and slept well")
    house.index()
    for mode in SearchMode:
        result = house.ask("zxqv wobblefrotz", mode)
        assert (result.messages, result.weaker_messages) == ((), ())


def test_deleted_branches_hide_nothing_however_near_they_are(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(message_meaning, "CANDIDATES", 2)
    deleted = [house.say(title, "the red car")[0] for title in "ABCDEFGHI"]
    further = house.say("J", "the red car stands there")[0]
    house.index()
    for message in deleted:
        house.store.conversations.delete_branch(message)
    assert house.found("automobile") == [further]


def test_what_is_far_from_the_question_is_not_looked_up(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(message_meaning, "CANDIDATES", 2)
    near = house.say("A", "the red car")[0]
    far = [house.say(str(number), f"something else with the number {number}")[0] for number in range(9)]
    house.index()
    asked: set[int] = set()
    findable = house.store.messages.findable
    monkeypatch.setattr(house.store.messages, "findable", lambda ids: asked.update(ids) or findable(ids))
    assert house.found("automobile") == [near]
    assert near in asked
    assert not asked & set(far)


def test_what_falls_short_is_a_weaker_match(house: House) -> None:
    text = "cat and then eleven other words of it which say nothing about anything else"
    house.say("A", text)
    house.index()
    result = house.ask("feline")
    assert result.messages == ()
    (weaker,) = result.weaker_messages
    assert weaker.passage == text
    assert weaker.meaning_rank == 1


def test_a_word_that_nobody_knows_brings_no_weaker_matches(house: House) -> None:
    house.say("A", "the car and then five other words of it")
    house.index()
    result = house.ask("automobile")
    assert result.messages or result.weaker_messages
    result = house.ask("vehicle")
    assert (result.messages, result.weaker_messages) == ((), ())


def test_what_words_found_is_a_hit_however_far_its_meaning_is(house: House) -> None:
    (far,) = house.say(
        "A", "tyres and then eleven other words of it which say nothing about anything else at all, as it is"
    )
    house.index()
    result = house.ask("tyres")
    assert [message.message_id for message in result.messages] == [far]
    assert result.weaker_messages == ()


def test_of_a_long_message_the_nearest_passage_is_shown_and_with_words_one_that_has_them(house: House) -> None:
    parts = ("a house at the sea with a garden", "the cat stands", "the kitten stands")
    text = "\n\n".join(f"# Part\n{part}" for part in parts)
    house.say("A", text)
    house.index()
    (by_word,) = house.ask("kitten").messages
    assert by_word.passage == parts[2]
    (by_meaning,) = house.ask("feline").messages
    assert by_meaning.passage in parts[1:]


def test_filters_and_operators_hold(house: House) -> None:
    one = house.say("A", "the red car was here", folder="Work")[0]
    two = house.say("B", "the blue car was there", folder="Home")[0]
    house.index()
    assert set(house.found("automobile")) == {one, two}
    assert house.found("automobile folder:work") == [one]
    assert house.found("automobile title:B") == [two]
    assert house.found("automobile -blue") == [one]
    assert house.found("automobile before:2001") == []
    assert house.found("automobile tag:any") == []
    assert house.found('automobile "the blue"') == [two]
    assert house.found("automobile in:notes", scope=Scope.ALL) == []


def test_trash_and_deleted_branches_are_not_found_until_they_are_back(house: House) -> None:
    chats = house.store.conversations
    asked, answered = house.say("A", "which one should we take", "the red car was here")
    house.index()
    assert house.found("automobile") == [answered]
    chats.delete_branch(answered)
    assert house.found("automobile") == []
    chats.restore_branch(answered, answered)
    assert house.found("automobile") == [answered]
    chat_id = chats.get_message(asked).conversation_id
    chats.trash(chat_id)
    assert house.found("automobile") == []
    chats.restore(chat_id)
    assert house.found("automobile") == [answered]
    chats.delete_forever(chat_id)
    assert house.found("automobile") == []


def test_of_one_chat_few_are_shown_that_meaning_alone_found(house: House) -> None:
    many = house.say("A", *(f"the car has number {number}" for number in range(8)))
    (other,) = house.say("B", "the car has no number")
    house.index()
    found = house.found("automobile")
    assert len(set(found) & set(many)) == MOST_OF_A_CHAT
    assert other in found
    assert set(house.found("car")) >= set(many), "what words find is all there"


def test_a_message_that_changed_since_is_shown_as_it_is_now(house: House) -> None:
    _, answered = house.say("A", "which one should we take", "the red car was here\n\n# Rest\n" + "of it " * 90)
    house.index()
    house.store.conversations.finish_message(answered, "car", [], StopReason.END, None)
    (message,) = house.ask("automobile").messages
    assert (message.passage, message.start, message.end) == ("car", 0, 3)


def test_sorted_by_date_the_newest_comes_first(tmp_path: Path) -> None:
    now = [datetime(2026, 1, 1, tzinfo=UTC)]
    store = Store.open(tmp_path / "a.sqlite3", backups=tmp_path / "b", clock=lambda: now[0])
    try:
        house = House(store)
        (old,) = house.say("A", "the car")
        house.say("between", "nothing of the kind here")
        old = house.say("A", "the red car was here")[0]
        now[0] += timedelta(days=1)
        new = house.say("B", "a car and much else besides")[0]
        house.index()
        result = house.search.search_once("automobile", scope=Scope.CHATS, order=SearchOrder.DATE)
        assert [message.message_id for message in result.messages] == [new, old]
    finally:
        store.close()


def test_until_messages_are_read_words_find_them(house: House) -> None:
    (asked,) = house.say("A", "the kitten was here")
    result = house.ask("kitten")
    assert [message.message_id for message in result.messages] == [asked]
    assert result.meaning_ready
    assert house.found("kitten", SearchMode.MEANING) == []


def test_without_an_encoder_words_answer_and_it_is_said_why(house: House) -> None:
    (asked,) = house.say("A", "the kitten was here")
    house.index()
    house.encoder.failure = ModelMissingError("There is no search model.", "", "")
    for mode in (SearchMode.BOTH, SearchMode.MEANING):
        result = house.ask("kitten", mode)
        assert [message.message_id for message in result.messages] == [asked]
        assert "There is no search model." in result.meaning_problem
        assert not result.meaning_ready


def test_words_come_first_while_the_encoder_loads(house: House) -> None:
    (asked,) = house.say("A", "the kitten sat here")
    (near,) = house.say("B", "a cat slept there")
    house.index()
    house.search = fake_search(house.store, house.encoder, messages=house.search._messages, words_first_seconds=0.0)
    house.encoder.gate.clear()
    answers = house.search.search("kitten", scope=Scope.CHATS, typing=False)
    first = next(answers)
    assert ([message.message_id for message in first.messages], first.final) == ([asked], False)
    house.encoder.gate.set()
    *_, last = answers
    assert ({message.message_id for message in last.messages}, last.final) == ({asked, near}, True)


def test_new_messages_are_found_by_the_next_question(house: House) -> None:
    (first,) = house.say("A", "the red car was here")
    house.index()
    assert house.found("automobile") == [first]
    (second,) = house.say("B", "the red car was here again")
    house.index()
    assert set(house.found("automobile")) == {first, second}
