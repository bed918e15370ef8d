from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.conversation import Role
from desktop_app.domain.errors import DecoderBusyError, InkwellError, MessageTooLongError, WorkerCrashedError
from desktop_app.domain.generation import DecoderEvent, StopReason
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
    assert request.max_tokens >= 400
    assert not request.keep_state


def test_an_answer_that_does_not_end_is_cut_and_what_was_thought_before_it_does_not_count(desk: RewriteDesk) -> None:
    ended = desk.rewrite(WISH, "word " * 400)[-1]
    assert ended.ended is StopReason.LIMIT
    assert 150 < len(ended.text.split()) <= 192
    thought = f"<think>{'well ' * 300}</think>New words."
    assert (desk.rewrite(WISH, thought)[-1].text, desk.rewrite(WISH, thought)[-1].ended) == (
        "New words.\n",
        StopReason.END,
    )
    assert desk.busy == [True, False] * 3


def test_a_model_that_only_thought_says_so(desk: RewriteDesk) -> None:
    with pytest.raises(InkwellError, match="thought"):
        desk.rewrite(WISH, "<think>well")


def test_a_summary_needs_no_room_for_a_text_as_long(desk: RewriteDesk) -> None:
    assert desk.rewrite(RewriteWish(RewriteTask.SUMMARY, "word " * 700), "- Words")[-1].text == "- Words"


def test_a_text_that_no_context_holds_is_not_even_counted(desk: RewriteDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk.decoder, "measure", None)
    with pytest.raises(MessageTooLongError, match="too long"):
        desk.rewrite(RewriteWish(RewriteTask.CLEARER, "w" * 20_000))


def test_a_decoder_that_is_busy_with_an_answer_leaves_its_pause_as_it_is(
    desk: RewriteDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*_arguments: object) -> Iterator[DecoderEvent]:
        raise DecoderBusyError("Busy.")
        yield

    monkeypatch.setattr(desk.decoder, "generate", busy)
    with pytest.raises(DecoderBusyError):
        desk.rewrite(WISH)
    assert desk.busy == []


def test_a_model_without_a_word_is_an_error(desk: RewriteDesk) -> None:
    with pytest.raises(InkwellError, match="nothing to say"):
        desk.rewrite(WISH, " ")
    assert desk.busy == [True, False]


def test_a_crash_lets_background_work_go_on(desk: RewriteDesk) -> None:
    desk.decoder.error = WorkerCrashedError("Ended.")
    with pytest.raises(WorkerCrashedError):
        desk.rewrite(WISH)
    assert desk.busy == [True, False]
