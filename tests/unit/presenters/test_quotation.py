"""Passages that leave the search."""

from __future__ import annotations

from msgspec.structs import replace

from desktop_app.domain.attachments import NotePassages
from desktop_app.domain.search import HitPlace
from desktop_app.presenters.quotation import MOST_ASKED, passages_to_ask, quotation_of
from tests.fakes.fake_search import hit, message_hit


def places(*numbers: int) -> tuple[HitPlace, ...]:
    return tuple(HitPlace(100 * number, 100 * number + 9, (), f"passage {number}", page=number) for number in numbers)


def test_a_quotation_keeps_its_lines_and_links_to_its_heading() -> None:
    found = hit(1, "Ink", "One.\n\nTwo.\n", heading_path=("Ink", "Gall"), page=4)
    assert quotation_of(found) == "> One.\n>\n> Two.\n>\n> — [[Ink#Gall]], page 4\n"


def test_what_no_link_can_name_is_named_without_one() -> None:
    assert quotation_of(hit(1, "a [b] | c", "x")) == "> x\n>\n> — a [b] | c\n"
    assert quotation_of(hit(1, "", "x")) == "> x\n>\n> — Untitled\n"
    assert quotation_of(message_hit(1, "A chat", "said")) == "> said\n>\n> — A chat\n"


def test_of_few_results_more_places_are_asked_about_and_of_many_the_first() -> None:
    one = replace(hit(1, "Ink", "passage 0", page=2), more_places=places(*range(1, 9)))
    (found,) = passages_to_ask([message_hit(1, "A chat", "said"), one])
    assert found.name == "Ink, pages 2, 1, 3, 4, 5"
    assert found.text.count("passage") == MOST_ASKED
    many = [replace(one, note_id=number) for number in range(9)]
    assert passages_to_ask(many) == [
        NotePassages(number, "Ink, page 2", "(page 2)\npassage 0") for number in range(MOST_ASKED)
    ]
