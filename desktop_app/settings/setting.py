"""What a setting is: its type, its page, its words."""

from __future__ import annotations

from enum import StrEnum

import msgspec

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
    SAMPLER_ORDER = "sampler order"
    """Names of samplers in their order, each at most once; those left out are off."""
    TEXT_LIST = "list of texts"
    """Texts in double quotes with commas between them."""
    LOGIT_BIAS = "logit bias"
    """Entries as in domain.sampling_lists.BIAS_FORM."""
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


class Setting(msgspec.Struct, frozen=True):
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
        rare: an expert one that stands folded away at the end of its page.
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
    rare: bool = False
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
