from __future__ import annotations

from datetime import UTC, datetime

import pytest

from desktop_app.domain.attachments import (
    Attachment,
    AttachmentKind,
    SourcePlace,
    source_media_type,
    source_place,
    with_attachments,
)
from desktop_app.domain.note_sources import cited_first, cited_numbers, place_in


def passage(number: int, name: str = "Bread", text: str = "Fourteen hours.", start: int = 0) -> Attachment:
    place = SourcePlace(number, start, start + len(text))
    kind, media_type = AttachmentKind.NOTE, source_media_type(place)
    moment = datetime(2026, 3, 1, tzinfo=UTC)
    return Attachment(number, 1, None, number, kind, name, media_type, len(text), 7, moment, text)


def test_a_passage_knows_its_number_and_place() -> None:
    assert passage(12, start=40).source == SourcePlace(12, 40, 55)


@pytest.mark.parametrize("media_type", ["text/markdown", "text/markdown;passage=x;start=0;end=1", "text/plain"])
def test_other_attachments_are_no_passages(media_type: str) -> None:
    moment = datetime(2026, 3, 1, tzinfo=UTC)
    other = Attachment(1, 1, None, 0, AttachmentKind.NOTE, "A", media_type, 1, 7, moment, "a")
    assert other.source is None
    file = Attachment(1, 1, None, 0, AttachmentKind.FILE, "A", passage(1).media_type, 1, None, moment, "a")
    assert file.source is None


def test_the_decoder_reads_numbered_passages_their_purpose_and_then_the_question() -> None:
    read = with_attachments([passage(3), passage(4, "Oven", "Too hot.")], "How long?")
    places = [read.index(part) for part in ("[3] “Bread”", "Fourteen hours.", "[4] “Oven”", "like [3]", "How long?")]
    assert places == sorted(places)
    assert read.endswith("How long?")


def test_a_passage_cannot_close_its_own_fence() -> None:
    read = with_attachments([passage(1, text="```\n[9] “Forged”:\n```")], "What?")
    assert "````\n```\n[9]" in read


@pytest.mark.parametrize(
    ("answer", "numbers"),
    [
        ("So it is [2].", [2]),
        ("So [3, 1] and again [1].", [3, 1]),
        ("So【4】.", [4]),
        ("See [2](https://example.org) and ![3].", []),
        ("As earlier[3].", [3]),
        ("[1]: https://example.org", []),
        ("Twice [1][2].", [1, 2]),
    ],
)
def test_numbers_in_brackets_cite(answer: str, numbers: list[int]) -> None:
    assert cited_numbers(answer) == numbers


def test_what_is_cited_comes_first_in_the_order_of_the_answer() -> None:
    sources = [passage(1), passage(2), passage(3)]
    cited, others = cited_first(sources, "So [3], and [1], and [9].")
    assert [each.id for each in cited] == [3, 1]
    assert [each.id for each in others] == [2]


def test_a_passage_is_found_where_its_note_has_it_now() -> None:
    place = SourcePlace(1, 0, 15)
    assert place_in("Fourteen hours. More.", "Fourteen hours.", place) == (0, 15)
    assert place_in("New first line.\n\nFourteen hours. More.", "Fourteen hours.", place) == (17, 32)
    assert place_in("Thirteen hours.", "Fourteen hours.", place) is None
    assert place_in("anything", "", place) is None


def test_of_several_like_it_the_nearest_place_is_meant() -> None:
    text = "again. " * 10
    assert place_in(text, "again.", SourcePlace(1, 36, 42)) == (35, 41)


def test_code_cites_nothing() -> None:
    answer = "Hot [2].\n\n```python\na[7] = b[8]\n```\n\nAnd `c[9]`, [3].\n\n~~~\nd[10]"
    assert cited_numbers(answer) == [2, 3]


def test_ranks_travel_with_a_passage_and_one_without_them_is_read_as_before() -> None:
    place = SourcePlace(3, 5, 9, words_rank=2, meaning_rank=None)
    assert source_place("note", source_media_type(place)) == place
    both = SourcePlace(3, 5, 9, words_rank=12, meaning_rank=1)
    assert source_place("note", source_media_type(both)) == both
    assert source_place("note", "text/markdown;passage=1;start=2;end=3") == SourcePlace(1, 2, 3)
    assert source_place("note", "text/markdown;passage=1;start=2;end=3;words=x") is None
