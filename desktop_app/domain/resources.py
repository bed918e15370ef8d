"""How Inkwell lies on this computer: where the files that come with it are (themes, icons, fonts, the model catalogue,
welcome notes, licences), and what starts it once more.
"""

from __future__ import annotations

import functools
import sys
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent.parent


@functools.cache
def resource_root() -> Path:
    """The folder of all resources: `_resources` inside an installed package, else `resources` of the checkout."""
    installed = _PACKAGE / "_resources"
    return installed if installed.is_dir() else _PACKAGE.parent / "resources"


def resource_path(*parts: str) -> Path:
    """The path of one resource, e.g. `resource_path("models", "catalogue.toml")`. It need not exist."""
    return resource_root().joinpath(*parts)


def is_frozen() -> bool:
    """True in a build that brings its own Python along (PyInstaller sets the mark); False in a checkout or a wheel."""
    return bool(getattr(sys, "frozen", False))


def program_command() -> list[str]:
    """What starts this very program in a process of its own; its arguments follow.

    A build is its own interpreter and knows no `-m`. With `-P` nothing is imported from the working folder.
    """
    return [sys.executable] if is_frozen() else [sys.executable, "-P", "-m", "desktop_app"]


def bundled_packages() -> Path:
    """The folder in which a build keeps the packages that came with it, the starter models among them."""
    return _PACKAGE.parent
