"""HTML of strangers to Markdown: what is written in it is kept, what it looks like is not.

The parser is Python's own, which takes broken HTML as browsers do, follows no reference and expands nothing. Elements
may be nested without end: nothing here calls itself.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from html.parser import HTMLParser

import msgspec

from desktop_app.workers.import_worker.data_pictures import DataPictures
from desktop_app.workers.import_worker.html_footnotes import Footnotes, leads_back
from desktop_app.workers.import_worker.html_formulas import Formula, formula_at
from desktop_app.workers.import_worker.html_inline import (
    BREAK,
    MARKS,
    Attributes,
    Frame,
    LinkWriter,
    code,
    collapsed,
    escaped,
    is_picture_of,
    lifted,
    mark_of,
    paragraph,
    plain,
    plain_link,
    unescaped,
    written_target,
)
from desktop_app.workers.import_worker.html_open_ends import with_open_ends_as_text
from desktop_app.workers.import_worker.html_preformatted import Preformatted, language_of
from desktop_app.workers.import_worker.html_table import HtmlTable
from desktop_app.workers.import_worker.markdown_lines import MarkdownLines

_BLOCKS = frozenset(
    {"address", "article", "aside", "body", "caption", "center", "dd", "details", "dialog", "div", "dl", "dt"}
    | {"fieldset", "figcaption", "figure", "footer", "form", "header", "html", "legend", "main", "nav", "p"}
    | {"section", "summary", "en-note", "title"}
)
_HEADINGS = {f"h{level}": "#" * level + " " for level in range(1, 7)}
_NOT_READ = frozenset({"script", "style", "template", "noscript", "noembed", "noframes"})
_MEDIA = frozenset({"video", "audio", "object", "embed", "iframe"})
_MOST_FRAMES = 40
_CODE_BLOCK = re.compile(r"-en-codeblock:\s*true")  # how Evernote marks code
_TASKS = re.compile(r"--en-task-group:\s*true.*?--en-id:\s*([\w-]{1,100})", re.DOTALL)  # and where tasks stand
_TITLE_SIZES = {"1.875em": "# ", "1.5em": "## ", "1.25em": "### "}  # of Notion's headings that fold
_LONGEST_ICON = 12


class _List(msgspec.Struct):
    numbered: bool
    number: int = 1
    items_open: int = 0
    checkboxes: bool = False
    mark_width: int = 0
    hangs: bool = False


class _Bookmark(msgspec.Struct):
    """A page of the web, shown as a card."""

    target: str
    is_named: bool = False
    in_name: bool = False


class HtmlMarkdown(HTMLParser):
    """Feed it HTML, close it, and take `text`.

    Attributes:
        title: what stands in the title element, on one line.
        heading: the first heading of the text.
        pictures: how many pictures, films and sounds it names that are no pages of the web.
        meta: names and contents of its meta elements, and the targets of its links by their relation.
        properties: what a table of properties above the text says (Notion's), by names in lower case.
        encrypted: how many parts of it are locked (Evernote's).
        placed: which of the tasks stand in the text.
    """

    def __init__(
        self,
        link: LinkWriter = plain_link,
        embedded: DataPictures | None = None,
        tasks: Mapping[str, str] | None = None,
        footnotes: Footnotes | None = None,
    ) -> None:
        """Pictures that stand in the page itself go into `embedded`; without it only their kind is told. `tasks` is the
        Markdown of lists that are kept beside the text, by the ids under which it names them (Evernote's). The pages of
        a book share their `footnotes`.
        """
        super().__init__(convert_charrefs=True)
        self._embedded = embedded
        self._tasks = tasks or {}
        self.placed: set[str] = set()
        self.properties: dict[str, str] = {}
        self.encrypted = 0
        self.title = ""
        self.heading = ""
        self.pictures = 0
        self.meta: dict[str, str] = {}
        self._link = link
        self._lines = MarkdownLines()
        self._frames: list[Frame] = [Frame("")]
        self._lists: list[_List] = []
        self._table: HtmlTable | None = None
        self._skipped = ""
        self._skipped_depth = 0
        self._heading = ""
        self._pre: Preformatted | None = None
        self._box = ""
        self._box_waits = False
        self._new_item = False
        self._in_title = False
        self._formula: Formula | None = None
        self._figures: list[bool] = []
        self._icon = ""
        self._icon_waits = False
        self._bookmark: _Bookmark | None = None
        self._in_time = False
        self._after_value = False
        self._footnotes = footnotes or Footnotes()
        self._note: tuple[str, int] | None = None

    @property
    def text(self) -> str:
        """The Markdown of what was fed."""
        return self._lines.text

    def feed(self, data: str) -> None:
        """Read a whole page."""
        self._footnotes.look_ahead(data)
        super().feed(with_open_ends_as_text(data))

    def close(self) -> None:
        """Nothing more comes: end what is still open."""
        super().close()
        self._end_formula()
        self._end_pre()
        self._box_waits = False
        while self._table is not None:
            self._end_table()
        self._flush()
        self._end_icon()

    # What the parser says -----------------------------------------------------------------------

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element begins."""
        if self._skipped:
            self._skipped_depth += tag == self._skipped
            return
        attributes = {name: value or "" for name, value in attrs}
        if tag in _NOT_READ:
            self._skipped, self._skipped_depth = tag, 1
        elif tag in ("meta", "link"):
            self._note_meta(tag, attributes)
        elif self._formula is not None:
            self._formula.start(tag, attributes)
        elif self._pre is not None:
            self._pre.start(tag, attributes)
        elif (formula := formula_at(tag, attributes)) is not None:
            self._formula = formula
        elif tag in MARKS:
            self._start_inline(tag, attributes)
        elif tag == "title":
            self._flush()
            self._in_title = not self.title
        else:
            self._start_block(tag, attributes)

    def handle_endtag(self, tag: str) -> None:
        """An element ends."""
        if self._skipped:
            self._skipped_depth -= tag == self._skipped
            if not self._skipped_depth:
                self._skipped = ""
        elif self._formula is not None:
            if self._formula.end(tag):
                self._end_formula()
        elif self._pre is not None:
            if self._pre.ends_with(tag):
                self._end_pre()
        elif tag in MARKS:
            self._close_frame(tag)
            if tag == "a":
                self._bookmark = None
        else:
            self._end_block(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element without content, as XML writes it."""
        if tag not in _NOT_READ:
            self.handle_starttag(tag, attrs)
            if tag not in ("br", "img", "hr", "input", "en-todo", "en-media"):
                self.handle_endtag(tag)

    def handle_data(self, data: str) -> None:
        """Text."""
        if self._skipped:
            return
        data = data.replace(BREAK, "\ufffd")
        if self._in_time and data.strip():
            self._in_time = False
            data = data.replace("@", "", 1) if data.lstrip().startswith("@") else data
        if self._formula is not None:
            self._formula.text(data)
        elif self._pre is not None:
            self._pre.add(data)
        else:
            self._frames[-1].parts.append(escaped(data) if not self._in_code() else data)

    def unknown_decl(self, data: str) -> None:
        """A CDATA section, which XHTML may have: it is text."""
        if data.startswith("CDATA["):
            self.handle_data(data[6:])

    # Blocks -------------------------------------------------------------------------------------

    def _start_block(self, tag: str, attributes: Attributes) -> None:
        if tag == "br":
            self._frames[-1].parts.append(BREAK)
        elif tag in ("img", "en-media") or tag in _MEDIA:
            self._picture(tag, attributes)
        elif tag in ("input", "en-todo"):
            if tag == "en-todo" or attributes.get("type", "").lower() == "checkbox":
                checked = attributes.get("checked", "false" if tag == "en-todo" else None)
                self._checkbox(checked is not None and checked != "false")
        elif tag in _HEADINGS:
            self._flush()
            self._heading = _HEADINGS[tag]
        elif tag in ("ul", "ol", "menu", "dir"):
            self._start_list(tag, attributes)
        elif tag == "li":
            self._start_item(attributes)
        elif tag == "blockquote":
            self._flush()
            if self._table is None:
                self._lines.open("> ", "> ")
        elif tag in ("pre", "listing", "en-crypt") or _CODE_BLOCK.search(attributes.get("style", "")):
            self._start_pre(tag, attributes)
        elif tag == "hr":
            self._flush()
            if self._table is None:
                self._lines.add("---")
        elif tag in ("table", "tr", "td", "th"):
            self._start_table_part(tag, attributes)
        elif tag == "time":
            self._in_time = True
        elif tag == "nav" and "epub:type" in attributes:
            self._skipped, self._skipped_depth = tag, 1  # a book's contents, landmarks and list of pages
        elif tag in _BLOCKS:
            self._flush()
            self._start_note(tag, attributes)
            self._start_plain_block(tag, attributes)

    def _start_plain_block(self, tag: str, attributes: Attributes) -> None:
        kinds = attributes.get("class", "").split()
        if "checkbox" in kinds:
            self._checkbox("checkbox-on" in kinds, waits=True)
        elif (label := attributes.get("data-tag", "")).startswith("to-do"):  # of OneNote
            self._checkbox("completed" in label, waits=True)
        elif tag == "caption" and self._table is not None and not self._table.nested:
            self._table.is_in_caption = True
        elif tag == "figure":
            self._start_figure(is_callout="callout" in kinds)
        elif tag == "summary":
            style = attributes.get("style", "")
            self._heading = next((mark for size, mark in _TITLE_SIZES.items() if f"font-size:{size}" in style), "")
        elif tag == "div" and self._bookmark is not None:
            self._in_bookmark(self._bookmark, kinds)
        elif (group := _TASKS.search(attributes.get("style", ""))) is not None:
            self._add_tasks(group[1])
            self._skipped, self._skipped_depth = tag, 1

    def _start_note(self, tag: str, attributes: Attributes) -> None:
        """A footnote begins, or another element in one."""
        if self._note is not None:
            self._note = self._note[0], self._note[1] + (tag == self._note[0])
        elif self._table is None and (mark := self._footnotes.beginning(attributes)):
            self._lines.open(mark, " " * 4)
            self._note = tag, 1

    def _end_in_note(self, tag: str) -> None:
        if self._note is None or tag != self._note[0]:
            return
        self._note = self._note[0], self._note[1] - 1
        if not self._note[1]:
            self._lines.close()
            self._note = None

    def _end_block(self, tag: str) -> None:
        if tag in _HEADINGS:
            self._flush()
            self._heading = ""
        elif tag in ("ul", "ol", "menu", "dir"):
            self._end_list()
        elif tag == "li":
            self._flush()
            self._end_item()
        elif tag == "blockquote":
            self._flush()
            if self._table is None:
                self._lines.close()
        elif tag == "title":
            self._flush()
            self._in_title = False
        elif tag in ("td", "th") and self._table is not None:
            self._end_cell()
        elif tag == "table":
            self._end_table()
        elif tag in _BLOCKS:
            self._flush()
            self._end_in_note(tag)
            if tag == "caption" and self._table is not None:
                self._table.is_in_caption = False
            elif tag == "figure":
                self._end_figure()
            elif tag == "summary":
                self._heading = ""
            elif tag == "div" and self._bookmark is not None and self._bookmark.in_name:
                self._bookmark.in_name = False
                self._close_frame("a")

    def _flush(self) -> None:
        """Write what was gathered since the last block began; open inline elements go on in the next one."""
        opened = [frame.again() for frame in self._frames[1:]]
        while len(self._frames) > 1:
            self._close_frame(self._frames[-1].tag)
        text = collapsed("".join(self._frames[0].parts))
        self._frames = [Frame(""), *opened]
        if self._in_title and text:
            self.title = " ".join(unescaped(text).split())
            self._in_title = False  # whatever is open still: a title has no parts
        elif self._table is not None:
            if text or self._box:
                self._after_value = self._after_value and self._table.is_in_cell
                self._table.add(self._box + text)
            self._box = ""
        elif self._icon_waits and 0 < len(text) <= _LONGEST_ICON and not any(map(str.isalnum, text)):
            self._icon, self._icon_waits = text, False
        elif text or (self._box and not self._box_waits):
            self._write(text)

    def _write(self, text: str) -> None:
        if self._icon:
            text, self._icon = f"{self._icon} {text}", ""
        self._icon_waits = False
        if self._heading:
            text = " ".join(text.split())
            self.heading = self.heading or plain(text)
            self._lines.add(self._heading + text)
        elif self._box and not self._new_item:
            self._lines.add(f"- {self._box}{paragraph(text)}".replace("\n", "\n  "), tight=True)
        else:
            self._lines.add(self._box + paragraph(text), tight=self._new_item)
        self._box, self._box_waits, self._new_item = "", False, False

    # Lists --------------------------------------------------------------------------------------

    def _start_list(self, tag: str, attributes: Attributes) -> None:
        self._flush()
        start = attributes.get("start", "")
        first = int(start) if start.isascii() and start.isdigit() and len(start) < 6 else 1
        boxes = "--en-todo:true" in attributes.get("style", "").replace(" ", "")
        # A list between two items and in none of them, as Evernote writes it, hangs on the first of the two.
        above = self._lists[-1] if self._lists else None
        hangs = above is not None and not above.items_open and above.mark_width > 0 and self._table is None
        if above is not None and hangs:
            self._lines.open(" " * above.mark_width, " " * above.mark_width)
            self._new_item = True
        self._lists.append(_List(tag == "ol", first, checkboxes=boxes, hangs=hangs))

    def _start_item(self, attributes: Attributes) -> None:
        self._flush()
        if not self._lists:
            self._lists.append(_List(False))
        self._end_item()
        now = self._lists[-1]
        if self._table is None:
            note = self._footnotes.beginning(attributes)
            mark = note or (f"{now.number}. " if now.numbered else "- ")
            now.mark_width = 4 if note else len(mark)
            self._lines.open(mark, " " * now.mark_width)
            self._new_item = True
        now.number += 1
        now.items_open = 1
        if now.checkboxes:
            self._checkbox("--en-checked:true" in attributes.get("style", "").replace(" ", ""), waits=True)

    def _end_item(self) -> None:
        if self._lists and self._lists[-1].items_open:
            self._box_waits = False
            self._flush()
            self._lists[-1].items_open = 0
            self._new_item = False
            if self._table is None:
                self._lines.close()

    def _end_list(self) -> None:
        self._flush()
        self._end_item()
        if self._lists and self._lists.pop().hangs:
            self._lines.close()

    def _checkbox(self, checked: bool, *, waits: bool = False) -> None:
        self._flush()
        self._box_waits = waits
        self._box = "[x] " if checked else "[ ] "

    # What programs put around blocks --------------------------------------------------------------

    def _start_figure(self, *, is_callout: bool) -> None:
        """A picture with its words, or Notion's box with an icon, which is written as a quote."""
        self._figures.append(is_callout and self._table is None)
        if self._figures[-1]:
            self._end_icon()
            self._lines.open("> ", "> ")
            self._icon_waits = True

    def _end_figure(self) -> None:
        if self._figures and self._figures.pop():
            self._end_icon()
            self._lines.close()

    def _end_icon(self) -> None:
        if self._icon:
            self._write("")
        self._icon_waits = False

    def _in_bookmark(self, bookmark: _Bookmark, kinds: list[str]) -> None:
        if "bookmark-title" in kinds:
            bookmark.is_named = bookmark.in_name = True
            self._frames.append(Frame("a", bookmark.target))
        elif "bookmark-href" in kinds:
            if not bookmark.is_named:
                self._frames[-1].parts.append(self._link(bookmark.target, bookmark.target))
            self._skipped, self._skipped_depth = "div", 1

    def _add_tasks(self, group: str) -> None:
        if group not in self._tasks or group in self.placed:
            return
        self.placed.add(group)
        if self._table is None:
            self._lines.add(self._tasks[group])
        else:
            self._frames[-1].parts.append(self._tasks[group])

    def _end_formula(self) -> None:
        formula, self._formula = self._formula, None
        if formula is None:
            return
        written = formula.markdown
        if formula.is_display and self._table is None and written.startswith("$$"):
            self._flush()
            self._lines.add(written)
            self._new_item = False
        else:
            self._frames[-1].parts.append(f"${written[3:-3]}$" if written.startswith("$$") else written)

    # Tables -------------------------------------------------------------------------------------

    def _start_table_part(self, tag: str, attributes: Attributes) -> None:
        self._flush()
        if tag == "table":
            if self._table is not None:
                self._table.nested += 1
                return
            self._table = HtmlTable(attributes)
        elif self._table is not None and not self._table.nested:
            self._end_cell()
            if tag == "tr":
                self._table.begin_row()
            else:
                self._after_value = False
                self._table.begin_cell(attributes)

    def _end_cell(self) -> None:
        self._flush()
        if self._table is not None:
            self._table.end_cell()

    def _end_table(self) -> None:
        table = self._table
        if table is None:
            return
        if table.nested:
            self._flush()
            table.nested -= 1
            return
        self._end_cell()
        self._table = None
        self.properties |= table.properties()
        for block in table.blocks():
            self._lines.add(block)

    # Inside a block -----------------------------------------------------------------------------

    def _start_inline(self, tag: str, attributes: Attributes) -> None:
        target = attributes.get("href", "").strip()
        kinds = attributes.get("class", "").split()
        reference = self._footnotes.reference(attributes) if tag == "a" else ""
        if reference or (tag == "a" and leads_back(attributes)):
            self._frames[-1].parts.append(reference)
            self._skipped, self._skipped_depth = tag, 1
        elif tag == "a" and "bookmark" in kinds and target:
            self._flush()
            self._bookmark = _Bookmark(target)
        elif len(self._frames) <= _MOST_FRAMES:
            if "selected-value" in kinds:
                if self._after_value:
                    self._frames[-1].parts.append(", ")
                self._after_value = True
            self._frames.append(Frame(tag, target, mark_of(tag, attributes)))

    def _close_frame(self, tag: str) -> None:
        if all(frame.tag != tag for frame in self._frames[1:]):
            return
        while True:
            frame = self._frames.pop()
            self._frames[-1].parts.append(self._wrapped(frame))
            if frame.tag == tag:
                return

    def _wrapped(self, frame: Frame) -> str:
        text = "".join(frame.parts)
        inner = text.strip(" \t\r\n\xa0" + BREAK)
        if not inner:
            return text
        start = text.index(inner)
        before, after = text[:start], text[start + len(inner) :]
        if frame.tag == "a":
            words = " ".join(collapsed(inner).split())
            wanted = frame.target and not frame.target.lower().startswith(("javascript:", "data:"))
            if wanted and is_picture_of(words, frame.target):
                return before + words + after
            return before + (self._link(words, frame.target) if wanted else inner) + after
        if frame.tag in ("sup", "sub"):
            return before + lifted(frame.tag, inner) + after
        if frame.mark == "`":
            return before + code(collapsed(inner)) + after
        return text if self._is_in(frame.mark) else before + frame.mark + inner + frame.mark + after

    def _is_in(self, mark: str) -> bool:
        return not mark or any(frame.mark == mark for frame in self._frames[1:])

    def _in_code(self) -> bool:
        return any(frame.mark == "`" for frame in self._frames[1:])

    def _picture(self, tag: str, attributes: Attributes) -> None:
        source = attributes.get("src") or attributes.get("data") or attributes.get("hash", "")
        if self._bookmark is not None and source.lower().startswith(("http:", "https:")):
            return  # its icon, which lies on the web
        if not source.lower().startswith(("http:", "https:", "//")):
            self.pictures += tag != "iframe"
        if source.lower().startswith("data:"):
            name = self._embedded.take(source) if self._embedded is not None and tag == "img" else ""
            source = name or (source[: source.find(",")] if 0 <= source.find(",") < 60 else "data:")
        alt = " ".join((attributes.get("alt") or attributes.get("title", "")).split()).replace("]", "\\]")
        if source:
            is_picture = tag in ("img", "en-media")
            written = written_target(source)
            self._frames[-1].parts.append(f"![{alt}]({written})" if is_picture else f"[{alt or source}]({written})")
        elif alt:
            self._frames[-1].parts.append(alt)

    def _start_pre(self, tag: str, attributes: Attributes) -> None:
        self._flush()
        if tag == "en-crypt":
            self.encrypted += 1
            hint = " ".join(attributes.get("hint", "").split())
            self._frames[-1].parts.append("Encrypted in Evernote" + (f" (hint: {escaped(hint)}):" if hint else ":"))
            self._flush()
        self._pre = Preformatted(tag, "encrypted" if tag == "en-crypt" else language_of(attributes))

    def _end_pre(self) -> None:
        if self._pre is None:
            return
        pre, self._pre = self._pre, None
        if not pre.block:
            return
        if self._table is not None:
            self._frames[-1].parts.append(pre.inline)
            self._flush()
            return
        self._lines.add(pre.block)
        self._new_item = False

    def _note_meta(self, tag: str, attributes: Attributes) -> None:
        name = attributes.get("name") or attributes.get("property") or attributes.get("rel", "")
        value = attributes.get("href") if tag == "link" else attributes.get("content")
        if name and value and len(self.meta) < 200:
            self.meta.setdefault(name.strip().lower(), " ".join(value.split())[:2000])
