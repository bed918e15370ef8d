"""The composition root: every part made once, when first asked for, and plugged into the others."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from desktop_app.domain.part import MakesParts, late, part

if TYPE_CHECKING:
    from desktop_app.app.collection_pauses import CollectionPauses
    from desktop_app.app.note_parts import NoteParts
    from desktop_app.app.paths import DataPaths
    from desktop_app.app.search_parts import SearchParts
    from desktop_app.engines.decoder import DecoderProcess
    from desktop_app.engines.encoder import EncoderProcess
    from desktop_app.engines.formula_typesetter import FormulaProcess
    from desktop_app.engines.importer import ImportProcess
    from desktop_app.engines.launcher import WorkerLauncher
    from desktop_app.engines.spelling import SpellingProcess
    from desktop_app.services.attachments import AttachmentService
    from desktop_app.services.backups import BackupService
    from desktop_app.services.chat import ChatService
    from desktop_app.services.chat_constraint import ChatConstraints
    from desktop_app.services.chat_search import ChatSearch
    from desktop_app.services.chat_transfer import ChatTransfer
    from desktop_app.services.export import Export
    from desktop_app.services.free_writing import FreeWriting
    from desktop_app.services.kept_states import KeptStatesFolder
    from desktop_app.services.model_library import ModelLibrary
    from desktop_app.services.model_session import ModelSession
    from desktop_app.services.note_grounding import NoteGrounding
    from desktop_app.services.notes import NoteService
    from desktop_app.services.notes_not_used import NotesNotUsed
    from desktop_app.services.other_models import OtherModels
    from desktop_app.services.other_presets import OtherPresets
    from desktop_app.services.ports import ConversationStore
    from desktop_app.services.presets import PresetService
    from desktop_app.services.recall import Recall
    from desktop_app.services.source_passages import SourcePassages
    from desktop_app.services.spelling import Spelling
    from desktop_app.services.template_choices import TemplateChoices
    from desktop_app.services.text_rewriting import TextRewriter
    from desktop_app.settings.values import SettingsFile
    from desktop_app.storage.attachment_files import AttachmentFiles
    from desktop_app.storage.attachment_sweep import AttachmentSweep
    from desktop_app.storage.store import Store


class Container(MakesParts):
    """Owns the parts of one running program.

    Parts are imported and made at first use, so that the window and each command pay only for what they need. What
    notes alone or search alone need is made by parts of their own.
    """

    def __init__(self, paths: DataPaths) -> None:
        super().__init__()
        self.paths = paths
        self.settings_notice = ""
        self.system_language = ""
        """As "en_US"; the window says which it is, before anything is spelled."""

    # Settings and models ------------------------------------------------------------------------

    @part
    def settings_file(self) -> SettingsFile:
        """The person's settings, read; what was wrong with the file stands in `settings_notice`."""
        from desktop_app.settings.values import SettingsFile

        settings = SettingsFile(
            self.paths.settings_file, os.environ, fixed={"storage.data_folder": str(self.paths.data)}
        )
        self.settings_notice = settings.load().notice
        return settings

    @part
    def library(self) -> ModelLibrary:
        """Model files on this computer."""
        from desktop_app.domain.resources import resource_path
        from desktop_app.services.file_hash import HashMemory
        from desktop_app.services.model_discovery import default_search_roots
        from desktop_app.services.model_library import ModelLibrary

        return ModelLibrary(
            self.settings_file,
            resource_path("models", "catalogue.toml"),
            default_search_roots(Path.home(), os.environ),
            hashes=HashMemory(self.paths.cache / "hashes.json"),
            templates=self.template_choices,
        )

    @part
    def template_choices(self) -> TemplateChoices:
        """The chat templates chosen in place of models' own."""
        from desktop_app.services.template_choices import TemplateChoices

        return TemplateChoices(self.paths.template_choices)

    @part
    def launcher(self) -> WorkerLauncher:
        """Starts model processes in a folder of ours."""
        from desktop_app.engines.launcher import WorkerLauncher

        return WorkerLauncher(self.paths.runtime / "workers")

    @part
    def decoder(self) -> DecoderProcess:
        """The chat model's process, not started yet."""
        from desktop_app.engines.decoder import DecoderProcess

        return DecoderProcess(self.launcher)

    @part
    def kept_states(self) -> KeptStatesFolder:
        """What the decoder keeps of recent chats."""
        from desktop_app.services.kept_states import KeptStatesFolder

        return KeptStatesFolder(self.paths.kept_states, self.decoder.forget_states)

    @part
    def encoder(self) -> EncoderProcess:
        """The search model's process, not started yet."""
        from desktop_app.engines.encoder import EncoderProcess

        return EncoderProcess(self.launcher, self.paths.cache / "encoder-precision.json")

    @part
    def formulas(self) -> FormulaProcess:
        """The process that typesets formulas, not started yet."""
        from desktop_app.engines.formula_typesetter import FormulaProcess

        return FormulaProcess(self.launcher)

    @part
    def spelling_process(self) -> SpellingProcess:
        """The process that looks words up, not started yet."""
        from desktop_app.engines.spelling import SpellingProcess

        return SpellingProcess(self.launcher)

    @part
    def spelling(self) -> Spelling:
        """Spelling of notes. Words of the person's own and dictionaries may lie in the data folder."""
        from desktop_app.engines.spelling import is_installed
        from desktop_app.services.spelling import OwnWords, Spelling, usual_folders

        settings = self.settings_file
        return Spelling(
            lambda: self.spelling_process,
            [self.paths.dictionaries, *usual_folders(os.environ, Path.home())],
            OwnWords(self.paths.own_words),
            lambda: settings.text("notes.spelling_languages") if settings.text("notes.spelling") == "on" else "",
            self.system_language,
            is_installed,
        )

    @part
    def importer(self) -> ImportProcess:
        """Reads files of strangers, each in a process of its own."""
        from desktop_app.engines.importer import ImportProcess

        return ImportProcess(self.launcher)

    @part
    def session(self) -> ModelSession:
        """Loads both models as the settings say."""
        from desktop_app.services.model_session import ModelSession

        return ModelSession(
            late(lambda: self.decoder),
            late(lambda: self.encoder),
            self.settings_file,
            late(lambda: self.library),
            states_folder=self.paths.kept_states,
        )

    # The store ----------------------------------------------------------------------------------

    @part
    def store(self) -> Store:
        """The database. Raises StoreError and its kin."""
        from desktop_app.storage.store import Store

        return Store.open(self.paths.database, backups=self.paths.backups)

    @part
    def backups(self) -> BackupService:
        """Verified copies of the database; usable while the store cannot be opened."""
        from desktop_app.services.backups import BackupService
        from desktop_app.storage.backup import Backups

        return BackupService(Backups(self.paths.database, self.paths.backups))

    @part
    def attachment_files(self) -> AttachmentFiles:
        """The bytes of notes' pictures and other files."""
        from desktop_app.storage.attachment_files import AttachmentFiles

        return AttachmentFiles(self.paths.attachments)

    @part
    def attachment_sweep(self) -> AttachmentSweep:
        """Deletes files of notes that nothing names any more."""
        from desktop_app.storage.attachment_sweep import AttachmentSweep
        from desktop_app.storage.backup import Backups

        return AttachmentSweep(
            self.paths.database,
            self.store.note_attachments,
            self.attachment_files,
            Backups(self.paths.database, self.paths.backups),
        )

    @part
    def export(self) -> Export:
        """Notes and chats as Markdown and JSON."""
        from desktop_app.services.export import Export

        return Export(self.store, self.attachment_files)

    @part
    def chat_transfer(self) -> ChatTransfer:
        """Chats out to files and in from files."""
        from desktop_app.services.chat_transfer import ChatTransfer

        return ChatTransfer(self.store.chat_records, self.store.presets.all)

    # Use cases ----------------------------------------------------------------------------------

    @part
    def conversations(self) -> ConversationStore:
        """Chats by id, temporary ones too; its lists hold kept ones only."""
        from desktop_app.services.temporary_chats import both_stores

        return both_stores(self.store.conversations, lambda: self.temporary_conversations)

    @part
    def temporary_conversations(self) -> ConversationStore:
        """Chats that are never on the disk."""
        from desktop_app.storage.memory_database import temporary_conversations
        from desktop_app.storage.store import utc_now

        return temporary_conversations(utc_now)

    @part
    def chat(self) -> ChatService:
        """Chats."""
        return self.chat_for_one_answer({}, read_afresh=False)

    def chat_for_one_answer(self, once: Mapping[str, Any], *, read_afresh: bool) -> ChatService:
        """Chats with settings that stand above those of each chat; `read_afresh` reads the whole chat again."""
        from desktop_app.services.chat import ChatService
        from desktop_app.services.context_window import ContextWindow
        from desktop_app.services.temporary_chats import TemporaryChats

        decoder = late(lambda: self.decoder)
        window = ContextWindow(
            self.conversations,
            decoder,
            self.session,
            self.settings_file,
            late(lambda: self.recall),
            read_afresh=read_afresh,
            once=once,
        )
        return ChatService(
            self.conversations,
            decoder,
            self.session,
            self.settings_file,
            window=window,
            temporary=TemporaryChats(self.store.conversations, lambda: self.temporary_conversations),
            grounding=late(lambda: self.note_grounding),
            while_answering=self._give_way,
            forget_states=self._forget_states,
        )

    @part
    def note_grounding(self) -> NoteGrounding:
        """Passages of notes that chats answer from."""
        from desktop_app.services.note_grounding import NoteGrounding

        return NoteGrounding(self.conversations, self.store.notes, late(lambda: self.search_parts.search), date.today)

    @part
    def source_passages(self) -> SourcePassages:
        """What answers were written from."""
        from desktop_app.services.source_passages import SourcePassages

        return SourcePassages(self.conversations, self.conversations.attachments, self.store.notes)

    @part
    def notes_not_used(self) -> NotesNotUsed:
        """What answers might have been written from as well."""
        from desktop_app.services.notes_not_used import NotesNotUsed

        return NotesNotUsed(self.conversations, self.note_grounding)

    @part
    def recall(self) -> Recall:
        """Earlier messages that matter for a question."""
        from desktop_app.services.recall import Recall

        return Recall(self.conversations, self.encoder)

    def _forget_states(self) -> None:
        self.kept_states.clear()

    @part
    def free_writing(self) -> FreeWriting:
        """Texts that the decoder goes on with."""
        from desktop_app.services.free_writing import FreeWriting

        return FreeWriting(
            self.conversations,
            late(lambda: self.decoder),
            self.session,
            self.settings_file,
            while_answering=self._give_way,
        )

    @part
    def text_rewriting(self) -> TextRewriter:
        """Parts of texts, rewritten by the decoder."""
        from desktop_app.services.text_rewriting import TextRewriter

        return TextRewriter(late(lambda: self.decoder), self.session, while_answering=self._give_way)

    @part
    def presets(self) -> PresetService:
        """Presets, and what a chat makes of them."""
        from desktop_app.services.presets import PresetService

        return PresetService(self.store.presets, self.conversations)

    @part
    def chat_constraints(self) -> ChatConstraints:
        """What the answers of each chat must look like."""
        from desktop_app.services.chat_constraint import ChatConstraints

        return ChatConstraints(self.conversations)

    @part
    def other_models(self) -> OtherModels:
        """Changing the chat model for an answer."""
        from desktop_app.services.machine_memory import read_machine_memory
        from desktop_app.services.other_models import OtherModels

        return OtherModels(
            late(lambda: self.library),
            late(lambda: self.decoder),
            self.session.ensure_decoder,
            self.chat.meter,
            available_memory=lambda: read_machine_memory().available,
        )

    @part
    def other_presets(self) -> OtherPresets:
        """Changing the preset for an answer."""
        from desktop_app.services.other_presets import OtherPresets

        return OtherPresets(
            self.presets,
            self.chat.window,
            late(lambda: self.decoder),
            lambda asked: self.session.decoder_spec(asked).context_length,
        )

    @part
    def chat_search(self) -> ChatSearch:
        """Words in messages."""
        from desktop_app.services.chat_search import ChatSearch

        return ChatSearch(self.store.messages, self.store.conversations, lambda: self.search_parts.message_meaning)

    @part
    def attachments(self) -> AttachmentService:
        """What messages carry."""
        from desktop_app.services.attachments import AttachmentService

        return AttachmentService(
            self.conversations.attachments,
            late(lambda: self.store.notes),
            late(lambda: self.importer),
            late(lambda: self.decoder),
        )

    def _give_way(self, answering: bool) -> None:
        """Indexing pauses while an answer is written: a second busy process costs the answer most of its speed."""
        self.search_parts.indexing.pauses.set_answering(answering)
        self._collections.set_answering(answering)

    @part
    def _collections(self) -> CollectionPauses:
        from desktop_app.app.collection_pauses import CollectionPauses

        return CollectionPauses()

    @part
    def notes(self) -> NoteService:
        """Notes."""
        from desktop_app.services.notes import NoteService

        return NoteService(self.store)

    @part
    def note_parts(self) -> NoteParts:
        """What notes alone need."""
        from desktop_app.app.note_parts import NoteParts

        return NoteParts(self)

    @part
    def search_parts(self) -> SearchParts:
        """What finds notes, and keeps the index for it."""
        from desktop_app.app.search_parts import SearchParts

        return SearchParts(self)

    def hang_up(self) -> None:
        """End the model processes and ask the indexer to stop: whoever waits for one of them gets an error at once."""
        made = self.__dict__
        if "search_parts" in made:
            made["search_parts"].hang_up()
        for name in ("importer", "decoder", "encoder", "formulas", "spelling_process"):
            if name in made:
                made[name].close()

    def close(self) -> None:
        """End the model processes and close the store, whichever of them were made."""
        self.hang_up()
        made = self.__dict__
        for name in ("search_parts", "store"):
            if name in made:
                made[name].close()
