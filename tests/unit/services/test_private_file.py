"""A small file is replaced whole or stays as it was, closed to others."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from desktop_app.services import private_file
from desktop_app.services.private_file import replace_private_file


def test_it_is_made_and_replaced_in_a_folder_that_is_made_for_it(tmp_path: Path) -> None:
    path = tmp_path / "new" / "words.txt"
    for text in ("one\n", "twö\n"):
        replace_private_file(path, text)
        assert path.read_text(encoding="utf-8") == text
    assert [each.name for each in path.parent.iterdir()] == ["words.txt"]
    if sys.platform != "win32":
        assert (path.parent.stat().st_mode & 0o777, path.stat().st_mode & 0o777) == (0o700, 0o600)


def test_it_is_on_the_disk_before_it_takes_the_place_of_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[str] = []
    sync, replace = os.fsync, os.replace
    monkeypatch.setattr(os, "fsync", lambda descriptor: (steps.append("sync"), sync(descriptor)))
    monkeypatch.setattr(os, "replace", lambda *paths: (steps.append("replace"), replace(*paths)))
    replace_private_file(tmp_path / "words.txt", "one")
    assert steps == ["sync", "replace"]


def test_what_was_there_stays_where_it_cannot_be_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "words.txt"
    path.write_text("old", encoding="utf-8")

    def full(*_paths: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(private_file.os, "replace", full)
    with pytest.raises(OSError, match="No space"):
        replace_private_file(path, "new")
    assert [(each.name, each.read_text(encoding="utf-8")) for each in tmp_path.iterdir()] == [("words.txt", "old")]
