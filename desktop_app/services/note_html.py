"""A note as one HTML file that needs no other: pictures and formulas are in it, and it fetches and runs nothing."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Mapping, Sequence
from html import escape
from typing import Any
from urllib.parse import unquote

import msgspec
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token

from desktop_app.domain.errors import AttachmentMissingError
from desktop_app.domain.formulas import COLOUR, Formula, FormulaPicture, is_money
from desktop_app.domain.note_attachments import StoredFile, is_local
from desktop_app.domain.notes import Note
from desktop_app.services.formula_rules import closing_of
from desktop_app.services.markdown_parser import note_parser
from desktop_app.services.note_tokens import NOTE, SAFE_LINK, TASK, note_tokens, title_to_show, words_and_width

MOST_ENCLOSED = 20_000_000
"""Bytes of a file that is no picture, above which only its name is written."""

_PICTURES = ("image/png", "image/jpeg", "image/gif", "image/webp", "image/bmp", "image/svg+xml")

_PAGE = """<!DOCTYPE html>
<html>
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="Inkwell">
<title>{title}</title>
<style>
{style}
</style>
</head>
<body>
<main>
{body}</main>
</body>
</html>
"""
_STYLE = """:root { color-scheme: light dark; }
body { margin: 0; padding: 2.5rem 1.25rem; background: #fff; color: #201e1b;
  font: 1rem/1.6 Inter, "Segoe UI", "Helvetica Neue", Arial, sans-serif; }
