"""What every test gets: no settings of the person who runs it, no screen, and a folder of its own."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtWidgets import QApplication

from tests.fakes.patient_qtbot import PatientQtBot

REPOSITORY = Path(__file__).resolve().parent.parent


def pytest_collection_finish() -> None:
    """Leave the imported modules and the collected tests out of garbage collection: with them each full one takes a
    third of a second, in the middle of whatever test measures time."""
    gc.collect()
    gc.freeze()


@pytest.fixture
def small_heap() -> Iterator[None]:
    """What earlier tests left behind is not looked through by the garbage collector while a test measures stalls."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.fixture(autouse=True)
def no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """Variables that would change what Inkwell does are unset, but for the one that points tests at shared data."""
    for name in list(os.environ):
        if name.startswith("INKWELL_") and name != "INKWELL_SHARED":
            monkeypatch.delenv(name)


@pytest.fixture
def qtbot(qapp: QApplication, request: pytest.FixtureRequest) -> PatientQtBot:
    """In place of pytest-qt's own: its waits are not over because the process had no turn."""
    return PatientQtBot(request)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Public texts that some tests measure with; such a test is skipped where they are not there."""
    folder = Path(os.environ.get("INKWELL_SHARED", REPOSITORY.parent / "shared")) / "data"
    if not folder.is_dir():
        pytest.skip("the shared data is not here (set INKWELL_SHARED)")
    return folder
