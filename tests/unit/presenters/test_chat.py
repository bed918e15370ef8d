from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
from msgspec.structs import replace
from pytestqt.qtbot import QtBot

from desktop_app.domain.chat_events import MemoryMoved, Reading
from desktop_app.domain.conversation import Conversation
from desktop_app.domain.errors import (
    DiskFullError,
    MessageTooLongError,
    ModelMissingError,
    ModelQuarantinedError,
    WorkerCrashedError,
)
from desktop_app.domain.generation import StopReason, WorkerPhase, WorkerStatus
from desktop_app.presenters.chat import ChatPresenter, Phase
from desktop_app.presenters.chat_service import ChatModel
from desktop_app.presenters.tasks import TaskRunner
from tests.fakes.fake_attachments import FakeAttachments
from tests.fakes.fake_chat_service import FakeChatService, FakeDecoderState
from tests.fakes.fake_writing import FakeWriting


class Desk:
    """A presenter with its fakes."""

    def __init__(self, qtbot: QtBot) -> None:
        self.service = FakeChatService()
        self.attachments = FakeAttachments()
        self.decoder = FakeDecoderState()
        self.tasks = TaskRunner()
        self.load_error: Exception | None = None
        model = ChatModel(self.decoder, self._load, lambda: "Tiny · starter", lambda: True)
        self.presenter = ChatPresenter(self.service, self.tasks, model, self.attachments, FakeWriting(self.service))
        self.presenter.model.watch()
        self._qtbot = qtbot

    def _load(self, _cancel: object) -> None:
        if self.load_error is not None:
            raise self.load_error

    def until(self, condition: object) -> None:
        self._qtbot.waitUntil(condition, timeout=5_000)  # type: ignore[arg-type]

    def open(self, conversation_id: int) -> None:
        self.presenter.open(conversation_id)
        self.until(lambda: self.presenter.conversation_id == conversation_id)

    def send(self, text: str) -> None:
        self.presenter.set_draft(text)
        assert self.presenter.send()

    def idle(self) -> None:
        self.until(lambda: self.presenter.activity.phase is Phase.IDLE and self.tasks.idle)

    @property
    def texts(self) -> list[str]:
        return [message.text for message in self.presenter.transcript.messages]


@pytest.fixture
def desk(qtbot: QtBot) -> Iterator[Desk]:
    made = Desk(qtbot)
    yield made
    made.presenter.stop()
    made.service.feed(StopReason.STOPPED)
    made.presenter.close()
    made.tasks.close()


def test_a_message_is_sent_and_its_answer_streams_in(desk: Desk) -> None:
    desk.send("Hello there")
    desk.service.feed("An ", "answer")
    desk.until(lambda: desk.texts == ["Hello there", "An answer"])
    assert desk.presenter.activity.phase is Phase.WRITING
    desk.service.feed(StopReason.END)
    desk.idle()
    answer = desk.presenter.transcript.messages[-1]
    assert answer.stop_reason is StopReason.END
    assert desk.presenter.title == "Hello there"


def test_tokens_are_shown_in_batches(desk: Desk) -> None:
    shown: list[str] = []
    desk.presenter.transcript.text_added.connect(lambda _index, text: shown.append(text))
    desk.send("Hello")
    desk.service.feed(*["word "] * 500, StopReason.END)
    desk.idle()
    assert "".join(shown) == "word " * 500
    assert len(shown) < 50


def test_text_leaves_the_composer_only_when_it_is_committed(desk: Desk) -> None:
    desk.service.refuse = MessageTooLongError("Too long.")
    drafts: list[str] = []
    desk.presenter.composer_replaced.connect(drafts.append)
    desk.send("A long message")
    desk.until(lambda: desk.presenter.problem is not None)
    assert drafts == []
    assert desk.presenter.can_send
    assert desk.texts == []


