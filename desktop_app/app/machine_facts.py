"""What this computer and its Python bring along: versions, CPU features, SQLite, Qt's libraries."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import platform
import sqlite3
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from desktop_app import __version__
from desktop_app.engines.launcher import WorkerLauncher

PACKAGES = (
    "PySide6-Essentials",
    "llama-cpp-python",
    "torch",
    "transformers",
    "sentence-transformers",
    "SQLAlchemy",
    "alembic",
    "msgspec",
    "numpy",
)
_SHOWN_FEATURES = ("avx", "avx2", "fma", "f16c", "avx512f", "avx512_bf16", "amx_bf16", "neon", "asimd", "sve")
# https://sqlite.org/wal.html, "The WAL-Reset Bug": two connections that write and checkpoint at once.
_FIRST_WITH_WAL_BUG = (3, 7, 0)
_FIRST_WITHOUT_WAL_BUG = (3, 51, 3)


def versions() -> dict[str, str]:
    """Inkwell, Python, the system, SQLite and the packages that matter; "missing" for one that is not installed."""
    found = {
        "inkwell": __version__,
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "sqlite": sqlite3.sqlite_version,
    }
    for package in PACKAGES:
        try:
            found[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            found[package] = "missing"
    return found


def is_installed(module: str) -> bool:
    """True where a module of that name could be imported; it is not."""
    return importlib.util.find_spec(module) is not None


def sqlite_has_wal_bug(version: Sequence[int] = sqlite3.sqlite_version_info) -> bool:
    """True for the versions that can damage a WAL database which two connections checkpoint at once."""
    return _FIRST_WITH_WAL_BUG <= tuple(version) < _FIRST_WITHOUT_WAL_BUG


def cpu_features(cpuinfo: Path = Path("/proc/cpuinfo")) -> list[str]:
    """Instruction sets that matter for the models, as Linux names them; empty where the system does not tell."""
    try:
        lines = cpuinfo.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []
    for line in lines:
        name, _, values = line.partition(":")
        if name.strip() in ("flags", "Features"):
            present = set(values.split())
            return [feature for feature in _SHOWN_FEATURES if feature in present]
    return []


def is_x86() -> bool:
    """True on Intel and AMD processors."""
    return platform.machine().lower() in ("x86_64", "amd64", "i686")


def qt_problem(environ: dict[str, str] | None = None) -> str:
    """Why Qt's libraries would not load for the window; empty when they do.

    Looked at in a process of its own: loading them here would bring Qt into the command line.
    """
    spec = importlib.util.find_spec("PySide6")
    if spec is None or not spec.submodule_search_locations:
        return "PySide6 is not installed."
    if not sys.platform.startswith("linux"):
        return _loading_problem("PySide6.QtWidgets")
    environment = dict(os.environ if environ is None else environ)
    folder = Path(spec.submodule_search_locations[0]) / "Qt"
    libraries = [folder / "lib" / "libQt6Widgets.so.6"]
    if environment.get("DISPLAY"):
        libraries.append(folder / "plugins" / "platforms" / "libqxcb.so")
    return _loading_problem(*map(str, libraries))


def _loading_problem(*names: str) -> str:
    """What is said of the first of these libraries (absolute paths) or modules that does not load; else empty."""
    launcher = WorkerLauncher(Path.cwd())
    done = subprocess.run(
        launcher.command("libraries"),
        input="".join(f"{name}\n" for name in names),
        env=launcher.environment(),
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=60,
    )
    return "" if done.returncode == 0 else done.stdout.strip() or "It ended at once."
