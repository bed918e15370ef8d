"""Scene of a note's properties: folded, unfolded, edited, with a fault, and changed elsewhere meanwhile."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from screenshot_notes import fill
from screenshot_stage import Camera, playing

from desktop_app.app.container import Container
from desktop_app.domain.notes import ImportSource
from desktop_app.presenters.note_editor import NoteEditorPresenter
from desktop_app.services.notes import IncomingNote
from desktop_app.ui.notes.properties_sheet import PropertiesSheet
from desktop_app.ui.widgets import ErrorBox

LINES = """# kept by hand
status: draft
author: "[[Ada Moor]]"
aliases: [Gall ink, Iron ink]
rating: 4
source: https://example.org/inks/iron-gall/a-rather-long-address/of-a-page-about-ink-and-how-it-was-made-in-1650
tags:
  - ink
  - history
"""
NOTE = "# Iron gall ink\n\nOak galls, iron sulphate, gum arabic and water. It darkens as it dries.\n"


def properties_edited(camera: Camera, folder: Path) -> None:
    """The properties of a note that came from a vault."""
    ids: list[int] = []

    def prepare(container: Container) -> None:
        fill(container)
        now = datetime.now(UTC)
        source = ImportSource(path="ink.md", file=str(folder / "ink.md"), hash="0", front_matter=LINES)
        tags = ("ink", "history")
        note = container.notes.add_imported(IncomingNote("Iron gall ink", NOTE, "Work", tags, source, now, now))
        ids.append(note.id)

    with playing(camera, folder, prepare) as stage:
        screen = stage.screen("notes")
        editor = stage.presenter(NoteEditorPresenter)
        editor.open(ids[0])
        stage.until(lambda: editor.note and editor.note.id == ids[0] and stage.desk.tasks.idle, "the note")
        stage.shoot("note-properties-folded")
        controls = screen.desk.active.properties
        controls.fold.toggle.click()
        stage.shoot("note-properties")
        stage.desk.actions["note.properties"].trigger()
        stage.until(lambda: screen.findChildren(PropertiesSheet), "the sheet")
        (sheet,) = screen.findChildren(PropertiesSheet)
        stage.shoot("note-properties-sheet", sheet=sheet)
        sheet.editor.setPlainText(LINES.replace("rating: 4", "rating 4"))
        stage.shoot("note-properties-fault", sheet=sheet)
        stage.container.note_parts.note_properties.save(ids[0], "status: done\n", LINES)
        sheet.editor.setPlainText(LINES.replace("draft", "ready"))
        sheet.save_button.click()
        stage.until(lambda: sheet.findChildren(ErrorBox), "the conflict")
        stage.shoot("note-properties-conflict", sheet=sheet)
        sheet.reject()
