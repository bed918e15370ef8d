"""Other presets for one answer: which there are, and what reading the chat again with one costs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from desktop_app.domain.chat_events import ContextMeter
from desktop_app.domain.conversation import Role
from desktop_app.domain.generation import ChatTurn
from desktop_app.domain.presets import INSTRUCTIONS_KEY, ChatChoices, Preset
from desktop_app.services.chat_settings import ChatSettings
from desktop_app.services.model_ports import DecoderPort
from desktop_app.services.other_models import RereadingCost


class Presets(Protocol):
    """The part of services/presets.py that is about choosing one."""

    def all(self) -> list[Preset]: ...
    def choices(self, conversation_id: int) -> ChatChoices: ...


class Window(Protocol):
    """The part of services/context_window.py that says what a chat reads."""

    def settings_of(self, conversation_id: int | None) -> ChatSettings: ...
    def for_one_answer(self, preset: Preset | None) -> Window: ...
    def meter(self, conversation_id: int | None, text: str) -> ContextMeter | None: ...


class OtherPresets:
    """Use cases of "Regenerate with…" about presets. All methods block."""

    def __init__(
        self, presets: Presets, window: Window, decoder: DecoderPort, context_in_force: Callable[[int | None], int]
    ) -> None:
        """`context_in_force(asked)` is the context length, in tokens, that a chat which asks for `asked` gets."""
        self._presets = presets
        self._window = window
        self._decoder = decoder
        self._context_in_force = context_in_force

    def choices(self, conversation_id: int) -> Sequence[Preset]:
        """All presets but the one that the chat follows unchanged, a person's own first. Raises NotFoundError."""
        chosen = self._presets.choices(conversation_id)
        followed = "" if list(chosen.changed()) else chosen.preset_ref
        return [preset for preset in self._presets.all() if preset.ref != followed]

    def cost(self, conversation_id: int, preset: Preset) -> RereadingCost | None:
        """What it costs that the chat is read with `preset`; None where what is read begins as before.

        Raises NotFoundError, ModelError and its kin.
        """
        window = self._window.for_one_answer(preset)
        before, after = self._window.settings_of(conversation_id), window.settings_of(conversation_id)
        same_instructions = before.get(INSTRUCTIONS_KEY).strip() == after.get(INSTRUCTIONS_KEY).strip()
        lengths = (self._context_in_force(each.context_length) for each in (before, after))
        if same_instructions and len(set(lengths)) == 1:
            return None
        meter = window.meter(conversation_id, "")
        if meter is None:
            return RereadingCost(0, None)
        speed = self._decoder.measure([ChatTurn(Role.USER, "?")]).read_tokens_per_s
        return RereadingCost(meter.prompt_tokens, meter.prompt_tokens / speed if speed > 0 else None)
