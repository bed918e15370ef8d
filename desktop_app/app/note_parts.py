"""The parts that notes alone need: their files, folders, links and templates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from desktop_app.domain.part import MakesParts, part

if TYPE_CHECKING:
    from desktop_app.app.container import Container
    from desktop_app.services.folder_export import FolderExport
    from desktop_app.services.linked_folders.files_beside import FilesBeside
    from desktop_app.services.linked_folders.linked_folders import LinkedFolders
    from desktop_app.services.note_attachments import NoteAttachmentService
    from desktop_app.services.note_counting import NoteCounting
    from desktop_app.services.note_export import NoteExport
    from desktop_app.services.note_import import NoteImport
    from desktop_app.services.note_links import NoteLinkService
    from desktop_app.services.note_mentions import NoteMentions
    from desktop_app.services.note_merging import NoteMerging
    from desktop_app.services.note_properties import NoteProperties
    from desktop_app.services.note_renaming import NoteRenaming
    from desktop_app.services.note_tasks import NoteTasks
    from desktop_app.services.note_templates import NoteTemplates
    from desktop_app.services.welcome import WelcomeNotes


class NoteParts(MakesParts):
    """Made out of what the container has for everybody, under the same lock."""

    def __init__(self, container: Container) -> None:
        super().__init__(container.making)
        self._container = container

    @part
    def note_attachments(self) -> NoteAttachmentService:
        """Pictures and other files of notes."""
        from desktop_app.services.note_attachments import NoteAttachmentService

        store = self._container.store
        return NoteAttachmentService(
            store.note_attachments,
            self._container.attachment_files,
            self._container.paths.opened_files,
            self.files_beside,
        )

    @part
    def files_beside(self) -> FilesBeside:
        """Pictures and other files in linked folders."""
        from desktop_app.services.linked_folders.files_beside import FilesBeside

        return FilesBeside(self._container.store.source_folders)

    @part
    def note_export(self) -> NoteExport:
        """Chosen notes as files."""
        from desktop_app.services.note_export import NoteExport

        return NoteExport(
            self._container.store.notes,
            self._container.store.note_attachments,
            self._container.attachment_files,
            lambda: self._container.formulas,
            lambda: self._container.settings_file.text("notes.line_breaks") == "on",
        )

    @part
    def note_links(self) -> NoteLinkService:
        """Links between notes."""
        from desktop_app.services.note_links import NoteLinkService

        return NoteLinkService(
            self._container.notes, self._container.store.note_links, self._container.store.note_attachments
        )

    @part
    def note_mentions(self) -> NoteMentions:
        """Where notes are named without a link."""
        from desktop_app.services.note_mentions import NoteMentions

        return NoteMentions(
            self._container.notes, self._container.store.note_links, self._container.store.note_mentions
        )

    @part
    def note_counting(self) -> NoteCounting:
        """Counts over many notes."""
        from desktop_app.services.note_counting import NoteCounting

        return NoteCounting(self._container.store.notes)

    @part
    def note_tasks(self) -> NoteTasks:
        """Open tasks of all notes."""
        from desktop_app.services.note_tasks import NoteTasks

        return NoteTasks(self._container.notes, self._container.store.note_tasks)

    @part
    def note_renaming(self) -> NoteRenaming:
        """Other titles for notes."""
        from desktop_app.services.note_renaming import NoteRenaming

        return NoteRenaming(self._container.notes, self._container.store.note_links)

    @part
    def note_properties(self) -> NoteProperties:
        """Properties of notes, edited."""
        from desktop_app.services.note_properties import NoteProperties

        return NoteProperties(self._container.notes)

    @part
    def note_merging(self) -> NoteMerging:
        """One note out of two."""
        from desktop_app.services.note_merging import NoteMerging

        return NoteMerging(
            self._container.notes,
            self._container.store.note_links,
            self._container.store.note_attachments,
            files=self._container.attachment_files,
            elsewhere=self.files_beside,
        )

    @part
    def note_templates(self) -> NoteTemplates:
        """Templates of notes, and the note of the day."""
        from desktop_app.services.note_templates import NoteTemplates

        return NoteTemplates(
            self._container.notes,
            folder=lambda: self._container.settings_file.text("notes.daily_folder"),
            title_format=lambda: self._container.settings_file.text("notes.daily_title"),
        )

    @part
    def note_import(self) -> NoteImport:
        """Import of notes out of files."""
        from desktop_app.services.note_import import NoteImport
        from desktop_app.services.vault_originals import VaultOriginals

        store, files = self._container.store, self._container.attachment_files
        return NoteImport(
            self._container.notes,
            reader=self._container.importer,
            attachments=(store.note_attachments, files),
            originals=VaultOriginals(store.source_folders, store.note_attachments, files),
        )

    @part
    def folder_export(self) -> FolderExport:
        """Folders of notes as Markdown, unedited files byte for byte."""
        from desktop_app.services.folder_export import FolderExport

        return FolderExport(self._container.store, self._container.notes, self._container.attachment_files)

    @part
    def linked_folders(self) -> LinkedFolders:
        """Folders whose files are notes."""
        from desktop_app.services.linked_folders.linked_folders import LinkedFolders
        from desktop_app.storage.lease_owner import this_process

        return LinkedFolders(
            self._container.store,
            self._container.notes,
            this_process(),
            attachments=self._container.attachment_files,
            beside=self.files_beside,
        )

    @part
    def welcome(self) -> WelcomeNotes:
        """The notes about Inkwell itself."""
        from desktop_app.services.welcome import WelcomeNotes

        return WelcomeNotes(self._container.store, self._container.notes)
