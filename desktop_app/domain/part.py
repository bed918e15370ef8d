"""A part of the program: made when first asked for, once, whatever threads ask at the same moment."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, Generic, TypeVar, cast, overload

T = TypeVar("T")


class _Late:
    def __init__(self, get: Callable[[], Any]) -> None:
        self._get = get

    def __getattr__(self, name: str) -> Any:
        return getattr(self._get(), name)


def late(get: Callable[[], T]) -> T:
    """What `get` gives, asked for with the first use of an attribute of it, and then each time.

    For what is handed to somebody who may never use it, or not before the first picture. `isinstance` does not see
    through it.
    """
    return cast("T", _Late(get))


class MakesParts:
    """What has parts. They lie in its `__dict__` once they are made."""

    def __init__(self, making: threading.RLock | None = None) -> None:
        """Wholes whose parts need each other share `making`: of two locks, two threads could each hold one."""
        self.making = making or threading.RLock()
        """Held while a part is made, with the parts that it needs in its turn."""


class part(Generic[T]):  # noqa: N801 - used as a decorator, as `property` is
    """A method of MakesParts that makes a part; reading the attribute makes it, or gives what was made.

    The library's `cached_property` does the same without a lock from Python 3.12 on: of two threads that asked at once
    each would get a part of its own, a store or a process, and nobody would close one of them.
    """

    def __init__(self, make: Callable[[Any], T]) -> None:
        self._make = make
        self._name = ""
        self.__doc__ = make.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, owner: None, kind: type) -> part[T]: ...

    @overload
    def __get__(self, owner: MakesParts, kind: type) -> T: ...

    def __get__(self, owner: MakesParts | None, kind: type) -> part[T] | T:
        if owner is None:
            return self
        made = vars(owner)
        with owner.making:
            if self._name not in made:
                made[self._name] = self._make(owner)
            value: T = made[self._name]
            return value
