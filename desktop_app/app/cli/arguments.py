"""Kinds of arguments that several verbs share."""

from __future__ import annotations

import argparse
from pathlib import Path

from desktop_app.domain.errors import SettingError
from desktop_app.settings.schema import Setting, setting_for
from desktop_app.settings.validation import parse_text

_LARGEST_ID = 2**63 - 1
"""SQLite's largest row id."""


def given_path(text: str) -> Path:
    """A path. An empty one, as of a variable that is not set, would mean the current folder."""
    if not text.strip():
        raise argparse.ArgumentTypeError("the path is empty")
    return Path(text)


def stored_id(text: str) -> int:
    """The number of a note or a chat."""
    number = positive(text)
    if number > _LARGEST_ID:
        raise argparse.ArgumentTypeError(f"“{text}” is larger than any number here")
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


def setting_and_value(text: str) -> tuple[Setting, str]:
    """KEY=VALUE: a setting with a value it can have, as written."""
    key, equals, value = text.partition("=")
    if not equals:
        raise argparse.ArgumentTypeError(f"“{text}” is not KEY=VALUE")
    try:
        setting = setting_for(key.strip())
        if setting.read_only:
            raise SettingError(f"{setting.key} cannot be changed here.", setting.help)
        parse_text(setting, value)
    except SettingError as error:
        raise argparse.ArgumentTypeError(str(error)) from error
    return setting, "unset" if setting.optional and not value.strip() else value
