"""The token view of an answer: where the model hesitated, between what, and the way to another answer from there."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QDialog, QHBoxLayout, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from desktop_app.domain.errors import InkwellError
from desktop_app.domain.token_alternatives import TokenPlace
from desktop_app.presenters.token_view import TokenViewPresenter
from desktop_app.ui.chat.token_text import TokenText, percent, shown_token
from desktop_app.ui.theme.theme import Theme
from desktop_app.ui.widgets import PlainLabel, TextButton, set_role

_TOKEN = Qt.ItemDataRole.UserRole


class TokenViewDialog(QDialog):
    """Text above, the likeliest tokens of the current place below. Esc closes it and changes nothing."""

    branch_wanted = Signal(int, int, int)
    """(message id, position, token id): write another answer that goes on with this token."""

    def __init__(
        self, message_id: int, presenter: TokenViewPresenter, theme: Theme, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._message_id = message_id
        self._presenter = presenter
        self._waits = False
        self._theme = theme
        self._places: list[TokenPlace] = []
        self.setWindowTitle(self.tr("Tokens of the answer"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.status = PlainLabel(self.tr("Reading the tokens…"), "muted", wrap=True)
        self.text = TokenText(theme)
        self.text.setAccessibleName(self.tr("The answer, token by token"))
        self.place = PlainLabel("", "strong")
        self.list = QListWidget()
        self.list.setProperty("role", "ticks")
        self.list.setAccessibleName(self.tr("Likeliest tokens at this place"))
        self.branch = TextButton(self.tr("Write on with this token"), "primary")
        self.close_button = TextButton(self.tr("Close"))
        self._lay_out()
        self.text.current_changed.connect(self._show_place)
        self.text.chosen.connect(self.list.setFocus)
        self.list.currentRowChanged.connect(lambda _row: self._allow())
        self.list.itemActivated.connect(lambda _item: self._branch())
        self.branch.clicked.connect(self._branch)
        self.close_button.clicked.connect(self.reject)
        presenter.loaded.connect(self._loaded)
        presenter.failed.connect(self._failed)
        presenter.allowed.connect(self._go)
        presenter.refused.connect(self._refused)
        theme.changed.connect(self._fit)
        self._fit()
        self.resize(QSize(theme.px(640), theme.px(620)).boundedTo(self._room()))
        self._show_parts(False)
        presenter.load(message_id)

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 18, 20, 16)
        column.setSpacing(10)
        column.addWidget(PlainLabel(self.tr("Tokens of the answer"), "title"))
        column.addWidget(self.status)
        column.addWidget(self.text, 1)
        column.addWidget(self.place)
        column.addWidget(self.list)
        buttons = QHBoxLayout()
        buttons.addStretch()
        buttons.addWidget(self.close_button)
        buttons.addWidget(self.branch)
        column.addLayout(buttons)

    def _fit(self) -> None:
        """The size that a person gave the dialog stays, in other colours and at another size of the letters."""
        room = self._room().height()
        self.text.setMinimumHeight(min(self._theme.px(160), room // 5))
        self.list.setFixedHeight(min(self._theme.px(26) * 6 + self._theme.px(14), room * 2 // 5))

    def _room(self) -> QSize:
        """What the window below has for it."""
        window = self.parentWidget()
        return window.window().size() - QSize(40, 40) if window is not None else QSize(16_000, 16_000)

    def _show_parts(self, shown: bool) -> None:
        for part in (self.text, self.place, self.list, self.branch):
            part.setVisible(shown)

    def _loaded(self, message_id: int, places: list[TokenPlace]) -> None:
        if message_id != self._message_id:
            return
        self._places = places
        known = any(place.probability is not None for place in places)
        self.status.setText(
            self.tr("The stronger the shade, the more the model hesitated. Arrow keys or a click choose a place.")
            if known
            else self.tr("What the model hesitated between was not kept for this answer; a new answer keeps it.")
        )
        self._show_parts(True)
        self.text.show_places(places)
        self.text.setFocus()

    def _failed(self, message_id: int, error: InkwellError) -> None:
        if message_id == self._message_id:
            self._say(error)
            self.close_button.setFocus()

    def _show_place(self, number: int) -> None:
        place = self._places[number] if 0 <= number < len(self._places) else None
        self.list.clear()
        if place is None:
            return
        words = self.tr("Place {0} of {1}: {2}")
        self.place.setText(words.format(number + 1, len(self._places), shown_token(place.text)))
        self.text.setAccessibleDescription(self.place.text())  # read aloud while the arrow keys walk
        for each in place.likeliest:
            self._add(each.token_id, shown_token(each.text), each.probability, each.chosen)
        if place.probability is not None and not any(each.chosen for each in place.likeliest):
            self._add(None, shown_token(place.text), place.probability, True)
        others = [n for n in range(self.list.count()) if self.list.item(n).flags() & Qt.ItemFlag.ItemIsEnabled]
        self.list.setCurrentRow(others[0] if others else -1)
        self._allow()

    def _add(self, token_id: int | None, words: str, probability: float, chosen: bool) -> None:
        said = self.tr("{0}   {1}   chosen") if chosen else self.tr("{0}   {1}")
        item = QListWidgetItem(said.format(words, percent(probability)))
        item.setData(_TOKEN, token_id)
        if chosen:
            item.setFlags(item.flags() & ~(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable))
        self.list.addItem(item)

    def _allow(self) -> None:
        item = self.list.currentItem()
        enabled = item is not None and bool(item.flags() & Qt.ItemFlag.ItemIsEnabled)
        self.branch.setEnabled(enabled and not self._waits)

    def _branch(self) -> None:
        item = self.list.currentItem()
        if item is not None and self.branch.isEnabled():
            position = self._places[self.text.current].position
            self._waits = True
            self._allow()
            self._presenter.check(self._message_id, position, int(item.data(_TOKEN)))

    def _go(self, message_id: int, position: int, token_id: int) -> None:
        if message_id == self._message_id and self._waits:
            self.branch_wanted.emit(message_id, position, token_id)
            self.accept()

    def _refused(self, message_id: int, error: InkwellError) -> None:
        """The answer stays as it is; another token may do."""
        if message_id == self._message_id and self._waits:
            self._waits = False
            self._say(error)
            self._allow()
            self.list.setFocus()

    def _say(self, error: InkwellError) -> None:
        set_role(self.status, "warning")
        self.status.setText(" ".join(part for part in (error.what, error.why, error.todo) if part))
