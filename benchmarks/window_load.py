"""What the window costs while it shows an answer being written: processor time, and the longest stall.

    python -m benchmarks.window_load [--rate N] [--tokens N] [--json FILE]

The real window shows a Markdown answer that the scripted worker writes in a process of its own, at a steady rate. Two
answers: in the first the window's own processor time is read, as a share of one core (its reference is the same window
with nothing to show); in the second a timer of 4 ms looks for gaps in the event loop.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from PySide6.QtCore import QEventLoop, Qt, QTimer

from benchmarks.benchmark_window import BenchmarkWindow
from desktop_app.app.container import Container
from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.generation import DecoderEvent, GenerateRequest, TokensWritten
from desktop_app.engines.decoder import DecoderProcess
from desktop_app.engines.launcher import WorkerLauncher
from desktop_app.presenters.chat import Phase

#: Stands for a line's end in the script: the scripted worker's tokens are words without line ends.
LINE_END = "¶ "
TIMER_MS = 4
CONTEXT_LENGTH = 131_072
IDLE_S = 3.0
WARM_UP_S = 2.0


class LinedDecoder(DecoderProcess):
    """The scripted worker's answers with their line ends."""

    def generate(self, request: GenerateRequest, cancel: CancelToken) -> Iterator[DecoderEvent]:
        for event in super().generate(request, cancel):
            if isinstance(event, TokensWritten):
                yield TokensWritten(event.text.replace(LINE_END, "\n"), event.token_ids)
            else:
                yield event


def answer_of(tokens: int) -> str:
    """Markdown with headings, paragraphs, lists and code, about `tokens` words long."""
    lines: list[str] = []
    words = section = 0
    while words < tokens:
        section += 1
        part = [f"## Section {section}", ""]
        part += [" ".join(f"word{section * 97 + n} of ink and `paper`" for n in range(16)), ""]
        part += [*(f"- item {n} of list {section}, with **weight** {n * section}" for n in range(4)), ""]
        part += ["```python", *(f"value_{n} = compute({section}, {n})" for n in range(6)), "```", ""]
        lines += part
        words += sum(len(line.split()) + 1 for line in part)
    return " ¶ ".join(lines)


class Load(BenchmarkWindow):
    """One window, asked for answers that a script writes."""

    def __init__(self, folder: Path, rate: float, tokens: int, *, answer: str = "") -> None:
        """`answer`: what is written, its line ends as LINE_END; plain Markdown of about `tokens` words where empty."""
        script = json.dumps({"token_seconds": 1 / rate, "answer": answer or answer_of(tokens)})
        launcher = WorkerLauncher(folder / "scripted", {"INKWELL_SCRIPT": script})

        def prepare(container: Container) -> None:
            container.__dict__["decoder"] = LinedDecoder(launcher, worker="scripted")
            for key, value in (("decoder.context_length", CONTEXT_LENGTH), ("decoder.max_answer_tokens", 32_768)):
                container.settings_file.set(key, value)
            # The script stands in for a model of any length; the starter's own limit does not hold for it.
            container.library.__dict__["context_in_force"] = lambda *_asked: CONTEXT_LENGTH

        super().__init__(folder, prepare)

    def idle_share(self) -> float:
        """Processor time of the window with nothing to show, as a share of one core."""
        self.turn_for(WARM_UP_S)
        wall, cpu = time.monotonic(), time.process_time()
        self.turn_for(IDLE_S)
        return (time.process_time() - cpu) / (time.monotonic() - wall)

    def writing_share(self) -> dict[str, float]:
        """Processor time while an answer is written, as a share of one core, and the rate that was really reached."""
        self.send()
        wall, cpu = time.monotonic(), time.process_time()
        self.turn_until(lambda: self.presenter.activity.phase is Phase.IDLE)
        wall, cpu = time.monotonic() - wall, time.process_time() - cpu
        message = self.presenter.transcript.messages[-1]
        written = message.figures.generated_tokens if message.figures is not None else 0
        return {"share": cpu / wall, "tokens_per_s": written / wall, "tokens": written}

    def stalls_ms(self) -> list[float]:
        """How late the event loop was, in milliseconds, each time it was looked at; sorted."""
        return sorted(self.stalls_in_order_ms())

    def stalls_in_order_ms(self) -> list[float]:
        """The same, in the order in which it was looked at."""
        late: list[float] = []
        last = time.monotonic()

        def beat() -> None:
            nonlocal last
            now = time.monotonic()
            late.append(max(0.0, (now - last) * 1000 - TIMER_MS))
            last = now

        timer = QTimer()
        timer.setTimerType(Qt.TimerType.PreciseTimer)
        timer.setInterval(TIMER_MS)
        timer.timeout.connect(beat)
        self.send()
        last = time.monotonic()
        timer.start()
        loop = QEventLoop()
        self.presenter.activity_changed.connect(
            lambda: loop.quit() if self.presenter.activity.phase is Phase.IDLE else None
        )
        loop.exec()
        timer.stop()
        return late


def measure(folder: Path, rate: float, tokens: int) -> dict[str, float]:
    """Both runs."""
    load = Load(folder, rate, tokens)
    try:
        idle = load.idle_share()
        writing = load.writing_share()
        late = load.stalls_ms()
    finally:
        load.close()
    return {
        "idle_share": idle,
        "writing_share": writing["share"],
        "tokens": writing["tokens"],
        "tokens_per_s": writing["tokens_per_s"],
        "stall_longest_ms": late[-1],
        "stall_p99_ms": late[int(len(late) * 0.99)],
        "looks": len(late),
    }


def main() -> int:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rate", type=float, default=200.0, help="tokens per second (200)")
    parser.add_argument("--tokens", type=int, default=4_000, help="length of each answer (4,000)")
    parser.add_argument("--json", type=Path, metavar="FILE")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="inkwell-load-") as name:
        figures = measure(Path(name), options.rate, options.tokens)
    print(
        f"window showing {figures['tokens_per_s']:.0f} tokens/s ({figures['tokens']:.0f} tokens): "
        f"{figures['writing_share']:.1%} of one core, idle {figures['idle_share']:.1%} (to reach: 15 % at most)"
    )
    print(
        f"event loop late by at most {figures['stall_longest_ms']:.1f} ms, p99 {figures['stall_p99_ms']:.1f} ms "
        "(to reach: 50 ms, p99 16 ms)"
    )
    if options.json is not None:
        options.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
