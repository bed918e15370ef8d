"""Chosen notes as files: Markdown with their pictures beside them, or HTML with everything in it."""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.errors import ExportError, NotFoundError, system_reason
from desktop_app.domain.file_renaming import rename_path
from desktop_app.domain.folders import safe_file_name
from desktop_app.domain.note_attachments import StoredFile, targets_in
from desktop_app.domain.notes import ExportReport, Note, NoteFilter
from desktop_app.services.markdown_folder import MarkdownFolder
from desktop_app.services.note_attachment_ports import AttachmentFileStore, NoteAttachmentStore
from desktop_app.services.ports import FormulaTypesetter, NoteStore

if TYPE_CHECKING:
    from desktop_app.services.note_html import HtmlPage

Progress = Callable[[int, int, str], None]

_AT_ONCE = 50


class NoteExport:
    """Everything is written beside its place under another name first: what has the final name is whole.

    Methods put one note into a file of its title in `folder`, and several into a new folder there, `name`; nothing is
    overwritten. They raise ExportError (nothing is left behind), NotFoundError, CancelledError.
    """

    def __init__(
        self,
        notes: NoteStore,
        attachments: NoteAttachmentStore,
        files: AttachmentFileStore,
        typesetter: Callable[[], FormulaTypesetter],
        keeps_lines: Callable[[], bool] = lambda: True,
    ) -> None:
        """`typesetter()` is called with the first formula; for `keeps_lines()` see the property."""
        self._notes = notes
        self._attachments = attachments
        self._files = files
        self._typesetter = typesetter
        self._keeps_lines = keeps_lines

    @property
    def keeps_lines(self) -> bool:
        """Whether lines in HTML and PDF end where they do in a note's text; else paragraphs are filled."""
        return self._keeps_lines()

    def markdown(
        self, note_ids: Sequence[int], folder: Path, name: str, progress: Progress, cancel: CancelToken
    ) -> ExportReport:
        """As Markdown with front matter. Pictures lie where the texts look for them; several notes keep their folders,
        and one that names pictures gets a folder for them.
        """
        with _making(folder) as making:
            writer = MarkdownFolder(making, self._attachments, self._files)
            titles = []
            for note in self._each(note_ids, progress, cancel):
                writer.write_note(note, folder=None if len(note_ids) > 1 else "")
                titles.append(note.title)
            wanted = safe_file_name(titles[0], "note") if len(titles) == 1 else name
            path = _into_place(making, folder, wanted)
            return ExportReport(path, len(titles), 0, writer.files_written, tuple(writer.missing))

    def html(
        self, note_ids: Sequence[int], folder: Path, name: str, progress: Progress, cancel: CancelToken
    ) -> ExportReport:
        """Each as one HTML file with pictures and formulas in it."""
        missing: list[str] = []
        enclosed: set[str] = set()

        def page(note: Note) -> bytes:
            made = self.html_of(note.title, [note])
            enclosed.update(file.hash for file in made.enclosed)
            missing.extend(one for one in made.missing if one not in missing)
            return made.text.encode("utf-8", "replace")

        report = self.each(note_ids, folder, name, ".html", page, progress, cancel)
        return ExportReport(report.folder, report.notes, 0, len(enclosed), tuple(missing))

    def html_of(self, title: str, notes: Iterable[Note]) -> HtmlPage:
        """These notes on one page."""
        from desktop_app.services.note_html import html_page  # the parser takes time to import

        typesetter = self._typesetter()
        with_files = ((note, self.files_of(note)) for note in notes)
        return html_page(title, with_files, self.read, typesetter.typeset, keeps_lines=self.keeps_lines)

    def formatted(self, note: Note) -> str:
        """A note as HTML for other programs to take in: without a page around it, and with the sources of formulas,
        since hardly one takes drawings.
        """
        from desktop_app.services.note_html import html_page

        files = self.files_of(note)
        page = html_page("", [(note, files)], self.read, lambda _formula: None, keeps_lines=self.keeps_lines)
        # Without its style sheet, a table would have no lines.
        return page.body.replace("<table>", '<table border="1" cellspacing="0" cellpadding="4">')

    def together(
        self,
        note_ids: Sequence[int],
        path: Path,
        made: Callable[[Iterable[Note]], bytes],
        progress: Progress,
        cancel: CancelToken,
    ) -> ExportReport:
        """All notes in the one file that `made` gives of them, in place of what `path` was. `made` is given each as it
        asks for the next one, so that it can be stopped between them.
        """
        count = 0

        def counted() -> Iterator[Note]:
            nonlocal count
            for note in self._each(note_ids, progress, cancel):
                count += 1
                yield note

        with _making(path.parent) as making:
            whole = making / path.name
            whole.write_bytes(made(counted()))
            cancel.raise_if_cancelled()
            os.replace(whole, path)
        return ExportReport(path, count, 0)

    def listed(self, filter: NoteFilter) -> list[int]:
        """The ids of the notes that a list shows, in its order."""
        return [row.id for row in self._notes.list_notes(filter)]

    def read_notes(self, note_ids: Sequence[int], progress: Progress, cancel: CancelToken) -> Iterator[Note]:
        """The notes that there are of these, each read when it is asked for. Raises NotFoundError where there is none,
        CancelledError.
        """
        return self._each(note_ids, progress, cancel)

    def each(
        self,
        note_ids: Sequence[int],
        folder: Path,
        name: str,
        suffix: str,
        made: Callable[[Note], bytes],
        progress: Progress,
        cancel: CancelToken,
    ) -> ExportReport:
        """Each note as a file of what `made` gives."""
        with _making(folder) as making:
            writer = MarkdownFolder(making, self._attachments, self._files)
            titles = []
            for note in self._each(note_ids, progress, cancel):
                path = writer.free_path(safe_file_name(note.title, f"note {note.id}"), suffix)
                with open(path, "xb") as file:
                    file.write(made(note))
                titles.append(note.title)
            return ExportReport(_into_place(making, folder, name), len(titles), 0)

    def files_of(self, note: Note) -> dict[str, StoredFile]:
        """What the names in a note's text mean."""
        targets = targets_in(note.text)
        return self._attachments.resolve(note.id, targets)

    def read(self, file: StoredFile) -> bytes:
        """A file's bytes. Raises AttachmentMissingError."""
        return self._files.read(file.hash)

    def _each(self, note_ids: Sequence[int], progress: Progress, cancel: CancelToken) -> Iterator[Note]:
        done = 0
        for start in range(0, len(note_ids), _AT_ONCE):
            for note in self._notes.get_many(note_ids[start : start + _AT_ONCE]):
                cancel.raise_if_cancelled()
                progress(done, len(note_ids), note.title)
                done += 1
                yield note
        if not done:
            raise NotFoundError("There is no note to export.", "", "Choose another one.")
        progress(done, done, "")


