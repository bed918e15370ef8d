"""What a line of Markdown looks like, and what Enter and the bold key do."""

from __future__ import annotations

import pytest

from desktop_app.ui.notes.markdown_keys import continuation, toggled
from desktop_app.ui.notes.markdown_lines import LineState, Style, is_bullet, line_state, line_styles
from desktop_app.ui.notes.read_view import pages


def styled(text: str, before: LineState = LineState.TEXT) -> dict[Style, list[str]]:
    found: dict[Style, list[str]] = {}
    units = text.encode("utf-16-le")
    for stretch in line_styles(text, before):
        part = units[2 * stretch.start : 2 * (stretch.start + stretch.length)].decode("utf-16-le")
        found.setdefault(stretch.style, []).append(part)
    return found


@pytest.mark.parametrize(
    ("text", "style", "parts"),
    [
        ("# Title", Style.HEADING_1, ["# Title"]),
        ("### Part", Style.HEADING_3, ["### Part"]),
        ("some **bold** words", Style.BOLD, ["bold"]),
        ("some *slanted* words", Style.ITALIC, ["slanted"]),
        ("snake_case_name", Style.ITALIC, []),
        ("2 * 3 * 4", Style.ITALIC, []),
        ("run `a * b * c` now", Style.CODE, ["a * b * c"]),
        ("run `a * b * c` now", Style.ITALIC, []),
        ("## run `a * b` now", Style.CODE_IN_HEADING, ["a * b"]),
        ("## run `a * b` now", Style.CODE, []),
        ("> said", Style.QUOTE, ["> said"]),
        ("see [Qt](https://qt.io)", Style.LINK, ["Qt"]),
        ("see [[Ink|the ink]]", Style.LINK, ["the ink"]),
        ("see ![[ink.png|220]]", Style.LINK, ["ink.png"]),
        ("see ![[ink.png|220]]", Style.MARK, ["![[", "|220]]"]),
        ("see https://qt.io/x now", Style.LINK, ["https://qt.io/x"]),
        ("#idea and #work/later", Style.TAG, ["#idea", "#work/later"]),
        ("issue #12", Style.TAG, []),
        ("~~gone~~", Style.STRIKE, ["gone"]),
        ("- item", Style.BULLET, ["-"]),
        ("- [x] item", Style.BULLET, ["[x]"]),
        ("  - [ ] item", Style.INDENT, ["  "]),
        ("so ==marked **b**== it", Style.HIGHLIGHT, ["marked **b**"]),
        ("a == b == c", Style.HIGHLIGHT, []),
        ("`==code==`", Style.HIGHLIGHT, []),
        ("so %%hidden%% it", Style.MUTED, ["%%hidden%%"]),
        ("a paragraph ^name", Style.MUTED, [" ^name"]),
        ("2 ^ 3", Style.MUTED, []),
        ("> [!tip] Ink", Style.CALLOUT, ["[!tip] Ink"]),
        ("> [!tip] Ink", Style.MARK, ["[!tip] "]),
        ("> [!tip]", Style.MARK, []),
        ("---", Style.BULLET, []),
        ("🙂🙂 **bold**", Style.BOLD, ["bold"]),
    ],
)
def test_styles(text: str, style: Style, parts: list[str]) -> None:
    assert styled(text).get(style, []) == parts


def test_signs_are_marked_apart_from_what_they_mean() -> None:
    assert styled("## Title **b**")[Style.MARK] == ["## ", "**", "**"]
    assert styled("[Qt](https://qt.io)")[Style.MARK] == ["[", "](https://qt.io)"]


@pytest.mark.parametrize(
    ("text", "shown", "hidden"),
    [
        ("![](image1.png)", ["image1.png"], ["![](", ")"]),
        ("x ![ ](media/image 1.png) y", ["media/image"], None),
        ('![](media/image1.png "Figure")', ["image1.png"], ["![](media/", ' "Figure")']),
        ("[](https://example.org/)", ["example.org/"], ["[](https://", ")"]),
        ("![]()", [], []),
        ("![seen](image1.png)", ["seen"], ["![", "](image1.png)"]),
    ],
)
def test_a_picture_without_words_shows_its_name(text: str, shown: list[str], hidden: list[str] | None) -> None:
    if hidden is None:
        assert Style.MARK not in styled(text), "a name with a blank is no picture: it is shown as it is written"
        return
    assert (styled(text).get(Style.LINK, []), styled(text).get(Style.MARK, [])) == (shown, hidden)


def test_a_fence_holds_until_its_own_kind_closes_it() -> None:
    inside = line_state("```python", LineState.TEXT)
    assert inside is LineState.FENCE_BACKTICK
    assert line_state("~~~", inside) is inside
    assert line_state("# not a heading", inside) is inside
    assert Style.HEADING_1 not in styled("# not a heading", inside)
    assert line_state("```", inside) is LineState.TEXT


def test_marks_of_the_encoding_are_invisible() -> None:
    assert styled("abc\u206c")[Style.INVISIBLE] == ["\u206c"]


def test_bullets() -> None:
    assert is_bullet("  - item") == 2
    assert is_bullet("1. item") == -1
    assert is_bullet("- - -") == -1


@pytest.mark.parametrize(
    ("line", "lead"),
    [
        ("- item", "- "),
        ("  * item", "  * "),
        ("9. nine", "10. "),
        ("- [x] done", "- [ ] "),
        ("> quote", "> "),
        ("plain", ""),
        ("- ", None),
    ],
)
def test_enter_goes_on_with_a_list(line: str, lead: str | None) -> None:
    assert continuation(line, len(line)) == lead


def test_enter_inside_the_sign_starts_no_item() -> None:
    assert continuation("- item", 0) == ""


def test_bold_comes_and_goes() -> None:
    assert toggled("word", "**") == ("**word**", 2, 4)
    assert toggled("**word**", "**") == ("word", 0, 4)


def test_pages_lose_nothing_and_keep_fences_whole() -> None:
    fence = "```\n" + "code\n\n" * 1_000 + "```\n"
    text = ("A paragraph of text.\n\n" * 900 + fence) * 3
    cut = list(pages(text))
    assert "\n".join(page.text for page in cut) == text
    assert len(cut) > 3
    assert all(page.text.count("```") % 2 == 0 for page in cut)


@pytest.mark.parametrize(
    ("text", "style"),
    [("[[Ink]]", Style.MISSING_LINK), ("![[Ink]]", Style.MISSING_LINK), ("![[ink.png|300]]", Style.LINK)],
)
def test_a_file_that_is_shown_is_no_note_that_is_missing(text: str, style: Style) -> None:
    found = line_styles(text, LineState.TEXT, frozenset({"ink", "ink.png"}))
    assert style in {stretch.style for stretch in found}


def test_indented_code_is_code_in_each_of_its_lines() -> None:
    stretches = line_styles("    a *b* c", LineState.TEXT, is_code=True)
    assert [(each.style, each.length) for each in stretches] == [(Style.CODE_BLOCK, 11)]
