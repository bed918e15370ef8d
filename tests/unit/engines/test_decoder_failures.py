"""Crashing, hanging and lying workers: the caller gets a typed error in time, and no process is left."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import psutil
import pytest

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.conversation import Role
from desktop_app.domain.errors import (
    CancelledError,
    InkwellError,
    ModelDamagedError,
    ModelLoadError,
    ModelMissingError,
    ModelQuarantinedError,
    OutOfMemoryError,
    WorkerCrashedError,
    WorkerProtocolError,
    WorkerUnresponsiveError,
)
from desktop_app.domain.generation import (
    ChatTurn,
    DecoderSpec,
    GenerateRequest,
    TokensWritten,
    WorkerPhase,
    WorkerStatus,
)
from desktop_app.domain.sampling import SamplingSettings
from desktop_app.engines.decoder import DecoderProcess
from tests.fakes.workers import scripted_decoder, tiny_model

REQUEST = GenerateRequest((ChatTurn(Role.USER, "hello there"),), SamplingSettings(seed=1), max_tokens=50)


def run(decoder: DecoderProcess, cancel: CancelToken | None = None) -> str:
    events = decoder.generate(REQUEST, cancel or CancelToken())
    return "".join(event.text for event in events if isinstance(event, TokensWritten))


def cancel_when_loading(decoder: DecoderProcess) -> CancelToken:
    """A token that is cancelled, by another thread, once the worker said that it loads."""
    cancel = CancelToken()

    def look(status: WorkerStatus) -> None:
        if status.phase is WorkerPhase.LOADING:
            threading.Timer(0.05, cancel.cancel).start()

    decoder.subscribe(look)
    return cancel


def assert_gone(pid: int | None) -> None:
    assert pid is not None
    try:
        psutil.Process(pid).wait(3)
    except psutil.NoSuchProcess:
        return


@pytest.mark.parametrize(
    ("behaviour", "error"),
    [
        ("crash", WorkerCrashedError),
        ("garbage", WorkerProtocolError),
        ("unknown", WorkerProtocolError),
        ("out_of_memory", OutOfMemoryError),
    ],
)
@pytest.mark.parametrize("at", ["read", "write"])
def test_a_bad_end_is_a_typed_error(behaviour: str, at: str, error: type[Exception], tmp_path: Path) -> None:
    decoder = scripted_decoder(tmp_path, behaviour=behaviour, at=at)
    decoder.load(DecoderSpec(tiny_model(tmp_path)))
    pid = decoder.pid
    with pytest.raises(error):
        run(decoder)
    assert_gone(pid)
    assert decoder.status.phase is WorkerPhase.CRASHED
    assert decoder.status.crashes == 1
    decoder.close()


@pytest.mark.parametrize(
    ("behaviour", "error"),
    [("crash", WorkerCrashedError), ("garbage", WorkerProtocolError), ("out_of_memory", OutOfMemoryError)],
)
def test_a_bad_end_while_loading(behaviour: str, error: type[Exception], tmp_path: Path) -> None:
    decoder = scripted_decoder(tmp_path, behaviour=behaviour, at="load")
    with pytest.raises(error):
        decoder.load(DecoderSpec(tiny_model(tmp_path)))
    assert decoder.status.phase is WorkerPhase.CRASHED
    assert decoder.loaded is None
    decoder.close()


def test_a_refused_model_is_no_crash(tmp_path: Path) -> None:
    decoder = scripted_decoder(tmp_path, behaviour="fail_load", at="load")
    for _ in range(4):
        with pytest.raises(ModelLoadError):
            decoder.load(DecoderSpec(tiny_model(tmp_path)))
    decoder.close()


def test_a_worker_deaf_to_a_stop_is_killed_after_two_seconds(tmp_path: Path) -> None:
    decoder = scripted_decoder(tmp_path, behaviour="hang", at="write")
    decoder.load(DecoderSpec(tiny_model(tmp_path)))
    pid = decoder.pid
    cancel = CancelToken()
    threading.Timer(0.2, cancel.cancel).start()
    began = time.perf_counter()
    with pytest.raises(WorkerUnresponsiveError):
        run(decoder, cancel)
    assert 2.0 < time.perf_counter() - began < 3.2
    assert_gone(pid)
    decoder.close()


def test_a_worker_deaf_to_a_stop_while_loading(tmp_path: Path) -> None:
    decoder = scripted_decoder(tmp_path, behaviour="hang", at="load", stop_grace=0.3)
    cancel = cancel_when_loading(decoder)
    with pytest.raises(CancelledError):
        decoder.load(DecoderSpec(tiny_model(tmp_path)), cancel)
    assert decoder.status.phase is WorkerPhase.OFF
    assert decoder.pid is None
    decoder.close()


def test_loading_stops_at_once_when_asked(tmp_path: Path) -> None:
    decoder = scripted_decoder(tmp_path, load_seconds=30.0)
    cancel = cancel_when_loading(decoder)
    began: list[float] = []
    with cancel.telling(lambda: began.append(time.perf_counter())), pytest.raises(CancelledError):
        decoder.load(DecoderSpec(tiny_model(tmp_path)), cancel)
    assert time.perf_counter() - began[0] < 1.0
    assert decoder.status.phase is WorkerPhase.OFF
    decoder.close()


def test_a_stop_that_was_heard_kills_nothing_even_if_nobody_reads_on(tmp_path: Path) -> None:
    decoder = scripted_decoder(tmp_path, token_seconds=0.01, stop_grace=0.3)
    decoder.load(DecoderSpec(tiny_model(tmp_path)))
    pid = decoder.pid
    cancel = CancelToken()
    events = decoder.generate(REQUEST, cancel)
    next(events)
    cancel.cancel()
    time.sleep(0.8)  # a slow consumer, longer than the grace
    assert list(events)
    assert decoder.pid == pid
    decoder.close()


def test_no_heartbeat_means_killed(tmp_path: Path) -> None:
    decoder = scripted_decoder(tmp_path, behaviour="hang", at="write", heartbeat_timeout=1.6)
    decoder.load(DecoderSpec(tiny_model(tmp_path)))
    assert decoder.pid is not None
    process = psutil.Process(decoder.pid)
    began = time.perf_counter()
    timer = threading.Timer(0.1, process.suspend)
    timer.start()
    with pytest.raises(WorkerUnresponsiveError):
        run(decoder)
    assert time.perf_counter() - began < 6
    decoder.close()


def test_three_crashes_put_a_model_aside_until_it_is_forgiven(tmp_path: Path) -> None:
    decoder = scripted_decoder(tmp_path, behaviour="crash", at="write")
    spec = DecoderSpec(tiny_model(tmp_path))
    seen: list[WorkerStatus] = []
    decoder.subscribe(seen.append)
    decoder.load(spec)
    for _ in range(2):
        with pytest.raises(WorkerCrashedError):
            run(decoder)
    with pytest.raises(ModelQuarantinedError, match="crashed 3 times") as last:
        run(decoder)
    assert isinstance(last.value.__cause__, WorkerCrashedError)
    assert decoder.status.phase is WorkerPhase.QUARANTINED
    assert decoder.status.error is last.value
    assert decoder.status.crashes == 3
    for attempt in (lambda: run(decoder), lambda: decoder.load(spec)):
        with pytest.raises(ModelQuarantinedError):
            attempt()
    assert WorkerPhase.RESTARTING in [status.phase for status in seen]
    decoder.forgive()
    decoder.load(spec)
    with pytest.raises(WorkerCrashedError):
        run(decoder)
    assert decoder.status.phase is WorkerPhase.CRASHED
    decoder.close()


def test_a_finished_answer_wipes_the_count(tmp_path: Path) -> None:
    decoder = scripted_decoder(tmp_path, token_seconds=0.005)
    decoder.load(DecoderSpec(tiny_model(tmp_path)))
    for _ in range(4):  # one more than puts it aside
        running = decoder.generate(REQUEST, CancelToken())
        next(running)
        assert decoder.pid is not None
        psutil.Process(decoder.pid).kill()
        with pytest.raises(WorkerCrashedError):
            list(running)
        assert run(decoder)
    decoder.close()


def test_a_damaged_file_never_reaches_a_worker(tmp_path: Path) -> None:
    decoder = scripted_decoder(tmp_path)
    path = tmp_path / "bad.gguf"
    path.write_bytes(b"GGUF\3\0\0\0")
    with pytest.raises(ModelDamagedError):
        decoder.load(DecoderSpec(path))
    with pytest.raises(ModelMissingError):
        decoder.load(DecoderSpec(tmp_path / "nowhere.gguf"))
    assert decoder.pid is None
    decoder.close()


def test_without_a_model_there_is_nothing_to_ask(tmp_path: Path) -> None:
    decoder = scripted_decoder(tmp_path)
    with pytest.raises(ModelMissingError):
        run(decoder)
    with pytest.raises(ModelMissingError):
        decoder.measure((ChatTurn(Role.USER, "x"),))
    decoder.close()


def test_another_spec_gets_another_process(tmp_path: Path) -> None:
    decoder = scripted_decoder(tmp_path)
    path = tiny_model(tmp_path)
    decoder.load(DecoderSpec(path))
    first = decoder.pid
    decoder.load(DecoderSpec(path, context_length=1024))
    assert decoder.pid != first
    assert_gone(first)
    second = decoder.pid
    decoder.close()
    assert_gone(second)


def test_the_thread_that_loaded_may_end(tmp_path: Path) -> None:
    """A worker is bound to the thread that started it; that must not be whoever called `load`."""
    decoder = scripted_decoder(tmp_path)
    thread = threading.Thread(target=lambda: decoder.load(DecoderSpec(tiny_model(tmp_path))))
    thread.start()
    thread.join()
    assert run(decoder)
    decoder.close()


def test_closing_ends_a_deaf_worker_at_once(tmp_path: Path) -> None:
    decoder = scripted_decoder(tmp_path, behaviour="hang")
    decoder.load(DecoderSpec(tiny_model(tmp_path)))
    pid = decoder.pid
    assert pid is not None
    psutil.Process(pid).suspend()
    failures: list[BaseException] = []

    def write() -> None:
        try:
            run(decoder)
        except CancelledError as error:
            failures.append(error)

    writing = threading.Thread(target=write)
    writing.start()
    began = time.monotonic()
    decoder.close()
    writing.join(5)
    assert time.monotonic() - began < 1.5
    assert not writing.is_alive()
    assert len(failures) == 1
    assert_gone(pid)


def test_stopping_never_waits_for_a_worker_that_does_not_read(tmp_path: Path) -> None:
    decoder = scripted_decoder(tmp_path, stop_grace=0.3, behaviour="hang")
    decoder.load(DecoderSpec(tiny_model(tmp_path)))
    pid = decoder.pid
    assert pid is not None
    cancel = CancelToken()
    failures: list[type[BaseException]] = []

    def write() -> None:
        try:
            run(decoder, cancel)
        except InkwellError as error:
            failures.append(type(error))

    def measure() -> None:
        try:
            decoder.measure([ChatTurn(Role.USER, "long " * 200_000)])
        except InkwellError as error:
            failures.append(type(error))

    writing, measuring = threading.Thread(target=write), threading.Thread(target=measure)
    writing.start()
    deadline = time.monotonic() + 10
    while decoder.status.phase is not WorkerPhase.BUSY and time.monotonic() < deadline:
        time.sleep(0.01)
    psutil.Process(pid).suspend()
    measuring.start()
    measuring.join(0.3)
    assert measuring.is_alive()
    began = time.monotonic()
    cancel.cancel()
    assert time.monotonic() - began < 0.1
    writing.join(5)
    measuring.join(5)
    assert failures == [WorkerUnresponsiveError, WorkerUnresponsiveError]
    decoder.close()
    assert_gone(pid)
