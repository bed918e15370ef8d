"""What llama.cpp must not be asked to use on this processor."""

from __future__ import annotations

import sys
from pathlib import Path

_TILES = frozenset({"amx_tile", "amx_int8"})


def may_pack_weights(cpuinfo: Path = Path("/proc/cpuinfo")) -> bool:
    """False where llama.cpp would pack weights for AMX tiles, whose first computation over a prompt ends the process.

    `ggml_tile_config_init` fills a local structure and hands it to `_tile_loadconfig`, which tells GCC that eight bytes
    of it are read; the rest is optimised away, and the processor refuses the garbage (seen with llama-cpp-python 0.3.36
    and GCC 12; llama.cpp issue 20824). Packing for AMX cannot be switched off alone, only together with all packing.
    """
    if sys.platform != "linux":
        return True
    try:
        text = cpuinfo.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return True
    flags = next((line.partition(":")[2].split() for line in text.splitlines() if line.startswith("flags")), [])
    return not _TILES.issubset(flags)
