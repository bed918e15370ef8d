from __future__ import annotations

from collections.abc import Sequence

import pytest

from desktop_app.domain.errors import NoteConflictError, NotFoundError
from desktop_app.domain.notes import NoteFilter
from desktop_app.services.notes import NoteService
from desktop_app.services.welcome import FOLDER, WelcomeNotes
from desktop_app.storage.store import Store


def test_titles_follow_the_text_until_the_person_gives_one(note_service: NoteService) -> None:
    note = note_service.create("/work//", "first line\n# Heading")
    assert (note.title, note.folder) == ("Heading", "work")
    assert note_service.save(note.id, "# Other").title == "Other"
    assert note_service.save(note.id, "# Other", title=" My  own ").title == "My own"
    assert note_service.save(note.id, "# Third").title == "My own"
    assert note_service.save(note.id, "# Third", title="Third").title == "Third"
    assert note_service.save(note.id, "# Fourth").title == "Fourth"
    assert note_service.save(note.id, "# Fourth", title="Mine").title == "Mine"
    assert note_service.save(note.id, "# Fourth", title=" ").title == "Fourth"
    assert note_service.save(note.id, "# Fifth").title == "Fifth"
    assert note_service.create().title == ""


def test_a_stale_save_is_refused(note_service: NoteService) -> None:
    note = note_service.create("", "one")
    note_service.save(note.id, "two", expected_revision=note.revision)
    with pytest.raises(NoteConflictError):
        note_service.save(note.id, "three", expected_revision=note.revision)
    assert note_service.get(note.id).text == "two"


def test_going_back_to_a_version_can_be_undone(note_service: NoteService) -> None:
    note = note_service.create("", "one")
    note_service.save(note.id, "two")
    (version,) = note_service.versions(note.id)
    assert note_service.restore_version(version.id).text == "one"
    newest = note_service.versions(note.id)[0]
    assert newest.text == "two"
    assert note_service.restore_version(newest.id).text == "two"


def test_a_note_that_was_put_back_meanwhile_is_not_deleted_for_good(note_service: NoteService) -> None:
    """As while a person is asked, by a linked folder whose file changed."""
    back, gone = note_service.quick_note("back"), note_service.quick_note("gone")
    note_service.trash([back.id, gone.id])
    note_service.restore([back.id])
    note_service.delete_forever([back.id, gone.id])
    assert note_service.get(back.id).text == "back"
    with pytest.raises(NotFoundError):
        note_service.get(gone.id)


def test_listeners_hear_of_each_change_once_and_not_of_none(note_service: NoteService) -> None:
    heard: list[Sequence[int]] = []
    stop = note_service.subscribe(heard.append)
    note = note_service.quick_note("x")
    note_service.save(note.id, "y")
    note_service.save(note.id, "y")
    note_service.move([note.id], "f")
    note_service.set_tags(note.id, ["#A", "a"])
    note_service.trash([note.id])
    note_service.restore([note.id])
    note_service.delete_forever([note.id])
    assert heard == [[note.id]] * 7
    stop()
    stop()
    note_service.quick_note("z")
    assert len(heard) == 7


def test_tags_changed_in_two_windows_are_all_kept(note_service: NoteService) -> None:
    note = note_service.create(text="# One")
    seen = note_service.set_tags(note.id, ["a", "b"]).tags
    note_service.set_tags(note.id, ["a", "b", "here"], seen)
    after = note_service.set_tags(note.id, ["b", "There"], seen)
    assert set(after.tags) == {"b", "here", "there"}
    note_service.change_tags({note.id: ["b", "bulk"]}, {note.id: ["b", "there"]})
    assert set(note_service.get(note.id).tags) == {"b", "here", "bulk"}
    note_service.change_tags({note.id: ["b", "there"]}, {note.id: ["b", "bulk"]})
    assert set(note_service.get(note.id).tags) == {"b", "here", "there"}
    assert note_service.set_tags(note.id, ["x"]).tags == ("x",)


def test_trash_and_tags(note_service: NoteService) -> None:
    note = note_service.create("a", "x")
    assert note_service.set_tags(note.id, ["B c", "#a"]).tags == ("a", "b-c")
    assert note_service.tags() == [("a", 1), ("b-c", 1)]
    note_service.trash([note.id])
    assert note_service.count(NoteFilter()) == 0
    assert note_service.folders() == []
    note_service.restore([note.id])
    assert note_service.get(note.id).folder == "a"


def test_welcome_notes_come_once_and_go_in_one_step(real_store: Store, note_service: NoteService) -> None:
    welcome = WelcomeNotes(real_store, note_service)
    assert not welcome.present()
    added = welcome.install()
    assert 10 <= len(added) <= 15
    assert welcome.present()
    assert welcome.install() == []
    rows = note_service.list_notes(NoteFilter(folder=FOLDER))
    assert rows[0].title == "Start here"
    for note in real_store.notes.get_many(added):
        assert note.is_welcome
        assert note.tags
        assert 300 < len(note.text) < 1800
        assert not note.text.startswith("---")
    removed = welcome.remove()
    assert sorted(removed) == sorted(added)
    assert not welcome.present()
    assert welcome.remove() == []
    assert welcome.install() == []
    note_service.restore(removed)
    assert welcome.present()


def test_a_store_with_notes_gets_no_welcome_notes(real_store: Store, note_service: NoteService) -> None:
    note_service.quick_note("mine")
    assert WelcomeNotes(real_store, note_service).install() == []


def test_a_tag_in_the_text_is_the_notes_own_while_it_stands_there(note_service: NoteService) -> None:
    note = note_service.quick_note("Call Ada #Work/Ink\n\n`#code`\n\n    #define")
    assert note.tags == ("work/ink",)
    note_service.set_tags(note.id, ["work/ink", "mine"])
    note = note_service.save(note.id, "Call Ada #novel and (#sea)", expected_revision=note.revision)
    assert note.tags == ("mine", "novel", "sea") == note_service.get(note.id).tags
    assert [tag for tag, _ in note_service.tags()] == ["mine", "novel", "sea"]
    assert note_service.save(note.id, "Call Ada #sea", expected_revision=note.revision).tags == ("mine", "sea")
    earlier = note_service.versions(note.id)[-1]
    assert note_service.restore_version(earlier.id).tags == ("mine", "work/ink")


def test_a_tag_that_was_taken_off_by_hand_comes_back_only_with_new_words(note_service: NoteService) -> None:
    note = note_service.quick_note("the #sea")
    note_service.set_tags(note.id, [])
    assert note_service.save(note.id, "the #sea is wide").tags == ()
    assert note_service.save(note.id, "the sea").tags == ()
    assert note_service.save(note.id, "the #sea").tags == ("sea",)


def test_a_tag_of_the_properties_stays_when_the_text_does_not_say_it_any_more(note_service: NoteService) -> None:
    note = note_service.quick_note("the #sea")
    note_service.set_properties(note.id, ["sea"], "tags: [sea]\n")
    assert note_service.save(note.id, "the sea").tags == ("sea",)


def test_a_stale_save_changes_no_tags(note_service: NoteService) -> None:
    note = note_service.create("", "one")
    note_service.save(note.id, "two", expected_revision=note.revision)
    with pytest.raises(NoteConflictError):
        note_service.save(note.id, "three #sea", expected_revision=note.revision)
    assert note_service.get(note.id).tags == ()
