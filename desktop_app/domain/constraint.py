"""What an answer must look like: a GBNF grammar, or the JSON of a schema."""

from __future__ import annotations

import json
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

import msgspec

from desktop_app.domain.conversation import EDITED

CONSTRAINT_KEY = "constraint"
"""Where a chat's own settings keep it."""
ANSWER_FORMAT = "answer_format"
"""Key of an answer's `settings_used`: the kind of constraint it was asked under."""
_LARGEST_PARSED = 1_000_000


class ConstraintKind(StrEnum):
    """How a constraint is written."""

    JSON_SCHEMA = "json_schema"
    GRAMMAR = "grammar"  # GBNF


class Constraint(msgspec.Struct, frozen=True):
    """A constraint as the person wrote it."""

    kind: ConstraintKind
    text: str

    def grammar(self) -> str:
        """The GBNF grammar that holds it. Raises ConstraintError where it cannot be used or met."""
        if self.kind is ConstraintKind.JSON_SCHEMA:
            from desktop_app.domain.json_schema_grammar import grammar_from_schema  # not needed to open the window

            return grammar_from_schema(self.text)
        from desktop_app.domain.gbnf import check_grammar

        check_grammar(self.text)
        return self.text

    def as_settings(self) -> dict[str, str]:
        """What `constraint_in` reads back."""
        return {"kind": self.kind.value, "text": self.text}


def is_json_answer(text: str, settings_used: Mapping[str, Any], *, writing: bool) -> bool:
    """Whether an answer's words, `text`, are to be shown as the JSON that they are, not as Markdown.

    What a schema was asked for is JSON from its first letter on, unless a person rewrote it. A grammar may be about
    anything: what it gave counts once it is whole, and an object or a list.
    """
    kind = settings_used.get(ANSWER_FORMAT)
    if kind == ConstraintKind.JSON_SCHEMA and (writing or not settings_used.get(EDITED)):
        return True
    if kind is None or writing or len(text) > _LARGEST_PARSED or text.lstrip()[:1] not in ("{", "["):
        return False
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def constraint_in(settings: Mapping[str, Any]) -> Constraint | None:
    """The constraint among a chat's own settings; None where there is none that is known."""
    kept = settings.get(CONSTRAINT_KEY)
    if not isinstance(kept, Mapping) or not isinstance(kept.get("text"), str):
        return None
    try:
        return Constraint(ConstraintKind(str(kept.get("kind"))), kept["text"])
    except ValueError:
        return None
