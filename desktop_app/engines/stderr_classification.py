"""What a dead worker's exit status and last words say about why it died."""

from __future__ import annotations

import re
import signal
from collections.abc import Sequence

from desktop_app.domain.errors import InkwellError, OutOfMemoryError, WorkerCrashedError, WorkerStartError

_OUT_OF_MEMORY = re.compile(
    r"out of memory|failed to allocate|cannot allocate memory|bad_alloc|MemoryError|ErrorOutOfDeviceMemory"
    r"|ErrorOutOfHostMemory|alloc_buffer.*failed|DefaultCPUAllocator",
    re.IGNORECASE,
)
_BACKEND = re.compile(
    r"CUDA error|cudaError|hipError|vk::|ErrorDeviceLost|ggml_vulkan.*error|ggml_metal.*error", re.IGNORECASE
)
_ASSERTION = re.compile(r"GGML_ASSERT|GGML_ABORT|Assertion .* failed|terminate called")
_MISSING_LIBRARY = re.compile(r"ModuleNotFoundError|ImportError|cannot open shared object|DLL load failed")

# https://learn.microsoft.com/openspecs/windows_protocols/ms-erref: what Windows says in place of a signal.
_WINDOWS_FAULTS = 0xC0000000
_WINDOWS_BAD_MEMORY = (0xC0000005, 0xC0000006)
_WINDOWS_ILLEGAL_INSTRUCTION = 0xC000001D

_TRY_AGAIN = "Try again; it starts afresh. If it happens often, choose another model."


def error_for_exit(worker: str, status: int | None, last_lines: Sequence[str]) -> InkwellError:
    """The typed error for a worker (named in a person's words) that ended by itself.

    Args:
        status: exit status, negative for a signal, None where unknown.
        last_lines: the end of its standard error.
    """
    tail = "\n".join(last_lines)
    if _OUT_OF_MEMORY.search(tail):
        return OutOfMemoryError(
            f"The {worker} ran out of memory.",
            "It needs more memory than this computer has free.",
            "Close other programs, shorten the context length in Settings, or choose a smaller model.",
        )
    if _MISSING_LIBRARY.search(tail):
        return WorkerStartError(
            f"The {worker} could not be started.",
            "A library it needs is missing or damaged.",
            "Run “inkwell doctor” in a terminal to see what is wrong.",
        )
    return WorkerCrashedError(f"The {worker} stopped unexpectedly.", _cause(status, tail), _TRY_AGAIN)


def _cause(status: int | None, tail: str) -> str:
    if _BACKEND.search(tail):
        return "The graphics card's driver reported a fault."
    if _ASSERTION.search(tail):
        return "An internal check of the model library failed."
    if status is None:
        return ""
    if -status == getattr(signal, "SIGKILL", 9):
        return "The system ended its process, perhaps for lack of memory."
    if -status == getattr(signal, "SIGILL", 4) or status == _WINDOWS_ILLEGAL_INSTRUCTION:
        return "The processor does not know an instruction the model library uses."
    if -status in (getattr(signal, "SIGSEGV", 11), getattr(signal, "SIGBUS", 7)) or status in _WINDOWS_BAD_MEMORY:
        return "It read memory it may not; the model file may be damaged or changed on the disk."
    if status < 0:
        return f"Its process was ended by signal {-status}."
    return f"Its process ended with status {status if status < _WINDOWS_FAULTS else hex(status)}."
