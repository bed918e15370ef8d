"""A change of the encoder with real processes: the former one answers beside the new one, and is ended at the swap."""

from __future__ import annotations

from pathlib import Path

from desktop_app.app.container import Container
from desktop_app.app.paths import data_paths
from desktop_app.domain.search import IndexingProgress, SearchMode
from tests.fakes.tiny_encoder import write_tiny_encoder


def test_two_encoders_stand_beside_each_other_until_the_swap(tmp_path: Path) -> None:
    old = write_tiny_encoder(tmp_path / "models" / "old", seed=1)
    new = write_tiny_encoder(tmp_path / "models" / "e5-new", seed=2, dimensions=(16,))
    paths = data_paths(tmp_path / "data", {})
    paths.create()
    container = Container(paths)
    try:
        container.settings_file.set("encoder.model_folder", str(old))
        for number in range(3):
            container.notes.create(f"Note {number}", f"ink on paper {number}")
        container.search_parts.indexing.run()
        container.settings_file.set("encoder.dimensions", 16)
        container.settings_file.set("encoder.model_folder", str(new))
        seen: list[tuple[str, int]] = []

        def look(told: IndexingProgress) -> None:
            if told.replaces and told.running and not seen:
                result = container.search_parts.search.search_once("ink", SearchMode.MEANING)
                assert (result.meaning_problem, result.notes_unindexed) == ("", 0)
                loaded = container.search_parts.serving_encoder.loaded
                assert loaded is not None
                seen.append((loaded.name, loaded.dimensions))

        assert container.search_parts.indexing.run(progress=look).embedded == 3
        assert seen == [("old", 32)]
        served = container.store.served_index.served()
        assert served is not None
        assert (served.name, served.path, served.dimensions) == ("e5-new", str(new), 16)
        assert container.search_parts.search.search_once("ink").meaning_ready
        assert container.search_parts.serving_encoder.loaded == container.encoder.loaded
        assert {len(vector) for _, _, vector in container.store.passages.vectors(served.fingerprint)} == {64}
    finally:
        container.close()
