"""The chat screen, over a service and a model that the test moves."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from msgspec.structs import replace
from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QAbstractButton, QApplication, QLineEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from desktop_app.domain.built_in_templates import BuiltInTemplate
from desktop_app.domain.chat_events import MemoryMoved, Reading
from desktop_app.domain.errors import (
    MessageTooLongError,
    ModelMissingError,
    ModelQuarantinedError,
    TemplateError,
    WorkerCrashedError,
)
from desktop_app.domain.generation import StopReason, WorkerPhase, WorkerStatus
from desktop_app.presenters.chat import Phase
from desktop_app.presenters.tasks import TaskRunner
from desktop_app.ui.actions import Actions
from desktop_app.ui.chat.chat_screen import ChatScreen
from desktop_app.ui.chat.links import LinkQuestion
from desktop_app.ui.chat.message_rows import OwnMessage
from desktop_app.ui.chat.message_text import PlainMessageText
from desktop_app.ui.chat.transcript_view import BATCH, MOST_ALIVE
from desktop_app.ui.theme.theme import Theme
from desktop_app.ui.widgets import ErrorBox, PlainLabel
from desktop_app.ui.widgets.floating_sheet import FloatingSheet
from tests.ui.chat_room import Room, open_room, said, shown_text


@pytest.fixture
def room(qtbot: QtBot, theme: Theme, actions: Actions, tasks: TaskRunner) -> Iterator[Room]:
    with open_room(qtbot, theme, actions, tasks) as made:
        yield made


def test_enter_sends_and_the_answer_streams(room: Room) -> None:
    room.show()
    room.type_and_send("What is ink?")
    room.service.feed("Ink is ", "**black**")
    room.until(lambda: len(room.screen.transcript.rows) == 2 and "black" in shown_text(room.last()))
    assert room.screen.composer.draft == ""
    assert room.screen.composer.stop_button.isVisible()
    assert not room.screen.composer.send_button.isVisible()
    room.service.feed(" water", StopReason.END)
    room.until(lambda: room.presenter.activity.phase is Phase.IDLE)
    assert shown_text(room.last()) == "Ink is black water"
    assert room.screen.composer.send_button.isVisible()
    assert isinstance(room.screen.transcript.rows[0], OwnMessage)
    assert room.screen.head.title.text() == "What is ink?"


def test_shift_enter_breaks_the_line(room: Room) -> None:
    room.show()
    edit = room.screen.composer.edit
    room.qtbot.keyClicks(edit, "one")
    room.qtbot.keyClick(edit, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    room.qtbot.keyClicks(edit, "two")
    assert room.screen.composer.draft == "one\ntwo"
    assert room.service.calls == []


def test_the_pill_names_the_model_and_leads_to_models(room: Room) -> None:
    room.show()
    room.until(lambda: room.screen.model_pill.text() == "Tiny 1B · starter")
    room.screen.model_pill.click()
    assert room.rooms == ["models"]


def test_an_empty_message_is_not_sent(room: Room) -> None:
    room.show()
    send = room.screen.composer.send_button
    for text in ("", "   ", "  \n "):
        room.type_and_send(text)
        assert not send.isEnabled()
        send.click()
    room.settle()
    assert room.service.calls == []
    room.screen.composer.edit.setPlainText(" x ")
    assert send.isEnabled()


def test_the_composer_grows_to_a_share_of_the_screen(room: Room) -> None:
    room.show()
    edit = room.screen.composer.edit
    low = edit.height()
    edit.setPlainText("line\n" * 4)
    room.until(lambda: edit.height() > low)
    edit.setPlainText("line\n" * 200)
    room.until(lambda: edit.verticalScrollBar().maximum() > 0)
    assert room.screen.composer.height() <= room.screen.height() * 0.45


def test_notices_keep_clear_of_the_composer_and_its_meter(room: Room) -> None:
    kept = room.screen.notices_keep_clear_of()
    assert kept.isAncestorOf(room.screen.composer.send_button)
    assert kept.isAncestorOf(room.screen.composer.edit)
    assert kept.isAncestorOf(room.screen.meter)


def test_stop_button_and_escape_stop(room: Room) -> None:
    room.show()
    for stop in (room.screen.composer.stop_button.click, room.screen.on_escape):
        room.type_and_send("Go")
        room.service.feed("Half")
        room.until(lambda: room.presenter.activity.phase is Phase.WRITING)
        stop()
        room.until(lambda: room.presenter.activity.phase is Phase.IDLE)
        assert room.presenter.transcript.messages[-1].stop_reason is StopReason.STOPPED
    assert not room.screen.on_escape()


def test_a_cut_answer_says_so_and_goes_on(room: Room) -> None:
    chat = room.service.add_chat("Chat", "Question", "The beginning")
    room.service.change_message(chat, 1, stop_reason=StopReason.LIMIT)
    room.show()
    room.open(chat)
    words = [label.text() for label in room.last().findChildren(QWidget) if hasattr(label, "text")]  # type: ignore[attr-defined]
    assert "Reached the answer length of 1,024 tokens" in words
    button = next(each for each in room.last().findChildren(QAbstractButton) if each.text() == "Continue")
    button.click()
    room.service.feed(" and the end", StopReason.END)
    room.until(lambda: shown_text(room.last()) == "The beginning and the end")


def test_figures_show_on_hover(room: Room) -> None:
    chat = room.service.add_chat("Chat", "Question", "Answer")
    room.show()
    room.open(chat)
    row = room.last()
    row.set_current(True)
    texts = [label.text() for label in row.findChildren(QWidget) if hasattr(label, "text")]  # type: ignore[attr-defined]
    assert "170 tokens/s · first token after 0.2 s · 212 tokens · ended by itself" in texts
    assert {"Copy", "Regenerate"} <= set(texts)


def test_an_error_stands_under_the_answer_with_a_retry(room: Room) -> None:
    room.show()
    room.type_and_send("Go")
    room.service.feed("Half", WorkerCrashedError("The chat model stopped.", "It crashed.", "Try again."))
    room.until(lambda: room.screen.tail.problem is not None)
    box = room.screen.tail.problem
    assert isinstance(box, ErrorBox)
    assert box.accessibleName() == "The chat model stopped."
    next(each for each in box.findChildren(QAbstractButton) if each.text() == "Try again").click()
    room.service.feed("Whole", StopReason.END)
    room.until(lambda: shown_text(room.last()) == "Whole")
    assert room.screen.tail.problem is None


def test_first_start_leads_to_search_notes_and_models(room: Room) -> None:
    room.show()
    assert room.screen.stack.currentWidget() is room.screen.empty
    buttons = {each.text(): each for each in room.screen.empty.findChildren(QAbstractButton)}
    buttons["Try search"].click()
    buttons["Add my notes…"].click()
    buttons["Use a better model…"].click()
    assert len(room.searches) == 1
    assert room.rooms[-2:] == ["notes", "models"]
    words = " ".join(label.text() for label in room.screen.empty.findChildren(QWidget) if hasattr(label, "text"))  # type: ignore[attr-defined]
    assert "invents facts" in words
    assert "cannot calculate" in words


def test_another_model_has_no_apology(room: Room) -> None:
    room.starter = False
    room.show()
    assert not room.screen.empty.findChild(QAbstractButton).isVisible()


def test_loading_shows_in_the_empty_chat_and_a_message_waits_in_the_composer(room: Room) -> None:
    room.decoder.become(WorkerStatus(WorkerPhase.LOADING, 0.45))
    room.service.model_is_there.clear()
    room.show()
    room.until(lambda: room.screen.empty.state_text == "Loading the chat model, 45 %")
    room.type_and_send("Hello")
    room.until(lambda: room.presenter.activity.phase is Phase.WAITING_FOR_MODEL)
    assert "Your message is sent as soon as the model is ready" in said(room.screen.composer)
    room.until(lambda: [row.at_right for row in room.presenter.chats.model.rows if row.at_right] == ["waits"])
    assert room.screen.pane.list.current_id == room.presenter.conversation_id, "the open chat is marked"
    assert room.screen.stack.currentWidget() is room.screen.empty
    room.qtbot.keyClicks(room.screen.composer.edit, " you")
    assert room.screen.composer.draft == "Hello", "what waits is not changed"
    assert room.screen.composer.stop_button.isVisible()
    room.decoder.become(WorkerStatus(WorkerPhase.BUSY))
    room.service.model_is_there.set()
    room.until(lambda: room.screen.composer.draft == "")
    room.qtbot.keyClicks(room.screen.composer.edit, "Next")
    assert room.screen.composer.draft == "Next"
    room.service.feed(Reading(300, 1840, 0, 3.6))
    room.until(lambda: room.screen.tail.text == "Reading 1,840 tokens, 4 s")
    room.service.feed("Hi", StopReason.END)
    room.until(lambda: room.presenter.activity.phase is Phase.IDLE)
    assert room.screen.tail.text == ""


def test_loading_shows_under_the_messages_while_another_waits(room: Room) -> None:
    room.open(room.service.add_chat("Chat", "One", "Two"))
    room.decoder.become(WorkerStatus(WorkerPhase.LOADING, 0.45))
    room.service.model_is_there.clear()
    room.show()
    room.type_and_send("Three")
    room.until(lambda: room.screen.tail.text == "Loading the chat model, 45 %")
    assert "Your message is sent as soon as the model is ready" in said(room.screen.composer)


def test_a_waiting_message_that_does_not_fit_is_refused_in_the_composer_with_what_to_do(room: Room) -> None:
    room.decoder.become(WorkerStatus(WorkerPhase.LOADING, 0.45))
    room.service.model_is_there.clear()
    room.show()
    room.type_and_send("Too much")
    room.until(lambda: room.presenter.activity.phase is Phase.WAITING_FOR_MODEL)
    room.service.refuse = MessageTooLongError("Too long.", "", "Shorten the message.")
    room.service.model_is_there.set()
    room.until(lambda: room.screen.empty.problem is not None)
    assert room.screen.stack.currentWidget() is room.screen.empty
    assert "Shorten the message." in said(room.screen.empty.problem)
    assert room.screen.composer.draft == "Too much"
    assert room.service.messages(room.presenter.conversation_id or 0) == []
    room.service.refuse = None
    room.qtbot.keyClick(room.screen.composer.edit, Qt.Key.Key_Delete)
    room.until(lambda: room.screen.empty.problem is None)
    assert room.screen.composer.send_button.isEnabled()


def test_a_missing_model_says_what_to_do(room: Room) -> None:
    room.load_error = ModelMissingError("The chat model is not there.", "Its file was moved.", "Choose another.")
    room.show()
    room.until(lambda: room.screen.empty.problem is not None)
    box = room.screen.empty.problem
    assert box is not None
    next(each for each in box.findChildren(QAbstractButton) if "Choose a model" in each.text()).click()
    assert room.rooms == ["models"]


def test_a_quarantined_model_can_be_tried_again(room: Room) -> None:
    room.show()
    error = ModelQuarantinedError("Set aside.", "It crashed three times.", "Choose another.")
    room.decoder.become(WorkerStatus(WorkerPhase.QUARANTINED, error=error, crashes=3))
    room.until(lambda: room.screen.empty.problem is not None)
    box = room.screen.empty.problem
    assert box is not None
    next(each for each in box.findChildren(QAbstractButton) if "again" in each.text()).click()
    room.until(lambda: room.decoder.forgiven == 1)


def test_a_draft_that_does_not_fit_is_refused_in_place(room: Room) -> None:
    assert room.service.meter_result is not None
    room.show()
    room.service.meter_result = replace(room.service.meter_result, draft=9000, fits=False)
    room.screen.composer.edit.setPlainText("long")
    room.until(lambda: room.presenter.meter.refuses("long"))
    assert not room.screen.composer.send_button.isEnabled()
    texts = [label.text() for label in room.screen.composer.findChildren(QWidget) if hasattr(label, "text")]  # type: ignore[attr-defined]
    assert any("9,000 tokens" in text and "Shorten it" in text for text in texts)
    room.qtbot.keyClick(room.screen.composer.edit, Qt.Key.Key_Return)
    assert room.service.calls == []
    assert room.screen.composer.draft == "long"


def test_the_meter_opens_its_parts(room: Room) -> None:
    room.show()
    room.until(lambda: room.presenter.meter.meter is not None)
    assert room.screen.meter.text == "42 % of context used · starts in about 0.2 s"
    assert "42 %" in room.screen.meter.accessibleName()


def test_the_memory_line_stands_above_its_message(room: Room) -> None:
    chat = room.service.add_chat("Chat", "One", "Two", "Three", "Four")
    room.show()
    room.open(chat)
    room.type_and_send("Five")
    third = room.presenter.transcript.messages[2].id
    room.service.feed(MemoryMoved(third))
    room.until(lambda: room.presenter.transcript.memory_start_index == 2)
    from desktop_app.ui.chat.memory_line import MemoryLine

    marked = [bool(row.findChildren(MemoryLine)) for row in room.screen.transcript.rows]
    assert marked == [False, False, True, False, False, False]


def test_links_ask_and_show_their_target(room: Room) -> None:
    chat = room.service.add_chat("Chat", "Question", "[here](https://example.org/a?b=c)")
    room.show()
    room.open(chat)
    room.last().link_activated.emit("https://example.org/a?b=c")
    question = room.screen.findChild(LinkQuestion)
    assert question is not None
    assert room.opened == []
    question.open_button.click()
    assert room.opened == ["https://example.org/a?b=c"]
    room.until(lambda: room.screen.findChild(LinkQuestion) is None)
    room.last().link_activated.emit("file:///etc/passwd")
    room.turn()
    assert room.screen.findChild(LinkQuestion) is None, "what may not be opened is not asked about"
    assert room.opened == ["https://example.org/a?b=c"]


def test_a_long_chat_keeps_few_widgets_alive_and_pages_both_ways(room: Room) -> None:
    chat = room.service.add_chat("Long", *[f"message {number}" for number in range(600)])
    room.show()
    room.open(chat)
    view = room.screen.transcript
    bar = view.verticalScrollBar()
    assert bar.value() == bar.maximum()

    def at_top() -> bool:
        bar.setValue(0)
        assert len(view.rows) <= MOST_ALIVE + BATCH
        return view.first_index == 0 and not room.presenter.transcript.has_older

    room.until(at_top)
    assert view.rows[0].message.text == "message 0"

    def at_end() -> bool:
        bar.setValue(bar.maximum())
        assert len(view.rows) <= MOST_ALIVE + BATCH
        return view.rows[-1].message.text == "message 599"

    room.until(at_end)


def test_paging_keeps_the_readers_place(room: Room) -> None:
    chat = room.service.add_chat("Long", *[f"message {number}" for number in range(120)])
    room.show()
    room.open(chat)
    view = room.screen.transcript
    view.verticalScrollBar().setValue(view.verticalScrollBar().maximum() // 2)
    before = view.anchor()
    count = len(view.rows)
    room.until(lambda: room.tasks.idle and len(view.rows) >= count)
    room.settle()
    assert view.anchor() == before


@pytest.mark.parametrize("value", [0, 7, 40])
def test_a_reader_at_the_top_of_what_is_loaded_does_not_jump(room: Room, value: int) -> None:
    chat = room.service.add_chat("Long", *[f"message {number}" for number in range(200)])
    room.show()
    room.open(chat)
    view = room.screen.transcript
    bar = view.verticalScrollBar()
    first, tops = view.rows[0], view.first_index
    bar.setValue(value)
    place = first.mapTo(view, QPoint(0, 0)).y()
    room.until(lambda: view.first_index + len(view.rows) >= tops and view.rows.index(first) >= BATCH)
    room.settle()
    assert first.mapTo(view, QPoint(0, 0)).y() == place


def test_new_text_does_not_pull_a_reader_down(room: Room) -> None:
    chat = room.service.add_chat("Chat", *["words " * 200 for _ in range(8)])
    room.show()
    room.open(chat)
    view = room.screen.transcript
    room.type_and_send("More")
    room.service.feed("Start ")
    room.until(lambda: room.presenter.activity.phase is Phase.WRITING)
    assert view.following
    view.verticalScrollBar().setValue(100)
    room.turn()
    place = view.anchor()
    room.service.feed("and on\n\n" * 60)
    room.until(lambda: "and on" in shown_text(room.last()))
    assert view.anchor() == place
    assert not view.following
    latest = next(each for each in view.findChildren(QAbstractButton) if "Latest" in each.text())
    assert latest.isVisible()
    latest.click()
    assert view.following
    assert view.verticalScrollBar().value() == view.verticalScrollBar().maximum()
    assert not latest.isVisible()


def test_state_is_saved_and_restored(room: Room, qtbot: QtBot, theme: Theme, actions: Actions) -> None:
    chat = room.service.add_chat("Long", *[f"message {number} " * 20 for number in range(120)])
    room.show()
    room.open(chat)
    view = room.screen.transcript
    view.verticalScrollBar().setValue(view.verticalScrollBar().maximum() - 900)
    room.settle()
    state = room.screen.save_state()
    assert state["chat"] == chat
    other = ChatScreen(room.presenter, theme, actions, room.shell)
    qtbot.addWidget(other)
    other.resize(1180, 760)
    room.presenter.new_chat()
    other.show()
    other.restore_state(state)
    room.until(lambda: room.presenter.conversation_id == chat)
    room.settle()
    assert other.save_state() == state


def test_a_drag_selects_across_text_and_code(room: Room) -> None:
    chat = room.service.add_chat("Chat", "Question", "first words\n\n```python\ncode = 1\n```\n\nlast words")
    room.show()
    room.open(chat)
    first, _code, last = room.last().body.parts
    start = first.viewport()  # type: ignore[union-attr]
    end = last.viewport()  # type: ignore[union-attr]
    qtbot = room.qtbot
    qtbot.mousePress(start, Qt.MouseButton.LeftButton, pos=QPoint(0, 8))
    below = start.mapFromGlobal(end.mapToGlobal(QPoint(end.width() - 1, 8)))
    from PySide6.QtCore import QEvent, QPointF
    from PySide6.QtGui import QMouseEvent

    move = QMouseEvent(
        QEvent.Type.MouseMove,
        QPointF(below),
        QPointF(start.mapToGlobal(below)),
        Qt.MouseButton.NoButton,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    QApplication.sendEvent(start, move)
    qtbot.mouseRelease(start, Qt.MouseButton.LeftButton, pos=below)
    assert room.screen.transcript.selected_text() == "first words\ncode = 1\nlast words"
    qtbot.keyClick(first, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == "first words\ncode = 1\nlast words"


def test_messages_and_chats_are_copied_from_their_source(room: Room) -> None:
    chat = room.service.add_chat("Chat", "Question", "an **answer**")
    room.show()
    room.open(chat)
    room.last().copy_wanted.emit()
    assert QGuiApplication.clipboard().text() == "an **answer**"
    room.actions["chat.copy"].trigger()
    room.until(lambda: QGuiApplication.clipboard().text() == "**user**\n\nQuestion\n\n**assistant**\n\nan **answer**")


def test_the_keyboard_walks_the_messages(room: Room) -> None:
    chat = room.service.add_chat("Chat", "Question", "answer")
    room.show()
    room.open(chat)
    view = room.screen.transcript
    view.setFocus()
    room.qtbot.keyClick(view, Qt.Key.Key_Up)
    room.qtbot.keyClick(view, Qt.Key.Key_Up)
    room.qtbot.keyClick(view, Qt.Key.Key_C)
    assert QGuiApplication.clipboard().text() == "Question"


def test_what_opens_over_the_window_is_about_the_message_that_the_keyboard_was_at(room: Room, theme: Theme) -> None:
    chat = room.service.add_chat("Chat", "Question", "answer", "Another", "last")
    room.show()
    room.open(chat)
    view = room.screen.transcript
    room.screen.activateWindow()
    view.setFocus()
    for _ in range(3):
        room.qtbot.keyClick(view, Qt.Key.Key_Up)
    wanted = room.service.messages(chat)[1].id
    assert view.current_id == wanted
    sheet = FloatingSheet(theme, room.screen, width=300, height=200)
    field = QLineEdit()
    sheet.content.addWidget(field)
    sheet.open_over(room.screen)
    field.setFocus()
    room.until(field.hasFocus)
    assert view.current_id == wanted
    sheet.close()
    room.until(view.hasFocus)
    room.screen.composer.edit.setFocus()
    assert view.current_id is None


def test_enter_presses_what_can_be_done_with_a_message(room: Room) -> None:
    chat = room.service.add_chat("Chat", "Question", "answer")
    room.show()
    room.open(chat)
    view = room.screen.transcript
    view.setFocus()
    room.qtbot.keyClick(view, Qt.Key.Key_Up)
    copy = next(each for each in room.last().findChildren(QPushButton) if each.accessibleName() == "Copy answer")
    QGuiApplication.clipboard().setText("")
    room.qtbot.keyClick(copy, Qt.Key.Key_Return)
    assert QGuiApplication.clipboard().text() == "answer"


def test_other_colours_leave_the_keyboard_in_a_message_that_is_edited(room: Room, theme: Theme) -> None:
    chat = room.service.add_chat("Chat", "Question", "answer")
    room.show()
    room.open(chat)
    room.screen.activateWindow()
    question = room.service.messages(chat)[0].id
    room.presenter.branches.begin_edit(question)
    row = room.screen.transcript.rows[0]
    assert row.editor is not None
    cursor = row.editor.edit.textCursor()
    cursor.setPosition(3)
    row.editor.edit.setTextCursor(cursor)
    room.until(row.editor.edit.hasFocus)
    theme.changed.emit()
    made_anew = room.screen.transcript.rows[0]
    assert made_anew is not row
    assert made_anew.editor is not None
    assert made_anew.editor.edit.hasFocus()
    assert made_anew.editor.edit.textCursor().position() == 3


def test_the_target_of_a_link_goes_with_the_message_that_it_stood_in(room: Room) -> None:
    chat = room.service.add_chat("Chat", "Question", "[here](https://example.org)")
    room.show()
    room.open(chat)
    room.last().body.link_hovered.emit("https://example.org")
    target = next(each for each in room.screen.stack.findChildren(PlainLabel) if each.text() == "https://example.org")
    assert target.isVisible()
    room.presenter.new_chat()
    room.settle()
    assert not target.isVisible()


def test_the_width_of_a_message_is_measured_once(theme: Theme, qtbot: QtBot) -> None:
    text = PlainMessageText(theme)
    qtbot.addWidget(text)
    text.show_text("some words of a question " * 40)
    wanted = text.wanted_width()
    laid_out: list[object] = []
    text.document().documentLayout().documentSizeChanged.connect(laid_out.append)
    assert text.wanted_width() == wanted
    assert laid_out == []
    text.show_text("few")
    assert text.wanted_width() < wanted


def test_filtering_ends_with_search_everything(room: Room) -> None:
    room.service.add_chat("About ink", "a", "b")
    room.service.add_chat("About pens", "a", "b")
    room.show()
    room.screen.pane.filter.setText("pen")
    room.until(lambda: len(room.presenter.chats.conversations) == 1)
    room.screen.pane.list.chosen.emit("search")
    assert room.searches == ["pen"]
    room.screen.pane.filter.setText("nothing like it")
    room.until(lambda: room.presenter.chats.conversations == [])
    room.qtbot.keyClick(room.screen.pane.filter, Qt.Key.Key_Return)
    room.until(lambda: room.searches == ["pen", "nothing like it"])


def test_rename_and_delete_with_undo(room: Room) -> None:
    chat = room.service.add_chat("Old", "a", "b")
    room.show()
    room.open(chat)
    room.actions["chat.rename"].trigger()
    field = next(each for each in QApplication.topLevelWidgets() if each.windowTitle() == "Rename chat")
    line = field.findChild(QLineEdit)
    assert line is not None
    line.setText("  New   name ")
    room.qtbot.keyClick(line, Qt.Key.Key_Return)
    room.until(lambda: room.screen.head.title.text() == "New name")
    room.actions["chat.delete"].trigger()
    room.until(lambda: room.notices[-1].text == "“New name” moved to the trash")
    assert room.presenter.conversation_id is None
    assert room.notices[-1].undo is not None
    room.notices[-1].undo()
    room.until(lambda: room.presenter.conversation_id == chat)


def test_every_control_has_an_accessible_name(room: Room) -> None:
    chat = room.service.add_chat("Chat", "Question", "```\ncode\n```")
    room.show()
    room.open(chat)
    room.last().set_current(True)
    nameless = [
        each
        for each in room.screen.findChildren(QWidget)
        if each.focusPolicy() & Qt.FocusPolicy.TabFocus
        and each.isVisible()
        and not (each.accessibleName() or getattr(each, "text", str)())
    ]
    assert nameless == []


def test_a_change_of_theme_redraws_the_messages(room: Room, theme: Theme) -> None:
    chat = room.service.add_chat("Chat", "Question", "**answer**")
    room.show()
    room.open(chat)
    theme.set_mode("dark")
    room.settle()
    colour = room.last().body.parts[0].document().begin().charFormat().foreground().color()  # type: ignore[union-attr]
    assert colour == theme.color("text")


@pytest.mark.usefixtures("small_heap")
def test_no_stall_while_a_long_answer_streams(room: Room) -> None:
    """The GUI thread's own time between two turns of the event loop, so that a loaded machine does not count."""
    long_text = (
        "A paragraph of **many** words that says `little` and goes on for a while.\n\n" * 9 + "- item\n" * 8
    ) * 100
    chat = room.service.add_chat("Long", "Question", long_text)
    answer = room.service.change_message(chat, 1, stop_reason=StopReason.LIMIT)
    assert len(long_text) > 70_000
    room.show()
    room.open(chat)
    room.until(lambda: room.last().body.is_complete)
    room.presenter.continue_answer(answer.id)
    room.until(lambda: room.presenter.activity.phase is not Phase.IDLE)
    gaps: list[float] = []
    last = time.thread_time()

    def beat() -> None:
        nonlocal last
        now = time.thread_time()
        gaps.append(now - last)
        last = now
        if len(gaps) < 300:
            room.service.feed("and **more** ", "words\n\n" if len(gaps) % 20 == 0 else "of it ")

    watchdog = QTimer()
    watchdog.setInterval(5)
    watchdog.timeout.connect(beat)
    last = time.thread_time()
    watchdog.start()
    room.until(lambda: len(gaps) >= 300)
    watchdog.stop()
    room.service.feed(StopReason.END)
    room.until(lambda: room.presenter.activity.phase is Phase.IDLE)
    assert max(gaps) <= 0.050
    assert sorted(gaps)[int(len(gaps) * 0.99)] <= 0.016


