"""Which callouts of a note a person folded or unfolded while reading it."""

from __future__ import annotations


class CalloutFolds:
    """Callouts are known by their words: the text itself says how one is shown at first."""

    def __init__(self) -> None:
        self._turned: set[str] = set()

    def is_folded(self, key: str, *, at_first: bool) -> bool:
        """Whether it is folded now; `at_first` says the text."""
        return at_first != (key in self._turned)

    def turn(self, key: str) -> None:
        """Fold it, or unfold it."""
        self._turned ^= {key}
