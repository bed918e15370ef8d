"""Photographs every screen and every state of the real window, light and dark, at 1440×900 and 1000×640.

    python packaging/screenshots.py [FOLDER] [--only SCENE …] [--list]

The starter models answer, except where a state needs a process that misbehaves or waits: there the scripted worker
does. Ends with 1, naming the scenes, when a state could not be reached; the other pictures are written all the same.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import Qt  # noqa: E402
from PySide6.QtWidgets import QApplication, QDialog  # noqa: E402
from screenshot_attachments import note_pictures  # noqa: E402
from screenshot_chat import chat_attachments, chat_from_notes, chat_presets, chat_reasoning  # noqa: E402
from screenshot_chat_states import CHAT_STATE_SCENES, idle_after_answer, phase  # noqa: E402
from screenshot_insight import INSIGHT_SCENES  # noqa: E402
from screenshot_note_states import NOTE_STATE_SCENES  # noqa: E402
from screenshot_notebook import (  # noqa: E402
    notes_beside,
    notes_both,
    notes_completion,
    notes_history,
    notes_links,
    notes_merge,
    notes_rename_links,
    notes_rewrite,
    notes_spelling,
)
from screenshot_notes import (  # noqa: E402
    ANSWER,
    CHATGPT_EXPORT,
    QUESTION_FOR_LONG_ANSWER,
    QUESTION_WITH_CODE,
    fill,
    fill_chats,
)
from screenshot_properties import properties_edited  # noqa: E402
from screenshot_search import (  # noqa: E402
    indexing,
    search,
    search_chats,
    search_corrections,
    search_likeness,
    search_operators,
    search_places,
    search_weaker,
    search_why,
)
from screenshot_stage import Camera, Stage, StageError, decoder_ready, end  # noqa: E402
from screenshot_vaults import linked_folders  # noqa: E402
from screenshot_writing import base_model, free_writing, free_writing_empty, free_writing_temporary  # noqa: E402

from desktop_app.domain.errors import DiskFullError, InkwellError  # noqa: E402
from desktop_app.domain.notes import Note  # noqa: E402
from desktop_app.presenters.chat import ChatPresenter, Phase  # noqa: E402
from desktop_app.presenters.data_folder import DataJob, DataPresenter, JobPhase  # noqa: E402
from desktop_app.presenters.note_editor import NoteEditorPresenter  # noqa: E402
from desktop_app.presenters.notes import NotesPresenter  # noqa: E402
from desktop_app.presenters.save_state import SaveKind  # noqa: E402
from desktop_app.settings.schema import Section  # noqa: E402
from desktop_app.ui.chat.answer_format import AnswerFormatDialog  # noqa: E402
from desktop_app.ui.chat.chat_files import ChatFiles  # noqa: E402
from desktop_app.ui.chat.deleted_sheet import DeletedSheet  # noqa: E402

DEFAULT_FOLDER = ROOT / "screenshots"


@dataclass(frozen=True, slots=True)
class Scene:
    """One data folder and window, and the pictures taken of it."""

    name: str
    play: Callable[[Camera, Path], None]


SCENES: list[Scene] = []


def scene(play: Callable[[Camera, Path], None]) -> Callable[[Camera, Path], None]:
    """Enter a function in the list of scenes, under its name."""
    SCENES.append(Scene(play.__name__, play))
    return play


# With the real models ---------------------------------------------------------------------------


@scene
def first_start(camera: Camera, folder: Path) -> None:
    """Nothing there yet but the welcome notes; then a quick note, the palette and the shortcuts."""
    stage = Stage(camera, folder)
    try:
        decoder_ready(stage)
        stage.until(stage.container.note_parts.welcome.present, "welcome notes")
        stage.shoot("first-start")
        sheet = stage.window.open_quick_note()
        stage.write(sheet.editor, "Ask Ada about the ink")
        stage.shoot("quick-note", sheet=sheet)
        sheet.editor.clear()
        sheet.hide()
        palette = stage.window.open_palette()
        stage.write(palette.field, "search")
        stage.until(lambda: palette.list.count() > 3 and stage.desk.tasks.idle, "names found")
        stage.shoot("palette", sheet=palette)
        palette.hide()
        stage.shoot("shortcuts", sheet=stage.window.open_shortcuts())
    finally:
        end(stage)


@scene
def chat(camera: Camera, folder: Path) -> None:
    """The starter writes, is stopped, and writes to the end."""
    stage = Stage(camera, folder, prepare=fill)
    try:
        decoder_ready(stage)
        stage.send(QUESTION_WITH_CODE)
        idle_after_answer(stage)
        stage.shoot("chat")
        stage.send(QUESTION_FOR_LONG_ANSWER)
        writing(stage)
        stage.shoot("chat-streaming", lasting=lambda: phase(stage) is Phase.WRITING)
        stage.press(stage.screen("chat").composer.edit, Qt.Key.Key_Escape)
        idle_after_answer(stage)
        stage.shoot("chat-stopped")
    finally:
        end(stage)


@scene
def chat_versions(camera: Camera, folder: Path) -> None:
    """A message edited in its place, its versions, and a temporary chat that is left."""
    stage = Stage(camera, folder, settings={"decoder.max_answer_tokens": 48})
    try:
        decoder_ready(stage)
        presenter = stage.presenter(ChatPresenter)
        stage.send("What is iron gall ink made of?")
        idle_after_answer(stage)
        question = presenter.transcript.messages[0].id
        presenter.branches.begin_edit(question)
        presenter.branches.set_text(question, "What is iron gall ink made of, in one sentence?")
        stage.shoot("chat-edit-message")
        presenter.branches.submit_edit(question)
        idle_after_answer(stage)
        stage.until(lambda: presenter.transcript.version_of(presenter.transcript.messages[0].id), "the versions")
        stage.shoot("chat-versions")
        presenter.branches.begin_edit(presenter.transcript.messages[-1].id)
        stage.shoot("chat-edit-answer")
        presenter.branches.leave_edit(presenter.transcript.messages[-1].id)
        presenter.branches.delete(presenter.transcript.messages[-1].id)
        stage.until(lambda: len(presenter.transcript.messages) == 1, "the deletion")
        stage.screen("chat").messages.show_deleted()
        sheet = stage.window.findChildren(DeletedSheet)[0]
        stage.until(sheet.list.isVisible, "the list")
        stage.shoot("chat-deleted", sheet=sheet)
        sheet.hide()
        presenter.new_chat(temporary=True)
        stage.send("Between us: what is a good gift for a calligrapher?")
        idle_after_answer(stage)
        stage.shoot("chat-temporary")
        presenter.new_chat()
        stage.until(lambda: dialogs(stage), "the question")
        stage.shoot("chat-temporary-leave", sheet=dialogs(stage)[0])
        dialogs(stage)[0].reject()
    finally:
        end(stage)


@scene
def organised_chats(camera: Camera, folder: Path) -> None:
    """Pinned and filed chats, words found in messages and in the open chat, a question that waits, and the trash."""
    stage = Stage(camera, folder, script={"answer": ANSWER, "token_seconds": 0.4}, prepare=fill_chats)
    try:
        decoder_ready(stage)
        screen, presenter = stage.screen("chat"), stage.presenter(ChatPresenter)
        chats, actions = presenter.chats, stage.desk.actions
        stage.until(lambda: chats.is_loaded and stage.desk.tasks.idle, "the list")
        presenter.open(next(each.id for each in chats.conversations if each.pinned_at is None))
        stage.until(lambda: presenter.transcript.messages, "the chat")
        stage.shoot("chat-organised")
        stage.write(screen.pane.filter, "gall ink")
        stage.until(lambda: chats.is_current and chats.hits, "words in messages")
        stage.shoot("chat-found")
        screen.pane.show_all()
        actions["chat.find"].trigger()
        stage.write(screen.finding.bar.line, "ink")
        stage.until(lambda: presenter.find.total, "places in the chat")
        stage.shoot("chat-find")
        screen.finding.bar.close_bar()
        stage.send("And how is it kept from the light?")
        stage.until(lambda: phase(stage) is Phase.WRITING, "an answer")
        presenter.open(chats.conversations[-1].id)
        stage.until(lambda: phase(stage) is Phase.ELSEWHERE, "another chat")
        stage.send("What did Ada say about paper?")
        stage.until(lambda: presenter.activity.queued, "a question that waits")
        stage.shoot("chat-waiting", lasting=lambda: bool(presenter.activity.queued))
        presenter.withdraw()
        presenter.stop()
        stage.until(lambda: phase(stage) is Phase.IDLE and stage.desk.tasks.idle, "the end of the answer")
        actions["chat.show_trash"].trigger()
        stage.until(lambda: chats.conversations and stage.desk.tasks.idle, "the trash")
        presenter.open(chats.conversations[0].id)
        stage.until(screen.organising.trash_bar.isVisible, "the chat in the trash")
        stage.shoot("chat-trash")
    finally:
        end(stage)


@scene
def sampling(camera: Camera, folder: Path) -> None:
    """The answer format of a chat, an answer in it, and its tokens."""
    stage = Stage(camera, folder, prepare=fill)
    try:
        decoder_ready(stage)
        stage.desk.actions["chat.new"].trigger()
        stage.desk.actions["chat.format"].trigger()
        stage.until(lambda: dialogs(stage), "the answer format")
        form = dialogs(stage)[-1]
        assert isinstance(form, AnswerFormatDialog)
        form.kind.choose("json_schema")
        stage.shoot("chat-answer-format", sheet=form)
        form.save.click()
        stage.until(lambda: not dialogs(stage) and stage.desk.tasks.idle, "the format is kept")
        stage.send("Describe a lighthouse.")
        idle_after_answer(stage)
        stage.shoot("chat-json")
        stage.desk.actions["chat.tokens"].trigger()
        stage.until(lambda: dialogs(stage) and stage.desk.tasks.idle, "the tokens")
        stage.shoot("chat-tokens", sheet=dialogs(stage)[-1])
    finally:
        end(stage)


@scene
def chat_import(camera: Camera, folder: Path) -> None:
    """Chats of another program come in; a file that is cut off does not."""
    stage = Stage(camera, folder / "data", prepare=fill)
    try:
        files = stage.screen("chat").findChild(ChatFiles)
        export, cut = folder / "conversations.json", folder / "download.json"
        export.write_text(json.dumps(CHATGPT_EXPORT), encoding="utf-8")
        cut.write_text(json.dumps(CHATGPT_EXPORT)[:200], encoding="utf-8")
        files.import_files([export, cut])
        stage.until(lambda: files.sheet is not None and "Imported" in files.sheet.title.text(), "the report")
        stage.shoot("chat-import-report", sheet=files.sheet)
    finally:
        end(stage)


for of_chat in (chat_presets, chat_attachments, chat_from_notes, chat_reasoning):
    scene(of_chat)

for of_search in (
    search,
    indexing,
    search_operators,
    search_corrections,
    search_chats,
    search_places,
    search_weaker,
    search_why,
    search_likeness,
):
    scene(of_search)


@scene
def notes(camera: Camera, folder: Path) -> None:
    """Writing, reading, and the report of an import with files that cannot be read."""
    stage = Stage(camera, folder / "data", prepare=fill)
    try:
        screen = stage.screen("notes")
        presenter, editor = stage.presenter(NotesPresenter), stage.presenter(NoteEditorPresenter)
        stage.until(lambda: presenter.model.rows, "the list")
        open_note(stage, editor, "Attention")
        stage.shoot("notes")
        screen.view.set_mode("read")
        stage.shoot("notes-read")
        papers = folder / "Papers"
        papers.mkdir()
        for number in range(12):
            (papers / f"paper-{number}.md").write_text(f"# Paper {number}\n\nOn ink.\n", encoding="utf-8")
        (papers / "old-letter.txt").write_bytes("Grüße aus Köln".encode("latin-1"))
        (papers / "locked.md").symlink_to(folder / "nowhere.md")
        (papers / "page.html").write_text("<h1>On paper</h1><p>It was made of <b>rags</b>.", encoding="utf-8")
        (papers / "picture.png").write_bytes(b"")
        for name in ("letters.docx", "ledgers.docx"):
            (papers / name).write_text("no document at all", encoding="utf-8")
        presenter.import_paths([papers])
        stage.until(lambda: dialogs(stage), "the report")
        stage.shoot("notes-import-report", sheet=dialogs(stage)[0])
    finally:
        end(stage)


@scene
def models_and_settings(camera: Camera, folder: Path) -> None:
    """Both models, and the pages of the settings."""
    stage = Stage(camera, folder)
    try:
        decoder_ready(stage)
        stage.screen("models")
        stage.until(lambda: stage.desk.tasks.idle, "hashes checked")
        stage.shoot("models")
        screen = stage.screen("settings")
        for section in (Section.GENERATION, Section.APPEARANCE):
            screen.show_page(section.value)
            stage.shoot(f"settings-{section.value.lower()}")
    finally:
        end(stage)


@scene
def restored_backup(camera: Camera, folder: Path) -> None:
    """A backup is made and put back."""
    stage = Stage(camera, folder, prepare=fill)
    try:
        decoder_ready(stage)
        stage.screen("settings").start_job(DataJob.BACK_UP)
        data = stage.presenter(DataPresenter)
        stage.until(lambda: data.state(DataJob.BACK_UP).phase is JobPhase.DONE, "the backup")
        data.restore(stage.container.backups.list_backups()[0].path)
        stage.until(lambda: data.state(DataJob.RESTORE).phase is JobPhase.DONE, "the restored backup")
        stage.shoot("settings-restored-backup")
    finally:
        end(stage)


for of_a_state in CHAT_STATE_SCENES:
    scene(of_a_state)


@scene
def disk_full(camera: Camera, folder: Path) -> None:
    """A note cannot be saved; its text stays in the editor."""
    stage = Stage(camera, folder, prepare=fill)
    try:
        screen = stage.screen("notes")
        presenter, editor = stage.presenter(NotesPresenter), stage.presenter(NoteEditorPresenter)
        stage.until(lambda: presenter.model.rows, "the list")
        open_note(stage, editor, "Bread")

        def full(*_arguments: object, **_values: object) -> Note:
            raise DiskFullError(
                "The note is not saved.", "There is no space left on the disk.", "Free some space; then it is saved."
            )

        stage.container.notes.save = full  # type: ignore[method-assign]
        stage.write(screen.view.editor, "A pinch of sugar. ")
        stage.until(lambda: editor.state.kind is SaveKind.FAILED, "the failed save")
        stage.shoot("notes-disk-full")
        del stage.container.notes.save
    finally:
        end(stage)


NOTEBOOK_SCENES = (
    notes_both,
    notes_links,
    notes_completion,
    notes_rename_links,
    notes_rewrite,
    notes_history,
    notes_merge,
    notes_beside,
    note_pictures,
    linked_folders,
    notes_spelling,
    properties_edited,
)
WRITING_SCENES = (free_writing, free_writing_empty, free_writing_temporary, base_model)
for of_elsewhere in (*WRITING_SCENES, *NOTEBOOK_SCENES, *NOTE_STATE_SCENES, *INSIGHT_SCENES):
    scene(of_elsewhere)


# What scenes share ------------------------------------------------------------------------------


def writing(stage: Stage) -> None:
    """Wait for some text of an answer."""
    presenter, chats = stage.presenter(ChatPresenter), stage.container.chat

    def has_text() -> bool:
        chat_id = presenter.conversation_id
        return chat_id is not None and len(chats.messages(chat_id, limit=1)[-1].text) > 200

    stage.until(lambda: phase(stage) is Phase.WRITING and has_text(), "text of an answer")


def open_note(stage: Stage, editor: NoteEditorPresenter, title: str) -> None:
    """Open a note by its title."""
    row = next(row for row in stage.presenter(NotesPresenter).model.rows if row.title == title)
    stage.desk.shell.show_note(row.id)
    stage.until(lambda: editor.note is not None and editor.note.id == row.id, f"the note {title}")
    stage.until(lambda: stage.desk.tasks.idle, "a quiet moment")


def dialogs(stage: Stage) -> list[QDialog]:
    """Dialogs that are open over the window."""
    return [dialog for dialog in stage.window.findChildren(QDialog) if dialog.isVisible()]


def main(arguments: Sequence[str]) -> int:
    """Take the pictures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, default=DEFAULT_FOLDER)
    parser.add_argument("--only", nargs="+", metavar="SCENE", choices=[scene.name for scene in SCENES])
    parser.add_argument("--list", action="store_true", help="name the scenes")
    options = parser.parse_args(arguments)
    if options.list:
        print("\n".join(scene.name for scene in SCENES))
        return 0
    folder: Path = options.folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    app = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(app, QApplication)
    app.setQuitOnLastWindowClosed(False)
    camera = Camera(folder, app)
    missed: list[str] = []
    for one in SCENES:
        if options.only and one.name not in options.only:
            continue
        began = time.monotonic()
        with tempfile.TemporaryDirectory(prefix="inkwell-scene-") as name:
            try:
                one.play(camera, Path(name))
                print(f"{one.name}: {time.monotonic() - began:.1f} s", flush=True)
            except (StageError, InkwellError) as error:
                missed.append(one.name)
                print(f"{one.name}: {error}", file=sys.stderr, flush=True)
    print(f"{len(camera.taken)} pictures in {folder}")
    if missed:
        print(f"not reached: {', '.join(missed)}", file=sys.stderr)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
