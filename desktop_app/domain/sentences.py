"""Where sentences begin and end. A rule of thumb for any language, in linear time."""

from __future__ import annotations

import re
from collections.abc import Iterator

from desktop_app.domain.search import Span

# A stop, its closing quotes or brackets, then space; or a stop of Chinese and Japanese, which needs no space;
# or a line end before a blank line, a list item, a heading, a quote, a table row or a fence. Each run of stops is tried
# once only (the look-behind), so that a long one costs linear time.
_BOUNDARY = re.compile(
    r"(?P<stop>(?<![.!?…])[.!?…]++[\"'”’)\]*_`]*+)(?=\s)"
    r"|(?P<wide>[。！？]++[」』”’）]*+)"
    r"|(?P<line>\n)(?=[ \t]*+(?:\n|[-*+•][ \t]|\d{1,3}[.)][ \t]|#{1,6}[ \t]|>|\||```|~~~))"
)
_LINE_END = re.compile(r"\n")
# A search for the above stops all threads while it lasts, a tenth of a second for each million characters without a
# boundary. So the places that can be one are looked for, which is thirty times as fast, and each is tried by itself.
_AT_ONCE = 1_000_000
_PLACE = re.compile(r"[.!?…。！？\n]")
_STOPS = re.compile(r"[.!?…]+")
_LONGEST_ABBREVIATION = 6
_ABBREVIATION_LIST = """
    e.g i.e cf etc vs al fig figs eq eqs no nos vol p pp ca approx dr mr mrs ms prof st jr sr inc ltd dept est
    z.b d.h u.a bzw usw ggf nr abb art
"""
_ABBREVIATIONS = frozenset(_ABBREVIATION_LIST.split())


def sentence_spans(text: str, *, by_line: bool = False) -> list[Span]:
    """The sentences of `text` as spans without surrounding white space, in order.

    With `by_line` each line counts as a sentence, as in code. Everything but white space lies in exactly one span.
    """
    spans: list[Span] = []
    start = 0
    for boundary in _LINE_END.finditer(text) if by_line else _boundaries(text):
        if not by_line and boundary.lastgroup == "stop" and not _ends_a_sentence(text, boundary):
            continue
        add_stripped(spans, text, start, boundary.end())
        start = boundary.end()
    add_stripped(spans, text, start, len(text))
    return spans


def _boundaries(text: str) -> Iterator[re.Match[str]]:
    """As `_BOUNDARY.finditer` finds them."""
    position = 0
    while position < len(text):
        place = _PLACE.search(text, position, position + _AT_ONCE)
        if place is None:
            position += _AT_ONCE
        elif (boundary := _BOUNDARY.match(text, place.start())) is not None:
            yield boundary
            position = boundary.end()
        else:
            run = _STOPS.match(text, place.start())
            position = place.end() if run is None else run.end()


def _ends_a_sentence(text: str, stop: re.Match[str]) -> bool:
    """False for the stop of an abbreviation, an initial, or one that a lower-case word follows."""
    if text[stop.start()] != ".":
        return True
    before = text[max(0, stop.start() - _LONGEST_ABBREVIATION - 1) : stop.start()]
    if not before or before[-1].isspace():
        return True
    words = before.split()
    word = words[-1].lstrip("([\"'").lower() if words else ""
    if word in _ABBREVIATIONS or (len(word) == 1 and word.isalpha()):
        return False
    following = _first_visible(text, stop.end())
    return not following.islower() or text[stop.end()] == "\n"


def _first_visible(text: str, position: int, reach: int = 8) -> str:
    for character in text[position : position + reach]:
        if not character.isspace():
            return character
    return ""


def add_stripped(spans: list[Span], text: str, start: int, end: int) -> None:
    """Add characters [start, end) of the text without the blanks around them; nothing where there are only blanks."""
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if start < end:
        spans.append(Span(start, end))
