"""Scenes of the notes screen that come about only now and then: nothing there, nothing fits, a list that fails."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import QItemSelectionModel, Qt, QTimer
from PySide6.QtWidgets import QDialog
from screenshot_notes import fill
from screenshot_stage import Camera, Stage, playing

from desktop_app.app.container import Container
from desktop_app.domain.errors import StoreLockedError
from desktop_app.presenters.note_editor import NoteEditorPresenter
from desktop_app.presenters.notes import NotesPresenter
from desktop_app.ui.notes.about_pane import LINKS
from desktop_app.ui.notes.open_tasks_page import OpenTasksPage
from desktop_app.ui.notes.statistics_dialog import StatisticsDialog

TEMPLATES = (
    ("Templates", "# Meeting\n\nDate: {{date}}, {{time}}\n\n## Present\n\n## Decided\n"),
    ("Templates", "# Daily\n\n## {{date}}\n\n- [ ] water the tomatoes\n"),
)
GARDEN = """# Garden plan

Beds run from north to south.

## Spring

- [ ] sow peas
    - soak them over night
- [ ] start the tomatoes inside

## Summer

> [!tip]- Watering
> Early in the morning, at the root.

> [!warning]+ Frost
> Not before the middle of May.

## Autumn

Bring in the squash.
"""
NAMED = "# Week\n\nDraw the garden plan again.\n\nThe garden plan says: peas first.\n"
OLD = ("Old recipe", "Draft of a letter", "Packing list")


def notes_empty(camera: Camera, folder: Path) -> None:
    """The notes screen with no note at all, and its trash with nothing in it."""
    with playing(camera, folder) as stage:
        screen, presenter = _screen(stage)
        stage.until(lambda: presenter.state.welcome, "the welcome notes")
        presenter.remove_welcome_notes()
        stage.until(lambda: presenter.state.empty and not presenter.state.loading, "the empty list")
        stage.shoot("notes-empty")
        presenter.empty_trash()
        stage.desk.actions["note.trash"].trigger()
        stage.until(lambda: presenter.filter.trashed and stage.desk.tasks.idle, "the trash")
        stage.shoot("notes-trash-empty")
        screen.pane.trash_button.click()


def notes_states(camera: Camera, folder: Path) -> None:
    """Nothing chosen, nothing that fits, a list that cannot be read, several notes, the trash."""

    def prepare(container: Container) -> None:
        fill(container)
        container.notes.trash([container.notes.create("Home", f"# {title}\n\nNo longer needed.\n").id for title in OLD])

    with playing(camera, folder, prepare) as stage:
        screen, presenter = _screen(stage)
        stage.until(lambda: presenter.model.rows and stage.desk.tasks.idle, "the list")
        stage.presenter(NoteEditorPresenter).close_note()
        stage.shoot("notes-none-chosen")
        stage.write(screen.pane.filter_box, "zeppelin")
        stage.until(lambda: presenter.state.empty and stage.desk.tasks.idle, "nothing that fits")
        stage.shoot("notes-none-fits")
        screen.pane.filter_box.clear()
        stage.until(lambda: presenter.model.rows and stage.desk.tasks.idle, "the list again")
        selection = screen.pane.list.selectionModel()
        for row in range(1, 5):
            selection.select(presenter.model.index(row), QItemSelectionModel.SelectionFlag.Select)
        stage.shoot("notes-several")
        _shoot_question(stage, "note.tags", "notes-tag-several")
        _shoot_question(stage, "note.move", "notes-move-several")
        stage.desk.actions["note.trash"].trigger()
        stage.until(lambda: presenter.filter.trashed and presenter.model.rows and stage.desk.tasks.idle, "the trash")
        stage.presenter(NoteEditorPresenter).open(presenter.model.rows[0].id)
        stage.until(lambda: stage.presenter(NoteEditorPresenter).note and stage.desk.tasks.idle, "a deleted note")
        stage.shoot("notes-trash")
        _shoot_question(stage, "note.empty_trash", "notes-empty-trash-question")
        screen.pane.trash_button.click()
        stage.until(lambda: not presenter.filter.trashed and stage.desk.tasks.idle, "the notes")
        _fail(stage)
        presenter.refresh()
        stage.until(lambda: presenter.state.error is not None, "the failed list")
        stage.shoot("notes-list-failed")


def notes_templates(camera: Camera, folder: Path) -> None:
    """Templates in the palette, one that was put in, and today's note."""

    def prepare(container: Container) -> None:
        fill(container)
        for place, text in TEMPLATES:
            container.notes.create(place, text)

    with playing(camera, folder, prepare) as stage:
        _screen_of, presenter = _screen(stage)
        stage.until(lambda: presenter.model.rows and stage.desk.tasks.idle, "the list")
        stage.presenter(NoteEditorPresenter).close_note()
        palette = stage.window.open_palette()
        stage.write(palette.field, "template")
        stage.until(lambda: palette.list.count() > 1 and stage.desk.tasks.idle, "the templates")
        stage.shoot("notes-templates", sheet=palette)
        palette.hide()
        stage.desk.actions["note.daily"].trigger()
        editor = stage.presenter(NoteEditorPresenter)
        stage.until(lambda: editor.note is not None and stage.desk.tasks.idle, "today's note")
        stage.shoot("notes-daily")


def notes_folded(camera: Camera, folder: Path) -> None:
    """Sections folded, callouts that can be, places that name the note without a link, and nothing but the text."""

    def prepare(container: Container) -> None:
        fill(container)
        container.notes.create("Home", NAMED)
        container.notes.create("Home", GARDEN)

    with playing(camera, folder, prepare) as stage:
        screen, presenter = _screen(stage)
        stage.until(lambda: presenter.model.rows and stage.desk.tasks.idle, "the list")
        stage.desk.shell.show_note(presenter.model.rows[0].id)
        editor = screen.view.editor
        stage.until(lambda: "Autumn" in editor.display_text() and stage.desk.tasks.idle, "the note")
        screen.links.pane.show_tab(LINKS)
        screen.links.toggle()
        page = screen.links.pane.links_page
        stage.until(page.toggle.isVisible, "the mentions")
        page.toggle.click()
        stage.desk.actions["note.both"].trigger()
        stage.desk.actions["note.fold_all"].trigger()
        stage.until(lambda: screen.view.preview.is_complete, "the rendering")
        stage.shoot("notes-folded")
        screen.links.toggle()
        screen.view.set_mode("write")
        stage.desk.actions["note.alone"].trigger()
        stage.shoot("notes-alone")


TASKS = (
    (
        "Clients/Acme",
        "# Acme, kick-off\n\n## Next steps\n\n- [ ] send the **offer** due 2026-01-15\n- [x] book room\n"
        "- [ ] ask [[Ada]] for the figures 📅 2099-12-01\n- [ ] draft the minutes\n",
    ),
    (
        "Clients/Borealis",
        "# Borealis, weekly\n\n- [ ] the invoice of November, with all travel costs, the two nights in "
        "Turku and the receipts that Sanna still has in her drawer\n- [ ] call the auditor\n",
    ),
    ("Daily", "# 2026-11-26\n\n- [ ] buy ink\n"),
)


def notes_tasks(camera: Camera, folder: Path) -> None:
    """The open tasks of all notes, one ticked, and none left."""

    def prepare(container: Container) -> None:
        for of_folder, text in TASKS:
            container.notes.create(of_folder, text)

    with playing(camera, folder, prepare=prepare) as stage:
        screen, presenter = _screen(stage)
        stage.until(lambda: presenter.model.rowCount() == len(TASKS), "the list")
        stage.desk.actions["note.tasks"].trigger()
        page = screen.findChild(OpenTasksPage)
        stage.until(lambda: "6 tasks" in page.count.text(), "the tasks")
        stage.shoot("notes-tasks")
        stage.press(page.list, Qt.Key.Key_Down)
        stage.press(page.list, Qt.Key.Key_Space)
        stage.until(lambda: "5 tasks" in page.count.text() and stage.desk.tasks.idle, "the tick")
        stage.shoot("notes-tasks-ticked")
        screen.on_escape()
        screen.open_note(presenter.model.rows[0].id)
        stage.until(lambda: screen.view.words.text() and stage.desk.tasks.idle, "the note")
        stage.desk.actions["note.statistics"].trigger()
        dialog = screen.findChild(StatisticsDialog)
        stage.until(lambda: "…" not in dialog.own[0].text() + dialog.total[0].text(), "the counts")
        stage.shoot("notes-statistics", sheet=dialog)
        dialog.reject()
        screen.show_tasks()
        presenter.set_folder("Recipes")
        stage.until(lambda: not page.count.text() and stage.desk.tasks.idle, "no tasks")
        stage.shoot("notes-tasks-none")


def _screen(stage: Stage) -> tuple[Any, NotesPresenter]:
    return stage.screen("notes"), stage.presenter(NotesPresenter)


def _dialogs(stage: Stage) -> list[QDialog]:
    return [dialog for dialog in stage.window.findChildren(QDialog) if dialog.isVisible()]


def _shoot_question(stage: Stage, action_id: str, name: str) -> None:
    """What an action asks in a dialog of its own event loop, answered by leaving it."""

    def shoot() -> None:
        dialog = next(iter(_dialogs(stage)), None)
        if dialog is not None:
            stage.shoot(name, sheet=dialog)
            dialog.reject()

    QTimer.singleShot(300, shoot)
    stage.desk.actions[action_id].trigger()


def _fail(stage: Stage) -> None:
    def fails(*_arguments: object, **_values: object) -> object:
        raise StoreLockedError(
            "The notes cannot be read.", "Another program holds the file.", "Close it, then try again."
        )

    stage.container.notes.list_notes = fails  # type: ignore[assignment, method-assign]


NOTE_STATE_SCENES = (notes_empty, notes_states, notes_templates, notes_folded, notes_tasks)
