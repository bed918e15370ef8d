"""A model whose template does not work: the offer, the built-in template in its place, and the way back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop_app.domain.built_in_templates import BuiltInTemplate
from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.conversation import Role
from desktop_app.domain.errors import TemplateError
from desktop_app.domain.generation import ChatTurn, DecoderSpec, GenerateRequest, GenerationEnded, TokensWritten
from desktop_app.domain.gguf_header import read_gguf_header
from desktop_app.domain.sampling import SamplingSettings
from desktop_app.engines.decoder import DecoderProcess
from desktop_app.engines.launcher import WorkerLauncher
from tests.fakes.workers import starter_decoder

LOOPS = "{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}"
TURNS = (ChatTurn(Role.SYSTEM, "Be brief."), ChatTurn(Role.USER, "What is the capital of France?"))


@pytest.fixture(scope="module")
def decoder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DecoderProcess]:
    process = DecoderProcess(WorkerLauncher(tmp_path_factory.mktemp("templates") / "worker"))
    yield process
    process.close()


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The starter with a template that never ends, of the same length."""
    starter = starter_decoder()
    own = (read_gguf_header(starter).chat_template or "").encode()
    content = starter.read_bytes()
    assert content.count(own) == 1
    path = tmp_path_factory.mktemp("broken") / "broken.gguf"
    path.write_bytes(content.replace(own, LOOPS.encode().ljust(len(own))))
    return path


def answer(decoder: DecoderProcess) -> tuple[str, int]:
    request = GenerateRequest(TURNS, SamplingSettings(temperature=0, seed=1), 8, reuse_prefix=False)
    *events, last = decoder.generate(request, CancelToken())
    assert isinstance(last, GenerationEnded)
    return "".join(event.text for event in events if isinstance(event, TokensWritten)), last.figures.prompt_tokens


def spec(path: Path, template: BuiltInTemplate | None = None) -> DecoderSpec:
    return DecoderSpec(path, context_length=512, threads=2, template=template)


def test_a_template_that_loops_offers_the_familys_own_which_answers_alike(
    decoder: DecoderProcess, broken: Path
) -> None:
    decoder.load(spec(broken))
    for ask in (lambda: decoder.measure(TURNS), lambda: answer(decoder)):
        with pytest.raises(TemplateError) as caught:
            ask()
        assert caught.value.built_in is BuiltInTemplate.CHATML
    loaded = decoder.load(spec(broken, BuiltInTemplate.CHATML))
    assert loaded.has_chat_template
    mended = answer(decoder)
    decoder.load(spec(starter_decoder()))
    assert mended == answer(decoder)


def test_a_template_of_tokens_the_model_does_not_know_is_refused(decoder: DecoderProcess) -> None:
    decoder.load(spec(starter_decoder(), BuiltInTemplate.LLAMA3))
    with pytest.raises(TemplateError, match="not for this model") as caught:
        answer(decoder)
    assert caught.value.built_in is None
