"""How long the real window takes to be there, beside a bare PySide6 window; and what it takes of memory.

    python -m benchmarks.window_start [--rounds N] [--notes N] [--chats N] [--json FILE]

Each start is a fresh process, measured from the moment before it is spawned (the interpreter's own start included)
until the event loop has its first turn after the first paint. The two take turns, so that whatever else the machine
does falls on both; the first round only warms the disk cache. Resident memory is read one second later.
"""

from __future__ import annotations

import argparse
import functools
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

SETTLE_MS = 1_000


def fill_store(folder: Path, notes: int, chats: int) -> None:
    """A data folder with so many notes and chats, none of them empty."""
    from desktop_app.app.paths import data_paths
    from desktop_app.domain.conversation import Role
    from desktop_app.storage.store import Store

    paths = data_paths(folder, {})
    paths.create()
    store = Store.open(paths.database, backups=paths.backups)
    with store.transaction():
        for number in range(notes):
            text = f"# Note {number}\n\nParagraph {number} about ink, paper and the number {number * 7919}.\n" * 4
            store.notes.create(f"Note {number}", text, folder=f"Folder {number % 40}", tags=(f"tag{number % 25}",))
        for number in range(chats):
            chat = store.conversations.create(f"Chat {number}")
            store.conversations.add_message(chat.id, None, Role.USER, f"Question {number}?")
    store.close()


def resident_mb() -> float:
    """Resident memory of this process in MB."""
    import psutil  # type: ignore[import-untyped]  # after the measured part

    return float(psutil.Process().memory_info().rss) / 1e6


def report_when_painted(window: Any) -> None:
    """Print the figures of this process once `window` was painted, then end it."""
    from PySide6.QtCore import QTimer
    from PySide6.QtWidgets import QApplication

    def settled() -> None:
        print(json.dumps({"usable": usable[0], "cpu_s": usable[1], "resident_mb": resident_mb()}), flush=True)
        window.close()
        QApplication.quit()

    def turn() -> None:
        usable.extend((time.monotonic(), time.process_time()))
        QTimer.singleShot(SETTLE_MS, settled)

    usable: list[float] = []
    window.first_painted.connect(lambda: QTimer.singleShot(0, turn))


def bare_window() -> None:
    """The reference: an application, a widget, a label."""
    from PySide6.QtCore import Signal
    from PySide6.QtGui import QPaintEvent
    from PySide6.QtWidgets import QApplication, QLabel, QWidget

    class Bare(QWidget):
        first_painted = Signal()

        def paintEvent(self, event: QPaintEvent) -> None:
            super().paintEvent(event)
            if not self.property("painted"):
                self.setProperty("painted", True)
                self.first_painted.emit()

    app = QApplication([])
    window = Bare()
    QLabel("Bare", window)
    window.resize(1280, 820)
    report_when_painted(window)
    window.show()
    app.exec()


def real_window(folder: Path) -> None:
    """Inkwell on `folder`, exactly as `inkwell` starts it."""
    from desktop_app.__main__ import import_window

    run = import_window()
    from desktop_app.app.paths import data_paths
    from desktop_app.ui.main_window import MainWindow

    build = MainWindow.__init__

    @functools.wraps(build)
    def watched(window: MainWindow, *args: Any, **kwargs: Any) -> None:
        build(window, *args, **kwargs)
        report_when_painted(window)

    MainWindow.__init__ = watched  # type: ignore[method-assign, assignment]
    run(data_paths(folder, {}))


def start(arguments: list[str]) -> dict[str, float]:
    """One start in a process of its own: seconds until it is usable, those of the processor, resident memory."""
    environment = {"QT_QPA_PLATFORM": "offscreen", **os.environ}
    # An installed program keeps its compiled modules; without them each start would compile them again.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    command = [sys.executable, "-m", "benchmarks.window_start", *arguments]
    began = time.monotonic()
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=True)
    figures = json.loads(done.stdout.splitlines()[-1])
    return {key: figures[key] for key in ("cpu_s", "resident_mb")} | {"seconds": figures["usable"] - began}


def measure(rounds: int, folder: Path) -> dict[str, Any]:
    """Medians of interleaved starts."""
    found: dict[str, list[dict[str, float]]] = {"bare": [], "real": []}
    for number in range(rounds + 1):
        for name, arguments in (("bare", ["--bare"]), ("real", ["--real", str(folder)])):
            figures = start(arguments)
            if number:
                found[name].append(figures)
    medians = {
        name: {key: statistics.median(run[key] for run in runs) for key in runs[0]} for name, runs in found.items()
    }
    bare, real = medians["bare"], medians["real"]
    return {
        "bare_s": bare["seconds"],
        "window_s": real["seconds"],
        "difference_s": real["seconds"] - bare["seconds"],
        "ratio": real["seconds"] / bare["seconds"],
        "bare_cpu_s": bare["cpu_s"],
        "window_cpu_s": real["cpu_s"],
        "bare_mb": bare["resident_mb"],
        "window_mb": real["resident_mb"],
        "difference_mb": real["resident_mb"] - bare["resident_mb"],
        "rounds": rounds,
    }


def main() -> int:
    """Run the benchmark, or one of its child processes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--notes", type=int, default=10_000)
    parser.add_argument("--chats", type=int, default=1_000)
    parser.add_argument("--json", type=Path, metavar="FILE")
    parser.add_argument("--bare", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--real", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.bare:
        bare_window()
        return 0
    if options.real is not None:
        real_window(options.real)
        return 0
    with tempfile.TemporaryDirectory(prefix="inkwell-start-") as name:
        fill_store(Path(name), options.notes, options.chats)
        figures = measure(options.rounds, Path(name))
    print(
        f"window start, {options.notes:,} notes and {options.chats:,} chats: {figures['window_s']:.3f} s, "
        f"bare window {figures['bare_s']:.3f} s, ratio {figures['ratio']:.2f}, "
        f"+ {figures['difference_s']:.3f} s (to reach: + 0.45 s at most)"
    )
    print(f"of that on the processor: {figures['window_cpu_s']:.3f} s, bare window {figures['bare_cpu_s']:.3f} s")
    print(
        f"memory of the window's process: {figures['window_mb']:.0f} MB, bare window {figures['bare_mb']:.0f} MB, "
        f"+ {figures['difference_mb']:.0f} MB (to reach: + 150 MB at most)"
    )
    if options.json is not None:
        options.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
