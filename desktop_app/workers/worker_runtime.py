"""What every worker process does apart from its work: frames on stdin and stdout, heartbeats, and a sure end.

Three threads. The main one takes jobs and sits in native code. The control thread reads frames, so that a cancel or a
quick question is heard while the main thread is busy; at the end of stdin it ends the process there and then, whatever
the main thread does. The heartbeat thread says once a second that the process lives.

File descriptor 1 carries frames and nothing else: it is moved away at the start, and what native code or a stray print
writes to standard output lands on standard error.
"""

from __future__ import annotations

import ctypes
import importlib
import os
import platform
import queue
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from typing import IO, Any, BinaryIO, NoReturn

from desktop_app.domain.errors import InkwellError, MessageTooLongError, TemplateError
from desktop_app.protocol.framing import FramingError, Message, MessageCodec, read_frame
from desktop_app.protocol.messages import PROTOCOL_VERSION, Failed, Heartbeat, HostHello, WorkerHello
from desktop_app.protocol.signals import HOSTS_SIGNALS
from desktop_app.workers.priority import sink_own_process

HEARTBEAT_SECONDS = 1.0
EXIT_HUNG_UP = 0
EXIT_BROKEN_PIPE = 0
EXIT_PROTOCOL = 3
EXIT_FAULT = 4
_PR_SET_PDEATHSIG = 1


class WorkerRuntime:
    """The worker's side of the connection.

    Args:
        name: the worker's name, told in the hello.
        incoming: union of the messages the host may send.
        on_control: called in the control thread with each message; true when it was dealt with there and then,
            false to put it into the queue of jobs.
        on_hang_up: called in the control thread when the host has hung up, before the process ends; must be quick.
    """

    def __init__(
        self,
        name: str,
        incoming: Any,
        on_control: Callable[[Message], bool],
        on_hang_up: Callable[[], None] = lambda: None,
    ) -> None:
        self._name = name
        self._codec = MessageCodec(incoming)
        self._on_control = on_control
        self._on_hang_up = on_hang_up
        self._jobs: queue.SimpleQueue[Message | None] = queue.SimpleQueue()
        self._send_lock = threading.Lock()
        self._progress: tuple[str, int, int] = ("starting", 0, 0)
        self._input: BinaryIO
        self._output: IO[bytes]
        self._input, self._output = _take_over_standard_streams()
        _die_with_parent()
        _leave_signals_to_the_host()

    @property
    def output_descriptor(self) -> int:
        """The descriptor that carries frames; for the scripted worker, which breaks the rules on purpose."""
        return self._output.fileno()

    def start(self) -> None:
        """Exchange hellos, then start listening and beating. Ends the process when the host speaks another version."""
        hello = self._read_message()
        if not isinstance(hello, HostHello):
            self._give_up("the host did not say hello first")
        self.send(WorkerHello(PROTOCOL_VERSION, self._name, os.getpid()))
        if hello.protocol_version != PROTOCOL_VERSION:
            self._give_up(f"the host speaks protocol {hello.protocol_version}, this worker {PROTOCOL_VERSION}")
        if hello.niceness:
            sink_own_process(hello.niceness)
        threading.Thread(target=self._listen, name="control", daemon=True).start()
        threading.Thread(target=self._beat, name="heartbeat", daemon=True).start()

    def jobs(self, patience: Callable[[], float | None] = lambda: None) -> Iterator[Message | None]:
        """Messages for the main thread, in order, without end: the process ends with its stdin.

        None where none came for `patience()` seconds, and after `wake`.
        """
        while True:
            try:
                job = self._jobs.get(timeout=patience())
            except queue.Empty:
                job = None
            yield job

    def wake(self) -> None:
        """Hand the main thread None, behind the messages that wait for it. From any thread."""
        self._jobs.put(None)

    def send(self, message: Message) -> None:
        """Send a frame, from any thread. A host that no longer listens ends the process."""
        frame = self._codec.encode(message)
        with self._send_lock:
            try:
                self._output.write(frame)
                self._output.flush()
            except (BrokenPipeError, OSError):
                os._exit(EXIT_BROKEN_PIPE)

    def send_failure(self, request_id: int, error: InkwellError) -> None:
        """Tell the host that a request ended with `error`."""
        tokens, room = (error.tokens, error.room) if isinstance(error, MessageTooLongError) else (0, 0)
        self.send(
            Failed(
                request_id,
                error.code,
                error.what[:4000],
                error.why[:4000],
                error.todo[:4000],
                tokens=tokens,
                room=room,
                built_in=error.built_in if isinstance(error, TemplateError) else None,
            )
        )

    def set_progress(self, phase: str, done: int = 0, total: int = 0) -> None:
        """What the next heartbeat says. Cheap; from any thread."""
        self._progress = (phase, done, total)

    def _listen(self) -> None:
        try:
            while True:
                message = self._read_message()
                if not self._on_control(message):
                    self._jobs.put(message)
        except Exception:  # noqa: BLE001 - a control thread that died would leave a worker nobody can stop
            traceback.print_exc()
            sys.stderr.flush()
            os._exit(EXIT_FAULT)

    def _read_message(self) -> Message:
        try:
            payload = read_frame(self._input)
            if payload is None:
                self._on_hang_up()
                os._exit(EXIT_HUNG_UP)
            return self._codec.decode(payload)
        except FramingError as error:
            self._give_up(str(error))
        except OSError:
            os._exit(EXIT_HUNG_UP)

    def _give_up(self, reason: str) -> NoReturn:
        print(f"protocol: {reason}", file=sys.stderr, flush=True)
        os._exit(EXIT_PROTOCOL)

    def _beat(self) -> None:
        pause = threading.Event()
        while True:
            phase, done, total = self._progress
            self.send(Heartbeat(phase, done, total, resident_bytes()))
            pause.wait(HEARTBEAT_SECONDS)


def resident_bytes() -> int:
    """Resident memory of this process in bytes."""
    if platform.system() == "Linux":
        with open("/proc/self/statm", "rb") as statm:
            return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    psutil = importlib.import_module("psutil")
    return int(psutil.Process().memory_info().rss)


def _take_over_standard_streams() -> tuple[BinaryIO, IO[bytes]]:
    """Keep stdin and stdout for frames alone; prints, native ones included, go to stderr from here on."""
    frames_in = os.dup(0)
    frames_out = os.dup(1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    if sys.platform == "win32":
        import msvcrt

        msvcrt.setmode(frames_in, os.O_BINARY)
        msvcrt.setmode(frames_out, os.O_BINARY)
    sys.stdout = sys.stderr
    return os.fdopen(frames_in, "rb"), os.fdopen(frames_out, "wb")


def _die_with_parent() -> None:
    """Linux: be killed when the thread that started this process ends. Elsewhere the end of stdin has to do."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def _leave_signals_to_the_host() -> None:
    """See protocol.signals."""
    for number in HOSTS_SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    if sys.platform != "win32":
        signal.pthread_sigmask(signal.SIG_UNBLOCK, HOSTS_SIGNALS)
