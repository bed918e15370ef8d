"""Filters on the search screen: chips, menus, order, chats, weaker matches, likeness, and searches that are kept."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import msgspec.structs
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QTextCursor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QMenu, QPushButton
from pytestqt.qtbot import QtBot

from desktop_app.domain.errors import WorkerStartError
from desktop_app.domain.saved_search import SavedSearch
from desktop_app.domain.search import (
    IndexingProgress,
    ResultSurvey,
    SearchMode,
    SearchOrder,
    SimilarityMeasure,
    Span,
    WordCorrection,
    WordLikeness,
)
from desktop_app.domain.search_question import Scope
from desktop_app.presenters.search_words import excerpt, reasons_of
from desktop_app.presenters.tasks import TaskRunner
from desktop_app.ui.actions import Actions
from desktop_app.ui.theme.theme import Theme
from desktop_app.ui.widgets import LineDialog
from tests.fakes.fake_search import EDITED, hit, message_hit
from tests.ui.search_room import PASSAGE_ONE, PASSAGE_TWO, TWO, Room


@pytest.fixture
def room(theme: Theme, actions: Actions, tasks: TaskRunner, qtbot: QtBot) -> Iterator[Room]:
    made = Room(theme, actions, tasks, qtbot)
    yield made
    made.presenter.close()


def chips(room: Room) -> list[str]:
    return [chip.text() for chip in room.screen.filters.chips]


def choose(menu: QMenu, *way: str) -> QAction:
    """Take an item of a menu, and of its sub-menus, as a press does."""
    menu.aboutToShow.emit()
    for name in way[:-1]:
        (action,) = (each for each in menu.actions() if each.text() == name)
        found = action.menu()
        assert isinstance(found, QMenu)
        menu = found
    (action,) = (each for each in menu.actions() if each.text().split("  ")[0] == way[-1])
    action.trigger()
    return action


# Chips -------------------------------------------------------------------------------------------


def test_filters_stand_as_chips_while_they_are_typed(room: Room) -> None:
    room.ask('ink folder:"Gen AI" -tag:old before:2026-11-03 in:notes -blot')
    assert chips(room) == [
        "folder Gen AI  ×",
        "without tag old  ×",
        "before 3 November 2026  ×",
        "in notes  ×",
        "without blot  ×",
    ]
    assert room.search.asked_how[-1] == (SearchOrder.RELEVANCE, Scope.ALL)


def test_a_press_or_delete_takes_a_filter_out_and_asks_anew(room: Room) -> None:
    room.ask("tag:a ink tag:b tag:c")
    room.screen.filters.chips[1].click()
    assert room.screen.box.text() == "tag:a ink tag:c"
    room.until(lambda: room.search.asked[-1][0] == "tag:a ink tag:c")
    room.screen.filters.chips[0].setFocus()
    QTest.keyClick(room.screen.filters.chips[0], Qt.Key.Key_Delete)
    assert room.screen.box.text() == "ink tag:c"
    assert room.screen.filters.chips[0].hasFocus()
    QTest.keyClick(room.screen.filters.chips[0], Qt.Key.Key_Return)
    assert (room.screen.box.text(), chips(room)) == ("ink", [])
    assert room.screen.filters.filter_chip.hasFocus()


def test_what_is_wrong_is_said_where_it_is_and_can_be_mended(room: Room) -> None:
    room.ask("tags:a before:soon ink")
    first, second = room.screen.filters.chips
    assert "Did you mean tag:?" in first.text()
    assert "a date is 2026-11-03" in second.text()
    assert first.property("state") == "problem"
    second.click()
    assert room.screen.box.selectedText() == "before:soon"
    first.click()
    assert room.screen.box.text() == "tag:a before:soon ink"
    assert chips(room)[0] == "tag a  ×"


def test_a_word_that_stands_nowhere_is_said_and_can_be_mended(room: Room) -> None:
    room.ask("my bycicle tag:home", corrections=(WordCorrection("bycicle", "bicycle"),))
    first, second = room.screen.filters.chips
    assert first.text() == "No note has “bycicle”. Did you mean bicycle?"
    assert second.text() == "tag home  ×"
    first.click()
    assert room.screen.box.text() == "my bicycle tag:home"
    room.until(lambda: room.search.asked[-1][0] == "my bicycle tag:home")
    assert chips(room) == ["tag home  ×"]


def test_where_nothing_is_found_the_question_as_it_was_meant_is_offered(room: Room) -> None:
    room.hits = ()
    meant = (WordCorrection("bycicle", "bicycle"), WordCorrection("squek", "squeak"))
    room.ask("bycicle squek", corrections=meant)
    offer = "Search for “bicycle squeak”"
    next(each for each in room.screen.findChildren(QPushButton) if each.text() == offer).click()
    assert room.screen.box.text() == "bicycle squeak"
    room.until(lambda: room.search.asked[-1][0] == "bicycle squeak")


def test_a_question_that_is_only_wrong_asks_nothing(room: Room) -> None:
    room.screen.box.setText("after:soon")
    room.until(lambda: len(chips(room)) == 1)
    assert room.search.asked == []
    assert "Find notes by what they mean" in room.words


def test_chips_take_as_many_lines_as_they_need(room: Room, theme: Theme) -> None:
    bar = room.screen.filters
    one_line = bar.height()
    room.ask(" ".join(f"tag:number-{number}" for number in range(12)))
    room.until(lambda: bar.height() > 2 * one_line)
    assert all(bar.rect().contains(chip.geometry()) for chip in bar.chips)
    theme.set_font_size(27.0)
    room.until(lambda: all(chip.width() >= chip.sizeHint().width() for chip in bar.chips))
    assert all(bar.rect().contains(chip.geometry()) for chip in bar.chips)
    room.screen.box.clear()
    theme.set_font_size(13.5)
    room.until(lambda: bar.height() == one_line)


def test_ten_thousand_characters_and_more_can_be_pasted(room: Room) -> None:
    room.screen.box.setText("word " * 2_400)
    room.until(lambda: bool(room.search.asked))
    assert chips(room) == ["Only the first 10,000 characters are read"]
    room.screen.box.setText("tag:x" + " tag:y" * 1_600)
    assert len(chips(room)) == 2


def test_a_blank_ends_a_tag_that_was_growing(room: Room) -> None:
    room.ask("tag:kit")
    asked = len(room.search.asked)
    room.screen.box.setText("tag:kit ")
    room.until(lambda: len(room.search.asked) == asked + 1 and not room.presenter.view.pending)
    room.screen.box.setText("tag:kit  ")
    assert not room.presenter.view.pending


# Menus -------------------------------------------------------------------------------------------


def test_filters_are_picked_from_a_menu(room: Room) -> None:
    room.notes.set_tags(1, ("garden",))
    room.presenter.load_choices()
    room.until(lambda: room.presenter.choices.tags)
    menu = room.screen.filters.filter_menu
    room.screen.box.setText("ink")
    choose(menu, "Tag", "garden")
    choose(menu, "Folder", "Gen AI")
    choose(menu, "Where", "Chats only")
    choose(menu, "Changed since", "Last week")
    assert room.screen.box.text() == 'ink tag:garden folder:"Gen AI" in:chats after:last-week '
    assert len(chips(room)) == 4
    choose(menu, "Without a word…")
    assert room.screen.box.text().endswith("after:last-week -")
    assert room.screen.box.hasFocus()


def test_the_order_is_chosen_and_shown(room: Room) -> None:
    room.ask("passages")
    choose(room.screen.filters.sort_menu, "Newest first")
    room.until(lambda: room.search.asked_how[-1] == (SearchOrder.DATE, Scope.ALL))
    assert room.screen.filters.sort_chip.text() == "Newest first ▾"
    room.screen.toggle_order()
    room.until(lambda: room.search.asked_how[-1][0] is SearchOrder.RELEVANCE)
    room.ask("tag:a")
    assert room.screen.filters.sort_chip.text() == "Newest first ▾"
    assert not room.screen.filters.sort_chip.isEnabled()


# Chats -------------------------------------------------------------------------------------------


def test_messages_stand_in_a_group_below_the_notes(room: Room) -> None:
    room.say(7, "Ink talk", "Is ink acid?", "ink")
    room.ask("ink")
    results = room.screen.results
    assert room.screen.count.text() == "2 notes · 1 message"
    card = results.cards[2]
    assert card.title.text() == "Ink talk"
    assert card.place.text().startswith("Chat › you · ")
    assert card.ranks.text() == "Words #1"
    assert not card.similar_button.isVisible()
    assert results.chats_heading.isVisible()
    assert results.cards[1].y() < results.chats_heading.y() < card.y()
    for _ in range(2):
        room.key(Qt.Key.Key_Down)
    room.until(lambda: room.screen.preview.title.text() == "INK TALK")
    assert room.screen.preview.text.toPlainText() == "Is ink acid?"
    assert not room.screen.preview.ask_button.isVisible()
    room.key(Qt.Key.Key_Return)
    room.until(lambda: room.opened_messages)
    assert room.opened_messages == [(1, 7)]
    card.why_button.click()
    assert "By words a message is found where all of them stand in it." in card.why.text()


def test_a_message_found_by_meaning_says_why(room: Room) -> None:
    text = "Each token reuses what was read. So it is not read again."
    sentence = Span(0, text.index("So") - 1)
    room.say(7, "KV", text, words_rank=None, meaning_rank=3, similarity=0.5, nearest_span=sentence)
    room.search.likeness = (WordLikeness(5, 10, 0.9, "word"), WordLikeness(11, 17, 0.1, "word"))
    room.ask("how do models remember words")
    card = room.screen.results.cards[2]
    assert card.ranks.text() == "Meaning #3"
    shown = excerpt(room.messages[0])
    assert [shown.text[span.start : span.end] for span in shown.marks] == [text[: sentence.end]]
    card.why_button.click()
    assert "Not all of your words stand in it; it was found by its meaning." in card.why.text()
    assert "(cosine similarity 0.50)" in card.why.text()
    assert "Among your messages it is number 3 by meaning." in card.why.text()
    card.likeness_button.click()
    room.until(lambda: "The likeness is carried by “token”" in card.why.text())
    for _ in range(2):
        room.key(Qt.Key.Key_Down)
    room.until(lambda: room.screen.preview.title.text() == "KV")


def test_messages_that_fell_short_are_shown_on_demand(room: Room) -> None:
    weaker = message_hit(7, "KV", "Each token reuses what was read.", words_rank=None, similarity=0.2)
    room.said.texts[7] = weaker.passage
    room.hits = ()
    room.ask("remember", weaker_messages=(weaker,))
    assert room.screen.results.cards == []
    room.screen.show_weaker()
    room.until(lambda: len(room.screen.results.cards) == 1)
    assert room.screen.results.cards[0].weaker_mark.isVisible()
    assert room.screen.count.text() == "1 message"


def test_messages_that_were_read_are_looked_for_again(room: Room) -> None:
    room.hits = ()
    room.ask("remember")
    asked = len(room.search.asked)
    room.indexer.tell(IndexingProgress(10, 0, 0, 0, 50.0, running=True, messages_due=300, messages_total=400))
    room.until(lambda: "300 messages still to index · 50 passages a second" in room.words)
    assert room.screen.indexing.bar.fraction == 0.25
    room.indexer.tell(IndexingProgress(10, 0, 0, 0, 50.0, messages_total=400))
    room.until(lambda: len(room.search.asked) > asked)


def test_by_date_messages_stand_among_the_notes(room: Room) -> None:
    room.hits = (msgspec.structs.replace(room.hits[0], edited_at=EDITED - timedelta(days=2)), room.hits[1])
    room.say(7, "Between", "ink", "ink", said_at=EDITED - timedelta(days=1))
    room.presenter.set_order(SearchOrder.DATE)
    room.ask("ink")
    assert [card.title.text() for card in room.screen.results.cards[:3]] == ["Two", "Between", "One"]
    assert not room.screen.results.chats_heading.isVisible()


def test_headings_go_with_what_they_head(room: Room) -> None:
    room.say(7, "Ink talk", "ink", "ink")
    room.ask("ink")
    room.messages = ()
    room.ask("other")
    assert not room.screen.results.chats_heading.isVisible()
    room.hits = ()
    room.say(8, "Alone", "ink", "ink")
    room.ask("third")
    assert not room.screen.results.chats_heading.isVisible()
    assert room.screen.count.text() == "1 message"


# Weaker matches, likeness, similar notes ----------------------------------------------------------


def test_weaker_matches_are_marked(room: Room) -> None:
    weak = hit(2, "Weak", PASSAGE_TWO, TWO)
    room.hits = room.hits[:1]
    room.ask("passages", weaker=(weak,))
    room.screen.show_weaker()
    first, second = room.screen.results.cards[:2]
    assert not first.weaker_mark.isVisible()
    assert second.weaker_mark.isVisible()
    assert second.accessibleDescription().startswith("Weaker match.")
    assert room.screen.results.weaker_heading.isVisible()
    room.hits = room.hits[:1]
    room.ask("others")
    assert not room.screen.results.weaker_heading.isVisible()
    assert not first.weaker_mark.isVisible()


def shaded(room: Room) -> list[tuple[str, int]]:
    """Words of the first card on a ground of the accent's colour, with its strength."""
    text = room.screen.results.cards[0].passage
    found: list[tuple[str, int]] = []
    cursor = QTextCursor(text.document())
    while not cursor.atEnd():
        cursor.movePosition(QTextCursor.MoveOperation.NextCharacter, QTextCursor.MoveMode.KeepAnchor)
        brush = cursor.charFormat().background()
        if brush.style() != Qt.BrushStyle.NoBrush:
            letter, strength = cursor.selectedText(), brush.color().alpha()
            if found and found[-1][1] == strength:
                found[-1] = (found[-1][0] + letter, strength)
            else:
                found.append((letter, strength))
        cursor.clearSelection()
    return found


