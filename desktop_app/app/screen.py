"""Whether there is a screen to open a window on; asked before Qt, which would abort the process where there is none."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path


def no_screen(environ: Mapping[str, str], platform: str) -> str:
    """Why no window can be opened, and what works all the same; empty where one can, or Qt was told a platform."""
    if not platform.startswith("linux"):
        return ""
    if any(environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")):
        return ""
    return (
        "There is no screen to open the window on (neither DISPLAY nor WAYLAND_DISPLAY is set). "
        "“inkwell --help” lists what works in a terminal."
    )


_CURSOR_LIBRARY = "libxcb-cursor.so.0"
_LOADER_CACHE = Path("/etc/ld.so.cache")


def missing_library(
    environ: Mapping[str, str],
    platform: str,
    *,
    loader_cache: Path = _LOADER_CACHE,
    loads: Callable[[str], bool] | None = None,
) -> str:
    """What has to be installed before Qt opens a window on X11, where it would abort with words of its own; empty where
    nothing is missing. Since Qt 6.5 that is one library that many systems come without.

    The loader's list of libraries is looked into first, which takes 0.1 ms; only where the library does not stand in
    it, `loads` tries (by default with ctypes, which would cost each start 8 ms).
    """
    chosen = environ.get("QT_QPA_PLATFORM", "")
    on_x11 = chosen.startswith("xcb") or (not chosen and not environ.get("WAYLAND_DISPLAY"))
    if not platform.startswith("linux") or not on_x11:
        return ""
    try:
        is_listed = _CURSOR_LIBRARY.encode() in loader_cache.read_bytes()
    except OSError:
        is_listed = False
    if is_listed or (loads or _loads)(_CURSOR_LIBRARY):
        return ""
    return (
        f"The library {_CURSOR_LIBRARY}, which Qt needs to open a window, is not installed. "
        "Debian and Ubuntu: sudo apt-get install libxcb-cursor0. Fedora: sudo dnf install xcb-util-cursor."
    )


def _loads(library: str) -> bool:
    import ctypes

    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True
