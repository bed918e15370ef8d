"""The Markdown parser, for what is drawn and what is exported alike."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from desktop_app.services.formula_rules import use_bracket_formulas
from desktop_app.services.note_rules import use_note_rules

if TYPE_CHECKING:
    from markdown_it import MarkdownIt


@cache
def parser() -> MarkdownIt:
    """CommonMark with tables, strikethrough, footnotes and formulas, and without HTML. Importing it takes time."""
    return _new_parser()


@cache
def note_parser() -> MarkdownIt:
    """The same with what is written in notes besides. Not for what a model says: `%%` may mean something else there."""
    made = _new_parser()
    use_note_rules(made)
    return made


def _new_parser() -> MarkdownIt:
    from markdown_it import MarkdownIt
    from mdit_py_plugins.amsmath import amsmath_plugin
    from mdit_py_plugins.dollarmath import dollarmath_plugin
    from mdit_py_plugins.footnote import footnote_plugin

    made = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    # Every target is read as one, so that it can be shown; which may be opened is decided where it is.
    made.validateLink = lambda url: True  # type: ignore[method-assign]
    made.use(dollarmath_plugin, allow_space=False, allow_digits=False, double_inline=True)
    # Notes stay where they are written: an answer is rendered block by block, while it is written.
    made.use(footnote_plugin, inline=False, move_to_end=False, always_match_refs=True)
    made.use(amsmath_plugin)
    use_bracket_formulas(made)
    return made
