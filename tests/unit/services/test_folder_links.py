"""Unpacked exports are linked as their archives are; other folders are left as they are."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.notes import NoteFilter
from desktop_app.domain.page_links import linked_by_paths
from desktop_app.domain.wiki_links import find_links
from desktop_app.services.note_import import NoteImport
from desktop_app.services.notes import NoteService
from desktop_app.storage.store import Store
from tests.fakes import note_files as made
from tests.unit.services.test_foreign_notes import DirectReader


def put(folder: Path, files: Mapping[str, bytes | str]) -> Path:
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data.encode() if isinstance(data, str) else data)
    return folder


def texts(notes: NoteService, path: Path) -> dict[str, str]:
    report = NoteImport(notes, reader=DirectReader()).run([path], lambda *_: None, CancelToken())
    return {note.title: note.text for note in map(notes.get, report.imported)}


def test_an_unpacked_export_of_notion_has_the_links_of_its_archive(note_service: NoteService, tmp_path: Path) -> None:
    files = {name: data for name, data in made.notion_members().items() if name.endswith(".md")}
    archived = texts(note_service, made.write_zip(tmp_path / "export.zip", files))
    _delete(note_service, [row.id for row in note_service.list_notes(NoteFilter())])
    unpacked = texts(note_service, put(tmp_path / "export", files))
    assert unpacked == archived
    assert "[[Sub (x)|Sub]]" in unpacked["Home: the long title"]
    assert "[[Home: the long title|up]]" in unpacked["Sub (x)"]


@pytest.mark.parametrize("unpacked", [True, False])
def test_a_page_whose_title_no_link_can_say_is_reached_all_the_same(
    note_service: NoteService, real_store: Store, tmp_path: Path, unpacked: bool
) -> None:
    home, oak = made.PAGE, made.OTHER_PAGE
    files: dict[str, bytes | str] = {
        f"Home {home}.md": f"# Home\n\n[it](Oak%20red%20{oak}.md)\n",
        f"Oak red {oak}.md": "# Oak | red #1\n",
    }
    path = put(tmp_path / "export", files) if unpacked else made.write_zip(tmp_path / "export.zip", files)
    report = NoteImport(note_service, reader=DirectReader()).run([path], lambda *_: None, CancelToken())
    notes = {note.title: note for note in map(note_service.get, report.imported)}
    (link,) = find_links(notes["Home"].text)
    assert link.shown == "it"
    assert real_store.note_links.resolve([link.target], notes["Home"].folder) == {link.target: notes["Oak | red #1"].id}


def test_a_markdown_export_of_joplin_is_linked_by_its_files(note_service: NoteService, tmp_path: Path) -> None:
    files = {
        "Work/First.md": "See [the other](../Home/Other%20note.md), [itself](First.md#part), "
        "![p](../_resources/p.png), [web](https://example.org/First.md) and [nothing](none.md).\n",
        "Home/Other note.md": "---\ntitle: Other: the whole title\n---\n\nBack to [First](../Work/First.md).\n",
        "_resources/p.png": b"\x89PNG",
    }
    found = texts(note_service, put(tmp_path / "joplin", files))
    assert found["First"] == (
        "See [[Other: the whole title|the other]], [[First|itself]], ![p](../_resources/p.png), "
        "[web](https://example.org/First.md) and [nothing](none.md).\n"
    )
    assert found["Other: the whole title"] == "\nBack to [[First]].\n"


def test_unpacked_pages_of_notion_have_links_tags_and_boxes(note_service: NoteService, tmp_path: Path) -> None:
    home, sub, table = made.PAGE, made.OTHER_PAGE, "a" * 32
    files = {
        f"Home {home}.html": f"<title>Home: the title</title><a href='Home%20{home}/Sub%20{sub}.html'>Sub</a>"
        f"<a href='Home%20{home}/Table%20{table}.csv'>Table</a>",
        f"Home {home}/Sub {sub}.html": f"<title>Sub &amp; co</title><p>text</p><a href='../Home%20{home}.html'>up</a>",
        f"Home {home}/Table {table}.csv": "Name\nx\n",
        f"Home {home}/Table {table}_all.csv": "Name\nx\ny\n",
        f"Box {'b' * 32}.md": "# Box\n\nTags: Red\nCreated: January 2, 2020 3:04 PM\n\n"
        "<aside>\n💡 Mind\n\n- this\n\n</aside>\n",
    }
    folder = put(tmp_path / "Export-01234567-89ab-cdef-0123-456789abcdef", files)
    for path in (folder, made.write_zip(tmp_path / "x.zip", {f"{folder.name}/{name}": files[name] for name in files})):
        found = texts(note_service, path)
        assert found == {
            "Home: the title": "[[Sub & co|Sub]][[Table]]\n",
            "Sub & co": "text\n\n[[Home: the title|up]]\n",
            "Table": "| Name |\n| --- |\n| x |\n| y |\n",
            "Box": "# Box\n\nTags: Red\nCreated: January 2, 2020 3:04 PM\n\n> 💡 Mind\n>\n> - this\n",
        }
        notes = {row.title: note_service.get(row.id) for row in note_service.list_notes(NoteFilter())}
        assert (notes["Box"].tags, notes["Box"].created_at.year) == (("red",), 2020)
        assert (notes["Sub & co"].folder, notes["Home: the title"].folder) == ("Home", "")
        _delete(note_service, [note.id for note in notes.values()])


def test_pages_of_a_folder_lead_to_each_other(note_service: NoteService, tmp_path: Path) -> None:
    files = {
        "a/one.html": "<title>One</title><a href='../two words.html#part'>here</a> <a href='https://x.y/two.html'>web</a>",
        "two words.html": "<title>Two</title>text",
    }
    folder = put(tmp_path / "pages", files)
    for path in (folder, made.write_zip(tmp_path / "x.zip", files)):
        assert texts(note_service, path)["One"] == "[[Two|here]] [web](https://x.y/two.html)\n"
        _delete(note_service, [row.id for row in note_service.list_notes(NoteFilter())])


def test_links_of_other_folders_stay(note_service: NoteService, tmp_path: Path) -> None:
    files = {"a.md": "See [b](b.md).", "b.md": "text"}
    assert texts(note_service, put(tmp_path / "vault", files))["a"] == files["a.md"]


@pytest.mark.parametrize("title", ["", "a [b]", "a|b"])
def test_a_title_that_cannot_be_linked_leaves_the_link(title: str) -> None:
    assert linked_by_paths("[x](y.md)", lambda _target: title) == "[x](y.md)"


def _delete(notes: NoteService, note_ids: list[int]) -> None:
    notes.trash(note_ids)
    notes.delete_forever(note_ids)
