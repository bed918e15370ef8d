"""Where files go, and the one option that may stand anywhere."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import pytest

from desktop_app.app.paths import DataPaths, data_paths, split_data_dir
from desktop_app.domain.errors import StoreReadOnlyError


def test_an_override_keeps_everything_under_one_folder(tmp_path: Path) -> None:
    paths = data_paths(tmp_path / "d", {})
    assert paths.database == tmp_path / "d" / "inkwell.sqlite3"
    assert paths.settings_file == tmp_path / "d" / "settings.toml"
    assert all(p.is_relative_to(tmp_path / "d") for p in (paths.cache, paths.runtime, paths.logs, paths.backups))


def test_the_option_wins_over_the_variable_and_the_variable_over_the_platform(tmp_path: Path) -> None:
    environ = {"INKWELL_DATA_DIR": str(tmp_path / "variable")}
    assert data_paths(None, environ).data == tmp_path / "variable"
    assert data_paths(tmp_path / "option", environ).data == tmp_path / "option"
    assert data_paths(None, {}).data.name == "inkwell"


def test_a_relative_folder_is_made_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert data_paths(Path("here"), {}).data == tmp_path / "here"


@pytest.mark.skipif(sys.platform == "win32", reason="modes of POSIX systems")
def test_folders_are_closed_to_others(tmp_path: Path) -> None:
    paths = data_paths(tmp_path / "d", {})
    before = os.umask(0)
    try:
        paths.create()
    finally:
        os.umask(before)
    for folder in (paths.data, paths.cache, paths.runtime, paths.backups, paths.logs):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


@pytest.fixture
def only_readable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that refuses writing; root may write anywhere, so the system's answer is given for it."""
    folder = tmp_path / "read-only"
    folder.mkdir()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    real_access, real_mkdir = os.access, os.mkdir

    def access(path: str | Path, mode: int) -> bool:
        return real_access(path, mode) and not (mode & os.W_OK and Path(path) == folder)

    def mkdir(path: str | Path, mode: int = 0o777) -> None:
        if Path(path).parent == folder:
            raise PermissionError(13, "Permission denied")
        real_mkdir(path, mode)

    monkeypatch.setattr(os, "access", access)
    monkeypatch.setattr(os, "mkdir", mkdir)
    return folder


def test_a_data_folder_that_can_only_be_read_is_no_obstacle(only_readable: Path) -> None:
    from desktop_app.app.single_instance import SingleInstance

    paths = data_paths(only_readable, {})
    paths.create()
    assert paths.cache.is_dir()
    assert paths.runtime.is_dir()
    assert list(only_readable.iterdir()) == []
    instance, second = SingleInstance(paths), SingleInstance(paths)
    assert instance.acquire()
    assert not second.acquire()
    instance.close()


def test_a_folder_that_cannot_be_made_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    blocked = tmp_path / "file" / "d"
    with pytest.raises(StoreReadOnlyError, match="--data-dir"):
        DataPaths(blocked, blocked, blocked, blocked).create()


@pytest.mark.parametrize(
    ("line", "folder", "rest"),
    [
        (["ask", "hi"], None, ["ask", "hi"]),
        (["--data-dir", "d", "ask", "hi"], "d", ["ask", "hi"]),
        (["ask", "--data-dir", "d", "hi"], "d", ["ask", "hi"]),
        (["ask", "hi", "--data-dir=d"], "d", ["ask", "hi"]),
        (["--data-dir", "a", "ask", "--data-dir", "b"], "b", ["ask"]),
        (["ask", "--", "--data-dir", "d"], None, ["ask", "--", "--data-dir", "d"]),
    ],
)
def test_data_dir_goes_anywhere(line: list[str], folder: str | None, rest: list[str]) -> None:
    assert split_data_dir(line) == (Path(folder) if folder else None, rest)


@pytest.mark.parametrize("line", [["ask", "--data-dir"], ["--data-dir="]])
def test_data_dir_without_a_name_is_refused(line: list[str]) -> None:
    with pytest.raises(ValueError, match="needs the name"):
        split_data_dir(line)
