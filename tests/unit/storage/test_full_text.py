from __future__ import annotations

import sqlite3
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from desktop_app.domain.conversation import Role
from desktop_app.domain.errors import StoreDamagedError
from desktop_app.domain.generation import StopReason
from desktop_app.domain.notes import ImportSource
from desktop_app.domain.query import family_expression
from desktop_app.storage import full_text
from desktop_app.storage.full_text import TOKENIZER, Tokenizer
from desktop_app.storage.store import Store


def found(store: Store, match: str) -> list[int]:
    return [note_id for note_id, _ in store.words.search_notes(match, 50)]


def test_words_follow_every_change(store: Store) -> None:
    note = store.notes.create("Über Hunde", "The dogs were running.", tags=("tier/hund",))
    for match in ("uber", "run", "dog*", '"dogs were"', "hund", "tier"):
        assert found(store, match) == [note.id], match
    store.notes.save(note.id, title="Cats", text="after\x00nul")
    assert found(store, "run") == []
    assert found(store, "nul") == [note.id]
    store.notes.set_tags(note.id, ["bird"])
    assert found(store, "tier") == []
    assert found(store, "bird") == [note.id]
    store.notes.trash([note.id])
    assert found(store, "bird") == []
    assert store.words.note_count() == 0
    store.notes.save(note.id, title="Cats", text="changed in the trash")
    assert found(store, "changed") == []
    store.words.integrity_check()
    store.notes.restore([note.id])
    assert found(store, "changed") == [note.id]
    store.notes.delete_forever([note.id])
    assert found(store, "changed") == []
    store.words.integrity_check()


def test_other_properties_of_front_matter_are_found(store: Store) -> None:
    source = ImportSource("a.md", "/a.md", "1", front_matter="title: Bob\naliases: [Robert]\n")
    note = store.notes.create("Bob", "text", source=source)
    assert found(store, "robert") == found(store, "aliases") == [note.id]
    assert found(store, "title") == []
    source = replace(source, front_matter="aliases: [Bobby]\n")
    store.notes.save(note.id, title="Bob", text="text", source=source)
    assert (found(store, "robert"), found(store, "bobby")) == ([], [note.id])
    store.notes.trash([note.id])
    assert found(store, "bobby") == []
    store.words.integrity_check()


def test_titles_weigh_more_and_scores_fall(store: Store) -> None:
    body = store.notes.create("something", "about garden and more words here")
    title = store.notes.create("garden", "about something and more words here")
    for number in range(5):
        store.notes.create(f"other {number}", "filler")
    hits = store.words.search_notes("garden", 10)
    assert [note_id for note_id, _ in hits] == [title.id, body.id]
    assert hits[0][1] > hits[1][1] > 0
    assert len(store.words.search_notes("garden", 1)) == 1


def test_document_frequencies_use_the_index_own_tokenizer(store: Store) -> None:
    store.notes.create("a", "running runs café e-mail")
    store.notes.create("b", "run mail")
    trashed = store.notes.create("c", "runner run")
    store.notes.trash([trashed.id])
    assert store.words.document_frequencies(["runs", "running", "cafe", "CAFÉS", "e-mail", "nothing", "—", ""]) == {
        "runs": 2,
        "running": 2,
        "cafe": 1,
        "CAFÉS": 1,
        "e-mail": 1,
        "nothing": 0,
        "—": 0,
        "": 0,
    }


def test_the_tokenizer_is_the_one_of_the_schema(store: Store) -> None:
    connection = sqlite3.connect(store.path)
    for table in ("notes_words", "messages_words"):
        (sql,) = connection.execute("SELECT sql FROM sqlite_master WHERE name = ?", (table,)).fetchone()
        assert TOKENIZER in sql
    connection.close()
    assert Tokenizer().tokens(["Houses", "don't"]) == [["hous"], ["don", "t"]]


def test_only_whole_messages_are_in_the_index(store: Store) -> None:
    chat = store.conversations.create()
    question = store.conversations.add_message(chat.id, None, Role.USER, "penguins")
    answer = store.conversations.add_message(chat.id, question.id, Role.ASSISTANT, "")
    store.conversations.save_partial(answer.id, "tiger", [1])
    assert store.messages.find("tiger", limit=5) == []
    store.conversations.finish_message(answer.id, "tigers", [1], StopReason.END, None)
    assert [(hit.conversation_id, hit.message_id) for hit in store.messages.find("tiger", limit=5)] == [
        (chat.id, answer.id)
    ]
    assert [(hit.conversation_id, hit.message_id) for hit in store.messages.find("penguin", limit=5)] == [
        (chat.id, question.id)
    ]
    store.conversations.trash(chat.id)
    assert store.messages.find("tiger", limit=5) == []
    store.words.integrity_check()
    store.conversations.delete_forever(chat.id)
    store.words.integrity_check()


