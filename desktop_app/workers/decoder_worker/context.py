"""The KV cache of one loaded model: what it holds, reading on, and going back."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from desktop_app.domain.errors import ModelLoadError
from desktop_app.domain.memory_estimate import attention_batch
from desktop_app.workers.decoder_worker.native import AbortFlag, llama

READ_SLICE = 256
"""Most prompt tokens read between two looks at the clock and the cancel flag."""
_ABORTED = 2


class ReadingStopped(Exception):  # noqa: N818 - not an error: the person stopped it
    """The abort flag was raised in mid-computation."""


class DecoderContext:
    """Owns the native context.

    `held` are the tokens whose state the cache holds, in order: the truth about it between any two calls.
    """

    def __init__(
        self,
        model: Any,
        *,
        context_length: int,
        batch_size: int,
        threads: int,
        abort: AbortFlag,
        can_roll_back: bool,
        on_gpu: bool,
    ) -> None:
        parameters = llama.llama_context_default_params()
        parameters.n_ctx = context_length
        parameters.n_batch = min(batch_size, READ_SLICE)
        parameters.n_ubatch = parameters.n_batch
        if not on_gpu:
            # Flash attention goes through the cache anew for each token of a short batch. At 2,500 tokens SmolLM2 wrote
            # 26 tokens/s with it and 59 without, and read 18 tokens at 35 and 177; whole slices lose a tenth.
            parameters.flash_attn_type = llama.LLAMA_FLASH_ATTN_TYPE_DISABLED
            heads = max(1, llama.llama_model_n_head(model))
            parameters.n_ubatch = attention_batch(context_length, heads, parameters.n_batch)
        parameters.n_seq_max = 1
        parameters.n_threads = threads
        parameters.n_threads_batch = threads
        parameters.no_perf = True
        parameters.abort_callback = abort.callback
        parameters.abort_callback_data = abort.address
        self.handle: Any = llama.llama_init_from_model(model, parameters)
        if not self.handle:
            raise ModelLoadError("The model was loaded, but no room for the conversation could be made.")
        self._abort = abort
        self._memory = llama.llama_get_memory(self.handle)
        self._can_roll_back = can_roll_back
        self.slice: int = parameters.n_batch
        self.shape = (
            f"n_ctx={llama.llama_n_ctx(self.handle)} n_batch={parameters.n_batch} n_ubatch={parameters.n_ubatch} "
            f"flash_attention={parameters.flash_attn_type}"
        )
        """What shapes a state, and the last bits of what is computed."""
        self.length: int = llama.llama_n_ctx(self.handle)
        self.threads = threads
        self.held: list[int] = []
        self._read_buffer = (llama.llama_token * self.slice)()
        self.one = (llama.llama_token * 1)()
        """The token `decode_one` decodes."""
        self._batch_of_one = llama.llama_batch_get_one(self.one, 1)
        self._decode = llama.llama_decode

    def warm_up(self, token: int) -> None:
        """Compute once, so that the weights are in memory before the first answer is asked for."""
        llama.llama_set_warmup(self.handle, True)
        self.one[0] = max(0, token)
        self._decode(self.handle, self._batch_of_one)
        llama.llama_set_warmup(self.handle, False)
        llama.llama_synchronize(self.handle)
        self.clear()

    def keep_prefix(self, tokens: Sequence[int]) -> int:
        """Roll back to the longest common beginning with `tokens`, less one; how many tokens stay.

        One token at least is left to read, since its computation yields the first prediction.
        """
        keep = min(common_prefix(self.held, tokens), len(tokens) - 1)
        if keep < len(self.held):
            self._roll_back(keep)
        return len(self.held)

    def read(self, tokens: Sequence[int], on_slice: Callable[[int], None], most: int | None = None) -> None:
        """Read what follows `held` in `tokens`, slice by slice; `on_slice` gets the number held so far.

        `most` is the longest slice, `slice` tokens where it is not given.
        Raises ReadingStopped, ModelLoadError; whatever was read stays.
        """
        buffer = self._read_buffer
        length = self.slice if most is None else max(1, min(most, self.slice))
        while len(self.held) < len(tokens):
            part = tokens[len(self.held) : len(self.held) + length]
            buffer[: len(part)] = part
            code = self._decode(self.handle, llama.llama_batch_get_one(buffer, len(part)))
            if code != 0:
                self._roll_back(len(self.held))
                raise ReadingStopped if code == _ABORTED else decode_error(code)
            self.held.extend(part)
            on_slice(len(self.held))

    def decode_one(self) -> None:
        """Decode the token in `one`. Raises ReadingStopped, ModelLoadError."""
        code = self._decode(self.handle, self._batch_of_one)
        if code != 0:
            self._roll_back(len(self.held))
            raise ReadingStopped if code == _ABORTED else decode_error(code)
        self.held.append(self.one[0])

    def clear(self) -> None:
        """Hold nothing."""
        llama.llama_memory_clear(self._memory, False)
        self.held.clear()

    @property
    def state_bytes(self) -> int:
        """How many bytes `state` would give."""
        return int(llama.llama_state_seq_get_size(self.handle, 0))

    def state(self) -> NDArray[np.uint8] | None:
        """The state of `held`, None where llama.cpp does not give it. Some 20 ms for 60 MB. Raises MemoryError."""
        data = np.empty(self.state_bytes, np.uint8)
        written = llama.llama_state_seq_get_data(self.handle, _pointer(data), data.nbytes, 0)
        return data if 0 < written == data.nbytes else None

    def restore(self, tokens: Sequence[int], data: NDArray[np.uint8]) -> bool:
        """Hold the state of `tokens` in place of what is held; false, and nothing held, where llama.cpp refuses it."""
        self.clear()
        taken = llama.llama_state_seq_set_data(self.handle, _pointer(data), data.nbytes, 0)
        if taken != data.nbytes or llama.llama_memory_seq_pos_max(self._memory, 0) != len(tokens) - 1:
            self.clear()
            return False
        self.held.extend(tokens)
        return True

    def use_threads(self, threads: int) -> None:
        """Compute with so many threads from now on."""
        llama.llama_set_n_threads(self.handle, threads, threads)

    def close(self) -> None:
        """Free the native context."""
        llama.llama_free(self.handle)

    def _roll_back(self, keep: int) -> None:
        """Forget all but the first `keep` tokens; all of them where the model cannot forget a part."""
        if keep > 0 and self._can_roll_back and llama.llama_memory_seq_rm(self._memory, 0, keep, -1):
            del self.held[keep:]
        else:
            self.clear()


def _pointer(data: NDArray[np.uint8]) -> Any:
    return data.ctypes.data_as(ctypes.POINTER(ctypes.c_uint8))


def decode_error(code: int) -> ModelLoadError:
    """The error for a computation that failed with that number of llama_decode."""
    return ModelLoadError(
        "The model failed while it worked.", f"llama.cpp reported error {code}.", "Try again, or choose another model."
    )


def common_prefix(held: Sequence[int], wanted: Sequence[int]) -> int:
    """Number of leading tokens both have in common. Compares slices, so long beginnings cost little."""
    low, high = 0, min(len(held), len(wanted))
    while low < high:
        middle = (low + high + 1) // 2
        if list(held[low:middle]) == list(wanted[low:middle]):
            low = middle
        else:
            high = middle - 1
    return low