def test_a_draft_that_does_not_fit_is_not_sent(desk: Desk) -> None:
    assert desk.service.meter_result is not None
    desk.service.meter_result = replace(desk.service.meter_result, draft=5000, fits=False)
    desk.presenter.set_draft("too long")
    desk.until(lambda: desk.presenter.meter.refuses("too long"))
    assert not desk.presenter.send()
    error = desk.presenter.meter.too_long_error()
    assert error is not None
    assert "5,000 tokens" in error.what
    assert "room for 2,872" in error.what
    assert desk.service.calls == []


def test_stop_keeps_what_came(desk: Desk) -> None:
    desk.send("Hello")
    desk.service.feed("Half")
    desk.until(lambda: desk.texts[-1:] == ["Half"])
    assert desk.presenter.stop()
    assert desk.presenter.activity.phase is Phase.STOPPING
    desk.idle()
    message = desk.presenter.transcript.messages[-1]
    assert (message.text, message.stop_reason) == ("Half", StopReason.STOPPED)
    assert not desk.presenter.stop()


def test_a_crash_keeps_the_partial_answer_and_offers_a_retry(desk: Desk) -> None:
    desk.send("Hello")
    desk.service.feed("Half", WorkerCrashedError("The chat model stopped."))
    desk.until(lambda: desk.presenter.problem is not None)
    desk.until(lambda: desk.presenter.transcript.messages[-1].stop_reason is StopReason.INTERRUPTED)
    assert desk.texts == ["Hello", "Half"]
    desk.presenter.retry_last()
    assert desk.presenter.problem is None
    desk.service.feed("Whole", StopReason.END)
    desk.idle()
    assert desk.texts == ["Hello", "Whole"]


def test_continue_writes_on_from_the_end(desk: Desk) -> None:
    chat = desk.service.add_chat("Chat", "Question", "Beginning")
    answer = desk.service.change_message(chat, 1, stop_reason=StopReason.LIMIT)
    desk.open(chat)
    desk.presenter.continue_answer(answer.id)
    desk.service.feed(" and end", StopReason.END)
    desk.idle()
    assert desk.texts == ["Question", "Beginning and end"]


def test_regenerate_puts_the_new_answer_in_the_place_of_the_old(desk: Desk) -> None:
    chat = desk.service.add_chat("Chat", "Question", "Old")
    desk.open(chat)
    desk.presenter.regenerate(desk.presenter.transcript.messages[-1].id)
    desk.service.feed("New", StopReason.END)
    desk.idle()
    assert desk.texts == ["Question", "New"]


def test_an_answer_goes_on_while_another_chat_is_shown(desk: Desk) -> None:
    other = desk.service.add_chat("Other", "Hi", "Hello")
    desk.send("Tell me")
    desk.service.feed("One ")
    desk.until(lambda: desk.texts == ["Tell me", "One "])
    first = desk.presenter.conversation_id
    assert first is not None
    desk.open(other)
    assert desk.presenter.activity.phase is Phase.ELSEWHERE
    assert desk.presenter.activity.text == "An answer is being written in “Tell me”"
    desk.service.feed("two ")
    desk.open(first)
    desk.until(lambda: desk.texts == ["Tell me", "One two "])
    desk.service.feed("three", StopReason.END)
    desk.idle()
    assert desk.texts == ["Tell me", "One two three"]


