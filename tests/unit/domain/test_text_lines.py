"""Lines of a page: those of a paragraph are joined, and nothing else is."""

from __future__ import annotations

import pytest

from desktop_app.domain.text_lines import whole_paragraphs

PROSE = [
    "The quick study of lichens in temperate forests",
    "shows that moisture and light decide the growth",
    "of thalli over many years. In the north of Japan",
    "they grow slowly.",
    "Another study of lichens, in colder forests, was",
    "made by others.",
]


def test_lines_of_paragraphs_are_joined() -> None:
    assert whole_paragraphs("\n".join(["Journal", "A study", *PROSE, "1 Method"])).split("\n") == [
        "Journal",
        "A study",
        " ".join(PROSE[:4]),
        " ".join(PROSE[4:]),
        "1 Method",
    ]


def test_a_line_that_is_full_goes_on_with_a_name() -> None:
    lines = [
        "Dies ist ein Satz über die alten und sehr großen",
        "Bäume der Wälder, die hier im Norden einst standen",
        ".",
    ]
    assert whole_paragraphs("\n".join(lines)) == " ".join(lines[:2]) + "\n."


@pytest.mark.parametrize(
    "text",
    [
        "Shall I compare thee\nto a summer day\nThou art more lovely\nand more temperate",
        "Usnea longissima 12 44.1 18.2 north of the river 1\nCladonia rangifera 3 41.0 17.7 south of the river 2\n"
        "Parmelia sulcata 8 43.9 18.0 east of the river 33",
        "Bring to the meeting in the old house by the river:\n- a pen and some paper of the better kind for drawing\n"
        "- what is left of the ink in the drawer of the desk\n2. the list of the names of all who are to be there",
        "One sentence of a page that ends where its line ends.\nAnd another that begins with the next line of it.",
        "",
        "one line",
    ],
)
def test_other_lines_stay_as_they_are(text: str) -> None:
    assert whole_paragraphs(text) == text


@pytest.mark.timeout(20)
def test_a_paragraph_of_very_many_lines_is_joined_in_time() -> None:
    line = "words that go on and on in the next line below"
    assert whole_paragraphs("\n".join([line] * 100_000)) == " ".join([line] * 100_000)
