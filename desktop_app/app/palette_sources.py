"""What Ctrl+K finds besides actions: chats, notes, messages and templates, by their names and words."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject

from desktop_app.app.container import Container
from desktop_app.domain.conversation import WRITING
from desktop_app.domain.notes import NoteFilter, NoteSummary
from desktop_app.domain.wiki_links import NoteName
from desktop_app.presenters.command_palette import NameProvider, PaletteItem, name_rank
from desktop_app.presenters.setting_search import settings_named
from desktop_app.presenters.setting_words import page_name, translated
from desktop_app.presenters.shell import ShellPresenter
from desktop_app.services.note_templates import is_template

#: Of so many notes, the most recent ones whose titles fit, the best are shown.
_NAMES_RANKED = 200
_SETTINGS = 4
_PLACES = 4


class PaletteSources(QObject):
    """Asked in pool threads; what an item does runs in the GUI thread.

    Args:
        use_template: puts the template of this id into the open note.
        show_setting: goes to the setting of this key.
        shown_note: the note that is looked at, 0 for none: nobody goes to where they are.
    """

    def __init__(
        self,
        container: Container,
        shell: ShellPresenter,
        use_template: Callable[[int], None],
        show_setting: Callable[[str], None],
        shown_note: Callable[[], int],
    ) -> None:
        super().__init__()
        self._container = container
        self._shell = shell
        self._use_template = use_template
        self._show_setting = show_setting
        self._shown_note = shown_note

    def all(self) -> Sequence[NameProvider]:
        """Each finds at most so many items for a text, in the order in which they are listed."""
        return [
            self.chats_by_name,
            self.notes_by_name,
            self.folders_and_tags,
            self.templates_by_name,
            self.template_notes_by_name,
            self.settings_by_words,
            self.messages_by_words,
        ]

    def settings_by_words(self, text: str, limit: int) -> list[PaletteItem]:
        """Settings that are called so, or that people call so."""
        if len(text.strip()) < 3:
            return []
        return [
            PaletteItem(
                setting.label,
                self.tr("Settings"),
                lambda key=setting.key: self._show_setting(key),  # type: ignore[misc]
                icon="settings",
                second_line=page_name(setting.section),
                key=f"setting {setting.key}",
                also=" ".join((setting.plain_label, setting.also, *setting.choice_labels)),
            )
            for setting in map(translated, settings_named(text)[: min(limit, _SETTINGS)])
        ]

    def chats_by_name(self, text: str, limit: int) -> list[PaletteItem]:
        """Chats whose title contains `text`."""
        found = self._container.chat.conversations(text)[:limit]
        return [
            PaletteItem(
                chat.title or (self.tr("Free writing") if chat.kind == WRITING else self.tr("New chat")),
                self.tr("Chats"),
                lambda chat=chat: self._shell.show_chat(chat.id),  # type: ignore[misc]
                icon="writing" if chat.kind == WRITING else "chat",
                key=f"chat {chat.id}",
            )
            for chat in found
        ]

    def messages_by_words(self, text: str, limit: int) -> list[PaletteItem]:
        """Messages that hold the words of `text`."""
        return [
            PaletteItem(
                hit.title or self.tr("New chat"),
                self.tr("Messages"),
                lambda hit=hit: self._shell.show_message(hit.conversation_id, hit.message_id),  # type: ignore[misc]
                icon="chat",
                second_line=hit.snippet,
                key=f"message {hit.message_id}",
            )
            for hit in self._container.chat_search.find(text, typing=True, limit=limit)
        ]

    def notes_by_name(self, text: str, limit: int) -> list[PaletteItem]:
        """Notes whose title contains `text`, but for templates; those opened last for an empty one."""
        if text:
            found = self._container.notes.list_notes(NoteFilter(text=text), limit=_NAMES_RANKED)
            found = [note for note in found if not is_template(note)]
            found = sorted(found, key=lambda note: name_rank(text, note.title))[:limit]
        else:
            shown = self._shown_note()
            found = [note for note in self._container.notes.recently_opened(limit + 1) if note.id != shown][:limit]
        items = self._as_items(found, self.tr("Notes") if text else self.tr("Recently opened"))
        return [*items, *self._by_other_names(text, {note.id for note in found}, limit - len(items))] if text else items

    def _by_other_names(self, text: str, listed: set[int], limit: int) -> list[PaletteItem]:
        """Notes that are called so by an alias or by their file, which no title says."""
        others: dict[int, NoteName] = {}
        for name in self._container.note_parts.note_links.named(text, limit * 4) if limit > 0 else ():
            if name.note_id not in listed and not name.is_title:
                others.setdefault(name.note_id, name)
        return [
            PaletteItem(
                other.name,
                self.tr("Notes"),
                lambda other=other: self._shell.show_note(other.note_id),  # type: ignore[misc]
                icon="note",
                second_line=other.title or other.folder,
                key=f"note {other.note_id}",
                run_beside=lambda other=other: self._shell.show_note_beside(other.note_id),  # type: ignore[misc]
            )
            for other in list(others.values())[:limit]
        ]

    def folders_and_tags(self, text: str, limit: int) -> list[PaletteItem]:
        """Folders whose own name contains `text`, and tags, to list their notes; those with most notes first."""
        wanted = text.strip().lower()
        tag = wanted.removeprefix("#")
        if not tag:
            return []
        notes, most = self._container.notes, min(limit, _PLACES)
        folders = (
            [] if tag != wanted else [one for one in notes.folders() if wanted in one[0].rpartition("/")[2].lower()]
        )
        tags = [one for one in notes.tags() if tag in one[0].lower()]
        return [
            *(
                PaletteItem(
                    path.rpartition("/")[2],
                    self.tr("Folders"),
                    lambda path=path: self._shell.notes_narrowed.emit(path, ""),  # type: ignore[misc]
                    icon="folder",
                    second_line=path.rpartition("/")[0].replace("/", " / "),
                    key=f"folder {path}",
                )
                for path, _count in _best(wanted, folders)[:most]
            ),
            *(
                PaletteItem(
                    f"#{name}",
                    self.tr("Tags"),
                    lambda name=name: self._shell.notes_narrowed.emit("", name),  # type: ignore[misc]
                    icon="tag",
                    key=f"tag {name}",
                )
                for name, _count in _best(tag, tags)[:most]
            ),
        ]

    def template_notes_by_name(self, text: str, limit: int) -> list[PaletteItem]:
        """Templates whose title contains `text`, to be opened: behind what puts them in."""
        found = self._container.note_parts.note_templates.templates(text, limit) if text else []
        return self._as_items(found, self.tr("Notes"))

    def _as_items(self, found: Sequence[NoteSummary], section: str) -> list[PaletteItem]:
        return [
            PaletteItem(
                note.title or self.tr("Untitled"),
                section,
                lambda note=note: self._shell.show_note(note.id),  # type: ignore[misc]
                icon="note",
                second_line=note.folder,
                key=f"note {note.id}",
                run_beside=lambda note=note: self._shell.show_note_beside(note.id),  # type: ignore[misc]
            )
            for note in found
        ]

    def templates_by_name(self, text: str, limit: int) -> list[PaletteItem]:
        """Templates whose title contains `text`, or all of them where it begins the word itself."""
        word = self.tr("template")
        asked = text.strip().casefold()
        if not asked:
            return []
        found = self._container.note_parts.note_templates.templates("" if word.startswith(asked) else text, limit)
        return [
            PaletteItem(
                self.tr("Insert “{title}”").replace("{title}", template.title),
                self.tr("Templates"),
                lambda template=template: self._use_template(template.id),  # type: ignore[misc]
                icon="note",
                key=f"template {template.id}",
            )
            for template in found
        ]


def _best(wanted: str, counted: Sequence[tuple[str, int]]) -> list[tuple[str, int]]:
    """Those that are called so, then those whose name begins so, then others; of these the largest first."""

    def rank(one: tuple[str, int]) -> tuple[bool, int, int]:
        name = one[0].rpartition("/")[2]
        return name.lower() != wanted, name_rank(wanted, name), -one[1]

    return sorted(counted, key=rank)
