"""What the process may use, held by the system where it can, and the budget of text."""

from __future__ import annotations

import sys

from desktop_app.domain.errors import ImportLimitError
from desktop_app.protocol.import_messages import MOST_MEMORY, MOST_SECONDS, MOST_TEXT_BYTES
from desktop_app.protocol.windows_job import limit_own_memory

_OPEN_FILES = 64
_TODO = "Attach a smaller file, or only the part that matters."


def confine_process() -> None:
    """Limit memory, processor time, open files and written files of this process, for good.

    Windows limits nothing but memory, and macOS not even that: there the host watches.
    """
    sys.dont_write_bytecode = True
    if sys.platform == "win32":
        limit_own_memory(MOST_MEMORY)
        return
    import resource

    limits = {
        resource.RLIMIT_AS: MOST_MEMORY,
        resource.RLIMIT_CPU: int(MOST_SECONDS),
        resource.RLIMIT_NOFILE: _OPEN_FILES,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_CORE: 0,
    }
    for limit, value in limits.items():
        _soft, hard = resource.getrlimit(limit)
        ceiling = value if hard == resource.RLIM_INFINITY else min(value, hard)
        try:
            resource.setrlimit(limit, (ceiling, ceiling))
        except (OSError, ValueError):
            if limit != resource.RLIMIT_AS or sys.platform == "linux":
                raise


class TextBudget:
    """Counts the text that was read."""

    def __init__(self, most_bytes: int = MOST_TEXT_BYTES) -> None:
        self._most = most_bytes
        self._left = most_bytes

    def take(self, text: str) -> str:
        """`text`, counted. Raises ImportLimitError beyond the limit."""
        self._left -= len(text.encode("utf-8", "surrogatepass"))
        if self._left < 0:
            raise too_much_text(self._most)
        return text


def too_much_text(most_bytes: int = MOST_TEXT_BYTES) -> ImportLimitError:
    """The error for more text than is read from one file."""
    return ImportLimitError(
        "The file has too much text.", f"At most {most_bytes // 1024**2} MB of text are read from one file.", _TODO
    )


def told_too_large() -> str:
    """What is told of a single text that is larger than all of a file's may be: it is left out, and the others come."""
    error = too_much_text()
    return f"{error.what} {error.why}"


def bomb(why: str) -> ImportLimitError:
    """The error for a file that is small and unpacks to something huge."""
    return ImportLimitError("The file was not read: it unpacks to far more than it should.", why, _TODO)


def too_many(why: str) -> ImportLimitError:
    """The error for a file of more or larger parts than are read."""
    return ImportLimitError("The file is too large to be read at once.", why, _TODO)


def forbidden(what: str) -> ImportLimitError:
    """The error for what no program writes into a file, and what could fill the memory or fetch other files."""
    return ImportLimitError(
        f"The file was not read: {what}.", "No program writes that; it may be made to do harm.", _TODO
    )


def out_of_memory() -> ImportLimitError:
    """The error for a file that needs more memory than it is given."""
    return ImportLimitError(
        "The file needs too much memory to be read.", f"It is given {MOST_MEMORY // 1024**3} GB.", _TODO
    )
