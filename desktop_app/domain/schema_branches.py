"""Whether two schemas of JSON exclude each other, so that “one of them” is the same as “any of them”."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import combinations
from typing import Any

KINDS = ("object", "array", "string", "integer", "number", "boolean", "null")
_MOST_STEPS = 20_000
_MOST_DEPTH = 32
_WAYS = ("anyOf", "oneOf")


class BranchComparison:
    """Proves that nothing written for one schema fits another; where that would take too long, it is not proven.

    Args:
        resolve: the schema that a “$ref” leads to; raises ConstraintError.
        written_kinds: the types of what is written for a schema, which may be fewer than it takes.
    """

    def __init__(
        self, resolve: Callable[[str], Any], written_kinds: Callable[[Mapping[str, Any]], Iterable[str]]
    ) -> None:
        self._resolve = resolve
        self._written_kinds = written_kinds
        self._steps = 0

    def overlapping(self, branches: list[Any]) -> tuple[int, int] | None:
        """The first two of `branches`, counted from 1, that are not proven to exclude each other."""
        for (first, one), (second, other) in combinations(enumerate(branches, 1), 2):
            if not (self.exclude(one, other) and self.exclude(other, one)):
                return first, second
        return None

    def exclude(self, written: Any, other: Any, depth: int = 0) -> bool:
        """True where it is certain that nothing written for the first schema fits the other."""
        self._steps += 1
        if depth > _MOST_DEPTH or self._steps > _MOST_STEPS:
            return False
        written, other = self._followed(written), self._followed(other)
        if written is False or other is False:
            return True
        if not isinstance(written, dict) or not isinstance(other, dict):
            return False
        if (ways := _ways(written)) is not None:
            return all(self.exclude(way, other, depth + 1) for way in ways)
        if (ways := _ways(other)) is not None:
            return all(self.exclude(written, way, depth + 1) for way in ways)
        if (values := constants(written)) is not None:
            return not any(_may_fit(value, other) for value in values)
        kinds = frozenset(self._written_kinds(written))
        if (values := constants(other)) is not None:
            return not any(_shared_kinds(frozenset((kind_of(value),)), kinds) for value in values)
        shared = _shared_kinds(kinds, _kinds(other))
        return not shared or (shared == {"object"} and self._objects_exclude(written, other, depth))

    def _objects_exclude(self, written: Mapping[str, Any], other: Mapping[str, Any], depth: int) -> bool:
        """One requires a member that the other allows only with other values, or not at all."""
        required = [*_required(written), *_required(other)]
        return any(self.exclude(_member(written, name), _member(other, name), depth + 1) for name in required)

    def _followed(self, schema: Any) -> Any:
        for _ in range(_MOST_DEPTH):
            if not isinstance(schema, dict) or not isinstance(schema.get("$ref"), str):
                return schema
            schema = self._resolve(schema["$ref"])
        return True


def _ways(schema: Mapping[str, Any]) -> list[Any] | None:
    return next((schema[name] for name in _WAYS if isinstance(schema.get(name), list)), None)


def constants(schema: Mapping[str, Any]) -> list[Any] | None:
    """The only values a schema allows, None where it is not about constants."""
    if "const" in schema:
        listed = [schema["const"]]
    elif isinstance(schema.get("enum"), list):
        listed = schema["enum"]
    else:
        return None
    kinds = _kinds(schema)
    return [value for value in listed if _shared_kinds(frozenset((kind_of(value),)), kinds)]


def kind_of(value: Any) -> str:
    """The JSON type of a value; “integer” for 1.0, too."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "integer" if value == value // 1 else "number"
    if isinstance(value, str):
        return "string"
    return "array" if isinstance(value, list) else "object"


def _may_fit(value: Any, schema: Mapping[str, Any]) -> bool:
    values = constants(schema)
    if values is not None:
        return any(_same(value, each) for each in values)
    return bool(_shared_kinds(frozenset((kind_of(value),)), _kinds(schema)))


def _same(value: Any, other: Any) -> bool:
    """As JSON compares: 1 is 1.0 and is not true."""
    if isinstance(value, list) and isinstance(other, list):
        return len(value) == len(other) and all(map(_same, value, other))
    if isinstance(value, dict) and isinstance(other, dict):
        return value.keys() == other.keys() and all(_same(value[key], other[key]) for key in value)
    return isinstance(value, bool) == isinstance(other, bool) and bool(value == other)


def _kinds(schema: Mapping[str, Any]) -> frozenset[str]:
    """Without a type a schema takes what its keywords do not speak of as well."""
    said = schema.get("type")
    listed = said if isinstance(said, list) else [said] if said is not None else KINDS
    return frozenset(kind for kind in listed if isinstance(kind, str))


def _shared_kinds(one: frozenset[str], other: frozenset[str]) -> frozenset[str]:
    numbers = frozenset(("integer", "number"))
    shared = one & other
    return shared | numbers if one & numbers and other & numbers and "number" in one | other else shared


def _required(schema: Mapping[str, Any]) -> list[str]:
    required = schema.get("required", [])
    return [name for name in required if isinstance(name, str)] if isinstance(required, list) else []


def _member(schema: Mapping[str, Any], name: str) -> Any:
    properties = schema.get("properties", {})
    if isinstance(properties, dict) and name in properties:
        return properties[name]
    return schema.get("additionalProperties", True)
