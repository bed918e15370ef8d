"""Ctrl+K: actions at once, then chats and notes by name, and at the end the way to a search through everything."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Protocol

import msgspec
from PySide6.QtCore import QObject, QTimer, Signal

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.errors import InkwellError
from desktop_app.presenters.tasks import TaskRunner

#: Typing waits this long for the next key before names are looked up.
_DEBOUNCE_MS = 60
_NAMES_FROM_EACH = 8
_LEAST_OF_OTHER_WORDS = 3
_CHANNEL = "command_palette"


class PaletteItem(msgspec.Struct, frozen=True):
    """One line of the palette: what it says, and what happens when it is taken.

    Attributes:
        also: other words that find it, after those whose name fits; at least three letters of them are typed.
        run_beside: what happens in its place with Ctrl held, where there is such a thing.
        key: tells lines of the same name apart ("note 7"); the line stays marked under it while others come in.
    """

    title: str
    section: str
    run: Callable[[], object]
    icon: str = ""
    second_line: str = ""
    keys: str = ""
    key: str = ""
    run_beside: Callable[[], object] | None = None
    also: str = ""

    def is_same(self, other: PaletteItem) -> bool:
        """True when both lines lead to the same thing."""
        return (self.key, self.section, self.title) == (other.key, other.section, other.title)


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
        make_note: Callable[[str], object] | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self._providers = tuple(providers)
        self._actions = actions
        self._search_everything = search_everything
        self._make_note = make_note
        self._text = ""
        self._names: list[PaletteItem] = []
        self._named_for: str | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_DEBOUNCE_MS)
        self._timer.timeout.connect(self._find_names)

    @property
    def text(self) -> str:
        """What was typed last."""
        return self._text

    @property
    def is_current(self) -> bool:
        """True once the names listed are all that fit `text`; actions always are."""
        return self._named_for == self._text.strip()

    @property
    def first_is_final(self) -> bool:
        """True when no name that is still being looked for can take the first line."""
        return self.is_current or (bool(self._text.strip()) and bool(self._fitting_actions()))

    @property
    def items(self) -> list[PaletteItem]:
        """Matching actions, names, and, once something is typed, the search through everything and a note to be made.

        Where nothing fits, Enter searches: a slip of the finger makes no note.
        """
        actions = self._fitting_actions()
        typed = self._text.strip()
        if not typed:
            return [*self._names, *actions]
        made = [] if self._make_note is None else [self._note_item(typed, self._make_note)]
        return [*actions, *self._names, self._search_item(typed), *made]

    def _fitting_actions(self) -> list[PaletteItem]:
        typed = self._text.strip().lower()
        actions = [item for item in self._actions() if fits(self._text, item)]
        return sorted(
            actions, key=lambda item: (not item.title.lower().startswith(typed), not matches(typed, item.title))
        )

    def set_text(self, text: str) -> None:
        """List what fits `text`: actions at once, names a moment later."""
        self._text = text
        self._names = [item for item in self._names if fits(text, item)]
        self._tasks.drop_channel(_CHANNEL)  # names for the text before
        self._timer.start()
        self.changed.emit()

    def refresh(self) -> None:
        """Start over with nothing typed."""
        self._text = ""
        self._names = []
        self._named_for = None
        self.changed.emit()
        self._find_names()

    def _find_names(self) -> None:
        if self._tasks.closed:
            return  # the window closed while the timer ran
        text = self._text.strip()

        def work(token: CancelToken) -> list[PaletteItem]:
            found: list[PaletteItem] = []
            for provider in self._providers:
                token.raise_if_cancelled()
                found += provider(text, _NAMES_FROM_EACH)
            return found

        def done(names: list[PaletteItem]) -> None:
            self._names = names
            self._named_for = text
            self.changed.emit()

        self._tasks.run(work, done=done, failed=self._fail, channel=_CHANNEL)

    def _fail(self, error: InkwellError) -> None:
        """Without names the actions and the search still work."""
        self._named_for = self._text.strip()
        self.changed.emit()
        self._tasks.unhandled.emit(error)

    def _search_item(self, text: str) -> PaletteItem:
        title = self.tr("Search everything for “{text}”").format(text=text)
        return PaletteItem(title, self.tr("Search"), lambda: self._search_everything(text), icon="search")

    def _note_item(self, text: str, make: Callable[[str], object]) -> PaletteItem:
        title = self.tr("New note “{text}”").format(text=text)
        return PaletteItem(title, self.tr("Notes"), lambda: make(text), icon="plus")


def name_rank(typed: str, title: str) -> int:
    """For sorting names that hold `typed`: 0 where it begins the title, 1 where it is a word of it, 2 elsewhere."""
    wanted, name = typed.strip().lower(), title.lower()
    if name.startswith(wanted):
        return 0
    return 1 if re.search(rf"\b{re.escape(wanted)}\b", name) else 2


def fits(typed: str, item: PaletteItem) -> bool:
    """True when the words typed are words of the item's name, or of its name and the other words for it."""
    if matches(typed, item.title):
        return True
    return len(typed.strip()) >= _LEAST_OF_OTHER_WORDS and matches(typed, f"{item.title} {item.also}")


def matches(typed: str, title: str) -> bool:
    """True when each word typed begins a word of the title, or several of them run together ("backup": Back up)."""
    words = re.findall(r"\w+", title.lower())
    tails = ["".join(words[number:]) for number in range(len(words))]
    return all(any(tail.startswith(part) for tail in tails) for part in re.findall(r"\w+", typed.lower()))
