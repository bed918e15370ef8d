"""Regenerate with another model: which there are, what it costs, and doing it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import QObject, Signal

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.chat_events import ChatEvent
from desktop_app.presenters.chat_answer import AnswerPresenter
from desktop_app.presenters.chat_service import ChatUseCases, OtherModelUseCases, RereadingCost
from desktop_app.presenters.context_meter import seconds_in_words
from desktop_app.presenters.tasks import TaskRunner
from desktop_app.presenters.transcript import TranscriptPresenter


class Choice(Protocol):
    """`services.other_models.ModelChoice`."""

    @property
    def path(self) -> Path: ...
    @property
    def name(self) -> str: ...
    @property
    def source(self) -> str: ...


@dataclass(frozen=True, slots=True)
class ModelQuestion:
    """What is asked before the answer is written again by another model.

    Attributes:
        title: "Write this answer again with Qwen3 4B?"
        detail: what that costs, and what stays changed.
    """

    message_id: int
    choice: Choice
    title: str
    detail: str


class RegeneratePresenter(QObject):
    """Finds other models, words the question, and has the answer written again."""

    found = Signal(int, list)  # message id, list of Choice
    asked = Signal(object)  # ModelQuestion
    failed = Signal(object)  # InkwellError

    def __init__(
        self,
        service: ChatUseCases,
        tasks: TaskRunner,
        transcript: TranscriptPresenter,
        answers: AnswerPresenter,
        others: OtherModelUseCases | None,
        parent: QObject | None = None,
    ) -> None:
        """`others` is None where models cannot be changed."""
        super().__init__(parent)
        self._service = service
        self._tasks = tasks
        self._transcript = transcript
        self._answers = answers
        self._others = others

    @property
    def is_offered(self) -> bool:
        """True where models can be changed now: no answer is under way."""
        return self._others is not None and self._answers.running is None

    def look(self, message_id: int) -> None:
        """Look for other models for an answer; `found` follows."""
        others = self._others
        if others is None or not self.is_offered:
            return
        self._tasks.run(
            others.choices,
            done=lambda choices: self.found.emit(message_id, choices),
            failed=self.failed.emit,
            channel="chat.other_models",
        )

    def ask(self, message_id: int, choice: Choice) -> None:
        """Find out what it costs; `asked` follows."""
        others, conversation_id = self._others, self._transcript.conversation_id
        if others is None or conversation_id is None:
            return

        def work(_cancel: CancelToken) -> RereadingCost:
            return others.cost(conversation_id, choice)

        self._tasks.run(
            work,
            done=lambda cost: self.asked.emit(self._question(message_id, choice, cost)),
            failed=self.failed.emit,
            channel="chat.other_models",
        )

    def _question(self, message_id: int, choice: Choice, cost: RereadingCost) -> ModelQuestion:
        if cost.seconds is not None:
            reading = self.tr("It must read this chat again, about {0}.").format(seconds_in_words(cost.seconds))
        elif cost.tokens:
            reading = self.tr("It must read this chat again, {0} tokens.").format(f"{cost.tokens:,}")
        else:
            reading = self.tr("It must read this chat again.")
        kept = self.tr("It stays the chat model until you choose another one. The old answer stays as another version.")
        title = self.tr("Write this answer again with {0}?").format(choice.name)
        return ModelQuestion(message_id, choice, title, f"{reading} {kept}")

    def confirm(self, question: ModelQuestion, title: str) -> bool:
        """Change the model and write the answer again; false when it cannot be now. `title` is the chat's."""
        others, conversation_id = self._others, self._transcript.conversation_id
        known = self._transcript.index_of(question.message_id) is not None
        if others is None or conversation_id is None or not known or self._answers.running is not None:
            return False

        def work(cancel: CancelToken) -> Iterator[ChatEvent]:
            others.change_to(question.choice, cancel)
            yield from self._service.regenerate(conversation_id, question.message_id, cancel)

        self._answers.begin(work, title)
        return True
