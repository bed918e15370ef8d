"""Front matter, tags, titles, folders, encodings."""

from __future__ import annotations

import random
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_app.domain import snippets
from desktop_app.domain.folders import clean_folder, clean_tag, clean_tags, counted_with_below, parents, safe_file_name
from desktop_app.domain.front_matter import (
    FrontMatter,
    broken_front_matter_end,
    has_open_values,
    other_properties,
    split_front_matter,
    written_front_matter,
)
from desktop_app.domain.inline_tags import inline_tags
from desktop_app.domain.snippets import first_heading, snippet, title_of
from desktop_app.domain.text_cleaning import without_lone_surrogates
from desktop_app.domain.text_decoding import decode_text

WHEN = datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("block", "title", "tags"),
    [
        ("title: \"A: b\" # comment\ntags: [one, \"two, three\", 'it''s']", "A: b", ("one", "two, three", "it's")),
        ("tags:\n  - one\n  - two words\naliases:\n  - other\ntitle: Plain # comment", "Plain", ("one", "two words")),
        ("tags: one, two", "", ("one", "two")),
        ("Tags: one two\ntag: three", "", ("one", "two", "three")),
        ("title: >\n  folded\n  text", "folded text", ()),
        ("tags:\ntitle:", "", ()),
        ("# comment\n\nkeywords: [a]", "", ("a",)),
        ("title: #3\ntags: #one #two", "#3", ("#one", "#two")),
        ("tags: [one,\n  two]\ntitle: T", "T", ("one", "two")),
        ("tags: [\n'one',\ntwo\n]\ntitle: T", "T", ("one", "two")),
        ('title: "open\ntags: a', "", ("a",)),
        ("title: 'open\ntags: [a, b", "", ("a", "b")),
        ("title: [open\ntags: a", "", ("a",)),
        ("title: {a: b}", "", ()),
        ("größe: 3\ntitle: T", "T", ()),
    ],
)
def test_front_matter_as_people_write_it(block: str, title: str, tags: tuple[str, ...]) -> None:
    for end in ("\n", "\r\n"):
        text = f"---\n{block}\n---\nbody\n---\n".replace("\n", end)
        matter, body = split_front_matter(text)
        assert (matter.title, matter.tags) == (title, tags)
        assert body == "body\n---\n".replace("\n", end)


def test_front_matter_dates_and_toml() -> None:
    matter, body = split_front_matter('+++\ntitle = "T"\ntags = ["a"]\ndate = 2024-05-06T07:08:09Z\n+++\nbody')
    assert (matter.title, matter.tags, matter.created, body) == ("T", ("a",), WHEN, "body")
    matter, _ = split_front_matter("---\ncreated: 2024-05-06\nupdated: yesterday\n---\n")
    assert (matter.created, matter.edited) == (datetime(2024, 5, 6, tzinfo=UTC), None)


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("created: 2019-05-01 16:54:00Z", datetime(2019, 5, 1, 16, 54, tzinfo=UTC)),
        ("created: 2019/05/01 16:54", datetime(2019, 5, 1, 16, 54, tzinfo=UTC)),
        ("date created: Monday, January 2nd 2023, 3:04:05 pm", datetime(2023, 1, 2, 15, 4, 5, tzinfo=UTC)),
        ("created_time: March 3, 2023", datetime(2023, 3, 3, tzinfo=UTC)),
        ("created: February 30, 2023", None),
        ("created: someday 3, 2023", None),
    ],
)
def test_times_as_other_programs_write_them(written: str, moment: datetime | None) -> None:
    assert split_front_matter(f"---\n{written}\n---\n")[0].created == moment


def test_a_key_may_be_a_question() -> None:
    matter, _ = split_front_matter("---\ncompleted?: no\ntags:\n  - a b\n---\n")
    assert matter.tags == ("a b",)
    assert other_properties(matter.lines) == "completed?: no"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "---",
        "---\n",
        "---\na: b\n",
        "---\njust text\n---\nmore",
        "text\n---\na: b\n---\n",
        "+++\nbad\n+++\n",
        "+++\na = " + "1" * 5000 + "\n+++\n",
        "+++\na = " + "[" * 5000 + "\n+++\n",
    ],
    ids=lambda text: text[:20],
)
def test_what_is_no_front_matter_stays_text(text: str) -> None:
    assert split_front_matter(text) == (FrontMatter(), text)


def test_front_matter_may_name_a_folder() -> None:
    assert split_front_matter("---\nfolder: kitchen/bread\n---\n")[0].folder == "kitchen/bread"


