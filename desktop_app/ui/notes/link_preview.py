"""What a link between notes leads to, shown while the pointer rests on it."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import escape

from PySide6.QtCore import QObject, QPoint, QTimer
from PySide6.QtGui import QCursor
from PySide6.QtWidgets import QToolTip, QWidget

from desktop_app.domain.filled_lines import filled_lines
from desktop_app.domain.plain_markdown import plain_markdown
from desktop_app.domain.wiki_links import link_words
from desktop_app.presenters.note_links import NoteLinksPresenter
from desktop_app.services.note_links import EmbeddedNote
from desktop_app.ui.notes.note_view import NoteView

#: So long the pointer rests on a link that is read before it is shown, in milliseconds.
_REST_MS = 450
_MOST_SHOWN = 420
_WIDTH = 360
_NAME = re.compile(r"(?:^|[ \t]+)\^[A-Za-z0-9-]+[ \t]*$")
_SEVERAL_BLANK = re.compile(r"\n\s*\n")


class LinkPreview(QObject):
    """Shows the beginning of the note, or of its section or paragraph. `pointer` says where the pointer is."""

    def __init__(self, links: NoteLinksPresenter, note_id: Callable[[], int | None], view: NoteView) -> None:
        super().__init__(view)
        self._links = links
        self._note_id = note_id
        self._view = view
        self.pointer: Callable[[], QPoint] = QCursor.pos
        self._written = ""
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(_REST_MS)
        self._rest.timeout.connect(self._look_up)
        for rendered in (view.reader, view.preview):
            rendered.note_link_hovered.connect(self._on_read)
        view.editor.note_link_hovered.connect(self._on_written)

    def _on_read(self, written: str) -> None:
        self._written = written
        self._rest.start() if written else self._leave()

    def _on_written(self, written: str) -> None:
        """Qt waits by itself where the pointer rests in a text that is written."""
        self._written = written
        self._look_up() if written else self._leave()

    def _leave(self) -> None:
        self._rest.stop()
        QToolTip.hideText()

    def _look_up(self) -> None:
        note_id, written = self._note_id(), self._written
        if note_id is not None and written:
            self._links.embedded(note_id, written, lambda found: self._show(written, found))

    def _show(self, written: str, found: EmbeddedNote | None) -> None:
        if written != self._written or not self._view.isVisible():
            return  # the pointer is elsewhere by now
        target = self._page()
        QToolTip.showText(self.pointer(), self._words(written, found), target)

    def _page(self) -> QWidget:
        return self._view.editor if self._view.editor.isVisible() else self._view.reader

    def _words(self, written: str, found: EmbeddedNote | None) -> str:
        """As rich text, for its width; every sign of the note's own is escaped."""
        if found is None:
            title, text = written, self.tr("Nothing to show: no such note, or no such place in it.")
        else:
            lines_shown = (_NAME.sub("", link_words(line)) for line in found.text[: 3 * _MOST_SHOWN].splitlines())
            source = "\n".join(lines_shown)
            source = source if self._view.reader.keeps_lines else filled_lines(source)
            text = _SEVERAL_BLANK.sub("\n\n", plain_markdown(source).text.strip())
            title = found.title or self.tr("Untitled")
            if len(text) > _MOST_SHOWN or found.is_cut:
                text = text[:_MOST_SHOWN].rstrip() + "…"
        lines = escape(text).replace("\n", "<br>")
        return f'<table width="{_WIDTH}"><tr><td><b>{escape(title)}</b><br>{lines}</td></tr></table>'
