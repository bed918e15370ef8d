"""From a regular expression, as JSON schemas have them, to GBNF for the JSON string that fits it.

Knows characters, classes, groups, alternatives, repetitions and anchors at the ends. Where an expression allows a
character in several spellings, the grammar takes one, so that everything it lets through fits the expression.
"""

from __future__ import annotations

import re

import msgspec

from desktop_app.domain.gbnf import MAX_NESTING, MAX_REPETITIONS
from desktop_app.domain.whole_numbers import whole_number

_PRINTABLE = frozenset(map(chr, range(0x20, 0x7F)))
_DIGITS = frozenset("0123456789")
_WORD = frozenset(sign for sign in _PRINTABLE if sign.isalnum() or sign == "_")
_SHORT = {
    "d": _DIGITS,
    "w": _WORD,
    "s": frozenset(" "),
    "D": _PRINTABLE - _DIGITS,
    "W": _PRINTABLE - _WORD,
    "S": _PRINTABLE - {" "},
}
_NAMED = {"n": "\n", "t": "\t", "r": "\r", "f": "\f", "v": "\v"}
_JSON_ESCAPES = {'"': r"\"", "\\": r"\\", "\n": r"\n", "\t": r"\t", "\r": r"\r", "\f": r"\f", "\b": r"\b"}
_ANY = "anysign*"
_COUNTS = re.compile(r"\{[0-9]+(?:,[0-9]*)?\}")
ANY_SIGN = r'[^"\\\x00-\x1F\x7F] | "\\\"" | "\\\\"'
"""The rule `anysign`: one character of a JSON string, in one spelling."""


class PatternError(ValueError):
    """Something that the grammar cannot hold; the text says what."""


def grammar_of_pattern(pattern: str) -> str:
    """The expression for a JSON string, its quotes included; uses the rule `anysign`. Raises PatternError."""
    parser = _Pattern(pattern)
    body = parser.whole()
    return f'"\\"" {body} "\\""'


class _Pattern(msgspec.Struct):
    text: str
    at: int = 0
    depth: int = 0

    def whole(self) -> str:
        """Alternatives that may each be anchored; where one is not, anything may stand beside it."""
        ways = [self._anchored()]
        while self._take("|"):
            ways.append(self._anchored())
        if self.at < len(self.text):
            raise PatternError(f"“{self.text[self.at]}” stands alone")
        return f"({' | '.join(ways)})" if len(ways) > 1 else ways[0]

    def _anchored(self) -> str:
        begins = self._take("^")
        body = self._sequence()
        ends = self._take("$")
        parts = ["" if begins else _ANY, body, "" if ends else _ANY]
        return " ".join(part for part in parts if part) or '""'

    def _alternatives(self) -> str:
        ways = [self._sequence() or '""']
        while self._take("|"):
            ways.append(self._sequence() or '""')
        return f"({' | '.join(ways)})"

    def _sequence(self) -> str:
        items: list[str] = []
        while self.at < len(self.text) and self.text[self.at] not in "|)$":
            items.append(self._item() + self._times())
        return " ".join(items)

    def _item(self) -> str:
        sign = self.text[self.at]
        if sign == "(":
            return self._group()
        if sign == "[":
            return self._class()
        self.at += 1
        if sign == ".":
            return "anysign"
        if sign == "\\":
            return self._escaped()
        if sign in "*+?{^":
            raise PatternError(f"“{sign}” stands where it means nothing")
        return _spelled(sign)

    def _escaped(self) -> str:
        sign = self._next()
        if sign in _SHORT:
            return _one_of(_SHORT[sign])
        return _spelled(self._character(sign))

    def _character(self, sign: str) -> str:
        """The character behind a backslash."""
        if sign in _NAMED:
            return _NAMED[sign]
        if sign in ("x", "u"):
            length = 2 if sign == "x" else 4
            digits = self.text[self.at : self.at + length]
            self.at += length
            try:
                character = chr(int(digits, 16)) if len(digits) == length else ""
            except ValueError:
                character = ""
            if not character or 0xD800 <= ord(character) <= 0xDFFF:
                raise PatternError(f"“\\{sign}{digits}” is no character")
            return character
        if sign.isalnum():
            raise PatternError(f"“\\{sign}” is not known")
        return sign

    def _group(self) -> str:
        self.at += 1
        if self._take("?") and not self._take(":"):
            raise PatternError("look-around and named groups are not known")
        self.depth += 1
        if self.depth > MAX_NESTING:
            raise PatternError("its groups are too deep")
        body = self._alternatives()
        self.depth -= 1
        if not self._take(")"):
            raise PatternError("a group is not closed")
        return body

    def _class(self) -> str:
        self.at += 1
        negated = self._take("^")
        signs: set[str] = set()
        ranges: list[tuple[str, str]] = []
        whole = True  # no shorthand: beyond ASCII it means what it says
        first = True
        while first or not self.text.startswith("]", self.at):
            first = False
            sign = self._next()
            if sign == "\\":
                sign = self._next()
                if sign in _SHORT:
                    signs |= _SHORT[sign]
                    whole = False
                    continue
                sign = "\b" if sign == "b" else self._character(sign)
            if self.text.startswith("-", self.at) and not self.text.startswith("-]", self.at):
                self.at += 1
                ranges.append((sign, self._range_end(sign)))
            else:
                signs.add(sign)
        self.at += 1
        return _none_of(signs, ranges, beyond_ascii=whole) if negated else _one_of(frozenset(signs), ranges)

    def _range_end(self, first: str) -> str:
        last = self._next()
        if last == "\\":
            last = self._character(self._next())
        if last < first:
            raise PatternError(f"the range {first}-{last} runs backwards")
        return last

    def _times(self) -> str:
        sign = self.text[self.at : self.at + 1]
        if sign not in ("*", "+", "?", "{"):
            return ""
        end = self.at + 1 if sign != "{" else self.text.find("}", self.at) + 1
        times = self.text[self.at : end] if end else ""
        counts = times[1:-1].split(",") if sign == "{" else []
        if sign == "{" and not _COUNTS.fullmatch(times):
            raise PatternError("a repetition is written {2}, {2,} or {2,5}")
        numbers = [whole_number(count) for count in counts if count]
        if any(number is None or number > MAX_REPETITIONS for number in numbers):
            raise PatternError(f"a grammar can count to {MAX_REPETITIONS:,}")
        self.at = end
        if self.text.startswith(("?", "+"), self.at):
            raise PatternError("lazy and possessive repetitions are not known")
        return times

    def _take(self, sign: str) -> bool:
        if self.text.startswith(sign, self.at):
            self.at += len(sign)
            return True
        return False

    def _next(self) -> str:
        if self.at >= len(self.text):
            raise PatternError("it ends too early")
        self.at += 1
        return self.text[self.at - 1]


