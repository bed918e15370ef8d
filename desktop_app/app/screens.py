"""Makes each screen with its presenters, when it is first gone to, and connects it with the others."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from desktop_app.app.container import Container
from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.errors import InkwellError
from desktop_app.domain.part import late
from desktop_app.domain.resources import resource_path
from desktop_app.presenters.settings_watcher import SettingsWatcher
from desktop_app.presenters.shell import ShellPresenter
from desktop_app.presenters.visits import Visit, VisitHistory
from desktop_app.ui.actions import Actions
from desktop_app.ui.theme.theme import Theme

if TYPE_CHECKING:
    from desktop_app.domain.built_in_templates import BuiltInTemplate
    from desktop_app.presenters.chat import ChatPresenter
    from desktop_app.presenters.data_folder import DataPresenter
    from desktop_app.presenters.linked_folders import LinkedFoldersPresenter
    from desktop_app.presenters.note_editor import NoteEditorPresenter, OpenedNote
    from desktop_app.presenters.note_mentions import NoteMentionsPresenter
    from desktop_app.presenters.note_merging import NoteMergingPresenter
    from desktop_app.presenters.note_pasting import NotePastingPresenter
    from desktop_app.presenters.note_properties import NotePropertiesPresenter
    from desktop_app.presenters.notes import NotesPresenter
    from desktop_app.presenters.related_notes import RelatedNotesPresenter
    from desktop_app.presenters.search import SearchView
    from desktop_app.presenters.setting_row import SpellingFacts
    from desktop_app.presenters.settings import SettingsPresenter
    from desktop_app.presenters.spelling import SpellingBook
    from desktop_app.presenters.tag_suggestions import TagSuggestionsPresenter
    from desktop_app.ui.chat.chat_screen import ChatScreen
    from desktop_app.ui.notes.note_side import SidePresenters
    from desktop_app.ui.notes.notes_screen import NotesScreen

Refresh = Callable[[], None]

_log = logging.getLogger(__name__)


class Screens(QObject):
    """The five rooms' factories. Presenters that hear of changes made elsewhere register with `refresh_all`."""

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
        self._refreshers: list[Refresh] = []
        self._after_restore: list[Refresh] = []
        self._closers: list[Refresh] = []
        self._notes: NotesPresenter | None = None
        self._linked: LinkedFoldersPresenter | None = None
        self._notes_page: NotesScreen | None = None
        self._merging: NoteMergingPresenter | None = None
        self._data: DataPresenter | None = None
        self._person_settings: SettingsPresenter | None = None
        self.visits = VisitHistory(self)
        self._connect_visits()
        actions["note.daily"].triggered.connect(lambda _=False: self._open_daily_note())
        actions["note.new_template"].triggered.connect(lambda _=False: self._make_template())
        shell.import_wanted.connect(self._bring_in)

    def factories(self) -> dict[str, Callable[[], QWidget]]:
        """Room name to factory, in the rail's order."""
        return {
            "chat": self._chat,
            "notes": self._notes_screen,
            "search": self._search,
            "models": self._models,
            "settings": self._settings,
        }

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

    def _visit_chat(self, presenter: ChatPresenter) -> None:
        slot = presenter.slot
        if slot.id is not None and not slot.temporary:
            self.visits.visit(Visit("chat", slot.id))

    def _visit_note(self, opened: OpenedNote) -> None:
        if not opened.reloaded:  # it was shown before
            self.visits.visit(Visit("notes", opened.note.id))

    def _visit_search(self, screen: QWidget, view: SearchView) -> None:
        # An answer also comes anew behind another room, when notes were indexed.
        if view.result is not None and screen.isVisible():
            self.visits.visit(Visit("search", text=view.query))

    def refresh_all(self) -> None:
        """The store was changed by another program, or restored: show what is there now."""
        for refresh in self._refreshers:
            refresh()

    def _show_restored(self) -> None:
        self.refresh_all()
        for reload in self._after_restore:
            reload()

    def close(self) -> None:
        """Let presenters go of what they listen to; before the task runner closes."""
        for close in reversed(self._closers):
            close()

    # Chat ---------------------------------------------------------------------------------------

    def _chat(self) -> QWidget:
        from desktop_app.presenters.chat import ChatPresenter
        from desktop_app.presenters.chat_files import ChatFilesPresenter
        from desktop_app.presenters.chat_service import ChatModel
        from desktop_app.ui.chat.chat_files import ChatFiles
        from desktop_app.ui.chat.chat_screen import ChatScreen

        model = ChatModel(
            decoder=late(lambda: self._container.decoder),
            ensure_loaded=self._container.session.ensure_decoder,
            pill=self._pill,
            is_starter=lambda: not self._container.settings_file.text("decoder.model_file"),
            others=late(lambda: self._container.other_models),
            choose_template=self._choose_template,
        )
        container = self._container
        presenter = ChatPresenter(
            container.chat,
            self._tasks,
            model,
            late(lambda: container.attachments),
            late(lambda: container.free_writing),
            self,
            search=late(lambda: container.chat_search),
            other_presets=late(lambda: container.other_presets),
        )
        self._refreshers.append(presenter.chats.refresh)
        self._after_restore.append(presenter.reload)
        self._closers.append(presenter.close)
        self._watcher.changed.connect(lambda _key: self._take_chat_settings(presenter))
        self._take_chat_settings(presenter)
        presenter.opened.connect(lambda: self._visit_chat(presenter))
        screen = ChatScreen(presenter, self._theme, self._actions, self._shell)
        self._add_answer_format(presenter, screen)
        files = ChatFilesPresenter(lambda: self._container.chat_transfer, self._tasks, self)
        ChatFiles(files, presenter, self._shell, self._theme, self._actions, screen)
        self._add_presets(presenter, screen)
        self._tell_of_long_answers(presenter, screen)
        return screen

    def _choose_template(self, template: BuiltInTemplate) -> None:
        library = self._container.library
        library.choose_template(library.decoder_path(), template)

    def _tell_of_long_answers(self, presenter: ChatPresenter, screen: ChatScreen) -> None:
        from desktop_app.presenters.answer_watch import AnswerWatch
        from desktop_app.ui.chat.answer_news import AnswerNews

        settings = self._container.settings_file
        watch = AnswerWatch(presenter.answers, parent=presenter)
        AnswerNews(watch, presenter, self._shell, screen, wanted=lambda: settings.text("chat.notify") == "on")

    def _add_answer_format(self, presenter: ChatPresenter, screen: ChatScreen) -> None:
        from desktop_app.presenters.chat_constraint import ChatConstraintPresenter
        from desktop_app.ui.chat.answer_format import AnswerFormatControls

        container = self._container
        constraint = ChatConstraintPresenter(
            container.chat_constraints,
            lambda slot: slot.ensure(container.chat),
            presenter.chat_made,
            self._tasks,
            presenter,
        )
        presenter.opened.connect(lambda: constraint.show(presenter.slot))
        controls = AnswerFormatControls(constraint, self._theme, self._actions["chat.format"], screen)
        screen.head.add_beside_title(controls.chip)
        constraint.show(presenter.slot)

    def _take_chat_settings(self, presenter: ChatPresenter) -> None:
        presenter.transcript.unfolds_reasoning = self._container.settings_file.text("chat.reasoning") == "shown"

    def _add_presets(self, presenter: ChatPresenter, screen: ChatScreen) -> None:
        from desktop_app.presenters.presets import PresetsPresenter
        from desktop_app.ui.chat.preset_controls import PresetControls

        container = self._container
        presets = PresetsPresenter(
            container.presets,
            self._settings_presenter(),
            self._tasks,
            lambda slot: slot.ensure(container.chat),
            presenter.chat_made,
            presenter,
        )
        presenter.opened.connect(lambda: presets.show(presenter.slot))
        presets.choices_changed.connect(presenter.meter.refresh)
        presets.choices_changed.connect(presenter.read_ahead.refresh)
        presets.choices_changed.connect(presenter.writing.meter.refresh)
        controls = PresetControls(presets, self._theme, self._actions, self._shell, screen)
        screen.head.add_beside_title(controls.chip)
        edit = screen.composer.edit
        screen.composer.slash_typed.connect(lambda: controls.open_for_slash(lambda: edit.insertPlainText("/")))
        presets.show(presenter.slot)

    def _pill(self) -> str:
        library = self._container.library
        try:
            model = library.describe(library.decoder_path())
            return self.tr("{0} · starter").format(model.pill) if model.is_starter else model.pill
        except InkwellError:
            # The screen itself says what is wrong with the model; the pill only leads to where it is mended.
            return self.tr("No chat model")

    # Notes --------------------------------------------------------------------------------------

    def notes_presenter(self) -> NotesPresenter:
        """The notes' presenter, also needed before the screen is open (drops, imports)."""
        if self._notes is None:
            from desktop_app.presenters.notes import NotesPresenter

            container = self._container
            self._notes = NotesPresenter(
                container.notes, self._tasks, container.note_import, container.export, container.welcome, self
            )
            self._refreshers.append(self._notes.refresh)
            self._closers.append(self._notes.close)
        return self._notes

    def linked_folders(self) -> LinkedFoldersPresenter:
        """The linked folders' presenter, at work before the notes screen is open."""
        if self._linked is None:
            from desktop_app.presenters.linked_folders import LinkedFoldersPresenter

            container = self._container
            self._linked = LinkedFoldersPresenter(
                container.linked_folders,
                self._tasks,
                container.notes.subscribe,
                self,
                read_only=container.store.read_only,
            )
            self._refreshers.append(self._linked.look_soon)
            app = QGuiApplication.instance()
            if isinstance(app, QGuiApplication):
                app.applicationStateChanged.connect(self._on_application_state)
            self._closers.append(self._linked.close)
        return self._linked

    def _on_application_state(self, state: Qt.ApplicationState) -> None:
        if state is Qt.ApplicationState.ApplicationActive and not self._tasks.closed:
            self.linked_folders().look_soon()

    def _bring_in(self, paths: list[Path]) -> None:
        """The screen first: it asks about folders."""
        self._shell.go("notes")
        self.linked_folders().bring_in(paths)

    def _flush_linked(self) -> str:
        try:
            self.linked_folders().flush()
        except InkwellError as error:
            return error.what
        return ""

    def _note_merging(self) -> NoteMergingPresenter:
        if self._merging is None:
            from desktop_app.presenters.note_merging import NoteMergingPresenter

            self._merging = NoteMergingPresenter(self._container.note_merging, self._tasks, self)
            self._merging.notice.connect(self._shell.show_notice)
            self._merging.failed.connect(self._shell.show_error)
        return self._merging

    def _note_properties(self) -> NotePropertiesPresenter:
        from desktop_app.presenters.note_properties import NotePropertiesPresenter

        presenter = NotePropertiesPresenter(self._container.note_properties, self._tasks, self)
        presenter.notice.connect(self._shell.show_notice)
        presenter.failed.connect(self._shell.show_error)
        return presenter

    def _all_notes_saved(self) -> bool:
        """Whether all that was typed in the notes screen is kept by now."""
        return self._notes_page is None or not self._notes_page.flush()

    def _notes_screen(self) -> QWidget:
        from desktop_app.presenters.note_attachments import NoteAttachmentsPresenter
        from desktop_app.presenters.note_editor import NoteEditorPresenter
        from desktop_app.presenters.note_links import NoteLinksPresenter
        from desktop_app.presenters.note_renaming import NoteRenamingPresenter
        from desktop_app.ui.notes.notes_screen import NotesScreen

        settings = self._container.settings_file
        editor = NoteEditorPresenter(
            self._container.notes, self._tasks, lambda: settings.integer("notes.autosave_ms"), self
        )
        presenter = self.notes_presenter()
        links = NoteLinksPresenter(self._container.note_links, self._tasks, self)
        renaming = NoteRenamingPresenter(self._container.note_renaming, self._tasks, self)
        attachments = NoteAttachmentsPresenter(self._container.note_attachments, self._tasks, self)
        spelling = self._spelling()
        screen = NotesScreen(
            presenter,
            editor,
            self._theme,
            self._actions,
            links=links,
            renaming=renaming,
            merging=self._note_merging(),
            attachments=attachments,
            linked=self.linked_folders(),
            make_beside=lambda: self._second_note(editor, spelling),
            spelling=spelling,
            suggestions=self._tag_suggestions(editor),
            related=self._related_notes(editor),
            pasting=self._note_pasting(),
            properties=self._note_properties(),
            mentions=self._note_mentions(editor),
        )
        spelling.failed.connect(presenter.failed)
        self._closers.append(links.close)
        self._notes_page = screen
        screen.search_everything.connect(self._shell.search)
        screen.ask_wanted.connect(self._shell.ask_about_note)
        screen.similar_wanted.connect(self._shell.search_similar)
        presenter.notice.connect(self._shell.show_notice)
        self._mark_opened(editor)
        editor.opened.connect(self._visit_note)
        screen.desk.gone_to.connect(lambda note_id: self.visits.visit(Visit("notes", note_id)))
        presenter.gone.connect(lambda ids: self.visits.forget("notes", ids))
        self._refreshers.append(editor.refresh)
        self._closers.append(editor.close)
        self._shell.add_closer(lambda: " ".join(error.what for error in screen.flush()))
        self._shell.add_closer(self._flush_linked)
        self._add_folder_export(screen)
        self._add_note_export(screen)
        self._keep_lines(screen)
        return screen

    def _keep_lines(self, screen: NotesScreen) -> None:
        """Lines of notes end as the setting says, from now on."""
        settings = self._container.settings_file

        def follow(key: str) -> None:
            if key == "notes.line_breaks":
                screen.desk.set_keeps_lines(settings.text(key) == "on")

        self._watcher.changed.connect(follow)
        follow("notes.line_breaks")

    def _mark_opened(self, editor: NoteEditorPresenter) -> None:
        from desktop_app.presenters.opened_notes import OpenedNotes

        self._closers.append(OpenedNotes(self._container.notes, editor, self._tasks).close)

    def _spelling_facts(self) -> SpellingFacts:
        """Which languages' spelling can be checked on this computer, and which is."""
        from desktop_app.presenters.setting_row import SpellingFacts

        spelling = self._container.spelling
        return SpellingFacts(tuple(spelling.available()), tuple(spelling.languages()))

    def _spelling(self) -> SpellingBook:
        """Spelling of all notes; other settings have all words looked up anew."""
        from desktop_app.presenters.spelling import SpellingBook

        book = SpellingBook(lambda: self._container.spelling, self._tasks, self)
        self._watcher.changed.connect(lambda key: book.forget() if key.startswith("notes.spelling") else None)
        return book

    def _second_note(self, first: NoteEditorPresenter, spelling: SpellingBook) -> SidePresenters:
        """What shows a note beside the one of `first`."""
        from desktop_app.presenters.note_attachments import NoteAttachmentsPresenter
        from desktop_app.presenters.note_editor import NoteEditorPresenter
        from desktop_app.presenters.note_links import NoteLinksPresenter
        from desktop_app.ui.notes.note_side import SidePresenters

        settings = self._container.settings_file
        editor = NoteEditorPresenter(
            self._container.notes, self._tasks, lambda: settings.integer("notes.autosave_ms"), self, beside=first
        )
        links = NoteLinksPresenter(self._container.note_links, self._tasks, self, channel="note_beside")
        editor.opened.connect(self._visit_note)
        self._refreshers.append(editor.refresh)
        self._closers += [links.close, editor.close]
        self._mark_opened(editor)
        attachments = NoteAttachmentsPresenter(self._container.note_attachments, self._tasks, self)
        suggestions = self._tag_suggestions(editor, channel="note_beside.tag_suggestions")
        related = self._related_notes(editor, channel="note_beside.related")
        return SidePresenters(
            editor,
            links,
            attachments,
            spelling,
            suggestions,
            related,
            self._note_pasting(),
            self._note_properties(),
            self._note_mentions(editor, channel="note_beside.mentions"),
        )

    def _note_pasting(self) -> NotePastingPresenter:
        from desktop_app.presenters.note_pasting import NotePastingPresenter

        return NotePastingPresenter(lambda: self._container.importer, self._tasks, self)

    def _add_note_export(self, screen: NotesScreen) -> None:
        from desktop_app.presenters.note_export import NoteExportPresenter
        from desktop_app.ui.notes.note_export import NoteExportControls
        from desktop_app.ui.notes.note_pdf import PrintTheme

        container = self._container
        NoteExportControls(
            NoteExportPresenter(self._tasks, self),
            container.note_export,
            lambda: PrintTheme(container.formulas.typeset, self),
            self.notes_presenter(),
            screen.transfer,
            self._actions,
            screen,
            targets=lambda: screen.targets,
            save=screen.flush,
        )

    def _add_folder_export(self, screen: NotesScreen) -> None:
        from desktop_app.presenters.folder_export import FolderExportPresenter
        from desktop_app.ui.notes.folder_export import FolderExportControls

        presenter = FolderExportPresenter(self._container.folder_export, self._tasks, self)
        FolderExportControls(
            presenter, self.notes_presenter(), screen.transfer, self._actions, screen, save=screen.flush
        )

    def _tag_suggestions(
        self, editor: NoteEditorPresenter, channel: str = "note.tag_suggestions"
    ) -> TagSuggestionsPresenter:
        from desktop_app.presenters.tag_suggestions import TagSuggestionsPresenter

        container = self._container
        suggestions = TagSuggestionsPresenter(
            container.tag_suggestions,
            editor,
            self._tasks,
            container.background_indexer.subscribe,
            lambda: container.settings_file.text("notes.suggest_tags") == "on",
            editor,
            channel=channel,
        )
        self._closers.append(suggestions.close)
        self._watcher.changed.connect(lambda key: suggestions.look(again=True) if key == "notes.suggest_tags" else None)
        return suggestions

    def _note_mentions(self, editor: NoteEditorPresenter, channel: str = "note.mentions") -> NoteMentionsPresenter:
        from desktop_app.presenters.note_mentions import NoteMentionsPresenter

        mentions = NoteMentionsPresenter(self._container.note_mentions, editor, self._tasks, editor, channel=channel)
        self._closers.append(mentions.close)
        return mentions

    def _related_notes(self, editor: NoteEditorPresenter, channel: str = "note.related") -> RelatedNotesPresenter:
        from desktop_app.presenters.related_notes import RelatedNotesPresenter

        indexer = self._container.background_indexer
        related = RelatedNotesPresenter(
            self._container.related_notes,
            editor,
            self._tasks,
            indexer.subscribe,
            editor,
            problem=lambda: indexer.problem,
            channel=channel,
        )
        self._closers.append(related.close)
        return related

    def _open_daily_note(self) -> None:
        """Today's note, ready to be written on: the cursor stands behind what is there."""
        from desktop_app.presenters.note_editor import AT_END

        self._tasks.run(
            lambda _token: self._container.note_templates.daily(),
            done=lambda note: self._shell.show_note(note.id, *AT_END),
            failed=self._shell.show_error,
            channel="note.daily",
        )

    def _make_template(self) -> None:
        """A note in the templates' folder that shows what can stand in one, its title ready to be typed over."""
        text = self.tr("# New template\n\nDate: {{date}}, {{time}}\n\n{{cursor}}\n")
        title = text.partition("\n")[0]
        self._tasks.run(
            lambda _token: self._container.note_templates.create(text),
            done=lambda note: self._shell.show_note(note.id, title.find(" ") + 1, len(title)),
            failed=self._shell.show_error,
            channel="note.new_template",
        )

    def use_template(self, template_id: int) -> None:
        """Put a template's text into the open note."""
        self._shell.go("notes")
        screen = self._notes_page
        if screen is not None:
            title = screen.open_title
            self._tasks.run(
                lambda _token: self._container.note_templates.text_of(template_id, title),
                done=screen.take_template,
                failed=self._shell.show_error,
            )

    # Search -------------------------------------------------------------------------------------

    def _search(self) -> QWidget:
        from desktop_app.app.search_pages import SearchPages
        from desktop_app.presenters.saved_searches import SavedSearchesPresenter
        from desktop_app.presenters.search import SearchPresenter
        from desktop_app.ui.search.search_screen import SearchScreen

        container = self._container
        presenter = SearchPresenter(
            container.search,
            container.notes,
            self._tasks,
            container.background_indexer,
            messages=container.chat_search,
            parent=self,
        )
        self._closers.append(presenter.close)
        self._refreshers.append(presenter.refresh)
        saved = SavedSearchesPresenter(container.saved_searches, self._tasks, presenter)
        self._refreshers.append(saved.load)
        screen = SearchScreen(presenter, self._theme, self._actions, saved)
        presenter.view_changed.connect(lambda view: self._visit_search(screen, view))
        screen.open_note.connect(self._shell.show_note)
        screen.open_beside.connect(self._shell.show_note_beside)
        screen.open_message.connect(self._shell.show_message)
        screen.notice_wanted.connect(self._shell.show_notice)
        screen.ask_wanted.connect(self._shell.ask_about_note)
        screen.ask_with.connect(self._shell.ask_with_passages)
        screen.models_wanted.connect(lambda: self._shell.go("models"))
        SearchPages(container, self._shell, self._theme, self._note_merging(), self._all_notes_saved, self).add_to(
            screen
        )
        container.search.prepare()
        self._warm_encoder()
        return screen

    def _warm_encoder(self) -> None:
        """Load the search model before the first question; what is wrong with it, that question's answer says."""
        self._tasks.run(
            self._container.serving_encoder.ensure,
            done=lambda _loaded: None,
            failed=lambda error: _log.warning("The search model was not loaded ahead: %s", error.code),
            channel="search.encoder",
        )

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
        self._closers.append(presenter.close)
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
            self._closers.append(self._person_settings.flush)
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
            self._data.restored.connect(self._show_restored)
        return self._data
