"""What encoders were trained to read in front of a question and of a passage.

Many encoders learnt with a prefix and lose much without it. A folder that gives its prompts itself
(`config_sentence_transformers.json`) is believed; older ones say it only in their description, so the family is
recognised by name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

import msgspec


class EncoderPrompts(msgspec.Struct, frozen=True):
    """Texts put in front.

    Attributes:
        query, passage: of a question, of a passage; empty for none.
        by_family: they come from the model's name and stand nowhere in its folder.
    """

    query: str = ""
    passage: str = ""
    by_family: bool = False


_FAMILIES: tuple[tuple[re.Pattern[str], EncoderPrompts], ...] = (
    (
        re.compile(r"(?:^|[-_])e5-.*instruct"),
        EncoderPrompts(
            "Instruct: Given a web search query, retrieve relevant passages that answer the query\nQuery: ",
            by_family=True,
        ),
    ),
    (re.compile(r"(?:^|[-_])e5(?:[-_]|$)"), EncoderPrompts("query: ", "passage: ", by_family=True)),
    (
        re.compile(r"(?:^|[-_])bge-(?:small|base|large)-en"),
        EncoderPrompts("Represent this sentence for searching relevant passages: ", by_family=True),
    ),
    (
        re.compile(r"(?:^|[-_])bge-(?:small|base|large)-zh"),
        EncoderPrompts("为这个句子生成表示以用于检索相关文章：", by_family=True),
    ),
)
"""The first that fits. MiniLM, GTE, BGE-M3 and all that is unknown read texts as they are."""

_QUERY_NAMES = ("query", "search_query", "retrieval.query", "s2p_query")
_PASSAGE_NAMES = ("document", "passage", "search_document", "retrieval.passage")


def encoder_prompts(given: Mapping[str, object], names: Iterable[str]) -> EncoderPrompts:
    """The prompts of a model.

    Args:
        given: what its folder says, by the prompt's name.
        names: what the model may be called, the surest first ("intfloat/e5-small-v2", "e5-small-v2").
    """
    query, passage = _first(given, _QUERY_NAMES), _first(given, _PASSAGE_NAMES)
    if query or passage:
        return EncoderPrompts(query, passage)
    for name in names:
        last = name.lower().replace("--", "/").rstrip("/").rpartition("/")[2]
        for pattern, prompts in _FAMILIES:
            if pattern.search(last):
                return prompts
    return EncoderPrompts()


def _first(given: Mapping[str, object], names: Iterable[str]) -> str:
    texts = (given.get(name) for name in names)
    return next((text for text in texts if isinstance(text, str) and text), "")
