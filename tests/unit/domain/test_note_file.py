"""A note's bytes as a file: only what was changed is written differently."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_app.domain.folders import clean_tags
from desktop_app.domain.front_matter import split_front_matter
from desktop_app.domain.note_file import WrittenNote, file_bytes, title_after
from desktop_app.domain.note_text import read_text
from desktop_app.domain.text_decoding import decode_text

HEADS = (
    "",
    "---\ntitle: Bee\ntags: [x, Y]\nmood: good\n---\n",
    "---\r\nauthor: me\r\n---\r\n",
    "+++\ntitle = 'T'\n+++\n",
)
LINES = st.text(st.sampled_from("ab é漢#[]-\t"), max_size=12)
MARKS = {"utf-8": (b"", b"\xef\xbb\xbf"), "utf-16-le": (b"\xff\xfe",), "utf-16-be": (b"\xfe\xff",)}


def note_of(data: bytes, path: str, **changed: object) -> WrittenNote:
    decoded = decode_text(data)
    assert decoded is not None
    read = read_text(decoded.text)
    values = {
        "title": title_after(read, path, ""),
        "text": read.text,
        "tags": clean_tags(read.tags),
        "front_matter": read.front_matter,
    }
    return WrittenNote(**{**values, **changed})  # type: ignore[arg-type]


@given(st.sampled_from(HEADS), st.lists(LINES, max_size=5), st.sampled_from(["\n", "\r\n"]), st.data())
def test_what_was_not_changed_stays_byte_for_byte(head: str, lines: list[str], end: str, data: st.DataObject) -> None:
    encoding = data.draw(st.sampled_from(sorted(MARKS)))
    mark = data.draw(st.sampled_from(MARKS[encoding]))
    earlier = mark + (head + end.join(lines)).encode(encoding)
    if decode_text(earlier) is None:
        return
    assert file_bytes(note_of(earlier, "a/Name.md"), "a/Name.md", earlier) == earlier


@given(st.sampled_from(HEADS), LINES, st.data())
def test_an_edit_keeps_mark_encoding_and_head(head: str, new: str, data: st.DataObject) -> None:
    encoding = data.draw(st.sampled_from(sorted(MARKS)))
    mark = data.draw(st.sampled_from(MARKS[encoding]))
    earlier = mark + (head + "some old text\r\n").encode(encoding)
    note = note_of(earlier, "Name.md")
    changed = note_of(earlier, "Name.md", text=f"x {new}\r\nmore", title=note.title)
    assert file_bytes(changed, "Name.md", earlier) == mark + (head + f"x {new}\r\nmore").encode(encoding)


def test_older_encodings_stay() -> None:
    earlier = ("Заметка о погоде. " * 20).encode("cp1251")
    note = note_of(earlier, "n.md")
    written = file_bytes(note_of(earlier, "n.md", text=note.text + "Ещё."), "n.md", earlier)
    assert written.decode("cp1251") == "Заметка о погоде. " * 20 + "Ещё."
    beyond = file_bytes(note_of(earlier, "n.md", text=note.text + "漢"), "n.md", earlier)
    assert beyond.decode("utf-8") == note.text + "漢"


def test_broken_utf8_is_left_alone_until_it_is_edited() -> None:
    earlier = "caf\u00e9 ".encode() * 20 + b"\xe9nd"
    assert file_bytes(note_of(earlier, "n.md"), "n.md", earlier) == earlier


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_of_broken_utf8_only_the_lines_that_were_edited_are_written_anew(mark: bytes, end: bytes) -> None:
    lines = [b"---", b"by: Andr\xe9", b"---", "# Über".encode(), b"caf\xe9 one", b"\xe4 stays", "漢 ends".encode()]
    data = mark + end.join(lines)
    note = note_of(data, "a.md")
    edited = file_bytes(note_of(data, "a.md", text=note.text.replace("one", "two")), "a.md", data)
    assert edited == mark + end.join([*lines[:4], "café two".encode(), *lines[5:]])
    added = file_bytes(note_of(data, "a.md", text=note.text.replace("# Über", "# Über\nnew é")), "a.md", data)
    assert b"\xe4 stays" in added
    assert "new é".encode() in added


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_tags_change_their_own_lines_only(end: str) -> None:
    head = f"---{end}title: Bee{end}tags:{end}  - old{end}  - Kept{end}mood: good # mine{end}---{end}"
    earlier = (head + "text").encode()
    had = ("kept", "old")
    changed = note_of(earlier, "Bee.md", tags=("kept", "new"), earlier_tags=had)
    expected = f'---{end}title: Bee{end}tags: ["Kept", "new"]{end}mood: good # mine{end}---{end}text'
    assert file_bytes(changed, "Bee.md", earlier).decode() == expected
    gone = file_bytes(note_of(earlier, "Bee.md", tags=(), earlier_tags=had), "Bee.md", earlier).decode()
    assert gone == f"---{end}title: Bee{end}mood: good # mine{end}---{end}text"


def test_tags_in_the_text_are_not_said_twice() -> None:
    earlier = b"text with #inline words"
    assert file_bytes(note_of(earlier, "a.md"), "a.md", earlier) == earlier
    added = file_bytes(note_of(earlier, "a.md", tags=("inline", "more")), "a.md", earlier)
    assert added == b'---\ntags: ["more"]\n---\ntext with #inline words'


def test_a_title_is_written_where_nothing_else_says_it() -> None:
    headed = b"# Heading\ntext"
    assert file_bytes(note_of(headed, "other.md"), "other.md", headed) == headed
    titled = file_bytes(note_of(headed, "other.md", title="Mine"), "other.md", headed)
    assert titled == b'---\ntitle: "Mine"\n---\n# Heading\ntext'
    assert file_bytes(note_of(titled, "other.md", title="Yours"), "other.md", titled).startswith(
        b'---\ntitle: "Yours"\n---\n'
    )
    plain = b"first line\nmore"
    assert file_bytes(note_of(plain, "My name.md"), "My name.md", plain) == plain
    assert b'title: "a: b"' in file_bytes(note_of(plain, "x.md", title="a: b"), "x.md", plain)


def test_a_new_file_says_what_the_note_was_imported_with() -> None:
    note = WrittenNote("Bee", "text", ("x",), "title: Bee\ntags: [x]\nmood: good\n")
    assert file_bytes(note, "Bee.md", None) == b"---\ntitle: Bee\ntags: [x]\nmood: good\n---\ntext"
    without = WrittenNote("Bee", "text", (), "title: Bee\ntags: [x]\nmood: good\n")
    assert file_bytes(without, "Bee.md", None) == b"---\ntitle: Bee\nmood: good\n---\ntext"
    toml = WrittenNote("T", "text", (), "title = 'T'\n")
    assert split_front_matter(file_bytes(toml, "T.md", None).decode())[0].title == "T"
    assert file_bytes(WrittenNote("a", "a\nb", ()), "a.md", None) == b"a\nb"
