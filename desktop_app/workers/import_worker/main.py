"""Entry of `--worker import`: reads one file and ends."""

from __future__ import annotations

import os
from pathlib import Path

from desktop_app.domain.errors import ImportFileError, InkwellError
from desktop_app.domain.text_cleaning import without_lone_surrogates
from desktop_app.protocol.import_messages import (
    PART_CHARACTERS,
    FileRead,
    ImportFromHost,
    PartsRead,
    ReadFile,
    TextPart,
)
from desktop_app.workers.import_worker.limits import confine_process, out_of_memory
from desktop_app.workers.import_worker.reading import open_file
from desktop_app.workers.worker_runtime import WorkerRuntime


class ImportWorker:
    """Serves the one job it was started for; its host ends it to cancel."""

    def __init__(self) -> None:
        self._runtime = WorkerRuntime("import", ImportFromHost, lambda _message: False)

    def run(self) -> None:
        """Read what is asked for until the host hangs up, which it does after one file."""
        self._runtime.start()
        confine_process()
        for job in self._runtime.jobs():
            if isinstance(job, ReadFile):
                self._read(job)

    def _read(self, job: ReadFile) -> None:
        self._runtime.set_progress("reading")

        def progress(done: int, total: int) -> None:
            self._runtime.send(PartsRead(job.request_id, done, total))

        try:
            opened = open_file(Path(os.fsdecode(job.path)), progress)
            for part in opened.parts:
                self._send_text(job.request_id, without_lone_surrogates(part))
        except InkwellError as error:
            self._runtime.send_failure(job.request_id, error)
        except MemoryError:
            self._runtime.send_failure(job.request_id, out_of_memory())
        except Exception as error:  # noqa: BLE001 - whatever a library makes of a stranger's file is that file's fault
            self._runtime.send_failure(
                job.request_id, ImportFileError("The file is damaged and cannot be read.", type(error).__name__)
            )
        else:
            self._runtime.send(FileRead(job.request_id, opened.format, opened.size, opened.remark))

    def _send_text(self, request_id: int, text: str) -> None:
        for start in range(0, len(text), PART_CHARACTERS):
            self._runtime.send(TextPart(request_id, text[start : start + PART_CHARACTERS]))


def main() -> int:
    """Read one file; 0."""
    ImportWorker().run()
    return 0
