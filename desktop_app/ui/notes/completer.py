"""What a half-typed link or tag may become, offered at the cursor while a note is written."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from desktop_app.domain.folding import fold
from desktop_app.services.note_links import Completion
from desktop_app.ui.notes.markdown_editor import MarkdownEditor
from desktop_app.ui.theme.theme import Theme
from desktop_app.ui.widgets.completion_popup import Choice, TextCompletionPopup, before_cursor

_LINK = re.compile(r"\[\[([^\[\]\n|]{0,200})$")
_TAG = re.compile(r"(?<![^\s(,;])#([\w/-]{1,60})$")
_WRITABLE = re.compile(r"[\w/-]+")
_MOST_TAGS = 50


class LinkCompleter(TextCompletionPopup):
    """Behind `[[`."""

    def __init__(self, edit: MarkdownEditor, theme: Theme) -> None:
        super().__init__(edit, theme, _LINK, name=self.tr("Notes to link to"), icon="note", width=380)

    def show_completions(self, typed: str, found: Sequence[Completion]) -> None:
        """What fits; an answer that comes too late is passed over."""
        self._show(
            typed, [Choice(f"{one.words}   {one.beside}" if one.beside else one.words, one.written) for one in found]
        )

    def _use(self, value: object, typed: str) -> None:
        cursor = self._edit.textCursor()
        behind = cursor.block().text()[len(before_cursor(cursor)) :]
        self._replace(typed, f"{value}]]", behind=2 if behind.startswith("]]") else 0)


class TagCompleter(TextCompletionPopup):
    """Behind `#` and a letter, outside code. A tag that is whole is left alone, so that Enter is Enter."""

    def __init__(self, edit: MarkdownEditor, theme: Theme, known: Callable[[], Sequence[str]]) -> None:
        """`known()` are the tags of all notes, the ones to be offered first at the front."""
        super().__init__(edit, theme, _TAG, name=self.tr("Tags"), icon="tag", width=280)
        self._editor = edit
        self._known = known
        self.wanted.connect(self._find)

    @property
    def typed(self) -> str | None:
        """What stands behind the sign before the cursor; None where no tag is typed."""
        typed = super().typed
        return None if typed is None or self._editor.is_in_code() else typed

    def _find(self, typed: str) -> None:
        wanted = fold(typed.casefold())
        known = [tag for tag in self._known() if _WRITABLE.fullmatch(tag)]
        fitting = [tag for tag in known if wanted in fold(tag.casefold())]
        if any(tag.casefold() == typed.casefold() for tag in fitting):
            fitting = []
        fitting.sort(key=lambda tag: not fold(tag.casefold()).startswith(wanted))
        self._show(typed, [Choice(f"#{tag}", tag) for tag in fitting[:_MOST_TAGS]])

    def _use(self, value: object, typed: str) -> None:
        self._replace(typed, str(value))
