"""A web page or a chapter of a book: its encoding, its text as Markdown, and what it says of itself."""

from __future__ import annotations

import codecs
import re
from collections.abc import Mapping
from datetime import datetime

import msgspec

from desktop_app.domain.notion_pages import known_properties
from desktop_app.domain.text_decoding import decode_text
from desktop_app.workers.import_worker.data_pictures import DataPictures
from desktop_app.workers.import_worker.found_note import matter_line, moment
from desktop_app.workers.import_worker.html_footnotes import Footnotes
from desktop_app.workers.import_worker.html_inline import LinkWriter, plain_link
from desktop_app.workers.import_worker.html_markdown import HtmlMarkdown

_DECLARED = re.compile(
    rb"""<meta[^>]{0,200}?charset\s*=\s*["']?([\w:.-]{2,30})|<\?xml[^>]{0,100}?encoding\s*=\s*["']([\w:.-]{2,30})""",
    re.IGNORECASE,
)
_LOOKED_AT = 4_096
_MARKS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
# As browsers read them: names that older programs wrote for more than they mean.
_MEANT = {"ascii": "cp1252", "iso8859-1": "cp1252", "gb2312": "gb18030", "gbk": "gb18030", "shift_jis": "cp932"}
_SAVED_FROM = re.compile(r"<!-- saved from url=\(\d+\)(\S+) -->")
_CREATED = ("article:published_time", "date", "created", "dcterms.created", "dc.date")
_EDITED = ("article:modified_time", "last-modified", "modified", "updated", "dcterms.modified")


class Page(msgspec.Struct, frozen=True):
    """What a page holds. `pictures` counts those that lay beside or in it, `embedded` are those in it by their names in
    the text; `remark` says how its letters were guessed.
    """

    title: str
    text: str
    tags: tuple[str, ...]
    front_matter: str
    created: datetime | None
    edited: datetime | None
    pictures: int
    remark: str
    embedded: Mapping[str, bytes]


def read_page(
    data: bytes, link: LinkWriter = plain_link, *, keeps_pictures: bool = False, footnotes: Footnotes | None = None
) -> Page | None:
    """The page; None where the bytes are no text. With `keeps_pictures` those that stand in it are given, too; the
    pages of a book share their `footnotes`.
    """
    decoded = _decoded(data)
    if decoded is None:
        return None
    text, remark = decoded
    pictures = DataPictures()
    converter = HtmlMarkdown(link, pictures if keeps_pictures else None, footnotes=footnotes)
    converter.feed(text)
    converter.close()
    meta = converter.meta
    saved = _SAVED_FROM.search(text[:_LOOKED_AT])
    own = known_properties(converter.properties)
    source = meta.get("canonical") or meta.get("og:url") or (saved[1] if saved else "") or own.source
    keywords = tuple(part.strip() for part in meta.get("keywords", "").split(",") if part.strip())
    return Page(
        title=converter.title or converter.heading,
        text=converter.text,
        tags=(*own.tags, *keywords)[:50],
        front_matter=matter_line("source", source if source.startswith(("http://", "https://")) else "")
        + matter_line("author", meta.get("author", "")),
        created=_first_moment(meta, _CREATED) or own.created,
        edited=_first_moment(meta, _EDITED) or own.edited,
        pictures=converter.pictures,
        remark=remark,
        embedded=pictures.found,
    )


def _first_moment(meta: dict[str, str], names: tuple[str, ...]) -> datetime | None:
    return next((found for name in names if (found := moment(meta.get(name, ""))) is not None), None)


def _decoded(data: bytes) -> tuple[str, str] | None:
    found = None if data.startswith(_MARKS) else _DECLARED.search(data[:_LOOKED_AT])
    if found is not None and (encoding := _encoding((found[1] or found[2]).decode("ascii"))):
        try:
            return data.decode(encoding), ""
        except UnicodeDecodeError:
            pass  # it is not what it says
    decoded = decode_text(data)
    return None if decoded is None else (decoded.text, decoded.remark)


def _encoding(name: str) -> str:
    """Python's name of a declared encoding; "" for none that a page could be in if its declaration could be read."""
    try:
        known = codecs.lookup(name).name
        "a".encode(known)  # some names are not of encodings of texts
    except (LookupError, UnicodeError, TypeError):
        return ""
    return "" if known.startswith(("utf-16", "utf-32", "utf-7")) else _MEANT.get(known, known)