def with_kind(path: Path, kind: str) -> Path:
    """The path with a suffix put behind its name. Nobody was asked whether that file may be replaced, so it is a free
    one.
    """
    target, count = path.with_name(path.name + kind), 1
    while os.path.lexists(target):
        count += 1
        target = path.with_name(f"{path.name} ({count}){kind}")
    return target


@contextmanager
def _making(folder: Path) -> Iterator[Path]:
    """A folder beside the place where everything will go, gone afterwards."""
    making = folder / f".inkwell-making-{uuid.uuid4().hex[:12]}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        making.mkdir(mode=0o700)
        try:
            yield making
        finally:
            shutil.rmtree(making, ignore_errors=True)
    except OSError as error:
        raise ExportError(
            "The notes were not written.",
            system_reason(error),
            "Choose another folder, or free some space, and try again.",
        ) from error


def _into_place(making: Path, folder: Path, name: str) -> Path:
    """Give what was made its name: a single file its own, all else a folder."""
    inside = list(making.iterdir())
    is_file = len(inside) == 1 and inside[0].is_file()
    source = inside[0] if is_file else making
    wanted = source.name if is_file else (safe_file_name(name, "Notes") or "Notes")
    stem, suffix = os.path.splitext(wanted) if is_file else (wanted, "")
    target, count = folder / wanted, 1
    while os.path.lexists(target):
        count += 1
        target = folder / f"{stem} ({count}){suffix}"
    rename_path(source, target)
    return target
