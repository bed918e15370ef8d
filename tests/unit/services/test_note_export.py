"""Chosen notes as Markdown and HTML: whole or not at all, with their pictures, and without anything that acts."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable
from html.parser import HTMLParser
from pathlib import Path

import pytest

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.errors import CancelledError, ExportError, NotFoundError
from desktop_app.domain.formulas import COLOUR, Formula, FormulaPicture
from desktop_app.domain.notes import Note
from desktop_app.services.note_export import NoteExport
from desktop_app.services.note_import import NoteImport
from desktop_app.services.notes import NoteService
from desktop_app.storage.attachment_files import AttachmentFiles
from desktop_app.storage.store import Store

PNG = b"\x89PNG\r\n\x1a\n"


class Typesetter:
    def typeset(self, formula: Formula) -> FormulaPicture | None:
        if "bad" in formula.source:
            return None
        return FormulaPicture(f'<svg xmlns="x"><path d="M0" fill="{COLOUR}"/></svg>', 2.0, 0.8, 0.2)


class Room:
    def __init__(self, store: Store, notes: NoteService) -> None:
        self.store = store
        self.notes = notes
        self.files = AttachmentFiles(store.path.parent / "attachments")
        self.exporter = NoteExport(store.notes, store.note_attachments, self.files, Typesetter)

    def note(self, text: str, folder: str = "", **files: bytes) -> int:
        note = self.notes.create(folder, text)
        for written, data in files.items():
            name = written.replace("_", ".")
            self.store.note_attachments.attach(note.id, name, self.files.put_bytes(data, name))
        return note.id

    def html(self, folder: Path, *ids: int) -> str:
        report = self.exporter.html(ids, folder, "Notes", lambda *_: None, CancelToken())
        return report.folder.read_text("utf-8")


@pytest.fixture
def room(real_store: Store, note_service: NoteService) -> Room:
    return Room(real_store, note_service)


class Elements(HTMLParser):
    """The elements of a page with what they lead to."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def test_one_note_without_pictures_is_one_file_and_others_a_folder(room: Room, tmp_path: Path) -> None:
    plain, shown = room.note("# Plain: a\ntext", "x"), room.note("# Shown\n![](img/a.png)", a_png=PNG)
    room.store.note_attachments.attach(shown, "img/a.png", room.files.put_bytes(PNG, "a.png"))
    out = tmp_path / "out"

    def write(*ids: int) -> str:
        report = room.exporter.markdown(ids, out, "Notes", lambda *_: None, CancelToken())
        return report.folder.relative_to(out).as_posix()

    assert [write(plain), write(plain)] == ["Plain a.md", "Plain a (2).md"]
    top = room.note("# Top\r\nas it is\r\n")
    assert [write(top), write(top)] == ["Top.md", "Top (2).md"]
    assert (out / "Top.md").read_bytes().endswith(b"---\n# Top\r\nas it is\r\n")
    assert write(shown) == "Shown"
    assert (out / "Shown/img/a.png").read_bytes() == PNG
    assert write(plain, shown, top) == "Notes"
    assert {path.name for path in (out / "Notes").iterdir()} >= {"x", "Shown.md", "Top.md", "img"}
    assert not [path for path in out.iterdir() if path.name.startswith(".")]


def test_a_folder_of_markdown_comes_back_as_it_was(room: Room, tmp_path: Path) -> None:
    first = room.note("# One\n![[a.png]] [p](<b c.pdf>)", "deep/er", a_png=PNG)
    room.store.note_attachments.attach(first, "b c.pdf", room.files.put_bytes(b"%PDF-", "b c.pdf"))
    second = room.note("# Two")
    report = room.exporter.markdown([first, second], tmp_path, "Notes", lambda *_: None, CancelToken())
    other = Store.open(tmp_path / "other" / "i.sqlite3", backups=tmp_path / "b")
    files = AttachmentFiles(tmp_path / "other" / "attachments")
    NoteImport(NoteService(other), attachments=(other.note_attachments, files)).run(
        [report.folder], lambda *_: None, CancelToken()
    )
    two, note = sorted(other.notes.get_many(other.notes.all_ids()), key=lambda one: one.folder)
    assert (two.text, two.folder) == ("# Two", "")
    assert (note.text, note.folder) == (room.notes.get(first).text, "deep/er")
    found = other.note_attachments.resolve(note.id, ["a.png", "b c.pdf"])
    assert {name: files.read(file.hash) for name, file in found.items()} == {"a.png": PNG, "b c.pdf": b"%PDF-"}
    other.close()


