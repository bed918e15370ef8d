"""What a model thinks before it answers: told apart from the answer by the marks that model families put around it.

Only the beginning of an answer can be reasoning; the same marks further on are words like any other.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import Enum
from typing import Any

import msgspec

from desktop_app.domain.conversation import EDITED

OPENS_REASONING = "opens_reasoning"
"""Key of a message's `settings_used`: the template had opened the reasoning already, so the text begins inside it."""

REASONING_TOKENS = "reasoning_tokens"
REASONING_SECONDS = "reasoning_s"
"""Keys of a message's `settings_used`: how much was thought, and for how long."""

_MOST = 10**9
"""More than any answer takes, in tokens and in seconds."""

_MARKS = {
    "<think>": "</think>",
    "<thinking>": "</thinking>",
    "<thought>": "</thought>",
    "<reasoning>": "</reasoning>",
    "<seed:think>": "</seed:think>",
    "[THINK]": "[/THINK]",
    "<|begin_of_thought|>": "<|end_of_thought|>",
    "◁think▷": "◁/think▷",
    "<|channel|>analysis<|message|>": "<|channel|>final<|message|>",
}
_HAND_OVER = re.compile(r"(?:<\|end\|>)?(?:<\|start\|>assistant)?$")
_LONE_END = re.compile(r"(?:^|\n)[ \t]*</(?:think|thinking)>[ \t]*(?:\r?\n|$)")
_FENCE = re.compile(r"^ {0,3}(?:```|~~~)", re.MULTILINE)
_LOOK_BACK = 40


class _Stage(Enum):
    START = 1
    REASONING = 2
    AFTER = 3
    ANSWER = 4


class ReasoningChange(msgspec.Struct, frozen=True):
    """What a piece of text added to each part; `moved`: what was taken for the answer so far was reasoning."""

    reasoning: str = ""
    answer: str = ""
    moved: bool = False


class ReasoningStream:
    """Tells reasoning from answer while text arrives. The work for a piece does not grow with what came before.

    `opened`: the text begins inside the reasoning.
    """

    def __init__(self, *, opened: bool = False) -> None:
        self._opened = opened
        self._stage = _Stage.START
        self._held = ""  # could still become a mark, or is blank
        self._endings = tuple(_MARKS.values())
        self._reasoning: list[str] = []
        self._answer: list[str] = []
        self._recent = ""
        self.found = False

    @property
    def is_open(self) -> bool:
        """True inside the reasoning, also where the text ends there."""
        return self._stage is _Stage.REASONING

    @property
    def is_undecided(self) -> bool:
        """True until enough came to tell whether the text begins with reasoning."""
        return self._stage is _Stage.START

    @property
    def reasoning(self) -> str:
        """The reasoning so far, without its marks."""
        self._reasoning = ["".join(self._reasoning)]
        return self._reasoning[0]

    @property
    def answer(self) -> str:
        """The answer so far."""
        self._answer = ["".join(self._answer)]
        return self._answer[0]

    def append(self, text: str) -> ReasoningChange:
        """More text came."""
        reasoning = answer = ""
        rest = self._held + text
        self._held = ""
        while rest:
            if self._stage is _Stage.START:
                rest = self._begin(rest)
            elif self._stage is _Stage.REASONING:
                thought, rest = self._think(rest)
                reasoning += thought
            elif self._stage is _Stage.AFTER:
                rest = rest.lstrip()
                self._stage = _Stage.ANSWER if rest else _Stage.AFTER
            else:
                answer, rest = rest, ""
        self._reasoning.append(reasoning)
        self._answer.append(answer)
        if answer and not self.found and self._ends_here(answer):
            return ReasoningChange(moved=True)
        return ReasoningChange(reasoning, answer)

    def finish(self) -> ReasoningChange:
        """No more text will come: show also what could still have become a mark."""
        held, self._held = self._held, ""
        if self._stage is _Stage.REASONING:
            self._reasoning.append(held)
            return ReasoningChange(reasoning=held)
        if self._stage is _Stage.START:
            self._answer.append(held)
            return ReasoningChange(answer=held)
        if not self.found and self._moves(at_end=True):
            return ReasoningChange(moved=True)
        return ReasoningChange()

    def _begin(self, text: str) -> str:
        body = text.lstrip()
        for opening, ending in _MARKS.items():
            if body.startswith(opening):
                self._endings = (ending,)
                self._stage = _Stage.REASONING
                self.found = True
                return body[len(opening) :].lstrip("\r\n")
        if not body or any(opening.startswith(body) for opening in _MARKS):
            self._held = text
            return ""
        self._stage = _Stage.REASONING if self._opened else _Stage.ANSWER
        self.found = self._opened
        return text

    def _think(self, text: str) -> tuple[str, str]:
        """(reasoning, what follows it) of `text`; what could become its end is held back."""
        places = [(at, ending) for ending in self._endings if (at := text.find(ending)) >= 0]
        if not places:
            keep = max(_overlap(text, ending) for ending in self._endings)
            self._held = text[len(text) - keep :]
            return text[: len(text) - keep], ""
        at, ending = min(places)
        self._stage = _Stage.AFTER
        return _HAND_OVER.sub("", text[:at]).rstrip(), text[at + len(ending) :]

    def _ends_here(self, text: str) -> bool:
        """An end without a beginning, alone on its line: all before it was reasoning."""
        recent = self._recent + text
        self._recent = recent[-_LOOK_BACK:]
        return "\n" in text and "</think" in recent and self._moves(at_end=False)

    def _moves(self, *, at_end: bool) -> bool:
        whole = self.answer
        match = _LONE_END.search(whole)
        if match is None or not (at_end or match.group().endswith("\n")):
            return False
        if len(_FENCE.findall(whole, 0, match.start())) % 2:
            return False
        self._reasoning = [whole[: match.start()].strip()]
        self._answer = [whole[match.end() :].lstrip()]
        self._stage = _Stage.ANSWER if self._answer[0] else _Stage.AFTER
        self.found = True
        return True


