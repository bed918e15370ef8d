"""Two things at once: an end and a load, an end and an answer, an end and the news of it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest
from msgspec.structs import replace

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.conversation import Role
from desktop_app.domain.errors import (
    CancelledError,
    InkwellError,
    ModelMissingError,
    ModelQuarantinedError,
    WorkerCrashedError,
    WorkerProtocolError,
    WorkerStartError,
    WorkerUnresponsiveError,
)
from desktop_app.domain.generation import (
    ChatTurn,
    DecoderSpec,
    GenerateRequest,
    GenerationEnded,
    TokensWritten,
    WorkerPhase,
    WorkerStatus,
)
from desktop_app.domain.sampling import SamplingSettings
from desktop_app.engines.decoder import DecoderProcess
from desktop_app.engines.launcher import WorkerLauncher
from desktop_app.engines.requests import RequestTable
from desktop_app.engines.supervised_model import ModelKind, SupervisedModel
from desktop_app.engines.supervision import CrashLedger, StatusBoard
from desktop_app.protocol.messages import DecoderFromWorker, DecoderLoaded, LoadDecoder
from tests.fakes.workers import ProgramLauncher, scripted_decoder, scripted_launcher, tiny_model

REQUEST = GenerateRequest((ChatTurn(Role.USER, "hello there"),), SamplingSettings(seed=1), max_tokens=50)


def loaded(message: object) -> str | None:
    return message.name if isinstance(message, DecoderLoaded) else None


@dataclass
class Model:
    """A supervised model over the scripted worker; `hooks` stand in for parts of its kind."""

    folder: Path

    def make(self, script: dict[str, object] | None = None, **hooks: Any) -> SupervisedModel[Path, str]:
        kind: ModelKind[Path, str] = ModelKind(
            title="chat model",
            worker="scripted",
            incoming=DecoderFromWorker,
            last_messages=(DecoderLoaded,),
            place=lambda path: path,
            file=lambda path: path,
            check=lambda path: None,
            load_message=lambda request_id, path: LoadDecoder(request_id, str(path), 512, 0, 512, None),
            read_loaded=loaded,
            on_ready=lambda life: None,
        )
        launcher = scripted_launcher(self.folder, **(script or {}))
        return SupervisedModel(replace(kind, **hooks), launcher, CrashLedger(), stop_grace=2.0, heartbeat_timeout=10.0)


@pytest.fixture
def model(tmp_path: Path) -> Model:
    return Model(tmp_path)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tiny_model(tmp_path)


# An end while a model is loaded ---------------------------------------------------------------------


@pytest.mark.parametrize("end", ["unload", "close"])
def test_an_end_before_there_is_a_process_ends_the_load(end: str, model: Model, path: Path, tmp_path: Path) -> None:
    made = model.make(check=lambda _path: getattr(made, end)())
    with pytest.raises(CancelledError):
        made.load(path)
    assert made.board.status.phase is WorkerPhase.OFF
    assert not (tmp_path / "worker").exists(), "no process was started"


@pytest.mark.parametrize("end", ["unload", "close"])
def test_an_end_as_the_last_message_of_a_load_arrives(end: str, model: Model, path: Path) -> None:
    def read(message: object) -> str | None:
        getattr(made, end)()
        return loaded(message)

    made = model.make(read_loaded=read, on_ready=lambda life: made.board.publish(WorkerPhase.READY))
    with pytest.raises(CancelledError):
        made.load(path)
    assert made.board.status.phase is WorkerPhase.OFF
    assert made.loaded is None


def test_a_cancel_as_the_last_message_of_a_load_arrives(model: Model, path: Path) -> None:
    cancel = CancelToken()
    pids: list[int | None] = []

    def read(message: object) -> str | None:
        pids.append(made.pid)
        cancel.cancel()
        return loaded(message)

    made = model.make(read_loaded=read)
    with pytest.raises(CancelledError):
        made.load(path, cancel)
    assert made.board.status.phase is WorkerPhase.OFF
    assert made.loaded is None
    assert pids[0] is not None
    assert not psutil.pid_exists(pids[0])


def test_the_token_of_a_finished_load_ends_nothing_any_more(model: Model, path: Path) -> None:
    made = model.make()
    cancel = CancelToken()
    assert made.load(path, cancel) == "Scripted"
    pid = made.pid
    cancel.cancel()
    assert made.pid == pid
    assert made.loaded == "Scripted"
    made.close()


def test_a_model_unloaded_before_its_answer_began_is_not_missing(model: Model, path: Path) -> None:
    made = model.make()
    with pytest.raises(ModelMissingError):
        made.load_again()
    made.load(path)
    assert made.current_life().loaded == "Scripted"
    made.unload()
    with pytest.raises(CancelledError):
        made.current_life()
    made.close()
    with pytest.raises(CancelledError, match="closing"):
        made.current_life()


def test_a_listener_may_unload_when_it_hears_of_a_crash(tmp_path: Path, path: Path) -> None:
    decoder = scripted_decoder(tmp_path, behaviour="crash")
    decoder.subscribe(lambda status: decoder.unload() if status.phase is WorkerPhase.CRASHED else None)
    decoder.load(DecoderSpec(path))
    began = time.perf_counter()
    with pytest.raises(WorkerCrashedError):
        list(decoder.generate(REQUEST, CancelToken()))
    assert time.perf_counter() - began < 1.5, "the thread that reads waited for itself"
    assert decoder.status.phase is WorkerPhase.OFF


# Crashes --------------------------------------------------------------------------------------------


def load_three_times(decoder: DecoderProcess, path: Path) -> list[type[InkwellError]]:
    errors = []
    for _ in range(3):
        with pytest.raises(InkwellError) as caught:
            decoder.load(DecoderSpec(path))
        errors.append(type(caught.value))
    return errors


@pytest.mark.parametrize(
    ("behaviour", "error"),
    [("crash", WorkerCrashedError), ("garbage", WorkerProtocolError), ("out_of_turn", WorkerProtocolError)],
)
def test_each_crash_in_a_load_counts(behaviour: str, error: type[InkwellError], tmp_path: Path, path: Path) -> None:
    decoder = scripted_decoder(tmp_path, behaviour=behaviour, at="load")
    assert load_three_times(decoder, path) == [error, error, ModelQuarantinedError]
    assert (decoder.status.phase, decoder.status.crashes) == (WorkerPhase.QUARANTINED, 3)
    decoder.close()


@pytest.mark.parametrize("program", ["import sys; sys.exit(3)", "import os; os.abort()"])
def test_each_crash_before_the_hello_counts(program: str, tmp_path: Path, path: Path) -> None:
    decoder = DecoderProcess(ProgramLauncher(tmp_path, program=program), worker="scripted")
    assert load_three_times(decoder, path) == [WorkerCrashedError, WorkerCrashedError, ModelQuarantinedError]
    assert (decoder.status.phase, decoder.status.crashes) == (WorkerPhase.QUARANTINED, 3)


def test_what_cannot_be_started_says_nothing_against_the_model(tmp_path: Path, path: Path) -> None:
    class Nowhere(WorkerLauncher):
        def command(self, worker: str) -> list[str]:
            return [str(tmp_path / "nowhere"), worker]

    decoder = DecoderProcess(Nowhere(tmp_path), worker="scripted")
    for _ in range(4):
        with pytest.raises(WorkerStartError):
            decoder.load(DecoderSpec(path))
        assert (decoder.status.phase, decoder.status.crashes) == (WorkerPhase.CRASHED, 0)


@pytest.mark.parametrize("at", ["read", "write"])
def test_a_message_out_of_turn_ends_an_answer(at: str, tmp_path: Path, path: Path) -> None:
    decoder = scripted_decoder(tmp_path, behaviour="out_of_turn", at=at, token_seconds=0.01)
    decoder.load(DecoderSpec(path))
    pid = decoder.pid
    with pytest.raises(WorkerProtocolError):
        list(decoder.generate(REQUEST, CancelToken()))
    assert pid is not None
    assert not psutil.pid_exists(pid)
    assert (decoder.status.phase, decoder.status.crashes) == (WorkerPhase.CRASHED, 1)
    decoder.close()


def test_a_crash_while_it_is_stopped_is_one_and_the_next_answer_comes(tmp_path: Path, path: Path) -> None:
    decoder = scripted_decoder(tmp_path, behaviour="crash", at="cancel", token_seconds=0.02)
    decoder.load(DecoderSpec(path))
    cancel = CancelToken()
    events = decoder.generate(REQUEST, cancel)
    while not isinstance(next(events), TokensWritten):
        pass
    began = time.perf_counter()
    cancel.cancel()
    with pytest.raises(WorkerCrashedError):
        list(events)
    assert time.perf_counter() - began < 1.0
    assert (decoder.status.phase, decoder.status.crashes) == (WorkerPhase.CRASHED, 1)
    short = replace(REQUEST, max_tokens=3)
    assert isinstance(list(decoder.generate(short, CancelToken()))[-1], GenerationEnded)
    assert (decoder.status.phase, decoder.status.crashes) == (WorkerPhase.READY, 0)
    decoder.close()


@pytest.mark.parametrize("end", ["unload", "close"])
def test_a_worker_whose_control_thread_hangs_is_ended_all_the_same(end: str, tmp_path: Path, path: Path) -> None:
    """It hears neither a stop nor the end of its input."""
    decoder = scripted_decoder(tmp_path, behaviour="hang", at="cancel", token_seconds=0.02, stop_grace=60.0)
    decoder.load(DecoderSpec(path))
    pid = decoder.pid
    cancel = CancelToken()
    events = decoder.generate(replace(REQUEST, max_tokens=400), cancel)
    while not isinstance(next(events), TokensWritten):
        pass
    cancel.cancel()
    began = time.perf_counter()
    getattr(decoder, end)()
    assert time.perf_counter() - began < 3.0
    with pytest.raises(CancelledError):
        list(events)
    assert pid is not None
    assert not psutil.pid_exists(pid)


def test_no_heartbeat_in_a_load_is_no_crash_of_the_model(tmp_path: Path, path: Path) -> None:
    decoder = scripted_decoder(tmp_path, load_seconds=60.0, heartbeat_timeout=1.2)

    def suspend(status: WorkerStatus) -> None:
        if status.phase is WorkerPhase.LOADING and decoder.pid is not None:
            psutil.Process(decoder.pid).suspend()

    decoder.subscribe(suspend)
    with pytest.raises(WorkerUnresponsiveError) as caught:
        decoder.load(DecoderSpec(path))
    assert (decoder.status.phase, decoder.status.crashes) == (WorkerPhase.CRASHED, 0)
    assert decoder.status.error is caught.value
    assert decoder.pid is None


# The news of it -------------------------------------------------------------------------------------


def test_everyone_hears_of_changes_in_the_order_in_which_they_were_made() -> None:
    board = StatusBoard()
    heard: list[WorkerPhase] = []

    def publish_more(status: WorkerStatus) -> None:
        if status.phase is WorkerPhase.READY:
            other = threading.Thread(target=lambda: board.publish(WorkerPhase.OFF))
            other.start()
            other.join(5)
            assert not other.is_alive(), "whoever publishes does not wait for those who listen"

    board.subscribe(publish_more)
    board.subscribe(lambda status: heard.append(status.phase))
    board.publish(WorkerPhase.READY)
    assert heard == [WorkerPhase.READY, WorkerPhase.OFF]
    assert board.status.phase is WorkerPhase.OFF


def test_what_is_said_of_a_process_does_not_come_after_the_news_of_its_end() -> None:
    board = StatusBoard()
    board.publish(WorkerPhase.CRASHED, crashes=1)
    board.publish(WorkerPhase.READY, while_true=lambda: False)
    assert board.status.phase is WorkerPhase.CRASHED


def test_a_listener_that_fails_keeps_nobody_else_from_hearing() -> None:
    board = StatusBoard()
    heard: list[WorkerPhase] = []

    def fail(_status: WorkerStatus) -> None:
        raise ZeroDivisionError

    board.subscribe(fail)
    board.subscribe(lambda status: heard.append(status.phase))
    for phase in (WorkerPhase.READY, WorkerPhase.OFF):
        with pytest.raises(ZeroDivisionError):
            board.publish(phase)
    assert heard == [WorkerPhase.READY, WorkerPhase.OFF]


def test_a_listener_that_fails_leaves_nobody_waiting(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, path: Path
) -> None:
    defects: list[type[BaseException]] = []
    told = threading.Event()

    def take(arguments: threading.ExceptHookArgs) -> None:
        defects.append(arguments.exc_type)
        told.set()

    monkeypatch.setattr(threading, "excepthook", take)
    decoder = scripted_decoder(tmp_path, behaviour="crash")

    def fail(status: WorkerStatus) -> None:
        if status.phase is WorkerPhase.CRASHED:
            raise ZeroDivisionError

    decoder.load(DecoderSpec(path))
    decoder.subscribe(fail)
    errors: list[BaseException] = []

    def write() -> None:
        try:
            list(decoder.generate(REQUEST, CancelToken()))
        except InkwellError as error:
            errors.append(error)

    writing = threading.Thread(target=write, daemon=True)
    writing.start()
    writing.join(10)
    assert [type(error) for error in errors] == [WorkerCrashedError]
    assert told.wait(5)
    assert defects == [ZeroDivisionError]


def test_a_request_to_a_process_that_is_gone_is_over_at_once() -> None:
    table = RequestTable()
    table.fail_all(WorkerCrashedError("gone"))
    with table.new() as request:
        assert not request.running
        with pytest.raises(WorkerCrashedError):
            request.next_message(timeout=0)


def test_while_a_model_is_ended_and_loaded_by_many(tmp_path: Path, path: Path) -> None:
    """Whatever the order: typed errors alone, a status that is true in the end, and no process too many."""
    decoder = scripted_decoder(tmp_path, token_seconds=0.001)
    unexpected: list[BaseException] = []

    def repeat(work: Callable[[int], object]) -> threading.Thread:
        def run() -> None:
            for number in range(12):
                try:
                    work(number)
                except InkwellError:
                    continue
                except BaseException as error:  # noqa: BLE001 - whatever it is, the test tells it
                    unexpected.append(error)

        thread = threading.Thread(target=run)
        thread.start()
        return thread

    def cancelled_load(number: int) -> None:
        cancel = CancelToken()
        threading.Timer(number / 100, cancel.cancel).start()
        decoder.load(DecoderSpec(path, context_length=512 + number % 2), cancel)

    threads = [
        repeat(lambda number: decoder.load(DecoderSpec(path, context_length=512 + number % 3))),
        repeat(cancelled_load),
        repeat(lambda _number: list(decoder.generate(REQUEST, CancelToken()))),
        repeat(lambda _number: decoder.unload()),
        repeat(lambda _number: psutil.Process(decoder.pid).kill() if decoder.pid else None),
    ]
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive()
    assert [error for error in unexpected if not isinstance(error, psutil.NoSuchProcess)] == []
    decoder.unload()
    assert decoder.status.phase is WorkerPhase.OFF
    here = [child for child in psutil.Process().children() if str(tmp_path) in " ".join(_cwd(child))]
    assert here == []
    decoder.forgive()
    decoder.load(DecoderSpec(path))
    assert decoder.status.phase is WorkerPhase.READY
    decoder.close()


def _cwd(child: psutil.Process) -> list[str]:
    try:
        return [child.cwd()]
    except psutil.Error:
        return []
