"""Which colour each part of a piece of code has: Pygments' tokens mapped to the theme's roles."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pygments.lexer import Lexer  # type: ignore[import-untyped]

LONGEST_LEXED = 8_000
"""Characters lexed in one go; keeps a single call well below a frame."""

LONGEST_OPENING = 80
"""Characters of the line in which a part begins that are enough to know it by."""

COMMON_LANGUAGES = ("python", "bash", "sh", "javascript", "json", "html", "css", "sql", "c", "cpp", "java")

_ROLES: tuple[tuple[str, str], ...] = (
    ("Token.Keyword", "code_keyword"),
    ("Token.Operator.Word", "code_keyword"),
    ("Token.Name.Function", "code_function"),
    ("Token.Name.Class", "code_function"),
    ("Token.Name.Decorator", "code_function"),
    ("Token.Name.Tag", "code_keyword"),
    ("Token.Name.Attribute", "code_function"),
    ("Token.Literal.String", "code_string"),
    ("Token.Literal.Number", "code_number"),
    ("Token.Comment", "code_comment"),
    ("Token.Generic.Deleted", "code_keyword"),
    ("Token.Generic.Inserted", "code_string"),
    ("Token.Generic.Heading", "code_function"),
)


def code_spans(code: str, language: str) -> Iterator[tuple[int, int, str]]:
    """(start, length, colour role) of every part of `code` that is not plain. Nothing for an unknown language."""
    lexer = _lexer(language)
    if lexer is None:
        return
    for start, token, value in lexer.get_tokens_unprocessed(code):
        role = _role(token)
        if role and value:
            yield start, len(value), role


def open_part(code: str, spans: Sequence[tuple[int, int, str]]) -> int | None:
    """Where a string or comment begins that goes over a line's end and to the end of `code`, and so perhaps beyond it;
    None where there is none. `spans` are the code's own.
    """
    begin = len(code)
    role = spans[-1][2] if spans else ""
    for start, length, its_role in reversed(spans):
        if its_role != role or start + length != begin:
            break
        begin = start
    return begin if "\n" in code[begin:] else None


def behind_long_parts(code: str, spans: Sequence[tuple[int, int, str]]) -> int:
    """Where the last string or comment ends that goes over a line's end; 0 where there is none."""
    found = begin = end = 0
    role = ""
    for start, length, its_role in spans:
        if its_role != role or start != end:
            begin, role = start, its_role
        end = start + length
        if "\n" in code[begin:end]:
            found = end
    return found


def opening_behind(text: str, spans: Sequence[tuple[int, int, str]]) -> str:
    """What opened the string or comment that `text` ends within, to be put in front of what follows so that it is
    coloured as if all were one; empty where it ends within none. `spans` are the text's own.
    """
    begin = open_part(text, spans)
    return "" if begin is None else text[begin:].split("\n", 1)[0][:LONGEST_OPENING] + "\n"


def is_coloured(language: str) -> bool:
    """True for a language whose parts have colours."""
    return _lexer(language) is not None


def warm_up(languages: tuple[str, ...] = COMMON_LANGUAGES) -> None:
    """Import and compile the lexers of common languages; from any thread, so that the first code is no hitch."""
    for language in languages:
        for _ in code_spans("x = 1\n", language):
            pass


@cache
def _lexer(language: str) -> Lexer | None:
    from pygments.lexers import get_lexer_by_name  # type: ignore[import-untyped]
    from pygments.util import ClassNotFound  # type: ignore[import-untyped]

    try:
        return get_lexer_by_name(language) if language else None
    except ClassNotFound:
        return None


@cache
def _role(token: Any) -> str:
    name = str(token)
    if name == "Token.Keyword.Constant":
        return "code_number"
    return next((role for prefix, role in _ROLES if name == prefix or name.startswith(prefix + ".")), "")
