"""Which turns the decoder reads for a stored path of messages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from desktop_app.domain.conversation import Message, Role
from desktop_app.domain.generation import ChatTurn
from desktop_app.domain.reasoning import answer_of


@dataclass(frozen=True, slots=True)
class RememberedTurn:
    """A turn of the prompt with the first stored message it came from (0: the unsent draft)."""

    message_id: int
    turn: ChatTurn


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
                turns.append(RememberedTurn(message.id, ChatTurn(Role.ASSISTANT, text, ids)))
        else:
            append_user(turns, message.id, message.text)
    if draft.strip():
        append_user(turns, 0, draft)
    return turns


def append_user(turns: list[RememberedTurn], message_id: int, text: str) -> None:
    """Add a person's text at the end, to the turn before it where that is a person's, too."""
    if turns and turns[-1].turn.role is Role.USER:
        last = turns.pop()
        message_id, text = last.message_id, f"{last.turn.text}\n\n{text}"
    turns.append(RememberedTurn(message_id, ChatTurn(Role.USER, text)))
