"""HTML of strangers to Markdown: what is written in it is kept, what it looks like is not.

The parser is Python's own, which takes broken HTML as browsers do, follows no reference and expands nothing. Elements
may be nested without end: nothing here calls itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from html.parser import HTMLParser

from desktop_app.workers.import_worker.data_pictures import DataPictures
from desktop_app.workers.import_worker.markdown_lines import MarkdownLines

Attributes = dict[str, str]
LinkWriter = Callable[[str, str], str]
"""The Markdown of a link, from its text and its target."""

_INLINE = {
    "b": "**",
    "strong": "**",
    "i": "*",
    "em": "*",
    "s": "~~",
    "del": "~~",
    "strike": "~~",
    "code": "`",
    "tt": "`",
    "kbd": "`",
    "samp": "`",
    "a": "",
}
_BLOCKS = frozenset(
    {"address", "article", "aside", "body", "caption", "center", "dd", "details", "dialog", "div", "dl", "dt"}
    | {"fieldset", "figcaption", "figure", "footer", "form", "header", "html", "legend", "main", "nav", "p"}
    | {"section", "summary", "en-note", "title"}
)
_HEADINGS = {f"h{level}": "#" * level + " " for level in range(1, 7)}
_NOT_READ = frozenset({"script", "style", "template", "noscript", "noembed", "noframes"})
_MEDIA = frozenset({"video", "audio", "object", "embed", "iframe"})
_MOST_FRAMES = 40
_BLANKS = re.compile(r"[ \t\r\n\f\v\xa0\u2028\u2029]+")
_LINE_START = re.compile(r"^(#{1,6}|[-+*>]|\d{1,9}[.)])(?=\s|$)|^(?=---|===|```|~~~)")
_LANGUAGE = re.compile(r"(?:^|\s)(?:language|lang|highlight-source)-([\w+#.-]{1,20})")
_CODE_BLOCK = re.compile(r"-en-codeblock:\s*true")  # how Evernote marks code
_BACKTICKS = re.compile(r"`+")
_BREAK = "\x00"


def plain_link(text: str, target: str) -> str:
    """A link to where it led."""
    if target == text and re.match(r"https?://\S+$", target):
        return f"<{target}>"
    return f"[{text}]({written_target(target)})"


def written_target(target: str) -> str:
    """A link's target as Markdown takes it."""
    return f"<{target}>" if re.search(r"[\s()]", target) else target


@dataclass(slots=True)
class _Frame:
    """An inline element that is open, and what was written in it."""

    tag: str
    target: str = ""
    parts: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _List:
    numbered: bool
    number: int = 1
    items_open: int = 0
    checkboxes: bool = False


@dataclass(slots=True)
class _Table:
    rows: list[list[str]] = field(default_factory=list)
    cell: list[str] | None = None
    nested: int = 0


