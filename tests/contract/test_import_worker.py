"""The reader of strangers' files: what it makes of good ones, and that bad ones end in one clear error, in time."""

from __future__ import annotations

import struct
import sys
import textwrap
import threading
import time
import zipfile
from pathlib import Path

import psutil
import pytest

from desktop_app.domain.attachments import FileFormat, ImportedText
from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.errors import CancelledError, ImportFileError, ImportLimitError, NoTextError, WorkerError
from desktop_app.engines.importer import ImportProcess
from desktop_app.engines.launcher import WorkerLauncher
from desktop_app.workers.import_worker.limits import TextBudget
from tests.fakes.office_files import (
    field_run,
    note,
    paragraph,
    part,
    reference,
    table,
    write_docx,
    write_pdf,
    write_pdf_streams,
)
from tests.fakes.workers import ProgramLauncher

pytest.importorskip("pypdfium2")

SPEAKS = textwrap.dedent("""
    import sys, threading, time
    from desktop_app.protocol.import_messages import ImportFromHost, ReadFile, TextPart
    from desktop_app.workers.worker_runtime import WorkerRuntime
    runtime = WorkerRuntime("import", ImportFromHost, lambda message: False)
    runtime.start()
    for job in runtime.jobs():
        {act}
""")


@pytest.fixture
def importer(tmp_path: Path) -> ImportProcess:
    return ImportProcess(WorkerLauncher(tmp_path / "worker"))


def read(importer: ImportProcess, path: Path) -> ImportedText:
    return importer.read(path, CancelToken())


def acting(tmp_path: Path, act: str, *, most_seconds: float = 60.0, most_memory: int = 1024**3) -> ImportProcess:
    """A reader whose process does `act` when it is asked for a file."""
    launcher = ProgramLauncher(tmp_path / "worker", program=SPEAKS.format(act=act))
    return ImportProcess(launcher, most_seconds=most_seconds, most_memory=most_memory)


# Good files ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_text_in_common_encodings(importer: ImportProcess, tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "naïve.txt"
    path.write_bytes("Grüße 🙂 from the desk\n".encode(encoding))
    found = read(importer, path)
    assert found.text == "Grüße 🙂 from the desk\n"
    assert found.format is FileFormat.TEXT
    assert found.size == path.stat().st_size


def test_a_windows_text_is_read_with_a_remark(importer: ImportProcess, tmp_path: Path) -> None:
    path = tmp_path / "old.py"
    path.write_bytes("# caf\xe9\n".encode("latin-1"))
    found = read(importer, path)
    assert found.text == "# café\n"
    assert found.remark


def test_a_name_that_is_no_text(importer: ImportProcess, tmp_path: Path) -> None:
    if sys.platform != "linux":
        pytest.skip("names are bytes on Linux only")
    import os

    path = Path(os.fsdecode(bytes(tmp_path) + b"/caf\xe9.txt"))
    path.write_text("here", encoding="utf-8")
    assert read(importer, path).text == "here"


def test_pages_of_a_pdf_keep_their_numbers(importer: ImportProcess, tmp_path: Path) -> None:
    path = write_pdf(tmp_path / "two.pdf", ["The first page", "The second page"])
    seen: list[tuple[int, int]] = []
    found = importer.read(path, CancelToken(), lambda done, total: seen.append((done, total)))
    assert found.text == "[page 1]\nThe first page\n\n[page 2]\nThe second page\n\n"
    assert found.format is FileFormat.PDF
    assert seen[-1] == (2, 2)


def test_headings_lists_and_tables_of_a_docx(importer: ImportProcess, tmp_path: Path) -> None:
    body = (
        paragraph("The plan", style="Titel")
        + paragraph("First words &amp; more")
        + paragraph("Steps", style="berschrift2")
        + paragraph("one", list_id="2")
        + paragraph("two", list_id="2")
        + paragraph("loose", list_id="1")
        + "<w:p><w:r><w:t>kept</w:t></w:r><w:del><w:r><w:delText>a</w:delText><w:t>gone</w:t></w:r></w:del></w:p>"
        + table([["Name", "Price"], ["Ink | black", "4"]])
    )
    found = read(importer, write_docx(tmp_path / "plan.docx", body))
    assert found.format is FileFormat.DOCX
    assert found.text == (
        "# The plan\n\nFirst words & more\n\n## Steps\n\n1. one\n2. two\n- loose\n\nkept\n\n"
        "| Name | Price |\n|---|---|\n| Ink \\| black | 4 |\n\n"
    )


