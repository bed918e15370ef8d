"""No worker outlives its program, whatever the program dies of and whatever the worker does at that moment."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

from desktop_app.engines.launcher import WorkerLauncher
from desktop_app.protocol.encoder_messages import EmbedTexts, EncoderFromWorker, EncoderLoaded, LoadEncoder
from desktop_app.protocol.framing import Message, MessageCodec, read_frame
from desktop_app.protocol.messages import (
    PROTOCOL_VERSION,
    DecoderFromWorker,
    DecoderLoaded,
    Generate,
    Heartbeat,
    HostHello,
    LoadDecoder,
    PromptReading,
    Sampling,
    Tokens,
    Turn,
    WorkerHello,
)
from tests.fakes.workers import scripted_launcher, starter_decoder, starter_encoder, tiny_model

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")

REPOSITORY = Path(__file__).resolve().parents[2]
SOON_SECONDS = 2.0
"""An ended worker of some hundred megabytes takes a moment to give its memory back."""
LONG_TEXT = "The keeper wrote of wind, of ships and of the long winter nights above the sea. " * 60

HOST = textwrap.dedent("""
    import sys, threading, time
    from pathlib import Path
    from desktop_app.domain.cancellation import CancelToken
    from desktop_app.domain.conversation import Role
    from desktop_app.domain.generation import ChatTurn, DecoderSpec, GenerateRequest, WorkerPhase
    from desktop_app.domain.sampling import SamplingSettings
    from desktop_app.domain.search import EncoderSpec
    from desktop_app.engines.decoder import DecoderProcess
    from desktop_app.engines.encoder import EncoderProcess
    from desktop_app.engines.launcher import WorkerLauncher
    from tests.fakes.workers import scripted_decoder, starter_decoder, starter_encoder, tiny_model

    folder, kind, point = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
    if kind == "encoder":
        engine, spec = EncoderProcess(WorkerLauncher(folder / "worker")), EncoderSpec(str(starter_encoder()))
    elif kind == "decoder":
        engine, spec = DecoderProcess(WorkerLauncher(folder / "worker")), DecoderSpec(starter_decoder())
    else:
        engine = scripted_decoder(folder, load_seconds=60.0 if point == "loading" else 0.0, slice_seconds=1.0)
        spec = DecoderSpec(tiny_model(folder))

    def tell():
        print(engine.pid or 0, flush=True)
        time.sleep(600)

    def look(status):
        if status.phase is {"starting": WorkerPhase.STARTING, "loading": WorkerPhase.LOADING}.get(point):
            tell()

    engine.subscribe(look)
    engine.load(spec)
    if point == "embedding":
        threading.Thread(target=lambda: engine.embed_passages([sys.argv[4]] * 4096), daemon=True).start()
        time.sleep(0.5)
        tell()
    text = sys.argv[4] if point == "reading" else "Write a very long story."
    request = GenerateRequest((ChatTurn(Role.USER, text),), SamplingSettings(seed=1), max_tokens=900)
    wanted = {"reading": "ReadingProgress", "writing": "TokensWritten"}[point]
    for event in engine.generate(request, CancelToken()):
        if type(event).__name__ == wanted:
            tell()
