"""Grammars and JSON schemas: what is refused and why, and what the grammar of a schema lets through."""

from __future__ import annotations

import json
import re
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_app.domain.constraint import CONSTRAINT_KEY, Constraint, ConstraintKind, constraint_in
from desktop_app.domain.errors import ConstraintError
from desktop_app.domain.gbnf import check_grammar
from desktop_app.domain.json_schema_grammar import _types, grammar_from_schema
from desktop_app.domain.schema_branches import BranchComparison
from tests.fakes.grammar_matcher import matches


@pytest.mark.parametrize(
    "grammar",
    [
        'root ::= "yes" | "no"',
        'root ::= item+ # a list\nitem ::= "- " [^\\n]{1,80} "\\n"\n',
        'root ::= (\n  [a-z]\n | [A-Z] )* tail?\ntail ::= "\\x41" . <[12]> !<think>',
        'root::= | "x"\r\nx-1 ::= [\\]\\\\-]{2,}',
    ],
)
def test_grammars_are_taken(grammar: str) -> None:
    check_grammar(grammar)


@pytest.mark.parametrize(
    ("grammar", "words"),
    [
        ("", "no rule “root”"),
        ('answer ::= "a"', "no rule “root”"),
        ('root ::= "a" missing', "Line 1, column 14: there is no rule “missing”"),
        ('root ::= "a', "Line 1, column 10: this text has no closing quote"),
        ("root ::= [a", "no closing bracket"),
        ("root ::= []", "is empty"),
        ('root ::= ("a"\n', "this bracket is not closed"),
        ("root = 'a'", "stands no “::=”"),
        ("root ::= * 'a'", "nothing before it"),
        ('root ::= "a"{x}', "a repetition is written"),
        ('root ::= "a"{3,2}', "fewer than the least"),
        ('root ::= "a"{5000}', "at most 2,000"),
        ('root ::= "\\q"', "no such escape"),
        ('root ::= "a" ?? )', "“)” cannot stand here"),
        ('root ::= root "a" | "b"', "begins with itself"),
        ('root ::= a "x"\na ::= "" b\nb ::= root', "begins with itself"),
        ('root ::= "a" root', "never be ended"),
        ("root ::= " + "(" * 100 + '"a"' + ")" * 100, "deep"),
        ("root ::= “a”", "cannot stand here"),
    ],
)
def test_a_bad_grammar_says_where_and_why(grammar: str, words: str) -> None:
    with pytest.raises(ConstraintError) as caught:
        check_grammar(grammar)
    assert words in str(caught.value)


@given(st.text(alphabet='root::="[](){}|*+?.<>!\\#\n ax19,^-', max_size=60))
def test_any_text_is_taken_or_refused(text: str) -> None:
    for grammar in (text, f"root ::= {text}"):
        try:
            check_grammar(grammar)
        except ConstraintError as error:
            assert error.why  # noqa: PT017 - either way is right


