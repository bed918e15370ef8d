"""The folder of kept KV states: the longest one that fits a prompt, and no more bytes than allowed."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec

from desktop_app.domain.whole_numbers import whole_number
from desktop_app.workers.decoder_worker.context import common_prefix
from desktop_app.workers.decoder_worker.state_file import (
    StateBytes,
    StateOrigin,
    UnusableStateError,
    file_name,
    read_state,
    read_tokens,
    write_state,
)

SUFFIX = ".state"
LEAST_TOKENS = 256
"""Fewer tokens are read again as quickly as one would notice."""
_FREE_BYTES_LEFT = 500_000_000
"""A disk with less room than this is not filled further by what can be made again."""
_STALE_SECONDS = 600.0


class KeptState(msgspec.Struct, frozen=True):
    """A state on the disk, with the number of tokens that a prompt would have of it."""

    path: Path
    usable: int


class _Known(msgspec.Struct, frozen=True):
    tokens: tuple[int, ...]
    size: int
    changed_ns: int


class KeptStates:
    """States of one model on the disk; files of other models count for the bound alone. Thread-safe.

    Args:
        folder: where they lie (0700); made when the first one is written.
        most_bytes: of all files in it; the least recently used go. 0 keeps nothing and removes what is there.
        longest: most tokens of a state.
        can_roll_back: false where a state is of use only when the prompt begins with all of it.
    """

    def __init__(
        self, folder: Path, most_bytes: int, origin: StateOrigin, *, longest: int, can_roll_back: bool
    ) -> None:
        self.most_bytes = most_bytes
        self._folder = folder
        self._origin = origin
        self._longest = longest
        self._can_roll_back = can_roll_back
        self._lock = threading.Lock()
        self._known: dict[str, _Known] = {}
        self.tidy()

    def tidy(self) -> None:
        """Remove what is beyond the bound, and what writing or restoring left behind when it was cut off."""
        with self._lock:
            self._make_room(0)
            for entry in self._entries("", stale=True):
                _remove(entry)

    def best(self, tokens: Sequence[int]) -> KeptState | None:
        """The state of which `tokens` can use most; one token is always left to be read."""
        with self._lock:
            self._refresh()
            known = list(self._known.items())
        best: KeptState | None = None
        for name, state in known:
            usable = usable_tokens(state.tokens, tokens, can_roll_back=self._can_roll_back)
            if usable > (best.usable if best is not None else 0):
                best = KeptState(self._folder / name, usable)
        return best

    def load(self, kept: KeptState) -> tuple[tuple[int, ...], StateBytes, Path] | None:
        """Its tokens and data, None where it is gone or damaged.

        The file is moved aside (the path) until `loaded` is told that llama.cpp took it: if that ends this process, the
        next one must not try it again.
        """
        aside = kept.path.with_suffix(".trying")
        try:
            tokens, data = read_state(kept.path, self._origin, self._longest)
            os.replace(kept.path, aside)
        except UnusableStateError as error:
            self._drop(kept.path, str(error))
            return None
        except OSError:
            return None  # another process removed it, or the disk fails: the prompt is read instead
        return tokens, data, aside

    def loaded(self, kept: KeptState, aside: Path, *, taken: bool) -> None:
        """llama.cpp took the state, which makes it the one used last; or it did not, and the file goes."""
        with contextlib.suppress(OSError):
            if taken:
                os.utime(aside)
                os.replace(aside, kept.path)
            else:
                _remove(aside)

    def save(self, tokens: Sequence[int], data: StateBytes) -> bool:
        """Keep a state; those that it makes superfluous go. False where there is no room, or the disk refuses."""
        try:
            with self._lock:
                self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                self._remove_superseded(tokens)
                if not self._make_room(data.nbytes) or self._disk_is_short(data.nbytes):
                    return False
            write_state(self._folder / file_name(self._origin, tokens), self._origin, tokens, data)
        except OSError as error:
            print(f"the state of the chat could not be kept: {error.strerror}", file=sys.stderr, flush=True)
            return False
        return True

    def discard(self, tokens: Sequence[int]) -> None:
        """Remove the state of exactly these tokens."""
        _remove(self._folder / file_name(self._origin, tokens))

    def _refresh(self) -> None:
        """Learn of files that came or went: another process uses the same folder."""
        seen: dict[str, _Known] = {}
        for path in self._entries(self._origin.key):
            try:
                status = path.stat()
                known = self._known.get(path.name)
                if known is None or (known.size, known.changed_ns) != (status.st_size, status.st_mtime_ns):
                    tokens = read_tokens(path, self._origin, self._longest)
                    known = _Known(tokens, status.st_size, status.st_mtime_ns)
            except UnusableStateError as error:
                self._drop(path, str(error))
                continue
            except OSError:
                continue
            seen[path.name] = known
        self._known = seen

    def _remove_superseded(self, tokens: Sequence[int]) -> None:
        """States that the new one replaces but for a few tokens. A model that cannot go back needs each of them."""
        if not self._can_roll_back:
            return
        self._refresh()
        for name, known in list(self._known.items()):
            if len(known.tokens) - common_prefix(known.tokens, tokens) < LEAST_TOKENS:
                _remove(self._folder / name)
                del self._known[name]

    def _make_room(self, needed: int) -> bool:
        """Remove the least recently used files until `needed` more bytes are within the bound; whether they are."""
        files: list[tuple[int, int, Path]] = []
        for path in self._entries(""):
            with contextlib.suppress(OSError):
                status = path.lstat()
                files.append((status.st_mtime_ns, status.st_size, path))
        files.sort(reverse=True)
        total = sum(size for _when, size, _path in files)
        while files and total + needed > self.most_bytes and needed <= self.most_bytes:
            _when, size, path = files.pop()
            _remove(path)
            total -= size
        return total + needed <= self.most_bytes

    def _disk_is_short(self, needed: int) -> bool:
        return shutil.disk_usage(self._folder).free - needed < _FREE_BYTES_LEFT

    def _drop(self, path: Path, reason: str) -> None:
        print(f"a kept state was removed: {reason}", file=sys.stderr, flush=True)
        _remove(path)

    def _entries(self, beginning: str, *, stale: bool = False) -> list[Path]:
        """The kept states whose names begin so; or, `stale`, other files of ours nobody has touched for long."""
        try:
            paths = [Path(entry.path) for entry in os.scandir(self._folder) if entry.name.startswith(beginning)]
        except OSError:
            return []
        if not stale:
            return [path for path in paths if path.suffix == SUFFIX]
        return [path for path in paths if path.suffix in (".tmp", ".trying") and _is_stale(path)]


def usable_tokens(held: Sequence[int], wanted: Sequence[int], *, can_roll_back: bool) -> int:
    """How many of `wanted`, never all, need not be read where the state of `held` is there."""
    common = min(common_prefix(held, wanted), len(wanted) - 1)
    return max(0, common) if can_roll_back or common == len(held) else 0


def _is_stale(path: Path) -> bool:
    """Its writer is gone, or it lies there for long."""
    import psutil  # type: ignore[import-untyped,unused-ignore]

    writer = whole_number(path.stem.rpartition(".")[2])
    if path.suffix == ".tmp" and writer is not None and not psutil.pid_exists(writer):
        return True
    try:
        return time.time() - path.lstat().st_mtime > _STALE_SECONDS
    except OSError:
        return False


def _remove(path: Path) -> None:
    with contextlib.suppress(OSError):
        path.unlink()
