"""Connects the composer's chips, button, pastes and @ with the presenter: all that attaching is on the screen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog, QWidget

from desktop_app.domain.attachments import Attachment
from desktop_app.domain.notes import NoteSummary
from desktop_app.presenters.attachments import AttachmentsPresenter
from desktop_app.ui.drop_zone import DropVeil
from desktop_app.ui.note_drag import dragged_notes
from desktop_app.ui.widgets.completion_popup import before_cursor

if TYPE_CHECKING:
    from desktop_app.presenters.shell import ShellPresenter
    from desktop_app.ui.actions import Actions
    from desktop_app.ui.chat.attachment_sheet import AttachmentSheet
    from desktop_app.ui.chat.composer import Composer
    from desktop_app.ui.theme.theme import Theme

_NOT_ATTACHED = frozenset({".gguf", ".jex", ".enex", ".zip", ".epub", ".textpack", ".bear2bk", ".bearbk"})
_MOST_NOTES = 20
"""That one drop attaches: more would fill any model's context."""


class Attaching(QObject):
    """Lives with the chat screen, `screen`."""

    def __init__(
        self,
        presenter: AttachmentsPresenter,
        composer: Composer,
        actions: Actions,
        shell: ShellPresenter,
        theme: Theme,
        screen: QWidget,
        *,
        in_trash: Callable[[], bool] = lambda: False,
    ) -> None:
        """`in_trash()` is true where the shown chat is read only."""
        super().__init__(screen)
        self._in_trash = in_trash
        self._presenter = presenter
        self._composer = composer
        self._shell = shell
        self._theme = theme
        self._screen = screen
        self.sheet: AttachmentSheet | None = None
        self._notes_veil = DropVeil(theme, screen, contents=dragged_notes, words_of_screen=self._words_for_notes)
        self._notes_veil.dropped.connect(self.take_notes)
        self._notes_veil.watch(screen)
        screen.setAcceptDrops(True)
        actions["chat.attach"].triggered.connect(self.choose_files)
        actions["chat.attach_note"].triggered.connect(self._begin_note)
        composer.edit.files_pasted.connect(self._take_pasted_files)
        composer.edit.long_pasted.connect(presenter.add_paste)
        composer.chips.open_wanted.connect(presenter.open)
        composer.chips.remove_wanted.connect(self._remove)
        composer.completer.wanted.connect(presenter.find_titles)
        composer.completer.note_chosen.connect(presenter.add_note)
        presenter.titles_ready.connect(self._show_titles)
        presenter.changed.connect(self._show)
        presenter.paste_attached.connect(self._offer_text)
        presenter.text_ready.connect(self._show_text)
        presenter.place_found.connect(shell.show_note)
        presenter.place_gone.connect(self._tell_gone)
        self._show()

    def choose_files(self) -> None:
        """Ask for files, and attach them."""
        if self._refused():
            return
        names, _kind = QFileDialog.getOpenFileNames(
            self._screen, self.tr("Attach text, Markdown, code, PDF or DOCX files")
        )
        self._presenter.add_files([Path(name) for name in names])
        self._composer.edit.setFocus()

    def take_drop(self, paths: Sequence[Path]) -> bool:
        """Attach dropped files; false for folders, models and exports of notes, which mean something else."""
        if any(path.is_dir() or path.suffix.lower() in _NOT_ATTACHED for path in paths):
            return False
        if self._refused():
            return True
        self._presenter.add_files(paths)
        self._composer.edit.setFocus()
        return True

    def take_notes(self, note_ids: Sequence[int]) -> None:
        """Attach notes that were dropped on the chat."""
        if self._refused():
            return
        for note_id in note_ids[:_MOST_NOTES]:
            self._presenter.add_note(note_id)
        if len(note_ids) > _MOST_NOTES:
            self._shell.show_notice(self.tr("The first {0} notes are attached").format(_MOST_NOTES))
        self._composer.edit.setFocus()

    def _words_for_notes(self) -> tuple[str, str]:
        return (self.tr("Drop to attach"), self.tr("The note goes with your message, as it is now."))

    def drop_words(self) -> tuple[str, str]:
        """What dropping files on the chat does."""
        return (
            self.tr("Drop to attach"),
            self.tr(
                "Text, Markdown, code, PDF and DOCX files go with your message. "
                "A folder or an export of notes is offered as notes, a GGUF file as chat model."
            ),
        )

    def _refused(self) -> bool:
        """True, and said, where the message waits to be sent and is not changed any more, or none can be written."""
        if self._composer.waits:
            self._shell.show_notice(self.tr("Your message waits to be sent. Take it back to attach something."))
        elif self._in_trash():
            self._shell.show_notice(self.tr("This chat is in the trash. Put it back to go on with it."))
        return self._composer.waits or self._in_trash()

    def _show(self) -> None:
        presenter = self._presenter
        self._composer.show_carried(presenter.chips, reading=presenter.is_reading, chat=presenter.slot)

    def _show_titles(self, text: str, notes: list[NoteSummary]) -> None:
        self._composer.completer.show_titles(text, notes)

    def _begin_note(self) -> None:
        """As if the person had typed @."""
        if self._refused():
            return
        edit = self._composer.edit
        edit.setFocus()
        before = before_cursor(edit.textCursor())
        edit.insertPlainText("@" if not before or before[-1].isspace() else " @")

    def _take_pasted_files(self, paths: list[Path]) -> None:
        if not self.take_drop(paths):
            self._shell.take_drop(paths)

    def _remove(self, key: int) -> None:
        removed = self._presenter.remove(key)
        if removed is not None:
            self._shell.show_notice(
                self.tr("“{0}” removed").format(removed.name), lambda: self._presenter.put_back(removed)
            )
        if not self._presenter.chips:
            self._composer.edit.setFocus()

    def _offer_text(self, text: str, key: int) -> None:
        def undo() -> None:
            self._presenter.remove(key)
            self._composer.edit.insert_text(text)
            self._composer.edit.setFocus()

        self._shell.show_notice(self.tr("The long text you pasted is attached to the message"), undo)

    def _tell_gone(self) -> None:
        self._shell.show_notice(self.tr("The note was changed since: this passage is not in it any more."))

    def _show_text(self, attachment: Attachment) -> None:
        from desktop_app.ui.chat.attachment_sheet import AttachmentSheet  # not needed for the first picture

        if self.sheet is None:
            self.sheet = AttachmentSheet(self._theme, self._screen)
            self.sheet.note_wanted.connect(self._presenter.find_place)
            self.sheet.copied.connect(lambda: self._shell.show_notice(self.tr("Text copied")))
        self.sheet.show_attachment(attachment, self._screen.window())
