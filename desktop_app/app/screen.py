"""Whether there is a screen to open a window on; asked before Qt, which would abort the process where there is none."""

from __future__ import annotations

from collections.abc import Mapping


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
