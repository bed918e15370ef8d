"""What the token view shows of one answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from desktop_app.domain.errors import InkwellError
from desktop_app.presenters.tasks import TaskRunner

if TYPE_CHECKING:
    from desktop_app.domain.token_alternatives import TokenPlace
    from desktop_app.presenters.chat_service import TokenUseCases

_CHANNEL = "chat.tokens"


class TokenViewPresenter(QObject):
    """Reads the tokens of an answer; a newer wish makes an older one void."""

    loaded = Signal(int, object)
    """(message id, list of TokenPlace)"""
    failed = Signal(int, object)
    """(message id, InkwellError)"""
    allowed = Signal(int, int, int)
    """(message id, position, token id): another answer may go on with this token"""
    refused = Signal(int, object)
    """(message id, InkwellError): it may not"""

    def __init__(self, tokens: TokenUseCases, tasks: TaskRunner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._tokens = tokens
        self._tasks = tasks

    def load(self, message_id: int) -> None:
        """Read them; `loaded` or `failed` follows."""

        def done(places: list[TokenPlace]) -> None:
            self.loaded.emit(message_id, places)

        def failed(error: InkwellError) -> None:
            self.failed.emit(message_id, error)

        self._tasks.run(
            lambda cancel: self._tokens.places(message_id, cancel), done=done, failed=failed, channel=_CHANNEL
        )

    def check(self, message_id: int, position: int, token_id: int) -> None:
        """Find out whether another answer may go on with `token_id` at `position`; `allowed` or `refused` follows."""

        def done(_none: None) -> None:
            self.allowed.emit(message_id, position, token_id)

        def failed(error: InkwellError) -> None:
            self.refused.emit(message_id, error)

        self._tasks.run(
            lambda cancel: self._tokens.check(message_id, position, token_id, cancel),
            done=done,
            failed=failed,
            channel=_CHANNEL,
        )
