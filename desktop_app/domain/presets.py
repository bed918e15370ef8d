"""Presets: instructions, sampling, context and answer length under one name, and what a chat changes of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

INSTRUCTIONS_KEY = "decoder.system_prompt"
PRESET, PRESET_NAME = "preset", "preset_name"
"""Keys of a chat's settings: the ref of the preset it follows, and what that was called."""
OWN_VALUES = "own"
"""Key of a chat's settings under which the values stand that it changes beyond its preset."""
OWN_PREFIX = "own:"
"""What the refs of a person's own presets begin with."""

_DECODER_KEYS = (INSTRUCTIONS_KEY, "decoder.context_length", "decoder.max_answer_tokens")
_SAMPLING = "sampling."


def belongs_in_preset(key: str) -> bool:
    """Whether a setting may be part of a preset, and be different in one chat."""
    return key in _DECODER_KEYS or key.startswith(_SAMPLING)


class Preset(msgspec.Struct, frozen=True):
    """Values under a name.

    Attributes:
        ref: "builtin:NAME" for one that comes along, "own:ID" for a person's.
        name: what it is called on the screen and on the command line.
        description: what it is good for, in a sentence; may be empty.
        values: settings by key; only those that the preset decides.
    """

    ref: str
    name: str
    description: str = ""
    values: Mapping[str, Any] = msgspec.field(default_factory=dict)

    def chosen(self) -> ChatChoices:
        """What a chat decides that follows this preset and changes nothing of it."""
        return ChatChoices(self.ref, self.name, dict(self.values))

    @property
    def is_builtin(self) -> bool:
        """True for one that comes along: it can be copied, not changed."""
        return self.ref.startswith("builtin:")

    @property
    def instructions(self) -> str:
        """The system prompt, empty where the preset leaves it alone."""
        return str(self.values.get(INSTRUCTIONS_KEY) or "")


class ChatChoices(msgspec.Struct, frozen=True):
    """What one chat decides for itself.

    Attributes:
        preset_ref: the preset it follows; empty where it follows none.
        preset_values: the preset's values as they were taken over. A chat keeps them when the preset changes or goes.
        preset_name: what the preset was called then.
        own: values the chat changes beyond that, by settings key.
        once: values given for one answer, above all others; None leaves one to the person's settings. Never kept.
    """

    preset_ref: str = ""
    preset_name: str = ""
    preset_values: Mapping[str, Any] = msgspec.field(default_factory=dict)
    own: Mapping[str, Any] = msgspec.field(default_factory=dict)
    once: Mapping[str, Any] = msgspec.field(default_factory=dict)

    def value(self, key: str) -> Any:
        """The chat's value of that setting; None where it leaves it to the person's settings."""
        if key in self.once:
            return self.once[key]
        value = self.own.get(key)
        return self.preset_values.get(key) if value is None else value

    def changed(self) -> Iterator[str]:
        """Keys where the chat differs from its preset, in a fixed order."""
        return (key for key in sorted(self.own) if self.own[key] != self.preset_values.get(key))
