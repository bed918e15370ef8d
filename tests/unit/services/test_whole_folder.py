"""A folder that is called finished is on the disk, or it is not there."""

from __future__ import annotations

import errno
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from desktop_app.domain.errors import ExportError
from desktop_app.services.whole_folder import write_whole

NOW = datetime(2026, 3, 4, tzinfo=UTC)


def fill(folder: Path) -> int:
    for name in ("a.md", "sub/b.md", "sub/deep/c.png"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"x")
    return 3


def test_every_file_and_folder_is_synced_before_the_folder_gets_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[tuple[int, bool]] = []
    target, fsync = tmp_path / "out", os.fsync

    def watch(descriptor: int) -> None:
        synced.append((os.fstat(descriptor).st_ino, target.exists()))
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", watch)
    assert write_whole(target, NOW, fill) == (target, 3)
    inside = {path.lstat().st_ino for path in (target, *target.rglob("*"))}
    assert {inode for inode, named in synced if not named} == inside
    assert (tmp_path.stat().st_ino, True) in synced


def test_a_disk_that_is_full_only_when_it_is_synced_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ExportError, match="No space left"):
        write_whole(tmp_path / "out", NOW, fill)
    assert list(tmp_path.iterdir()) == []
