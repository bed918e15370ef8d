"""One life of a process: how it starts, and that nothing is left of it."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import psutil
import pytest

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.errors import (
    CancelledError,
    InkwellError,
    WorkerCrashedError,
    WorkerProtocolError,
    WorkerStartError,
)
from desktop_app.engines.launcher import WorkerLauncher
from desktop_app.engines.worker_process import WorkerProcess
from desktop_app.protocol.framing import Message, MessageCodec, pack_frame
from desktop_app.protocol.messages import PROTOCOL_VERSION, DecoderFromWorker, Heartbeat, Tokens, WorkerHello
from tests.fakes.workers import ProgramLauncher, scripted_launcher

REPOSITORY = Path(__file__).resolve().parent.parent.parent.parent


class Heard:
    """What a process told us."""

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self.beats: list[Heartbeat] = []
        self.ends: list[InkwellError | None] = []
        self.ended = threading.Event()
        self.told = threading.Event()
        self.beaten = threading.Event()

    def on_heartbeat(self, beat: Heartbeat) -> None:
        self.beats.append(beat)
        self.beaten.set()

    def on_message(self, message: Message) -> None:
        self.messages.append(message)
        self.told.set()

    def on_end(self, error: InkwellError | None) -> None:
        self.ends.append(error)
        self.ended.set()


class LateLauncher(ProgramLauncher, frozen=True):
    """Hands a process over when it has ended: what it said is read afterwards."""

    def launch(self, worker: str) -> subprocess.Popen[bytes]:
        ended = WorkerLauncher.launch(self, worker)
        ended.wait(30)
        return ended


def process(launcher: WorkerLauncher, heard: Heard) -> WorkerProcess:
    return WorkerProcess(
        "scripted",
        "chat model",
        launcher,
        DecoderFromWorker,
        on_message=heard.on_message,
        on_heartbeat=heard.on_heartbeat,
        on_end=heard.on_end,
    )


def test_starts_beats_and_ends_when_asked(tmp_path: Path) -> None:
    heard = Heard()
    worker = process(scripted_launcher(tmp_path), heard)
    worker.start()
    assert worker.alive
    assert worker.pid is not None
    child = psutil.Process(worker.pid)
    assert child.cwd() == str(tmp_path / "worker")
    assert heard.beaten.wait(5)
    worker.stop()
    assert heard.ends == [None]
    assert not worker.alive
    assert not child.is_running()
    assert heard.beats[0].resident_bytes > 1_000_000


def test_the_end_of_its_input_ends_it(tmp_path: Path) -> None:
    """Hanging up is enough, with no signal sent."""
    launcher = scripted_launcher(tmp_path, behaviour="hang", at="load")
    child = launcher.launch("scripted")
    assert child.stdin is not None
    child.stdin.close()
    assert child.wait(5) == 0


def test_standard_output_carries_frames_alone(tmp_path: Path) -> None:
    """A native print lands on standard error."""
    program = textwrap.dedent("""
        import os
        from desktop_app.protocol.messages import DecoderFromHost, Tokens
        from desktop_app.workers.worker_runtime import WorkerRuntime
        runtime = WorkerRuntime("scripted", DecoderFromHost, lambda message: False)
        runtime.start()
        os.write(1, b"a native print\\n")
        print("a python print", flush=True)
        runtime.send(Tokens(1, "said", ()))
        next(runtime.jobs())
    """)
    heard = Heard()
    worker = process(ProgramLauncher(tmp_path, program=program), heard)
    worker.start()
    assert heard.told.wait(5)
    assert heard.messages == [Tokens(1, "said", ())]
    worker.stop()
    assert heard.ends == [None]
    assert worker.stderr_tail == ("a native print", "a python print")


def test_another_version_is_refused(tmp_path: Path) -> None:
    program = textwrap.dedent("""
        import desktop_app.protocol.messages as messages
        messages.PROTOCOL_VERSION += 1
        from desktop_app.workers.registry import run_worker
        run_worker("scripted")
    """)
    heard = Heard()
    with pytest.raises(WorkerStartError, match="version"):
        process(ProgramLauncher(tmp_path, program=program), heard).start()
    assert heard.ended.wait(5)


@pytest.mark.parametrize(
    ("program", "error"),
    [
        ("print('hello')", WorkerProtocolError),
        ("import sys; sys.exit(3)", InkwellError),
        ("import no_such_module", WorkerStartError),
    ],
)
def test_what_is_no_worker_is_an_error(program: str, error: type[Exception], tmp_path: Path) -> None:
    heard = Heard()
    with pytest.raises(error):
        process(ProgramLauncher(tmp_path, program=program), heard).start()
    assert heard.ended.wait(5)
    assert len(heard.ends) == 1


WRITES = "import sys; sys.stdout.buffer.write({0!r}); sys.stdout.flush(); sys.exit(3)"
HELLO = MessageCodec(DecoderFromWorker).encode(WorkerHello(PROTOCOL_VERSION, "scripted", 1))
NO_MESSAGE = pack_frame(b"no message")
NO_HELLO = MessageCodec(DecoderFromWorker).encode(Tokens(1, "x", ()))


@pytest.mark.parametrize("said", [b"hello\n", NO_MESSAGE, NO_HELLO], ids=["length", "payload", "no hello"])
def test_nonsense_of_a_process_that_has_ended_is_still_nonsense(said: bytes, tmp_path: Path) -> None:
    heard = Heard()
    with pytest.raises(WorkerProtocolError):
        process(LateLauncher(tmp_path, program=WRITES.format(said)), heard).start()
    assert heard.ended.wait(5)
    assert [type(end) for end in heard.ends] == [WorkerProtocolError]


@pytest.mark.parametrize("launcher", [ProgramLauncher, LateLauncher])
@pytest.mark.parametrize("cut", [2, 10], ids=["in a length", "in a payload"])
def test_a_message_cut_off_is_an_end_judged_by_its_status(
    cut: int, launcher: type[ProgramLauncher], tmp_path: Path
) -> None:
    heard = Heard()
    process(launcher(tmp_path, program=WRITES.format(HELLO + NO_HELLO[:cut])), heard).start()
    assert heard.ended.wait(5)
    assert [(type(end), end.why) for end in heard.ends if end] == [
        (WorkerCrashedError, "Its process ended with status 3.")
    ]


def test_who_closes_its_output_and_goes_on_is_ended_for_that(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("desktop_app.engines.worker_process.STOP_GRACE_SECONDS", 0.2)
    program = f"import os, time; os.write(1, {HELLO + NO_HELLO[:3]!r}); os.close(1); time.sleep(60)"
    heard = Heard()
    process(ProgramLauncher(tmp_path, program=program), heard).start()
    assert heard.ended.wait(10)
    assert [type(end) for end in heard.ends] == [WorkerProtocolError]


def test_a_program_that_says_nothing_is_given_up(tmp_path: Path) -> None:
    heard = Heard()
    worker = process(ProgramLauncher(tmp_path, program="import time; time.sleep(60)"), heard)
    with pytest.raises(WorkerStartError):
        worker.start(timeout=0.3)
    assert heard.ended.wait(5)
    assert worker.pid is not None
    assert not psutil.pid_exists(worker.pid)


def test_starting_can_be_cancelled(tmp_path: Path) -> None:
    heard = Heard()
    cancel = CancelToken()
    threading.Timer(0.2, cancel.cancel).start()
    with pytest.raises(CancelledError):
        process(ProgramLauncher(tmp_path, program="import time; time.sleep(60)"), heard).start(cancel)
    assert heard.ended.wait(5)


def test_a_process_that_is_slow_to_start_has_longer_for_its_hello_than_for_a_heartbeat(tmp_path: Path) -> None:
    program = textwrap.dedent("""
        import time
        time.sleep(1.0)
        from desktop_app.workers.registry import run_worker
        run_worker("scripted")
    """)
    worker = WorkerProcess(
        "scripted",
        "chat model",
        ProgramLauncher(tmp_path, program=program),
        DecoderFromWorker,
        on_message=lambda message: None,
        on_end=lambda error: None,
        heartbeat_timeout=0.3,
    )
    worker.start()
    assert worker.pid is not None
    worker.stop()


def test_a_process_that_did_not_start_was_accounted_for_before_anybody_hears_of_it(tmp_path: Path) -> None:
    """Otherwise its crash would count or not, as it happens."""
    heard = Heard()
    hold = threading.Event()

    class Slow(Heard):
        def on_end(self, error: InkwellError | None) -> None:
            hold.wait(0.3)
            heard.on_end(error)

    with pytest.raises(WorkerCrashedError):
        process(ProgramLauncher(tmp_path, program="import sys; sys.exit(3)"), Slow()).start()
    assert [type(end) for end in heard.ends] == [WorkerCrashedError]


@pytest.mark.parametrize("fault_first", [True, False])
def test_the_first_reason_for_an_end_holds(fault_first: bool, tmp_path: Path) -> None:
    heard = Heard()
    worker = process(scripted_launcher(tmp_path), heard)
    worker.start()
    fault = WorkerProtocolError("nonsense")
    first, second = (fault, None) if fault_first else (None, fault)
    worker.kill(first)
    worker.kill(second)
    worker.stop()
    assert heard.ends == [first]


def test_an_end_with_a_writer_stuck_keeps_to_its_grace(tmp_path: Path) -> None:
    heard = Heard()
    worker = process(scripted_launcher(tmp_path), heard)
    worker.start()
    assert worker.pid is not None
    psutil.Process(worker.pid).suspend()
    writing = threading.Thread(target=lambda: worker.send(Tokens(1, "x" * 1_000_000, ())))
    writing.start()
    writing.join(0.2)
    assert writing.is_alive()
    began = time.monotonic()
    worker.stop(grace=1.0)
    assert time.monotonic() - began < 1.6
    assert heard.ends == [None]
    writing.join(5)
    assert not writing.is_alive()


def test_a_defect_of_ours_leaves_no_process_that_nobody_listens_to(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    defects: list[type[BaseException]] = []
    told = threading.Event()

    def take(arguments: threading.ExceptHookArgs) -> None:
        defects.append(arguments.exc_type)
        told.set()

    monkeypatch.setattr(threading, "excepthook", take)
    heard = Heard()

    def fail(beat: Heartbeat) -> None:
        raise ZeroDivisionError

    heard.on_heartbeat = fail  # type: ignore[method-assign]
    worker = process(scripted_launcher(tmp_path), heard)
    worker.start()
    assert worker.pid is not None
    child = psutil.Process(worker.pid)
    assert heard.ended.wait(5)
    assert [type(end) for end in heard.ends] == [WorkerProtocolError]
    assert not worker.alive
    assert not psutil.wait_procs([child], 5)[1]
    assert told.wait(5)
    assert defects == [ZeroDivisionError]


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
@pytest.mark.parametrize("how", ["SIGKILL", "SIGTERM", "exit"])
def test_no_orphan_whatever_ends_the_program(how: str, tmp_path: Path) -> None:
    """Also of a worker that hangs and is deaf to everything."""
    program = textwrap.dedent("""
        import sys, time
        from pathlib import Path
        from desktop_app.domain.generation import DecoderSpec
        from tests.fakes.workers import scripted_decoder, tiny_model
        import threading
        folder = Path(sys.argv[1])
        decoder = scripted_decoder(folder, behaviour="hang", at="load")
        threading.Thread(target=lambda: decoder.load(DecoderSpec(tiny_model(folder))), daemon=True).start()
        while not decoder.status.progress:  # told just before it hangs
            time.sleep(0.01)
        print(decoder.pid, flush=True)
        if sys.argv[2] != "exit":
            time.sleep(60)
    """)
    host = subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path), how], stdout=subprocess.PIPE, cwd=REPOSITORY, text=True
    )
    assert host.stdout is not None
    pid = int(host.stdout.readline())
    child = psutil.Process(pid) if psutil.pid_exists(pid) else None
    if how != "exit":
        os.kill(host.pid, getattr(signal, how))
    host.wait(10)
    if child is not None:
        _, left = psutil.wait_procs([child], timeout=3)
        with contextlib.suppress(psutil.NoSuchProcess):  # gone just now
            assert not left or child.status() == psutil.STATUS_ZOMBIE
    host.stdout.close()