def _spelled(sign: str) -> str:
    """A GBNF literal of a character as JSON writes it."""
    spelling = sign if _is_plain(sign) else _JSON_ESCAPES.get(sign, f"\\u{ord(sign):04x}")
    return f'"{_gbnf(spelling)}"'


def _gbnf(text: str) -> str:
    return "".join(f"\\{sign}" if sign in '"\\' else sign for sign in text)


def _is_plain(sign: str) -> bool:
    return sign >= " " and sign not in ('"', "\\", "\x7f")


def _in_set(sign: str) -> str:
    return f"\\U{ord(sign):08X}"


def _one_of(signs: frozenset[str], ranges: list[tuple[str, str]] | None = None) -> str:
    parts: list[str] = []
    escaped = {sign for sign in signs if not _is_plain(sign)}
    for first, last in ranges or []:
        escaped |= {sign for sign in _JSON_ESCAPES if first <= sign <= last and not _is_plain(sign)}
        for low, high in _plain_parts(first, last):
            parts.append(f"{_in_set(low)}-{_in_set(high)}")
    parts += [_in_set(sign) for sign in sorted(signs) if _is_plain(sign)]
    ways = ([f"[{''.join(parts)}]"] if parts else []) + [_spelled(sign) for sign in sorted(escaped)]
    if not ways:
        raise PatternError("a set of characters has none that can be written")
    return f"({' | '.join(ways)})" if len(ways) > 1 else ways[0]


def _plain_parts(first: str, last: str) -> list[tuple[str, str]]:
    """The range without what JSON escapes and without surrogates."""
    stops = [0x1F, ord('"'), ord("\\"), 0x7F]
    low = max(ord(first), 0x20)
    found: list[tuple[str, str]] = []
    for stop in [*stops, 0x110000]:
        if low < stop:
            found.append((chr(low), chr(min(ord(last), stop - 1))))
        low = max(low, stop + 1)
        if low > ord(last):
            break
    return [(a, b) for a, b in found if a <= b]


def _none_of(signs: set[str], ranges: list[tuple[str, str]], *, beyond_ascii: bool) -> str:
    def is_out(sign: str) -> bool:
        return sign in signs or any(first <= sign <= last for first, last in ranges)

    if not beyond_ascii:
        return _one_of(frozenset(sign for sign in _PRINTABLE if not is_out(sign)))
    out = [f"{_in_set(first)}-{_in_set(last)}" for first, last in ranges] + [_in_set(sign) for sign in sorted(signs)]
    plain = f'[^"\\\\\\x00-\\x1F\\x7F{"".join(out)}]'
    return "(" + " | ".join([plain, *(_spelled(sign) for sign in ('"', "\\") if not is_out(sign))]) + ")"
