"""The search screen: by keys all the way, every state, highlights where they belong."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import msgspec.structs
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QFont, QGuiApplication, QTextCursor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from desktop_app.domain.errors import ModelMissingError, StoreDamagedError
from desktop_app.domain.notes import Note
from desktop_app.domain.search import IndexingProgress, ResultSurvey, SearchMode, Span, WordCorrection
from desktop_app.presenters.search_preview import Preview
from desktop_app.presenters.tasks import TaskRunner
from desktop_app.ui.actions import Actions
from desktop_app.ui.search.passage_text import PassageText
from desktop_app.ui.search.search_page import SearchPage
from desktop_app.ui.search.search_pages import NothingPage
from desktop_app.ui.theme.theme import Theme
from desktop_app.ui.widgets import ErrorBox
from tests.fakes.fake_search import hit
from tests.ui.search_room import ONE, PASSAGE_ONE, PASSAGE_TWO, TWO, Room


@pytest.fixture
def room(theme: Theme, actions: Actions, tasks: TaskRunner, qtbot: QtBot) -> Iterator[Room]:
    made = Room(theme, actions, tasks, qtbot)
    yield made
    made.presenter.close()


def highlighted(text: PassageText, theme: Theme) -> list[str]:
    """Stretches of a passage on the highlight's ground, joined where they touch."""
    found: list[str] = []
    inside = False
    cursor = QTextCursor(text.document())
    while not cursor.atEnd():
        start = cursor.position()
        cursor.movePosition(QTextCursor.MoveOperation.NextCharacter, QTextCursor.MoveMode.KeepAnchor)
        lit = cursor.charFormat().background().color() == theme.color("highlight")
        lit = lit and cursor.charFormat().background().style() != Qt.BrushStyle.NoBrush
        if lit:
            if inside:
                found[-1] += cursor.selectedText()
            else:
                found.append(cursor.selectedText())
        inside = lit
        cursor.setPosition(max(cursor.position(), start + 1))
    return found


def test_the_start_offers_questions_that_work(room: Room) -> None:
    assert "Find notes by what they mean" in room.words
    words = room.presenter.suggestions[0]
    button = next(each for each in room.screen.findChildren(QPushButton) if each.text() == words)
    button.click()
    assert room.screen.box.text() == words
    room.until(lambda: room.search.asked == [(words, SearchMode.BOTH)])


def test_results_show_as_typed_with_ranks_and_count(room: Room) -> None:
    room.ask("passages")
    first, second = room.screen.results.cards[:2]
    assert first.isVisible()
    assert (first.title.text(), first.ranks.text()) == ("One", "Meaning #1")
    assert second.ranks.text() == "Meaning #2 · Words #1"
    assert first.place.text().startswith("Gen AI · edited")
    assert room.screen.count.text() == "2 notes"


def test_tab_goes_through_the_results_before_the_preview(room: Room) -> None:
    room.ask("passages")
    room.until(room.screen.preview.open_button.isVisible)
    order: list[QWidget] = []
    widget = room.screen.box.nextInFocusChain()
    while widget is not room.screen.box:
        order.append(widget)
        widget = widget.nextInFocusChain()
    first, second = room.screen.results.cards[:2]
    wanted = [*first.tab_stops, *second.tab_stops, room.screen.results.weaker_button]
    wanted.append(room.screen.preview.open_button)
    assert [widget for widget in order if widget in wanted] == wanted


def test_words_and_the_nearest_sentence_are_highlighted(room: Room, theme: Theme) -> None:
    sentence = "Its second sentence."
    start = PASSAGE_ONE.index(sentence)
    room.search.nearest[1] = Span(start, start + len(sentence))
    room.ask("passages")
    room.until(lambda: highlighted(room.screen.results.cards[0].passage, theme) == [sentence])
    assert highlighted(room.screen.results.cards[1].passage, theme) == ["models"]
    room.until(lambda: highlighted(room.screen.preview.text, theme) == [sentence])


