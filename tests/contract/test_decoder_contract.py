"""What every decoder promises, asked of the real worker with the starter model and of the scripted one."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

import psutil
import pytest
from msgspec.structs import replace

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.conversation import Role
from desktop_app.domain.errors import DecoderBusyError, MessageTooLongError, WorkerCrashedError
from desktop_app.domain.generation import (
    ChatTurn,
    DecoderEvent,
    DecoderSpec,
    GenerateRequest,
    GenerationEnded,
    ReadingProgress,
    StopReason,
    TokensWritten,
    WorkerPhase,
)
from desktop_app.domain.sampling import SamplingSettings
from desktop_app.engines.decoder import DecoderProcess
from desktop_app.engines.launcher import WorkerLauncher
from tests.fakes.workers import scripted_decoder, starter_decoder, tiny_model

SAMPLING = SamplingSettings(temperature=0.7, top_p=0.9, seed=7)
CONTEXT_LENGTH = 1280
LONG_TEXT = "The keeper wrote of wind, of ships and of the long winter nights above the sea. " * 50


@dataclass
class Subject:
    """A decoder under test, with a spec that it loads."""

    decoder: DecoderProcess
    spec: DecoderSpec


@pytest.fixture(scope="module", params=["real", "scripted"])
def subject(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Subject]:
    folder = tmp_path_factory.mktemp("decoder")
    if request.param == "real":
        decoder = DecoderProcess(WorkerLauncher(folder / "worker"))
        spec = DecoderSpec(starter_decoder(), context_length=CONTEXT_LENGTH, threads=2)
    else:
        decoder = scripted_decoder(folder, token_seconds=0.005, slice_seconds=0.05)
        spec = DecoderSpec(tiny_model(folder), context_length=CONTEXT_LENGTH)
    yield Subject(decoder, spec)
    decoder.close()


@pytest.fixture
def decoder(subject: Subject) -> DecoderProcess:
    subject.decoder.load(subject.spec)
    return subject.decoder


def ask(text: str, **options: object) -> GenerateRequest:
    request = GenerateRequest((ChatTurn(Role.USER, text),), SAMPLING, max_tokens=24, reuse_prefix=False)
    return replace(request, **options)  # type: ignore[arg-type]


def answer(events: list[DecoderEvent]) -> tuple[str, tuple[int, ...]]:
    written = [event for event in events if isinstance(event, TokensWritten)]
    return "".join(event.text for event in written), tuple(token for event in written for token in event.token_ids)


def ended(events: list[DecoderEvent]) -> GenerationEnded:
    last = events[-1]
    assert isinstance(last, GenerationEnded)
    return last


def test_load_tells_what_it_found_and_is_free_the_second_time(subject: Subject) -> None:
    loaded = subject.decoder.load(subject.spec)
    assert loaded.context_length == CONTEXT_LENGTH
    assert loaded.has_chat_template
    assert loaded.fingerprint
    began = time.perf_counter()
    assert subject.decoder.load(subject.spec) is loaded
    # Starting the process alone takes longer than this.
    assert time.perf_counter() - began < 0.25
    assert subject.decoder.status.phase is WorkerPhase.READY


def test_an_answer_streams_and_ends_with_its_figures(decoder: DecoderProcess) -> None:
    events = list(decoder.generate(ask("Tell me about the sea."), CancelToken()))
    text, ids = answer(events)
    figures = ended(events).figures
    assert isinstance(events[0], ReadingProgress)
    assert text
    assert figures.generated_tokens == len(ids)
    assert figures.cached_tokens == 0
    assert figures.seed == 7
    assert figures.first_token_s > 0
    assert ended(events).stop_reason in (StopReason.LIMIT, StopReason.END)


def test_the_same_seed_gives_the_same_text(decoder: DecoderProcess) -> None:
    first, second = (answer(list(decoder.generate(ask("Tell me a story."), CancelToken()))) for _ in range(2))
    assert first == second
    other = replace(SAMPLING, seed=8)
    assert answer(list(decoder.generate(ask("Tell me a story.", sampling=other), CancelToken()))) != first


def test_a_second_turn_reads_only_what_is_new(decoder: DecoderProcess) -> None:
    first = ask("Tell me about the sea and its weather.")
    text, ids = answer(list(decoder.generate(first, CancelToken())))
    turns = (*first.turns, ChatTurn(Role.ASSISTANT, text, ids), ChatTurn(Role.USER, "Go on."))
    measure = decoder.measure(turns)
    events = list(decoder.generate(GenerateRequest(turns, SAMPLING, max_tokens=8), CancelToken()))
    figures = ended(events).figures
    assert figures.prompt_tokens == measure.total_tokens
    # All of the first prompt and all of the answer but its last token, which was never decoded.
    assert figures.cached_tokens >= figures.prompt_tokens - measure.turn_tokens[2] - 8
    assert figures.cached_tokens == measure.cached_tokens
    assert sum(1 for event in events if isinstance(event, ReadingProgress)) >= 1


def test_the_limit_ends_an_answer(decoder: DecoderProcess) -> None:
    events = list(decoder.generate(ask("Write a long story.", max_tokens=5), CancelToken()))
    assert ended(events).stop_reason is StopReason.LIMIT
    assert len(answer(events)[1]) == 5


def test_a_stop_string_ends_an_answer_and_is_never_shown(decoder: DecoderProcess) -> None:
    whole, _ = answer(list(decoder.generate(ask("Write a long story."), CancelToken())))
    stop = whole[len(whole) // 2 : len(whole) // 2 + 4]
    before = whole[: whole.index(stop)]
    events = list(decoder.generate(ask("Write a long story.", stop_strings=(stop,)), CancelToken()))
    assert ended(events).stop_reason is StopReason.STOP_STRING
    assert before.startswith(answer(events)[0].rstrip())
    assert stop not in answer(events)[0]


def test_a_message_that_does_not_fit_is_refused_with_its_length(decoder: DecoderProcess) -> None:
    with pytest.raises(MessageTooLongError) as caught:
        list(decoder.generate(ask(LONG_TEXT * 3), CancelToken()))
    assert caught.value.tokens > caught.value.room > 0
    assert decoder.status.phase is WorkerPhase.READY


def test_the_context_runs_full(decoder: DecoderProcess) -> None:
    words = (LONG_TEXT * 2).split()
    low, high = 0, len(words)
    while low + 1 < high:
        middle = (low + high) // 2
        fits = decoder.measure((ChatTurn(Role.USER, " ".join(words[:middle])),)).total_tokens < CONTEXT_LENGTH - 4
        low, high = (middle, high) if fits else (low, middle)
    text = " ".join(words[:low])
    sampling = SamplingSettings(temperature=0.9, seed=3)
    events = list(decoder.generate(ask(text, max_tokens=400, sampling=sampling), CancelToken()))
    figures = ended(events).figures
    if ended(events).stop_reason is not StopReason.END:
        assert ended(events).stop_reason is StopReason.CONTEXT_FULL
        assert figures.prompt_tokens + figures.generated_tokens >= CONTEXT_LENGTH


def test_cancel_while_reading(decoder: DecoderProcess) -> None:
    cancel = CancelToken()
    events: list[DecoderEvent] = []
    began = 0.0
    for event in decoder.generate(ask(LONG_TEXT), cancel):
        events.append(event)
        if isinstance(event, ReadingProgress) and not began and event.done < event.total:
            began = time.perf_counter()
            cancel.cancel()
    assert began, "the prompt was read in one piece"
    assert time.perf_counter() - began < 1.0
    assert ended(events).stop_reason is StopReason.STOPPED
    assert ended(events).figures.generated_tokens == 0


def test_cancel_while_writing_keeps_what_was_written(decoder: DecoderProcess) -> None:
    cancel = CancelToken()
    events: list[DecoderEvent] = []
    began = 0.0
    for event in decoder.generate(ask("Write a very long story.", max_tokens=900), cancel):
        events.append(event)
        if isinstance(event, TokensWritten) and not began:
            began = time.perf_counter()
            cancel.cancel()
    assert time.perf_counter() - began < 1.0
    assert ended(events).stop_reason is StopReason.STOPPED
    assert answer(events)[0]


def test_a_token_cancelled_before_stops_at_once(decoder: DecoderProcess) -> None:
    cancel = CancelToken()
    cancel.cancel()
    events = list(decoder.generate(ask(LONG_TEXT), cancel))
    assert ended(events).stop_reason is StopReason.STOPPED


def test_a_stop_that_comes_on_the_heels_of_an_answer_is_heard(decoder: DecoderProcess) -> None:
    """The worker may still be tidying up after the answer before when the next question and its stop arrive."""
    for _ in range(25):
        list(decoder.generate(ask("Hi", max_tokens=1), CancelToken()))
        cancel = CancelToken()
        cancel.cancel()
        assert ended(list(decoder.generate(ask("Hello", max_tokens=900), cancel))).stop_reason is StopReason.STOPPED


def test_measure_answers_while_an_answer_is_written(decoder: DecoderProcess) -> None:
    cancel = CancelToken()
    measured = 0.0
    for event in decoder.generate(ask("Write a very long story.", max_tokens=900), cancel):
        if isinstance(event, TokensWritten) and not measured:
            began = time.perf_counter()
            assert decoder.measure((ChatTurn(Role.USER, "How long is this?"),)).total_tokens > 3
            measured = time.perf_counter() - began
            cancel.cancel()
    assert 0 < measured < 0.5


def test_only_one_answer_at_a_time(decoder: DecoderProcess) -> None:
    cancel = CancelToken()
    running = decoder.generate(ask("Write a very long story.", max_tokens=900), cancel)
    next(running)
    with pytest.raises(DecoderBusyError):
        next(iter(decoder.generate(ask("And me?"), CancelToken())))
    running.close()
    assert answer(list(decoder.generate(ask("And me?"), CancelToken())))[0]


def test_killed_in_mid_answer(subject: Subject, decoder: DecoderProcess) -> None:
    """Within a second the caller knows, what was written stays, and the next answer comes within three."""
    events: list[DecoderEvent] = []
    running = decoder.generate(ask("Write a very long story.", max_tokens=900), CancelToken())
    for event in running:
        events.append(event)
        if isinstance(event, TokensWritten):
            break
    assert decoder.pid is not None
    psutil.Process(decoder.pid).kill()
    killed = time.perf_counter()
    with pytest.raises(WorkerCrashedError) as caught:
        events.extend(running)
    assert time.perf_counter() - killed < 1.0
    assert caught.value.todo
    assert answer(events)[0]
    assert decoder.status.phase is WorkerPhase.CRASHED
    assert decoder.loaded is None
    began = time.perf_counter()
    assert answer(list(decoder.generate(ask("Are you there?", max_tokens=4), CancelToken())))[1]
    assert time.perf_counter() - began < 3.0
    assert decoder.loaded is not None


def test_unload_gives_the_process_back(subject: Subject, decoder: DecoderProcess) -> None:
    pid = decoder.pid
    assert pid is not None
    decoder.unload()
    assert not psutil.pid_exists(pid)
    assert decoder.status.phase is WorkerPhase.OFF
    assert decoder.loaded is None
