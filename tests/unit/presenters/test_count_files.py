"""How many files a drop holds, for the question before they come in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.errors import CancelledError
from desktop_app.presenters.shell import COUNT_LIMIT, count_files


def test_files_are_counted_at_any_depth_but_for_hidden_and_linked_ones(tmp_path: Path) -> None:
    for name in ("a.md", "inside/b.md", "inside/deep/c.md", ".hidden/d.md", ".e.md"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "inside" / "round").symlink_to(tmp_path)
    assert count_files([tmp_path], CancelToken()) == 3
    assert count_files([tmp_path / "inside" / "round", tmp_path / "a.md"], CancelToken()) == 4, (
        "what was dropped counts"
    )


def test_a_folder_that_may_not_be_read_costs_its_own_files_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "closed").mkdir()
    (tmp_path / "a.md").touch()
    iterdir = Path.iterdir

    def refuse(path: Path) -> Iterator[Path]:
        if path.name == "closed":
            raise PermissionError(13, "Permission denied")
        return iterdir(path)

    monkeypatch.setattr(Path, "iterdir", refuse)
    assert count_files([tmp_path], CancelToken()) == 1


def test_counting_ends_at_the_limit_and_when_it_is_stopped(tmp_path: Path) -> None:
    for number in range(3):
        (tmp_path / f"{number}.md").touch()
    assert count_files([tmp_path / "0.md"] * (COUNT_LIMIT + 5), CancelToken()) == COUNT_LIMIT
    stopped = CancelToken()
    stopped.cancel()
    with pytest.raises(CancelledError):
        count_files([tmp_path], stopped)
