"""Free writing on a real store, with a decoder without a process."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.chat_events import AnswerFinished, ChatEvent, MessageAdded, TextAdded
from desktop_app.domain.chat_format import ChatFormat
from desktop_app.domain.chat_list import ChatFilter
from desktop_app.domain.conversation import EDITED, WRITING, Role
from desktop_app.domain.errors import InkwellError, ModelMissingError, NotFoundError, WorkerCrashedError
from desktop_app.domain.free_writing import READS_FROM, pending_of, whole_text
from desktop_app.domain.generation import StopReason
from desktop_app.services.chat_search import ChatSearch
from desktop_app.services.chat_transfer import ChatTransfer
from desktop_app.services.free_writing import FreeWriting
from desktop_app.services.model_session import ModelSession
from desktop_app.storage.store import Store
from tests.fakes.chat_desk import ChatDesk


class WritingDesk(ChatDesk):
    """Free writing and what it stands on."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.answering: list[bool] = []
        session = ModelSession(self.decoder, None, self.settings, self.library)  # type: ignore[arg-type]
        self.writing = FreeWriting(
            self.store.conversations, self.decoder, session, self.settings, while_answering=self.answering.append
        )
        self.page = self.chat.create(kind=WRITING).id

    @property
    def text(self) -> str:
        return whole_text(self.writing.pieces(self.page))

    @property
    def pending(self) -> str:
        found = pending_of(self.writing.pieces(self.page))
        return self.text[found.start :] if found is not None else ""

    def go_on(self, text: str, continuation: str = " there was a well.") -> list[ChatEvent]:
        self.decoder.answer = continuation
        return list(self.writing.go_on(self.page, text, CancelToken()))


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[WritingDesk]:
    made = WritingDesk(tmp_path)
    yield made
    made.close()


def test_a_text_is_gone_on_with_in_place(desk: WritingDesk) -> None:
    events = desk.go_on("Once")
    assert isinstance(events[0], MessageAdded)
    assert "".join(event.text for event in events if isinstance(event, TextAdded)) == " there was a well."
    assert isinstance(events[-1], AnswerFinished)
    assert desk.text == "Once there was a well."
    assert desk.pending == " there was a well."
    own, continuation = desk.writing.pieces(desk.page)
    assert (own.role, own.text) == (Role.USER, "Once")
    assert continuation.model_name == "Fake 1B"
    assert continuation.stop_reason is StopReason.END
    assert continuation.figures is not None
    request = desk.decoder.requests[-1]
    assert (request.plain_text, request.turns, request.max_tokens) == ("Once", (), 200)
    assert desk.answering == [True, False]


def test_going_on_takes_over_what_came_before(desk: WritingDesk) -> None:
    desk.go_on("Once", " upon")
    desk.go_on("Once upon", " a time")
    assert desk.text == "Once upon a time"
    assert desk.pending == " a time"


def test_instructions_play_no_part(desk: WritingDesk) -> None:
    desk.settings.person["decoder.system_prompt"] = "Rhyme."
    desk.go_on("Once")
    assert desk.decoder.requests[-1].turns == ()


def test_blanks_at_the_end_are_not_written_twice(desk: WritingDesk) -> None:
    desk.go_on("Once  ", " upon")
    assert desk.decoder.requests[-1].plain_text == "Once"
    assert desk.text == "Once  upon"
    assert not desk.writing.pieces(desk.page)[-1].token_ids


def test_a_save_touches_the_piece_that_changed(desk: WritingDesk) -> None:
    desk.go_on("Once", " upon a time")
    desk.writing.save(desk.page, "Once upon a time, long ago")
    first, second, third = desk.writing.pieces(desk.page)
    assert (first.text, second.text, third.text) == ("Once", " upon a time", ", long ago")
    assert second.token_ids is not None
    assert third.role is Role.USER
    desk.writing.save(desk.page, "Once upon a dime, long ago")
    edited = desk.writing.pieces(desk.page)[1]
    assert (edited.text, edited.token_ids, edited.settings_used[EDITED]) == (" upon a dime", None, True)
    assert desk.text == "Once upon a dime, long ago"


def test_what_is_taken_back_is_out_of_the_text_and_not_destroyed(desk: WritingDesk) -> None:
    desk.go_on("Once", " upon")
    desk.writing.save(desk.page, "Once")
    assert desk.text == "Once"
    assert [each.text for each in desk.store.conversations.tree(desk.page)] == ["Once", " upon"]
    assert ChatSearch(desk.store.messages, desk.store.conversations).find("upon") == []
    desk.go_on("Once", " more")
    assert desk.text == "Once more"


def test_words_are_taken_over_one_by_one(desk: WritingDesk) -> None:
    desk.go_on("Once", " upon a time")
    desk.writing.save(desk.page, "Once upon a time", 9)
    assert desk.pending == " a time"
    desk.writing.save(desk.page, "Once upon a time", 4)
    assert desk.pending == " a time", "what was taken over stays so"
    desk.writing.save(desk.page, "Once upon a time", 16)
    assert desk.pending == ""


@pytest.mark.parametrize("text", ["", "a\r\nb\rc\n", "nul \0 and \u2028 line", "שלום 👩‍👩‍👧", "x" * 300_000])
def test_the_text_comes_back_byte_for_byte(desk: WritingDesk, text: str) -> None:
    desk.writing.save(desk.page, text)
    assert desk.text == text
    desk.go_on(f"{text}.", f" more {text[:9]}")
    assert desk.text == f"{text}. more {text[:9]}"


