"""What is read ahead, and when: each state of the chat and its draft once, none after it changed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from desktop_app.domain.errors import TemplateError
from desktop_app.domain.generation import StopReason
from desktop_app.presenters.chat import ChatPresenter
from desktop_app.presenters.chat_service import ChatModel, ChatSlot
from desktop_app.presenters.read_ahead import ReadAheadPresenter
from desktop_app.presenters.tasks import TaskRunner
from tests.fakes.fake_attachments import FakeAttachments
from tests.fakes.fake_chat_service import FakeChatService, FakeDecoderState
from tests.fakes.fake_writing import FakeWriting


class Desk:
    def __init__(self, qtbot: QtBot) -> None:
        self.service = FakeChatService()
        self.tasks = TaskRunner()
        self.presenter = ReadAheadPresenter(self.service, self.tasks, pause_ms=1)
        self.finished = 0
        self.presenter.finished.connect(self._count)
        self._qtbot = qtbot

    def _count(self) -> None:
        self.finished += 1

    def until_read(self, *what: tuple[int | None, str]) -> None:
        self._qtbot.waitUntil(lambda: self.service.read_ahead_of == list(what), timeout=5_000)

    def settle(self) -> None:
        """Until no timer runs and no work is under way."""
        self._qtbot.waitUntil(lambda: self.tasks.idle and not self.presenter._timer.isActive(), timeout=5_000)


@pytest.fixture
def desk(qtbot: QtBot) -> Iterator[Desk]:
    made = Desk(qtbot)
    yield made
    made.presenter.close()
    made.service.read_ahead_may_end.set()
    made.tasks.close()


def test_an_opened_chat_is_read_and_then_whole_words_of_its_draft(desk: Desk) -> None:
    desk.presenter.show_chat(ChatSlot(3), "")
    desk.settle()
    desk.presenter.set_draft("How do")
    desk.settle()
    desk.presenter.set_draft("How do I")
    desk.settle()
    desk.until_read((3, ""), (3, "How"), (3, "How do"))
    assert desk.finished == 3


def test_letters_of_the_last_word_change_nothing(desk: Desk) -> None:
    desk.presenter.show_chat(ChatSlot(3), "How d")
    desk.settle()
    for draft in ("How do", "How doe", "How does"):
        desk.presenter.set_draft(draft)
    desk.settle()
    desk.until_read((3, "How"))


def test_what_was_read_whole_is_not_read_again_until_something_changes(desk: Desk) -> None:
    desk.presenter.show_chat(ChatSlot(3), "")
    desk.settle()
    desk.presenter.set_draft("How do")
    desk.presenter.set_draft("")
    desk.settle()
    desk.until_read((3, ""))
    desk.presenter.refresh()
    desk.settle()
    desk.until_read((3, ""), (3, ""))


def test_a_draft_that_goes_on_does_not_end_what_is_being_read(desk: Desk, qtbot: QtBot) -> None:
    desk.service.read_ahead_may_end.clear()
    desk.presenter.show_chat(ChatSlot(3), "How do")
    desk.until_read((3, "How"))
    desk.presenter.set_draft("How do I read")
    assert not desk.service.read_ahead_may_end.is_set()
    desk.service.read_ahead_may_end.set()
    desk.until_read((3, "How"), (3, "How do I"))


def test_a_draft_that_became_another_ends_it_at_once(desk: Desk) -> None:
    desk.service.read_ahead_may_end.clear()
    desk.presenter.show_chat(ChatSlot(3), "How do")
    desk.until_read((3, "How"))
    desk.presenter.set_draft("Who is")
    assert desk.service.read_ahead_may_end.is_set()
    desk.until_read((3, "How"), (3, "Who"))


def test_another_chat_ends_it_at_once(desk: Desk) -> None:
    desk.service.read_ahead_may_end.clear()
    desk.presenter.show_chat(ChatSlot(3), "")
    desk.until_read((3, ""))
    desk.presenter.show_chat(ChatSlot(4), "")
    assert desk.service.read_ahead_may_end.is_set()
    desk.until_read((3, ""), (4, ""))


def test_what_was_cut_short_is_not_tried_again_by_itself(desk: Desk) -> None:
    desk.service.read_ahead_is_whole = False
    desk.presenter.show_chat(ChatSlot(3), "")
    desk.settle()
    desk.until_read((3, ""))
    assert desk.finished == 0


def test_a_failure_waits_for_a_change(desk: Desk) -> None:
    desk.service.read_ahead_error = TemplateError("The template fails.")
    desk.presenter.show_chat(ChatSlot(3), "")
    desk.settle()
    desk.presenter.set_draft("")
    desk.settle()
    desk.until_read((3, ""))
    desk.presenter.set_draft("How do")
    desk.until_read((3, ""), (3, "How"))


def test_a_closed_window_reads_nothing(desk: Desk) -> None:
    desk.presenter.show_chat(ChatSlot(3), "")
    desk.presenter.close()
    desk.presenter.set_draft("How do")
    desk.presenter.refresh()
    desk.settle()
    assert desk.service.read_ahead_of == []


def test_the_chat_screen_has_its_chat_read_ahead_and_measures_again(qtbot: QtBot) -> None:
    service, tasks = FakeChatService(), TaskRunner()
    chat = service.add_chat("Sea", "Question", "Answer")
    model = ChatModel(FakeDecoderState(), lambda _cancel: None, lambda: "Tiny", lambda: True)
    presenter = ChatPresenter(service, tasks, model, FakeAttachments(), FakeWriting(service))

    def until_read(*what: tuple[int | None, str]) -> None:
        qtbot.waitUntil(lambda: service.read_ahead_of == list(what), timeout=10_000)

    presenter.open(chat)
    until_read((chat, ""))
    # Once because it was opened, once because it was read.
    qtbot.waitUntil(lambda: service.drafts_measured == ["", ""], timeout=10_000)
    presenter.set_draft("How do")
    until_read((chat, ""), (chat, "How"))
    assert presenter.send()
    service.feed("So.", StopReason.END)
    until_read((chat, ""), (chat, "How"), (chat, ""))
    presenter.close()
    tasks.close()
