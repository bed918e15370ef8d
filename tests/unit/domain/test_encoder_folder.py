"""Folders of encoders: all shapes that sentence-transformers writes are read, none that leads out or carries code."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from desktop_app.domain.encoder_folder import (
    check_encoder_folder,
    declared_dimensions,
    encoder_weights,
    read_encoder_facts,
)
from desktop_app.domain.errors import ModelDamagedError, ModelUnreadableError, ModelUnsafeError
from tests.fakes.tiny_encoder import WIDTH, write_tiny_encoder, write_tiny_table


def modules(folder: Path, *added: tuple[str, str]) -> None:
    listed = json.loads((folder / "modules.json").read_text(encoding="utf-8"))
    listed += [
        {"idx": len(listed), "name": kind, "path": path, "type": f"sentence_transformers.models.{kind}"}
        for kind, path in added
    ]
    (folder / "modules.json").write_text(json.dumps(listed), encoding="utf-8")


def test_weights_in_parts_count_together(tmp_path: Path) -> None:
    whole = write_tiny_encoder(tmp_path / "whole")
    parts = write_tiny_encoder(tmp_path / "parts", in_parts=True)
    check_encoder_folder(parts)
    assert [path.name for path in encoder_weights(parts)] == [
        "model-00001-of-00002.safetensors",
        "model-00002-of-00002.safetensors",
    ]
    found, one = read_encoder_facts(parts), read_encoder_facts(whole)
    assert (found.parameters, found.precision, found.dimensions) == (one.parameters, "fp32", WIDTH)


@pytest.mark.parametrize("break_it", ["missing", "cut", "led away", "no list"])
def test_a_part_that_is_not_what_it_should_be_is_refused(tmp_path: Path, break_it: str) -> None:
    folder = write_tiny_encoder(tmp_path / "parts", in_parts=True)
    part = folder / "model-00002-of-00002.safetensors"
    index = folder / "model.safetensors.index.json"
    if break_it == "missing":
        part.unlink()
    elif break_it == "cut":
        part.write_bytes(part.read_bytes()[:-1])
    elif break_it == "led away":
        (tmp_path / "other.safetensors").write_bytes(part.read_bytes())
        index.write_text(json.dumps({"weight_map": {"a": "../other.safetensors"}}), encoding="utf-8")
    else:
        index.write_text("[]", encoding="utf-8")
    with pytest.raises(ModelDamagedError):
        check_encoder_folder(folder)


def test_a_model_in_a_folder_of_its_own_is_described_like_any_other(tmp_path: Path) -> None:
    folder = write_tiny_encoder(tmp_path / "inside", inside="0_Transformer", dimensions=(8,), halved=True)
    check_encoder_folder(folder)
    found = read_encoder_facts(folder)
    assert (found.architecture, found.max_word_pieces, found.dimensions) == ("bert", 64, WIDTH)
    assert found.precision == "fp16"
    assert declared_dimensions(folder) == (8,)


def test_a_table_of_embeddings_needs_no_configuration(tmp_path: Path) -> None:
    folder = write_tiny_table(tmp_path / "table")
    check_encoder_folder(folder)
    found = read_encoder_facts(folder)
    assert (found.architecture, found.dimensions, found.max_word_pieces) == ("static", WIDTH, 0)
    (folder / "tokenizer.json").unlink()
    with pytest.raises(ModelDamagedError, match=r"tokenizer\.json is missing"):
        check_encoder_folder(folder)


def test_a_last_layer_says_how_long_vectors_are(tmp_path: Path) -> None:
    folder = write_tiny_encoder(tmp_path / "dense")
    (folder / "3_Dense").mkdir()
    (folder / "3_Dense" / "config.json").write_text('{"in_features": 32, "out_features": 12}', encoding="utf-8")
    modules(folder, ("Dense", "3_Dense"), ("LayerNorm", "4_LayerNorm"))
    check_encoder_folder(folder)
    assert read_encoder_facts(folder).dimensions == 12


@pytest.mark.parametrize("path", ["../elsewhere", "/tmp", "1_Pooling/../../elsewhere"])
def test_a_module_outside_the_folder_is_refused(tmp_path: Path, path: str) -> None:
    """Nothing there was looked at: a pickle could wait in it."""
    folder = write_tiny_encoder(tmp_path / "away")
    modules(folder, ("Dense", path))
    with pytest.raises(ModelUnsafeError):
        check_encoder_folder(folder)


def test_the_description_tells_the_lengths_where_the_configuration_does_not(tmp_path: Path) -> None:
    folder = write_tiny_encoder(tmp_path / "card")
    card = folder / "README.md"
    card.write_text('# Model\n\n{\n "loss": "X",\n "matryoshka_dims": [\n 32,\n 16,\n 8\n ],\n}\n', encoding="utf-8")
    assert declared_dimensions(folder) == (8, 16, 32)
    card.write_text("Cut it as you like: matryoshka_dims.", encoding="utf-8")
    assert declared_dimensions(folder) == ()
    card.write_bytes(b"\xff\xfe" * 40)
    assert declared_dimensions(folder) == ()
    declared = write_tiny_encoder(tmp_path / "both", dimensions=(4,))
    (declared / "README.md").write_text('"matryoshka_dims": [8]', encoding="utf-8")
    assert declared_dimensions(declared) == (4,)


def test_pickles_beside_good_weights_are_named_with_the_way_out(tmp_path: Path) -> None:
    """What a whole repository brings along."""
    folder = write_tiny_encoder(tmp_path / "cloned")
    (folder / "pytorch_model.bin").write_bytes(b"pickle")
    (folder / "openvino").mkdir()
    (folder / "openvino" / "openvino_model.bin").write_bytes(b"weights")
    with pytest.raises(ModelUnsafeError) as caught:
        check_encoder_folder(folder)
    assert "pytorch_model.bin and 1 more" in caught.value.why
    assert "model.safetensors is enough" in caught.value.todo
    (folder / "model.safetensors").unlink()
    with pytest.raises(ModelUnsafeError) as caught:
        check_encoder_folder(folder)
    assert "is enough" not in caught.value.todo


def test_another_folder_altogether_is_told_from_a_damaged_model(tmp_path: Path) -> None:
    photos = tmp_path / "photos"
    photos.mkdir()
    (photos / "sea.jpg").write_bytes(b"")
    with pytest.raises(ModelUnreadableError, match="“photos” is no search model") as refused:
        check_encoder_folder(photos)
    assert refused.value.todo == "Choose the folder that holds these files."
    (photos / "MiniLM").mkdir()
    (photos / "MiniLM" / "config.json").write_text("{}")
    with pytest.raises(ModelUnreadableError) as refused:
        check_encoder_folder(photos)
    assert refused.value.todo == "Choose the folder “MiniLM” inside it."
