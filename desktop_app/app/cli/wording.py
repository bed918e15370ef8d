"""Words that several verbs put together."""

from __future__ import annotations


def counted(count: int, noun: str) -> str:
    """As in "1 note", "1,200 notes"."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
