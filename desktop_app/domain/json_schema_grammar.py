"""From a JSON schema to the GBNF grammar of exactly the JSON it allows, or to an error that names what cannot be held.

llama.cpp's own converter drops what it does not know, lets line breaks into strings and breaks at quotes in constants;
this one refuses by name, and what it gives out is JSON.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from desktop_app.domain.errors import ConstraintError
from desktop_app.domain.gbnf import MAX_REPETITIONS, LeftRecursionError, check_grammar, unmeetable
from desktop_app.domain.pattern_grammar import ANY_SIGN, PatternError, grammar_of_pattern
from desktop_app.domain.schema_branches import BranchComparison
from desktop_app.domain.whole_numbers import whole_number

MAX_CHARACTERS = 100_000
MAX_DEPTH = 64

_BY_TYPE: Mapping[str, frozenset[str]] = {
    "object": frozenset(("properties", "required", "additionalProperties")),
    "array": frozenset(("items", "prefixItems", "minItems", "maxItems")),
    "string": frozenset(("minLength", "maxLength", "pattern")),
    "integer": frozenset(),
    "number": frozenset(),
    "boolean": frozenset(),
    "null": frozenset(),
}
_WORDS_ABOUT = frozenset(("title", "description", "default", "example", "examples", "deprecated")).union(
    ("readOnly", "writeOnly", "$schema", "$id", "$comment", "$defs", "definitions")
)
_WHOLE = ("$ref", "const", "enum", "anyOf", "oneOf")
_HOLDS_SCHEMAS = ("properties", "$defs", "definitions")
_HOLDS_LIST = ("anyOf", "oneOf", "prefixItems")
_HOLDS_ONE = ("items", "additionalProperties")

_BASE: Mapping[str, str] = {
    "ws": r'| " " | "\n" [ \t]{0,20}',
    "char": r'[^"\\\x7F\x00-\x1F] | "\\" (["\\/bfnrt] | "u" ([0-9a-cefA-CEF] hex | [dD] [0-7]) hex hex)',
    "hex": "[0-9a-fA-F]",
    "string": r'"\"" char* "\""',
    "anysign": ANY_SIGN,
    "digits": '"0" | [1-9] [0-9]{0,14}',
    "integer": '"-"? digits',
    "number": '"-"? digits ("." [0-9]{1,15})? ([eE] [-+]? [0-9]{1,2})?',
    "boolean": '"true" | "false"',
    "null": '"null"',
    "value": "object | array | string | number | boolean | null",
    "member": 'string ":" ws value',
    "object": '"{" ws (member ("," ws member)* ws)? "}"',
    "array": '"[" ws (value ("," ws value)* ws)? "]"',
}


def grammar_from_schema(text: str) -> str:
    """The grammar. Raises ConstraintError: no JSON, not a schema, keywords that cannot be held, or nothing fits it."""
    schema = read_schema(text)
    _refuse_keywords(schema)
    writer = _Writer(schema)
    root = writer.visit(schema)
    if root is None:
        raise unmeetable("No JSON fits the schema: it contradicts itself.")
    grammar = writer.grammar(root)
    try:
        check_grammar(grammar, every_rule_ends=True)
    except LeftRecursionError:
        raise _bad("A “$ref” in it leads back to where it stands, with nothing written between.") from None
    return grammar


def read_schema(text: str) -> Any:
    """The schema as JSON. Raises ConstraintError."""
    if len(text) > MAX_CHARACTERS:
        raise _bad(f"It has {len(text):,} characters; {MAX_CHARACTERS:,} are the most.")
    try:
        schema = json.loads(text)
    except json.JSONDecodeError as error:
        raise _bad(f"It is not JSON: line {error.lineno}, column {error.colno}: {error.msg}.") from None
    except (RecursionError, ValueError):
        raise _bad("It is not JSON that can be read.") from None
    if not isinstance(schema, dict | bool):
        raise _bad("A schema is a JSON object.")
    return schema


def _bad(why: str, todo: str = "Correct the schema.") -> ConstraintError:
    return ConstraintError("The JSON schema cannot be used.", why, todo)


# What cannot be held ------------------------------------------------------------------------------


def _refuse_keywords(schema: Any) -> None:
    """Name every keyword, anywhere, that a grammar cannot enforce."""
    found: dict[str, str] = {}
    _collect(schema, "#", found, 0)
    if found:
        shown = [f"{name} (at {place})" for name, place in list(found.items())[:8]]
        more = " and others" if len(found) > len(shown) else ""
        raise _bad(
            f"A grammar cannot enforce {', '.join(shown)}{more}.",
            "Take these keywords out; check those values in what was written.",
        )


def _collect(schema: Any, place: str, found: dict[str, str], depth: int) -> None:
    if depth > MAX_DEPTH:
        raise _bad(f"It is more than {MAX_DEPTH} levels deep.")
    if isinstance(schema, bool):
        return
    if not isinstance(schema, dict):
        raise _bad(f"At {place} stands no schema.")
    known = _WORDS_ABOUT.union(_WHOLE, ("type",), *_BY_TYPE.values())
    for name in schema:
        if name not in known and not name.startswith("x-"):
            found.setdefault(name, place)
    for name, part, where in _parts(schema, place):
        if name in found and found[name] == place:
            continue
        _collect(part, where, found, depth + 1)


def _parts(schema: Mapping[str, Any], place: str) -> Iterable[tuple[str, Any, str]]:
    """(keyword, schema inside it, where that stands)."""
    for name in _HOLDS_SCHEMAS:
        inside = schema.get(name, {})
        if not isinstance(inside, dict):
            raise _bad(f"“{name}” at {place} is no object.")
        for key, part in inside.items():
            yield name, part, f"{place}/{name}/{key}"
    for name in _HOLDS_LIST:
        listed = schema.get(name, [])
        if not isinstance(listed, list):
            raise _bad(f"“{name}” at {place} is no list.")
        for number, part in enumerate(listed):
            yield name, part, f"{place}/{name}/{number}"
    for name in _HOLDS_ONE:
        if name in schema:
            yield name, schema[name], f"{place}/{name}"


# Writing ------------------------------------------------------------------------------------------


class _Writer:
    """Collects rules. A visit returns the expression for a schema, or None where nothing can fulfil it."""

    def __init__(self, schema: Any) -> None:
        self._schema = schema
        self._rules: dict[str, str] = {}
        self._references: dict[str, str | None] = {}

    def grammar(self, root: str) -> str:
        """All rules as text, those used first."""
        rules = {"root": root, **self._rules, **_BASE}
        return "".join(f"{name} ::= {body}\n" for name, body in rules.items())

    def visit(self, schema: Any) -> str | None:
        """The expression for a schema."""
        if schema is True:
            return "value"
        if schema is False:
            return None
        whole = [name for name in _WHOLE if name in schema]
        if whole:
            return self._visit_whole(whole[0], schema)
        kinds = _types(schema)
        return self._either([self._visit_type(kind, schema) for kind in kinds])

    def _visit_whole(self, name: str, schema: Mapping[str, Any]) -> str | None:
        """A schema that one keyword decides alone; a type may stand beside constants."""
        beside = set(schema) - _WORDS_ABOUT - {name} - ({"type"} if name in ("const", "enum") else set())
        beside = {each for each in beside if not each.startswith("x-")}
        if beside:
            raise _bad(f"A grammar cannot enforce {', '.join(sorted(beside))} beside {name}.")
        if name == "$ref":
            return self._visit_reference(schema["$ref"])
        if name == "oneOf":
            self._refuse_overlap(schema["oneOf"])
        if name in ("anyOf", "oneOf"):
            return self._either([self.visit(each) for each in schema[name]])
        values = schema["enum"] if name == "enum" else [schema["const"]]
        if not isinstance(values, list):
            raise _bad("“enum” is no list.")
        kinds = _types(schema) if "type" in schema else tuple(_BY_TYPE)
        fitting = [value for value in values if any(_is(kind, value) for kind in kinds)]
        return self._either([_literal(json.dumps(value, ensure_ascii=False)) for value in fitting])

    def _refuse_overlap(self, branches: list[Any]) -> None:
        """A grammar lets through what fits any of them: raise ConstraintError where something could fit two."""
        overlap = BranchComparison(self._target, _types).overlapping(branches)
        if overlap is not None:
            raise _bad(
                f"A grammar cannot enforce oneOf: something may fit both its branch {overlap[0]} and {overlap[1]}.",
                "Use anyOf, or give each branch a type of its own or a required property with a constant of its own.",
            )

    def _visit_reference(self, reference: Any) -> str | None:
        if not isinstance(reference, str) or not (reference == "#" or reference.startswith("#/")):
            raise _bad(f"“{str(reference)[:80]}” refers to another document; only “#/…” can be followed.")
        if reference not in self._references:
            name = f"ref{len(self._references)}"
            self._references[reference] = name
            body = self.visit(self._target(reference))
            if body is None:
                self._references[reference] = None
            self._rules[name] = body if body is not None else f'" " {name}'  # never ends
        return self._references[reference]

    def _target(self, reference: str) -> Any:
        target = self._schema
        for step in reference.split("/")[1:]:
            key = step.replace("~1", "/").replace("~0", "~")
            if isinstance(target, dict) and key in target:
                target = target[key]
            elif isinstance(target, list) and (place := whole_number(key)) is not None and place < len(target):
                target = target[place]
            else:
                raise _bad(f"“{reference[:80]}” leads nowhere.")
        if not isinstance(target, dict | bool):
            raise _bad(f"“{reference[:80]}” leads to no schema.")
        return target

    def _visit_type(self, kind: str, schema: Mapping[str, Any]) -> str | None:
        if kind == "object":
            return self._visit_object(schema)
        if kind == "array":
            return self._visit_array(schema)
        if kind == "string":
            return self._visit_string(schema)
        return kind

    def _visit_string(self, schema: Mapping[str, Any]) -> str | None:
        if "pattern" in schema:
            return self._visit_pattern(schema)
        least, most = _range(schema, "minLength", "maxLength")
        if most is not None and most < least:
            return None
        if not least and most is None:
            return "string"
        return f'"\\"" char{_times(least, most)} "\\""'

    def _visit_pattern(self, schema: Mapping[str, Any]) -> str:
        beside = [name for name in ("minLength", "maxLength") if name in schema]
        if beside:
            raise _bad(f"A grammar cannot enforce {', '.join(beside)} beside pattern.")
        pattern = schema["pattern"]
        try:
            return self._rule(grammar_of_pattern(str(pattern)))
        except PatternError as error:
            raise _bad(f"A grammar cannot enforce the pattern “{str(pattern)[:60]}”: {error}.") from None

    def _visit_object(self, schema: Mapping[str, Any]) -> str | None:
        properties: dict[str, Any] = dict(schema.get("properties", {}))
        required = schema.get("required", [])
        if not isinstance(required, list) or not all(isinstance(name, str) for name in required):
            raise _bad("“required” is no list of names.")
        more = schema.get("additionalProperties", True)
        if not properties and not required:
            return self._visit_map(more)
        for name in required:
            properties.setdefault(name, more)
        members: list[tuple[str, bool]] = []
        for name, part in properties.items():
            body = self.visit(part)
            if body is not None:
                key = _literal(json.dumps(name, ensure_ascii=False))
                members.append((self._rule(f'{key} ":" ws {body}'), name in required))
            elif name in required:
                return None
        return self._rule(f'"{{" ws {self._members(members)} "}}"')

    def _visit_map(self, more: Any) -> str:
        if more is True:
            return "object"
        body = self.visit(more)
        if body is None:
            return '"{" ws "}"'
        member = self._rule(f'string ":" ws {body}')
        return self._rule(f'"{{" ws ({member} ("," ws {member})* ws)? "}}"')

    def _members(self, members: Sequence[tuple[str, bool]]) -> str:
        """Required members and any of the optional ones, in their order, with commas between those that are there."""
        after: dict[int, str] = {len(members): "ws"}
        for place in range(len(members) - 1, 0, -1):
            name, required = members[place]
            piece = f'"," ws {name}' if required else f'("," ws {name})?'
            after[place] = self._rule(f"{piece} {after[place + 1]}")
        ways = []
        for place, (name, required) in enumerate(members):
            ways.append(f"{name} {after[place + 1]}")
            if required:
                return f"({' | '.join(ways)})"
        return f"({' | '.join(ways)})?" if ways else ""

    def _visit_array(self, schema: Mapping[str, Any]) -> str | None:
        least, most = _range(schema, "minItems", "maxItems")
        if most is not None and most < least:
            return None
        first: list[str] = []
        for part in schema.get("prefixItems", [])[:most]:
            body = self.visit(part)
            if body is None:
                most = len(first)
                break
            first.append(body)
        rest = self.visit(schema.get("items", True))
        if rest is None:
            most = len(first)
        if most is not None and most < least:
            return None
        if rest == "value" and not first and not least and most is None:
            return "array"
        low = max(0, least - len(first))
        high = None if most is None else most - len(first)
        if first and "items" not in schema:
            high = low  # more would be allowed; nobody asked for it
        return self._rule(f'"[" ws {self._items(first, rest or "value", low, high)} "]"')

    def _items(self, first: Sequence[str], rest: str, low: int, high: int | None) -> str:
        """The first ones, then `low` to `high` of the rest."""
        if high == 0:
            return ' "," ws '.join(first) + " ws" if first else ""
        further = self._rule(f'"," ws {rest}')
        if first:
            return ' "," ws '.join(first) + f" {further}{_times(low, high)} ws"
        more = f"{rest} {further}{_times(max(0, low - 1), None if high is None else high - 1)} ws"
        return more if low else f"({more})?"

    def _either(self, ways: Sequence[str | None]) -> str | None:
        possible = list(dict.fromkeys(way for way in ways if way is not None))
        if not possible:
            return None
        return possible[0] if len(possible) == 1 else self._rule(" | ".join(possible))

    def _rule(self, body: str) -> str:
        for name, known in self._rules.items():
            if known == body:
                return name
        name = f"r{len(self._rules)}"
        self._rules[name] = body
        return name


def _types(schema: Mapping[str, Any]) -> tuple[str, ...]:
    """The types a schema allows: as it says, else those its keywords speak of, else all."""
    said = schema.get("type")
    listed = said if isinstance(said, list) else [said] if said is not None else []
    for name in listed:
        if not isinstance(name, str) or name not in _BY_TYPE:
            raise _bad(f"There is no type “{str(name)[:40]}”.")
    if listed:
        return tuple(dict.fromkeys(listed))
    meant = tuple(kind for kind, keywords in _BY_TYPE.items() if keywords & set(schema))
    return meant or ("object", "array", "string", "number", "boolean", "null")


def _is(kind: str, value: Any) -> bool:
    if isinstance(value, bool):
        return kind == "boolean"
    kinds: Mapping[str, type | tuple[type, ...]] = {
        "object": dict,
        "array": list,
        "string": str,
        "integer": int,
        "number": (int, float),
        "null": type(None),
        "boolean": bool,
    }
    return isinstance(value, kinds[kind])


def _range(schema: Mapping[str, Any], low: str, high: str) -> tuple[int, int | None]:
    least, most = schema.get(low, 0), schema.get(high)
    for name, value in ((low, least), (high, most if most is not None else 0)):
        if isinstance(value, bool) or not isinstance(value, int) or value < 0:
            raise _bad(f"“{name}” is no whole number from 0 on.")
        if value > MAX_REPETITIONS:
            raise _bad(f"“{name}” is {value:,}; a grammar can count to {MAX_REPETITIONS:,}.")
    return least, most


def _times(least: int, most: int | None) -> str:
    if most is None:
        return "*" if not least else f"{{{least},}}"
    return f"{{{least},{most}}}" if most else "{0,0}"


def _literal(text: str) -> str:
    """A GBNF literal of exactly that text."""
    escaped = "".join(
        f"\\{sign}" if sign in '"\\' else f"\\x{ord(sign):02X}" if ord(sign) < 0x20 or ord(sign) == 0x7F else sign
        for sign in text
    )
    return f'"{escaped}"'
