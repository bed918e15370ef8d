"""The room of notes: its presenters, its screen, and what is connected with them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace
from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QGuiApplication

from desktop_app.app.note_presenters import NotePresenters
from desktop_app.app.room import Room, WindowParts
from desktop_app.domain.errors import InkwellError
from desktop_app.presenters.visits import Visit

if TYPE_CHECKING:
    from desktop_app.app.container import Container
    from desktop_app.domain.notes import Note, NoteSummary
    from desktop_app.presenters.linked_folders import LinkedFoldersPresenter
    from desktop_app.presenters.note_merging import NoteMergingPresenter
    from desktop_app.presenters.notes import NotesPresenter
    from desktop_app.ui.notes.notes_screen import NotesScreen


class NotesRoom(Room):
    """Its factories. Linked folders are at work, and notes are merged, before the screen is there."""

    def __init__(self, container: Container, window: WindowParts, parent: QObject) -> None:
        super().__init__(container, window, parent)
        self._note_presenters = NotePresenters(container, window, self)
        self._presenter: NotesPresenter | None = None
        self._linked: LinkedFoldersPresenter | None = None
        self._merging: NoteMergingPresenter | None = None
        self._screen: NotesScreen | None = None

    def screen(self) -> NotesScreen:
        """The list, one or two notes, and all that stands around them."""
        from desktop_app.presenters.note_renaming import NoteRenamingPresenter
        from desktop_app.presenters.note_statistics import StatisticsPresenter
        from desktop_app.ui.notes.notes_screen import NotesScreen

        presenter, linked = self.presenter(), self.linked_folders()
        main = self._note_presenters.main()
        screen = NotesScreen(
            presenter,
            main,
            self._theme,
            self._actions,
            renaming=NoteRenamingPresenter(self._container.note_parts.note_renaming, self._tasks, self),
            merging=self.merging(),
            linked=linked,
            make_beside=lambda: self._note_presenters.beside(main),
        )
        self._screen = screen
        if main.spelling is not None:
            main.spelling.failed.connect(presenter.failed)
        presenter.notice.connect(self._shell.show_notice)
        presenter.gone.connect(lambda ids: self._visits.forget("notes", ids))
        screen.desk.gone_to.connect(lambda note_id: self._visits.visit(Visit("notes", note_id)))
        screen.search_everything.connect(self._shell.search)
        screen.ask_wanted.connect(self._shell.ask_about_note)
        screen.similar_wanted.connect(self._shell.search_similar)
        self._shell.add_closer(lambda: " ".join(error.what for error in screen.flush()))
        self._shell.add_closer(self._flush_linked)
        self._add_folder_export(screen)
        self._add_note_export(screen)
        self._add_tasks(screen)
        screen.add_statistics(StatisticsPresenter(self._container.note_parts.note_counting, self._tasks, self))
        self._keep_lines(screen)
        return screen

    def presenter(self) -> NotesPresenter:
        """The notes' presenter, also needed before the screen is open (drops, imports)."""
        if self._presenter is None:
            from desktop_app.presenters.notes import NotesPresenter

            container = self._container
            self._presenter = NotesPresenter(
                container.notes,
                self._tasks,
                container.note_parts.note_import,
                container.export,
                container.note_parts.welcome,
                self,
            )
            self._upkeep.on_change.append(self._presenter.refresh)
            self._upkeep.on_close.append(self._presenter.close)
        return self._presenter

    def linked_folders(self) -> LinkedFoldersPresenter:
        """The linked folders' presenter, at work before the notes screen is open."""
        if self._linked is None:
            from desktop_app.presenters.linked_folders import LinkedFoldersPresenter

            container = self._container
            self._linked = LinkedFoldersPresenter(
                container.note_parts.linked_folders,
                self._tasks,
                container.notes.subscribe,
                self,
                read_only=container.store.read_only,
            )
            self._upkeep.on_change.append(self._linked.look_soon)
            app = QGuiApplication.instance()
            if isinstance(app, QGuiApplication):
                app.applicationStateChanged.connect(self._on_application_state)
            self._upkeep.on_close.append(self._linked.close)
        return self._linked

    def _on_application_state(self, state: Qt.ApplicationState) -> None:
        if state is Qt.ApplicationState.ApplicationActive and not self._tasks.closed:
            self.linked_folders().look_soon()

    def merging(self) -> NoteMergingPresenter:
        """What makes one note out of two; also used where search shows notes that are nearly the same."""
        if self._merging is None:
            from desktop_app.presenters.note_merging import NoteMergingPresenter

            self._merging = NoteMergingPresenter(self._container.note_parts.note_merging, self._tasks, self)
            self._merging.notice.connect(self._shell.show_notice)
            self._merging.failed.connect(self._shell.show_error)
        return self._merging

    def all_saved(self) -> bool:
        """Whether all that was typed in the notes screen is kept by now."""
        return self._screen is None or not self._screen.flush()

    def bring_in(self, paths: list[Path]) -> None:
        """The screen first: it asks about folders."""
        self._shell.go("notes")
        self.linked_folders().bring_in(paths)

    def open_daily_note(self) -> None:
        """Today's note, ready to be written on: the cursor stands behind what is there."""
        self._shell.go("notes")
        self._write_on(self._container.note_parts.note_templates.daily, "note.daily")

    def make_note(self, title: str) -> None:
        """A note of this name, in the folder that the list shows, ready to be written on."""
        folder = self.presenter().filter.folder or ""
        self._shell.go("notes")
        self._write_on(lambda: self._container.notes.create(folder, f"# {title}\n\n"))

    def _write_on(self, make: Callable[[], Note], channel: str = "") -> None:
        """Show a note with the cursor behind what is there; what is typed before it is shown is written there, too."""
        from desktop_app.presenters.note_editor import AT_END

        screen = self._screen
        if screen is None:
            return
        screen.await_note()

        def show(note: Note) -> None:
            screen.take_awaited(note.id)
            self._shell.show_note(note.id, *AT_END)

        def fail(error: InkwellError) -> None:
            screen.take_awaited(None)
            self._shell.show_error(error)

        self._tasks.run(lambda _token: make(), done=show, failed=fail, channel=channel)

    def narrow(self, folder: str, tag: str) -> None:
        """List the notes in a folder, or those with a tag."""
        self._shell.go("notes")
        self.presenter().narrow(folder or None, tag or None)

    def open_daily_beside(self, *, later: bool) -> None:
        """The daily note before or after the one that is open."""
        note = self._screen.desk.active.note if self._screen is not None else None

        def show(found: NoteSummary | None) -> None:
            if found is not None:
                self._shell.show_note(found.id)
            else:
                words = (
                    self.tr("There is no later daily note.") if later else self.tr("There is no earlier daily note.")
                )
                self._shell.show_notice(words)

        self._tasks.run(
            lambda _token: self._container.note_parts.note_templates.daily_beside(
                note.id if note is not None else None, later=later
            ),
            done=show,
            failed=self._shell.show_error,
            channel="note.daily",
        )

    def open_any_note(self) -> None:
        """One of the notes that the list shows, by chance."""
        shown = self.presenter().filter
        wanted = replace(shown, trashed=False)

        def show(note: NoteSummary | None) -> None:
            if note is not None:
                self._shell.show_note(note.id)

        self._tasks.run(
            lambda _token: self._container.notes.any_note(wanted),
            done=show,
            failed=self._shell.show_error,
            channel="note.random",
        )

    def make_template(self) -> None:
        """A note in the templates' folder that shows what can stand in one, its title ready to be typed over."""
        text = self.tr("# New template\n\nDate: {{date}}, {{time}}\n\n{{cursor}}\n")
        title = text.partition("\n")[0]
        self._tasks.run(
            lambda _token: self._container.note_parts.note_templates.create(text),
            done=lambda note: self._shell.show_note(note.id, title.find(" ") + 1, len(title)),
            failed=self._shell.show_error,
            channel="note.new_template",
        )

    def use_template(self, template_id: int) -> None:
        """Put a template's text into the open note."""
        self._shell.go("notes")
        screen = self._screen
        if screen is not None:
            title = screen.open_title
            self._tasks.run(
                lambda _token: self._container.note_parts.note_templates.text_of(template_id, title),
                done=screen.take_template,
                failed=self._shell.show_error,
            )

    def _flush_linked(self) -> str:
        try:
            self.linked_folders().flush()
        except InkwellError as error:
            return error.what
        return ""

    def _keep_lines(self, screen: NotesScreen) -> None:
        """Lines of notes end as the setting says, from now on."""
        settings = self._container.settings_file

        def follow(key: str) -> None:
            if key == "notes.line_breaks":
                screen.desk.set_keeps_lines(settings.text(key) == "on")

        self._watcher.changed.connect(follow)
        follow("notes.line_breaks")

    def _add_note_export(self, screen: NotesScreen) -> None:
        from desktop_app.presenters.note_export import NoteExportPresenter
        from desktop_app.ui.notes.note_export import NoteExportControls
        from desktop_app.ui.notes.note_pdf import PrintTheme

        container = self._container
        NoteExportControls(
            NoteExportPresenter(self._tasks, self),
            container.note_parts.note_export,
            lambda: PrintTheme(container.formulas.typeset, self),
            self.presenter(),
            screen.transfers.add(),
            self._actions,
            screen,
            targets=lambda: screen.targets,
            save=screen.flush,
            as_shown=lambda: screen.desk.active.as_shown,
        )

    def _add_folder_export(self, screen: NotesScreen) -> None:
        from desktop_app.presenters.folder_export import FolderExportPresenter
        from desktop_app.ui.notes.folder_export import FolderExportControls

        presenter = FolderExportPresenter(self._container.note_parts.folder_export, self._tasks, self)
        FolderExportControls(
            presenter, self.presenter(), screen.transfers.add(), self._actions, screen, save=screen.flush
        )

    def _add_tasks(self, screen: NotesScreen) -> None:
        from desktop_app.presenters.open_tasks import OpenTasksPresenter

        service = self._container.note_parts.note_tasks
        presenter = OpenTasksPresenter(service, self._tasks, screen.flush, self)
        self._upkeep.on_close.append(presenter.close)
        screen.add_tasks(presenter)
