"""The deleted messages of the shown chat: looking at them, bringing them back, removing them for good."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.conversation import DeletedBranchSummary
from desktop_app.domain.errors import InkwellError
from desktop_app.presenters.chat_branches import BranchPresenter
from desktop_app.presenters.chat_service import ChatUseCases
from desktop_app.presenters.tasks import TaskRunner
from desktop_app.presenters.transcript import TranscriptPresenter

_CHANNEL = "chat.deleted"


class DeletedBranchesPresenter(QObject):
    """One list at a time; `restore` belongs to BranchPresenter, which shows what came back."""

    listed = Signal(list)  # of DeletedBranchSummary
    failed = Signal(object)  # InkwellError: the list could not be read, or a branch not be removed

    def __init__(
        self,
        service: ChatUseCases,
        tasks: TaskRunner,
        transcript: TranscriptPresenter,
        branches: BranchPresenter,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._service = service
        self._tasks = tasks
        self._transcript = transcript
        self._branches = branches

    def look(self) -> None:
        """Read what was deleted in the shown chat; `listed` or `failed` follows."""
        conversation_id = self._transcript.conversation_id
        if conversation_id is None:
            self.listed.emit([])
            return

        def work(_cancel: CancelToken) -> list[DeletedBranchSummary]:
            return self._service.branches.deleted(conversation_id)

        self._tasks.run(work, done=self.listed.emit, failed=self._fail, channel=_CHANNEL)

    def restore(self, deleted: DeletedBranchSummary) -> None:
        """Bring a branch back and show it where its chat is."""
        self._branches.restore(deleted.branch)

    def remove(self, deleted: DeletedBranchSummary) -> None:
        """Remove a branch for good, and read the list again."""

        def work(_cancel: CancelToken) -> None:
            self._service.branches.remove(deleted.branch)

        self._tasks.run(work, done=lambda _none: self.look(), failed=self._fail)

    def _fail(self, error: InkwellError) -> None:
        self.failed.emit(error)
