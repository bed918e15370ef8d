"""Words with signs: which are ones, and where they stand."""

from __future__ import annotations

import pytest

from desktop_app.domain.folding import fold
from desktop_app.domain.query import parse_query
from desktop_app.domain.surface_forms import SurfaceForm, stands_in, surface_forms
from desktop_app.domain.word_matching import MatchKind, WordMatcher


@pytest.mark.parametrize(
    ("typed", "forms"),
    [
        ("is C++ faster than C#?", ["C++", "C#"]),
        ("the .NET runtime, (node.js), and f(x).", [".NET", "node.js", "f(x)"]),
        ("version 3.11, at jane.doe+lab@example.org!", ["3.11", "jane.doe+lab@example.org"]),
        ("scripts/build_all.py C:\\Tools\\run.bat", ["scripts/build_all.py", "C:\\Tools\\run.bat"]),
        ("#plan @ada AT&T $5 50% x=y --force", ["#plan", "@ada", "AT&T", "$5", "50%", "x=y", "--force"]),
        ("978-3-16-148410-0 9783161484100 555-1234", ["978-3-16-148410-0", "9783161484100", "555-1234"]),
        # What a sentence has anyway is none.
        ("don't re-read well-known things (see below), i.e. 'this'; yes/no: no! e.g. U.S.", ["yes/no"]),
        ("flow/ /slip a – b * c & d 12-13 2026 *bold*", []),
        ("C++ c++", ["C++"]),
    ],
)
def test_what_is_a_word_with_signs(typed: str, forms: list[str]) -> None:
    assert [form.text for form in surface_forms(typed)] == forms


@pytest.mark.parametrize(
    ("typed", "text", "stands"),
    [
        ("C++", "we chose c++17", True),
        ("C+", "we chose C++", False),
        ("C#", "the key of C", False),
        (".net", "ASP.NET is old", True),
        ("node.js", "a node.json file", False),
        ("3.11", "13.11 or 3.110", False),
        ("3.11", "since 3.11.4", True),
        ("f(x)", "if(x)", False),
        ("café.fr", "CAFE.FR", True),
        ("978-3-16-148410-0", "ISBN 9783161484100.", True),
        ("9783161484100", "ISBN 978-3-16-148410-0", True),
        ("9783161484100", "97831614841009", False),
        ("555-1234", "call 555 1234", True),
        ("5551234", "call 555-1234", True),
        ("0134685997", "ISBN 0-13-468599-7", True),
        ("013468599x", "ISBN 0-13-468599-X", True),
        ("0301234567", "030/1234567", True),
        ("20261103", "on 2026-11-03", True),
        ("5551234", "15551234", False),
    ],
)
def test_where_it_stands(typed: str, text: str, stands: bool) -> None:
    (form,) = surface_forms(typed)
    assert stands_in(form, [text]) is stands


def test_the_last_one_may_still_grow_while_it_is_typed() -> None:
    assert parse_query("ask node.j", typing=True).forms == (SurfaceForm("node.j", ("node", "j"), growing=True),)
    assert not parse_query("node.j ", typing=True).forms[0].growing
    assert not parse_query("node.j").forms[0].growing
    assert stands_in(surface_forms("node.j", growing=True)[0], ["Node.js"])


def test_behind_a_sign_no_longer_word_is_looked_for_while_it_is_typed() -> None:
    """A single letter begins very many words."""
    matches = {typed: surface_forms(typed, growing=True)[0].match for typed in ("c#", "c++", "node.j")}
    assert matches == {"c#": '"c"', "c++": '"c"', "node.j": '"node j"*'}


def test_a_number_without_hyphens_is_looked_for_in_its_groups() -> None:
    assert '"555 1234"' in surface_forms("5551234")[0].match
    assert '"0 13 468599 7"' in surface_forms("0134685997")[0].match
    assert '"978 3 16 148410 0"' in surface_forms("9783161484100")[0].match
    assert surface_forms("123456") == [], "short numbers are words like others"


def test_what_was_quoted_is_required() -> None:
    query = parse_query('"the C# way" C++ c')
    assert [(form.text, form.required) for form in query.forms] == [("C#", True), ("C++", False)]
    assert query.form_words == (), "c was typed by itself, too"
    assert parse_query("C++ rules").form_words == ("c",)


def test_a_text_that_has_the_signs_is_marked_where_it_has_them() -> None:
    matcher = WordMatcher(parse_query("C++ rules"))
    text = "C rules here. In C++ the rules are others."
    assert [text[m.start : m.end] for m in matcher.matches(text)] == ["rules", "C++", "rules"]
    without = "C rules here."
    assert [without[m.start : m.end] for m in matcher.matches(without)] == ["C", "rules"]
    assert matcher.kind_of("c++") == (MatchKind.WORD, "C++")
    quoted = WordMatcher(parse_query('"C++"'))
    assert [text[m.start : m.end] for m in quoted.matches(text)] == ["C++"]
    assert fold("C++") == "c++"
