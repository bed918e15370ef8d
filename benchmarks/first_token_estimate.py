"""The time to the first token that the context meter promises, beside the time it takes.

    python -m benchmarks.first_token_estimate [--turns N] [--context TOKENS] [--json FILE]

A chat goes on through the product's own chat service, with questions of very different lengths, so that some turns read
a few tokens and some a whole step of the window. Before each one is sent, the meter is asked as the window asks it;
then the time from sending to the first piece of text is taken. The first turn only warms up: before it no speed is
known. Reported: each pair, the median of measured over promised, and the share of turns within 30 percent.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import Any

from desktop_app.app.container import Container
from desktop_app.app.paths import data_paths
from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.chat_events import TextAdded

ANSWER_TOKENS = 24
WITHIN = 0.3
_SENTENCE = "The keeper rose before dawn and trimmed the lamp while the wind leaned on the door of the tower. "
_SENTENCES = (20, 1, 6, 12, 2, 25, 4, 9, 1, 16, 3, 30)


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--turns", type=int, default=24)
    parser.add_argument("--context", type=int, default=2048)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        paths = data_paths(Path(folder), {})
        paths.create()
        with closing(Container(paths)) as container:
            container.settings_file.set("decoder.context_length", options.context)
            container.settings_file.set("decoder.max_answer_tokens", ANSWER_TOKENS)
            container.settings_file.set("sampling.seed", 5)
            container.session.ensure_decoder()
            rows = measure(container, options.turns)
    ratios = [row["ratio"] for row in rows]
    within = sum(1 for ratio in ratios if abs(ratio - 1) <= WITHIN)
    report: dict[str, Any] = {
        "turns": len(rows),
        "median_ratio": round(statistics.median(ratios), 3),
        "within_30_percent": round(within / len(ratios), 3),
    }
    print(json.dumps(report))
    if options.json is not None:
        options.json.write_text(json.dumps({**report, "rows": rows}, indent=1), encoding="utf-8")
    return 0


def measure(container: Container, turns: int) -> list[dict[str, Any]]:
    """One row for each turn after the first, printed as it comes."""
    chat = container.chat.create().id
    rows: list[dict[str, Any]] = []
    for turn in range(turns + 1):
        text = _SENTENCE * _SENTENCES[turn % len(_SENTENCES)] + f"What happened on day {turn}?"
        meter = container.chat.meter(chat, text)
        assert meter is not None  # the decoder is loaded
        took = seconds_to_first_text(container, chat, text)
        if meter.seconds_to_first_token is None:
            continue
        row = {
            "turn": turn,
            "to_read": meter.to_read_tokens,
            "prompt": meter.prompt_tokens,
            "steps": meter.will_drop,
            "promised_s": round(meter.seconds_to_first_token, 3),
            "took_s": round(took, 3),
            "ratio": round(took / meter.seconds_to_first_token, 3),
        }
        rows.append(row)
        print(json.dumps(row), flush=True)
    return rows


def seconds_to_first_text(container: Container, chat: int, text: str) -> float:
    """Send, and read the answer to its end."""
    began = time.perf_counter()
    first = 0.0
    for event in container.chat.send(chat, text, CancelToken()):
        if isinstance(event, TextAdded) and not first:
            first = time.perf_counter() - began
    return first


if __name__ == "__main__":
    sys.exit(main())
