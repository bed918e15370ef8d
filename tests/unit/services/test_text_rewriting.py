from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.conversation import Role
from desktop_app.domain.errors import InkwellError, MessageTooLongError, WorkerCrashedError
from desktop_app.domain.generation import StopReason
from desktop_app.domain.text_rewriting import RewriteTask, RewriteWish
from desktop_app.services.text_rewriting import Rewriting, TextRewriter
from tests.fakes.chat_desk import ChatDesk

WISH = RewriteWish(RewriteTask.CLEARER, "Old words.\n")


class RewriteDesk(ChatDesk):
    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.busy: list[bool] = []
        self.rewriter = TextRewriter(self.decoder, self.session, while_answering=self.busy.append)

    def rewrite(self, wish: RewriteWish, answer: str = "New words.") -> list[Rewriting]:
        self.decoder.answer = answer
        return list(self.rewriter.rewrite(wish, CancelToken()))


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[RewriteDesk]:
    made = RewriteDesk(tmp_path)
    yield made
    made.close()


def test_the_text_grows_and_ends_in_the_parts_place(desk: RewriteDesk) -> None:
    seen = desk.rewrite(WISH)
    assert (seen[-1].text, seen[-1].ended) == ("New words.\n", StopReason.END)
    assert all(each.ended is None for each in seen[:-1])
    assert "New\n" in [each.text for each in seen]
    system, text = desk.decoder.requests[-1].turns
    assert (system.role, text.role, text.text) == (Role.SYSTEM, Role.USER, "Old words.")
    assert desk.busy == [True, False]
    assert desk.chat.conversations() == []


def test_what_the_model_thinks_is_no_part_of_the_text(desk: RewriteDesk) -> None:
    assert desk.rewrite(WISH, "<think>They want it clear.</think>New words.")[-1].text == "New words.\n"


def test_a_part_that_cannot_fit_is_refused_before_anything_is_written(desk: RewriteDesk) -> None:
    with pytest.raises(MessageTooLongError, match="too long to be rewritten"):
        desk.rewrite(RewriteWish(RewriteTask.CLEARER, "word " * 700))
    assert desk.decoder.requests == []
    assert desk.busy == []


def test_the_answer_has_room_for_a_text_as_long_and_no_more_than_the_window(desk: RewriteDesk) -> None:
    desk.rewrite(RewriteWish(RewriteTask.CLEARER, "word " * 400))
    request = desk.decoder.requests[-1]
    assert 400 <= request.max_tokens <= 600
    assert not request.keep_state


def test_a_model_without_a_word_is_an_error(desk: RewriteDesk) -> None:
    with pytest.raises(InkwellError, match="nothing to say"):
        desk.rewrite(WISH, " ")
    assert desk.busy == [True, False]


def test_a_crash_lets_background_work_go_on(desk: RewriteDesk) -> None:
    desk.decoder.error = WorkerCrashedError("Ended.")
    with pytest.raises(WorkerCrashedError):
        desk.rewrite(WISH)
    assert desk.busy == [True, False]
