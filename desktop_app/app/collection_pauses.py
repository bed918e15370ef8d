"""Python's full garbage collections wait while an answer is written."""

from __future__ import annotations

import gc

_NEVER = 1_000_000


class CollectionPauses:
    """A full collection looks at every object there is, and nothing else runs meanwhile: some 20 ms, in which the
    window would stand still while text comes in. The small ones, which look at what is new, go on.
    """

    def __init__(self) -> None:
        self._usual = gc.get_threshold()

    def set_answering(self, answering: bool) -> None:
        """An answer begins or ends; from any thread."""
        young, middle, full = self._usual
        gc.set_threshold(young, middle, _NEVER if answering else full)
