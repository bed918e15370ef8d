"""A model that is not wanted any more is gone within a second, whatever it was doing: loading, reading, writing."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest
from msgspec.structs import replace

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.conversation import Role
from desktop_app.domain.errors import CancelledError, InkwellError
from desktop_app.domain.generation import ChatTurn, DecoderSpec, GenerateRequest, WorkerPhase, WorkerStatus
from desktop_app.domain.sampling import SamplingSettings
from desktop_app.domain.search import EncoderSpec
from desktop_app.engines.decoder import DecoderProcess
from desktop_app.engines.encoder import EncoderProcess
from desktop_app.engines.launcher import WorkerLauncher
from tests.fakes.workers import scripted_decoder, starter_decoder, starter_encoder, tiny_model

PROMISED_SECONDS = 1.0
LONG_TEXT = "The keeper wrote of wind, of ships and of the long winter nights above the sea. " * 100


@dataclass
class Subject:
    """An engine with a spec that it loads, and another that replaces it."""

    engine: Any
    spec: Any
    other: Any


def make(kind: str, folder: Path) -> Subject:
    if kind == "encoder":
        spec: Any = EncoderSpec(str(starter_encoder()))
        return Subject(EncoderProcess(WorkerLauncher(folder / "worker")), spec, replace(spec, threads=1))
    if kind == "decoder":
        spec = DecoderSpec(starter_decoder(), context_length=2048)
        return Subject(DecoderProcess(WorkerLauncher(folder / "worker")), spec, replace(spec, context_length=512))
    spec = DecoderSpec(tiny_model(folder))
    behaviour: dict[str, Any] = {"load_seconds": 30.0} if kind == "slow" else {"behaviour": "hang", "at": "load"}
    return Subject(scripted_decoder(folder, **behaviour), spec, replace(spec, context_length=512))


def ended_afterwards(kind: str, folder: Path) -> Iterator[Subject]:
    made = make(kind, folder)
    yield made
    made.engine.close()


@pytest.fixture(params=["encoder", "decoder", "slow", "hanging"])
def subject(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Subject]:
    yield from ended_afterwards(request.param, tmp_path)


@pytest.fixture
def encoder(tmp_path: Path) -> Iterator[Subject]:
    yield from ended_afterwards("encoder", tmp_path)


class Loading:
    """A load in a thread of its own, and what became of it."""

    def __init__(self, subject: Subject, reached: Callable[[WorkerStatus], bool]) -> None:
        self.cancel = CancelToken()
        self.error: BaseException | None = None
        self.ended_at = 0.0
        self._subject = subject
        self._reached = threading.Event()
        subject.engine.subscribe(lambda status: self._reached.set() if reached(status) else None)
        self._thread = threading.Thread(target=self._load)
        self._thread.start()
        assert self._reached.wait(60), "the load never came so far"
        # Status is told before the process does what comes next.
        self.child = psutil.Process(subject.engine.pid) if subject.engine.pid is not None else None

    def _load(self) -> None:
        try:
            self._subject.engine.load(self._subject.spec, self.cancel)
        except InkwellError as error:
            self.error = error
        self.ended_at = time.perf_counter()

    def seconds_until_over(self, began: float) -> float:
        self._thread.join(20)
        assert not self._thread.is_alive()
        return self.ended_at - began

    def assert_gone(self, began: float) -> None:
        """No process is left, at the latest when the promised time is over."""
        if self.child is not None:
            left = psutil.wait_procs([self.child], max(0.0, began + PROMISED_SECONDS - time.perf_counter()))[1]
            assert not left


POINTS: dict[str, Callable[[WorkerStatus], bool]] = {
    "starting": lambda status: status.phase is WorkerPhase.STARTING,
    "loading": lambda status: status.phase is WorkerPhase.LOADING,
    "importing": lambda status: status.phase is WorkerPhase.LOADING and status.progress >= 0.05,
    "weights": lambda status: status.phase is WorkerPhase.LOADING and status.progress >= 0.6,
}


@pytest.mark.parametrize("point", ["starting", "loading"])
def test_a_cancelled_load_is_over_within_a_second(point: str, subject: Subject) -> None:
    assert_cancelled(subject, point)


@pytest.mark.parametrize("point", ["importing", "weights"])
def test_an_encoder_is_deaf_to_nothing_while_it_loads(point: str, encoder: Subject) -> None:
    """Imports of a native library, and what it computes for its calibration, hold the interpreter."""
    assert_cancelled(encoder, point)


def assert_cancelled(subject: Subject, point: str) -> None:
    loading = Loading(subject, POINTS[point])
    began = time.perf_counter()
    loading.cancel.cancel()
    assert time.perf_counter() - began < 0.1, "whoever cancels does not wait"
    assert loading.seconds_until_over(began) < PROMISED_SECONDS
    assert isinstance(loading.error, CancelledError)
    loading.assert_gone(began)
    assert subject.engine.status.phase is WorkerPhase.OFF
    assert subject.engine.loaded is None


@pytest.mark.parametrize("how", ["unload", "close"])
def test_a_load_that_is_stopped_is_over_within_a_second(how: str, subject: Subject) -> None:
    loading = Loading(subject, POINTS["loading"])
    began = time.perf_counter()
    getattr(subject.engine, how)()
    assert time.perf_counter() - began < PROMISED_SECONDS
    assert loading.seconds_until_over(began) < PROMISED_SECONDS
    assert isinstance(loading.error, CancelledError)
    loading.assert_gone(began)
    assert subject.engine.status.phase is WorkerPhase.OFF


def test_a_load_is_replaced_within_a_second(subject: Subject) -> None:
    """The person chose another model meanwhile: its process starts as soon as the first load was cancelled."""
    loading = Loading(subject, POINTS["loading"])
    started = threading.Event()
    second = CancelToken()

    def look(status: WorkerStatus) -> None:
        if status.phase is WorkerPhase.STARTING:
            started.set()

    def load() -> None:
        try:
            subject.engine.load(subject.other, second)
        except CancelledError:
            return

    subject.engine.subscribe(look)
    replacing = threading.Thread(target=load)
    replacing.start()
    began = time.perf_counter()
    loading.cancel.cancel()
    assert started.wait(PROMISED_SECONDS)
    assert loading.seconds_until_over(began) < PROMISED_SECONDS
    loading.assert_gone(began)
    second.cancel()
    replacing.join(20)
    assert not replacing.is_alive()


def test_who_waits_behind_anothers_load_can_be_cancelled(subject: Subject) -> None:
    loading = Loading(subject, POINTS["loading"])
    waiting = CancelToken()
    ended: list[float] = []

    def load() -> None:
        with pytest.raises(CancelledError):
            subject.engine.load(subject.other, waiting)
        ended.append(time.perf_counter())

    thread = threading.Thread(target=load)
    thread.start()
    began = time.perf_counter()
    waiting.cancel()
    thread.join(20)
    assert ended
    assert ended[0] - began < PROMISED_SECONDS
    loading.cancel.cancel()
    loading.seconds_until_over(time.perf_counter())


@pytest.mark.parametrize("kind", ["decoder", "scripted"])
@pytest.mark.parametrize("phase", ["reading", "writing"])
@pytest.mark.parametrize("how", ["cancel", "unload", "close"])
def test_an_answer_is_stopped_within_a_second(how: str, phase: str, kind: str, tmp_path: Path) -> None:
    if kind == "decoder":
        subject = make("decoder", tmp_path)
    else:
        engine = scripted_decoder(tmp_path, token_seconds=0.005, slice_seconds=0.05)
        subject = Subject(engine, DecoderSpec(tiny_model(tmp_path)), None)
    decoder: DecoderProcess = subject.engine
    decoder.load(subject.spec)
    text = LONG_TEXT if phase == "reading" else "Write a very long story."
    request = GenerateRequest((ChatTurn(Role.USER, text),), SamplingSettings(seed=7), max_tokens=900)
    cancel = CancelToken()
    events = decoder.generate(request, cancel)
    wanted = "ReadingProgress" if phase == "reading" else "TokensWritten"
    while type(next(events)).__name__ != wanted:
        pass
    began = time.perf_counter()
    if how == "cancel":
        cancel.cancel()
        list(events)
    else:
        getattr(decoder, how)()
        with pytest.raises(CancelledError):
            list(events)
    assert time.perf_counter() - began < PROMISED_SECONDS
    decoder.close()


@pytest.fixture(scope="module")
def one_encoder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EncoderProcess]:
    """Loaded again only where the test before ended its process."""
    folder = tmp_path_factory.mktemp("encoder")
    made = EncoderProcess(WorkerLauncher(folder / "worker"), folder / "encoder.json")
    yield made
    made.close()


@pytest.mark.parametrize(("how", "urgent"), [("cancel", False), ("cancel", True), ("unload", False), ("close", False)])
def test_embedding_is_stopped_within_a_second(how: str, urgent: bool, one_encoder: EncoderProcess) -> None:
    encoder = one_encoder
    encoder.load(EncoderSpec(str(starter_encoder())))
    cancel = CancelToken()
    errors: list[BaseException] = []

    def embed() -> None:
        work = encoder.embed_sentences if urgent else encoder.embed_passages
        try:
            work([LONG_TEXT] * 256, cancel)
        except InkwellError as error:
            errors.append(error)

    process = psutil.Process(encoder.pid)
    before = sum(process.cpu_times()[:2])
    embedding = threading.Thread(target=embed)
    embedding.start()
    while sum(process.cpu_times()[:2]) - before < 0.3:  # it computes
        embedding.join(0.01)
    began = time.perf_counter()
    if how == "cancel":
        cancel.cancel()
    else:
        getattr(encoder, how)()
    embedding.join(20)
    assert time.perf_counter() - began < PROMISED_SECONDS
    assert [type(error) for error in errors] == [CancelledError]
