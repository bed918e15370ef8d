"""Ctrl+K: actions at once, then chats and notes by name, and at the end the way to a search through everything."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from PySide6.QtCore import QObject, QTimer, Signal

from desktop_app.domain.cancellation import CancelToken
from desktop_app.presenters.tasks import TaskRunner

#: Typing waits this long for the next key before names are looked up.
_DEBOUNCE_MS = 60
_NAMES_FROM_EACH = 8


@dataclass(frozen=True, slots=True)
class PaletteItem:
    """One line of the palette: what it says, and what happens when it is taken."""

    title: str
    section: str
    run: Callable[[], object]
    icon: str = ""
    second_line: str = ""
    keys: str = ""


class NameProvider(Protocol):
    """Finds things by name, in a background thread."""

    def __call__(self, text: str, limit: int) -> Sequence[PaletteItem]:
        """Items whose name holds `text`, best first; the most recent ones for an empty text."""
        ...


class CommandPalettePresenter(QObject):
    """What the palette lists for the text typed. `changed` follows each change of `items`."""

    changed = Signal()

    def __init__(
        self,
        tasks: TaskRunner,
        providers: Sequence[NameProvider],
        *,
        actions: Callable[[], Sequence[PaletteItem]],
        search_everything: Callable[[str], object],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self._providers = tuple(providers)
        self._actions = actions
        self._search_everything = search_everything
        self._text = ""
        self._names: list[PaletteItem] = []
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_DEBOUNCE_MS)
        self._timer.timeout.connect(self._find_names)

    @property
    def text(self) -> str:
        """What was typed last."""
        return self._text

    @property
    def items(self) -> list[PaletteItem]:
        """Matching actions, names, and last the search through everything (once something is typed)."""
        actions = [item for item in self._actions() if matches(self._text, item.title)]
        actions.sort(key=lambda item: not item.title.lower().startswith(self._text.strip().lower()))
        typed = self._text.strip()
        if not typed:
            return [*self._names, *actions]
        return [*actions, *self._names, self._search_item(typed)]

    def set_text(self, text: str) -> None:
        """List what fits `text`: actions at once, names a moment later."""
        self._text = text
        self._names = [item for item in self._names if matches(text, item.title)]
        self._timer.start()
        self.changed.emit()

    def refresh(self) -> None:
        """Start over with nothing typed."""
        self._text = ""
        self._names = []
        self.changed.emit()
        self._find_names()

    def _find_names(self) -> None:
        text = self._text.strip()

        def work(token: CancelToken) -> list[PaletteItem]:
            found: list[PaletteItem] = []
            for provider in self._providers:
                token.raise_if_cancelled()
                found += provider(text, _NAMES_FROM_EACH)
            return found

        self._tasks.run(work, done=self._take_names, channel="command_palette")

    def _take_names(self, names: list[PaletteItem]) -> None:
        self._names = names
        self.changed.emit()

    def _search_item(self, text: str) -> PaletteItem:
        title = self.tr("Search everything for “{text}”").format(text=text)
        return PaletteItem(title, self.tr("Search"), lambda: self._search_everything(text), icon="search")


def name_rank(typed: str, title: str) -> int:
    """For sorting names that hold `typed`: 0 where it begins the title, 1 where it is a word of it, 2 elsewhere."""
    wanted, name = typed.strip().lower(), title.lower()
    if name.startswith(wanted):
        return 0
    return 1 if re.search(rf"\b{re.escape(wanted)}\b", name) else 2


def matches(typed: str, title: str) -> bool:
    """True when each word typed begins a word of the title."""
    words = re.findall(r"\w+", title.lower())
    return all(any(word.startswith(part) for word in words) for part in re.findall(r"\w+", typed.lower()))
