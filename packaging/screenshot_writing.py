"""Scenes of free writing, and of a model that can do nothing else."""

from __future__ import annotations

from pathlib import Path

from screenshot_notes import BEGINNING, fill_chats
from screenshot_stage import Camera, Stage, decoder_ready, end

from desktop_app.presenters.chat import ChatPresenter
from desktop_app.presenters.save_state import SaveKind
from desktop_app.ui.chat.temporary_bar import LeaveQuestion


def free_writing(camera: Camera, folder: Path) -> None:
    """The starter goes on with a text: while it writes, and with some of its words accepted."""
    stage = Stage(camera, folder, settings={"writing.max_tokens": 600, "sampling.seed": 4}, prepare=fill_chats)
    try:
        decoder_ready(stage)
        presenter, page = stage.presenter(ChatPresenter), stage.screen("chat").writing
        stage.desk.actions["chat.writing"].trigger()
        page.editor.insertPlainText(BEGINNING)
        stage.desk.actions["writing.go_on"].trigger()
        stage.until(lambda: len(page.editor.pending_text()) > 500, "a continuation")
        stage.shoot("free-writing-streaming", lasting=lambda: presenter.writing.is_running)
        presenter.stop()
        stage.until(lambda: not presenter.writing.is_running and stage.desk.tasks.idle, "the end")
        for _ in range(12):
            page.editor.accept_word()
        stage.until(lambda: presenter.writing.state.kind is SaveKind.SAVED and stage.desk.tasks.idle, "the save")
        stage.shoot("free-writing")
    finally:
        end(stage)


def free_writing_empty(camera: Camera, folder: Path) -> None:
    """An empty page, a page too long for the window, and one that could not be gone on with."""
    stage = Stage(camera, folder, script={"behaviour": "crash", "after_tokens": 3, "token_seconds": 0.05})
    try:
        decoder_ready(stage)
        presenter, page = stage.presenter(ChatPresenter), stage.screen("chat").writing
        stage.desk.actions["chat.writing"].trigger()
        stage.shoot("free-writing-empty")
        page.editor.insertPlainText("\n\n".join([BEGINNING] * 120))
        stage.until(lambda: page.editor.reads_from is not None and stage.desk.tasks.idle, "the mark")
        page.editor.select_place(page.editor.reads_from or 0, page.editor.reads_from or 0)
        stage.until(lambda: presenter.writing.state.kind is SaveKind.SAVED and stage.desk.tasks.idle, "the save")
        bar = page.editor.verticalScrollBar()
        bar.setValue(bar.value() + page.editor.cursorRect().top() - 200)
        stage.shoot("free-writing-cut")
        page.editor.selectAll()
        page.editor.insertPlainText(BEGINNING)
        stage.desk.actions["writing.go_on"].trigger()
        stage.until(lambda: presenter.problem is not None and stage.desk.tasks.idle, "the crash")
        stage.shoot("free-writing-failed")
    finally:
        end(stage)


def free_writing_temporary(camera: Camera, folder: Path) -> None:
    """A page that is on no disk, with a word found on it; and the question before it is left."""
    stage = Stage(camera, folder, settings={"writing.max_tokens": 60, "sampling.seed": 4}, prepare=fill_chats)
    try:
        decoder_ready(stage)
        presenter, page = stage.presenter(ChatPresenter), stage.screen("chat").writing
        stage.desk.actions["chat.temporary_writing"].trigger()
        page.editor.insertPlainText(BEGINNING)
        stage.desk.actions["writing.go_on"].trigger()
        stage.until(lambda: page.editor.has_pending and presenter.answers.running is None, "a continuation")
        stage.desk.actions["chat.find"].trigger()
        stage.write(page.find_bar.line, "ink")
        stage.until(page.find_bar.count.text, "the places")
        page.find_bar.step(1)
        stage.shoot("free-writing-temporary")
        presenter.new_chat()
        stage.until(lambda: stage.window.findChildren(LeaveQuestion), "the question")
        question = stage.window.findChildren(LeaveQuestion)[0]
        stage.shoot("free-writing-temporary-leave", sheet=question)
        question.reject()
    finally:
        end(stage)


def base_model(camera: Camera, folder: Path) -> None:
    """A model without a chat template: a new chat offers free writing, and a chat says why it does not go on."""
    stage = Stage(camera, folder, script={"base_model": True}, prepare=fill_chats)
    try:
        decoder_ready(stage)
        presenter = stage.presenter(ChatPresenter)
        stage.until(lambda: presenter.model_cannot_chat is not None and stage.desk.tasks.idle, "the base model")
        stage.shoot("chat-base-model")
        stage.until(lambda: presenter.chats.conversations, "the list")
        presenter.open(presenter.chats.conversations[0].id)
        stage.until(lambda: presenter.transcript.messages and stage.desk.tasks.idle, "a chat")
        stage.shoot("chat-base-model-in-chat")
    finally:
        end(stage)
