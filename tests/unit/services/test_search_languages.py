"""Search in notebooks that are not in English."""

from __future__ import annotations

import pytest

from desktop_app.domain.search import SearchMode
from desktop_app.services.search import SearchService
from desktop_app.storage.store import Store
from tests.fakes.fake_encoder import FakeEncoder, fake_indexing, fake_search


@pytest.fixture
def service(real_store: Store) -> SearchService:
    return fake_search(real_store, FakeEncoder())


def german(store: Store) -> None:
    for number in range(3):
        store.notes.create(f"Füller {number}", "Das ist und bleibt auch hier nicht neu: ich weiß nicht wie, ein Satz.")


def found(service: SearchService, question: str) -> list[str]:
    return [hit.title for hit in service.search_once(question, SearchMode.WORDS).hits]


def test_other_forms_of_a_word_are_found_behind_the_word_itself(service: SearchService, real_store: Store) -> None:
    german(real_store)
    other = real_store.notes.create("Andere", "Hinter den Häusern liegt ein Garten.")
    same = real_store.notes.create("Dieselbe", "Ein Haus am See.")
    result = service.search_once("Haus", SearchMode.WORDS)
    assert [hit.note_id for hit in result.hits] == [same.id, other.id]
    assert result.hits[1].matched_words == ("Häusern",)
    assert [result.hits[1].passage[span.start : span.end] for span in result.hits[1].word_spans] == ["Häusern"]


def test_rare_forms_do_not_count_more_than_the_word(service: SearchService, real_store: Store) -> None:
    german(real_store)
    for number in range(9):
        real_store.notes.create(f"Buch {number}", "Das Buch ist alt.")
    real_store.notes.create("Form", "Des Buches Rücken.")
    assert found(service, "buch")[-1] == "Form"


def test_a_word_is_found_inside_of_others_beside_its_own_forms(service: SearchService, real_store: Store) -> None:
    german(real_store)
    real_store.notes.create("Form", "Alle Straßen hier.")
    real_store.notes.create("Part", "Auf der Hauptstraße.")
    assert set(found(service, "straße")) == {"Form", "Part"}


def test_stop_words_of_the_question_rule_nothing(service: SearchService, real_store: Store) -> None:
    german(real_store)
    real_store.notes.create("Brot", "Mehl, Wasser, Salz: daraus wird Brot gebacken.")
    assert found(service, "wie backe ich ein brot") == ["Brot"]


def test_small_words_of_the_question_put_what_was_found_in_order(service: SearchService, real_store: Store) -> None:
    german(real_store)
    for number in range(3):
        real_store.notes.create(f"Brot {number}", "Das Brot und das Mehl und das Salz.")
    real_store.notes.create("Frage", "Das Brot, wo ist es, und das Salz.")
    assert found(service, "wo ist das brot")[0] == "Frage"
    assert set(found(service, "wo ist das brot")) == {"Frage", "Brot 0", "Brot 1", "Brot 2"}


def test_a_filter_holds_for_other_forms(service: SearchService, real_store: Store) -> None:
    german(real_store)
    real_store.notes.create("A", "Hinter den Häusern", folder="Hier")
    real_store.notes.create("B", "Hinter den Häusern", folder="Dort")
    assert found(service, "haus folder:Hier") == ["A"]


@pytest.mark.parametrize(
    ("text", "question"),
    [
        ("한국어 문서를 읽는 방법", "한국어 문서"),
        ("장치를 연결합니다", "장치에서"),
        ("がっこうへいく", "がっこう"),
        ("ソフトウェアのパッケージ", "パッケージ"),
    ],
)
def test_letters_that_unicode_can_take_apart_are_found(
    service: SearchService, real_store: Store, text: str, question: str
) -> None:
    real_store.notes.create("There", text)
    real_store.notes.create("Elsewhere", "하나 둘 かきくけこ ハケ")
    assert found(service, question) == ["There"]


def test_an_english_notebook_is_asked_for_no_other_forms(service: SearchService, real_store: Store) -> None:
    real_store.notes.create("House", "The house of the rising sun")
    real_store.notes.create("Hausern", "A village named Hausern")
    assert found(service, "haus") == [], "a part of a word would be sought only from five letters on"
    assert real_store.words.languages() == ()


def test_where_the_encoder_cannot_read_the_language_any_word_found_is_a_hit(real_store: Store) -> None:
    encoder = FakeEncoder()
    encoder.letters_per_piece = 1.0
    german(real_store)
    real_store.notes.create("Ofen", "Der Ofen ist nicht heiß.")
    fake_indexing(real_store, encoder).run()
    service = fake_search(real_store, encoder)
    asked = "ofen zwetschgendatschi quarkbällchen"
    assert [hit.title for hit in service.search_once(asked).hits] == ["Ofen"]
    assert [hit.title for hit in service.survey(asked, service.search_once(asked)).hits] == ["Ofen"]
    assert service.search_once(asked).language_unread
    encoder.letters_per_piece = 5.0
    assert not fake_search(real_store, encoder).search_once("ofen").language_unread
    assert fake_search(real_store, encoder).search_once(asked).hits == ()
