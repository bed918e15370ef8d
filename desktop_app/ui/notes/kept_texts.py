"""Notes that were left, for coming back to them as they were."""

from __future__ import annotations

from desktop_app.presenters.note_editor import OpenedNote
from desktop_app.ui.notes.markdown_editor import MarkdownEditor
from desktop_app.ui.widgets.long_text_editor import KeptText

#: So many notes can be come back to as they were left.
_MOST_KEPT = 12


class KeptTexts:
    """Texts of one editor with their undo history, their cursor and how far they were scrolled."""

    def __init__(self, editor: MarkdownEditor) -> None:
        self._editor = editor
        self._kept: dict[int, KeptText] = {}  # the one left last at the end

    @property
    def note_ids(self) -> list[int]:
        """The notes that are kept, the one left last at the end."""
        return list(self._kept)

    def put_aside(self, note_id: int) -> None:
        """Keep what the editor shows, the text of this note; it is about to show another one."""
        kept = self._editor.put_aside()
        if kept is not None:
            self.forget(note_id)
            self._kept[note_id] = kept
        for other_id in self.note_ids[:-_MOST_KEPT]:
            self.forget(other_id)

    def show_again(self, opened: OpenedNote) -> bool:
        """Show a note as it was left; false where it was not, or says something else by now."""
        kept = self._kept.get(opened.note.id)
        if kept is None or not kept.says(opened.encoded):
            self.forget(opened.note.id)
            return False
        del self._kept[opened.note.id]
        self._editor.show_again(kept, opened.selection)
        return True

    def forget(self, note_id: int) -> None:
        """Keep nothing of this note."""
        kept = self._kept.pop(note_id, None)
        if kept is not None:
            kept.document.deleteLater()

    def forget_all(self) -> None:
        """The letters are others: what was laid out in the former ones is of no use."""
        for note_id in self.note_ids:
            self.forget(note_id)
