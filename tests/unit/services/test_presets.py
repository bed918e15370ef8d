"""Presets: those that come along, a person's own, and what a chat makes of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from desktop_app.domain.errors import NotFoundError, PresetError
from desktop_app.domain.presets import INSTRUCTIONS_KEY, Preset
from desktop_app.services.chat_settings import checked_values
from desktop_app.services.presets import PresetService
from desktop_app.storage.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store.open(tmp_path / "a.sqlite3", backups=tmp_path / "backups")
    yield opened
    opened.close()


@pytest.fixture
def presets(store: Store) -> PresetService:
    return PresetService(store.presets, store.conversations)


def test_a_dozen_useful_ones_come_along(presets: PresetService) -> None:
    builtin = [preset for preset in presets.all() if preset.is_builtin]
    assert len(builtin) >= 12
    for preset in builtin:
        assert preset.description.endswith("."), preset.name
        assert 40 < len(preset.instructions) < 1_500, preset.name
        assert checked_values(preset.values) == dict(preset.values), preset.name


def test_own_ones_are_kept_changed_and_deleted(presets: PresetService) -> None:
    made = presets.add("  My   voice ", "How I write.", {INSTRUCTIONS_KEY: "Be brief.", "sampling.temperature": 1})
    assert presets.all()[0] == replace(made, values={INSTRUCTIONS_KEY: "Be brief.", "sampling.temperature": 1.0})
    presets.change(replace(made, name="My other voice"))
    assert presets.named("MY OTHER VOICE").ref == made.ref
    assert presets.delete(made.ref).name == "My other voice"
    with pytest.raises(NotFoundError):
        presets.get(made.ref)
    with pytest.raises(NotFoundError):
        presets.delete(made.ref)


def test_a_name_is_given_once_and_never_empty(presets: PresetService) -> None:
    presets.add("One", "", {})
    with pytest.raises(PresetError, match="already"):
        presets.add("ONE", "", {})
    with pytest.raises(PresetError, match="no name"):
        presets.add("  ", "", {})


def test_those_that_come_along_are_not_changed(presets: PresetService) -> None:
    preset = presets.named("Proofreader")
    with pytest.raises(PresetError, match="comes with Inkwell"):
        presets.change(replace(preset, name="Mine"))


@pytest.mark.parametrize(
    ("key", "value"),
    [("sampling.temperature", 9), ("sampling.no_such_thing", 1), ("appearance.theme", "dark"), (INSTRUCTIONS_KEY, 7)],
)
def test_values_that_do_not_fit_are_refused(presets: PresetService, key: str, value: object) -> None:
    with pytest.raises(PresetError):
        presets.add("One", "", {key: value})
    assert not [preset for preset in presets.all() if not preset.is_builtin]


def test_a_file_brings_back_what_was_exported(presets: PresetService, tmp_path: Path) -> None:
    values = {INSTRUCTIONS_KEY: 'Say "so",\nthen stop.\\', "sampling.temperature": 0.5, "decoder.max_answer_tokens": 64}
    made = presets.add("Täglich", "One sentence.", values)
    path = tmp_path / "preset.toml"
    path.write_text(presets.as_toml(made), encoding="utf-8")
    again = presets.import_file(path)
    assert (again.name, again.description, again.values) == ("Täglich 2", "One sentence.", values)
    assert presets.import_file(path).name == "Täglich 3"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"name = 1",
        b'name = "x"',
        b"\xff\xfe",
        b"name = " + b"[" * 5000,
        b"name = " + b"1" * 5000,
        b'name = "x"\nvalues = 3',
        b'name = "x"\n[values.appearance]\ntheme = "dark"',
    ],
)
def test_a_file_that_is_no_preset_changes_nothing(presets: PresetService, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "other.toml"
    path.write_bytes(content)
    with pytest.raises(PresetError):
        presets.import_file(path)
    assert all(preset.is_builtin for preset in presets.all())


def test_a_huge_or_missing_file_is_refused(presets: PresetService, tmp_path: Path) -> None:
    path = tmp_path / "huge.toml"
    path.write_bytes(b'name = "x"\n[values]\n#' + b"x" * 1_000_000)
    with pytest.raises(PresetError, match="no preset"):
        presets.import_file(path)
    with pytest.raises(PresetError, match="cannot be read"):
        presets.import_file(tmp_path / "missing.toml")


def test_a_chat_follows_a_preset_and_changes_single_values(presets: PresetService, store: Store) -> None:
    chat = store.conversations.create().id
    presets.apply(chat, presets.named("Brainstorm"))
    presets.set_own(chat, "sampling.temperature", 0.7)
    choices = presets.choices(chat)
    assert choices.preset_name == "Brainstorm"
    assert choices.value("sampling.temperature") == 0.7
    assert choices.value("sampling.top_p") == 0.98
    assert choices.value("sampling.top_k") is None
    assert list(choices.changed()) == ["sampling.temperature"]
    presets.set_own(chat, "sampling.temperature", None)
    assert not list(presets.choices(chat).changed())
    presets.apply(chat, None)
    assert presets.choices(chat).value("sampling.top_p") is None


def test_other_values_of_the_chat_stay(presets: PresetService, store: Store) -> None:
    chat = store.conversations.create().id
    store.conversations.set_settings_of(chat, {"when_full": "ask"})
    presets.apply(chat, presets.named("Summary"))
    presets.apply(chat, None)
    assert store.conversations.settings_of(chat) == {"when_full": "ask"}


def test_a_chat_keeps_the_values_of_a_preset_that_goes(presets: PresetService, store: Store) -> None:
    chat = store.conversations.create().id
    made = presets.add("Mine", "", {"sampling.temperature": 0.1})
    presets.apply(chat, made)
    presets.delete(made.ref)
    assert presets.choices(chat).value("sampling.temperature") == 0.1


def test_what_a_chat_uses_becomes_a_preset(presets: PresetService, store: Store) -> None:
    chat = store.conversations.create().id
    presets.apply(chat, Preset("own:0", "Base", "", {"sampling.top_k": 10, "sampling.temperature": 0.3}))
    presets.set_own(chat, "sampling.temperature", 0.9)
    made = presets.save_chat_as(chat, "Warmer")
    assert dict(made.values) == {"sampling.top_k": 10, "sampling.temperature": 0.9}
    assert presets.choices(chat).preset_ref == made.ref
    assert not list(presets.choices(chat).changed())


def test_values_a_chat_was_given_elsewhere_and_that_do_not_fit_are_left_out(
    presets: PresetService, store: Store
) -> None:
    chat = store.conversations.create().id
    store.conversations.set_settings_of(chat, {"own": {"sampling.temperature": 99, "sampling.top_k": 5, "x": 1}})
    assert dict(presets.choices(chat).own) == {"sampling.top_k": 5}
