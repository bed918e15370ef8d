"""Decode speed of the product's worker beside a bare llama_decode loop, and beside llama-bench where one is given.

    python -m benchmarks.decode [--llama-bench PATH] [--model FILE] [--tokens N] [--rounds N] [--json FILE]

The processes take turns, so that whatever else the machine does falls on all. They sample with the same chain and
seed; the ratio is the median over rounds of worker / reference, each in tokens per second after the first token. One
bare loop has the product's parameters and tells what the worker's own code costs; another has the library's defaults.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.starter import starter_decoder
from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.conversation import Role
from desktop_app.domain.generation import (
    ChatTurn,
    DecoderSpec,
    GenerateRequest,
    GenerationEnded,
    TokensWritten,
)
from desktop_app.domain.sampling import SamplingSettings
from desktop_app.engines.decoder import DecoderProcess
from desktop_app.engines.launcher import WorkerLauncher
from desktop_app.workers.decoder_worker.processor import may_pack_weights

QUESTION = (
    "Tell me a long story about a lighthouse keeper who finds a letter in a bottle. Describe everything in detail."
)
CONTEXT_LENGTH = 4096


class BareLoop:
    """The reference process, with flash attention where the library wants it or without, as the product has it."""

    def __init__(
        self, model: Path, prompt: list[int], threads: int, folder: Path, *, flash_attention: bool = False
    ) -> None:
        prompt_file = folder / "prompt.json"
        prompt_file.write_text(json.dumps(prompt), encoding="utf-8")
        command = [sys.executable, "-m", "benchmarks.bare_loop", str(model), str(prompt_file), str(threads)]
        self._process = subprocess.Popen(
            [*command, str(CONTEXT_LENGTH), "-1" if flash_attention else "0"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def run(self, tokens: int, seed: int) -> dict[str, Any]:
        """One answer; its figures."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(json.dumps({"tokens": tokens, "seed": seed}), file=self._process.stdin, flush=True)
        figures: dict[str, Any] = json.loads(self._process.stdout.readline())
        return figures

    def close(self) -> None:
        """End it."""
        self._process.communicate()


def run_worker(decoder: DecoderProcess, tokens: int, seed: int) -> tuple[float, list[int]]:
    """One answer of the product: tokens per second, and its token ids."""
    request = GenerateRequest(
        turns=(ChatTurn(Role.USER, QUESTION),),
        sampling=SamplingSettings(seed=seed),
        max_tokens=tokens,
        reuse_prefix=False,
    )
    ids: list[int] = []
    speed = 0.0
    for event in decoder.generate(request, CancelToken()):
        if isinstance(event, TokensWritten):
            ids.extend(event.token_ids)
        elif isinstance(event, GenerationEnded):
            speed = event.figures.tokens_per_s
    return speed, ids


def llama_bench(program: Path, model: Path, tokens: int, threads: int, depth: int) -> float:
    """Tokens per second that llama-bench measures for the same model and length, behind as many tokens as the prompt
    of the other two has: attention costs more with each token before.
    """
    command = [
        str(program),
        "-m",
        str(model),
        "-p",
        "0",
        "-n",
        str(tokens),
        "-d",
        str(depth),
        "-t",
        str(threads),
        "-r",
        "3",
        "-o",
        "json",
        *([] if may_pack_weights() else ["--repack", "0"]),
    ]
    result = subprocess.run(command, capture_output=True, text=True, check=True)
    return float(json.loads(result.stdout)[0]["avg_ts"])


def prompt_ids(model: Path) -> list[int]:
    """The prompt's ids as the product's worker makes them, asked from it in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.prompt_ids", str(model), QUESTION]
    result = subprocess.run(command, capture_output=True, text=True, check=True)
    ids: list[int] = json.loads(result.stdout)
    return ids


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--llama-bench", type=Path)
    parser.add_argument("--model", type=Path)
    parser.add_argument("--tokens", type=int, default=128)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    model = options.model or starter_decoder()
    worker_speeds: list[float] = []
    reference_speeds: list[float] = []
    library_speeds: list[float] = []
    bench_speeds: list[float] = []
    same = 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        decoder = DecoderProcess(WorkerLauncher(folder / "worker"))
        prompt = prompt_ids(model)
        reference = BareLoop(model, prompt, options.threads, folder)
        library = BareLoop(model, prompt, options.threads, folder, flash_attention=True)
        try:
            decoder.load(DecoderSpec(model, context_length=CONTEXT_LENGTH, threads=options.threads))
            for seed in range(options.rounds + 1):
                figures = reference.run(options.tokens, seed)
                library_speed = library.run(options.tokens, seed)["tokens_per_s"]
                speed, ids = run_worker(decoder, options.tokens, seed)
                if seed == 0:
                    continue  # both warm up
                same += ids == figures["tokens"]
                worker_speeds.append(speed)
                reference_speeds.append(figures["tokens_per_s"])
                library_speeds.append(library_speed)
                if options.llama_bench is not None:
                    bench = options.llama_bench
                    bench_speeds.append(llama_bench(bench, model, options.tokens, options.threads, len(prompt)))
        finally:
            decoder.close()
            reference.close()
            library.close()
    report: dict[str, Any] = {
        "worker_tokens_per_s": round(statistics.median(worker_speeds), 1),
        "bare_loop_tokens_per_s": round(statistics.median(reference_speeds), 1),
        "ratio_to_bare_loop": round(_median_ratio(worker_speeds, reference_speeds), 3),
        "library_defaults_tokens_per_s": round(statistics.median(library_speeds), 1),
        "ratio_to_library_defaults": round(_median_ratio(worker_speeds, library_speeds), 3),
        "middle_half_of_ratios": [round(each, 3) for each in _middle_half(worker_speeds, reference_speeds)],
        "ratio_of_best": round(max(worker_speeds) / max(reference_speeds), 3),
        "answers_equal": f"{same} of {options.rounds}",
    }
    if bench_speeds:
        report["llama_bench_tokens_per_s"] = round(statistics.median(bench_speeds), 1)
        report["ratio_to_llama_bench"] = round(_median_ratio(worker_speeds, bench_speeds), 3)
    print(f"decode: worker / bare llama_decode loop = {report['ratio_to_bare_loop']:.3f} (to reach 0.99)")
    print(json.dumps(report))
    if options.json is not None:
        options.json.write_text(json.dumps(report, indent=1), encoding="utf-8")
    return 0


def _median_ratio(values: list[float], references: list[float]) -> float:
    return statistics.median(_ratios(values, references))


def _middle_half(values: list[float], references: list[float]) -> tuple[float, float]:
    """First and third quartile: how far rounds differ on this machine."""
    first, _, third = statistics.quantiles(_ratios(values, references), n=4)
    return first, third


def _ratios(values: list[float], references: list[float]) -> list[float]:
    return [value / reference for value, reference in zip(values, references, strict=True)]


if __name__ == "__main__":
    sys.exit(main())
