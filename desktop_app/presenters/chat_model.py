"""The chat model as its screen shows it: its name, where its process stands, what is wrong with it, and starting it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from desktop_app.domain.built_in_templates import BuiltInTemplate
from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.errors import InkwellError
from desktop_app.domain.generation import WorkerPhase, WorkerStatus
from desktop_app.presenters.chat_service import ChatModel, ModelChoice
from desktop_app.presenters.tasks import TaskRunner

MODEL_THERE = (WorkerPhase.READY, WorkerPhase.BUSY)


class ChatModelPresenter(QObject):
    """Follows the decoder's process and loads the chosen model in the background."""

    changed = Signal()
    became_ready = Signal()
    failed = Signal(object)  # InkwellError: its name could not be read
    template_used = Signal()

    _status_arrived = Signal(object)

    def __init__(self, model: ChatModel, tasks: TaskRunner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._tasks = tasks
        self._error: InkwellError | None = None
        self._pill = ""
        self._starting = False
        self._closed = False
        self._status = WorkerStatus(WorkerPhase.OFF)
        self._status_arrived.connect(self._take_status)
        self._unsubscribe: Callable[[], None] | None = None
        self._better: ModelChoice | None = None
        self._looked_for_better = False

    def close(self) -> None:
        """Let go of the decoder (the task runner is about to close)."""
        self._closed = True
        if self._unsubscribe is not None:
            self._unsubscribe()

    @property
    def pill(self) -> str:
        """The model's short name; empty until its file was looked at."""
        return self._pill

    @property
    def is_starter(self) -> bool:
        """True while the weak starter model is the chosen one."""
        return self._model.is_starter()

    @property
    def better(self) -> ModelChoice | None:
        """A larger chat model that another program keeps on this computer, while the starter is the chosen one."""
        return self._better if self.is_starter else None

    @property
    def better_words(self) -> str:
        """What is said of it; empty where there is none."""
        choice = self.better
        if choice is None:
            return ""
        words = self.tr("Found on this computer: {0}, {1} GB, of {2}. It stays where it is.")
        return words.format(choice.name, f"{choice.size_bytes / 1e9:.1f}", choice.source)

    def use_better(self) -> None:
        """Choose that model and load it; where that fails, the starter stays."""
        others, choice = self._model.others, self.better
        if others is None or choice is None or self._starting:
            return
        self._starting = True
        self._error = None
        self.changed.emit()

        def failed(error: InkwellError) -> None:
            self._better = None
            self._starting = False
            self.changed.emit()
            self.failed.emit(error)

        def done(_none: None) -> None:
            self._read_pill()
            self._started(None)

        self._tasks.run(
            lambda cancel: others.change_to(choice, cancel),
            done=done,
            failed=failed,
            cancelled=self._load_left,
            channel="chat.better",
        )

    def _look_for_better(self) -> None:
        """Once, when the starter is loaded: the disk is not looked through while it still loads."""
        others = self._model.others
        if self._looked_for_better or others is None or not self.is_starter:
            return
        self._looked_for_better = True

        def done(choice: ModelChoice | None) -> None:
            self._better = choice
            if choice is not None:
                self.changed.emit()

        # What goes wrong with files of other programs is no matter of this screen.
        self._tasks.run(others.better, done=done, failed=lambda _error: None, channel="chat.better")

    @property
    def status(self) -> WorkerStatus:
        """Where the decoder's process stands."""
        return self._status

    @property
    def is_there(self) -> bool:
        """True while it can answer at once."""
        return self._status.phase in MODEL_THERE

    @property
    def is_base_model(self) -> bool:
        """True while a model is loaded that goes on with texts and cannot chat."""
        loaded = self._model.decoder.loaded if self.is_there else None
        return loaded is not None and not loaded.has_chat_template

    @property
    def error(self) -> InkwellError | None:
        """Why the model is not there; None while it is, or is on its way."""
        if self._error is not None:
            return self._error
        if self._status.phase in (WorkerPhase.CRASHED, WorkerPhase.QUARANTINED) and not self._starting:
            error = self._status.error
            return error if isinstance(error, InkwellError) else self._stopped()
        return None

    @property
    def is_loading(self) -> bool:
        """True while the model starts or loads."""
        return self._starting or self._status.phase in (
            WorkerPhase.STARTING,
            WorkerPhase.LOADING,
            WorkerPhase.RESTARTING,
        )

    def _stopped(self) -> InkwellError:
        return InkwellError(
            self.tr("The chat model stopped."),
            self.tr("Its process ended, and did not say why."),
            self.tr("Load it again, or choose another one on the Models screen."),
        )

    def forgive(self) -> None:
        """Lift the model's quarantine."""
        self._model.decoder.forgive()

    def use_template(self, template: BuiltInTemplate) -> None:
        """Load the model with a built-in template in place of its file's own; `template_used` follows."""
        self._starting = True
        self._error = None
        self.changed.emit()

        def work(cancel: CancelToken) -> None:
            self._model.choose_template(template)
            self._model.ensure_loaded(cancel)

        def done(result: None) -> None:
            self._started(result)
            self.template_used.emit()

        def failed(error: InkwellError) -> None:
            self._load_failed(error)
            self.failed.emit(error)

        self._tasks.run(work, done=done, failed=failed, cancelled=self._load_left, channel="chat.template")

    def expect(self) -> None:
        """Say that the model starts; `start_expected` follows, since its thread would hold up the first picture."""
        self._starting = True
        self.changed.emit()

    def start_expected(self) -> None:
        """Load the chosen model in the background; said before or not."""
        self._starting = True
        self._load()

    def start(self, *, forgive: bool = False) -> None:
        """Load the chosen model in the background; `forgive` lifts its quarantine first."""
        if self._starting:
            return
        self._starting = True
        self._error = None
        self.changed.emit()
        self._load(forgive=forgive)

    def watch(self) -> None:
        """Follow the process from now on, as `start` and `start_expected` do: not before the first picture."""
        if self._unsubscribe is None:
            self._unsubscribe = self._model.decoder.subscribe(self._status_arrived.emit)
            self._take_status(self._model.decoder.status)

    def _load(self, *, forgive: bool = False) -> None:
        if self._closed:
            return
        self.watch()
        self._read_pill()

        def work(cancel: CancelToken) -> None:
            if forgive:
                self._model.decoder.forgive()
            self._model.ensure_loaded(cancel)

        self._tasks.run(
            work, done=self._started, failed=self._load_failed, cancelled=self._load_left, channel="chat.model"
        )

    def _started(self, _result: None) -> None:
        self._starting = False
        self.changed.emit()
        self.became_ready.emit()
        self._look_for_better()

    def _load_failed(self, error: InkwellError) -> None:
        self._starting = False
        self._error = error
        self.changed.emit()

    def _load_left(self) -> None:
        """The model was unloaded while it loaded ("Load the chat model again"): whoever did that loads it."""
        self._starting = False
        self.changed.emit()

    def _read_pill(self) -> None:
        def work(_cancel: CancelToken) -> str:
            return self._model.pill()

        def done(pill: str) -> None:
            if pill != self._pill:
                self._pill = pill
                self.changed.emit()

        self._tasks.run(work, done=done, failed=self.failed.emit, channel="chat.pill")

    def _take_status(self, status: WorkerStatus) -> None:
        became_ready = status.phase is WorkerPhase.READY and not self.is_there
        self._status = status
        if status.phase in MODEL_THERE:
            self._error = None
        self.changed.emit()
        if became_ready and not self._closed:
            self._read_pill()
            self.became_ready.emit()