def place(word: str, likeness: float, nearest: str) -> WordLikeness:
    start = PASSAGE_ONE.index(word)
    return WordLikeness(start, start + len(word), likeness, nearest)


def test_the_words_that_carry_the_likeness_are_shaded_on_demand(room: Room) -> None:
    room.search.nearest[1] = Span(0, len(PASSAGE_ONE))
    room.search.likeness = (place("first", 0.6, "start"), place("passage", 0.4, "part"), place("Its", 0.1, "part"))
    room.ask("start part")
    card = room.screen.results.cards[0]
    room.until(lambda: card.hit is not None and card.hit.nearest_span is not None)
    assert not card.likeness_button.isVisible()
    card.why_button.click()
    assert card.likeness_button.isVisible()
    card.likeness_button.click()
    room.until(lambda: "carried by “first” (0.60, like “start”), “passage” (0.40, like “part”)" in card.why.text())
    (first, strong), (second, weak) = shaded(room)
    assert (first, second) == ("first", "passage")
    assert strong > weak
    card.why_button.click()
    assert "carried" not in card.why.text()
    assert [alpha for _, alpha in shaded(room)] == [255]


def test_words_of_two_results_are_compared_side_by_side_and_that_is_said(room: Room) -> None:
    room.search.likeness = (place("first", 0.6, "start"), place("Its", 0.1, "part"))
    room.search.likeness_gate.clear()
    room.ask("start part")
    cards = room.screen.results.cards[:2]
    room.hits = (room.hits[0], msgspec.structs.replace(room.hits[1], similarity=0.5))
    room.ask("start parts")
    for card in cards:
        card.ask_likeness()
        assert "Comparing the words…" in card.why.text()
        assert not card.likeness_button.isVisible()
    room.search.likeness_gate.set()
    for card in cards:
        room.until(lambda card=card: "carried by" in card.why.text() and "Comparing" not in card.why.text())