def test_headings_stand_out_in_the_preview_and_what_was_found_stays_marked(room: Room, theme: Theme) -> None:
    pane = room.screen.preview
    text = "😀 before\nHeading\nfound here"
    found = Span(text.index("found"), text.index("found") + 5)
    heading = Span(text.index("Heading"), text.index("Heading") + 7)
    some_hit = room.hits[0]
    pane.show_preview(Preview(some_hit, "Note", text, found.start, len(text), True, False, (found,), (), (heading,)))
    assert [marked.strip() for marked in highlighted(pane.text, theme)] == ["found"]
    cursor = pane.text.textCursor()
    weights = {}
    for word in ("before", "Heading", "here"):
        cursor.setPosition(pane.text.document().find(word).position())
        weights[word] = cursor.charFormat().fontWeight() == QFont.Weight.Bold
    assert weights == {"before": False, "Heading": True, "here": False}


def test_a_card_that_was_out_of_sight_when_its_ranks_changed_leaves_no_gap(room: Room) -> None:
    room.hits = (*room.hits, hit(3, "Three", PASSAGE_ONE, ONE, words_rank=13, meaning_rank=12))
    room.ask("passages")
    card = room.screen.results.cards[2]
    room.until(lambda: card.ranks.width() == card.ranks.sizeHint().width() and card.isVisible())
    room.screen.box.clear()
    room.until(lambda: not card.isVisible())
    shorter = hit(3, "Three", PASSAGE_ONE, ONE, words_rank=None, meaning_rank=2)
    room.search.answers["others"] = [
        room.result("others", hits=room.hits[:2], final=False, meaning_ready=False),
        room.result("others", hits=(*room.hits[:2], shorter)),
    ]
    room.screen.box.setText("others")
    room.until(lambda: card.isVisible() and card.ranks.text() == "Meaning #2")
    room.until(lambda: card.ranks.width() == card.ranks.sizeHint().width())
    assert card.why_button.x() < card.ranks.geometry().right() + 10


