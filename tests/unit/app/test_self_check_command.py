"""`inkwell search --self-check`: the number first, figures after, and the same as JSON."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace

from desktop_app.app.cli import main
from desktop_app.app.paths import DataPaths
from desktop_app.domain.search import SearchMode
from desktop_app.domain.self_check import LegFigures, Question, SelfCheckProgress, SelfCheckReport
from tests.fakes.fake_container import FakeContainer

BOTH, OTHER = LegFigures(50, 47, 40, 0.9), LegFigures(50, 44, 30, 0.8)
REPORT = SelfCheckReport(
    0.7,
    {SearchMode.WORDS: OTHER, SearchMode.MEANING: OTHER, SearchMode.BOTH: BOTH},
    {0.5: OTHER, 0.7: BOTH},
    (Question(7, "Tea", "the whole", "part of it"),),
    1.5,
    offer=0.5,
    notes_unindexed=2,
)


def run(folder: Path, *arguments: str) -> tuple[int, str, str]:
    def make(paths: DataPaths, overrides: Mapping[str, str]) -> FakeContainer:
        container = FakeContainer(paths, overrides)
        container.self_check = SimpleNamespace(run=lambda _cancel: iter((SelfCheckProgress(1, 2), REPORT)))
        return container

    out, err = io.StringIO(), io.StringIO()
    code = main(
        ["search", *arguments, "--data-dir", str(folder)],
        container_factory=make,  # type: ignore[arg-type]
        environ={},
        stdin=io.StringIO(),
        stdout=out,
        stderr=err,
    )
    return code, out.getvalue(), err.getvalue()


def test_how_many_were_found_comes_first(tmp_path: Path) -> None:
    code, out, err = run(tmp_path, "--self-check")
    assert code == 0
    assert out.startswith("47 of 50 found\n")
    assert "Not found: Tea [7]: part of it" in out
    assert "search.dense_weight 0.5" in out
    assert "2 notes are still to index" in err


def test_the_same_as_json(tmp_path: Path) -> None:
    told = json.loads(run(tmp_path, "--self-check", "--json")[1])
    assert (told["found"], told["asked"], told["offer"]) == (47, 50, 0.5)
    assert told["legs"]["words"] == {"found": 44, "first": 30, "recall_at_10": 0.88, "mrr": 0.8}
    assert told["weights"]["0.5"]["first"] == 30


def test_a_text_or_the_check_and_not_both(tmp_path: Path) -> None:
    assert run(tmp_path)[0] == 2
    assert run(tmp_path, "tea", "--self-check")[0] == 2