@pytest.mark.parametrize(
    ("lines", "others"),
    [
        ("title: T\naliases:\n  - Other\ntags: [a]\nstatus: done\n", "aliases:\n  - Other\nstatus: done"),
        ('"due date": May\ntitle: T\n"shop list": milk\ndate: 2024-05-06\n', '"due date": May\n"shop list": milk'),
        ('title = "T"\nAliases = ["Önder"]\n[author]\nname = "x"', 'Aliases: ["Önder"]\nauthor: {"name": "x"}'),
        ("", ""),
    ],
)
def test_what_front_matter_says_beside_what_is_read(lines: str, others: str) -> None:
    assert other_properties(lines) == others
    assert split_front_matter(written_front_matter("T", [], WHEN, WHEN, lines))[0].lines.endswith(f"{others}\n")


@pytest.mark.parametrize(
    ("broken", "rest"),
    [
        ("---\ntitle: Never closed\ntags: [a\n", "\nText"),
        ("---\n: [ broken\nmore of it\n---\n", "Text"),
        ("+++\ntitle = not toml\n+++\n", "# Text"),
        ("---\n\ttitle: x\n...\n", "- Text"),
        ("", "---\nJust a line below a rule"),
        ("", "Text\n---\na: b\n---\n"),
    ],
)
def test_broken_front_matter_is_no_title(broken: str, rest: str) -> None:
    assert split_front_matter(broken + rest)[0] == FrontMatter()
    assert broken_front_matter_end(broken + rest) == len(broken)
    assert title_of(broken + rest) in ("Text", "Just a line below a rule")


@pytest.mark.parametrize(
    ("lines", "is_open"),
    [
        ("title: [unclosed\ntags: a\n", True),
        ("tags: {a: b\n", True),
        ('title: "never\nstatus: done\n', True),
        ("tags: [a,\n  b]\nstatus: done\n", False),
        ('tags: ["[", b]\nup: [[Other]]\n', False),
        ("title: 'it''s'\nwhy: \"a\n  b\"\n", False),
        ("title: a [ b\nlist:\n  - [x\ntext: |\n  [ ] to do\n", False),
        ("", False),
    ],
)
def test_values_that_were_never_closed(lines: str, is_open: bool) -> None:
    assert has_open_values(lines) is is_open


@given(
    st.text(st.characters(codec="utf-8"), max_size=30),
    st.lists(st.text(st.sampled_from("ab/é-"), min_size=1, max_size=5)),
    st.text(st.characters(codec="utf-8"), max_size=60),
)
def test_written_front_matter_is_read_back(title: str, tags: list[str], text: str) -> None:
    written = written_front_matter(title, tags, WHEN, WHEN, "title: old\naliases:\n  - other\ncolour: red\n")
    matter, body = split_front_matter(written + text)
    assert matter.title == " ".join(title.split())
    assert list(matter.tags) == tags
    assert (matter.created, matter.edited) == (WHEN, WHEN)
    assert matter.lines.endswith("aliases:\n  - other\ncolour: red\n")
    assert "title: old" not in matter.lines.splitlines()
    assert body == text


def test_inline_tags() -> None:
    text = "#one and (#two/three) but#not #4 `#code` #four.\n# Heading\n```\n#fenced\n```\n    #indented\n#über #one"
    assert inline_tags(text) == ("one", "two/three", "four", "über")


def test_titles_and_snippets() -> None:
    assert title_of("```\n# not this\n```\nintro\n## **The** [title](x) ##\n# Later") == "The title"
    assert first_heading("#no heading\n") == ""
    assert title_of("\n\n- first *line* here\nsecond") == "first line here"
    assert title_of(" \n\x00") == ""
    assert snippet("T", "# T\n\n> some `words`\n- more") == "some words more"
    assert snippet("Other", "# T\nx") == "T x"
    assert (
        snippet("T", "# T\n\n- [ ] \n- [ ] ink\n1. [x] pen\n> [!tip]- Keep\n> cool\n> [!note]\n> end")
        == "ink pen Keep cool end"
    )
    assert len(snippet("", "w " * 500)) <= 120
    table = "# Keys\n\n| keys | what they do |\n|---|---|\n| Ctrl+K | open *anything* |\n"
    assert snippet("Keys", table) == "keys · what they do Ctrl+K · open anything"
    assert snippet("", "*Export everything* under **Settings**, 2 * 3 * 4, a_b_c") == (
        "Export everything under Settings, 2 * 3 * 4, a_b_c"
    )


def test_folders_are_counted_with_those_below_which_follow_them_at_once() -> None:
    counts = [("Work/Ideas", 1), ("work 2", 1), ("Work", 2), ("home/garden/roses", 3)]
    assert counted_with_below(counts) == [
        ("home", 3),
        ("home/garden", 3),
        ("home/garden/roses", 3),
        ("Work", 3),
        ("Work/Ideas", 1),
        ("work 2", 1),
    ]


