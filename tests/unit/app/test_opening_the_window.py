"""Where no window can be opened, one line says why and what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

import desktop_app.__main__ as door
from desktop_app.app.screen import no_screen


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
