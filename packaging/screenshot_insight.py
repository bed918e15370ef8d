"""Scenes of what the vectors of a person's notes tell: the pages behind ⋯ of Search, and tag suggestions."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

from PySide6.QtCore import Qt
from screenshot_hundred import fill_with_hundred
from screenshot_stage import Camera, Stage, end

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.notes import NoteFilter
from desktop_app.domain.search import QueryEmbedding
from desktop_app.presenters.near_duplicates import NearDuplicatesPresenter, PairsPhase
from desktop_app.presenters.note_map import MapPhase, NoteMapPresenter
from desktop_app.presenters.related_notes import RelatedNotesPresenter, RelatedPhase
from desktop_app.presenters.self_check import CheckPhase, SelfCheckPresenter
from desktop_app.ui.notes.suggested_tags import SuggestedTags


def _indexed(camera: Camera, folder: Path) -> Stage:
    """A window over the hundred notes, all of them embedded."""
    stage = Stage(camera, folder, prepare=fill_with_hundred)
    stage.screen("search")
    container = stage.container
    stage.until(lambda: container.encoder.loaded is not None, "the encoder")
    fingerprint = container.encoder.loaded.fingerprint if container.encoder.loaded else ""
    stage.until(lambda: container.store.passages.counts(fingerprint)[1] == 0, "all notes indexed", 600)
    stage.until(lambda: stage.desk.tasks.idle, "rest")
    return stage


@contextmanager
def _questions_wait(stage: Stage, begun: Callable[[], bool]) -> Iterator[None]:
    """Once `begun`, questions wait until the pictures are taken: all fifty take half a second."""
    encoder, taken = stage.container.encoder, threading.Event()
    embed = encoder.embed_query

    def embed_later(text: str, cancel: CancelToken | None = None) -> QueryEmbedding:
        if begun():
            taken.wait(60)
        return embed(text, cancel)

    with patch.object(encoder, "embed_query", embed_later):
        try:
            yield
        finally:
            taken.set()


def self_check(camera: Camera, folder: Path) -> None:
    """The menu behind ⋯, the check before, under way and after, with its details."""
    stage = _indexed(camera, folder)
    try:
        screen = stage.screen("search")
        screen.menu.popup(screen.more_button.mapToGlobal(screen.more_button.rect().bottomLeft()))
        stage.shoot("search-more", sheet=screen.menu)
        screen.menu.hide()
        stage.desk.actions["search.self_check"].trigger()
        stage.shoot("self-check-start")
        presenter = stage.desk.screens.findChild(SelfCheckPresenter)
        assert isinstance(presenter, SelfCheckPresenter)
        with _questions_wait(stage, lambda: bool(presenter.progress.total)):
            presenter.start()
            stage.until(lambda: presenter.progress.total, "the first question")
            stage.shoot("self-check-running", lasting=lambda: presenter.phase is CheckPhase.RUNNING)
        stage.until(lambda: presenter.phase is CheckPhase.DONE, "the report")
        stage.shoot("self-check")
        screen.page.details_button.setChecked(True)
        stage.shoot("self-check-details")
    finally:
        end(stage)


def tag_suggestions(camera: Camera, folder: Path) -> None:
    """A note without tags, and what its neighbours suggest."""
    stage = _indexed(camera, folder)
    try:
        screen = stage.screen("notes")
        note = stage.container.notes.list_notes(NoteFilter(text="Winter running"))[0]
        stage.desk.shell.show_note(note.id)
        row = screen.findChild(SuggestedTags)
        stage.until(lambda: row is not None and row.isVisible() and stage.desk.tasks.idle, "suggestions", 30)
        stage.shoot("tag-suggestions")
    finally:
        end(stage)


def related_notes(camera: Camera, folder: Path) -> None:
    """Notes like the one that is written beside it, then beside one that has no text yet."""
    stage = _indexed(camera, folder)
    try:
        screen = stage.screen("notes")
        note = stage.container.notes.list_notes(NoteFilter(text="Winter running"))[0]
        stage.desk.shell.show_note(note.id)
        stage.until(screen.view.editor.toPlainText, "the note", 30)
        stage.desk.actions["note.related"].trigger()
        related = stage.presenter(RelatedNotesPresenter)
        stage.until(lambda: related.phase is RelatedPhase.LISTED, "similar notes", 30)
        stage.shoot("note-related")
        stage.desk.actions["note.new"].trigger()
        stage.until(lambda: related.phase is RelatedPhase.EMPTY, "a note without text", 30)
        stage.shoot("note-related-empty")
    finally:
        end(stage)


def note_map(camera: Camera, folder: Path) -> None:
    """All notes, then nearer with one of them chosen by keys."""
    stage = _indexed(camera, folder)
    try:
        stage.desk.actions["search.note_map"].trigger()
        presenter = stage.desk.screens.findChild(NoteMapPresenter)
        assert isinstance(presenter, NoteMapPresenter)
        stage.until(lambda: presenter.phase is MapPhase.SHOWN, "the map", 60)
        stage.shoot("note-map")
        view = stage.screen("search").page.view
        for key in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Plus, Qt.Key.Key_Plus, Qt.Key.Key_Plus):
            stage.press(view, key)
        stage.shoot("note-map-near")
    finally:
        end(stage)


def near_duplicates(camera: Camera, folder: Path) -> None:
    """Copies that were changed a little, side by side."""
    stage = _indexed(camera, folder)
    try:
        stage.desk.actions["search.near_duplicates"].trigger()
        presenter = stage.desk.screens.findChild(NearDuplicatesPresenter)
        assert isinstance(presenter, NearDuplicatesPresenter)
        stage.until(lambda: presenter.phase is PairsPhase.LISTED, "the pairs", 60)
        stage.shoot("near-duplicates")
    finally:
        end(stage)


INSIGHT_SCENES = (self_check, tag_suggestions, near_duplicates, related_notes, note_map)
