"""Reads a GBNF grammar as llama.cpp does, to say what is wrong with it before a model process sees it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping

import msgspec

from desktop_app.domain.errors import ConstraintError

MAX_CHARACTERS = 200_000
MAX_NESTING = 60
MAX_REPETITIONS = 2000  # llama.cpp's own bound; above it llama.cpp would silently drop a maximum
ROOT = "root"

_NAME = re.compile(r"[a-zA-Z0-9-]+")
_COUNT = re.compile(r"\{\s*([0-9]{1,9})\s*(,\s*([0-9]{1,9})?\s*)?\}")
_TOKEN = re.compile(r"!?<(?:\[[0-9]{1,9}\]|[^<>\s]+)>")
_ESCAPE = re.compile(r'\\(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[trn\\"\[\]])')


class _Item(msgspec.Struct):
    """A reference (`name`), a group (`group`), or text; `optional` where it may be left out."""

    name: str = ""
    group: list[list[_Item]] | None = None
    is_empty: bool = False
    optional: bool = False


_Alternatives = list[list[_Item]]
_Test = Callable[[_Alternatives], bool]


class _Parser(msgspec.Struct):
    """Raises ConstraintError naming line and column."""

    text: str
    at: int = 0
    depth: int = 0
    rules: dict[str, _Alternatives] = msgspec.field(default_factory=dict)
    used: dict[str, int] = msgspec.field(default_factory=dict)

    def parse(self) -> None:
        self._space(lines=True)
        while self.at < len(self.text):
            self._rule()

    def _rule(self) -> None:
        name = self._match(_NAME, "a rule’s name is missing here")
        self._space()
        if not self.text.startswith("::=", self.at):
            raise self._wrong(f"after “{name}” stands no “::=”")
        self.at += 3
        self._space(lines=True)
        self.rules[name] = self._alternatives(nested=False)
        if self.at < len(self.text) and self.text[self.at] not in "\r\n":
            raise self._wrong(f"“{self.text[self.at]}” cannot stand here")
        self._space(lines=True)

    def _alternatives(self, *, nested: bool) -> _Alternatives:
        found = [self._sequence(nested=nested)]
        while self._next() == "|":
            self.at += 1
            self._space(lines=True)
            found.append(self._sequence(nested=nested))
        return found

    def _sequence(self, *, nested: bool) -> list[_Item]:
        items: list[_Item] = []
        while True:
            sign = self._next()
            if sign and sign in "*+?{":
                self._repeat(items)
            elif (item := self._item(sign)) is not None:
                items.append(item)
            else:
                return items
            self._space(lines=nested)

    def _item(self, sign: str) -> _Item | None:
        if sign == '"':
            return self._literal()
        if sign == "[":
            return self._characters()
        if sign and sign in "<!":
            self._match(_TOKEN, "a token is written <[number]> or <name>")
            return _Item()
        if sign == "(":
            return self._group()
        if sign == ".":
            self.at += 1
            return _Item()
        if sign and _NAME.match(sign):
            start = self.at
            name = self._match(_NAME, "")
            self.used.setdefault(name, start)
            return _Item(name)
        return None

    def _literal(self) -> _Item:
        start = self.at
        self.at += 1
        while self._next() != '"':
            self._character(start, "this text has no closing quote")
        self.at += 1
        return _Item(is_empty=self.at - start == 2)

    def _characters(self) -> _Item:
        start = self.at
        self.at += 1
        negated = self._next() == "^"
        if negated:
            self.at += 1
        first = self.at
        while self._next() != "]":
            self._character(start, "this set of characters has no closing bracket")
        empty = self.at == first
        self.at += 1
        if empty:
            raise self._wrong("this set of characters is empty", start)
        return _Item()

    def _character(self, start: int, unclosed: str) -> None:
        sign = self._next()
        if not sign:
            raise self._wrong(unclosed, start)
        if sign != "\\":
            self.at += 1
            return
        self._match(_ESCAPE, "there is no such escape")

    def _group(self) -> _Item:
        start = self.at
        self.depth += 1
        if self.depth > MAX_NESTING:
            raise self._wrong(f"brackets stand more than {MAX_NESTING} deep")
        self.at += 1
        self._space(lines=True)
        group = self._alternatives(nested=True)
        if self._next() != ")":
            raise self._wrong("this bracket is not closed", start)
        self.at += 1
        self.depth -= 1
        return _Item(group=group)

    def _repeat(self, items: list[_Item]) -> None:
        sign = self._next()
        if not items:
            raise self._wrong(f"“{sign}” has nothing before it")
        if sign != "{":
            self.at += 1
            items[-1].optional |= sign in "*?"
            return
        match = _COUNT.match(self.text, self.at)
        if match is None:
            raise self._wrong("a repetition is written {2}, {2,} or {2,5}")
        least = int(match[1])
        most = int(match[3]) if match[3] else least
        if max(least, most) > MAX_REPETITIONS:
            raise self._wrong(f"at most {MAX_REPETITIONS:,} repetitions can be asked for")
        if most < least:
            raise self._wrong("the most repetitions are fewer than the least")
        items[-1].optional |= least == 0
        self.at = match.end()

    def _next(self) -> str:
        return self.text[self.at : self.at + 1]

    def _match(self, pattern: re.Pattern[str], reason: str) -> str:
        match = pattern.match(self.text, self.at)
        if match is None:
            raise self._wrong(reason)
        self.at = match.end()
        return match[0]

    def _space(self, *, lines: bool = False) -> None:
        blank = " \t\r\n" if lines else " \t"
        while self.at < len(self.text):
            if self.text[self.at] == "#":
                end = self.text.find("\n", self.at)
                self.at = end if end >= 0 else len(self.text)
            elif self.text[self.at] in blank:
                self.at += 1
            else:
                return

    def _wrong(self, reason: str, at: int | None = None) -> ConstraintError:
        place = self.at if at is None else at
        line = self.text.count("\n", 0, place) + 1
        column = place - (self.text.rfind("\n", 0, place) + 1) + 1
        return _bad(f"Line {line}, column {column}: {reason}.")

    def check_references(self) -> None:
        for name, place in self.used.items():
            if name not in self.rules:
                raise self._wrong(f"there is no rule “{name}”", place)


def check_grammar(text: str, *, every_rule_ends: bool = False) -> None:
    """Raise ConstraintError where llama.cpp could not use the grammar, or no text could ever fulfil it.

    `every_rule_ends` refuses a part, too, that could be begun and never be ended.
    """
    if len(text) > MAX_CHARACTERS:
        raise _bad(f"It has {len(text):,} characters; {MAX_CHARACTERS:,} are the most.")
    if "\0" in text:
        raise _bad("It holds a NUL character.")
    parser = _Parser(text)
    parser.parse()
    parser.check_references()
    if ROOT not in parser.rules:
        raise _bad(f"It has no rule “{ROOT}”, with which it would begin.")
    _refuse_left_recursion(parser.rules)
    ends = _that_can_end(parser.rules)
    if ROOT not in ends or (every_rule_ends and len(ends) < len(parser.rules)):
        raise unmeetable("A part of it could be begun and never be ended: it always holds itself.")


class LeftRecursionError(ConstraintError):
    """A rule that begins with itself."""


def unmeetable(why: str) -> ConstraintError:
    """The error for a constraint that nothing can fulfil."""
    return ConstraintError("The constraint cannot be met.", why, "Correct it; nothing was generated.")


def _bad(why: str) -> ConstraintError:
    return ConstraintError("The grammar cannot be used.", why, "Correct the grammar.")


def _that_can_end(rules: Mapping[str, _Alternatives]) -> set[str]:
    """Rules from which a finite text can come."""
    ends: set[str] = set()

    def item_ends(item: _Item) -> bool:
        if item.optional:
            return True
        if item.group is not None:
            return any(all(map(item_ends, sequence)) for sequence in item.group)
        return not item.name or item.name in ends

    return _grown(rules, ends, lambda alternatives: any(all(map(item_ends, each)) for each in alternatives))


def _that_may_be_empty(rules: Mapping[str, _Alternatives]) -> set[str]:
    empty: set[str] = set()

    def may_be_empty(item: _Item) -> bool:
        if item.optional or item.is_empty:
            return True
        if item.group is not None:
            return any(all(map(may_be_empty, sequence)) for sequence in item.group)
        return item.name in empty

    return _grown(rules, empty, lambda alternatives: any(all(map(may_be_empty, each)) for each in alternatives))


def _grown(rules: Mapping[str, _Alternatives], found: set[str], holds: _Test) -> set[str]:
    """Add rules to `found` until none is added."""
    changed = True
    while changed:
        new = {name for name, alternatives in rules.items() if name not in found and holds(alternatives)}
        changed = bool(new)
        found |= new
    return found


def _refuse_left_recursion(rules: Mapping[str, _Alternatives]) -> None:
    empty = _that_may_be_empty(rules)

    def firsts(alternatives: Iterable[Iterable[_Item]]) -> set[str]:
        names: set[str] = set()
        for sequence in alternatives:
            for item in sequence:
                names |= firsts(item.group) if item.group is not None else {item.name} - {""}
                skippable = item.optional or item.is_empty or item.name in empty
                if item.group is not None and not skippable:
                    skippable = any(
                        all(part.optional or part.is_empty or part.name in empty for part in each)
                        for each in item.group
                    )
                if not skippable:
                    break
        return names

    reach = {name: firsts(alternatives) for name, alternatives in rules.items()}
    for start in rules:
        seen: set[str] = set()
        waiting = list(reach[start])
        while waiting:
            name = waiting.pop()
            if name == start:
                raise LeftRecursionError(
                    "The grammar cannot be used.",
                    f"The rule “{start}” begins with itself; put a text before it.",
                    "Correct the grammar.",
                )
            if name not in seen:
                seen.add(name)
                waiting += reach[name]
