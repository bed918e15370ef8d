"""Which worker goes by which name. Modules are imported only when their worker is started."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import cast

_WORKERS = {
    "decoder": "desktop_app.workers.decoder_worker.main",
    "encoder": "desktop_app.workers.encoder_worker.main",
    "formula": "desktop_app.workers.formula_worker",
    "libraries": "desktop_app.workers.library_probe",
    "import": "desktop_app.workers.import_worker.main",
    "spelling": "desktop_app.workers.spelling_worker",
    "scripted": "desktop_app.workers.scripted_worker",
}


def run_worker(name: str) -> int:
    """Run that worker on this process's stdin and stdout until its host hangs up; returns the exit status.

    Raises KeyError for an unknown name.
    """
    module = importlib.import_module(_WORKERS[name])
    main = cast("Callable[[], int]", module.main)
    return main()
