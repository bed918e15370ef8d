"""Links between notes: where they stand, what they mean, and how they change with a text."""

from __future__ import annotations

import time

from hypothesis import given
from hypothesis import strategies as st

from desktop_app.domain.outline import heading_named, headings, word_count
from desktop_app.domain.snippets import snippet, title_of
from desktop_app.domain.wiki_links import (
    Candidate,
    changed_links,
    chosen,
    excerpt,
    find_links,
    link_words,
    marked_link,
    marked_words,
    replaced,
    target_key,
)


def test_the_three_forms_are_read() -> None:
    text = "See [[Ink]], [[Ink#Iron gall]] and [[ Work/Ink |the black one]]; [[#Below]]."
    links = find_links(text)
    assert [(link.target, link.heading, link.shown) for link in links] == [
        ("Ink", "", ""),
        ("Ink", "Iron gall", ""),
        ("Work/Ink", "", "the black one"),
        ("", "Below", ""),
    ]
    assert [text[link.start : link.end] for link in links][:2] == ["[[Ink]]", "[[Ink#Iron gall]]"]
    assert link_words(text) == "See Ink, Ink › Iron gall and the black one; Below."
    assert link_words("![[a.png|220]] and [[b]]!") == "a.png and b!"


def test_code_and_empty_brackets_hold_no_links() -> None:
    text = "`[[a]]` [[]] [[ ]] [[x\ny]]\n```\n[[b]]\n~~~\n[[b]]\n```\n[[c]] ``[[d]]`` [[e]]\n"
    text += "~~~~ x\n[[f]]\n~~~\n[[f]]\n~~~~~\n[[g]]"
    assert [link.target for link in find_links(text)] == ["c", "e", "g"]


def test_a_link_longer_than_an_excerpt_is_whole_in_it() -> None:
    name = "n" * 300
    line = f"{'before ' * 30}[[{name}]]{' after' * 30}"
    found = excerpt(line, find_links(line)[0])
    assert f"[[{name}]]" in found
    assert found.startswith("…")
    assert found.endswith("…")


_PIECES = st.lists(
    st.sampled_from(["[[a]]", "[[b#c]]", "\n", "x ", "`", "```\n", "[[", "]]", "\r\n", "é𝄞"]), max_size=14
)


@given(_PIECES, _PIECES, _PIECES, _PIECES)
def test_links_followed_from_change_to_change_are_those_of_the_text(
    front: list[str], before: list[str], after: list[str], back: list[str]
) -> None:
    old, new = ("".join([*front, *middle, *back]) for middle in (before, after))
    changes = changed_links(old, new)
    kept = [(link.start, link.written) for link in find_links(old) if link.start < changes.start]
    moved = [(link.start + changes.shift, link.written) for link in find_links(old) if link.start >= changes.end]
    added = [(link.start, link.written) for link in changes.added]
    assert [*kept, *added, *moved] == [(link.start, link.written) for link in find_links(new)]


def test_a_line_of_many_links_and_signs_takes_no_longer_than_its_length() -> None:
    """Each took minutes when every link looked at its whole line."""
    for unit, links in (("`[[a]] ", 15_000), ("[[a]] ` `` ", 10_000), ("[[a", 0), ("[", 0), ("`", 0)):
        line = unit * 30_000
        started = time.thread_time()
        found = find_links(line)
        for link in found[-2_000:]:
            excerpt(line, link)
        changed_links(line, line + "[[b]]")
        assert time.thread_time() - started < 5, unit
        assert len(found) >= links


def test_only_the_lines_that_differ_are_looked_at() -> None:
    lines = [f"line {number} [[n{number}]]\n" for number in range(50)]
    old = "".join(lines)
    changes = changed_links(old, old.replace("line 25 ", "line 25, longer "))
    assert [link.target for link in changes.added] == ["n25"]
    assert changes.shift == len(", longer")


def test_the_nearest_note_of_a_name_is_meant() -> None:
    notes = [Candidate(1, "Home"), Candidate(2, "Work/Ideas"), Candidate(3, ""), Candidate(4, "Work")]
    assert chosen("Ink", "Work/Ideas", notes) == 2
    assert chosen("Ink", "Work/Plans", notes) == 4
    assert chosen("Ink", "Home/Garden", notes) == 1
    assert chosen("Ink", "", notes) == 3
    assert chosen("Ink", "Far/Away", [Candidate(9, "Home"), Candidate(8, "Work")]) == 8
    assert chosen("Ink", "", []) is None


