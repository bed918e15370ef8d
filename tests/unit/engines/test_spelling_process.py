"""Words are looked up with a dictionary that the test writes, in a process that a bad one cannot take along."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop_app.domain.errors import WorkerError
from desktop_app.engines.launcher import WorkerLauncher
from desktop_app.engines.spelling import MOST_FAILURES, SpellingProcess
from tests.fakes.workers import ProgramLauncher

pytest.importorskip("hunspell")

MUTE = """
from desktop_app.protocol.spelling_messages import SpellingFromHost
from desktop_app.workers.worker_runtime import WorkerRuntime
runtime = WorkerRuntime("spelling", SpellingFromHost, lambda _message: False)
runtime.start()
for _job in runtime.jobs():
    pass
"""
AFFIXES = "SET UTF-8\nTRY esiandr\nSFX S Y 1\nSFX S 0 s .\n"


@pytest.fixture
def process(tmp_path: Path) -> Iterator[SpellingProcess]:
    made = SpellingProcess(WorkerLauncher(tmp_path / "workers"))
    yield made
    made.close()


def dictionary(folder: Path, name: str, *words: str, affixes: str = AFFIXES) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.aff").write_text(affixes, encoding="utf-8")
    (folder / f"{name}.dic").write_text("\n".join([str(len(words)), *words]) + "\n", encoding="utf-8")
    return folder / name


def test_one_dictionary_that_knows_a_word_is_enough(process: SpellingProcess, tmp_path: Path) -> None:
    english = dictionary(tmp_path / "ä b", "en_XX", "word/S", "isn't", "paper")
    german = dictionary(tmp_path, "de_XX", "Grüße", "Tinte")
    assert process.pid is None
    words = ["words", "Word", "wrod", "isn't", "Tinte", "漢"]
    assert process.wrong([english], words) == {"wrod", "Tinte", "漢"}
    assert process.wrong([english, german], words) == {"wrod", "漢"}
    assert process.suggestions([english, german], "wrod") == ["word"]
    assert process.suggestions([german], "Tinet") == ["Tinte"]
    assert process.wrong([english], ["teh"] * 1_200 + ["word"]) == {"teh"}


def test_what_cannot_be_read_marks_nothing(process: SpellingProcess, tmp_path: Path) -> None:
    assert process.wrong([tmp_path / "nowhere"], ["teh"]) == frozenset()
    assert process.suggestions([tmp_path / "nowhere"], "teh") == []
    latin = dictionary(tmp_path, "la", "verbum", affixes="SET ISO8859-1\n")
    assert process.wrong([latin], ["verbum", "漢"]) == {"漢"}


def test_a_process_that_is_lost_is_started_again_but_not_for_ever(process: SpellingProcess, tmp_path: Path) -> None:
    english = dictionary(tmp_path, "en_XX", "word")
    assert process.wrong([english], ["teh"]) == {"teh"}
    slow = SpellingProcess(ProgramLauncher(tmp_path / "workers", program=MUTE), seconds=0.05)
    try:
        for _ in range(MOST_FAILURES):
            with pytest.raises(WorkerError):
                slow.wrong([english], ["teh"])
        lost = slow._process._process
        assert lost is not None
        with pytest.raises(WorkerError):
            slow.wrong([english], ["teh"])
        assert slow._process._process is lost, "no other was started"
    finally:
        slow.close()
    process.close()
    with pytest.raises(WorkerError):
        process.wrong([english], ["teh"])
