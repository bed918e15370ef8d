"""Presets and the settings of one chat, without their widgets. Every read and write is a task."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from msgspec.structs import replace
from PySide6.QtCore import QObject, Signal

from desktop_app.domain.errors import PresetError, system_reason
from desktop_app.domain.presets import ChatChoices
from desktop_app.presenters.chat_service import ChatSlot
from desktop_app.presenters.setting_row import display_value
from desktop_app.settings.schema import setting_for

if TYPE_CHECKING:
    from desktop_app.domain.cancellation import CancelToken
    from desktop_app.domain.errors import InkwellError
    from desktop_app.domain.presets import Preset
    from desktop_app.presenters.setting_row import SettingRow
    from desktop_app.presenters.tasks import TaskRunner
    from desktop_app.settings.schema import Setting, Value

T = TypeVar("T")

_LIST = "presets.list"
_CHAT = "presets.chat"


class Presets(Protocol):
    """What the screens ask of services/presets.py."""

    def all(self) -> list[Preset]:
        """A person's own presets first, then those that come along."""
        ...

    def choices(self, conversation_id: int) -> ChatChoices:
        """What the chat decides for itself. Raises NotFoundError."""
        ...

    def apply(self, conversation_id: int, preset: Preset | None) -> None:
        """Let the chat follow `preset`, or none. Raises NotFoundError."""
        ...

    def put_choices(self, conversation_id: int, choices: ChatChoices) -> None:
        """Replace all that the chat decides for itself. Raises NotFoundError."""
        ...

    def set_own(self, conversation_id: int, key: str, value: object) -> None:
        """Change one value in this chat alone; None takes it back. Raises PresetError, NotFoundError."""
        ...

    def save_chat_as(self, conversation_id: int, name: str, description: str = "") -> Preset:
        """Keep what the chat uses as a preset. Raises PresetError, NotFoundError."""
        ...

    def add(self, name: str, description: str, values: Mapping[str, Any]) -> Preset:
        """Keep a preset. Raises PresetError."""
        ...

    def delete(self, ref: str) -> Preset:
        """Remove an own preset. Raises NotFoundError."""
        ...

    def import_file(self, path: Path) -> Preset:
        """Keep the preset of a file. Raises PresetError."""
        ...

    def as_toml(self, preset: Preset) -> str:
        """The preset as a file."""
        ...


class BaseRows(Protocol):
    """The rows of the person's settings, which a chat starts from (presenters/settings.py)."""

    def row(self, key: str) -> SettingRow:
        """The row of one setting."""
        ...

    def refresh_model(self) -> None:
        """Read what the chat model decides; the rows that differ then are told of."""
        ...

    def watch_rows(self, changed: Callable[[str], object]) -> None:
        """Call `changed` with the key of each row that changes."""
        ...


