"""Kinds of arguments that several verbs share."""

from __future__ import annotations

import argparse
from pathlib import Path

_LARGEST_ID = 2**63 - 1
"""SQLite's largest row id."""


def given_path(text: str) -> Path:
    """A path. An empty one, as of a variable that is not set, would mean the current folder."""
    if not text.strip():
        raise argparse.ArgumentTypeError("the path is empty")
    return Path(text)


def stored_id(text: str) -> int:
    """The number of a note."""
    number = positive(text)
    if number > _LARGEST_ID:
        raise argparse.ArgumentTypeError(f"“{text}” is larger than any number of a note")
    return number


def positive(text: str) -> int:
    """A whole number from 1 on."""
    try:
        number = int(text)
    except ValueError:
        number = 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"“{text}” is not a whole number from 1 on")
    return number
