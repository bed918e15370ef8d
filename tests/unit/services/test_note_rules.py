"""What notes have beside CommonMark, and that answers do not have it."""

from __future__ import annotations

import pytest

from desktop_app.services.markdown_parser import note_parser, parser


def rendered(text: str) -> str:
    return str(note_parser().render(text)).strip()


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("so ==marked **b**== it", "<p>so <mark>marked <strong>b</strong></mark> it</p>"),
        ("a == b == c", "<p>a == b == c</p>"),
        ("==== ==x", "<p>==== ==x</p>"),
        ("`==x==` \\==x==", "<p><code>==x==</code> ==x==</p>"),
        ("so %%hidden *x*%% it", "<p>so  it</p>"),
        ("100%% sure", "<p>100%% sure</p>"),
        ("%%\nhidden\n\nlines\n%%\n\nshown", "<p>shown</p>"),
        ("%%a%% shown", "<p> shown</p>"),
        ("%%open\n\nshown", "<p>%%open</p>\n<p>shown</p>"),
        ("a paragraph ^name", "<p>a paragraph</p>"),
        ("one ^a\ntwo ^b-2  ", "<p>one\ntwo</p>"),
        ("2 ^3 is", "<p>2 ^3 is</p>"),
        ("x^2", "<p>x^2</p>"),
        ("> plain [!tip]", "<blockquote>\n<p>plain [!tip]</p>\n</blockquote>"),
    ],
)
def test_marks_of_notes(text: str, html: str) -> None:
    assert rendered(text) == html


def test_a_callout_has_a_title_and_a_tone() -> None:
    html = rendered("> [!Warning]- Mind *the* gap\n> words\n>\n> more\n\n> [!unheard-of]\n> words")
    assert '<blockquote class="callout caution">\n<p class="callout-title">Mind <em>the</em> gap</p>' in html
    assert "<p>words</p>\n<p>more</p>" in html
    assert '<blockquote class="callout note">\n<p class="callout-title">Unheard of</p>\n<p>words</p>' in html


@pytest.mark.parametrize("text", ["==x==", "50%% and %%", "a ^name", "> [!tip] x"])
def test_what_a_model_says_means_what_it_says(text: str) -> None:
    assert text.removeprefix("> ") in str(parser().render(text))
