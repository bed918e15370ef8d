"""Every setting, declared once: file, checks, form, command line and docs/settings.md derive from this table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from desktop_app.domain.errors import SettingError

Value = str | int | float | None
"""What a setting can hold; None only for optional settings that nobody set."""


class SettingType(StrEnum):
    """How a value is read, checked and edited."""

    INTEGER = "integer"
    REAL = "real"
    TEXT = "text"
    LONG_TEXT = "long text"
    CHOICE = "choice"
    CHOICE_OR_NUMBER = "choice or number"
    """One of `choices`, or a whole number within the range; always kept as text ("auto", "none", "24")."""
    FILE = "file"
    FOLDER = "folder"


class TakesEffect(StrEnum):
    """When a change is felt."""

    NOW = "now"
    RELOADS_MODEL = "reloads model"
    RESTARTS = "after a restart"


class Section(StrEnum):
    """The pages of the settings screen that hold settings, in their order."""

    GENERAL = "General"
    GENERATION = "Generation"
    CHAT_MODEL = "Chat model"
    SEARCH_MODEL = "Search model"
    DATA = "Notes and data folder"
    APPEARANCE = "Appearance"


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting.

    Attributes:
        key: dotted name; the part before the dot is the TOML table.
        type: decides parsing, checking and the editor.
        default: value when nobody set it; None only where `optional`.
        minimum, maximum: range of numbers, both ends allowed.
        choices: allowed words of a CHOICE or CHOICE_OR_NUMBER.
        unit: what a number counts ("tokens"); empty where it has no unit.
        label: the standard term.
        plain_label: a plain word beside it; may be empty.
        also: other words a person may look for it by, with blanks between them.
        help: one sentence.
        takes_effect: when a change is felt.
        section: page of the settings screen.
        expert: shown below the everyday settings.
        optional: may be unset, the value then comes from the model or from llama.cpp.
        step: smallest step of the slider and the arrows.
        decimals: digits shown after the point.
        logarithmic: the slider's positions are spread evenly over doublings.
        choice_labels: words shown for `choices`, in their order; the choices themselves where empty.
        read_only: shown, and decided elsewhere (by --data-dir).
        zero_label: what a number field shows for its smallest value, where that means "you choose".
    """

    key: str
    type: SettingType
    default: Value
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[str, ...] = ()
    unit: str = ""
    label: str = ""
    plain_label: str = ""
    also: str = ""
    help: str = ""
    takes_effect: TakesEffect = TakesEffect.NOW
    section: Section = Section.GENERAL
    expert: bool = False
    optional: bool = False
    step: float = 1.0
    decimals: int = 0
    logarithmic: bool = False
    choice_labels: tuple[str, ...] = ()
    read_only: bool = False
    zero_label: str = ""

    @property
    def table(self) -> str:
        """The TOML table the setting lives in."""
        return self.key.partition(".")[0]

    @property
    def name(self) -> str:
        """The key inside its table."""
        return self.key.partition(".")[2]

    @property
    def environment_name(self) -> str:
        """The variable that overrides the file, e.g. INKWELL_DECODER__CONTEXT_LENGTH."""
        return f"INKWELL_{self.table.upper()}__{self.name.upper()}"

    @property
    def is_number(self) -> bool:
        """True for whole and real numbers."""
        return self.type in (SettingType.INTEGER, SettingType.REAL)


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
    # Generation: expert sampling
    Setting(
        "sampling.top_k",
        _INT,
        None,
        0,
        200,
        label="Top-k",
        also="sampling randomness random creativity choice",
        help="Keep the k likeliest tokens. 0 turns it off.",
        section=Section.GENERATION,
        expert=True,
        optional=True,
    ),
    Setting(
        "sampling.top_p",
        _REAL,
        None,
        0.0,
        1.0,
        label="Top-p",
        also="nucleus sampling randomness random creativity",
        help="Keep the smallest set whose probability reaches p. 1 turns it off.",
        section=Section.GENERATION,
        expert=True,
        optional=True,
        step=0.01,
        decimals=2,
    ),
    Setting(
        "sampling.min_p",
        _REAL,
        None,
        0.0,
        1.0,
        label="Min-p",
        also="sampling randomness random creativity unlikely",
        help="Drop tokens below this share of the best one. 0 turns it off.",
        section=Section.GENERATION,
        expert=True,
        optional=True,
        step=0.01,
        decimals=2,
    ),
    Setting(
        "sampling.typical_p",
        _REAL,
        None,
        0.0,
        1.0,
        label="Typical-p",
        also="sampling randomness random creativity",
        help="Keep the tokens about as surprising as the model expects. 1 turns it off.",
        section=Section.GENERATION,
        expert=True,
        optional=True,
        step=0.01,
        decimals=2,
    ),
    Setting(
        "sampling.repeat_penalty",
        _REAL,
        None,
        1.0,
        2.0,
        label="Repeat penalty",
        also="repetition loop same again over",
        help="Above 1 discourages repeating the last tokens.",
        section=Section.GENERATION,
        expert=True,
        optional=True,
        step=0.01,
        decimals=2,
    ),
    Setting(
        "sampling.presence_penalty",
        _REAL,
        None,
        -2.0,
        2.0,
        label="Presence penalty",
        also="repetition repeat new topics same again",
        help="Above 0 discourages every token that came before, once. 0 turns it off.",
        section=Section.GENERATION,
        expert=True,
        optional=True,
        step=0.05,
        decimals=2,
    ),
    Setting(
        "sampling.frequency_penalty",
        _REAL,
        None,
        -2.0,
        2.0,
        label="Frequency penalty",
        also="repetition repeat same again",
        help="Above 0 discourages a token more, the more often it came. 0 turns it off.",
        section=Section.GENERATION,
        expert=True,
        optional=True,
        step=0.05,
        decimals=2,
    ),
    Setting(
        "sampling.penalty_last_n",
        _INT,
        None,
        0,
        2048,
        unit="tokens",
        label="Penalty window",
        also="repetition repeat far back",
        help="How many of the last tokens the three penalties look at. 0 turns them off.",
        section=Section.GENERATION,
        expert=True,
        optional=True,
        step=8,
    ),
    Setting(
        "sampling.seed",
        _INT,
        None,
        0,
        4_294_967_294,
        label="Seed",
        also="random randomness reproducible repeat again",
        help="The same seed gives the same answer; unset, each answer draws a new one.",
        section=Section.GENERATION,
        expert=True,
        optional=True,
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
