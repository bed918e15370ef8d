"""The settings as one chat sees them: its own changes, then its preset, then the person's settings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from desktop_app.domain.presets import ChatChoices
from desktop_app.services.model_session import Settings


class ChatSettings:
    """Implements `Settings` for one chat."""

    def __init__(self, settings: Settings, choices: ChatChoices) -> None:
        self._settings = settings
        self._choices = choices

    def get(self, key: str) -> Any:
        """The value in force in this chat."""
        value = self._choices.value(key)
        return self._settings.get(key) if value is None else value

    def person_value(self, key: str) -> Any:
        """The value the chat, its preset or the person decides; None where nobody does."""
        value = self._choices.value(key)
        return self._settings.person_value(key) if value is None else value

    @property
    def context_length(self) -> int | None:
        """The context length this chat asks for, in tokens; None where it takes that of the settings."""
        value = self._choices.value("decoder.context_length")
        return None if value is None else int(value)

    @property
    def used(self) -> Mapping[str, Any]:
        """What is told of the choices with an answer: the preset's name, where there is one."""
        return {"preset": self._choices.preset_name} if self._choices.preset_name else {}
