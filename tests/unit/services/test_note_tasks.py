"""Open tasks over all notes, ticked and opened again."""

from __future__ import annotations

import pytest

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.errors import CancelledError, NotFoundError
from desktop_app.domain.notes import NoteFilter
from desktop_app.domain.open_tasks import OpenTask
from desktop_app.services import note_tasks
from desktop_app.services.note_tasks import NoteTasks
from desktop_app.services.notes import NoteService
from desktop_app.storage.store import Store


@pytest.fixture
def service(notes: NoteService, real_store: Store) -> NoteTasks:
    return NoteTasks(notes, real_store.note_tasks)


def _listed(service: NoteTasks, **narrowed: str) -> list[OpenTask]:
    return service.open_tasks(NoteFilter(**narrowed), CancelToken())  # type: ignore[arg-type]


def test_those_of_the_trash_of_templates_and_outside_the_filter_are_left_out(
    notes: NoteService, service: NoteTasks
) -> None:
    notes.create("Work", "# A\n- [ ] one")
    notes.create("Work/Deep", "# B\n- [x] done\n- [ ] two")
    notes.create("Home", "# C\n\n#ink\n- [ ] three")
    notes.create("Templates", "# T\n- [ ] never")
    notes.trash([notes.create("Work", "- [ ] gone").id])
    assert [one.words for one in _listed(service)] == ["three", "two", "one"]
    assert [(one.words, one.folder) for one in _listed(service, folder="Work")] == [
        ("two", "Work/Deep"),
        ("one", "Work"),
    ]


def test_a_tick_is_an_edit_of_the_note_and_is_taken_back(notes: NoteService, service: NoteTasks) -> None:
    note = notes.create("", "# A\r\n- [ ] one\r\n- [ ] two\r\n")
    told: list[int] = []
    notes.subscribe(told.extend)
    task = _listed(service)[1]
    service.tick(task)
    assert notes.get(note.id).text == "# A\r\n- [ ] one\r\n- [x] two\r\n"
    assert told == [note.id]
    assert [one.words for one in _listed(service)] == ["one"]
    notes.save(note.id, "new\n" + notes.get(note.id).text)
    service.open_again(task)
    assert notes.get(note.id).text == "new\n# A\r\n- [ ] one\r\n- [ ] two\r\n"
    service.open_again(task)  # it is open by now
    assert notes.get(note.id).text.count("[ ]") == 2


def test_what_is_not_there_any_more_is_not_ticked(notes: NoteService, service: NoteTasks) -> None:
    note = notes.create("", "- [ ] one")
    task = _listed(service)[0]
    notes.save(note.id, "- [ ] other")
    with pytest.raises(NotFoundError):
        service.tick(task)
    notes.save(note.id, "- [ ] one")
    notes.trash([note.id])
    with pytest.raises(NotFoundError):
        service.tick(task)
    assert notes.get(note.id).text == "- [ ] one"


def test_it_ends_at_the_most_and_when_it_is_stopped(
    notes: NoteService, service: NoteTasks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(note_tasks, "MOST_TASKS", 3)
    for number in range(4):
        notes.create("", f"- [ ] a{number}\n- [ ] b{number}")
    assert len(_listed(service)) == 3
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(CancelledError):
        service.open_tasks(NoteFilter(), cancel)