def test_the_title_follows_the_first_line_until_it_is_renamed(desk: WritingDesk) -> None:
    desk.writing.save(desk.page, "The li")
    desk.writing.save(desk.page, "The lighthouse\n\nIt was night.")
    assert desk.chat.get(desk.page).title == "The lighthouse"
    desk.chat.rename(desk.page, "My story")
    desk.writing.save(desk.page, "The lamp\n\nIt was night.")
    assert desk.chat.get(desk.page).title == "My story"


def test_it_stands_in_the_lists_and_is_found(desk: WritingDesk) -> None:
    desk.go_on("Once", " there was an inkwell.")
    listed = desk.chat.list_chats(ChatFilter(), 10)
    assert [(each.id, each.kind) for each in listed] == [(desk.page, WRITING)]
    assert listed[0].preview == "there was an inkwell."
    hits = ChatSearch(desk.store.messages, desk.store.conversations).find("inkwell")
    assert [hit.conversation_id for hit in hits] == [desk.page]


def test_it_goes_out_as_its_text_and_comes_back_whole(desk: WritingDesk, tmp_path: Path) -> None:
    desk.go_on("# Once\r\n", " upon")
    transfer = ChatTransfer(desk.store.chat_records)
    assert transfer.exported(desk.page, ChatFormat.MARKDOWN) == "# Once\r\n upon"
    assert desk.chat.as_markdown(desk.page) == "# Once\r\n upon"
    path = tmp_path / "page.json"
    transfer.export(desk.page, ChatFormat.JSON, path)
    report = transfer.import_file(path, lambda *_: None, CancelToken())
    again = desk.chat.get(report.chat_ids[0])
    assert again.kind == WRITING
    assert whole_text(desk.writing.pieces(again.id)) == "# Once\r\n upon"


def test_a_chat_is_not_answered_in_it(desk: WritingDesk) -> None:
    with pytest.raises(NotFoundError, match="free writing"):
        desk.ask(desk.page, "Hello")
    assert desk.text == ""


def test_an_empty_page_is_not_gone_on_with(desk: WritingDesk) -> None:
    with pytest.raises(InkwellError, match="no text"):
        desk.go_on(" \n")


def test_without_a_model_the_text_is_saved_all_the_same(desk: WritingDesk) -> None:
    desk.decoder.load_error = ModelMissingError("Gone.")
    with pytest.raises(ModelMissingError):
        desk.go_on("Once")
    assert [piece.text for piece in desk.writing.pieces(desk.page)] == ["Once"]


def test_what_came_before_a_crash_is_kept_and_marked(desk: WritingDesk) -> None:
    desk.decoder.error, desk.decoder.fail_after = WorkerCrashedError("Ended."), 2
    with pytest.raises(WorkerCrashedError):
        desk.go_on("Once", " upon a time")
    assert desk.text == "Once upon"
    assert desk.writing.pieces(desk.page)[-1].stop_reason is StopReason.INTERRUPTED


def test_half_of_a_continuation_is_on_the_disk_while_it_is_written(desk: WritingDesk) -> None:
    desk.decoder.answer = "x" * 1100 + " y z"
    events = desk.writing.go_on(desk.page, "Once", CancelToken())
    while not isinstance(next(events), TextAdded):
        pass
    assert len(desk.text) > 1024
    next(events)
    cancelled = events
    cancelled.close()  # type: ignore[attr-defined]
    assert desk.writing.pieces(desk.page)[-1].stop_reason is StopReason.STOPPED


def test_it_is_stopped(desk: WritingDesk) -> None:
    cancel = CancelToken()
    desk.decoder.answer = " one two three"
    for event in desk.writing.go_on(desk.page, "Count:", cancel):
        if isinstance(event, TextAdded):
            cancel.cancel()
    assert desk.text == "Count: one"
    assert desk.writing.pieces(desk.page)[-1].stop_reason is StopReason.STOPPED


def read_from(events: list[ChatEvent]) -> int:
    """The character from which on the model read the text."""
    first = events[0]
    assert isinstance(first, MessageAdded)
    return int(first.message.settings_used[READS_FROM])


def test_of_a_long_text_the_end_is_read_from_the_same_place_on(desk: WritingDesk) -> None:
    paragraph = "The keeper wrote of wind and of ships, and of the long nights above the sea.\n\n"
    text = paragraph * 80  # about 1,200 words; the window holds 1,000
    start = read_from(desk.go_on(text))
    assert text[:start].endswith("\n\n")
    read = desk.decoder.requests[-1].plain_text
    assert read is not None
    assert len(read.split()) < 600
    assert read_from(desk.go_on(desk.text)) == start, "nothing is read again"
    meter = desk.writing.meter(desk.page, desk.text)
    assert meter is not None
    assert (meter.reads_from, meter.context_length, meter.reserved) == (start, 1000, 200)
    assert 0.4 < meter.used_fraction < 0.8
    assert meter.seconds_to_first_token is not None


def test_there_is_no_meter_without_a_model(desk: WritingDesk) -> None:
    assert desk.writing.meter(None, "Once") is None


def test_an_unfinished_continuation_is_interrupted_at_the_next_start(desk: WritingDesk, tmp_path: Path) -> None:
    desk.writing.save(desk.page, "Once")
    own = desk.writing.pieces(desk.page)[0]
    piece = desk.store.conversations.add_message(desk.page, own.id, Role.ASSISTANT, "")
    desk.store.conversations.save_partial(piece.id, " upon", [])
    desk.store.close()
    again = Store.open(tmp_path / "inkwell.sqlite3", backups=tmp_path / "backups")
    assert again.conversations.mark_interrupted() in (0, 1)
    path = again.conversations.path(desk.page)
    assert whole_text(path) == "Once upon"
    assert path[-1].stop_reason is StopReason.INTERRUPTED
    again.close()
