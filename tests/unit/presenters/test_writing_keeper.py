"""Texts of free writing on their way to the store."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from desktop_app.domain.conversation import WRITING
from desktop_app.domain.errors import DiskFullError
from desktop_app.presenters.chat_service import ChatSlot
from desktop_app.presenters.tasks import TaskRunner
from desktop_app.presenters.writing_keeper import WritingKeeper
from tests.fakes.fake_chat_service import FakeChatService
from tests.fakes.fake_writing import FakeWriting


class Desk:
    """The keeper and what it stands on."""

    def __init__(self, qtbot: QtBot) -> None:
        self._qtbot = qtbot
        self.tasks = TaskRunner()
        chats = FakeChatService()
        self.service = FakeWriting(chats)
        self.keeper = WritingKeeper(self.service, chats, self.tasks)
        self.slot = ChatSlot(kind=WRITING)

    def put(self, text: str, pending: str = "") -> None:
        self.keeper.put(self.slot, text, "\n", pending)

    def settle(self) -> None:
        self._qtbot.waitUntil(lambda: self.tasks.idle, timeout=8_000)


@pytest.fixture
def desk(qtbot: QtBot) -> Iterator[Desk]:
    made = Desk(qtbot)
    yield made
    made.keeper.close()
    made.tasks.close()


def test_a_page_gets_its_row_with_its_first_word(desk: Desk) -> None:
    desk.put(" \n")
    desk.settle()
    assert desk.slot.id is None
    desk.put("Once")
    desk.settle()
    assert desk.slot.id is not None
    assert desk.keeper.pending(desk.slot) is None
    assert desk.keeper.title(desk.slot) == "Once"


def test_nothing_is_saved_while_the_model_writes_into_the_page(desk: Desk) -> None:
    desk.put("Once")
    desk.settle()
    desk.keeper.hold(desk.slot)
    desk.put("Once more")
    desk.settle()
    assert desk.service.saves == ["Once"]
    assert desk.keeper.pending(desk.slot) is not None
    desk.keeper.release(desk.slot)
    desk.settle()
    assert desk.service.saves == ["Once", "Once more"]


def test_a_text_stays_until_it_is_committed(desk: Desk) -> None:
    desk.service.save_error = DiskFullError("Full.")
    failed: list[object] = []
    desk.keeper.failed.connect(lambda _slot, error: failed.append(error))
    desk.put("Once")
    desk.settle()
    assert failed == [desk.service.save_error]
    assert [str(error) for error in desk.keeper.flush()] == ["Full."]
    desk.service.save_error = None
    desk.keeper.retry()
    desk.settle()
    assert desk.service.saves == ["Once"]
    assert desk.keeper.error(desk.slot) is None
    assert desk.keeper.flush() == []


def test_the_newest_text_is_the_one_that_is_kept(desk: Desk) -> None:
    for number in range(20):
        desk.put(f"Once {number}")
    desk.settle()
    assert desk.slot.id is not None
    assert desk.service.text(desk.slot.id) == "Once 19"


def test_a_page_that_is_gone_for_good_is_not_saved_again(desk: Desk) -> None:
    desk.put("Once")
    desk.settle()
    desk.service.save_error = DiskFullError("Full.")
    desk.put("Once more")
    desk.settle()
    assert desk.slot.id is not None
    assert desk.keeper.known_slot(desk.slot.id) is desk.slot
    desk.keeper.forget(desk.slot.id)
    assert desk.keeper.known_slot(desk.slot.id) is None
    assert desk.keeper.flush() == []
