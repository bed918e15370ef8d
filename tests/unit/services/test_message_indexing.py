"""Messages of chats are read after the notes: all that is due, nothing twice, newest chats first, resumable."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.conversation import Message, Role
from desktop_app.domain.errors import CancelledError, ModelMissingError
from desktop_app.domain.generation import StopReason
from desktop_app.domain.reasoning import OPENS_REASONING
from desktop_app.domain.search import IndexingProgress
from desktop_app.services import message_indexing
from desktop_app.services.background_indexing import BackgroundIndexer
from desktop_app.services.indexing import IndexingService
from desktop_app.services.message_indexing import MessageIndexer
from desktop_app.storage.memory_database import temporary_conversations
from desktop_app.storage.store import Store, utc_now
from tests.fakes.fake_encoder import FakeEncoder, fake_indexing

_QUESTION = "how does a decoder keep what it read"
_ANSWER = "It holds keys and values of each token in a cache."
_LONG = " ".join([_ANSWER] * 4)


@pytest.fixture
def encoder() -> FakeEncoder:
    return FakeEncoder()


@pytest.fixture
def service(real_store: Store, encoder: FakeEncoder) -> IndexingService:
    return fake_indexing(real_store, encoder)


def ask(store: Store, chat: int, text: str, parent: Message | None = None) -> Message:
    return store.conversations.add_message(chat, parent.id if parent else None, Role.USER, text)


def answer(store: Store, chat: int, text: str, parent: Message | None = None, **used: object) -> Message:
    begun = store.conversations.add_message(chat, parent.id if parent else None, Role.ASSISTANT, "", settings_used=used)
    return store.conversations.finish_message(begun.id, text, [], StopReason.END, None)


def kept(store: Store, message: Message, fingerprint: str = "fake") -> list[str]:
    """The stored passages of a message as they stand in its text."""
    own = [row[0] for row in store.message_passages.vectors(fingerprint) if row[1] == message.id]
    text = store.conversations.get_message(message.id).text
    return [text[place.start : place.end] for place in store.message_passages.places(own)]


def test_questions_and_answers_are_read_after_the_notes_longer_ones_with_the_chats_title(
    real_store: Store, service: IndexingService, encoder: FakeEncoder
) -> None:
    chat = real_store.conversations.create("KV cache")
    asked = ask(real_store, chat.id, _QUESTION)
    answered = answer(real_store, chat.id, _LONG, asked)
    ask(real_store, chat.id, "thanks", answered)
    real_store.notes.create("N", "a note")
    report = service.run()
    assert encoder.embedded == ["N\na note", f"KV cache\n{_LONG}", _QUESTION]
    assert (report.notes, report.chunks, report.embedded) == (1, 1, 3)
    assert (report.messages, report.message_chunks) == (3, 2)
    assert kept(real_store, answered) == [_LONG]
    assert service.progress().messages_due == 0
    assert service.run().embedded == 0
    assert len(encoder.embedded) == 3


def test_of_an_answer_its_reasoning_is_left_out(
    real_store: Store, service: IndexingService, encoder: FakeEncoder
) -> None:
    chat = real_store.conversations.create("T")
    marked = answer(real_store, chat.id, f"<think>\nwhat would they want to know\n</think>\n\n{_ANSWER}")
    opened = answer(
        real_store, chat.id, f"they ask for more of it\n</think>\n\n{_QUESTION}", marked, **{OPENS_REASONING: True}
    )
    service.run()
    assert sorted(encoder.embedded) == sorted([_ANSWER, _QUESTION])
    assert kept(real_store, marked) == [_ANSWER]
    assert kept(real_store, opened) == [_QUESTION]


def test_an_answer_that_is_being_written_waits_and_is_read_when_it_ends(
    real_store: Store, service: IndexingService, encoder: FakeEncoder
) -> None:
    chat = real_store.conversations.create("T")
    begun = real_store.conversations.add_message(chat.id, None, Role.ASSISTANT, "")
    real_store.conversations.save_partial(begun.id, "It holds keys and values", [])
    service.run()
    assert encoder.embedded == []
    assert service.progress().messages_due == 0
    real_store.conversations.finish_message(begun.id, _ANSWER, [], StopReason.END, None)
    assert service.progress().messages_due == 1
    service.run()
    assert encoder.embedded == [_ANSWER]


def test_what_the_streaming_writer_saves_touches_no_other_row(real_store: Store) -> None:
    chat = real_store.conversations.create("T")
    begun = real_store.conversations.add_message(chat.id, None, Role.ASSISTANT, "")
    before = real_store.message_passages.read([begun.id])[0].revision
    for words in ("It", "It holds", "It holds keys"):
        real_store.conversations.save_partial(begun.id, words, [])
    assert real_store.message_passages.read([begun.id])[0].revision == before


def test_only_what_changed_is_read_again(real_store: Store, service: IndexingService, encoder: FakeEncoder) -> None:
    chat = real_store.conversations.create("T")
    first = answer(real_store, chat.id, f"# One\n{_ANSWER}\n\n# Two\n{_QUESTION}")
    service.run()
    text = f"# One\n{_ANSWER}\n\n# Two\n{_QUESTION} for a while"
    real_store.conversations.finish_message(first.id, text, [], StopReason.END, None)
    assert service.run().embedded == 1
    assert encoder.embedded[-1] == f"Two\n{_QUESTION} for a while"
    assert kept(real_store, first) == [_ANSWER, f"{_QUESTION} for a while"]


def test_a_passage_that_moved_keeps_its_row_and_stands_at_its_new_place(
    real_store: Store, service: IndexingService, encoder: FakeEncoder
) -> None:
    chat = real_store.conversations.create("T")
    first = answer(real_store, chat.id, f"# One\n{_ANSWER}")
    service.run()
    ((passage, _message, _vector),) = real_store.message_passages.vectors("fake")
    text = f"# New\n{_QUESTION}\n\n# One\n{_ANSWER}"
    real_store.conversations.finish_message(first.id, text, [], StopReason.END, None)
    assert service.run().embedded == 1
    assert sorted(kept(real_store, first)) == sorted([_QUESTION, _ANSWER])
    (place,) = real_store.message_passages.places([passage])
    assert text[place.start : place.end] == _ANSWER


def test_another_title_is_read_where_it_stands_in_front(
    real_store: Store, service: IndexingService, encoder: FakeEncoder
) -> None:
    chat = real_store.conversations.create("T")
    ask(real_store, chat.id, _QUESTION, answer(real_store, chat.id, _LONG))
    service.run()
    real_store.conversations.rename(chat.id, "Caches")
    assert service.run().embedded == 1
    assert encoder.embedded[-1] == f"Caches\n{_LONG}"
    real_store.conversations.rename(chat.id, "Caches")
    assert service.progress().messages_due == 0


def test_a_copied_chat_is_not_read_again(real_store: Store, service: IndexingService, encoder: FakeEncoder) -> None:
    chat = real_store.conversations.create("T")
    asked = ask(real_store, chat.id, _QUESTION)
    service.run()
    copy = real_store.conversations.add_copy(real_store.conversations.copy_of(chat.id, asked.id), "T")
    assert service.progress().messages_due == 1
    assert service.run().embedded == 0
    (copied,) = real_store.conversations.path(copy.id)
    assert kept(real_store, copied) == [_QUESTION]


def test_another_encoder_reads_the_messages_anew_and_its_vectors_take_the_place(
    real_store: Store, service: IndexingService, encoder: FakeEncoder
) -> None:
    chat = real_store.conversations.create("T")
    asked = ask(real_store, chat.id, _QUESTION)
    real_store.notes.create("N", "a note")
    service.run()
    encoder.fingerprint = "other"
    assert service.run().embedded == 2
    assert encoder.embedded[-2:] == ["N\na note", _QUESTION]
    assert kept(real_store, asked, "other") == [_QUESTION]
    assert list(real_store.message_passages.vectors("fake")) == []


def test_the_newest_chats_are_read_first(real_store: Store, service: IndexingService, encoder: FakeEncoder) -> None:
    old, new = (real_store.conversations.create(title) for title in ("Old", "New"))
    ask(real_store, new.id, "what was said in the newer one")
    ask(real_store, old.id, "what was said in the older one, last")
    service.run()
    assert encoder.embedded == ["what was said in the older one, last", "what was said in the newer one"]


def test_a_run_that_ends_early_goes_on_and_reads_nothing_twice(
    real_store: Store, service: IndexingService, encoder: FakeEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(message_indexing, "PASSAGES_PER_BATCH", 2)
    chat = real_store.conversations.create("T")
    long = answer(real_store, chat.id, "\n\n".join(f"# Part {number}\nIt is number {number}." for number in range(7)))
    token = CancelToken()

    def stop(texts: Sequence[str]) -> None:
        if len(encoder.embedded) >= 4:
            token.cancel()

    encoder.before_passages = stop
    with pytest.raises(CancelledError):
        service.run(token)
    assert len(encoder.embedded) == 4
    assert service.progress().messages_due == 1
    encoder.before_passages = lambda texts: None
    assert fake_indexing(real_store, encoder).run().embedded == 3
    assert len(set(encoder.embedded)) == len(encoder.embedded) == 7
    assert kept(real_store, long) == [f"It is number {number}." for number in range(7)]


def test_a_message_that_changes_while_it_is_read_is_read_once_more(
    real_store: Store, service: IndexingService, encoder: FakeEncoder
) -> None:
    chat = real_store.conversations.create("T")
    first = answer(real_store, chat.id, _ANSWER)
    changed = iter([f"{_ANSWER} And so it goes on."])

    def change(texts: Sequence[str]) -> None:
        for text in changed:
            real_store.conversations.finish_message(first.id, text, [], StopReason.END, None)

    encoder.before_passages = change
    service.run()
    assert kept(real_store, first) == [f"{_ANSWER} And so it goes on."]
    assert service.progress().messages_due == 0


def test_a_message_that_is_written_in_all_the_time_does_not_hold_the_run(
    real_store: Store, service: IndexingService, encoder: FakeEncoder
) -> None:
    chat = real_store.conversations.create("T")
    first = answer(real_store, chat.id, _ANSWER)
    others = iter(f"{_ANSWER} And so it goes on, for the time number {number}." for number in range(9))

    def change(texts: Sequence[str]) -> None:
        for text in others:
            real_store.conversations.finish_message(first.id, text, [], StopReason.END, None)
            break

    encoder.before_passages = change
    assert service.run().embedded == 3
    assert service.progress().messages_due == 1
    encoder.before_passages = lambda texts: None
    assert service.run().embedded == 1


def test_a_note_that_is_written_meanwhile_comes_first(
    real_store: Store, service: IndexingService, encoder: FakeEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(message_indexing, "PASSAGES_PER_BATCH", 1)
    chat = real_store.conversations.create("T")
    for number in range(3):
        ask(real_store, chat.id, f"the question with number {number} of three")
    written = iter(["in between"])

    def write(texts: Sequence[str]) -> None:
        for text in written:
            real_store.notes.create("N", text)

    encoder.before_passages = write
    service.run()
    assert [text.split()[0] for text in encoder.embedded] == ["the", "N", "the", "the"]


def test_the_trash_waits_until_it_is_taken_out(
    real_store: Store, service: IndexingService, encoder: FakeEncoder
) -> None:
    chat = real_store.conversations.create("T")
    asked = ask(real_store, chat.id, _QUESTION)
    real_store.conversations.trash(chat.id)
    assert service.run().embedded == 0
    real_store.conversations.restore(chat.id)
    assert service.run().embedded == 1
    version = real_store.message_passages.vectors_version()
    real_store.conversations.trash(chat.id)
    assert list(real_store.message_passages.vectors("fake")) == []
    assert real_store.message_passages.vectors_version() > version
    real_store.conversations.restore(chat.id)
    assert kept(real_store, asked) == [_QUESTION]
    assert service.run().embedded == 0


def test_what_is_deleted_leaves_nothing(real_store: Store, service: IndexingService) -> None:
    chat = real_store.conversations.create("T")
    ask(real_store, chat.id, _QUESTION)
    service.run()
    version = real_store.message_passages.vectors_version()
    real_store.conversations.delete_forever(chat.id)
    assert real_store.message_passages.passage_count("fake") == 0
    assert real_store.message_passages.read_count("fake") == 0
    assert real_store.message_passages.vectors_version() > version


def test_temporary_chats_are_never_read(real_store: Store, service: IndexingService, encoder: FakeEncoder) -> None:
    temporary = temporary_conversations(utc_now)
    chat = temporary.create("T")
    temporary.add_message(chat.id, None, Role.USER, _QUESTION)
    assert service.run().embedded == 0
    assert encoder.embedded == []


def test_how_many_messages_are_due_is_told(real_store: Store, service: IndexingService) -> None:
    chat = real_store.conversations.create("T")
    for number in range(100):
        ask(real_store, chat.id, f"the question with number {number} of a hundred")
    told: list[IndexingProgress] = []
    assert service.progress().messages_due == 100
    service.run(progress=told.append)
    counts = [progress.messages_due for progress in told]
    assert counts == sorted(counts, reverse=True)
    assert (counts[0], counts[-1]) == (100, 0)
    assert len(set(counts)) > 2


def test_more_messages_than_are_listed_at_a_time_are_all_read(
    real_store: Store, service: IndexingService, encoder: FakeEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(message_indexing, "_LISTED", 2)
    chat = real_store.conversations.create("T")
    for number in range(9):
        ask(real_store, chat.id, f"the question with number {number} of nine")
    assert service.run().embedded == 9
    assert real_store.message_passages.due_ids("fake", 10) == []


def test_summaries_are_not_read(real_store: Store, service: IndexingService, encoder: FakeEncoder) -> None:
    chat = real_store.conversations.create("T")
    asked = ask(real_store, chat.id, _QUESTION)
    real_store.conversations.add_summary(
        chat.id, asked.id, f"What was said: {_LONG}", model_fingerprint="m", model_name="M"
    )
    service.run()
    assert encoder.embedded == [_QUESTION]
    assert service.progress().messages_due == 0


def test_without_a_note_and_a_message_no_encoder_is_loaded(
    real_store: Store, service: IndexingService, encoder: FakeEncoder
) -> None:
    real_store.conversations.create("T")
    encoder.failure = ModelMissingError("There is no encoder.")
    assert service.run().embedded == 0
    encoder.fingerprint = "not loaded yet"
    ask(real_store, real_store.conversations.create("U").id, _QUESTION)
    with pytest.raises(ModelMissingError):
        service.run()
    encoder.failure = None
    assert service.run().embedded == 1
    encoder.close()
    assert service.run().embedded == 0
    assert encoder.loaded is None


def test_counts_of_one_encoder_are_not_told_of_another(real_store: Store, service: IndexingService) -> None:
    chat = real_store.conversations.create("T")
    ask(real_store, chat.id, _QUESTION)
    service.run()
    indexer = MessageIndexer(real_store.message_passages)
    assert indexer.counts("fake", running=True) == (0, 1)
    assert indexer.counts("other", running=True) == (1, 1)
    assert indexer.counts(None, running=True) == (1, 1)


def test_a_run_whose_counts_nobody_asked_for_goes_through(real_store: Store, encoder: FakeEncoder) -> None:
    chat = real_store.conversations.create("T")
    ask(real_store, chat.id, _QUESTION)
    indexer = MessageIndexer(real_store.message_passages)
    assert indexer.run("fake", lambda: True, encoder.embed_passages)
    assert indexer.counts("fake", running=True) == (0, 1)


def test_an_answers_end_wakes_the_indexer(real_store: Store, service: IndexingService, encoder: FakeEncoder) -> None:
    indexer = BackgroundIndexer(service, settle_seconds=0.0)
    runs: list[bool] = []
    try:
        indexer.subscribe(lambda progress: runs.append(progress.running))
        indexer.wake()
        _until(lambda: runs[-1:] == [False])
        chat = real_store.conversations.create("T")
        service.pauses.set_answering(True)
        ask(real_store, chat.id, _QUESTION)
        service.pauses.set_answering(False)
        _until(lambda: encoder.embedded == [_QUESTION])
    finally:
        indexer.close()


def _until(done: object) -> None:
    import time

    end = time.monotonic() + 20
    while not done():  # type: ignore[operator]
        assert time.monotonic() < end
        time.sleep(0.01)
