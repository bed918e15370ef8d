"""Whether what was written holds its constraint."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from desktop_app.domain.constraint import ConstraintKind
from desktop_app.domain.generation import StopReason

if TYPE_CHECKING:
    from desktop_app.domain.constraint import Constraint


def what_is_wrong(text: str, stop_reason: StopReason, constraint: Constraint | None) -> str:
    """A sentence on why the answer does not hold its constraint; empty where it does, or where there is none.

    A grammar holds by the way it is written with, once the answer came to its end; JSON is validated as well.
    """
    if constraint is None:
        return ""
    if stop_reason not in (StopReason.END, StopReason.STOP_STRING):
        return "The answer was cut before it was whole."
    if constraint.kind is not ConstraintKind.JSON_SCHEMA:
        return ""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return "The answer is not JSON."
    import jsonschema  # type: ignore[import-untyped]
    import referencing

    from desktop_app.domain.json_schema_grammar import read_schema

    # A registry of its own: the default one would fetch what a schema refers to.
    validator = jsonschema.Draft202012Validator(read_schema(constraint.text), registry=referencing.Registry())
    error = jsonschema.exceptions.best_match(validator.iter_errors(value))
    if error is None:
        return ""
    place = "".join(f"/{step}" for step in error.absolute_path) or "the whole"
    return f"The answer does not fit the schema: at {place}, {str(error.message)[:200]}."
