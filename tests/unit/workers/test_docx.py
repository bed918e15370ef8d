"""DOCX files: what a person sees in a paragraph comes in as Markdown, and nothing that Markdown would misread."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from desktop_app.domain.foreign_notes import ForeignNote
from desktop_app.workers.import_worker.attached import Attachments
from desktop_app.workers.import_worker.note_reading import read_notes
from tests.fakes.office_files import WORD, paragraph, part, write_docx

_MATH = 'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"'
_RELATIONS = (
    b'<Relationships xmlns:r="r"><Relationship Id="r1" Type="http://x/hyperlink" Target="https://example.org/a_(b)" '
    b'TargetMode="External"/><Relationship Id="r2" Type="http://x/hyperlink" Target="file:///etc/passwd" '
    b'TargetMode="External"/><Relationship Id="p1" Type="http://x/image" Target="media/a.png"/></Relationships>'
)
_STYLES = part(
    "styles",
    '<w:style w:type="paragraph" w:styleId="Zitat"><w:name w:val="Quote"/></w:style>'
    '<w:style w:type="paragraph" w:styleId="H1"><w:name w:val="heading 1"/></w:style>'
    '<w:style w:type="paragraph" w:styleId="Inh"><w:name w:val="toc 1"/></w:style>'
    '<w:style w:type="paragraph" w:styleId="Src"><w:name w:val="Source Code"/></w:style>'
    '<w:style w:type="paragraph" w:styleId="B1"><w:name w:val="List Bullet"/><w:pPr><w:numPr><w:numId w:val="1"/>'
    "</w:numPr></w:pPr></w:style>"
    '<w:style w:type="paragraph" w:styleId="B2"><w:name w:val="List Bullet 2"/><w:pPr><w:numPr><w:numId w:val="1"/>'
    "</w:numPr></w:pPr></w:style>"
    '<w:style w:type="character" w:styleId="Fett"><w:name w:val="Strong"/><w:rPr><w:b/></w:rPr></w:style>'
    '<w:style w:type="character" w:styleId="Verb"><w:name w:val="Verbatim Char"/></w:style>',
)


def run(text: str, *marks: str) -> str:
    """Letters with marks, such as "b", or any element of their properties."""
    inside = "".join(mark if mark.startswith("<") else f"<w:{mark}/>" for mark in marks)
    return f'<w:r><w:rPr>{inside}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


def line(*runs: str, properties: str = "") -> str:
    return f"<w:p><w:pPr>{properties}</w:pPr>{''.join(runs)}</w:p>"


def item(text: str, list_id: int, level: int = 0) -> str:
    return line(run(text), properties=f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{list_id}"/></w:numPr>')


def read(tmp_path: Path, *body: str, **more: bytes) -> str:
    parts = {"word/styles.xml": _STYLES, "word/_rels/document.xml.rels": _RELATIONS}
    parts |= {f"word/{name}.xml": data for name, data in more.items()}
    path = write_docx(tmp_path / "d.docx", "".join(body), more=parts)
    (note,) = read_notes(path, Attachments(), lambda done, total: None)
    assert isinstance(note, ForeignNote)
    return note.text


@pytest.mark.parametrize(
    ("runs", "written"),
    [
        ([run("a "), run("bold", "b"), run(" and "), run("both", "b", "i")], "a **bold** and ***both***"),
        ([run("one ", "b"), run("two", "b", "i")], "**one *two***"),
        ([run("off", '<w:b w:val="0"/>'), run(" gone", "strike")], "off ~~gone~~"),
        ([run(" round ", "b"), run("it")], "**round** it"),
        ([run("Note:", "b"), run("at once")], "**Note**:at once"),
        ([run("a"), run("(b)", "b")], "a(**b)**"),
        ([run("H"), run("2", '<w:vertAlign w:val="subscript"/>'), run("O")], "H₂O"),
        ([run("styled", '<w:rStyle w:val="Fett"/>')], "**styled**"),
        ([run("a*b", '<w:rStyle w:val="Verb"/>'), run(" a*b*c")], "`a*b` a\\*b\\*c"),
        ([run("1. typed")], "1\\. typed"),
        ([run("one"), "<w:r><w:br/></w:r>", run("two")], "one\\\ntwo"),
    ],
)
def test_letters_keep_their_marks(tmp_path: Path, runs: list[str], written: str) -> None:
    assert read(tmp_path, line(*runs)).strip() == written


def test_the_marks_of_a_paragraph_sign_are_not_those_of_its_words(tmp_path: Path) -> None:
    assert read(tmp_path, line("<w:r><w:t>plain</w:t></w:r>", properties="<w:rPr><w:b/></w:rPr>")) == "plain\n\n"


def test_links_lead_where_they_led(tmp_path: Path) -> None:
    field = "".join(
        f"<w:r>{inside}</w:r>"
        for inside in (
            '<w:fldChar w:fldCharType="begin"/>',
            '<w:instrText> HYPERLINK "https://example.org/x" \\h</w:instrText>',
            '<w:fldChar w:fldCharType="separate"/>',
            "<w:t>the field</w:t>",
            '<w:fldChar w:fldCharType="end"/>',
        )
    )
    found = read(
        tmp_path,
        line(run("See "), f'<w:hyperlink w:id="r1">{run("this ")}{run("page", "b")}</w:hyperlink>', run(".")),
        line(f'<w:hyperlink w:id="r2">{run("a file")}</w:hyperlink>', field, run(" behind")),
        line(f'<w:hyperlink w:anchor="_Toc1">{run("inside")}</w:hyperlink>'),
    )
    assert found == (
        "See [this **page**](<https://example.org/a_(b)>).\n\na file[the field](https://example.org/x) behind\n\n"
        "inside\n\n"
    )


def test_quotes_code_and_the_table_of_contents(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        paragraph("Introduction 3", style="Inh"),
        line(run("Bold head", "b"), properties='<w:pStyle w:val="H1"/>'),
        paragraph("one", style="Zitat"),
        paragraph("two", style="Zitat"),
        paragraph("def f():", style="Src"),
        paragraph("    return `*`", style="Src"),
        paragraph("behind"),
    )
    assert found == "# Bold head\n\n> one\n>\n> two\n\n```\ndef f():\n    return `*`\n```\n\nbehind\n\n"


def test_items_stand_below_the_words_of_the_item_they_are_in(tmp_path: Path) -> None:
    numbering = part(
        "numbering",
        '<w:abstractNum w:abstractNumId="0"><w:lvl w:ilvl="0"><w:start w:val="9"/><w:numFmt w:val="decimal"/></w:lvl>'
        '<w:lvl w:ilvl="1"><w:numFmt w:val="bullet"/></w:lvl></w:abstractNum>'
        '<w:abstractNum w:abstractNumId="1"><w:lvl w:ilvl="0"><w:numFmt w:val="bullet"/><w:lvlText w:val=" "/></w:lvl>'
        "</w:abstractNum>"
        '<w:num w:numId="2"><w:abstractNumId w:val="0"/></w:num><w:num w:numId="3"><w:abstractNumId w:val="1"/></w:num>'
        '<w:num w:numId="4"><w:abstractNumId w:val="0"/><w:lvlOverride w:ilvl="0"><w:lvl w:ilvl="0">'
        '<w:numFmt w:val="bullet"/></w:lvl></w:lvlOverride></w:num>',
    )
    found = read(
        tmp_path,
        *(item("nine", 2), item("ten", 2), item("deep", 2, 1), item("goes on", 3), item("eleven", 2), item("other", 4)),
        *(paragraph("one", style="B1"), paragraph("in it", style="B2"), paragraph("☐ open"), paragraph("☒ done")),
        numbering=numbering,
    )
    assert found == (
        "9. nine\n10. ten\n    - deep\n\n    goes on\n11. eleven\n- other\n- one\n  - in it\n- [ ] open\n- [x] done\n\n"
    )


def test_numbers_begin_anew_below_each_bullet(tmp_path: Path) -> None:
    numbering = part(
        "numbering",
        '<w:abstractNum w:abstractNumId="0"><w:lvl w:ilvl="0"><w:numFmt w:val="bullet"/></w:lvl>'
        '<w:lvl w:ilvl="1"><w:numFmt w:val="decimal"/></w:lvl></w:abstractNum>'
        '<w:num w:numId="2"><w:abstractNumId w:val="0"/></w:num>',
    )
    items = (item("a", 2), item("x", 2, 1), item("y", 2, 1), item("b", 2), item("z", 2, 1))
    assert read(tmp_path, *items, numbering=numbering) == "- a\n  1. x\n  2. y\n- b\n  1. z\n\n"


def test_cells_over_several_columns_keep_the_others_in_their_place(tmp_path: Path) -> None:
    def cell(text: str, wide: str = "") -> str:
        return f"<w:tc><w:tcPr>{wide}</w:tcPr>{line(run(text, 'b'))}</w:tc>"

    wide = '<w:gridSpan w:val="2"/>'
    rows = f"<w:tr>{cell('a', wide)}{cell('b')}</w:tr><w:tr>{cell('c')}{cell('d')}{cell('e')}{cell('f')}</w:tr>"
    assert read(tmp_path, f"<w:tbl>{rows}</w:tbl>") == (
        "| **a** |  | **b** |  |\n|---|---|---|---|\n| **c** | **d** | **e** | **f** |\n\n"
    )


def m(name: str, *inside: str) -> str:
    return f"<m:{name}>{''.join(inside)}</m:{name}>"


def letters(text: str, properties: str = "") -> str:
    return m("r", m("rPr", properties) if properties else "", m("t", text))


X, Y = letters("x"), letters("y")


@pytest.mark.parametrize(
    ("formula", "latex"),
    [
        (m("f", m("num", X), m("den", Y)), r"\frac{x}{y}"),
        (m("sSup", m("e", X), m("sup", Y)), "{x}^{y}"),
        (m("sSubSup", m("e", X), m("sub", Y), m("sup", X)), "{x}_{y}^{x}"),
        (m("rad", m("radPr", '<m:degHide m:val="1"/>'), m("deg", Y), m("e", X)), r"\sqrt{x}"),
        (m("rad", m("deg", Y), m("e", X)), r"\sqrt[y]{x}"),
        (m("nary", m("naryPr", '<m:chr m:val="∑"/>'), m("sub", X), m("sup"), m("e", Y)), r"\sum_{x} y"),
        (m("d", m("dPr", '<m:begChr m:val="{"/><m:endChr m:val=""/>'), m("e", X)), r"\left\{ x \right."),
        (m("func", m("fName", letters("sin", '<m:sty m:val="p"/>')), m("e", X)), r"\sin {x}"),
        (m("limLow", m("e", letters("lim")), m("lim", X)), r"\lim_{x}"),
        (m("acc", m("accPr", '<m:chr m:val="\u20d7"/>'), m("e", X)), r"\vec{x}"),
        (
            m("m", m("mr", m("e", X), m("e", Y)), m("mr", m("e", Y), m("e", X))),
            r"\begin{matrix} x & y \\ y & x \end{matrix}",
        ),
        (letters("50%", "<m:nor/>"), r"\text{50\%}"),
        ("<m:x>" * 500 + X + "</m:x>" * 500, ""),
    ],
)
def test_formulas_come_in_as_latex(tmp_path: Path, formula: str, latex: str) -> None:
    math = f"<m:oMath {_MATH}>{formula}</m:oMath>"
    inside = f"${latex}$" if latex else "x"
    assert read(tmp_path, line(run("a "), math, run(" b"))).strip() == f"a {inside} b"
    alone = line(f"<m:oMathPara {_MATH}>{math}</m:oMathPara>")
    assert read(tmp_path, alone, line(run("b"))) == (f"$$\n{latex}\n$$\n\nb\n\n" if latex else "x\n\nb\n\n")


def test_what_a_document_says_of_itself(tmp_path: Path) -> None:
    core = part(
        "core", "<creator>Ann  Author</creator><keywords>bees; old ink,</keywords><created>2020-01-02T03:04:05Z"
    )
    core = core.replace(b"</w:core>", b"</created><modified>2021-02-03T04:05:06Z</modified></w:core>")
    cut = write_docx(tmp_path / "cut.docx", line(run("words")), more={"docProps/core.xml": core[:-5]})
    (whole,) = read_notes(cut, Attachments(), lambda done, total: None)
    path = write_docx(tmp_path / "d.docx", line(run("words")), more={"docProps/core.xml": core})
    (note,) = read_notes(path, Attachments(), lambda done, total: None)
    assert isinstance(note, ForeignNote)
    assert isinstance(whole, ForeignNote)
    assert whole.text == note.text
    assert (note.tags, note.front_matter) == (("bees", "old ink"), "author: Ann Author\n")
    assert (note.created, note.edited) == (
        datetime(2020, 1, 2, 3, 4, 5, tzinfo=UTC),
        datetime(2021, 2, 3, 4, 5, 6, tzinfo=UTC),
    )


@pytest.mark.parametrize("target", [b"media/a.png", b"/word/media/a.png"])
def test_a_picture_keeps_its_words(tmp_path: Path, target: bytes) -> None:
    drawing = (
        f'<w:r><w:drawing xmlns:w="{WORD}"><w:docPr w:descr="A [red] barn"/><w:blip w:embed="p1"/></w:drawing></w:r>'
    )
    relations = _RELATIONS.replace(b"media/a.png", target)
    parts = {"word/_rels/document.xml.rels": relations, "word/media/a.png": b"\x89PNG"}
    path = write_docx(tmp_path / "d.docx", line(drawing) + line(run("words")), more=parts)
    sent: list[str] = []
    attachments = Attachments(lambda key, name, chunks: sent.append(name))
    (note,) = read_notes(path, attachments, lambda done, total: None)
    assert isinstance(note, ForeignNote)
    assert (note.text, sent) == ("![A (red) barn](a.png)\n\nwords\n\n", ["a.png"])


def test_comments_become_notes_that_say_whose_they_are(tmp_path: Path) -> None:
    comments = part(
        "comments",
        f'<w:comment w:id="0" w:author="Ada *L*" w:date="2026-11-27T10:00:00Z">{paragraph("Too bold?")}'
        f'{paragraph("See page 3.")}</w:comment><w:comment w:id="1">{paragraph("Who says so")}</w:comment>'
        f'<w:comment w:id="2" w:author="Never">{paragraph("named nowhere")}</w:comment>',
    )
    text = read(
        tmp_path,
        line(
            '<w:commentRangeStart w:id="0"/>',
            run("a claim"),
            '<w:commentRangeEnd w:id="0"/><w:r><w:commentReference w:id="0"/></w:r>',
            run(" and more"),
            '<w:r><w:commentReference w:id="1"/></w:r>',
        ),
        comments=comments,
    )
    assert text.startswith("a claim[^1] and more[^2]\n")
    assert "[^1]: Comment by Ada \\*L\\*: Too bold?\n" in text
    assert "    See page 3." in text
    assert "[^2]: Comment: Who says so" in text
    assert "named nowhere" not in text
