"""Makes each room when it is first gone to, and connects the rooms with each other."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from desktop_app.app.chat_room import ChatRoom
from desktop_app.app.container import Container
from desktop_app.app.room import Upkeep, WindowParts
from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.part import late
from desktop_app.domain.resources import resource_path
from desktop_app.presenters.settings_watcher import SettingsWatcher
from desktop_app.presenters.shell import ShellPresenter
from desktop_app.presenters.visits import Visit, VisitHistory
from desktop_app.ui.actions import Actions
from desktop_app.ui.theme.theme import Theme

if TYPE_CHECKING:
    from desktop_app.app.notes_room import NotesRoom
    from desktop_app.presenters.data_folder import DataPresenter
    from desktop_app.presenters.linked_folders import LinkedFoldersPresenter
    from desktop_app.presenters.setting_row import SpellingFacts
    from desktop_app.presenters.settings import SettingsPresenter


class Screens(QObject):
    """The five rooms' factories, with the settings and the visits that rooms share."""

    def __init__(
        self,
        container: Container,
        shell: ShellPresenter,
        theme: Theme,
        actions: Actions,
        watcher: SettingsWatcher,
    ) -> None:
        super().__init__()
        self._container = container
        self._shell = shell
        self._tasks = shell.tasks
        self._theme = theme
        self._actions = actions
        self._watcher = watcher
        self._upkeep = Upkeep()
        self._notes_room: NotesRoom | None = None
        self._data: DataPresenter | None = None
        self._person_settings: SettingsPresenter | None = None
        self.visits = VisitHistory(self)
        self._window = WindowParts(shell, theme, actions, watcher, self.visits, self._upkeep)
        self._connect_visits()
        actions["note.daily"].triggered.connect(lambda _=False: self._notes().open_daily_note())
        actions["note.daily_before"].triggered.connect(lambda _=False: self._notes().open_daily_beside(later=False))
        actions["note.daily_after"].triggered.connect(lambda _=False: self._notes().open_daily_beside(later=True))
        actions["note.random"].triggered.connect(lambda _=False: self._notes().open_any_note())
        actions["note.new_template"].triggered.connect(lambda _=False: self._notes().make_template())
        shell.note_wanted.connect(lambda title: self._notes().make_note(title))
        shell.notes_narrowed.connect(lambda folder, tag: self._notes().narrow(folder, tag))
        shell.import_wanted.connect(lambda paths: self._notes().bring_in(paths))

    def factories(self) -> dict[str, Callable[[], QWidget]]:
        """Room name to factory, in the rail's order."""
        return {
            "chat": self._chat,
            "notes": lambda: self._notes().screen(),
            "search": self._search,
            "models": self._models,
            "settings": self._settings,
        }

    def linked_folders(self) -> LinkedFoldersPresenter:
        """The linked folders' presenter, at work before the notes screen is open."""
        return self._notes().linked_folders()

    def use_template(self, template_id: int) -> None:
        """Put a template's text into the open note."""
        self._notes().use_template(template_id)

    def refresh_all(self) -> None:
        """The store was changed by another program: show what is there now."""
        self._upkeep.refresh()

    def close(self) -> None:
        """Let presenters go of what they listen to; before the task runner closes."""
        self._upkeep.close()

    # Back and Forward ---------------------------------------------------------------------------

    def _connect_visits(self) -> None:
        visits, back, forward = self.visits, self._actions["go.back"], self._actions["go.forward"]

        def enable() -> None:
            back.setEnabled(visits.can_go_back)
            forward.setEnabled(visits.can_go_forward)

        visits.changed.connect(enable)
        visits.wanted.connect(self._show_visit)
        back.triggered.connect(lambda _=False: visits.back())
        forward.triggered.connect(lambda _=False: visits.forward())

    def _show_visit(self, visit: Visit) -> None:
        if visit.room == "notes":
            self._shell.show_note(visit.id)
        elif visit.room == "chat":
            self._shell.show_chat(visit.id)
        else:
            self._shell.search(visit.text)

    # Chat, notes and search ---------------------------------------------------------------------

    def _chat(self) -> QWidget:
        return ChatRoom(self._container, self._window, self, self._settings_presenter).screen()

    def _notes(self) -> NotesRoom:
        if self._notes_room is None:
            from desktop_app.app.notes_room import NotesRoom

            self._notes_room = NotesRoom(self._container, self._window, self)
        return self._notes_room

    def _search(self) -> QWidget:
        from desktop_app.app.search_room import SearchRoom

        notes = self._notes()
        return SearchRoom(self._container, self._window, self, notes.merging(), notes.all_saved).screen()

    # Models -------------------------------------------------------------------------------------

    def _models(self) -> QWidget:
        from desktop_app.presenters.models import Loaders, ModelsPresenter
        from desktop_app.ui.models.models_screen import ModelsScreen

        container = self._container
        presenter = ModelsPresenter(
            container.library,
            container.settings_file,
            container.decoder,
            container.encoder,
            Loaders(container.session.ensure_decoder, container.session.ensure_encoder),
            self._tasks,
            self,
        )
        self._upkeep.on_close.append(presenter.close)
        screen = ModelsScreen(presenter, self._theme)
        screen.notice_wanted.connect(self._shell.show_notice)
        return screen

    # Settings -----------------------------------------------------------------------------------

    def _settings_presenter(self) -> SettingsPresenter:
        """The person's settings; a chat's own stand over them."""
        if self._person_settings is None:
            from desktop_app.presenters.settings import SettingsPresenter

            container = self._container
            self._person_settings = SettingsPresenter(
                container.settings_file,
                late(lambda: container.library),
                self._tasks,
                self._watcher,
                lambda: container.decoder.status.resident_bytes,
                self,
                spelling=self._spelling_facts,
            )
            self._upkeep.on_close.append(self._person_settings.flush)
        return self._person_settings

    def _settings(self) -> QWidget:
        from desktop_app.ui.settings.settings_screen import SettingsScreen

        screen = SettingsScreen(
            self._settings_presenter(), self._data_presenter(), self._theme, self._actions, resource_path("licences")
        )
        screen.notice_wanted.connect(self._shell.show_notice)
        return screen

    def _data_presenter(self) -> DataPresenter:
        if self._data is None:
            from desktop_app.presenters.data_folder import DataActions, DataPresenter

            container = self._container

            def restore(path: Path) -> str:
                container.backups.restore(path)
                return self.tr("Restored. What was there before is kept as a backup.")

            def export(folder: Path, progress: Callable[[int, int, str], None], cancel: CancelToken) -> str:
                report = container.export.run(folder, progress, cancel)
                return self.tr("Exported to {folder}").replace("{folder}", str(report.folder))

            self._data = DataPresenter(
                DataActions(
                    container.backups.back_up_now,
                    container.backups.list_backups,
                    restore,
                    export,
                    container.kept_states.size,
                    container.kept_states.clear,
                ),
                self._tasks,
                self,
            )
            self._data.restored.connect(self._upkeep.restore)
        return self._data

    def _spelling_facts(self) -> SpellingFacts:
        """Which languages' spelling can be checked on this computer, and which is."""
        from desktop_app.presenters.setting_row import SpellingFacts

        spelling = self._container.spelling
        return SpellingFacts(tuple(spelling.available()), tuple(spelling.languages()))
