"""An empty chat: what the model is good for, its loading, or what keeps it from working."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal, SignalInstance
from PySide6.QtWidgets import QBoxLayout, QWidget

from desktop_app.domain.errors import InkwellError
from desktop_app.ui.chat.middle_page import MiddlePage
from desktop_app.ui.widgets import ErrorBox, IconLabel, PlainLabel, TextButton, ThinProgress, plain_tool_tip, set_role
from desktop_app.ui.widgets.problem_place import ProblemPlace

if TYPE_CHECKING:
    from desktop_app.ui.theme.theme import Theme
    from desktop_app.ui.widgets import ButtonAction


_BAR_WIDTH = 240
_LONGEST_NAME = 30


class EmptyChat(MiddlePage):
    """Shown in place of the transcript while a chat has no message."""

    search_wanted = Signal()
    notes_wanted = Signal()
    models_wanted = Signal()
    writing_wanted = Signal()
    better_wanted = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._problem = ProblemPlace(self._column, theme)
        self._column.setSpacing(10)
        self._icon = IconLabel(theme.icon("spark", "accent"), 32)
        self._column.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignHCenter)
        self._title = self._centred("heading")
        self._sentence = self._centred("reading")
        self._second = self._centred("muted")
        self._buttons, self._button_row = self._make_buttons(
            (self.tr("Try search"), "primary", self.search_wanted),
            (self.tr("Add my notes…"), "", self.notes_wanted),
            (self.tr("Use a better model…"), "", self.models_wanted),
        )
        self._search_button, _notes, self._models_button = self._buttons.findChildren(TextButton)
        self.better_button = TextButton("", "primary", parent=self._buttons)
        self.better_button.clicked.connect(self.better_wanted)
        self.better_button.hide()
        self._button_row.insertWidget(1, self.better_button, 0, Qt.AlignmentFlag.AlignHCenter)
        self._base_buttons, self._base_row = self._make_buttons(
            (self.tr("Free writing"), "primary", self.writing_wanted),
            (self.tr("Choose another model…"), "", self.models_wanted),
        )
        self._base_buttons.hide()
        self._state = self._centred("small")
        self._bar = ThinProgress(theme, name=self.tr("Loading the chat model"))
        self._column.addWidget(self._bar, 0, Qt.AlignmentFlag.AlignHCenter)
        theme.changed.connect(self._fit)

    def _fit(self) -> None:
        """The buttons stand side by side where they have room, else one below the other."""
        super()._fit()
        room = self._room()
        directions = QBoxLayout.Direction
        for holder, row in ((self._buttons, self._button_row), (self._base_buttons, self._base_row)):
            buttons = [each for each in holder.findChildren(TextButton) if not each.isHidden()]
            needed = sum(button.sizeHint().width() + row.spacing() for button in buttons)
            row.setDirection(directions.LeftToRight if needed <= room else directions.TopToBottom)
        self._bar.setFixedWidth(min(self._theme.px(_BAR_WIDTH), room))

    def _centred(self, role: str) -> PlainLabel:
        label = PlainLabel("", role, wrap=True)
        label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._column.addWidget(label)
        return label

    def _make_buttons(self, *wanted: tuple[str, str, SignalInstance]) -> tuple[QWidget, QBoxLayout]:
        holder = QWidget()
        row = QBoxLayout(QBoxLayout.Direction.LeftToRight, holder)
        row.setContentsMargins(0, 8, 0, 8)
        row.setSpacing(8)
        row.addStretch(1)
        for words, role, signal in wanted:
            button = TextButton(words, role, parent=holder)
            button.clicked.connect(signal)
            row.addWidget(button, 0, Qt.AlignmentFlag.AlignHCenter)
        row.addStretch(1)
        self._column.addWidget(holder)
        return holder, row

    def show_base_model(self) -> None:
        """Word the screen for a model that only goes on with texts."""
        self._buttons.hide()
        self._base_buttons.show()
        self._title.setText(self.tr("This model goes on with texts"))
        self._sentence.setText(
            self.tr("It is a base model: it has no chat template, so it cannot answer questions in a chat.")
        )
        self._second.setText(self.tr("Write a beginning in free writing, and it continues in place."))

    def show_welcome(self, *, starter: bool, missing: bool = False) -> None:
        """Word the screen for the starter model, which may be `missing`, or for any other."""
        self._base_buttons.hide()
        self._buttons.setVisible(starter)
        self._models_button.setText(self.tr("Choose a model…") if missing else self.tr("Use a better model…"))
        if starter and missing:
            self._title.setText(self.tr("Notes and search work already"))
            self._sentence.setText(self.tr("To chat, Inkwell needs a chat model: a file in GGUF format."))
            self._second.setText(self.tr("Models lists good ones, and takes any that you drop on the window."))
        elif starter:
            self._title.setText(self.tr("Search is strong here; this chat model is small"))
            self._sentence.setText(
                self.tr(
                    "The starter model writes short, simple text. "
                    "It invents facts, also about texts that you give it, and it cannot calculate."
                )
            )
            self._second.setText(
                self.tr("Finding your notes by meaning works well already: try it on the welcome notes.")
            )
        else:
            self._title.setText(self.tr("Ask anything"))
            self._sentence.setText(self.tr("What you write stays on this computer."))
            self._second.setText(self.tr("Enter sends, Shift+Enter breaks the line, Esc stops the answer."))

    def show_better(self, name: str, detail: str) -> None:
        """Offer a better model that was found on this computer; an empty name offers none."""
        self.better_button.setVisible(bool(name))
        set_role(self._search_button, "" if name else "primary")
        self._models_button.setVisible(not name)
        if name:
            shown = name if len(name) <= _LONGEST_NAME else name[: _LONGEST_NAME - 1] + "…"
            self.better_button.setText(self.tr("Use {0}").format(shown))
            self.better_button.setToolTip(plain_tool_tip(detail))
            self.better_button.setAccessibleDescription(detail)
            self._second.setText(detail)
        self._fit()

    def show_loading(self, text: str, fraction: float | None, *, shown: bool) -> None:
        """Say that the model is on its way."""
        self._state.setVisible(shown)
        self._state.setText(text)
        self._bar.setVisible(shown)
        self._bar.set_fraction(fraction if shown else 0.0)

    def show_problem(self, error: InkwellError | None, actions: Sequence[ButtonAction] = ()) -> None:
        """Say why there is no model, with the next step."""
        self._problem.show(error, actions)

    @property
    def problem(self) -> ErrorBox | None:
        """The error shown."""
        return self._problem.box

    @property
    def state_text(self) -> str:
        """What is said about loading; empty while nothing loads."""
        return "" if self._state.isHidden() else self._state.text()
