"""Highlights mark what the index matched."""

from __future__ import annotations

import re
import sqlite3

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from desktop_app.domain.folding import fold
from desktop_app.domain.query import parse_query
from desktop_app.domain.stemming import beginning_of, stem
from desktop_app.domain.word_matching import MatchKind, WordMatcher, spans_within
from desktop_app.storage.full_text import Tokenizer

_WORDS = [
    "caresses",
    "ponies",
    "ties",
    "caress",
    "cats",
    "feed",
    "agreed",
    "plastered",
    "bled",
    "motoring",
    "sing",
    "conflated",
    "troubled",
    "sized",
    "hopping",
    "tanned",
    "falling",
    "hissing",
    "fizzed",
    "failing",
    "filing",
    "happy",
    "sky",
    "relational",
    "conditional",
    "rational",
    "valenci",
    "hesitanci",
    "digitizer",
    "conformabli",
    "radicalli",
    "differentli",
    "vileli",
    "analogousli",
    "vietnamization",
    "predication",
    "operator",
    "feudalism",
    "decisiveness",
    "hopefulness",
    "callousness",
    "formaliti",
    "sensitiviti",
    "sensibiliti",
    "triplicate",
    "formative",
    "formalize",
    "electriciti",
    "electrical",
    "hopeful",
    "goodness",
    "revival",
    "allowance",
    "inference",
    "airliner",
    "gyroscopic",
    "adjustable",
    "defensible",
    "irritant",
    "replacement",
    "adjustment",
    "dependent",
    "adoption",
    "homologou",
    "communism",
    "activate",
    "angulariti",
    "homologous",
    "effective",
    "bowdlerize",
    "probate",
    "rate",
    "cease",
    "controll",
    "roll",
    "running",
    "ran",
    "dying",
    "eyed",
    "eye",
    "apologize",
    "analogy",
    "yyyy",
    "a",
    "is",
]


def test_the_stemmer_agrees_with_the_index() -> None:
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE VIRTUAL TABLE words USING fts5(word, tokenize='porter unicode61')")
    connection.execute("CREATE VIRTUAL TABLE terms USING fts5vocab(words, instance)")
    connection.executemany("INSERT INTO words(rowid, word) VALUES (?, ?)", enumerate(_WORDS))
    for place, term in connection.execute("SELECT doc, term FROM terms"):
        assert stem(_WORDS[place]) == term


def test_the_stemmer_agrees_on_other_letters_and_on_digits() -> None:
    words = ("straße", "fußgangerzone", "größes", "løpende", "mp3s", "łatwe", "ßing", "ее", "маленькие", "1中es")
    assert [stem(fold(word)) for word in words] == [fold(found) for (found,) in Tokenizer().tokens(words)]
    assert _marked("Straße", "Die Straßes der Straße") == ["Straßes", "Straße"]


def _marked(query: str, text: str, *, typing: bool = False) -> list[str]:
    return [text[m.start : m.end] for m in WordMatcher(parse_query(query, typing=typing)).matches(text)]


def test_stems_prefixes_and_accents() -> None:
    assert _marked("running", "He runs; a runner RUN.") == ["runs", "RUN"]
    assert _marked("sourd", "Sourdough and sour", typing=True) == ["Sourdough"]
    assert _marked("cafe", "Das Café, le cafés") == ["Café", "cafés"]
    assert _marked("café", "a cafe") == ["cafe"]
    assert _marked("istanbul", "in İstanbul now") == ["İstanbul"]


def test_phrases_match_whole() -> None:
    matcher = WordMatcher(parse_query('"brown fox"'))
    text = "brown bread, fox; Brown foxes"
    assert [text[m.start : m.end] for m in matcher.matches(text)] == ["Brown", "foxes"]
    assert list(matcher.matches("brown and fox")) == []


def test_parts_of_words_are_marked_with_the_word_around_them() -> None:
    query = replace(parse_query("kuchen 切符の予約"), inside=("kuchen", "切符", "予約"))
    text = "Apfelkuchen, Kuchenform; die 新幹線の切符は予約できる"
    matcher = WordMatcher(query)
    assert [text[m.start : m.end] for m in matcher.matches(text)] == ["Apfelkuchen", "Kuchenform", "切符", "予約"]
    assert matcher.words_in(text) == {"kuchen", "切符", "予約"}
    assert matcher.kind_of("Apfelkuchen") == (MatchKind.PART, "kuchen")
    pairs = WordMatcher(parse_query("麻婆豆腐"))
    assert [(m.start, m.end) for m in pairs.matches("嫩麻婆豆腐。豆腐")] == [(1, 5), (6, 8)]


