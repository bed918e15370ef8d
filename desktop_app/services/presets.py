"""Presets that come along and a person's own, and what a chat makes of them."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from desktop_app.domain.errors import NotFoundError, PresetError, system_reason
from desktop_app.domain.presets import OWN_VALUES, PRESET, PRESET_NAME, ChatChoices, Preset
from desktop_app.domain.resources import resource_path
from desktop_app.services.chat_settings import TAKEN, checked_values, choices_from

if TYPE_CHECKING:
    from desktop_app.services.ports import ChatChoiceStore, PresetStore

_LARGEST_FILE = 1_000_000


class PresetService:
    """Lists, keeps, exports and applies presets. Blocking; thread-safe as its store is."""

    def __init__(self, store: PresetStore, chats: ChatChoiceStore, source: Path | None = None) -> None:
        """`source` is the folder of the presets that come along."""
        self._store = store
        self._chats = chats
        self._source = source or resource_path("presets")

    def all(self) -> list[Preset]:
        """A person's own presets first, then those that come along, each by name."""
        return [*sorted(self._store.all(), key=_by_name), *sorted(self._builtin(), key=_by_name)]

    def get(self, ref: str) -> Preset:
        """The preset of that ref. Raises NotFoundError."""
        for preset in self.all():
            if preset.ref == ref:
                return preset
        raise NotFoundError("This preset is not there any more.", "It was deleted.", "Choose another preset.")

    def named(self, name: str) -> Preset:
        """The preset of that name, letters' case aside; a person's own goes first. Raises NotFoundError."""
        for preset in self.all():
            if preset.name.casefold() == name.strip().casefold():
                return preset
        names = ", ".join(preset.name for preset in self.all())
        raise NotFoundError(f"There is no preset “{name}”.", "", f"Choose one of these: {names}.")

    # Own ones -----------------------------------------------------------------------------------

    def add(self, name: str, description: str, values: Mapping[str, Any]) -> Preset:
        """Keep a preset. Raises PresetError for a name that is empty or taken, or a value that does not fit."""
        return self._store.add(self._free_name(name, ""), description.strip(), checked_values(values))

    def change(self, preset: Preset) -> None:
        """Replace a person's own preset. Raises PresetError, NotFoundError."""
        if preset.is_builtin:
            raise PresetError(
                "This preset comes with Inkwell.", "It cannot be changed.", "Save a copy of it under another name."
            )
        name = self._free_name(preset.name, preset.ref)
        self._store.change(
            replace(preset, name=name, description=preset.description.strip(), values=checked_values(preset.values))
        )

    def delete(self, ref: str) -> Preset:
        """Remove a person's own preset; what was removed, to add it again. Chats keep the values they took over."""
        preset = self.get(ref)
        self._store.delete(ref)
        return preset

    # Files --------------------------------------------------------------------------------------

    def as_toml(self, preset: Preset) -> str:
        """The preset as a file that `read_file` reads."""
        import tomlkit

        document = tomlkit.document()
        document["name"] = preset.name
        document["description"] = preset.description
        tables: dict[str, dict[str, Any]] = {}
        for key, value in sorted(preset.values.items()):
            table, _, name = key.partition(".")
            tables.setdefault(table, {})[name] = value
        document["values"] = tables
        return tomlkit.dumps(document)

    def import_file(self, path: Path) -> Preset:
        """Keep the preset of a file as an own one. Raises PresetError where the file holds none."""
        try:
            with path.open("rb") as file:
                content = file.read(_LARGEST_FILE + 1)
            if len(content) > _LARGEST_FILE:
                raise ValueError("it is larger than 1 MB")
            preset = _parsed("", tomllib.loads(content.decode("utf-8")))
        except OSError as error:
            raise PresetError(f"“{path.name}” cannot be read.", system_reason(error), "Check the file.") from error
        except (ValueError, RecursionError) as error:
            raise PresetError(
                f"“{path.name}” is no preset.", str(error), "Choose a preset file that Inkwell exported."
            ) from error
        return self._store.add(self._unused(preset.name), preset.description, checked_values(preset.values))

    # Chats --------------------------------------------------------------------------------------

    def choices(self, conversation_id: int) -> ChatChoices:
        """What the chat decides for itself. Raises NotFoundError."""
        return choices_from(self._chats.settings_of(conversation_id))

    def apply(self, conversation_id: int, preset: Preset | None) -> None:
        """Let the chat follow `preset`, or none; its own changes go. Raises NotFoundError."""
        if preset is None:
            self.put_choices(conversation_id, ChatChoices())
        else:
            self.put_choices(conversation_id, preset.chosen())

    def set_own(self, conversation_id: int, key: str, value: Any) -> None:
        """Change one value in this chat alone; None takes the change back. Raises PresetError, NotFoundError."""
        choices = self.choices(conversation_id)
        own = {name: kept for name, kept in choices.own.items() if name != key}
        if value is not None:
            own.update(checked_values({key: value}))
        self.put_choices(conversation_id, replace(choices, own=own))

    def save_chat_as(self, conversation_id: int, name: str, description: str = "") -> Preset:
        """Keep what the chat uses as a new preset, and let the chat follow it. Raises PresetError, NotFoundError."""
        choices = self.choices(conversation_id)
        preset = self.add(name, description, {**choices.preset_values, **choices.own})
        self.apply(conversation_id, preset)
        return preset

    def put_choices(self, conversation_id: int, choices: ChatChoices) -> None:
        """Replace all that the chat decides for itself; its other stored values stay. Raises NotFoundError."""
        kept = dict(self._chats.settings_of(conversation_id))
        for name in (PRESET, PRESET_NAME, TAKEN, OWN_VALUES):
            kept.pop(name, None)
        if choices.preset_ref:
            kept |= {PRESET: choices.preset_ref, PRESET_NAME: choices.preset_name, TAKEN: dict(choices.preset_values)}
        if choices.own:
            kept[OWN_VALUES] = dict(choices.own)
        self._chats.set_settings_of(conversation_id, kept)

    def _builtin(self) -> list[Preset]:
        found = []
        for path in self._source.glob("*.toml"):
            found.append(_parsed(f"builtin:{path.stem}", tomllib.loads(path.read_text(encoding="utf-8"))))
        return found

    def _free_name(self, name: str, ref: str) -> str:
        cleaned = " ".join(name.split())
        if not cleaned:
            raise PresetError("The preset has no name.", "", "Give it a name.")
        if any(one.name.casefold() == cleaned.casefold() and one.ref != ref for one in self._store.all()):
            raise PresetError(f"There is a preset “{cleaned}” already.", "", "Choose another name, or change that one.")
        return cleaned

    def _unused(self, name: str) -> str:
        taken = {one.name.casefold() for one in self._store.all()}
        number, tried = 1, name
        while tried.casefold() in taken:
            number += 1
            tried = f"{name} {number}"
        return tried


def _parsed(ref: str, content: Mapping[str, Any]) -> Preset:
    """The preset of a file's content. Raises ValueError."""
    name, tables = content.get("name"), content.get("values")
    if not isinstance(name, str) or not name.strip():
        raise ValueError("it has no name")
    if not isinstance(tables, dict) or not all(isinstance(table, dict) for table in tables.values()):
        raise ValueError("it has no values")
    values = {f"{table}.{key}": value for table, pairs in tables.items() for key, value in pairs.items()}
    return Preset(ref, " ".join(name.split()), str(content.get("description") or ""), values)


def _by_name(preset: Preset) -> str:
    return preset.name.casefold()
