"""Markdown without its marks, and where its characters went."""

from __future__ import annotations

import time

import pytest

from desktop_app.domain.plain_markdown import ends_in_fence, one_line, plain_markdown, readable_line


@pytest.mark.parametrize(
    ("source", "plain"),
    [
        ("## A *b* `c*d*`\n", "A b c*d*\n"),
        ("> **bold [link](http://x/a(b)) end**", "bold link end"),
        ("![alt](x.png) and ~~old~~ _new_", "alt and old new"),
        ("- one\n  * two", "• one\n  • two"),
        ("a\n```json\n*not* `this`\n```\n*but* this", "a\n*not* `this`\nbut this"),
        ("| a | b |\n|:--|--:|\n| c | d |", " a · b \n c · d "),
        ("__name__ snake_case 2*3*4 a * b * c ** [x] [[Wiki]]", "__name__ snake_case 2*3*4 a * b * c ** [x] [[Wiki]]"),
        ("---\nrule", "---\nrule"),
        ("", ""),
    ],
)
def test_marks_go_and_words_stay(source: str, plain: str) -> None:
    assert plain_markdown(source).text == plain


def test_each_kept_character_is_found_where_it_went() -> None:
    source = "# T\nsee **[the _page_](http://x)** and `code`\n> end"
    plain = plain_markdown(source)
    for word in ("T", "see", "the", "page", "and", "code", "end"):
        assert plain.text[plain.position(source.index(word)) :].startswith(word)
    assert plain.position(len(source)) == len(plain.text)
    assert plain.position(source.index("**")) == plain.text.index("the")


def test_a_text_may_begin_inside_a_fence() -> None:
    source = "*code*\n```\n*word*"
    assert ends_in_fence("```\n")
    assert not ends_in_fence("```\n```\n")
    assert plain_markdown(source, fenced=True).text == "*code*\nword"


def test_one_line() -> None:
    line = one_line("a \n\n  b\tc")
    assert line.text == "a b c"
    assert line.position(6) == 2


@pytest.mark.parametrize(
    ("source", "line"),
    [
        ("```python\nprint(1)\n```\n\nThis **prints** a number.", "This prints a number."),
        ("```python\n\nprint(1)\n```", "print(1)"),
        ("~~~\n{\n  one\n", "one"),
        ("```print(1)``` shows it", "print(1) shows it"),
        ("# Ink\n\nIron gall.", "Ink"),
        ("\n---\n\n- *first*\n- second", "first"),
        ("> quoted", "quoted"),
        ("1. one\n2. two", "1. one"),
        ("| a | b |\n|---|---|", "a · b"),
        ("👍", "👍"),
        ("***\n\n```\n```\n", ""),
        ("", ""),
    ],
)
def test_the_first_readable_line(source: str, line: str) -> None:
    assert readable_line(source) == line


def test_nothing_but_marks_is_quick() -> None:
    started = time.thread_time()
    for mark in ("*", "`", "[", "_", "**a", "[a](", "|", "> "):
        plain_markdown(mark * 3000)
        readable_line(mark * 3000)
    assert time.thread_time() - started < 3
