"""Giving a finished file its name, on systems where whoever reads it stands in the way, too."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

_PAUSE_S = 0.05
_LONGEST_S = 1.0
_READERS_STAND_IN_THE_WAY = os.name == "nt"
"""Windows renames and replaces no file that another program has open: a virus scanner or an indexer looks at each new
one for some milliseconds, and a second Inkwell may be reading the old one.
"""


def replace_file(source: Path | str, target: Path | str) -> None:
    """`os.replace`, tried again for a second where another program holds one of the two. Raises OSError."""
    _patiently(lambda: os.replace(source, target))


def rename_path(source: Path | str, target: Path | str) -> None:
    """`os.rename` of a file or a folder, tried again for a second where another program holds it. Raises OSError."""
    _patiently(lambda: os.rename(source, target))


def _patiently(change: Callable[[], None]) -> None:
    latest = time.monotonic() + _LONGEST_S
    while True:
        try:
            change()
            return
        except PermissionError:
            if not _READERS_STAND_IN_THE_WAY or time.monotonic() > latest:
                raise
        time.sleep(_PAUSE_S)