def test_notes_of_a_docx_stand_at_its_end_in_the_order_of_their_references(
    importer: ImportProcess, tmp_path: Path
) -> None:
    first = f"<w:p><w:r><w:t>Ink</w:t></w:r>{reference('footnote', 3)}<w:r><w:t> is old</w:t></w:r></w:p>"
    second = f"<w:p><w:r><w:t>Paper</w:t></w:r>{reference('endnote', 2)}{reference('footnote', 3)}</w:p>"
    cell = f"<w:tbl><w:tr><w:tc><w:p><w:r><w:t>Pen</w:t></w:r>{reference('footnote', 2)}</w:p></w:tc></w:tr></w:tbl>"
    line = note("footnote", 0, paragraph("a line"), more='w:type="separator"')
    footnotes = [
        note("footnote", 2, paragraph("From a goose.")),
        note("footnote", 3, paragraph("Since Egypt.") + paragraph("And China.")),
        note("footnote", 4, paragraph("Nobody refers to it.")),
        note("footnote", 5, ""),
    ]
    more = {
        "word/footnotes.xml": part("footnotes", line + "".join(footnotes)),
        "word/endnotes.xml": part("endnotes", note("endnote", 2, paragraph("Of rags."))),
    }
    lost = f"<w:p><w:r><w:t>Lost</w:t></w:r>{reference('footnote', 5)}{reference('footnote', 99)}</w:p>"
    found = read(importer, write_docx(tmp_path / "notes.docx", first + second + cell + lost, more=more))
    assert found.text == (
        "Ink[^1] is old\n\nPaper[^2][^1]\n\n| Pen[^3] |\n|---|\n\nLost\n\n"
        "[^1]: Since Egypt.\n\n    And China.\n\n[^2]: Of rags.\n\n[^3]: From a goose.\n\n"
    )


def test_page_headers_and_footers_of_a_docx_stand_there_once(importer: ImportProcess, tmp_path: Path) -> None:
    simple = '<w:fldSimple w:instr=" NUMPAGES "><w:r><w:t>77</w:t></w:r></w:fldSimple>'
    more = {
        "word/header10.xml": part("hdr", paragraph("Chapter two")),
        "word/header2.xml": part("hdr", paragraph("The harbour")),
        "word/header1.xml": part("hdr", paragraph("The harbour")),
        "word/footer1.xml": part("ftr", f"<w:p><w:r><w:t>Draft </w:t></w:r>{field_run(' PAGE ', '4')}{simple}</w:p>"),
        "word/footer2.xml": part("ftr", f"<w:p>{field_run('page', '5')}<w:r><w:t> – </w:t></w:r></w:p>"),
    }
    body = f"<w:p>{field_run(' PAGEREF x', '12')}{field_run('DATE', 'today')}</w:p>" + paragraph("Words")
    found = read(importer, write_docx(tmp_path / "margins.docx", body, more=more))
    assert found.text == "The harbour\n\nChapter two\n\n12today\n\nWords\n\nDraft\n\n"


def test_text_boxes_of_a_docx_are_read_once(importer: ImportProcess, tmp_path: Path) -> None:
    inside = f"<w:txbxContent>{paragraph('In the box')}</w:txbxContent>"
    new = f"<mc:AlternateContent xmlns:mc='m'><mc:Choice>{inside}</mc:Choice><mc:Fallback>{inside}</mc:Fallback>"
    body = f"<w:p><w:r><w:t>Beside</w:t></w:r><w:r>{new}</mc:AlternateContent></w:r></w:p>"
    body += f"<w:p><w:r><w:pict>{inside.replace('box', 'old box')}</w:pict></w:r></w:p>"
    found = read(importer, write_docx(tmp_path / "boxes.docx", body))
    assert found.text == "In the box\n\nBeside\n\nIn the old box\n\n"


@pytest.mark.parametrize("name", ["word/footnotes.xml", "word/endnotes.xml", "word/header1.xml", "word/footer3.xml"])
def test_every_part_of_a_docx_is_held_to_the_same_limits(importer: ImportProcess, tmp_path: Path, name: str) -> None:
    laughs = b'<!DOCTYPE w [<!ENTITY j "ha">]><w:ftr xmlns:w="w">&j;</w:ftr>'
    deep = b"<a>" * 2000 + b"</a>" * 2000
    for number, data in enumerate((laughs, deep)):
        with pytest.raises(ImportLimitError):
            read(importer, write_docx(tmp_path / f"{number}.docx", paragraph("harmless"), more={name: data}))
    with pytest.raises(ImportFileError):
        read(importer, write_docx(tmp_path / "cut.docx", paragraph("harmless"), more={name: b"<w:ftr"}))


