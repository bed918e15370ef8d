"""Files that a note was given here come to lie beside its file, where other programs look for them."""

from __future__ import annotations

import posixpath
from pathlib import Path

from desktop_app.domain.errors import AttachmentMissingError
from desktop_app.domain.folder_sync import is_passed_over
from desktop_app.domain.note_attachments import find_references, reference_key
from desktop_app.domain.notes import Note
from desktop_app.services.linked_folders.disk_files import FileChangedError, write_file
from desktop_app.services.linked_folders.files_beside import FilesBeside
from desktop_app.services.note_attachment_ports import AttachmentFileStore, NoteAttachmentStore


class PutBeside:
    """Writes what a note's text names, the store has, and the linked folder lacks."""

    def __init__(self, attachments: NoteAttachmentStore, files: AttachmentFileStore, beside: FilesBeside) -> None:
        self._attachments = attachments
        self._files = files
        self._beside = beside

    def write(self, root: Path, path: str, note: Note) -> None:
        """Write the files of the note whose own file is at `path` of the folder `root`; none leads out of it, and none
        that is there is replaced. Raises OSError.
        """
        references = find_references(note.text)
        if not references:
            return
        own = {each.target: each.file for each in self._attachments.of_note(note.id)}
        for reference in references:
            key = reference_key(reference.target)
            place = posixpath.normpath(posixpath.join(posixpath.dirname(path), key))
            if any(is_passed_over(part) for part in place.split("/")):
                continue  # other programs' own files, by which some of them can be made to run things
            if key not in own or self._beside.path_for(root, path, key) is not None:
                continue
            try:
                write_file(root, place, self._files.read(own[key].hash), None)
            except (AttachmentMissingError, FileChangedError):
                continue  # the text still names it; nothing else can be done about it here
