"""What a list shows of a text, and titles taken from texts."""

from __future__ import annotations

import re

from desktop_app.domain.front_matter import broken_front_matter_end, split_front_matter
from desktop_app.domain.plain_markdown import plain_markdown
from desktop_app.domain.wiki_links import link_words

_HEADING = re.compile(r"^ {0,3}#{1,6}[ \t]+(.*?)[ \t]*#*[ \t]*$")
_FENCE = re.compile(r"^ {0,3}(```|~~~)")
_MARKS = re.compile(r"^(?:[>\-*+#•\s]|\d+[.)]\s)+")
#: Boxes of tasks and kinds of callouts.
_SIGNS = re.compile(r"^(?:\[[ xX]\](?:\s+|$)|\[![A-Za-z][\w-]*\][+-]?\s*)")
_MOST_TITLE = 200
_MOST_LOOKED_AT = 4000


def first_heading(text: str) -> str:
    """Text of the first Markdown heading outside code fences, empty where there is none in the first part."""
    fenced = False
    for line in text[: 16 * _MOST_LOOKED_AT].splitlines():
        if _FENCE.match(line):
            fenced = not fenced
        elif not fenced and (found := _HEADING.match(line)) and (title := _plain(found.group(1))):
            return title
    return ""


def first_line(text: str) -> str:
    """The first line that says something, without Markdown marks."""
    return next(iter(_plain_lines(text)), "")


def title_of(text: str) -> str:
    """A note's title from its text: its first heading, else its first line; empty for an empty text. Lines at the top
    that are broken front matter give none.
    """
    text = text[broken_front_matter_end(text) :]
    return first_heading(text) or first_line(text)


def own_title(title: str, text: str) -> str:
    """The title when it was typed or came with a file, empty when it is the text's own (`title_of`)."""
    return "" if title == title_of(text) else title


def snippet(title: str, text: str, limit: int = 120) -> str:
    """At most `limit` characters of the text after the title, on one line, without Markdown marks."""
    body = split_front_matter(text)[1]
    said = ""
    for looked_at in (2 * limit, 8 * limit, _MOST_LOOKED_AT):
        end = body.find("\n", looked_at) + 1  # whole lines say by themselves, and in their place, what all would say
        is_all = not 0 < end < _MOST_LOOKED_AT
        words = _plain_lines(body if is_all else body[:end])
        if words and words[0] == title:
            words = words[1:]
        said = " ".join(filter(None, (_SIGNS.sub("", line) for line in words)))
        if is_all or len(said) >= limit:
            break
    return said[:limit].strip()


def _plain_lines(text: str) -> list[str]:
    """The lines that say something in the first part of a text."""
    lines = (
        _one_line(_MARKS.sub("", line)) for line in plain_markdown(link_words(text[:_MOST_LOOKED_AT])).text.splitlines()
    )
    return [line for line in lines if line]


def _plain(line: str) -> str:
    return _one_line(plain_markdown(link_words(line)).text)


def _one_line(line: str) -> str:
    return " ".join(line.replace("\x00", " ").split())[:_MOST_TITLE]