def test_notes_count_towards_the_most_text(importer: ImportProcess, tmp_path: Path) -> None:
    import random

    words = bytes(random.Random(1).choices(range(97, 123), k=2**20)).decode()
    notes = "".join(note("footnote", number, paragraph(words)) for number in range(66))
    path = write_docx(tmp_path / "notes.docx", paragraph("x"), more={"word/footnotes.xml": part("footnotes", notes)})
    with pytest.raises(ImportLimitError, match="too much text"):
        read(importer, path)


# Bad files ----------------------------------------------------------------------------------------


def test_a_scanned_pdf_says_that_it_has_no_text(importer: ImportProcess, tmp_path: Path) -> None:
    with pytest.raises(NoTextError, match="no text"):
        read(importer, write_pdf(tmp_path / "scan.pdf", ["", ""]))


@pytest.mark.parametrize(
    "data", [b"%PDF-1.7\nnothing of it is true", b"PK\x03\x04 cut off", b"\x7fELF\x00\x01\x02" * 99]
)
def test_damaged_and_foreign_files(importer: ImportProcess, tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "file.bin"
    path.write_bytes(data)
    with pytest.raises(ImportFileError) as caught:
        read(importer, path)
    assert caught.value.what


def test_a_zip_that_is_no_docx(importer: ImportProcess, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("hello.txt", "hello")
    with pytest.raises(ImportFileError, match="neither a text"):
        read(importer, tmp_path / "a.zip")


def test_a_zip_bomb(importer: ImportProcess, tmp_path: Path) -> None:
    path = write_docx(tmp_path / "bomb.docx", paragraph("harmless"), more={"word/media/zeros": bytes(50_000_000)})
    with pytest.raises(ImportLimitError, match="unpacks"):
        read(importer, path)


def test_a_zip_bomb_that_lies_about_its_size(importer: ImportProcess, tmp_path: Path) -> None:
    path = write_docx(tmp_path / "liar.docx", f"<w:p><w:r><w:t>{'a' * 5_000_000}</w:t></w:r></w:p>")
    data = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        packed = archive.getinfo("word/document.xml").compress_size
    # In the central directory the packed size now is more than a hundredth of what it unpacks to.
    at = data.rindex(b"PK\x01\x02", 0, data.rindex(b"word/document.xml"))
    struct.pack_into("<L", data, at + 20, packed + 100_000)
    path.write_bytes(bytes(data))
    with pytest.raises(ImportLimitError, match="unpacks"):
        read(importer, path)


def test_too_many_members(importer: ImportProcess, tmp_path: Path) -> None:
    path = write_docx(tmp_path / "many.docx", paragraph("x"), more={f"m/{n}": b"" for n in range(10_001)})
    with pytest.raises(ImportLimitError, match="too large"):
        read(importer, path)


def test_an_xml_bomb(importer: ImportProcess, tmp_path: Path) -> None:
    laughs = '<!ENTITY a "ha">' + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9))
    path = write_docx(tmp_path / "laughs.docx", paragraph("&j;"), prolog=f"<!DOCTYPE w [{laughs}]>")
    with pytest.raises(ImportLimitError) as caught:
        read(importer, path)
    assert "entities" in caught.value.what


