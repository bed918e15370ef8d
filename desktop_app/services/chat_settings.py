"""The settings as one chat sees them: its own changes, then its preset, then the person's settings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from desktop_app.domain.errors import PresetError, SettingError
from desktop_app.domain.presets import OWN_VALUES, PRESET, PRESET_NAME, ChatChoices, Preset, belongs_in_preset
from desktop_app.settings.schema import setting_for
from desktop_app.settings.validation import check_value

if TYPE_CHECKING:
    from desktop_app.domain.conversation import Message
    from desktop_app.services.model_session import Settings

TAKEN = "preset_values"
"""Key of a chat's stored settings: the values taken over from its preset."""


_ONE_ANSWER = "one_answer_values"
"""Key of an answer's `settings_used`: the values of the preset that decided for it alone."""


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


def kept_of(preset: Preset) -> dict[str, Any]:
    """What an answer keeps of a preset that decides for it alone, for `preset_of`."""
    return {_ONE_ANSWER: dict(preset.values)}


def preset_of(answer: Message) -> Preset | None:
    """The preset that decided for this answer alone; None where its chat did. What no longer fits is left out."""
    if _ONE_ANSWER not in answer.settings_used:
        return None
    return Preset("", str(answer.settings_used.get("preset") or ""), "", _known(answer.settings_used[_ONE_ANSWER]))


def choices_from(settings: Mapping[str, Any]) -> ChatChoices:
    """The chat's choices out of its stored settings; what no longer fits a setting is left out."""
    return ChatChoices(
        str(settings.get(PRESET) or ""),
        str(settings.get(PRESET_NAME) or ""),
        _known(settings.get(TAKEN)),
        _known(settings.get(OWN_VALUES)),
    )


def checked_values(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values as the settings keep them. Raises PresetError for one that does not fit or does not belong here."""
    checked: dict[str, Any] = {}
    for key, value in values.items():
        if not belongs_in_preset(key):
            raise PresetError(f"A preset cannot decide “{key}”.", "It belongs to the whole program.", "Take it out.")
        try:
            checked[key] = check_value(setting_for(key), value)
        except SettingError as error:
            raise PresetError(error.what, error.why, error.todo) from error
    return {key: value for key, value in checked.items() if value is not None}


def _known(values: object) -> dict[str, Any]:
    """Those that still fit: a chat of an older or newer program stays usable."""
    kept: dict[str, Any] = {}
    for key, value in values.items() if isinstance(values, dict) else ():
        try:
            kept.update(checked_values({str(key): value}))
        except PresetError:
            continue
    return kept
