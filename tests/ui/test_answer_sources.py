"""The pane of sources beside the chat: passages with their words marked, what became of their notes, the keyboard."""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterator, Sequence

import pytest
from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QPushButton
from pytestqt.qtbot import QtBot

from desktop_app.domain.attachments import Attachment
from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.errors import NotFoundError, StoreError
from desktop_app.domain.generation import StopReason
from desktop_app.domain.note_sources import NoteNotUsed, SourcePassage, SourceState
from desktop_app.domain.search import Span
from desktop_app.presenters.answer_sources import AnswerSourcesPresenter, SourcesPhase
from desktop_app.presenters.notes_not_used import NotesNotUsedPresenter
from desktop_app.presenters.tasks import TaskRunner
from desktop_app.ui.actions import Actions
from desktop_app.ui.chat.answer_body import AnswerBody
from desktop_app.ui.chat.link_targets import SOURCE_LINK
from desktop_app.ui.chat.not_used_list import NotUsedCard, NotUsedList
from desktop_app.ui.chat.sources_controls import SourcesControls
from desktop_app.ui.chat.sources_pane import PassageCard, SourcesPane
from desktop_app.ui.theme.theme import Theme
from desktop_app.ui.widgets import SideDrawer
from tests.ui.chat_room import Room, open_room, said
from tests.ui.test_note_scope import passage

_PLAIN = Qt.KeyboardModifier.NoModifier
_CTRL = Qt.KeyboardModifier.ControlModifier
_CLOSE = "Close the sources"


class Passages:
    """What the answers read, without a store. Each is of note 7."""

    def __init__(self) -> None:
        self.states: dict[int, SourceState] = {}
        self.error: StoreError | None = None
        self.no_words = False
        self.asked: list[tuple[int, tuple[int, ...]]] = []
        self.may_go_on = threading.Event()
        self.may_go_on.set()

    def read(self, question_id: int, attachment_ids: Sequence[int]) -> list[SourcePassage]:
        self.asked.append((question_id, tuple(attachment_ids)))
        self.may_go_on.wait(5)
        if self.error is not None:
            raise self.error
        return [
            SourcePassage(
                each,
                7,
                each - 100,
                f"Note {each - 100}",
                ("Dough", "Cold"),
                3,
                "Fourteen hours in the fridge.",
                () if self.no_words else (Span(9, 14),),
                self.states.get(each - 100, SourceState.THERE),
                (10, 20),
                2,
                1 if each == 101 else None,
            )
            for each in attachment_ids
        ]


class Others:
    """Notes near to the question, without a search."""

    def __init__(self) -> None:
        self.notes = [NoteNotUsed(3, "Bread & salt", "Kitchen", "Salt slows the yeast.", 4, 25)]
        self.error: StoreError | None = None
        self.asked: list[tuple[int, frozenset[int]]] = []

    def find(self, question_id: int, used: Collection[int], cancel: CancelToken) -> list[NoteNotUsed]:
        self.asked.append((question_id, frozenset(used)))
        if self.error is not None:
            raise self.error
        return self.notes


class Bench:
    def __init__(self, room: Room, theme: Theme, tasks: TaskRunner, actions: Actions) -> None:
        self.room = room
        self.passages = Passages()
        chat = room.presenter
        self.presenter = AnswerSourcesPresenter(self.passages, room.attachments, chat.transcript, tasks, chat)
        self.others = Others()
        near = NotesNotUsedPresenter(self.others, self.presenter, tasks, chat)
        self.controls = SourcesControls(self.presenter, near, room.screen, theme, actions, room.shell)
        self.opened: list[tuple[int, int, int]] = []
        self.beside: list[tuple[int, int, int]] = []
        room.shell.open_note.connect(lambda *place: self.opened.append(place))
        room.shell.open_note_beside.connect(lambda *place: self.beside.append(place))

    def ask(self, answer: str, *sources: Attachment) -> None:
        service = self.room.service
        chat = service.add_chat("Bread", "How many hours?", answer)
        service.change_message(chat, 0, attachments=sources)
        for each in sources:
            self.room.attachments.stored[each.id] = each
        self.room.open(chat)

    @property
    def pane(self) -> SourcesPane:
        assert self.controls.pane is not None
        return self.controls.pane

    @property
    def drawer(self) -> SideDrawer:
        assert self.controls.drawer is not None
        return self.controls.drawer

    @property
    def cards(self) -> list[PassageCard]:
        self.room.settle()
        return self.pane.cards

    @property
    def labels(self) -> list[str]:
        return [each.text() for each in self.pane.findChildren(QLabel)]

    @property
    def not_used(self) -> list[NotUsedCard]:
        self.room.settle()
        listed = self.pane.findChild(NotUsedList)
        return listed.cards if isinstance(listed, NotUsedList) else []

    def open_pane(self) -> None:
        self.room.actions["chat.sources"].trigger()
        self.room.settle()


