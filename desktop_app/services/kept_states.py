"""The folder in which the decoder keeps the states of recent chats, seen from this side: its size, and emptying it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

from desktop_app.domain.errors import StoreError, system_reason


class KeptStatesFolder:
    """Everything in it can be made again by reading; nothing of worth is ever there.

    Args:
        folder: may not exist yet.
        forget: tells a running decoder that what it holds now is not to be kept either.
    """

    def __init__(self, folder: Path, forget: Callable[[], None]) -> None:
        self.folder = folder
        self._forget = forget

    def size(self) -> int:
        """Bytes of all files in it."""
        return sum(entry.stat(follow_symlinks=False).st_size for entry in self._files())

    def clear(self) -> None:
        """Remove all of it, and what a running decoder would add to it. Raises StoreError where a file stays."""
        self._forget()
        for entry in self._files():
            try:
                os.unlink(entry.path)
            except FileNotFoundError:
                continue  # the decoder was quicker
            except OSError as error:
                raise StoreError(
                    "Not all kept chat states could be removed.",
                    system_reason(error),
                    f"Remove the files in {self.folder} yourself.",
                ) from error

    def _files(self) -> Iterator[os.DirEntry[str]]:
        try:
            with os.scandir(self.folder) as entries:
                yield from [entry for entry in entries if entry.is_file(follow_symlinks=False)]
        except OSError:
            return  # not made yet, or not to be read: nothing is known to be there
