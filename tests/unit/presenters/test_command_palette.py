"""How Ctrl+K sorts the names it finds."""

from __future__ import annotations

from PySide6.QtCore import QTimer
from pytestqt.qtbot import QtBot

from desktop_app.presenters.command_palette import CommandPalettePresenter, PaletteItem, name_rank
from desktop_app.presenters.tasks import TaskRunner


def test_names_that_begin_as_typed_come_before_words_before_parts() -> None:
    titles = ["The digit rule", "Using git bisect", "Git basics", "GitHub"]
    assert sorted(titles, key=lambda title: name_rank("git", title)) == [
        "Git basics",
        "GitHub",
        "Using git bisect",
        "The digit rule",
    ]
    assert name_rank("C++ (", "About C++ (old)") == 1


def test_a_timer_that_ends_after_the_window_closed_looks_for_nothing(qtbot: QtBot) -> None:
    """pytest-qt fails the test for an exception in the event loop, which asking a closed runner is."""
    tasks = TaskRunner()
    asked: list[str] = []

    def names(text: str, _most: int) -> list[PaletteItem]:
        asked.append(text)
        return []

    palette = CommandPalettePresenter(tasks, [names], actions=list, search_everything=asked.append)
    palette.set_text("git")
    tasks.close()
    timer = palette.findChild(QTimer)
    assert timer is not None
    with qtbot.waitSignal(timer.timeout):
        pass
    assert asked == []


def test_other_words_find_an_action_behind_those_whose_name_fits(qtbot: QtBot) -> None:
    tasks = TaskRunner()
    actions = [
        PaletteItem("Today's note", "Notes", lambda: None, also="diary journal print"),
        PaletteItem("Print the note", "Notes", lambda: None),
        PaletteItem("Old prints", "Notes", lambda: None),
    ]
    palette = CommandPalettePresenter(tasks, [], actions=lambda: actions, search_everything=lambda _text: None)

    def found(text: str) -> list[str]:
        palette.set_text(text)
        return [item.title for item in palette.items[:-1]]

    assert found("diary") == found("note diary") == ["Today's note"]
    assert found("print") == ["Print the note", "Old prints", "Today's note"]
    assert found("pr") == ["Print the note", "Old prints"], "too few letters for other words"
    qtbot.waitUntil(lambda: palette.is_current)
    tasks.close()
