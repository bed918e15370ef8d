"""Settings are found by what people call them."""

from __future__ import annotations

import pytest

from desktop_app.presenters.setting_search import find_settings, settings_named


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("dark mode", "appearance.theme"),
        ("bigger letters", "appearance.font_size"),
        ("creativity", "sampling.temperature"),
        ("instructions", "decoder.system_prompt"),
        ("spell check", "notes.spelling"),
    ],
)
def test_a_setting_is_named_by_a_persons_words(typed: str, key: str) -> None:
    assert settings_named(typed)[0].key == key


def test_names_leave_out_what_only_explains() -> None:
    explained = [setting.key for setting in find_settings("conventions of the desktop's light") if setting]
    assert explained == []
    assert "appearance.theme" in [setting.key for setting in find_settings("follows the desktop")]
    assert settings_named("follows the desktop") == []
    assert settings_named("") == find_settings("  ") == []
