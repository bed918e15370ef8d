"""When the state of a conversation goes to the disk, and when one comes back from there."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as StillWriting

from desktop_app.workers.decoder_worker.context import DecoderContext, common_prefix
from desktop_app.workers.decoder_worker.kept_states import LEAST_TOKENS, KeptStates, usable_tokens

IDLE_SECONDS = 5.0
"""A state is kept when nothing was asked for so long after an answer."""
LEAST_GAIN = 32
"""Fewer tokens than this are neither worth restoring a state, nor keeping one again."""
_BYTES_PER_S = 4e8
"""Assumed for keeping and for restoring until the first was measured."""


class StateKeeper:
    """Keeps the context's state when a conversation may be kept, and restores it when a prompt asks for it.

    The main thread's, but for `usable`, `restorable`, `forget` and `has_more`. Copying the state out of llama.cpp is
    the main thread's work (some 20 ms for 60 MB); a thread of its own writes it to the disk.
    """

    def __init__(
        self,
        context: DecoderContext,
        states: KeptStates | None,
        *,
        can_roll_back: bool,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`states` is None where nothing may be kept."""
        self._context = context
        self._states = states
        self._can_roll_back = can_roll_back
        self._clock = clock
        self._permitted = False
        self._kept: tuple[int, ...] = ()
        self._forgotten = 0
        self._due: float | None = None
        self._was_due = False
        self._pending: tuple[tuple[int, ...], Future[float]] | None = None
        self._writer = ThreadPoolExecutor(1, "state writer")
        self._write_speed = _BYTES_PER_S
        self._read_speed = _BYTES_PER_S

    def has_more(self, *, writing: bool) -> bool:
        """True where something worth keeping is not on the disk yet; `writing`: an answer is under way. Any thread."""
        return self._due is not None or self._pending is not None or (writing and self._permitted)

    def patience(self) -> float | None:
        """Seconds until `save` is due, None where nothing is."""
        due = self._due
        return None if due is None else max(0.0, due - self._clock())

    def prepare(self, tokens: Sequence[int], *, permitted: bool, afresh: bool = False) -> int:
        """Make the context ready for a prompt; how many of its tokens came from the disk.

        What another conversation would lose by it is kept first. `permitted`: this one may be restored and kept;
        `afresh`: nothing that is there, in memory or on the disk, is to be used.
        """
        held = 0 if afresh else self.usable(self._context.held, tokens)
        if self._due is not None and len(self._context.held) - held >= LEAST_TOKENS:
            self.save()
        self._permitted = permitted
        self._was_due = self._due is not None
        self._due = None
        if afresh:
            self._context.clear()
        elif permitted and self._states is not None:
            return self._restore(self._states, tokens, held)
        return 0

    def finished(self, *, least_new: int = LEAST_GAIN) -> None:
        """The conversation now has in the context what it will have for a while: keep it soon, where that pays.

        `least_new` tokens must have come since it was kept, unless it was to be kept before them.
        """
        held = self._context.held
        new = len(held) - common_prefix(self._kept, held)
        worth = len(held) >= LEAST_TOKENS and new >= (LEAST_GAIN if self._was_due else least_new)
        if self._states is not None and self._permitted and worth:
            self._due = self._clock() + IDLE_SECONDS

    def save(self) -> None:
        """Keep what is held, now, if it is not kept yet; a thread writes it."""
        states = self._states
        if self._due is None or states is None:
            return
        self._due = None
        self.wait_written()
        size = self._context.state_bytes
        if size > states.most_bytes or not _memory_has(size):
            return
        data = self._context.state()
        if data is None:
            return
        tokens = tuple(self._context.held)
        self._kept = tokens
        forgotten = self._forgotten

        def write() -> float:
            began = time.perf_counter()
            states.save(tokens, data)
            if self._forgotten != forgotten:
                states.discard(tokens)
            return data.nbytes / max(time.perf_counter() - began, 1e-6)

        self._pending = (tokens, self._writer.submit(write))

    def save_within(self, seconds: float) -> None:
        """As `save` and `wait_written` together, unless it would take longer by all that is known."""
        ends = time.perf_counter() + seconds
        if self._due is not None and self._context.state_bytes / self._write_speed < seconds:
            self.save()
        self.wait_written(max(0.0, ends - time.perf_counter()))

    def wait_written(self, seconds: float | None = None) -> None:
        """Wait, so long at most, until the thread has written what it was given."""
        pending = self._pending
        if pending is None:
            return
        try:
            self._write_speed = pending[1].result(seconds)
        except StillWriting:
            return
        self._pending = None

    def forget(self) -> None:
        """Do not keep what is held now, nor what is just being written. From any thread."""
        self._forgotten += 1
        self._permitted = False
        self._due = None
        self._kept = ()

    def restorable(self, tokens: Sequence[int], held: Sequence[int]) -> tuple[int, float]:
        """How many tokens of a prompt would come from the disk, and the seconds that takes. From any thread."""
        if self._states is None:
            return 0, 0.0
        best = self._states.best(tokens)
        if best is None or best.usable < self.usable(held, tokens) + LEAST_GAIN:
            return 0, 0.0
        try:
            return best.usable, best.path.stat().st_size / self._read_speed
        except OSError:
            return 0, 0.0

    def close(self) -> None:
        """Keep what is not kept yet, and write it; the context is about to go."""
        self.save()
        self._writer.shutdown()

    def usable(self, held: Sequence[int], tokens: Sequence[int]) -> int:
        """How many of `tokens` need not be read where `held` are in the context; none where a model that cannot go
        back would have to. From any thread.
        """
        return usable_tokens(held, tokens, can_roll_back=self._can_roll_back)

    def _restore(self, states: KeptStates, tokens: Sequence[int], held: int) -> int:
        if self._pending is not None and self.usable(self._pending[0], tokens) >= held + LEAST_GAIN:
            self.wait_written()
        best = states.best(tokens)
        if best is None or best.usable < held + LEAST_GAIN:
            return 0
        began = time.perf_counter()
        loaded = states.load(best)
        if loaded is None:
            return 0
        kept, data, aside = loaded
        taken = self._context.restore(kept, data)
        states.loaded(best, aside, taken=taken)
        if not taken:
            print("llama.cpp refused a kept state; the chat is read again", file=sys.stderr, flush=True)
            return 0
        self._kept = kept
        self._read_speed = data.nbytes / max(time.perf_counter() - began, 1e-6)
        return best.usable


def _memory_has(size: int) -> bool:
    """Copying a state must not push the computer into swapping: twice its size leaves room for what else goes on."""
    import psutil  # type: ignore[import-untyped,unused-ignore]

    return bool(psutil.virtual_memory().available > 2 * size)
