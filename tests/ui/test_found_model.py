"""A better chat model that another program keeps on this computer, on the first screen."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.errors import ModelMissingError, OutOfMemoryError
from desktop_app.presenters.tasks import TaskRunner
from desktop_app.services.other_models import ModelChoice, RereadingCost
from desktop_app.ui.actions import Actions
from desktop_app.ui.theme.theme import Theme
from desktop_app.ui.widgets import PlainLabel, TextButton, literal
from tests.ui.chat_room import Room, open_room

FOUND = ModelChoice(Path("qwen"), "qwen3:4b", "Ollama", 2_600_000_000)


class Others:
    def __init__(self) -> None:
        self.found: ModelChoice | None = FOUND
        self.changed_to: list[str] = []
        self.error: OutOfMemoryError | None = None
        self.on_change: Callable[[], None] = lambda: None

    def choices(self, cancel: CancelToken) -> list[ModelChoice]:
        return []

    def better(self, cancel: CancelToken) -> ModelChoice | None:
        return self.found

    def cost(self, conversation_id: int, choice: ModelChoice) -> RereadingCost:
        return RereadingCost(0, None)

    def change_to(self, choice: ModelChoice, cancel: CancelToken) -> None:
        if self.error is not None:
            raise self.error
        self.changed_to.append(choice.name)
        self.on_change()


@pytest.fixture
def others() -> Others:
    return Others()


@pytest.fixture
def room(qtbot: QtBot, theme: Theme, actions: Actions, tasks: TaskRunner, others: Others) -> Iterator[Room]:
    with open_room(qtbot, theme, actions, tasks, others=others) as made:
        yield made


def test_one_press_uses_what_was_found(room: Room, others: Others) -> None:
    room.show()
    button = room.screen.empty.better_button
    room.until(button.isVisible)
    assert button.text() == "Use qwen3:4b"
    assert (
        button.accessibleDescription() == "Found on this computer: qwen3:4b, 2.6 GB, of Ollama. It stays where it is."
    )
    others.on_change = lambda: setattr(room, "starter", False)  # as the settings say from then on
    button.click()
    room.until(lambda: others.changed_to == ["qwen3:4b"] and not room.presenter.model.is_loading)
    assert not button.isVisible()


def test_a_name_with_an_ampersand_is_shown_as_it_is(room: Room) -> None:
    """Alone, the sign would be gone from the button and underline the next letter."""
    room.show()
    room.screen.empty.show_better("Q&A 3B", "")
    assert room.screen.empty.better_button.text() == "Use Q&&A 3B"
    assert literal("Q&A") == "Q&&A"
    button = TextButton("Find & replace")
    before = button.text()
    button.setText("Find & replace")
    assert button.text() == before == "Find && replace"


def test_without_any_model_the_first_screen_tells_of_none(room: Room, others: Others) -> None:
    """It told what the starter is good for, where the starter is not there."""
    others.found = None
    room.load_error = ModelMissingError("There is no chat model.", "", "Choose one in Models.")
    room.show()
    empty = room.screen.empty
    room.presenter.model.start()
    room.until(lambda: empty.problem is not None)
    said = [label.text() for label in empty.findChildren(PlainLabel) if label.isVisible()]
    assert "Notes and search work already" in said
    assert not any("starter model" in words or "this chat model" in words for words in said)
    assert [button.text() for button in empty.findChildren(TextButton) if button.isVisible()][:3] == [
        "Try search",
        "Add my notes…",
        "Choose a model…",
    ]
    room.load_error = None
    room.presenter.model.start()
    room.until(lambda: empty.problem is None)
    room.until(lambda: any("The starter model" in label.text() for label in empty.findChildren(PlainLabel)))


def test_where_nothing_is_found_the_models_screen_is_offered(room: Room, others: Others) -> None:
    others.found = None
    room.show()
    room.settle()
    assert not room.screen.empty.better_button.isVisible()


def test_a_chosen_model_is_not_compared_with_others(room: Room) -> None:
    room.starter = False
    room.show()
    room.settle()
    assert room.presenter.model.better is None


def test_a_model_that_does_not_load_is_said_and_not_offered_again(room: Room, others: Others) -> None:
    errors: list[object] = []
    room.presenter.failed.connect(errors.append)
    others.error = OutOfMemoryError("There is not enough memory.")
    room.show()
    room.until(room.screen.empty.better_button.isVisible)
    room.screen.empty.better_button.click()
    room.until(lambda: errors)
    assert not room.screen.empty.better_button.isVisible()
    assert not room.presenter.model.is_loading
