"""Below the cards: models other programs keep on this disk, and better ones to get."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from desktop_app.domain.model_description import CatalogueEntry, FoundModel, readable_size
from desktop_app.presenters.model_words import sentence_of, weights_of
from desktop_app.presenters.models import ModelsPresenter
from desktop_app.ui.widgets import PlainLabel, TextButton

_COPIED_MS = 1600


class _Entry(QFrame):
    """A name, lines below it, and a button at the right."""

    def __init__(self, name: str, lines: list[tuple[str, str]], button: TextButton) -> None:
        """`lines`: (text, role of the style sheet)."""
        super().__init__()
        self.setAccessibleName(name)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 10, 0, 10)
        row.setSpacing(16)
        column = QVBoxLayout()
        column.setSpacing(1)
        column.addWidget(PlainLabel(name, "strong", wrap=True))
        for text, role in lines:
            if text:
                column.addWidget(PlainLabel(text, role, wrap=True, selectable=True))
        row.addLayout(column, 1)
        row.addWidget(button, 0, Qt.AlignmentFlag.AlignVCenter)


def _rule() -> QFrame:
    line = QFrame()
    line.setProperty("role", "rule")
    line.setFixedHeight(1)
    return line


class FoundModels(QWidget):
    """GGUF files that were found, each with Use."""

    def __init__(self, presenter: ModelsPresenter) -> None:
        super().__init__()
        self._presenter = presenter
        self.buttons: list[TextButton] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        presenter.found_changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Show what was found by now."""
        while (item := self._column.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self.buttons = []
        found = self._presenter.found
        if not found:
            text = (
                self.tr("Looking…")
                if found is None
                else self.tr("LM Studio, GPT4All, Jan, Ollama and the Hugging Face cache keep no chat model here.")
            )
            self._column.addWidget(PlainLabel(text, "muted", wrap=True))
        for model in found or ():
            self._column.addWidget(self._entry(model))
            self._column.addWidget(_rule())

    def _entry(self, model: FoundModel) -> QWidget:
        button = TextButton(self.tr("Use"))
        button.setAccessibleName(self.tr("Use {0} from {1}").format(model.name, model.source))
        button.clicked.connect(lambda: self._presenter.add(model.path))
        self.buttons.append(button)
        return _Entry(model.name, [(f"{model.source} · {readable_size(model.size_bytes)}", "small")], button)


class BetterModels(QWidget):
    """The catalogue by the memory a computer needs, each with its address to copy."""

    def __init__(self, entries: list[CatalogueEntry]) -> None:
        super().__init__()
        self.buttons: dict[str, TextButton] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        memory = 0
        for entry in entries:
            if entry.memory_gb != memory:
                column.addSpacing(12 if memory else 4)
                memory = entry.memory_gb
                column.addWidget(PlainLabel(self._heading(memory), "section_strong"))
            column.addWidget(self._entry(entry))
            column.addWidget(_rule())

    def _heading(self, memory_gb: int) -> str:
        if memory_gb <= 8:
            return self.tr("With {0} GB of memory: everyday use").format(memory_gb)
        return self.tr("With {0} GB of memory: better, and slower").format(memory_gb)

    def _entry(self, entry: CatalogueEntry) -> QWidget:
        button = TextButton(self.tr("Copy address"))
        name = self.tr("Copy the address of {0}").format(entry.name)
        button.setAccessibleName(name)
        button.clicked.connect(lambda: _copy(button, entry.address, self.tr("Copied"), self.tr("Copy address")))
        self.buttons[entry.id] = button
        size = f"{weights_of(entry)} · {readable_size(entry.size_bytes)} · {entry.licence}"
        return _Entry(entry.name, [(sentence_of(entry), "muted"), (f"{entry.file_name} · {size}", "small")], button)


def _copy(button: TextButton, address: str, copied: str, words: str) -> None:
    QGuiApplication.clipboard().setText(address)
    button.setText(copied)
    restore: Callable[[], None] = lambda: button.setText(words)  # noqa: E731
    QTimer.singleShot(_COPIED_MS, button, restore)