SCHEMAS: list[tuple[Any, list[Any], list[Any]]] = [
    ({"type": "integer"}, [0, -7, 123], [1.5, "1", None]),
    ({"type": ["string", "null"], "maxLength": 2}, ["", "ab", "é\n", None], ["abc", 1]),
    ({"type": "string", "minLength": 1}, ["a", '"\\'], [""]),
    ({"enum": ['say "hi"', "tab\there", 3, None]}, ['say "hi"', "tab\there", 3, None], ["hi"]),
    ({"type": "string", "enum": ["a", 3]}, ["a"], [3]),
    ({"const": "a\\b"}, ["a\\b"], ["ab"]),
    ({"anyOf": [{"type": "boolean"}, {"type": "number"}]}, [True, 2.5, -1e10], ["x", None]),
    (
        {"type": "array", "items": {"type": "integer"}, "minItems": 1, "maxItems": 3},
        [[1], [1, 2, 3]],
        [[], [1, 2, 3, 4], ["a"]],
    ),
    ({"type": "array", "items": {"type": "integer"}, "maxItems": 0}, [[]], [[1]]),
    ({"type": "array", "items": False}, [[]], [[1]]),
    (
        {"prefixItems": [{"type": "integer"}, {"type": "string"}], "items": False},
        [[1, "a"]],
        [[1], [1, "a", 2], ["a", 1]],
    ),
    (
        {"prefixItems": [{"type": "integer"}], "items": {"type": "null"}, "maxItems": 3},
        [[1], [1, None, None]],
        [[1, 2]],
    ),
    ({"prefixItems": [{"type": "integer"}], "minItems": 2}, [[1, "x"]], [[1], [1, 2, 3]]),
    ({"type": "array"}, [[], [1, [2, {"a": None}]]], [{}]),
    ({"type": "object"}, [{}, {"a": {"b": [1]}}], [[]]),
    ({"type": "object", "additionalProperties": {"type": "integer"}}, [{}, {"a": 1, "b": 2}], [{"a": "x"}]),
    ({"type": "object", "additionalProperties": False}, [{}], [{"a": 1}]),
    ({"required": ["any"]}, [{"any": [1]}], [{}]),
    (True, [1, "a", None, [True], {"x": 1.5}], []),
    (
        {
            "type": "object",
            "properties": {"a": {"type": "integer"}, "b": {"type": "string"}, "c": {"type": "null"}, "d": {"const": 1}},
            "required": ["b", "d"],
        },
        [
            {"b": "x", "d": 1},
            {"a": 1, "b": "x", "d": 1},
            {"a": 1, "b": "x", "c": None, "d": 1},
            {"b": "", "c": None, "d": 1},
        ],
        [{}, {"a": 1, "b": "x"}, {"b": "x"}, {"b": 1, "d": 1}, {"b": "x", "d": 1, "e": 1}],
    ),
    (
        {"properties": {"a": {"type": "integer"}, "b": {"type": "integer"}, "c": {"type": "integer"}}},
        [{}, {"a": 1}, {"b": 1}, {"c": 1}, {"a": 1, "c": 1}, {"a": 1, "b": 1, "c": 1}],
        [{"a": "x"}, {"d": 1}],
    ),
    (
        {
            "$defs": {
                "node": {
                    "type": "object",
                    "properties": {"next": {"$ref": "#/$defs/node"}, "v": {"type": "integer"}},
                    "required": ["v"],
                }
            },
            "$ref": "#/$defs/node",
        },
        [{"v": 1}, {"next": {"next": {"v": 3}, "v": 2}, "v": 1}],
        [{}, {"next": {}, "v": 1}],
    ),
]


@pytest.mark.parametrize(("schema", "good", "bad"), SCHEMAS, ids=lambda value: json.dumps(value)[:60])
def test_the_grammar_of_a_schema_lets_its_json_through_and_no_other(
    schema: Any, good: list[Any], bad: list[Any]
) -> None:
    grammar = grammar_from_schema(json.dumps(schema))
    for value in good:
        for text in (
            json.dumps(value, separators=(",", ":")),
            json.dumps(value, ensure_ascii=False),
            json.dumps(value, indent=2),
        ):
            assert matches(grammar, text), text
    for value in bad:
        assert not matches(grammar, json.dumps(value)), value


def test_strings_are_json_strings() -> None:
    grammar = grammar_from_schema('{"type": "string"}')
    for text in ('"a\nb"', '"\\q"', '"a', '"\\ud800"', '"\x00"', '"a" '):
        assert not matches(grammar, text), text


KEYWORDS = (
    "minimum maximum exclusiveMinimum exclusiveMaximum multipleOf uniqueItems format not if allOf contains "
    "patternProperties propertyNames minProperties maxProperties dependentRequired unevaluatedProperties requird"
)


