"""How well search finds: nDCG@10 and recall@100 on a test collection in the BEIR layout.

    python -m benchmarks.retrieval DIR [--encoder FOLDER] [--precision auto|fp32|bf16]

DIR holds `corpus.jsonl` (_id, title, text), `queries.jsonl` (_id, text) and `qrels.tsv` (query-id, corpus-id, score),
or what `benchmarks/beir.py` takes in their place. Each document becomes a note; everything goes through the product's
own chunking, index and search. Printed are the legs alone, both together, and two references made without the product:
BM25 over whole documents and the cosine of whole documents, as the libraries do it by default.
"""

from __future__ import annotations

import argparse
import sqlite3
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.beir import DEPTH, Collection, Ranking, evaluate, read_collection
from benchmarks.encoder_setup import SearchParts, search_parts, starter_encoder
from desktop_app.domain.search import IndexingProgress, SearchMode
from desktop_app.domain.search_question import Question

_NOTES_PER_COMMIT = 500


def fill(parts: SearchParts, collection: Collection) -> dict[int, str]:
    """One note for each document; document ids by note id."""
    ids: dict[int, str] = {}
    for start in range(0, len(collection.documents), _NOTES_PER_COMMIT):
        with parts.store.transaction():
            for document_id, title, text in collection.documents[start : start + _NOTES_PER_COMMIT]:
                ids[parts.store.notes.create(title, text).id] = document_id
    return ids


def product_ranking(parts: SearchParts, ids: Mapping[int, str], mode: SearchMode) -> Ranking:
    """What a person would see: the hits, and below them the weaker matches."""

    def ranked(query: str) -> list[str]:
        # A text of the collection, not one typed into the box: "-dash" in three of Cranfield's excludes nothing.
        result = parts.search.search_once(Question(query, query), mode, DEPTH)
        return [ids[hit.note_id] for hit in (*result.hits, *result.weaker)]

    return ranked


def reference_bm25(collection: Collection) -> Ranking:
    """SQLite FTS5, porter stems, all words joined by OR, default weights."""
    database = sqlite3.connect(":memory:")
    database.execute("CREATE VIRTUAL TABLE documents USING fts5(title, text, tokenize='porter unicode61')")
    database.executemany(
        "INSERT INTO documents(rowid, title, text) VALUES (?, ?, ?)",
        ((place, title, text) for place, (_, title, text) in enumerate(collection.documents)),
    )

    def ranked(query: str) -> list[str]:
        words = dict.fromkeys("".join(c if c.isalnum() else " " for c in query.lower()).split())
        match = " OR ".join(f'"{word}"' for word in words)
        if not match:
            return []
        rows = database.execute(
            "SELECT rowid FROM documents WHERE documents MATCH ? ORDER BY rank LIMIT ?", (match, DEPTH)
        )
        return [collection.documents[place][0] for (place,) in rows]

    return ranked


def reference_cosine(collection: Collection, encoder_folder: Path) -> Ranking:
    """SentenceTransformer.encode with its defaults over title and text of whole documents, cut where the model cuts."""
    import numpy as np
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(encoder_folder), device="cpu", trust_remote_code=False, local_files_only=True)
    texts = [f"{title}\n{text}".strip() for _, title, text in collection.documents]
    rows = model.encode(texts, normalize_embeddings=True, show_progress_bar=False)
    judged = [collection.queries[query_id] for query_id in collection.gains]
    questions = model.encode(judged, normalize_embeddings=True, show_progress_bar=False)
    vectors = dict(zip(judged, questions, strict=True))

    def ranked(query: str) -> list[str]:
        order = np.argsort(-(rows @ vectors[query]), kind="stable")[:DEPTH]
        return [collection.documents[place][0] for place in order]

    return ranked


def main(arguments: Sequence[str] | None = None) -> int:
    """Entry of the command."""
    parser = argparse.ArgumentParser(prog="benchmarks.retrieval", description="nDCG@10 and recall@100 of search.")
    parser.add_argument("folder", metavar="DIR", type=Path, help="a test collection in the BEIR layout")
    parser.add_argument("--encoder", metavar="FOLDER", type=Path, help="another encoder than the starter")
    parser.add_argument("--precision", default="auto", choices=("auto", "fp32", "bf16"), help="of the weights (auto)")
    options = parser.parse_args(arguments)
    try:
        collection = read_collection(options.folder)
    except (OSError, ValueError) as error:
        print(f"{options.folder}: {error}", file=sys.stderr)
        return 1
    modes = (("words", SearchMode.WORDS), ("meaning", SearchMode.MEANING), ("both", SearchMode.BOTH))
    with (
        tempfile.TemporaryDirectory(prefix="inkwell-retrieval-") as work,
        search_parts(Path(work), options.encoder, options.precision) as parts,
    ):
        ids = fill(parts, collection)
        parts.indexing.run(progress=_show)
        print(file=sys.stderr)
        for name, mode in modes:
            _report(name, evaluate(collection, product_ranking(parts, ids, mode)))
    _report("ref-bm25", evaluate(collection, reference_bm25(collection)))
    _report("ref-cosine", evaluate(collection, reference_cosine(collection, options.encoder or starter_encoder())))
    return 0


def _show(progress: IndexingProgress) -> None:
    print(
        f"\r{progress.chunks_embedded} embedded, {progress.chunks_due} to go, {progress.chunks_per_s:.0f}/s ",
        end="",
        file=sys.stderr,
        flush=True,
    )


def _report(name: str, figures: tuple[float, float]) -> None:
    print(f"{name} {figures[0]:.4f} {figures[1]:.4f}", flush=True)


if __name__ == "__main__":
    raise SystemExit(main())
