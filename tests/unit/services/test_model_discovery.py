"""Models of other programs are found where those keep them, and nothing else is."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.errors import CancelledError
from desktop_app.services.model_discovery import SearchRoot, default_search_roots, discover_models

BIG = b"GGUF" + b"\0" * 1_000_000


def put(path: Path, content: bytes = BIG) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def names(*roots: SearchRoot) -> list[tuple[str, str]]:
    return [(model.source, model.name) for model in discover_models(roots)]


def test_each_program_is_looked_for_in_its_own_place(tmp_path: Path) -> None:
    data = tmp_path / ".local" / "share"
    put(tmp_path / ".lmstudio" / "models" / "maker" / "repo" / "a-Q4.gguf")
    put(data / "nomic.ai" / "GPT4All" / "b.gguf")
    put(data / "Jan" / "data" / "llamacpp" / "models" / "c-4b" / "model.gguf")
    put(tmp_path / ".cache" / "huggingface" / "hub" / "models--m--r" / "snapshots" / "1f" / "d.GGUF")
    weights = put(tmp_path / ".ollama" / "models" / "blobs" / f"sha256-{'e' * 64}")
    layers = [
        {"mediaType": "application/vnd.ollama.image.template", "digest": f"sha256:{'f' * 64}"},
        {"mediaType": "application/vnd.ollama.image.model", "digest": f"sha256:{'e' * 64}"},
    ]
    manifest = tmp_path / ".ollama" / "models" / "manifests" / "registry.ollama.ai" / "library" / "llama3.2" / "3b"
    put(manifest, json.dumps({"layers": layers}).encode())
    roots = [root for root in default_search_roots(tmp_path, {}, "linux") if tmp_path in root.folder.parents]
    assert names(*roots) == [
        ("LM Studio", "a-Q4"),
        ("GPT4All", "b"),
        ("Jan", "c-4b"),
        ("Hugging Face", "d"),
        ("Ollama", "llama3.2:3b"),
    ]
    assert weights in [model.path for model in discover_models(roots)]


def test_the_programs_own_variables_are_followed(tmp_path: Path) -> None:
    environ = {"OLLAMA_MODELS": "/o", "HF_HOME": "/h", "XDG_DATA_HOME": "/x"}
    folders = {str(root.folder) for root in default_search_roots(tmp_path, environ, "linux")}
    assert {"/o", "/h/hub", "/x/nomic.ai/GPT4All", "/x/Jan/data/llamacpp/models"} <= folders


@pytest.mark.parametrize("platform", ["darwin", "win32"])
def test_other_platforms_have_their_places(tmp_path: Path, platform: str) -> None:
    sources = {root.source for root in default_search_roots(tmp_path, {}, platform)}
    assert sources == {"LM Studio", "GPT4All", "Jan", "Ollama", "Hugging Face"}


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("text.gguf", b"x" * 2_000_000),
        ("tiny.gguf", b"GGUF"),
        ("mmproj-model-f16.gguf", BIG),
        ("big-00002-of-00003.gguf", BIG),
        ("ggml-vocab-llama.gguf", BIG),
        ("weights.bin", BIG),
    ],
)
def test_what_is_no_chat_model_is_not_offered(tmp_path: Path, name: str, content: bytes) -> None:
    put(tmp_path / name, content)
    assert names(SearchRoot("LM Studio", tmp_path)) == []


def test_one_file_under_two_names_is_offered_once(tmp_path: Path) -> None:
    real = put(tmp_path / "blobs" / "1")
    for snapshot in ("a", "b"):
        link = tmp_path / "snapshots" / snapshot / "m.gguf"
        link.parent.mkdir(parents=True)
        link.symlink_to(real)
    assert names(SearchRoot("Hugging Face", tmp_path)) == [("Hugging Face", "m")]


def test_a_loop_of_links_and_missing_folders_do_no_harm(tmp_path: Path) -> None:
    inside, outside = tmp_path / "inside", tmp_path / "outside"
    put(inside / "m.gguf")
    put(outside / "other.gguf")
    (inside / "loop").symlink_to(inside)
    (inside / "away").symlink_to(outside)
    assert names(SearchRoot("Jan", inside), SearchRoot("Jan", tmp_path / "missing")) == [("Jan", "m")]


@pytest.mark.parametrize(
    "manifest",
    [
        b"{",
        b"[]",
        b'{"layers": 3}',
        b'{"layers": [{"mediaType": "application/vnd.ollama.image.model", "digest": "../x"}]}',
    ],
)
def test_a_strange_manifest_is_passed_over(tmp_path: Path, manifest: bytes) -> None:
    put(tmp_path / "manifests" / "r" / "library" / "m" / "latest", manifest)
    put(tmp_path / "x")
    (tmp_path / "blobs").mkdir()
    assert names(SearchRoot("Ollama", tmp_path, "ollama")) == []


def test_looking_can_be_stopped(tmp_path: Path) -> None:
    put(tmp_path / "m.gguf")
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(CancelledError):
        discover_models([SearchRoot("Jan", tmp_path)], cancel)
