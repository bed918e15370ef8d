"""A build that brings its own Python: what it leaves to the programs it opens, and where it finds its parts."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

import desktop_app
from desktop_app import __main__ as door
from desktop_app.app.frozen_start import give_back_library_path
from desktop_app.domain.model_description import ModelKind
from desktop_app.domain.resources import bundled_packages, program_command, resource_path
from desktop_app.services.model_library import ModelLibrary
from desktop_app.settings.values import SettingsFile
from desktop_app.workers import registry
from desktop_app.workers.library_probe import problem_of


@pytest.mark.parametrize(
    ("found", "left"),
    [
        ({"LD_LIBRARY_PATH": "/build"}, {}),
        ({"LD_LIBRARY_PATH": "/build", "LD_LIBRARY_PATH_ORIG": "/mine"}, {"LD_LIBRARY_PATH": "/mine"}),
        ({"LD_LIBRARY_PATH": "/build", "LD_LIBRARY_PATH_ORIG": ""}, {}),
        ({}, {}),
    ],
)
def test_opened_programs_look_for_libraries_where_they_did_before(found: dict[str, str], left: dict[str, str]) -> None:
    environ = {"HOME": "/home", **found}
    give_back_library_path(environ)
    assert environ == {"HOME": "/home", **left}


def test_a_build_does_so_before_anything_else_and_a_checkout_never(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str | None] = []
    monkeypatch.setattr(registry, "run_worker", lambda name: seen.append(door.os.environ.get("LD_LIBRARY_PATH")) or 0)
    monkeypatch.setenv("LD_LIBRARY_PATH", "/build")
    assert door.main(["--worker", "decoder"]) == 0
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert door.main(["--worker", "decoder"]) == 0
    assert seen == ["/build", None]


def test_a_build_is_its_own_interpreter(monkeypatch: pytest.MonkeyPatch) -> None:
    assert program_command() == [sys.executable, "-P", "-m", "desktop_app"]
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert program_command() == [sys.executable]


def test_a_build_has_its_starters_beside_itself_and_names_no_pip(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert bundled_packages() == Path(desktop_app.__file__).parent.parent
    library = ModelLibrary(SettingsFile(tmp_path / "settings.toml", {}), resource_path("models", "catalogue.toml"))
    assert library._site_folders == (bundled_packages(),)
    assert library._how_to_install_starter(ModelKind.DECODER) == "Install Inkwell again"


def test_a_library_that_does_not_load_is_named_with_the_reason(tmp_path: Path) -> None:
    assert problem_of("json") == ""
    assert "no_such_module" in problem_of("no_such_module")
    broken = tmp_path / "libbroken.so"
    broken.write_bytes(b"no library")
    assert "libbroken.so" in problem_of(str(broken))
