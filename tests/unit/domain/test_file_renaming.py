"""Files get their name where another program holds them for a moment, as Windows lets programs do."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from desktop_app.domain import file_renaming
from desktop_app.domain.file_renaming import rename_path, replace_file

Rename = Callable[[Path, Path], None]


@pytest.fixture
def old_and_new(tmp_path: Path) -> tuple[Path, Path]:
    old, new = tmp_path / "old", tmp_path / "new"
    old.write_bytes(b"old")
    new.write_bytes(b"new")
    return old, new


def held_for(tries: int, name: str, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    real: Rename = getattr(os, name)
    refused: list[int] = []

    def refuse(source: Path, target: Path) -> None:
        if len(refused) < tries:
            refused.append(13)
            raise PermissionError(13, "The process cannot access the file because it is being used by another process")
        real(source, target)

    monkeypatch.setattr(os, name, refuse)
    return refused


def test_a_file_that_is_read_for_a_moment_is_replaced(
    old_and_new: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file_renaming, "_READERS_STAND_IN_THE_WAY", True)
    refused = held_for(2, "replace", monkeypatch)
    replace_file(old_and_new[1], old_and_new[0])
    assert old_and_new[0].read_bytes() == b"new"
    assert len(refused) == 2


def test_a_folder_that_is_looked_through_for_a_moment_gets_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file_renaming, "_READERS_STAND_IN_THE_WAY", True)
    (tmp_path / "making").mkdir()
    held_for(2, "rename", monkeypatch)
    rename_path(tmp_path / "making", tmp_path / "made")
    assert (tmp_path / "made").is_dir()


@pytest.mark.parametrize(("stands_in_the_way", "at_least"), [(True, 2), (False, 1)])
def test_a_file_that_may_not_be_replaced_is_told(
    old_and_new: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch, stands_in_the_way: bool, at_least: int
) -> None:
    monkeypatch.setattr(file_renaming, "_READERS_STAND_IN_THE_WAY", stands_in_the_way)
    monkeypatch.setattr(file_renaming, "_LONGEST_S", 0.06)
    refused = held_for(10_000, "replace", monkeypatch)
    with pytest.raises(PermissionError):
        replace_file(old_and_new[1], old_and_new[0])
    assert (len(refused) == 1) is (at_least == 1)
    assert old_and_new[0].read_bytes() == b"old"
