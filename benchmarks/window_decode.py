"""Decode speed while the window shows the answer, beside llama-bench of the same library on the same cores.

    python -m benchmarks.window_decode --llama-bench PATH [--tokens N] [--rounds N] [--json FILE]

The real window on an empty data folder asks the starter for a long answer, in each round in a new chat; the answer's
own figures tell tokens per second after the first token, and the window's share of a core is read meanwhile.
llama-bench takes turns with it, at the depth of the prompt.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.benchmark_window import BenchmarkWindow
from benchmarks.decode import QUESTION, llama_bench
from benchmarks.starter import starter_decoder
from desktop_app.app.container import Container
from desktop_app.domain.generation import GenerationFigures
from desktop_app.presenters.chat import Phase

TO_REACH = 0.80


def answer(window: BenchmarkWindow) -> tuple[GenerationFigures, float]:
    """One answer in a new chat: its figures, and the window's processor time as a share of one core."""
    window.presenter.new_chat()
    window.turn_for(0.5)
    wall, cpu = time.monotonic(), time.process_time()
    window.send(QUESTION)
    window.turn_until(lambda: window.presenter.activity.phase is Phase.IDLE)
    share = (time.process_time() - cpu) / (time.monotonic() - wall)
    figures = window.presenter.transcript.messages[-1].figures
    assert figures is not None
    return figures, share


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--llama-bench", type=Path, required=True)
    parser.add_argument("--tokens", type=int, default=256)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()

    def prepare(container: Container) -> None:
        container.settings_file.set("decoder.max_answer_tokens", options.tokens)
        container.settings_file.set("decoder.threads", options.threads)

    speeds: list[float] = []
    shares: list[float] = []
    references: list[float] = []
    with tempfile.TemporaryDirectory(prefix="inkwell-decode-") as folder:
        window = BenchmarkWindow(Path(folder), prepare)
        try:
            answer(window)
            for _ in range(options.rounds):
                figures, share = answer(window)
                speeds.append(figures.tokens_per_s)
                shares.append(share)
                references.append(
                    llama_bench(
                        options.llama_bench,
                        starter_decoder(),
                        figures.generated_tokens,
                        options.threads,
                        figures.prompt_tokens,
                    )
                )
        finally:
            window.close()
    ratio = statistics.median(speed / reference for speed, reference in zip(speeds, references, strict=True))
    report = {
        "window_tokens_per_s": round(statistics.median(speeds), 1),
        "llama_bench_tokens_per_s": round(statistics.median(references), 1),
        "ratio_to_llama_bench": round(ratio, 3),
        "window_share_of_a_core": round(statistics.median(shares), 3),
    }
    print(f"decode in the window / llama-bench = {ratio:.3f} (to reach {TO_REACH})")
    print(json.dumps(report))
    if options.json is not None:
        options.json.write_text(json.dumps(report, indent=1), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
