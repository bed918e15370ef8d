"""One life of a model's process, with what belongs to it alone: its requests, what it loaded, and how it is stopped."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, Generic, NoReturn, TypeVar

from desktop_app.domain.errors import CancelledError, InkwellError, WorkerProtocolError
from desktop_app.engines.launcher import WorkerLauncher
from desktop_app.engines.requests import Request, RequestTable
from desktop_app.engines.worker_process import WorkerProcess
from desktop_app.protocol.framing import Message
from desktop_app.protocol.messages import Cancel, Heartbeat

Loaded = TypeVar("Loaded")


class WorkerLife(Generic[Loaded]):
    """A worker process from its start to its end.

    Args:
        key: the model's name in the ledger of crashes.
        model: what the model is called, for error sentences.
        title: what a person calls the process, such as "chat model".
        incoming: union of the message classes it may send.
        last_messages: message classes that end a request.
        on_end: called once, in the reading thread, when the process is gone: None when it was asked to end, else why.
    """

    def __init__(
        self,
        key: str,
        model: str,
        title: str,
        launcher: WorkerLauncher,
        worker: str,
        incoming: Any,
        last_messages: tuple[type[Message], ...],
        heartbeat_timeout: float,
        on_end: Callable[[WorkerLife[Loaded], InkwellError | None], None],
    ) -> None:
        self.key = key
        self.model = model
        self.fault: InkwellError | None = None
        """What its end meant, once it ended without being asked to."""
        self.requests = RequestTable(*last_messages)
        self.loaded: Loaded | None = None
        self.resident_bytes = 0
        self._title = title
        self.process = WorkerProcess(
            worker,
            title,
            launcher,
            incoming,
            on_message=self.requests.deliver,
            on_end=lambda error: on_end(self, error),
            on_heartbeat=self._beat,
            heartbeat_timeout=heartbeat_timeout,
        )

    def cancel(self, request: Request, grace: float) -> None:
        """Ask the worker to stop that request, and kill it when it goes on for `grace` seconds. Never waits.

        Whoever cancels may be the window: sending is another thread's, since a long text on its way to a worker that
        does not read keeps the pipe.
        """
        if request.running:
            threading.Thread(
                target=self.process.send, args=(Cancel(request.id),), name="worker cancel", daemon=True
            ).start()
            self.process.kill_if_running_after(lambda: request.running, grace)

    def cancel_load(self, request: Request) -> None:
        """End the process at once while it still loads for `request`: it has nothing to lose yet, and imports and
        native code hear no request to stop.
        """
        if request.running:
            self.process.kill()

    def out_of_turn(self, request: Request, message: Message) -> NoReturn:
        """End the process for a message that does not belong here. Raises what its end meant."""
        self.process.kill(
            WorkerProtocolError(
                f"The {self._title} sent something that makes no sense, so its process was ended.",
                f"{type(message).__name__} came out of turn.",
                "Try again; it starts afresh.",
            )
        )
        while True:
            request.next_message()

    def unloaded(self) -> CancelledError:
        """The end of a request whose process was ended on purpose."""
        return CancelledError(f"The {self._title} was unloaded.")

    def _beat(self, beat: Heartbeat) -> None:
        self.resident_bytes = beat.resident_bytes
