"""The line at the foot of the window: the promise at the left, how things stand at the right."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QWidget

from desktop_app.presenters.shell import ShellPresenter, StatusText
from desktop_app.ui.theme.theme import Theme
from desktop_app.ui.widgets.buttons import ElidedButton
from desktop_app.ui.widgets.cards import IconLabel
from desktop_app.ui.widgets.labels import PlainLabel, plain_tool_tip

_HEIGHT = 26


class _StatusButton(ElidedButton):
    """A status text. Where room is short it ends in "…"; the tool tip says more than the text, or all of it."""

    def __init__(self) -> None:
        self._detail = ""
        super().__init__("", "small_link")

    def say(self, text: str, detail: str) -> None:
        """Another text, and what the tool tip says."""
        self._detail = detail
        self.set_text(text)
        self.setAccessibleDescription(detail)

    def _fit(self) -> None:
        super()._fit()
        if self._detail:
            self.setToolTip(plain_tool_tip(self._detail))


class StatusBar(QFrame):
    """Shows the shell's status texts; a press on one leads to the room that can say more."""

    def __init__(self, shell: ShellPresenter, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shell = shell
        self._theme = theme
        self._shown: list[StatusText] = []
        self.setProperty("role", "status")
        self.setAccessibleName(self.tr("Status"))
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(14, 1, 14, 0)
        layout.setSpacing(6)
        layout.addWidget(IconLabel(theme.icon("lock", "muted_text"), 13))
        promise = PlainLabel(self.tr("Stays on this computer"), "small")
        promise.setToolTip(
            plain_tool_tip(self.tr("Nothing you write leaves this computer. Inkwell works without a network."))
        )
        layout.addWidget(promise)
        layout.addStretch()
        self._right = QHBoxLayout()
        self._right.setSpacing(14)
        layout.addLayout(self._right)
        self._buttons: list[_StatusButton] = []
        theme.changed.connect(self._fit)
        shell.status_changed.connect(self.refresh)
        self._fit()
        self.refresh()

    @property
    def texts(self) -> list[str]:
        """What stands at the right."""
        return [text.text for text in self._shown]

    def refresh(self) -> None:
        """Show what the shell says now. Buttons are reused: progress changes several times a second."""
        texts = self._shell.status_texts
        if texts == self._shown:
            return
        self._shown = texts
        while len(self._buttons) < len(texts):
            self._buttons.append(self._make_button(len(self._buttons)))
        for number, button in enumerate(self._buttons):
            button.setVisible(number < len(texts))
            if number < len(texts):
                self._fill(button, texts[number])

    def _make_button(self, number: int) -> _StatusButton:
        button = _StatusButton()
        button.clicked.connect(lambda: self._follow(number))
        self._right.addWidget(button)
        return button

    def _fill(self, button: _StatusButton, text: StatusText) -> None:
        button.say(text.text, text.detail)
        button.setEnabled(bool(text.room))
        state = "problem" if text.is_problem else ""
        if button.property("state") != state:
            button.setProperty("state", state)
            button.style().unpolish(button)
            button.style().polish(button)

    def _follow(self, number: int) -> None:
        if number < len(self._shown) and self._shown[number].room:
            self._shell.go(self._shown[number].room)

    def _fit(self) -> None:
        self.setFixedHeight(max(_HEIGHT, self._theme.px(_HEIGHT)))
