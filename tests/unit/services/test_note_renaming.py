"""Another title: the note, the links that said the old one, and the way back."""

from __future__ import annotations

import pytest

from desktop_app.services.note_renaming import NoteRenaming
from desktop_app.services.notes import NoteService
from desktop_app.storage.store import Store


@pytest.fixture
def renaming(notes: NoteService, real_store: Store) -> NoteRenaming:
    return NoteRenaming(notes, real_store.note_links)


def test_links_follow_a_new_title_and_come_back_with_the_old_one(notes: NoteService, renaming: NoteRenaming) -> None:
    ink = notes.create("Work", "# Ink ##\r\n\r\nsee [[ink#Recipe]] [[Home/Ink]]")
    pen = notes.create("", "# Pen\r\n\r\n[[Ink]] [[Work/INK#Recipe|x]]\u2028`[[Ink]]` [[Inkwell]]\n")
    far = notes.create("Home", "# Ink\n\n[[Ink]]")
    before = [notes.get(note.id) for note in (ink, pen, far)]
    assert [(link.note_id, link.target) for link in renaming.links_by_title(ink.id)] == [
        (pen.id, "Ink"),
        (pen.id, "Work/INK"),
        (ink.id, "ink"),
    ]
    told: list[int] = []
    notes.subscribe(told.extend)
    done = renaming.rename(ink.id, "  Black   ink ")
    assert notes.get(ink.id).title == "Black ink"
    assert notes.get(ink.id).text == "# Black ink\r\n\r\nsee [[Black ink#Recipe]] [[Home/Ink]]"
    assert "[[Work/Black ink#Recipe|x]]\u2028`[[Ink]]` [[Inkwell]]\n" in notes.get(pen.id).text
    assert notes.get(far.id) == before[2]
    assert notes.get(pen.id).edited_at == before[1].edited_at
    assert set(told) == {ink.id, pen.id}
    renaming.take_back(done)
    for old in before:
        now = notes.get(old.id)
        assert (now.title, now.text) == (old.title, old.text)


def test_counts_are_those_that_are_shown_first(notes: NoteService, renaming: NoteRenaming) -> None:
    ink = notes.create("", "# Ink")
    notes.create("", "[[Ink]] [[ink|a]]")
    notes.create("", "on [[Ink#x]]")
    assert len(renaming.links_by_title(ink.id)) == 3
    done = renaming.rename(ink.id, "Tint")
    assert (done.links, done.notes) == (3, 2)
    assert renaming.links_left_behind("Ink") == []


def test_a_title_that_was_typed_stays_apart_from_the_text(notes: NoteService, renaming: NoteRenaming) -> None:
    note = notes.create("", "# Heading")
    notes.save(note.id, "# Heading", "Typed")
    renaming.rename(note.id, "Other")
    assert (notes.get(note.id).title, notes.get(note.id).text) == ("Other", "# Heading")
    plain = notes.create("", "first line\nsecond")
    renaming.rename(plain.id, "Named")
    assert (notes.get(plain.id).title, notes.get(plain.id).text) == ("Named", "first line\nsecond")


def test_where_the_new_title_means_another_note_the_folder_is_written(
    notes: NoteService, renaming: NoteRenaming
) -> None:
    ink = notes.create("Work", "# Ink")
    notes.create("Home", "# Tint")
    pen = notes.create("Home", "# Pen\n\n[[Ink]]")
    renaming.rename(ink.id, "Tint")
    assert notes.get(pen.id).text == "# Pen\n\n[[Work/Tint]]"


def test_a_title_that_no_link_can_name_leaves_the_links(notes: NoteService, renaming: NoteRenaming) -> None:
    ink = notes.create("", "# Ink")
    pen = notes.create("", "[[Ink]]")
    assert renaming.rename(ink.id, "C# and [ink]").links == 0
    assert notes.get(pen.id).text == "[[Ink]]"


def test_what_was_written_since_is_kept_when_it_is_taken_back(notes: NoteService, renaming: NoteRenaming) -> None:
    ink = notes.create("", "# Ink")
    pen = notes.create("", "# Pen\n\n[[Ink]]")
    done = renaming.rename(ink.id, "Tint")
    notes.save(pen.id, notes.get(pen.id).text + " and more")
    renaming.take_back(done)
    assert notes.get(pen.id).text == "# Pen\n\n[[Ink]] and more"
    assert notes.get(ink.id).text == "# Ink"


