"""Which turns the decoder reads for a stored path of messages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from desktop_app.domain.conversation import Role
from desktop_app.domain.generation import ChatTurn
from desktop_app.domain.reasoning import answer_of

if TYPE_CHECKING:
    from desktop_app.domain.conversation import Message


class RememberedTurn(msgspec.Struct, frozen=True):
    """A turn of the prompt with the first stored message it came from (0: the unsent draft).

    `pinned`: one of its messages is.
    """

    message_id: int
    turn: ChatTurn
    pinned: bool = False


def remembered_turns(
    path: Sequence[Message], fingerprint: str, draft: str = "", *, goes_on: bool = False
) -> list[RememberedTurn]:
    """The turns the decoder reads for `path` and an unsent draft: roles alternate, as strict templates want it.

    Answers without a word (failed, or about to be written) are left out; person's messages that then follow each
    other become one. Token ids are kept only where this very model generated them, all of what is read.

    What a model thought before an answer is left out, as models are trained to read earlier turns: most templates leave
    it out themselves, for the others it is done here. `goes_on`: the last answer is being continued and stays whole.
    """
    turns: list[RememberedTurn] = []
    for message in path:
        if message.role is Role.ASSISTANT:
            whole = goes_on and message is path[-1]
            text = message.text if whole else answer_of(message.text, message.settings_used)
            if text:
                own = message.model_fingerprint == fingerprint and len(text) == len(message.text)
                ids = message.token_ids if own else None
                turns.append(RememberedTurn(message.id, ChatTurn(Role.ASSISTANT, text, ids), message.pinned))
        else:
            append_user(turns, message.id, message.read_text, pinned=message.pinned)
    if draft.strip():
        append_user(turns, 0, draft)
    return turns


def append_user(turns: list[RememberedTurn], message_id: int, text: str, *, pinned: bool = False) -> None:
    """Add a person's text at the end, to the turn before it where that is a person's, too."""
    if turns and turns[-1].turn.role is Role.USER:
        last = turns.pop()
        message_id, text = last.message_id, f"{last.turn.text}\n\n{text}"
        pinned = pinned or last.pinned
    turns.append(RememberedTurn(message_id, ChatTurn(Role.USER, text), pinned))


def with_quotes(turns: Sequence[RememberedTurn], block: str, question: str, *, place: int = -1) -> list[RememberedTurn]:
    """`turns` with quoted earlier messages right before the `question` at the end of the turn at `place`."""
    changed = list(turns)
    asked = changed[place]
    before = asked.turn.text.removesuffix(question)
    text = f"{before}{block}\n\n{question}" if before != asked.turn.text else f"{block}\n\n{asked.turn.text}"
    changed[place] = replace(asked, turn=ChatTurn(Role.USER, text))
    return changed
