"""What was typed with signs finds what is written with them; files are found by their names."""

from __future__ import annotations

import pytest

from desktop_app.domain.conversation import Role
from desktop_app.domain.note_attachments import StoredFile
from desktop_app.domain.notes import ImportSource
from desktop_app.domain.search import SearchMode
from desktop_app.domain.search_question import Scope
from desktop_app.services.chat_search import ChatSearch
from desktop_app.services.search import SearchService
from desktop_app.storage.store import Store
from tests.fakes.fake_encoder import FakeEncoder, fake_search

NOTES = {
    "Engine": "We compared C++, C# and F#. The .NET runtime was too heavy; Python 3.11 glues it. Ask jane@example.org.",
    "Letter": "C major. C C C C. Net profit of the net. F F F. Chapters 3 and 11, 11 and 3.",
    "Fractions": "Python is old: 3 of 11 snakes, net of tax, mark C, mark F.",
}


@pytest.fixture
def service(real_store: Store) -> SearchService:
    with real_store.transaction():
        for title, text in NOTES.items():
            real_store.notes.create(title, text)
        for number in range(210):  # more than a leg contributes, all with the letters and more of them
            real_store.notes.create(f"Filler {number}", "c c c f f f net net 3 11 python")
    return fake_search(real_store, FakeEncoder())


def titles(service: SearchService, typed: str) -> list[str]:
    return [hit.title for hit in service.search_once(typed, SearchMode.WORDS).hits]


@pytest.mark.parametrize("typed", ["C++", "c#", "F#", ".NET", "3.11", "Python 3.11", "jane@example.org", '"C++"'])
def test_the_note_that_has_the_signs_comes_first(service: SearchService, typed: str) -> None:
    result = service.search_once(typed, SearchMode.WORDS)
    assert result.hits[0].title == "Engine"
    assert result.hits[0].words_rank == 1
    word = typed.strip('"').split()[-1]
    assert word.lower() in [found.lower() for found in result.hits[0].matched_words]


def test_what_has_the_letters_only_falls_short(service: SearchService) -> None:
    result = service.search_once("C++", SearchMode.WORDS)
    assert [hit.title for hit in result.hits] == ["Engine"]
    assert result.weaker
    quoted = service.search_once('"C++"', SearchMode.WORDS)
    assert [hit.title for hit in (*quoted.hits, *quoted.weaker)] == ["Engine"]
    assert not service.search_once('"C--"', SearchMode.WORDS, limit=3).hits[3:]


@pytest.mark.parametrize(
    ("typed", "written"), [("5551234", "call 555-1234"), ("555-1234", "call 5551234"), ("0134685997", "0-13-468599-7")]
)
@pytest.mark.parametrize("typing", [True, False])
def test_numbers_are_found_with_their_hyphens_and_without(
    service: SearchService, real_store: Store, typed: str, written: str, typing: bool
) -> None:
    real_store.notes.create("Number", written)
    *_, result = service.search(typed, SearchMode.WORDS, typing=typing)
    assert [hit.title for hit in result.hits] == ["Number"]
    assert result.hits[0].word_spans


def test_where_no_note_has_the_signs_the_letters_still_find(service: SearchService, real_store: Store) -> None:
    note = real_store.notes.create("Zebra", "zebra crossing")
    assert titles(service, "zebra++") == ["Zebra"]
    assert service.search_once('"zebra++"', SearchMode.WORDS).hits == ()
    real_store.notes.trash([note.id])
    assert titles(service, "zebra++") == []


def test_among_notes_with_the_signs_the_one_with_more_of_them_leads(service: SearchService, real_store: Store) -> None:
    real_store.notes.create("Long", "G++ once. " + "other words follow. " * 40)
    real_store.notes.create("Short", "G++ g++ g++")
    with real_store.transaction():
        for number in range(210):
            real_store.notes.create(f"Grams {number}", "g g g g g g")
    assert titles(service, "G++") == ["Short", "Long"]


def test_signs_are_excluded_as_they_are_typed(service: SearchService) -> None:
    assert titles(service, "major -C++") == ["Letter"]
    assert titles(service, "runtime -C#") == []


def test_filters_hold_for_words_with_signs(service: SearchService, real_store: Store) -> None:
    inside = real_store.notes.create("Inside", "C++ here", folder="work")
    assert [hit.note_id for hit in service.search_once("C++ folder:work", SearchMode.WORDS).hits] == [inside.id]


def test_a_hashtag_finds_the_tag(service: SearchService, real_store: Store) -> None:
    real_store.notes.create("Tagged", "no word of it", tags=("q3-plan/money",))
    real_store.notes.create("Plain", "the q3 plan, a plan for q3")
    assert titles(service, "#q3-plan")[0] == "Tagged"


def test_a_file_is_found_by_its_name(service: SearchService, real_store: Store) -> None:
    source = ImportSource("papers/2019/report_2019-final.pdf", "", "")
    scanned = real_store.notes.create("Microsoft Word - Doc1", "Nothing that says so.", source=source)
    other = real_store.notes.create("Trip", "We went.")
    file = StoredFile("a" * 64, "IMG_holiday.jpg", "image/jpeg", 1)
    real_store.note_attachments.attach(other.id, "images/IMG_holiday.jpg", file)
    for typed in ("report_2019-final.pdf", "report 2019", "2019 report.pdf"):
        result = service.search_once(typed, SearchMode.WORDS)
        assert [hit.note_id for hit in result.hits][:1] == [scanned.id], typed
        assert result.corrections == ()
    assert [hit.note_id for hit in service.search_once("img_holiday.jpg").hits] == [other.id]
    assert titles(service, "holi folder:nowhere") == []
    *_, typed_on = service.search("report fin", SearchMode.WORDS)
    assert typed_on.hits[0].note_id == scanned.id
    assert titles(service, "report 2020") == []


def test_messages_with_the_signs_come_alone_where_there_are_some(real_store: Store) -> None:
    chat = real_store.conversations.create("Languages")
    for said in ("C is fine", "C++ is finer", "the zebra"):
        real_store.conversations.add_message(chat.id, None, Role.USER, said)
    chats = ChatSearch(real_store.messages, real_store.conversations)
    search = fake_search(real_store, FakeEncoder(), messages=chats)
    assert [hit.snippet for hit in chats.find("C++")] == ["C++ is finer"]
    assert [hit.snippet for hit in chats.find("zebra++")] == ["the zebra"]
    assert chats.find('"zebra++"') == []
    found = search.search_once("c++", scope=Scope.CHATS).messages
    assert [each.passage for each in found] == ["C++ is finer"]
    assert found[0].matched_words == ("C++",)
