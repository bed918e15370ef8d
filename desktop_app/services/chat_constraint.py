"""What the answers of one chat must look like."""

from __future__ import annotations

from typing import TYPE_CHECKING

from desktop_app.domain.constraint import CONSTRAINT_KEY, constraint_in

if TYPE_CHECKING:
    from desktop_app.domain.constraint import Constraint
    from desktop_app.services.ports import ConversationStore


class ChatConstraints:
    """Keeps a constraint among a chat's own settings."""

    def __init__(self, conversations: ConversationStore) -> None:
        self._conversations = conversations

    def of(self, conversation_id: int) -> Constraint | None:
        """The chat's constraint. Raises NotFoundError."""
        return constraint_in(self._conversations.settings_of(conversation_id))

    def set(self, conversation_id: int, constraint: Constraint | None) -> None:
        """Keep it for every further answer; None takes it away. Raises ConstraintError, NotFoundError."""
        if constraint is not None:
            constraint.grammar()
        settings = dict(self._conversations.settings_of(conversation_id))
        settings.pop(CONSTRAINT_KEY, None)
        if constraint is not None:
            settings[CONSTRAINT_KEY] = constraint.as_settings()
        self._conversations.set_settings_of(conversation_id, settings)
