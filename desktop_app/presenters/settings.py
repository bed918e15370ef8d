"""The settings form without its widgets: rows, changes, resets, search, written off the GUI thread."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from PySide6.QtCore import QObject, QTimer, Signal

from desktop_app.domain.errors import SettingError
from desktop_app.domain.memory_estimate import MemoryEstimate
from desktop_app.presenters.setting_row import (
    CONTEXT_KEY,
    SPELLING_KEYS,
    ModelFacts,
    SpellingFacts,
    build_row,
)
from desktop_app.settings.schema import DECODER_KEY, ENCODER_KEY, SETTINGS, setting_for, settings_in
from desktop_app.settings.validation import check_value

if TYPE_CHECKING:
    from desktop_app.domain.cancellation import CancelToken
    from desktop_app.domain.errors import InkwellError
    from desktop_app.presenters.setting_row import (
        SettingRow,
    )
    from desktop_app.presenters.settings_watcher import SettingsWatcher
    from desktop_app.presenters.tasks import TaskRunner
    from desktop_app.services.model_library import ModelLibrary
    from desktop_app.settings.schema import Section, Setting, Value
    from desktop_app.settings.values import SettingsFile

WRITE_DELAY_MS = 200
_FACTS_CHANNEL = "settings.facts"


class _Facts(msgspec.Struct, frozen=True):
    model: ModelFacts
    memory: MemoryEstimate | None
    spelling: SpellingFacts | None = None  # None until dictionaries were looked for


class SettingsPresenter(QObject):
    """Rows of the form. A change shows at once, is checked at once, and is written a moment later by a task."""

    row_changed = Signal(str)
    """A row's value, bounds or remark is another now."""
    refused = Signal(str, object)
    """(key, InkwellError): the value was not taken; the row shows what is in force."""
    page_reset = Signal(str, object)
    """(section's name, the values it had): a page was reset; `restore` takes the values back."""

    def __init__(
        self,
        settings: SettingsFile,
        library: ModelLibrary,
        tasks: TaskRunner,
        watcher: SettingsWatcher,
        held: Callable[[], int] = lambda: 0,
        parent: QObject | None = None,
        *,
        spelling: Callable[[], SpellingFacts] = SpellingFacts,
    ) -> None:
        """`held`: bytes the loaded chat model would give back when it is loaded anew (its process's memory).
        `spelling()` tells which languages can be checked here; called off the GUI thread.
        """
        super().__init__(parent)
        self._held = held
        self._spelling = spelling
        self._settings = settings
        self._library = library
        self._tasks = tasks
        self._facts = _Facts(ModelFacts(), None)
        self._pending: dict[str, Value] = {}
        self._writing: dict[str, Value] = {}
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(WRITE_DELAY_MS)
        self._timer.timeout.connect(self._write)
        watcher.changed.connect(self._on_changed)

    # What is shown ------------------------------------------------------------------------------

    def row(self, key: str) -> SettingRow:
        """The row of one setting, with what was changed a moment ago."""
        setting = setting_for(key)
        return build_row(
            setting,
            self._person_value(key),
            self._facts.model,
            memory=self._facts.memory if key == CONTEXT_KEY else None,
            spelling=self._facts.spelling,
            locked_by=self._settings.environment_override(key) or "",
        )

    def watch_rows(self, changed: Callable[[str], object]) -> None:
        """Call `changed` with the key of each row that changes."""
        self.row_changed.connect(changed)

    def find(self, text: str) -> list[Setting]:
        """Settings that `text` may mean; see setting_search."""
        from desktop_app.presenters.setting_search import find_settings

        return find_settings(text)

    def page_changed(self, section: Section) -> bool:
        """True when a setting of the page differs from its default."""
        return any(self.row(setting.key).reset_text for setting in settings_in(section))

    # Changing -----------------------------------------------------------------------------------

    def set(self, key: str, value: object) -> None:
        """Take a new value; `refused` tells when it cannot be."""
        setting = setting_for(key)
        if self._is_locked(setting):
            self.row_changed.emit(key)
            return
        if key in (DECODER_KEY, ENCODER_KEY) and value:
            self._choose_model(key, Path(str(value)))
            return
        try:
            checked = check_value(setting, value)
        except SettingError as error:
            self.refused.emit(key, error)
            return
        self._queue(key, checked)

    def reset(self, key: str) -> None:
        """Go back to the value the row's reset link names."""
        if not self._is_locked(setting_for(key)):
            self._queue(key, None)

    def reset_page(self, section: Section) -> None:
        """Reset every setting of a page; `page_reset` carries what they were."""
        before: dict[str, Value] = {}
        for setting in settings_in(section):
            if self.row(setting.key).reset_text:
                before[setting.key] = self._person_value(setting.key)
                self.reset(setting.key)
        if before:
            self.page_reset.emit(section.value, before)

    def restore(self, values: dict[str, Value]) -> None:
        """Set what a reset page had."""
        for key, value in values.items():
            self._queue(key, value)

    def flush(self) -> None:
        """Write what waits, now and in this thread (program exit). Raises SettingError."""
        self._timer.stop()
        waiting, self._pending = self._pending, {}
        _write_all(self._settings, waiting)

    # The model's part ---------------------------------------------------------------------------

    def refresh_model(self) -> None:
        """Read what the chat model decides: trained context, its sampling values, memory."""
        wanted = self._pending.get(CONTEXT_KEY) or self._writing.get(CONTEXT_KEY)
        self._tasks.run(
            lambda _cancel: self._read_facts(wanted if isinstance(wanted, int) else None),
            done=self._take_facts,
            failed=lambda _error: self._take_facts(_Facts(ModelFacts(), None)),
            channel=_FACTS_CHANNEL,
        )

    def _read_facts(self, wanted_context: int | None) -> _Facts:
        path = self._library.decoder_path()
        described = self._library.describe(path)
        length = self._library.context_in_force(path)
        if wanted_context is not None:
            length = min(wanted_context, described.trained_context or wanted_context)
        return _Facts(
            ModelFacts(
                described.trained_context,
                self._library.default_context(path),
                described.sampling,
                described.catalogue_sampling,
            ),
            self._library.memory_need(path, length, held=self._held()),
            self._spelling(),
        )

    def _take_facts(self, facts: _Facts) -> None:
        self._facts = facts
        for setting in SETTINGS:
            if setting.table == "sampling" or setting.key in (CONTEXT_KEY, *SPELLING_KEYS):
                self.row_changed.emit(setting.key)

    def _choose_model(self, key: str, path: Path) -> None:
        def work(cancel: CancelToken) -> None:
            choose = self._library.choose_decoder if key == DECODER_KEY else self._library.choose_encoder
            choose(path, cancel)

        self._tasks.run(
            work,
            done=lambda _none: self.row_changed.emit(key),
            failed=lambda error: self.refused.emit(key, error),
            channel=f"choose.{key}",
        )

    # Writing ------------------------------------------------------------------------------------

    def _person_value(self, key: str) -> Value:
        for waiting in (self._pending, self._writing):
            if key in waiting:
                return waiting[key]
        return self._settings.person_value(key)

    def _is_locked(self, setting: Setting) -> bool:
        return setting.read_only or self._settings.environment_override(setting.key) is not None

    def _queue(self, key: str, value: Value) -> None:
        self._pending[key] = value
        self._timer.start()
        self.row_changed.emit(key)
        if key == CONTEXT_KEY:
            self.refresh_model()

    def _write(self) -> None:
        if self._writing or not self._pending:
            return
        self._writing, self._pending = self._pending, {}
        values = dict(self._writing)
        self._tasks.run(
            lambda _cancel: _write_all(self._settings, values),
            done=lambda _none: self._written(),
            failed=self._not_written,
        )

    def _written(self) -> None:
        keys, self._writing = list(self._writing), {}
        for key in keys:
            self.row_changed.emit(key)
        if self._pending:
            self._timer.start()

    def _not_written(self, error: InkwellError) -> None:
        keys = list(self._writing)
        self._written()
        for key in keys:
            self.refused.emit(key, error)

    def _on_changed(self, key: str) -> None:
        self.row_changed.emit(key)
        if key == DECODER_KEY or key in (CONTEXT_KEY, "decoder.batch_size", *SPELLING_KEYS):
            self.refresh_model()


def _write_all(settings: SettingsFile, values: dict[str, Value]) -> None:
    for key, value in values.items():
        if value is None:
            settings.reset(key)
        else:
            settings.set(key, value)
