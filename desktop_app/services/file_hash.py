"""sha256 of large files, and a memory of which files were compared with theirs."""

from __future__ import annotations

import contextlib
import hashlib
import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.errors import ModelMissingError, ModelUnreadableError, system_reason
from desktop_app.services.private_file import replace_private_file

Progress = Callable[[int, int], None]
"""(bytes done, bytes in all)."""

_BLOCK = 4 << 20


def sha256_of(path: Path, progress: Progress | None = None, cancel: CancelToken | None = None) -> str:
    """Lowercase hex. Raises ModelMissingError, ModelUnreadableError, CancelledError."""
    digest = hashlib.sha256()
    done = 0
    try:
        total = path.stat().st_size
        with path.open("rb", buffering=0) as file:
            while block := file.read(_BLOCK):
                if cancel is not None:
                    cancel.raise_if_cancelled()
                digest.update(block)
                done += len(block)
                if progress is not None:
                    progress(done, max(total, done))
    except FileNotFoundError as error:
        raise ModelMissingError(
            "The model's file is not there.", f"{path} does not exist.", "Choose it again."
        ) from error
    except OSError as error:
        raise ModelUnreadableError("The model's file cannot be read.", system_reason(error), "") from error
    return digest.hexdigest()


class HashMemory:
    """Remembers hashes by path, length, time of change and inode, so that a file is read again only when it changed.

    Args:
        file: kept in the cache folder between starts; None keeps nothing. It can be deleted at any time.
    """

    def __init__(self, file: Path | None = None) -> None:
        self._file = file
        self._lock = threading.Lock()
        self._known: dict[str, list[Any]] = self._read()

    def recall(self, path: Path) -> str | None:
        """The file's hash when it is known and the file has not changed since."""
        stamp = _stamp(path)
        with self._lock:
            entry = self._known.get(str(path))
        if stamp is None or entry is None or entry[:-1] != stamp:
            return None
        return str(entry[-1])

    def hash_of(
        self, path: Path, progress: Progress | None = None, cancel: CancelToken | None = None, *, again: bool = False
    ) -> str:
        """The file's hash, read where it is not known or `again`. What changed while it was read is not remembered.

        Raises ModelMissingError, ModelUnreadableError, CancelledError.
        """
        known = None if again else self.recall(path)
        if known is not None:
            return known
        before = _stamp(path)
        sha256 = sha256_of(path, progress, cancel)
        if before is not None and before == _stamp(path):
            self._remember(path, before, sha256)
        return sha256

    def _remember(self, path: Path, stamp: list[Any], sha256: str) -> None:
        with self._lock:
            self._known[str(path)] = [*stamp, sha256]
            content = json.dumps(self._known)
        if self._file is not None:
            # Only a saving of time: where it cannot be written, the file is hashed again next time.
            with contextlib.suppress(OSError):
                replace_private_file(self._file, content)

    def _read(self) -> dict[str, list[Any]]:
        if self._file is None:
            return {}
        try:
            content = json.loads(self._file.read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError):
            return {}
        if not isinstance(content, dict):
            return {}
        return {key: entry for key, entry in content.items() if isinstance(entry, list) and len(entry) == 4}


def _stamp(path: Path) -> list[Any] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return [found.st_size, found.st_mtime_ns, found.st_ino]
