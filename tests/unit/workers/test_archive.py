"""A zip file of strangers is judged before anything of it is unpacked."""

from __future__ import annotations

from pathlib import Path

import pytest

from desktop_app.domain.errors import ImportLimitError
from desktop_app.workers.import_worker import archive
from tests.fakes.note_files import write_zip


def test_one_of_too_many_parts_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_zip(tmp_path / "many.zip", {f"{number}.md": "x" for number in range(4)})
    monkeypatch.setattr(archive, "MOST_MEMBERS", 4)
    assert len(archive.Archive(path).members) == 4
    monkeypatch.setattr(archive, "MOST_MEMBERS", 3)
    with pytest.raises(ImportLimitError, match="4 parts; 3"):
        archive.Archive(path)


def test_one_that_grows_too_much_or_to_too_much_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_zip(tmp_path / "dense.zip", {"a.md": b"a" * 3 * 1024**2})
    with pytest.raises(ImportLimitError, match="100-fold"):
        archive.Archive(path)
    monkeypatch.setattr(archive, "MOST_UNPACKED", 2 * 1024**2)
    with pytest.raises(ImportLimitError, match="would fill"):
        archive.Archive(path)
