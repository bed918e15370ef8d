"""Modules of the standard library that a library imports and never uses here: read when something asks for them."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import ModuleType
from typing import Any


class LateModule(ModuleType):
    """Stands for a module, and is asked in its place; the first thing asked for has the module itself imported.

    `importlib.util.LazyLoader` does the same for good, and gives its module to everybody who imports it. This one is
    known only to those who imported it within `imported_late`.
    """

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)  # what the machinery of imports asks of every module
        return getattr(_imported(self), name)


@contextmanager
def imported_late(modules: Mapping[str, tuple[str, ...]]) -> Iterator[None]:
    """Give LateModules to whoever imports one of `modules` inside, unless it was imported before.

    The names beside each are functions of it that are only taken hold of inside, and called later if at all.
    """
    stands = {name: _stand(name, functions) for name, functions in modules.items() if name not in sys.modules}
    sys.modules.update(stands)
    for stand in stands.values():
        package, _, part = stand.__name__.rpartition(".")
        if package:
            setattr(importlib.import_module(package), part, stand)  # where `import package.part` looks for it
    try:
        yield
    finally:
        for stand in stands.values():
            _leave(stand)


def _stand(name: str, functions: tuple[str, ...]) -> LateModule:
    stand = LateModule(name)
    for function in functions:
        setattr(stand, function, _late_function(stand, function))
    return stand


def _late_function(stand: LateModule, name: str) -> Callable[..., Any]:
    def call(*args: Any, **kwargs: Any) -> Any:
        return getattr(_imported(stand), name)(*args, **kwargs)

    return call


def _imported(stand: LateModule) -> ModuleType:
    _leave(stand)
    return importlib.import_module(stand.__name__)


def _leave(stand: LateModule) -> None:
    if sys.modules.get(stand.__name__) is stand:
        del sys.modules[stand.__name__]
