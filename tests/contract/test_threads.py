"""The number of threads changes with what else the computer does, and must not change a bit of what is computed."""

from __future__ import annotations

from tests.fakes.probes import ask_probe
from tests.fakes.workers import starter_decoder


def test_the_number_of_threads_changes_nothing_that_is_computed() -> None:
    two, changing = ask_probe(
        "tests.contract.threads_probe", [{"threads": [2]}, {"threads": [1, 2, 2, 1, 1]}], str(starter_decoder())
    )
    assert two == changing
