"""Scenes of chats that wait, fail or are full; most of them with the scripted worker, which does as it is told."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from screenshot_notes import ANSWER, LONG_MESSAGE
from screenshot_stage import Camera, Stage, StageError, decoder_ready, end

from desktop_app.domain.conversation import Role
from desktop_app.domain.errors import InkwellError
from desktop_app.domain.generation import WorkerPhase
from desktop_app.domain.gguf_header import read_gguf_header
from desktop_app.domain.resources import resource_path
from desktop_app.presenters.chat import ChatPresenter, Phase
from desktop_app.services.model_library import ModelLibrary
from desktop_app.settings.values import SettingsFile


def model_loading(camera: Camera, folder: Path) -> None:
    """A message waits for the model."""
    stage = Stage(camera, folder, script={"load_seconds": 120.0})
    try:
        stage.send("What did I write about attention?")
        stage.until(lambda: phase(stage) is Phase.WAITING_FOR_MODEL, "a waiting message")
        stage.until(lambda: stage.container.decoder.status.progress > 0, "progress of loading")
        stage.shoot("chat-model-loading", lasting=lambda: phase(stage) is Phase.WAITING_FOR_MODEL)
    finally:
        end(stage)


def reading(camera: Camera, folder: Path) -> None:
    """A long prompt is read."""
    stage = Stage(camera, folder, script={"slice_seconds": 1.0})
    try:
        decoder_ready(stage)
        stage.send(LONG_MESSAGE)
        presenter = stage.presenter(ChatPresenter)
        stage.until(lambda: phase(stage) is Phase.READING and presenter.activity.progress, "reading")
        stage.shoot("chat-reading", lasting=lambda: phase(stage) is Phase.READING)
    finally:
        end(stage)


def model_missing(camera: Camera, folder: Path) -> None:
    """The chosen file was moved away."""
    stage = Stage(camera, folder / "data", settings={"decoder.model_file": str(folder / "qwen3-4b-q4_k_m.gguf")})
    try:
        stage.screen("chat")
        stage.until(lambda: stage.presenter(ChatPresenter).model.error is not None, "the missing model")
        stage.shoot("chat-model-missing")
        stage.screen("models")
        stage.until(lambda: stage.desk.tasks.idle, "the model's card")
        stage.shoot("models-model-missing")
    finally:
        end(stage)


def template_failed(camera: Camera, folder: Path) -> None:
    """The file's chat template does not work; then the built-in one stands in its place."""
    starter = ModelLibrary(SettingsFile(folder / "none.toml", {}), resource_path("models", "catalogue.toml"))
    own_file = starter.decoder_path()
    own = (read_gguf_header(own_file).chat_template or "").encode()
    broken = folder / "notes-model-q4_1.gguf"
    folder.mkdir(parents=True, exist_ok=True)
    broken.write_bytes(own_file.read_bytes().replace(own, b"{% for %}".ljust(len(own))))
    stage = Stage(camera, folder / "data", settings={"decoder.model_file": str(broken)})
    try:
        decoder_ready(stage)
        presenter = stage.presenter(ChatPresenter)
        stage.send("What did I write about attention?")
        stage.until(lambda: presenter.problem is not None, "the failing template")
        stage.shoot("chat-template-failed")
        presenter.use_built_in_template()
        stage.until(lambda: bool(presenter.transcript.messages) and presenter.answers.running is None, "the answer")
        stage.screen("models")
        stage.until(lambda: stage.desk.tasks.idle, "the model's card")
        stage.shoot("models-built-in-template")
    finally:
        end(stage)


def crashed(camera: Camera, folder: Path) -> None:
    """The process dies in mid-answer; after the third time the model is set aside."""
    script: dict[str, object] = {"behaviour": "crash", "at": "write", "after_tokens": 24, "answer": ANSWER}
    stage = Stage(camera, folder, script=script)
    try:
        decoder_ready(stage)
        stage.send("What did I write about attention?")
        presenter = stage.presenter(ChatPresenter)
        stage.until(lambda: presenter.problem is not None, "the crash")
        stage.shoot("chat-crashed")
        for _ in range(4):
            if problem_code(presenter) == "model_quarantined":
                break
            crashes = stage.container.decoder.status.crashes
            presenter.retry_last()
            stage.until(partial(crashed_again, stage, presenter, crashes), "the next crash")
        stage.until(lambda: stage.container.decoder.status.phase is WorkerPhase.QUARANTINED, "the quarantine")
        stage.shoot("chat-quarantined")
        stage.screen("models")
        stage.until(lambda: stage.desk.tasks.idle, "the model's card")
        stage.shoot("models-quarantined")
    finally:
        end(stage)


def message_too_long(camera: Camera, folder: Path) -> None:
    """One message alone does not fit."""
    stage = Stage(camera, folder)
    try:
        decoder_ready(stage)
        screen, presenter = stage.screen("chat"), stage.presenter(ChatPresenter)
        screen.composer.set_draft(LONG_MESSAGE * 3)
        stage.until(lambda: presenter.meter.refuses(screen.composer.draft), "the refusal")
        stage.shoot("chat-message-too-long")
    finally:
        end(stage)


