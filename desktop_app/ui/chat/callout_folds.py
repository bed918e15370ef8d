"""Which callouts of a note a person folded or unfolded while reading it."""

from __future__ import annotations

#: The callouts that were shown last are known.
_MOST_KEPT = 200
#: So many characters are typed, at most, from one rendering to the next.
_MOST_TYPED = 40


class CalloutFolds:
    """Callouts are known by their words: the text itself says how one is shown at first.

    One that is written in stays as it is: it is known by the words that it had a moment before.
    """

    def __init__(self) -> None:
        self._turned: dict[str, bool] = {}  # the one shown last at the end

    def is_folded(self, key: str, *, at_first: bool) -> bool:
        """Whether it is folded now; `at_first` says the text. Its title is the first line of `key`."""
        turned = self._turned.pop(key, None)
        if turned is None:
            turned = any(was and _is_edited(old, key) for old, was in reversed(self._turned.items()))
        self._turned[key] = turned
        for old in list(self._turned)[:-_MOST_KEPT]:
            del self._turned[old]
        return at_first != turned

    def turn(self, key: str) -> None:
        """Fold it, or unfold it."""
        self._turned[key] = not self._turned.get(key, False)


def _is_edited(old: str, new: str) -> bool:
    """Whether a callout of these words may have had the old ones a moment before."""
    (title, _, before), (title_now, _, now) = old.partition("\n"), new.partition("\n")
    if title != title_now:
        return before == now
    longest = max(len(before), len(now))
    if abs(len(before) - len(now)) > _MOST_TYPED:
        return False
    start = _alike(before, now)
    end = _alike(before[start:][::-1], now[start:][::-1])
    return longest - start - end <= _MOST_TYPED and 2 * (start + end) >= longest


def _alike(one: str, other: str) -> int:
    """How many characters two texts begin with alike."""
    return next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
