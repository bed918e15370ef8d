"""Free writing in the whole program: with the starter, over a restart, and with a base model."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from desktop_app.app.container import Container
from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.conversation import WRITING
from desktop_app.domain.free_writing import whole_text
from desktop_app.domain.generation import StopReason
from desktop_app.presenters.save_state import SaveKind
from tests.end_to_end.program import Open, words_in
from tests.fakes.workers import base_model

BEGINNING = "The keeper of the lighthouse wrote a letter to her sister in the town."


def test_a_text_is_gone_on_with_stopped_and_still_there_after_a_restart(start: Open, no_complaints: None) -> None:
    program = start(settings={"writing.max_tokens": 400, "sampling.seed": 3})
    program.model_ready()
    program.desk.actions["chat.writing"].trigger()
    page, presenter = program.chat.writing, program.chat._presenter.writing
    QTest.keyClicks(page.editor, BEGINNING)
    QTest.keyClick(program.window, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    program.until(lambda: len(page.editor.pending_text()) > 20)
    QTest.keyClick(page.editor, Qt.Key.Key_Escape)
    program.until(lambda: not presenter.is_running and program.desk.tasks.idle)
    page.editor.accept_word()
    program.until(lambda: presenter.state.kind is SaveKind.SAVED and program.desk.tasks.idle)
    text, pending = page.editor.display_text(), page.editor.pending_text()
    assert text.startswith(BEGINNING)
    assert pending
    chat = program.chat._presenter.conversation_id
    assert chat is not None
    stored = program.container.free_writing.pieces(chat)
    assert whole_text(stored) == text
    assert stored[-1].stop_reason is StopReason.STOPPED
    program.close()

    again = start(settings={"writing.max_tokens": 8})
    editor = again.chat.writing.editor
    again.until(lambda: editor.display_text() == text)
    assert editor.isVisible()
    assert editor.pending_text() == pending
    assert again.chat.head.title.text().startswith("The keeper of the lighthouse wrote a letter")


def test_the_next_continuation_reads_only_what_is_new(settings: Container) -> None:
    settings.settings_file.set("writing.max_tokens", 12)
    try:
        page = settings.chat.create(kind=WRITING).id
        list(settings.free_writing.go_on(page, BEGINNING * 4, CancelToken()))
        text = whole_text(settings.free_writing.pieces(page))
        list(settings.free_writing.go_on(page, text, CancelToken()))
        figures = settings.free_writing.pieces(page)[-1].figures
        assert figures is not None
        assert figures.prompt_tokens - figures.cached_tokens <= 3
    finally:
        settings.settings_file.reset("writing.max_tokens")


def test_a_base_model_goes_on_with_a_text_and_is_offered_the_page(
    start: Open, tmp_path: Path, no_complaints: None
) -> None:
    model = base_model(tmp_path)
    program = start(settings={"decoder.model_file": str(model), "writing.max_tokens": 8, "sampling.temperature": 0.0})
    program.model_ready()
    program.until(lambda: not program.chat.composer.isVisible())
    assert "no chat template" in words_in(program.chat.empty)
    program.chat.empty.writing_wanted.emit()
    page, presenter = program.chat.writing, program.chat._presenter.writing
    QTest.keyClicks(page.editor, "One, two, three, four, five,")
    program.desk.actions["writing.go_on"].trigger()
    program.until(lambda: page.editor.pending_text() and not presenter.is_running)
    assert "six" in page.editor.pending_text()
    assert program.chat._presenter.problem is None


def test_the_keys_of_the_page_stay_free_for_a_sheet_over_it(start: Open, no_complaints: None) -> None:
    program = start(script={})
    program.model_ready()
    program.desk.actions["chat.writing"].trigger()
    page = program.chat.writing
    QTest.keyClicks(page.editor, "Once")
    assert program.desk.actions["writing.go_on"].isEnabled()
    sheet = program.window.open_quick_note()
    sheet.activateWindow()
    program.until(sheet.editor.hasFocus)
    QTest.keyClicks(sheet.editor, "buy ink")
    QTest.keyClick(sheet.editor, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    program.until(lambda: not sheet.isVisible())
    assert page.editor.display_text() == "Once"
