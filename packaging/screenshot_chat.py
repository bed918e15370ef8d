"""Scenes of what a chat carries and keeps to: presets, its own settings, a refused answer format, files, reasoning."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from screenshot_notes import fill
from screenshot_stage import SIZES, Camera, Stage, decoder_ready, end

from desktop_app.domain.notes import NoteFilter
from desktop_app.presenters.chat import ChatPresenter, Phase
from desktop_app.presenters.note_editor import NoteEditorPresenter
from desktop_app.presenters.presets import PresetsPresenter
from desktop_app.ui.chat.answer_format import AnswerFormatDialog
from desktop_app.ui.chat.chat_settings_sheet import ChatSettingsSheet
from desktop_app.ui.chat.preset_sheet import PresetSheet
from desktop_app.ui.chat.sources_pane import PassageCard, SourcesPane

T = TypeVar("T", bound=QWidget)

_SCHEMA = '{\n  "type": "object",\n  "properties": {"age": {"type": "integer", "minimum": 0}}\n}'
_FROM_NOTES = (
    "You noted that attention lets a model focus on the parts of the input that are relevant to one another [1]. In a "
    "decoder the self-attention layer masks future positions, so that it only attends to earlier ones [2]."
)
_THINKING = (
    "<think>They ask for the ink of old letters. Iron gall ink it was, mostly. I should say what is in it.</think>"
    "Old letters were mostly written with **iron gall ink**: oak galls, iron sulphate, gum arabic and water."
)


def chat_presets(camera: Camera, folder: Path) -> None:
    """The list of presets, a chat that changes what its preset says, and a schema that no grammar can enforce."""
    stage = Stage(camera, folder, prepare=fill)
    try:
        decoder_ready(stage)
        presets, actions = stage.presenter(PresetsPresenter), stage.desk.actions
        actions["chat.new"].trigger()
        actions["chat.preset"].trigger()
        sheet = _of_kind(stage, PresetSheet)
        stage.until(lambda: sheet.list.count() > 6 and stage.desk.tasks.idle, "the presets")
        stage.shoot("chat-presets", sheet=sheet)
        sheet.hide()
        presets.pick(next(each for each in presets.matching("") if each.name == "Letter and e-mail"))
        stage.until(lambda: presets.choices.preset_name and stage.desk.tasks.idle, "the preset")
        presets.set("sampling.temperature", 1.3)
        stage.until(lambda: list(presets.choices.changed()) and stage.desk.tasks.idle, "the change")
        actions["chat.settings"].trigger()
        settings = _of_kind(stage, ChatSettingsSheet)
        stage.shoot("chat-settings", sheet=settings)
        settings.hide()
        actions["chat.format"].trigger()
        form = _of_kind(stage, AnswerFormatDialog)
        form.kind.choose("json_schema")
        form.text.setPlainText(_SCHEMA)
        form.save.click()
        stage.until(form.error.isVisible, "the refusal")
        stage.shoot("chat-answer-format-refused", sheet=form)
    finally:
        end(stage)


def chat_attachments(camera: Camera, folder: Path) -> None:
    """Files and a note go with a message; one file has no text. Then the notes that “@” offers."""
    stage = Stage(camera, folder / "data", prepare=fill)
    try:
        decoder_ready(stage)
        screen, presenter = stage.screen("chat"), stage.presenter(ChatPresenter)
        log, scan = folder / "lighthouse-log.txt", folder / "scan.pdf"
        log.write_text("The lamp was wound at nine. " * 80, encoding="utf-8")
        scan.write_bytes(b"%PDF-1.4\nno document at all")
        carried = presenter.attachments
        carried.add_files([log, scan])
        carried.add_note(stage.container.notes.list_notes(NoteFilter())[0].id)
        stage.until(lambda: len(carried.chips) == 3 and not carried.is_reading, "the files")
        screen.composer.set_draft("What does the log say of the lamp?")
        presenter.set_draft(screen.composer.draft)
        stage.until(lambda: stage.desk.tasks.idle, "the meter")
        stage.shoot("chat-attachments")
        stage.press(screen.composer.edit, Qt.Key.Key_Return)
        stage.until(lambda: presenter.activity.phase is Phase.IDLE and len(presenter.transcript.messages) == 2, "it")
        stage.shoot("chat-attachments-sent")
        stage.write(screen.composer.edit, "Compare it with @at")
        stage.until(screen.composer.completer.isVisible, "the notes")
        stage.shoot("chat-note-completion")
    finally:
        end(stage)


def chat_from_notes(camera: Camera, folder: Path) -> None:
    """An answer from passages of notes with its sources, one of them opened, and a question that they do not hold."""
    stage = Stage(camera, folder, script={"answer": _FROM_NOTES, "token_seconds": 0.0}, prepare=fill)
    try:
        decoder_ready(stage)
        screen, presenter = stage.screen("chat"), stage.presenter(ChatPresenter)
        stage.container.session.ensure_encoder()
        stage.container.search_parts.indexing.run()
        stage.desk.actions["chat.notes"].trigger()
        stage.until(lambda: screen.composer.notes_button.isChecked() and stage.desk.tasks.idle, "the switch")
        stage.shoot("chat-notes-on")
        stage.send("What did I write about attention, and which positions does a decoder mask?")
        stage.until(lambda: presenter.activity.phase is Phase.IDLE and len(presenter.transcript.messages) == 2, "it")
        stage.shoot("chat-from-notes")
        stage.desk.actions["chat.sources"].trigger()
        stage.until(lambda: stage.window.findChildren(PassageCard), "the passages")
        stage.until(lambda: stage.desk.tasks.idle, "the passages are read")
        shoot_sources(stage)
        stage.press(stage.window.findChildren(PassageCard)[0], Qt.Key.Key_Return)
        stage.until(lambda: stage.desk.screens.findChild(NoteEditorPresenter) is not None, "the notes")
        editor = stage.presenter(NoteEditorPresenter)
        stage.until(lambda: editor.note is not None and stage.desk.tasks.idle, "the note")
        stage.shoot("chat-passage-in-note")
        stage.screen("chat").on_escape()
        stage.send("Which vaccines need a cold chain?")
        stage.until(lambda: presenter.problem is not None, "the refusal")
        stage.shoot("chat-nothing-in-notes")
    finally:
        end(stage)


def shoot_sources(stage: Stage) -> None:
    """The pane beside the messages, and over them where there is less room: there it is closed at first."""
    pane = stage.window.findChildren(SourcesPane)[0]
    wide, narrow = SIZES
    stage.shoot("chat-sources", sizes=[wide], lasting=pane.isVisible)
    stage.window.resize(*narrow)
    stage.until(lambda: not pane.isVisible(), "the room of the messages")
    stage.desk.actions["chat.sources"].trigger()
    stage.shoot("chat-sources", sizes=[narrow], lasting=pane.isVisible)


def chat_reasoning(camera: Camera, folder: Path) -> None:
    """What a model thought stands folded above its answer, and opens."""
    stage = Stage(camera, folder, script={"answer": _THINKING})
    try:
        decoder_ready(stage)
        presenter = stage.presenter(ChatPresenter)
        stage.send("What were old letters written with?")
        stage.until(lambda: presenter.activity.phase is Phase.IDLE and len(presenter.transcript.messages) == 2, "it")
        stage.shoot("chat-reasoning")
    finally:
        end(stage)


def _of_kind(stage: Stage, kind: type[T]) -> T:
    """The open sheet of that kind."""
    stage.until(lambda: any(each.isVisible() for each in stage.window.findChildren(kind)), kind.__name__)
    return next(each for each in stage.window.findChildren(kind) if each.isVisible())
