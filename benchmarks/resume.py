"""Time to the first text of a chat of about 2,600 tokens after a restart: from its kept state, beside reading it again.

    python -m benchmarks.resume [--model FILE] [--rounds N] [--json FILE]

A first process reads the chat and answers, and its state is kept. It then answers the next question from memory: the
text to be repeated. Each round starts two fresh processes and asks each the same next question: one restores the state,
the other reads the chat again; which of them goes first changes from round to round. Timed in this process, from the
request to a loaded model until the first piece of text.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.short_answer import CONTEXT_LENGTH, PARAGRAPH, ask, tell
from benchmarks.starter import starter_decoder
from desktop_app.domain.conversation import Role
from desktop_app.domain.generation import ChatTurn, DecoderSpec
from desktop_app.engines.decoder import DecoderProcess
from desktop_app.engines.launcher import WorkerLauncher

_FIRST = ChatTurn(Role.USER, PARAGRAPH * 55 + "What happened on the first day?")
_NEXT = ChatTurn(Role.USER, "And who wrote the letter?")


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        report = Restarts(options.model or starter_decoder(), options.threads, Path(folder)).report(options.rounds)
    tell(report, options.json)
    return 0


class Restarts:
    """The same chat in process after process."""

    def __init__(self, model: Path, threads: int, folder: Path) -> None:
        self._model = model
        self._threads = threads
        self._folder = folder
        self._kept = folder / "kept"

    def report(self, rounds: int) -> dict[str, Any]:
        """All figures; each round is printed when it is whole."""
        turns, in_memory = self._first_life()
        (state,) = self._kept.iterdir()
        rows = []
        for number in range(rounds):
            row: dict[str, Any] = {"round": number + 1}
            both = [True, False] if number % 2 == 0 else [False, True]
            for restores in both:
                row |= self._later_life(turns, in_memory, restores=restores)
            row["ratio"] = round(row["restored_s"] / row["afresh_s"], 4)
            rows.append(row)
            print(json.dumps(row), flush=True)
        return {
            "rounds": rows,
            "state_bytes": state.stat().st_size,
            "median_restored_s": round(statistics.median(row["restored_s"] for row in rows), 3),
            "median_afresh_s": round(statistics.median(row["afresh_s"] for row in rows), 3),
            "median_ratio": round(statistics.median(row["ratio"] for row in rows), 4),
            "same_text_as_in_memory": all(row["same_text"] for row in rows),
        }

    def _first_life(self) -> tuple[list[ChatTurn], str]:
        """(the chat up to the next question, the answer to it from the state in memory)."""
        decoder = self._start(self._kept)
        answer, _figures, _seconds = ask(decoder, [_FIRST], keep_state=True)
        turns = [_FIRST, answer, _NEXT]
        decoder.unload()
        in_memory = self._start(None)
        ask(in_memory, [_FIRST], keep_state=True)
        text = ask(in_memory, turns, keep_state=True)[0].text
        in_memory.close()
        return turns, text

    def _later_life(self, turns: list[ChatTurn], in_memory: str, *, restores: bool) -> dict[str, Any]:
        states = self._folder / "states"
        if restores:  # a copy: the answer's own state would take the place of the one it began from
            shutil.rmtree(states, ignore_errors=True)
            shutil.copytree(self._kept, states)
        decoder = self._start(states if restores else None)
        answer, figures, seconds = ask(decoder, turns, keep_state=True)
        decoder.close()
        if not restores:
            return {"prompt_tokens": figures.prompt_tokens, "afresh_s": round(seconds, 3)}
        return {
            "restored_tokens": figures.restored_tokens,
            "restored_s": round(seconds, 3),
            "same_text": answer.text == in_memory,
        }

    def _start(self, states: Path | None) -> DecoderProcess:
        decoder = DecoderProcess(WorkerLauncher(self._folder / "worker"))
        decoder.load(DecoderSpec(self._model, CONTEXT_LENGTH, self._threads, states_folder=states, states_bytes=10**9))
        return decoder


if __name__ == "__main__":
    sys.exit(main())
