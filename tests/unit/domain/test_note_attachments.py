"""How texts name files."""

from __future__ import annotations

import time

import pytest

from desktop_app.domain.note_attachments import (
    embedding,
    find_references,
    reference_key,
    set_off,
    targets_in,
    with_targets,
)


@pytest.mark.parametrize(
    ("text", "targets"),
    [
        ("![a](img/pic.png)", ["img/pic.png"]),
        ('![a](<my pic.png> "title")', ["my pic.png"]),
        ("![a](my%20pic%28x%29.png 'title')", ["my pic(x).png"]),
        ("[doc](files/a(1).pdf)", ["files/a(1).pdf"]),
        ("[![small](s.png)](big.png)", ["s.png", "big.png"]),
        ("![[pic.png]] ![[dir/p q.png|300]] ![[a.pdf#page=3]]", ["pic.png", "dir/p q.png", "a.pdf"]),
        ("[one][1]\n\n[1]: img/one.png\n[2]: <two x.png> 'T'\n", ["img/one.png", "two x.png"]),
        ('<img src=":/0123" width="10"> and <img alt="" src=\'b.png\'>', [":/0123", "b.png"]),
        ("![joplin](:/4f2a)", [":/4f2a"]),
        ("[web](https://x.y/a.png) ![d](data:image/png;base64,AA) [m](mailto:a@b) [h](#top) ![](//host/a.png)", []),
        ("[[note]] [x] (y) ![ ]( )", []),
        ("![umlaut](u\u0308.png)", ["\u00fc.png"]),
    ],
)
def test_names_in_a_text(text: str, targets: list[str]) -> None:
    assert targets_in(text) == targets
    for reference in find_references(text):
        assert text[reference.start : reference.end]


def test_keys() -> None:
    assert reference_key(" ./a/.//b.png ") == reference_key("a\\b.png") == "a/b.png"
    assert reference_key("../a.png") == "../a.png"
    assert reference_key("/a.png") == "/a.png"
    assert reference_key("A.png") != reference_key("a.png")


def test_other_names_are_put_in_and_nothing_else_changes() -> None:
    text = 'é ![a](<x y.png> "t") ![[z.png|80]]\r\n[q]: z.png\r\n'
    new = [(one, f"f/{one.target} (2)") for one in find_references(text)]
    assert with_targets(text, new) == (
        'é ![a](<f/x%20y.png%20%282%29> "t") ![[f/z.png (2)|80]]\r\n[q]: f/z.png%20%282%29\r\n'
    )


def test_what_is_put_in_is_found_again() -> None:
    for name in ("a b (1).png", "x[y]#z.png", "100%.png", "ü&?.pdf", "\\back.png"):
        written = embedding(name, "image/png")
        assert [one.target for one in find_references(written)] == [name], written
    assert embedding("a b.pdf", "application/pdf") == "![[a b.pdf]]"
    assert embedding("a#1.pdf", "application/pdf") == "[a#1.pdf](a%231.pdf)"


@pytest.mark.parametrize(
    ("before", "after", "lead", "tail"),
    [
        ("", "", "", ""),
        ("See", "", " ", ""),
        ("See ", " here", "", ""),
        ("See ", "here", "", " "),
        ("- ", "", "", ""),
        ("![a (1)](a%20(1).png)", "", "\n\n", ""),
        ("![[a.pdf]] ", "", "\n\n", ""),
        ("[a](a.pdf)", "", " ", ""),
        ("", "![[a.pdf]]", "", "\n\n"),
    ],
)
def test_what_is_put_in_is_set_off_from_what_stands_beside_it(before: str, after: str, lead: str, tail: str) -> None:
    assert set_off("![[b.png]]", before, after) == f"{lead}![[b.png]]{tail}"


@pytest.mark.parametrize("line", ["[" * 200_000, "](" * 100_000, "![[" * 70_000, "<img " * 40_000, "](<" * 60_000])
def test_hostile_lines_take_no_time(line: str) -> None:
    began = time.process_time()
    find_references(line)
    set_off("![[b.png]]", line, "")
    assert time.process_time() - began < 2