def test_a_template_that_fails_offers_the_built_in_one_and_sends_with_it(room: Room) -> None:
    chatml = BuiltInTemplate.CHATML
    room.service.refuse = TemplateError("The model's chat template does not work.", "It loops.", built_in=chatml)
    room.show()
    room.type_and_send("Hello")
    room.until(lambda: room.screen.empty.problem is not None)
    problem = room.screen.empty.problem
    assert problem is not None
    (button,) = problem.findChildren(QAbstractButton)
    assert button.text() == "Use the built-in template for this model (ChatML)"
    room.service.refuse = None
    room.service.feed("There you are.", StopReason.END)
    button.click()
    room.until(lambda: room.presenter.transcript.messages and room.presenter.answers.running is None)
    assert room.templates == [chatml]
    assert [message.text for message in room.presenter.transcript.messages] == ["Hello", "There you are."]
    assert room.screen.empty.problem is None


def test_a_built_in_template_that_cannot_be_taken_is_said(room: Room) -> None:
    room.service.refuse = TemplateError("It fails.", built_in=BuiltInTemplate.CHATML)
    room.show()
    room.type_and_send("Hello")
    room.until(lambda: room.screen.empty.problem is not None)
    room.load_error = ModelMissingError("The chat model is not there.")
    room.presenter.use_built_in_template()
    room.until(lambda: room.notices)
    assert room.screen.composer.draft == "Hello"
