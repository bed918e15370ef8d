"""The chips of the draft: reading, ready, failed, removed, put back, sent, and each in its own chat."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from desktop_app.domain.attachments import AttachmentKind
from desktop_app.domain.errors import NoTextError
from desktop_app.domain.generation import StopReason
from desktop_app.presenters.attachments import ChipState, size_in_words
from tests.unit.presenters.test_chat import Desk


@pytest.fixture
def desk(qtbot: QtBot) -> Iterator[Desk]:
    made = Desk(qtbot)
    yield made
    made.attachments.may_read.set()
    made.presenter.stop()
    made.service.feed(StopReason.STOPPED)
    made.presenter.close()
    made.tasks.close()


def states(desk: Desk) -> list[ChipState]:
    return [chip.state for chip in desk.presenter.attachments.chips]


def test_a_file_is_shown_while_it_is_read_and_when_it_is_there(desk: Desk) -> None:
    desk.attachments.may_read.clear()
    desk.attachments.pages = (3, 12)
    desk.presenter.set_draft("What is this?")
    desk.presenter.attachments.add_files([Path("/tmp/plan.pdf")])
    desk.until(lambda: "3 of 12" in desk.presenter.attachments.chips[0].detail)
    assert states(desk) == [ChipState.READING]
    assert not desk.presenter.can_send
    assert not desk.presenter.send()
    desk.attachments.may_read.set()
    desk.until(lambda: states(desk) == [ChipState.READY])
    chip = desk.presenter.attachments.chips[0]
    assert (chip.name, chip.detail) == ("plan.pdf", "17 B · 3 tokens")
    assert desk.presenter.can_send


def test_the_first_attachment_gives_a_new_chat_its_row(desk: Desk) -> None:
    assert desk.presenter.conversation_id is None
    desk.presenter.attachments.add_note(1, "Attention")
    desk.until(lambda: states(desk) == [ChipState.READY])
    assert desk.presenter.conversation_id is not None
    assert desk.presenter.can_send, "what is carried can be sent without a word"


def test_a_file_that_cannot_be_read_says_why_and_makes_no_chat(desk: Desk) -> None:
    desk.attachments.error = NoTextError("The PDF has no text.", "Its pages are pictures.", "")
    desk.presenter.attachments.add_files([Path("scan.pdf")])
    desk.until(lambda: states(desk) == [ChipState.FAILED])
    chip = desk.presenter.attachments.chips[0]
    assert chip.detail == "The PDF has no text. Its pages are pictures."
    assert desk.presenter.conversation_id is None
    assert not desk.presenter.can_send
    desk.presenter.attachments.remove(chip.key)
    assert states(desk) == []


def test_removing_a_file_that_is_read_stops_the_reading(desk: Desk) -> None:
    desk.attachments.may_read.clear()
    desk.presenter.attachments.add_files([Path("long.pdf")])
    desk.presenter.attachments.remove(desk.presenter.attachments.chips[0].key)
    desk.until(lambda: desk.tasks.idle)
    assert states(desk) == []
    assert desk.attachments.stored == {}


def test_removed_and_put_back(desk: Desk) -> None:
    presenter = desk.presenter.attachments
    pasted: list[tuple[str, int]] = []
    presenter.paste_attached.connect(lambda text, key: pasted.append((text, key)))
    presenter.add_paste("many words")
    desk.until(lambda: bool(pasted))
    removed = presenter.remove(pasted[0][1])
    assert pasted[0][0] == "many words"
    assert removed is not None
    desk.until(lambda: desk.attachments.stored == {})
    presenter.put_back(removed)
    desk.until(lambda: [chip.name for chip in presenter.chips] == ["many words"])


def test_sending_empties_the_row_and_the_meter_is_asked_again(desk: Desk) -> None:
    presenter = desk.presenter.attachments
    presenter.add_paste("many words")
    desk.until(lambda: states(desk) == [ChipState.READY])
    desk.until(lambda: desk.tasks.idle)
    chat = desk.presenter.conversation_id
    assert chat is not None
    desk.send("Look")
    desk.until(lambda: states(desk) == [])
    desk.attachments.send(chat)
    desk.service.feed(StopReason.END)
    desk.idle()
    presenter.reload()
    desk.until(lambda: desk.tasks.idle)
    assert states(desk) == []


def test_each_chat_has_its_own(desk: Desk) -> None:
    first, second = desk.service.add_chat("First", "Q", "A"), desk.service.add_chat("Second", "Q", "A")
    desk.attachments.add(second, AttachmentKind.PASTE, "of the second", "words")
    desk.open(first)
    desk.attachments.may_read.clear()
    desk.presenter.attachments.add_files([Path("of the first.txt")])
    desk.open(second)
    desk.until(lambda: [chip.name for chip in desk.presenter.attachments.chips] == ["of the second"])
    desk.attachments.may_read.set()
    desk.until(lambda: desk.tasks.idle)
    assert [chip.name for chip in desk.presenter.attachments.chips] == ["of the second"]
    desk.open(first)
    desk.until(lambda: [chip.name for chip in desk.presenter.attachments.chips] == ["of the first.txt"])


def test_titles_are_found(desk: Desk) -> None:
    found: list[tuple[str, list[str]]] = []
    desk.presenter.attachments.titles_ready.connect(
        lambda text, notes: found.append((text, [note.title for note in notes]))
    )
    desk.presenter.attachments.find_titles("att")
    desk.until(lambda: found == [("att", ["Attention", "Attic"])])


def test_sizes_in_words() -> None:
    assert [size_in_words(size) for size in (0, 999, 12_345, 3_400_000)] == ["0 B", "999 B", "12 KB", "3.4 MB"]
