"""Work off the GUI thread: blocking functions and generators run in threads, their results arrive in the GUI thread."""

from __future__ import annotations

import logging
import threading
import time
import traceback
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import TypeVar

from PySide6.QtCore import QObject, Qt, Signal, Slot

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.errors import CancelledError, InkwellError

T = TypeVar("T")

_log = logging.getLogger(__name__)

#: Callbacks run at most this long in one go before the event loop gets a turn (a frame at 60 Hz is 16 ms).
_DELIVERY_BUDGET_S = 0.008


class UnexpectedError(InkwellError):
    """A defect: an exception that is not one of ours. `details` is the traceback, without the exception's own text
    (which may hold what a person wrote)."""

    code = "unexpected"

    def __init__(self, error: BaseException) -> None:
        super().__init__(
            "Something unexpected happened.",
            f"A part of Inkwell failed ({type(error).__name__}).",
            "Try again. If it comes back, restart Inkwell; what is saved stays saved.",
        )
        self.details = "".join(traceback.format_tb(error.__traceback__)) + type(error).__name__


class Task:
    """One piece of work under way. All methods belong to the GUI thread."""

    def __init__(self, channel: str, finished: Callable[[Task], None]) -> None:
        self.channel = channel
        self.token = CancelToken()
        self._finished = finished
        self._running = True
        self._stale = False

    @property
    def running(self) -> bool:
        """False once the last callback was made (or dropped)."""
        return self._running

    @property
    def stale(self) -> bool:
        """True after `drop`: no callback comes any more."""
        return self._stale

    def cancel(self) -> None:
        """Ask the work to stop. What it still delivers is delivered, so a stopped answer keeps its end."""
        self.token.cancel()

    def drop(self) -> None:
        """Ask the work to stop and ignore whatever it still delivers."""
        self._stale = True
        self.token.cancel()

    def _end(self) -> None:
        self._running = False
        self._finished(self)