_TEXTS = st.text(st.sampled_from("ab \n\x00é😀"), max_size=12)
_STEPS = st.lists(
    st.tuples(
        st.sampled_from(["create", "save", "tags", "trash", "restore", "delete", "move"]), st.integers(0, 5), _TEXTS
    ),
    max_size=25,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(_STEPS)
def test_the_index_agrees_with_the_texts_after_any_edits(store: Store, steps: list[tuple[str, int, str]]) -> None:
    notes = store.notes
    with store.transaction():
        for action, place, text in steps:
            ids = [*notes.all_ids(), *notes.all_ids(trashed=True)]
            if action == "create" or not ids:
                notes.create(text, text[::-1], tags=("t",))
                continue
            note_id = ids[place % len(ids)]
            if action == "save":
                notes.save(note_id, title=text, text=text * 2)
            elif action == "tags":
                notes.set_tags(note_id, [text])
            elif action == "move":
                notes.move([note_id], text)
            else:
                {"trash": notes.trash, "restore": notes.restore, "delete": notes.delete_forever}[action]([note_id])
    store.words.integrity_check()


@pytest.mark.parametrize(
    ("line", "counts"),
    [
        ("malformed inverted index for FTS5 table main.notes_words", False),
        ("unable to validate the inverted index for FTS5 table main.messages_words: database disk image", False),
        ("row 3 missing from index notes_by_folder", True),
    ],
)
def test_what_a_newer_sqlite_says_of_a_whole_index_is_not_believed(
    store: Store, monkeypatch: pytest.MonkeyPatch, line: str, counts: bool
) -> None:
    store.notes.create("t", "text")
    monkeypatch.setattr("desktop_app.storage.store.integrity_problems", lambda connection: [line])
    assert store.integrity_check() == ([line] if counts else [])


def test_a_trigger_that_forgets_old_values_is_caught_and_mended(store: Store) -> None:
    note = store.notes.create("t", "before")
    connection = sqlite3.connect(store.path)
    connection.execute("DROP TRIGGER notes_words_leave")
    connection.execute("UPDATE notes SET text = 'afterwards'")
    connection.commit()
    connection.close()
    with pytest.raises(StoreDamagedError):
        store.words.integrity_check()
    assert store.integrity_check() != []
    store.words.rebuild()
    assert store.integrity_check() == []
    assert found(store, "afterwards") == [note.id]


def test_parts_and_spellings_follow_every_change(store: Store) -> None:
    words = store.words
    assert (words.notes_with_part("kuchen"), words.spelled_like("bycicle")) == ([], [])
    note = store.notes.create("Oma", "Apfelkuchen und 麻婆豆腐 on my bicycle")
    assert words.notes_with_part("kuchen") == words.notes_with_part("豆腐") == [note.id]
    assert words.spelled_like("bycicle") == ["bicycl"]
    assert words.has_beginning("apfelk")
    assert not words.has_beginning("kuchen")
    store.notes.trash([note.id])
    assert (words.notes_with_part("kuchen"), words.spelled_like("bycicle")) == ([], [])
    with store.transaction():
        inside = store.notes.create("", "Käsekuchen")
        assert words.notes_with_part("kuchen") == [inside.id]


def test_terms_that_took_long_to_read_serve_a_while(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    step = [1.0]

    def monotonic() -> float:
        now[0] += step[0]
        return now[0]

    monkeypatch.setattr("desktop_app.storage.word_counts.time", SimpleNamespace(monotonic=monotonic))
    first = store.notes.create("", "Apfelkuchen")
    assert store.words.notes_with_part("kuchen") == [first.id]
    step[0] = 0.0
    second = store.notes.create("", "Käsekuchen")
    assert store.words.notes_with_part("kuchen") == [first.id]
    store.words.read_terms()  # too soon
    assert store.words.notes_with_part("kuchen") == [first.id]
    now[0] += 60.0
    third = store.notes.create("", "Pfannkuchen")
    assert store.words.notes_with_part("kuchen") == [first.id]  # nobody waits for the next reading
    store.words.read_terms()
    assert store.words.notes_with_part("kuchen") == [first.id, second.id, third.id]


def test_terms_of_a_large_index_are_at_hand_once_they_were_read(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    note = store.notes.create("", "Apfelkuchen")
    assert store.words.terms_at_hand()  # few are read at once
    monkeypatch.setattr("desktop_app.storage.word_counts._NOTES_READ_AT_ONCE", 0)
    assert not store.words.terms_at_hand()
    store.words.read_terms()
    assert store.words.terms_at_hand()
    assert store.words.notes_with_part("kuchen") == [note.id]


def test_the_languages_of_the_notes_and_other_forms_of_a_word(store: Store) -> None:
    words = store.words
    assert words.languages() == ()
    for number in range(3):
        store.notes.create(f"{number}", "Das ist nicht das Haus, und auch kein Häuschen.")
    assert words.languages() == ("de",)
    house = store.notes.create("", "Hinter den Häusern")
    assert words.other_forms(["häuser", "hause", "xyz"], ("de",)) == {
        "häuser": {"hau": 3, "hausern": 1},
        "hause": {"hau": 3, "hausern": 1},
    }
    assert words.notes_with(family_expression(["hausern"])) == [house.id]
    store.notes.trash(store.notes.all_ids())
    assert words.languages() == ()


def test_a_language_that_came_to_many_notes_is_seen_before_they_are_a_tenth(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(full_text, "_LANGUAGES_SEEN_AT_ONCE", 10)
    for number in range(60):
        store.notes.create(f"{number}", "words")
    assert store.words.languages() == ()
    for number in range(3):
        store.notes.create(f"{number}", "Das ist nicht das Haus, und auch kein anderes.")
    assert store.words.languages() == ("de",)
