"""How many word pieces a text has, estimated without the encoder's vocabulary."""

from __future__ import annotations

import re

# Runs of ASCII letters, runs of digits, runs of other letters that are written with spaces between words, and
# every other visible character alone (punctuation, Chinese, Japanese, emoji), as BERT's tokenizer splits them.
_UNIT = re.compile(
    r"(?P<ascii>[A-Za-z]+)|(?P<digits>[0-9]+)"
    r"|(?P<letters>[^\W\d_A-Za-z\u0E00-\u0EFF\u2E80-\u9FFF\uAC00-\uD7FF\uF900-\uFAFF]+)|\S"
)


def estimate_word_pieces(text: str) -> int:
    """An estimate on the high side for BERT vocabularies (30,000 pieces, mostly English). Linear in the text's length.

    Common English words are one piece whatever their length, rare ones fall apart about every four letters; other
    alphabets fall apart about every two.
    """
    pieces = 0
    for unit in _UNIT.finditer(text):
        length = unit.end() - unit.start()
        kind = unit.lastgroup
        if kind == "ascii":
            pieces += 1 if length <= 6 else 1 + (length - 3) // 4
        elif kind == "digits" or kind == "letters":
            pieces += (length + 1) // 2
        else:
            pieces += 1
    return pieces
