"""The composition root: every part made once, when first asked for, and plugged into the others."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from desktop_app.domain.part import MakesParts, late, part

if TYPE_CHECKING:
    from desktop_app.app.collection_pauses import CollectionPauses
    from desktop_app.app.paths import DataPaths
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
    from desktop_app.services.encoder_change import EncoderChange
    from desktop_app.services.export import Export
    from desktop_app.services.folder_export import FolderExport
    from desktop_app.services.free_writing import FreeWriting
    from desktop_app.services.indexing import BackgroundIndexer, IndexingService
    from desktop_app.services.kept_states import KeptStatesFolder
    from desktop_app.services.linked_folders.files_beside import FilesBeside
    from desktop_app.services.linked_folders.linked_folders import LinkedFolders
    from desktop_app.services.model_library import ModelLibrary
    from desktop_app.services.model_session import ModelSession
    from desktop_app.services.near_duplicates import NearDuplicates
    from desktop_app.services.note_attachments import NoteAttachmentService
    from desktop_app.services.note_export import NoteExport
    from desktop_app.services.note_import import NoteImport
    from desktop_app.services.note_links import NoteLinkService
    from desktop_app.services.note_map import NoteMaps
    from desktop_app.services.note_mentions import NoteMentions
    from desktop_app.services.note_merging import NoteMerging
    from desktop_app.services.note_properties import NoteProperties
    from desktop_app.services.note_renaming import NoteRenaming
    from desktop_app.services.note_templates import NoteTemplates
    from desktop_app.services.note_vectors import NoteVectors
    from desktop_app.services.notes import NoteService
    from desktop_app.services.other_models import OtherModels
    from desktop_app.services.other_presets import OtherPresets
    from desktop_app.services.ports import ConversationStore
    from desktop_app.services.presets import PresetService
    from desktop_app.services.recall import Recall
    from desktop_app.services.related_notes import RelatedNotes
    from desktop_app.services.saved_searches import SavedSearches
    from desktop_app.services.search import SearchService
    from desktop_app.services.self_check import SelfCheck
    from desktop_app.services.serving_encoder import ServingEncoder
    from desktop_app.services.spelling import Spelling
    from desktop_app.services.tag_suggestions import TagSuggestions
    from desktop_app.services.template_choices import TemplateChoices
    from desktop_app.services.vector_matrix import VectorMatrix
    from desktop_app.services.welcome import WelcomeNotes
    from desktop_app.settings.values import SettingsFile
    from desktop_app.storage.attachment_files import AttachmentFiles
    from desktop_app.storage.attachment_sweep import AttachmentSweep
    from desktop_app.storage.store import Store


class Container(MakesParts):
    """Owns the parts of one running program.

    Parts are imported and made at first use, so that the window and each command pay only for what they need.
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
    def note_attachments(self) -> NoteAttachmentService:
        """Pictures and other files of notes."""
        from desktop_app.services.note_attachments import NoteAttachmentService

        store = self.store
        return NoteAttachmentService(
            store.note_attachments, self.attachment_files, self.paths.opened_files, self.files_beside
        )

    @part
    def files_beside(self) -> FilesBeside:
        """Pictures and other files in linked folders."""
        from desktop_app.services.linked_folders.files_beside import FilesBeside

        return FilesBeside(self.store.source_folders)

    @part
    def export(self) -> Export:
        """Notes and chats as Markdown and JSON."""
        from desktop_app.services.export import Export

        return Export(self.store, self.attachment_files)

    @part
    def note_export(self) -> NoteExport:
        """Chosen notes as files."""
        from desktop_app.services.note_export import NoteExport

        return NoteExport(
            self.store.notes,
            self.store.note_attachments,
            self.attachment_files,
            lambda: self.formulas,
            lambda: self.settings_file.text("notes.line_breaks") == "on",
        )

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
        from desktop_app.services.temporary_chats import TemporaryChats

        return ChatService(
            self.conversations,
            late(lambda: self.decoder),
            self.session,
            self.settings_file,
            temporary=TemporaryChats(self.store.conversations, lambda: self.temporary_conversations),
            recall=late(lambda: self.recall),
            while_answering=self._give_way,
            forget_states=self._forget_states,
            read_afresh=read_afresh,
            once=once,
        )

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
        from desktop_app.services.other_models import OtherModels

        return OtherModels(
            late(lambda: self.library), late(lambda: self.decoder), self.session.ensure_decoder, self.chat.meter
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

        return ChatSearch(self.store.messages, self.store.conversations)

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
        self.indexing.pauses.set_answering(answering)
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
    def note_links(self) -> NoteLinkService:
        """Links between notes."""
        from desktop_app.services.note_links import NoteLinkService

        return NoteLinkService(self.notes, self.store.note_links, self.store.note_attachments)

    @part
    def note_mentions(self) -> NoteMentions:
        """Where notes are named without a link."""
        from desktop_app.services.note_mentions import NoteMentions

        return NoteMentions(self.notes, self.store.note_links, self.store.note_mentions)

    @part
    def note_renaming(self) -> NoteRenaming:
        """Other titles for notes."""
        from desktop_app.services.note_renaming import NoteRenaming

        return NoteRenaming(self.notes, self.store.note_links)

    @part
    def note_properties(self) -> NoteProperties:
        """Properties of notes, edited."""
        from desktop_app.services.note_properties import NoteProperties

        return NoteProperties(self.notes)

    @part
    def note_merging(self) -> NoteMerging:
        """One note out of two."""
        from desktop_app.services.note_merging import NoteMerging

        return NoteMerging(
            self.notes,
            self.store.note_links,
            self.store.note_attachments,
            files=self.attachment_files,
            elsewhere=self.files_beside,
        )

    @part
    def note_templates(self) -> NoteTemplates:
        """Templates of notes, and the note of the day."""
        from desktop_app.services.note_templates import NoteTemplates

        return NoteTemplates(
            self.notes,
            folder=lambda: self.settings_file.text("notes.daily_folder"),
            title_format=lambda: self.settings_file.text("notes.daily_title"),
        )

    @part
    def note_import(self) -> NoteImport:
        """Import of notes out of files."""
        from desktop_app.services.note_import import NoteImport
        from desktop_app.services.vault_originals import VaultOriginals

        store, files = self.store, self.attachment_files
        return NoteImport(
            self.notes,
            reader=self.importer,
            attachments=(store.note_attachments, files),
            originals=VaultOriginals(store.source_folders, store.note_attachments, files),
        )

    @part
    def folder_export(self) -> FolderExport:
        """Folders of notes as Markdown, unedited files byte for byte."""
        from desktop_app.services.folder_export import FolderExport

        return FolderExport(self.store, self.notes, self.attachment_files)

    @part
    def linked_folders(self) -> LinkedFolders:
        """Folders whose files are notes."""
        from desktop_app.services.linked_folders.linked_folders import LinkedFolders
        from desktop_app.storage.lease_owner import this_process

        return LinkedFolders(
            self.store, self.notes, this_process(), attachments=self.attachment_files, beside=self.files_beside
        )

    @part
    def welcome(self) -> WelcomeNotes:
        """The notes about Inkwell itself."""
        from desktop_app.services.welcome import WelcomeNotes

        return WelcomeNotes(self.store, self.notes)

    @part
    def encoder_change(self) -> EncoderChange:
        """The swap from one encoder's vectors to another's."""
        from desktop_app.services.encoder_change import EncoderChange

        return EncoderChange(
            self.store.served_index, self.store.passages, self.session.encoder_spec, self.library.known_encoder_name
        )

    @part
    def serving_encoder(self) -> ServingEncoder:
        """The encoder whose vectors answer."""
        from desktop_app.engines.encoder import EncoderProcess
        from desktop_app.services.serving_encoder import ServingEncoder

        return ServingEncoder(
            self.encoder,
            self.session.ensure_encoder,
            self.session.encoder_spec,
            self.store.served_index,
            lambda: EncoderProcess(self.launcher, self.paths.cache / "encoder-precision.json"),
        )

    @part
    def indexing(self) -> IndexingService:
        """One indexing run after the other."""
        from desktop_app.services.floor_calibration import FloorCalibration
        from desktop_app.services.indexing import IndexingService
        from desktop_app.services.long_notes import LongNoteWords
        from desktop_app.storage.lease_owner import this_process

        return IndexingService(
            self.store.notes,
            self.store.passages,
            self.store.leases,
            self.encoder,
            self.session.ensure_encoder,
            owner=this_process(),
            change=self.encoder_change,
            calibration=FloorCalibration(self.encoder, self.store.passages, self.store.served_index),
            embed_for_former=self.serving_encoder.embed_for_former,
            long_notes=LongNoteWords(self.store.long_notes),
        )

    @part
    def background_indexer(self) -> BackgroundIndexer:
        """Keeps the index up to date while the window is open."""
        from desktop_app.services.indexing import BackgroundIndexer

        return BackgroundIndexer(self.indexing)

    @part
    def search(self) -> SearchService:
        """Search through notes and chats."""
        return self._search_with(lambda: self.settings_file.real("search.dense_weight"))

    def _search_with(self, dense_weight: Callable[[], float]) -> SearchService:
        from desktop_app.services.search import SearchService

        store = self.store
        return SearchService(
            store.notes,
            store.passages,
            store.words,
            store.filtered_notes,
            self.serving_encoder,
            self.serving_encoder.ensure,
            messages=self.chat_search,
            dense_weight=dense_weight,
            nonsense=store.served_index.nonsense_nearness,
            matrix=self.vector_matrix,
        )

    @part
    def vector_matrix(self) -> VectorMatrix:
        """All vectors in memory, shared by the searches."""
        from desktop_app.services.vector_matrix import VectorMatrix

        return VectorMatrix(self.store.passages)

    @part
    def self_check(self) -> SelfCheck:
        """How well search finds the person's own notes."""
        from desktop_app.services.self_check import SelfCheck

        return SelfCheck(
            self.store.notes,
            self.store.words,
            self._search_with,
            lambda: self.settings_file.real("search.dense_weight"),
        )

    @part
    def saved_searches(self) -> SavedSearches:
        """Searches under a name."""
        from desktop_app.services.saved_searches import SavedSearches

        return SavedSearches(self.store.ui_state)

    @part
    def note_vectors(self) -> NoteVectors:
        """One vector for each note."""
        from desktop_app.services.note_vectors import NoteVectors

        return NoteVectors(self.store.passages, self.store.served_index.served)

    @part
    def note_maps(self) -> NoteMaps:
        """The map of all notes."""
        from desktop_app.services.note_map import NoteMaps

        return NoteMaps(self.store.notes, self.note_vectors, self.paths.cache / "note-map.json")

    @part
    def near_duplicates(self) -> NearDuplicates:
        """Pairs of notes that are nearly the same."""
        from desktop_app.services.near_duplicates import NearDuplicates

        store = self.store
        return NearDuplicates(store.notes, store.passages, self.note_vectors.fingerprint, store.ui_state)

    @part
    def tag_suggestions(self) -> TagSuggestions:
        """Tags that a note might bear."""
        from desktop_app.services.tag_suggestions import TagSuggestions

        return TagSuggestions(self.store.notes, self.note_vectors)

    @part
    def related_notes(self) -> RelatedNotes:
        """Notes that are near to another one."""
        from desktop_app.services.related_notes import RelatedNotes

        return RelatedNotes(self.store.notes, self.store.passages, self.note_vectors)

    def hang_up(self) -> None:
        """End the model processes and ask the indexer to stop: whoever waits for one of them gets an error at once."""
        made = self.__dict__
        if "background_indexer" in made:
            made["background_indexer"].stop()
        for name in ("importer", "decoder", "encoder", "serving_encoder", "formulas", "spelling_process"):
            if name in made:
                made[name].close()

    def close(self) -> None:
        """End the model processes and close the store, whichever of them were made."""
        self.hang_up()
        made = self.__dict__
        for name in ("background_indexer", "store"):
            if name in made:
                made[name].close()
