"""What a large folder costs: linked, looked at, edited, unlinked and copied in, and how long saves wait meanwhile.

    python -m benchmarks.linked_folder [--files N] [--megabytes M] [--json FILE]

N small Markdown files (100,000) are made in a temporary folder, 200 a folder. The product's services link it, look at
it once more, take in 10 files that were edited, write a note that was edited here, and unlink it; a second data folder
copies it in. Then a vault with one file of M megabytes (50) is linked, and edited on either side. All the while another
thread saves a note ten times a second, as a person who writes has it saved. Peak memory is that of this process.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import resource
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.saver import Saver
from desktop_app.app.container import Container
from desktop_app.app.paths import data_paths
from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.notes import NoteFilter

_PER_FOLDER = 200
_EDITED = 10
_LONG_AGO = 1_700_000_000


def make_files(folder: Path, count: int) -> None:
    """Notes of some 400 characters, with links, tags and front matter, last changed long ago."""
    for number in range(count):
        path = folder / f"part {number // _PER_FOLDER:04}" / f"note {number:06}.md"
        if number % _PER_FOLDER == 0:
            path.parent.mkdir(parents=True)
        words = " ".join(f"word{(number * 31 + place * 17) % 9973}" for place in range(45))
        path.write_text(
            f"---\nstatus: kept\n---\n# Note {number}\n\n{words} #tag{number % 97} [[Note {number // 2}]]\n"
        )
        os.utime(path, (_LONG_AGO, _LONG_AGO))


def saves_of_one_note(container: Container) -> Callable[[], object]:
    """What saves a note of its own with another text each time."""
    notes = container.notes
    numbers = itertools.count()
    note = notes.create("elsewhere", "a note")

    def save() -> None:
        nonlocal note
        note = notes.save(note.id, f"a note that is saved\n{next(numbers)}", None, note.revision)

    return save


def timed(container: Container, name: str, figures: dict[str, Any], act: Callable[[], object]) -> None:
    """Run `act` beside saves; its time, what saves took, and the peak of memory so far go to `figures`."""
    with Saver(saves_of_one_note(container)) as saver:
        started = time.perf_counter()
        said = act()
        seconds = time.perf_counter() - started
    saves = np.asarray(saver.seconds or [0.0]) * 1e3
    figures[name] = {
        "s": round(seconds, 2),
        "saves": len(saver.seconds),
        "save_p50_ms": round(float(np.percentile(saves, 50)), 1),
        "save_p99_ms": round(float(np.percentile(saves, 99)), 1),
        "save_max_ms": round(float(saves.max()), 1),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "said": str(said)[:200],
    }
    print(name, json.dumps(figures[name]), flush=True)


def quiet(_done: float, _total: int, _name: str) -> None:
    """No progress is shown."""


def link_many(work: Path, vault: Path, figures: dict[str, Any]) -> None:
    """The folder linked, in step, edited on both sides, and unlinked."""
    with closing(_container(work / "linked")) as container:
        folders, token = container.note_parts.linked_folders, CancelToken()
        timed(container, "link", figures, lambda: _short(folders.link(vault, quiet, token)[1]))
        folder = folders.linked()[0]
        timed(container, "look, nothing changed", figures, lambda: _short(folders.look(folder, token)))
        timed(container, "state of the folders", figures, folders.statuses)
        edited = sorted(vault.rglob("*.md"))[:: max(1, figures["files"] // _EDITED)][:_EDITED]
        for path in edited:
            path.write_text(path.read_text() + "\nedited there\n")
        timed(container, "look, 10 files edited", figures, lambda: _short(folders.look(folder, token)))
        note = container.notes.list_notes(NoteFilter(folder=folder.top), limit=1)[0]
        container.notes.save(note.id, "edited here")
        timed(container, "one note written", figures, lambda: folders.look_at_notes([note.id], token))
        (edited[0].parent).rename(edited[0].parent.with_name("renamed"))
        timed(container, "look, a folder renamed", figures, lambda: _short(folders.look(folder, token)))
        timed(container, "unlink", figures, lambda: folders.unlink(folder))


def copy_many(work: Path, vault: Path, figures: dict[str, Any]) -> None:
    """The folder copied in, twice."""
    with closing(_container(work / "copied")) as container:
        for name in ("copy in", "copy in again"):
            timed(
                container,
                name,
                figures,
                lambda: len(container.note_parts.note_import.run([vault], quiet, CancelToken()).imported),
            )


def one_large(work: Path, megabytes: int, figures: dict[str, Any]) -> None:
    """A vault with one large file, linked, edited there, edited here."""
    vault = work / "large vault"
    vault.mkdir()
    line = "a line of some sixty characters, as it stands in a long log.\n"
    text = line * (megabytes * 1024 * 1024 // len(line) - 100)
    (vault / "large.md").write_text(text)
    with closing(_container(work / "large")) as container:
        folders, token = container.note_parts.linked_folders, CancelToken()
        timed(container, "large: link", figures, lambda: _short(folders.link(vault, quiet, token)[1]))
        folder = folders.linked()[0]
        with (vault / "large.md").open("a") as file:
            file.write("edited there\n")
        timed(container, "large: edited there", figures, lambda: _short(folders.look(folder, token)))
        note = container.notes.list_notes(NoteFilter(folder=folder.top), limit=1)[0]
        container.notes.save(note.id, text + "edited here\n")
        timed(container, "large: edited here", figures, lambda: folders.look_at_notes([note.id], token))


def _container(data: Path) -> Container:
    paths = data_paths(data, {})
    paths.create()
    return Container(paths)


def _copied(container: Container, vault: Path) -> str:
    report = container.note_parts.note_import.run([vault], quiet, CancelToken())
    return f"{len(report.imported)} imported, {report.unchanged} unchanged"


def _short(report: Any) -> str:
    counts = {name: getattr(report, name) for name in ("added", "taken", "written", "moved", "trashed")}
    return ", ".join(f"{count} {name}" for name, count in counts.items() if count) or "nothing"


def main(arguments: Sequence[str] | None = None) -> int:
    """Entry of the command."""
    parser = argparse.ArgumentParser(prog="benchmarks.linked_folder", description="A large linked folder.")
    parser.add_argument("--files", type=int, default=100_000, help="so many small files (100,000)")
    parser.add_argument("--megabytes", type=int, default=50, help="size of the one large file (50)")
    parser.add_argument("--only", choices=("link", "copy", "large"), help="one part alone")
    parser.add_argument("--json", metavar="FILE", type=Path, help="write the figures there as well")
    options = parser.parse_args(arguments)
    figures: dict[str, Any] = {"files": options.files}
    with tempfile.TemporaryDirectory(prefix="inkwell-linked-") as name:
        work = Path(name)
        if options.only != "large":
            make_files(work / "vault", options.files)
        if options.only in (None, "link"):
            link_many(work, work / "vault", figures)
        if options.only in (None, "copy"):
            copy_many(work, work / "vault", figures)
        if options.only in (None, "large"):
            one_large(work, options.megabytes, figures)
    if options.json is not None:
        options.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
