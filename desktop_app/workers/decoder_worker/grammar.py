"""Sampling under a grammar: first as usual, and with the grammar over the whole vocabulary only where that is refused.

In the chain the grammar would look at every token of the vocabulary for every token written, 7 to 32 ms each; the token
that the model wants fits nearly always, and looking at one costs nothing.
"""

from __future__ import annotations

import codecs
import ctypes
from collections.abc import Sequence
from types import TracebackType
from typing import Any, Protocol

import numpy as np

from desktop_app.domain.errors import ConstraintError
from desktop_app.domain.reasoning import ReasoningStream
from desktop_app.workers.decoder_worker.native import llama

_ROW = np.dtype([("id", np.int32), ("logit", np.float32), ("p", np.float32)])
"""llama_token_data."""


class GrammarVocabulary(Protocol):
    """What a grammar needs of a vocabulary."""

    @property
    def handle(self) -> Any:
        """The native vocabulary."""
        ...

    @property
    def size(self) -> int:
        """Number of tokens."""
        ...

    def piece(self, token: int) -> bytes:
        """The bytes a token stands for; none for a control token."""
        ...

    def is_end(self, token: int) -> bool:
        """True for an end-of-generation token."""
        ...


class GrammarSampler:
    """Draws tokens that a GBNF grammar allows. Use as a context manager: leaving frees it.

    Args:
        in_reasoning: the answer begins inside the reasoning that the template opened; the grammar begins after its end.

    Raises ConstraintError for a grammar that llama.cpp does not take.
    """

    def __init__(self, grammar: str, vocabulary: GrammarVocabulary, *, in_reasoning: bool = False) -> None:
        self._vocabulary = vocabulary
        self._reasoning = ReasoningStream(opened=True) if in_reasoning else None
        self._characters = codecs.getincrementaldecoder("utf-8")("replace")
        self._grammar: Any = llama.llama_sampler_init_grammar(vocabulary.handle, grammar.encode(), b"root")
        if not self._grammar:
            raise ConstraintError(
                "The grammar cannot be used.",
                "llama.cpp does not take it; repetitions of long parts may be too many.",
                "Make it shorter or less repetitive.",
            )
        self._ids = np.arange(vocabulary.size, dtype=np.int32)
        self._rows = np.zeros(vocabulary.size, _ROW)
        self._candidates = llama.llama_token_data_array(None, 0, -1, False)
        self._one = llama.llama_token_data(0, 0.0, 0.0)
        self._only = llama.llama_token_data_array(ctypes.pointer(self._one), 1, -1, False)
        self.refused = 0
        """How many drawn tokens the grammar refused, so that it was applied to the whole vocabulary."""

    def __enter__(self) -> GrammarSampler:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        llama.llama_sampler_free(self._grammar)

    def accept_written(self, tokens: Sequence[int]) -> None:
        """Go past what an answer that is continued has already. Raises ConstraintError where that does not fit."""
        for token in tokens:
            if self._reasoning is not None:
                self._think(token)
                continue
            if not self._allows(token):
                raise ConstraintError(
                    "The answer cannot be continued under this constraint.",
                    "What it says so far does not fit.",
                    "Regenerate it, or take the constraint away.",
                )
            llama.llama_sampler_accept(self._grammar, token)

    def sample(self, chain: Any, context: Any) -> int:
        """The next token, drawn by `chain` from the context's last logits. Raises ConstraintError where none fits."""
        token = self._draw(chain, self._all(context))
        if self._reasoning is not None:
            self._think(token)
            llama.llama_sampler_accept(chain, token)
            return token
        if not self._allows(token):
            self.refused += 1
            token = self._draw_allowed(chain, context)
        if not self._vocabulary.is_end(token):
            llama.llama_sampler_accept(self._grammar, token)
        llama.llama_sampler_accept(chain, token)
        return token

    def _think(self, token: int) -> None:
        """Look for the end of the reasoning, where the grammar begins."""
        reasoning = self._reasoning
        if reasoning is not None:
            reasoning.append(self._characters.decode(self._vocabulary.piece(token)))
            if not reasoning.is_open and not reasoning.is_undecided:
                self._reasoning = None

    def _all(self, context: Any) -> int:
        """Every token with its logit in `_rows`; how many."""
        size = self._vocabulary.size
        self._rows["id"] = self._ids
        self._rows["logit"] = np.ctypeslib.as_array(llama.llama_get_logits_ith(context, -1), (size,))
        return size

    def _draw(self, chain: Any, count: int) -> int:
        llama.llama_sampler_apply(chain, ctypes.byref(self._first(count)))
        return int(self._candidates.data[self._candidates.selected].id)

    def _draw_allowed(self, chain: Any, context: Any) -> int:
        count = self._all(context)
        llama.llama_sampler_apply(self._grammar, ctypes.byref(self._first(count)))
        # Samplers such as typical-p would compute with minus infinity: only what may be said stays.
        allowed = self._rows[np.isfinite(self._rows["logit"])].copy()
        while len(allowed):
            self._rows[: len(allowed)] = allowed
            token = self._draw(chain, len(allowed))
            if self._says_something(token):
                return token
            allowed = allowed[allowed["id"] != token]
        raise ConstraintError(
            "Nothing this model can say fits the constraint here.",
            "It has no token for what must follow.",
            "Loosen the constraint, or choose another model.",
        )

    def _first(self, count: int) -> Any:
        """The first `count` of `_rows` as llama.cpp wants them."""
        candidates = self._candidates
        candidates.data = self._rows.ctypes.data_as(llama.llama_token_data_p)
        candidates.size, candidates.selected, candidates.sorted = count, -1, False
        return candidates

    def _allows(self, token: int) -> bool:
        self._one.id, self._one.logit = token, 1.0
        self._only.selected = -1
        llama.llama_sampler_apply(self._grammar, ctypes.byref(self._only))
        return self._one.logit == 1.0 and self._says_something(token)

    def _says_something(self, token: int) -> bool:
        """False for control tokens: the grammar takes them for their names, and they stand for no text."""
        return bool(self._vocabulary.piece(token)) or self._vocabulary.is_end(token)
