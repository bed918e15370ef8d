"""Time to the first token on turns 1 to 8 of a chat of about 2,600 tokens, beside reading the whole chat again.

    python -m benchmarks.next_turn [--model FILE] [--json FILE]

Each turn is asked twice: with the kept prefix, as the product does, and with everything read afresh.
"""

from __future__ import annotations

import argparse
import json
import statistics
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
    GenerationFigures,
    TokensWritten,
)
from desktop_app.domain.sampling import SamplingSettings
from desktop_app.engines.decoder import DecoderProcess
from desktop_app.engines.launcher import WorkerLauncher

TURNS = 8
_PARAGRAPH = (
    "The keeper rose before dawn and trimmed the lamp while the wind leaned on the door. He wrote of the ships that "
    "passed, of the weather, and of the letter that the sea had left on the stones below the tower. "
)
_SAMPLING = SamplingSettings(temperature=0.7, seed=5)


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    rows: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as folder:
        decoder = DecoderProcess(WorkerLauncher(Path(folder)))
        try:
            decoder.load(DecoderSpec(options.model or starter_decoder(), threads=options.threads))
            turns: list[ChatTurn] = []
            for number in range(1, TURNS + 1):
                # The first message brings most of the tokens, as a pasted text does.
                text = _PARAGRAPH * (45 if number == 1 else 2) + f"What happened on day {number}?"
                turns.append(ChatTurn(Role.USER, text))
                _, kept = ask(decoder, turns, reuse=True)
                # The second answer becomes history: its state is what the cache holds when the next turn comes.
                answer, afresh = ask(decoder, turns, reuse=False)
                turns.append(answer)
                rows.append(
                    {
                        "turn": number,
                        "prompt_tokens": kept.prompt_tokens,
                        "cached_tokens": kept.cached_tokens,
                        "first_token_s": round(kept.first_token_s, 3),
                        "afresh_s": round(afresh.first_token_s, 3),
                        "ratio": round(kept.first_token_s / afresh.first_token_s, 3),
                    }
                )
                print(
                    "turn {turn}: {prompt_tokens} tokens, {cached_tokens} kept, {first_token_s} s beside {afresh_s} s "
                    "afresh = {ratio}".format_map(rows[-1])
                )
        finally:
            decoder.close()
    later = [row["ratio"] for row in rows[1:]]
    report = {"turns": rows, "median_ratio_of_turns_2_to_8": round(statistics.median(later), 3)}
    print(json.dumps(report))
    if options.json is not None:
        options.json.write_text(json.dumps(report, indent=1), encoding="utf-8")
    return 0


def ask(decoder: DecoderProcess, turns: list[ChatTurn], *, reuse: bool) -> tuple[ChatTurn, GenerationFigures]:
    """One short answer to `turns`, and its figures."""
    request = GenerateRequest(tuple(turns), _SAMPLING, max_tokens=24, reuse_prefix=reuse)
    text = ""
    ids: list[int] = []
    for event in decoder.generate(request, CancelToken()):
        if isinstance(event, TokensWritten):
            text += event.text
            ids.extend(event.token_ids)
        elif isinstance(event, GenerationEnded):
            return ChatTurn(Role.ASSISTANT, text, tuple(ids)), event.figures
    raise AssertionError("a generation ends with GenerationEnded")


if __name__ == "__main__":
    sys.exit(main())
