"""The one place that imports llama.cpp's bindings."""

from __future__ import annotations

import ctypes
import sys
from collections import deque
from typing import Any

import llama_cpp
import llama_cpp.llama_cpp as _bindings

llama: Any = _bindings
"""llama-cpp-python's low-level bindings; untyped here, as ctypes functions are."""

LIBRARY_VERSION: str = llama_cpp.__version__
"""Version of the bindings, and with it of llama.cpp."""

_WARNING = 2
_ERROR = 3


class NativeLog:
    """Keeps llama.cpp's last warnings and errors, and passes errors on to standard error.

    Must outlive all use of the library, which holds a pointer to the callback.
    """

    def __init__(self) -> None:
        self._lines: deque[str] = deque(maxlen=40)
        self._callback = llama.llama_log_callback(self._take)
        llama.llama_log_set(self._callback, ctypes.c_void_p(0))

    @property
    def last_lines(self) -> tuple[str, ...]:
        """Warnings and errors, oldest first."""
        return tuple(self._lines)

    def clear(self) -> None:
        """Forget what was said before."""
        self._lines.clear()

    def _take(self, level: int, text: bytes, _data: object) -> None:
        if level in (_WARNING, _ERROR):
            line = text.decode("utf-8", "replace").rstrip()
            self._lines.append(line)
            if level == _ERROR:
                print(line, file=sys.stderr, flush=True)


class AbortFlag:
    """Tells llama.cpp to stop computing.

    ggml asks a C callback `bool (*)(void *)` after each node of its graph. Ours is libc's `strlen`, handed the address
    of two bytes: it is zero (false) while the first byte is zero, one (true) once it is set. So asking some hundred
    times a token never enters Python and never waits for the interpreter's lock.
    """

    def __init__(self) -> None:
        self._bytes = ctypes.create_string_buffer(2)
        libc = ctypes.cdll.msvcrt if sys.platform == "win32" else ctypes.CDLL(None)
        self.callback = ctypes.cast(libc.strlen, llama.ggml_abort_callback)
        self.address = ctypes.cast(self._bytes, ctypes.c_void_p)

    @property
    def raised(self) -> bool:
        """True between `raise_it` and `lower`."""
        return self._bytes[0] != b"\0"

    def raise_it(self) -> None:
        """Stop what is computed now, and what is begun until it is lowered. From any thread."""
        self._bytes[0] = b"\1"

    def lower(self) -> None:
        """Let the next computation run."""
        self._bytes[0] = b"\0"
