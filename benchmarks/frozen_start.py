"""How long the built program takes to show its window, beside the checkout's; and what it takes on the disk.

    python -m benchmarks.frozen_start [--rounds N] [--notes N] [--chats N]

Measured from outside, alike for both: from the moment before the process is spawned until a screen of Xvfb's is no
longer black, asked every 2 ms. The two take turns on one data folder; the first round only warms the disk cache.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path

from benchmarks.window_start import fill_store

ROOT = Path(__file__).resolve().parent.parent
PLACES = ((20, 20), (200, 200), (380, 380))
LOOK_EVERY_S = 0.002
LONGEST_S = 60.0


def screen_of(stack: ExitStack) -> str:
    """A screen of its own; Xvfb ends with the stack."""
    reading, writing = os.pipe()
    command = ["Xvfb", "-displayfd", str(writing), "-screen", "0", "1280x800x24", "-nolisten", "tcp"]
    server = subprocess.Popen(command, pass_fds=[writing], stderr=subprocess.DEVNULL)
    stack.callback(server.wait)
    stack.callback(server.terminate)
    os.close(writing)
    with os.fdopen(reading) as told:
        return f":{told.readline().strip()}"


def until_shown(command: Sequence[str], environment: dict[str, str], is_shown: Callable[[], bool]) -> float:
    """Seconds from before the start until something stands on the screen; the program is ended then."""
    while is_shown():
        time.sleep(LOOK_EVERY_S)
    began = time.monotonic()
    process = subprocess.Popen(command, env=environment, cwd="/")
    try:
        while not is_shown():
            if process.poll() is not None or time.monotonic() - began > LONGEST_S:
                raise SystemExit(f"{command[0]} showed no window")
            time.sleep(LOOK_EVERY_S)
        took = time.monotonic() - began
        time.sleep(1)  # what follows the first picture does not belong to the next start
    finally:
        process.terminate()
        process.wait()
    return took


def size_mb(path: Path) -> float:
    """What a file, or all files of a folder, hold; links count nothing."""
    files = [path] if path.is_file() else [each for each in path.rglob("*") if each.is_file() and not each.is_symlink()]
    return sum(each.stat().st_size for each in files) / 1e6


def main() -> int:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--notes", type=int, default=10_000)
    parser.add_argument("--chats", type=int, default=1_000)
    options = parser.parse_args()
    built = ROOT / "dist" / "inkwell" / "inkwell"
    if not built.is_file():
        raise SystemExit("There is no build: python3 packaging/dev.py build")
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="inkwell-start-"))
        fill_store(Path(folder), options.notes, options.chats)
        os.environ.update(DISPLAY=screen_of(stack), QT_QPA_PLATFORM="xcb")
        from PySide6.QtGui import QGuiApplication

        application = QGuiApplication(["looking"])

        def is_shown() -> bool:
            image = application.primaryScreen().grabWindow(0, 0, 0, 400, 400).toImage()
            return any(image.pixelColor(*place).lightness() for place in PLACES)

        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        commands = {
            "checkout": [sys.executable, "-P", "-m", "desktop_app", "--data-dir", folder],
            "build": [str(built), "--data-dir", folder],
        }
        took: dict[str, list[float]] = {name: [] for name in commands}
        for number in range(options.rounds + 1):
            for name, command in commands.items():
                seconds = until_shown(command, environment, is_shown)
                if number:
                    took[name].append(seconds)
    checkout, frozen = (statistics.median(took[name]) for name in commands)
    print(
        f"window start, {options.notes:,} notes and {options.chats:,} chats: build {frozen:.3f} s, "
        f"checkout {checkout:.3f} s, ratio {frozen / checkout:.2f}"
    )
    print(f"folder: {size_mb(built.parent):.0f} MB")
    for path in sorted((ROOT / "dist").glob("inkwell[-_]*.*")):
        print(f"{path.name}: {size_mb(path):.0f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
