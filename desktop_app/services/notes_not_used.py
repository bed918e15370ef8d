"""Notes that have to do with a question, too, and of which its answer read nothing."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from desktop_app.domain.note_sources import NoteNotUsed
from desktop_app.domain.snippets import snippet

if TYPE_CHECKING:
    from desktop_app.domain.cancellation import CancelToken
    from desktop_app.services.note_grounding import NoteGrounding
    from desktop_app.services.ports import ConversationStore

MOST_LISTED = 3

_PAGE = 64


class NotesNotUsed:
    """Finds them. Blocks."""

    def __init__(self, conversations: ConversationStore, grounding: NoteGrounding) -> None:
        self._conversations = conversations
        self._grounding = grounding

    def find(self, question_id: int, used: Collection[int], cancel: CancelToken) -> list[NoteNotUsed]:
        """Notes near to the message `question_id`, where its chat looks for answers, best first. Those `used`, and
        those that went with a message before it, are left out.

        Raises NotFoundError, CancelledError, StoreError.
        """
        question = self._conversations.get_message(question_id)
        chat_id = question.conversation_id
        path = self._conversations.path(chat_id, before_id=question_id, limit=_PAGE)
        sent = {attachment.note_id for message in (*path, question) for attachment in message.attachments}
        hits = self._grounding.near(chat_id, path, question.text, cancel)
        others = [hit for hit in hits if hit.note_id not in used and hit.note_id not in sent]
        return [
            NoteNotUsed(hit.note_id, hit.title, hit.folder, snippet(hit.title, hit.passage), hit.start, hit.end)
            for hit in others[:MOST_LISTED]
        ]
