"""Export and import of chats as the chat screen offers them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QObject
from PySide6.QtWidgets import QFileDialog, QWidget

from desktop_app.domain.chat_format import ChatFormat

if TYPE_CHECKING:
    from desktop_app.domain.chat_record import ChatImportReport
    from desktop_app.domain.errors import InkwellError
    from desktop_app.presenters.chat import ChatPresenter
    from desktop_app.presenters.chat_files import ChatFilesPresenter
    from desktop_app.presenters.shell import ShellPresenter
    from desktop_app.ui.actions import Actions
    from desktop_app.ui.chat.chat_import_sheet import ChatImportSheet
    from desktop_app.ui.theme.theme import Theme

_FORMATS = {"chat.export_markdown": ChatFormat.MARKDOWN, "chat.export_json": ChatFormat.JSON}


class ChatFileQuestions:
    """Asks for files by Qt's dialogs. Handed in, so that tests answer without a dialog."""

    def __init__(self, parent: QWidget) -> None:
        self._parent = parent

    def target(self, name: str, wanted: ChatFormat) -> Path | None:
        """Where to write; None when the dialog was left."""
        kind = _tr("Markdown (*.md)") if wanted is ChatFormat.MARKDOWN else _tr("JSON (*.json)")
        chosen, _ = QFileDialog.getSaveFileName(self._parent, _tr("Export chat"), name, kind)
        if not chosen:
            return None
        path = Path(chosen)
        return path if path.suffix else path.with_name(path.name + wanted.suffix)

    def sources(self) -> list[Path]:
        """Files to import, [] when the dialog was left."""
        kinds = _tr("Exports of chats (*.json *.zip);;All files (*)")
        chosen, _ = QFileDialog.getOpenFileNames(self._parent, _tr("Import chats"), "", kinds)
        return [Path(name) for name in chosen]


class ChatFiles(QObject):
    """Connects the actions with the presenter, and shows what comes of them."""

    def __init__(
        self,
        files: ChatFilesPresenter,
        chat: ChatPresenter,
        shell: ShellPresenter,
        theme: Theme,
        actions: Actions,
        screen: QWidget,
        *,
        questions: ChatFileQuestions | None = None,
    ) -> None:
        super().__init__(screen)
        self._files, self._chat, self._shell = files, chat, shell
        self._theme, self._actions, self._screen = theme, actions, screen
        self._questions = questions or ChatFileQuestions(screen)
        self.sheet: ChatImportSheet | None = None
        for name, wanted in _FORMATS.items():
            actions[name].triggered.connect(lambda _=False, wanted=wanted: self._export(wanted))
        actions["chat.import"].triggered.connect(self._choose_files)
        shell.chats_import_wanted.connect(files.import_files)
        files.exported.connect(self._exported)
        files.export_failed.connect(shell.show_error)
        files.import_started.connect(self._show_sheet)
        files.imported.connect(self._imported)
        files.import_failed.connect(self._import_failed)
        files.import_stopped.connect(self._import_stopped)
        for signal in (chat.opened, chat.title_changed, chat.activity_changed):
            signal.connect(self._enable)
        self._enable()

    def _enable(self) -> None:
        for name in _FORMATS:
            self._actions[name].setEnabled(self._chat.conversation_id is not None)

    # Out ----------------------------------------------------------------------------------------

    def _export(self, wanted: ChatFormat) -> None:
        chat_id = self._chat.conversation_id
        if chat_id is None:
            return
        path = self._questions.target(self._files.file_name(self._chat.title, wanted), wanted)
        if path is not None:
            self._files.export(chat_id, wanted, path)

    def _exported(self, path: Path) -> None:
        self._shell.show_notice(self.tr("Exported to {file}").replace("{file}", path.name), detail=str(path.parent))

    # In -----------------------------------------------------------------------------------------

    def _choose_files(self) -> None:
        self.import_files(self._questions.sources())

    def import_files(self, paths: Sequence[Path]) -> None:
        """Bring in the chats of these files, and say what came of it."""
        self._files.import_files(paths)

    def _show_sheet(self) -> None:
        from desktop_app.ui.chat.chat_import_sheet import ChatImportSheet  # not needed to open the window

        sheet = ChatImportSheet(self._theme, self._screen)
        self._files.import_progress.connect(sheet.show_progress)
        sheet.stop_wanted.connect(self._files.stop_import)
        sheet.open_wanted.connect(self._shell.show_chat)
        sheet.finished.connect(sheet.deleteLater)
        sheet.destroyed.connect(self._forget_sheet)
        self.sheet = sheet
        sheet.open()

    def _forget_sheet(self) -> None:
        self.sheet = None

    def _imported(self, report: ChatImportReport) -> None:
        self._chat.chats.refresh()
        if self.sheet is not None:
            self.sheet.show_report(report)

    def _import_failed(self, error: InkwellError) -> None:
        if self.sheet is not None:
            self.sheet.show_error(error)

    def _import_stopped(self) -> None:
        if self.sheet is not None:
            self.sheet.close_stopped()
        self._shell.show_notice(self.tr("The import was stopped. Nothing is changed."))


def _tr(text: str) -> str:
    return QCoreApplication.translate("ChatFileQuestions", text)
