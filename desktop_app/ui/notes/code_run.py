"""One block of code that is shown in several parts, since all of it would take too long: they scroll as one."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

from PySide6.QtCore import QObject

from desktop_app.ui.chat.answer_body import AnswerBody
from desktop_app.ui.chat.code_block import CodeBlock


class CodeRuns(QObject):
    """The parts on a page that belong together: where one is scrolled sideways, the others are, too."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._runs: list[list[CodeBlock]] = []
        self._heard: dict[CodeBlock, None] = {}

    def tie(self, bodies: Iterable[AnswerBody]) -> None:
        """Take these, from the top, as what is shown now."""
        runs = [run for run in _runs(bodies) if len(run) > 1]
        tied = {block: None for run in runs for block in run}
        for block in self._heard.keys() - tied.keys():
            del self._heard[block]
        for block in tied:
            if block not in self._heard:
                self._heard[block] = None
                block.lines.horizontalScrollBar().valueChanged.connect(
                    lambda place, block=block: self._follow(block, place)
                )
        self._runs = runs
        for run in runs:
            for above, block in pairwise(run):
                block.begin_within(above.opening_behind)
            reach = max(block.lines.own_reach for block in run)
            place = max(block.lines.horizontalScrollBar().value() for block in run)
            for block in run:
                block.lines.set_reach(reach)
                block.lines.horizontalScrollBar().setValue(place)

    def _follow(self, moved: CodeBlock, place: int) -> None:
        for run in self._runs:
            if moved in run:
                for block in run:
                    block.lines.horizontalScrollBar().setValue(place)


def _runs(bodies: Iterable[AnswerBody]) -> Iterable[list[CodeBlock]]:
    run: list[CodeBlock] = []
    for block in (part for body in bodies for part in body.parts if isinstance(part, CodeBlock)):
        if not block.joins[0] and run:
            yield run
            run = []
        run.append(block)
    yield run
