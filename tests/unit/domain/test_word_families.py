"""Other forms of a word among the terms of an index."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from desktop_app.domain.folding import fold
from desktop_app.domain.plain_letters import plain_letters
from desktop_app.domain.query import family_expression, parse_query
from desktop_app.domain.stemming import stem
from desktop_app.domain.vocabulary import Vocabulary
from desktop_app.domain.word_families import MOST_FORMS_OF_A_WORD, WordFamilies
from desktop_app.domain.word_matching import MatchKind, WordMatcher
from desktop_app.storage.full_text import Tokenizer


def indexed(words: str) -> dict[str, int]:
    """The terms that the index has for the words."""
    return {term: 1 for terms in Tokenizer().tokens(words.split()) for term in terms}


def forms(words: str, word: str, *languages: str) -> set[str]:
    return set(WordFamilies(indexed(words)).forms(word, languages))


@pytest.mark.parametrize(
    ("language", "words", "word", "found"),
    [
        ("de", "Haus Hauses Häusern Hase", "häuser", "haus hauses häusern"),
        ("de", "Müll Müller Mueller Mulde", "mueller", "müll müller mueller"),
        ("de", "Straße Strasse Strast", "strassen", "straße strasse"),
        ("fr", "cheval manque", "chevaux", "cheval"),
        ("fr", "mange mangé mangea manque", "manger", "mange mangé mangea"),
        ("es", "canción cancionero", "canciones", "canción"),
        ("ru", "книга книги книгой книжный", "книгу", "книга книги книгой"),
        ("ru", "ёлка ель", "елка", "ёлка"),
        ("uk", "мережа мережі мережею", "мережу", "мережа мережі мережею"),
        ("cs", "souboru soubor soubory", "souborů", "souboru soubor soubory"),
        ("el", "άνθρωπος άνθρωποι ανθρωπος", "ανθρωπο", "άνθρωπος άνθρωποι ανθρωπος"),
        ("ar", "كتاب الكتاب والكتاب كتب", "كتاب", "كتاب الكتاب والكتاب"),
        ("ar", "أحمد", "احمد", "أحمد"),
        ("he", "ספר הספר בספר", "ספר", "ספר הספר בספר"),
        ("fa", "كتاب", "کتاب", "كتاب"),
        ("vi", "được", "duoc", "được"),
    ],
)
def test_forms(language: str, words: str, word: str, found: str) -> None:
    assert forms(words, word, language) == set(indexed(found))


def test_other_languages_do_not_count() -> None:
    assert forms("Haus", "häusern") == set()
    assert forms("Haus", "häusern", "fr") == set()
    assert forms("Haus", "häusern", "fr", "de") == set(indexed("haus"))


def test_the_commonest_forms_come_first_and_are_few() -> None:
    terms = {"книги": 1, "книге": 3, "книгой": 2}
    assert WordFamilies(terms).forms("книга", ("ru",)) == ("книге", "книгой", "книги")
    accents = dict.fromkeys(("é" * n + "e" * (30 - n) for n in range(30)), 1)
    assert len(WordFamilies(accents).forms("e" * 30, ())) == MOST_FORMS_OF_A_WORD


def test_a_stem_that_would_be_cut_further_is_asked_for_by_a_word_that_has_it() -> None:
    assert stem("hauses") == "haus" != stem("haus")
    assert family_expression(["haus", "buch"]) == '"hause" OR "buch"'


def test_other_forms_are_marked_as_such() -> None:
    vocabulary = Vocabulary({"hau": 2, "hausern": 1})
    query = parse_query("Häuser", languages=("de",))
    forms = vocabulary.forms("häuser", ("de",))
    assert forms == {"hau": 2, "hausern": 1}
    matcher = WordMatcher(replace(query, families=(("häuser", tuple(forms)),)))
    text = "Ein Haus, zwei Häuser, in den Häusern; kein Hase."
    assert [text[match.start : match.end] for match in matcher.matches(text)] == ["Haus", "Häuser", "Häusern"]
    assert matcher.kind_of("Haus") == (MatchKind.FORM, "häuser")
    assert matcher.words_in("im Haus") == {"häuser"}


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("ΛΌΓΟΣ λόγος", "λογοσ λογοσ"),
        ("한국", "한국"),
        ("がっこう", "がっこう"),
        ("Ёлка йод", "елка йод"),
        ("ışık", "isik"),
    ],
)
def test_folding_keeps_letters_that_are_others(text: str, folded: str) -> None:
    assert fold(text) == folded


def test_plain_letters_are_what_is_typed() -> None:
    assert plain_letters("Straße") == "strasse"
    assert plain_letters("كِتَـاب") == "كتاب"
    assert plain_letters("שָׁלוֹם") == "שלום"
    assert plain_letters("Łódź") == "lodz"
    assert plain_letters("서울 がっこう") == "서울 がっこう"


def test_a_word_that_is_asked_again_is_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    families = WordFamilies(indexed("Haus Häusern"))
    first = families.forms("haus", ("de",))
    monkeypatch.setattr(families, "_from", lambda _beginning: pytest.fail("looked up again"))
    assert families.forms("haus", ("de",)) == first
    with pytest.raises(pytest.fail.Exception):
        families.forms("haus", ("de", "nl"))


def test_of_many_terms_that_begin_alike_few_are_stemmed() -> None:
    asked: list[str] = []
    terms = [f"con{letter}{'x' * length}" for letter in "abcdefgh" for length in range(40)]
    families = WordFamilies(dict.fromkeys(terms, 1))
    found = list(families._of_family({"con"}, lambda words: asked.extend(words) or list(words), "es"))
    assert found == []
    assert max(map(len, asked)) < 16
