"""One loaded decoder, and where it is asked for one encoder, shared by the tests with the real starter models."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop_app.app.container import Container
from desktop_app.app.paths import data_paths
from desktop_app.ui.theme.theme import Theme
from tests.end_to_end.program import Open, Program
from tests.fakes.complaints import none_allowed
from tests.fakes.workers import starter_decoder

THREADS = 1
"""On a busy machine two threads of llama.cpp wait for each other at every layer, and every test with them."""


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Container]:
    """A whole Inkwell without a window on a data folder of its own, its decoder loaded."""
    starter_decoder()
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("INKWELL_")]:
            patch.delenv(name)
        paths = data_paths(tmp_path_factory.mktemp("house"), {})
        paths.create()
        container = Container(paths)
        container.settings_file.set("decoder.threads", THREADS)
        try:
            container.session.ensure_decoder()
            yield container
        finally:
            container.close()


@pytest.fixture
def settings(house: Container) -> Iterator[Container]:
    """`house`, whose settings are put back after the test."""
    yield house
    for key in ("decoder.max_answer_tokens", "decoder.system_prompt", "sampling.seed", "sampling.temperature"):
        house.settings_file.reset(key)


@pytest.fixture
def no_complaints() -> Iterator[None]:
    """Fail the test at a Qt warning or a logged error."""
    with none_allowed():
        yield


@pytest.fixture(scope="session")
def theme(qapp: QApplication) -> Iterator[Theme]:
    """The light theme, applied."""
    made = Theme("light")
    made.apply(qapp)
    yield made
    qapp.setStyleSheet("")
    made.deleteLater()


@pytest.fixture
def start(tmp_path: Path, qtbot: QtBot, theme: Theme) -> Iterator[Open]:
    """Opens the program on this test's data folder; what is still open at the end is closed."""
    starter_decoder()
    opened: list[Program] = []

    def open_program(**options: object) -> Program:
        program = Program(tmp_path / "data", qtbot, theme, **options)  # type: ignore[arg-type]
        opened.append(program)
        return program

    yield open_program
    for program in opened:
        program.close()
