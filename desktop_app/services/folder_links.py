"""Links between the files of an unpacked export, converted as those of its archive."""

from __future__ import annotations

import html
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from desktop_app.domain.note_text import read_text
from desktop_app.domain.notion_names import name_and_id
from desktop_app.domain.notion_pages import without_boxes
from desktop_app.domain.page_links import linked_by_ids, linked_by_paths
from desktop_app.domain.snippets import first_heading
from desktop_app.domain.text_decoding import decode_text
from desktop_app.domain.wiki_links import can_be_linked
from desktop_app.services.import_files import FoundFile

_HEAD = 64 * 1024
_JOPLIN_FILES = "_resources"
"""What Joplin's Markdown export has at its top, and no vault of another program."""
_PAGES = frozenset({".html", ".htm", ".xhtml"})
_PAGE_TITLE = re.compile(r"<title[^<>]*>([^<>]{1,2000})</title>", re.IGNORECASE)


class FolderLinks:
    """Knows which of the files of one import are pages of Notion (their names end in ids), which are of Joplin's
    Markdown export, and which are pages in HTML. Links of other folders stay as they are.
    """

    def __init__(self, found: Iterable[FoundFile]) -> None:
        self._pages: dict[str, FoundFile] = {}
        self._by_path: dict[Path, FoundFile] = {}
        roots: dict[Path, bool] = {}
        for file in found:
            if page_id := _page_id(file):
                self._pages.setdefault(page_id, file)
            if (root := file.root) is not None and not file.is_foreign:
                if root not in roots:
                    roots[root] = (root / _JOPLIN_FILES).is_dir()
                if roots[root]:
                    self._by_path[file.path] = file
            elif root is not None and file.path.suffix.lower() in _PAGES:
                self._by_path[file.path] = file
        self._titles: dict[Path, str] = {}

    def converted(self, file: FoundFile, text: str) -> str:
        """The file's text with links between notes."""
        if _page_id(file):
            text = linked_by_ids(text if file.is_foreign else without_boxes(text), _Titles(self))
        if file.path in self._by_path:
            return linked_by_paths(text, lambda target: self._title_at(file.path.parent, target))
        return text

    def page_name(self, page_id: str) -> str:
        """How a link names a page of Notion; "" where it is not among the files."""
        file = self._pages.get(page_id)
        return "" if file is None else self._link_name(file)

    @property
    def page_ids(self) -> Iterable[str]:
        """The ids of all pages."""
        return self._pages

    def _title_at(self, folder: Path, target: str) -> str:
        file = self._by_path.get(Path(os.path.normpath(folder / target)))
        return "" if file is None else self._link_name(file)

    def _link_name(self, file: FoundFile) -> str:
        """The note's title, or the name of its file where no link can say the title; "" where it can say neither."""
        names = (self._title(file), file.path.stem)
        return next((name for name in names if can_be_linked(name)), "")

    def _title(self, file: FoundFile) -> str:
        """A note's title before the note is read: names of files are shortened, headings are not."""
        if file.path not in self._titles:
            self._titles[file.path] = _title(file)
        return self._titles[file.path]


class _Titles(Mapping[str, str]):
    """Titles by page ids, read when they are asked for."""

    def __init__(self, links: FolderLinks) -> None:
        self._links = links

    def __getitem__(self, page_id: str) -> str:
        if name := self._links.page_name(page_id):
            return name
        raise KeyError(page_id)

    def __iter__(self) -> Iterator[str]:
        return iter(self._links.page_ids)

    def __len__(self) -> int:
        return sum(1 for _ in self._links.page_ids)


def _page_id(file: FoundFile) -> str:
    return name_and_id(file.path.stem)[1]


def _title(file: FoundFile) -> str:
    name, page_id = name_and_id(file.path.stem)
    try:
        with open(file.path, "rb") as source:
            decoded = decode_text(source.read(_HEAD))
    except OSError:
        return name
    if decoded is None:
        return name
    if file.is_foreign:
        found = _PAGE_TITLE.search(decoded.text) if file.path.suffix.lower() in _PAGES else None
        return " ".join(html.unescape(found[1]).split()) or name if found is not None else name
    if page_id:
        line = decoded.text.split("\n", 1)[0]
        return (first_heading(line) if line.startswith("# ") else "") or name
    return read_text(decoded.text).title or name