class HtmlMarkdown(HTMLParser):
    """Feed it HTML, close it, and take `text`.

    Attributes:
        title: what stands in the title element, on one line.
        heading: the first heading of the text.
        pictures: how many pictures, films and sounds it names that are no pages of the web.
        meta: names and contents of its meta elements, and the targets of its links by their relation.
    """

    def __init__(self, link: LinkWriter = plain_link, embedded: DataPictures | None = None) -> None:
        """Pictures that stand in the page itself go into `embedded`; without it only their kind is told."""
        super().__init__(convert_charrefs=True)
        self._embedded = embedded
        self.title = ""
        self.heading = ""
        self.pictures = 0
        self.meta: dict[str, str] = {}
        self._link = link
        self._lines = MarkdownLines()
        self._frames: list[_Frame] = [_Frame("")]
        self._lists: list[_List] = []
        self._table: _Table | None = None
        self._skipped = ""
        self._skipped_depth = 0
        self._heading = ""
        self._pre: list[str] | None = None
        self._pre_tag = "pre"
        self._pre_depth = 0
        self._pre_language = ""
        self._box = ""
        self._box_waits = False
        self._new_item = False
        self._in_title = False

    @property
    def text(self) -> str:
        """The Markdown of what was fed."""
        return self._lines.text

    def close(self) -> None:
        """Nothing more comes: end what is still open."""
        super().close()
        self._end_pre()
        self._box_waits = False
        while self._table is not None:
            self._end_table()
        self._flush()

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
        elif self._pre is not None:
            self._in_pre(tag, attributes)
        elif tag in _INLINE:
            self._open_frame(tag, attributes.get("href", "").strip())
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
        elif self._pre is not None:
            self._pre_depth -= tag == self._pre_tag
            if self._pre_depth <= 0:
                self._end_pre()
        elif tag in _INLINE:
            self._close_frame(tag)
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
        data = data.replace(_BREAK, "\ufffd")
        if self._pre is not None:
            self._pre.append(data)
        else:
            self._frames[-1].parts.append(_escaped(data) if not self._in_code() else data)

    def unknown_decl(self, data: str) -> None:
        """A CDATA section, which XHTML may have: it is text."""
        if data.startswith("CDATA["):
            self.handle_data(data[6:])

    # Blocks -------------------------------------------------------------------------------------

    def _start_block(self, tag: str, attributes: Attributes) -> None:
        if tag == "br":
            self._frames[-1].parts.append(_BREAK)
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
        elif tag in ("pre", "listing") or _CODE_BLOCK.search(attributes.get("style", "")):
            self._flush()
            self._pre, self._pre_tag, self._pre_depth = [], tag, 1
            self._pre_language = _language(attributes)
        elif tag == "hr":
            self._flush()
            if self._table is None:
                self._lines.add("---")
        elif tag in ("table", "tr", "td", "th"):
            self._start_table_part(tag)
        elif tag in _BLOCKS:
            self._flush()
            self._notion_box(attributes)

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

    def _flush(self) -> None:
        """Write what was gathered since the last block began; open inline elements go on in the next one."""
        opened = [(frame.tag, frame.target) for frame in self._frames[1:]]
        while len(self._frames) > 1:
            self._close_frame(self._frames[-1].tag)
        text = _collapsed("".join(self._frames[0].parts))
        self._frames = [_Frame("")] + [_Frame(tag, target) for tag, target in opened]
        if self._in_title and text:
            self.title = " ".join(_unescaped(text).split())
            self._in_title = False  # whatever is open still: a title has no parts
        elif self._table is not None:
            if text or self._box:
                (self._table.cell if self._table.cell is not None else self._new_cell()).append(self._box + text)
            self._box = ""
        elif text or (self._box and not self._box_waits):
            self._write(text)

    def _write(self, text: str) -> None:
        if self._heading:
            text = " ".join(text.split())
            self.heading = self.heading or _unescaped(text.replace("**", ""))
            self._lines.add(self._heading + text)
        elif self._box and not self._new_item:
            self._lines.add(f"- {self._box}{_paragraph(text)}".replace("\n", "\n  "), tight=True)
        else:
            self._lines.add(self._box + _paragraph(text), tight=self._new_item)
        self._box, self._box_waits, self._new_item = "", False, False

    # Lists --------------------------------------------------------------------------------------

    def _start_list(self, tag: str, attributes: Attributes) -> None:
        self._flush()
        start = attributes.get("start", "")
        first = int(start) if start.isascii() and start.isdigit() and len(start) < 6 else 1
        boxes = "--en-todo:true" in attributes.get("style", "").replace(" ", "")
        self._lists.append(_List(tag == "ol", first, checkboxes=boxes))

    def _start_item(self, attributes: Attributes) -> None:
        self._flush()
        if not self._lists:
            self._lists.append(_List(False))
        self._end_item()
        now = self._lists[-1]
        if self._table is None:
            mark = f"{now.number}. " if now.numbered else "- "
            self._lines.open(mark, " " * len(mark))
            self._new_item = True
        now.number += 1
        now.items_open = 1
        if now.checkboxes:
            self._box = "[x] " if "--en-checked:true" in attributes.get("style", "").replace(" ", "") else "[ ] "

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
        if self._lists:
            self._lists.pop()

    def _checkbox(self, checked: bool, *, waits: bool = False) -> None:
        self._flush()
        self._box_waits = waits
        self._box = "[x] " if checked else "[ ] "

    def _notion_box(self, attributes: Attributes) -> None:
        kinds = attributes.get("class", "").split()
        if "checkbox" in kinds:
            self._checkbox("checkbox-on" in kinds, waits=True)

    # Tables -------------------------------------------------------------------------------------

    def _start_table_part(self, tag: str) -> None:
        self._flush()
        if tag == "table":
            if self._table is not None:
                self._table.nested += 1
                return
            self._table = _Table()
        elif self._table is not None and not self._table.nested:
            self._end_cell()
            if tag == "tr":
                self._table.rows.append([])
            else:
                self._new_cell()

    def _new_cell(self) -> list[str]:
        assert self._table is not None
        self._table.cell = []
        return self._table.cell

    def _end_cell(self) -> None:
        self._flush()
        table = self._table
        if table is None or table.cell is None or table.nested:
            return
        if not table.rows:
            table.rows.append([])
        table.rows[-1].append("\n\n".join(table.cell))
        table.cell = None

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
        rows = [row for row in table.rows if any(cell.strip() for cell in row)]
        if all(len(row) < 2 for row in rows):  # made to place things, not to list them
            for row in rows:
                self._lines.add(_paragraph(row[0]))
        elif rows:
            self._lines.add(markdown_table(rows))

    # Inside a block -----------------------------------------------------------------------------

    def _open_frame(self, tag: str, target: str = "") -> None:
        if len(self._frames) <= _MOST_FRAMES:
            self._frames.append(_Frame(tag, target))

    def _close_frame(self, tag: str) -> None:
        if all(frame.tag != tag for frame in self._frames[1:]):
            return
        while True:
            frame = self._frames.pop()
            self._frames[-1].parts.append(self._wrapped(frame))
            if frame.tag == tag:
                return

    def _wrapped(self, frame: _Frame) -> str:
        text = "".join(frame.parts)
        inner = text.strip(" \t\r\n\xa0" + _BREAK)
        if not inner:
            return text
        start = text.index(inner)
        before, after = text[:start], text[start + len(inner) :]
        if frame.tag == "a":
            collapsed = " ".join(_collapsed(inner).split())
            wanted = frame.target and not frame.target.lower().startswith(("javascript:", "data:"))
            return before + (self._link(collapsed, frame.target) if wanted else inner) + after
        if _INLINE[frame.tag] == "`":
            return before + _code(_collapsed(inner)) + after
        mark = _INLINE[frame.tag]
        return text if self._is_in(mark) else before + mark + inner + mark + after

    def _is_in(self, mark: str) -> bool:
        return any(_INLINE.get(frame.tag) == mark for frame in self._frames[1:])

    def _in_code(self) -> bool:
        return any(_INLINE.get(frame.tag) == "`" for frame in self._frames[1:])

    def _picture(self, tag: str, attributes: Attributes) -> None:
        source = attributes.get("src") or attributes.get("data") or attributes.get("hash", "")
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

    def _in_pre(self, tag: str, attributes: Attributes) -> None:
        assert self._pre is not None
        self._pre_depth += tag == self._pre_tag and tag not in ("pre", "listing")
        if tag == "br":
            self._pre.append("\n")
        elif tag == "code":
            self._pre_language = self._pre_language or _language(attributes)
        elif tag in ("pre", "div", "p") and self._pre and not self._pre[-1].endswith("\n"):
            self._pre.append("\n")

    def _end_pre(self) -> None:
        if self._pre is None:
            return
        text = "".join(self._pre).replace("\r\n", "\n").strip("\n")
        self._pre = None
        if not text.strip():
            return
        if self._table is not None:
            self._frames[-1].parts.append(_code(" ".join(text.split())))
            self._flush()
            return
        fence = "`" * max(3, 1 + max((len(run) for run in _BACKTICKS.findall(text)), default=0))
        self._lines.add(f"{fence}{self._pre_language}\n{text}\n{fence}")
        self._new_item = False

    def _note_meta(self, tag: str, attributes: Attributes) -> None:
        name = attributes.get("name") or attributes.get("property") or attributes.get("rel", "")
        value = attributes.get("href") if tag == "link" else attributes.get("content")
        if name and value and len(self.meta) < 200:
            self.meta.setdefault(name.strip().lower(), " ".join(value.split())[:2000])


def markdown_table(rows: list[list[str]]) -> str:
    """Rows of cells as Markdown; the first is the head, and as wide as the widest. Shorter rows stay short."""
    width = max(len(row) for row in rows)
    lines = []
    for number, row in enumerate(rows):
        cells = [" ".join(cell.split()).replace("|", "\\|") for cell in row]
        if number == 0:
            cells += [""] * (width - len(row))
        lines.append(f"| {' | '.join(cells)} |")
        if number == 0:
            lines.append("|" + " --- |" * width)
    return "\n".join(lines)


def _language(attributes: Attributes) -> str:
    found = _LANGUAGE.search(attributes.get("class", ""))
    return found[1] if found else ""


def _collapsed(text: str) -> str:
    """Blanks as HTML reads them; a line break where one was asked for, none at the ends."""
    lines = [_BLANKS.sub(" ", line).strip() for line in text.split(_BREAK)]
    return re.sub(r"\n{2,}", "\n\n", "\n".join(lines)).strip()


def _escaped(text: str) -> str:
    """Marks that Markdown would read as its own; a star between blanks means nothing to it."""
    return re.sub(r"\\(?=[*`_\[\]\\#])|`|(?<!\s)\*|\*(?!\s)", r"\\\g<0>", text)


def _unescaped(text: str) -> str:
    return re.sub(r"\\([*`\\_\[\]#])", r"\1", text)


def _paragraph(text: str) -> str:
    """Text whose lines stay lines, and begin no heading, list, quote or fence of their own."""
    lines = [_safe_line_start(line) for line in text.split("\n")]
    followed = [*(bool(line) for line in lines[1:]), False]
    return "\n".join(line + "\\" if line and more else line for line, more in zip(lines, followed, strict=True))


def _safe_line_start(line: str) -> str:
    found = _LINE_START.match(line)
    if found is None:
        return line
    mark = found[0]
    if mark[:1].isdigit():
        return f"{mark[:-1]}\\{mark[-1]}{line[len(mark) :]}"
    return "\\" + line


def _code(text: str) -> str:
    text = text.replace("\n", " ")
    ticks = "`" * (1 + max((len(run) for run in _BACKTICKS.findall(text)), default=0))
    pad = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{ticks}{pad}{text}{pad}{ticks}"
