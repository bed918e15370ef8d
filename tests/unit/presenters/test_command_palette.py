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