def test_folders_and_tags() -> None:
    assert clean_folder("/a//./b/../ c\t d /") == "a/b/c d"
    assert clean_folder("..\\x\x00y") == "x y"
    assert clean_folder("") == ""
    assert clean_tag(" ##Über Mut ") == "über-mut"
    assert clean_tags(["B", "#a", "b", " ", "#"]) == ("a", "b")
    assert parents("a/b/c") == ["a/b/c", "a/b", "a"]
    assert parents("") == []


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("a/b:c?", "a b c"),
        ("..", "untitled"),
        ("CON", "_CON"),
        ("nul.txt", "_nul.txt"),
        ("conout$", "_conout$"),
        ("CONIN$.md", "_CONIN$.md"),
        ("lpt¹", "_lpt¹"),
        ("console", "console"),
        ("x. ", "x"),
        ("", "untitled"),
        ("\x00\n", "untitled"),
        ("photo\u202egpj.exe", "photo gpj.exe"),
        ("\u2067\u05e9\u05dc\u200f\u2069", "\u05e9\u05dc\u200f"),
    ],
)
def test_file_names_every_system_takes(name: str, safe: str) -> None:
    assert safe_file_name(name) == safe


@given(st.text(max_size=300))
def test_any_title_makes_a_file_name(title: str) -> None:
    name = safe_file_name(title)
    assert 0 < len(name.encode("utf-8")) <= 201
    assert not set(name) & set('<>:"/\\|?*\x00')


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"plain", "plain"),
        (b"", ""),
        ("\ufeffä".encode(), "ä"),
        ("ä😀".encode("utf-16"), "ä😀"),
        (b"\xfe\xff" + "ä😀".encode("utf-16-be"), "ä😀"),
        ("ä😀".encode("utf-32"), "ä😀"),
        (b"a\r\nb\x00c", "a\r\nb\x00c"),
        ("שלום".encode(), "שלום"),
    ],
)
def test_encodings_that_say_what_they_are(data: bytes, text: str) -> None:
    padded = data + b"" if b"\x00c" not in data else data + b"x" * 100
    decoded = decode_text(padded)
    assert decoded is not None
    assert decoded.text.rstrip("x") == text
    assert decoded.remark == ""


def test_encodings_that_have_to_be_guessed() -> None:
    latin = decode_text("Größe – naïve".encode("cp1252"))
    assert latin is not None
    assert latin.text == "Größe – naïve"
    assert "Windows-1252" in latin.remark
    mixed = decode_text("schön ".encode() + b"\xfc\x81" + "ö".encode())
    assert mixed is not None
    assert mixed.text == "schön ü\x81ö"
    wide = decode_text("words without a mark".encode("utf-16-le"))
    assert wide is not None
    assert wide.text == "words without a mark"
    assert decode_text(bytes(range(256)) * 20) is None
    assert decode_text(b"\x89PNG\r\n\x1a\n" + bytes(500)) is None


def test_lone_surrogates() -> None:
    assert without_lone_surrogates("a\x00ü😀") == "a\x00ü😀"
    assert without_lone_surrogates("\ud83d\ude00\ud83d") == "😀\ufffd"


def test_a_snippet_reads_no_more_than_it_shows_and_says_what_all_would(monkeypatch: pytest.MonkeyPatch) -> None:
    parts = (
        "# T\n",
        "word ",
        "**b** ",
        "[[x|y\n]] ",
        "```\n",
        "a`c` ",
        "![p](u.png)",
        "\n\n",
        "---\n",
        "| a | b |\n",
        "\r\n",
    )
    parts += ("- [ ] x\n", "_i_ ", "~~s~~ ", "    code\n", "\u2028", "> [!note] x\n", "|--|--|\n")
    dice = random.Random(7)
    for _ in range(1_000):
        text = "".join(dice.choice(parts) * dice.choice((1, 2, 9, 40)) for _ in range(dice.randint(1, 25)))
        lines = snippets._plain_lines(text)
        for title, said in (("", lines), ("T", lines[1:] if lines[:1] == ["T"] else lines)):
            whole = " ".join(filter(None, (snippets._SIGNS.sub("", line) for line in said)))
            assert snippet(title, text) == whole[:120].strip(), text
    read: list[int] = []
    monkeypatch.setattr(snippets, "link_words", lambda line: read.append(len(line)) or line)
    snippet("", "some words of a line that is long enough\n" * 100)
    assert read == [246]
