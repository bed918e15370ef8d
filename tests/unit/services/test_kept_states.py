"""The folder of kept chat states: its size, and emptying it."""

from __future__ import annotations

from pathlib import Path

import pytest

from desktop_app.domain.errors import StoreError
from desktop_app.services.kept_states import KeptStatesFolder


def test_a_folder_that_is_not_there_is_empty(tmp_path: Path) -> None:
    folder = KeptStatesFolder(tmp_path / "kv", lambda: None)
    folder.clear()
    assert folder.size() == 0


def test_clearing_removes_every_file_and_tells_the_decoder_first(tmp_path: Path) -> None:
    there: list[int] = []
    folder = KeptStatesFolder(tmp_path, lambda: there.append(len(list(tmp_path.iterdir()))))
    (tmp_path / "a.state").write_bytes(b"x" * 1000)
    (tmp_path / "b.7.tmp").write_bytes(b"x" * 24)
    assert folder.size() == 1024
    folder.clear()
    assert there == [2]
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_removed_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.state").write_bytes(b"x")

    def refuse(_path: str) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("os.unlink", refuse)
    with pytest.raises(StoreError) as caught:
        KeptStatesFolder(tmp_path, lambda: None).clear()
    assert caught.value.todo