def test_a_page_has_everything_in_it(room: Room, tmp_path: Path) -> None:
    text = (
        "# Title & more\n\n![[a.png|120]] ![the picture](a.png)\n\n[the file](c.pdf) ![[c.pdf]] "
        "[[Other note|that one]]\n\n"
        "- [x] done\n- [ ] open\n\nSo $E=mc$, $bad$ and $5 or $6.\n\n$$\nx\n$$\n\n```python\nif a < b: pass\n```\n\n"
        "A note[^1].\n\n[^1]: Below.\n\n| a | b |\n|---|--:|\n| 1 | 2 |\n"
    )
    page = room.html(tmp_path, room.note(text, a_png=PNG, c_pdf=b"%PDF-"))
    uri = f"data:image/png;base64,{base64.b64encode(PNG).decode()}"
    elements = Elements(page).found
    assert [one["src"] for tag, one in elements if tag == "img"] == [uri, uri]
    assert [one.get("width") for tag, one in elements if tag == "img"] == ["120", None]
    downloads = [one for tag, one in elements if tag == "a" and "download" in one]
    assert [one["download"] for one in downloads] == ["c.pdf", "c.pdf"]
    assert all(str(one["href"]).startswith("data:application/octet-stream;base64,") for one in downloads)
    assert "that one" in page
    assert "inkwell-note" not in page
    assert "☑ done" in page
    assert "☐ open" in page
    assert page.count("<svg") == 2
    assert COLOUR not in page
    assert "<code>$bad$</code>" in page
    assert "$5 or $6." in page
    assert "if a &lt; b: pass" in page
    assert page.count("<h1>") == 1
    assert "<title>Title &amp; more</title>" in page


def test_lines_of_a_page_end_where_they_do_in_the_text_unless_paragraphs_are_filled(room: Room, tmp_path: Path) -> None:
    text = "one\ntwo\n^name\nthree\n![](a.png)\nfour\n![](none.png)\nfive\n*six* \n`seven`"
    note_id = room.note(text, a_png=PNG)
    body = re.sub(r'data:[^"]*', "", room.html(tmp_path, note_id).partition("</h1>")[2])
    assert re.sub(r"<(?!br).*?>", "", body).split() == [
        *("one<br>", "two<br>", "three<br>", "four<br>", "[none.png]<br>", "five<br>", "six<br>", "seven")
    ]
    filled = NoteExport(room.store.notes, room.store.note_attachments, room.files, Typesetter, lambda: False)
    report = filled.html([note_id], tmp_path, "Notes", lambda *_: None, CancelToken())
    assert "<br>" not in report.folder.read_text("utf-8")


def test_a_page_acts_and_fetches_nothing(room: Room, tmp_path: Path) -> None:
    text = (
        "<script>alert(1)</script> <img src=x onerror=alert(1)> ![p](https://evil.example/p.png) ![f](file:///etc/passwd)"
        ' [j](javascript:alert(1)) [d](data:text/html,x) [q](https://a.b/"onmouseover="x) ![" onload="x](a.png)\n\n'
        '`<b>` $<svg onload=x>$ \n\n```"><script>\n</code><script>\n```\n'
    )
    page = room.html(tmp_path, room.note(text, a_png=PNG))
    elements = Elements(page).found
    assert not {tag for tag, _ in elements} & {"script", "iframe", "object", "link", "form", "base"}
    assert not [name for _, attributes in elements for name in attributes if name.startswith("on")]
    assert [one["src"] for tag, one in elements if tag == "img"] == [
        f"data:image/png;base64,{base64.b64encode(PNG).decode()}"
    ]
    assert all(str(one["href"]).startswith("https://a.b/") for tag, one in elements if tag == "a")
    policy = next(one["content"] for tag, one in elements if one.get("http-equiv") == "Content-Security-Policy")
    assert str(policy).startswith("default-src 'none'")


