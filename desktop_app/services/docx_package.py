"""The file around a Word document: its parts, styles and lists, in a zip file that is the same for the same notes."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Sequence
from html import escape

import msgspec

UNSAYABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""XML has no room for these."""

_NS = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" '
    'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture"'
)
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_WHEN = (1980, 1, 1, 0, 0, 0)

_TYPES = """<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">\
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>\
<Default Extension="xml" ContentType="application/xml"/>\
<Default Extension="png" ContentType="image/png"/>\
<Override PartName="/word/document.xml" \
ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/>\
<Override PartName="/word/styles.xml" \
ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.styles+xml"/>\
<Override PartName="/word/numbering.xml" \
ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.numbering+xml"/>\
<Override PartName="/word/footnotes.xml" \
ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"/>\
<Override PartName="/word/settings.xml" \
ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.settings+xml"/>\
<Override PartName="/word/footer1.xml" \
ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.footer+xml"/>\
<Override PartName="/docProps/core.xml" \
ContentType="application/vnd.openxmlformats-package.core-properties+xml"/>\
</Types>"""
_RELS = f"""<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">\
<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="word/document.xml"/>\
<Relationship Id="rId2" \
Type="http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties" \
Target="docProps/core.xml"/></Relationships>"""
_FOOTER = f"""<w:ftr {_NS}><w:p><w:pPr><w:jc w:val="right"/></w:pPr>\
<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText xml:space="preserve"> PAGE </w:instrText></w:r>\
<w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:t>1</w:t></w:r>\
<w:r><w:fldChar w:fldCharType="end"/></w:r></w:p></w:ftr>"""
_SETTINGS = f"""<w:settings {_NS}><w:footnotePr><w:footnote w:id="-1"/><w:footnote w:id="0"/></w:footnotePr>\
<w:compat><w:compatSetting w:name="compatibilityMode" w:uri="http://schemas.microsoft.com/office/word" w:val="15"/>\
</w:compat></w:settings>"""
"""Without them Word shows the document as one of 2007, "[Compatibility Mode]"."""
_BULLETS = "•◦▪"


class DocxPart(msgspec.Struct, frozen=True):
    """A picture of the document: its name in the file, and its bytes (PNG)."""

    name: str
    data: bytes


class DocxContent(msgspec.Struct, frozen=True):
    """What a document says.

    Attributes:
        body: the XML of its paragraphs and tables.
        footnotes: the XML of each footnote's paragraphs; the first one has the number 1.
        links: addresses, by the ids that the body gives them.
        pictures: by the ids that the body gives them.
        numbered: where each numbered list begins to count; the first one has the number 2 among the lists.
    """

    title: str
    body: str
    footnotes: Sequence[str]
    links: dict[str, str]
    pictures: dict[str, DocxPart]
    numbered: Sequence[int]


