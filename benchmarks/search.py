"""How long a search takes with many passages: the vectors alone, and the whole as it is typed.

    python -m benchmarks.search --passages N [--messages N] [--isotropic] [--vectors-only] [--store FOLDER]
        [--json FILE]

Vectors are made up as those of texts are (benchmarks/made_up_vectors.py), with --isotropic without any order, the
worst that there can be; words follow Zipf's law. The vector stage is the program's own, with nearest notes and
background; beside it, on the same questions, are one product over all rows (numpy) and, where it can be imported,
usearch (an exact search, and its graph up to 100,000 passages), each in a row and after rests. Recall is the share of
the nearest notes, by all cosines, that the stage finds too: of the 50 above the floor, and of the 200 that it is asked
for. As typed means: the question's embedding by the starter encoder, both legs, fusion, and twenty hits, each question
a letter longer than the one before. With --messages there are chats, too, and the questions are asked of both.
"""

from __future__ import annotations

import argparse
import hashlib
import itertools
import json
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import psutil  # type: ignore[import-untyped]

from benchmarks.encoder_setup import SearchParts, search_parts
from benchmarks.made_up_vectors import DIMENSIONS, isotropic_vectors, questions_near, text_like_vectors
from desktop_app.domain.conversation import Role
from desktop_app.domain.message_passages import EmbeddedMessage, EmbeddedPassage
from desktop_app.domain.search import Chunk, EncoderSpec, SearchMode, ServedIndex
from desktop_app.domain.search_question import Scope
from desktop_app.services.vector_matrix import Similarities, VectorMatrix, _Matrix
from desktop_app.storage.store import Store

PER_NOTE = 4
"""Passages of a note."""

_WEAK_FLOOR = 0.19
"""Of the starter; what is less like the question is never shown."""

_WORDS_PER_PASSAGE = 60
_VOCABULARY = 60_000
_REST_SECONDS = 0.2
_PER_CHAT = 100


