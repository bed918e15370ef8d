"""What is read of other programs' files: titles, texts, folders, tags, times, links; what is refused of bad ones."""

from __future__ import annotations

import base64
import hashlib
import os
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from desktop_app.domain.errors import ImportFileError, ImportLimitError
from desktop_app.domain.foreign_notes import ForeignNote
from desktop_app.workers.import_worker.attached import Attachments
from desktop_app.workers.import_worker.found_note import Remark
from desktop_app.workers.import_worker.limits import TextBudget
from desktop_app.workers.import_worker.member_names import fault_of_name, zip_name
from desktop_app.workers.import_worker.note_archive import archive_notes
from desktop_app.workers.import_worker.note_reading import read_notes
from tests.fakes import note_files as made
from tests.fakes.office_files import paragraph, write_docx, write_pdf, write_pdf_streams
from tests.fakes.read_notes_of_file import Reading

# Notion and other zip files -----------------------------------------------------------------------


def test_an_export_of_notion(tmp_path: Path) -> None:
    found = Reading(made.write_zip(tmp_path / "Export.zip", made.notion_members()))
    home, sub, table = (found.by_title[name] for name in ("Home: the long title", "Sub (x)", "Table"))
    assert (
        f"See [[Sub (x)|Sub]], [web](https://example.org/{made.PAGE}) and ![p](Home%20{made.PAGE}/p.png)" in home.text
    )
    assert "Tags: Red, blue" in home.text
    assert (home.tags, home.folder, home.front_matter) == (("Red", "blue"), "", "source: https://example.org/b\n")
    assert home.created == datetime(2020, 1, 2, 15, 4, tzinfo=UTC)
    assert (sub.folder, sub.text) == ("Home", "# Sub (x)\n\nBack to [[Home: the long title|up]]\n")
    assert table.text == "| Name | Status |\n| --- | --- |\n| a, b | Done |\n| c\\|d |  |\n"
    assert found.skipped == 1
    assert len(found.notes) == 3


def test_the_rows_of_a_table_of_notion_lead_to_their_pages(tmp_path: Path) -> None:
    folder = f"Home {made.PAGE}"
    members = {
        f"{folder}/Table {'a' * 32}.csv": 'Name,Of\nAsh,Ash\n"Oak | red",x\nElm,\n',
        f"{folder}/Table/Ash {'b' * 32}.md": "# Ash\n",
        f"{folder}/Table/Oak red {'c' * 32}.md": f"# Oak | red\n\nSee [it](Oak%20red%20{'c' * 32}.md)\n",
        f"{folder}/Elm {'d' * 32}.md": "# Elm\n",
    }
    found = Reading(made.write_zip(tmp_path / "Export.zip", members)).by_title
    assert found["Table"].text == "| Name | Of |\n| --- | --- |\n| [[Ash]] | Ash |\n| Oak \\| red | x |\n| Elm |  |\n"
    assert (found["Oak | red"].text, found["Oak | red"].front_matter) == (
        "# Oak | red\n\nSee [[Oak - red|it]]\n",
        'aliases: ["Oak - red"]\n',
    )


def test_an_export_inside_an_export(tmp_path: Path) -> None:
    inner = made.write_zip(tmp_path / "inner.zip", made.notion_members()).read_bytes()
    found = Reading(made.write_zip(tmp_path / "Export.zip", {"ExportBlock-Part-1.zip": inner}))
    assert len(found.notes) == 3


def test_notion_pages_in_html(tmp_path: Path) -> None:
    page = (
        "<html><head><title>Home</title></head><body><article><header><h1 class='page-title'>Home</h1></header>"
        "<ul class='to-do-list'><li><div class='checkbox checkbox-on'></div> <span>done</span></li></ul>"
        f"<a href='Home%20{made.PAGE}/Sub%20{made.OTHER_PAGE}.html'>Sub</a></article></body></html>"
    )
    found = Reading(
        made.write_zip(
            tmp_path / "x.zip",
            {
                f"Home {made.PAGE}.html": page,
                f"Home {made.PAGE}/Sub {made.OTHER_PAGE}.html": "<title>Sub</title><p>text</p>",
            },
        )
    )
    assert found.by_title["Home"].text == "# Home\n\n- [x] done\n\n[[Sub]]\n"


