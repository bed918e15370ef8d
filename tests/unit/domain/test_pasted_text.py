"""Which HTML is worth converting, and addresses put over words."""

from __future__ import annotations

import pytest

from desktop_app.domain.pasted_text import LONGEST_HTML, as_address, link_over, says_more_than_text

FROM_CODE = (
    "<meta charset='utf-8'><div style=\"color: #d4d4d4;font-family: 'Fira Code', Consolas, monospace;\"><b>x</b></div>"
)


@pytest.mark.parametrize(
    "html",
    [
        "<p>a <b>b</b></p>",
        '<a href="https://e.org">x</a>',
        "<li>x",
        "<TABLE><tr>",
        "<h2>x</h2>",
        "<img src=x>",
    ],
)
def test_html_that_says_more(html: str) -> None:
    assert says_more_than_text(html)


@pytest.mark.parametrize(
    "html", ["<p>a</p>", "<span style='x'>a</span>", "<body>x", FROM_CODE, "<b>x</b>" * LONGEST_HTML]
)
def test_html_that_only_looks_like_something(html: str) -> None:
    assert not says_more_than_text(html)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        (" https://e.org/a?b=c#d \n", "https://e.org/a?b=c#d"),
        ("mailto:a@e.org", "mailto:a@e.org"),
        ("see https://e.org", None),
        ("https://e.org https://f.org", None),
        ("file:///etc/passwd", None),
        ("javascript:alert(1)", None),
        ("", None),
    ],
)
def test_addresses(text: str, address: str | None) -> None:
    assert as_address(text) == address


def test_words_become_a_link() -> None:
    assert link_over("the ink", "https://e.org") == "[the ink](https://e.org)"
    assert link_over("Ink", "https://e.org/a_(b)") == "[Ink](<https://e.org/a_(b)>)"


@pytest.mark.parametrize("words", ["", "  ", "two\nlines", "https://old.org", "a [link](https://old.org)"])
def test_what_cannot_be_the_words_of_a_link(words: str) -> None:
    assert link_over(words, "https://e.org") is None
