"""One loaded decoder, and where it is asked for one encoder, shared by the tests with the real starter models."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from desktop_app.app.container import Container
from desktop_app.app.paths import data_paths
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
