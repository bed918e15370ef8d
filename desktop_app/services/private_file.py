"""Small files that are written whole or not at all, and that other users of the computer cannot read."""

from __future__ import annotations

import contextlib
import os
import threading
from pathlib import Path

from desktop_app.domain.file_renaming import replace_file


def replace_private_file(path: Path, text: str) -> None:
    """Put `text` in place of what the file holds; its folder is made where there is none. Raises OSError."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        flags = os.O_CREAT | os.O_WRONLY | os.O_TRUNC | getattr(os, "O_BINARY", 0)
        with open(os.open(temporary, flags, 0o600), "wb") as file:
            file.write(text.encode("utf-8"))
            file.flush()
            os.fsync(file.fileno())
        replace_file(temporary, path)
    except OSError:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise
