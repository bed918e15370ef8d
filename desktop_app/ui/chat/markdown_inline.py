"""What stands inside a paragraph of Markdown: words, marks, links, pictures, formulas, and their formats."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QFont, QTextBlockFormat, QTextCharFormat, QTextCursor

from desktop_app.domain.formulas import Formula, is_money
from desktop_app.domain.inline_tags import tag_places
from desktop_app.domain.note_sources import citations_in
from desktop_app.services.formula_rules import INLINE_TOKENS, closing_of
from desktop_app.ui.chat.link_targets import MISSING_NOTE, NOTE_LINK, SOURCE_LINK, TAG_LINK, is_safe_link
from desktop_app.ui.chat.picture_objects import EMBED, FILE_LINK, local_target, words_and_width

if TYPE_CHECKING:
    from markdown_it.token import Token

    from desktop_app.services.note_links import EmbeddedNote
    from desktop_app.ui.chat.formula_objects import FormulaObjects
    from desktop_app.ui.chat.picture_objects import PictureObjects, ShownFile
    from desktop_app.ui.theme.theme import Theme

_LINE_END = "\u2028"  # within a paragraph
_TASK = re.compile(r"^\[([ xX])\] ")
_CITED_NUMBER = re.compile(r"\d+")
_FOOTNOTE = re.compile(r"(?:\d{1,3}|[A-Za-z](?!-\w\b)[\w-]{1,30})$")
"""Labels of footnotes; not what else may stand behind "[^", such as the a-z of a pattern."""


class InlineWriter:
    """Writes inline tokens at a cursor. A subclass knows of blocks: it says how a paragraph begins."""

    def __init__(self, cursor: QTextCursor, theme: Theme, formulas: FormulaObjects) -> None:
        self._cursor = cursor
        self._theme = theme
        self._formula_objects = formulas
        self.open_formula: Token | None = None
        self.links_to_notes = False
        self.keeps_lines = False
        self.citable: frozenset[int] = frozenset()
        self.pictures: PictureObjects | None = None
        self._behind_picture = False
        self._is_embedding = False
        self._reading = theme.reading_font()
        self._refused: list[str] = []
        self._formats: list[QTextCharFormat] = [self._plain()]

    @property
    def _is_in_list(self) -> bool:
        raise NotImplementedError

    def _begin_paragraph(self) -> None:
        raise NotImplementedError

    def _write_embedded(self, words: str, source: str, embedded: EmbeddedNote) -> None:
        """Write what is shown of another note, under its name as a link to `source`, from an empty paragraph on."""
        raise NotImplementedError

    def _inline(self, children: Sequence[Token]) -> None:
        depth = len(self._formats)
        self._behind_picture = False
        for position, token in enumerate(children):
            content = token.content
            if position == 0 and self._is_in_list and _TASK.match(content):
                content = _TASK.sub("", content)
            self._inline_token(token, content)
        self._take_off_line_end()  # what stood behind it shows nothing: a comment, the name of a block
        del self._formats[depth:]

    def _inline_token(self, token: Token, content: str) -> None:
        kind = token.type
        if self._behind_picture and kind in ("text", "softbreak", "hardbreak"):
            content = content.lstrip() if kind == "text" else ""
            if not content:
                return
        if self._behind_picture and content and kind != "image":
            self._begin_paragraph()
            self._behind_picture = False
        if kind == "text":
            self._text(content)
        elif kind == "softbreak":
            self._soft_line_end()
        elif kind == "hardbreak":
            self._cursor.insertText(_LINE_END, self._formats[-1])
        elif kind == "code_inline":
            self._cursor.insertText(content, self._inline_code())
        elif kind in INLINE_TOKENS:
            self._inline_formula(token)
        elif kind == "footnote_ref":
            label = str(token.meta["label"])
            if self.links_to_notes or _FOOTNOTE.match(label):
                self._raised(label)
            else:
                self._cursor.insertText(f"[^{label}]", self._formats[-1])
        elif kind == "image":
            self._image(str(token.attrGet("src") or ""), content)
        elif kind in ("strong_open", "em_open", "s_open", "mark_open", "link_open"):
            self._formats.append(self._opened(token))
        elif kind in ("strong_close", "em_close", "s_close", "mark_close", "link_close"):
            self._formats.pop()
            if kind == "link_close" and self._refused:
                self._refused_target(self._refused.pop())
        elif content:
            self._cursor.insertText(content, self._formats[-1])

    def _text(self, content: str) -> None:
        """Words; numbers in brackets that cite a passage are links to it, tags in notes are to the notes with them."""
        form = self._formats[-1]
        at = 0
        for start, end in tag_places(content) if self.links_to_notes and not form.isAnchor() else ():
            self._cursor.insertText(content[at:start], form)
            tag = self._link_format(TAG_LINK + quote(content[start + 1 : end], safe=""))
            tag.setFontUnderline(False)
            tag.setForeground(self._theme.color("tag"))
            self._cursor.insertText(content[start:end], tag)
            at = end
        for citation in citations_in(content) if self.citable and not form.isAnchor() else ():
            if not any(number in self.citable for number in citation.numbers):
                continue
            self._cursor.insertText(content[at : citation.start], form)
            self._citation(content[citation.start : citation.end])
            at = citation.end
        self._cursor.insertText(content[at:], form)

    def _citation(self, words: str) -> None:
        """ "[1, 3]": each number that can be cited is a link."""
        at = 0
        for match in _CITED_NUMBER.finditer(words):
            if int(match[0]) in self.citable:
                self._cursor.insertText(words[at : match.start()], self._formats[-1])
                form = self._link_format(f"{SOURCE_LINK}{int(match[0])}")
                form.setFontUnderline(False)
                form.setFontWeight(QFont.Weight.DemiBold)
                self._cursor.insertText(match[0], form)
                at = match.end()
        self._cursor.insertText(words[at:], self._formats[-1])

    # Lines --------------------------------------------------------------------------------------

    @property
    def _is_at_line_start(self) -> bool:
        return self._cursor.atBlockStart() or self._is_behind_line_end

    @property
    def _is_behind_line_end(self) -> bool:
        return bool(self._cursor.document().characterAt(self._cursor.position() - 1) == _LINE_END)

    def _soft_line_end(self) -> None:
        """A line end within a paragraph. Lines that show nothing, such as comments, leave no empty ones behind."""
        if not self.keeps_lines:
            self._cursor.insertText(" ", self._formats[-1])
        elif not self._is_at_line_start:
            self._cursor.insertText(_LINE_END, self._formats[-1])

    def _take_off_line_end(self) -> None:
        if self._is_behind_line_end:
            self._cursor.deletePreviousChar()

    # Links, pictures and notes ------------------------------------------------------------------

    def _opened(self, token: Token) -> QTextCharFormat:
        form = QTextCharFormat(self._formats[-1])
        if token.type == "strong_open":
            form.setFontWeight(QFont.Weight.DemiBold)
        elif token.type == "em_open":
            form.setFontItalic(True)
        elif token.type == "s_open":
            form.setFontStrikeOut(True)
        elif token.type == "mark_open":
            form.setBackground(self._theme.color("highlight"))
            form.setForeground(self._theme.color("text"))
        else:
            target = str(token.attrGet("href") or "")
            target = self._file_link(target) or target
            missing = self.links_to_notes and target.startswith(MISSING_NOTE)
            opens = (
                missing or is_safe_link(target) or (self.links_to_notes and target.startswith((NOTE_LINK, FILE_LINK)))
            )
            if opens:
                form.setAnchor(True)
                form.setAnchorHref(target)
                form.setForeground(self._theme.color("muted_text" if missing else "accent"))
                form.setFontUnderline(True)
            if missing:
                form.setUnderlineStyle(QTextCharFormat.UnderlineStyle.DashUnderline)
            self._refused.append("" if opens else target)
        return form

    def _refused_target(self, target: str) -> None:
        """A target that is never opened stands behind the link's words, so that nothing is hidden."""
        if target:
            form = QTextCharFormat(self._formats[-1])
            form.setForeground(self._theme.color("muted_text"))
            self._cursor.insertText(f" ({target})", form)

    def _file_link(self, target: str) -> str:
        """The link to a note's own file that a target means; "" where it means none, or that is not known yet."""
        name = "" if self.pictures is None or is_safe_link(target) else local_target(target, ())
        if not name or self.pictures is None or not self.pictures.is_known(name):
            return ""
        return FILE_LINK + quote(name, safe="") if self.pictures.files.shown(name) is not None else ""

    def _image(self, source: str, alt: str) -> None:
        is_wiki = source.startswith((NOTE_LINK, MISSING_NOTE))
        words, width = words_and_width(alt, is_wiki=is_wiki)
        target = local_target(source, (NOTE_LINK, MISSING_NOTE)) if self.pictures is not None else ""
        if target and self.pictures is not None and source.startswith(NOTE_LINK) and "." not in target:
            self._embed_note(words or target, source)  # files have an ending in their name
            return
        if not target or self.pictures is None or not self.pictures.is_known(target):
            named = QCoreApplication.translate("Markdown", "[Image: {0}]").format(words)
            self._muted(named if words else QCoreApplication.translate("Markdown", "[Image]"))
            return
        shown = self.pictures.files.shown(target)
        if shown is None and source.startswith(NOTE_LINK):
            self._embed_note(words or target, source)
        elif shown is None and self._is_embedding:
            self._muted(QCoreApplication.translate("Markdown", "[Image: {0}]").format(words or target))
        elif shown is None:
            self._muted(QCoreApplication.translate("Markdown", "[Not found: {0}]").format(target))
        elif shown.problem:
            words = QCoreApplication.translate("Markdown", "[{0}: {1}]").format(shown.file.name, shown.problem)
            self._linked(words, FILE_LINK + quote(target, safe=""))
        elif shown.image is None:
            self._chip(shown, target)
        else:
            self._picture(target, shown, words or shown.file.name, width)

    def _embed_note(self, words: str, source: str) -> None:
        """A note is named, not a file: its text is shown, once it is there, else its name."""
        assert self.pictures is not None
        name = EMBED + unquote(source.removeprefix(NOTE_LINK))
        embedded = None
        if not self._is_embedding and self._cursor.currentTable() is None and self.pictures.is_known(name):
            embedded = self.pictures.files.embedded(name)
        if embedded is None:
            self._linked(words, source)
            return
        self._take_off_line_end()
        if self._cursor.block().text().strip():
            self._begin_paragraph()
        self._is_embedding = True
        self._write_embedded(words, source, embedded)
        self._is_embedding = False
        self._behind_picture = True

    def _picture(self, target: str, shown: ShownFile, words: str, width: int) -> None:
        """A picture on a line of its own, but in tables."""
        assert self.pictures is not None
        if self._cursor.currentTable() is None:
            self._take_off_line_end()
            if self._cursor.block().text().strip():
                self._begin_paragraph()
            form = QTextBlockFormat(self._cursor.blockFormat())
            form.setLineHeight(0, int(QTextBlockFormat.LineHeightTypes.SingleHeight.value))
            self._cursor.setBlockFormat(form)
            self._behind_picture = True
        self.pictures.insert(self._cursor, target, shown, words, width)

    def _chip(self, shown: ShownFile, target: str) -> None:
        form = self._link_format(FILE_LINK + quote(target, safe=""))
        form.setBackground(self._theme.color("accent_soft"))
        form.setFontUnderline(False)
        size = f"{max(1, round(shown.file.size / 1000)):,} kB"
        words = f"\u00a0{shown.file.name} · {size}\u00a0".replace(" ", "\u00a0")
        self._cursor.insertText(words, form)

    def _linked(self, words: str, target: str) -> None:
        self._cursor.insertText(words, self._link_format(target))

    def _link_format(self, target: str) -> QTextCharFormat:
        form = QTextCharFormat(self._formats[-1])
        form.setAnchor(True)
        form.setAnchorHref(target)
        form.setForeground(self._theme.color("accent"))
        form.setFontUnderline(True)
        return form

    def _muted(self, words: str) -> None:
        form = QTextCharFormat(self._formats[-1])
        form.setForeground(self._theme.color("muted_text"))
        self._cursor.insertText(words, form)

    def _inline_formula(self, token: Token) -> None:
        source = f"{token.markup}{token.content}{closing_of(token.markup)}"
        if token.markup == "$" and is_money(token.content):
            self._cursor.insertText(source, self._formats[-1])
            return
        display = token.type == "math_inline_double"
        formula = Formula(token.content, display)
        if token is self.open_formula or not self._formula_objects.is_there(formula):
            self._cursor.insertText(source, self._inline_code())
            return
        if display and not self._is_at_line_start:
            self._cursor.insertText(_LINE_END, self._formats[-1])
        self._formula_objects.insert(self._cursor, formula, source, self._formats[-1])

    def _raised(self, label: str) -> None:
        form = QTextCharFormat(self._formats[-1])
        form.setVerticalAlignment(QTextCharFormat.VerticalAlignment.AlignSuperScript)
        self._cursor.insertText(label, form)

    # Character formats --------------------------------------------------------------------------

    def _plain(self) -> QTextCharFormat:
        form = QTextCharFormat()
        form.setFont(self._reading)
        form.setForeground(self._theme.color("text"))
        return form

    def _monospaced(self, role: str) -> QTextCharFormat:
        form = QTextCharFormat()
        form.setFont(self._theme.code_font())
        form.setForeground(self._theme.color(role))
        return form

    def _inline_code(self) -> QTextCharFormat:
        form = QTextCharFormat(self._formats[-1])
        font = self._theme.code_font()
        font.setWeight(QFont.Weight(self._formats[-1].fontWeight()))
        form.setFont(font)
        form.setBackground(self._theme.color("code_block"))
        return form
