"""Cutting notes: nothing lost, nothing too long, offsets exact, time linear."""

from __future__ import annotations

import gc
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desktop_app.domain.chunking import MAX_CHARACTERS, Chunker, embeddable
from desktop_app.domain.markdown_sections import front_matter_end, markdown_sections
from desktop_app.domain.word_pieces import estimate_word_pieces

_LINES = st.lists(
    st.sampled_from(
        [
            "# Top",
            "## Below ##",
            "#### Deep",
            "",
            "```python",
            "```",
            "~~~",
            "x = [1, 2]",
            "Setext",
            "=====",
            "---",
            "A sentence. And another one, e.g. this! 好的。再见。",
            '- item [link](https://example.org/a(b)c "t")',
            "\t",
            "word " * 60,
            "u" * 900,
            "😀 مرحبا \x00 é",
        ]
    ),
    max_size=40,
)


@settings(max_examples=80, deadline=None)
@given(lines=_LINES, ending=st.sampled_from(["\n", "\r\n"]), title=st.sampled_from(["", "Top", "A title"]))
def test_nothing_is_lost_and_nothing_is_too_long(lines: list[str], ending: str, title: str) -> None:
    text = ending.join(lines)
    chunks = Chunker(budget=64).chunks(title, text)
    covered = bytearray(len(text))
    position = 0
    for chunk in chunks:
        assert position <= chunk.start <= chunk.end <= len(text)
        position = chunk.end
        body = text[chunk.start : chunk.end]
        assert body == body.strip()
        assert chunk.embedded_text.endswith(embeddable(body))
        assert estimate_word_pieces(chunk.embedded_text) <= 64
        assert len(body) <= MAX_CHARACTERS
        covered[chunk.start : chunk.end] = b"\x01" * (chunk.end - chunk.start)
    for section in markdown_sections(text):
        if section.heading is not None:
            named = any(chunk.heading_path[: len(section.heading_path)] == section.heading_path for chunk in chunks)
            assert named or not section.heading_path
            covered[section.heading.start : section.heading.end] = b"\x01" * (
                section.heading.end - section.heading.start
            )
    start = front_matter_end(text)
    assert [text[place] for place in range(start, len(text)) if not covered[place] and not text[place].isspace()] == []


@settings(max_examples=60, deadline=None)
@given(text=st.text(max_size=400))
def test_any_text_can_be_cut(text: str) -> None:
    for chunk in Chunker(budget=20).chunks("t", text):
        assert chunk.embedded_text.endswith(embeddable(text[chunk.start : chunk.end]))


def test_headings_stand_in_front() -> None:
    text = "# Bread\nintro\n## Sourdough\nfeed it\n### Flour\nrye\n## Yeast\nquick\n"
    found = {text[c.start : c.end]: c for c in Chunker().chunks("Bread", text)}
    assert found["rye"].heading_path == ("Bread", "Sourdough", "Flour")
    assert found["rye"].embedded_text == "Bread\nSourdough > Flour\nrye"
    assert found["quick"].heading_path == ("Bread", "Yeast")


def test_a_heading_alone_is_a_passage_and_a_title_alone_too() -> None:
    assert [(c.start, c.end) for c in Chunker().chunks("x", "# Only a heading")] == [(0, 16)]
    (alone,) = Chunker().chunks("Milk, eggs", " \n")
    assert (alone.start, alone.end, alone.embedded_text) == (0, 0, "Milk, eggs")
    assert Chunker().chunks("", "") == []


def test_front_matter_is_not_embedded() -> None:
    text = "---\ntitle: T\ntags: [secretword]\n---\nbody\n"
    (chunk,) = Chunker().chunks("T", text)
    assert text[chunk.start : chunk.end] == "body"
    assert "secretword" not in chunk.embedded_text
    assert front_matter_end("---\n\nA rule, not front matter\n---\n") == 0
    assert front_matter_end("---\nnever: closed\n") == 0


def test_fenced_code_stays_together_and_hides_headings() -> None:
    code = "```sh\n# not a heading\n" + "run it\n" * 20 + "```"
    text = "Before the code we write a few words here.\n\n" * 12 + code + "\n\nafter"
    chunks = Chunker().chunks("t", text)
    assert all(chunk.heading_path == () for chunk in chunks)
    place = text.index(code)
    assert any(c.start <= place and place + len(code) <= c.end for c in chunks)


def test_an_unchanged_passage_keeps_its_hash() -> None:
    old = Chunker().chunks("t", "# A\none\n\n# B\ntwo\n")
    new = Chunker().chunks("t", "# A\none changed\n\n# B\ntwo\n")
    assert old[1].hash == new[1].hash
    assert old[0].hash != new[0].hash


def test_links_lose_their_targets_only() -> None:
    assert embeddable("see [the docs](https://e.org/x_(y)) and ](open") == "see [the docs] and ](open"


def test_another_counter_is_obeyed() -> None:
    chunks = Chunker(count=len, budget=50).chunks("", "word " * 100)
    assert all(len(c.embedded_text) <= 50 for c in chunks)
    assert len(chunks) <= 12
    with pytest.raises(ValueError, match="at least 16"):
        Chunker(budget=3)


@pytest.mark.parametrize(
    "piece", ["x", "ab1", "](", "[a](", ".", "#", "# h\n", "word. ", "```\n", "- ", '."', "\n\n", "a\n"]
)
def test_time_is_linear_in_the_length(piece: str) -> None:
    """Eight times the text may take at most thirty times as long; a quadratic step would take sixty-four.

    Measured in this thread's processor time, without the collector: neither other programs nor the objects that
    earlier tests left behind may count. One of three measurements has to be so good, and none follows it.
    """

    def seconds(length: int) -> float:
        text = piece * (length // len(piece))
        started = time.thread_time()
        Chunker().chunks("t", text)
        return time.thread_time() - started

    gc.collect()
    gc.disable()
    try:
        short = min(seconds(12_500) for _ in range(3))
        assert any(seconds(100_000) <= max(30 * short, 0.1) for _ in range(3))
    finally:
        gc.enable()
