"""How many tokens an attachment costs, counted once for each model."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import TYPE_CHECKING

from desktop_app.domain.attachments import quoted
from desktop_app.domain.conversation import Role
from desktop_app.domain.errors import InkwellError
from desktop_app.domain.generation import ChatTurn

if TYPE_CHECKING:
    from desktop_app.domain.attachments import Attachment
    from desktop_app.services.model_ports import DecoderPort

LONGEST_COUNTED = 2_000_000
"""Characters; a longer text is estimated, since counting it would keep the decoder busy for seconds."""
_REMEMBERED = 1_000
_CHARACTERS_PER_TOKEN = 4
_BESIDE = "x"


def estimated_tokens(text: str) -> int:
    """About how many tokens a text has."""
    return -(-len(text) // _CHARACTERS_PER_TOKEN)


class AttachmentCounter:
    """Counts by the loaded decoder. Thread-safe; texts of attachments never change, so a count holds."""

    def __init__(self, decoder: DecoderPort) -> None:
        self._decoder = decoder
        self._lock = threading.Lock()
        self._known: OrderedDict[tuple[str, int], int] = OrderedDict()

    def tokens(self, attachment: Attachment) -> int | None:
        """Tokens that it adds to a message; None while no decoder is loaded, or while that cannot count."""
        loaded = self._decoder.loaded
        if loaded is None:
            return None
        if len(attachment.text) > LONGEST_COUNTED:
            return estimated_tokens(attachment.text)
        key = (loaded.fingerprint, attachment.id)
        with self._lock:
            if key in self._known:
                self._known.move_to_end(key)
                return self._known[key]
        try:
            with_it = self._decoder.measure([ChatTurn(Role.USER, f"{quoted(attachment)}\n\n{_BESIDE}")])
            without = self._decoder.measure([ChatTurn(Role.USER, _BESIDE)])
        except InkwellError:
            return None  # the meter, which counts the whole prompt, says what is wrong
        tokens = max(0, with_it.total_tokens - without.total_tokens)
        with self._lock:
            self._known[key] = tokens
            while len(self._known) > _REMEMBERED:
                self._known.popitem(last=False)
        return tokens
