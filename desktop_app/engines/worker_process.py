"""One life of one worker process: started, greeted, listened to, watched, and surely ended."""

from __future__ import annotations

import contextlib
import subprocess
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.errors import (
    CancelledError,
    InkwellError,
    WorkerProtocolError,
    WorkerStartError,
    WorkerUnresponsiveError,
)
from desktop_app.engines.launcher import WorkerLauncher
from desktop_app.engines.stderr_classification import error_for_exit
from desktop_app.protocol.framing import CutOffError, FramingError, Message, MessageCodec, read_frame
from desktop_app.protocol.messages import PROTOCOL_VERSION, Heartbeat, HostHello, WorkerHello

HEARTBEAT_TIMEOUT_SECONDS = 10.0
HELLO_TIMEOUT_SECONDS = 30.0
STOP_GRACE_SECONDS = 2.0
"""How long a worker may go on after a cancel before it is killed."""
CLOSING_GRACE_SECONDS = 0.3
"""The same where the program ends: what a worker holds can all be made again."""
_TAIL_LINES = 60
_TAIL_LINE_BYTES = 400


class WorkerProcess:
    """A worker process, generic over what it does.

    One thread starts the process and reads its frames until its end (the worker is bound to the life of the thread that
    started it, see `WorkerLauncher.launch`), a second one drains its standard error, a third watches the heartbeats.

    Args:
        worker: name in workers/registry.py.
        title: what a person calls it, for error sentences, such as "chat model".
        incoming: union of the message classes it may send.
        on_message: called in the reading thread with each message but hello and heartbeats.
        on_heartbeat: called in the reading thread.
        on_end: called once, in the reading thread, when the process is gone: None when it was asked to end, else why.
    """

    def __init__(
        self,
        worker: str,
        title: str,
        launcher: WorkerLauncher,
        incoming: Any,
        *,
        on_message: Callable[[Message], None],
        on_end: Callable[[InkwellError | None], None],
        on_heartbeat: Callable[[Heartbeat], None] | None = None,
        niceness: int = 0,
        heartbeat_timeout: float = HEARTBEAT_TIMEOUT_SECONDS,
    ) -> None:
        self._worker = worker
        self._title = title
        self._launcher = launcher
        self._codec = MessageCodec(incoming)
        self._on_message = on_message
        self._on_end = on_end
        self._on_heartbeat = on_heartbeat
        self._niceness = niceness
        self._heartbeat_timeout = heartbeat_timeout
        self._process: subprocess.Popen[bytes] | None = None
        self._send_lock = threading.Lock()
        self._end_lock = threading.Lock()
        self._ending = False
        self._end_error: InkwellError | None = None
        self._reader: threading.Thread | None = None
        self._greeted = threading.Event()
        self._ended = threading.Event()
        self._hello: WorkerHello | None = None
        self._last_sign_of_life = time.monotonic()
        self._tail: deque[str] = deque(maxlen=_TAIL_LINES)

    @property
    def pid(self) -> int | None:
        """Process id once started."""
        return self._process.pid if self._process is not None else None

    @property
    def alive(self) -> bool:
        """It said hello, and nothing ended it or asked it to end."""
        return self._hello is not None and not self._ending

    @property
    def stderr_tail(self) -> tuple[str, ...]:
        """Last lines the process wrote on standard error."""
        return tuple(self._tail)

    def start(self, cancel: CancelToken | None = None, timeout: float = HELLO_TIMEOUT_SECONDS) -> None:
        """Start the process and wait for its hello.

        Raises WorkerStartError (also for another protocol version), WorkerCrashedError, CancelledError (also where it
        was asked to end meanwhile).
        """
        self._reader = threading.Thread(target=self._live, name=f"{self._worker} reader", daemon=True)
        self._reader.start()
        with cancel.telling(self._greeted.set) if cancel is not None else contextlib.nullcontext():
            self._greeted.wait(timeout)
        if cancel is not None and cancel.cancelled:
            self.kill()
            raise CancelledError("Stopped.")
        if self._hello is None:
            self.kill(
                WorkerStartError(
                    f"The {self._title} did not start.",
                    f"Its process gave no sign within {timeout:.0f} seconds.",
                    "Try again; the computer may be busy.",
                )
            )
            raise self._end_error or CancelledError("Stopped.")

    def send(self, message: Message) -> None:
        """Send a message, from any thread. A process that is gone is left to `on_end`.

        Raises WorkerProtocolError when the message is longer than a frame may be.
        """
        try:
            frame = self._codec.encode(message)
        except FramingError as error:
            raise WorkerProtocolError(
                "The text is too long to be sent to the model.", str(error), "Shorten it."
            ) from error
        process = self._process
        if process is None or process.stdin is None:
            return
        # ValueError: stdin was closed by stop(). In both cases the reader sees the end and reports it.
        with self._send_lock, contextlib.suppress(OSError, ValueError):
            process.stdin.write(frame)
            process.stdin.flush()

    def kill(self, error: InkwellError | None = None) -> None:
        """End the process at once; `on_end` gets `error` unless another reason came first. From any thread."""
        process = self._begin_end(error)
        if process is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                process.kill()

    def _begin_end(self, error: InkwellError | None) -> subprocess.Popen[bytes] | None:
        """Note why it ends (None: it was asked to). The first reason holds: what was asked for is no failure
        afterwards, and a failure stays one. The process, None where it was not started and will not be.
        """
        with self._end_lock:
            if not self._ending:
                self._ending = True
                self._end_error = error
            return self._process

    def kill_if_running_after(self, still_running: Callable[[], bool], seconds: float = STOP_GRACE_SECONDS) -> None:
        """Kill the process as unresponsive when `still_running()` holds `seconds` from now."""

        def look() -> None:
            if not self._ended.wait(seconds) and still_running():
                self.kill(
                    WorkerUnresponsiveError(
                        f"The {self._title} did not stop when asked to, so its process was ended.",
                        "",
                        "It starts again with your next message.",
                    )
                )

        threading.Thread(target=look, name=f"{self._worker} stop watch", daemon=True).start()

    def stop(self, grace: float = STOP_GRACE_SECONDS) -> None:
        """Hang up, which ends the worker; kill it after `grace` seconds.

        Returns when it is gone and `on_end` was called, or, called from `on_end` itself, at once.
        """
        deadline = time.monotonic() + grace
        process = self._begin_end(None)
        if process is None or threading.current_thread() is self._reader:
            return
        # A writer stuck on a full pipe holds the lock; then only killing helps, which breaks its pipe.
        if process.stdin is not None and self._send_lock.acquire(timeout=grace):
            try:
                process.stdin.close()
            except OSError:
                pass  # its last bytes could not be written: it is gone already
            finally:
                self._send_lock.release()
        if not self._ended.wait(max(0.0, deadline - time.monotonic())):
            self.kill()
            self._ended.wait(STOP_GRACE_SECONDS)

    def _live(self) -> None:
        """The reading thread: from start to end of the process."""
        try:
            with self._end_lock:
                if self._ending:
                    return
                self._process = self._launcher.launch(self._worker)
            self._read_to_end(self._process)
        except OSError as error:
            self._begin_end(
                WorkerStartError(
                    f"The {self._title} could not be started.", str(error), "Run `inkwell doctor` to see what is wrong."
                )
            )
        except BaseException as defect:
            # A defect on this side must not leave a process behind that nobody listens to.
            self.kill(self._protocol_error(type(defect).__name__))
            raise
        finally:
            try:
                self._on_end(self._end_error)
            finally:
                self._ended.set()
                self._greeted.set()

    def _read_to_end(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdout is not None
        assert process.stderr is not None
        drain = threading.Thread(target=self._drain, args=(process.stderr,), name=f"{self._worker} stderr", daemon=True)
        drain.start()
        self.send(HostHello(PROTOCOL_VERSION, self._niceness))
        try:
            while (payload := read_frame(process.stdout)) is not None:
                self._take(self._codec.decode(payload))
        except CutOffError:
            pass  # an end like any other: its exit status says more
        except (FramingError, OSError, ValueError) as error:
            # Nonsense is nonsense, also where its writer has ended since.
            self.kill(self._protocol_error(str(error)))
        try:
            status = process.wait(STOP_GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill(self._protocol_error("it closed its output and went on"))
            status = process.wait()
        drain.join(0.5)
        self._begin_end(error_for_exit(self._title, status, self.stderr_tail))
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()

    def _take(self, message: Message) -> None:
        self._last_sign_of_life = time.monotonic()
        if self._hello is None:
            if not isinstance(message, WorkerHello):
                raise FramingError("it did not say hello first")
            if message.protocol_version != PROTOCOL_VERSION or message.worker != self._worker:
                self.kill(
                    WorkerStartError(
                        f"The {self._title}'s process is of another version of Inkwell.",
                        f"It speaks protocol {message.protocol_version}, this program {PROTOCOL_VERSION}.",
                        "Install Inkwell again, or restart it after an update.",
                    )
                )
                return
            self._hello = message
            # Not before: a process that is slow to start has longer for its hello than for a heartbeat.
            threading.Thread(target=self._watch, name=f"{self._worker} watch", daemon=True).start()
            self._greeted.set()
        elif isinstance(message, Heartbeat):
            if self._on_heartbeat is not None:
                self._on_heartbeat(message)
        elif isinstance(message, WorkerHello):
            raise FramingError("it said hello twice")
        else:
            self._on_message(message)

    def _drain(self, stderr: Any) -> None:
        with contextlib.suppress(OSError, ValueError):
            while line := stderr.readline(_TAIL_LINE_BYTES):
                self._tail.append(line.decode("utf-8", "replace").rstrip())
        stderr.close()

    def _watch(self) -> None:
        """Kill the process when it gives no sign for too long. Sleeps until the next possible deadline."""
        suspected = False
        while True:
            silent = time.monotonic() - self._last_sign_of_life
            if silent < self._heartbeat_timeout:
                suspected = False
                if self._ended.wait(self._heartbeat_timeout - silent):
                    return
            elif not suspected:
                # The computer may just have woken from sleep: give the process one more beat.
                suspected = True
                if self._ended.wait(min(1.5, self._heartbeat_timeout)):
                    return
            else:
                self.kill(
                    WorkerUnresponsiveError(
                        f"The {self._title} gave no sign for {silent:.0f} seconds, so its process was ended.",
                        "It may be stuck, or the computer is overloaded.",
                        "Try again; it starts afresh.",
                    )
                )
                return

    def _protocol_error(self, detail: str) -> WorkerProtocolError:
        return WorkerProtocolError(
            f"The {self._title} sent something that makes no sense, so its process was ended.",
            detail[:300],
            "Try again; it starts afresh. If it happens often, choose another model.",
        )
