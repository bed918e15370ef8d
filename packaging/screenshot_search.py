"""Scenes of the search: questions, filters, chats, what fell short, and why something was found."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QDialog
from screenshot_notes import fill_to_search, fill_with_many
from screenshot_stage import Camera, Stage, playing

from desktop_app.app.container import Container
from desktop_app.domain.search import ServedIndex
from desktop_app.presenters.search import SearchPhase, SearchPresenter


def search(camera: Camera, folder: Path) -> None:
    """Words while the encoder loads, then both; the reason, the preview, and nothing at all."""
    with playing(camera, folder, fill_with_many) as stage:
        screen = stage.screen("search")
        presenter = stage.presenter(SearchPresenter)
        screen.search_for("what masks future positions")
        stage.until(lambda: (r := presenter.view.result) is not None and not r.meaning_ready, "an answer by words")
        stage.shoot("search-encoder-loading", lasting=lambda: stage.container.encoder.loaded is None)
        stage.until(lambda: stage.container.encoder.loaded is not None, "the encoder")
        stage.until(lambda: any("still to index" in text for text in stage.window.status_bar.texts), "indexing")
        stage.shoot("search-indexing", lasting=lambda: "still to index" in " ".join(stage.window.status_bar.texts))
        stage.until(lambda: "indexed" in " ".join(stage.window.status_bar.texts), "all notes indexed", 600)
        screen.search_for("how do models remember earlier words?")
        answered(stage, presenter)
        stage.shoot("search")
        screen.search_for("zxqv wobblefrotz")
        stage.until(lambda: presenter.view.phase is SearchPhase.NOTHING and not presenter.view.pending, "nothing")
        stage.shoot("search-nothing-found")


def indexing(camera: Camera, folder: Path) -> None:
    """Indexing paused by the person, and another search model indexing while the former one answers."""
    with playing(camera, folder, fill_with_many) as stage:
        indexer = stage.container.search_parts.background_indexer
        indexer.set_held(True)
        screen = stage.screen("search")
        presenter = stage.presenter(SearchPresenter)
        screen.choose_mode("words")
        screen.search_for("attention")
        indexer.wake()
        stage.until(lambda: (told := presenter.indexing) is not None and told.held, "a pause")
        stage.shoot("search-indexing-paused")
        store = stage.container.store
        store.passages.add_vectors("another", 1, [("of a passage", bytes(4))])
        store.served_index.serve(ServedIndex("another", "e5-small-v2", str(folder / "e5-small-v2")))
        indexer.set_held(False)

        def changing() -> bool:
            told = presenter.indexing
            return told is not None and bool(told.replaces) and told.seconds_left is not None

        stage.until(changing, "another search model at work")
        stage.shoot("search-model-changing", lasting=changing)


def search_operators(camera: Camera, folder: Path) -> None:
    """Filters as chips, what is wrong with one of them, the menu, a saved search, and filters alone by date."""
    with searching(camera, folder) as (stage, screen, presenter):
        for typed, name in (("attention fo", "search-operator-name"), ("lder:", "search-operator-values")):
            stage.write(screen.box, typed)
            stage.until(screen.completer.isVisible, "the list")
            stage.shoot(name, lasting=screen.completer.isVisible)
        screen.box.clear()
        screen.search_for('attention folder:"Gen AI" tag:decoder -recipe after:last-year')
        answered(stage, presenter)
        stage.shoot("search-operators")
        screen.search_for('attention lable:decoder before:soon in:attic "masked')
        answered(stage, presenter)
        stage.shoot("search-problems")
        screen.search_for("folder:work")
        answered(stage, presenter)
        stage.shoot("search-list")
        screen.open_filters()
        stage.shoot("search-filter-menu", sheet=screen.filters.filter_menu)
        screen.filters.filter_menu.hide()
        screen.save_search()
        stage.until(lambda: _dialogs(stage), "the name")
        stage.shoot("search-save", sheet=_dialogs(stage)[0])
        _dialogs(stage)[0].accept()
        screen.box.clear()
        stage.until(lambda: presenter.view.phase is SearchPhase.EMPTY and stage.desk.tasks.idle, "the start")
        stage.shoot("search-saved")


def search_corrections(camera: Camera, folder: Path) -> None:
    """Words that stand in no note, with what was probably meant: beside results, and where there are none."""
    with searching(camera, folder) as (stage, screen, presenter):
        screen.search_for("how does atention mask future positions")
        answered(stage, presenter)
        stage.until(lambda: any(chip.chip.correction for chip in screen.filters.chips), "a correction")
        stage.shoot("search-correction")
        screen.search_for("jittr")
        stage.until(lambda: presenter.view.phase is SearchPhase.NOTHING and not presenter.view.pending, "nothing")
        stage.shoot("search-correction-nothing")


def search_why(camera: Camera, folder: Path) -> None:
    """A question in plain words, and why its first note was found: the picture of the README."""
    with searching(camera, folder) as (stage, screen, presenter):
        screen.search_for("how does a network see the whole sentence?")
        answered(stage, presenter)
        screen.explain_chosen()
        screen.box.setFocus()
        screen.box.deselect()
        stage.shoot("search-why")


def search_chats(camera: Camera, folder: Path) -> None:
    """Notes and messages by one question, by words and by meaning, and chats alone."""
    with searching(camera, folder) as (stage, screen, presenter):
        indexer = stage.container.search_parts.indexing
        stage.until(lambda: not (told := indexer.progress()).running and not told.messages_due, "all messages read")
        screen.search_for("masked")
        answered(stage, presenter)
        stage.until(lambda: (r := presenter.view.result) is not None and r.messages and r.hits, "both")
        stage.shoot("search-chats")
        screen.search_for("a holiday in Portugal in:chats")
        answered(stage, presenter)
        screen.explain_chosen()
        stage.shoot("search-chats-meaning")
        screen.search_for("model")
        answered(stage, presenter)
        screen.show_facets()
        stage.shoot("search-facets")
        screen.search_for("iron ink in:chats")
        answered(stage, presenter)
        screen.explain_chosen()
        stage.shoot("search-chats-only")


PAGES = (
    "The chemistry of writing inks\n\nA survey of recipes from five centuries, and of what became of the letters.",
    "Iron gall ink is made of oak galls, iron sulphate and gum arabic. Tannic acid reacts with the iron, and the "
    "pale liquid darkens on the paper within a day. Scribes kept it in horn, for it eats metal.",
    "Carbon inks, which are older, are soot in a little glue. They never fade, and they never bite into the page, so "
    "that a wet sponge takes them off. Monks used this to write over old parchment.",
    "Where iron gall ink was laid on thick, the acid goes through the paper in a century or two. Archives slow it with "
    "calcium phytate baths, which bind the free iron, and keep the sheets dry.",
    "Modern fountain pens want dyes in water. A pen that was filled with gall ink must be rinsed each week; the "
    "deposits close the feed.",
    "Buyers of iron gall ink today get a mild one: less acid, more dye, and a blue tint that shows at once.",
)


def _fill_with_pages(container: Container) -> None:
    fill_to_search(container)
    text = "\n\n".join(f"[page {number}]\n{page}\n\n{page}" for number, page in enumerate(PAGES, start=1))
    container.store.notes.create("The chemistry of writing inks", text, folder="Papers", source_path="Papers/inks.pdf")


def search_places(camera: Camera, folder: Path) -> None:
    """Several places in one note, with their pages; where the results lie."""
    with playing(camera, folder, _fill_with_pages) as stage:
        screen = stage.screen("search")
        stage.until(lambda: "indexed" in " ".join(stage.window.status_bar.texts), "all notes indexed")
        presenter = stage.presenter(SearchPresenter)
        screen.search_for("iron gall ink")
        answered(stage, presenter)
        stage.shoot("search-places")
        screen.next_place()
        screen.next_place()
        stage.until(lambda: stage.desk.tasks.idle, "the preview")
        stage.shoot("search-places-open")
        screen.search_for("how is iron gall ink made?")
        answered(stage, presenter)
        screen.ask_about_results()
        stage.until(lambda: stage.desk.tasks.idle, "the passages")
        stage.shoot("search-asked-about")


def search_weaker(camera: Camera, folder: Path) -> None:
    """What fell short, marked; the like of a note."""
    with searching(camera, folder) as (stage, screen, presenter):
        screen.search_for("language models")
        answered(stage, presenter)
        stage.until(lambda: (r := presenter.view.result) is not None and r.weaker, "weaker matches")
        screen.show_weaker()
        stage.until(lambda: stage.desk.tasks.idle, "a quiet moment")
        screen.results.verticalScrollBar().setValue(screen.results.verticalScrollBar().maximum())
        stage.shoot("search-weaker")
        screen.search_for("what masks future positions")
        answered(stage, presenter)
        screen.find_similar_to_chosen()
        answered(stage, presenter)
        screen.explain_chosen()
        stage.shoot("search-similar")


def search_likeness(camera: Camera, folder: Path) -> None:
    """Which words of the nearest sentence carry its likeness."""
    with searching(camera, folder) as (stage, screen, presenter):
        screen.search_for("when do seedlings go outside?")
        answered(stage, presenter)
        screen.show_likeness_of_chosen()
        stage.until(lambda: stage.desk.tasks.idle, "the likeness")
        stage.shoot("search-likeness")


def answered(stage: Stage, presenter: SearchPresenter) -> None:
    """Wait for the final results, nearest sentences and preview included."""
    stage.until(lambda: presenter.view.phase is SearchPhase.RESULTS and not presenter.view.pending, "results")
    stage.until(lambda: stage.desk.tasks.idle, "the nearest sentences")


@contextmanager
def searching(camera: Camera, folder: Path) -> Iterator[tuple[Stage, Any, SearchPresenter]]:
    """A stage, its search screen and that one's presenter, once all notes are indexed."""
    with playing(camera, folder, fill_to_search) as stage:
        screen = stage.screen("search")
        stage.until(lambda: "indexed" in " ".join(stage.window.status_bar.texts), "all notes indexed")
        yield stage, screen, stage.presenter(SearchPresenter)


def _dialogs(stage: Stage) -> list[QDialog]:
    return [dialog for dialog in stage.window.findChildren(QDialog) if dialog.isVisible()]
