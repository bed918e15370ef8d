"""One note on the desk, with all that belongs to it alone."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
from msgspec.structs import replace
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from desktop_app.domain.editor_text import decode
from desktop_app.domain.notes import Note
from desktop_app.presenters.note_attachments import NoteAttachmentsPresenter
from desktop_app.presenters.note_editor import NoteEditorPresenter
from desktop_app.presenters.note_links import NoteLinksPresenter
from desktop_app.presenters.note_mentions import NoteMentionsPresenter
from desktop_app.presenters.note_pasting import NotePastingPresenter
from desktop_app.presenters.note_properties import NotePropertiesPresenter
from desktop_app.presenters.note_renaming import NoteRenamingPresenter
from desktop_app.presenters.notes import NotesPresenter
from desktop_app.presenters.related_notes import RelatedNotesPresenter
from desktop_app.presenters.spelling import SpellingBook
from desktop_app.presenters.tag_suggestions import TagSuggestionsPresenter
from desktop_app.presenters.text_rewriting import RewritingPresenter
from desktop_app.ui.actions import Actions
from desktop_app.ui.notes.attachment_controls import AttachmentControls
from desktop_app.ui.notes.extraction import Extraction
from desktop_app.ui.notes.kept_folds import KeptFolds
from desktop_app.ui.notes.link_controls import LinkControls
from desktop_app.ui.notes.misspelled_finder import MisspelledFinder
from desktop_app.ui.notes.note_head import READ
from desktop_app.ui.notes.note_view import NoteView
from desktop_app.ui.notes.paste_controls import PasteControls
from desktop_app.ui.notes.picture_widths import PictureWidths
from desktop_app.ui.notes.properties_controls import PropertiesControls
from desktop_app.ui.notes.questions import Questions
from desktop_app.ui.notes.rename_controls import RenameControls
from desktop_app.ui.notes.rewriting import RewriteControls
from desktop_app.ui.notes.spelling_line import SpellingLine
from desktop_app.ui.notes.spelling_marks import SpellingMarks
from desktop_app.ui.notes.suggested_tags import SuggestedTags
from desktop_app.ui.notes.title_spelling import TitleSpelling
from desktop_app.ui.theme.theme import Theme


class SidePresenters(msgspec.Struct, frozen=True):
    """What shows one note; without `links` the pane with its outline is not on offer, without `attachments` pictures
    are only mentioned, without `spelling` no word is marked, without `suggestions` no tag is suggested, without
    `related` (or `links`) no similar note stands beside it, without `pasting` HTML is pasted as its plain text,
    without `properties` front matter is not shown, without `mentions` (or `links`) links alone stand beside it.
    """

    editor: NoteEditorPresenter
    links: NoteLinksPresenter | None = None
    attachments: NoteAttachmentsPresenter | None = None
    spelling: SpellingBook | None = None
    suggestions: TagSuggestionsPresenter | None = None
    related: RelatedNotesPresenter | None = None
    pasting: NotePastingPresenter | None = None
    properties: NotePropertiesPresenter | None = None
    mentions: NoteMentionsPresenter | None = None
    rewriting: RewritingPresenter | None = None


MakeBeside = Callable[[], SidePresenters]


class NoteSide(QObject):
    """Presenter, view and controls of one open note. `widget` is all of it."""

    def __init__(
        self,
        presenters: SidePresenters,
        notes: NotesPresenter,
        renaming: NoteRenamingPresenter | None,
        theme: Theme,
        actions: Actions,
        questions: Questions,
        parent: QObject,
        folds: KeptFolds | None = None,
    ) -> None:
        """`folds` are shared by all notes that are open."""
        super().__init__(parent)
        editor = self.editor = presenters.editor
        view = self.view = NoteView(editor, theme, actions, folds)
        self.links = (
            LinkControls(presenters.links, notes, editor, view, view, theme, presenters.related, presenters.mentions)
            if presenters.links is not None
            else None
        )
        self.renames = RenameControls(renaming, editor, view, theme) if renaming is not None else None
        self.attachments = (
            AttachmentControls(presenters.attachments, notes, editor, view, theme, questions)
            if presenters.attachments is not None
            else None
        )
        if self.attachments is not None and presenters.links is not None:
            self.attachments.pictures.set_embeds(presenters.links.embedded)
        self.extraction = (
            Extraction(presenters.links, notes, editor, view, questions) if presenters.links is not None else None
        )
        self.rewriting = (
            RewriteControls(presenters.rewriting, notes, view, theme) if presenters.rewriting is not None else None
        )
        PasteControls(view.editor, presenters.pasting)
        PictureWidths(view.editor)
        self.misspelled = MisspelledFinder(view.editor, presenters.spelling) if presenters.spelling else None
        self.spelling_line: SpellingLine | None = None
        if presenters.spelling is not None:
            SpellingMarks(view.editor, presenters.spelling, theme)
            TitleSpelling(view.title.line, presenters.spelling, theme)
            self.spelling_line = SpellingLine(view, presenters.spelling, theme, actions["settings.data"])
            view.add_at_foot(self.spelling_line)
        self.suggestions = presenters.suggestions
        if presenters.suggestions is not None:
            view.add_below_tags(SuggestedTags(presenters.suggestions, theme, actions["note.accept_tag"]))
        self.properties = (
            PropertiesControls(presenters.properties, notes, editor, view, theme)
            if presenters.properties is not None
            else None
        )
        self.widget: QWidget = view if self.links is None else self.links.drawer

    @property
    def note(self) -> Note | None:
        """The note that is open here."""
        return self.editor.note

    @property
    def as_shown(self) -> Note | None:
        """The open note with the text that is on the screen, or with what of it is selected where it is written."""
        note = self.note
        if note is None:
            return None
        chosen = self.view.editor.textCursor().selectedText() if self.view.mode != READ else ""
        if not chosen.strip():
            return replace(note, text=self.editor.text())
        return replace(note, title="", text=decode(chosen.replace("\u2029", "\n").replace("\u2028", "\n")))

    def shows(self, note_id: int) -> bool:
        """Whether that note is open here, or will be as soon as it is read."""
        return note_id == self.editor.opening_id or (self.editor.note is not None and self.editor.note.id == note_id)
