"""An end that was asked for is no failure, whatever it interrupts."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from desktop_app.domain.errors import CancelledError, InkwellError
from desktop_app.domain.generation import DecoderSpec, WorkerPhase, WorkerStatus
from desktop_app.domain.search import EncoderSpec
from desktop_app.engines.decoder import DecoderProcess
from desktop_app.engines.encoder import EncoderProcess
from tests.fakes.workers import scripted_decoder, scripted_launcher, tiny_model

Engine = DecoderProcess | EncoderProcess


def make(kind: str, folder: Path, check: Callable[[], None]) -> tuple[Engine, Callable[[], object]]:
    """An engine that calls `check` before it starts its process, and how to load it."""
    launcher = scripted_launcher(folder)
    if kind == "decoder":
        decoder = DecoderProcess(launcher, worker="scripted", check_file=lambda _path: check())
        return decoder, lambda: decoder.load(DecoderSpec(tiny_model(folder)))
    encoder = EncoderProcess(launcher, worker="scripted", check_folder=lambda _path: check())
    return encoder, lambda: encoder.load(EncoderSpec(str(folder)))


@pytest.mark.parametrize("kind", ["decoder", "encoder"])
def test_a_load_that_the_end_overtakes_is_no_failure(kind: str, tmp_path: Path) -> None:
    """Closed in mid-load, before there is a process: none is started, and nobody hears of a crash."""

    def close() -> None:
        engine.close()

    engine, load = make(kind, tmp_path, close)
    heard: list[WorkerStatus] = []
    engine.subscribe(heard.append)
    with pytest.raises(CancelledError):
        load()
    assert [status.phase for status in heard if status.error is not None] == []
    assert engine.status.phase is WorkerPhase.OFF
    assert not (tmp_path / "worker").exists(), "no process was started"


@pytest.mark.parametrize("kind", ["decoder", "encoder"])
def test_a_load_asked_for_after_the_end_is_no_failure(kind: str, tmp_path: Path) -> None:
    engine, load = make(kind, tmp_path, lambda: None)
    engine.close()
    with pytest.raises(CancelledError):
        load()
    assert engine.status.phase is WorkerPhase.OFF


@pytest.mark.parametrize("phase", [WorkerPhase.STARTING, WorkerPhase.LOADING])
def test_closed_while_it_starts_or_loads(phase: WorkerPhase, tmp_path: Path) -> None:
    decoder = scripted_decoder(tmp_path, load_seconds=30.0)
    reached = threading.Event()
    heard: list[WorkerStatus] = []

    def look(status: WorkerStatus) -> None:
        heard.append(status)
        if status.phase is phase:
            reached.set()

    decoder.subscribe(look)
    errors: list[InkwellError] = []

    def load() -> None:
        try:
            decoder.load(DecoderSpec(tiny_model(tmp_path)))
        except InkwellError as error:
            errors.append(error)

    loading = threading.Thread(target=load)
    loading.start()
    assert reached.wait(10)
    decoder.close()
    loading.join(10)
    assert [type(error) for error in errors] == [CancelledError]
    assert all(status.error is None for status in heard)
    assert decoder.status.phase is WorkerPhase.OFF
