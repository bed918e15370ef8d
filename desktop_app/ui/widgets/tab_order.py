"""Where Tab goes: widgets that are made later come last, unless they are put where they stand."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget


def place_in_tab_order(container: QWidget, stops: Sequence[QWidget]) -> None:
    """Let Tab go to `stops`, in this order, where `container` stands among the others of its window."""
    before = _stop_before(container)
    for stop in stops:
        if before is not None:
            QWidget.setTabOrder(before, stop)
        before = stop


def _stop_before(container: QWidget) -> QWidget | None:
    """What Tab goes to in front of a container; None where there is nothing. Qt takes only these for a neighbour."""
    stop = container.previousInFocusChain()
    while stop is not None and stop is not container:
        if stop.focusPolicy() & Qt.FocusPolicy.TabFocus and not container.isAncestorOf(stop):
            return stop
        stop = stop.previousInFocusChain()
    return None
