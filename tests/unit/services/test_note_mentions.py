"""Words of other notes that name one, made links and words again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.errors import CancelledError, NotFoundError
from desktop_app.domain.mentions import MOST_READ, Mention
from desktop_app.services.note_mentions import MOST_IN_ONE_NOTE, MOST_MENTIONS, NoteMentions
from desktop_app.services.notes import NoteService
from desktop_app.storage.store import Store


class Desk:
    def __init__(self, folder: Path) -> None:
        self.store = Store.open(folder / "a.sqlite3", backups=folder / "b")
        self.notes = NoteService(self.store)
        self.service = NoteMentions(self.notes, self.store.note_links, self.store.note_mentions)

    def add(self, text: str, folder: str = "") -> int:
        return self.notes.create(folder, text).id

    def mentions(self, note_id: int) -> list[Mention]:
        return self.service.mentions_of(note_id, CancelToken())

    def said(self, note_id: int) -> list[tuple[int, str]]:
        return [(one.note_id, one.excerpt[one.mark[0] : one.mark[1]]) for one in self.mentions(note_id)]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path)
    yield made
    made.store.close()


def test_title_and_aliases_are_found_but_neither_links_nor_other_forms(desk: Desk) -> None:
    ink = desk.add("---\naliases: [Black water]\n---\n# Iron gall ink\n\nIron gall ink is old.")
    shop = desk.add("# Shop\n\nBuy iron gall ink and black water. See [[Iron gall ink]].")
    desk.add("# Irons\n\nIrons, galls and inks, iron and gall.")
    gone = desk.add("# Gone\n\nIron gall ink")
    desk.notes.trash([gone])
    assert desk.said(ink) == [(shop, "iron gall ink"), (shop, "black water")]
    assert desk.mentions(shop) == []


def test_names_in_scripts_without_blanks_are_found(desk: Desk) -> None:
    ink = desk.add("# \u58a8\u6c34")
    other = desk.add("# Note\n\n\u6211\u4e70\u4e86\u58a8\u6c34\u3002")
    assert desk.said(ink) == [(other, "\u58a8\u6c34")]


def test_a_note_without_a_name_is_mentioned_nowhere(desk: Desk) -> None:
    desk.add("# Other\n\nUntitled things")
    assert desk.mentions(desk.add("")) == []
    assert desk.mentions(desk.add("# a|b")) == []


def test_there_are_never_too_many(desk: Desk) -> None:
    ink = desk.add("# Ink")
    for number in range(MOST_MENTIONS // MOST_IN_ONE_NOTE + 3):
        desk.add(f"# {number}\n\n" + "ink " * 9)
    assert len(desk.mentions(ink)) == MOST_MENTIONS


def test_a_search_that_is_given_up_ends(desk: Desk) -> None:
    ink = desk.add("# Ink")
    desk.add("# Other\n\nink")
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(CancelledError):
        desk.service.mentions_of(ink, cancel)


def test_a_mention_becomes_a_link_and_words_again(desk: Desk) -> None:
    ink = desk.add("# Ink")
    text = "# Shop\n\n\U0001d11e Buy INK, and more ink."
    shop = desk.add(text)
    edited = desk.notes.get(shop).edited_at
    first, second = desk.mentions(ink)
    linked = desk.service.link(ink, first)
    assert desk.notes.get(shop).text == text.replace("INK", "[[INK]]")
    assert desk.notes.get(shop).edited_at == edited
    desk.service.link(ink, second)  # found before the first one became a link
    assert desk.notes.get(shop).text == text.replace("INK", "[[INK]]").replace("ink.", "[[ink]].")
    assert len(desk.store.note_links.links_to(ink)) == 2
    desk.service.take_back(linked)
    assert desk.notes.get(shop).text == text.replace("ink.", "[[ink]].")
    assert desk.said(ink) == [(shop, "INK")]


@pytest.mark.parametrize("folder", ["Work/Pens", ""])
def test_the_link_leads_to_the_note_that_was_meant(desk: Desk, folder: str) -> None:
    ink = desk.add("# Ink", folder)
    desk.add("# Ink", "Home")
    desk.add("# Shop\n\nBuy ink.", "Home")
    (mention,) = [one for one in desk.mentions(ink) if one.title == "Shop"]
    desk.service.link(ink, mention)
    assert desk.notes.get(mention.note_id).text.endswith(f"Buy [[{folder}/Ink|ink]].")
    assert [link.note_id for link in desk.store.note_links.links_to(ink)] == [mention.note_id]


def test_words_that_are_gone_change_nothing(desk: Desk) -> None:
    ink = desk.add("# Ink")
    shop = desk.add("# Shop\n\nBuy ink.")
    (mention,) = desk.mentions(ink)
    desk.notes.save(shop, "# Shop\n\nBuy pens.")
    with pytest.raises(NotFoundError):
        desk.service.link(ink, mention)
    assert desk.notes.get(shop).text == "# Shop\n\nBuy pens."


def test_of_a_long_text_only_what_is_looked_at_is_read(desk: Desk) -> None:
    ink = desk.add("# Ink")
    text = "# Long\n\nü " + "words " * (MOST_READ // 6 - 4)
    long = desk.add(f"{text}ink and behind it " + "words " * 20_000 + "ink")
    (mention,) = desk.mentions(ink)
    assert (mention.note_id, mention.start) == (long, len(text))
    assert mention.excerpt.endswith("words…")
    ((_, _, _, read),) = desk.store.note_mentions.texts_of([long])
    assert MOST_READ < len(read) < MOST_READ + 5_000
