"""How fast a real folder of notes is indexed, and what saving a note costs meanwhile.

    python -m benchmarks.indexing FOLDER [--notes N] [--rounds N] [--json FILE]

FOLDER holds Markdown notes. The product chunks, embeds and stores them in a new data folder; in turns with it, because
the machine's speed changes within minutes, SentenceTransformer.encode (fp32, defaults) embeds the same passages and
does nothing else. Both have loaded their model before. Tokens are the encoder's word pieces, cut as it cuts them. Then
as many notes again are indexed while notes are saved one after the other, ten a second, as a person who writes has them
saved: the times of these commits are what the window waits for.
"""

from __future__ import annotations

import argparse
import itertools
import json
import random
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.encoder_setup import SearchParts, search_parts
from benchmarks.saver import Saver
from desktop_app.domain.search import EncoderSpec


@dataclass(frozen=True, slots=True)
class Text:
    """A note to be."""

    title: str
    text: str


def texts_of(folder: Path, count: int) -> list[Text]:
    """At most `count` Markdown files below `folder`, the same ones each time."""
    paths = sorted(folder.rglob("*.md"))
    random.Random(7).shuffle(paths)
    return [Text(path.stem, path.read_text(encoding="utf-8", errors="replace")) for path in paths[:count]]


def add(parts: SearchParts, texts: Sequence[Text], suffix: str = "") -> list[int]:
    """Notes of these texts, in one commit; their ids. A suffix of the titles makes their passages new ones."""
    with parts.store.transaction():
        return [parts.store.notes.create(text.title + suffix, text.text).id for text in texts]


def passages_of(parts: SearchParts, note_ids: Sequence[int]) -> list[str]:
    """What was embedded of these notes."""
    return [chunk.embedded_text for chunk in parts.store.passages.chunks_of(note_ids)]


def saves_in_turn(parts: SearchParts, note_ids: Sequence[int]) -> Callable[[], object]:
    """What saves the next of these notes with a line more."""
    numbers = itertools.count()

    def save() -> None:
        number = next(numbers)
        note = parts.store.notes.get(note_ids[number % len(note_ids)])
        parts.store.notes.save(note.id, title=note.title, text=f"{note.text}\nA line, the {number}th.")

    return save


def measure(folder: Path, count: int, rounds: int) -> dict[str, Any]:
    """All figures, by name."""
    texts = texts_of(folder, count)
    from sentence_transformers import SentenceTransformer

    with tempfile.TemporaryDirectory(prefix="inkwell-indexing-") as work, search_parts(Path(work)) as parts:
        reference = SentenceTransformer(
            str(parts.encoder_folder), device="cpu", trust_remote_code=False, local_files_only=True
        )
        loaded = parts.encoder.load(EncoderSpec(str(parts.encoder_folder)))
        parts.encoder.embed_passages(["so that it has run once"])
        reference.encode(["so that it has run once"], show_progress_bar=False)
        indexing = plain = 0.0
        tokens = 0
        passages: list[str] = []
        for number in range(rounds):
            notes = add(parts, texts, f" {number}")
            indexing += parts.indexing.run().seconds
            passages = passages_of(parts, notes)
            cut = reference.tokenizer(passages, truncation=True, max_length=loaded.max_word_pieces)
            tokens += sum(len(pieces) for pieces in cut["input_ids"])
            started = time.perf_counter()
            reference.encode(passages, show_progress_bar=False)
            plain += time.perf_counter() - started
        add(parts, texts, " again")
        with Saver(saves_in_turn(parts, notes)) as saver:
            parts.indexing.run()
    saves = np.asarray(saver.seconds) * 1e3
    return {
        "notes": rounds * len(notes),
        "passages": rounds * len(passages),
        "tokens": tokens,
        "precision": loaded.precision,
        "indexing_s": round(indexing, 2),
        "notes_per_s": round(rounds * len(notes) / indexing, 1),
        "tokens_per_s": round(tokens / indexing),
        "reference_s": round(plain, 2),
        "reference_tokens_per_s": round(tokens / plain),
        "ratio": round(plain / indexing, 2),
        "saves_while_indexing": len(saves),
        "save_ms": {name: round(float(np.percentile(saves, name)), 1) for name in (50, 99)},
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Entry of the command."""
    parser = argparse.ArgumentParser(prog="benchmarks.indexing", description="Indexing a folder of notes.")
    parser.add_argument("folder", metavar="FOLDER", type=Path, help="Markdown notes to index")
    parser.add_argument("--notes", type=int, default=400, help="at most so many of them (400)")
    parser.add_argument("--rounds", type=int, default=2, help="times that all of it is indexed and embedded (2)")
    parser.add_argument("--json", metavar="FILE", type=Path, help="write the figures there as well")
    options = parser.parse_args(arguments)
    if not texts_of(options.folder, 1):
        print(f"{options.folder}: no Markdown files", file=sys.stderr)
        return 1
    figures = measure(options.folder, options.notes, options.rounds)
    print(json.dumps(figures, indent=1))
    if options.json is not None:
        options.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
