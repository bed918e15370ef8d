"""Time to the first text on turns 1 to 8 of a chat of about 2,600 tokens, beside reading the whole chat again, and
beside llama.cpp's server with its prompt cache where one is given.

    python -m benchmarks.next_turn [--model FILE] [--llama-server PATH] [--json FILE]

Each turn is asked of the product with the kept prefix, as it always works, and of the server, which of the two goes
first changing from turn to turn; each has its own answers as history. Then each turn is asked of the product with the
whole chat read afresh. All are timed in this process, from the request to the first piece of text.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from benchmarks.llama_server import LlamaServer
from benchmarks.short_answer import ANSWER_TOKENS, CONTEXT_LENGTH, PARAGRAPH, SAMPLING, ask, tell
from benchmarks.starter import starter_decoder
from desktop_app.domain.conversation import Role
from desktop_app.domain.generation import ChatTurn, DecoderSpec
from desktop_app.engines.decoder import DecoderProcess
from desktop_app.engines.launcher import WorkerLauncher

TURNS = 8


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path)
    parser.add_argument("--llama-server", type=Path)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    rows = measure(options.model or starter_decoder(), options.threads, options.llama_server)
    later = rows[1:]
    report: dict[str, Any] = {
        "turns": rows,
        "median_ratio_to_afresh_of_turns_2_to_8": round(statistics.median(row["ratio"] for row in later), 3),
    }
    if options.llama_server is not None:
        ratios = [row["first_text_s"] / row["server_first_text_s"] for row in later]
        report["median_ratio_to_llama_server_of_turns_2_to_8"] = round(statistics.median(ratios), 3)
    tell(report, options.json)
    return 0


def measure(model: Path, threads: int, server_program: Path | None) -> list[dict[str, Any]]:
    """One row of figures for each turn, printed when it is whole."""
    rows: list[dict[str, Any]] = []
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        decoder = DecoderProcess(WorkerLauncher(Path(folder)))
        stack.callback(decoder.close)
        decoder.load(DecoderSpec(model, context_length=CONTEXT_LENGTH, threads=threads))
        server = None
        if server_program is not None:
            server = stack.enter_context(
                LlamaServer(server_program, model, context_length=CONTEXT_LENGTH, threads=threads)
            )
        conversation = Conversation(decoder, server)
        for number in range(1, TURNS + 1):
            row = conversation.turn(number)
            rows.append(row)
        # Apart, and last: ten seconds of reading would leave the cores in another state than a person's next question.
        for row, afresh_s in zip(rows, conversation.afresh_seconds(), strict=True):
            row["afresh_s"] = round(afresh_s, 3)
            row["ratio"] = round(row["first_text_s"] / afresh_s, 3)
            print(json.dumps(row), flush=True)
    return rows


class Conversation:
    """The same questions put to the product and, where there is one, to the server; each keeps its own answers."""

    def __init__(self, decoder: DecoderProcess, server: LlamaServer | None) -> None:
        self._decoder = decoder
        self._server = server
        self._turns: list[ChatTurn] = []
        self._messages: list[dict[str, str]] = []

    def turn(self, number: int) -> dict[str, Any]:
        """Ask both, the one first that was second the turn before; the figures."""
        # The first message brings most of the tokens, as a pasted text does.
        text = PARAGRAPH * (45 if number == 1 else 2) + f"What happened on day {number}?"
        row: dict[str, Any] = {"turn": number}
        both = [self._ask_product, self._ask_server]
        for ask_one in both if number % 2 else reversed(both):
            row |= ask_one(number, text)
        return row

    def afresh_seconds(self) -> Iterator[float]:
        """Seconds to the first text of each turn when the whole chat is read again."""
        for end in range(1, len(self._turns), 2):
            yield ask(self._decoder, self._turns[:end], reuse_prefix=False)[2]

    def _ask_product(self, number: int, text: str) -> dict[str, Any]:
        self._turns.append(ChatTurn(Role.USER, text))
        answer, figures, first_text_s = ask(self._decoder, self._turns)
        self._turns.append(answer)
        return {
            "prompt_tokens": figures.prompt_tokens,
            "cached_tokens": figures.cached_tokens,
            "first_text_s": round(first_text_s, 3),
        }

    def _ask_server(self, number: int, text: str) -> dict[str, Any]:
        if self._server is None:
            return {}
        self._messages.append({"role": "user", "content": text})
        reply = self._server.ask(
            self._messages, max_tokens=ANSWER_TOKENS, temperature=SAMPLING.temperature or 0.0, seed=number
        )
        self._messages.append({"role": "assistant", "content": reply.text})
        return {"server_first_text_s": round(reply.first_text_s, 3), "server_read_tokens": reply.read_tokens}


if __name__ == "__main__":
    sys.exit(main())
