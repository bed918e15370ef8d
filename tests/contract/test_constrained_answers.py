"""Answers under a grammar or a JSON schema, with the real model: they hold it, repeat by the seed, and cost little."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from msgspec.structs import replace

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.constraint import Constraint, ConstraintKind
from desktop_app.domain.conversation import Role
from desktop_app.domain.errors import ConstraintError
from desktop_app.domain.generation import (
    ChatTurn,
    DecoderSpec,
    GenerateRequest,
    GenerationEnded,
    ReadingProgress,
    StopReason,
    TokensWritten,
)
from desktop_app.domain.sampling import SamplingSettings
from desktop_app.engines.decoder import DecoderProcess
from desktop_app.engines.launcher import WorkerLauncher
from desktop_app.services.constraint_check import what_is_wrong
from tests.fakes.probes import ask_probe
from tests.fakes.workers import starter_decoder

PERSON = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "minLength": 1, "maxLength": 20},
        "age": {"type": "integer"},
        "hobbies": {"type": "array", "items": {"enum": ["reading", "sailing", "chess"]}, "minItems": 1, "maxItems": 3},
    },
    "required": ["name", "age", "hobbies"],
}
QUESTION = "Describe a person in JSON."


@pytest.fixture(scope="module")
def decoder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DecoderProcess]:
    process = DecoderProcess(WorkerLauncher(tmp_path_factory.mktemp("constraints") / "worker"))
    process.load(DecoderSpec(starter_decoder(), context_length=512, threads=1))
    yield process
    process.close()


def write(
    decoder: DecoderProcess,
    constraint: Constraint | None,
    *,
    turns: tuple[ChatTurn, ...] = (ChatTurn(Role.USER, QUESTION),),
    max_tokens: int = 120,
    **sampling: Any,
) -> tuple[str, StopReason]:
    settings = SamplingSettings(**{"temperature": 1.0, "seed": 5, **sampling})
    continued = turns[-1].role is Role.ASSISTANT
    request = GenerateRequest(
        turns, settings, max_tokens, continue_last=continued, reuse_prefix=False, constraint=constraint
    )
    text, reason = "", None
    for event in decoder.generate(request, CancelToken()):
        if isinstance(event, TokensWritten):
            text += event.text
        elif isinstance(event, GenerationEnded):
            reason = event.stop_reason
    assert reason is not None
    return text, reason


def schema(value: Any) -> Constraint:
    return Constraint(ConstraintKind.JSON_SCHEMA, json.dumps(value))


def grammar(text: str) -> Constraint:
    return Constraint(ConstraintKind.GRAMMAR, text)


@pytest.mark.parametrize("seed", range(4))
def test_an_answer_fits_its_schema_and_the_same_seed_repeats_it(decoder: DecoderProcess, seed: int) -> None:
    answers = [write(decoder, schema(PERSON), seed=seed, temperature=1.5, top_k=0, min_p=0.0) for _ in range(2)]
    assert answers[0] == answers[1]
    text, reason = answers[0]
    assert reason is StopReason.END
    assert what_is_wrong(text, reason, schema(PERSON)) == ""
    assert json.loads(text)["hobbies"]


@pytest.mark.parametrize(
    "sampling",
    [
        {"temperature": 0.0},
        {"typical_p": 0.2},
        {"mirostat": 1},
        {"mirostat": 2},
        {"xtc_probability": 1.0, "xtc_threshold": 0.01, "top_n_sigma": 1.0, "dry_multiplier": 1.0},
        {"repeat_penalty": 2.0, "logit_bias": '"{"=never, sea=5', "order": "temperature, top_p, penalties"},
    ],
)
def test_a_constraint_holds_with_every_sampler(decoder: DecoderProcess, sampling: dict[str, Any]) -> None:
    text, reason = write(decoder, grammar('root ::= "sea" ("," " "? ("sky" | "sea")){3,5} "."'), **sampling)
    assert reason is StopReason.END
    assert re.fullmatch(r"sea(, ?(sky|sea)){3,5}\.", text)


def test_a_pattern_holds_for_what_the_model_writes(decoder: DecoderProcess) -> None:
    plate = {"type": "string", "pattern": r'^[A-Z]{2}-\d{3} ("\S+"|[^\d\s]\\x)$'}
    for seed in range(3):
        text, reason = write(decoder, schema(plate), seed=seed, temperature=1.5, top_k=0, min_p=0.0)
        assert what_is_wrong(text, reason, schema(plate)) == "", text


def test_an_answer_that_is_cut_is_marked(decoder: DecoderProcess) -> None:
    text, reason = write(decoder, schema(PERSON), max_tokens=8)
    assert reason is StopReason.LIMIT
    assert "cut" in what_is_wrong(text, reason, schema(PERSON))


def test_an_answer_goes_on_under_its_constraint(decoder: DecoderProcess) -> None:
    question, begun = ChatTurn(Role.USER, QUESTION), '{"name":"Ada","age":'
    text, reason = write(decoder, schema(PERSON), turns=(question, ChatTurn(Role.ASSISTANT, begun)))
    assert what_is_wrong(begun + text, reason, schema(PERSON)) == ""
    with pytest.raises(ConstraintError) as caught:
        write(decoder, schema(PERSON), turns=(question, ChatTurn(Role.ASSISTANT, "Once upon")))
    assert "cannot be continued" in caught.value.what


def test_a_bad_constraint_is_refused_before_anything_is_read(decoder: DecoderProcess) -> None:
    too_many = "root ::= " + " ".join(f'("{n}"{{0,60}}){{0,60}}' for n in range(3))
    for constraint in (schema({"type": "integer", "minimum": 3}), grammar("root ::= a"), grammar(too_many)):
        request = GenerateRequest((ChatTurn(Role.USER, "Hi"),), SamplingSettings(seed=1), constraint=constraint)
        with pytest.raises(ConstraintError):
            next(iter(decoder.generate(request, CancelToken())))
    assert write(decoder, None, max_tokens=3)[1] is StopReason.LIMIT, "the process is as it was"


def test_a_beginning_is_checked_against_the_grammar_also_while_an_answer_is_written(decoder: DecoderProcess) -> None:
    constraint = grammar('root ::= "sea" ("," " sea"){1,3}')
    request = GenerateRequest((ChatTurn(Role.USER, "Hi"),), SamplingSettings(seed=1), constraint=constraint)
    tokens = tuple(
        token
        for event in decoder.generate(request, CancelToken())
        if isinstance(event, TokensWritten)
        for token in event.token_ids
    )
    written = b"".join(decoder.spell(tokens)).decode()
    assert re.fullmatch("sea(, sea){1,3}", written)
    running = decoder.generate(replace(request, constraint=None), CancelToken())
    next(running)
    gbnf = constraint.grammar()
    assert decoder.allows(gbnf, tokens)
    assert decoder.allows(gbnf, ())
    assert decoder.allows(gbnf, (*tokens, 2)), "it may end there"
    assert not decoder.allows(gbnf, (*tokens[:1], 2)), "and not there"
    assert not decoder.allows(gbnf, (*tokens[:-1], tokens[0], tokens[0]))
    with pytest.raises(ConstraintError):
        decoder.allows("root ::= " + " ".join(f'("{n}"{{0,60}}){{0,60}}' for n in range(3)), tokens)
    running.close()


def test_what_no_token_can_say_is_an_error_and_keeps_what_came_before(decoder: DecoderProcess) -> None:
    request = GenerateRequest(
        (ChatTurn(Role.USER, "Hi"),),
        SamplingSettings(temperature=0.0, seed=1),
        constraint=grammar('root ::= "Hi" <[999999]>'),
    )
    texts: list[str] = []

    def take() -> None:
        for event in decoder.generate(request, CancelToken()):
            assert isinstance(event, ReadingProgress | TokensWritten)
            texts.extend([event.text] if isinstance(event, TokensWritten) else [])

    with pytest.raises(ConstraintError) as caught:
        take()
    assert "Nothing this model can say" in caught.value.what
    assert "".join(texts) == "Hi"


def test_the_grammar_looks_at_the_whole_vocabulary_only_where_a_token_was_refused() -> None:
    (answer,) = ask_probe(
        "tests.contract.grammar_probe", [{"grammar": 'root ::= " sea" " sky" " sea"'}], str(starter_decoder())
    )
    assert answer["wanted"] == [" sea", " sky", " sea"]
    assert " sea sky sea".startswith("".join(answer["written"]))
    assert answer["refused_when_wanted"] == 0
    assert answer["refused_when_not"] == 3


def test_reasoning_that_the_template_opened_is_free_and_the_grammar_begins_after_it() -> None:
    orders = [{"grammar": 'root ::= " sea" " sky" " sea"'}]
    (answer,) = ask_probe("tests.contract.grammar_probe", orders, str(starter_decoder()))
    assert answer["thought"].startswith("\n blue</think> sea")
    assert " sea sky sea".startswith(answer["thought"].partition("</think>")[2])
    assert answer["refused_after_reasoning"] == 1
