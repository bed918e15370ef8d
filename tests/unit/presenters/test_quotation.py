"""Passages that leave the search."""

from __future__ import annotations

from desktop_app.presenters.quotation import quotation_of
from tests.fakes.fake_search import hit, message_hit


def test_a_quotation_keeps_its_lines_and_links_to_its_heading() -> None:
    found = hit(1, "Ink", "One.\n\nTwo.\n", heading_path=("Ink", "Gall"), page=4)
    assert quotation_of(found) == "> One.\n>\n> Two.\n>\n> — [[Ink#Gall]], page 4\n"


def test_what_no_link_can_name_is_named_without_one() -> None:
    assert quotation_of(hit(1, "a [b] | c", "x")) == "> x\n>\n> — a [b] | c\n"
    assert quotation_of(hit(1, "", "x")) == "> x\n>\n> — Untitled\n"
    assert quotation_of(message_hit(1, "A chat", "said")) == "> said\n>\n> — A chat\n"