""")


@pytest.mark.parametrize(
    ("kind", "point"),
    [
        ("scripted", "loading"),
        ("scripted", "reading"),
        ("decoder", "loading"),
        ("decoder", "reading"),
        ("decoder", "writing"),
        ("encoder", "loading"),
        ("encoder", "embedding"),
    ],
)
def test_a_killed_program_leaves_no_worker(kind: str, point: str, tmp_path: Path) -> None:
    host = subprocess.Popen(
        [sys.executable, "-c", HOST, str(tmp_path), kind, point, LONG_TEXT],
        stdout=subprocess.PIPE,
        cwd=REPOSITORY,
        text=True,
    )
    assert host.stdout is not None
    worker = psutil.Process(int(host.stdout.readline()))
    os.kill(host.pid, signal.SIGKILL)
    host.wait(10)
    host.stdout.close()
    assert_gone(worker)


@pytest.mark.parametrize("delay", [0.0, 0.02, 0.05, 0.1, 0.2])
def test_a_program_killed_while_its_worker_starts_leaves_none(delay: float, tmp_path: Path) -> None:
    """Also before the worker could tell the kernel that it wants to end with its program."""
    program = textwrap.dedent("""
        import sys, time
        from pathlib import Path
        from desktop_app.engines.launcher import WorkerLauncher
        child = WorkerLauncher(Path(sys.argv[1])).launch("decoder")
        print(child.pid, flush=True)
        time.sleep(600)
    """)
    host = subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path)], stdout=subprocess.PIPE, cwd=REPOSITORY, text=True
    )
    assert host.stdout is not None
    worker = psutil.Process(int(host.stdout.readline()))
    time.sleep(delay)  # the point at which it is killed, not something waited for
    os.kill(host.pid, signal.SIGKILL)
    host.wait(10)
    host.stdout.close()
    assert_gone(worker)


def assert_gone(worker: psutil.Process) -> None:
    _, left = psutil.wait_procs([worker], SOON_SECONDS)
    assert not left or worker.status() == psutil.STATUS_ZOMBIE


# The end of its input alone, without the kernel's help ------------------------------------------------


class Wire:
    """A worker started by the test, spoken to frame by frame."""

    def __init__(self, launcher: WorkerLauncher, worker: str) -> None:
        self.child = launcher.launch(worker)
        self._codec = MessageCodec(EncoderFromWorker if worker == "encoder" else DecoderFromWorker)
        self.send(HostHello(PROTOCOL_VERSION))
        self.until(lambda message: isinstance(message, WorkerHello))

    def send(self, message: Message) -> None:
        assert self.child.stdin is not None
        self.child.stdin.write(self._codec.encode(message))
        self.child.stdin.flush()

    def until(self, wanted: Callable[[Any], bool]) -> None:
        assert self.child.stdout is not None
        while True:
            payload = read_frame(self.child.stdout)
            assert payload is not None
            if wanted(self._codec.decode(payload)):
                return

    def hang_up_and_wait(self) -> int:
        """Its exit status. Nobody reads on: what it writes meanwhile must not keep it either."""
        assert self.child.stdin is not None
        self.child.stdin.close()
        return self.child.wait(5)


def generate(text: str) -> Generate:
    sampling = Sampling(0.8, 40, 0.95, 0.05, 1.0, 1.0, 0.0, 0.0, 64, 1)
    return Generate(2, (Turn("user", text),), sampling, 900, (), False, False)


@pytest.mark.parametrize("point", ["greeted", "loading", "loaded", "reading", "writing"])
@pytest.mark.parametrize("worker", ["decoder", "scripted"])
def test_the_end_of_its_input_ends_a_decoder(worker: str, point: str, tmp_path: Path) -> None:
    path = starter_decoder() if worker == "decoder" else tiny_model(tmp_path)
    slow = {"slice_seconds": 0.2} if point == "reading" else {}
    wire = Wire(scripted_launcher(tmp_path, load_seconds=5.0 if point == "loading" else 0.0, **slow), worker)
    if point != "greeted":
        wire.send(LoadDecoder(1, str(path), 2048, 0, 256, 0))
    if point == "loading":
        wire.until(lambda message: type(message).__name__ == "DecoderLoading")
    elif point != "greeted":
        wire.until(lambda message: isinstance(message, DecoderLoaded))
    if point in ("reading", "writing"):
        wire.send(generate(LONG_TEXT if point == "reading" else "Write a very long story."))
        wire.until(lambda message: isinstance(message, PromptReading if point == "reading" else Tokens))
    began = time.perf_counter()
    assert wire.hang_up_and_wait() == 0
    assert time.perf_counter() - began < SOON_SECONDS


@pytest.mark.parametrize("point", ["loading", "importing", "embedding"])
def test_the_end_of_its_input_ends_an_encoder(point: str, tmp_path: Path) -> None:
    wire = Wire(WorkerLauncher(tmp_path), "encoder")
    wire.send(LoadEncoder(1, str(starter_encoder()), "fp32", 0, 256, ""))
    if point == "loading":
        wire.until(lambda message: type(message).__name__ == "EncoderLoading")
    elif point == "importing":
        wire.until(lambda message: type(message).__name__ == "EncoderLoading" and message.fraction >= 0.05)
    else:
        wire.until(lambda message: isinstance(message, EncoderLoaded))
        wire.send(EmbedTexts(2, (LONG_TEXT,) * 1024, False))
        wire.until(lambda message: isinstance(message, Heartbeat) and message.phase == "embedding")
    began = time.perf_counter()
    assert wire.hang_up_and_wait() == 0
    # Importing a native library holds the interpreter, and with it the thread that reads.
    assert time.perf_counter() - began < (5.0 if point == "importing" else SOON_SECONDS)
