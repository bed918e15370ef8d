"""Asks a probe: a small program of its own that answers orders with llama.cpp, which shares no process with torch."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from desktop_app.engines.launcher import WorkerLauncher

_REPOSITORY = Path(__file__).resolve().parent.parent.parent

Order = dict[str, Any]


def ask_probe(module: str, orders: Sequence[Order], *arguments: str) -> list[Order]:
    """The answers of `python -m module` to orders, in their order; fails the test with what the probe complained of."""
    result = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        input=json.dumps(orders),
        capture_output=True,
        text=True,
        cwd=_REPOSITORY,
        # As workers are started: threads that wait do not keep their core from whatever else is tested meanwhile.
        env=WorkerLauncher(_REPOSITORY).environment() | {"PYTHONPATH": str(_REPOSITORY)},
        timeout=100,
        check=False,
    )
    assert result.returncode == 0, result.stderr[-2000:]
    answers: list[Order] = json.loads(result.stdout)
    return answers


def answer_orders(prepare: Callable[[], Callable[[Order], Order]]) -> None:
    """In the probe: answer every order on standard input with what `prepare` returns.

    llama.cpp may print: what it prints goes to standard error, from before it is loaded.
    """
    output = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    answer = prepare()
    json.dump([answer(order) for order in json.load(sys.stdin)], output)
    output.close()
