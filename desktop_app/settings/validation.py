"""Checks of one value against its setting, and its way from and to text (command line, environment, form)."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

from desktop_app.domain.errors import SettingError
from desktop_app.domain.sampling_lists import BIAS_FORM, SAMPLERS, read_biases, read_breakers, read_order
from desktop_app.domain.whole_numbers import whole_number
from desktop_app.settings.schema import Setting, SettingType, Value

_LISTS: Mapping[SettingType, Callable[[str], object]] = {
    SettingType.SAMPLER_ORDER: read_order,
    SettingType.TEXT_LIST: read_breakers,
    SettingType.LOGIT_BIAS: read_biases,
}
_UNSET_WORDS = ("", "unset", "default")


def check_value(setting: Setting, value: object) -> Value:
    """The value as the setting keeps it. Raises SettingError when type or range do not fit.

    Whole numbers are taken for real ones; nothing else is converted.
    """
    if value is None:
        if setting.optional:
            return None
        raise _refused(setting, value)
    if setting.type is SettingType.INTEGER:
        return int(_number_in_range(setting, value, whole=True))
    if setting.type is SettingType.REAL:
        return float(_number_in_range(setting, value, whole=False))
    if not isinstance(value, str):
        raise _refused(setting, value)
    return _checked_text(setting, value)


def parse_text(setting: Setting, text: str) -> Value:
    """Read a value from the command line or the environment. Raises SettingError.

    For an optional setting an empty text, "unset" and "default" mean: not set.
    """
    stripped = text.strip()
    if setting.optional and stripped.lower() in _UNSET_WORDS:
        return None
    if setting.type is SettingType.INTEGER:
        try:
            return check_value(setting, int(stripped.replace(",", "").replace("_", "")))
        except ValueError:
            raise _refused(setting, text) from None
    if setting.type is SettingType.REAL:
        try:
            return check_value(setting, float(stripped))
        except ValueError:
            raise _refused(setting, text) from None
    if setting.type is SettingType.LONG_TEXT:
        return check_value(setting, text)
    return check_value(setting, stripped)


def format_value(setting: Setting, value: Value) -> str:
    """The value as `parse_text` reads it back; "unset" for None."""
    if value is None:
        return "unset"
    if isinstance(value, float):
        return f"{value:.{setting.decimals}f}" if round(value, setting.decimals) == value else repr(value)
    return str(value)


def allowed_values(setting: Setting) -> str:
    """What may be entered, in words: "256 to 131072 tokens", "auto, none or a whole number from 0 to 999"."""
    span = ""
    if setting.minimum is not None and setting.maximum is not None:
        span = f"{_plain(setting.minimum)} to {_plain(setting.maximum)}"
    if setting.type is SettingType.CHOICE:
        return " or ".join((", ".join(setting.choices[:-1]), setting.choices[-1]))
    if setting.type is SettingType.CHOICE_OR_NUMBER:
        return f"{', '.join(setting.choices)} or a whole number from {span}"
    if setting.is_number:
        kind = "a whole number" if setting.type is SettingType.INTEGER else "a number"
        unit = f" {setting.unit}" if setting.unit else ""
        return f"{kind} from {span}{unit}"
    if setting.type is SettingType.LONG_TEXT and setting.maximum is not None:
        return f"text of at most {_plain(setting.maximum)} characters"
    return {
        SettingType.FILE: "a file's path",
        SettingType.FOLDER: "a folder's path",
        SettingType.SAMPLER_ORDER: f"some or all of {', '.join(SAMPLERS)}",
        SettingType.TEXT_LIST: 'texts in double quotes with commas between them, such as "\\n", ":"',
        SettingType.LOGIT_BIAS: BIAS_FORM,
    }.get(setting.type, "text")


def _number_in_range(setting: Setting, value: object, *, whole: bool) -> int | float:
    if isinstance(value, bool) or not isinstance(value, int if whole else int | float):
        raise _refused(setting, value)
    if isinstance(value, float) and not math.isfinite(value):
        raise _refused(setting, value)
    if setting.minimum is not None and value < setting.minimum:
        raise _refused(setting, value)
    if setting.maximum is not None and value > setting.maximum:
        raise _refused(setting, value)
    return value


def _checked_text(setting: Setting, value: str) -> str:
    if "\0" in value or any(0xD800 <= ord(character) <= 0xDFFF for character in value):
        raise _refused(setting, value)
    if setting.type is SettingType.CHOICE and value not in setting.choices:
        raise _refused(setting, value)
    if setting.type is SettingType.CHOICE_OR_NUMBER and value not in setting.choices:
        number = whole_number(value)
        if number is None:
            raise _refused(setting, value)
        return str(_number_in_range(setting, number, whole=True))
    if setting.type is SettingType.LONG_TEXT and setting.maximum is not None and len(value) > setting.maximum:
        raise _refused(setting, f"{len(value)} characters")
    if setting.type is not SettingType.LONG_TEXT and ("\n" in value or "\r" in value):
        raise _refused(setting, value)
    if setting.type in _LISTS:
        try:
            _LISTS[setting.type](value)
        except ValueError as error:
            raise _refused(setting, value, f" Here {error}.") from None
    return value


def _refused(setting: Setting, value: object, reason: str = "") -> SettingError:
    try:
        shown = repr(value) if isinstance(value, str) else str(value)
    except ValueError:  # Python writes no whole number of more than 4,300 digits
        shown = "a number of thousands of digits"
    if len(shown) > 60:
        shown = shown[:57] + "…"
    return SettingError(
        f"{setting.key} cannot be {shown}.",
        f"It takes {allowed_values(setting)}.{reason}",
    )


def _plain(number: float) -> str:
    return str(int(number)) if float(number).is_integer() else str(number)
