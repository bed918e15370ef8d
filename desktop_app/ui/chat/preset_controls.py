"""The preset of the shown chat: the chip in its head, the two sheets, and what is said after a choice."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from desktop_app.domain.errors import InkwellError
from desktop_app.domain.presets import ChatChoices, Preset
from desktop_app.presenters.presets import PresetsPresenter
from desktop_app.presenters.shell import ShellPresenter
from desktop_app.ui.actions import Actions
from desktop_app.ui.theme.theme import Theme
from desktop_app.ui.widgets import ChipButton

if TYPE_CHECKING:
    from desktop_app.ui.chat.chat_settings_sheet import ChatSettingsSheet
    from desktop_app.ui.chat.preset_sheet import PresetSheet


class PresetControls(QObject):
    """Opens the sheets when they are wanted, makes them when they are first opened."""

    def __init__(
        self, presenter: PresetsPresenter, theme: Theme, actions: Actions, shell: ShellPresenter, screen: QWidget
    ) -> None:
        super().__init__(screen)
        self._presenter = presenter
        self._theme = theme
        self._shell = shell
        self._screen = screen
        self._sheet: PresetSheet | None = None
        self._settings: ChatSettingsSheet | None = None
        self._if_left: Callable[[], object] | None = None
        self.chip = ChipButton("")
        self.chip.setToolTip(self.tr("The preset of this chat, and what the chat changes. Opens its settings."))
        self.chip.hide()
        self.chip.clicked.connect(self.open_settings)
        actions["chat.preset"].triggered.connect(self.open_presets)
        actions["chat.settings"].triggered.connect(self.open_settings)
        presenter.choices_changed.connect(self._show)
        presenter.picked.connect(self._say_picked)
        presenter.deleted.connect(self._say_deleted)
        presenter.kept.connect(self._say_kept)
        presenter.failed.connect(self._say_failed)
        self._show()

    def open_presets(self) -> None:
        """Open the list of presets over the window."""
        self._if_left = None
        self._preset_sheet().open_over(self._screen.window())

    def open_for_slash(self, insert_slash: Callable[[], object]) -> None:
        """As `open_presets`, for a "/" in the empty composer; who leaves without a choice wanted to write one."""
        self._if_left = insert_slash
        self._preset_sheet().open_over(self._screen.window())

    def _preset_sheet(self) -> PresetSheet:
        if self._sheet is None:
            from desktop_app.ui.chat.preset_sheet import PresetSheet

            self._sheet = PresetSheet(self._presenter, self._theme, self._screen.window())
            self._sheet.settings_wanted.connect(self.open_settings)
            self._sheet.rejected.connect(self._left)
        return self._sheet

    def _left(self) -> None:
        insert_slash, self._if_left = self._if_left, None
        if insert_slash is not None:
            insert_slash()

    def open_settings(self) -> None:
        """Open the settings of the shown chat over the window."""
        if self._settings is None:
            from desktop_app.ui.chat.chat_settings_sheet import ChatSettingsSheet

            self._settings = ChatSettingsSheet(self._presenter, self._theme, self._screen.window())
            self._settings.preset_wanted.connect(self.open_presets)
        self._settings.open_over(self._screen.window())

    def _show(self) -> None:
        choices = self._presenter.choices
        changed = len(list(choices.changed()))
        self.chip.setVisible(bool(choices.preset_name) or changed > 0)
        words = choices.preset_name or self.tr("Own settings")
        if choices.preset_name and changed:
            words = self.tr("{0} · changed").format(words)
        self.chip.set_text(words)
        self.chip.setAccessibleName(self.tr("Preset: {0}").format(words))

    def _say_picked(self, name: str, before: ChatChoices) -> None:
        said = (
            self.tr("This chat follows “{0}” now").format(name) if name else self.tr("This chat follows no preset now")
        )
        self._shell.show_notice(said, lambda: self._presenter.put_back(before))

    def _say_deleted(self, preset: Preset) -> None:
        self._shell.show_notice(
            self.tr("Preset “{0}” deleted").format(preset.name), lambda: self._presenter.add_again(preset)
        )

    def _say_kept(self, preset: Preset) -> None:
        self._shell.show_notice(self.tr("Preset “{0}” kept").format(preset.name))

    def _say_failed(self, error: InkwellError) -> None:
        """Where no sheet is open that would say it."""
        if not any(sheet is not None and sheet.isVisible() for sheet in (self._sheet, self._settings)):
            self._shell.show_error(error)
