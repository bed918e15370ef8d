"""Run as a program: the rooms without a window, on a Python that lacks what another system's Python lacks.

Arguments: the system's name as `sys.platform` says it, and an empty folder.
"""

from __future__ import annotations

import importlib
import io
import os
import pkgutil
import signal
import sys
import types
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from pathlib import Path
from unittest.mock import MagicMock

MISSING_MODULES = {
    "win32": {"fcntl", "grp", "posix", "pwd", "resource", "syslog", "termios", "tty", "pty"},
    "darwin": set[str](),
}
MISSING_NAMES = {
    "win32": {
        os: (
            *("O_CLOEXEC", "O_DIRECTORY", "O_NOFOLLOW", "O_NONBLOCK", "fchmod", "fork", "geteuid", "getuid", "killpg"),
            *("nice", "pread", "sched_getaffinity", "setpriority", "setsid", "statvfs", "sysconf", "uname"),
        ),
        signal: ("SIGHUP", "SIGKILL", "SIGQUIT", "SIGUSR1", "pthread_sigmask"),
    },
    "darwin": {os: ("sched_getaffinity", "sched_setaffinity", "pidfd_open", "memfd_create")},
}
LOADED_BY_OTHERS = ("llama_cpp", "llama_cpp.llama_cpp", "sentence_transformers", "torch", "transformers")


class Missing(MetaPathFinder):
    """Finds nothing under some names, and says so as Python does."""

    def __init__(self, names: set[str]) -> None:
        self._names = names

    def find_spec(self, name: str, path: Sequence[str] | None, target: types.ModuleType | None = None) -> None:
        if name in self._names:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


def become(platform: str) -> None:
    """From here on this Python has what that of `platform` has. The standard library is loaded before."""
    for name in ("asyncio", "concurrent.futures", "ctypes.wintypes", "logging.handlers", "multiprocessing.connection"):
        importlib.import_module(name)
    for name in (
        "alembic",
        "hunspell",
        "psutil",
        "pypdfium2",
        "ziamath",
        "platformdirs",
        "shutil",
        "sqlalchemy",
        "subprocess",
        "tempfile",
        "PySide6",
    ):
        importlib.import_module(name)
    for name in LOADED_BY_OTHERS:
        sys.modules[name] = MagicMock(__path__=[], __spec__=None, __version__="0")
    gone = MISSING_MODULES[platform]
    fcntl = sys.modules.get("fcntl") or importlib.import_module("fcntl")
    for name in gone & sys.modules.keys():
        del sys.modules[name]
    sys.meta_path.insert(0, Missing(gone))
    for module, names in MISSING_NAMES[platform].items():
        for name in names:
            if hasattr(module, name):
                delattr(module, name)
    if platform == "win32":
        sys.modules["msvcrt"] = _msvcrt(fcntl)
    sys.platform = platform


def _msvcrt(fcntl: types.ModuleType) -> types.ModuleType:
    """The part of it that locks files."""

    def locking(descriptor: int, mode: int, _size: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_UN if mode == 0 else fcntl.LOCK_EX | fcntl.LOCK_NB)

    made = types.ModuleType("msvcrt")
    made.__dict__.update(locking=locking, LK_UNLCK=0, LK_NBLCK=2)
    return made


def import_all() -> int:
    """Import every module of the program; how many there are."""
    import desktop_app

    found = pkgutil.walk_packages(desktop_app.__path__, "desktop_app.")
    names = [one.name for one in found if ".migrations." not in one.name]  # Alembic runs those
    for name in names:
        importlib.import_module(name)
    return len(names)


def command(folder: Path, *arguments: str) -> str:
    """What a command prints; it must not fail."""
    from desktop_app.app.cli import main

    out, err = io.StringIO(), io.StringIO()
    code = main([*arguments, "--data-dir", str(folder / "data")], environ={}, stdout=out, stderr=err)
    assert code == 0, (arguments, err.getvalue())
    return out.getvalue()


def use(folder: Path) -> None:
    """Link a folder, write both ways, import, find, back up and export."""
    vault, others = folder / "vault", folder / "others"
    vault.mkdir()
    others.mkdir()
    (vault / "a.md").write_text("first words", encoding="utf-8")
    (others / "b.txt").write_text("second words", encoding="utf-8")
    command(folder, "notes", "link", str(vault))
    (vault / "a.md").write_text("changed words", encoding="utf-8")
    assert "1 taken in" in command(folder, "notes", "sync")
    assert "1 imported" in command(folder, "notes", "import", str(others))
    assert "changed" in command(folder, "search", "changed", "--mode", "words")
    command(folder, "settings", "set", "appearance.theme", "dark")
    command(folder, "backup")
    command(folder, "export", str(folder / "exported"))
    assert (folder / "exported" / "notes" / "vault" / "a.md").is_file()


if __name__ == "__main__":
    become(sys.argv[1])
    print(import_all())
    use(Path(sys.argv[2]))
    print("done")
