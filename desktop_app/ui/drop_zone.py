"""Files or notes over a window: a veil that says what will happen, and the one question before an import."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec
from PySide6.QtCore import QCoreApplication, QEvent, QMimeData, QObject, QPoint, QRect, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDragMoveEvent, QDropEvent, QWindow
from PySide6.QtWidgets import QFrame, QMessageBox, QVBoxLayout, QWidget

from desktop_app.presenters.shell import COUNT_LIMIT, DroppedFiles
from desktop_app.ui.theme.theme import Theme
from desktop_app.ui.widgets.cards import EmptyState
from desktop_app.ui.widgets.labels import set_role
from desktop_app.ui.widgets.question_box import QuestionBox

_GAP = 14  # pixels around a card
_NARROW = 260


class DropArea(msgspec.Struct, frozen=True):
    """A part of a screen on which a drop means something of its own.

    Attributes:
        over: the widget that it covers.
        heading, sentence: what a drop does there.
        take: gets what is dropped; without it `DropVeil.dropped` tells of it.
    """

    over: QWidget
    heading: str
    sentence: str
    take: Callable[[list[Path]], object] | None = None


def _no_areas(_data: QMimeData) -> Sequence[DropArea]:
    return ()


def local_paths(data: QMimeData) -> list[Path]:
    """The files and folders of this computer in what is dragged."""
    return [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]


def _nothing_is_its_own(_data: QMimeData) -> bool:
    return False


class DropVeil(QFrame):
    """Covers its parent while files hang over it, and takes them: no field below gets them as text.

    `dropped(contents)` follows a drop.
    """

    dropped = Signal(list)  # of Path, or what `contents` gives

    def __init__(
        self,
        theme: Theme,
        parent: QWidget,
        leave_alone: Callable[[QMimeData], bool] = _nothing_is_its_own,
        *,
        words_of_screen: Callable[[], tuple[str, str] | None] = lambda: None,
        areas_of_screen: Callable[[QMimeData], Sequence[DropArea]] = _no_areas,
        contents: Callable[[QMimeData], list[Any]] = local_paths,
        role: str = "window",
    ) -> None:
        """`contents(data)` is what it takes of what is dragged, the files unless something else is said.

        `leave_alone(data)` is true for what the shown screen takes itself, `words_of_screen()` what a drop does
        there where that is another than everywhere, `areas_of_screen(data)` where it differs from place to place.
        `role` is the look of its ground.
        """
        super().__init__(parent)
        self._leave_alone = leave_alone
        self._words_of_screen = words_of_screen
        self._areas_of_screen = areas_of_screen
        self._cards: list[tuple[DropArea, QFrame]] = []
        self._contents = contents
        self.setAcceptDrops(True)
        set_role(self, role)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._theme = theme
        self._words: tuple[str, str] | None = None
        self._state: EmptyState | None = None
        self._layout = QVBoxLayout(self)
        self._show_words(None)
        self.hide()

    def watch(self, window: QWindow | QWidget) -> None:
        """Cover the parent as soon as files come over `window`, which is the parent or its window.

        A window is seen before any widget of it is asked; a widget only after those in it.
        """
        window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QDragEnterEvent):
            data = event.mimeData()
            if self._contents(data) and not self._leave_alone(data):
                areas = self._areas_of_screen(data)
                self._show_words(None if areas else self._words_of_screen())
                self.cover()
                self._show_areas(areas)
                if isinstance(watched, QWidget):
                    event.acceptProposedAction()
                    return True
        return super().eventFilter(watched, event)

    def _show_words(self, words: tuple[str, str] | None) -> None:
        """A heading and a sentence: the screen's own, else what happens everywhere."""
        if self._state is not None and words == self._words:
            return
        if self._state is not None:
            self._layout.removeWidget(self._state)
            self._state.hide()
            self._state.deleteLater()
        self._words = words
        heading, sentence = words or (
            self.tr("Drop to import"),
            self.tr(
                "Markdown, text, HTML, PDF, DOCX and EPUB files and exports of Joplin, Notion and Evernote become "
                "notes. A GGUF file is offered as chat model, an export of chats is brought in. Originals stay where "
                "they are."
            ),
        )
        self._state = EmptyState(self._theme.icon("drop", "accent"), heading, sentence)
        self._layout.addWidget(self._state)

    def _show_areas(self, areas: Sequence[DropArea]) -> None:
        """A card over each, in place of the words for all of the veil."""
        for _, card in self._cards:
            card.hide()
            card.deleteLater()
        if self._state is not None:
            self._state.setHidden(bool(areas))
        self._cards = [(area, self._card(area)) for area in areas]

    def _card(self, area: DropArea) -> QFrame:
        card = QFrame(self)
        set_role(card, "card")
        column = QVBoxLayout(card)
        column.addWidget(EmptyState(self._theme.icon("drop", "accent"), area.heading, area.sentence, width=_NARROW))
        place = QRect(self.mapFromGlobal(area.over.mapToGlobal(QPoint(0, 0))), area.over.size())
        card.setGeometry(place.adjusted(_GAP, _GAP, -_GAP, -_GAP))
        card.show()
        return card

    def _mark(self, place: QPoint | None) -> DropArea | None:
        """Let the card below the pointer stand out; the area that it is of."""
        found = None
        for area, card in self._cards:
            is_below = place is not None and card.geometry().contains(place)
            found = area if is_below else found
            if card.property("selected") is not is_below:
                card.setProperty("selected", is_below)
                card.style().unpolish(card)
                card.style().polish(card)
        return found

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        self._mark(event.position().toPoint())
        event.acceptProposedAction()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if self._contents(event.mimeData()):
            event.acceptProposedAction()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self.hide()

    def dropEvent(self, event: QDropEvent) -> None:
        area = self._mark(event.position().toPoint())
        self.hide()
        contents = self._contents(event.mimeData())
        if contents:
            event.acceptProposedAction()
            if area is not None and area.take is not None:
                area.take(contents)
            else:
                self.dropped.emit(contents)

    def cover(self) -> None:
        """Lie over all of its parent."""
        parent = self.parentWidget()
        if parent is not None:
            self.setGeometry(parent.rect())
        self.show()
        self.raise_()


