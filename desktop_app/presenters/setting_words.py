"""The words of the settings' schema in the language of the window. The schema itself is English and knows no Qt."""

from __future__ import annotations

import msgspec
from PySide6.QtCore import QCoreApplication

from desktop_app.domain.sampling_lists import SAMPLERS
from desktop_app.settings.schema import Section, Setting, TakesEffect

CONTEXT = "Settings"
"""Under this name translators find the words of all settings."""
WORDS = ("label", "plain_label", "also", "help", "unit", "zero_label")
"""Attributes of a setting that hold words; its `choice_labels` are words, too."""


def translated(setting: Setting) -> Setting:
    """The same setting in the language of the window; keys, choices and bounds are not words and stay."""
    texts = {name: getattr(setting, name) for name in WORDS}
    changes: dict[str, object] = {name: _tr(text) for name, text in texts.items()}
    changes["choice_labels"] = tuple(_tr(label) for label in setting.choice_labels)
    return msgspec.structs.replace(setting, **changes)


def page_name(section: Section) -> str:
    """What the page of these settings is called."""
    return _tr(section.value)


def effect_words(effect: TakesEffect) -> str:
    """When a change is felt: "reloads model"; empty where that is at once."""
    return "" if effect is TakesEffect.NOW else _tr(effect.value)


def sampler_name(name: str) -> str:
    """What a sampler of llama.cpp is called: "Top-k" for "top_k"; an unknown one goes by its name."""
    words = SAMPLERS.get(name, name)
    return _tr(words)


def _tr(text: str) -> str:
    return QCoreApplication.translate("Settings", text) if text else ""
