"""Where no window can be opened, one line says why and what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

import desktop_app.__main__ as door
from desktop_app.app.screen import missing_library, no_screen


@pytest.mark.parametrize("name", ["DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"])
def test_a_screen_is_seen(name: str) -> None:
    assert no_screen({name: "something"}, "linux") == ""


def test_other_systems_always_have_one() -> None:
    assert no_screen({}, "darwin") == no_screen({}, "win32") == ""


@pytest.fixture
def linux(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Linux with nothing set but a data folder."""
    monkeypatch.setattr("sys.platform", "linux")
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path / "data"


def test_without_a_screen_qt_is_not_asked(
    linux: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(door, "import_window", lambda: pytest.fail("Qt was imported"))
    assert door.main(["--data-dir", str(linux)]) == 1
    assert "DISPLAY" in capsys.readouterr().err
    assert not linux.exists()


@pytest.mark.parametrize(
    "says",
    [
        "libEGL.so.1: cannot open shared object file: No such file or directory",
        "DLL load failed while importing QtWidgets: The specified module could not be found.",
    ],
)
def test_a_library_that_qt_misses_is_named(
    says: str, linux: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fails() -> None:
        raise ImportError(says)

    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setattr(door, "import_window", fails)
    assert door.main(["--data-dir", str(linux)]) == 1
    said = capsys.readouterr().err
    assert says in said
    assert "inkwell doctor" in said


def test_any_other_failed_import_is_not_hidden(linux: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails() -> None:
        raise ImportError("cannot import name 'x'")

    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setattr(door, "import_window", fails)
    with pytest.raises(ImportError, match="name 'x'"):
        door.main(["--data-dir", str(linux)])


def test_what_is_missing_on_x11_is_named_with_what_to_install(tmp_path: Path) -> None:
    cache = tmp_path / "ld.so.cache"
    cache.write_bytes(b"glibc-ld.so.cache1.1\0libxcb.so.1\0/usr/lib/libxcb.so.1\0")
    said = missing_library({"DISPLAY": ":0"}, "linux", loader_cache=cache, loads=lambda _name: False)
    assert said.startswith("The library libxcb-cursor.so.0")
    assert "libxcb-cursor0" in said
    assert "xcb-util-cursor" in said
    assert missing_library({"QT_QPA_PLATFORM": "xcb"}, "linux", loader_cache=cache, loads=lambda _name: False) == said
    assert missing_library({"DISPLAY": ":0"}, "linux", loader_cache=cache, loads=lambda _name: True) == ""
    assert (
        missing_library({"DISPLAY": ":0"}, "linux", loader_cache=tmp_path / "none", loads=lambda _name: False) == said
    )


@pytest.mark.parametrize(
    ("environ", "platform"),
    [
        ({"DISPLAY": ":0", "WAYLAND_DISPLAY": "wayland-0"}, "linux"),
        ({"DISPLAY": ":0", "QT_QPA_PLATFORM": "offscreen"}, "linux"),
        ({"DISPLAY": ":0"}, "darwin"),
        ({}, "win32"),
    ],
)
def test_where_it_is_not_needed_it_is_not_looked_for(environ: dict[str, str], platform: str, tmp_path: Path) -> None:
    loads = pytest.fail
    assert missing_library(environ, platform, loader_cache=tmp_path, loads=loads) == ""  # type: ignore[arg-type]


def test_one_look_into_the_loaders_list_is_enough_where_it_stands_there(tmp_path: Path) -> None:
    cache = tmp_path / "ld.so.cache"
    cache.write_bytes(b"\0libxcb-cursor.so.0\0")
    loads = pytest.fail
    assert missing_library({"DISPLAY": ":0"}, "linux", loader_cache=cache, loads=loads) == ""  # type: ignore[arg-type]


def test_a_missing_library_is_said_before_qt_is_asked(
    linux: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setattr("desktop_app.app.screen.missing_library", lambda *_: "It is not installed.")
    monkeypatch.setattr(door, "import_window", lambda: pytest.fail("Qt was imported"))
    assert door.main(["--data-dir", str(linux)]) == 1
    assert capsys.readouterr().err == "inkwell: It is not installed.\n"