class TaskRunner(QObject):
    """Runs work in pool threads and hands results back in the thread that made the runner, in order.

    Without a `failed` callback an error goes to the `unhandled` signal, so that none is lost. CancelledError is no
    failure: it goes to `cancelled` where one is given, and nowhere else.
    """

    unhandled = Signal(object)  # InkwellError
    _wake = Signal()

    def __init__(self, parent: QObject | None = None, *, threads: int = 8) -> None:
        super().__init__(parent)
        self._pool = ThreadPoolExecutor(max_workers=threads, thread_name_prefix="task")
        self._lock = threading.Lock()
        self._inbox: deque[tuple[Task, Callable[[], None], bool]] = deque()
        self._wake_pending = False
        self._closed = False
        self._tasks: set[Task] = set()
        self._under_way: set[Future[None]] = set()
        self._channels: dict[str, Task] = {}
        self._wake.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    # Asking for work (GUI thread) ---------------------------------------------------------------

    def run(
        self,
        work: Callable[[CancelToken], T],
        *,
        done: Callable[[T], None],
        failed: Callable[[InkwellError], None] | None = None,
        cancelled: Callable[[], None] | None = None,
        channel: str = "",
    ) -> Task:
        """Run `work(token)` in a thread; `done(result)`, `failed(error)` or `cancelled()` follows in this thread.

        A newer task on the same non-empty `channel` drops the older one.
        """
        task = self._new_task(channel)

        def job() -> None:
            result = work(task.token)
            self._post(task, lambda: done(result), last=True)

        self._submit(task, job, failed, cancelled)
        return task

    def stream(
        self,
        work: Callable[[CancelToken], Iterator[T]],
        *,
        item: Callable[[T], None],
        done: Callable[[], None],
        failed: Callable[[InkwellError], None] | None = None,
        cancelled: Callable[[], None] | None = None,
        channel: str = "",
    ) -> Task:
        """As `run` for a generator: `item(value)` for each value, then `done()`, `failed(error)` or `cancelled()`."""
        task = self._new_task(channel)

        def deliver(value: T) -> None:
            self._post(task, lambda: item(value))

        def job() -> None:
            for value in work(task.token):
                if task.stale:
                    break
                deliver(value)
            self._post(task, done, last=True)

        self._submit(task, job, failed, cancelled)
        return task

    def drop_channel(self, channel: str) -> None:
        """Drop what runs on `channel`, if anything does."""
        task = self._channels.pop(channel, None)
        if task is not None:
            task.drop()

    @property
    def idle(self) -> bool:
        """True when no work is under way and every callback was made."""
        return not self._tasks

    @property
    def closed(self) -> bool:
        """True once `close` was called: nothing can be run any more."""
        return self._closed

    def stop(self) -> None:
        """Cancel everything and deliver nothing more; does not wait for the threads to end."""
        self._closed = True
        for task in list(self._tasks):
            task.drop()
        self._pool.shutdown(wait=False, cancel_futures=True)

    def wait(self, seconds: float) -> bool:
        """After `stop`: wait until every thread came to its end, at most `seconds`; true when all did."""
        with self._lock:
            under_way = list(self._under_way)
        return not wait(under_way, timeout=seconds).not_done

    def close(self) -> None:
        """Cancel everything, wait for the threads to end, and deliver nothing more."""
        self.stop()
        self._pool.shutdown(wait=True)
        with self._lock:
            self._inbox.clear()
        self._tasks.clear()
        self._channels.clear()

    # Inside -------------------------------------------------------------------------------------

    def _new_task(self, channel: str) -> Task:
        if self._closed:
            raise RuntimeError("The task runner is closed.")
        if channel:
            self.drop_channel(channel)
        task = Task(channel, self._forget)
        self._tasks.add(task)
        if channel:
            self._channels[channel] = task
        return task

    def _forget(self, task: Task) -> None:
        self._tasks.discard(task)
        if self._channels.get(task.channel) is task:
            del self._channels[task.channel]

    def _submit(
        self,
        task: Task,
        job: Callable[[], None],
        failed: Callable[[InkwellError], None] | None,
        cancelled: Callable[[], None] | None,
    ) -> None:
        report = failed if failed is not None else self.unhandled.emit

        def fail(error: InkwellError) -> None:
            self._post(task, lambda: report(error), last=True)

        def guarded() -> None:
            try:
                job()
            except CancelledError:
                self._post(task, cancelled or _nothing, last=True)
            except InkwellError as error:
                fail(error)
            except Exception as error:  # noqa: BLE001 - the border of the thread: a defect becomes a typed failure
                unexpected = UnexpectedError(error)
                unexpected.__cause__ = error
                if not task.stale:
                    _log.error("Unexpected failure in a background task:\n%s", unexpected.details)
                fail(unexpected)

        future = self._pool.submit(guarded)
        with self._lock:
            self._under_way.add(future)
        future.add_done_callback(self._ended)

    def _ended(self, future: Future[None]) -> None:
        """In any thread: ran to its end, or was taken off the queue by `stop`."""
        with self._lock:
            self._under_way.discard(future)

    def _post(self, task: Task, callback: Callable[[], None], *, last: bool = False) -> None:
        """From any thread: queue a callback for the runner's own thread; many callbacks share one wake-up."""

        with self._lock:
            self._inbox.append((task, callback, last))
            wake = not self._wake_pending and not self._closed
            self._wake_pending = self._wake_pending or wake
        if wake:
            self._wake.emit()

    @Slot()
    def _deliver(self) -> None:
        deadline = time.monotonic() + _DELIVERY_BUDGET_S
        try:
            while (entry := self._next()) is not None:
                task, callback, last = entry
                if last:
                    task._end()
                if not task.stale:
                    callback()
                if time.monotonic() > deadline:
                    break
        finally:
            # A callback that raised, or a spent budget, must not strand what is queued behind it.
            with self._lock:
                again = bool(self._inbox) and not self._closed
                self._wake_pending = again
            if again:
                self._wake.emit()

    def _next(self) -> tuple[Task, Callable[[], None], bool] | None:
        with self._lock:
            return self._inbox.popleft() if self._inbox else None


def _nothing() -> None:
    """Stands for a callback that was not given."""
