"""Regenerate with another model or preset: which there are, what it costs, and doing it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import msgspec
from PySide6.QtCore import QObject, Signal

from desktop_app.domain.presets import Preset
from desktop_app.presenters.chat_service import OtherModelUseCases, OtherPresetUseCases
from desktop_app.presenters.context_meter import seconds_in_words

if TYPE_CHECKING:
    from desktop_app.domain.cancellation import CancelToken
    from desktop_app.domain.chat_events import ChatEvent
    from desktop_app.presenters.chat_answer import AnswerPresenter
    from desktop_app.presenters.chat_service import ChatUseCases, RereadingCost
    from desktop_app.presenters.tasks import TaskRunner
    from desktop_app.presenters.transcript import TranscriptPresenter

_CHANNEL = "chat.regenerate_with"


class ModelChoice(Protocol):
    """`services.other_models.ModelChoice`."""

    @property
    def path(self) -> Path: ...
    @property
    def name(self) -> str: ...
    @property
    def source(self) -> str: ...


class RegenerateWith(msgspec.Struct, frozen=True):
    """Where the choices come from; None where none are offered."""

    models: OtherModelUseCases | None = None
    presets: OtherPresetUseCases | None = None


class Choices(msgspec.Struct, frozen=True):
    """What an answer can be written again with."""

    models: list[ModelChoice] = msgspec.field(default_factory=list)
    presets: list[Preset] = msgspec.field(default_factory=list)


class RegenerateQuestion(msgspec.Struct, frozen=True):
    """What is asked before an answer is written again with another model or preset.

    Attributes:
        title: "Write this answer again with Qwen3 4B?"
        detail: what that costs, and what stays changed.
    """

    message_id: int
    choice: ModelChoice | Preset
    title: str
    detail: str


class RegeneratePresenter(QObject):
    """Finds other models and presets, words the question, and has the answer written again."""

    found = Signal(int, object)  # message id, Choices
    asked = Signal(object)  # RegenerateQuestion
    failed = Signal(object)  # InkwellError

    def __init__(
        self,
        service: ChatUseCases,
        tasks: TaskRunner,
        transcript: TranscriptPresenter,
        answers: AnswerPresenter,
        others: RegenerateWith,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._service = service
        self._tasks = tasks
        self._transcript = transcript
        self._answers = answers
        self._others = others

    @property
    def is_offered(self) -> bool:
        """True where models or presets can be chosen now: no answer is under way."""
        return self._others != RegenerateWith() and self._answers.running is None

    @property
    def offers_models(self) -> bool:
        """True where models can be changed at all."""
        return self._others.models is not None

    def look(self, message_id: int) -> None:
        """Look for other models and presets for an answer; `found` follows."""
        others, conversation_id = self._others, self._transcript.conversation_id
        if not self.is_offered or conversation_id is None:
            return

        def work(cancel: CancelToken) -> Choices:
            models = others.models.choices(cancel) if others.models is not None else []
            presets = others.presets.choices(conversation_id) if others.presets is not None else []
            return Choices(models, list(presets))

        self._tasks.run(
            work,
            done=lambda choices: self.found.emit(message_id, choices),
            failed=self.failed.emit,
            channel=_CHANNEL,
        )

    def choose(self, message_id: int, choice: ModelChoice | Preset, title: str) -> None:
        """Find out what it costs: `asked` follows, or the answer is written at once where it costs nothing.

        `title` is the chat's.
        """
        others, conversation_id = self._others, self._transcript.conversation_id
        if conversation_id is None:
            return

        def work(_cancel: CancelToken) -> RereadingCost | None:
            if isinstance(choice, Preset):
                return others.presets.cost(conversation_id, choice) if others.presets is not None else None
            return others.models.cost(conversation_id, choice) if others.models is not None else None

        def done(cost: RereadingCost | None) -> None:
            if cost is None:
                self.confirm(RegenerateQuestion(message_id, choice, "", ""), title)
            else:
                self.asked.emit(self._question(message_id, choice, cost))

        self._tasks.run(work, done=done, failed=self.failed.emit, channel=_CHANNEL)

    def _question(self, message_id: int, choice: ModelChoice | Preset, cost: RereadingCost) -> RegenerateQuestion:
        is_preset = isinstance(choice, Preset)
        who = self.tr("The model") if is_preset else self.tr("It")
        if cost.seconds is not None:
            reading = self.tr("{0} must read this chat again, about {1}.").format(who, seconds_in_words(cost.seconds))
        elif cost.tokens:
            reading = self.tr("{0} must read this chat again, {1} tokens.").format(who, f"{cost.tokens:,}")
        else:
            reading = self.tr("{0} must read this chat again.").format(who)
        stays = (
            self.tr("The preset is for this answer only: your next message goes on with the chat’s own.")
            if is_preset
            else self.tr("It stays the chat model until you choose another one.")
        )
        kept = self.tr("The old answer stays as another version.")
        name = f"“{choice.name}”" if is_preset else choice.name
        title = self.tr("Write this answer again with {0}?").format(name)
        return RegenerateQuestion(message_id, choice, title, f"{reading} {stays} {kept}")

    def confirm(self, question: RegenerateQuestion, title: str) -> bool:
        """Write the answer again as was asked; false when it cannot be now. `title` is the chat's."""
        models, conversation_id = self._others.models, self._transcript.conversation_id
        choice, message_id = question.choice, question.message_id
        known = self._transcript.index_of(message_id) is not None
        if conversation_id is None or not known or self._answers.running is not None:
            return False

        def work(cancel: CancelToken) -> Iterator[ChatEvent]:
            if isinstance(choice, Preset):
                yield from self._service.regenerate(conversation_id, message_id, cancel, choice)
            elif models is not None:
                models.change_to(choice, cancel)
                yield from self._service.regenerate(conversation_id, message_id, cancel)

        self._answers.begin(work, title, again=lambda: self._confirm_again(question, title))
        return True

    def _confirm_again(self, question: RegenerateQuestion, title: str) -> None:
        self.confirm(question, title)