def test_a_zip_of_a_vault(tmp_path: Path) -> None:
    found = Reading(
        made.write_zip(
            tmp_path / "vault.zip",
            {
                "a/b.md": "---\ntitle: Bee\ntags: [x]\naliases: [Bumble]\n---\ntext #y ![[pic.png]] [[c]]",
                "c.txt": "Привет, мир".encode("cp1251"),
                ".obsidian/app.json": "{}",
                "__MACOSX/a/._b.md": b"\0\5",
                "pic.png": b"x",
                "broken.md": bytes(range(32)) * 20,
            },
        )
    )
    bee = found.by_title["Bee"]
    assert (bee.text, bee.folder, bee.tags) == ("text #y ![[pic.png]] [[c]]", "a", ("x", "y"))
    assert "aliases: [Bumble]" in bee.front_matter
    assert found.by_title["c"].text == "Привет, мир"
    assert [(remark.member, remark.failed) for remark in found.remarks] == [("c.txt", False), ("broken.md", True)]
    assert found.skipped == 1


def test_names_that_differ_by_case_or_form_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name in ("a.md", "A.md", "\u00e9.md", "e\u0301.md"):
            archive.writestr(name, f"text {len(archive.namelist())}")
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr("a.md", "text again")
    found = Reading(path)
    assert [note.member for note in found.notes] == ["a.md", "A.md", "\u00e9.md", "e\u0301.md", "a.md (2)"]
    assert len({note.text for note in found.notes}) == 5


def test_names_that_lead_elsewhere_are_told_and_not_read(tmp_path: Path) -> None:
    bad = ["../up.md", "/abs.md", "C:/drive.md", "a/../../b.md", "nul.md", "a/con", "..\\win.md", "\\\\host\\x.md"]
    path = made.write_zip(tmp_path / "slip.zip", {"ok.md": "fine", **dict.fromkeys(bad, "bad")})
    found = Reading(path)
    assert [note.member for note in found.notes] == ["ok.md"]
    assert len(found.remarks) == len(bad)
    assert sorted(os.listdir(tmp_path)) == ["slip.zip"]


@pytest.mark.parametrize(
    "name", ["..\\up.md", "a\\..\\..\\up.md", "\\\\host\\a.md", "\\a.md", "C:a.md", "a/NUL.md", "b/COM².md"]
)
def test_names_that_lead_out_on_any_system_have_a_fault(name: str) -> None:
    assert fault_of_name(name)


def test_names_of_members_are_names_of_files() -> None:
    assert fault_of_name("a" * 1_001)
    assert fault_of_name("a\x1bb.md")
    assert fault_of_name("a" * 1_000) == fault_of_name("notes/console.md") == ""


def test_names_that_older_programs_wrote_in_utf_8_without_saying_so_are_read() -> None:
    assert zip_name("caf├⌐.md", says_utf8=False) == "café.md"
    assert zip_name("caf├⌐.md", says_utf8=True) == "caf├⌐.md"
    assert zip_name("naïve 切符.md", says_utf8=False) == "naïve 切符.md"


def test_one_level_of_archives_in_a_zip_is_opened(tmp_path: Path) -> None:
    deepest = made.write_zip(tmp_path / "c.zip", {"deep.md": "too deep"}).read_bytes()
    middle = made.write_zip(tmp_path / "b.zip", {"middle.md": "fine", "c.zip": deepest}).read_bytes()
    found = Reading(made.write_zip(tmp_path / "a.zip", {"b.zip": middle}))
    assert [(note.title, note.text) for note in found.notes] == [("middle", "fine")]
    assert found.skipped == 1


@pytest.mark.parametrize("kept", [0.5, 0.99])
def test_a_damaged_archive_in_a_zip_costs_nothing_but_itself(tmp_path: Path, kept: float) -> None:
    inner = made.write_zip(tmp_path / "inner.zip", {"x.md": "words " * 500}).read_bytes()
    cut = inner[: int(len(inner) * kept)]
    found = Reading(made.write_zip(tmp_path / "vault.zip", {"a.md": "fine", "files/backup.zip": cut}))
    assert [note.text for note in found.notes] == ["fine"]
    assert [(one.member, one.failed) for one in found.remarks] == [("files/backup.zip", True)]