@pytest.fixture
def bench(qtbot: QtBot, theme: Theme, actions: Actions, tasks: TaskRunner) -> Iterator[Bench]:
    with open_room(qtbot, theme, actions, tasks) as room:
        made = Bench(room, theme, tasks, actions)
        room.screen.resize(1280, 760)
        room.show()
        yield made


def test_a_chat_without_answers_from_notes_says_what_would_stand_here(bench: Bench) -> None:
    bench.room.open(bench.room.service.add_chat("Bread", "How long?", "Long."))
    assert not bench.controls.button.isVisible()
    bench.open_pane()
    assert bench.presenter.phase is SourcesPhase.NONE
    assert "Switch My notes on" in said(bench.pane.nothing)
    assert bench.passages.asked == []


def test_passages_stand_with_place_words_and_reason_the_cited_ones_first(bench: Bench) -> None:
    bench.ask("Fourteen [2].", passage(1, "Bread"), passage(2, "Oven log"))
    assert bench.controls.button.isVisible()
    assert bench.passages.asked == []  # nothing is read before it is seen
    bench.open_pane()
    cards = bench.cards
    assert [each.card.passage.number for each in cards] == [2, 1]
    assert bench.pane.question.text() == "Read for “How many hours?”"
    words = said(cards[0])
    assert "[2] Note 2 cited" in words
    assert "Dough › Cold › page 3" in words
    assert "Words #2 · with “hours”" in words
    assert "Meaning #1 · Words #2" in said(cards[1])
    assert "not cited" in said(cards[1])
    assert cards[0].text.toPlainText() == "Fourteen hours in the fridge."
    cursor = cards[0].text.textCursor()
    cursor.setPosition(12)
    assert cursor.charFormat().background().color().alpha() == 255
    cursor.setPosition(3)
    assert cursor.charFormat().background().style() == Qt.BrushStyle.NoBrush


def test_a_citation_opens_the_pane_at_its_passage(bench: Bench) -> None:
    bench.ask("Fourteen [2], hot [1].", passage(1, "Bread"), passage(2, "Oven log"))
    body = bench.room.last().body.body
    assert isinstance(body, AnswerBody)
    body.link_activated.emit(f"{SOURCE_LINK}1")
    bench.room.until(lambda: bench.controls.pane and bench.pane.cards and bench.pane.cards[1].property("selected"))
    assert bench.controls.is_open
    body.link_activated.emit(f"{SOURCE_LINK}2")
    bench.room.until(lambda: bench.pane.cards[0].property("selected"))
    assert not bench.pane.cards[1].property("selected")


def test_a_chip_opens_it_by_keyboard_and_the_last_one_all(bench: Bench) -> None:
    bench.ask("Long [1].", *(passage(number, f"Note {number}") for number in range(1, 6)))
    chips = bench.room.last().sources.chips.chips
    assert [each.chip.name for each in chips] == ["1  Note 1", "2  Note 2", "3  Note 3", "All 5 passages"]
    chips[3].setFocus()
    bench.room.qtbot.keyClick(chips[3], Qt.Key.Key_Return)
    bench.room.until(lambda: bench.controls.is_open and len(bench.cards) == 5)
    bench.room.qtbot.keyClick(chips[2], Qt.Key.Key_Return)
    bench.room.until(lambda: bench.pane.cards[2].property("selected"))


def test_the_note_opens_at_the_passage_by_key_and_by_click_and_beside(bench: Bench) -> None:
    bench.ask("Long [1].", passage(1, "Bread"))
    bench.open_pane()
    card = bench.cards[0]
    bench.room.qtbot.keyClick(card, Qt.Key.Key_Return)
    bench.room.until(lambda: bench.opened == [(7, 10, 20)])
    bench.room.qtbot.keyClick(card, Qt.Key.Key_Return, _CTRL)
    bench.room.until(lambda: bench.beside == [(7, 10, 20)])
    bench.room.qtbot.mouseClick(card, Qt.MouseButton.LeftButton, _CTRL)
    bench.room.until(lambda: len(bench.beside) == 2)
    bench.room.qtbot.mouseClick(card, Qt.MouseButton.LeftButton, _PLAIN)
    bench.room.until(lambda: len(bench.opened) == 2)