def context_boundary(camera: Camera, folder: Path) -> None:
    """The oldest messages have left the model's memory; what fills it; what came back for the last answer."""
    stage = Stage(camera, folder, script={"answer": ANSWER}, settings={"decoder.context_length": 512})
    try:
        decoder_ready(stage)
        screen, presenter = stage.screen("chat"), stage.presenter(ChatPresenter)
        stage.send("The recipe for my ink needs walnut husks and iron vitriol.")
        idle_after_answer(stage)
        fill_context(stage, presenter)
        presenter.window.set_pinned(presenter.transcript.messages[-1].id, True)
        stage.until(lambda: presenter.meter.meter is not None and presenter.meter.meter.pinned, "the pinned message")
        screen.meter.open_popup()
        popup = screen.meter.popup
        popup.rows[1].chosen.emit()
        stage.shoot("chat-context-popup", sheet=popup)
        popup.close()
        stage.send("What does the recipe for my ink need?")
        idle_after_answer(stage)
        screen.context.show_recalled_of_last()
        stage.until(lambda: screen.context.sheet is not None, "what was recalled")
        stage.shoot("chat-recalled", sheet=screen.context.sheet)
        screen.context.sheet.close()
        shoot_boundary(stage, 260, "chat-context-boundary")
    finally:
        end(stage)


def shoot_boundary(stage: Stage, room_above: int, name: str) -> None:
    """The place where the memory begins, with so many pixels of what is before."""
    chat = stage.container.chat.get(stage.presenter(ChatPresenter).conversation_id or 0)
    stage.screen("chat").transcript.go_to((chat.memory_start_id, room_above))
    stage.shoot(name)


def context_summary(camera: Camera, folder: Path) -> None:
    """A summary stands in place of the oldest messages."""
    settings = {"decoder.context_length": 512, "decoder.when_full": "summarise"}
    stage = Stage(camera, folder, script={"answer": ANSWER}, settings=settings)
    try:
        decoder_ready(stage)
        presenter = stage.presenter(ChatPresenter)
        fill_context(stage, presenter)
        stage.until(lambda: presenter.transcript.summary is not None, "the summary")
        shoot_boundary(stage, 80, "chat-context-summary")
    finally:
        end(stage)


def context_full(camera: Camera, folder: Path) -> None:
    """A full chat asks what to do; so does an edit for which it has no room."""
    settings = {"decoder.context_length": 512, "decoder.when_full": "ask"}
    stage = Stage(camera, folder, script={"answer": ANSWER}, settings=settings)
    try:
        decoder_ready(stage)
        presenter = stage.presenter(ChatPresenter)
        fill_context(stage, presenter)
        stage.until(lambda: problem_code(presenter) == "context_full", "the question")
        stage.shoot("chat-context-full")
        stage.screen("chat").composer.set_draft("")
        presenter.set_draft("")
        question = next(each.id for each in reversed(presenter.transcript.messages) if each.role is Role.USER)
        presenter.branches.begin_edit(question)
        presenter.branches.set_text(question, "And what did I write about ink? " * 30)
        presenter.branches.submit_edit(question)
        stage.until(lambda: getattr(presenter.branches.edit_of(question), "error", None), "the refused edit")
        stage.screen("chat").transcript.go_to((question, 0))
        stage.shoot("chat-edit-full")
    finally:
        end(stage)


CHAT_STATE_SCENES = (
    model_loading,
    reading,
    model_missing,
    template_failed,
    crashed,
    message_too_long,
    context_boundary,
    context_summary,
    context_full,
)


# What these scenes share ------------------------------------------------------------------------


def phase(stage: Stage) -> Phase:
    """Where the answer stands."""
    return stage.presenter(ChatPresenter).activity.phase


def idle_after_answer(stage: Stage) -> None:
    """Wait for the end of the answer under way."""
    presenter = stage.presenter(ChatPresenter)
    stage.until(
        lambda: phase(stage) is Phase.IDLE and presenter.transcript.messages[-1:] and stage.desk.tasks.idle,
        "the answer",
    )


def problem_code(presenter: ChatPresenter) -> str:
    """The code of what keeps the chat from going on."""
    error: InkwellError | None = presenter.problem or presenter.model.error
    return error.code if error is not None else ""


def crashed_again(stage: Stage, presenter: ChatPresenter, crashes: int) -> bool:
    """True once there are more crashes than before, or the model is set aside, and the chat says so."""
    status = stage.container.decoder.status
    more = status.crashes > crashes or status.phase is WorkerPhase.QUARANTINED
    return more and presenter.problem is not None and phase(stage) is Phase.IDLE


def fill_context(stage: Stage, presenter: ChatPresenter) -> None:
    """Ask until the oldest messages leave, or it is asked what to do."""
    for number in range(30):
        stage.send(f"Question {number + 1}: " + "and what else did I write about attention? " * 4)
        stage.until(lambda: phase(stage) is Phase.IDLE, "the end of the answer")
        if memory_moved(stage, presenter) or problem_code(presenter):
            return
    raise StageError("the context did not fill")


def memory_moved(stage: Stage, presenter: ChatPresenter) -> bool:
    """True once the model no longer sees the whole chat."""
    chat_id = presenter.conversation_id
    return chat_id is not None and stage.container.chat.get(chat_id).memory_start_id is not None
