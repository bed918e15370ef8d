"""Notes as a Word document: read back by the import, and well-formed whatever the note says."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree

from desktop_app.domain.formulas import Formula
from desktop_app.domain.note_attachments import StoredFile
from desktop_app.domain.notes import Note
from desktop_app.services.note_docx import DocxPictures, DrawnPicture, notes_docx
from desktop_app.workers.import_worker.docx import docx_text
from desktop_app.workers.import_worker.limits import TextBudget

NOW = datetime(2026, 11, 27, tzinfo=UTC)
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
PNG = b"\x89PNG\r\n\x1a\n"
TEXT = """# Ink

Some **bold**, *leaning*, ~~struck~~, ==marked== and `code` words,
[the web](https://example.org/?a=1&b=2) and [[Pen]].[^1]

## Lists

3. three
4. four
   - below
- [x] done
- [ ] open

> [!warning] Mind
> the gap

| what | how many |
|---|--:|
| galls[^b] | 2 |

```python
if a < b:
    pass
```

![[a.png|40]] ![gone](gone.png) and $x^2$

[^1]: Below, with [a link](https://example.org/note).
[^b]: Oak.
[^unused]: Never shown.
"""


def _note(text: str, title: str = "Ink", note_id: int = 1) -> Note:
    return Note(note_id, title, text, "", (), NOW, NOW)


def _drawn(_what: object) -> DrawnPicture:
    return DrawnPicture(PNG, 80, 40, 0.2)


def _made(*notes: Note, files: Mapping[str, StoredFile] | None = None, draws: bool = True) -> zipfile.ZipFile:
    def formula(_formula: Formula) -> DrawnPicture | None:
        return DrawnPicture(PNG, 2.0, 1.0, 0.2) if draws else None

    pictures = DocxPictures(_drawn, formula)
    data = notes_docx("Book", [(note, files or {}) for note in notes], pictures, keeps_lines=True)
    return zipfile.ZipFile(io.BytesIO(data))


def _body(made: zipfile.ZipFile) -> ElementTree.Element:
    for name in made.namelist():
        if name.endswith((".xml", ".rels")):
            ElementTree.fromstring(made.read(name))
    return ElementTree.fromstring(made.read("word/document.xml"))


def _read_back(made: zipfile.ZipFile, folder: Path) -> str:
    path = folder / "a.docx"
    assert made.fp is not None
    made.fp.seek(0)
    path.write_bytes(made.fp.read())
    return "".join(docx_text(path, TextBudget(1_000_000)))


def test_what_is_written_is_read_back_as_the_same_markdown(tmp_path: Path) -> None:
    stored = StoredFile("hash", "a.png", "image/png", 8)
    text = _read_back(_made(_note(TEXT), files={"a.png": stored}), tmp_path)
    for part in (
        "# Ink",
        "## Lists",
        "**bold**",
        "*leaning*",
        "~~struck~~",
        "`code`",
        "[the web](https://example.org/?a=1&b=2)",
        "3. three",
        "4. four",
        "- below",
        "[x] done",
        "[ ] open",
        "**Mind**",
        "| what | how many |",
        "if a < b:",
        "[gone]",
    ):
        assert part in text, part
    assert "Below, with [a link](https://example.org/note)." in text
    assert "Oak." in text
    assert "Never shown" not in text
    assert "Pen" in text
    assert "[[" not in text


def test_footnotes_lists_and_pictures_are_words_own() -> None:
    stored = StoredFile("hash", "a.png", "image/png", 8)
    made = _made(_note(TEXT), files={"a.png": stored})
    body = _body(made)
    assert [one.get(f"{W}id") for one in body.iter(f"{W}footnoteReference")] == ["1", "2"]
    assert {name for name in made.namelist() if "media" in name} == {
        "word/media/picture1.png",
        "word/media/picture2.png",
    }
    starts = [
        one.get(f"{W}val") for one in ElementTree.fromstring(made.read("word/numbering.xml")).iter(f"{W}startOverride")
    ]
    assert starts[0] == "3"
    assert len(list(body.iter(f"{W}tbl"))) == 1
    assert next(one.get("cx") for one in body.iter() if one.tag.endswith("}extent")) == str(40 * 9_525)


def test_each_note_begins_on_a_new_page_and_says_its_title() -> None:
    body = _body(_made(_note("words", "One"), _note("# Two\n\nmore", "Two", 2)))
    assert [one.get(f"{W}type") for one in body.iter(f"{W}br")] == ["page"]
    heads = [
        "".join(text.text or "" for text in paragraph.iter(f"{W}t"))
        for paragraph in body.iter(f"{W}p")
        for style in paragraph.iter(f"{W}pStyle")
        if style.get(f"{W}val") == "Heading1"
    ]
    assert heads == ["One", "Two"]


def test_a_footnote_that_names_itself_and_signs_that_xml_cannot_say_do_no_harm() -> None:
    text = 'a[^a] [^none] \x01\x0b\ud800 <w:p> & "q"\n\n[^a]: itself[^a] and [x](javascript:1)\n\n$bad$'
    body = _body(_made(_note(text), draws=False))
    said = "".join(one.text or "" for one in body.iter(f"{W}t"))
    assert '<w:p> & "q"' in said
    assert "[^none]" in said
    assert "$bad$" in said
    made = _made(_note(text))
    assert b"javascript" not in made.read("word/_rels/document.xml.rels")