@pytest.mark.parametrize("keyword", KEYWORDS.split())
def test_a_keyword_that_a_grammar_cannot_enforce_is_refused_by_name(keyword: str) -> None:
    schema = {"type": "object", "properties": {"age": {"type": "integer", keyword: 3}}}
    with pytest.raises(ConstraintError) as caught:
        grammar_from_schema(json.dumps(schema))
    assert f"{keyword} (at #/properties/age)" in caught.value.why


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ("{", "not JSON: line 1"),
        ("[]", "a JSON object"),
        ('{"type": "strng"}', "no type “strng”"),
        ('{"type": [{}]}', "no type"),
        ('{"properties": []}', "is no object"),
        ('{"required": "a"}', "no list of names"),
        ('{"minLength": -1}', "no whole number"),
        ('{"maxLength": 5000}', "can count to 2,000"),
        ('{"$ref": "https://example.org/x"}', "another document"),
        ('{"$ref": "#/$defs/none"}', "leads nowhere"),
        ('{"items": {"$ref": "#/$defs/a/anyOf/²"}, "$defs": {"a": {"anyOf": [{}]}}}', "leads nowhere"),
        ('{"$ref": "#", "minLength": 2}', "minLength beside $ref"),
        ('{"$ref": "#"}', "leads back to where it stands"),
        ('{"anyOf": [{"$ref": "#"}, {"type": "null"}]}', "The JSON schema cannot be used. A “$ref” in it leads back"),
        ('{"items": [true]}', "stands no schema"),
        ("[" * 100_000, "not JSON"),
        ('{"items":' * 80 + "true" + "}" * 80, "levels deep"),
    ],
)
def test_what_is_no_schema_says_why(schema: str, words: str) -> None:
    with pytest.raises(ConstraintError) as caught:
        grammar_from_schema(schema)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    "schema",
    [
        False,
        {"enum": []},
        {"type": "string", "enum": [1]},
        {"type": "string", "minLength": 3, "maxLength": 2},
        {"type": "array", "items": False, "minItems": 1},
        {"type": "object", "properties": {"a": False}, "required": ["a"]},
        {"type": "object", "additionalProperties": False, "required": ["a"]},
        {"type": "object", "properties": {"a": {"$ref": "#"}}, "required": ["a"]},
        {"type": "array", "items": {"$ref": "#"}, "minItems": 1},
    ],
    ids=json.dumps,
)
def test_a_schema_that_nothing_fulfils_is_refused(schema: Any) -> None:
    with pytest.raises(ConstraintError) as caught:
        grammar_from_schema(json.dumps(schema))
    assert caught.value.what == "The constraint cannot be met."
    assert caught.value.why
    assert caught.value.todo


@pytest.mark.parametrize(
    ("schema", "keyword"), [({"not": {}}, "not"), ({"allOf": [{"const": 1}, {"const": 2}]}, "allOf")], ids=str
)
def test_what_cannot_be_met_by_a_keyword_that_is_not_held_is_refused_by_its_name(schema: Any, keyword: str) -> None:
    with pytest.raises(ConstraintError) as caught:
        grammar_from_schema(json.dumps(schema))
    assert caught.value.why == f"A grammar cannot enforce {keyword} (at #)."


def kind(name: Any, **more: Any) -> dict[str, Any]:
    """An object that says what it is."""
    return {"properties": {"kind": {"const": name}, **more}, "required": ["kind"]}


EXCLUSIVE = [
    [{"type": "string"}, {"type": "null"}],
    [{"type": "string"}, {"type": ["integer", "boolean"]}, {"type": "array"}],
    [{"const": "auto"}, {"type": "integer"}],
    [{"const": 1}, {"const": True}, {"enum": ["1", None]}],
    [{"type": "object", **kind("a", x={"type": "string"})}, {"type": "object", **kind("b")}],
    [kind("a"), kind("b"), kind("c")],
    [kind("a"), {"properties": {"kind": {"enum": ["b", "c"]}}}],
    [{"required": ["a"]}, {"properties": {"b": True}, "additionalProperties": False}],
    [{"$ref": "#/$defs/a"}, {"$ref": "#/$defs/b"}],
    [{"anyOf": [{"const": 1}, {"const": 2}]}, {"oneOf": [{"const": 3}, {"type": "string"}]}],
    [kind("a", inside=kind("x")), {"properties": {"kind": {"type": "integer"}}, "required": ["kind"]}],
    [{"type": "string"}, False],
    [True],
    [{"const": [1, {"a": 1}]}, {"const": [1, {"a": 2}]}],
]
OVERLAPPING = [
    [{"type": "integer"}, {"type": "number"}],
    [{"const": 1}, {"const": 1.0}],
    [{"const": "a"}, {"type": "string"}],
    [{"type": "string", "maxLength": 2}, {"type": "string", "minLength": 3}],
    [{"properties": {"kind": {"const": "a"}}}, {"properties": {"kind": {"const": "b"}}}],
    [kind("a"), {"type": "object"}],
    [kind("a"), kind("a", x={"type": "string"})],
    [{"required": ["a"]}, {"required": ["b"]}],
    [{"type": "array", "items": {"const": 1}}, {"type": "array", "items": {"const": 2}}],
    [True, {"type": "string"}],
    [{"type": "string"}, {"type": "integer"}, {"type": ["null", "string"]}],
    [{"$ref": "#/$defs/loop"}, {"type": "string"}],
    [{"type": "string"}, {"minLength": 1}],
    [{"minLength": 1}, {"type": "integer"}],
]
DEFS = {"a": kind("a"), "b": kind("b"), "loop": {"anyOf": [{"$ref": "#/$defs/loop"}, {"const": "x"}]}}