def test_all_words_within_a_place() -> None:
    matcher = WordMatcher(parse_query("oak galls and ink ink", typing=False))
    text = "Oaks grow. " + "x " * 40 + "Inks of oak galls. " + "y " * 40 + "Ink."
    assert matcher.all_within(text, 20)
    assert not matcher.all_within(text, 15)
    assert not matcher.all_within("Oaks and inks, no others.", 100)
    # Words of one stem are one; the last one may still grow.
    assert WordMatcher(parse_query("walking walks farmy", typing=True)).all_within("He walked farmyards.", 20)
    assert not WordMatcher(parse_query("!")).all_within("Anything at all!", 100)


def test_spans_are_relative_to_the_passage() -> None:
    matches = WordMatcher(parse_query("fox")).matches("fox one fox two")
    assert [(s.start, s.end) for s in spans_within(matches, 4, 15)] == [(4, 7)]


def test_a_match_is_the_word_a_form_of_it_or_its_beginning() -> None:
    matcher = WordMatcher(parse_query('running "slow cafés" sourd', typing=True))
    assert matcher.kind_of("Running") == (MatchKind.WORD, "running")
    assert matcher.kind_of("runs") == (MatchKind.FORM, "running")
    assert matcher.kind_of("CAFES") == (MatchKind.WORD, "cafés")
    assert matcher.kind_of("cafe") == (MatchKind.FORM, "cafés")
    assert matcher.kind_of("Sourdough") == (MatchKind.BEGINNING, "sourd")
    assert matcher.kind_of("bread") is None
    assert WordMatcher(parse_query("sourd")).kind_of("Sourdough") is None


_ENDINGS = """
    s es ies sses y e ed ing eed ll bl ble bly bility biliti ational ization izer iveness fulness ousness aliti iviti
    logi icate ative alize ful ness al ance ence able ment ent ion ism ous ive ize li
"""


@given(st.text("aeiobclmnrstyz", min_size=1, max_size=7), st.lists(st.sampled_from(_ENDINGS.split()), max_size=3))
@settings(max_examples=1_000, deadline=None)
def test_every_word_begins_with_the_beginning_of_its_stem(root: str, endings: list[str]) -> None:
    word = root + "".join(endings)
    assert word.startswith(beginning_of(stem(word)))
    assert beginning_of(stem(word))


_FORM_WORDS = """
    possible possibility possibly Possibilities hope hoping hopped happy happiness happier i ies e tie ties café CAFÉS
    cafe sour sourdough sourd x2 x21 İstanbul istanbul relate relation relational
"""
_FORMS = st.sampled_from(_FORM_WORDS.split())
_TEXT = st.lists(st.one_of(_FORMS, st.sampled_from(["-", "_", ",", "\n", "un", "possi"])), max_size=25)


@given(st.lists(_FORMS, min_size=1, max_size=5), _TEXT, st.sampled_from([" ", "_", "", "-"]), st.booleans())
@settings(max_examples=400, deadline=None)
def test_the_words_in_a_text_are_those_that_match_in_it(
    asked: list[str], parts: list[str], between: str, typing: bool
) -> None:
    matcher = WordMatcher(parse_query(" ".join(asked), typing=typing))
    text = between.join(parts)
    assert matcher.words_in(text) == {match.word for match in matcher.matches(text)}


@given(
    st.dictionaries(_FORMS, st.sampled_from([0.0, 0.5, 1.0, 3.0]), min_size=1, max_size=5),
    _TEXT,
    st.sampled_from([0.0, 0.5, 1.0, 2.0, 3.5]),
    st.booleans(),
)
@settings(max_examples=400, deadline=None)
def test_what_a_text_carries_is_what_its_words_are_worth(
    worth: dict[str, float], parts: list[str], enough: float, typing: bool
) -> None:
    query = parse_query(" ".join(worth), typing=typing)
    matcher = WordMatcher(query)
    text = " ".join(parts)
    of_query = {word: worth.get(word, 0.5) for word in query.words}
    found = matcher.words_in(text)
    carried = sum(each for word, each in of_query.items() if word in found)
    assert matcher.carries(text, of_query, enough) == (carried >= enough)


@given(st.lists(_FORMS, min_size=1, max_size=5), _TEXT, st.sampled_from([" ", "_", "", "-"]), st.booleans())
@settings(max_examples=400, deadline=None)
def test_no_word_of_a_text_is_passed_over(asked: list[str], parts: list[str], between: str, typing: bool) -> None:
    """Looked at one by one, no others match."""
    query = parse_query(" ".join(asked), typing=typing)
    text = between.join(parts)
    words = [(match.start(), match.end()) for match in re.finditer(r"[^\W_]+", fold(text))]
    alone = [(start, end) for start, end in words if WordMatcher(query).kind_of(text[start:end]) is not None]
    assert [(match.start, match.end) for match in WordMatcher(query).matches(text)] == alone
