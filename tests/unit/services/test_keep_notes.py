"""Notes of Google Keep out of a Takeout archive, and out of the folder that is unpacked of it: each once."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from desktop_app.domain.keep_names import is_keep_note, keep_pages
from desktop_app.domain.notes import NoteFilter
from desktop_app.services.notes import NoteService
from desktop_app.storage.store import Store
from tests.fakes import note_files as made
from tests.unit.services.test_folder_links import put
from tests.unit.services.test_import_attachments import PNG, Room

_TIMES = {"createdTimestampUsec": 1577934245000000, "userEditedTimestampUsec": 1609556645000000}
_FILES = {
    "Takeout/Keep/Shopping.json": json.dumps(
        {
            **_TIMES,
            "title": "Shopping",
            "listContent": [{"text": "milk", "isChecked": True}, {"text": "two\nlines", "isChecked": False}],
            "labels": [{"name": "home"}],
            "isArchived": True,
        }
    ),
    "Takeout/Keep/Shopping.html": "<title>Shopping</title>once more",
    "Takeout/Keep/2020-01-02T03_04.json": json.dumps(
        {
            **_TIMES,
            "title": "",
            "textContent": "first line\nsecond",
            "annotations": [{"url": "https://example.org", "title": "A [page]"}],
            "attachments": [{"filePath": "pic.jpeg", "mimetype": "image/jpeg"}],
        }
    ),
    "Takeout/Keep/pic.jpg": PNG,
    "Takeout/Keep/Gone.json": json.dumps({**_TIMES, "title": "Gone", "textContent": "x", "isTrashed": True}),
    "Takeout/Keep/Broken.json": "{",
    "Takeout/Keep/Labels.json": "[]",
    "Takeout/other.json": "{}",
}


@pytest.mark.parametrize("packed", [True, False])
def test_notes_of_keep(real_store: Store, note_service: NoteService, tmp_path: Path, packed: bool) -> None:
    room = Room(real_store, note_service)
    path = made.write_zip(tmp_path / "takeout.zip", _FILES) if packed else put(tmp_path / "takeout", _FILES)
    report = room.run(path)
    assert len(report.imported) == 2
    assert [one.path.rpartition("/")[2] for one in report.failed] == ["Broken.json"]
    assert [one.reason for one in report.converted] == ["It was in Keep's trash and was left out."]
    shopping, plain = room.note("Shopping"), room.note("first line")
    assert shopping.text == "- [x] milk\n- [ ] two lines\n"
    assert (shopping.tags, shopping.front_matter) == (("home",), "archived: true\n")
    assert (shopping.created_at.year, shopping.edited_at.year) == (2020, 2021)
    assert plain.text == "first line\nsecond\n\n[A (page)](https://example.org)\n\n![](pic.jpg)\n"
    assert room.shown("first line") == {"pic.jpg": PNG}
    again = room.run(path)
    assert (again.imported, again.updated, again.unchanged) == ((), (), 2)
    assert len(note_service.list_notes(NoteFilter())) == 2


def test_only_a_folder_of_that_name_holds_notes_of_keep() -> None:
    assert is_keep_note("Takeout/Keep/a.JSON")
    assert not is_keep_note("vault/a.json")
    assert not is_keep_note("Keep/Labels.json")
    assert keep_pages(["Keep/a.json", "Keep/a.html", "Keep/b.html", "x/c.json", "x/c.html"]) == {"Keep/a.html"}
