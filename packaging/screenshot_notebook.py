"""Scenes of links between notes."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtGui import QContextMenuEvent, QTextCursor
from PySide6.QtWidgets import QApplication, QMenu
from screenshot_notes import fill
from screenshot_stage import Camera, Stage, end

from desktop_app.app.container import Container
from desktop_app.domain.notes import NoteFilter
from desktop_app.domain.text_rewriting import RewriteTask
from desktop_app.presenters.note_editor import NoteEditorPresenter
from desktop_app.presenters.note_links import NoteLinksPresenter
from desktop_app.presenters.notes import NotesPresenter
from desktop_app.presenters.save_state import SaveKind
from desktop_app.ui.chat.message_text import MarkdownText
from desktop_app.ui.notes.live_preview import LivePreview
from desktop_app.ui.notes.merge_dialog import MergeDialog
from desktop_app.ui.notes.rename_dialog import RenameDialog
from desktop_app.ui.notes.versions_dialog import VersionsDialog
from desktop_app.ui.widgets import Banner

SIDE_BY_SIDE = """# Attention, worked through

Read on Monday,
to be *told* on Friday.

For a query $q$ and keys $k_i$ the weights are a **softmax** over scaled products:

$$
a_i = \\frac{e^{q k_i / \\sqrt{d}}}{\\sum_j e^{q k_j / \\sqrt{d}}}
$$

| model | reads | masked |
|---|---|:-:|
| decoder | to the left | yes |
| encoder | both sides | no |

- [x] derive the gradient
- [ ] compare with [[GPT]]

```python
def weights(q, keys, d):
    scores = [dot(q, k) / d ** 0.5 for k in keys]
    return softmax(scores)  # sums to one
```

> The square of the length
> is what makes a long context dear.
"""

LINKED = (
    (
        "Gen AI",
        "# Sequence models\n\nBefore the [[Transformer]] came recurrent networks; [[GPT#Context window|the window]] "
        "of a decoder and [[BERT]] came after it. Still to write: [[Mixture of experts]].\n\n"
        "| model | reads | note |\n|---|---|---|\n| decoder | to the left | [[GPT]] |\n"
        "| encoder | both sides | [[BERT]] |\n\n"
        "- [x] compare [[Attention]] with recurrence\n- [ ] look at [[State spaces|state space models]]\n",
    ),
    ("Gen AI", "# Reading list\n\nFirst the paper on [[Attention]], then what [[GPT]] made of it.\n"),
    ("Work", "# Talk about models\n\nTwenty minutes: [[Gen AI/Attention#In a decoder]], and a demo with [[GPT]].\n"),
)


def fill_linked(container: Container) -> None:
    """The usual notes, and some that link to them."""
    fill(container)
    for folder, text in LINKED:
        container.notes.create(folder, text)


def notes_rewrite(camera: Camera, folder: Path) -> None:
    """A paragraph as the chat model would rewrite it, with what would change; then it is taken over."""
    text = (
        "# Talk\n\nThe thing with attention is basicly that the model, when it is reading a sentence, it looks at all "
        "of the other words and then weighs, which of them matters the most.\n"
    )
    better = "With attention, a model that reads a sentence looks at all the other words and weighs which matter most."

    def prepare(container: Container) -> None:
        fill(container)
        container.notes.create("Work", text)

    stage = Stage(camera, folder, script={"answer": better}, prepare=prepare)
    try:
        screen = stage.screen("notes")
        presenter, editor = stage.presenter(NotesPresenter), stage.presenter(NoteEditorPresenter)
        stage.until(lambda: presenter.model.rows, "the notes")
        screen.open_note(
            next(each.id for each in stage.container.notes.list_notes(NoteFilter()) if each.title == "Talk")
        )
        stage.until(lambda: editor.note is not None and editor.note.title == "Talk", "the note")
        written = screen.desk.active.view.editor
        stage.until(lambda: not written.loading and stage.desk.tasks.idle, "its text")
        cursor = written.textCursor()
        cursor.setPosition(written.toPlainText().index("The thing"))
        written.setTextCursor(cursor)
        stage.desk.actions["note.rewrite"].trigger()
        sheet = screen.desk.active.rewriting.sheet
        stage.shoot("notes-rewrite-asked", sheet=sheet)
        sheet.tasks[RewriteTask.CLEARER].click()
        stage.until(sheet.replace_button.isEnabled, "the rewriting")
        stage.shoot("notes-rewrite", sheet=sheet)
        sheet.replace_button.click()
        stage.shoot("notes-rewrite-taken-over")
    finally:
        end(stage)


def notes_both(camera: Camera, folder: Path) -> None:
    """The text and how it reads, side by side; the code in its colours in both."""

    def prepare(container: Container) -> None:
        fill(container)
        container.notes.create("Gen AI", SIDE_BY_SIDE)

    stage = Stage(camera, folder, prepare=prepare)
    try:
        screen, _links = _notes(stage)
        _open(stage, "Attention, worked through")
        stage.desk.actions["note.both"].trigger()
        preview = screen.view.preview
        stage.until(lambda: screen.view.mode == "both" and preview.is_complete, "the rendering")
        stage.until(lambda: any("\ufffc" in part.toPlainText() for part in _texts(preview)), "the formulas")
        stage.shoot("notes-both")
        screen.view.set_mode("read")
        stage.desk.actions["note.find"].trigger()
        bar = screen.view.read_find_bar
        bar.line.setText("the")
        stage.until(lambda: bar.is_done and " of " in bar.count.text(), "the places")
        stage.shoot("notes-find-read")
        bar.close_bar()
        stage.shoot("notes-read")
        screen.view.set_mode("both")
        editor = screen.view.editor
        editor.moveCursor(QTextCursor.MoveOperation.End)
        editor.insertPlainText("1. [x] read\n2. [ ] write\n3. think\n\n")
        stage.write(editor, "About #cod")
        tags = screen.links.tag_completer
        stage.until(lambda: tags.isVisible() and preview.is_complete, "the tags")
        saving = stage.presenter(NoteEditorPresenter)
        stage.until(lambda: saving.state.kind is SaveKind.SAVED, "the save")
        stage.shoot("notes-tag-completion", lasting=tags.isVisible)
    finally:
        end(stage)


MISSPELLED = """# Iron gall ink