class _Rows:
    """What the matrix reads of a store."""

    def __init__(self, rows: np.ndarray) -> None:
        self._rows = rows

    def vectors_version(self) -> int:
        return 1

    def vectors(self, fingerprint: str) -> Iterator[tuple[int, int, bytes]]:
        return ((place + 1, place // PER_NOTE + 1, row.tobytes()) for place, row in enumerate(self._rows))


def in_a_row(works: dict[str, Callable[[np.ndarray], object]], questions: np.ndarray) -> dict[str, dict[str, float]]:
    """p50 and p95 in ms of each, question after question: what the work itself costs."""
    figures = {}
    for name, work in works.items():
        time.sleep(_REST_SECONDS)  # numpy's threads spin for a while after a product
        figures[name] = percentiles([_milliseconds(work, question) for question in questions][2:])
    return figures


def after_rests(works: dict[str, Callable[[np.ndarray], object]], questions: np.ndarray) -> dict[str, dict[str, float]]:
    """p50 and p95 in ms of each, in turns, so that whatever else the machine does falls on all, with a rest
    before each: what a person meets who types, whose processor has slept and whose caches are cold.
    """
    taken: dict[str, list[float]] = {name: [] for name in works}
    for question in questions:
        for name, work in works.items():
            time.sleep(_REST_SECONDS)
            taken[name].append(_milliseconds(work, question))
    return {name: percentiles(times[2:]) for name, times in taken.items()}


def _milliseconds(work: Callable[[np.ndarray], object], question: np.ndarray) -> float:
    started = time.perf_counter()
    work(question)
    return (time.perf_counter() - started) * 1e3


def percentiles(times: Sequence[float]) -> dict[str, float]:
    """p50 and p95."""
    return {"p50": round(float(np.percentile(times, 50)), 2), "p95": round(float(np.percentile(times, 95)), 2)}


def vector_stage(rows: np.ndarray, questions: np.ndarray) -> dict[str, Any]:
    """Times, recall and memory of the matrix."""
    before = psutil.Process().memory_info().rss
    matrix = VectorMatrix(_Rows(rows))
    started = time.perf_counter()
    matrix.similarities("f", questions[0].tobytes()).top(1)
    built = time.perf_counter() - started
    memory = psutil.Process().memory_info().rss - before
    notes = np.arange(0, len(rows), PER_NOTE)
    every = _Matrix("f", 1, rows, np.arange(1, len(rows) + 1), notes // PER_NOTE + 1, notes)
    works: dict[str, Callable[[np.ndarray], object]] = {
        "inkwell": lambda question: matrix.similarities("f", question.tobytes()).top(200),
        "numpy, all rows": lambda question: Similarities(every, rows @ question).top(200),
        **usearch_works(rows),
    }
    above_floor, nearest = [], []
    for question in questions[:20]:
        near = Similarities(every, rows @ question).top(200)
        found = matrix.similarities("f", question.tobytes()).top(200)
        wanted = {note_id for note_id, cosine in list(near.items())[:50] if cosine >= _WEAK_FLOOR}
        above_floor.append(len(wanted & found.keys()) / max(1, len(wanted)))
        nearest.append(len(near.keys() & found.keys()) / len(near))
    return {
        "build_s": round(built, 2),
        "memory_mb": round(memory / 1e6),
        "chosen": str(matrix._matrix.chosen.shortlist if matrix._matrix and matrix._matrix.chosen else "all"),
        "recall of 50 above the floor": round(float(np.mean(above_floor)), 4),
        "recall of 200": round(float(np.mean(nearest)), 4),
        "ms in a row": in_a_row(works, questions),
        "ms after rests": after_rests(works, questions),
    }


def usearch_works(rows: np.ndarray) -> dict[str, Callable[[np.ndarray], object]]:
    """usearch's ways, where it is installed."""
    try:
        from usearch.index import Index, search  # type: ignore[import-not-found]
    except ImportError:
        return {}
    works: dict[str, Callable[[np.ndarray], object]] = {
        "usearch, exact": lambda question: search(rows, question, 800, "ip", exact=True)
    }
    if len(rows) <= 100_000:
        index = Index(ndim=DIMENSIONS, metric="ip", dtype="f16")
        started = time.perf_counter()
        index.add(np.arange(len(rows)), rows)
        print(f"usearch's graph was built in {time.perf_counter() - started:.0f} s", file=sys.stderr)
        works["usearch, graph"] = lambda question: index.search(question, 800)
    return works


def word_texts(count: int) -> Iterator[str]:
    """Texts whose words follow Zipf's law."""
    draw = np.random.default_rng(5)
    letters = random.Random(5)
    words = sorted(
        {"".join(letters.choices("abcdefghilmnoprstu", k=letters.randint(3, 9))) for _ in range(_VOCABULARY)}
    )
    letters.shuffle(words)
    weights = 1.0 / np.arange(1, len(words) + 1)
    weights /= weights.sum()
    for _ in range(count):
        yield " ".join(words[place] for place in draw.choice(len(words), _WORDS_PER_PASSAGE, p=weights))


def fill(store: Store, rows: np.ndarray, fingerprint: str) -> list[str]:
    """Notes with passages and vectors in the store; some words of theirs to ask for."""
    asked: list[str] = []
    texts = word_texts(len(rows))
    places = iter(range(len(rows)))
    while batch := list(itertools.islice(places, 0, 1_000 * PER_NOTE)):
        with store.transaction():
            vectors: list[tuple[str, bytes]] = []
            for first in range(batch[0], batch[-1] + 1, PER_NOTE):
                parts = list(itertools.islice(texts, PER_NOTE))
                note = store.notes.create(f"Note {first}", "\n\n".join(parts))
                chunks, start = [], 0
                for number, part in enumerate(parts):
                    digest = hashlib.sha256(f"{first + number}".encode()).hexdigest()
                    chunks.append(Chunk(start, start + len(part), (), part, digest))
                    vectors.append((digest, rows[first + number].tobytes()))
                    start += len(part) + 2
                store.passages.replace_chunks(note.id, note.revision, chunks)
                if first % 1_000 < PER_NOTE:
                    asked.append(" ".join(parts[0].split()[3:7]))
            store.passages.add_vectors(fingerprint, DIMENSIONS, vectors)
    return asked


def fill_chats(store: Store, count: int, fingerprint: str) -> None:
    """Messages with a passage each, a hundred in a chat."""
    rows = text_like_vectors(count)
    texts = word_texts(count)
    for first in range(0, count, _PER_CHAT):
        with store.transaction():
            chat = store.conversations.create(f"Chat {first}")
            parent: int | None = None
            embedded = []
            for number, text in zip(range(first, min(count, first + _PER_CHAT)), texts, strict=False):
                parent = store.conversations.add_message(chat.id, parent, Role.USER, text).id
                digest = hashlib.sha256(f"message {number}".encode()).hexdigest()
                passage = EmbeddedPassage(0, len(text), digest, rows[number].tobytes())
                embedded.append(EmbeddedMessage(parent, 0, [passage], [0], complete=True))
            store.message_passages.store(fingerprint, embedded)


def filled(parts: SearchParts, folder: Path, rows: np.ndarray) -> list[str]:
    """Fill the store, or find it filled by an earlier run; what to ask for."""
    kept = folder / "asked.json"
    if kept.exists():
        parts.encoder.load(EncoderSpec(str(parts.encoder_folder)))
        return list(json.loads(kept.read_text(encoding="utf-8")))
    store = parts.store
    if store.words.note_count():
        raise SystemExit(f"{folder} has notes, but no asked.json: it was not filled by this program.")
    store.notes.create("first", "so that there is something to load the encoder for")
    parts.indexing.run()
    loaded = parts.encoder.loaded
    assert loaded is not None
    served = store.served_index.served()
    assert isinstance(served, ServedIndex)
    asked = fill(store, rows, loaded.fingerprint)
    kept.write_text(json.dumps(asked), encoding="utf-8")
    return asked


def as_typed(rows: np.ndarray, questions: int, kept: Path | None, messages: int) -> dict[str, Any]:
    """The whole search over a store, and how long opening that store takes."""
    with tempfile.TemporaryDirectory(prefix="inkwell-search-") as name:
        folder = kept or Path(name)
        folder.mkdir(exist_ok=True)
        with search_parts(folder) as parts:
            asked = filled(parts, folder, rows)
            loaded = parts.encoder.loaded
            assert loaded is not None
            if messages > (there := parts.store.message_passages.passage_count(loaded.fingerprint)):
                fill_chats(parts.store, messages - there, loaded.fingerprint)
            scope = Scope.ALL if messages else Scope.NOTES
            parts.search.search_once(asked[0], scope=scope)
            parts.search.search_once(asked[1], scope=scope)
            times: list[float] = []
            embeddings: list[float] = []
            by_words: list[float] = []
            for text in asked[2 : 2 + questions]:
                for end in range(len(text) - 4, len(text) + 1):
                    started = time.perf_counter()
                    for _result in parts.search.search(text[:end], scope=scope):
                        pass
                    times.append((time.perf_counter() - started) * 1e3)
                    started = time.perf_counter()
                    parts.encoder.embed_query(f"{text} {end}")
                    embeddings.append((time.perf_counter() - started) * 1e3)
                    started = time.perf_counter()
                    for _result in parts.search.search(text[:end], SearchMode.WORDS, scope=scope):
                        pass
                    by_words.append((time.perf_counter() - started) * 1e3)
            memory = psutil.Process().memory_info().rss
        started = time.perf_counter()
        store = Store.open(folder / "inkwell.sqlite3", backups=folder / "backups")
        opened = time.perf_counter() - started
        store.close()
    return {
        "ms": percentiles(times),
        "of which the question's embedding": percentiles(embeddings),
        "by words alone": percentiles(by_words),
        "searches": len(times),
        "open_s": round(opened, 3),
        "process_mb": round(memory / 1e6),
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Entry of the command."""
    parser = argparse.ArgumentParser(prog="benchmarks.search", description="Search with many passages.")
    parser.add_argument("--passages", type=int, default=10_000, help="passages (10,000)")
    parser.add_argument("--messages", type=int, default=0, help="messages in chats, asked beside the notes (0)")
    parser.add_argument("--rounds", type=int, default=60, help="questions of the vector stage (60)")
    parser.add_argument("--questions", type=int, default=20, help="questions typed (20), five letters of each")
    parser.add_argument("--store", metavar="FOLDER", type=Path, help="keep the filled store there, or use it as it is")
    parser.add_argument("--isotropic", action="store_true", help="vectors of which no axis matters more than another")
    parser.add_argument("--vectors-only", action="store_true", help="leave out the store, the words and the encoder")
    parser.add_argument("--json", metavar="FILE", type=Path, help="write the figures there as well")
    options = parser.parse_args(arguments)
    rows = (isotropic_vectors if options.isotropic else text_like_vectors)(options.passages)
    questions = questions_near(rows, options.rounds, isotropic=options.isotropic)
    figures: dict[str, Any] = {"passages": options.passages, "vectors": vector_stage(rows, questions)}
    if not options.vectors_only:
        figures["typed"] = as_typed(rows, options.questions, options.store, options.messages)
    print(json.dumps(figures, indent=1))
    if options.json is not None:
        options.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
