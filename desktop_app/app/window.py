"""Starts the window: first what is needed to paint it, then everything else."""

from __future__ import annotations

import gc
import os
import signal
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QLocale, QObject, QTimer, Signal
from PySide6.QtWidgets import QApplication

from desktop_app.app.container import Container
from desktop_app.app.crash_report import CrashReports
from desktop_app.app.logging import start_logging
from desktop_app.app.screens import Screens
from desktop_app.app.single_instance import Claim, SingleInstance
from desktop_app.app.translation import install_translation
from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.errors import DecoderBusyError, InkwellError
from desktop_app.domain.resources import resource_path
from desktop_app.presenters.formulas import FormulaBook
from desktop_app.presenters.settings_watcher import SettingsWatcher
from desktop_app.presenters.shell import ShellPresenter
from desktop_app.presenters.tasks import TaskRunner
from desktop_app.settings.schema import TakesEffect, setting_for
from desktop_app.ui.actions import Actions
from desktop_app.ui.main_window import MainWindow
from desktop_app.ui.theme.theme import Theme

if TYPE_CHECKING:
    from pathlib import Path

    from desktop_app.app.palette_sources import PaletteSources
    from desktop_app.app.paths import DataPaths
    from desktop_app.domain.notes import Note
    from desktop_app.presenters.command_palette import NameProvider

_AFTER_FIRST_PAINT_MS = 30
_LOOK_FOR_CHANGES_MS = 1_000
_SETTINGS_SETTLE_MS = 400
_BACKUP_LOOK_MS = 3_600_000
_LET_WORK_END_SECONDS = 0.6
"""What runs when the window closes has so long to end by itself: an answer then keeps its proper end."""


def run(paths: DataPaths) -> int:
    """Show the window on `paths` until it is closed; the exit code."""
    start_logging(paths.logs, os.environ)
    instance = SingleInstance(paths)
    claim = instance.acquire_or_notify({"show": True})
    if claim is Claim.NOTIFIED:
        return 0
    if claim is Claim.REFUSED:
        print("inkwell: another Inkwell uses this data folder and does not answer.", file=sys.stderr)
        return 1
    crashes = CrashReports(paths.logs)
    crashes.install()
    try:
        return _show(paths, instance)
    finally:
        crashes.uninstall()
        instance.close()


def _show(paths: DataPaths, instance: SingleInstance) -> int:
    app = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(app, QApplication)
    app.setApplicationName("Inkwell")
    app.setDesktopFileName("inkwell")
    _translation = install_translation(app, resource_path("i18n"))
    container = Container(paths)
    settings = container.settings_file
    theme = Theme(settings.text("appearance.theme"), settings.real("appearance.font_size"))
    theme.apply(app)
    if not _store_opens(container, theme, app):
        return 1
    desk = Desk(container, theme)
    desk.window.first_painted.connect(
        lambda: QTimer.singleShot(
            _AFTER_FIRST_PAINT_MS, desk, lambda: instance.serve(lambda _message: desk.raise_wanted.emit())
        )
    )
    desk.show()
    for number in (signal.SIGINT, signal.SIGTERM):
        # Heard wherever Python is, at the latest with the timer that looks for changes; not to close amid painting.
        signal.signal(number, lambda _number, _frame: QTimer.singleShot(0, desk.window.close))
    code = app.exec()
    instance.stop_serving()
    desk.close()
    return code


def _store_opens(container: Container, theme: Theme, app: QApplication) -> bool:
    """Open the store; where that fails, show why until it works (true) or the person gives up (false)."""

    def open_store() -> object:
        return container.store

    try:
        open_store()
    except InkwellError as error:
        gc.enable()
        from desktop_app.ui.store_problem import StoreProblem

        problem = StoreProblem(error, theme, open_store)
        problem.show()
        app.exec()
    return "store" in vars(container)


