"""The container's own parts, and those of notes and search that are made out of them."""

from __future__ import annotations

from pathlib import Path

from desktop_app.app.container import Container
from desktop_app.app.paths import data_paths


def test_parts_that_need_each_other_are_made_under_one_lock(tmp_path: Path) -> None:
    container = Container(data_paths(tmp_path, {}))
    assert container.note_parts.making is container.making
    assert container.search_parts.making is container.making


def test_closing_ends_what_was_made_and_makes_nothing(tmp_path: Path) -> None:
    untouched = Container(data_paths(tmp_path, {}))
    untouched.close()
    assert not {"search_parts", "store", "encoder"} & set(vars(untouched))

    paths = data_paths(tmp_path, {})
    paths.create()
    container = Container(paths)
    ended = []
    indexer = container.search_parts.background_indexer
    stop, close = indexer.stop, container.search_parts.serving_encoder.close
    vars(indexer)["stop"] = lambda: (ended.append("indexer"), stop())
    vars(container.search_parts.serving_encoder)["close"] = lambda: (ended.append("encoder"), close())
    container.close()
    assert ended[:2] == ["indexer", "encoder"]
