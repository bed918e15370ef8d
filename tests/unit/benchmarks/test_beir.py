"""Test collections as they are found: packed, without a head line, with ids of all kinds, without titles."""

from __future__ import annotations

import gzip
import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from benchmarks.beir import evaluate, ndcg, read_collection, recall

CORPUS = (
    {"_id": "a/b", "title": None, "text": "one \ud800"},
    {"_id": 2, "title": "Two"},
    {"_id": "a/b", "title": "again", "text": "another"},
    {"_id": "empty", "title": "", "text": ""},
)
QUERIES = ({"_id": "q1", "text": "first"}, {"_id": 2, "text": "second"}, {"_id": "q9", "text": "never judged"})
JUDGED = (("q1", "a/b", "2"), ("q1", "2", "0"), ("2", "2", "1.0"), ("gone", "2", "1"))


def write(folder: Path, judgements: str, name: str = "qrels.tsv", *, packed: bool = False) -> Path:
    def put(path: str, text: str) -> None:
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        if packed:
            target.with_name(target.name + ".gz").write_bytes(gzip.compress(text.encode()))
        else:
            target.write_bytes(text.encode())

    put("corpus.jsonl", "".join(json.dumps(row) + "\n" for row in CORPUS))
    put("queries.jsonl", "\n".join(json.dumps(row) for row in QUERIES))
    put(name, judgements)
    return folder


def lines(between: str, rows: Sequence[Sequence[str]] = JUDGED, end: str = "\n") -> str:
    return "".join(between.join(row) + end for row in rows)


HEAD = "query-id\tcorpus-id\tscore\n"


@pytest.mark.parametrize(
    ("judgements", "name", "packed"),
    [
        (HEAD + lines("\t"), "qrels.tsv", False),
        ("\ufeff" + HEAD + lines("\t", end="\r\n"), "qrels.tsv", False),
        ("\n" + HEAD + "\n" + lines("\t", end="\t\n"), "qrels.tsv", False),
        (lines("\t"), "qrels/test.tsv", False),
        (lines(" ", [(query, "0", document, gain) for query, document, gain in JUDGED]), "qrels.tsv", False),
        (HEAD + lines("\t"), "qrels/test.tsv", True),
    ],
)
def test_every_form_of_the_layout_gives_the_same(tmp_path: Path, judgements: str, name: str, packed: bool) -> None:
    found = read_collection(write(tmp_path, judgements, name, packed=packed))
    assert found.documents == (("a/b", "", "one \ufffd"), ("2", "Two", ""), ("empty", "", ""))
    assert found.gains == {"q1": {"a/b": 2}, "2": {"2": 1}}
    assert found.queries["2"] == "second"


def test_what_is_not_of_the_layout_is_said_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"corpus\.jsonl"):
        read_collection(tmp_path)
    with pytest.raises(ValueError, match=r"qrels\.tsv, line 2"):
        read_collection(write(tmp_path, HEAD + "q1\ta/b\tmuch\n"))
    with pytest.raises(ValueError, match="no question"):
        read_collection(write(tmp_path, HEAD + "q1\ta/b\t0\n"))
    (tmp_path / "corpus.jsonl").write_text('{"_id": 1}\n{"text": "no id"}\n')
    with pytest.raises(ValueError, match=r"corpus\.jsonl, line 2"):
        read_collection(tmp_path)


def test_measures(tmp_path: Path) -> None:
    assert ndcg(["x", "a"], {"a": 1}) == pytest.approx(0.6309, abs=1e-4)
    assert ndcg(["a", "b"], {"b": 2, "a": 1}) < ndcg(["b", "a"], {"b": 2, "a": 1}) == 1.0
    assert recall(["a", "x"], {"a": 1, "b": 1}) == 0.5
    collection = read_collection(write(tmp_path, HEAD + lines("\t")))
    assert evaluate(collection, lambda _question: ["2"]) == (0.5, 0.5)
