from __future__ import annotations

from datetime import UTC, datetime

from msgspec.structs import replace

from desktop_app.domain.attachments import Attachment, AttachmentKind
from desktop_app.domain.conversation import Message, Role
from desktop_app.domain.quotes import Passage, passages_at, quote_block
from desktop_app.domain.recall import passages_of
from desktop_app.domain.recalled_places import recalled_places

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)


def message(text: str, role: Role = Role.USER) -> Message:
    return Message(1, 1, None, 0, role, text, NOON)


def test_quotes_are_marked_line_by_line_and_stand_oldest_first() -> None:
    block = quote_block([Passage(2, Role.ASSISTANT, 0, 9, "B\nC"), Passage(1, Role.USER, 0, 1, "A")])
    assert "The user wrote:\n> A\n\nThe assistant answered:\n> B\n> C\n" in block
    assert quote_block([]) == ""


def test_places_of_gone_messages_and_broken_ones_are_left_out() -> None:
    used = {"recalled": [[1, 0, 3], [9, 0, 3], ["x", 0, 1], [1, 2], 7, [1, 50, 60], [True, 0, 1]]}
    places = recalled_places(used)
    assert places == [(1, 0, 3), (9, 0, 3), (1, 50, 60)]
    assert [each.text for each in passages_at(places, {1: message("tortoise")})] == ["tor"]
    assert recalled_places({"recalled": "nonsense"}) == []


def test_what_a_model_thought_is_not_quoted_and_what_a_message_carries_is() -> None:
    answer = message("<think>Perhaps Bertha.</think>\n\nIts name is Balthazar.", role=Role.ASSISTANT)
    (passage,) = passages_of(answer)
    assert passage.text == "Its name is Balthazar."
    assert passages_at([passage.key], {1: answer}) == [passage]
    paper = Attachment(7, 1, 1, 0, AttachmentKind.FILE, "pets.txt", "text/plain", 9, None, NOON, "The tortoise sleeps.")
    carrying = replace(message("Read this"), attachments=(paper,))
    assert "The tortoise sleeps." in " ".join(each.text for each in passages_of(carrying))
