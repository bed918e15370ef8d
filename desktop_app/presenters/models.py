"""The Models screen without its widgets: two cards, adding, verifying, what other programs keep, what to get."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec
from msgspec.structs import replace
from PySide6.QtCore import QObject, Signal

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.errors import InkwellError, ModelDamagedError
from desktop_app.domain.generation import WorkerPhase, WorkerStatus
from desktop_app.domain.memory_estimate import MemoryEstimate
from desktop_app.domain.model_description import CatalogueEntry, FoundModel, HashState, ModelDescription, ModelKind
from desktop_app.presenters.tasks import TaskRunner
from desktop_app.services.model_library import ModelLibrary
from desktop_app.services.model_ports import DecoderPort, EncoderPort
from desktop_app.settings.schema import DECODER_KEY, ENCODER_KEY
from desktop_app.settings.values import SettingsFile

_PROGRESS_STEPS = 100


class ModelCard(msgspec.Struct, frozen=True):
    """One card.

    Attributes:
        description: the model the settings ask for; None while it is read, or when it cannot be.
        error: why it cannot be.
        memory: what it needs and what there is.
        context_length: tokens it is loaded with (decoder).
        hash_progress: share hashed while its hash is compared, None otherwise.
        status: where its process stands.
        quarantined: it crashed three times and is not started again unless asked to.
    """

    kind: ModelKind
    description: ModelDescription | None = None
    error: InkwellError | None = None
    memory: MemoryEstimate | None = None
    context_length: int = 0
    hash_progress: float | None = None
    status: WorkerStatus = WorkerStatus(WorkerPhase.OFF)

    @property
    def quarantined(self) -> bool:
        """True while the process is not started again unless asked to."""
        return self.status.phase is WorkerPhase.QUARANTINED

    @property
    def loading(self) -> bool:
        """True until the first reading ended."""
        return self.description is None and self.error is None


class Loaders(msgspec.Struct, frozen=True):
    """How to load the models the settings ask for (services/model_session.py). Both block and raise InkwellErrors."""

    decoder: Callable[[CancelToken], object]
    encoder: Callable[[CancelToken], object]


class ModelsPresenter(QObject):
    """Keeps both cards up to date from settings, files and processes."""

    card_changed = Signal(str)
    """ModelKind's value."""
    found_changed = Signal()
    refused = Signal(object)
    """InkwellError: a chosen file or folder was refused; the old model stays."""
    chosen = Signal(str, str)
    """Name of the model that was taken, and ModelKind's value."""
    _status_came = Signal(str, object)
    _hash_came = Signal(str, float)
    _setting_came = Signal(str)

    def __init__(
        self,
        library: ModelLibrary,
        settings: SettingsFile,
        decoder: DecoderPort,
        encoder: EncoderPort,
        loaders: Loaders,
        tasks: TaskRunner,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._library, self._settings, self._tasks = library, settings, tasks
        self._decoder, self._encoder, self._loaders = decoder, encoder, loaders
        self._cards = {
            ModelKind.DECODER: ModelCard(ModelKind.DECODER, status=decoder.status),
            ModelKind.ENCODER: ModelCard(ModelKind.ENCODER, status=encoder.status),
        }
        self._found: list[FoundModel] | None = None
        self._status_came.connect(self._take_status)
        self._hash_came.connect(self._take_hash_progress)
        self._setting_came.connect(self._setting_changed)
        # The engines and the settings call in their own threads; signals bring it here.
        self._unsubscribe = [
            decoder.subscribe(lambda status: self._status_came.emit(ModelKind.DECODER.value, status)),
            encoder.subscribe(lambda status: self._status_came.emit(ModelKind.ENCODER.value, status)),
            settings.subscribe(self._setting_came.emit),
        ]

    # What is shown ------------------------------------------------------------------------------

    def card(self, kind: ModelKind) -> ModelCard:
        """The card as it is now."""
        return self._cards[kind]

    @property
    def found(self) -> list[FoundModel] | None:
        """Models of other programs on this disk; None until they were looked for."""
        return self._found

    @property
    def better(self) -> list[CatalogueEntry]:
        """The catalogue of better decoders."""
        return self._library.better_models()

    def is_starter(self, kind: ModelKind) -> bool:
        """True while the settings ask for the model that came with Inkwell."""
        return not self._settings.text(_key(kind))

    # Reading ------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Read both models again and look for others."""
        for kind in ModelKind:
            self._read(kind)
        self._tasks.run(self._library.discover, done=self._take_found, channel="models.found")

    def verify(self, kind: ModelKind, *, again: bool = True) -> None:
        """Compare the file with its known hash, in a task with progress."""
        description = self._cards[kind].description
        if description is None or description.expected_sha256 is None:
            return
        last = -1

        def progress(done: int, total: int) -> None:
            nonlocal last
            step = done * _PROGRESS_STEPS // max(1, total)
            if step != last:
                last = step
                self._hash_came.emit(kind.value, done / max(1, total))

        def work(cancel: CancelToken) -> HashState:
            return self._library.verify_hash(description.path, progress, cancel, again=again)

        self._change(kind, hash_progress=0.0)
        self._tasks.run(
            work,
            done=lambda state: self._take_hash(kind, description.path, state, None),
            failed=lambda error: self._take_hash(kind, description.path, _state_after(error), error),
            cancelled=lambda: self._change(kind, hash_progress=None),
            channel=f"models.hash.{kind.value}",
        )

    def _read(self, kind: ModelKind) -> None:
        self._tasks.run(
            lambda _cancel: self._read_card(kind),
            done=lambda read: self._take_card(kind, read),
            failed=lambda error: self._change(kind, description=None, memory=None, error=error),
            channel=f"models.read.{kind.value}",
        )

    def _read_card(self, kind: ModelKind) -> tuple[ModelDescription, MemoryEstimate, int]:
        if kind is ModelKind.DECODER:
            path = self._library.decoder_path()
            context = self._library.context_in_force(path)
            held = self._decoder.status.resident_bytes
            return self._library.describe(path), self._library.memory_need(path, context, held=held), context
        path = self._library.encoder_path()
        held = self._encoder.status.resident_bytes
        return self._library.describe(path), self._library.memory_need(path, held=held), 0

    def _take_card(self, kind: ModelKind, read: tuple[ModelDescription, MemoryEstimate, int]) -> None:
        description, memory, context = read
        before = self._cards[kind].description
        if before is not None and before.path != description.path:
            self._tasks.drop_channel(f"models.hash.{kind.value}")  # what is compared is the file before
            self._change(kind, hash_progress=None)
        self._change(kind, description=description, memory=memory, context_length=context, error=None)
        if description.hash_state is HashState.UNCHECKED and self._cards[kind].hash_progress is None:
            self.verify(kind, again=False)

    def _take_found(self, found: list[FoundModel]) -> None:
        self._found = found
        self.found_changed.emit()

    # Choosing -----------------------------------------------------------------------------------

    def add(self, path: Path) -> None:
        """Take a GGUF file as the chat model, or a folder as the search model, by reference. The newest choice of each
        counts, however long an earlier one takes to be read.
        """

        def work(cancel: CancelToken) -> ModelDescription:
            choose = self._library.choose_encoder if path.is_dir() else self._library.choose_decoder
            return choose(path, cancel)

        kind = ModelKind.DECODER if path.suffix.lower() == ".gguf" else ModelKind.ENCODER
        self._tasks.run(work, done=self._taken, failed=self.refused.emit, channel=f"models.choose.{kind.value}")

    def use_starter(self, kind: ModelKind) -> None:
        """Go back to the model that came with Inkwell."""
        self._tasks.run(
            lambda _cancel: self._settings.reset(_key(kind)),
            done=lambda _none: self.load(kind),
            failed=self.refused.emit,
            channel=f"models.choose.{kind.value}",
        )

    def load(self, kind: ModelKind) -> None:
        """Load the model the settings ask for. What goes wrong shows as the process's status."""
        loader = self._loaders.decoder if kind is ModelKind.DECODER else self._loaders.encoder
        self._tasks.run(
            loader,
            done=lambda _loaded: self._read(kind),
            failed=lambda error: self._change(kind, error=error),
            channel=f"models.load.{kind.value}",
        )

    def try_again(self, kind: ModelKind) -> None:
        """Lift the quarantine (or forget the error) and load again."""
        (self._decoder if kind is ModelKind.DECODER else self._encoder).forgive()
        self._change(kind, error=None)
        self._read(kind)
        self.load(kind)

    def use_own_template(self) -> None:
        """Load the chat model with its file's own template again, in place of the built-in one."""
        description = self._cards[ModelKind.DECODER].description
        if description is None or description.built_in_template is None:
            return
        path = description.path

        def work(_cancel: CancelToken) -> None:
            self._library.choose_template(path, None)

        def done(_none: None) -> None:
            self._read(ModelKind.DECODER)
            if self._cards[ModelKind.DECODER].status.phase in (WorkerPhase.READY, WorkerPhase.BUSY):
                self.load(ModelKind.DECODER)

        self._tasks.run(work, done=done, failed=self.refused.emit, channel="models.template")

    def close(self) -> None:
        """Stop listening (program exit)."""
        for unsubscribe in self._unsubscribe:
            unsubscribe()

    def _taken(self, description: ModelDescription) -> None:
        self.chosen.emit(description.name, description.kind.value)
        self._tasks.run(self._library.discover, done=self._take_found, channel="models.found")
        self.load(description.kind)

    # What comes from elsewhere ------------------------------------------------------------------

    def _take_status(self, kind: str, status: WorkerStatus) -> None:
        self._change(ModelKind(kind), status=status)

    def _take_hash_progress(self, kind: str, fraction: float) -> None:
        if self._cards[ModelKind(kind)].hash_progress is not None:
            self._change(ModelKind(kind), hash_progress=fraction)

    def _take_hash(self, kind: ModelKind, path: Path, state: HashState, error: InkwellError | None) -> None:
        description = self._cards[kind].description
        if description is not None:
            if description.path != path:
                return
            description = replace(description, hash_state=state)
        self._change(kind, description=description, hash_progress=None, error=error or self._cards[kind].error)

    def _setting_changed(self, key: str) -> None:
        if key in (DECODER_KEY, "decoder.context_length", "decoder.batch_size"):
            self._read(ModelKind.DECODER)
        elif key == ENCODER_KEY:
            self._read(ModelKind.ENCODER)

    def _change(self, kind: ModelKind, **changes: object) -> None:
        self._cards[kind] = replace(self._cards[kind], **changes)
        self.card_changed.emit(kind.value)


def _state_after(error: InkwellError) -> HashState:
    """What a comparison that failed says of the file: one that could not be read is not known to be damaged."""
    return HashState.WRONG if isinstance(error, ModelDamagedError) else HashState.UNCHECKED


def _key(kind: ModelKind) -> str:
    return DECODER_KEY if kind is ModelKind.DECODER else ENCODER_KEY
