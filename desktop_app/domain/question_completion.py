"""What the part of a question before the cursor may become: an operator, or a value behind one."""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

from desktop_app.domain.folding import fold
from desktop_app.domain.search_dates import ENGLISH_DAYS
from desktop_app.domain.search_question import FilterKind, Scope, written

_NAME = re.compile(r"(?:^|\s)-?(?P<typed>[A-Za-z]{2,12})$")
_VALUE = re.compile(r"(?:^|\s)-?(?P<name>[A-Za-z]{2,12}):(?P<typed>[\"“„]?[^\"“”„\s]*|[\"“„][^\"“”„]*)$")
_TYPED_KINDS = (
    FilterKind.TAG,
    FilterKind.TITLE,
    FilterKind.FOLDER,
    FilterKind.PATH,
    FilterKind.BEFORE,
    FilterKind.AFTER,
    FilterKind.IN,
)
_MOST = 50

Named = Sequence[tuple[str, int]]


class QuestionPart(msgspec.Struct, frozen=True):
    """What is being typed.

    Attributes:
        typed: the end of the text that a completion replaces.
        kind: the operator that `typed` is a value of; None where it may become an operator.
    """

    typed: str
    kind: FilterKind | None = None


class Suggestion(msgspec.Struct, frozen=True):
    """`written` in place of what is typed; `words` are shown, with the number of notes where that is known."""

    words: str
    written: str
    notes: int | None = None


def part_before(text: str) -> QuestionPart | None:
    """What stands at the end of `text`, the question up to the cursor; None where nothing is completed."""
    found = _VALUE.search(text)
    if found is not None:
        name = found["name"].lower()
        kind = next((each for each in _TYPED_KINDS if each.value == name), None)
        return None if kind is None else QuestionPart(found["typed"], kind)
    found = _NAME.search(text)
    return None if found is None else QuestionPart(found["typed"])


def suggestions(part: QuestionPart, tags: Named, folders: Named) -> list[Suggestion]:
    """What it may become, what begins with it first. `tags` and `folders` come with the number of their notes. Nothing
    where it is one of them already.
    """
    if part.kind is None:
        typed = part.typed.lower()
        return [Suggestion(f"{kind}:", f"{kind}:") for kind in _TYPED_KINDS if kind.value.startswith(typed)]
    known: Named
    match part.kind:
        case FilterKind.TAG:
            known = tags
        case FilterKind.FOLDER:
            known = folders
        case FilterKind.IN:
            known = [(scope.value, -1) for scope in Scope]
        case FilterKind.BEFORE | FilterKind.AFTER:
            known = [(word, -1) for word in ENGLISH_DAYS if " " not in word]
        case _:
            return []
    typed = part.typed.strip('"“„').casefold()
    wanted = fold(typed)  # without accents: they are often left out while something is looked for
    fitting = [(name, count) for name, count in known if wanted in fold(name.casefold())]
    if any(name.casefold() == typed for name, _ in fitting):
        return []
    fitting.sort(key=lambda each: not fold(each[0].casefold()).startswith(wanted))
    prefix = f"{part.kind}:"
    return [
        Suggestion(name, written(part.kind, name).removeprefix(prefix) + " ", count if count >= 0 else None)
        for name, count in fitting[:_MOST]
    ]
