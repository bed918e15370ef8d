"""`inkwell models`: the models in use, those found on this disk, and better ones to get."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from desktop_app.app.cli.verb import DONE, Call
from desktop_app.domain.errors import ModelError
from desktop_app.domain.model_description import CatalogueEntry, readable_size

if TYPE_CHECKING:
    from desktop_app.services.model_library import ModelLibrary

Row = dict[str, object]


def add_to(verbs: argparse._SubParsersAction[argparse.ArgumentParser], shared: argparse.ArgumentParser) -> None:
    """Add the verb's grammar."""
    actions = verbs.add_parser("models", help="which models there are").add_subparsers(metavar="ACTION", required=True)
    listing = actions.add_parser("list", parents=[shared], help="models in use, found on this disk, and to get")
    listing.set_defaults(run=list_models)


def list_models(call: Call) -> int:
    """Decoder and encoder in use, GGUF files of other programs, and the catalogue's better ones."""
    library = call.container.library
    rows = [_in_use(library, "decoder", library.decoder_path), _in_use(library, "encoder", library.encoder_path)]
    used = {row.get("path") for row in rows}
    rows += [
        {"role": "decoder", "in_use": False, "source": found.source, **_described(library, found.path)}
        for found in library.discover(call.cancel)
        if str(found.path) not in used
    ]
    better = library.better_models()
    call.console.result({"models": rows, "better": [_offer(entry) for entry in better]})
    for row in rows:
        call.console.say(f"{'*' if row['in_use'] else ' '} {row['role']}  {row.get('name', '')}  {_about(row)}")
        if row.get("path"):
            call.console.say(f"      {row['path']}")
    if better:
        call.console.say("To get, and then: inkwell settings set decoder.model_file FILE")
    for entry in better:
        call.console.say(f"  {entry.name}  {readable_size(entry.size_bytes)}  {entry.licence}\n      {entry.address}")
    return DONE


def _in_use(library: ModelLibrary, role: str, find: Callable[[], Path]) -> Row:
    try:
        path = find()
    except ModelError as error:
        return {"role": role, "in_use": True, "problem": str(error), "code": error.code}
    return {"role": role, "in_use": True, **_described(library, path)}


def _described(library: ModelLibrary, path: Path) -> Row:
    try:
        description = library.describe(path)
    except ModelError as error:
        return {"path": str(path), "name": path.name, "problem": str(error), "code": error.code}
    return {
        "path": str(path),
        "name": description.name,
        "architecture": description.architecture,
        "bytes": description.size_bytes,
        "quantization": description.quantization,
        "trained_context": description.trained_context,
        "hash": description.hash_state.value,
    }


def _about(row: Row) -> str:
    problem = row.get("problem")
    if isinstance(problem, str):
        return problem
    size = row.get("bytes")
    return f"{readable_size(size) if isinstance(size, int) else ''}  {row.get('quantization', '')}"


def _offer(entry: CatalogueEntry) -> Row:
    return {
        "name": entry.name,
        "file": entry.file_name,
        "bytes": entry.size_bytes,
        "licence": entry.licence,
        "address": entry.address,
        "memory_gb": entry.memory_gb,
    }
