"""Measured once per machine: which precision is faster, and how alike the encoder finds texts without any relation."""

from __future__ import annotations

import contextlib
import hashlib
import json
import math
import os
import platform
import tempfile
from pathlib import Path

import msgspec
from msgspec.structs import asdict

from desktop_app.domain.file_renaming import replace_file

LEAST_COSINE = 0.998
"""bf16 is taken only where each vector is at least this close to its fp32 vector."""

_MOST_KEPT = 50


class Calibration(msgspec.Struct, frozen=True):
    """What was measured.

    Attributes:
        precision: "fp32" or "bf16", the faster one of those that are close enough.
        cosine: least cosine between the two precisions' vectors of the same text.
        speed_up: fp32's time over bf16's.
        lanes: how many batches of passages are computed at once, each by one thread; 1 where all threads share one.
        unrelated_similarity, unrelated_deviation: mean and standard deviation of the similarities between unrelated
            texts, by the model's own measure.
    """

    precision: str
    cosine: float
    speed_up: float
    unrelated_similarity: float
    unrelated_deviation: float
    lanes: int = 1


class CalibrationFile:
    """Remembers calibrations in a JSON file of the cache folder. A lost file only costs measuring again."""

    def __init__(self, path: Path | None) -> None:
        self._path = path

    def get(self, key: str) -> Calibration | None:
        """What was measured under that key, None where nothing was."""
        found = self._read().get(key)
        if not isinstance(found, dict):
            return None
        try:
            calibration = Calibration(
                precision=str(found["precision"]),
                cosine=float(found["cosine"]),
                speed_up=float(found["speed_up"]),
                unrelated_similarity=float(found["unrelated_similarity"]),
                unrelated_deviation=float(found["unrelated_deviation"]),
                lanes=int(found["lanes"]),
            )
        except (KeyError, TypeError, ValueError):
            return None
        in_range = math.isfinite(calibration.unrelated_similarity) and 0 <= calibration.unrelated_deviation < math.inf
        known = calibration.precision in ("fp32", "bf16") and calibration.lanes >= 1
        return calibration if known and in_range else None

    def put(self, key: str, calibration: Calibration) -> None:
        """Remember it; the oldest entries go when there are many."""
        if self._path is None:
            return
        content = self._read()
        content.pop(key, None)
        content[key] = asdict(calibration)
        kept = dict(list(content.items())[-_MOST_KEPT:])
        # The cache folder may be full or read-only: then it is measured again next time.
        with contextlib.suppress(OSError):
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor, name = tempfile.mkstemp(dir=self._path.parent, prefix=self._path.name)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                json.dump(kept, file, indent=1)
            replace_file(name, self._path)

    def _read(self) -> dict[str, object]:
        if self._path is None:
            return {}
        try:
            content = json.loads(self._path.read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError):
            return {}
        return content if isinstance(content, dict) else {}


def machine_key(*parts: str) -> str:
    """Identifies this processor together with `parts` (library versions, model, threads)."""
    return hashlib.sha256("\n".join((_processor(), *parts)).encode()).hexdigest()[:32]


def _processor() -> str:
    """Name and features of the processor, as far as the system tells."""
    lines: list[str] = []
    with contextlib.suppress(OSError), open("/proc/cpuinfo", encoding="utf-8", errors="replace") as file:
        for line in file:
            name = line.split(":", 1)[0].strip()
            if name in ("model name", "flags", "Features", "CPU part") and line not in lines:
                lines.append(line)
            if not line.strip() and lines:
                break
    return "".join(lines) or f"{platform.machine()} {platform.processor()}"


SAMPLE_TEXTS = (
    "Preheat the oven to 220 degrees and let the dough rest for an hour under a damp cloth.",
    "The goalkeeper saved two penalties and the home team won the cup final after extra time.",
    "Interest rates rose by a quarter of a percentage point, more than most economists had expected.",
    "A monarch butterfly migrates thousands of kilometres to the mountains of central Mexico each autumn.",
    "The function returns a list of rows, and raises an exception when the table does not exist.",
    "Baroque composers wrote concertos in which a small group of players alternates with the full orchestra.",
    "Patients with high blood pressure were given the drug twice a day for twelve weeks.",
    "The castle was built in the twelfth century on a rock above the river and burned down in 1689.",
    "Tighten the bolts crosswise, then check the pressure of the tyres and the level of the oil.",
    "The court held that the contract was void because one of the parties was under age.",
    "Glaciers carve valleys in the shape of a U, while rivers cut them in the shape of a V.",
    "She knitted a scarf of red wool for her nephew and wrapped it in brown paper.",
    "The telescope detected faint radio waves from a galaxy thirteen billion light years away.",
    "Passengers to the airport change at the main station; trains leave every ten minutes.",
    "In his second novel the narrator returns to the village where his grandmother kept bees.",
    "The parliament passed a law that limits how long personal data may be kept.",
)
"""Unrelated to each other, in the style of notes."""
