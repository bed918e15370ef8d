"""The Models screen: two cards, what is found on this computer, and better models to get."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QMimeData, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QBoxLayout, QFileDialog, QFrame, QScrollArea, QVBoxLayout, QWidget

from desktop_app.domain.errors import InkwellError
from desktop_app.domain.model_description import ModelKind
from desktop_app.presenters.models import ModelsPresenter
from desktop_app.ui.models.model_card import ModelCardWidget
from desktop_app.ui.models.model_lists import BetterModels, FoundModels
from desktop_app.ui.theme.theme import Theme
from desktop_app.ui.widgets import Banner, ErrorBox, PaneHead, PlainLabel, TextButton

_COLUMN_WIDTH = 980
_NARROW = 700


class ModelsScreen(QWidget):
    """Reads everything again each time it is shown."""

    notice_wanted = Signal(str)
    """A model was taken."""

    def __init__(self, presenter: ModelsPresenter, theme: Theme) -> None:
        super().__init__()
        self._presenter, self._theme = presenter, theme
        self._problem: ErrorBox | None = None
        self.setAccessibleName(self.tr("Models"))
        self.setAcceptDrops(True)
        head = PaneHead(self.tr("Models"))
        self.add_button = TextButton(self.tr("Add a GGUF…"), "primary")
        self.add_button.clicked.connect(self.choose_file)
        head.add(self.add_button)
        self._drop_hint = Banner(self.tr("Drop it to use this model. It stays where it is."), icon=theme.icon("drop"))
        self._drop_hint.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(head)
        layout.addWidget(self._make_scroll(), 1)
        presenter.card_changed.connect(self._refresh_card)
        presenter.refused.connect(self._show_refusal)
        presenter.chosen.connect(self._taken)
        theme.changed.connect(self._fit)
        self._fit()

    # For the window -----------------------------------------------------------------------------

    def focus_default(self) -> None:
        """The button that adds a model."""
        self.add_button.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def on_escape(self) -> bool:
        """Take away the sentence about a refused file; false when there is none."""
        if self._problem is None or self._problem.isHidden():
            return False
        self._problem.hide()
        return True

    def add_model_file(self, path: Path) -> None:
        """Use a GGUF file that was dropped on the window; what is wrong with it is said here."""
        self._add(path)

    def choose_file(self) -> None:
        """Ask for a GGUF file and use it."""
        path, _kind = QFileDialog.getOpenFileName(
            self, self.tr("Add a chat model (decoder)"), "", self.tr("Models (*.gguf);;All files (*)")
        )
        if path:
            self._add(Path(path))

    def choose_folder(self) -> None:
        """Ask for a sentence-transformers folder and use it."""
        folder = QFileDialog.getExistingDirectory(self, self.tr("Choose a search model (encoder)"))
        if folder:
            self._add(Path(folder))

    def use_starter(self) -> None:
        """Use the chat model that came with Inkwell."""
        self._presenter.use_starter(ModelKind.DECODER)

    def check_files(self) -> None:
        """Compare both models' files with their known hashes again."""
        for kind in ModelKind:
            self._presenter.verify(kind)

    # Events -------------------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._presenter.refresh()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def takes_drop(self, data: QMimeData) -> bool:
        """A model file or an encoder's folder: no notes to import."""
        return dropped_model(data) is not None

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if dropped_model(event.mimeData()) is not None:
            self._drop_hint.show()
            event.acceptProposedAction()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._drop_hint.hide()

    def dropEvent(self, event: QDropEvent) -> None:
        self._drop_hint.hide()
        path = dropped_model(event.mimeData())
        if path is not None:
            event.acceptProposedAction()
            self._add(path)

    # Inside -------------------------------------------------------------------------------------

    def _refresh_card(self, kind: str) -> None:
        self.cards[ModelKind(kind)].refresh()

    def _make_scroll(self) -> QScrollArea:
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        outer = QWidget()
        outer.setProperty("role", "scrolled")
        box = QVBoxLayout(outer)
        box.setContentsMargins(32, 20, 24, 32)
        self._holder = QWidget()
        self._column = QVBoxLayout(self._holder)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(8)
        box.addWidget(self._holder)
        box.addStretch(1)
        scroll.setWidget(outer)
        self._column.addWidget(self._drop_hint)
        self._add_cards()
        self._add_lists()
        return scroll

    def _add_cards(self) -> None:
        self.cards = {
            ModelKind.DECODER: ModelCardWidget(ModelKind.DECODER, self._presenter, self._theme, self.choose_file),
            ModelKind.ENCODER: ModelCardWidget(ModelKind.ENCODER, self._presenter, self._theme, self.choose_folder),
        }
        self._card_row = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._card_row.setSpacing(14)
        for card in self.cards.values():
            self._card_row.addWidget(card, 1)
        self._column.addLayout(self._card_row)

    def _add_lists(self) -> None:
        self.found = FoundModels(self._presenter)
        self.better = BetterModels(self._presenter.better)
        self._column.addSpacing(16)
        self._column.addWidget(PlainLabel(self.tr("Found on this computer"), "title"))
        self._column.addWidget(self.found)
        self._column.addSpacing(16)
        self._column.addWidget(PlainLabel(self.tr("Get a better one"), "title"))
        self._column.addWidget(
            PlainLabel(
                self.tr(
                    "Copy an address and download the file anywhere, or bring it on a stick; then drop it here. "
                    "Inkwell itself downloads nothing."
                ),
                "muted",
                wrap=True,
            )
        )
        self._column.addWidget(self.better)

    def _add(self, path: Path) -> None:
        if self._problem is not None:
            self._problem.hide()
        self._presenter.add(path)

    def _show_refusal(self, error: InkwellError) -> None:
        if self._problem is None:
            self._problem = ErrorBox(
                error,
                [(self.tr("Choose another…"), self.choose_file), (self.tr("Close"), self.on_escape)],
                icon=self._theme.icon("warning", "warning"),
            )
            self._column.insertWidget(0, self._problem)
        self._problem.set_error(error)
        self._problem.show()

    def _taken(self, name: str, kind: str) -> None:
        if kind == ModelKind.ENCODER:
            words = self.tr("{0} is the search model now. The former one answers until all notes are indexed again.")
        else:
            words = self.tr("{0} is the chat model now.")
        self.notice_wanted.emit(words.format(name))

    def _fit(self) -> None:
        self._holder.setMaximumWidth(self._theme.px(_COLUMN_WIDTH))
        narrow = self.width() < self._theme.px(_NARROW)
        directions = QBoxLayout.Direction
        self._card_row.setDirection(directions.TopToBottom if narrow else directions.LeftToRight)


def dropped_model(data: QMimeData) -> Path | None:
    """The GGUF file, or the folder of a search model, that is being dropped; None for anything else."""
    urls = [url for url in data.urls() if url.isLocalFile()]
    if len(urls) != 1:
        return None
    path = Path(urls[0].toLocalFile())
    is_encoder = path.is_dir() and (path / "modules.json").is_file()
    return path if is_encoder or path.suffix.lower() == ".gguf" else None
