"""Small PDF and DOCX files, good and bad, written byte by byte."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path

WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_STYLES = (
    f'<w:styles xmlns:w="{WORD}">'
    '<w:style w:type="paragraph" w:styleId="berschrift2"><w:name w:val="heading 2"/></w:style>'
    '<w:style w:type="paragraph" w:styleId="Titel"><w:name w:val="Title"/></w:style>'
    "</w:styles>"
)
_NUMBERING = (
    f'<w:numbering xmlns:w="{WORD}">'
    '<w:abstractNum w:abstractNumId="0"><w:lvl w:ilvl="0"><w:numFmt w:val="bullet"/></w:lvl></w:abstractNum>'
    '<w:abstractNum w:abstractNumId="1"><w:lvl w:ilvl="0"><w:numFmt w:val="decimal"/></w:lvl></w:abstractNum>'
    '<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>'
    '<w:num w:numId="2"><w:abstractNumId w:val="1"/></w:num>'
    "</w:numbering>"
)


def paragraph(text: str, *, style: str = "", list_id: str = "") -> str:
    """A paragraph of a document."""
    properties = f'<w:pStyle w:val="{style}"/>' if style else ""
    if list_id:
        properties += f'<w:numPr><w:ilvl w:val="0"/><w:numId w:val="{list_id}"/></w:numPr>'
    return f'<w:p><w:pPr>{properties}</w:pPr><w:r><w:t xml:space="preserve">{text}</w:t></w:r></w:p>'


def table(rows: Sequence[Sequence[str]]) -> str:
    """A table of a document."""
    cells = ["".join(f"<w:tc>{paragraph(cell)}</w:tc>" for cell in row) for row in rows]
    return "<w:tbl>" + "".join(f"<w:tr>{row}</w:tr>" for row in cells) + "</w:tbl>"


def part(root: str, body: str) -> bytes:
    """Another part of a document, such as its footnotes ("footnotes") or a page header ("hdr")."""
    return f'<w:{root} xmlns:w="{WORD}">{body}</w:{root}>'.encode()


def note(kind: str, note_id: int, body: str, *, more: str = "") -> str:
    """A "footnote" or an "endnote"."""
    return f'<w:{kind} w:id="{note_id}" {more}>{body}</w:{kind}>'


def reference(kind: str, note_id: int) -> str:
    """Where the text refers to a note."""
    return f'<w:r><w:{kind}Reference w:id="{note_id}"/></w:r>'


def field_run(instruction: str, shown: str) -> str:
    """A field with what it gave when the document was saved."""
    marks = [f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>' for kind in ("begin", "separate", "end")]
    asked = f"<w:r><w:instrText>{instruction}</w:instrText></w:r>"
    return f"{marks[0]}{asked}{marks[1]}<w:r><w:t>{shown}</w:t></w:r>{marks[2]}"


def write_docx(path: Path, body: str, *, prolog: str = "", more: Mapping[str, bytes] | None = None) -> Path:
    """A DOCX file with that body; `prolog` stands before the document's root element."""
    root = f'<w:document xmlns:w="{WORD}"><w:body>{body}</w:body></w:document>'
    document = f'<?xml version="1.0" encoding="UTF-8"?>{prolog}{root}'
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", document)
        usual = {"word/styles.xml": _STYLES.encode(), "word/numbering.xml": _NUMBERING.encode()}
        for name, data in {**usual, **(more or {})}.items():
            archive.writestr(name, data)
    return path


def write_pdf(path: Path, pages: Sequence[str], *, parent_of_pages: str = "", title: str = "") -> Path:
    """A PDF file with one line of text on each page; `parent_of_pages` goes into the page tree's root, `title` among
    what the file says of itself.
    """
    return write_pdf_streams(
        path,
        [f"BT /F1 12 Tf 72 720 Td ({text}) Tj ET".encode() if text else b"" for text in pages],
        parent_of_pages=parent_of_pages,
        title=title,
    )


def write_pdf_streams(
    path: Path, streams: Sequence[bytes], *, parent_of_pages: str = "", packed: bool = False, title: str = ""
) -> Path:
    """A PDF file whose pages draw these streams."""
    kids = " ".join(f"{4 + 2 * number} 0 R" for number in range(len(streams)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(streams)} {parent_of_pages} >>".encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    for number, stream in enumerate(streams):
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Resources << /Font << /F1 3 0 R >> >> "
            + f"/Contents {5 + 2 * number} 0 R >>".encode()
        )
        data = zlib.compress(stream, 9) if packed else stream
        kind = "/Filter /FlateDecode " if packed else ""
        objects.append(f"<< {kind}/Length {len(data)} >>\nstream\n".encode() + data + b"\nendstream")
    information = ""
    if title:
        objects.append(f"<< /Title ({title}) >>".encode())
        information = f"/Info {len(objects)} 0 R "
    written = bytearray(b"%PDF-1.4\n")
    places = []
    for number, body in enumerate(objects, start=1):
        places.append(len(written))
        written += f"{number} 0 obj\n".encode() + body + b"\nendobj\n"
    start = len(written)
    written += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    written += b"".join(f"{place:010d} 00000 n \n".encode() for place in places)
    written += f"trailer\n<< /Size {len(objects) + 1} {information}/Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n".encode()
    path.write_bytes(bytes(written))
    return path
