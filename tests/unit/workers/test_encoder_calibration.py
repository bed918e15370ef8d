"""What was measured once per machine is remembered; what cannot be used any more is measured again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import asdict

from desktop_app.workers.encoder_worker.calibration import Calibration, CalibrationFile

MEASURED = Calibration(
    precision="fp32", cosine=0.999, speed_up=0.5, unrelated_similarity=0.1, unrelated_deviation=0.05, lanes=2
)


def test_a_measurement_is_remembered(tmp_path: Path) -> None:
    CalibrationFile(tmp_path / "cache" / "encoder.json").put("here", MEASURED)
    assert CalibrationFile(tmp_path / "cache" / "encoder.json").get("here") == MEASURED
    assert CalibrationFile(tmp_path / "cache" / "encoder.json").get("elsewhere") is None
    assert CalibrationFile(None).get("here") is None


@pytest.mark.parametrize(
    "change", [{"lanes": None}, {"lanes": 0}, {"lanes": "many"}, {"precision": "int3"}, {"unrelated_deviation": -1}]
)
def test_what_cannot_be_used_is_measured_again(tmp_path: Path, change: dict[str, Any]) -> None:
    path = tmp_path / "encoder.json"
    kept = {name: value for name, value in {**asdict(MEASURED), **change}.items() if value is not None}
    path.write_text(json.dumps({"here": kept, "there": asdict(MEASURED)}), encoding="utf-8")
    assert CalibrationFile(path).get("here") is None
    assert CalibrationFile(path).get("there") == MEASURED


@pytest.mark.parametrize("content", ["", "[]", "{", '{"here": 1}'])
def test_a_damaged_file_only_costs_measuring_again(tmp_path: Path, content: str) -> None:
    path = tmp_path / "encoder.json"
    path.write_text(content, encoding="utf-8")
    memory = CalibrationFile(path)
    assert memory.get("here") is None
    memory.put("here", MEASURED)
    assert memory.get("here") == MEASURED
