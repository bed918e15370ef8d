"""`inkwell models`: the models in use, those found on this disk, and better ones to get."""

from __future__ import annotations

import argparse
from pathlib import Path

from desktop_app.app.cli.verb import DONE, Call
from desktop_app.domain.errors import ModelError


def add_to(verbs: argparse._SubParsersAction[argparse.ArgumentParser], shared: argparse.ArgumentParser) -> None:
    """Add the verb's grammar."""
    actions = verbs.add_parser("models", help="which models there are").add_subparsers(metavar="ACTION", required=True)
    listing = actions.add_parser("list", parents=[shared], help="models in use, found on this disk, and to get")
    listing.set_defaults(run=list_models)


def list_models(call: Call) -> int:
    """Decoder and encoder in use, then GGUF files of other programs."""
    library = call.container.library
    in_use = {"decoder": _path_or_problem(library.decoder_path), "encoder": _path_or_problem(library.encoder_path)}
    models: list[dict[str, object]] = []
    for role, found in in_use.items():
        models.append({"role": role, "in_use": True, **_described(call, role, found)})
    used = {str(found) for found in in_use.values()}
    for model in library.discover():
        if str(model.path) not in used:
            models.append({"role": "decoder", "in_use": False, **_described(call, "decoder", model.path)})
    call.console.result({"models": models})
    for entry in models:
        mark = "*" if entry["in_use"] else " "
        size = entry.get("bytes")
        about = entry.get("problem") or (f"{int(str(size)) / 1e6:,.0f} MB" if size else "")
        call.console.say(f"{mark} {entry['role']}  {entry.get('name') or entry.get('path', '')}  {about}")
        if entry.get("path"):
            call.console.say(f"      {entry['path']}")
    return DONE


def _path_or_problem(find: object) -> Path | ModelError:
    assert callable(find)
    try:
        path: Path = find()
    except ModelError as error:
        return error
    return path


def _described(call: Call, role: str, found: Path | ModelError) -> dict[str, object]:
    if isinstance(found, ModelError):
        return {"problem": str(found), "code": found.code}
    if role == "encoder":
        size = sum(file.stat().st_size for file in found.rglob("*") if file.is_file())
        return {"path": str(found), "name": found.name, "bytes": size}
    try:
        description = call.container.library.describe(found)
    except ModelError as error:
        return {"path": str(found), "problem": str(error), "code": error.code}
    return {
        "path": str(found),
        "name": description.name,
        "architecture": description.architecture,
        "bytes": description.size_bytes,
        "quantization": description.quantization,
        "trained_context": description.trained_context,
    }
