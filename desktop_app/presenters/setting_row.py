"""What one row of the settings form shows: value, bounds, where the value comes from, and what it returns to."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from enum import StrEnum

import msgspec
from PySide6.QtCore import QCoreApplication

from desktop_app.domain.memory_estimate import MemoryEstimate, MemoryVerdict
from desktop_app.domain.sampling import DEFAULT_ORDER, SAMPLING_NAMES, SamplingValue, ValueSource, resolve_sampling
from desktop_app.presenters.setting_words import effect_words, translated
from desktop_app.settings.schema import Setting, SettingType, Value

CONTEXT_KEY = "decoder.context_length"
SPELLING_KEYS = ("notes.spelling", "notes.spelling_languages")
_TOKENS_PER_PAGE = 670  # 500 English words at about 0.75 words a token


class Tone(StrEnum):
    """How a remark is coloured."""

    MUTED = "muted"
    OK = "ok"
    WARNING = "warning"


class ModelFacts(msgspec.Struct, frozen=True):
    """What the form needs to know of the chat model; empty until it was read."""

    trained_context: int = 0
    default_context: int = 0
    file_sampling: Mapping[str, SamplingValue] = msgspec.field(default_factory=dict)
    catalogue_sampling: Mapping[str, SamplingValue] = msgspec.field(default_factory=dict)


class SpellingFacts(msgspec.Struct, frozen=True):
    """The languages whose dictionaries are on this computer, and those of them that are checked."""

    available: tuple[str, ...] = ()
    checked: tuple[str, ...] = ()


class SettingRow(msgspec.Struct, frozen=True):
    """One row.

    Attributes:
        setting: with its words in the language of the window.
        value: what is in force; None for an optional value that is drawn anew (the seed).
        minimum, maximum: bounds of a number now; the trained context bounds the context length.
        help: the setting's sentence, with what is known of the model added.
        changed: the person set it.
        source: who decides the value in force: "yours", "model", "catalogue", "default".
        remark: the right column while unchanged: "default", "from the model".
        reset_text: "↺ 0.80 (model)" while changed, else empty.
        reset_words: the same for screen readers.
        effect: "reloads model", "after a restart", or empty.
        memory: "needs 0.19 of 23 GB" for the context length, else empty.
        memory_tone: its colour.
        locked_by: the environment's variable that decides it, else empty; the editor is then disabled.
    """

    setting: Setting
    value: Value
    minimum: float | None
    maximum: float | None
    help: str
    changed: bool
    source: str
    remark: str
    reset_text: str
    reset_words: str
    effect: str
    memory: str = ""
    memory_tone: Tone = Tone.MUTED
    locked_by: str = ""


def build_row(
    setting: Setting,
    person_value: Value,
    facts: ModelFacts,
    *,
    memory: MemoryEstimate | None = None,
    locked_by: str = "",
    spelling: SpellingFacts | None = None,
) -> SettingRow:
    """The row of a setting the person set to `person_value` (None: not set), with the model that `facts` tells of.

    `spelling`: the languages that can be checked, None where that is not known yet.
    """
    setting = translated(setting)
    returns_to, source = _returns_to(setting, facts)
    no_dictionary = setting.key == SPELLING_KEYS[0] and spelling is not None and not spelling.available
    if no_dictionary:
        returns_to = "off"
    changed = person_value is not None and not setting.read_only
    value = returns_to if person_value is None else person_value
    maximum = setting.maximum
    if setting.key == CONTEXT_KEY and facts.trained_context:
        maximum = min(maximum or facts.trained_context, max(facts.trained_context, int(setting.minimum or 0)))
        value = min(int(value or 0), int(maximum))
    if setting.name == "threads" and maximum is not None:
        maximum = max(min(maximum, os.cpu_count() or 1), value if isinstance(value, int) else 0)
    shown = display_value(setting, returns_to)
    unchanged = _tr("no dictionary found") if no_dictionary else _unchanged(source)
    return SettingRow(
        setting=setting,
        value=value,
        minimum=setting.minimum,
        maximum=maximum,
        help=_help(setting, value, facts)
        if spelling is None or setting.key not in SPELLING_KEYS
        else _spelling_help(setting, spelling),
        changed=changed,
        source=_source(ValueSource.PERSON if changed else source),
        remark=_locked_words(locked_by) if locked_by else "" if setting.read_only else unchanged,
        reset_text=f"↺ {shown} ({_source(source)})" if changed and not locked_by else "",
        reset_words=_reset_words(setting, shown, source) if changed and not locked_by else "",
        effect="" if setting.read_only else effect_words(setting.takes_effect),
        memory=_memory_text(memory) if memory else "",
        memory_tone=_memory_tone(memory),
        locked_by=locked_by,
    )


def display_value(setting: Setting, value: Value) -> str:
    """A value in a few characters, as the reset link names it."""
    if value is None:
        return _tr("new each time") if setting.name == "seed" else _tr("unset")
    if value == "":
        return _tr("starter") if setting.key in ("decoder.model_file", "encoder.model_folder") else _tr("empty")
    if value == DEFAULT_ORDER and setting.type is SettingType.SAMPLER_ORDER:
        return _tr("llama.cpp's")
    if isinstance(value, float):
        return f"{value:,.{max(setting.decimals, 0)}f}"
    if isinstance(value, int):
        return setting.zero_label if setting.zero_label and value == setting.minimum else f"{value:,}"
    for choice, label in zip(setting.choices, setting.choice_labels, strict=False):
        if value == choice:
            return label
    return value if len(value) <= 24 else value[:23] + "…"


def gigabytes(size: int) -> str:
    """Bytes as decimal gigabytes in three digits: "0.19", "2.5", "23"."""
    value = size / 1e9
    return f"{value:.2f}" if value < 1 else f"{value:.1f}" if value < 10 else f"{value:.0f}"


def _source(source: ValueSource) -> str:
    words = {
        ValueSource.PERSON: _tr("yours"),
        ValueSource.MODEL_FILE: _tr("model"),
        ValueSource.CATALOGUE: _tr("catalogue"),
        ValueSource.DEFAULT: _tr("default"),
    }
    return words[source]


def _unchanged(source: ValueSource) -> str:
    words = {
        ValueSource.MODEL_FILE: _tr("from the model"),
        ValueSource.CATALOGUE: _tr("from the catalogue"),
        ValueSource.DEFAULT: _tr("default"),
    }
    return words[source]


def _locked_words(variable: str) -> str:
    return _tr("set by {name}").replace("{name}", variable)


def _reset_words(setting: Setting, shown: str, source: ValueSource) -> str:
    words = _tr("Reset {name} to {value}, {source}").replace("{source}", _source(source))
    return words.replace("{name}", setting.label).replace("{value}", shown)


def _no_dictionary() -> str:
    return _tr(
        "None was found. They come with LibreOffice, or with a package such as hunspell-en-us; a pair of files, .aff "
        "and .dic, can also be put into the folder “dictionaries” of the data folder. Then start Inkwell again."
    )


def _returns_to(setting: Setting, facts: ModelFacts) -> tuple[Value, ValueSource]:
    if setting.table == "sampling" and setting.name in SAMPLING_NAMES:
        resolved = resolve_sampling({}, facts.file_sampling, facts.catalogue_sampling)
        value: Value = getattr(resolved.settings, setting.name)
        return value, resolved.sources[setting.name]
    if setting.key == CONTEXT_KEY and isinstance(setting.default, int):
        if facts.trained_context and facts.trained_context < setting.default:
            return facts.trained_context, ValueSource.MODEL_FILE
        return facts.default_context or setting.default, ValueSource.DEFAULT
    return setting.default, ValueSource.DEFAULT


def _help(setting: Setting, value: Value, facts: ModelFacts) -> str:
    if setting.key != CONTEXT_KEY or not isinstance(value, int):
        return setting.help
    pages = max(1, round(value / _TOKENS_PER_PAGE))
    size = _tr("about 1 page.") if pages == 1 else _tr("about {n} pages.").replace("{n}", str(pages))
    text = f"{setting.help.rstrip('.')}: {size}"
    if not facts.trained_context:
        return text
    return f"{text} " + _tr("Trained for {n} tokens.").replace("{n}", f"{facts.trained_context:,}")


def _spelling_help(setting: Setting, spelling: SpellingFacts) -> str:
    if setting.key == SPELLING_KEYS[0]:
        return setting.help if spelling.available else f"{setting.help} {_no_dictionary()}"
    if not spelling.available:
        return setting.help
    found = _tr("Found: {languages}.").replace("{languages}", _some(spelling.available))
    checked = _tr("None is checked now.")
    if spelling.checked:
        checked = _tr("Checked: {languages}.").replace("{languages}", ", ".join(spelling.checked))
    return f"{setting.help} {found} {checked}"


def _some(names: Sequence[str]) -> str:
    """The first dozen of names, and how many more there are."""
    more = len(names) - 12
    listed = ", ".join(names[:12])
    return listed if more <= 0 else _tr("{names} and {n} more").replace("{n}", str(more)).replace("{names}", listed)


def _memory_text(memory: MemoryEstimate) -> str:
    if not memory.installed:
        return _tr("needs {size} GB").replace("{size}", gigabytes(memory.total))
    words = _tr("needs {size} of {free} GB").replace("{free}", gigabytes(memory.available))
    return words.replace("{size}", gigabytes(memory.total))


def _memory_tone(memory: MemoryEstimate | None) -> Tone:
    if memory is None:
        return Tone.MUTED
    return Tone.OK if memory.verdict is MemoryVerdict.FITS else Tone.WARNING


def _tr(text: str) -> str:
    return QCoreApplication.translate("SettingRow", text)
