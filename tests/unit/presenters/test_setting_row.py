"""Each row names the value in force, where it comes from, and what it returns to."""

from __future__ import annotations

import pytest

from desktop_app.domain.memory_estimate import MemoryEstimate
from desktop_app.presenters.setting_row import ModelFacts, SpellingFacts, Tone, build_row, display_value, gigabytes
from desktop_app.settings.schema import setting_for

STARTER = ModelFacts(
    trained_context=8192,
    default_context=4096,
    file_sampling={"top_k": 12},
    catalogue_sampling={"temperature": 0.2, "top_k": 99},
)
TEMPERATURE, TOP_K, TOP_P = (setting_for(f"sampling.{name}") for name in ("temperature", "top_k", "top_p"))
CONTEXT = setting_for("decoder.context_length")


def test_an_unset_sampler_shows_the_models_value_and_its_source() -> None:
    assert (build_row(TOP_K, None, STARTER).value, build_row(TOP_K, None, STARTER).remark) == (12, "from the model")
    row = build_row(TEMPERATURE, None, STARTER)
    assert (row.value, row.remark, row.reset_text) == (0.2, "from the catalogue", "")
    assert (build_row(TOP_P, None, STARTER).value, build_row(TOP_P, None, STARTER).remark) == (0.95, "default")


def test_a_changed_sampler_names_what_it_returns_to() -> None:
    assert build_row(TEMPERATURE, 0.7, STARTER).reset_text == "↺ 0.20 (catalogue)"
    assert build_row(TOP_K, 40, STARTER).reset_text == "↺ 12 (model)"
    assert build_row(TOP_P, 0.5, STARTER).reset_text == "↺ 0.95 (default)"
    assert "Reset Temperature to 0.20" in build_row(TEMPERATURE, 0.7, STARTER).reset_words


def test_a_value_equal_to_the_default_is_still_the_persons() -> None:
    assert build_row(TOP_P, 0.95, STARTER).changed


def test_the_context_row_tells_pages_training_and_memory() -> None:
    memory = MemoryEstimate(190_000_000, 0, 0, process=0, available=23_000_000_000, installed=24_000_000_000)
    row = build_row(CONTEXT, None, STARTER, memory=memory)
    assert row.help == "How much the model can see at once: about 6 pages. Trained for 8,192 tokens."
    assert (row.memory, row.memory_tone) == ("needs 0.19 of 23 GB", Tone.OK)
    assert row.effect == "reloads model"
    assert row.maximum == 8192


def test_memory_that_does_not_fit_warns() -> None:
    memory = MemoryEstimate(9_000, 0, 0, process=0, available=1_000, installed=2_000)
    assert build_row(CONTEXT, None, STARTER, memory=memory).memory_tone is Tone.WARNING


def test_a_context_beyond_the_training_shows_what_is_loaded() -> None:
    assert build_row(CONTEXT, 32_768, STARTER).value == 8192


def test_a_model_trained_for_less_decides_the_default() -> None:
    row = build_row(CONTEXT, None, ModelFacts(trained_context=2048, default_context=2048))
    assert (row.value, row.remark) == (2048, "from the model")


def test_spelling_is_off_and_says_why_where_no_dictionary_is_found() -> None:
    spelling, languages = setting_for("notes.spelling"), setting_for("notes.spelling_languages")
    none, some = SpellingFacts(), SpellingFacts(("de_DE", "en_US"), ("en_US",))
    assert build_row(spelling, None, STARTER).value == "on"
    row = build_row(spelling, None, STARTER, spelling=none)
    assert (row.value, row.remark) == ("off", "no dictionary found")
    assert "None was found." in row.help
    assert build_row(spelling, "on", STARTER, spelling=none).value == "on", "a person's choice is shown as it is"
    assert build_row(spelling, None, STARTER, spelling=some).value == "on"
    assert "Found: de_DE, en_US. Checked: en_US." in build_row(languages, None, STARTER, spelling=some).help
    unfit = SpellingFacts(("de_DE",), ())
    assert "None is checked now." in build_row(languages, None, STARTER, spelling=unfit).help


def test_the_environment_locks_a_row() -> None:
    row = build_row(TOP_P, 0.5, STARTER, locked_by="INKWELL_SAMPLING__TOP_P")
    assert (row.reset_text, row.remark) == ("", "set by INKWELL_SAMPLING__TOP_P")


@pytest.mark.parametrize(
    ("key", "value", "text"),
    [
        ("decoder.threads", 0, "Auto"),
        ("decoder.context_length", 4096, "4,096"),
        ("decoder.model_file", "", "starter"),
        ("sampling.seed", None, "new each time"),
        ("appearance.theme", "system", "System"),
        ("appearance.font_size", 13.5, "13.5"),
    ],
)
def test_values_in_a_few_characters(key: str, value: str | int | float | None, text: str) -> None:
    assert display_value(setting_for(key), value) == text


def test_gigabytes_keep_three_digits() -> None:
    assert [gigabytes(size) for size in (190_000_000, 2_512_000_000, 23_400_000_000)] == ["0.19", "2.5", "23"]


def test_the_words_of_a_row_can_be_translated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("desktop_app.presenters.setting_row._tr", str.upper)
    row = build_row(setting_for("notes.spelling"), None, STARTER, spelling=SpellingFacts())
    assert row.remark == "NO DICTIONARY FOUND"
    assert "NONE WAS FOUND." in row.help
    assert build_row(setting_for("decoder.context_length"), 2048, STARTER).source == "YOURS"