def docx_bytes(content: DocxContent) -> bytes:
    """The file."""
    parts: list[tuple[str, bytes]] = [
        ("[Content_Types].xml", _xml(_TYPES)),
        ("_rels/.rels", _xml(_RELS)),
        ("docProps/core.xml", _xml(_core(content.title))),
        ("word/document.xml", _xml(_document(content.body))),
        ("word/_rels/document.xml.rels", _xml(_relations(content))),
        ("word/styles.xml", _xml(_styles())),
        ("word/settings.xml", _xml(_SETTINGS)),
        ("word/numbering.xml", _xml(_numbering(content.numbered))),
        ("word/footnotes.xml", _xml(_footnotes(content.footnotes))),
        ("word/_rels/footnotes.xml.rels", _xml(_relationships(_named(content)))),
        ("word/footer1.xml", _xml(_FOOTER)),
        *((f"word/media/{one.name}", one.data) for one in content.pictures.values()),
    ]
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in parts:
            file.writestr(zipfile.ZipInfo(name, _WHEN), data, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def _xml(text: str) -> bytes:
    return (_HEAD + text).encode("utf-8", "replace")


def _core(title: str) -> str:
    return (
        '<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f"<dc:title>{escape(UNSAYABLE.sub('', title))}</dc:title></cp:coreProperties>"
    )


def _document(body: str) -> str:
    # A4 with margins of 2 cm, in twentieths of a point.
    section = (
        '<w:sectPr><w:footerReference w:type="default" r:id="rIdFooter"/><w:pgSz w:w="11906" w:h="16838"/>'
        '<w:pgMar w:top="1134" w:right="1134" w:bottom="1134" w:left="1134" w:header="567" w:footer="567" '
        'w:gutter="0"/></w:sectPr>'
    )
    return f"<w:document {_NS}><w:body>{body}{section}</w:body></w:document>"


def _relations(content: DocxContent) -> str:
    own = [
        f'<Relationship Id="rId{name.capitalize()}" Type="{_OFFICE}/{name}" Target="{name}.xml"/>'
        for name in ("styles", "settings", "numbering", "footnotes")
    ]
    own.append(f'<Relationship Id="rIdFooter" Type="{_OFFICE}/footer" Target="footer1.xml"/>')
    return _relationships([*own, *_named(content)])


def _named(content: DocxContent) -> list[str]:
    """Addresses and pictures, which footnotes may name, too."""
    rows = [
        f'<Relationship Id="{key}" Type="{_OFFICE}/hyperlink" Target="{escape(target)}" TargetMode="External"/>'
        for key, target in content.links.items()
    ]
    rows += [
        f'<Relationship Id="{key}" Type="{_OFFICE}/image" Target="media/{part.name}"/>'
        for key, part in content.pictures.items()
    ]
    return rows


def _relationships(rows: Sequence[str]) -> str:
    inside = "".join(rows)
    return (
        f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{inside}</Relationships>'
    )


def _footnotes(footnotes: Sequence[str]) -> str:
    ends = (
        '<w:footnote w:type="separator" w:id="-1"><w:p><w:r><w:separator/></w:r></w:p></w:footnote>'
        '<w:footnote w:type="continuationSeparator" w:id="0"><w:p><w:r><w:continuationSeparator/></w:r></w:p>'
        "</w:footnote>"
    )
    inside = "".join(
        f'<w:footnote w:id="{number}">{paragraphs}</w:footnote>' for number, paragraphs in enumerate(footnotes, 1)
    )
    return f"<w:footnotes {_NS}>{ends}{inside}</w:footnotes>"


def _numbering(numbered: Sequence[int]) -> str:
    """List 1 has bullets; each numbered list is one of its own, so that it begins to count anew."""
    bullets = "".join(_level(level, "bullet", _BULLETS[level % 3]) for level in range(9))
    numbers = "".join(_level(level, "decimal", f"%{level + 1}.") for level in range(9))
    lists = "".join(
        f'<w:num w:numId="{number}"><w:abstractNumId w:val="1"/>'
        + "".join(
            f'<w:lvlOverride w:ilvl="{level}"><w:startOverride w:val="{start}"/></w:lvlOverride>' for level in range(9)
        )
        + "</w:num>"
        for number, start in enumerate(numbered, 2)
    )
    return (
        f'<w:numbering {_NS}><w:abstractNum w:abstractNumId="0">{bullets}</w:abstractNum>'
        f'<w:abstractNum w:abstractNumId="1">{numbers}</w:abstractNum>'
        f'<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>{lists}</w:numbering>'
    )


def _level(level: int, form: str, text: str) -> str:
    left = 360 * (level + 1)
    return (
        f'<w:lvl w:ilvl="{level}"><w:start w:val="1"/><w:numFmt w:val="{form}"/><w:lvlText w:val="{text}"/>'
        f'<w:lvlJc w:val="left"/><w:pPr><w:ind w:left="{left}" w:hanging="360"/></w:pPr></w:lvl>'
    )


def _styles() -> str:
    heads = "".join(
        _style(
            "paragraph",
            f"Heading{level}",
            f"heading {level}",
            f'<w:pPr><w:keepNext/><w:spacing w:before="{360 - 40 * level}" w:after="120"/>'
            f'<w:outlineLvl w:val="{level - 1}"/></w:pPr>'
            f'<w:rPr><w:b/><w:bCs/><w:sz w:val="{size}"/><w:szCs w:val="{size}"/></w:rPr>',
        )
        for level, size in enumerate((36, 30, 26, 24, 22, 22), 1)
    )
    return (
        f"<w:styles {_NS}><w:docDefaults><w:rPrDefault><w:rPr>"
        '<w:rFonts w:ascii="Calibri" w:hAnsi="Calibri" w:eastAsia="Calibri" w:cs="Calibri"/><w:sz w:val="22"/>'
        '<w:szCs w:val="22"/></w:rPr></w:rPrDefault><w:pPrDefault><w:pPr><w:spacing w:after="120" w:line="276" '
        'w:lineRule="auto"/></w:pPr></w:pPrDefault></w:docDefaults>'
        '<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/><w:qFormat/></w:style>'
        + heads
        + _style("paragraph", "ListParagraph", "List Paragraph", '<w:pPr><w:spacing w:after="40"/></w:pPr>')
        + _style(
            "paragraph",
            "Quote",
            "Quote",
            '<w:pPr><w:pBdr><w:left w:val="single" w:sz="18" w:space="10" w:color="C8C2B8"/></w:pBdr>'
            '<w:ind w:left="360"/></w:pPr><w:rPr><w:color w:val="55504A"/></w:rPr>',
        )
        + _style(
            "paragraph",
            "Code",
            "Source Code",
            '<w:pPr><w:shd w:val="clear" w:color="auto" w:fill="F3F1EC"/><w:spacing w:after="0" w:line="240" '
            'w:lineRule="auto"/></w:pPr><w:rPr><w:rFonts w:ascii="Consolas" w:hAnsi="Consolas" w:cs="Consolas"/>'
            '<w:sz w:val="19"/></w:rPr>',
        )
        + _style("paragraph", "TableHeading", "Table Heading", "<w:rPr><w:b/><w:bCs/></w:rPr>")
        + _style("paragraph", "FootnoteText", "footnote text", '<w:rPr><w:sz w:val="18"/><w:szCs w:val="18"/></w:rPr>')
        + _style(
            "character", "FootnoteReference", "footnote reference", '<w:rPr><w:vertAlign w:val="superscript"/></w:rPr>'
        )
        + _style("character", "Hyperlink", "Hyperlink", '<w:rPr><w:color w:val="2C5C8C"/><w:u w:val="single"/></w:rPr>')
        + _style(
            "character",
            "CodeWords",
            "Verbatim Char",
            '<w:rPr><w:rFonts w:ascii="Consolas" w:hAnsi="Consolas" w:cs="Consolas"/><w:sz w:val="20"/></w:rPr>',
        )
        + "</w:styles>"
    )


def _style(kind: str, key: str, name: str, inside: str) -> str:
    based = '<w:basedOn w:val="Normal"/>' if kind == "paragraph" else ""
    following = '<w:next w:val="Normal"/>' if key.startswith("Heading") else ""
    return (
        f'<w:style w:type="{kind}" w:styleId="{key}"><w:name w:val="{name}"/>{based}{following}<w:qFormat/>'
        f"{inside}</w:style>"
    )
