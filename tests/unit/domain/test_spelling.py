"""What is a word to be looked up, and what is not."""

from __future__ import annotations

import pytest

from desktop_app.domain.spelling import front_matter_end, is_formula_edge, words_to_check


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("Some **bold** words, isn\u2019t it", ["Some", "bold", "words", "isn't", "it"]),
        ("# Grüße aus Köln", ["Grüße", "aus", "Köln"]),
        ("run `teh code` now", ["run", "now"]),
        ("see [[Teh note|shwon]] there", ["see", "there"]),
        ("see [words](https://teh.example/x) there", ["see", "words", "there"]),
        ("at https://teh.example or www.teh.example", ["at", "or"]),
        ("about #teh/tag and a", ["about", "and"]),
        ("energy $teh = x$ and \\(teh\\) here, $5 or $6", ["energy", "and", "here", "or"]),
        ("mail ada@teh.example, path/teh, teh_name, v2beta", ["mail"]),
        ("HTML, McCoy, iPhone stay", ["stay"]),
        ("<b teh='x'>bold</b> &nbsp;", ["bold"]),
        ("[ref]: https://teh.example", []),
        ("漢字 kana", ["kana"]),
        ("x" * 80, []),
    ],
)
def test_words(line: str, words: list[str]) -> None:
    found = words_to_check(line)
    assert [place.word for place in found] == words
    for place in found:
        assert line[place.start : place.end].replace("\u2019", "'") == place.word


def test_front_matter_and_formulas_have_their_edges() -> None:
    assert front_matter_end(["---", "title: teh", "---", "text"]) == 3
    assert front_matter_end(["---", "a rule above"]) == 0
    assert front_matter_end(["text", "---"]) == 0
    assert [is_formula_edge(line) for line in ("$$", "$$ x $$", "\\[", "x", "  $$ x")] == [
        True,
        False,
        True,
        False,
        True,
    ]
