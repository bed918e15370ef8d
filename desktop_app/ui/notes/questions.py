"""What the notes screen asks in dialogs. Handed in, so that tests answer without a dialog."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QDialog, QFileDialog, QMessageBox, QWidget

from desktop_app.domain.folders import safe_file_name
from desktop_app.domain.note_file import EXTENSIONS
from desktop_app.services.import_files import FOREIGN_EXTENSIONS
from desktop_app.ui.widgets import LineDialog, QuestionBox

if TYPE_CHECKING:
    from PySide6.QtPrintSupport import QPrinter

_READ = sorted(EXTENSIONS | FOREIGN_EXTENSIONS)


class Questions:
    """Asks by Qt's dialogs. All texts are shown as they are, never as HTML."""

    def __init__(self, parent: QWidget | None = None) -> None:
        self._parent = parent

    def confirm(self, question: str, detail: str, act: str) -> bool:
        """Whether to do `act` ("Delete forever"); Cancel is what Enter and Esc choose."""
        box = QuestionBox(self._parent)
        box.setText(question)
        box.setInformativeText(detail)
        yes = box.addButton(act, QMessageBox.ButtonRole.AcceptRole)
        no = box.addButton(_tr("Cancel"), QMessageBox.ButtonRole.RejectRole)
        box.set_safe_button(no)
        box.exec()
        box.deleteLater()
        return box.clickedButton() is yes

    def files(self) -> list[Path]:
        """Files to import, [] when the dialog was left."""
        names, _ = QFileDialog.getOpenFileNames(
            self._parent,
            _tr("Import notes"),
            "",
            ";;".join(
                (
                    _tr("Notes and exports") + f" ({' '.join(f'*{suffix}' for suffix in _READ)})",
                    _tr("Markdown and text (*.md *.markdown *.mdown *.txt *.text)"),
                    _tr("Joplin (*.jex)") + ";;" + _tr("Notion (*.zip)") + ";;" + _tr("Evernote (*.enex)"),
                    _tr("Bear and TextBundle (*.bear2bk *.bearbk *.textpack)"),
                    _tr("All files (*)"),
                )
            ),
        )
        return [Path(name) for name in names]

    def folder(self, title: str) -> Path | None:
        """A folder on disk, None when the dialog was left."""
        name = QFileDialog.getExistingDirectory(self._parent, title)
        return Path(name) if name else None

    def note_folder(self, current: str, known: Sequence[str], notes: int = 1) -> str | None:
        """A notes folder to move so many notes to; None when the dialog was left."""
        return self._line(
            _tr("Move {n} notes to folder").replace("{n}", f"{notes:,}") if notes > 1 else _tr("Move to folder"),
            _tr("Folders inside folders are written with a slash, as in “Work/Ideas”. Leave it empty for no folder."),
            current,
            known,
            _tr("Move"),
        )

    def tags(self, current: Sequence[str], known: Sequence[str], notes: int = 1) -> list[str] | None:
        """The note's tags, or those that all of several notes have; None when the dialog was left."""
        several = _tr("These are the tags that all of them have. What you add comes to each; other tags stay.")
        line = self._line(
            _tr("Tags of {n} notes").replace("{n}", str(notes)) if notes > 1 else _tr("Tags"),
            several if notes > 1 else _tr("Words with blanks or commas between them."),
            " ".join(current),
            known,
            _tr("Save"),
            words=True,
        )
        if line is None:
            return None
        words = (word.strip().lstrip("#") for word in line.replace(",", " ").split())
        return list(dict.fromkeys(word for word in words if word))

    def title_of_part(self, offered: str) -> str | None:
        """The title of a note that is made of a part of another; None when the dialog was left."""
        return self._line(
            _tr("Move to a new note"),
            _tr("The selected words go there, and a link with this title stands in their place."),
            offered,
            [],
            _tr("Make the note"),
        )

    OPEN, SAVE = "open", "save"

    def files_to_insert(self) -> list[Path]:
        """Pictures and other files to put into a note, [] when the dialog was left."""
        pictures = _tr("Pictures") + " (*.png *.jpg *.jpeg *.gif *.webp *.bmp)"
        names, _ = QFileDialog.getOpenFileNames(
            self._parent, _tr("Insert an image or file"), "", f"{_tr('All files (*)')};;{pictures}"
        )
        return [Path(name) for name in names]

    def open_file(self, name: str, *, can_open: bool) -> str:
        """What to do with a note's file: OPEN, SAVE or nothing (""). Without `can_open` it can only be saved."""
        box = QuestionBox(self._parent)
        box.setText(_tr("Open “{name}”?").replace("{name}", name) if can_open else name)
        box.setInformativeText(
            _tr("Another program shows a copy of it, which cannot be changed.")
            if can_open
            else _tr("Files of this kind are not opened from here, because some can run. A copy of it can be saved.")
        )
        opening = box.addButton(_tr("Open"), QMessageBox.ButtonRole.AcceptRole) if can_open else None
        saving = box.addButton(_tr("Save a copy…"), QMessageBox.ButtonRole.ActionRole)
        leaving = box.addButton(_tr("Cancel"), QMessageBox.ButtonRole.RejectRole)
        box.set_safe_button(leaving)
        box.exec()
        box.deleteLater()
        if opening is not None and box.clickedButton() is opening:
            return self.OPEN
        return self.SAVE if box.clickedButton() is saving else ""

    def save_file(self, name: str) -> Path | None:
        """Where to save a copy, None when the dialog was left. The dialog asks before it replaces a file."""
        chosen, _ = QFileDialog.getSaveFileName(self._parent, _tr("Save a copy"), name)
        return Path(chosen) if chosen else None

    def document(self, title: str, kinds: Sequence[tuple[str, str]], caption: str = "") -> Path | None:
        """A file for one document of this title, None when the dialog was left. `kinds` are words and suffix of each;
        the dialog, which is about all notes where no `caption` says otherwise, asks before it replaces a file.
        """
        from desktop_app.services.note_export import with_kind  # the window's start needs none

        filters = {f"{words} (*{suffix})": suffix for words, suffix in kinds}
        name = safe_file_name(title, "Notes") + kinds[0][1]
        chosen, of_kind = QFileDialog.getSaveFileName(
            self._parent, caption or _tr("Export as one document"), name, ";;".join(filters)
        )
        if not chosen:
            return None
        path = Path(chosen)
        known = path.suffix.casefold() in filters.values()
        return path if known else with_kind(path, filters.get(of_kind, kinds[0][1]))

    def printer(self) -> QPrinter | None:
        """A printer as the person set it, None when the dialog was left."""
        from PySide6.QtPrintSupport import QPrintDialog, QPrinter  # looks for printers, which takes time

        printer = QPrinter(QPrinter.PrinterMode.HighResolution)
        dialog = QPrintDialog(printer, self._parent)
        accepted = dialog.exec() == QDialog.DialogCode.Accepted
        dialog.deleteLater()
        return printer if accepted else None

    def hand_over(self, url: QUrl) -> None:
        """Let the system open something."""
        QDesktopServices.openUrl(url)

    def open_link(self, target: str) -> None:
        """Open a link in the browser, after showing where it leads."""
        if self.confirm(_tr("Open this link in your browser?"), target, _tr("Open link")):
            QDesktopServices.openUrl(QUrl(target))

    def _line(
        self, title: str, help_: str, text: str, known: Sequence[str], act: str, *, words: bool = False
    ) -> str | None:
        dialog = LineDialog(title, help_, text, known, act=act, cancel=_tr("Cancel"), parent=self._parent, words=words)
        accepted = dialog.exec() == QDialog.DialogCode.Accepted
        result = dialog.text
        dialog.deleteLater()
        return result if accepted else None


def _tr(text: str) -> str:
    return QCoreApplication.translate("Questions", text)
