"""Requests on their way: each has an id, and the messages that carry this id land in its queue."""

from __future__ import annotations

import itertools
import queue
import threading
from types import TracebackType

from desktop_app.domain.errors import InkwellError
from desktop_app.engines.failures import error_from_failure
from desktop_app.protocol.framing import Message
from desktop_app.protocol.messages import Failed

_ids = itertools.count(1)


class Request:
    """One request to a worker. Use as a context manager: leaving it closes it."""

    def __init__(self, table: RequestTable) -> None:
        self.id = next(_ids)
        self._table = table
        self._answers: queue.SimpleQueue[Message | InkwellError] = queue.SimpleQueue()
        self._over = threading.Event()

    @property
    def running(self) -> bool:
        """True until its last message came (read or not), or it was closed."""
        return not self._over.is_set()

    def next_message(self, timeout: float | None = None) -> Message:
        """Wait for the next message. Raises the request's InkwellError, or queue.Empty after `timeout` seconds."""
        answer = self._answers.get(timeout=timeout)
        if isinstance(answer, InkwellError):
            raise answer
        if isinstance(answer, Failed):
            raise error_from_failure(answer)
        return answer

    def put(self, answer: Message | InkwellError) -> None:
        """Hand a message or the end of the process to whoever waits."""
        if isinstance(answer, (InkwellError, *self._table.last_messages)):
            self._over.set()
        self._answers.put(answer)

    def close(self) -> None:
        """Take it off the table; later messages for it are dropped."""
        self._over.set()
        self._table.forget(self)

    def __enter__(self) -> Request:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()


class RequestTable:
    """The open requests of one worker process.

    Args:
        last_messages: message classes that end a request; Failed always does.
    """

    def __init__(self, *last_messages: type[Message]) -> None:
        self.last_messages: tuple[type[Message], ...] = (Failed, *last_messages)
        self._lock = threading.Lock()
        self._open: dict[int, Request] = {}
        self._end: InkwellError | None = None

    def new(self) -> Request:
        """Open a request with a fresh id. One to a process that is gone has its end in it already."""
        request = Request(self)
        with self._lock:
            self._open[request.id] = request
            end = self._end
        if end is not None:
            request.put(end)
        return request

    def forget(self, request: Request) -> None:
        """Drop a closed request."""
        with self._lock:
            self._open.pop(request.id, None)

    def deliver(self, message: Message) -> None:
        """Put a message with a `request_id` into its request's queue; nobody waits for one of a closed request."""
        request_id: int = message.request_id  # type: ignore[attr-defined]
        with self._lock:
            request = self._open.get(request_id)
        if request is not None:
            request.put(message)

    def fail_all(self, error: InkwellError) -> None:
        """The process is gone: every waiting request, and each that is still to come, raises `error`."""
        with self._lock:
            self._end = error
            waiting = list(self._open.values())
        for request in waiting:
            request.put(error)