@pytest.mark.parametrize("branches", EXCLUSIVE, ids=json.dumps)
def test_one_of_branches_that_exclude_each_other_is_any_of_them(branches: list[Any]) -> None:
    one, many = ({name: branches, "$defs": DEFS} for name in ("oneOf", "anyOf"))
    assert grammar_from_schema(json.dumps(one)) == grammar_from_schema(json.dumps(many))


@pytest.mark.parametrize("branches", OVERLAPPING, ids=json.dumps)
def test_one_of_branches_that_may_overlap_is_refused_by_its_name(branches: list[Any]) -> None:
    with pytest.raises(ConstraintError) as caught:
        grammar_from_schema(json.dumps({"oneOf": branches, "$defs": DEFS}))
    assert "cannot enforce oneOf" in caught.value.why
    assert "Use anyOf" in caught.value.todo


def test_branches_that_are_not_clear_name_their_places() -> None:
    with pytest.raises(ConstraintError, match="cannot be used") as caught:
        grammar_from_schema('{"oneOf": [{"type": "null"}, {"type": "integer"}, {"type": "number"}]}')
    assert "branch 2 and 3" in caught.value.why


@given(st.data())
def test_what_is_written_for_exclusive_branches_fits_one_of_them_alone(data: st.DataObject) -> None:
    """The proof is held against a validator, for schemas made at random."""
    schemas = st.recursive(
        st.sampled_from([{"type": name} for name in ("string", "integer", "number", "null")])
        | st.builds(lambda value: {"const": value}, st.sampled_from([0, 1.0, True, "a", None, {"kind": "a"}])),
        lambda inner: (
            st.builds(
                lambda part, needs, more: {
                    "type": "object",
                    "properties": {"kind": part},
                    "required": ["kind"] * needs,
                    "additionalProperties": more,
                },
                inner,
                st.integers(0, 1),
                st.booleans(),
            )
            | st.builds(lambda parts: {"anyOf": parts}, st.lists(inner, min_size=1, max_size=2))
        ),
        max_leaves=4,
    )
    one, other = data.draw(schemas), data.draw(schemas)
    if BranchComparison(lambda _reference: True, _types).overlapping([one, other]) is None:
        leaves = st.sampled_from([0, 1, 1.5, True, "a", None])
        values = st.recursive(leaves, lambda inner: st.dictionaries(st.sampled_from(["kind", "x"]), inner, max_size=2))
        value = data.draw(values)
        fits = [jsonschema.Draft202012Validator(each).is_valid(value) for each in (one, other)]
        assert fits != [True, True], (one, other, value)


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-999, 999) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)


@given(JSON_VALUES)
def test_a_constant_is_written_as_it_is(value: Any) -> None:
    assert matches(grammar_from_schema(json.dumps({"const": value})), json.dumps(value, ensure_ascii=False))


def test_a_constraint_is_kept_with_a_chat_and_read_back() -> None:
    constraint = Constraint(ConstraintKind.GRAMMAR, 'root ::= "a"')
    assert constraint_in({CONSTRAINT_KEY: constraint.as_settings(), "other": 1}) == constraint
    for settings in ({}, {CONSTRAINT_KEY: "x"}, {CONSTRAINT_KEY: {"kind": "regex", "text": "a"}}, {CONSTRAINT_KEY: {}}):
        assert constraint_in(settings) is None


