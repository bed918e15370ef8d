"""Where a text says the name of a note without a link."""

from __future__ import annotations

import pytest

from desktop_app.domain.mentions import can_be_mentioned, mention_pattern, mentions_in, words_around


def found(text: str, *names: str) -> list[str]:
    return [text[start:end] for start, end in mentions_in(text, mention_pattern(names))]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Iron gall ink lasts; the INK is black.", ["ink", "INK"]),
        ("inkwell, thinking, ink-well", ["ink"]),
        ("[[ink]] and [[Other|ink]] and [ink](ink.md) and ![ink](ink.png) but ink", ["ink"]),
        ("`ink` and ``a ` ink`` but ink", ["ink"]),
        ("```\nink\n```\nink\n~~~\nink", ["ink"]),
        ("https://ink.org/ink #ink #ink/blue %%ink%% $ink$ <ink> ink", ["ink"]),
        ("It cost $5, the ink $7; ink for $ 3 and ink for $ 4.", ["ink", "ink", "ink"]),
        ("$$ink$$ and $ink$ and $a + ink$ but ink", ["ink"]),
        ("---\ntitle: ink\n---\nink", ["ink"]),
        ("# Ink\n\n- [ ] buy ink", ["Ink", "ink"]),
    ],
)
def test_only_words_of_the_text_itself_are_mentions(text: str, words: list[str]) -> None:
    assert found(text, "Ink") == words


def test_names_of_several_words_signs_and_other_forms() -> None:
    assert found("about iron  gall\tink, and gall", "Iron gall ink", "Gall") == ["iron  gall\tink", "gall"]
    assert found("C++ (not C) and C++", "C++") == ["C++", "C++"]
    assert found("cafe\u0301 and caf\xe9", "caf\xe9") == ["cafe\u0301", "caf\xe9"]
    assert found("\u58a8\u6c34\u662f\u9ed1\u7684", "\u58a8\u6c34") == ["\u58a8\u6c34"]


def test_one_letter_says_nothing() -> None:
    assert [can_be_mentioned(name) for name in ("", "a", "--", "ab", "\u58a8", "7", "42")] == [
        False,
        False,
        False,
        True,
        True,
        False,
        True,
    ]


def test_the_words_around_are_on_one_line() -> None:
    text = "first\n  - " + "word " * 40 + "the ink   is black " + "word " * 60 + "\nlast"
    start = text.index("ink")
    around, (first, end) = words_around(text, start, start + 3)
    assert around[first:end] == "ink"
    assert around.startswith("…")
    assert around.endswith("…")
    assert "\n" not in around
    assert "ink is black" in around
    assert words_around("ink", 0, 3) == ("ink", (0, 3))
    assert words_around("> - [x] an ink", 11, 14) == ("an ink", (3, 6))
