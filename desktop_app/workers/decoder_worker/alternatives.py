"""What the model hesitated between, from the one row of logits that each token is drawn from."""

from __future__ import annotations

from typing import Any

import numpy as np

from desktop_app.domain.token_alternatives import LIKELIEST, fitted, pack_choice
from desktop_app.workers.decoder_worker.native import llama

_NEAR = (
    1e-3  # of the likeliest one's probability; what is below is not kept, and sorting all would take six times as long
)
_FEW = 200


class AlternativesRecorder:
    """Notes a token's alternatives before it is decoded: some 50 µs with a vocabulary of 49,000."""

    def __init__(self, context: Any, vocabulary_size: int) -> None:
        self._context = context
        self._size = vocabulary_size
        self._shares = np.empty(vocabulary_size, np.float32)
        self._records: list[bytes] = []

    def note(self, token: int) -> None:
        """Keep the likeliest tokens of the context's last logits, and how likely `token` was."""
        logits = np.ctypeslib.as_array(llama.llama_get_logits_ith(self._context, -1), (self._size,))
        shares = self._shares
        np.subtract(logits, logits.max(), out=shares)
        np.exp(shares, out=shares)
        near = np.flatnonzero(shares > _NEAR)
        near_shares = shares[near]
        if len(near) > _FEW:
            near = near[np.argpartition(near_shares, -LIKELIEST)[-LIKELIEST:]]
            near_shares = shares[near]
        best = np.argsort(near_shares)[: -LIKELIEST - 1 : -1]
        total = float(shares.sum())
        missing = [0] * (LIKELIEST - len(best))
        self._records.append(
            pack_choice(
                float(shares[token]) / total,
                near[best].tolist() + missing,
                (near_shares[best] / total).tolist() + missing,
            )
        )

    def take(self, tokens: int, respelled: int = 0) -> bytes:
        """The records of the next so many tokens that are given out; nothing is known of the last ones, `respelled`."""
        chosen = tokens - respelled
        records = b"".join(self._records[:chosen])
        del self._records[:chosen]
        return fitted(records, tokens)
