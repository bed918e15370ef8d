"""Answers from notes on the chat screen: the switch, the choice of notes, citations, sources and their passages."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from PySide6.QtWidgets import QMenu, QPushButton
from pytestqt.qtbot import QtBot

from desktop_app.domain.attachments import Attachment, AttachmentKind, SourcePlace, source_media_type
from desktop_app.domain.conversation import Message
from desktop_app.domain.errors import NothingInNotesError, StoreError
from desktop_app.domain.generation import StopReason
from desktop_app.presenters import transcript as transcript_module
from desktop_app.presenters.note_scope import NoteScopePresenter
from desktop_app.presenters.tasks import TaskRunner
from desktop_app.ui.actions import Actions
from desktop_app.ui.chat.link_targets import SOURCE_LINK
from desktop_app.ui.chat.message_rows import OwnMessage
from desktop_app.ui.chat.message_text import MarkdownText
from desktop_app.ui.chat.note_scope import NoteScopeControls
from desktop_app.ui.theme.theme import Theme
from desktop_app.ui.widgets import LineDialog
from tests.ui.chat_room import Room, open_room


class Scopes:
    """Where the chats look, in memory."""

    def __init__(self) -> None:
        self.kept: dict[int, str | None] = {}
        self.left_out: list[int] = []
        self.error: StoreError | None = None
        self.order: list[str | None] = []
        self.may_keep = threading.Event()
        self.may_keep.set()

    def scope(self, conversation_id: int) -> str | None:
        return self.kept.get(conversation_id)

    def set_scope(self, conversation_id: int, scope: str | None) -> None:
        if self.error is not None:
            raise self.error
        assert self.may_keep.wait(30)
        self.order.append(scope)
        self.kept[conversation_id] = scope

    def leave_out_once(self, conversation_id: int) -> None:
        self.left_out.append(conversation_id)

    def folders(self) -> list[str]:
        return ["Home", "Home & Garden"]

    def tags(self) -> list[str]:
        return ["read"]

    def names(self, scope: str) -> list[str]:
        return [f"Note {each}" for each in scope.removeprefix("among:").split(",")] if scope[:6] == "among:" else []


class Desk:
    def __init__(self, room: Room, tasks: TaskRunner, actions: Actions) -> None:
        self.room = room
        self.scopes = Scopes()
        chat = room.presenter
        self.new_chats_begin_on = False
        self.presenter = NoteScopePresenter(
            self.scopes,
            lambda slot: slot.ensure(room.service),
            chat.chat_made,
            tasks,
            chat,
            begins_with=lambda: self.new_chats_begin_on,
            keep=self._keep,
        )
        self.errors: list[object] = []
        self.presenter.failed.connect(self.errors.append)
        chat.opened.connect(lambda: self.presenter.show(chat.slot))
        self.controls = NoteScopeControls(self.presenter, room.screen.composer, actions, room.screen)
        room.screen.next_steps_for["nothing_in_notes"] = lambda: self.controls.next_steps(
            chat.retry_last, lambda: room.shell.search(room.screen.composer.draft)
        )
        self.presenter.show(chat.slot)
        self.switch, self.where = room.screen.composer.notes_button, room.screen.composer.where_button

    def _keep(self, on: bool) -> None:
        self.new_chats_begin_on = on

    def menu(self) -> QMenu:
        self.room.actions["chat.notes_where"].trigger()
        self.room.until(lambda: self.controls.menu is not None and self.controls.menu.isVisible())
        assert self.controls.menu is not None
        return self.controls.menu

    def press(self, words: str) -> None:
        """A button of the problem that is shown."""
        found = [each for each in self.room.screen.tail.findChildren(QPushButton) if each.text() == words]
        found += [each for each in self.room.screen.empty.findChildren(QPushButton) if each.text() == words]
        next(each for each in found if each.isVisible()).click()


@pytest.fixture
def desk(qtbot: QtBot, theme: Theme, actions: Actions, tasks: TaskRunner) -> Iterator[Desk]:
    with open_room(qtbot, theme, actions, tasks) as room:
        made = Desk(room, tasks, actions)
        room.show()
        yield made


def passage(number: int, name: str) -> Attachment:
    media_type = source_media_type(SourcePlace(number, 10, 20))
    moment = datetime(2026, 3, 1, tzinfo=UTC)
    return Attachment(100 + number, 1, 1, number, AttachmentKind.NOTE, name, media_type, 10, 7, moment, "ten letters")


def ask(desk: Desk, answer: str, *sources: Attachment) -> None:
    """A chat whose first question carried `sources` and was answered."""
    service = desk.room.service
    chat = service.add_chat("Bread", "How long?", answer)
    service.change_message(chat, 0, attachments=sources)
    for each in sources:
        desk.room.attachments.stored[each.id] = each
    desk.room.open(chat)


def links(desk: Desk) -> dict[str, str]:
    """Words of the links in the last answer, with their targets."""
    found: dict[str, str] = {}
    for part in desk.room.last().body.parts:
        block = part.document().begin() if isinstance(part, MarkdownText) else None
        while block is not None and block.isValid():
            place = block.begin()
            while not place.atEnd():
                form = place.fragment().charFormat()
                if form.isAnchor():
                    found[place.fragment().text()] = form.anchorHref()
                place += 1
            block = block.next()
    return found


def test_the_switch_gives_a_new_chat_its_scope_and_back(desk: Desk) -> None:
    assert not desk.switch.isChecked()
    assert not desk.where.isVisible()
    desk.room.actions["chat.notes"].trigger()
    assert desk.switch.isChecked()
    assert desk.where.text() == "All notes"
    desk.room.settle()
    chat = desk.room.presenter.conversation_id
    assert chat is not None
    assert desk.scopes.kept[chat] == ""
    desk.switch.click()
    desk.room.settle()
    assert desk.scopes.kept[chat] is None
    assert not desk.where.isVisible()


def test_a_new_chat_begins_as_the_switch_was_left_and_gets_no_row_for_that(desk: Desk) -> None:
    desk.room.open(desk.room.service.add_chat("One", "a", "b"))
    desk.switch.click()
    desk.room.settle()
    desk.room.presenter.new_chat()
    assert desk.switch.isChecked()
    desk.room.settle()
    assert desk.room.presenter.conversation_id is None
    desk.room.type_and_send("How long?")
    desk.room.until(lambda: desk.room.presenter.transcript.messages)
    assert desk.scopes.kept[desk.room.presenter.conversation_id or 0] == ""
    desk.room.service.feed("Long.", StopReason.END)
    desk.room.until(lambda: len(desk.room.presenter.transcript.messages) == 2)
    desk.room.presenter.new_chat()
    desk.switch.click()
    desk.room.settle()
    assert desk.scopes.kept[desk.room.presenter.conversation_id or 0] is None
    desk.room.presenter.new_chat()
    assert not desk.switch.isChecked()


def test_a_chat_about_notes_names_them_and_can_be_widened(desk: Desk) -> None:
    everything = desk.room.screen.composer.all_notes_button
    desk.room.presenter.new_chat()
    assert not everything.isVisible()
    desk.presenter.choose("among:3", ["Beehive"])
    assert desk.where.text() == "Beehive"
    desk.room.settle()
    chat = desk.room.presenter.conversation_id
    assert chat is not None
    assert desk.scopes.kept[chat] == "among:3"
    other = desk.room.service.add_chat("Other", "a", "b")
    desk.scopes.kept[other] = "among:3,4"
    desk.room.open(other)
    desk.room.until(lambda: desk.where.text() == "2 notes")
    assert everything.isVisible()
    everything.click()
    desk.room.settle()
    assert desk.scopes.kept[other] == ""
    assert desk.where.text() == "All notes"
    assert not everything.isVisible()


def test_a_chat_about_a_note_without_a_title_says_so(desk: Desk) -> None:
    desk.presenter.choose("among:3", [""])
    assert desk.where.text() == "Untitled"


def test_what_new_chats_begin_with_is_kept_in_the_order_of_the_presses(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.room.open(desk.room.service.add_chat("One", "a", "b"))
    off_is_kept = threading.Event()

    def keep(on: bool) -> None:
        if on:
            off_is_kept.wait(1)  # a slow disk
        desk.new_chats_begin_on = on
        if not on:
            off_is_kept.set()

    monkeypatch.setattr(desk.presenter, "_keep", keep)
    desk.switch.click()
    desk.switch.click()
    desk.room.until(off_is_kept.is_set)
    desk.room.settle()
    assert not desk.new_chats_begin_on


def test_each_chat_shows_its_own_scope(desk: Desk) -> None:
    one, other = desk.room.service.add_chat("One", "a", "b"), desk.room.service.add_chat("Other", "a", "b")
    desk.scopes.kept[one] = "folder:Home"
    desk.room.open(one)
    desk.room.until(lambda: desk.where.text() == "folder:Home")
    assert desk.where.accessibleName() == "Notes to answer from: folder:Home"
    desk.room.open(other)
    assert not desk.switch.isChecked()


def test_folders_and_tags_are_offered(desk: Desk) -> None:
    menu = desk.menu()
    folder = next(each for each in menu.actions() if each.text() == "Folder").menu()
    assert isinstance(folder, QMenu)
    assert [each.text() for each in folder.actions()] == ["Home", "Home && Garden"]
    folder.actions()[1].trigger()
    menu.close()
    desk.room.settle()
    assert desk.presenter.scope == 'folder:"Home & Garden"'


def test_the_question_for_filters_is_gone_once_it_is_answered(desk: Desk) -> None:
    for answer in (LineDialog.reject, LineDialog.accept):
        menu = desk.menu()
        next(each for each in menu.actions() if each.text() == "Other filters…").trigger()
        menu.close()
        desk.controls.menu = None  # it is about to go
        (dialog,) = desk.room.screen.window().findChildren(LineDialog)
        dialog.line.setText("tag:read")
        answer(dialog)
        desk.room.until(lambda: not desk.room.screen.window().findChildren(LineDialog))
    desk.room.settle()
    assert desk.presenter.scope == "tag:read"


def test_a_scope_that_was_not_kept_is_taken_back_and_said(desk: Desk) -> None:
    desk.scopes.error = StoreError("The disk is full.")
    desk.switch.click()
    desk.room.until(lambda: desk.errors)
    assert not desk.switch.isChecked()


def test_numbers_of_passages_are_links_and_others_are_not(desk: Desk) -> None:
    ask(desk, "Fourteen hours [1], `a[2]`, hot [2, 9] and [9].", passage(1, "Bread"), passage(2, "Oven log"))
    assert links(desk) == {"1": f"{SOURCE_LINK}1", "2": f"{SOURCE_LINK}2"}


def test_without_passages_numbers_in_brackets_stay_words(desk: Desk) -> None:
    ask(desk, "Fourteen hours [1].")
    assert links(desk) == {}
    assert not desk.room.last().sources.isVisible()


def test_a_link_of_that_kind_that_the_model_writes_itself_leads_nowhere(desk: Desk) -> None:
    ask(desk, f"See [this]({SOURCE_LINK}1).", passage(1, "Bread"))
    assert links(desk) == {}


def test_the_sources_stand_under_the_answer_the_cited_ones_first(desk: Desk) -> None:
    ask(desk, "Hot [2].", passage(1, "Bread"), passage(2, "Oven log"))
    row = desk.room.last()
    chips = row.sources.chips.chips
    assert [(each.chip.name, each.chip.detail) for each in chips] == [("2  Oven log", ""), ("1  Bread", "not cited")]
    assert desk.room.presenter.transcript.words(desk.room.presenter.transcript.messages[-1]).sources_words == (
        "From your notes"
    )
    assert row.sources.geometry().top() >= row.body.geometry().bottom()
    question = desk.room.screen.transcript.rows[0]
    assert isinstance(question, OwnMessage)
    assert question.chips.chips == []


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ("Hot.", "It cites none of the passages that it read. Compare it with them:"),
        ("Hot [1], cold [7].", "From your notes · it read no passage [7]"),
        ("Hot [1], `a[7]`.\n\n```\nb[8]\n```", "From your notes"),
        ("", "From your notes"),
    ],
)
def test_what_the_citations_are_worth_is_said(desk: Desk, answer: str, words: str) -> None:
    ask(desk, answer, passage(1, "Bread"))
    message = desk.room.presenter.transcript.messages[-1]
    assert desk.room.presenter.transcript.words(message).sources_words == words


def test_what_may_be_a_passage_further_up_is_not_called_none(desk: Desk) -> None:
    service = desk.room.service
    chat = service.add_chat("Bread", *["How long?", "Long."] * 15, "And?", "Hot [1], cold [2], wet [9].")
    service.change_message(chat, 0, attachments=(passage(1, "Bread"),))
    service.change_message(chat, 30, attachments=(passage(2, "Oven log"),))
    transcript = transcript_module.TranscriptPresenter(service, desk.room.tasks)
    transcript.show(chat, service.messages(chat, limit=4), None)
    assert transcript.has_older
    assert transcript.words(transcript.messages[-1]).sources_words == "From your notes · it read no passage [9]"
    told: list[int] = []
    transcript.replaced.connect(told.append)
    transcript.load_older()
    desk.room.until(lambda: not transcript.has_older)
    assert told == [len(transcript.messages) - 1]
    assert [each.number for each in transcript.words(transcript.messages[-1]).sources] == [1, 2]


def test_where_passages_stand_is_looked_for_once_for_all_rows(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    service = desk.room.service
    chat = service.add_chat("Bread", *["How long?", "Long [1]."] * 9)
    service.change_message(chat, 0, attachments=(passage(1, "Bread"),))
    looked = 0

    def counted(message: Message) -> list[Attachment]:
        nonlocal looked
        looked += 1
        return [each for each in message.attachments if each.source is not None]

    monkeypatch.setattr(transcript_module, "_passages_of", counted)
    desk.room.open(chat)
    assert desk.room.last().sources.chips.chips
    looked = 0
    for message in desk.room.presenter.transcript.messages:
        desk.room.presenter.transcript.words(message)
    assert looked <= 2 * len(desk.room.presenter.transcript.messages)


def test_choices_in_a_row_are_kept_in_their_order(desk: Desk) -> None:
    chat = desk.room.service.add_chat("One", "a", "b")
    other = desk.room.service.add_chat("Other", "a", "b")
    desk.room.open(chat)
    desk.scopes.may_keep.clear()
    desk.switch.click()
    desk.switch.click()
    desk.presenter.choose("tag:read")
    for each in (other, chat):
        desk.room.presenter.open(each)
        desk.room.until(lambda each=each: desk.room.presenter.slot.id == each)
    assert desk.presenter.scope == "tag:read"
    desk.scopes.may_keep.set()
    desk.room.settle()
    assert desk.scopes.kept[chat] == "tag:read"
    assert desk.scopes.order == ["", None, "tag:read"]


def test_a_passage_that_its_note_holds_no_more_says_so(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    ask(desk, "Hot [1].", passage(1, "Bread"))
    said: list[str] = []
    desk.room.shell.notice.connect(lambda notice: said.append(notice.text))
    monkeypatch.setattr(desk.room.attachments, "place_of", lambda attachment: (attachment.note_id, -1, -1))
    desk.room.presenter.attachments.find_place(passage(1, "Bread"))
    desk.room.until(lambda: said)
    assert "not in it any more" in said[0]


def test_an_answer_makes_links_while_it_is_written(desk: Desk) -> None:
    service = desk.room.service
    chat = service.add_chat("Bread", "How long?", "Long [1].")
    service.change_message(chat, 0, attachments=(passage(1, "Bread"),))
    desk.room.open(chat)
    desk.room.type_and_send("And the second?")
    service.feed("Fourteen hours [1] ")
    desk.room.until(lambda: "1" in links(desk))
    service.feed(StopReason.END)
    desk.room.until(lambda: not desk.room.last().sources.isHidden())


def test_where_the_notes_hold_nothing_it_can_be_asked_without_them(desk: Desk) -> None:
    desk.switch.click()
    desk.room.settle()
    desk.room.service.refuse = NothingInNotesError("Your notes hold nothing about this question.")
    desk.room.type_and_send("Which vaccines?")
    desk.room.until(lambda: desk.room.presenter.problem is not None)
    assert desk.room.screen.composer.draft == "Which vaccines?"
    desk.press("Search my notes")
    assert desk.room.searches == ["Which vaccines?"]
    desk.room.service.refuse = None
    desk.press("Ask without my notes")
    desk.room.service.feed("They need cold.", StopReason.END)
    desk.room.until(lambda: len(desk.room.presenter.transcript.messages) == 2)
    assert desk.scopes.left_out == [desk.room.presenter.conversation_id]