def test_links_to_a_title_that_was_typed_over_are_changed_afterwards(
    notes: NoteService, renaming: NoteRenaming
) -> None:
    ink = notes.create("", "# Ink")
    pen = notes.create("", "# Pen\n\n[[Ink|black]]")
    notes.save(ink.id, "# Tint")
    assert [link.note_id for link in renaming.links_left_behind("Ink")] == [pen.id]
    done = renaming.change_links(ink.id, "Ink")
    assert notes.get(pen.id).text == "# Pen\n\n[[Tint|black]]"
    renaming.take_back(done)
    assert notes.get(pen.id).text == "# Pen\n\n[[Ink|black]]"
    assert notes.get(ink.id).text == "# Tint"


def test_a_note_in_no_folder_has_a_slash_in_front_where_its_title_means_another(
    notes: NoteService, renaming: NoteRenaming, real_store: Store
) -> None:
    ink = notes.create("", "# Ink")
    notes.create("Home", "# Tint")
    pen = notes.create("Home", "# Pen\n\n[[Ink]]")
    far = notes.create("Work", "# Far\n\n[[Ink]]")
    done = renaming.rename(ink.id, "Tint")
    assert notes.get(pen.id).text == "# Pen\n\n[[/Tint]]"
    assert notes.get(far.id).text == "# Far\n\n[[Tint]]"
    assert {link.note_id for link in real_store.note_links.links_to(ink.id)} == {pen.id, far.id}
    renaming.rename(ink.id, "Hue")
    assert notes.get(pen.id).text == "# Pen\n\n[[Hue]]"
    renaming.rename(ink.id, "Tint")
    renaming.take_back(done)
    assert notes.get(pen.id).text == "# Pen\n\n[[Ink]]"


def test_a_folder_that_a_link_says_is_not_said_twice(notes: NoteService, renaming: NoteRenaming) -> None:
    ink = notes.create("Work", "# Ink")
    notes.create("Home", "# Tint")
    pen = notes.create("Home", "# Pen\n\n[[Work/Ink]]")
    renaming.rename(ink.id, "Tint")
    assert notes.get(pen.id).text == "# Pen\n\n[[Work/Tint]]"


def test_links_stay_where_the_title_typed_since_can_be_named_by_none(
    notes: NoteService, renaming: NoteRenaming
) -> None:
    ink = notes.create("", "# Ink")
    pen = notes.create("", "# Pen\n\n[[Ink]]")
    notes.save(ink.id, "# C# and [ink]")
    assert renaming.change_links(ink.id, "Ink").links == 0
    assert notes.get(pen.id).text == "# Pen\n\n[[Ink]]"


def test_links_by_another_name_stay(notes: NoteService, renaming: NoteRenaming) -> None:
    ink = notes.create("", "# Ink")
    notes.set_properties(ink.id, (), "aliases: [Tinte]\n")
    pen = notes.create("", "# Pen\n\n[[Tinte]] [[Ink]]")
    assert [link.target for link in renaming.links_by_title(ink.id)] == ["Ink"]
    renaming.rename(ink.id, "Tint")
    assert notes.get(pen.id).text == "# Pen\n\n[[Tinte]] [[Tint]]"


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("# Ink\n\nblack", "# Tint\n\nblack"),
        ("first line\n\n# Ink\n", "first line\n\n# Tint\n"),
        ("Ink\n===\n\nblack", "Ink\n===\n\nblack"),
    ],
)
def test_a_heading_that_is_the_title_is_changed_and_one_with_a_line_below_stays(
    notes: NoteService, renaming: NoteRenaming, text: str, after: str
) -> None:
    note = notes.create("", text)
    renaming.rename(note.id, "Tint")
    assert (notes.get(note.id).title, notes.get(note.id).text) == ("Tint", after)


def test_a_note_whose_links_change_keeps_the_title_that_was_typed(notes: NoteService, renaming: NoteRenaming) -> None:
    ink = notes.create("", "# Ink")
    pen = notes.create("", "# Pen\n\n[[Ink]]")
    notes.save(pen.id, "# Pen\n\n[[Ink]]", "Typed")
    done = renaming.rename(ink.id, "Tint")
    assert (notes.get(pen.id).title, notes.get(pen.id).text) == ("Typed", "# Pen\n\n[[Tint]]")
    told: list[int] = []
    notes.subscribe(told.extend)
    renaming.take_back(done)
    assert set(told) == {ink.id, pen.id}
