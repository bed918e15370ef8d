"""The room of chats: its presenters, its screen, and what is connected with them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from desktop_app.app.room import Room, WindowParts
from desktop_app.domain.errors import InkwellError
from desktop_app.domain.part import late
from desktop_app.presenters.visits import Visit

if TYPE_CHECKING:
    from PySide6.QtCore import QObject

    from desktop_app.app.container import Container
    from desktop_app.domain.built_in_templates import BuiltInTemplate
    from desktop_app.presenters.chat import ChatPresenter
    from desktop_app.presenters.settings import SettingsPresenter
    from desktop_app.ui.chat.chat_screen import ChatScreen


class ChatRoom(Room):
    """Its factory. `person_settings` gives the settings over which a chat's own stand."""

    def __init__(
        self,
        container: Container,
        window: WindowParts,
        parent: QObject,
        person_settings: Callable[[], SettingsPresenter],
    ) -> None:
        super().__init__(container, window, parent)
        self._person_settings = person_settings

    def screen(self) -> ChatScreen:
        """The chats, the composer and all that stands around them."""
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
        self._upkeep.on_change.append(presenter.chats.refresh)
        self._upkeep.on_restore.append(presenter.reload)
        self._upkeep.on_close.append(presenter.close)
        self._watcher.changed.connect(lambda _key: self._take_chat_settings(presenter))
        self._take_chat_settings(presenter)
        presenter.opened.connect(lambda: self._visit_chat(presenter))
        screen = ChatScreen(presenter, self._theme, self._actions, self._shell)
        self._add_answer_format(presenter, screen)
        files = ChatFilesPresenter(lambda: self._container.chat_transfer, self._tasks, self)
        files.imported.connect(lambda _report: container.search_parts.background_indexer.wake())
        ChatFiles(files, presenter, self._shell, self._theme, self._actions, screen)
        self._add_presets(presenter, screen)
        screen.painted.connect(lambda: self._add_notes(presenter, screen))
        self._tell_of_long_answers(presenter, screen)
        return screen

    def _visit_chat(self, presenter: ChatPresenter) -> None:
        slot = presenter.slot
        if slot.id is not None and not slot.temporary:
            self._visits.visit(Visit("chat", slot.id))

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

    def _add_notes(self, presenter: ChatPresenter, screen: ChatScreen) -> None:
        if presenter.is_closed:
            return
        from desktop_app.presenters.note_scope import NoteScopePresenter
        from desktop_app.ui.chat.note_scope import NoteScopeControls

        container = self._container
        scope = NoteScopePresenter(
            late(lambda: container.note_grounding),
            lambda slot: slot.ensure(container.chat),
            presenter.chat_made,
            self._tasks,
            presenter,
            begins_with=lambda: container.settings_file.text("chat.from_notes") == "on",
            keep=lambda on: container.settings_file.set("chat.from_notes", "on" if on else "off"),
        )
        presenter.opened.connect(lambda: scope.show(presenter.slot))
        scope.failed.connect(self._shell.show_error)
        scope.changed.connect(presenter.read_ahead.refresh)
        scope.kept.connect(presenter.meter.refresh)
        controls = NoteScopeControls(scope, screen.composer, self._actions, screen)
        screen.next_steps_for["nothing_in_notes"] = lambda: controls.next_steps(
            presenter.retry_last, lambda: self._shell.search(screen.composer.draft)
        )
        scope.show(presenter.slot)
        screen.choose_scope_by(scope.choose)
        self._add_sources(presenter, screen)

    def _add_sources(self, presenter: ChatPresenter, screen: ChatScreen) -> None:
        from desktop_app.presenters.answer_sources import AnswerSourcesPresenter
        from desktop_app.presenters.notes_not_used import NotesNotUsedPresenter
        from desktop_app.ui.chat.sources_controls import SourcesControls

        container = self._container
        sources = AnswerSourcesPresenter(
            late(lambda: container.source_passages),
            late(lambda: container.attachments),
            presenter.transcript,
            self._tasks,
            presenter,
        )
        others = NotesNotUsedPresenter(late(lambda: container.notes_not_used), sources, self._tasks, presenter)
        SourcesControls(sources, others, screen, self._theme, self._actions, self._shell)

    def _take_chat_settings(self, presenter: ChatPresenter) -> None:
        presenter.transcript.unfolds_reasoning = self._container.settings_file.text("chat.reasoning") == "shown"

    def _add_presets(self, presenter: ChatPresenter, screen: ChatScreen) -> None:
        from desktop_app.presenters.presets import PresetsPresenter
        from desktop_app.ui.chat.preset_controls import PresetControls

        container = self._container
        presets = PresetsPresenter(
            container.presets,
            self._person_settings(),
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
