"""What a build does first: a process that it starts must not meet what the build set up for itself."""

from __future__ import annotations

from collections.abc import MutableMapping

_LIBRARY_PATH = "LD_LIBRARY_PATH"
_BEFORE = "LD_LIBRARY_PATH_ORIG"


def give_back_library_path(environ: MutableMapping[str, str]) -> None:
    """Put the search path of shared libraries back to what the person had.

    PyInstaller's starter sets it to the build's own folder and keeps the old one under another name; this process has
    read it already, and a browser or file manager that is opened from here would load the build's libraries in place of
    the system's. https://pyinstaller.org/en/stable/runtime-information.html#ld-library-path-libpath-considerations
    """
    before = environ.pop(_BEFORE, None)
    if before:
        environ[_LIBRARY_PATH] = before
    else:
        environ.pop(_LIBRARY_PATH, None)