def test_a_key_draws_nothing_anew_until_there_is_another_answer(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    """Twenty cards take longer than a person who types waits."""
    room.ask("passages")
    room.until(lambda: (result := room.presenter.view.result) is not None and result.survey is not None)
    room.until(lambda: room.screen.preview.hit is not None)
    drawn: list[str] = []
    show = PassageText.show_text
    monkeypatch.setattr(
        PassageText,
        "show_text",
        lambda self, text, *rest, **named: drawn.append(text) or show(self, text, *rest, **named),
    )
    room.search.gates["passages "] = room.search.gates["passages o"] = threading.Event()
    QTest.keyClicks(room.screen.box, " o")
    room.until(lambda: room.search.asked[-1][0] == "passages o")
    assert drawn == []
    room.search.gates["passages o"].set()
    room.hits = room.hits[1:]
    room.ask("others")
    assert drawn


def test_why_explains(room: Room) -> None:
    room.ask("passages")
    card = room.screen.results.cards[0]
    assert not card.why.isVisible()
    card.why_button.click()
    assert card.why.isVisible()
    assert "found by its meaning" in card.why.text()
    assert "cosine similarity 0.60" in card.why.text()


def test_keys_choose_and_enter_opens_at_the_place(room: Room) -> None:
    room.ask("passages")
    assert room.screen.results.selected_row == 0
    room.key(Qt.Key.Key_Down)
    assert room.screen.results.selected_row == 1
    room.until(lambda: room.screen.preview.hit is not None and room.screen.preview.hit.note_id == 2)
    room.key(Qt.Key.Key_Down)
    assert room.screen.results.selected_row == 1
    room.key(Qt.Key.Key_Return)
    room.until(lambda: len(room.opened) == 1)
    room.key(Qt.Key.Key_Up)
    room.key(Qt.Key.Key_Return)
    room.until(lambda: len(room.opened) == 2)
    start = TWO.index(PASSAGE_TWO)
    assert room.opened[0] == (2, start, start + len(PASSAGE_TWO))
    assert room.opened[1][0] == 1


def test_a_result_is_opened_beside_with_ctrl_held(room: Room) -> None:
    beside: list[tuple[int, int, int]] = []
    room.screen.open_beside.connect(lambda *place: beside.append(place))
    room.ask("passages")
    room.screen.modifiers = lambda: Qt.KeyboardModifier.ControlModifier
    room.screen.results.cards[1].opened.emit()
    room.screen.modifiers = lambda: Qt.KeyboardModifier.NoModifier
    room.until(lambda: len(beside) == 1)
    room.screen.open_chosen_beside()
    room.until(lambda: len(beside) == 2)
    assert [note_id for note_id, _, _ in beside] == [2, 1]
    assert room.opened == []


def test_a_click_previews_and_open_goes_there(room: Room) -> None:
    room.ask("passages")
    QTest.mouseClick(room.screen.results.cards[1], Qt.MouseButton.LeftButton)
    room.until(lambda: room.screen.preview.title.text() == "TWO" and room.screen.preview.open_button.isVisible())
    assert "Another passage" in room.screen.preview.text.toPlainText()
    assert room.opened == []
    room.screen.preview.open_button.click()
    room.until(lambda: room.opened)
    assert room.opened[0][0] == 2
    copy = room.screen.preview.copy_button
    place = copy.geometry()
    copy.click()
    assert copy.text() == "Copied"
    room.screen.preview._page.layout().activate()
    assert copy.geometry() == place
    assert QGuiApplication.clipboard().text() == PASSAGE_TWO


def test_without_a_choice_the_best_of_the_newest_answer_is_shown(room: Room) -> None:
    room.ask("passages")
    room.hits = tuple(reversed(room.hits))
    room.ask("passages again")
    assert room.screen.results.selected_row == 0
    assert room.screen.results.selected == ("note", room.hits[0].note_id)


def test_a_newer_answer_keeps_the_chosen_note(room: Room) -> None:
    room.ask("passages")
    room.key(Qt.Key.Key_Down)
    room.hits = tuple(reversed(room.hits))
    room.ask("passages again")
    assert room.screen.results.selected_row == 0
    assert room.screen.results.cards[0].hit is not None
    assert room.screen.results.cards[0].hit.note_id == 2


def test_a_loading_encoder_is_said_until_meaning_is_there(room: Room) -> None:
    room.ask("words", meaning_ready=False)
    assert "Meaning is still loading: these are word matches." in room.words
    room.ask("meaning")
    room.until(lambda: "Meaning is still loading: these are word matches." not in room.words)


def test_a_missing_encoder_is_said_with_a_way_out(room: Room, qtbot: QtBot) -> None:
    room.ask("words", meaning_ready=False, meaning_problem="The search model is missing.")
    assert "The search model is missing. These are word matches." in room.words
    button = next(each for each in room.screen.findChildren(QPushButton) if each.text() == "Open Models")
    with qtbot.waitSignal(room.screen.models_wanted):
        button.click()


def test_exact_words_need_no_encoder(room: Room) -> None:
    room.presenter.set_mode(SearchMode.WORDS)
    room.ask("words", mode=SearchMode.WORDS, meaning_ready=False)
    assert "Meaning is still loading: these are word matches." not in room.words


def test_indexing_is_shown_with_progress(room: Room) -> None:
    room.indexer.tell(IndexingProgress(100, 42, 30, 90, 0.0, running=True))
    room.until(lambda: "42 notes still to index" in room.words)
    assert room.screen.indexing.bar.fraction == 0.75
    room.indexer.tell(IndexingProgress(100, 42, 30, 90, 50.0, running=True, seconds_left=150.0))
    room.until(lambda: "42 notes still to index · 50 passages a second · about 2 min left" in room.words)
    # After a restart: this run embedded 10, earlier ones 160 of all 200.
    room.indexer.tell(IndexingProgress(100, 42, 30, 10, 50.0, running=True, chunks_total=200))
    room.until(lambda: room.screen.indexing.bar.fraction == 0.85)
    assert room.screen.indexing.bar.toolTip() == "170 of 200 passages"
    room.indexer.tell(IndexingProgress(100, 0, 0, 120, 50.0))
    room.until(lambda: not room.screen.indexing.label.isVisible())


def test_one_note_that_is_not_indexed_yet_is_said_as_one(room: Room) -> None:
    room.ask("nothing", hits=(), notes_unindexed=1)
    assert "1 note is not indexed yet, so meaning does not know it. Words find it already." in room.words


def test_why_a_search_failed_stays_under_the_box_in_a_window_of_another_width(room: Room) -> None:
    room.search.error = StoreDamagedError("The notes cannot be read.")
    room.screen.box.setText("ink")
    room.until(lambda: room.screen.findChildren(ErrorBox))
    (box,) = room.screen.findChildren(ErrorBox)

    def left_of(widget: QWidget) -> int:
        return widget.mapTo(room.screen, QPoint()).x()

    frame = room.screen.box.parentWidget()
    room.until(lambda: left_of(box) == left_of(frame))
    before = left_of(box)
    room.screen.resize(2000, 800)
    room.until(lambda: left_of(frame) > before)
    room.until(lambda: left_of(box) == left_of(frame))


def test_indexing_can_be_paused_where_it_is_shown(room: Room) -> None:
    room.indexer.tell(IndexingProgress(100, 42, 30, 90, 50.0, running=True))
    room.until(room.screen.indexing.pause_button.isVisible)
    assert room.screen.indexing.pause_button.accessibleName() == "Pause indexing"
    right = room.screen.indexing.pause_button.geometry().right()
    QTest.mouseClick(room.screen.indexing.pause_button, Qt.MouseButton.LeftButton)
    assert room.indexer.last.held
    room.until(lambda: "42 notes still to index · paused" in room.words)
    assert room.screen.indexing.pause_button.text() == "Resume"
    assert room.screen.indexing.pause_button.geometry().right() == right, "it stays under the pointer"
    QTest.mouseClick(room.screen.indexing.pause_button, Qt.MouseButton.LeftButton)
    assert not room.indexer.last.held
    room.until(lambda: room.screen.indexing.pause_button.text() == "Pause")
    room.indexer.tell(IndexingProgress(100, 42, 0, 0, 0.0, running=True, held=True))
    room.until(lambda: room.screen.indexing.bar.fraction == 0.0)  # not the bar that moves for work without an end


def test_a_change_of_the_search_model_says_which_one_answers_and_can_be_taken_back(
    room: Room, actions: Actions
) -> None:
    room.ask("models")
    changing = IndexingProgress(100, 42, 30, 90, 50.0, running=True, replaces="MiniLM")
    actions["index.keep_encoder"].setEnabled(True)
    kept: list[bool] = []
    actions["index.keep_encoder"].triggered.connect(lambda: kept.append(True))
    room.indexer.tell(changing)
    room.until(lambda: "MiniLM answers until the new search model has read all notes." in room.words)
    QTest.mouseClick(room.screen.indexing.keep_button, Qt.MouseButton.LeftButton)
    assert room.screen.indexing.keep_button.text() == "Keep MiniLM"
    assert len(kept) == 1
    asked = len(room.search.asked)
    room.indexer.tell(msgspec.structs.replace(changing, notes_due=0, chunks_due=0, replaces=""))
    room.until(lambda: len(room.search.asked) > asked)  # the new vectors may find something else
    assert not room.screen.indexing.keep_button.isVisible()


def test_why_indexing_stopped_stands_where_it_is_shown(room: Room) -> None:
    problem = ModelMissingError("The search model is not there.")
    room.indexer.tell(IndexingProgress(100, 42, 30, 0, 0.0, problem=problem))
    room.until(lambda: "42 notes still to index · stopped: The search model is not there." in room.words)
    assert not room.screen.indexing.pause_button.isVisible()


def test_a_result_and_the_box_follow_the_font_size(room: Room, theme: Theme) -> None:
    room.ask("passages")
    card = room.screen.results.cards[0]
    parts = [room.screen.box, card.title, card.place, card.ranks]
    before = [part.fontMetrics().height() for part in parts]
    passage = card.passage.document().defaultFont().pointSizeF()
    theme.set_font_size(27.0)
    for part, height in zip(parts, before, strict=True):
        assert part.fontMetrics().height() == pytest.approx(2 * height, rel=0.1)
    assert card.passage.document().defaultFont().pointSizeF() == pytest.approx(2 * passage)
    assert card.title.font().weight() == QFont.Weight.DemiBold


def test_the_preview_has_room_for_its_buttons_at_any_font_size(room: Room, theme: Theme) -> None:
    room.ask("passages")
    theme.set_font_size(27.0)
    preview = room.screen.preview
    for button in (preview.open_button, preview.copy_button, preview.ask_button, preview.quote_button):
        room.until(lambda button=button: button.width() >= button.sizeHint().width())
        room.until(lambda button=button: button.mapTo(preview, button.rect().topRight()).x() < preview.width())


def test_a_card_gives_back_the_height_of_its_reasons(room: Room) -> None:
    """Closed by hand, and when the card is taken for another note."""
    room.ask("passages")
    card = room.screen.results.cards[0]
    plain = card.height()
    card.why_button.click()
    room.until(lambda: card.height() > plain + 20)
    card.why_button.click()
    room.until(lambda: card.height() == plain)
    card.why_button.click()
    room.until(lambda: card.height() > plain + 20)
    room.hits = (msgspec.structs.replace(room.hits[0], note_id=2), *room.hits[1:])
    room.ask("other")
    assert not card.why_button.isChecked()
    room.until(lambda: card.height() == plain)


def test_nothing_found_says_so_and_what_to_do(room: Room) -> None:
    room.hits = ()
    room.ask("xyzzy")
    assert "Nothing in your notes and chats is close to this." in room.words
    room.presenter.set_mode(SearchMode.WORDS)
    room.until(lambda: "No note and no message has these words." in room.words)
    button = next(each for each in room.screen.findChildren(QPushButton) if each.text() == "Search by both")
    button.click()
    room.until(lambda: room.search.asked[-1] == ("xyzzy", SearchMode.BOTH))
    assert room.screen.segments.value == "both"


def test_weaker_matches_are_offered_where_there_are_some(room: Room) -> None:
    weak = hit(2, "Weak", PASSAGE_TWO, TWO)
    room.hits = room.hits[:1]
    room.ask("passages", weaker=(weak,))
    assert room.screen.count.text() == "1 note"
    assert room.screen.results.weaker_button.isVisible()
    room.screen.results.weaker_button.click()
    assert room.screen.results.cards[1].title.text() == "Weak"
    assert not room.screen.results.weaker_button.isVisible()


def test_a_preview_that_fails_once_nothing_is_asked_says_nothing(room: Room) -> None:
    room.ask("passages")
    begun, go_on = threading.Event(), threading.Event()

    def fails(note_id: int) -> Note:
        begun.set()
        go_on.wait(10)
        raise StoreDamagedError("The note cannot be read.")

    room.notes.get = fails  # type: ignore[method-assign]
    room.screen.results.cards[1].chosen.emit()
    assert begun.wait(10)
    room.screen.box.clear()
    go_on.set()
    room.until(lambda: room.presenter._tasks.idle)
    assert not any(box.isVisible() for box in room.screen.preview.findChildren(ErrorBox))


def test_a_long_word_in_a_heading_or_a_reason_does_not_widen_anything(room: Room) -> None:
    word = "path" * 60
    room.ask("passages")
    wide = room.screen.preview.minimumSizeHint().width()
    found = hit(1, "One", PASSAGE_ONE, ONE, heading_path=(word,), matched_words=(word,), words_rank=1)
    room.hits = (found,)
    room.ask(word)
    card = room.screen.results.cards[0]
    card.why_button.click()
    room.until(lambda: room.screen.preview.heading.text().replace("\u200b", "") == word)
    assert room.screen.preview.heading.minimumSizeHint().width() < wide
    assert card.why.minimumSizeHint().width() < wide


def test_a_failure_is_shown_with_try_again(room: Room) -> None:
    room.search.error = StoreDamagedError("The index cannot be read.", "It is damaged.", "Restore a backup.")
    room.screen.box.setText("q")
    room.until(lambda: "The index cannot be read." in room.words)
    room.search.error = None
    room.search.answers["q"] = [room.result("q")]
    next(each for each in room.screen.findChildren(QPushButton) if each.text() == "Try again").click()
    room.until(lambda: room.screen.count.text() == "2 notes")


def test_in_a_small_window_the_preview_is_a_drawer(room: Room) -> None:
    room.screen.set_compact(True)
    room.ask("passages")
    assert not room.screen.drawer.drawer_open
    QTest.mouseClick(room.screen.results.cards[0], Qt.MouseButton.LeftButton)
    assert room.screen.drawer.drawer_open
    assert room.screen.on_escape()
    assert not room.screen.drawer.drawer_open
    assert room.screen.on_escape()
    assert room.screen.box.text() == ""
    assert not room.screen.on_escape()


def test_a_preview_that_closes_while_one_types_takes_no_letter(room: Room) -> None:
    room.screen.activateWindow()
    room.screen.set_compact(True)
    room.ask("passages")
    QTest.mouseClick(room.screen.results.cards[0], Qt.MouseButton.LeftButton)
    assert room.screen.drawer.drawer_open
    room.screen.box.setFocus()
    room.screen.box.clear()
    room.until(lambda: not room.screen.drawer.drawer_open)
    assert room.screen.box.hasFocus()


def test_text_carried_over_is_searched_at_once(room: Room) -> None:
    room.search.answers["carried"] = [room.result("carried")]
    room.screen.search_for("carried")
    room.until(lambda: room.screen.count.text() == "2 notes")


def test_state_comes_back(room: Room) -> None:
    room.ask("passages")
    room.presenter.set_mode(SearchMode.WORDS)
    state = room.screen.save_state()
    room.screen.box.clear()
    room.presenter.set_mode(SearchMode.BOTH)
    room.screen.restore_state(state)
    assert room.screen.box.text() == "passages"
    assert room.presenter.view.mode is SearchMode.WORDS
    room.screen.restore_state({"mode": 3, "query": None, "widths": [1]})


def test_note_text_is_never_taken_for_html(room: Room) -> None:
    nasty = "<img src='file:///etc/passwd'><b>x</b>\0\u2028"
    room.hits = (hit(1, nasty, nasty, folder=nasty),)
    room.notes.change_elsewhere(1, nasty)
    room.ask("nasty")
    card = room.screen.results.cards[0]
    assert card.title.textFormat() is Qt.TextFormat.PlainText
    assert card.passage.toPlainText().startswith("<img")
    room.until(lambda: room.screen.preview.text.toPlainText().startswith("<img"))


def test_every_control_has_a_name(room: Room) -> None:
    room.ask("passages")
    widgets: list[QWidget] = [*room.screen.findChildren(QAbstractButton), room.screen.box, *room.screen.results.cards]
    for widget in widgets:
        if widget.isVisibleTo(room.screen):
            text = widget.text() if isinstance(widget, QAbstractButton) else ""
            assert widget.accessibleName() or text, widget


def test_the_note_that_was_found_can_be_asked_about(room: Room) -> None:
    asked: list[tuple[int, str]] = []
    room.screen.ask_wanted.connect(lambda note_id, title: asked.append((note_id, title)))
    room.ask("passages")
    room.until(lambda: room.screen.preview.hit is not None)
    hit = room.hits[0]
    room.screen.preview.ask_button.click()
    room.screen.ask_about_chosen()
    assert asked == [(hit.note_id, hit.title)] * 2


def test_the_first_results_can_be_asked_about_together(room: Room) -> None:
    asked: list[tuple[list[int], list[str], str]] = []
    room.screen.ask_among.connect(lambda *all_of_it: asked.append(all_of_it))
    room.screen.ask_about_results()
    assert asked == []
    room.ask("passages")
    room.screen.results.ask_button.click()
    room.ask("which passages speak of models?")
    room.screen.ask_about_results()
    assert asked == [([1, 2], ["One", "Two"], question) for question in ("", "which passages speak of models?")]


def test_a_page_takes_the_place_of_the_search_and_esc_comes_back(room: Room, theme: Theme) -> None:
    assert not room.screen.more_button.isVisible()
    made: list[SearchPage] = []

    def make() -> SearchPage:
        made.append(SearchPage("Check", theme))
        return made[-1]

    room.screen.add_page("self_check", make)
    assert room.screen.more_button.isVisible()
    for _ in range(2):
        room.screen.open_page("self_check")
        assert room.screen.page is made[0]
        assert not room.screen.box.isVisible()
        assert room.screen.on_escape()
        assert room.screen.page is None
    assert len(made) == 1
    room.screen.open_page("self_check")
    made[0].back.click()
    assert room.screen.box.isVisible()
    for leave in (
        lambda: room.screen.search_for("models"),
        room.screen.go_to_box,
        room.screen.toggle_order,
        room.screen.show_weaker,
    ):
        room.screen.open_page("self_check")
        leave()
        assert room.screen.page is None


def test_nothing_is_cut_at_a_large_font_in_a_small_window(room: Room, theme: Theme) -> None:
    room.hits = ()
    theme.set_font_size(27.0)
    try:
        room.screen.resize(900, 380)
        room.ask("ink", corrections=(WordCorrection("ink", "inks"),))
        (page,) = room.screen.findChildren(NothingPage)
        room.until(lambda: page.title.height() >= page.title.heightForWidth(page.title.width()))
        room.until(lambda: page.height() >= page.minimumSizeHint().height())
    finally:
        theme.set_font_size(13.5)


@pytest.mark.parametrize(("size", "width"), [(13.5, 621), (27.0, 900), (27.0, 621)])
def test_how_to_search_can_be_read_beside_the_count(room: Room, theme: Theme, size: float, width: int) -> None:
    theme.set_font_size(size)
    room.screen.set_compact(True)
    room.screen.resize(width, 600)
    room.ask("models", survey=ResultSurvey(12345, True, (("Gen AI", 3),), ()))

    def whole() -> bool:
        shown = [*room.screen.segments.findChildren(QPushButton), room.screen.count, room.screen.more_button]
        inside = all(each.mapTo(room.screen, each.rect().topRight()).x() < width for each in shown if each.isVisible())
        return inside and all(each.width() >= each.sizeHint().width() for each in shown if each.isVisible())

    room.until(whole)


def test_the_preview_is_as_wide_as_its_buttons_need(room: Room) -> None:
    room.ask("ink")
    preview = room.screen.preview
    preview.copy_button.setText("Copy the passage with all of its words")
    room.until(lambda: preview.minimumWidth() > preview.copy_button.sizeHint().width() + 32)
    preview.copy_button.setText("Copy the passage with all of its words, and then some of those around it")
    room.until(lambda: preview.minimumWidth() > max(360, preview.copy_button.sizeHint().width() + 32))
    frame = preview.parentWidget()
    room.until(lambda: frame.width() >= preview.minimumWidth())
    assert frame.mapTo(room.screen, frame.rect().topRight()).x() <= room.screen.width()


@pytest.mark.parametrize("is_note", [True, False])
def test_what_was_deleted_since_it_was_found_is_said_on_its_card(room: Room, is_note: bool) -> None:
    if not is_note:
        room.say(7, "Talk", "passages in a chat")
    room.ask("passages")
    card = room.screen.results.cards[0 if is_note else 2]
    if is_note:
        room.notes.delete_forever([1])
    else:
        del room.said.texts[7]
    card.opened.emit()
    room.until(card.gone.isVisible)
    assert "any more" in card.gone.text()
    assert card.accessibleDescription() == card.gone.text()
    assert room.opened == room.opened_messages == []


def test_code_is_in_its_own_font_on_a_card_and_in_the_preview(room: Room, theme: Theme) -> None:
    text = "# One\n\nRun `abc` so:\n\n```\nxyz = 1\n```\n"
    passage = text[7:].strip()
    room.notes.add(text)
    room.hits = (hit(3, "One", passage, text),)
    room.ask("passages")
    room.until(lambda: "xyz" in room.screen.preview.text.toPlainText())
    for shown in (room.screen.results.cards[0].passage, room.screen.preview.text):
        families = {}
        for words in ("Run", "abc", "xyz"):
            families[words] = shown.document().find(words).charFormat().font().family()
        assert families["abc"] == families["xyz"] == theme.code_font().family()
        assert families["Run"] != families["abc"]
