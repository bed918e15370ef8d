"""A change of the encoder: the old vectors answer until all new ones are there, whatever happens in between."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.errors import CancelledError, ModelMissingError, WorkerCrashedError
from desktop_app.domain.notes import NoteFilter
from desktop_app.domain.search import EncoderSpec, SearchMode, SearchResult
from desktop_app.services import encoder_change, indexing
from desktop_app.services.indexing import IndexingService
from desktop_app.services.serving_encoder import ServingEncoder
from desktop_app.storage.store import Store
from tests.fakes.fake_encoder import FakeEncoder, fake_indexing, fake_search


class House:
    """A store with six notes whose index was made with the encoder "old"; the settings can ask for another."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.encoder = FakeEncoder("old", known=("feline",))
        self.former = FakeEncoder("old", known=("feline",))
        self.formers: list[FakeEncoder] = []
        for number in range(6):
            store.notes.create(f"n{number}", f"the kitten number {number}")
        self.indexing.run()
        self.start()

    @property
    def indexing(self) -> IndexingService:
        """A fresh one each time, as after a restart."""
        return fake_indexing(self.store, self.encoder)

    def start(self) -> None:
        """Search, as after a start of the program."""

        def make_former() -> FakeEncoder:
            self.formers.append(self.former)
            return self.former

        self.serving = ServingEncoder(
            self.encoder, self.encoder.ensure, self.encoder.spec, self.store.served_index, make_former
        )
        self.search = fake_search(self.store, self.serving)

    def ask(self) -> SearchResult:
        return self.search.search_once("feline", SearchMode.MEANING)

    def vectors(self, fingerprint: str) -> int:
        return len(list(self.store.passages.vectors(fingerprint)))

    @property
    def change(self) -> encoder_change.EncoderChange:
        return encoder_change.EncoderChange(self.store.served_index, self.store.passages, self.encoder.spec)

    @property
    def served(self) -> str:
        served = self.store.served_index.served()
        return served.fingerprint if served is not None else ""


@pytest.fixture
def house(real_store: Store, monkeypatch: pytest.MonkeyPatch) -> House:
    monkeypatch.setattr(indexing, "FIRST_BATCH", 2)
    monkeypatch.setattr(indexing, "CHUNKS_PER_BATCH", 2)
    return House(real_store)


def test_the_first_index_serves_while_it_is_made(real_store: Store) -> None:
    encoder = FakeEncoder("first")
    real_store.notes.create("n", "text")
    served: list[object] = []
    encoder.before_passages = lambda _texts: served.append(real_store.served_index.served())
    fake_indexing(real_store, encoder).run()
    assert [getattr(each, "fingerprint", None) for each in served] == ["first"]
    kept = real_store.served_index.served()
    assert kept is not None
    assert (kept.name, kept.path) == ("Fake", "/models/first")


def test_the_encoder_that_serves_has_the_name_people_know_it_by(real_store: Store) -> None:
    encoder = FakeEncoder("first")
    names = {Path(encoder.spec().path): "A known one"}
    change = encoder_change.EncoderChange(real_store.served_index, real_store.passages, encoder.spec, names.get)
    change.begin(encoder.load(encoder.spec()))
    kept = real_store.served_index.served()
    assert kept is not None
    assert kept.name == "A known one"


def test_the_old_vectors_answer_until_the_new_ones_are_all_there(house: House) -> None:
    house.encoder.fingerprint = "new"
    house.start()
    seen: list[tuple[str, int, int, int]] = []

    def look(_texts: Sequence[str]) -> None:
        result = house.ask()
        seen.append((house.served, len(result.hits), result.notes_unindexed, house.vectors("old")))

    house.encoder.before_passages = look
    progress: list[str] = []
    house.indexing.run(progress=lambda told: progress.append(told.replaces))
    assert seen == [("old", 6, 0, 6)] * 3
    assert len(house.former.questions) == 1  # asked once, remembered since
    assert house.encoder.questions == []
    assert (progress[0], progress[-1]) == ("Fake", "")
    assert (house.served, house.vectors("old"), house.vectors("new")) == ("new", 0, 6)
    assert len(house.ask().hits) == 6
    assert house.encoder.questions == ["feline"]
    assert house.former.loaded is None  # closed


def test_a_change_goes_on_after_a_kill(house: House) -> None:
    house.encoder.fingerprint = "new"
    done = len(house.encoder.embedded)

    def crash(_texts: Sequence[str]) -> None:
        if len(house.encoder.embedded) - done == 4:
            raise WorkerCrashedError("gone")

    house.encoder.before_passages = crash
    with pytest.raises(WorkerCrashedError):
        house.indexing.run()
    assert (house.served, house.vectors("new")) == ("old", 4)
    house.encoder.before_passages = lambda _texts: None
    house.start()
    assert len(house.ask().hits) == 6
    assert house.indexing.run().embedded == 2
    assert (house.served, house.vectors("old")) == ("new", 0)


