"""What a model read of notes, beside what has become of them: on a real store."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.errors import NotFoundError
from desktop_app.domain.note_sources import SourceState
from desktop_app.services.notes import NoteService
from desktop_app.services.notes_not_used import NotesNotUsed
from desktop_app.services.source_passages import SourcePassages
from desktop_app.storage.store import Store
from tests.unit.services.test_note_grounding import BREAD, QUESTION, GroundedDesk

RYE = "# Rye\n\nOne line.\n\n## Dough\n\n### Cold\n\nRye dough stays **two days** in the fridge, not hours.\n"


class ReadDesk(GroundedDesk):
    def __init__(self, store: Store) -> None:
        super().__init__(store)
        self.notes = NoteService(store)
        self.passages = SourcePassages(store.conversations, store.conversations.attachments, store.notes)
        self.rye = self.notes.create("", RYE).id
        self.chat_id = self.chat.create().id
        self.grounding.set_scope(self.chat_id, "")

    def asked(self, text: str = QUESTION) -> tuple[int, list[int]]:
        """The question's id, and the passages that went with it."""
        self.ask(self.chat_id, text)
        question = self.chat.messages(self.chat_id)[-2]
        return question.id, [each.id for each in question.attachments]


@pytest.fixture
def desk(real_store: Store) -> ReadDesk:
    return ReadDesk(real_store)


def test_a_passage_has_its_headings_its_words_and_why_it_was_found(desk: ReadDesk) -> None:
    question, ids = desk.asked()
    read = {each.title: each for each in desk.passages.read(question, ids)}
    rye = read["Rye"]
    assert rye.state is SourceState.THERE
    assert rye.headings == ("Dough", "Cold")
    assert rye.words_rank is not None
    assert rye.meaning_rank is None  # nothing is indexed
    assert "two days" in rye.text
    assert "**" not in rye.text
    assert {rye.text[span.start : span.end] for span in rye.words} >= {"dough", "fridge", "hours"}


def test_what_is_referred_back_to_is_marked_as_well(desk: ReadDesk) -> None:
    desk.asked()
    question, _ = desk.asked("And why?")
    first = desk.chat.messages(desk.chat_id)[0]
    passages = desk.passages.read(question, [each.id for each in first.attachments])
    assert any(each.words for each in passages)


def test_what_became_of_the_note_is_told(desk: ReadDesk) -> None:
    question, ids = desk.asked()
    rye = next(each for each in desk.passages.read(question, ids) if each.title == "Rye")
    desk.notes.save(rye.note_id, "New words in front.\n\n" + RYE)
    moved = desk.passages.read(question, [rye.attachment_id])[0]
    assert moved.state is SourceState.THERE
    assert moved.place is not None
    assert rye.place is not None
    assert moved.place[0] == rye.place[0] + len("New words in front.\n\n")
    desk.notes.save(rye.note_id, "# Loaf\n\nNothing is left.\n")
    changed = desk.passages.read(question, [rye.attachment_id])[0]
    assert (changed.state, changed.place, changed.title) == (SourceState.CHANGED, None, "Loaf")
    desk.notes.trash([rye.note_id])
    assert desk.passages.read(question, [rye.attachment_id])[0].state is SourceState.TRASHED
    desk.notes.delete_forever([rye.note_id])
    deleted = desk.passages.read(question, [rye.attachment_id])[0]
    assert (deleted.state, deleted.title, deleted.text) == (SourceState.DELETED, "Rye", rye.text)


def test_a_page_is_no_part_of_the_title_of_a_note_that_is_gone(desk: ReadDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    question, ids = desk.asked()
    attachments = desk.store.conversations.attachments
    rye = next(each for each in map(attachments.get, ids) if each.note_id == desk.rye)
    monkeypatch.setattr(attachments, "get", lambda _id: replace(rye, name="Rye, page 3"))
    desk.notes.trash([desk.rye])
    desk.notes.delete_forever([desk.rye])
    shown = desk.passages.read(question, [rye.id])[0]
    assert (shown.title, shown.page) == ("Rye", 3)


def test_a_question_that_is_gone_is_said(desk: ReadDesk) -> None:
    with pytest.raises(NotFoundError):
        desk.passages.read(9_999, [])


def test_notes_near_to_a_question_that_were_not_read_are_named(desk: ReadDesk) -> None:
    question, ids = desk.asked()
    read = {each.note_id for each in desk.passages.read(question, ids)}
    others = NotesNotUsed(desk.store.conversations, desk.grounding)
    bread = desk.ids[0]
    assert read == {desk.rye}  # the others are too far from it
    found = others.find(question, read, CancelToken())
    assert [each.note_id for each in found][:1] == [bread]
    assert (found[0].title, found[0].folder) == ("Bread", "Home/Kitchen")
    assert found[0].snippet.startswith("The dough stays fourteen hours")
    assert "fourteen" in BREAD[found[0].start : found[0].end]
    assert bread not in [each.note_id for each in others.find(question, {*read, bread}, CancelToken())]
    desk.grounding.set_scope(desk.chat_id, "folder:Garden")
    assert bread not in [each.note_id for each in others.find(question, read, CancelToken())]
    desk.grounding.set_scope(desk.chat_id, None)
    assert others.find(question, set(), CancelToken()) == []


def test_notes_that_went_with_an_earlier_message_are_not_named_again(desk: ReadDesk) -> None:
    desk.asked()
    question, _ids = desk.asked("And for how many hours does the rye dough stay there?")
    others = NotesNotUsed(desk.store.conversations, desk.grounding)
    assert desk.rye not in [each.note_id for each in others.find(question, set(), CancelToken())]