def test_a_title_that_the_text_does_not_say_stands_above_it(room: Room, tmp_path: Path) -> None:
    note = room.notes.create("", "only text")
    room.notes.save(note.id, "only text", "My <title>")
    assert "<h1>My &lt;title&gt;</h1>" in room.html(tmp_path, note.id)


def test_what_is_missing_is_said(room: Room, tmp_path: Path) -> None:
    note_id = room.note("# A\n![](a.png) ![](b.png)", a_png=PNG)
    for file in room.store.note_attachments.all_files():
        room.files.path(file.hash).unlink()
    report = room.exporter.html([note_id], tmp_path, "Notes", lambda *_: None, CancelToken())
    assert (report.missing, report.attachments) == (("a.png",), 0)
    assert "[a.png]" in report.folder.read_text()


def test_stopped_failed_and_missing_leave_nothing(room: Room, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ids = [room.note(f"# {number}\ntext") for number in range(3)]
    out = tmp_path / "out"
    cancel = CancelToken()
    with pytest.raises(CancelledError):
        room.exporter.markdown(ids, out, "N", lambda done, *_: cancel.cancel() if done else None, cancel)
    with pytest.raises(NotFoundError):
        room.exporter.html([99], out, "N", lambda *_: None, CancelToken())

    def full(path: Path, text: str) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("desktop_app.services.markdown_folder.write_text", full)
    with pytest.raises(ExportError, match="No space left"):
        room.exporter.markdown(ids, out, "N", lambda *_: None, CancelToken())
    assert list(out.iterdir()) == []
    (tmp_path / "file").write_text("x")
    with pytest.raises(ExportError):
        room.exporter.html(ids, tmp_path / "file", "N", lambda *_: None, CancelToken())


def test_callouts_that_fold_are_opened_by_a_press_on_their_title(room: Room, tmp_path: Path) -> None:
    text = "> [!tip]- More\n> inside\n>\n> > [!note] Plain\n> > deep\n\n> [!warning]+ Open\n> there\n\n> quoted\n"
    page = room.html(tmp_path, room.note("# Folds\n\n" + text))
    body = page[page.index("<article>") :]
    assert '<details class="callout good">\n<summary class="callout-title">More</summary>\n<p>inside</p>' in body
    assert '<blockquote class="callout note">\n<p class="callout-title">Plain</p>' in body
    assert '<details class="callout caution" open>\n<summary class="callout-title">Open</summary>' in body
    assert "<blockquote>\n<p>quoted</p>" in body
    assert body.count("</details>") == 2
    assert body.count("</blockquote>") == 2


def test_one_document_is_stopped_between_its_notes_and_leaves_what_was_there(room: Room, tmp_path: Path) -> None:
    ids = [room.note(f"# {number}") for number in range(3)]
    cancel, made = CancelToken(), []
    path = tmp_path / "Book.html"
    path.write_text("old")

    def make(notes: Iterable[Note]) -> bytes:
        for note in notes:
            made.append(note.title)
            cancel.cancel()
        return b"new"

    with pytest.raises(CancelledError):
        room.exporter.together(ids, path, make, lambda *_: None, cancel)
    assert made == ["0"]
    assert path.read_text() == "old"
    assert [one.name for one in tmp_path.iterdir() if one.name.startswith(".inkwell")] == []


def test_words_from_right_to_left_begin_at_the_right_of_a_page(room: Room, tmp_path: Path) -> None:
    page = room.html(tmp_path, room.note("# Two\n\nשלום (a)\n\n| שלום |\n|---|\n"))
    rule = next(line for line in page.splitlines() if "unicode-bidi: plaintext" in line)
    assert {"p", "li", "h1", "th", "td"} <= set(rule.partition(" {")[0].split(", "))
    assert "text-align: left" not in page