def test_a_link_in_a_zip_is_not_followed(tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("ok.md", "fine")
        link = zipfile.ZipInfo("link.md")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    found = Reading(path)
    assert [remark.reason for remark in found.remarks] == ["It is a link and was not followed."]


def test_a_zip_bomb_and_one_inside_a_zip(tmp_path: Path) -> None:
    bomb = made.write_zip(tmp_path / "bomb.zip", {"a.md": b" " * 50_000_000})
    with pytest.raises(ImportLimitError, match="unpacks"):
        Reading(bomb)
    many = made.write_zip(tmp_path / "many.zip", {f"{number}.md": "x" for number in range(10_001)})
    with pytest.raises(ImportLimitError, match="too large"):
        Reading(many)
    stored = tmp_path / "outer.zip"
    with zipfile.ZipFile(stored, "w") as archive:
        archive.writestr("a.md", "fine")
        archive.writestr("inner.zip", bomb.read_bytes())
        archive.writestr("z.md", "fine, too")
    reading = Reading(stored)
    assert [note.text for note in reading.notes] == ["fine", "fine, too"]
    assert [one.member for one in reading.remarks] == ["inner.zip"]
    assert "unpacks to far more" in reading.remarks[0].reason
    with zipfile.ZipFile(stored, "w") as archive:
        archive.writestr("inner.zip", bomb.read_bytes())
    with pytest.raises(ImportFileError, match=r"no notes\. inner\.zip: .*unpacks"):
        Reading(stored)


def test_archives_inside_each_other_count_together(tmp_path: Path) -> None:
    inner = made.write_zip(tmp_path / "inner.zip", {f"{number}.md": "x" for number in range(5_001)}).read_bytes()
    with zipfile.ZipFile(tmp_path / "outer.zip", "w") as archive:
        for name in ("a.zip", "b.zip"):
            archive.writestr(name, inner)
    reading = Reading(tmp_path / "outer.zip")
    assert len(reading.notes) == 5_001
    assert [(one.member, "too large" in one.reason) for one in reading.remarks] == [("b.zip", True)]


@pytest.mark.parametrize("kind", ["md", "html", "csv"])
def test_text_is_counted_before_it_is_handed_on(tmp_path: Path, kind: str) -> None:
    path = made.write_zip(tmp_path / "x.zip", {f"a.{kind}": "some words, " * 20})
    with pytest.raises(ImportLimitError, match="too much text"):
        list(archive_notes(path, TextBudget(100), Attachments(), lambda done, total: None))


def test_a_member_without_a_name(tmp_path: Path) -> None:
    path = made.write_zip(tmp_path / "x.zip", {"xx": "text", "a.md": "fine"})
    path.write_bytes(path.read_bytes().replace(b"xx", b"\0\0"))  # a name ends at its first NUL
    found = Reading(path)
    assert [note.member for note in found.notes] == ["a.md"]


@pytest.mark.parametrize("name", ["a.md", "inner.zip"])
def test_a_zip_with_a_password(tmp_path: Path, name: str) -> None:
    data = bytearray(made.write_zip(tmp_path / "x.zip", {name: "text"}).read_bytes())
    data[6] |= 1  # the flag "encrypted" of the member, and once more in the directory
    data[data.index(b"PK\x01\x02") + 8] |= 1
    (tmp_path / "x.zip").write_bytes(data)
    with pytest.raises(ImportFileError, match="password"):
        Reading(tmp_path / "x.zip")


@pytest.mark.parametrize("kept", [30, 60, 90])
def test_a_zip_that_was_cut_off(tmp_path: Path, kept: int) -> None:
    data = made.write_zip(tmp_path / "x.zip", made.notion_members()).read_bytes()
    (tmp_path / "x.zip").write_bytes(data[: len(data) * kept // 100])
    with pytest.raises(ImportFileError, match="damaged"):
        Reading(tmp_path / "x.zip")


def test_damage_in_the_middle_of_a_zip_costs_what_is_damaged(tmp_path: Path) -> None:
    members = {"a.md": "good, ![](pic.png)", "b.md": os.urandom(3000).hex(), "pic.png": os.urandom(3000).hex()}
    path = made.write_zip(tmp_path / "x.zip", {**members, "c.md": "good, too"})
    data = bytearray(path.read_bytes())
    for name in (b"b.md", b"pic.png"):
        data[data.index(name) + 1200] ^= 0xFF
    path.write_bytes(data)
    sent: list[str] = []
    attachments = Attachments(lambda key, _name, _chunks: sent.append(key))
    found = list(read_notes(path, attachments, lambda done, total: None))
    assert [each.member for each in found if isinstance(each, ForeignNote)] == ["a.md", "c.md"]
    reason = "It is damaged in the archive, and was not read."
    assert [each for each in found if isinstance(each, Remark)] == [Remark("b.md", reason)]
    assert (attachments.remarks, sent) == ([Remark("pic.png", reason)], [])


def test_damage_in_a_document_is_told_with_its_part(tmp_path: Path) -> None:
    path = write_docx(tmp_path / "d.docx", paragraph("words " + os.urandom(3000).hex()))
    data = bytearray(path.read_bytes())
    data[data.index(b"word/document.xml") + 1200] ^= 0xFF
    path.write_bytes(data)
    with pytest.raises(ImportFileError) as caught:
        Reading(path)
    assert caught.value.why == "The fault is in “word/document.xml” inside it."


# TextBundle and Bear ------------------------------------------------------------------------------

BEAR = (
    '{"version": 2, "net.shinyfrog.bear": {"uniqueIdentifier": "0A1B2C3D-0000-4000-8000-0123456789AB", '
    '"creationDate": "2020-01-02T03:04:05Z", "modificationDate": "2021-01-02T03:04:05Z", "pinned": 1, "archived": 0%s}}'
)


def test_a_backup_of_bear(tmp_path: Path) -> None:
    members = {
        "A soup.textbundle/text.markdown": "# Soup\n![](assets/p%20q.png) #kitchen\n",
        "A soup.textbundle/info.json": BEAR % "",
        "A soup.textbundle/assets/p q.png": b"\x89PNG\r\n\x1a\n",
        "A soup.textbundle/assets/readme.md": "a file of the note, and no note",
        "Without a head.textbundle/text.md": "text",
        "Without a head.textbundle/info.json": "[" * 5000,
        "gone.textbundle/text.md": "# Gone",
        "gone.textbundle/info.json": BEAR.replace("0A1B", "FFFF") % ', "trashed": 1',
    }
    kept: list[str] = []
    path = made.write_zip(tmp_path / "all.bear2bk", members)
    attachments = Attachments(lambda key, _name, chunks: kept.append(key + str(len(b"".join(chunks)))))
    found = list(read_notes(path, attachments, lambda done, total: None))
    notes = {note.title: note for note in found if isinstance(note, ForeignNote)}
    assert notes.keys() == {"Soup", "Without a head"}
    soup = notes["Soup"]
    assert (soup.member, soup.folder, soup.tags) == ("0a1b2c3d0000400080000123456789ab", "", ("kitchen",))
    assert (soup.created, soup.edited) == (
        datetime(2020, 1, 2, 3, 4, 5, tzinfo=UTC),
        datetime(2021, 1, 2, 3, 4, 5, tzinfo=UTC),
    )
    assert soup.front_matter == "pinned: true\n"
    assert kept == ["A soup.textbundle/assets/p q.png8"]
    assert notes["Without a head"].member == "Without a head.textbundle/text.md"
    remarks = [each for each in found if isinstance(each, Remark)]
    assert remarks == [Remark("Gone", "It was in Bear's trash and was left out.", failed=False)]


@pytest.mark.parametrize("folder", ["", "Inside.textbundle/"])
def test_a_text_pack(tmp_path: Path, folder: str) -> None:
    members = {
        f"{folder}text.md": "just text ![](assets/a.png)",
        f"{folder}assets/a.png": b"x",
        f"{folder}info.json": "{}",
    }
    found = Reading(made.write_zip(tmp_path / "Packed.textpack", members))
    (note,) = found.notes
    assert (note.title, note.folder) == ("Inside" if folder else "Packed", "")
    assert (found.skipped, found.remarks) == (1, [])


# Evernote -----------------------------------------------------------------------------------------


def test_an_export_of_evernote(tmp_path: Path) -> None:
    picture = b"\x89PNG not really"
    digest = hashlib.md5(picture).hexdigest()
    data = base64.encodebytes(picture).decode()
    path = made.write_enex(
        tmp_path / "Trips.enex",
        made.enex_note(
            "Plan &amp; pack",
            f'<div><en-todo checked="true"/>tickets</div><div><en-todo/>bag</div><div>R&amp;D&nbsp;<b>now</b></div>'
            f'<en-media hash="{digest}" type="image/png"/>',
            "<updated>20210102T030405Z</updated><tag>Travel</tag><tag>2020</tag>"
            "<note-attributes><source-url>https://example.org/c</source-url></note-attributes>"
            f'<resource><data encoding="base64">{data}</data><mime>image/png</mime>'
            "<resource-attributes><file-name>my map.png</file-name></resource-attributes></resource>",
        ),
        made.enex_note("Plan &amp; pack", "<div>again</div>"),
    )
    found = Reading(path)
    first, second = found.notes
    assert first.text == "- [x] tickets\n- [ ] bag\n\nR&D **now**\n\n![](<my map.png>)\n"
    assert (first.title, first.folder, first.tags) == ("Plan & pack", "Trips", ("Travel", "2020"))
    assert first.front_matter == "source: https://example.org/c\n"
    assert first.created == datetime(2020, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert first.edited == datetime(2021, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert first.member != second.member
    assert found.skipped == 1


def test_links_between_notes_of_evernote(tmp_path: Path) -> None:
    inside = '<a href="evernote:///view/1/s1/guid/guid/">Packing list</a>'
    gone = '<a href="evernote:///view/1/s1/other/other/">Gone</a>'
    notes = [made.enex_note("Trip", f"{inside} {gone}"), made.enex_note("Packing list", "socks")]
    trip = Reading(made.write_enex(tmp_path / "x.enex", *notes)).by_title["Trip"]
    assert trip.text == "[[Packing list]] [Gone](evernote:///view/1/s1/other/other/)\n"


def test_tasks_beside_a_text_are_kept_and_what_belongs_to_a_picture_is_not_the_notes(tmp_path: Path) -> None:
    more = (
        "<resource><data>AAAA</data><resource-attributes><source-url>https://example.org/pic</source-url>"
        "</resource-attributes></resource>"
        "<task><title>Buy milk</title><created>20210102T030405Z</created><taskStatus>open</taskStatus></task>"
        "<task><title>Sell bread</title><taskStatus>completed</taskStatus></task>"
    )
    note = made.enex_note("List", "<div>text</div>").replace("</content>", f"</content>{more}")
    (found,) = Reading(made.write_enex(tmp_path / "x.enex", note)).notes
    assert found.text == "text\n\n- [ ] Buy milk\n- [x] Sell bread\n"
    assert (found.title, found.front_matter) == ("List", "")


def test_an_xml_bomb_and_a_reference_to_a_file(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("secret")
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>'
    reference = f'<!DOCTYPE x [<!ENTITY a SYSTEM "file://{secret}">]>'
    defaults = f'<!DOCTYPE x [<!ATTLIST note a CDATA "{"x" * 1000}">]>'
    for prolog in (bomb, reference, defaults):
        path = made.write_enex(tmp_path / "x.enex", made.enex_note("&a;", "text"), prolog=prolog)
        with pytest.raises(ImportLimitError, match="not read"):
            Reading(path)
    outside = f'<!DOCTYPE x SYSTEM "file://{secret}">'
    path = made.write_enex(tmp_path / "x.enex", made.enex_note("t", "text"), prolog=outside)
    assert [note.text for note in Reading(path).notes] == ["text\n"]


@pytest.mark.parametrize("encoding", ["UTF-9", "utf-7", "shift_jis", "hex"])
def test_xml_in_an_encoding_that_is_none(tmp_path: Path, encoding: str) -> None:
    path = made.write_enex(tmp_path / "x.enex", made.enex_note("a", "one"))
    path.write_bytes(path.read_bytes().replace(b"UTF-8", encoding.encode(), 1))
    with pytest.raises(ImportFileError, match="damaged"):
        Reading(path)


def test_an_export_of_evernote_that_was_cut_off(tmp_path: Path) -> None:
    path = made.write_enex(tmp_path / "x.enex", made.enex_note("a", "one"), made.enex_note("b", "two"))
    path.write_bytes(path.read_bytes()[:-60])
    with pytest.raises(ImportFileError, match="damaged"):
        Reading(path)


# Pages, books and documents -----------------------------------------------------------------------


def test_a_page(tmp_path: Path) -> None:
    path = tmp_path / "x.html"
    path.write_bytes(
        "<meta charset=windows-1251><title>Заметка</title><meta name=keywords content='a, b'>"
        "<link rel=canonical href=https://example.org/d><h1>Привет</h1><p>мир<img src=a.png alt=pic>".encode("cp1251")
    )
    found = Reading(path)
    (note,) = found.notes
    assert (note.title, note.text, note.tags) == ("Заметка", "# Привет\n\nмир![pic](a.png)\n", ("a", "b"))
    assert note.front_matter == "source: https://example.org/d\n"
    assert found.skipped == 1


def test_a_book(tmp_path: Path) -> None:
    path = made.write_epub(
        tmp_path / "b.epub", {"one.xhtml": "<h1>One</h1><p>first&nbsp;words</p>", "two.xhtml": "<p>last</p>"}
    )
    found = Reading(path)
    (note,) = found.notes
    assert (note.title, note.text, note.tags) == ("The Book", "# One\n\nfirst words\n\nlast\n", ("Bees",))
    assert note.front_matter == "author: Ann Author\n"
    assert found.skipped == 1


def test_a_copy_protected_book(tmp_path: Path) -> None:
    locked = (
        '<encryption><EncryptedData><CipherData><CipherReference URI="OPS/one.xhtml"/></CipherData></EncryptedData>'
        "</encryption>"
    )
    path = made.write_epub(tmp_path / "b.epub", {"one.xhtml": "x"}, more={"META-INF/encryption.xml": locked})
    with pytest.raises(ImportFileError, match="copy-protected"):
        Reading(path)


def test_links_and_footnotes_inside_a_book(tmp_path: Path) -> None:
    reference = "<a epub:type='noteref' href='{}'>1</a>"
    note = "<aside epub:type='footnote' id='{}'><div><p>{}</p></div></aside>"
    chapters = {
        "toc.xhtml": "<nav epub:type='toc'><h1>Contents</h1><ol><li><a href='one.xhtml'>One</a></ol></nav>",
        "one.xhtml": f"<p>ink{reference.format('#n')} in <a href='two.xhtml#x'>two</a>, <a href='https://a.b'>web</a></p>"
        + note.format("n", "Of soot.")
        + "<p>on</p>",
        "two.xhtml": f"<p>pen{reference.format('notes.xhtml#n')}</p>" + note.format("x", "Not referred to."),
        "notes.xhtml": note.format("n", "Of a goose."),
    }
    (book,) = Reading(made.write_epub(tmp_path / "b.epub", chapters)).notes
    assert book.text == (
        "ink[^1] in two, [web](https://a.b)\n\n[^1]: Of soot.\n\non\n\n"
        "pen[^2]\n\nNot referred to.\n\n[^2]: Of a goose.\n"
    )


def test_documents_and_pdfs(tmp_path: Path) -> None:
    pytest.importorskip("pypdfium2")
    docx = write_docx(
        tmp_path / "d.docx", paragraph("The plan", style="Titel") + paragraph("words"), more={"word/media/a.png": b"x"}
    )
    found = Reading(docx)
    assert (found.notes[0].title, found.notes[0].text, found.skipped) == ("The plan", "# The plan\n\nwords\n\n", 1)
    (pdf,) = Reading(write_pdf(tmp_path / "p.pdf", ["one", "two"])).notes
    assert pdf.text == "[page 1]\none\n\n[page 2]\ntwo\n\n"


@pytest.mark.parametrize("suffix", [".pdf", ".docx", ".epub", ".jex", ".zip"])
def test_another_kind_of_file_under_a_right_name(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"x{suffix}"
    path.write_text("only a text")
    with pytest.raises(ImportFileError, match="though its name says so"):
        Reading(path)
    made.write_zip(path, {"pic.png": b"x"})
    with pytest.raises(ImportFileError, match=r"though its name says so|no notes"):
        Reading(path)


def test_enex_and_html_that_are_none(tmp_path: Path) -> None:
    (tmp_path / "x.enex").write_text("<other/>")
    with pytest.raises(ImportFileError, match="no export of Evernote"):
        Reading(tmp_path / "x.enex")
    (tmp_path / "x.html").write_bytes(bytes(range(32)) * 100)
    with pytest.raises(ImportFileError, match="not a text"):
        Reading(tmp_path / "x.html")


def test_words_that_a_line_of_a_pdf_parts_come_in_whole(tmp_path: Path) -> None:
    pytest.importorskip("pypdfium2")
    lines = ["Die alte Gesell-", "schaft of well-", "known men, of Hewlett-", "Packard and of well-known women"]
    stream = b"BT /F1 12 Tf 72 720 Td " + b" 0 -14 Td ".join(f"({line}) Tj".encode() for line in lines) + b" ET"
    (note,) = Reading(write_pdf_streams(tmp_path / "p.pdf", [stream])).notes
    assert note.text == (
        "[page 1]\nDie alte Gesellschaft of well-known men, of Hewlett-Packard and of well-known women\n\n"
    )


@pytest.mark.timeout(20)
def test_a_page_of_a_pdf_without_blanks_is_read_in_time() -> None:
    pdf = pytest.importorskip("desktop_app.workers.import_worker.pdf")
    page = "漢" * 100_000
    assert pdf._whole_words(f"{page} Gesell\x02schaft") == f"{page} Gesellschaft"