class PresetsPresenter(QObject):
    """The list of presets, and what the open chat makes of them."""

    list_changed = Signal()
    choices_changed = Signal()
    """The open chat follows another preset, or changed a value."""
    picked = Signal(str, object)
    """(name of the preset, ChatChoices before): a preset was taken over; `put_back` undoes it."""
    deleted = Signal(object)
    """Preset: an own one was removed; `add_again` undoes it."""
    kept = Signal(object)
    """Preset: saved or imported."""
    row_changed = Signal(str)
    refused = Signal(str, object)
    """(key, InkwellError): a value was not taken."""
    failed = Signal(object)
    """InkwellError of anything else."""

    def __init__(
        self,
        presets: Presets,
        base: BaseRows,
        tasks: TaskRunner,
        ensure: Callable[[ChatSlot], int],
        made: Callable[[ChatSlot], None],
        parent: QObject | None = None,
    ) -> None:
        """`ensure` gives a chat its row in the store (blocks); `made` is told that it has one now."""
        super().__init__(parent)
        self._presets = presets
        self._base = base
        self._tasks = tasks
        self._ensure = ensure
        self._made = made
        self._slot = ChatSlot()
        self._told: ChatSlot | None = None
        self._waiting: deque[Callable[[], object]] = deque()
        self._changing = False
        self.presets: list[Preset] = []
        self.choices = ChatChoices()
        base.watch_rows(self.row_changed.emit)

    # The list -----------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Read the presets again."""
        self._tasks.run(lambda _cancel: self._presets.all(), done=self._take_list, failed=self._fail, channel=_LIST)

    def matching(self, text: str) -> list[Preset]:
        """Presets whose name or description holds every word of `text`; those whose name begins with it go first."""
        words = text.casefold().split()
        found = [one for one in self.presets if all(word in _words_of(one) for word in words)]
        begin = text.casefold().strip()
        return sorted(found, key=lambda one: not one.name.casefold().startswith(begin))

    def import_file(self, path: Path) -> None:
        """Keep the preset of a file as an own one."""
        self._keep(lambda: self._presets.import_file(path))

    def export(self, preset: Preset, path: Path) -> None:
        """Write the preset into a file."""
        not_written = self.tr("“{0}” could not be written.").format(path.name)
        todo = self.tr("Choose another folder.")

        def work(_cancel: CancelToken) -> None:
            try:
                path.write_text(self._presets.as_toml(preset), encoding="utf-8", newline="\n")
            except OSError as error:
                raise PresetError(not_written, system_reason(error), todo) from error

        self._tasks.run(work, done=lambda _none: None, failed=self._fail)

    def delete(self, preset: Preset) -> None:
        """Remove an own preset."""

        def done(gone: Preset) -> None:
            self.refresh()
            self.deleted.emit(gone)

        self._tasks.run(lambda _cancel: self._presets.delete(preset.ref), done=done, failed=self._fail)

    def add_again(self, preset: Preset) -> None:
        """Undo `delete`."""
        self._keep(lambda: self._presets.add(preset.name, preset.description, preset.values))

    # The open chat ------------------------------------------------------------------------------

    def show(self, slot: ChatSlot) -> None:
        """The chat that is shown now; it may have no row in the store yet."""
        self._slot = slot
        self._told = slot if slot.id is not None else None
        self._take_choices(ChatChoices())
        self._read_choices()

    def pick(self, preset: Preset | None) -> None:
        """Let the open chat follow `preset`, or none."""
        before = self.choices
        after = ChatChoices() if preset is None else preset.chosen()
        self._put(after, lambda: self.picked.emit("" if preset is None else preset.name, before))

    def put_back(self, choices: ChatChoices) -> None:
        """Undo `pick`."""
        self._put(choices, lambda: None)

    def save_as(self, name: str, description: str = "") -> None:
        """Keep what the open chat uses as a preset, which it then follows."""
        self._keep(self._with_chat(lambda chat: self._presets.save_chat_as(chat, name, description)))

    # Rows (as the settings screen's rows want them) -----------------------------------------------

    def row(self, key: str) -> SettingRow:
        """The row of a setting in this chat: what it is, and what it returns to."""
        base = self._base.row(key)
        setting = base.setting
        preset_value = self.choices.preset_values.get(key)
        returns_to: Value = base.value if preset_value is None else preset_value
        source = self.tr("settings") if preset_value is None else self.tr("preset")
        own = self.choices.own.get(key)
        value = returns_to if own is None else own
        changed = own is not None and own != returns_to
        shown = display_value(setting, returns_to)
        return replace(
            base,
            value=value,
            changed=changed,
            source=source,
            remark=self.tr("as in Settings") if preset_value is None else self.tr("from the preset"),
            reset_text=f"↺ {shown} ({source})" if changed else "",
            reset_words=self.tr("Reset {0} to {1}, {2}").format(setting.label, shown, source) if changed else "",
            memory="",
            locked_by="",
        )

    def refresh_rows(self) -> None:
        """Read anew what the chat starts from: the model's values may not be known yet, or be another model's."""
        self._base.refresh_model()

    def set(self, key: str, value: object) -> None:
        """Change a value in the open chat alone."""
        self._change(setting_for(key), value)

    def reset(self, key: str) -> None:
        """Take the chat's change of that value back."""
        self._change(setting_for(key), None)

    def reset_all(self) -> None:
        """Take all changes of the chat back; the preset stays."""
        self._put(replace(self.choices, own={}), lambda: None)

    def _change(self, setting: Setting, value: object) -> None:
        work = self._with_chat(lambda chat: self._presets.set_own(chat, setting.key, value))
        self._in_turn(
            work,
            done=lambda _none: self._read_choices(),
            failed=lambda error: self.refused.emit(setting.key, error),
        )

    # Tasks ----------------------------------------------------------------------------------------

    def _with_chat(self, act: Callable[[int], T]) -> Callable[[], T]:
        """`act` on the chat that is shown now, with a row in the store; for a task."""
        slot = self._slot

        def work() -> T:
            return act(self._ensure(slot))

        return work

    def _put(self, choices: ChatChoices, then: Callable[[], None]) -> None:
        work = self._with_chat(lambda chat: self._presets.put_choices(chat, choices))

        def done(_none: None) -> None:
            self._read_choices()
            then()

        self._in_turn(work, done=done, failed=self._fail)

    def _keep(self, work: Callable[[], Preset]) -> None:
        def done(preset: Preset) -> None:
            self.refresh()
            self._read_choices()
            self.kept.emit(preset)

        self._in_turn(work, done=done, failed=self._fail)

    def _in_turn(
        self, work: Callable[[], T], *, done: Callable[[T], None], failed: Callable[[InkwellError], None]
    ) -> None:
        """Run `work` once all that was asked for before has ended: what is saved holds what was changed just before."""

        def took_place(result: T) -> None:
            self._changing = False
            done(result)
            self._begin_next()

        def did_not(error: InkwellError) -> None:
            self._changing = False
            failed(error)
            self._begin_next()

        self._waiting.append(lambda: self._tasks.run(lambda _cancel: work(), done=took_place, failed=did_not))
        self._begin_next()

    def _begin_next(self) -> None:
        if self._waiting and not self._changing:
            self._changing = True
            self._waiting.popleft()()

    def _read_choices(self) -> None:
        slot = self._slot
        chat = slot.id
        if chat is None:
            return
        if slot is not self._told:
            self._told = slot
            self._made(slot)
        self._tasks.run(
            lambda _cancel: self._presets.choices(chat),
            done=lambda choices: self._take_choices(choices) if slot is self._slot else None,
            failed=lambda _error: None,  # the chat itself says that it cannot be read
            channel=_CHAT,
        )

    def _take_list(self, presets: list[Preset]) -> None:
        self.presets = presets
        self.list_changed.emit()

    def _take_choices(self, choices: ChatChoices) -> None:
        before, self.choices = self.choices, choices
        if before == choices:
            return
        for key in {*before.own, *before.preset_values, *choices.own, *choices.preset_values}:
            self.row_changed.emit(key)
        self.choices_changed.emit()

    def _fail(self, error: InkwellError) -> None:
        self.failed.emit(error)


def _words_of(preset: Preset) -> str:
    return f"{preset.name} {preset.description}".casefold()
