"""From tokens to the text of an answer: whole characters only, and never anything that would be taken back."""

from __future__ import annotations

import codecs
from collections.abc import Callable, Sequence


class AnswerText:
    """Takes tokens one by one and gives out text that is final.

    Bytes of an unfinished character wait for the rest. Text that may be the beginning of a stop string waits, with its
    tokens, until it is one or is not.

    Args:
        stop_strings: texts that end the answer; not part of it.
        before: the bytes written before in an answer that is continued, of which the last may be half a character.
        tokenize: ids of a text; for what is left of a token that a stop string cuts.
    """

    def __init__(self, stop_strings: Sequence[str], before: bytes, tokenize: Callable[[str], tuple[int, ...]]) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._decoder.decode(before[-8:])
        self._stops = tuple(stop for stop in stop_strings if stop)
        self._longest = max((len(stop) for stop in self._stops), default=0)
        self._tokenize = tokenize
        self._waiting: list[tuple[int, str]] = []
        self.text: list[str] = []
        self.tokens: list[int] = []
        self.respelled = 0
        """How many of the last tokens spell what a stop string left of a token: the model did not choose those."""

    def add(self, token: int, piece: bytes) -> bool:
        """Take a token and its bytes; true when a stop string is complete."""
        text = self._decoder.decode(piece)
        if not self._stops:
            self.tokens.append(token)
            if text:
                self.text.append(text)
            return False
        self._waiting.append((token, text))
        waiting = "".join(part for _, part in self._waiting)
        stop_at = min((at for stop in self._stops if (at := waiting.find(stop)) >= 0), default=-1)
        if stop_at >= 0:
            self._release_up_to_stop(waiting, stop_at)
            return True
        self._release(self._sure_length(waiting))
        return False

    def take(self) -> tuple[str, tuple[int, ...]]:
        """What became final since the last call."""
        text, tokens = "".join(self.text), tuple(self.tokens)
        self.text.clear()
        self.tokens.clear()
        return text, tokens

    def end(self) -> None:
        """No more tokens: what waited for a stop string is text after all."""
        self._release(sum(len(text) for _, text in self._waiting))

    def _sure_length(self, waiting: str) -> int:
        """Characters in front of the earliest ending that a stop string begins with."""
        for start in range(max(0, len(waiting) - self._longest + 1), len(waiting)):
            if any(stop.startswith(waiting[start:]) for stop in self._stops):
                return start
        return len(waiting)

    def _release(self, length: int) -> None:
        """Give out the tokens whose text lies within the first `length` waiting characters."""
        released = used = 0
        for token, text in self._waiting:
            if used + len(text) > length:
                break
            used += len(text)
            released += 1
            self.tokens.append(token)
            if text:
                self.text.append(text)
        del self._waiting[:released]

    def _release_up_to_stop(self, waiting: str, stop_at: int) -> None:
        """Give out what stands before the stop string; the beginning of a token it cuts is spelled with own tokens."""
        before = sum(len(text) for _, text in self._waiting)
        self._release(stop_at)
        released = before - sum(len(text) for _, text in self._waiting)
        rest = waiting[released:stop_at]
        if rest:
            self.text.append(rest)
            spelled = self._tokenize(rest)
            self.respelled = len(spelled)
            self.tokens.extend(spelled)
        self._waiting.clear()