class _Question(QuestionBox):
    """One question before an import. `agreed` follows a yes."""

    agreed = Signal(list)  # of Path

    def __init__(self, paths: Sequence[Path], sentence: str, detail: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._paths = list(paths)
        self.setWindowTitle(self.tr("Import"))
        self.setText(sentence)
        self.setInformativeText(detail)
        self._yes = self.addButton(self.tr("Import"), QMessageBox.ButtonRole.AcceptRole)
        self._yes.setProperty("role", "primary")
        self.addButton(self.tr("Cancel"), QMessageBox.ButtonRole.RejectRole)
        self.set_default(self._yes)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.finished.connect(self._answer)

    def _answer(self) -> None:
        if self.clickedButton() is self._yes:
            self.agreed.emit(self._paths)


class ChatImportQuestion(_Question):
    """ "Import the chats of “conversations.json”?" """

    def __init__(self, paths: Sequence[Path], parent: QWidget) -> None:
        words = QCoreApplication.translate("ChatImportQuestion", "Import the chats of “{name}”?")
        several = QCoreApplication.translate("ChatImportQuestion", "Import the chats of {n} files?")
        sentence = words.format(name=paths[0].name) if len(paths) == 1 else several.format(n=f"{len(paths):,}")
        detail = QCoreApplication.translate(
            "ChatImportQuestion",
            "They are added to your chats. The file comes in whole or not at all.",
        )
        super().__init__(paths, sentence, detail, parent)


class ImportQuestion(_Question):
    """ "Import 12 files from “Papers”?" """

    def __init__(self, dropped: DroppedFiles, parent: QWidget) -> None:
        detail = (
            _tr("Its text is copied into your notes. The original stays where it is.")
            if dropped.files == 1
            else _tr("Their texts are copied into your notes. The originals stay where they are.")
        )
        super().__init__(dropped.paths, _sentence(dropped), detail, parent)


def _sentence(dropped: DroppedFiles) -> str:
    """The question, with the number and the place."""
    paths = dropped.paths
    place = paths[0].parent.name
    if dropped.files == 1:
        return _tr("Import “{name}”?").format(name=paths[0].name)
    number = f"{dropped.files:,}"
    if dropped.files >= COUNT_LIMIT:
        number = _tr("more than {number}").format(number=number)
    return _tr("Import {number} files from “{place}”?").format(number=number, place=place)


def _tr(text: str) -> str:
    return QCoreApplication.translate("ImportQuestion", text)
