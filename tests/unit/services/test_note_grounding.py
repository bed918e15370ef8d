"""Answers from notes: on a real store, with the search by words and a decoder without a process."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from desktop_app.domain.attachments import Attachment
from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.chat_events import LookingInNotes, MessageAdded
from desktop_app.domain.chat_format import ChatFormat
from desktop_app.domain.chat_markdown import chat_markdown
from desktop_app.domain.context_budget import MOST_PASSAGES, SOURCES_SHARE
from desktop_app.domain.conversation import Role
from desktop_app.domain.errors import (
    MessageTooLongError,
    NotFoundError,
    NothingInNotesError,
    SettingError,
    StoreError,
)
from desktop_app.domain.search_question import among
from desktop_app.services import context_window
from desktop_app.services.attachments import AttachmentService
from desktop_app.services.chat import ChatService
from desktop_app.services.chat_transfer import ChatTransfer
from desktop_app.services.note_grounding import NoteGrounding
from desktop_app.services.notes import NoteService
from desktop_app.services.search import SearchedStores, SearchService
from desktop_app.services.temporary_chats import both_stores
from desktop_app.storage import conversations as message_of_module
from desktop_app.storage.memory_database import temporary_conversations
from desktop_app.storage.store import Store, utc_now
from tests.fakes.fake_encoder import FakeEncoder
from tests.unit.services.test_chat import Desk

BREAD = "# Bread\n\nThe dough stays fourteen hours in the fridge. Bake it with steam.\n"
OVEN = "# Oven log\n\nThe new oven runs fifteen degrees too hot for bread.\n"
TOMATOES = "# Tomatoes\n\nSow indoors in March, plant out after the ice saints.\n"
QUESTION = "How many hours does the dough stay in the fridge?"


class GroundedDesk(Desk):
    def __init__(self, store: Store) -> None:
        super().__init__(store)
        encoder = FakeEncoder()
        stores = SearchedStores(store.notes, store.passages, store.words, store.filtered_notes)
        self.search = SearchService(stores, encoder, _no_encoder)
        self.grounding = NoteGrounding(store.conversations, store.notes, self.search, date.today)
        self.chat = ChatService(
            store.conversations, self.decoder, self.session, self.settings, grounding=self.grounding
        )
        self.ids = [
            NoteService(store).create(folder, text).id
            for folder, text in (("Home/Kitchen", BREAD), ("Home/Kitchen", OVEN), ("Garden", TOMATOES))
        ]

    def grounded(self, scope: str = "") -> int:
        chat = self.chat.create().id
        self.grounding.set_scope(chat, scope)
        return chat

    def sources(self, chat: int) -> list[Attachment]:
        questions = [message for message in self.chat.messages(chat) if message.role is Role.USER]
        return [each for each in questions[-1].attachments if each.source is not None]


def _no_encoder() -> Any:
    raise NotFoundError("There is no search model here.")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[GroundedDesk]:
    store = Store.open(tmp_path / "inkwell.sqlite3", backups=tmp_path / "backups")
    yield GroundedDesk(store)
    store.close()


def test_the_decoder_reads_the_passage_and_the_question_stays_as_it_was_asked(desk: GroundedDesk) -> None:
    chat = desk.grounded()
    events = desk.ask(chat, QUESTION)
    assert isinstance(events[0], LookingInNotes)
    assert isinstance(events[1], MessageAdded)
    read = desk.decoder.requests[-1].turns[-1].text
    assert "fourteen hours" in read
    assert read.endswith(QUESTION)
    assert desk.chat.messages(chat)[0].text == QUESTION
    first = desk.sources(chat)[0]
    assert (first.note_id, first.source.number if first.source else 0) == (desk.ids[0], 1)


def test_a_chat_that_does_not_use_notes_reads_none(desk: GroundedDesk) -> None:
    chat = desk.chat.create().id
    desk.ask(chat, QUESTION)
    assert desk.decoder.requests[-1].turns[-1].text == QUESTION
    desk.grounding.set_scope(chat, "")
    desk.grounding.set_scope(chat, None)
    desk.ask(chat, QUESTION)
    assert "fourteen" not in desk.decoder.requests[-1].turns[-1].text


def test_nothing_is_sent_where_the_notes_hold_nothing(desk: GroundedDesk) -> None:
    chat = desk.grounded()
    with pytest.raises(NothingInNotesError, match="Nothing about this question was found"):
        desk.ask(chat, "Which vaccines need refrigeration?")
    assert desk.chat.messages(chat) == []
    assert desk.decoder.requests == []


def test_the_question_can_be_asked_without_notes_this_once(desk: GroundedDesk) -> None:
    chat = desk.grounded()
    desk.grounding.leave_out_once(chat)
    desk.ask(chat, "Which vaccines need refrigeration?")
    assert desk.sources(chat) == []
    desk.ask(chat, QUESTION)
    assert desk.sources(chat)


def test_only_notes_of_the_scope_are_read(desk: GroundedDesk) -> None:
    chat = desk.grounded("folder:Garden")
    with pytest.raises(NothingInNotesError) as refused:
        desk.ask(chat, QUESTION)
    assert "folder:Garden" in refused.value.why
    desk.ask(chat, "When are tomatoes sown indoors?")
    assert {each.note_id for each in desk.sources(chat)} == {desk.ids[2]}


def test_a_follow_up_is_looked_for_with_what_it_refers_to_and_finds_nothing_twice(desk: GroundedDesk) -> None:
    chat = desk.grounded()
    desk.ask(chat, QUESTION)
    first = {each.text for each in desk.sources(chat)}
    desk.ask(chat, "And why?")
    assert {each.text for each in desk.sources(chat)}.isdisjoint(first)
    read = "\n".join(turn.text for turn in desk.decoder.requests[-1].turns)
    assert read.count("fourteen hours in the fridge") == 1


def test_numbers_go_on_through_the_chat(desk: GroundedDesk) -> None:
    chat = desk.grounded()
    desk.ask(chat, QUESTION)
    count = len(desk.sources(chat))
    desk.ask(chat, "When are tomatoes sown indoors?")
    numbers = [each.source.number for each in desk.sources(chat) if each.source is not None]
    assert numbers == list(range(count + 1, count + 1 + len(numbers)))


def test_an_edited_question_is_looked_for_anew(desk: GroundedDesk) -> None:
    chat = desk.grounded()
    desk.ask(chat, QUESTION)
    question = desk.chat.messages(chat)[0]
    list(desk.chat.edit(chat, question.id, "When are tomatoes sown indoors?", CancelToken()))
    assert {each.note_id for each in desk.sources(chat)} == {desk.ids[2]}


def test_an_answer_that_is_written_again_reads_the_same_passages(desk: GroundedDesk) -> None:
    chat = desk.grounded()
    desk.ask(chat, QUESTION)
    list(desk.chat.regenerate(chat, desk.chat.messages(chat)[-1].id, CancelToken()))
    first, second = (request.turns[-1].text for request in desk.decoder.requests)
    assert first == second


def test_passages_take_their_share_of_the_window_and_no_more(desk: GroundedDesk) -> None:
    for number in range(12):
        NoteService(desk.store).create("", f"# Dough {number}\n\n" + "The dough stays some hours in the fridge. " * 20)
    chat = desk.grounded()
    desk.ask(chat, QUESTION)
    read = desk.decoder.requests[-1].turns[-1].text
    assert len(desk.sources(chat)) >= 1
    assert len(read.split()) <= 0.35 * 1000 + 40


def test_a_question_beside_which_no_passage_fits_is_not_sent(desk: GroundedDesk) -> None:
    chat = desk.grounded()
    desk.settings.person["decoder.max_answer_tokens"] = 250
    with pytest.raises(MessageTooLongError, match="No passage"):
        desk.ask(chat, f"{QUESTION} {'word ' * 700}")
    assert desk.chat.messages(chat) == []
    assert desk.decoder.requests == []


def test_one_passage_may_be_more_than_the_share_of_passages(
    desk: GroundedDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(context_window, "SOURCES_SHARE", 0.05)
    NoteService(desk.store).create("", f"# Vaccines\n\nVaccines need refrigeration. {'Cold and cool. ' * 140}")
    chat = desk.grounded()
    desk.ask(chat, "Which vaccines need refrigeration?")
    assert len(desk.sources(chat)) == 1
    assert len(desk.decoder.requests[-1].turns[-1].text.split()) > 0.05 * 1000 * 2


def test_a_question_that_could_not_be_stored_leaves_no_passages(
    desk: GroundedDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    chat = desk.grounded()

    def gone(*_arguments: object, **_values: object) -> None:
        assert desk.store.conversations.attachments.of_draft(chat) == []  # nor a program that ends just now
        raise StoreError("The disk is full.")

    monkeypatch.setattr(message_of_module, "message_of", gone)
    with pytest.raises(StoreError):
        desk.ask(chat, QUESTION)
    assert desk.store.conversations.attachments.of_draft(chat) == []
    monkeypatch.undo()
    assert desk.chat.messages(chat) == []


def test_a_passage_whose_message_left_the_memory_is_read_again(desk: GroundedDesk) -> None:
    chat = desk.grounded()
    desk.ask(chat, QUESTION)
    assert "fourteen hours in the fridge" in desk.decoder.requests[-1].turns[-1].text
    desk.grounding.set_scope(chat, None)
    for number in range(6):
        desk.ask(chat, f"Number {number}: {'word ' * 150}")
    desk.grounding.set_scope(chat, "")
    desk.ask(chat, QUESTION)
    read = [turn.text for turn in desk.decoder.requests[-1].turns]
    assert sum("fourteen hours in the fridge" in text for text in read) == 1
    assert "fourteen hours in the fridge" in read[-1]


def test_a_passage_whose_message_leaves_with_this_question_is_read_again(desk: GroundedDesk) -> None:
    chat = desk.grounded()
    desk.ask(chat, QUESTION)
    desk.grounding.set_scope(chat, None)
    desk.ask(chat, f"Go on: {'word ' * 500}")
    assert desk.chat.get(chat).memory_start_id is None
    desk.grounding.set_scope(chat, "")
    desk.ask(chat, f"{QUESTION} {'hours ' * 200}")
    assert desk.chat.get(chat).memory_start_id is not None
    assert "fourteen hours in the fridge" in desk.decoder.requests[-1].turns[-1].text


def test_numbers_go_on_over_more_messages_than_are_read_at_once(desk: GroundedDesk) -> None:
    chat = desk.grounded()
    desk.ask(chat, QUESTION)
    last = max(each.source.number for each in desk.sources(chat) if each.source is not None)
    desk.grounding.set_scope(chat, None)
    for number in range(40):
        desk.ask(chat, f"Number {number}")
    desk.grounding.set_scope(chat, "")
    desk.ask(chat, "When are tomatoes sown indoors?")
    first = desk.sources(chat)[0].source
    assert first is not None
    assert first.number == last + 1


@pytest.mark.parametrize("scope", ["bread", "folder:Garden bread", "in:chats", "similar:1", "before:nonsense", "tag:"])
def test_what_filters_no_notes_is_refused(desk: GroundedDesk, scope: str) -> None:
    chat = desk.grounded("folder:Garden")
    with pytest.raises(SettingError, match="no filter"):
        desk.grounding.set_scope(chat, scope)
    assert desk.grounding.scope(chat) == "folder:Garden"


def test_leaving_notes_out_once_ends_when_other_notes_are_chosen(desk: GroundedDesk) -> None:
    chat = desk.grounded()
    desk.grounding.leave_out_once(chat)
    desk.grounding.set_scope(chat, "folder:Home")
    desk.ask(chat, QUESTION)
    assert desk.sources(chat)


def test_where_nothing_is_found_it_is_said_what_was_not_searched(desk: GroundedDesk) -> None:
    chat = desk.grounded()
    with pytest.raises(NothingInNotesError) as refused:
        desk.ask(chat, "Which vaccines need refrigeration?")
    assert "exact words alone" in refused.value.why


@pytest.mark.parametrize(
    "question", ['What is "fourteen -dough fridge:hours?', "-fridge dough: hours", "dough \0 fridge"]
)
def test_what_looks_like_an_operator_is_a_word_of_the_question(desk: GroundedDesk, question: str) -> None:
    chat = desk.grounded()
    desk.ask(chat, question)
    assert desk.sources(chat)[0].note_id == desk.ids[0]


def test_a_passage_leads_to_its_place_in_the_note_as_it_is_now(desk: GroundedDesk) -> None:
    chat = desk.grounded()
    desk.ask(chat, QUESTION)
    source = desk.sources(chat)[0]
    service = AttachmentService(desk.store.conversations.attachments, desk.store.notes, None, desk.decoder)  # type: ignore[arg-type]
    note = desk.store.notes.get(desk.ids[0])
    assert note.text[slice(*service.place_of(source)[1:])].strip() == source.text.strip()
    NoteService(desk.store).save(note.id, "Nothing of it.")
    assert service.place_of(source) == (note.id, -1, -1)
    desk.store.notes.trash([note.id])
    with pytest.raises(NotFoundError, match="trash"):
        service.place_of(source)


def test_the_draft_is_not_read_ahead_where_passages_will_stand_before_it(desk: GroundedDesk) -> None:
    chat = desk.grounded()
    desk.ask(chat, QUESTION)
    desk.chat.read_prompt_ahead(chat, "And what ", CancelToken())
    assert desk.decoder.read_ahead_of[-1][-1].text == ""


def test_an_exported_chat_names_its_passages_by_what_they_are_cited_by(desk: GroundedDesk) -> None:
    chat = desk.grounded()
    desk.ask(chat, QUESTION)
    written = chat_markdown(desk.chat.get(chat), desk.chat.messages(chat))
    assert "*From notes: [1] Bread" in written
    assert "*Attached" not in written


def test_a_question_right_behind_a_choice_goes_by_it(desk: GroundedDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    chat = desk.chat.create().id
    keep = desk.store.conversations.set_settings_of
    begun, may_go_on = threading.Event(), threading.Event()

    def slow(conversation_id: int, values: Mapping[str, Any]) -> None:
        begun.set()
        assert may_go_on.wait(30)
        keep(conversation_id, values)

    monkeypatch.setattr(desk.store.conversations, "set_settings_of", slow)
    with ThreadPoolExecutor(2) as pool:
        choosing = pool.submit(desk.grounding.set_scope, chat, "folder:Garden")
        assert begun.wait(30)
        looking = pool.submit(desk.grounding.scope, chat)
        wait([looking], timeout=0.2)
        may_go_on.set()
        assert looking.result(30) == "folder:Garden"
        choosing.result(30)


def test_a_note_in_the_trash_is_answered_from_no_more(desk: GroundedDesk) -> None:
    chat = desk.grounded()
    desk.store.notes.trash([desk.ids[0]])
    desk.ask(chat, "Which bread is baked in the oven?")
    assert {each.note_id for each in desk.sources(chat)} == {desk.ids[1]}


def test_an_exported_chat_comes_back_with_what_its_answers_cite(desk: GroundedDesk, tmp_path: Path) -> None:
    chat = desk.grounded()
    desk.ask(chat, QUESTION)
    transfer = ChatTransfer(desk.store.chat_records)
    path = tmp_path / "chat.json"
    transfer.export(chat, ChatFormat.JSON, path)
    again = transfer.import_file(path, lambda *_: None, CancelToken()).chat_ids[0]
    assert [(each.source, each.text) for each in desk.sources(again)] == [
        (each.source, each.text) for each in desk.sources(chat)
    ]
    assert {each.note_id for each in desk.sources(again)} == {None}  # the note of that number may be another one
    desk.ask(again, "When are tomatoes sown indoors?")
    assert desk.sources(again)[0].note_id == desk.ids[2]


def test_a_chat_about_one_note_gets_its_passages_whatever_is_asked(desk: GroundedDesk) -> None:
    chat = desk.grounded(among([desk.ids[0]]))
    assert desk.grounding.names(desk.grounding.scope(chat) or "") == ["Bread"]
    desk.ask(chat, "Sum it up, please.")
    found = desk.sources(chat)
    assert {each.note_id for each in found} == {desk.ids[0]}
    assert "fourteen hours" in found[0].text


def test_what_was_found_in_the_one_note_stands_before_its_beginning_and_once(desk: GroundedDesk) -> None:
    parts = "\n\n".join(f"## Part {number}\n\nWords about nothing in particular, {number}." for number in range(20))
    note = NoteService(desk.store).create("", f"# Long\n\n{parts}\n\n## End\n\nSaffron costs nine euros.\n")
    chat = desk.grounded(among([note.id]))
    found = desk.grounding.find(chat, [], "What does saffron cost?", CancelToken())
    assert "Saffron" in found[0].text
    assert len(found) == MOST_PASSAGES
    assert [each.start for each in found[1:]] == sorted(each.start for each in found[1:])
    assert len({each.start for each in found}) == len(found)
    assert all(note.text[each.start : each.end] == each.text for each in found)


def test_each_passage_of_the_one_note_names_its_page(desk: GroundedDesk) -> None:
    pages = "\n\n".join(f"[page {number}]\n\n" + f"Words of sheet {number}, no more. " * 12 for number in range(1, 6))
    note = NoteService(desk.store).create("", f"# Report\n\n{pages}\n")
    chat = desk.grounded(among([note.id]))
    found = desk.grounding.find(chat, [], "Sum it up, please.", CancelToken())
    sheets = [each for each in found if each.text.startswith("[page ")]
    assert len(sheets) > 1
    assert all(each.name.endswith(f", page {each.text[6]}") for each in sheets)


def test_a_chat_about_several_notes_answers_from_them_alone(desk: GroundedDesk) -> None:
    chat = desk.grounded(among(desk.ids[1:]))
    assert desk.grounding.names(desk.grounding.scope(chat) or "") == ["Oven log", "Tomatoes"]
    desk.ask(chat, "Which bread is baked in the oven?")
    assert {each.note_id for each in desk.sources(chat)} == {desk.ids[1]}
    with pytest.raises(NothingInNotesError) as refused:
        desk.ask(chat, "Which vaccines need a cold chain?")
    assert refused.value.why.startswith("Only the notes that this chat is about were searched.")


def test_a_note_that_is_gone_is_no_more_named_and_says_nothing(desk: GroundedDesk) -> None:
    chat = desk.grounded(among([desk.ids[0]]))
    desk.store.notes.trash([desk.ids[0]])
    assert desk.grounding.names(desk.grounding.scope(chat) or "") == []
    with pytest.raises(NothingInNotesError):
        desk.ask(chat, QUESTION)


def test_the_meter_counts_the_passages_that_will_be_found(desk: GroundedDesk) -> None:
    plain, chat = desk.chat.create().id, desk.grounded()
    desk.session.ensure_decoder(CancelToken())
    without, awaiting = desk.chat.meter(plain, QUESTION), desk.chat.meter(chat, QUESTION)
    assert without is not None
    assert awaiting is not None
    assert without.awaited == 0
    most = int(awaiting.context_length * SOURCES_SHARE)
    assert 0 < awaiting.awaited <= most
    assert awaiting.prompt_tokens == without.prompt_tokens + awaiting.awaited
    assert awaiting.to_read_tokens == without.to_read_tokens + awaiting.awaited
    assert awaiting.free == without.free - awaiting.awaited
    desk.ask(chat, QUESTION)
    later = desk.chat.meter(chat, "And?")
    assert later is not None
    assert 0 < later.awaited < awaiting.awaited  # as the last question's passages, which were short
    desk.grounding.set_scope(chat, None)
    off = desk.chat.meter(chat, "And?")
    assert off is not None
    assert off.awaited == 0


def test_the_meter_of_a_new_chat_counts_them_where_new_chats_begin_with_notes(desk: GroundedDesk) -> None:
    desk.session.ensure_decoder(CancelToken())
    before = desk.chat.meter(None, QUESTION)
    desk.settings.person["chat.from_notes"] = "on"
    awaiting = desk.chat.meter(None, QUESTION)
    assert before is not None
    assert awaiting is not None
    assert before.awaited == 0
    assert awaiting.awaited > 0


def test_passages_of_a_temporary_chat_are_never_in_the_store(desk: GroundedDesk) -> None:
    inside = temporary_conversations(utc_now)
    both = both_stores(desk.store.conversations, lambda: inside)
    desk.grounding = NoteGrounding(both, desk.store.notes, desk.search, date.today)
    desk.chat = ChatService(both, desk.decoder, desk.session, desk.settings, grounding=desk.grounding)
    chat = inside.create().id
    desk.grounding.set_scope(chat, "")
    desk.ask(chat, QUESTION)
    assert desk.sources(chat)[0].note_id == desk.ids[0]
    assert desk.store.conversations.list_conversations() == []
    in_store = desk.store.path.read_bytes() + desk.store.path.with_name(f"{desk.store.path.name}-wal").read_bytes()
    assert b";passage=1;" not in in_store
