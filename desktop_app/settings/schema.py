"""Every setting, declared once: file, checks, form, command line and docs/settings.md derive from this table."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from desktop_app.domain.errors import SettingError
from desktop_app.settings.sampling_settings import EXPERT_SAMPLING
from desktop_app.settings.setting import Section, Setting, SettingType, TakesEffect, Value

__all__ = [
    "BY_KEY",
    "SETTINGS",
    "Section",
    "Setting",
    "SettingType",
    "TakesEffect",
    "Value",
    "setting_for",
    "settings_in",
]

_INT, _REAL = SettingType.INTEGER, SettingType.REAL
_RELOADS = TakesEffect.RELOADS_MODEL

SETTINGS: tuple[Setting, ...] = (
    # General
    Setting(
        "decoder.system_prompt",
        SettingType.LONG_TEXT,
        "",
        label="System prompt",
        plain_label="instructions",
        also="personality persona role character tone style behaviour behavior language rules always custom",
        help="What every chat tells the model first; it always stays in the context.",
        maximum=32_000,
        unit="characters",
        section=Section.GENERAL,
    ),
    # Generation: everyday
    Setting(
        "decoder.context_length",
        _INT,
        4096,
        256,
        131_072,
        unit="tokens",
        label="Context length",
        plain_label="chat memory",
        also="memory remember forget history conversation long window limit ram size",
        help="How much the model can see at once.",
        takes_effect=_RELOADS,
        section=Section.GENERATION,
        step=256,
        logarithmic=True,
    ),
    Setting(
        "decoder.when_full",
        SettingType.CHOICE,
        "recall",
        choices=("recall", "summarise", "ask"),
        choice_labels=("Drop oldest, recall by meaning", "Summarise the oldest", "Stop and ask"),
        label="When the context is full",
        also="full window policy memory forget drop oldest summary summarise summarize recall remember ask overflow",
        help="What happens to the oldest messages. Each chat can have its own choice, under its context meter.",
        section=Section.GENERATION,
    ),
    Setting(
        "sampling.temperature",
        _REAL,
        None,
        0.0,
        2.0,
        label="Temperature",
        plain_label="variety",
        also="creativity creative randomness random imagination surprise predictable boring wild",
        help="Focused to varied. 0 always takes the likeliest word.",
        section=Section.GENERATION,
        optional=True,
        step=0.05,
        decimals=2,
    ),
    Setting(
        "decoder.max_answer_tokens",
        _INT,
        1024,
        16,
        16_384,
        unit="tokens",
        label="Answer length",
        also="maximum short shorter long longer size limit reply response cut off words",
        help="The most tokens in one answer.",
        section=Section.GENERATION,
        step=16,
        logarithmic=True,
    ),
    *EXPERT_SAMPLING,
    Setting(
        "decoder.token_view",
        SettingType.CHOICE,
        "on",
        choices=("on", "off"),
        choice_labels=("On", "Off"),
        label="Token view",
        plain_label="hesitation",
        also="alternatives logprobs likeliest doubt disk size",
        help="Keeps the five likeliest tokens of each place with an answer, up to 25 bytes a token.",
        section=Section.GENERATION,
        expert=True,
    ),
    # Chat model
    Setting(
        "decoder.model_file",
        SettingType.FILE,
        "",
        label="Model file",
        plain_label="GGUF",
        also="llm ai path disk choose switch load",
        help="The chat model (decoder); empty means the starter model.",
        takes_effect=_RELOADS,
        section=Section.CHAT_MODEL,
    ),
    Setting(
        "decoder.gpu_layers",
        SettingType.CHOICE_OR_NUMBER,
        "auto",
        0,
        999,
        choices=("auto", "none"),
        choice_labels=("Auto", "None"),
        unit="layers",
        label="GPU layers",
        also="video vram cuda metal vulkan acceleration speed fast faster slow performance offload",
        help="How many layers run on the graphics card, where llama.cpp was built for one.",
        takes_effect=_RELOADS,
        section=Section.CHAT_MODEL,
    ),
    Setting(
        "decoder.threads",
        _INT,
        0,
        0,
        256,
        zero_label="Auto",
        label="Threads",
        also="cpu speed fast faster slow performance",
        help="Processor cores the chat model uses; 0 takes one for each physical core.",
        takes_effect=_RELOADS,
        section=Section.CHAT_MODEL,
    ),
    Setting(
        "decoder.batch_size",
        _INT,
        256,
        32,
        256,
        unit="tokens",
        label="Batch size",
        also="ram vram speed performance prompt",
        help="Tokens read in one go; fewer need less memory and stop sooner.",
        takes_effect=_RELOADS,
        section=Section.CHAT_MODEL,
        expert=True,
        step=32,
        logarithmic=True,
    ),
    Setting(
        "decoder.kept_states_size",
        _INT,
        1000,
        0,
        100_000,
        unit="MB",
        zero_label="Off",
        label="Kept chat states",
        plain_label="instant resume",
        also="kv cache disk space size resume quick fast restart start memory",
        help="Disk space for what the model has read of recent chats, so that it need not read them again; 0 is off.",
        takes_effect=_RELOADS,
        section=Section.CHAT_MODEL,
        expert=True,
        step=100,
    ),
    Setting(
        "decoder.read_ahead",
        SettingType.CHOICE,
        "on",
        choices=("on", "off"),
        choice_labels=("On", "Off"),
        label="Read ahead",
        also="prompt prefill typing while battery heat fan cpu speed quick",
        help="While you read or type, the model reads what is certain of your next message; it starts sooner then.",
        section=Section.CHAT_MODEL,
        expert=True,
    ),
    # Search model
    Setting(
        "encoder.model_folder",
        SettingType.FOLDER,
        "",
        label="Model folder",
        also="embedding embeddings semantic path disk choose switch directory",
        help="The search model (encoder); empty means the starter model.",
        takes_effect=_RELOADS,
        section=Section.SEARCH_MODEL,
    ),
    Setting(
        "encoder.precision",
        SettingType.CHOICE,
        "auto",
        choices=("auto", "fp32", "bf16"),
        choice_labels=("Auto", "fp32", "bf16"),
        label="Precision",
        also="speed fast faster slow accuracy half float bits performance",
        help="Auto measures once which is faster on this computer at the same results.",
        takes_effect=_RELOADS,
        section=Section.SEARCH_MODEL,
    ),
    Setting(
        "encoder.threads",
        _INT,
        0,
        0,
        256,
        zero_label="Auto",
        label="Threads",
        also="cpu speed fast faster slow performance indexing",
        help="Processor cores the search model uses; 0 leaves the choice to it.",
        takes_effect=_RELOADS,
        section=Section.SEARCH_MODEL,
    ),
    Setting(
        "search.dense_weight",
        _REAL,
        0.7,
        0.0,
        1.0,
        label="Dense weight",
        plain_label="meaning",
        also="hybrid semantic keyword balance exact ranking relevance results",
        help="In “Best of both”: 0 goes by words alone, 1 by meaning alone.",
        section=Section.SEARCH_MODEL,
        step=0.05,
        decimals=2,
    ),
    # Notes and data folder
    Setting(
        "notes.autosave_ms",
        _INT,
        600,
        100,
        10_000,
        unit="ms",
        label="Autosave",
        plain_label="pause",
        also="automatic automatically saving delay time seconds lose",
        help="How long after the last key a note is saved.",
        section=Section.DATA,
        step=100,
        logarithmic=True,
    ),
    Setting(
        "storage.data_folder",
        SettingType.FOLDER,
        "",
        label="Data folder",
        also="location where directory path place disk files storage database",
        help="Where chats, notes and backups live; start with --data-dir or INKWELL_DATA_DIR for another place.",
        takes_effect=TakesEffect.RESTARTS,
        section=Section.DATA,
        read_only=True,
    ),
    # Appearance
    Setting(
        "chat.reasoning",
        SettingType.CHOICE,
        "folded",
        choices=("folded", "shown"),
        choice_labels=("Folded", "Shown while it is written"),
        label="Reasoning",
        plain_label="thinking",
        also="thoughts think chain hide show collapse expand fold unfold",
        help="What some models think before they answer; it can be unfolded above each answer at any time.",
        section=Section.APPEARANCE,
    ),
    Setting(
        "appearance.theme",
        SettingType.CHOICE,
        "system",
        choices=("system", "light", "dark"),
        choice_labels=("System", "Light", "Dark"),
        label="Theme",
        also="mode night day bright colour color black white look",
        help="System follows the desktop's light or dark.",
        section=Section.APPEARANCE,
    ),
    Setting(
        "appearance.font_size",
        _REAL,
        13.5,
        10.0,
        27.0,
        unit="px",
        label="Font size",
        also="text letters big bigger larger small smaller zoom scale readable",
        help="The size of the interface; reading text grows with it.",
        section=Section.APPEARANCE,
        step=0.5,
        decimals=1,
    ),
)

BY_KEY: Mapping[str, Setting] = MappingProxyType({setting.key: setting for setting in SETTINGS})


def setting_for(key: str) -> Setting:
    """The setting of that key. Raises SettingError naming the nearest known key."""
    try:
        return BY_KEY[key]
    except KeyError:
        import difflib

        near = difflib.get_close_matches(key, BY_KEY, n=1, cutoff=0.5)
        todo = f"Did you mean “{near[0]}”?" if near else "“inkwell settings list” shows all keys."
        raise SettingError(f"There is no setting “{key}”.", "", todo) from None


def settings_in(section: Section) -> tuple[Setting, ...]:
    """The settings of one page, everyday ones first, else as declared."""
    mine = [setting for setting in SETTINGS if setting.section is section]
    return tuple(sorted(mine, key=lambda setting: setting.expert))
