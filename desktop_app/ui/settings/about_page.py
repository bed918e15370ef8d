"""About: what Inkwell promises, the versions in use, and the licences of what it is made of."""

from __future__ import annotations

import platform
import sqlite3
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QModelIndex, Qt, QTimer, qVersion
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QListWidget, QPlainTextEdit, QStackedWidget, QWidget

from desktop_app import __version__
from desktop_app.ui.settings.form_page import ColumnPage
from desktop_app.ui.theme.theme import Theme
from desktop_app.ui.widgets import PlainLabel, TextButton

if TYPE_CHECKING:
    from desktop_app.ui.notes.read_view import ReadView

_COPIED_MS = 1600
_PACKAGES = (
    ("llama-cpp-python", "llama-cpp-python"),
    ("sentence-transformers", "sentence-transformers"),
    ("transformers", "transformers"),
    ("PyTorch", "torch"),
    ("SQLAlchemy", "SQLAlchemy"),
)


def versions() -> list[tuple[str, str]]:
    """Names and versions of what runs here; "not installed" where a part is missing."""
    found = [("Inkwell", __version__), *((words, _version(package)) for words, package in _PACKAGES)]
    found.append(("Qt", qVersion()))
    found.append(("SQLite", sqlite3.sqlite_version))
    found.append(("Python", platform.python_version()))
    found.append((_tr("System"), f"{platform.system()} {platform.release()} ({platform.machine()})"))
    return found


class AboutPage(ColumnPage):
    """Promise, versions, licences. The licence texts are read when one is chosen."""

    def __init__(self, theme: Theme, licences: Path) -> None:
        super().__init__(theme, _tr("About"))
        self._versions = versions()
        self._rendered: ReadView | None = None
        self.column.setSpacing(6)
        self.column.addWidget(PlainLabel("Inkwell", "heading"))
        self.column.addWidget(
            PlainLabel(
                self.tr(
                    "A private desk for thinking. Chats, notes and models stay on this computer: "
                    "nothing is sent anywhere, and no account is needed."
                ),
                "muted",
                wrap=True,
            )
        )
        self.add_heading(self.tr("Versions"))
        self._add_versions()
        self.add_heading(self.tr("Licences"))
        self._add_licences(licences)

    def _add_versions(self) -> None:
        grid = QGridLayout()
        grid.setHorizontalSpacing(24)
        grid.setVerticalSpacing(3)
        for number, (name, value) in enumerate(self._versions):
            grid.addWidget(PlainLabel(name, "muted", wrap=True), number, 0)
            grid.addWidget(PlainLabel(value, wrap=True, selectable=True), number, 1)
        grid.setColumnStretch(1, 1)
        self.column.addLayout(grid)
        self.copy = TextButton(self.tr("Copy versions"), "small_link")
        self.copy.clicked.connect(self._copy)
        self.column.addWidget(self.copy, 0, Qt.AlignmentFlag.AlignLeft)

    def _add_licences(self, folder: Path) -> None:
        self._files = _licence_files(folder)
        if not self._files:
            self.column.addWidget(PlainLabel(self.tr("No licence texts are installed."), "muted", wrap=True))
            return
        holder = QWidget()
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        self.licences = QListWidget()
        self.licences.setProperty("role", "framed")
        self.licences.setAccessibleName(self.tr("Parts with their licences"))
        self.licences.addItems([_licence_name(path) for path in self._files])
        self.text = QPlainTextEdit()
        self.text.setProperty("role", "field")
        self.text.setReadOnly(True)
        self.text.setAccessibleName(self.tr("Licence text"))
        self.text.setTabChangesFocus(True)
        self.right = QStackedWidget()
        self.right.addWidget(self.text)
        row.addWidget(self.licences, 2)
        row.addWidget(self.right, 5)
        self._licence_row = holder
        self.theme.changed.connect(self._fit_licences)
        self._fit_licences()
        self.column.addWidget(holder)
        self.licences.currentRowChanged.connect(self._show_licence)
        self.licences.selectionModel().currentChanged.connect(self._keep_visible)
        self.licences.setCurrentRow(0)

    def _fit_licences(self) -> None:
        self._licence_row.setFixedHeight(self.theme.px(320))

    def _keep_visible(self, current: QModelIndex, _previous: QModelIndex) -> None:
        self.licences.scrollTo(current)

    def _show_licence(self, number: int) -> None:
        if not 0 <= number < len(self._files):
            return
        path = self._files[number]
        try:
            text = path.read_text(encoding="utf-8", errors="replace")
        except OSError as error:
            text = self.tr("This text could not be read: {0}").format(error.strerror)
        if path.suffix == ".md":
            self._show_rendered(text)
        else:
            self.text.setPlainText(text)
            self.right.setCurrentWidget(self.text)

    def _show_rendered(self, markdown: str) -> None:
        # Rendering is imported with the first overview that is shown; Settings opens without it.
        from desktop_app.ui.notes.read_view import ReadView

        if self._rendered is None:
            self._rendered = ReadView(self.theme)
            self._rendered.setAccessibleName(self.tr("Parts with their licences, as a table"))
            self.right.addWidget(self._rendered)
        self._rendered.show_text(markdown)
        self.right.setCurrentWidget(self._rendered)

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText("\n".join(f"{name} {value}" for name, value in self._versions))
        self.copy.setText(self.tr("Copied"))
        QTimer.singleShot(_COPIED_MS, self.copy, lambda: self.copy.setText(self.tr("Copy versions")))


def _licence_files(folder: Path) -> list[Path]:
    """The overview first, then one text for each part."""
    files = [path for path in folder.glob("**/*") if path.is_file()]
    return sorted(files, key=lambda path: (path.suffix != ".md", path.stem.casefold()))


def _licence_name(path: Path) -> str:
    return _tr("Third party") if path.suffix == ".md" else path.stem


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return _tr("not installed")


def _tr(text: str) -> str:
    return QCoreApplication.translate("AboutPage", text)
