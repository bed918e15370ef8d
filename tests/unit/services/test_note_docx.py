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
        return DrawnPicture(PNG + b"x", 2.0, 1.0, 0.2) if draws else None

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


def _paragraphs(text: str) -> list[ElementTree.Element]:
    return list(_body(_made(_note(f"# Ink\n\n{text}"))).iter(f"{W}p"))[1:]


def _said(paragraph: ElementTree.Element) -> str:
    return "".join(one.text or "" for one in paragraph.iter(f"{W}t"))


def _list_of(paragraph: ElementTree.Element) -> str | None:
    return next((one.get(f"{W}val") for one in paragraph.iter(f"{W}numId")), None)


def test_an_item_without_words_counts_and_one_that_begins_with_code_or_a_heading_has_its_number() -> None:
    empty = _paragraphs("1. one\n2.\n3. three")
    assert [(_said(one), _list_of(one)) for one in empty] == [("one", "2"), ("", "2"), ("three", "2")]
    code = _paragraphs("1. ```\n   code\n   ```\n2. two\n\nbelow")
    assert [(_said(one), _list_of(one)) for one in code if _said(one) or _list_of(one)] == [
        ("", "2"),
        ("code", None),
        ("two", "2"),
        ("below", None),
    ]
    assert [_list_of(one) for one in _paragraphs("- # head\n\n  words")] == ["1", None]


def test_lists_count_from_nought_and_where_word_cannot_count_so_far_numbers_are_written() -> None:
    made = _made(_note("0. nought\n1. one"))
    numbering = ElementTree.fromstring(made.read("word/numbering.xml"))
    assert next(numbering.iter(f"{W}startOverride")).get(f"{W}val") == "0"
    days = _paragraphs("20261127. Friday\n20261128. Saturday")
    assert [(_said(one), _list_of(one)) for one in days] == [
        ("20261127. Friday", None),
        ("20261128. Saturday", None),
    ]


def test_a_footnote_that_is_named_again_is_there_once() -> None:
    made = _made(_note("a[^1] b[^1] c[^1]\n\n[^1]: long"), _note("d[^1]\n\n[^1]: other", "Two", 2))
    body = _body(made)
    assert [one.get(f"{W}id") for one in body.iter(f"{W}footnoteReference")] == ["1", "2"]
    fields = [(one.text or "").split() for one in body.iter(f"{W}instrText")]
    assert [field[:2] for field in fields] == [["NOTEREF", "_Note1"]] * 2
    assert "_Note1" in {one.get(f"{W}name") for one in body.iter(f"{W}bookmarkStart")}
    assert made.read("word/footnotes.xml").count(b"long") == 1


def test_words_from_right_to_left_begin_at_the_right() -> None:
    hebrew, english, cell = _paragraphs("**שלום** (a) 123.\n\nIn English: שלום\n\n| שלום |\n|--:|\n")[:3]
    assert hebrew.find(f"{W}pPr/{W}bidi") is not None
    assert english.find(f"{W}pPr/{W}bidi") is None
    assert [run.find(f"{W}rPr/{W}rtl") is not None for run in hebrew.iter(f"{W}r")] == [True, False]
    shape = cell.find(f"{W}pPr")
    assert shape is not None
    assert [one.tag.removeprefix(W) for one in shape] == ["pStyle", "bidi", "spacing", "jc"]
    assert shape[-1].get(f"{W}val") == "left"


def test_what_would_make_word_refuse_a_file_is_not_in_it() -> None:
    far = "https://example.org/" + "a" * 3_000
    pictures = DocxPictures(_drawn, lambda _formula: None)
    data = notes_docx("T\x01\ud800itle", [(_note(f"[far]({far}) [near](https://example.org)"), {})], pictures)
    made = zipfile.ZipFile(io.BytesIO(data))
    _body(made)
    assert b">Title<" in made.read("docProps/core.xml")
    relations = made.read("word/_rels/document.xml.rels")
    assert b"aaaa" not in relations
    assert b"https://example.org" in relations
    assert b'w:val="15"' in made.read("word/settings.xml")


def test_a_picture_that_is_shown_again_is_in_the_file_once() -> None:
    stored = StoredFile("hash", "a.png", "image/png", 8)
    made = _made(_note("![[a.png]] ![[a.png|20]]"), _note("![[a.png]]", "Two", 2), files={"a.png": stored})
    assert [name for name in made.namelist() if "media" in name] == ["word/media/picture1.png"]
    numbers = [one.get("id") for one in _body(made).iter() if one.tag.endswith("}docPr")]
    assert numbers == ["1", "2", "3"]
