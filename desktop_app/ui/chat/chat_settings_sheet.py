"""The settings of the open chat: what its preset decides, what the chat changes, and what that goes back to."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from desktop_app.domain.errors import InkwellError
from desktop_app.domain.presets import INSTRUCTIONS_KEY, belongs_in_preset
from desktop_app.presenters.presets import PresetsPresenter
from desktop_app.settings.schema import SETTINGS, Setting, setting_for
from desktop_app.ui.settings.form_page import FormPage, Group
from desktop_app.ui.theme.theme import Theme
from desktop_app.ui.widgets import PlainLabel, TextButton
from desktop_app.ui.widgets.floating_sheet import FloatingSheet

_WIDTH = 760
_HEIGHT = 600
_EVERYDAY = (INSTRUCTIONS_KEY, "sampling.temperature", "decoder.max_answer_tokens", "decoder.context_length")


def _everyday() -> list[Setting]:
    return [setting_for(key) for key in _EVERYDAY]


def _expert() -> list[Setting]:
    return [setting for setting in SETTINGS if belongs_in_preset(setting.key) and setting.key not in _EVERYDAY]


class ChatSettingsSheet(FloatingSheet):
    """The rows of the settings form, for one chat."""

    preset_wanted = Signal()
    """The person wants to choose another preset."""

    def __init__(self, presenter: PresetsPresenter, theme: Theme, parent: QWidget) -> None:
        super().__init__(theme, parent, width=_WIDTH, height=_HEIGHT)
        self._presenter = presenter
        self._saving = False
        self.set_name(self.tr("Settings of this chat"))
        self.content.setContentsMargins(20, 16, 12, 14)
        self.content.setSpacing(8)
        head = QHBoxLayout()
        head.addWidget(PlainLabel(self.tr("Settings of this chat"), "title"))
        head.addStretch()
        self.preset_button = TextButton("")
        self.preset_button.clicked.connect(self._choose_preset)
        head.addWidget(self.preset_button)
        self.content.addLayout(head)
        self.summary = PlainLabel("", "small", wrap=True)
        self.content.addWidget(self.summary)
        groups: list[Group] = [("", _everyday()), (self.tr("Expert sampling"), _expert())]
        self.page = FormPage(presenter, theme, self.tr("Settings of this chat"), groups)
        self.content.addWidget(self.page, 1)
        self.problem = PlainLabel("", "warning", wrap=True)
        self.problem.hide()
        self.content.addWidget(self.problem)
        self.content.addLayout(self._make_foot())
        presenter.choices_changed.connect(self._show)
        presenter.kept.connect(lambda _preset: self._kept())
        presenter.failed.connect(self._show_problem)
        self._show()

    def open_over(self, window: QWidget) -> None:
        """Show the rows as they are now."""
        self.problem.hide()
        self.name_field.clear()
        for row in self.page.rows.values():
            row.clear_error()
            row.refresh()
        self._show()
        self._presenter.refresh_rows()
        super().open_over(window)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter in the name keeps the preset; elsewhere it must not press a button of the sheet."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if self.name_field.hasFocus():
                self._save()
            return
        super().keyPressEvent(event)

    def _make_foot(self) -> QHBoxLayout:
        foot = QHBoxLayout()
        foot.setSpacing(8)
        self.reset_button = TextButton(self.tr("Reset all"))
        self.reset_button.clicked.connect(self._presenter.reset_all)
        self.name_field = QLineEdit()
        self.name_field.setPlaceholderText(self.tr("Name of a new preset"))
        self.name_field.setAccessibleName(self.tr("Name of a new preset"))
        self.name_field.textChanged.connect(lambda _text: self._show())
        self.save_button = TextButton(self.tr("Save as preset"), "primary")
        self.save_button.clicked.connect(self._save)
        foot.addWidget(self.reset_button)
        foot.addStretch()
        foot.addWidget(self.name_field)
        foot.addWidget(self.save_button)
        return foot

    def _show(self) -> None:
        choices = self._presenter.choices
        changed = len(list(choices.changed()))
        name = choices.preset_name
        self.preset_button.setText(self.tr("Preset: {0}").format(name) if name else self.tr("Choose a preset…"))
        if changed:
            one, more = self.tr("1 value changed in this chat."), self.tr("{0} values changed in this chat.")
            self.summary.setText(one if changed == 1 else more.format(changed))
        elif name:
            self.summary.setText(self.tr("As the preset “{0}” has it.").format(name))
        else:
            self.summary.setText(self.tr("As in Settings. What you change here holds for this chat alone."))
        self.reset_button.setEnabled(changed > 0)
        self.save_button.setEnabled(bool(self.name_field.text().strip()) and not self._saving)

    def _save(self) -> None:
        name = self.name_field.text().strip()
        if name and not self._saving:
            self._saving = True
            self.problem.hide()
            self._presenter.save_as(name)
            self._show()

    def _kept(self) -> None:
        if self._saving:
            self._saving = False
            self.name_field.clear()
        self._show()

    def _choose_preset(self) -> None:
        self.hide()
        self.preset_wanted.emit()

    def _show_problem(self, error: InkwellError) -> None:
        self._saving = False
        self.problem.setText(str(error))
        self.problem.show()
        self._show()
