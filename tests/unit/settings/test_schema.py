"""The table of settings is sound, and what derives from it agrees with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from desktop_app.domain.errors import SettingError
from desktop_app.domain.sampling import SAMPLING_NAMES
from desktop_app.settings.documentation import settings_page
from desktop_app.settings.schema import SETTINGS, Section, Setting, SettingType, setting_for, settings_in
from desktop_app.settings.validation import check_value, format_value, parse_text

REPOSITORY = Path(__file__).resolve().parents[3]
EVERY = pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.key)


def test_keys_are_unique_and_have_a_table() -> None:
    keys = [setting.key for setting in SETTINGS]
    assert len(set(keys)) == len(keys)
    assert all(setting.table and setting.name for setting in SETTINGS)


@EVERY
def test_every_setting_has_words_and_one_sentence(setting: Setting) -> None:
    assert setting.label
    assert setting.help.endswith(".")
    assert len(setting.help) <= 120


@EVERY
def test_every_default_passes_its_own_check(setting: Setting) -> None:
    assert check_value(setting, setting.default) == setting.default


@EVERY
def test_every_default_comes_back_from_text(setting: Setting) -> None:
    assert parse_text(setting, format_value(setting, setting.default)) == setting.default


@EVERY
def test_numbers_have_a_range_and_logarithmic_ones_start_above_zero(setting: Setting) -> None:
    if setting.is_number:
        assert setting.minimum is not None
        assert setting.maximum is not None
        assert setting.minimum < setting.maximum
        assert not setting.logarithmic or setting.minimum > 0
    assert len(setting.choice_labels) in (0, len(setting.choices))


def test_every_sampler_is_a_setting_that_may_be_unset() -> None:
    samplers = {setting.name for setting in SETTINGS if setting.table == "sampling" and setting.optional}
    assert samplers == set(SAMPLING_NAMES)


def test_every_setting_stands_on_exactly_one_page_with_experts_last() -> None:
    listed = [setting for section in Section for setting in settings_in(section)]
    assert sorted(setting.key for setting in listed) == sorted(setting.key for setting in SETTINGS)
    for section in Section:
        flags = [setting.expert for setting in settings_in(section)]
        assert flags == sorted(flags)


def test_an_unknown_key_names_the_nearest_known_one() -> None:
    with pytest.raises(SettingError) as caught:
        setting_for("decoder.contextlength")
    assert "decoder.context_length" in caught.value.todo


def test_the_documentation_is_the_generated_one() -> None:
    written = (REPOSITORY / "docs" / "settings.md").read_text(encoding="utf-8")
    assert written == settings_page(), "run: python -m desktop_app.settings.documentation docs/settings.md"


def test_the_documentation_names_every_key() -> None:
    page = settings_page()
    assert [setting.key for setting in SETTINGS if f"`{setting.key}`" not in page] == []


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("decoder.context_length", 255),
        ("decoder.context_length", 131_073),
        ("decoder.context_length", 4096.0),
        ("decoder.context_length", "4096"),
        ("decoder.context_length", True),
        ("decoder.context_length", None),
        ("sampling.temperature", float("nan")),
        ("sampling.temperature", float("inf")),
        ("sampling.temperature", 10**400),
        pytest.param("sampling.top_k", 10**5000, id="thousands of digits"),
        ("sampling.temperature", -0.1),
        ("sampling.temperature", False),
        ("appearance.theme", "blue"),
        ("appearance.theme", 1),
        ("decoder.gpu_layers", "some"),
        ("decoder.gpu_layers", "-1"),
        ("decoder.gpu_layers", "1000"),
        ("decoder.gpu_layers", "٣"),
        ("decoder.gpu_layers", 3),
        ("decoder.model_file", "a\0b"),
        ("decoder.model_file", "a\nb"),
        ("decoder.model_file", "\ud800"),
        ("decoder.system_prompt", "x" * 32_001),
        ("sampling.order", "top_k, top_k"),
        ("sampling.order", ""),
        ("sampling.dry_sequence_breakers", "no quotes"),
        ("sampling.logit_bias", "sea"),
        ("sampling.mirostat", 3),
    ],
)
def test_a_wrong_value_is_refused_with_what_is_allowed(key: str, value: object) -> None:
    with pytest.raises(SettingError) as caught:
        check_value(setting_for(key), value)
    assert key in caught.value.what
    assert "It takes" in caught.value.why


@pytest.mark.parametrize(
    ("key", "text", "value"),
    [
        ("decoder.context_length", " 8,192 ", 8192),
        ("decoder.context_length", "8_192", 8192),
        ("sampling.temperature", "1", 1.0),
        ("sampling.temperature", "unset", None),
        ("sampling.seed", "", None),
        ("decoder.gpu_layers", "024", "24"),
        ("decoder.gpu_layers", "none", "none"),
        ("decoder.system_prompt", "two\nlines ", "two\nlines "),
        ("sampling.order", " top_k, temperature ", "top_k, temperature"),
        ("sampling.logit_bias", 'sea=2, " the"=never', 'sea=2, " the"=never'),
    ],
)
def test_text_is_read_as_the_command_line_and_the_environment_give_it(key: str, text: str, value: object) -> None:
    parsed = parse_text(setting_for(key), text)
    if setting_for(key).type is SettingType.CHOICE_OR_NUMBER and text == "024":
        assert parsed == "24"
    assert parsed == value


@pytest.mark.parametrize(
    ("key", "text"), [("decoder.threads", "two"), ("sampling.top_p", "much"), ("decoder.threads", "")]
)
def test_text_that_is_no_number_is_refused(key: str, text: str) -> None:
    with pytest.raises(SettingError):
        parse_text(setting_for(key), text)