main { max-width: 44rem; margin: 0 auto; overflow-wrap: break-word; }
h1 { font-size: 1.7rem; line-height: 1.25; margin: 0 0 1rem; }
h2 { font-size: 1.3rem; margin: 2rem 0 .6rem; }
h3, h4, h5, h6 { font-size: 1.08rem; margin: 1.6rem 0 .5rem; }
p, ul, ol, blockquote, pre, table, .formula { margin: 0 0 1rem; }
p, li, h1, h2, h3, h4, h5, h6, th, td { unicode-bidi: plaintext; text-align: start; }
li > p { margin-bottom: .3rem; }
.task { list-style: none; margin-left: -1.2rem; }
a { color: #2c5c8c; }
img { display: block; max-width: 100%; height: auto; margin: .4rem 0 1rem; }
td img, th img { margin: 0; }
code, pre { font-family: "JetBrains Mono", Consolas, Menlo, monospace; font-size: .88em; background: #f3f1ec; }
code { padding: .1em .3em; border-radius: 4px; }
pre { padding: .8rem 1rem; border-radius: 8px; overflow-x: auto; white-space: pre-wrap; }
pre code { padding: 0; background: none; }
blockquote { padding-left: 1rem; border-left: 3px solid #e0dbd2; color: #6a655d; }
mark { background: #fce9b0; color: inherit; padding: 0 .1em; border-radius: 3px; }
details.callout { margin: 0 0 1rem; padding-left: 1rem; border-left: 3px solid; }
.callout { border-color: #2c5c8c; color: inherit; }
.callout.good { border-color: #28714a; }
.callout.caution { border-color: #8f5a00; }
.callout.quiet { border-color: #6a655d; }
.callout-title { font-weight: 600; margin-bottom: .3rem; }
summary.callout-title { cursor: pointer; }
article + article { margin-top: 4rem; }
table { border-collapse: collapse; }
th, td { border: 1px solid #e0dbd2; padding: .35rem .7rem; }
th { background: #f3f1ec; }
hr { border: 0; border-top: 1px solid #e0dbd2; margin: 2rem 0; }
.formula { text-align: center; overflow-x: auto; }
.f { display: inline-block; }
.f svg { display: block; width: 100%; height: 100%; }
.file { background: #e2ecf6; border-radius: 4px; padding: .1em .4em; text-decoration: none; }
.missing, .footnote { color: #6a655d; }
.footnote { font-size: .88em; }
.footnote p { display: inline; }
@media (prefers-color-scheme: dark) and (not print) {
  body { background: #18191c; color: #e9e6e0; }
  a { color: #8cb6ea; }
  code, pre, th { background: #202125; }
  blockquote, th, td, hr { border-color: #303238; }
  blockquote, .missing, .footnote { color: #a19c93; }
  .file { background: #22303f; }
  mark { background: #3f3412; }
  .callout { border-color: #8cb6ea; color: inherit; }
  .callout.good { border-color: #6cc592; }
  .callout.caution { border-color: #e0ae5a; }
}
@page { margin: 20mm 18mm; }
@media print {
  body { padding: 0; font-size: 11pt; }
  main { max-width: none; }
  article + article { margin-top: 0; break-before: page; }
  h1, h2, h3, h4 { break-after: avoid; }
  img, pre, table, blockquote { break-inside: avoid; }
  a[href^="http"]::after { content: " (" attr(href) ")"; font-size: .85em; color: #6a655d; }
}"""

Typeset = Callable[[Formula], FormulaPicture | None]
Read = Callable[[StoredFile], bytes]


class HtmlPage(msgspec.Struct, frozen=True):
    """The page, what stands in its body, the files that are in it, and the names of those that could not be read."""

    text: str
    body: str
    enclosed: Sequence[StoredFile]
    missing: Sequence[str]


def html_page(
    title: str,
    notes: Iterable[tuple[Note, Mapping[str, StoredFile]]],
    read: Read,
    typeset: Typeset,
    *,
    keeps_lines: bool = False,
) -> HtmlPage:
    """Notes on one page, one below the other, each on a new sheet where it is printed.

    Args:
        notes: each with what the names in its text mean.
        read: gives a file's bytes; raises AttachmentMissingError.
        keeps_lines: lines end where they do in the text; else the browser fills paragraphs.
    """
    renderer = _Renderer(read, typeset, keeps_lines=keeps_lines)
    body = "".join(f"<article>\n{renderer.article(note, files)}</article>\n" for note, files in notes)
    page = _PAGE.format(title=escape(title or "Note"), style=_STYLE, body=body)
    return HtmlPage(page, body, list(renderer.enclosed.values()), renderer.missing)


class _Renderer(RendererHTML):
    """Each public method renders the tokens of its name; markdown-it's own renders the others, escaped."""

    def __init__(self, read: Read, typeset: Typeset, *, keeps_lines: bool) -> None:
        super().__init__()
        self._keeps_lines = keeps_lines
        self._last_picture: Token | None = None
        self._files: Mapping[str, StoredFile] = {}
        self._folds: list[bool] = []
        self._read = read
        self._typeset = typeset
        self._open_links: list[str] = []
        self.enclosed: dict[str, StoredFile] = {}
        self.missing: list[str] = []
        # The base class took every public attribute for a rule when there were none of these yet.
        self.rules = {name: rule for name, rule in self.rules.items() if name not in ("article", "enclosed", "missing")}

    def article(self, note: Note, files: Mapping[str, StoredFile]) -> str:
        """A note with its title over it, unless its first heading says that."""
        self._files = files
        tokens = note_tokens(note)
        _mark_tasks(tokens)
        title = title_to_show(note)
        heading = f"<h1>{escape(title)}</h1>\n" if title else ""
        return heading + str(self.render(tokens, note_parser().options, {}))

    # Callouts -----------------------------------------------------------------------------------

    def blockquote_open(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        folds = tokens[idx].meta.get("folds", "")
        self._folds.append(bool(folds))
        shape = escape(str(tokens[idx].attrGet("class") or ""))
        if folds:
            return f'<details class="{shape}"{" open" if folds == "+" else ""}>\n'
        return f'<blockquote class="{shape}">\n' if shape else "<blockquote>\n"

    def blockquote_close(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        return "</details>\n" if self._folds.pop() else "</blockquote>\n"

    def paragraph_open(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        if tokens[idx].hidden:
            return str(self.renderToken(tokens, idx, options, env))
        if "callout" not in tokens[idx].meta:
            return "<p>"
        return '<summary class="callout-title">' if self._folds[-1] else '<p class="callout-title">'

    def paragraph_close(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        if tokens[idx].hidden:
            return str(self.renderToken(tokens, idx, options, env))
        return "</summary>\n" if "callout" in tokens[idx].meta and self._folds[-1] else "</p>\n"

    # Pictures, files and links ------------------------------------------------------------------

    def image(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        source = str(tokens[idx].attrGet("src") or "")
        words, width = words_and_width(tokens[idx].content, is_wiki=source.startswith(NOTE))
        target = unquote(source.removeprefix(NOTE)).partition("#")[0].strip()
        file = self._files.get(target) if is_local(target) else None
        if file is None:
            return _missing(words or target)
        data = self._bytes(file)
        if data is None:
            return _missing(file.name)
        if file.media_type not in _PICTURES:
            return self._enclosed(file, data, escape(words or file.name))
        self.enclosed[file.hash] = file
        self._last_picture = tokens[idx]
        size = f' width="{width}"' if width else ""
        return f'<img src="{_data_uri(file, data)}" alt="{escape(words)}"{size}>'

    def link_open(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        target = str(tokens[idx].attrGet("href") or "")
        closing = ""
        opening = ""
        if SAFE_LINK.match(target):
            opening, closing = f'<a href="{escape(target)}" rel="noreferrer">', "</a>"
        elif (file := self._files.get(unquote(target).partition("#")[0])) is not None:
            data = self._bytes(file)
            if data is not None and len(data) <= MOST_ENCLOSED:
                self.enclosed[file.hash] = file
                uri = _data_uri(file, data, as_download=True)
                opening, closing = f'<a href="{uri}" download="{escape(file.name)}">', "</a>"
        elif not target.startswith(NOTE):
            closing = f' <span class="missing">({escape(target)})</span>'
        self._open_links.append(closing)
        return opening

    def link_close(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        return self._open_links.pop() if self._open_links else ""

    def _bytes(self, file: StoredFile) -> bytes | None:
        try:
            return self._read(file)
        except AttachmentMissingError:
            if file.name not in self.missing:
                self.missing.append(file.name)
            return None

    def _enclosed(self, file: StoredFile, data: bytes, words: str) -> str:
        if len(data) > MOST_ENCLOSED:
            return f'<span class="file">{words}</span>'
        self.enclosed[file.hash] = file
        uri = _data_uri(file, data, as_download=True)
        return f'<a class="file" href="{uri}" download="{escape(file.name)}">{words}</a>'

    # Lines, formulas and code -------------------------------------------------------------------

    def softbreak(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        before = tokens[idx - 1] if idx else None
        shows_nothing = before is None or before.type == "softbreak" or (before.type == "text" and not before.content)
        # A picture is a block: behind it a line ends by itself.
        ends_anyway = shows_nothing or before is self._last_picture
        return "<br>\n" if self._keeps_lines and not ends_anyway else "\n"

    def math_inline(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        return self._formula(tokens[idx], display=False)

    def math_inline_double(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        return self._formula(tokens[idx], display=True)

    def math_block(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        return f'<div class="formula">{self._formula(tokens[idx], display=True)}</div>\n'

    math_block_label = math_block
    amsmath = math_block

    def _formula(self, token: Token, *, display: bool) -> str:
        written = f"{token.markup}{token.content}{closing_of(token.markup)}"
        if token.markup == "$" and is_money(token.content):
            return escape(written)
        picture = self._typeset(Formula(token.content.strip("\n"), display))
        if picture is None:
            return f"<code>{escape(written)}</code>"
        height = picture.ascent + picture.descent
        shape = f"width:{picture.width:.3f}em;height:{height:.3f}em;vertical-align:{-picture.descent:.3f}em"
        svg = picture.svg.replace(COLOUR, "currentColor")
        label = escape(token.content.strip())
        return f'<span class="f" role="img" aria-label="{label}" style="{shape}">{svg}</span>'

    def fence(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        return f"<pre><code>{escape(tokens[idx].content, quote=False)}</code></pre>\n"

    # Footnotes ----------------------------------------------------------------------------------

    def footnote_ref(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        return f"<sup>{escape(str(tokens[idx].meta['label']))}</sup>"

    def footnote_reference_open(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        return f'<div class="footnote"><sup>{escape(str(tokens[idx].meta["label"]))}</sup> '

    def footnote_reference_close(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        return "</div>\n"


def _mark_tasks(tokens: Sequence[Token]) -> None:
    """A box in front of the words of a task."""
    for item, following in zip(tokens, tokens[2:], strict=False):
        children = following.children or []
        if item.type != "list_item_open" or following.type != "inline" or not children:
            continue
        if (found := TASK.match(children[0].content)) is not None:
            item.attrSet("class", "task")
            children[0].content = ("☐ " if found[1] == " " else "☑ ") + children[0].content[found.end() :]


def _missing(words: str) -> str:
    return f'<span class="missing">[{escape(words)}]</span>'


def _data_uri(file: StoredFile, data: bytes, *, as_download: bool = False) -> str:
    media_type = "application/octet-stream" if as_download else file.media_type
    return f"data:{media_type};base64,{base64.b64encode(data).decode('ascii')}"
