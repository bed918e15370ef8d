"""Other chat models on this computer: which there are, what reading a chat again with one costs, and changing to it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import msgspec

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.chat_events import ContextMeter
from desktop_app.domain.conversation import Role
from desktop_app.domain.errors import InkwellError
from desktop_app.domain.generation import ChatTurn
from desktop_app.domain.model_description import FoundModel, ModelDescription
from desktop_app.services.model_ports import DecoderPort

_SHARE_OF_MEMORY = 0.6
"""Of the free memory, that the file of a model that is offered may take: its context needs memory, too."""

_LARGEST_WHERE_UNKNOWN = 5_000_000_000


class ModelChoice(msgspec.Struct, frozen=True):
    """A chat model that can be changed to. `source` names the program it belongs to; empty for the starter."""

    path: Path
    name: str
    source: str
    size_bytes: int


class RereadingCost(msgspec.Struct, frozen=True):
    """What reading a chat from its beginning costs; `seconds` is None where no speed was measured yet."""

    tokens: int
    seconds: float | None


class DecoderLibrary(Protocol):
    """The part of services/model_library.py that is about changing the decoder."""

    def decoder_path(self) -> Path: ...
    def starter_decoder(self) -> Path | None: ...
    def describe(self, path: Path) -> ModelDescription: ...
    def discover(self, cancel: CancelToken | None = None) -> list[FoundModel]: ...
    def choose_decoder(self, path: Path) -> ModelDescription: ...


class OtherModels:
    """Use cases of "Regenerate with…". All methods block."""

    def __init__(
        self,
        library: DecoderLibrary,
        decoder: DecoderPort,
        load: Callable[[CancelToken], object],
        meter: Callable[[int | None, str], ContextMeter | None],
        available_memory: Callable[[], int] = lambda: 0,
    ) -> None:
        """`load` loads the chosen decoder, `meter` measures a chat with a draft. `available_memory` is in bytes; 0: not
        known.
        """
        self._available_memory = available_memory
        self._library = library
        self._decoder = decoder
        self._load = load
        self._meter = meter

    def choices(self, cancel: CancelToken) -> list[ModelChoice]:
        """The chat models on this computer but the chosen one, the starter first. Raises CancelledError."""
        chosen = self._chosen()
        starter = self._library.starter_decoder()
        found: list[ModelChoice] = []
        if starter is not None and starter != chosen:
            described = self._library.describe(starter)
            found.append(ModelChoice(starter, described.name, "", described.size_bytes))
        found += [
            ModelChoice(model.path, model.name, model.source, model.size_bytes)
            for model in self._library.discover(cancel)
            if model.path not in (chosen, starter)
        ]
        return found

    def better(self, cancel: CancelToken) -> ModelChoice | None:
        """The largest chat model of another program that this computer has room for now; None where there is none, or
        where a model was chosen already. Raises CancelledError.
        """
        chosen, starter = self._chosen(), self._library.starter_decoder()
        if chosen is None or chosen != starter:
            return None
        most = self._available_memory() * _SHARE_OF_MEMORY or _LARGEST_WHERE_UNKNOWN
        own_size = self._library.describe(chosen).size_bytes
        found = [each for each in self.choices(cancel) if each.source and own_size < each.size_bytes <= most]
        for each in sorted(found, key=lambda each: -each.size_bytes):
            cancel.raise_if_cancelled()
            try:
                if self._library.describe(each.path).has_template:  # models of embeddings and base models have none
                    return each
            except InkwellError:
                continue
        return None

    def cost(self, conversation_id: int, choice: ModelChoice) -> RereadingCost:
        """What it costs that `choice` reads the chat. A model's speed of reading falls as its size grows, so the speed
        measured with the loaded one tells that of another.
        """
        meter = self._meter(conversation_id, "")
        if meter is None:
            return RereadingCost(0, None)
        tokens = meter.instructions + meter.conversation
        speed = self._decoder.measure([ChatTurn(Role.USER, "?")]).read_tokens_per_s
        chosen = self._chosen()
        if speed <= 0 or chosen is None:
            return RereadingCost(tokens, None)
        own_size = self._library.describe(chosen).size_bytes
        return RereadingCost(tokens, tokens / speed * choice.size_bytes / max(1, own_size))

    def change_to(self, choice: ModelChoice, cancel: CancelToken) -> None:
        """Make `choice` the chat model and load it; where that fails, the old one stays chosen.

        Raises ModelError and its kin, WorkerError, SettingError, CancelledError.
        """
        before = self._chosen()
        self._library.choose_decoder(choice.path)
        try:
            self._load(cancel)
        except InkwellError:
            if before is not None:
                self._library.choose_decoder(before)
            raise

    def _chosen(self) -> Path | None:
        try:
            return self._library.decoder_path()
        except InkwellError:
            return None  # it is gone; any other one is better
