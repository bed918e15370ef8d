"""The models Inkwell knows by name: resources/models/catalogue.toml."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from desktop_app.domain.model_description import CatalogueEntry, ModelKind

_FIELDS = frozenset(CatalogueEntry.__struct_fields__)


class ModelCatalogue:
    """The catalogue, read once at construction. Raises OSError, TOMLDecodeError, ValueError: it ships with Inkwell."""

    def __init__(self, path: Path) -> None:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
        self.entries: tuple[CatalogueEntry, ...] = tuple(_entry(raw) for raw in content["model"])

    def starter(self, kind: ModelKind) -> CatalogueEntry | None:
        """The model of that kind that comes with Inkwell."""
        return next((entry for entry in self.entries if entry.starter and entry.kind is kind), None)

    def better(self) -> list[CatalogueEntry]:
        """Decoders to get, for smaller computers first."""
        return sorted(
            (entry for entry in self.entries if entry.kind is ModelKind.DECODER and not entry.starter),
            key=lambda entry: entry.memory_gb,
        )

    def match(self, file_name: str, size_bytes: int) -> CatalogueEntry | None:
        """The decoder of that file name and (within 2 %: files are quantized anew now and then) that size."""
        for entry in self.entries:
            same_name = entry.kind is ModelKind.DECODER and entry.file_name.lower() == file_name.lower()
            if same_name and abs(size_bytes - entry.size_bytes) <= entry.size_bytes * 0.02:
                return entry
        return None


def _entry(raw: Mapping[str, Any]) -> CatalogueEntry:
    unknown = sorted(set(raw) - _FIELDS)
    if unknown:
        raise ValueError(f"unknown keys in the model catalogue: {', '.join(unknown)}")
    return CatalogueEntry(**{**raw, "kind": ModelKind(raw["kind"])})
