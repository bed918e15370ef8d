"""A long chat and a long answer: how much longer a chat of 10,000 messages takes to open, and how late the window gets.

    python -m benchmarks.long_chat [--messages N] [--rate N] [--tokens N] [--rounds N] [--json FILE]

Opening: from asking for the chat until its last messages are painted, in turns for one of 20 messages (the reference)
and one of 10,000; the median of the rounds. Writing: an answer of 20,000 tokens with headings, lists, tables, code and
formulas is written at 200 tokens a second, and a timer of 4 ms looks for gaps in the event loop; the last quarter of
the answer is compared with the first, since the cost of a token must not grow.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from PySide6.QtCore import QEventLoop, QTimer

from benchmarks.window_load import Load
from desktop_app.domain.conversation import Role
from desktop_app.domain.generation import StopReason

FEW = 20
LIMIT_MS = 60_000


def long_answer(tokens: int) -> str:
    """Markdown of everything that a chat shows, about `tokens` words long, in the scripted worker's form."""
    lines: list[str] = []
    words = section = 0
    while words < tokens:
        section += 1
        part = [f"## Section {section}", ""]
        part += [" ".join(f"word{section * 97 + n} of ink and `paper`" for n in range(16)), ""]
        part += [f"Here $a_{{{section}}} = \\frac{{x^2}}{{{section}}}$ holds, and further down it is summed:", ""]
        part += ["$$", f"\\sum_{{n=1}}^{{{section}}} \\frac{{1}}{{n^2}} < \\frac{{\\pi^2}}{{6}}", "$$", ""]
        part += [*(f"- item {n} of list {section}, with **weight** {n * section}" for n in range(4)), ""]
        part += ["| name | value |", "|---|---|", *(f"| row {n} | {n * section} |" for n in range(6)), ""]
        part += ["```python", *(f"value_{n} = compute({section}, {n})" for n in range(12)), "```", ""]
        if section % 8 == 0:
            part += ["| long | table |", "|---|---|", *(f"| row {n} of many | {n * section} |" for n in range(80)), ""]
            part += ["```python", *(f"line_{n} = {n}  # of a long piece of code" for n in range(120)), "```", ""]
        lines += part
        words += sum(len(line.split()) + 1 for line in part)
    return " ¶ ".join(lines)


def add_chat(load: Load, messages: int) -> int:
    """A chat of so many messages in the store of the window; its id."""
    store = load.container.store.conversations
    chat = store.create()
    store.rename(chat.id, f"{messages} messages")
    parent: int | None = None
    for number in range(messages // 2):
        question = store.add_message(chat.id, parent, Role.USER, f"Question {number}: what is ink number {number}?")
        answer = store.add_message(chat.id, question.id, Role.ASSISTANT, "", model_name="Scripted")
        text = f"Ink **{number}** is a dye.\n\n- it dries\n- it stays\n\nMore of it in `book {number}`."
        parent = store.finish_message(answer.id, text, [], StopReason.END, None).id
    return chat.id


def opening_s(load: Load, chat: int) -> float:
    """Seconds from asking for the chat until its end is painted; the window then shows an empty chat again."""
    load.presenter.new_chat()
    load.turn_for(0.3)
    view = load.screen.transcript
    loop = QEventLoop()
    load.presenter.opened.connect(loop.quit)
    QTimer.singleShot(LIMIT_MS, loop, loop.quit)
    began = time.perf_counter()
    load.presenter.open(chat)
    loop.exec()
    view.repaint()
    took = time.perf_counter() - began
    load.presenter.opened.disconnect(loop.quit)
    if load.presenter.conversation_id != chat or not view.rows:
        raise RuntimeError("the chat did not open")
    return took


def openings(load: Load, messages: int, rounds: int) -> dict[str, float]:
    """Both chats in turns."""
    few, many = add_chat(load, FEW), add_chat(load, messages)
    opening_s(load, few), opening_s(load, many)
    pairs = [(opening_s(load, few), opening_s(load, many)) for _ in range(rounds)]
    short, long = median(pair[0] for pair in pairs), median(pair[1] for pair in pairs)
    return {"open_few_s": short, "open_many_s": long, "open_ratio": long / short}


def measure(folder: Path, options: argparse.Namespace) -> dict[str, float]:
    """Both parts, in one window."""
    load = Load(folder, options.rate, options.tokens, answer=long_answer(options.tokens))
    try:
        figures = openings(load, options.messages, options.rounds)
        load.presenter.new_chat()
        load.turn_for(0.5)
        late = load.stalls_in_order_ms()
        message = load.presenter.transcript.messages[-1]
        written = message.figures.generated_tokens if message.figures is not None else 0
    finally:
        load.close()
    quarter = len(late) // 4
    in_order = sorted(late)
    return {
        **figures,
        "tokens": written,
        "stall_longest_ms": in_order[-1],
        "stall_p99_ms": in_order[int(len(in_order) * 0.99)],
        "late_mean_first_quarter_ms": sum(late[:quarter]) / quarter,
        "late_mean_last_quarter_ms": sum(late[-quarter:]) / quarter,
    }


def main() -> int:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int, default=10_000, help="messages of the long chat (10,000)")
    parser.add_argument("--rounds", type=int, default=7, help="openings of each chat (7)")
    parser.add_argument("--rate", type=float, default=200.0, help="tokens per second (200)")
    parser.add_argument("--tokens", type=int, default=20_000, help="length of the answer (20,000)")
    parser.add_argument("--json", type=Path, metavar="FILE")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="inkwell-long-") as name:
        figures = measure(Path(name), options)
    print(
        f"opening {options.messages:,} messages: {figures['open_many_s'] * 1000:.0f} ms, {FEW} messages: "
        f"{figures['open_few_s'] * 1000:.0f} ms, ratio {figures['open_ratio']:.2f} (to reach: 1.5)"
    )
    print(
        f"an answer of {figures['tokens']:,} tokens: event loop late by at most {figures['stall_longest_ms']:.1f} ms, "
        f"p99 {figures['stall_p99_ms']:.1f} ms (to reach: 50 ms, p99 16 ms)"
    )
    print(
        f"mean lateness in its first quarter {figures['late_mean_first_quarter_ms']:.2f} ms, in its last "
        f"{figures['late_mean_last_quarter_ms']:.2f} ms"
    )
    if options.json is not None:
        options.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