def test_a_reference_to_another_file_is_not_followed(importer: ImportProcess, tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("secret", encoding="utf-8")
    prolog = f'<!DOCTYPE w [<!ENTITY x SYSTEM "file://{tmp_path}/secret.txt">]>'
    with pytest.raises(ImportLimitError):
        read(importer, write_docx(tmp_path / "reach.docx", paragraph("&x;"), prolog=prolog))


def test_elements_nested_without_end(importer: ImportProcess, tmp_path: Path) -> None:
    deep = "<w:x>" * 50_000 + "</w:x>" * 50_000
    with pytest.raises(ImportLimitError):
        read(importer, write_docx(tmp_path / "deep.docx", deep))


def test_more_text_than_the_limit(importer: ImportProcess, tmp_path: Path) -> None:
    path = tmp_path / "long.txt"
    path.write_bytes(b"0123456789abcde\n" * (4 * 1024**2 + 1))
    with pytest.raises(ImportLimitError, match="too much text"):
        read(importer, path)


def test_the_worker_counts_its_text_itself() -> None:
    budget = TextBudget(10)
    assert budget.take("a" * 6) == "a" * 6
    with pytest.raises(ImportLimitError, match="too much text"):
        budget.take("ü" * 3)


def test_a_pdf_whose_pages_go_in_circles(importer: ImportProcess, tmp_path: Path) -> None:
    path = write_pdf(tmp_path / "circle.pdf", ["text"], parent_of_pages="/Parent 2 0 R")
    data = path.read_bytes().replace(b"/Kids [4 0 R]", b"/Kids [2 0 R]")
    path.write_bytes(data)
    with pytest.raises(ImportFileError):
        read(importer, path)


def test_a_pdf_that_unpacks_to_gigabytes(importer: ImportProcess, tmp_path: Path) -> None:
    stream = b"BT /F1 12 Tf 72 720 Td (a) Tj ET " + b" " * 900_000_000
    path = write_pdf_streams(tmp_path / "bomb.pdf", [stream], packed=True)
    before = time.monotonic()
    with pytest.raises(ImportFileError):
        read(importer, path)
    assert time.monotonic() - before < 60


# Bad processes ------------------------------------------------------------------------------------


def test_a_reader_that_loops_is_ended(tmp_path: Path) -> None:
    importer = acting(tmp_path, "time.sleep(600)", most_seconds=0.3)
    before = time.monotonic()
    with pytest.raises(ImportLimitError, match="too long"):
        read(importer, tmp_path / "any")
    assert time.monotonic() - before < 5
    assert importer.pids == ()


def test_a_reader_that_eats_memory_is_ended(tmp_path: Path) -> None:
    importer = acting(tmp_path, "hoard = bytearray(b'x' * 200_000_000); time.sleep(600)", most_memory=100 * 1024**2)
    with pytest.raises(ImportLimitError, match="memory"):
        read(importer, tmp_path / "any")


def test_a_reader_that_crashes_is_the_files_fault(tmp_path: Path) -> None:
    importer = acting(tmp_path, "import os; os.abort()")
    with pytest.raises(ImportFileError, match="its reader stopped"):
        read(importer, tmp_path / "any")


def test_a_reader_that_talks_without_end_is_ended(tmp_path: Path) -> None:
    importer = acting(tmp_path, "[runtime.send(TextPart(job.request_id, 'x' * 1024**2)) for _ in range(100)]")
    with pytest.raises(ImportLimitError, match="too much text"):
        read(importer, tmp_path / "any")


def test_stopping_ends_the_process_within_a_second(tmp_path: Path) -> None:
    importer = acting(tmp_path, "runtime.send(TextPart(job.request_id, 'x')); time.sleep(600)")
    cancel = CancelToken()
    pids: list[int] = []

    def stop() -> None:
        while not importer.pids:
            cancel.wait(0.01)
        pids.extend(importer.pids)
        cancel.wait(0.3)
        cancel.cancel()

    threading.Thread(target=stop).start()
    with pytest.raises(CancelledError):
        importer.read(tmp_path / "any", cancel)
    after = time.monotonic()
    assert pids
    assert not psutil.pid_exists(pids[0])
    assert time.monotonic() - after < 1


def test_a_reader_that_does_not_start_says_nothing_of_the_file(tmp_path: Path) -> None:
    importer = ImportProcess(ProgramLauncher(tmp_path / "worker", program="raise SystemExit(1)"))
    with pytest.raises(WorkerError):
        read(importer, tmp_path / "any")


def test_closing_ends_the_readers(tmp_path: Path) -> None:
    importer = acting(tmp_path, "time.sleep(600)")
    threading.Timer(0.5, importer.close).start()
    with pytest.raises(CancelledError):
        read(importer, tmp_path / "any")
    with pytest.raises(CancelledError):
        read(importer, tmp_path / "any")


@pytest.mark.skipif(sys.platform != "linux", reason="address space is limited by the system on Linux")
def test_the_worker_confines_itself_and_loads_no_model_library(tmp_path: Path) -> None:
    act = textwrap.dedent("""
        import resource
        from desktop_app.protocol.import_messages import FileRead
        from desktop_app.workers.import_worker.limits import confine_process
        import desktop_app.workers.import_worker.main, desktop_app.workers.import_worker.pdf
        import desktop_app.workers.import_worker.docx
        confine_process()
        told = [resource.getrlimit(resource.RLIMIT_AS)[0], resource.getrlimit(resource.RLIMIT_FSIZE)[0]]
        told += sorted({name.split('.')[0] for name in sys.modules} & {'torch', 'llama_cpp', 'transformers', 'PySide6'})
        runtime.send(TextPart(job.request_id, repr(told)))
        runtime.send(FileRead(job.request_id, 'text', 0))
    """)
    importer = acting(tmp_path, textwrap.indent(act, " " * 4).strip())
    assert read(importer, tmp_path / "any").text == f"[{1024**3}, 0]"


def test_html_comes_back_as_markdown(importer: ImportProcess) -> None:
    html = "<p>some <b>bold</b> words</p><ul><li>ink</ul>" + "<div>" * 5_000
    assert importer.read_html(html, CancelToken()) == "some **bold** words\n\n- ink\n"
