"""GGUF files that other programs keep on this disk: LM Studio, GPT4All, Jan, Ollama and the Hugging Face cache."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import msgspec

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.model_description import FoundModel

_MAX_DEPTH = 6
_MAX_ENTRIES = 20_000
_MAX_MANIFEST_BYTES = 1 << 20
_SMALLEST_MODEL_BYTES = 1_000_000
_PART_OF_A_SET = re.compile(r"-\d{5}-of-\d{5}\.gguf$", re.IGNORECASE)
_NOT_A_DECODER = re.compile(r"mmproj|(^|[-_.])(vocab|lora|imatrix)([-_.]|$)", re.IGNORECASE)


class SearchRoot(msgspec.Struct, frozen=True):
    """A folder to look in. `layout` is "files" (GGUF files below it) or "ollama" (manifests and blobs)."""

    source: str
    folder: Path
    layout: str = "files"


def default_search_roots(
    home: Path, environ: Mapping[str, str], platform: str = sys.platform
) -> tuple[SearchRoot, ...]:
    """Where those programs keep models on this platform, by default or by their own environment variables."""
    if platform == "darwin":
        shared = home / "Library" / "Application Support"
    elif platform == "win32":
        shared = Path(environ.get("APPDATA") or home / "AppData" / "Roaming")
    else:
        shared = Path(environ.get("XDG_DATA_HOME") or home / ".local" / "share")
    local = Path(environ.get("LOCALAPPDATA") or home / "AppData" / "Local") if platform == "win32" else shared
    settings = Path(environ.get("XDG_CONFIG_HOME") or home / ".config")
    hub = environ.get("HF_HUB_CACHE") or (
        str(Path(environ["HF_HOME"]) / "hub")
        if environ.get("HF_HOME")
        else str(home / ".cache" / "huggingface" / "hub")
    )
    roots = [
        SearchRoot("LM Studio", home / ".lmstudio" / "models"),
        SearchRoot("LM Studio", home / ".cache" / "lm-studio" / "models"),
        SearchRoot("GPT4All", local / "nomic.ai" / "GPT4All"),
        SearchRoot("Jan", shared / "Jan" / "data" / "llamacpp" / "models"),
        SearchRoot("Jan", shared / "Jan" / "data" / "models"),
        SearchRoot("Jan", settings / "Jan" / "data" / "llamacpp" / "models"),
        SearchRoot("Jan", settings / "Jan" / "data" / "models"),
        SearchRoot("Jan", home / "jan" / "models"),
        SearchRoot("Ollama", Path(environ.get("OLLAMA_MODELS") or home / ".ollama" / "models"), "ollama"),
        SearchRoot("Hugging Face", Path(hub)),
    ]
    if platform == "linux":
        roots.append(SearchRoot("Ollama", Path("/usr/share/ollama/.ollama/models"), "ollama"))
    return tuple(roots)


def discover_models(roots: Sequence[SearchRoot], cancel: CancelToken | None = None) -> list[FoundModel]:
    """The decoders found, each file once, sorted by name. Folders that are missing or closed are passed over."""
    found: dict[Path, FoundModel] = {}
    for root in roots:
        models = _ollama_models(root) if root.layout == "ollama" else _files(root)
        for model in models:
            if cancel is not None:
                cancel.raise_if_cancelled()
            found.setdefault(_real(model.path), model)
    return sorted(found.values(), key=lambda model: (model.name.lower(), model.source, str(model.path)))


def looks_like_gguf(path: Path) -> bool:
    """True when the file can be read and begins with GGUF's magic."""
    try:
        with path.open("rb") as file:
            return file.read(4) == b"GGUF"
    except OSError:
        return False


def _files(root: SearchRoot) -> Iterator[FoundModel]:
    for path in _gguf_files(root.folder):
        if _PART_OF_A_SET.search(path.name) or _NOT_A_DECODER.search(path.stem):
            continue
        model = _found(path, _name_of(path), root.source)
        if model is not None:
            yield model


def _gguf_files(folder: Path) -> Iterator[Path]:
    """Names ending in .gguf, at most six folders deep. Links to folders are not followed, links to files are."""
    waiting, seen = [(folder, 0)], 0
    while waiting:
        current, depth = waiting.pop()
        try:
            entries = sorted(os.scandir(current), key=lambda entry: entry.name)
        except OSError:
            continue
        for entry in entries:
            seen += 1
            if seen > _MAX_ENTRIES:
                return
            if entry.is_dir(follow_symlinks=False):
                if depth < _MAX_DEPTH:
                    waiting.append((Path(entry.path), depth + 1))
            elif entry.name.lower().endswith(".gguf"):
                yield Path(entry.path)


def _ollama_models(root: SearchRoot) -> Iterator[FoundModel]:
    """Ollama names its weights by hash; the manifests tell which belong to which model and tag."""
    manifests = root.folder / "manifests"
    try:
        paths = sorted(path for path in manifests.glob("*/*/*/*") if path.is_file())[:_MAX_ENTRIES]
    except OSError:
        return
    for manifest in paths:
        blob = _ollama_weights(manifest, root.folder / "blobs")
        if blob is None:
            continue
        model = _found(blob, f"{manifest.parent.name}:{manifest.name}", root.source)
        if model is not None:
            yield model


def _ollama_weights(manifest: Path, blobs: Path) -> Path | None:
    try:
        if manifest.stat().st_size > _MAX_MANIFEST_BYTES:
            return None
        content = json.loads(manifest.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    layers = content.get("layers") if isinstance(content, dict) else None
    for layer in layers if isinstance(layers, list) else ():
        if isinstance(layer, dict) and layer.get("mediaType") == "application/vnd.ollama.image.model":
            digest = str(layer.get("digest", ""))
            if re.fullmatch(r"sha256:[0-9a-f]{64}", digest):
                return blobs / digest.replace(":", "-")
    return None


def _found(path: Path, name: str, source: str) -> FoundModel | None:
    try:
        size = path.stat().st_size
    except OSError:
        return None
    if size < _SMALLEST_MODEL_BYTES or not looks_like_gguf(path):
        return None
    return FoundModel(path=path, name=name, source=source, size_bytes=size)


def _name_of(path: Path) -> str:
    # Jan names every file model.gguf; its folder then says which.
    return path.parent.name if path.stem.lower() == "model" else path.stem


def _real(path: Path) -> Path:
    return Path(os.path.realpath(path))
