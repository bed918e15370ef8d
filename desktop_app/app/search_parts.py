"""The parts that find notes by their words and their meaning, and keep the index for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from desktop_app.domain.part import MakesParts, part

if TYPE_CHECKING:
    from desktop_app.app.container import Container
    from desktop_app.services.background_indexing import BackgroundIndexer
    from desktop_app.services.encoder_change import EncoderChange
    from desktop_app.services.indexing import IndexingService
    from desktop_app.services.message_meaning import MessageMeaning
    from desktop_app.services.near_duplicates import NearDuplicates
    from desktop_app.services.note_map import NoteMaps
    from desktop_app.services.note_vectors import NoteVectors
    from desktop_app.services.related_notes import RelatedNotes
    from desktop_app.services.saved_searches import SavedSearches
    from desktop_app.services.search import SearchService
    from desktop_app.services.self_check import SelfCheck
    from desktop_app.services.serving_encoder import ServingEncoder
    from desktop_app.services.tag_suggestions import TagSuggestions
    from desktop_app.services.vector_matrix import VectorMatrix


class SearchParts(MakesParts):
    """Made out of what the container has for everybody, under the same lock."""

    def __init__(self, container: Container) -> None:
        super().__init__(container.making)
        self._container = container

    @part
    def encoder_change(self) -> EncoderChange:
        """The swap from one encoder's vectors to another's."""
        from desktop_app.services.encoder_change import EncoderChange

        return EncoderChange(
            self._container.store.served_index,
            self._container.store.passages,
            self._container.session.encoder_spec,
            self._container.library.known_encoder_name,
        )

    @part
    def serving_encoder(self) -> ServingEncoder:
        """The encoder whose vectors answer."""
        from desktop_app.engines.encoder import EncoderProcess
        from desktop_app.services.serving_encoder import ServingEncoder

        return ServingEncoder(
            self._container.encoder,
            self._container.session.ensure_encoder,
            self._container.session.encoder_spec,
            self._container.store.served_index,
            lambda: EncoderProcess(self._container.launcher, self._container.paths.cache / "encoder-precision.json"),
        )

    @part
    def indexing(self) -> IndexingService:
        """One indexing run after the other."""
        from desktop_app.services.floor_calibration import FloorCalibration
        from desktop_app.services.indexing import IndexingService
        from desktop_app.services.indexing_lease import IndexingLease
        from desktop_app.services.long_notes import LongNoteWords
        from desktop_app.services.message_indexing import MessageIndexer
        from desktop_app.services.note_cutting import NoteCutter
        from desktop_app.storage.lease_owner import this_process

        store, encoder = self._container.store, self._container.encoder
        return IndexingService(
            store.passages,
            NoteCutter(store.notes, store.passages, long_notes=LongNoteWords(store.long_notes)),
            IndexingLease(store.leases, this_process()),
            encoder,
            self._container.session.ensure_encoder,
            change=self.encoder_change,
            calibration=FloorCalibration(encoder, store.passages, store.served_index),
            embed_for_former=self.serving_encoder.embed_for_former,
            messages=MessageIndexer(store.message_passages),
        )

    @part
    def background_indexer(self) -> BackgroundIndexer:
        """Keeps the index up to date while the window is open."""
        from desktop_app.services.background_indexing import BackgroundIndexer

        return BackgroundIndexer(self.indexing)

    @part
    def search(self) -> SearchService:
        """Search through notes and chats."""
        return self._search_with(lambda: self._container.settings_file.real("search.dense_weight"))

    def _search_with(self, dense_weight: Callable[[], float]) -> SearchService:
        from desktop_app.services.search import SearchedStores, SearchService

        store = self._container.store
        return SearchService(
            SearchedStores(store.notes, store.passages, store.words, store.filtered_notes),
            self.serving_encoder,
            self.serving_encoder.ensure,
            messages=self._container.chat_search,
            dense_weight=dense_weight,
            nonsense=store.served_index.nonsense_nearness,
            matrix=self.vector_matrix,
        )

    @part
    def vector_matrix(self) -> VectorMatrix:
        """All vectors in memory, shared by the searches."""
        from desktop_app.services.vector_matrix import VectorMatrix

        return VectorMatrix(self._container.store.passages)

    @part
    def message_meaning(self) -> MessageMeaning:
        """Messages of chats by their meaning."""
        from desktop_app.services.message_meaning import MessageMeaning

        return MessageMeaning(self._container.store.message_passages, self._container.store.messages)

    @part
    def self_check(self) -> SelfCheck:
        """How well search finds the person's own notes."""
        from desktop_app.services.self_check import SelfCheck

        return SelfCheck(
            self._container.store.notes,
            self._container.store.words,
            self._search_with,
            lambda: self._container.settings_file.real("search.dense_weight"),
        )

    @part
    def saved_searches(self) -> SavedSearches:
        """Searches under a name."""
        from desktop_app.services.saved_searches import SavedSearches

        return SavedSearches(self._container.store.ui_state)

    @part
    def note_vectors(self) -> NoteVectors:
        """One vector for each note."""
        from desktop_app.services.note_vectors import NoteVectors

        return NoteVectors(self._container.store.passages, self._container.store.served_index.served)

    @part
    def note_maps(self) -> NoteMaps:
        """The map of all notes."""
        from desktop_app.services.note_map import NoteMaps

        return NoteMaps(self._container.store.notes, self.note_vectors, self._container.paths.cache / "note-map.json")

    @part
    def near_duplicates(self) -> NearDuplicates:
        """Pairs of notes that are nearly the same."""
        from desktop_app.services.near_duplicates import NearDuplicates

        store = self._container.store
        return NearDuplicates(store.notes, store.passages, self.note_vectors.fingerprint, store.ui_state)

    @part
    def tag_suggestions(self) -> TagSuggestions:
        """Tags that a note might bear."""
        from desktop_app.services.tag_suggestions import TagSuggestions

        return TagSuggestions(self._container.store.notes, self.note_vectors)

    @part
    def related_notes(self) -> RelatedNotes:
        """Notes that are near to another one."""
        from desktop_app.services.related_notes import RelatedNotes

        return RelatedNotes(self._container.store.notes, self._container.store.passages, self.note_vectors)

    def hang_up(self) -> None:
        """Ask the indexer to stop, and end the process of an encoder that answers still."""
        made = self.__dict__
        if "background_indexer" in made:
            made["background_indexer"].stop()
        if "serving_encoder" in made:
            made["serving_encoder"].close()

    def close(self) -> None:
        """Wait for the indexer's end."""
        made = self.__dict__
        if "background_indexer" in made:
            made["background_indexer"].close()
