"""What the chat model can do with a part of a text: rewrite it, sum it up, translate it, go on with it."""

from __future__ import annotations

import re
from enum import StrEnum

import msgspec

MOST_BEFORE = 2_000
"""Characters in front of a part that is gone on with."""

_ALONE = "Return the result alone: no preamble, no explanation, no quotation marks around it."
_KEEP = "Keep the language of the text, its Markdown, its links, names and numbers."
_FENCED = re.compile(r"\A\s*```[a-z]*\n(.*)\n```\s*\Z", re.DOTALL)
_PREAMBLE = re.compile(
    r"\A(?:sure|certainly|of course|okay|here(?:['’]s| is| are))\b[^\n]{0,160}:[ \t]*(?:\n\s*|\Z)", re.IGNORECASE
)
_QUOTES = (('"', '"'), ("“", "”"), ("„", "“"), ("«", "»"))


class RewriteTask(StrEnum):
    """What is done with the part."""

    CLEARER = "clearer"
    SHORTER = "shorter"
    CORRECT = "correct"
    SUMMARY = "summary"
    ENGLISH = "english"
    CONTINUE = "continue"
    OWN = "own"


_INSTRUCTIONS = {
    RewriteTask.CLEARER: (
        f"Rewrite the user's text so that it is clear and easy to read. Keep all facts. {_KEEP} {_ALONE}"
    ),
    RewriteTask.SHORTER: f"Shorten the user's text to about half. Keep what matters most. {_KEEP} {_ALONE}",
    RewriteTask.CORRECT: (
        f"Correct spelling, grammar and punctuation of the user's text, and change nothing else. {_KEEP} {_ALONE}"
    ),
    RewriteTask.SUMMARY: (
        f"Sum up the user's text in at most five short points, each on a line that begins with “- ”. {_KEEP} {_ALONE}"
    ),
    RewriteTask.ENGLISH: (
        f"Translate the user's text into natural English. Keep its Markdown, names and numbers. {_ALONE}"
    ),
    RewriteTask.CONTINUE: (
        f"Go on with the user's text from where it ends, in its language and tone, for one paragraph. {_ALONE}"
    ),
}
_OWN = "Change the user's text as follows: {wish}\n{keep} {alone}"


class RewriteWish(msgspec.Struct, frozen=True):
    """What a person wants of a part of a text.

    Attributes:
        own: of RewriteTask.OWN, what is to be done, in their words.
        before: what stands in front of the part; read by RewriteTask.CONTINUE alone.
    """

    task: RewriteTask
    text: str
    own: str = ""
    before: str = ""

    @property
    def is_added(self) -> bool:
        """The result stands behind the part, in place of taking its place."""
        return self.task in (RewriteTask.CONTINUE, RewriteTask.SUMMARY)

    @property
    def instructions(self) -> str:
        """What the model is told."""
        if self.task is RewriteTask.OWN:
            return _OWN.format(wish=self.own.strip(), keep=_KEEP, alone=_ALONE)
        return _INSTRUCTIONS[self.task]

    @property
    def read(self) -> str:
        """What the model reads as the person's text."""
        if self.task is RewriteTask.CONTINUE:
            return f"{self.before[-MOST_BEFORE:]}{self.text}".strip()
        return self.text.strip()

    def result(self, answer: str) -> str:
        """The answer as it takes the part's place: without an announcement, a fence or quotes that the part has not,
        between the blanks that the part has at its ends.
        """
        text = answer.strip()
        if not _PREAMBLE.match(self.text.lstrip()):
            text = _PREAMBLE.sub("", text, count=1)
        fenced = _FENCED.match(text)
        if fenced is not None and not self.text.lstrip().startswith("```"):
            text = fenced[1].strip()
        for opening, closing in _QUOTES:
            inside = text[1:-1]
            quoted = len(text) > 1 and text.startswith(opening) and text.endswith(closing)
            if quoted and opening not in inside and closing not in inside and not self.text.strip().startswith(opening):
                text = inside.strip()
        return text if self.is_added else self.in_place(text)

    def in_place(self, text: str) -> str:
        """`text` between the blanks that the part has at its ends."""
        if not text:
            return text
        stripped = self.text.strip()
        start = self.text.index(stripped) if stripped else 0
        return f"{self.text[:start]}{text}{self.text[start + len(stripped) :]}"
