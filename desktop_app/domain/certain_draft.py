"""What of a draft will be sent as it stands, while the person still writes."""

from __future__ import annotations


def certain_part(draft: str) -> str:
    """All but the last word and the blanks before it: that word may still grow, and change its tokens with it.

    Ends with a whole word; empty where there is none.
    """
    whole = draft.rstrip()
    if whole != draft:
        return whole  # a blank was typed behind the last word
    words = draft.rsplit(maxsplit=1)
    return draft[: len(draft) - len(words[-1])].rstrip() if words else ""
