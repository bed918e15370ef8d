"""Questions: no input may break the index, the rarest words go first, quotes and prefixes mean what they say."""

from __future__ import annotations

import sqlite3
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desktop_app.domain.query import match_expression, parse_query


class _Everywhere(dict[str, int]):
    def get(self, key: str, default: object = None) -> int:  # type: ignore[override]
        return 1


@pytest.fixture(scope="module")
def index() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE VIRTUAL TABLE notes USING fts5(title, text, tokenize='porter unicode61')")
    connection.executemany(
        "INSERT INTO notes(rowid, title, text) VALUES (?, '', ?)",
        [
            (1, "the quick brown fox"),
            (2, "brown bread and foxes"),
            (3, "lb_try_duration near the end"),
            (4, "日本語の本"),
        ],
    )
    return connection


def _find(index: sqlite3.Connection, text: str, *, typing: bool = False) -> set[int]:
    expression = match_expression(parse_query(text, typing=typing), _Everywhere())
    if not expression:
        return set()
    return {row[0] for row in index.execute("SELECT rowid FROM notes WHERE notes MATCH ?", (expression,))}


_NASTY = st.lists(
    st.sampled_from([*"\"“”*^:(){}[]-+\x00'\\_ aZ9é好", "NEAR", " AND ", " OR ", " NOT ", "title", "\ud800"])
).map("".join)


@settings(max_examples=300, deadline=None)
@given(text=_NASTY, typing=st.booleans())
def test_no_input_breaks_the_index(index: sqlite3.Connection, text: str, typing: bool) -> None:
    _find(index, text, typing=typing)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("fox", {1, 2}),
        ('"brown fox"', {1}),
        ('"brown bread" quick', {2}),
        ('"brown fox', {1}),
        ("“quick brown”", {1}),
        ("NEAR(quick fox", {1, 2, 3}),
        ("title:quick", {1}),
        ("-quick", {1}),
        ("lb_try_duration", {3}),
        ("the", {1, 3}),
        ("zebra", set()),
        ("!!!", set()),
    ],
)
def test_what_is_found(index: sqlite3.Connection, text: str, found: set[int]) -> None:
    assert _find(index, text) == found


def test_the_last_word_is_a_prefix_only_while_it_is_typed(index: sqlite3.Connection) -> None:
    assert _find(index, "qui", typing=True) == {1}
    assert _find(index, "qui") == set()
    assert _find(index, "qui ", typing=True) == set()
    assert _find(index, "qu", typing=True) == set()
    assert parse_query('"a" qui', typing=True).prefix == "qui"
    assert parse_query('qui "a', typing=True).prefix == ""


def test_stop_words_go_unless_they_are_all_there_is() -> None:
    assert parse_query("how do I stop the oven?").words == ("stop", "oven")
    assert parse_query("to be or not to be").words == ("to", "be", "or", "not")


def test_the_rarest_words_fill_the_budget_and_one_always_goes() -> None:
    query = parse_query("apple banana cherry")
    counts = {"apple": 900, "banana": 10, "cherry": 100}
    assert match_expression(query, counts, budget=120) == '"banana" OR "cherry"'
    assert match_expression(query, counts, budget=5) == '"banana"'
    assert match_expression(query, counts | {"banana": 0}, budget=5) == '"cherry"'
    assert match_expression(query, {}, budget=5) == ""


def test_a_common_word_gets_no_prefix() -> None:
    query = parse_query("contain", typing=True)
    assert match_expression(query, {"contain": 3}) == '"contain" OR "contain"*'
    assert match_expression(query, {"contain": 15_000}) == '"contain"'


def test_scripts_without_blanks_are_cut_into_what_can_be_sought() -> None:
    assert parse_query("麻婆豆腐").words == ("麻婆", "婆豆", "豆腐")
    assert parse_query("新幹線の切符を iPhone15ケース").words == ("新幹", "幹線", "切符", "iphone15", "ケース")
    assert parse_query("です").words == ("です",)
    assert parse_query("서울에서 만나요").words == ("서울", "울에", "에서", "만나", "나요")
    assert parse_query("麻婆豆腐 cook").runs == ("麻婆豆腐",)
    assert match_expression(parse_query("豆腐 cook"), {"豆腐": 3, "cook": 2}) == '"cook"'


def test_what_an_apostrophe_leaves_is_no_word() -> None:
    assert parse_query("when is mum's operation").words == ("mum", "operation")
    assert parse_query("I don’t know that it isn't there").words == ("know",)
    assert parse_query("it's").words == ("it", "s")
    assert parse_query("vitamin d isn't rock'n'roll").words[:2] == ("vitamin", "d")


def test_sharp_s_stays() -> None:
    assert parse_query("Fußgänger STRASSE").words == ("fußgänger", "strasse")


def test_a_long_question_in_another_language_is_taken_apart_at_once() -> None:
    started = time.process_time()
    query = parse_query(" ".join(f"wort{number} und" for number in range(40_000)), languages=("de",))
    assert time.process_time() - started < 5.0  # each word against all others takes many times that
    assert query.small == ("und",)
    assert query.words[:2] == ("wort0", "wort1")


def test_a_question_with_english_small_words_is_in_english_whatever_names_stand_in_it() -> None:
    assert parse_query("What is Perl?", languages=()).is_english
    assert parse_query("where can I get cperl-mode for emacs").is_english
    assert not parse_query("What is Perl?", languages=("de",)).is_english, "small words are shared between languages"
    assert not parse_query("invoice of 523 euros").is_english
    assert not parse_query("cperl-mode emacs").is_english
    assert not parse_query("die Rechnung an mich in der Ablage suchen und finden").is_english
    assert not parse_query("").is_english