def test_a_cancelled_change_keeps_the_old_and_leaves_nothing_of_the_new(house: House) -> None:
    house.encoder.fingerprint = "new"
    done = len(house.encoder.embedded)

    def change_back(_texts: Sequence[str]) -> None:
        if len(house.encoder.embedded) - done == 2:
            house.encoder.fingerprint = "old"  # the settings only: the run finds out by itself

    house.encoder.before_passages = change_back
    house.indexing.run()
    assert len(house.encoder.embedded) - done == 4
    assert (house.served, house.vectors("old"), house.vectors("new")) == ("old", 6, 0)
    assert house.indexing.run().embedded == 0


def test_what_is_edited_meanwhile_is_made_up_for_after_a_cancel(house: House) -> None:
    house.encoder.fingerprint = "new"
    house.store.notes.create("late", "written during the change")
    house.indexing.run()
    house.encoder.fingerprint = "old"
    house.indexing.run()
    assert house.vectors("old") == 7


def test_a_note_in_the_trash_is_found_again_after_there_and_back(house: House) -> None:
    """Its vector went with the others; the mark that says it is there has to go as well."""
    note = house.store.notes.create("away", "in the trash for a while")
    house.indexing.run()
    house.store.notes.trash([note.id])
    for fingerprint in ("new", "old"):
        house.encoder.fingerprint = fingerprint
        house.indexing.run()
    house.store.notes.restore([note.id])
    house.indexing.run()
    assert house.vectors("old") == 7


