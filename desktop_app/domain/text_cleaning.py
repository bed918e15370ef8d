"""The one clean-up that text gets before it is stored, or sent to a model."""

from __future__ import annotations


def without_lone_surrogates(text: str) -> str:
    """`text` as it can be written in UTF-8: pairs of surrogates joined to their character, lone ones replaced by
    U+FFFD.

    Lone surrogates are no characters (Unicode 3.9, D71); they come from broken JSON and from clipboards. Everything
    else, NUL included, is returned unchanged.
    """
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text
