"""Prompt tokens read per turn over a chat of eight times its context window, for each way of dealing with a full one,
beside reading everything again at each turn.

    python -m benchmarks.context_policies [--context TOKENS] [--windows N] [--scripted] [--json FILE]

The same questions are put to the product's own chat service for "recall", "summarise" and "ask" (told to let the oldest
leave whenever it asks), each in a chat of its own, with both starter models. What a turn reads is what the decoder
itself counts, reading for a summary included; "again" is what the same prompts cost where no prefix is kept. Every
fourth question is about something said long before, so that there is something to recall. With `--scripted` a decoder
without a model takes its place, whose tokens are words, and words alone recall: the same counting in a minute.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from desktop_app.app.container import Container
from desktop_app.app.paths import data_paths
from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.context_budget import WhenFull
from desktop_app.domain.errors import ContextFullError
from desktop_app.domain.generation import DecoderEvent, GenerateRequest, GenerationEnded
from desktop_app.engines.decoder import DecoderProcess

ANSWER_TOKENS = 24
_FACTS = (
    ("The cellar key hangs behind the blue door of the barn.", "Where did I say the cellar key is?"),
    ("My sister Edda sails to Bergen on the ninth of May.", "When does Edda go to Norway?"),
    ("The old printing press weighs four hundred kilograms.", "How heavy is the press?"),
    ("Our tortoise is called Balthazar and eats dandelions.", "What is the name of our reptile?"),
)
_WHO = ("The keeper", "An orchestra", "Some geologist", "The railway", "A parliament", "Her gardener", "The baker")
_DOES = ("trims lamps", "rehearses slowly", "maps granite", "closes stations", "debates harbours")
_WHERE = ("at dusk beside the window", "after a quiet passage", "deep below the surface", "when snow falls in winter")
_WHY = ("because the horns came late", "for thousands of years", "until midnight", "as letters prescribe", "in vain")


class CountedReading:
    """What the decoder read for all requests of a turn, and what it would have read without a kept prefix."""

    def __init__(self, container: Container) -> None:
        self._generate = container.decoder.generate
        self.read = 0
        self.again = 0
        container.decoder.generate = self.generate  # type: ignore[method-assign]

    def generate(self, request: GenerateRequest, cancel: CancelToken) -> Iterator[DecoderEvent]:
        """As the decoder's own."""
        for event in self._generate(request, cancel):
            if isinstance(event, GenerationEnded):
                self.read += event.figures.prompt_tokens - event.figures.cached_tokens
                self.again += event.figures.prompt_tokens
            yield event

    def take(self) -> tuple[int, int]:
        """(tokens read, tokens of the prompts) since the last call."""
        taken = self.read, self.again
        self.read = self.again = 0
        return taken


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--context", type=int, default=1024)
    parser.add_argument("--windows", type=float, default=8.0)
    parser.add_argument("--scripted", action="store_true")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    report: dict[str, Any] = {"context": options.context, "windows": options.windows, "scripted": options.scripted}
    with tempfile.TemporaryDirectory() as folder:
        paths = data_paths(Path(folder), {})
        paths.create()
        with closing(Container(paths)) as container:
            container.settings_file.set("decoder.context_length", options.context)
            container.settings_file.set("decoder.max_answer_tokens", ANSWER_TOKENS)
            container.settings_file.set("sampling.seed", 5)
            if options.scripted:
                worker = DecoderProcess(container.launcher, worker="scripted", check_file=lambda _path: None)
                container.__dict__["decoder"] = worker
            container.session.ensure_decoder()
            if not options.scripted:
                container.session.ensure_encoder()
            counted = CountedReading(container)
            for policy in WhenFull:
                report[policy.value] = measure(container, counted, policy, options.context * options.windows)
                print(json.dumps({policy.value: report[policy.value]}), flush=True)
    if options.json is not None:
        options.json.write_text(json.dumps(report, indent=1), encoding="utf-8")
    return 0


def measure(container: Container, counted: CountedReading, policy: WhenFull, tokens: float) -> dict[str, Any]:
    """The figures of one chat that grows to so many tokens."""
    container.settings_file.set("decoder.when_full", policy.value)
    chat = container.chat.create().id
    counted.take()
    read: list[int] = []
    again: list[int] = []
    steps = recalled = 0
    start = None
    length = 0
    while length < tokens:
        ask(container, chat, question(len(read)))
        answer = container.chat.messages(chat, limit=1)[-1]
        recalled += bool(container.chat.window.recalled(answer.id))
        turn_read, turn_again = counted.take()
        read.append(turn_read)
        again.append(turn_again)
        moved = container.chat.get(chat).memory_start_id
        steps += moved != start
        start = moved
        length += len(question(len(read) - 1)) // 4 + ANSWER_TOKENS
    return {
        "turns": len(read),
        "steps": steps,
        "turns_with_recall": recalled,
        "read_per_turn_mean": round(statistics.mean(read), 1),
        "read_per_turn_median": statistics.median(read),
        "read_per_turn_most": max(read),
        "again_per_turn_mean": round(statistics.mean(again), 1),
        "ratio_to_again": round(sum(read) / sum(again), 3),
    }


def ask(container: Container, chat: int, text: str) -> None:
    """One turn; a full chat that asks is told to let the oldest leave."""
    try:
        list(container.chat.send(chat, text, CancelToken()))
    except ContextFullError:
        container.chat.window.choose_once(chat, WhenFull.RECALL)
        list(container.chat.send(chat, text, CancelToken()))


def question(turn: int) -> str:
    """Facts first, then what makes the chat long, and every fourth turn a question about a fact."""
    if turn < len(_FACTS):
        return _FACTS[turn][0]
    if turn % 4 == 0:
        return _FACTS[turn // 4 % len(_FACTS)][1]
    parts = [
        " ".join(row[(turn * step + step) % len(row)] for row in (_WHO, _DOES, _WHERE, _WHY)) for step in (1, 2, 3)
    ]
    return f"Part {turn}. {'. '.join(parts)}. Please go on."


if __name__ == "__main__":
    sys.exit(main())
