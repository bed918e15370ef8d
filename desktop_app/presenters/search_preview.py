"""The text around what was found, for the pane beside the results."""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

from desktop_app.domain.markdown_sections import markdown_sections
from desktop_app.domain.plain_markdown import ends_in_fence, plain_markdown
from desktop_app.domain.search import Span
from desktop_app.presenters.search_rows import Hit
from desktop_app.presenters.search_words import code_spans, moved_spans


class Preview(msgspec.Struct, frozen=True):
    """A hit's note or message for the right pane, without Markdown marks; of a large one the part around the passage.

    Attributes:
        start, end: the passage in `text`.
        sentence, words: in `text`, the sentence nearest in meaning (at most one) and the words that matched.
        cut_before, cut_after: text was left out there.
        headings: in `text`, the headings of its sections.
        code: in `text`, what is code.
    """

    hit: Hit
    title: str
    text: str
    start: int
    end: int
    cut_before: bool
    cut_after: bool
    sentence: tuple[Span, ...] = ()
    words: tuple[Span, ...] = ()
    headings: tuple[Span, ...] = ()
    code: tuple[Span, ...] = ()


_HEADING_LINE = re.compile(r"^#{1,6}[ \t][^\n]*\n", re.MULTILINE)

#: Characters of the note shown before and after the passage.
_PREVIEW_BEFORE = 1_500
_PREVIEW_AFTER = 4_000


def preview_of(hit: Hit, title: str, text: str) -> Preview:
    """A window of the note's or message's text around the passage, cut at line ends."""
    start = min(hit.start, len(text))
    end = min(max(hit.end, start), len(text))
    if text[start:end] != hit.passage and hit.passage:
        # It was edited since it was indexed: look for the passage where it stands now.
        moved = text.find(hit.passage)
        if moved >= 0:
            start, end = moved, moved + len(hit.passage)
    first, cut_before = _preview_start(text, start)
    last = min(len(text), end + _PREVIEW_AFTER)
    if last < len(text):
        line = text.find("\n", last, last + 500)
        last = line if line >= 0 else last
    fenced = ends_in_fence(text[:first])
    plain = plain_markdown(text[first:last], fenced=fenced)

    nearest = hit.nearest_span

    def placed(spans: Sequence[Span]) -> tuple[Span, ...]:
        shift = start - first
        return moved_spans(tuple(Span(span.start + shift, span.end + shift) for span in spans), plain)

    return Preview(
        hit,
        title,
        plain.text,
        plain.position(start - first),
        plain.position(end - first),
        cut_before,
        last < len(text),
        placed((nearest,) if nearest else ()),
        placed(hit.word_spans),
        moved_spans(_heading_spans(text[first:last], fenced=fenced), plain),
        moved_spans(code_spans(plain), plain),
    )


def _heading_spans(text: str, *, fenced: bool) -> tuple[Span, ...]:
    """The headings in a part of a note; `fenced` says that it begins inside a code fence."""
    fence = "```\n" if fenced else ""
    headings = (section.heading for section in markdown_sections(fence + text))
    return tuple(Span(block.start - len(fence), block.end - len(fence)) for block in headings if block is not None)


def _preview_start(text: str, start: int) -> tuple[int, bool]:
    """Just below the last heading before `start`, at most `_PREVIEW_BEFORE` characters earlier.

    Also whether text of the same section was left out.
    """
    first = max(0, start - _PREVIEW_BEFORE)
    if first:
        line = text.find("\n", first, start)
        first = line + 1 if line >= 0 else first
    headings = [match.end() for match in _HEADING_LINE.finditer(text, first, start)]
    cut = first > 0 and not headings
    first = headings[-1] if headings else first
    while first < start and text[first] in "\r\n":
        first += 1
    return first, cut