def test_a_likeness_asked_for_before_the_nearest_sentence_is_there_is_told_of_that_sentence(room: Room) -> None:
    room.search.likeness = (place("first", 0.6, "start"), place("Its", 0.1, "part"))
    room.search.likeness_gate.clear()
    room.ask("start part")
    card, presenter = room.screen.results.cards[0], room.presenter
    card.ask_likeness()
    result = presenter.view.result
    assert result is not None
    marked = msgspec.structs.replace(result.hits[0], nearest_span=Span(2, 9))
    presenter._set_view(presenter._with(result=msgspec.structs.replace(result, hits=(marked, *result.hits[1:]))))
    assert card.hit == marked
    room.search.likeness_gate.set()
    room.until(lambda: "carried by" in card.why.text())


def test_weaker_matches_that_were_asked_for_stay_where_the_same_is_told_again(room: Room) -> None:
    room.hits = ()
    room.ask("passages", weaker=(hit(2, "Weak", PASSAGE_TWO, TWO),))
    room.screen.show_weaker()
    assert room.screen.results.cards[0].isVisible()
    room.presenter.view_changed.emit(room.presenter.view)
    assert room.screen.results.cards[0].isVisible()
    room.ask("others")
    assert not room.screen.results.isVisible()


def test_a_likeness_that_cannot_be_told_says_why(room: Room) -> None:
    room.search.likeness_error = WorkerStartError("The search model stopped.")
    room.ask("start part")
    room.screen.show_likeness_of_chosen()
    card = room.screen.results.cards[0]
    room.until(lambda: "The search model stopped." in card.why.text())


