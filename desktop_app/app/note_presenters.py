"""Makes the presenters that show an open note: the one that the list opens, and the one beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from desktop_app.app.room import Room
from desktop_app.presenters.visits import Visit

if TYPE_CHECKING:
    from desktop_app.presenters.note_editor import NoteEditorPresenter, OpenedNote
    from desktop_app.presenters.note_links import NoteLinksPresenter
    from desktop_app.presenters.note_mentions import NoteMentionsPresenter
    from desktop_app.presenters.note_pasting import NotePastingPresenter
    from desktop_app.presenters.note_properties import NotePropertiesPresenter
    from desktop_app.presenters.related_notes import RelatedNotesPresenter
    from desktop_app.presenters.spelling import SpellingBook
    from desktop_app.presenters.tag_suggestions import TagSuggestionsPresenter
    from desktop_app.presenters.text_rewriting import RewritingPresenter
    from desktop_app.ui.notes.note_side import SidePresenters


class NotePresenters(Room):
    """Both notes share the words that are spelled, and nothing else."""

    def main(self) -> SidePresenters:
        """What shows the note that the list opens."""
        return self._around(self._editor(None), self._spelling(), "note")

    def beside(self, main: SidePresenters) -> SidePresenters:
        """What shows a note beside that of `main`."""
        return self._around(self._editor(main.editor), main.spelling, "note_beside")

    def _around(self, editor: NoteEditorPresenter, spelling: SpellingBook | None, channel: str) -> SidePresenters:
        from desktop_app.presenters.note_attachments import NoteAttachmentsPresenter
        from desktop_app.ui.notes.note_side import SidePresenters

        side = SidePresenters(
            editor,
            self._links(channel),
            NoteAttachmentsPresenter(self._container.note_parts.note_attachments, self._tasks, self),
            spelling,
            self._tag_suggestions(editor, channel),
            self._related(editor, channel),
            self._pasting(),
            self._properties(),
            self._mentions(editor, channel),
            self._rewriting(),
        )
        self._mark_opened(editor)
        editor.opened.connect(self._visit_note)
        self._upkeep.on_change.append(editor.refresh)
        self._upkeep.on_close.append(editor.close)
        return side

    def _rewriting(self) -> RewritingPresenter:
        from desktop_app.domain.part import late
        from desktop_app.presenters.text_rewriting import RewritingPresenter

        container = self._container
        presenter = RewritingPresenter(late(lambda: container.text_rewriting), self._tasks, self)
        self._upkeep.on_close.append(presenter.drop)
        return presenter

    def _editor(self, beside: NoteEditorPresenter | None) -> NoteEditorPresenter:
        from desktop_app.presenters.note_editor import NoteEditorPresenter

        container = self._container
        return NoteEditorPresenter(
            container.notes,
            self._tasks,
            lambda: container.settings_file.integer("notes.autosave_ms"),
            self,
            beside=beside,
        )

    def _links(self, channel: str) -> NoteLinksPresenter:
        from desktop_app.presenters.note_links import NoteLinksPresenter

        links = NoteLinksPresenter(self._container.note_parts.note_links, self._tasks, self, channel=channel)
        self._upkeep.on_close.append(links.close)
        return links

    def _tag_suggestions(self, editor: NoteEditorPresenter, channel: str) -> TagSuggestionsPresenter:
        from desktop_app.presenters.tag_suggestions import TagSuggestionsPresenter

        container = self._container
        suggestions = TagSuggestionsPresenter(
            container.search_parts.tag_suggestions,
            editor,
            self._tasks,
            container.search_parts.background_indexer.subscribe,
            lambda: container.settings_file.text("notes.suggest_tags") == "on",
            editor,
            channel=f"{channel}.tag_suggestions",
        )
        self._upkeep.on_close.append(suggestions.close)
        self._watcher.changed.connect(lambda key: suggestions.look(again=True) if key == "notes.suggest_tags" else None)
        return suggestions

    def _related(self, editor: NoteEditorPresenter, channel: str) -> RelatedNotesPresenter:
        from desktop_app.presenters.related_notes import RelatedNotesPresenter

        indexer = self._container.search_parts.background_indexer
        related = RelatedNotesPresenter(
            self._container.search_parts.related_notes,
            editor,
            self._tasks,
            indexer.subscribe,
            editor,
            problem=lambda: indexer.problem,
            channel=f"{channel}.related",
        )
        self._upkeep.on_close.append(related.close)
        return related

    def _pasting(self) -> NotePastingPresenter:
        from desktop_app.presenters.note_pasting import NotePastingPresenter

        return NotePastingPresenter(lambda: self._container.importer, self._tasks, self)

    def _properties(self) -> NotePropertiesPresenter:
        from desktop_app.presenters.note_properties import NotePropertiesPresenter

        presenter = NotePropertiesPresenter(self._container.note_parts.note_properties, self._tasks, self)
        presenter.notice.connect(self._shell.show_notice)
        presenter.failed.connect(self._shell.show_error)
        return presenter

    def _mentions(self, editor: NoteEditorPresenter, channel: str) -> NoteMentionsPresenter:
        from desktop_app.presenters.note_mentions import NoteMentionsPresenter

        mentions = NoteMentionsPresenter(
            self._container.note_parts.note_mentions, editor, self._tasks, editor, channel=f"{channel}.mentions"
        )
        self._upkeep.on_close.append(mentions.close)
        return mentions

    def _spelling(self) -> SpellingBook:
        """Spelling of all notes; other settings have all words looked up anew."""
        from desktop_app.presenters.spelling import SpellingBook

        book = SpellingBook(lambda: self._container.spelling, self._tasks, self)
        self._watcher.changed.connect(lambda key: book.forget() if key.startswith("notes.spelling") else None)
        return book

    def _mark_opened(self, editor: NoteEditorPresenter) -> None:
        from desktop_app.presenters.opened_notes import OpenedNotes

        self._upkeep.on_close.append(OpenedNotes(self._container.notes, editor, self._tasks).close)

    def _visit_note(self, opened: OpenedNote) -> None:
        if not opened.reloaded:  # it was shown before
            self._visits.visit(Visit("notes", opened.note.id))
