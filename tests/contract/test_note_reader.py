"""The confined process that reads other programs' notes: what arrives on this side, and how bad files end."""

from __future__ import annotations

import random
import textwrap
import time
from datetime import UTC, datetime
from pathlib import Path

import psutil
import pytest

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.errors import CancelledError, ImportFileError, ImportLimitError
from desktop_app.domain.note_attachments import StoredFile
from desktop_app.domain.notes import ImportFailure
from desktop_app.engines.importer import ImportProcess
from desktop_app.engines.launcher import WorkerLauncher
from tests.fakes import note_files as made
from tests.fakes.workers import ProgramLauncher

SPEAKS = textwrap.dedent("""
    import sys, threading, time
    from desktop_app.protocol.import_messages import *
    from desktop_app.workers.worker_runtime import WorkerRuntime
    runtime = WorkerRuntime("import", ImportFromHost, lambda message: False)
    runtime.start()
    for job in runtime.jobs():
        {act}
""")


@pytest.fixture
def reader(tmp_path: Path) -> ImportProcess:
    return ImportProcess(WorkerLauncher(tmp_path / "worker"))


def test_notes_arrive_whole(reader: ImportProcess, tmp_path: Path) -> None:
    long = "# long\n\n" + " ".join(str(number) for number in range(400_000))
    path = made.write_zip(
        tmp_path / "x.zip",
        {
            "a/long.md": long,
            "b.md": "---\ntags: [x]\ncreated: 2020-01-02\nedited: 1900-01-02\n---\nshort\udcff".encode(
                "utf-8", "replace"
            ),
            "../c.md": "bad",
            "pic.png": "x",
        },
    )
    seen: list[tuple[int, int]] = []
    found = reader.read_notes(path, CancelToken(), lambda done, total: seen.append((done, total)))
    first, second = found.notes
    assert (first.text, first.folder, first.title) == (long, "a", "long")
    assert (second.tags, second.front_matter.splitlines()[0]) == (("x",), "tags: [x]")
    assert second.created == datetime(2020, 1, 2, tzinfo=UTC)
    assert second.edited == datetime(1900, 1, 2, tzinfo=UTC)
    assert found.failed == (ImportFailure("../c.md", "Its name leads out of the archive, and it was not read."),)
    assert found.skipped_attachments == 1
    assert seen[-1] == (2, 2)
    assert reader.pids == ()


def test_files_of_notes_arrive_whole(reader: ImportProcess, tmp_path: Path) -> None:
    data = random.Random(1).randbytes(3_000_000)
    path = made.write_zip(tmp_path / "x.zip", {"n.md": "![](p.bin) ![](p.bin) ![](q.bin)", "p.bin": data, "q.bin": "q"})
    kept: list[tuple[int, str]] = []

    def keep(given: bytes, name: str) -> StoredFile:
        kept.append((len(given), name))
        return StoredFile("0" * 64, name, "", len(given))

    found = reader.read_notes(path, CancelToken(), keep=keep)
    assert kept == [(len(data), "p.bin"), (1, "q.bin")]
    assert found.notes[0].attachments == (("p.bin", "p.bin"), ("q.bin", "q.bin"))
    assert set(found.attachments) == {"p.bin", "q.bin"}


@pytest.mark.parametrize(
    "messages",
    [
        "runtime.send(AttachmentRead(job.request_id, 'k', 'n'))",  # nobody asked for files
        "[runtime.send(AttachmentPart(job.request_id, bytes(1024**2))) for _ in range(52)]",
    ],
)
def test_files_that_were_not_agreed_on_end_the_reading(tmp_path: Path, messages: str) -> None:
    speaker = ImportProcess(ProgramLauncher(tmp_path / "worker", program=SPEAKS.format(act=messages)))
    (tmp_path / "x.zip").write_bytes(b"x")
    with pytest.raises(ImportLimitError, match="attachments"):
        speaker.read_notes(tmp_path / "x.zip", CancelToken())


def test_a_bad_archive_gives_nothing(reader: ImportProcess, tmp_path: Path) -> None:
    path = made.write_tar(tmp_path / "x.jex", made.joplin_items())
    path.write_bytes(path.read_bytes()[:3000])
    with pytest.raises(ImportFileError, match="cut off"):
        reader.read_notes(path, CancelToken())


def test_a_file_whose_reading_takes_for_ever(tmp_path: Path) -> None:
    launcher = ProgramLauncher(tmp_path / "worker", program=SPEAKS.format(act="threading.Event().wait()"))
    with pytest.raises(ImportLimitError, match="too long"):
        ImportProcess(launcher, most_seconds=1.5).read_notes(tmp_path / "x", CancelToken())


def test_too_much_text_in_many_notes(reader: ImportProcess, tmp_path: Path) -> None:
    text = "".join(chr(0x4E00 + number % 20_000) for number in range(400_000))
    path = made.write_zip(tmp_path / "x.zip", {f"{number}.md": f"{number}{text}" for number in range(60)})
    with pytest.raises(ImportLimitError, match="too much text"):
        reader.read_notes(path, CancelToken())


def test_a_reader_that_sends_notes_without_end(tmp_path: Path) -> None:
    note = 'runtime.send(TextPart(job.request_id, "x" * 1048576)); runtime.send(NoteRead(job.request_id, "", ""))'
    act = f"while True: {note}"
    reader = ImportProcess(ProgramLauncher(tmp_path / "worker", program=SPEAKS.format(act=act)))
    with pytest.raises(ImportLimitError, match="too much text"):
        reader.read_notes(tmp_path / "x", CancelToken())


def test_stopping_ends_the_process(tmp_path: Path) -> None:
    act = "runtime.send(PartsRead(job.request_id, 1, 2)); threading.Event().wait()"
    reader = ImportProcess(ProgramLauncher(tmp_path / "worker", program=SPEAKS.format(act=act)))
    cancel = CancelToken()
    pids: list[int] = []

    def progress(done: int, total: int) -> None:
        pids.extend(reader.pids)
        cancel.cancel()

    begun = time.monotonic()
    with pytest.raises(CancelledError):
        reader.read_notes(tmp_path / "x", cancel, progress)
    assert time.monotonic() - begun < 30
    assert not any(psutil.pid_exists(pid) for pid in pids)