class Desk(QObject):
    """The window with everything that lives as long as it does."""

    raise_wanted = Signal()

    def __init__(self, container: Container, theme: Theme) -> None:
        super().__init__()
        self.container = container
        container.system_language = QLocale.system().name()
        self.theme = theme
        self._start_problem = self._mark_interrupted()
        self.tasks = TaskRunner()
        theme.set_formulas(FormulaBook(lambda: container.formulas, self.tasks, self))
        self.shell = ShellPresenter(
            self.tasks,
            quick_note=self._quick_note,
            looks_like_chats=self._looks_like_chats,
            chat_note=self._chat_note,
        )
        self.actions = Actions(theme)
        self.watcher = SettingsWatcher(container.settings_file)
        self.screens = Screens(container, self.shell, theme, self.actions, self.watcher)
        self._named: PaletteSources | None = None
        self.window = MainWindow(
            self.shell,
            self.actions,
            theme,
            self.screens.factories(),
            container.store.ui_state,
            name_providers=self._names,
        )
        self.window.room_chosen.connect(self.screens.visits.visit_room)
        self._unsubscribe: Callable[[], None] = lambda: None
        self._data_version: int | None = None
        self._changes = QTimer(self)
        self._changes.setInterval(_LOOK_FOR_CHANGES_MS)
        self._changes.timeout.connect(self._look_for_changes)
        self._hourly = QTimer(self)
        self._hourly.setInterval(_BACKUP_LOOK_MS)
        self._hourly.timeout.connect(self._start_background_work)
        self._reload = QTimer(self)
        self._reload.setSingleShot(True)
        self._reload.setInterval(_SETTINGS_SETTLE_MS)
        self._reload.timeout.connect(self._load_decoder)
        # Not within the paint event: the first picture and the first keys come before models and index.
        self.window.first_painted.connect(lambda: QTimer.singleShot(_AFTER_FIRST_PAINT_MS, self._after_first_paint))
        self.raise_wanted.connect(self._raise)
        self.watcher.changed.connect(self._setting_changed)
        self._connect_actions()

    @property
    def named(self) -> PaletteSources:
        """What Ctrl+K finds besides actions; made when it is first opened."""
        if self._named is None:
            from desktop_app.app.palette_sources import PaletteSources

            self._named = PaletteSources(
                self.container, self.shell, self.screens.use_template, self._show_setting, self._shown_note
            )
        return self._named

    def _shown_note(self) -> int:
        shown = self.screens.visits.shown
        return shown.id if shown is not None and shown.room == self.window.room == "notes" else 0

    def _names(self) -> Sequence[NameProvider]:
        return self.named.all()

    def _quick_note(self, text: str) -> Note:
        return self.container.notes.quick_note(text)

    def _chat_note(self, text: str) -> Note:
        return self.container.notes.chat_note(text)

    def _looks_like_chats(self, path: Path) -> bool:
        return self.container.chat_transfer.looks_like_chats(path)

    def _mark_interrupted(self) -> InkwellError | None:
        """Mark answers that a crash cut off. A full disk or a locked store must not keep the window from opening."""
        store = self.container.store
        if store.read_only:
            return None
        try:
            store.conversations.mark_interrupted()
        except InkwellError as error:
            return error
        return None

    def show(self) -> None:
        """Show the window."""
        self.window.show()

    def close(self) -> None:
        """Stop all work, keep what can be kept, end the model processes and close the store."""
        self._changes.stop()
        self._reload.stop()
        self._hourly.stop()
        self._unsubscribe()
        self.screens.close()
        self.shell.close()
        self.watcher.close()
        self.tasks.stop()
        if not self.tasks.wait(_LET_WORK_END_SECONDS):
            self.container.hang_up()  # a model that loads, or is deaf, would keep its thread for seconds
        self.tasks.close()
        self.container.close()

    def _connect_actions(self) -> None:
        """Actions that belong to a screen which may not have been built yet."""
        for job in ("back_up", "restore", "export", "clear_states"):
            self.actions[f"data.{job}"].triggered.connect(lambda _checked=False, job=job: self._start_data_job(job))
        self.actions["model.add"].triggered.connect(self._add_model)
        self.actions["model.reload"].triggered.connect(self._reload_decoder)
        self.actions["index.pause"].triggered.connect(self._toggle_indexing)
        self.actions["index.keep_encoder"].triggered.connect(self._keep_encoder)
        self.shell.status_changed.connect(
            lambda: self.actions["index.keep_encoder"].setEnabled(bool(self.shell.former_encoder))
        )

    def _start_data_job(self, job: str) -> None:
        from desktop_app.presenters.data_folder import DataJob
        from desktop_app.ui.settings.settings_screen import SettingsScreen

        screen = self.window.show_room("settings")
        assert isinstance(screen, SettingsScreen)
        screen.start_job(DataJob(job))

    def _show_setting(self, key: str) -> None:
        from desktop_app.ui.settings.settings_screen import SettingsScreen

        screen = self.window.show_room("settings")
        assert isinstance(screen, SettingsScreen)
        screen.show_setting(key)

    def _add_model(self) -> None:
        from desktop_app.ui.models.models_screen import ModelsScreen

        screen = self.window.show_room("models")
        assert isinstance(screen, ModelsScreen)
        screen.choose_file()

    def _reload_decoder(self) -> None:
        self.tasks.run(
            lambda _cancel: self.container.decoder.unload(),
            done=lambda _none: self._load_decoder(),
            channel="window.decoder",
        )

    def _toggle_indexing(self) -> None:
        indexer = self.container.search_parts.background_indexer
        indexer.set_held(not indexer.held)
        words = self.tr("Indexing is paused.") if indexer.held else self.tr("Indexing goes on.")
        self.shell.show_notice(words)

    def _keep_encoder(self) -> None:
        container, name = self.container, self.shell.former_encoder
        self.tasks.run(
            lambda _cancel: container.search_parts.encoder_change.cancel(
                container.library.choose_encoder, container.settings_file.set
            ),
            done=lambda _changed: self._encoder_kept(name),
            failed=self.shell.show_error,
            channel="window.keep_encoder",
        )

    def _encoder_kept(self, name: str) -> None:
        self.shell.show_notice(self.tr("{name} stays the search model.").format(name=name))
        self.container.search_parts.background_indexer.wake()

    def _raise(self) -> None:
        self.window.setWindowState(self.window.windowState() & ~self.window.windowState().WindowMinimized)
        self.window.show()
        self.window.raise_()
        self.window.activateWindow()

    # After the first picture --------------------------------------------------------------------

    def _after_first_paint(self) -> None:
        # What start-up made lives as long as the program: looking through it again and again would cost pauses.
        gc.freeze()
        gc.enable()
        self.shell.watch_decoder(self.container.decoder)
        self.shell.watch_encoder(self.container.encoder)
        self.shell.watch_indexer(self.container.search_parts.background_indexer)
        for notice in (self.container.settings_notice, *self.container.store.open_report.notices):
            if notice:
                self.shell.show_problem(notice)
        if self._start_problem is not None:
            self.shell.show_error(self._start_problem)
        self._unsubscribe = self.container.notes.subscribe(
            lambda _ids: self.container.search_parts.background_indexer.wake()
        )
        self._install_welcome_notes()
        self._load_decoder()
        self._changes.start()
        self._hourly.start()

    def _install_welcome_notes(self) -> None:
        """At once, not after the decoder: the first thing a newcomer is offered is a search in them."""
        container = self.container

        def work(_cancel: CancelToken) -> None:
            if not container.store.read_only:
                container.note_parts.welcome.install()

        self.tasks.run(work, done=lambda _none: None, channel="window.welcome")

    def _load_decoder(self) -> None:
        self.tasks.run(
            self.container.session.ensure_decoder,
            done=lambda _loaded: self._start_background_work(),
            failed=self._decoder_failed,
            channel="window.decoder",
        )

    def _decoder_failed(self, error: InkwellError) -> None:
        # While an answer is written the model stays; the next answer is made with the new settings.
        if not isinstance(error, DecoderBusyError) and self.window.room != "chat":
            self.shell.show_error(error)
        self._start_background_work()

    def _start_background_work(self) -> None:
        """The daily backup and indexing, once the decoder no longer needs the processor to load."""
        container = self.container

        def work(_cancel: CancelToken) -> None:
            if container.store.read_only:
                return
            container.search_parts.background_indexer.wake()
            container.backups.back_up_if_due()
            container.attachment_sweep.run()

        self.tasks.run(work, done=lambda _none: None, channel="window.background")
        self.screens.linked_folders().start()

    # Changes from outside -----------------------------------------------------------------------

    def _look_for_changes(self) -> None:
        self.tasks.run(
            lambda _cancel: self.container.store.data_version(), done=self._take_version, channel="window.changes"
        )
        notice = self.watcher.look()
        if notice:
            self.shell.show_problem(notice)

    def _take_version(self, version: int | None) -> None:
        if self._data_version is not None and version != self._data_version:
            self.screens.refresh_all()
            self.container.search_parts.background_indexer.wake()
        self._data_version = version

    def _setting_changed(self, key: str) -> None:
        settings = self.container.settings_file
        if key == "appearance.theme":
            self.theme.set_mode(settings.text(key))
        elif key == "appearance.font_size":
            self.theme.set_font_size(settings.real(key))
        elif key.startswith("decoder.") and setting_for(key).takes_effect is TakesEffect.RELOADS_MODEL:
            self._reload.start()
        elif key.startswith("encoder."):
            self.container.search_parts.background_indexer.wake()