def test_other_measures_are_named_and_not_judged(room: Room) -> None:
    for measure, value, words in (
        (SimilarityMeasure.DOT, 31.5, "dot product of its passage and your question is 31.50; more is nearer"),
        (SimilarityMeasure.EUCLIDEAN, -1.25, "distance of its passage from your question is 1.25; less is nearer"),
    ):
        found = msgspec.structs.replace(room.hits[0], measure=measure, similarity=value)
        assert any(words in reason for reason in reasons_of(found, "x"))
    assert any(
        "related to “Ink”" in reason
        for reason in reasons_of(msgspec.structs.replace(room.hits[0], similarity=0.4), "", "Ink")
    )
    assert reasons_of(message_hit(1, "t", "x", words_rank=None), "") == [
        "It is the newest message of a chat that meets your filters."
    ]


def test_similar_notes_are_found_from_a_hit_and_the_chip_names_the_note(room: Room) -> None:
    room.ask("passages")
    room.screen.results.cards[1].similar_button.click()
    assert room.screen.box.text() == "similar:2 "
    room.until(lambda: chips(room) == ["like “Two”  ×"])
    room.until(lambda: room.search.asked[-1][0] == "similar:2")
    room.screen.search_for("passages")
    room.until(lambda: room.screen.results.shown == 2)
    room.screen.find_similar_to_chosen()
    assert room.screen.box.text() == "similar:1 "


