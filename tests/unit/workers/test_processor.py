"""Processors on which llama.cpp's packed weights end the process."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from desktop_app.workers.decoder_worker.processor import may_pack_weights


@pytest.mark.skipif(sys.platform != "linux", reason="only there is the fault known")
@pytest.mark.parametrize(
    ("flags", "may"),
    [
        ("fpu avx512f avx512_bf16 amx_bf16 avx512_fp16 amx_tile amx_int8", False),
        ("fpu avx2 avx512f avx512_vnni", True),
        ("fpu amx_tile", True),
        ("", True),
    ],
)
def test_weights_are_not_packed_for_tiles(tmp_path: Path, flags: str, may: bool) -> None:
    cpuinfo = tmp_path / "cpuinfo"
    cpuinfo.write_text(f"processor\t: 0\nmodel name\t: One\nflags\t\t: {flags}\n\nprocessor\t: 1\n")
    assert may_pack_weights(cpuinfo) is may


def test_an_unknown_processor_is_trusted(tmp_path: Path) -> None:
    assert may_pack_weights(tmp_path / "missing")