def test_what_became_of_its_note_is_said_and_a_deleted_one_is_not_opened(bench: Bench) -> None:
    bench.passages.states = {1: SourceState.CHANGED, 2: SourceState.TRASHED, 3: SourceState.DELETED}
    bench.ask("Long.", passage(1, "Bread"), passage(2, "Oven log"), passage(3, "Flour"))
    bench.open_pane()
    changed, trashed, deleted = bench.cards
    assert "not in it any more" in said(changed)
    assert "in the trash" in said(trashed)
    assert "not among yours any more" in said(deleted)
    for card in (trashed, deleted):
        bench.room.qtbot.keyClick(card, Qt.Key.Key_Return)
    bench.room.settle()
    assert bench.opened == []
    bench.room.qtbot.keyClick(changed, Qt.Key.Key_Return)
    bench.room.until(lambda: bench.opened)


def test_a_note_that_is_gone_by_the_time_it_is_opened_is_said(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.ask("Long [1].", passage(1, "Bread"))
    bench.open_pane()

    def gone(_attachment: Attachment) -> tuple[int, int, int]:
        raise NotFoundError("This note is in the trash.")

    monkeypatch.setattr(bench.room.attachments, "place_of", gone)
    bench.room.qtbot.keyClick(bench.cards[0], Qt.Key.Key_Return)
    bench.room.until(lambda: any("in the trash" in each.text for each in bench.room.notices))
    monkeypatch.setattr(bench.room.attachments, "place_of", lambda _attachment: (7, -1, -1))
    bench.room.qtbot.keyClick(bench.cards[0], Qt.Key.Key_Return)
    bench.room.until(lambda: any("not in it any more" in each.text for each in bench.room.notices))
    assert bench.opened == [(7, -1, -1)]


def test_keys_go_through_the_passages_copy_one_and_lead_back(bench: Bench) -> None:
    bench.ask("Long [1].", passage(1, "Bread"), passage(2, "Oven log"))
    bench.room.screen.focus_default()
    bench.open_pane()
    first, second = bench.cards
    assert QApplication.focusWidget() is first  # which came after the pane was gone to
    bench.room.qtbot.keyClick(first, Qt.Key.Key_Up)
    bench.room.qtbot.keyClick(first, Qt.Key.Key_Down)
    assert QApplication.focusWidget() is second
    bench.room.qtbot.keyClick(second, Qt.Key.Key_C, _CTRL)
    assert QGuiApplication.clipboard().text() == "Fourteen hours in the fridge."
    assert bench.room.screen.on_escape()
    assert QApplication.focusWidget() is bench.room.screen.composer.edit
    assert bench.controls.is_open  # beside the chat it stays
    second.setFocus()
    bench.room.actions["chat.sources"].trigger()
    assert not bench.controls.is_open
    assert QApplication.focusWidget() is bench.room.screen.composer.edit


def test_in_a_narrow_window_it_lies_over_the_messages_and_esc_closes_it(bench: Bench) -> None:
    bench.ask("Long [1].", passage(1, "Bread"))
    bench.room.screen.resize(900, 640)
    bench.open_pane()
    assert bench.controls.is_open
    before = bench.room.screen.transcript.width()
    assert bench.room.screen.on_escape()
    assert not bench.controls.is_open
    assert bench.room.screen.transcript.width() == before
    bench.open_pane()
    bench.room.screen.resize(1400, 640)
    bench.room.settle()
    assert bench.controls.is_open
    assert bench.room.screen.transcript.width() < 1400 - 300


def test_reading_that_fails_is_said_and_can_be_tried_again(bench: Bench) -> None:
    bench.passages.error = StoreError("The disk is gone.")
    bench.ask("Long [1].", passage(1, "Bread"))
    bench.open_pane()
    assert bench.presenter.phase is SourcesPhase.FAILED
    assert "The disk is gone." in said(bench.pane)
    bench.passages.error = None
    next(each for each in bench.pane.findChildren(QPushButton) if each.text() == "Try again").click()
    bench.room.until(lambda: len(bench.cards) == 1)


def test_it_follows_the_newest_answer_and_the_chat(bench: Bench) -> None:
    service = bench.room.service
    bench.ask("Long [1].", passage(1, "Bread"))
    bench.open_pane()
    assert len(bench.cards) == 1
    bench.room.type_and_send("And the second?")
    service.feed("Nothing. ", StopReason.END)
    bench.room.until(lambda: len(bench.room.presenter.transcript.messages) == 4)
    bench.room.settle()
    assert bench.pane.question.text() == "Read for “How many hours?”"  # the newer one read no passages
    bench.room.open(service.add_chat("Other", "a", "b"))
    assert bench.presenter.phase is SourcesPhase.NONE
    assert bench.pane.question.isHidden()


def test_passages_of_an_earlier_question_say_so(bench: Bench) -> None:
    service = bench.room.service
    chat = service.add_chat("Bread", "How many hours?", "Long [1].", "And how hot?", "Hot [2], long [1].")
    service.change_message(chat, 0, attachments=(passage(1, "Bread"),))
    service.change_message(chat, 2, attachments=(passage(2, "Oven log"),))
    bench.room.open(chat)
    bench.open_pane()
    newer, earlier = bench.cards
    assert "earlier question" not in said(newer)
    assert "Found for an earlier question" in said(earlier)
    first = bench.room.presenter.transcript.messages[1]
    bench.controls.show_source(first.id, 101)
    bench.room.until(lambda: [each.card.passage.number for each in bench.pane.cards] == [1])
    assert bench.pane.question.text() == "Read for “How many hours?”"


def test_closed_by_its_own_button_it_stays_closed_and_reads_no_more(bench: Bench) -> None:
    bench.ask("Long [1].", passage(1, "Bread"))
    bench.room.screen.resize(900, 640)
    bench.open_pane()
    close = next(each for each in bench.drawer.findChildren(QAbstractButton) if each.accessibleName() == _CLOSE)
    close.click()
    assert not bench.controls.is_open
    asked = len(bench.passages.asked)
    bench.room.screen.resize(1400, 640)
    bench.room.settle()
    assert not bench.controls.is_open
    bench.room.open(bench.room.service.add_chat("Other", "a", "b"))
    assert len(bench.passages.asked) == asked


def test_its_button_goes_with_it_where_no_answer_read_passages(bench: Bench) -> None:
    bench.room.open(bench.room.service.add_chat("Bread", "How long?", "Long."))
    bench.room.screen.resize(900, 640)
    bench.open_pane()
    assert bench.controls.button.isVisible()
    assert bench.room.screen.on_escape()
    assert not bench.controls.button.isVisible()


def test_what_changes_while_a_passage_is_read_leaves_the_keyboard_and_the_place_there(bench: Bench) -> None:
    bench.ask("Long.", *(passage(number, f"Note {number}") for number in range(1, 9)))
    bench.open_pane()
    last = bench.cards[-1]
    last.setFocus()
    bench.room.settle()
    transcript = bench.room.presenter.transcript
    transcript.update(replace(transcript.messages[1], text="Long [2]."))
    bench.room.until(lambda: bench.pane.cards[0].card.cited)
    bench.room.settle()
    again = next(each for each in bench.pane.cards if each.card.passage.number == 8)
    assert QApplication.focusWidget() is again
    assert again.property("selected")
    assert not again.visibleRegion().isEmpty()


def test_a_citation_pressed_twice_is_gone_to_though_its_answer_is_still_being_read(bench: Bench) -> None:
    service = bench.room.service
    chat = service.add_chat("Bread", "How many hours?", "Long [1], wet [3].", "And how hot?", "Hot [2].")
    service.change_message(chat, 0, attachments=(passage(1, "Bread"), passage(3, "Water")))
    service.change_message(chat, 2, attachments=(passage(2, "Oven log"),))
    bench.room.open(chat)
    bench.open_pane()
    first = bench.room.presenter.transcript.messages[1].id
    bench.presenter.show(first)
    bench.presenter.show(first, 103)
    bench.passages.may_go_on.clear()
    bench.presenter.show(bench.room.presenter.transcript.messages[3].id)
    bench.presenter.show(first, 103)
    bench.presenter.show(first, 103)
    bench.passages.may_go_on.set()
    bench.room.until(lambda: len(bench.pane.cards) == 2 and bench.pane.cards[1].property("selected"))


def test_nothing_is_looked_for_in_the_messages_while_it_is_closed(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []
    transcript = bench.room.presenter.transcript
    whole = transcript.sources_of
    monkeypatch.setattr(transcript, "sources_of", lambda message: (asked.append(message.id), whole(message))[1])
    bench.ask("Long [1].", passage(1, "Bread"))
    assert asked == []
    bench.open_pane()
    assert asked


def test_the_reason_claims_no_nearness_that_was_not_measured(bench: Bench) -> None:
    bench.passages.no_words = True
    bench.ask("Long [1] [2].", passage(1, "Bread"), passage(2, "Oven log"))
    bench.open_pane()
    both, by_words = (said(each) for each in bench.cards)
    assert "Meaning #1 · Words #2 · your words stand elsewhere in the note" in both
    assert "Words #2 · your words stand elsewhere in the note" in by_words
    assert "near in meaning" not in both + by_words


def test_long_words_do_not_widen_it(bench: Bench) -> None:
    chat = bench.room.service.add_chat("Bread", "x" * 400, "Long [1].")
    bench.room.service.change_message(chat, 0, attachments=(passage(1, "Bread"),))
    bench.room.open(chat)
    bench.open_pane()
    assert bench.cards
    assert bench.pane.minimumSizeHint().width() <= 300
    assert bench.pane.question.sizeHint().width() <= bench.pane.width()


def test_opened_again_in_a_chat_without_passages_it_shows_none_of_the_chat_before(bench: Bench) -> None:
    bench.ask("Long [1].", passage(1, "Bread"))
    bench.open_pane()
    assert bench.cards
    bench.controls.toggle()
    bench.room.open(bench.room.service.add_chat("Other", "a", "b"))
    bench.open_pane()
    assert bench.presenter.phase is SourcesPhase.NONE
    assert bench.pane.nothing.isVisible()


def test_a_note_that_was_not_used_is_added_to_the_next_message(bench: Bench) -> None:
    bench.ask("Long [1].", passage(1, "Bread"))
    bench.open_pane()
    (card,) = bench.not_used
    assert bench.others.asked == [(bench.room.presenter.transcript.messages[0].id, frozenset({7}))]
    assert "RELATED, NOT USED" in bench.labels
    assert {"Bread & salt", "Kitchen", "Salt slows the yeast."} <= {each.text() for each in card.findChildren(QLabel)}
    card.add.setFocus()
    card.add.click()
    bench.room.settle()
    assert [each.name for each in bench.room.presenter.attachments.chips] == ["Beehive"]  # as note 3 is called there
    assert (card.add.text(), card.add.isEnabled()) == ("Added", False)
    assert bench.room.screen.composer.edit.hasFocus()  # where the next question is written
    bench.presenter.read_again()  # the list is made anew
    assert [each.add.isEnabled() for each in bench.not_used] == [False]


def test_a_note_that_was_not_used_opens_at_its_passage(bench: Bench, qtbot: QtBot) -> None:
    bench.ask("Long [1].", passage(1, "Bread"))
    bench.open_pane()
    (card,) = bench.not_used
    qtbot.mouseClick(card, Qt.MouseButton.LeftButton, _PLAIN)
    qtbot.mouseClick(card, Qt.MouseButton.LeftButton, _CTRL)
    qtbot.keyClick(card, Qt.Key.Key_Return, _CTRL)
    assert (bench.opened, bench.beside) == ([(3, 4, 25)], [(3, 4, 25), (3, 4, 25)])


def test_without_such_notes_nothing_is_said_of_them_and_a_failure_is(bench: Bench) -> None:
    bench.others.notes = []
    bench.ask("Long [1].", passage(1, "Bread"))
    bench.open_pane()
    assert bench.not_used == []
    assert "RELATED, NOT USED" not in bench.labels
    bench.others.error = StoreError("The disk is gone.")
    bench.ask("Long [1].", passage(1, "Bread"))
    bench.room.until(lambda: "The disk is gone." in bench.labels)


def test_put_away_by_a_narrow_window_it_reads_nothing_until_it_is_seen_again(bench: Bench) -> None:
    bench.room.screen.resize(1400, 640)
    bench.ask("Long [1].", passage(1, "Bread"))
    bench.open_pane()
    assert bench.presenter.is_watched
    bench.room.screen.resize(900, 640)
    bench.room.settle()
    assert not bench.controls.is_open
    assert not bench.presenter.is_watched
    bench.room.screen.resize(1400, 640)
    bench.room.settle()
    assert bench.presenter.is_watched
    assert len(bench.cards) == 1
