"""What links do for the person who writes or follows one."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from desktop_app.domain.errors import NoteTitleError
from desktop_app.domain.notes import ImportSource
from desktop_app.services.note_links import MOST_EMBEDDED, NoteLinkService
from desktop_app.services.notes import IncomingNote, NoteService
from desktop_app.storage.store import Store


@pytest.fixture
def links(notes: NoteService, real_store: Store) -> NoteLinkService:
    return NoteLinkService(notes, real_store.note_links, real_store.note_attachments)


def test_a_link_leads_to_its_heading(notes: NoteService, links: NoteLinkService) -> None:
    ink = notes.create("Work", "# Ink\n\ntext\n\n## Iron gall\n\nmore")
    pen = notes.create("", "# Pen\n\n[[Ink#iron gall]]\n\n## Nib")
    there = links.follow(pen.id, "Ink#iron gall")
    assert (there.note_id, there.made) == (ink.id, False)
    assert there.place is not None
    assert ink.text[slice(*there.place)] == "## Iron gall"
    assert links.follow(pen.id, "ink#nothing of the kind").place is None
    own = links.follow(pen.id, "#Nib")
    assert own.note_id == pen.id
    assert own.place is not None


def test_a_link_to_nothing_makes_the_note(notes: NoteService, links: NoteLinkService) -> None:
    pen = notes.create("Work", "[[Quill]] [[Old/Reed]]")
    assert links.about(pen.id).missing == {"quill", "old/reed"}
    made = links.follow(pen.id, "Quill#Cut")
    assert made.made
    note = notes.get(made.note_id)
    assert (note.title, note.folder, note.text) == ("Quill", "Work", "# Quill\n\n")
    assert notes.get(links.follow(pen.id, "Old/Reed").note_id).folder == "Old"
    assert links.about(pen.id).missing == frozenset()
    assert links.follow(pen.id, "quill").note_id == made.note_id


def test_about_a_note(notes: NoteService, links: NoteLinkService) -> None:
    ink = notes.create("", "# Ink\n\n## Iron gall")
    pen = notes.create("", "# Pen\n\nfilled with [[Ink]]")
    about = links.about(ink.id)
    assert [one.title for one in about.outline] == ["Ink", "Iron gall"]
    assert [(one.note_id, one.excerpt) for one in about.backlinks] == [(pen.id, "filled with [[Ink]]")]


def test_a_note_in_no_folder_is_offered_with_a_slash_where_its_title_means_another(
    notes: NoteService, links: NoteLinkService
) -> None:
    far = notes.create("", "# Ink")
    notes.create("Home", "# Ink")
    here = notes.create("Home", "[[/Ink]]")
    assert {one.written for one in links.complete(here.id, "ink")} == {"/Ink|Ink", "Ink"}
    assert [link.note_id for link in links.about(far.id).backlinks] == [here.id]


def test_names_and_headings_complete_a_link(notes: NoteService, links: NoteLinkService) -> None:
    notes.create("Home", "# Ink\n\n## Blue\n\n## Black")
    notes.create("Work", "# Ink\n\n## Red")
    notes.create("", "# A [odd] title")
    here = notes.create("Home", "# Inkwell")
    assert [(one.written, one.beside) for one in links.complete(here.id, "ink")] == [
        ("Work/Ink|Ink", "Work"),
        ("Ink", "Home"),
    ]
    assert [one.words for one in links.complete(here.id, "odd")] == []
    assert [one.written for one in links.complete(here.id, "Ink#bl")] == ["Ink#Blue", "Ink#Black"]
    assert [one.written for one in links.complete(here.id, "work/ink#")] == ["work/ink#Ink", "work/ink#Red"]
    assert links.complete(here.id, "nothing#") == []


def test_a_note_is_offered_once_where_its_file_says_its_title(notes: NoteService, links: NoteLinkService) -> None:
    def incoming(title: str, path: str, matter: str = "") -> None:
        source = ImportSource(path=path, file=f"/vault/{path}", hash=path, front_matter=matter)
        at = datetime(2026, 1, 1, tzinfo=UTC)
        notes.add_imported(IncomingNote(title, "text", "", (), source, created_at=at, edited_at=at))

    incoming("Mouse support in vim", "mouse-support-in-vim.md", "aliases: [Mice]\n")
    incoming("Sub page", f"Sub page {'b' * 32}.md")
    incoming("Recipe", "gall_2024.md")
    here = notes.create("", "# Here")
    assert [one.words for one in links.complete(here.id, "mo")] == ["Mouse support in vim"]
    assert [one.words for one in links.complete(here.id, "sub")] == ["Sub page"]
    assert [one.words for one in links.complete(here.id, "mic")] == ["Mice"]
    assert [one.words for one in links.complete(here.id, "gall")] == ["gall_2024"]
    assert sorted(one.words for one in links.complete(here.id, "")) == ["Mouse support in vim", "Recipe", "Sub page"]


def test_a_paragraph_with_a_name_is_found_offered_and_shown(notes: NoteService, links: NoteLinkService) -> None:
    ink = notes.create("", "---\nstatus: x\n---\n# Ink\n\nOak galls. ^gall\n\n## Keep\n\ncool")
    pen = notes.create("", "# Pen\n\n![[Ink#^gall]]")
    there = links.follow(pen.id, "Ink#^gall")
    assert there.place is not None
    assert ink.text[slice(*there.place)] == "Oak galls. ^gall"
    assert [one.written for one in links.complete(pen.id, "Ink#^ga")] == ["Ink#^gall"]
    shown = links.embedded(pen.id, "Ink#^gall")
    assert shown is not None
    assert (shown.note_id, shown.title, shown.text, shown.is_cut) == (ink.id, "Ink", "Oak galls.", False)
    whole = links.embedded(pen.id, "Ink")
    assert whole is not None
    assert whole.text == "Oak galls. ^gall\n\n## Keep\n\ncool"
    assert links.embedded(pen.id, "Ink#Nothing") is None
    assert links.embedded(pen.id, "Pen") is None, "a note does not show itself"
    assert links.embedded(pen.id, "Quill") is None


def test_of_a_long_note_the_beginning_is_shown(notes: NoteService, links: NoteLinkService) -> None:
    notes.create("", "# Long\n\n" + "some words\n\n" * 5_000)
    pen = notes.create("", "# Pen")
    shown = links.embedded(pen.id, "Long")
    assert shown is not None
    assert shown.is_cut
    assert len(shown.text) <= MOST_EMBEDDED
    assert shown.text.endswith("words")


def test_a_part_becomes_a_note_that_its_link_leads_to(notes: NoteService, links: NoteLinkService) -> None:
    pen = notes.create("Work", "# Pen\n\nlong words")
    made = notes.get(links.extract(pen.id, "Nib", "long words").note_id)
    assert (made.title, made.folder, made.text) == ("Nib", "Work", "# Nib\n\nlong words")
    assert notes.get(links.extract(pen.id, "Ink", "## Ink\n\nblack").note_id).text == "## Ink\n\nblack"
    for title in ("nib", "a | b", " "):
        with pytest.raises(NoteTitleError):
            links.extract(pen.id, title, "other words")