Oak galls give tannic acid, iron sulphate darkens it, and gum arabic keeps the pigment in the watter. Ada says that
the best ink is made in autum, when the galls are ripe. See [[Paper]] and `galls --boil`.

- crush the galls
- simmer for an hour, never boil it vigorusly
"""


def notes_spelling(camera: Camera, folder: Path) -> None:
    """Words that no dictionary knows, and what may have been meant; then the settings."""

    def prepare(container: Container) -> None:
        fill(container)
        container.notes.create("Recipes", MISSPELLED)
        wrong = {"watter", "autum", "vigorusly"}
        words = set(re.findall(r"[A-Za-z]+", MISSPELLED)) - wrong | {"water", "autumn", "vigorously", "waiter"}
        container.paths.dictionaries.mkdir()
        lines = [str(len(words)), *sorted(words)]
        (container.paths.dictionaries / "en_US.aff").write_text("SET UTF-8\nTRY esianrtolcdugmphbyfvkw\n")
        (container.paths.dictionaries / "en_US.dic").write_text("\n".join(lines) + "\n")

    stage = Stage(camera, folder, prepare=prepare, settings={"notes.spelling_languages": "en_US"})
    try:
        screen, _links = _notes(stage)
        _open(stage, "Iron gall ink")
        editor = screen.view.editor
        stage.until(lambda: len(editor.extraSelections()) == 3, "the marks")
        stage.shoot("notes-spelling")
        cursor = editor.document().find("watter")
        cursor.setPosition(cursor.selectionStart() + 2)
        editor.setTextCursor(cursor)
        place = editor.cursorRect().center()
        reason = QContextMenuEvent.Reason.Keyboard
        QApplication.sendEvent(
            editor.viewport(), QContextMenuEvent(reason, place, editor.viewport().mapToGlobal(place))
        )
        menu = next(one for one in editor.findChildren(QMenu) if one.isVisible())
        stage.until(lambda: any(action.text() == "water" for action in menu.actions()), "the suggestions")
        camera.save(menu.grab(), "notes-spelling-menu")
        menu.close()
        stage.desk.actions["settings.data"].trigger()
        stage.until(lambda: stage.desk.tasks.idle, "the settings")
        stage.shoot("settings-spelling")
    finally:
        end(stage)


def _texts(preview: LivePreview) -> list[MarkdownText]:
    return preview.findChildren(MarkdownText)


def notes_links(camera: Camera, folder: Path) -> None:
    """Links in a note that is written and read, and what links to a note."""
    stage = Stage(camera, folder, prepare=fill_linked)
    try:
        screen, links = _notes(stage)
        _open(stage, "Sequence models")
        stage.until(lambda: links.about.missing, "the links to nothing")
        stage.shoot("notes-links")
        screen.view.set_mode("read")
        stage.shoot("notes-links-read")
        screen.view.set_mode("write")
        _open(stage, "Attention")
        stage.desk.actions["note.about"].trigger()
        stage.until(lambda: len(links.about.backlinks) == 3, "the backlinks")
        stage.shoot("notes-outline")
        screen.links.pane.show_tab("links")
        stage.shoot("notes-backlinks")
    finally:
        end(stage)


def notes_completion(camera: Camera, folder: Path) -> None:
    """A link while it is typed: titles, then headings."""
    stage = Stage(camera, folder, prepare=fill_linked)
    try:
        screen, _ = _notes(stage)
        editor = stage.presenter(NoteEditorPresenter)
        _open(stage, "Reading list")
        screen.view.editor.moveCursor(QTextCursor.MoveOperation.End)
        for typed, name in (("Then [[t", "notes-completion"), ("#", "notes-completion-headings")):
            if typed == "#":
                stage.press(screen.view.editor, Qt.Key.Key_Escape)
                stage.write(screen.view.editor, "]] and [[attention")
            stage.write(screen.view.editor, typed)
            stage.until(lambda: screen.links.completer.isVisible() and stage.desk.tasks.idle, "the list")
            stage.until(lambda: editor.state.kind is SaveKind.SAVED, "the save")
            stage.shoot(name, lasting=screen.links.completer.isVisible)
    finally:
        end(stage)


def notes_rename_links(camera: Camera, folder: Path) -> None:
    """Another title: what it would change, what it changed, and what is offered after typing."""
    stage = Stage(camera, folder, prepare=fill_linked)
    try:
        screen, _ = _notes(stage)
        editor = stage.presenter(NoteEditorPresenter)
        _open(stage, "GPT")
        stage.desk.actions["note.rename"].trigger()
        dialog = screen.findChild(RenameDialog)
        stage.until(lambda: "will be changed" in dialog.count.text(), "the links")
        dialog.line.setText("Generative transformers")
        stage.shoot("notes-rename-links", sheet=dialog)
        stage.press(dialog.line, Qt.Key.Key_Return)
        stage.until(lambda: editor.note is not None and editor.note.title == "Generative transformers", "the title")
        stage.shoot("notes-renamed")
        _open(stage, "BERT")
        screen.view.editor.moveCursor(QTextCursor.MoveOperation.EndOfBlock)
        stage.write(screen.view.editor, " and kin")
        screen.pane.filter_box.setFocus()
        stage.until(lambda: screen.view.findChildren(Banner), "the offer")
        stage.shoot("notes-rename-offer")
    finally:
        end(stage)


def notes_history(camera: Camera, folder: Path) -> None:
    """What changed since an earlier version; and finding, replacing, and a pinned note."""

    def prepare(container: Container) -> None:
        fill_linked(container)
        note = container.notes.create("Home", "# Shopping\n\n- ink\n- paper\n- a pen\n\nBefore noon.\n")
        container.notes.save(note.id, "# Shopping\n\n- iron gall ink\n- paper\n- blotting paper\n\nBefore noon.\n")
        container.notes.set_pinned([note.id], True)

    stage = Stage(camera, folder, prepare=prepare)
    try:
        screen, _ = _notes(stage)
        _open(stage, "Shopping")
        stage.desk.actions["note.versions"].trigger()
        dialog = screen.findChild(VersionsDialog)
        stage.until(lambda: "blotting" in dialog.preview.toPlainText(), "the changes")
        stage.shoot("notes-history", sheet=dialog)
        dialog.reject()
        stage.desk.actions["note.replace"].trigger()
        stage.write(screen.view.find_bar.line, "paper")
        stage.press(screen.view.find_bar.line, Qt.Key.Key_Return)
        stage.write(screen.view.find_bar.other, "card")
        stage.shoot("notes-replace")
    finally:
        end(stage)


def notes_merge(camera: Camera, folder: Path) -> None:
    """What two notes would become, in both ways, and what they became."""

    def prepare(container: Container) -> None:
        fill_linked(container)
        first = container.notes.create("Home", "# Iron gall ink\n\n- nine grams of galls\n- five of vitriol\n\nStir.\n")
        second = container.notes.create("Work", "# Ink\n\n- nine grams of galls\n- gum arabic\n\nStir.\nWait a day.\n")
        container.notes.change_tags({first.id: ["ink"], second.id: ["chemistry", "ink"]})
        container.notes.create("", "# Pens\n\nFilled with [[Ink]].\n")

    stage = Stage(camera, folder, prepare=prepare)
    try:
        screen, _ = _notes(stage)
        model = stage.presenter(NotesPresenter).model
        rows = [row for row, note in enumerate(model.rows) if note.title in ("Iron gall ink", "Ink")]
        for row in rows:
            flag = QItemSelectionModel.SelectionFlag.Select
            screen.pane.list.selectionModel().select(model.index(row), flag)
        stage.desk.actions["note.merge"].trigger()
        dialog = screen.findChild(MergeDialog)
        stage.until(dialog.merge_button.isEnabled, "the result")
        dialog.swap_button.click()
        stage.until(dialog.merge_button.isEnabled, "the other way round")
        stage.shoot("notes-merge", sheet=dialog)
        dialog.tabs.choose("text")
        dialog.ways.choose("joined")
        stage.until(dialog.merge_button.isEnabled, "the other result")
        stage.shoot("notes-merge-joined", sheet=dialog)
        dialog.merge_button.click()
        stage.until(lambda: len(model.rows) and stage.desk.tasks.idle, "rest")
        stage.shoot("notes-merged")
    finally:
        end(stage)


def notes_beside(camera: Camera, folder: Path) -> None:
    """Two notes side by side; one at a time where the window is narrow."""
    stage = Stage(camera, folder, prepare=fill_linked)
    try:
        screen, _ = _notes(stage)
        _open(stage, "Sequence models")
        row = next(row for row in stage.presenter(NotesPresenter).model.rows if row.title == "Attention")
        stage.desk.shell.show_note_beside(row.id)
        stage.until(lambda: screen.desk.side_of(row.id) is not None and stage.desk.tasks.idle, "the second note")
        screen.desk.active.view.set_mode("read")
        stage.shoot("notes-beside")
    finally:
        end(stage)


def _notes(stage: Stage) -> tuple[Any, NoteLinksPresenter]:
    screen = stage.screen("notes")
    stage.until(lambda: stage.presenter(NotesPresenter).model.rows, "the list")
    return screen, stage.presenter(NoteLinksPresenter)


def _open(stage: Stage, title: str) -> None:
    row = next(row for row in stage.presenter(NotesPresenter).model.rows if row.title == title)
    editor = stage.presenter(NoteEditorPresenter)
    stage.desk.shell.show_note(row.id)
    stage.until(lambda: editor.note is not None and editor.note.id == row.id, f"the note {title}")
    stage.until(lambda: stage.desk.tasks.idle, "a quiet moment")