PATTERNS: list[tuple[str, list[str], list[str]]] = [
    ("^[A-Z]{2}-[0-9]{1,3}$", ["AB-1", "ZZ-123"], ["ab-1", "AB-", "AB-1234", "xAB-1"]),
    ("^(red|green)?$", ["", "red", "green"], ["blue", "redgreen"]),
    ("cat", ["cat", "a cat!", "concatenate"], ["ca", "dog"]),
    ("^a|b$", ["a", "axe", "b", "crab"], ["xa", "bx"]),
    (r"^\d+\.\d\d$", ["3.14", "10.00"], ["3.1", "3,14"]),
    (r"^\w+@\w+\.(?:org|com)$", ["me@home.org"], ["me@home.net", "me home.org"]),
    (r'^say "[^"]*"$', ['say "hi"', 'say ""'], ['say "a"b"', "say hi"]),
    (r"^C:\\\w*$", ["C:\\temp", "C:\\"], ["C:temp", "C:/temp"]),
    (r"^[^a-y\s]+$", ["z", "ZZ9"], ["a", "z z", "y"]),
    (r"^[\]\-a]$", ["]", "-", "a"], ["b"]),
    (r"^[ -~]{3}$", ["a b", '"x"', "\\ \\"], ["ab", "äöü"]),
    (r"^line\n\S$", ["line\nx"], ["linex", "line\n "]),
    (r"^..$", ["ab", "äé", '""', "\\\\"], ["a", "abc"]),
    (r"^[a-zà-ÿ\u4e00]+$", ["é", "a一"], ["A", ""]),
]


@pytest.mark.parametrize(("pattern", "good", "bad"), PATTERNS)
def test_a_pattern_is_held_to_the_letter(pattern: str, good: list[str], bad: list[str]) -> None:
    grammar = grammar_from_schema(json.dumps({"type": "string", "pattern": pattern}))
    for text in good:
        assert re.search(pattern, text), "the test itself"
        assert matches(grammar, json.dumps(text, ensure_ascii=False)), text
    for text in bad:
        assert not re.search(pattern, text), "the test itself"
        assert not matches(grammar, json.dumps(text, ensure_ascii=False)), text


@given(st.sampled_from([each[0] for each in PATTERNS]), st.text(alphabet='abzAB-019. @"\\é一\nredcat:C', max_size=8))
def test_what_a_patterns_grammar_lets_through_fits_the_pattern(pattern: str, text: str) -> None:
    grammar = grammar_from_schema(json.dumps({"type": "string", "pattern": pattern}))
    if matches(grammar, json.dumps(text, ensure_ascii=False)):
        assert re.search(pattern, text)


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        ("^(?=a)b$", "look-around"),
        (r"^(a)\1$", "is not known"),
        (r"\bword\b", "is not known"),
        ("^a+?$", "lazy"),
        ("^(a$", "not closed"),
        ("^a)$", "stands alone"),
        ("^*a$", "means nothing"),
        ("^[a$", "ends too early"),
        ("^[z-a]$", "backwards"),
        ("^a{x}$", "a repetition is written"),
        ("^a{²}$", "a repetition is written"),
        ("^a{3000}$", "count to 2,000"),
        ("^a{" + "1" * 5000 + "}$", "count to 2,000"),
        ("a$b", "stands alone"),
        ("(" * 100 + "a" + ")" * 100, "too deep"),
    ],
)
def test_a_pattern_that_cannot_be_held_says_why(pattern: str, words: str) -> None:
    with pytest.raises(ConstraintError) as caught:
        grammar_from_schema(json.dumps({"type": "string", "pattern": pattern}))
    assert words in caught.value.why


def test_lengths_beside_a_pattern_are_refused() -> None:
    with pytest.raises(ConstraintError, match="minLength beside pattern"):
        grammar_from_schema(json.dumps({"type": "string", "pattern": "^a$", "minLength": 2}))
