"""What token alternatives and a JSON schema cost: decode speed with them beside the same worker without.

    python -m benchmarks.sampling [--model FILE] [--tokens N] [--rounds N] [--threads N] [--json FILE]

The kinds take turns on one worker, so that whatever else the machine does falls on all of them; each ratio is the
median over rounds of tokens per second after the first token, with / without.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
from pathlib import Path

from benchmarks.decode import QUESTION
from benchmarks.starter import starter_decoder
from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.constraint import Constraint, ConstraintKind
from desktop_app.domain.conversation import Role
from desktop_app.domain.generation import ChatTurn, DecoderSpec, GenerateRequest, GenerationEnded
from desktop_app.domain.sampling import SamplingSettings
from desktop_app.engines.decoder import DecoderProcess
from desktop_app.engines.launcher import WorkerLauncher

CONTEXT_LENGTH = 4096
STORY = {
    "type": "object",
    "properties": {"title": {"type": "string"}, "story": {"type": "string", "minLength": 1500}},
    "required": ["title", "story"],
}
KINDS = ("free", "alternatives", "schema")


def speed(decoder: DecoderProcess, kind: str, tokens: int, seed: int) -> float:
    """Tokens per second of one answer."""
    request = GenerateRequest(
        turns=(ChatTurn(Role.USER, QUESTION),),
        sampling=SamplingSettings(seed=seed),
        max_tokens=tokens,
        constraint=Constraint(ConstraintKind.JSON_SCHEMA, json.dumps(STORY)) if kind == "schema" else None,
        alternatives=kind == "alternatives",
    )
    ended = [each for each in decoder.generate(request, CancelToken()) if isinstance(each, GenerationEnded)]
    return ended[0].figures.tokens_per_s


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path)
    parser.add_argument("--tokens", type=int, default=128)
    parser.add_argument("--rounds", type=int, default=11)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    model = options.model or starter_decoder()
    speeds: dict[str, list[float]] = {kind: [] for kind in KINDS}
    with tempfile.TemporaryDirectory() as folder:
        decoder = DecoderProcess(WorkerLauncher(Path(folder) / "worker"))
        try:
            decoder.load(DecoderSpec(model, context_length=CONTEXT_LENGTH, threads=options.threads))
            speed(decoder, "free", options.tokens, 0)  # warms up
            for seed in range(1, options.rounds + 1):
                for kind in KINDS:
                    speeds[kind].append(speed(decoder, kind, options.tokens, seed))
        finally:
            decoder.close()
    free = speeds["free"]
    result = {"tokens_per_s": round(statistics.median(free), 1)}
    for kind in KINDS[1:]:
        ratios = [mine / plain for mine, plain in zip(speeds[kind], free, strict=True)]
        result[f"{kind}_ratio"] = round(statistics.median(ratios), 3)
    print(json.dumps(result, indent=1))
    if options.json is not None:
        options.json.write_text(json.dumps(result), encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
