"""Limits for rendering a chat template that came with a stranger's model file: time, memory, size."""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from jinja2 import filters
from jinja2.exceptions import SecurityError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from desktop_app.workers.worker_runtime import resident_bytes

MAX_SECONDS = 2.0
MAX_GROWTH_BYTES = 256 * 1024 * 1024
MAX_NUMBER = 100_000
"""Largest count a template may multiply, pad or repeat by."""
MAX_DEPTH = 500
"""Python frames below the rendering or compiling. Half of Python's own limit of 1,000: where that one is hit, whatever
happens to run just then (the release of an object, a hook) fails with it, and not the template alone.
"""
_WIDE_PADDING = re.compile(r"\d{4}|\*|\{[^}]*\{")
_LOOK_EVERY_SECONDS = 0.002
_WIDTH_FILTERS = ("center", "indent", "wordwrap", "truncate", "batch", "slice", "format")


class LimitExceededError(Exception):
    """The template ran too long or wanted too much memory."""


class BoundedEnvironment(ImmutableSandboxedEnvironment):
    """Jinja's sandbox, with the single operations that can eat all memory at one stroke kept small."""

    intercepted_binops = frozenset(["*", "**", "%"])

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        for name in _WIDTH_FILTERS:
            self.filters[name] = _bounded(filters.FILTERS[name])

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        """Refuse products of texts and numbers, powers and paddings beyond any use in a template."""
        if operator == "*":
            size = len(left) * right if isinstance(left, str | list | tuple) and isinstance(right, int) else 0
            size = max(
                size, len(right) * left if isinstance(right, str | list | tuple) and isinstance(left, int) else 0
            )
            if size > MAX_NUMBER:
                raise SecurityError("the template repeats a text too often")
        elif operator == "**":
            if not all(isinstance(side, int | float) and abs(side) <= 1000 for side in (left, right)):
                raise SecurityError("the template raises a number to too high a power")
        elif isinstance(left, str):
            check_layout(left)
        return super().call_binop(context, operator, left, right)

    def call(self, context: Any, function: Any, /, *arguments: Any, **named: Any) -> Any:
        """As the sandbox, but no method is told to pad, format or repeat beyond MAX_NUMBER."""
        _check_numbers((*arguments, *named.values()))
        return super().call(context, function, *arguments, **named)

    def wrap_str_format(self, value: Any) -> Callable[..., str] | None:
        """As the sandbox, for layouts without a wide padding."""
        layout = getattr(value, "__self__", None)
        if isinstance(layout, str) and getattr(value, "__name__", "") in ("format", "format_map"):
            check_layout(layout)
        return super().wrap_str_format(value)


def check_layout(layout: str) -> None:
    """Refuse a formatting text that could pad its result beyond use."""
    if _WIDE_PADDING.search(layout):
        raise SecurityError("the template pads text too widely")


@contextmanager
def limits(seconds: float = MAX_SECONDS, growth_bytes: int = MAX_GROWTH_BYTES) -> Iterator[None]:
    """Raise LimitExceededError in this thread's Python code once it took too long, the process grew too much or
    calls stand too deep in each other.

    A trace function looks at the clock at every line that is executed, so a loop without output is caught, too.
    """
    began = time.monotonic()
    next_look = began + _LOOK_EVERY_SECONDS
    bytes_before = resident_bytes()
    depth = 0

    def look(_frame: FrameType, event: str, _argument: object) -> Callable[..., Any]:
        nonlocal next_look, depth
        if event == "call":
            depth += 1
            if depth > MAX_DEPTH:
                raise LimitExceededError("it calls itself too often")
        elif event == "return":
            depth -= 1
        now = time.monotonic()
        if now >= next_look:
            next_look = now + _LOOK_EVERY_SECONDS
            if now - began > seconds:
                raise LimitExceededError("it ran too long")
            if resident_bytes() - bytes_before > growth_bytes:
                raise LimitExceededError("it used too much memory")
        return look

    traced_before = sys.gettrace()
    sys.settrace(look)
    try:
        yield
    finally:
        sys.settrace(traced_before)


def joined(parts: Iterable[str], most: int) -> str:
    """The parts as one text. Raises LimitExceededError beyond `most` characters."""
    kept: list[str] = []
    length = 0
    for part in parts:
        length += len(part)
        if length > most:
            raise LimitExceededError("its result is too long")
        kept.append(part)
    return "".join(kept)


def _bounded(filter_function: Callable[..., Any]) -> Callable[..., Any]:
    def checked(*arguments: Any, **named: Any) -> Any:
        if filter_function is filters.FILTERS["format"]:
            check_layout(str(arguments[0]) if arguments else "")
        _check_numbers((*arguments, *named.values()))
        return filter_function(*arguments, **named)

    # What Jinja hands to the filter in front of its arguments (environment, context) is noted on the function.
    checked.__dict__.update(filter_function.__dict__)
    return checked


def _check_numbers(values: Iterable[Any]) -> None:
    for value in values:
        if isinstance(value, int) and abs(value) > MAX_NUMBER:
            raise SecurityError("the template uses too large a number")
