"""Drafts on their way to the store, in whatever order the threads get there."""

from __future__ import annotations

from collections.abc import Callable

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.errors import DiskFullError, InkwellError
from desktop_app.presenters.chat_draft import DraftKeeper
from desktop_app.presenters.chat_service import ChatSlot
from tests.fakes.fake_chat_service import FakeChatService


class HeldTasks:
    """Work that is done when the test says so."""

    def __init__(self) -> None:
        self.held: list[Callable[[], None]] = []

    def run(
        self,
        work: Callable[[CancelToken], None],
        *,
        done: Callable[[None], None],
        failed: Callable[[InkwellError], None],
    ) -> None:
        def do() -> None:
            try:
                result = work(CancelToken())
            except InkwellError as error:
                failed(error)
            else:
                done(result)

        self.held.append(do)


class Desk:
    def __init__(self) -> None:
        self.service = FakeChatService()
        self.tasks = HeldTasks()
        self.failures: list[InkwellError] = []
        self.keeper = DraftKeeper(self.service, self.tasks, self.failures.append, lambda _slot: None)  # type: ignore[arg-type]

    def slot(self, title: str) -> ChatSlot:
        return ChatSlot(self.service.add_chat(title, "One", "Two"))

    def keep(self, slot: ChatSlot, text: str) -> None:
        self.keeper.keep(slot, text)
        self.keeper.flush()


def test_a_newer_draft_of_a_chat_is_not_written_over_by_an_older_one() -> None:
    desk = Desk()
    slot = desk.slot("Chat")
    desk.keep(slot, "first")
    desk.keep(slot, "second")
    for save in reversed(desk.tasks.held):
        save()
    assert desk.service.drafts_saved == [(slot.id, "second")]


def test_the_draft_of_one_chat_does_not_keep_that_of_another_from_being_saved() -> None:
    desk = Desk()
    left, opened = desk.slot("Left"), desk.slot("Opened")
    desk.keep(left, "of the first")
    desk.keep(opened, "of the second")
    for save in reversed(desk.tasks.held):
        save()
    assert sorted(desk.service.drafts_saved) == sorted([(left.id, "of the first"), (opened.id, "of the second")])


def test_a_draft_that_was_not_saved_is_saved_with_the_next_flush() -> None:
    desk = Desk()
    slot = desk.slot("Chat")
    save_draft = desk.service.save_draft

    def full(_conversation_id: int, _text: str) -> None:
        raise DiskFullError("The disk is full.")

    desk.service.save_draft = full  # type: ignore[method-assign]
    desk.keep(slot, "precious")
    desk.tasks.held.pop()()
    assert [error.code for error in desk.failures] == ["disk_full"]
    desk.service.save_draft = save_draft  # type: ignore[method-assign]
    desk.keeper.flush()
    desk.tasks.held.pop()()
    assert desk.service.drafts_saved == [(slot.id, "precious")]


def left_unsaved(desk: Desk) -> tuple[ChatSlot, ChatSlot, Callable[[int, str], None]]:
    """A chat that was left for another one while the disk was full, that other one, and how the store saves."""
    left, opened = desk.slot("Left"), desk.slot("Opened")
    save_draft = desk.service.save_draft

    def full(_conversation_id: int, _text: str) -> None:
        raise DiskFullError("The disk is full.")

    desk.service.save_draft = full  # type: ignore[method-assign]
    desk.keep(left, "not to be lost")
    desk.tasks.held.pop()()
    desk.keeper.loaded(opened, "")
    desk.keep(opened, "another")
    for save in desk.tasks.held:
        save()
    desk.tasks.held.clear()
    assert desk.failures
    return left, opened, save_draft


def test_the_unsaved_draft_of_a_chat_that_was_left_is_saved_once_there_is_room() -> None:
    desk = Desk()
    left, opened, save_draft = left_unsaved(desk)
    desk.service.save_draft = save_draft  # type: ignore[method-assign]
    desk.keep(opened, "another one")
    while desk.tasks.held:
        desk.tasks.held.pop()()
    assert sorted(desk.service.drafts_saved) == [(left.id, "not to be lost"), (opened.id, "another one")]


def test_the_unsaved_draft_of_a_chat_that_was_left_is_saved_when_the_window_closes() -> None:
    desk = Desk()
    left, opened, save_draft = left_unsaved(desk)
    desk.service.save_draft = save_draft  # type: ignore[method-assign]
    desk.keeper.save_now()
    assert sorted(desk.service.drafts_saved) == [(left.id, "not to be lost"), (opened.id, "another")]


def test_the_unsaved_draft_is_there_when_its_chat_is_opened_again_and_does_not_replace_a_newer_one() -> None:
    desk = Desk()
    left, _opened, save_draft = left_unsaved(desk)
    assert left.id is not None
    assert desk.keeper.take_unsaved(left.id) == "not to be lost"
    assert desk.keeper.take_unsaved(left.id) == ""
    desk = Desk()
    left, _opened, save_draft = left_unsaved(desk)
    desk.service.save_draft = save_draft  # type: ignore[method-assign]
    shown = ChatSlot(left.id)
    desk.keeper.loaded(shown, "")
    desk.keep(shown, "newer")
    while desk.tasks.held:
        desk.tasks.held.pop()()
    assert [text for chat, text in desk.service.drafts_saved if chat == left.id] == ["newer"]
