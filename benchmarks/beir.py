"""Test collections in the layout of BEIR (https://github.com/beir-cellar/beir), and what is measured on them.

A folder holds `corpus.jsonl` (_id, title, text), `queries.jsonl` (_id, text) and the judgements, `qrels.tsv` or
`qrels/test.tsv` (query-id, corpus-id, score). Taken as they come, too: packed files (`.gz`), judgements without a head
line or in the four columns of TREC, scores such as 1.0, documents without title or text, numbers as ids.
"""

from __future__ import annotations

import gzip
import json
import math
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from desktop_app.domain.text_cleaning import without_lone_surrogates

DEPTH = 100
NDCG_AT = 10
_JUDGEMENTS = ("qrels.tsv", "qrels/test.tsv", "qrels/dev.tsv", "qrels/train.tsv", "qrels/qrels.tsv", "qrels.txt")

Ranking = Callable[[str], Sequence[str]]


@dataclass(frozen=True, slots=True)
class Collection:
    """A test collection: (id, title, text) of documents, text by question id, and the judged gains of each question."""

    documents: tuple[tuple[str, str, str], ...]
    queries: Mapping[str, str]
    gains: Mapping[str, Mapping[str, int]]


def read_collection(folder: Path) -> Collection:
    """Read the folder. Of documents or questions with the same id the first one counts.

    Raises OSError for a file that is not there, ValueError for what is not of this layout.
    """
    documents: dict[str, tuple[str, str, str]] = {}
    for row in _rows(_existing(folder, "corpus.jsonl")):
        document = (_id_of(row), _text_of(row, "title"), _text_of(row, "text"))
        documents.setdefault(document[0], document)
    queries: dict[str, str] = {}
    for row in _rows(_existing(folder, "queries.jsonl")):
        queries.setdefault(_id_of(row), _text_of(row, "text"))
    gains = _gains(_existing(folder, *_JUDGEMENTS))
    judged = {query: gains[query] for query in gains if query in queries}
    if not judged:
        raise ValueError("no question has a relevant document among its judgements")
    unknown = sum(1 for found in judged.values() for document in found if document not in documents)
    if unknown:
        print(f"{unknown} relevant documents are not in the corpus; they count as not found.", file=sys.stderr)
    return Collection(tuple(documents.values()), queries, judged)


def ndcg(ranked: Sequence[str], gains: Mapping[str, int], depth: int = NDCG_AT) -> float:
    """Normalised discounted cumulative gain (Järvelin and Kekäläinen 2002) with linear gains, as trec_eval has it."""
    reached = sum(gains.get(document, 0) / math.log2(place + 2) for place, document in enumerate(ranked[:depth]))
    best = sum(gain / math.log2(place + 2) for place, gain in enumerate(sorted(gains.values(), reverse=True)[:depth]))
    return reached / best if best else 0.0


def recall(ranked: Sequence[str], gains: Mapping[str, int], depth: int = DEPTH) -> float:
    """Share of the relevant documents among the first `depth`."""
    return len(gains.keys() & set(ranked[:depth])) / len(gains) if gains else 0.0


def evaluate(collection: Collection, ranking: Ranking) -> tuple[float, float]:
    """Mean nDCG@10 and recall@100 over the judged questions."""
    total_ndcg = total_recall = 0.0
    for query_id, gains in collection.gains.items():
        ranked = ranking(collection.queries[query_id])
        total_ndcg += ndcg(ranked, gains)
        total_recall += recall(ranked, gains)
    count = max(1, len(collection.gains))
    return total_ndcg / count, total_recall / count


def _existing(folder: Path, *names: str) -> Path:
    for name in names:
        for path in (folder / name, folder / f"{name}.gz"):
            if path.is_file():
                return path
    raise FileNotFoundError(f"{folder} has no {' or '.join(names[:2])}")


def _open(path: Path) -> IO[str]:
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8-sig", newline="\n")
    return path.open(encoding="utf-8-sig", newline="\n")


def _rows(path: Path) -> Iterator[Mapping[str, object]]:
    with _open(path) as file:
        for number, line in enumerate(file, start=1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
            except ValueError as error:
                raise ValueError(f"{path.name}, line {number}: {error}") from error
            if not isinstance(row, dict) or not ("_id" in row or "id" in row):
                raise ValueError(f"{path.name}, line {number}: no object with an _id")
            yield row


def _id_of(row: Mapping[str, object]) -> str:
    return str(row["_id"] if "_id" in row else row["id"])


def _text_of(row: Mapping[str, object], name: str) -> str:
    found = row.get(name)
    return "" if found is None else without_lone_surrogates(str(found))


def _gains(path: Path) -> dict[str, dict[str, int]]:
    gains: dict[str, dict[str, int]] = defaultdict(dict)
    with _open(path) as file:
        lines = [(number, line.strip()) for number, line in enumerate(file, start=1) if line.strip()]
        for place, (number, line) in enumerate(lines):
            columns = line.split("\t") if "\t" in line else line.split()
            if len(columns) < 3:
                raise ValueError(f"{path.name}, line {number}: not query-id, corpus-id, score")
            query, document, score = columns[0], columns[-2], columns[-1]
            try:
                gain = int(float(score))
            except ValueError as error:
                if place == 0:  # the head line
                    continue
                raise ValueError(f"{path.name}, line {number}: {score} is no score") from error
            if gain > 0:
                gains[query.strip()][document.strip()] = gain
    return gains
