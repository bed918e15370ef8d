"""What went wrong has its room at once."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from desktop_app.domain.errors import InkwellError
from desktop_app.ui.chat.transcript_tail import TranscriptTail
from desktop_app.ui.theme.theme import Theme
from desktop_app.ui.widgets.problem_place import ProblemPlace

ERROR = InkwellError("The model is set aside.", "It crashed three times.", "Choose another one.")


@pytest.mark.parametrize("errors", [1, 2])
def test_an_error_has_its_room_before_the_next_turn(theme: Theme, qtbot: QtBot, errors: int) -> None:
    """The transcript measures the tail in the moment in which it says that it changed."""
    tail = TranscriptTail(theme)
    qtbot.addWidget(tail)
    tail.resize(600, 4)
    tail.show()
    measured: list[int] = []
    tail.resized.connect(lambda: measured.append(tail.heightForWidth(600)))
    for _ in range(errors):
        tail.show_problem(ERROR)
        assert tail.problem is not None
        assert measured[-1] > tail.problem.heightForWidth(600) > 40
    tail.show_problem(None)
    assert measured[-1] < 10


def test_an_error_in_a_place_that_is_not_seen_opens_no_window(theme: Theme, qtbot: QtBot) -> None:
    around = QWidget()
    qtbot.addWidget(around)
    place = ProblemPlace(QVBoxLayout(around), theme)
    place.show(ERROR)
    assert place.box is not None
    assert not place.box.isVisible()
    around.show()
    assert place.box.isVisible()