def test_the_title_of_an_answer_that_is_written_elsewhere_is_not_taken_for_the_shown_chats(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The title of a chat is read after its first message; meanwhile another one may have been opened."""
    other = desk.service.add_chat("Other", "Hi", "Hello")
    may_read = threading.Event()
    read = desk.service.get

    def slow(conversation_id: int) -> Conversation:
        assert conversation_id == other or may_read.wait(20)
        return read(conversation_id)

    monkeypatch.setattr(desk.service, "get", slow)
    desk.send("Tell me about ink")
    desk.service.feed("Ink ")
    desk.until(lambda: desk.texts == ["Tell me about ink", "Ink "])
    first = desk.presenter.conversation_id
    assert first is not None
    assert desk.presenter.title == "New chat"
    desk.open(other)
    assert desk.presenter.activity.text == "An answer is being written in “New chat”"
    may_read.set()
    desk.until(lambda: desk.presenter.activity.text == "An answer is being written in “Tell me about ink”")
    assert desk.presenter.title == "Other"
    desk.presenter.chats.rename(first, "On ink")
    desk.until(lambda: desk.presenter.activity.text == "An answer is being written in “On ink”")
    assert desk.presenter.title == "Other"
    desk.service.feed("is black.", StopReason.END)
    desk.idle()
    assert desk.presenter.title == "Other"
    desk.open(first)
    assert desk.presenter.title == "On ink"
    assert desk.texts == ["Tell me about ink", "Ink is black."]


def test_a_message_waits_visibly_for_the_model(desk: Desk) -> None:
    desk.decoder.become(WorkerStatus(WorkerPhase.LOADING, 0.5))
    desk.until(lambda: desk.presenter.model.is_loading)
    desk.service.model_is_there.clear()
    drafts: list[str] = []
    desk.presenter.composer_replaced.connect(drafts.append)
    desk.send("Hello")
    desk.until(lambda: desk.presenter.activity.phase is Phase.WAITING_FOR_MODEL)
    assert desk.presenter.activity.text == "Your message is sent as soon as the model is ready"
    assert desk.presenter.activity.progress == 0.5
    assert desk.presenter.activity.draft_waits
    desk.until(lambda: [text for _id, text in desk.service.drafts_saved] == ["Hello"])
    desk.until(lambda: [chat.draft for chat in desk.presenter.chats.conversations] == ["Hello"])
    assert (desk.texts, drafts) == ([], [])
    desk.decoder.become(WorkerStatus(WorkerPhase.READY))
    desk.service.model_is_there.set()
    desk.service.feed("Hi", StopReason.END)
    desk.idle()
    assert (desk.texts, drafts) == (["Hello", "Hi"], [""])


def test_a_waiting_message_that_does_not_fit_stays_in_the_composer(desk: Desk) -> None:
    desk.decoder.become(WorkerStatus(WorkerPhase.LOADING, 0.5))
    desk.until(lambda: desk.presenter.model.is_loading)
    desk.service.model_is_there.clear()
    drafts: list[str] = []
    desk.presenter.composer_replaced.connect(drafts.append)
    desk.send("Too much")
    desk.service.refuse = MessageTooLongError("Too long.")
    desk.service.model_is_there.set()
    desk.until(lambda: desk.presenter.problem is not None)
    assert (desk.texts, drafts) == ([], [])
    assert desk.presenter.can_send
    desk.service.refuse = None
    desk.presenter.set_draft("Less")
    assert desk.presenter.problem is None


def test_a_waiting_message_is_in_the_composer_again_when_its_chat_is_opened_again(desk: Desk) -> None:
    other = desk.service.add_chat("Other", "Hi", "Hello")
    chat = desk.service.add_chat("Chat")
    desk.open(chat)
    desk.decoder.become(WorkerStatus(WorkerPhase.LOADING, 0.5))
    desk.until(lambda: desk.presenter.model.is_loading)
    desk.service.model_is_there.clear()
    desk.send("Waiting")
    drafts: list[str] = []
    desk.presenter.composer_replaced.connect(drafts.append)
    desk.open(other)
    assert not desk.presenter.activity.draft_waits
    desk.service.change(chat, draft="what an older save left")
    desk.open(chat)
    assert desk.presenter.activity.draft_waits
    assert drafts == ["", "Waiting"]


def test_stopping_a_waiting_message_leaves_it_in_the_composer(desk: Desk) -> None:
    desk.decoder.become(WorkerStatus(WorkerPhase.LOADING, 0.5))
    desk.until(lambda: desk.presenter.model.is_loading)
    desk.service.model_is_there.clear()
    desk.send("Not yet")
    desk.until(lambda: bool(desk.service.calls))
    assert desk.presenter.stop()
    desk.idle()
    assert desk.texts == []
    assert desk.presenter.can_send
    assert desk.presenter.problem is None


def test_trying_again_sends_what_could_not_be_sent(desk: Desk) -> None:
    """And does not answer the question before it again."""
    desk.open(desk.service.add_chat("Chat", "One", "Two"))
    desk.service.refuse = ModelMissingError("The chat model is not there.")
    desk.send("Three")
    desk.until(lambda: desk.presenter.problem is not None)
    desk.service.refuse = None
    desk.service.feed("Four", StopReason.END)
    desk.presenter.retry_last()
    desk.until(lambda: desk.texts == ["One", "Two", "Three", "Four"])
    assert [name for name, _id in desk.service.calls] == ["send", "send"]


def test_a_retry_waits_for_the_model_with_the_composer_free(desk: Desk) -> None:
    desk.open(desk.service.add_chat("Chat", "One", "Two"))
    desk.decoder.become(WorkerStatus(WorkerPhase.LOADING, 0.5))
    desk.until(lambda: desk.presenter.model.is_loading)
    desk.presenter.regenerate(desk.presenter.transcript.messages[-1].id)
    assert desk.presenter.activity.phase is Phase.WAITING_FOR_MODEL
    assert desk.presenter.activity.text == "The answer begins as soon as the model is ready"
    assert not desk.presenter.activity.draft_waits


def test_reading_is_worded_with_tokens_and_seconds(desk: Desk) -> None:
    desk.send("Hello")
    desk.service.feed(Reading(460, 2000, 160, 3.2))
    desk.until(lambda: desk.presenter.activity.phase is Phase.READING)
    assert desk.presenter.activity.text == "Reading 1,840 tokens, 4 s"
    assert desk.presenter.activity.progress == pytest.approx(300 / 1840)


def test_the_memory_line_moves_while_answering(desk: Desk) -> None:
    chat = desk.service.add_chat("Chat", "One", "Two", "Three", "Four")
    desk.open(chat)
    assert desk.presenter.transcript.memory_start_index is None
    third = desk.presenter.transcript.messages[2].id
    desk.send("Five")
    desk.service.feed(MemoryMoved(third))
    desk.until(lambda: desk.presenter.transcript.memory_start_index == 2)


def test_drafts_are_saved_and_come_back(desk: Desk) -> None:
    chat = desk.service.add_chat("Chat", "One", "Two", draft="unsent")
    drafts: list[str] = []
    desk.presenter.composer_replaced.connect(drafts.append)
    desk.open(chat)
    assert drafts == ["unsent"]
    desk.presenter.set_draft("unsent and more")
    desk.until(lambda: desk.service.drafts_saved == [(chat, "unsent and more")])


def test_a_draft_of_a_new_chat_makes_one_chat(desk: Desk) -> None:
    desk.presenter.set_draft("first")
    assert desk.presenter.unsaved() == ""
    desk.presenter.set_draft("second")
    assert desk.presenter.unsaved() == ""
    assert [text for _id, text in desk.service.drafts_saved] == ["first", "second"]
    assert len(desk.service.conversations()) == 1


@pytest.mark.parametrize("blanks", [" ", "  \n\t \n"])
def test_blanks_are_neither_sent_nor_kept_as_a_draft(desk: Desk, blanks: str) -> None:
    desk.presenter.set_draft(blanks)
    assert not desk.presenter.can_send
    assert not desk.presenter.send()
    assert desk.presenter.unsaved() == ""
    assert desk.service.conversations() == [], "a new chat gets no row for them"
    chat = desk.service.add_chat("Chat", "One", "Two", draft="unsent")
    desk.open(chat)
    desk.presenter.set_draft("unsent" + blanks)
    assert desk.presenter.unsaved() == ""
    desk.presenter.set_draft(blanks)
    assert desk.presenter.unsaved() == ""
    assert [text for _id, text in desk.service.drafts_saved] == ["unsent" + blanks, ""]
    assert desk.service.calls == []


def test_a_draft_that_cannot_be_saved_is_said(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_conversation_id: int, _text: str) -> None:
        raise DiskFullError("The disk is full.")

    monkeypatch.setattr(desk.service, "save_draft", full)
    desk.presenter.set_draft("precious")
    assert "The disk is full." in desk.presenter.unsaved()
    assert "The disk is full." in desk.presenter.unsaved(), "it is still unsaved"


def test_a_draft_whose_saving_failed_is_not_forgotten(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.presenter.open(desk.service.add_chat("Chat"))
    desk.until(lambda: desk.presenter.title == "Chat")

    def full(_conversation_id: int, _text: str) -> None:
        raise DiskFullError("The disk is full.")

    monkeypatch.setattr(desk.service, "save_draft", full)
    failures: list[object] = []
    desk.presenter.failed.connect(failures.append)
    desk.presenter.set_draft("precious")
    desk.until(lambda: len(failures) == 1)
    assert "The disk is full." in desk.presenter.unsaved()
    desk.presenter.set_draft("")
    assert desk.presenter.unsaved() == "", "nothing is left that could be lost"


def test_opening_a_new_chat_makes_no_row_in_the_store(desk: Desk) -> None:
    desk.presenter.new_chat()
    desk.presenter.new_chat()
    assert desk.service.conversations() == []


def test_a_missing_model_is_said_with_what_to_do(desk: Desk) -> None:
    desk.load_error = ModelMissingError("The chat model is not there.", "Its file was moved.", "Choose another.")
    desk.presenter.start()
    desk.presenter.load_model()
    desk.until(lambda: desk.presenter.model.error is not None)
    assert desk.presenter.model.error is desk.load_error
    desk.load_error = None
    desk.presenter.model.start()
    desk.until(lambda: not desk.presenter.model.is_loading)
    assert desk.presenter.model.error is None


def test_quarantine_is_lifted_only_when_asked(desk: Desk) -> None:
    error = ModelQuarantinedError("Set aside.")
    desk.decoder.become(WorkerStatus(WorkerPhase.QUARANTINED, error=error, crashes=3))
    desk.until(lambda: desk.presenter.model.error is error)
    desk.presenter.model.start()
    desk.until(lambda: desk.tasks.idle)
    assert desk.decoder.forgiven == 0
    desk.presenter.model.start(forgive=True)
    desk.until(lambda: desk.decoder.forgiven == 1)


def test_a_failure_before_the_answer_keeps_the_stored_message(desk: Desk) -> None:
    desk.service.before_answer = ModelMissingError("The chat model is not there.")
    desk.send("Hello")
    desk.until(lambda: desk.presenter.problem is not None)
    assert desk.texts == ["Hello"]
    desk.service.before_answer = None
    desk.presenter.retry_last()
    desk.service.feed("Hi", StopReason.END)
    desk.idle()
    assert desk.texts == ["Hello", "Hi"]


def test_trashing_the_open_chat_shows_a_new_one_and_can_be_undone(desk: Desk) -> None:
    chat = desk.service.add_chat("Chat", "One", "Two")
    desk.open(chat)
    trashed: list[tuple[int, str]] = []
    desk.presenter.chats.refresh()
    desk.until(lambda: len(desk.presenter.chats.conversations) == 1)
    desk.presenter.chats.trashed.connect(lambda number, title: trashed.append((number, title)))
    desk.presenter.chats.trash(chat)
    desk.until(lambda: trashed == [(chat, "Chat")])
    assert desk.presenter.conversation_id is None
    desk.presenter.chats.restore(chat)
    desk.until(lambda: len(desk.presenter.chats.conversations) == 1)


def test_older_messages_are_paged_in(desk: Desk) -> None:
    chat = desk.service.add_chat("Long", *[f"message {number}" for number in range(200)])
    desk.open(chat)
    transcript = desk.presenter.transcript
    assert len(transcript.messages) == 20
    while transcript.has_older:
        before = len(transcript.messages)
        transcript.load_older()
        desk.until(lambda before=before: len(transcript.messages) > before)
    assert desk.texts == [f"message {number}" for number in range(200)]


@pytest.mark.parametrize(
    ("reason", "note", "action"),
    [
        (StopReason.END, "", "none"),
        (StopReason.STOPPED, "Stopped", "continue"),
        (StopReason.LIMIT, "Reached the answer length of 1,024 tokens", "continue"),
        (StopReason.CONTEXT_FULL, "Context full", "continue"),
        (StopReason.REPETITION, "It began repeating itself", "retry"),
        (StopReason.INTERRUPTED, "Interrupted", "continue"),
    ],
)
def test_stop_reasons_in_words(desk: Desk, reason: StopReason, note: str, action: str) -> None:
    chat = desk.service.add_chat("Chat", "Question", "Answer")
    message = desk.service.change_message(chat, 1, stop_reason=reason)
    words = desk.presenter.transcript.words(message)
    assert (words.note, words.action) == (note, action)
    assert words.figures.startswith("170 tokens/s · first token after 0.2 s · 212 tokens · ")


def test_the_list_is_grouped_by_day_and_narrowed_by_title(desk: Desk) -> None:
    desk.service.add_chat("Today's talk", "a", "# An *answer*")
    desk.service.add_chat("Older talk", "a", "b", age=timedelta(days=1))
    desk.service.add_chat("Ancient matter", "a", "b", age=timedelta(days=9), draft="half a\nthought")
    chats = desk.presenter.chats
    chats.refresh()
    desk.until(lambda: chats.is_loaded)
    rows = [(row.title, row.is_section) for row in chats.model.rows]
    assert rows == [
        ("Today", True),
        ("Today's talk", False),
        ("Yesterday", True),
        ("Older talk", False),
        ("Earlier", True),
        ("Ancient matter", False),
    ]
    assert chats.model.rows[1].second_line == "An answer"
    assert chats.model.rows[5].second_line == "Draft: half a thought"
    chats.set_filter("talk")
    desk.until(lambda: len(chats.conversations) == 2)
    assert chats.model.rows[-1].title == "Search everything for “talk”"


def test_the_meter_words_share_and_time(desk: Desk) -> None:
    desk.presenter.meter.refresh()
    desk.until(lambda: desk.presenter.meter.meter is not None)
    assert desk.presenter.meter.text() == "42 % of context used · starts in about 0.2 s"
    assert [part.tokens for part in desk.presenter.meter.parts()] == [200, 1500, 40]
    assert desk.service.meter_result is not None
    desk.service.meter_result = replace(desk.service.meter_result, awaited=410)
    desk.presenter.meter.refresh()
    desk.until(lambda: desk.presenter.meter.text().startswith("About 52 % of context used"))
    desk.service.meter_result = None
    desk.presenter.meter.refresh()
    desk.until(lambda: desk.presenter.meter.meter is None)
    assert desk.presenter.meter.text() == "Context is counted when the model is ready"


def test_what_was_sent_is_measured_as_a_draft_no_more(desk: Desk) -> None:
    desk.send("What is ink?")
    desk.service.feed("A dye.", StopReason.END)
    desk.idle()
    desk.until(lambda: desk.service.drafts_measured[-1:] == [""])


def test_a_draft_that_is_too_long_only_with_unanswered_messages_says_so(desk: Desk) -> None:
    assert desk.service.meter_result is not None
    desk.service.meter_result = replace(desk.service.meter_result, draft=50, unanswered=3000, fits=False)
    desk.presenter.set_draft("short")
    desk.until(lambda: desk.presenter.meter.refuses("short"))
    error = desk.presenter.meter.too_long_error()
    assert error is not None
    assert "the unanswered ones are too long together: 3,050 tokens" in error.what


def test_a_restored_store_is_read_again(desk: Desk) -> None:
    chat = desk.service.add_chat("Ink", "What is ink?", "A dye.")
    desk.open(chat)
    desk.service.change_message(chat, 1, text="What the backup held.")
    desk.presenter.reload()
    desk.until(lambda: desk.texts == ["What is ink?", "What the backup held."])