class Reasoned(msgspec.Struct, frozen=True):
    """A text in its two parts; `is_open`: it ends before the reasoning does."""

    reasoning: str
    answer: str
    is_open: bool = False


def split_reasoning(text: str, *, opened: bool = False) -> Reasoned:
    """The parts of a finished text. Without reasoning the answer is the text, byte for byte."""
    stream = ReasoningStream(opened=opened)
    stream.append(text)
    stream.finish()
    if not stream.found:
        return Reasoned("", text)
    return Reasoned(stream.reasoning, stream.answer, stream.is_open)


def answer_of(text: str, settings_used: Mapping[str, Any]) -> str:
    """What a message says to its reader: its text without the reasoning in front."""
    return split_reasoning(text, opened=begins_inside(text, settings_used)).answer


def begins_inside(text: str, settings_used: Mapping[str, Any]) -> bool:
    """True where a message's text begins inside the reasoning; a person who edited it may have taken that out."""
    if not settings_used.get(OPENS_REASONING):
        return False
    return not settings_used.get(EDITED) or any(ending in text for ending in _MARKS.values())


def reasoning_tokens(settings_used: Mapping[str, Any]) -> int:
    """How many tokens were thought; 0 where none were, and where what is kept is no such number."""
    return int(_amount(settings_used.get(REASONING_TOKENS)))


def reasoning_seconds(settings_used: Mapping[str, Any]) -> float:
    """How long was thought; 0 where nothing was, and where what is kept is no such number."""
    return float(_amount(settings_used.get(REASONING_SECONDS)))


def _amount(kept: object) -> int | float:
    """`kept` comes from files and from stores that may be damaged. Nothing is NaN or endless between these bounds."""
    if isinstance(kept, bool) or not isinstance(kept, int | float) or not 0 <= kept <= _MOST:
        return 0
    return kept


def opens_reasoning(prompt: str) -> bool:
    """True where a rendered prompt ends inside the reasoning, so that the model writes no mark at its beginning."""
    return prompt.rstrip().endswith(tuple(_MARKS))


def _overlap(text: str, mark: str) -> int:
    """Length of the longest end of `text` that `mark` begins with."""
    for length in range(min(len(mark) - 1, len(text)), 0, -1):
        if text.endswith(mark[:length]):
            return length
    return 0
