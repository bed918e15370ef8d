"""The whole window with the real starter models: what a person does and sees, and what survives."""

from __future__ import annotations

import os
import signal
import time

import psutil
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from desktop_app.domain.conversation import Role
from desktop_app.domain.generation import StopReason, WorkerPhase
from desktop_app.domain.search import SearchHit
from desktop_app.ui.chat.message_rows import AnswerMessage
from desktop_app.ui.chat.message_text import MessageText
from desktop_app.ui.notes.notes_screen import NotesScreen
from desktop_app.ui.search.search_screen import SearchScreen
from tests.end_to_end.program import Open, press, words_in

LONG_STORY = "Tell me a very long story about a lighthouse keeper"
USABLE_AGAIN_SECONDS = 3.0

pytestmark = pytest.mark.usefixtures("no_complaints")


def gone(pid: int) -> bool:
    """No such process runs any more."""
    try:
        return bool(psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return True


def test_a_first_start_answers_a_message(start: Open) -> None:
    program = start(settings={"decoder.max_answer_tokens": 16, "sampling.temperature": 0.0})
    empty = words_in(program.chat.empty)
    for words in ("invents facts", "cannot calculate", "Try search", "Add my notes…", "Use a better model…"):
        assert words in empty
    program.model_ready()
    program.until(lambda: program.chat.model_pill.text() == "SmolLM2 135M · starter")
    program.until(program.container.note_parts.welcome.present)
    notes = program.window.show_room("notes")
    assert isinstance(notes, NotesScreen)
    program.until(lambda: notes._presenter.model.rowCount() >= 12)
    program.send("What is the capital of France?")
    program.until(lambda: len(program.messages) == 2 and program.idle)
    assert program.chat.composer.draft == ""
    assert program.chat.head.title.text() == "What is the capital of France?"
    row = program.chat.transcript.rows[-1]
    assert isinstance(row, AnswerMessage)
    assert "Paris" in row.message.text
    shown = " ".join(part.toPlainText() for part in row.text_widgets() if isinstance(part, MessageText))
    assert "Paris" in shown
    stored = program.container.chat.messages(program.messages[-1].conversation_id)
    assert [message.text for message in stored] == [message.text for message in program.messages]


def test_a_killed_model_costs_no_text_and_the_chat_goes_on(start: Open) -> None:
    program = start()
    program.model_ready()
    program.send(LONG_STORY)
    program.until(lambda: program.answering)
    pid = program.container.decoder.pid
    assert pid is not None
    ready: list[float] = []
    program.container.decoder.subscribe(
        lambda status: ready.append(time.monotonic()) if status.phase is WorkerPhase.READY else None
    )
    os.kill(pid, signal.SIGKILL)
    killed = time.monotonic()
    program.until(lambda: program.chat.tail.problem is not None and program.idle)
    partial = program.messages[-1]
    assert partial.stop_reason is StopReason.INTERRUPTED
    assert len(partial.text) > 20
    assert program.container.chat.messages(partial.conversation_id)[-1].text == partial.text
    assert "Interrupted" in words_in(program.chat.transcript.rows[-1])
    assert "Try again" in words_in(program.chat.tail.problem)
    program.send("Hello")
    program.until(lambda: len(program.messages) == 4 and program.messages[-1].text)
    assert ready[0] - killed < USABLE_AGAIN_SECONDS
    assert program.chat.tail.problem is None
    assert program.messages[1].text == partial.text
    assert program.container.decoder.status.phase is WorkerPhase.BUSY
    QTest.keyClick(program.chat.composer.edit, Qt.Key.Key_Escape)
    program.until(lambda: program.idle)
    assert program.messages[-1].stop_reason in (StopReason.STOPPED, StopReason.END)


def test_a_killed_answer_is_continued_in_its_place(start: Open) -> None:
    program = start(settings={"decoder.max_answer_tokens": 48})
    program.model_ready()
    program.send(LONG_STORY)
    program.until(lambda: program.answering)
    pid = program.container.decoder.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    program.until(lambda: program.chat.tail.problem is not None and program.idle)
    partial = program.messages[-1]
    press(program.chat.transcript.rows[-1], "Continue")
    program.until(lambda: program.idle and program.messages[-1].stop_reason is not StopReason.INTERRUPTED)
    longer = program.messages[-1]
    assert longer.id == partial.id
    assert longer.text.startswith(partial.text)
    assert len(longer.text) > len(partial.text)
    assert program.chat.tail.problem is None


def test_closing_in_mid_answer_keeps_it_and_a_restart_shows_all_as_it_was(start: Open) -> None:
    first = start()
    first.model_ready()
    first.send(LONG_STORY)
    first.until(lambda: first.answering)
    QTest.keyClicks(first.chat.composer.edit, "half a thought")
    shown, chat_id = first.messages[-1].text, first.messages[-1].conversation_id
    pid = first.container.decoder.pid
    assert pid is not None
    first.window.show_room("notes")
    first.close()
    assert gone(pid)

    second = start()
    assert second.window.room == "notes"
    second.until(lambda: len(second.messages) == 2)
    question, answer = second.messages
    assert (question.role, question.text) == (Role.USER, LONG_STORY)
    assert answer.conversation_id == chat_id
    assert answer.stop_reason is StopReason.STOPPED
    assert answer.text.startswith(shown)
    assert "Stopped" in words_in(second.chat.transcript.rows[-1])
    assert second.chat.composer.draft == "half a thought"
    assert second.chat.head.title.text() == LONG_STORY


def test_a_note_is_written_saved_indexed_and_found_by_other_words(start: Open) -> None:
    program = start(script={})
    program.until(program.container.note_parts.welcome.present)
    notes = program.window.show_room("notes")
    assert isinstance(notes, NotesScreen)
    program.desk.actions["note.new"].trigger()
    program.until(lambda: notes.view.editor.isVisible() and not notes.view.editor.loading)
    QTest.keyClicks(notes.view.editor, "Sourdough")
    QTest.keyClick(notes.view.editor, Qt.Key.Key_Return)
    QTest.keyClicks(notes.view.editor, "Feed the starter, knead, let the dough rise overnight.")
    program.until(lambda: notes.view.head.save_label.text() == "Saved")
    (hit,) = program.container.store.words.search_notes('"sourdough"', 5)
    assert "dough rise overnight" in program.container.notes.get(hit[0]).text
    total = len(program.container.store.notes.all_ids())
    program.until(lambda: f"{total} notes indexed" in program.window.status_bar.texts)
    search = program.window.show_room("search")
    assert isinstance(search, SearchScreen)
    QTest.keyClicks(search.box, "how do I bake a loaf of bread")

    def is_found_by_meaning() -> bool:
        result = search._presenter.view.result
        return result is not None and result.meaning_ready and bool(search.results.cards)

    program.until(is_found_by_meaning)
    best = search.results.cards[0].hit
    assert isinstance(best, SearchHit)
    assert (best.note_id, best.title, best.meaning_rank) == (hit[0], "Sourdough", 1)
    QTest.keyClick(search.box, Qt.Key.Key_Return)
    program.until(lambda: program.window.room == "notes")
    program.until(lambda: "Feed the starter" in notes.view.editor.toPlainText())