def test_vectors_left_by_a_kill_after_the_swap_go_at_the_next_run(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(encoder_change, "VECTORS_PER_COMMIT", 4)
    drop, calls = house.store.passages.drop_vectors_except, []

    def killed(fingerprint: str, limit: int) -> int:
        calls.append(limit)
        if len(calls) == 2:
            raise WorkerCrashedError("gone")
        return drop(fingerprint, limit)

    monkeypatch.setattr(house.store.passages, "drop_vectors_except", killed)
    house.encoder.fingerprint = "new"
    with pytest.raises(WorkerCrashedError):
        house.indexing.run()
    assert (house.served, house.vectors("old")) == ("new", 2)
    assert house.indexing.run().embedded == 0
    assert house.vectors("old") == 0


def test_where_the_wanted_encoder_is_missing_the_old_one_still_answers(house: House) -> None:
    house.encoder.fingerprint = "new"
    house.encoder.close()
    house.encoder.failure = ModelMissingError("not there")
    house.start()
    with pytest.raises(ModelMissingError):
        house.indexing.run()
    result = house.ask()
    assert (len(result.hits), result.meaning_problem, house.served) == (6, "", "old")
    assert house.indexing.progress().replaces == "Fake"


def test_where_neither_can_be_had_words_answer_and_it_is_said(house: House) -> None:
    house.encoder.fingerprint = "new"
    house.encoder.close()
    house.encoder.failure = ModelMissingError("The new one is not there.")
    house.former.failure = ModelMissingError("The old one is not there.")
    house.start()
    result = house.search.search_once("kitten")
    assert (len(result.hits), result.meaning_ready) == (6, False)
    assert "The new one is not there." in result.meaning_problem


@pytest.mark.parametrize("gone", [True, False])
def test_where_the_old_encoder_is_gone_the_new_one_answers_with_what_it_has(house: House, gone: bool) -> None:
    house.encoder.fingerprint = "new"
    house.encoder.close()
    if gone:
        house.former.failure = ModelMissingError("not there")
    else:
        house.former.fingerprint = "something else in its folder"
    house.start()
    found: list[int] = []
    house.encoder.before_passages = lambda _texts: found.append(len(house.ask().hits))
    house.indexing.run()
    assert found == [0, 2, 4]
    assert len(house.formers) == 1  # tried once, not at every question
    assert len(house.ask().hits) == 6


def test_the_same_encoder_with_other_threads_is_no_change(house: House) -> None:
    served = house.store.served_index.served()
    assert served is not None
    assert encoder_change.is_served(EncoderSpec(served.path, threads=7, precision="fp32"), served)
    assert not encoder_change.is_served(EncoderSpec(served.path, dimensions=64), served)
    house.ask()
    assert house.formers == []


def test_a_record_that_is_no_record_counts_as_none(real_store: Store) -> None:
    for value in (None, [], {"fingerprint": "f"}, {"fingerprint": 1, "name": "", "path": "", "precision": ""}):
        real_store.ui_state.set("index.served", value)
        assert real_store.served_index.served() is None


def test_a_change_is_cancelled_in_the_settings(house: House) -> None:
    chosen: list[Path] = []
    values: dict[str, object] = {}
    assert not house.change.cancel(chosen.append, values.__setitem__)
    house.encoder.fingerprint = "new"
    assert house.change.cancel(chosen.append, values.__setitem__)
    assert chosen == [Path("/models/old")]
    assert values == {"encoder.precision": "auto", "encoder.dimensions": 0}


def test_the_same_encoder_from_another_folder_is_no_change(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(house.encoder, "spec", lambda: EncoderSpec("/moved", dimensions=64))
    assert house.indexing.progress().chunks_due == 6  # nobody knows yet that it is the same
    assert house.indexing.run().embedded == 0
    assert (house.indexing.progress().chunks_due, house.indexing.progress().replaces) == (0, "")
    served = house.store.served_index.served()
    assert served is not None
    assert (served.fingerprint, served.path, served.dimensions) == ("old", "/moved", 64)


def test_a_run_that_changes_nothing_leaves_the_vectors_in_memory_as_they_are(house: House) -> None:
    version = house.store.passages.vectors_version()
    house.indexing.run()
    assert house.store.passages.vectors_version() == version


def test_the_new_folder_of_the_same_encoder_is_known_before_its_passages_are_made(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(house.encoder, "spec", lambda: EncoderSpec("/moved"))
    assert house.change.former() is not None
    house.change.begin(house.encoder.ensure())
    assert house.change.former() is None


def test_an_encoder_that_has_no_vectors_any_more_does_not_hold_the_next_one_back(house: House) -> None:
    house.store.notes.delete_forever([row.id for row in house.store.notes.list_notes(NoteFilter())])
    house.encoder.fingerprint = "new"
    house.change.begin(house.encoder.ensure())
    assert house.served == "new"


def test_the_old_vectors_go_no_further_once_the_run_is_cancelled(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoder_change, "VECTORS_PER_COMMIT", 2)
    house.encoder.fingerprint = "new"
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(CancelledError):
        house.change.finish(house.encoder.ensure(), cancel)
    assert (house.served, house.vectors("old")) == ("new", 4)


def test_before_the_first_index_there_is_nothing_to_change_from(real_store: Store) -> None:
    encoder = FakeEncoder("first")
    change = encoder_change.EncoderChange(real_store.served_index, real_store.passages, encoder.spec)
    assert change.former() is change.expected() is change.replaced(None) is change.replaced("first") is None


def test_the_encoder_that_serves_is_replaced_by_another_only(house: House) -> None:
    """Also by one that is being made while the settings ask for the old one again."""
    assert house.change.replaced(None) is None
    assert house.change.replaced("old") is None
    replaced = house.change.replaced("new")
    assert replaced is not None
    assert replaced.fingerprint == "old"
    house.encoder.fingerprint = "new"
    assert house.change.replaced(None) == replaced


def test_what_is_written_during_a_change_is_found_by_meaning_before_the_swap(house: House) -> None:
    house.encoder.fingerprint = "new"
    house.start()
    house.ask()  # the former encoder is at hand once somebody has searched
    written: list[int] = []
    found: list[bool] = []

    def look(_texts: Sequence[str]) -> None:
        if not written:
            written.append(house.store.notes.create("late", "a kitten that came late").id)
        elif house.served == "old":
            found.append(written[0] in {hit.note_id for hit in house.ask().hits})

    house.encoder.before_passages = look
    fake_indexing(house.store, house.encoder, embed_for_former=house.serving.embed_for_former).run()
    assert found[-1]
    assert len(house.former.embedded) == 1
    assert (house.served, house.vectors("old"), house.vectors("new")) == ("new", 0, 7)


def test_a_former_encoder_that_ends_in_the_middle_stops_nothing(house: House) -> None:
    house.encoder.fingerprint = "new"
    house.start()
    house.encoder.ensure()
    house.ask()

    tried: list[int] = []

    def fail(texts: Sequence[str]) -> None:
        tried.append(len(texts))
        raise WorkerCrashedError("The search model's process ended.")

    house.former.before_passages = fail
    house.store.notes.create("late", "a kitten that came late")
    fake_indexing(house.store, house.encoder, embed_for_former=house.serving.embed_for_former).run()
    assert tried
    assert (house.served, house.vectors("new")) == ("new", 7)
