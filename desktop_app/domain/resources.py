"""Where the files that come with Inkwell lie: themes, icons, fonts, the model catalogue, welcome notes, licences."""

from __future__ import annotations

import functools
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