def test_a_slash_in_front_means_the_note_at_that_very_path() -> None:
    notes = [Candidate(1, "Home"), Candidate(2, "Work/Ideas"), Candidate(3, ""), Candidate(4, "Work")]
    assert chosen("/Ink", "Work/Ideas", notes) == 3
    assert chosen("/Ink", "Home", notes[:2]) == 1, "without one there it means what it means without the slash"
    tails = [Candidate(1, "Old/Work", by_tail=True), Candidate(2, "Work", by_tail=True)]
    assert chosen("Work/Ink", "Old/Work", tails) == 1
    assert chosen("/Work/Ink", "Old/Work", tails) == 2
    slash_in_title = [Candidate(5, "Work"), Candidate(6, ""), Candidate(7, "a", by_tail=True)]
    assert chosen("/a/b", "Work", slash_in_title[:2]) == 6


def test_a_path_has_to_end_the_folder() -> None:
    notes = [Candidate(1, "Old/Work", by_tail=True), Candidate(2, "Homework", by_tail=True)]
    assert chosen("work/Ink", "Homework", notes) == 1
    assert chosen("Play/Ink", "", notes) is None


def test_case_composition_and_an_ending_mean_nothing() -> None:
    assert target_key(" /Cafe\u0301  Noir.md ") == target_key("CAFÉ noir")


def test_an_excerpt_is_the_line_or_the_part_of_it_around_the_link() -> None:
    text = "first\n  a [[b]]  c\nlast"
    assert excerpt(text, find_links(text)[0]) == "a [[b]] c"
    text = "x " * 300 + "[[b]]" + " y" * 300
    found = excerpt(text, find_links(text)[0])
    assert "[[b]]" in found
    assert found[0] == found[-1] == "…"
    assert len(found) < 170


def test_the_link_meant_is_found_in_its_line() -> None:
    line = "from [[Old/One|one]] with ![[a.png]] to [[Two#Three]] and [[two]]"
    start, end = marked_link(line, "two") or (0, 0)
    assert line[start:end] == "[[Two#Three]]"
    words = link_words(line)
    start, end = marked_words(line, "two") or (0, 0)
    assert words[start:end] == "Two › Three"
    assert marked_link(line, "none") is None


def test_of_several_links_to_a_note_in_one_line_each_is_marked() -> None:
    line = "See [[One]] and [[two]] and [[one#Start]]"
    marked = [marked_link(line, "one", before) for before in range(3)]
    assert [line[slice(*place)] for place in marked if place] == ["[[One]]", "[[one#Start]]", "[[one#Start]]"]
    assert marked_words(line, "none") is None


def test_other_targets_leave_everything_else_byte_for_byte() -> None:
    text = "a\r\n[[ Old #H|x]] [[Old]]\u2028[[Other]]"
    links = [link for link in find_links(text) if link.target == "Old"]
    assert replaced(text, [(link, "New") for link in links]) == "a\r\n[[ New #H|x]] [[New]]\u2028[[Other]]"


def test_titles_and_snippets_show_what_a_reader_sees() -> None:
    assert title_of("# On [[Work/Ink|ink]] and [[Pen]]") == "On ink and Pen"
    assert snippet("x", "x\n\nsee [[Ink#Recipe]] `[[code]]`") == "see Ink › Recipe [[code]]"


def test_words_are_counted_without_lone_signs() -> None:
    assert word_count("# Ink - and **pen**\n\n1. it's {x}\n") == 6
    assert word_count("word " * 30_000 + "x" * 200_000) == 30_001
    assert word_count(" \n") == 0


def test_headings_are_found_outside_code() -> None:
    text = "Top\n===\n\n# One ##\ntext\n```\n# no\n```\n### [[Ink|Black]] *deep*\n#\n#no\nlist\n- x\n---\n"
    assert [(one.title, one.level) for one in headings(text)] == [("Top", 1), ("One", 1), ("Black deep", 3)]
    found = heading_named(text, "Top#ONE")
    assert found is not None
    assert text[found.start : found.end] == "# One ##"
    assert heading_named(text, "two") is None


def test_a_heading_may_have_several_lines_above_its_rule() -> None:
    text = "words\n\nA long\n*title* of\nthree\n====\n\n- no\nlist\n---\n\na | b\n---|---\n"
    (found,) = headings(text)
    assert (found.title, found.level) == ("A long title of three", 1)
    assert text[found.start : found.end] == "A long\n*title* of\nthree\n===="
