"""Small exports of other note programs, good and bad, written by hand."""

from __future__ import annotations

import io
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

PAGE = "0123456789abcdef0123456789abcdef"
OTHER_PAGE = "fedcba9876543210fedcba9876543210"
NOTEBOOK, INNER, NOTE, OTHER, TAG, TIE, PICTURE = (character * 32 for character in "1234567")


def joplin_item(title: str, body: str, kind: int, key: str, **properties: str) -> bytes:
    """One text of a Joplin archive."""
    written = {"id": key, **properties, "type_": str(kind)}
    lines = "\n".join(f"{name}: {value}" for name, value in written.items())
    head = "" if kind == 6 else f"{title}\n\n{body}\n\n" if body or kind == 1 else f"{title}\n\n"
    return f"{head}{lines}".encode()


def joplin_items(body: str = f"See [the other](:/{OTHER}) and ![pic](:/{PICTURE})") -> dict[str, bytes]:
    """An archive's members: two notes in two notebooks, a tag and a picture."""
    return {
        f"{NOTE}.md": joplin_item(
            "First",
            body,
            1,
            NOTE,
            parent_id=INNER,
            created_time="2020-01-02T03:04:05.678Z",
            updated_time="2021-01-02T03:04:05.000Z",
            source_url="https://example.org/a",
            markup_language="1",
        ),
        f"{OTHER}.md": joplin_item("Other", "<p>Old <b>page</b></p>", 1, OTHER, parent_id="", markup_language="2"),
        f"{NOTEBOOK}.md": joplin_item("Work", "", 2, NOTEBOOK, parent_id=""),
        f"{INNER}.md": joplin_item("A/B", "", 2, INNER, parent_id=NOTEBOOK),
        f"{TAG}.md": joplin_item("Big Tag", "", 5, TAG),
        f"{TIE}.md": joplin_item("", "", 6, TIE, note_id=NOTE, tag_id=TAG),
        f"{PICTURE}.md": joplin_item("pic.png", "", 4, PICTURE, mime="image/png"),
        f"resources/{PICTURE}.png": b"\x89PNG" * 10,
    }


def write_tar(path: Path, members: Mapping[str, bytes], *, form: int = tarfile.PAX_FORMAT) -> Path:
    """A tar file of ordinary files."""
    with tarfile.open(path, "w", format=form) as archive:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return path


def enex_note(title: str, content: str, more: str = "", *, created: str = "20200102T030405Z") -> str:
    """One note of an Evernote export."""
    inner = (
        '<?xml version="1.0" encoding="UTF-8" standalone="no"?>'
        '<!DOCTYPE en-note SYSTEM "http://xml.evernote.com/pub/enml2.dtd">'
        f"<en-note>{content}</en-note>"
    )
    return (
        f"<note><title>{title}</title><created>{created}</created>{more}<content><![CDATA[{inner}]]></content></note>"
    )


def write_enex(path: Path, *notes: str, prolog: str = "") -> Path:
    """An Evernote export."""
    doctype = prolog or '<!DOCTYPE en-export SYSTEM "http://xml.evernote.com/pub/evernote-export4.dtd">'
    path.write_text(
        f'<?xml version="1.0" encoding="UTF-8"?>{doctype}<en-export version="10">{"".join(notes)}</en-export>',
        encoding="utf-8",
    )
    return path


def write_zip(path: Path, members: Mapping[str, bytes | str]) -> Path:
    """A zip file."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


def notion_members() -> dict[str, bytes | str]:
    """An export of Notion: a page in a page, a table with a row, a picture."""
    return {
        f"Home {PAGE}.md": (
            "# Home: the long title\n\nTags: Red, blue\nCreated: January 2, 2020 3:04 PM\nURL: https://example.org/b\n\n"
            f"See [Sub](Home%20{PAGE}/Sub%20(x)%20{OTHER_PAGE}.md), [web](https://example.org/{PAGE}) "
            f"and ![p](Home%20{PAGE}/p.png)\n"
        ),
        f"Home {PAGE}/Sub (x) {OTHER_PAGE}.md": f"# Sub (x)\n\nBack to [up](../Home%20{PAGE}.md)\n",
        f"Home {PAGE}/p.png": b"\x89PNG",
        f"Home {PAGE}/Table {'a' * 32}.csv": "Name\nx\n",
        f"Home {PAGE}/Table {'a' * 32}_all.csv": '\ufeffName,Status\n"a, b",Done\nc|d,\n',
    }


def write_epub(path: Path, chapters: Mapping[str, str], *, more: Mapping[str, bytes | str] | None = None) -> Path:
    """A book of those chapters, bodies of pages by their names, in that order."""
    items = "".join(
        f'<item id="c{number}" href="{name}" media-type="application/xhtml+xml"/>'
        for number, name in enumerate(chapters)
    )
    spine = "".join(f'<itemref idref="c{number}"/>' for number in range(len(chapters)))
    package = (
        '<package xmlns="http://www.idpf.org/2007/opf" xmlns:dc="http://purl.org/dc/elements/1.1/"><metadata>'
        "<dc:title>The Book</dc:title><dc:creator>Ann Author</dc:creator><dc:subject>Bees</dc:subject></metadata>"
        f'<manifest>{items}<item id="p" href="p.png" media-type="image/png"/></manifest>'
        f"<spine>{spine}</spine></package>"
    )
    pages = {
        f"OPS/{name}": '<?xml version="1.0"?><!DOCTYPE html><html xmlns="http://www.w3.org/1999/xhtml">'
        f"<head><title>x</title></head><body>{body}</body></html>"
        for name, body in chapters.items()
    }
    return write_zip(
        path,
        {
            "mimetype": "application/epub+zip",
            "META-INF/container.xml": '<container><rootfile full-path="OPS/book.opf"/></container>',
            "OPS/book.opf": package,
            **pages,
            **(more or {}),
        },
    )