# Saved searches ----------------------------------------------------------------------------------


def test_a_search_is_kept_opened_and_forgotten_with_undo(room: Room) -> None:
    room.ask("ink tag:a")
    room.presenter.set_mode(SearchMode.WORDS)
    choose(room.screen.filters.saved_menu, "Save this search…")
    (dialog,) = (each for each in room.screen.findChildren(QDialog) if each.isVisible())
    assert isinstance(dialog, LineDialog)
    assert dialog.text == "ink tag:a"
    dialog.line.setText("Ink of a")
    dialog.accept()
    kept = SavedSearch("Ink of a", "ink tag:a", SearchMode.WORDS)
    room.until(lambda: room.saved.searches == [kept])
    room.presenter.set_mode(SearchMode.BOTH)
    room.screen.box.clear()
    button = next(each for each in room.screen.findChildren(QPushButton) if each.text() == "Ink of a")
    button.click()
    assert (room.screen.box.text(), room.presenter.view.mode) == ("ink tag:a", SearchMode.WORDS)
    assert room.screen.segments.value == "words"
    choose(room.screen.filters.saved_menu, "Forget “Ink of a”")
    room.until(lambda: room.shelf.kept == [] and room.notices)
    words, undo = room.notices[-1]
    assert words == "“Ink of a” is no longer saved"
    assert undo is not None
    undo()
    room.until(lambda: room.shelf.kept == [kept])


def test_nothing_asked_is_nothing_to_save(room: Room) -> None:
    menu = room.screen.filters.saved_menu
    menu.aboutToShow.emit()
    assert [action.isEnabled() for action in menu.actions() if not action.isSeparator()] == [False, False]
    room.screen.save_search()
    assert not any(each.isVisible() for each in room.screen.findChildren(QDialog))


# Honest ends ---------------------------------------------------------------------------------------


def test_the_end_says_what_it_is_the_end_of(room: Room) -> None:
    room.ask("passages")
    assert "Nothing else is related enough to show." in room.words
    room.ask("tag:a")
    assert "Nothing else meets these filters." in room.words
    room.hits = tuple(hit(number, f"n{number}", PASSAGE_TWO, TWO) for number in range(1, 21))
    room.search.surveys["many"] = ResultSurvey(21, True)
    room.ask("many")
    assert "Only the best 20 are shown." in room.words


def test_nothing_found_with_filters_offers_to_search_without(room: Room) -> None:
    room.hits = ()
    room.ask("tag:a")
    assert "Nothing meets these filters." in room.words
    room.ask("ink tag:a")
    assert "Nothing that meets these filters is close to this." in room.words
    next(each for each in room.screen.findChildren(QPushButton) if each.text() == "Search without filters").click()
    assert room.screen.box.text() == "ink"


def test_the_order_comes_back_after_a_restart(room: Room) -> None:
    room.presenter.set_order(SearchOrder.DATE)
    state = room.screen.save_state()
    room.presenter.set_order(SearchOrder.RELEVANCE)
    room.screen.restore_state({**state, "order": "sideways"})
    assert room.presenter.view.order is SearchOrder.RELEVANCE
    room.screen.restore_state(state)
    assert room.presenter.view.order is SearchOrder.DATE
