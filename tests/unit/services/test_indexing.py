"""Indexing: everything due, nothing twice, newest first, resumable, one at a time, pausable."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence

import pytest

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.errors import (
    CancelledError,
    DiskFullError,
    ModelMissingError,
    StoreDamagedError,
    WorkerCrashedError,
)
from desktop_app.domain.search import Chunk, IndexingProgress
from desktop_app.services import indexing, indexing_lease
from desktop_app.services.background_indexing import BackgroundIndexer
from desktop_app.services.indexing import IndexingService
from desktop_app.services.lease_keeper import LeaseKeeper
from desktop_app.storage import failures
from desktop_app.storage.lease_owner import this_process
from desktop_app.storage.store import Store
from tests.fakes.fake_encoder import FakeEncoder, fake_indexing


@pytest.fixture
def encoder() -> FakeEncoder:
    return FakeEncoder()


@pytest.fixture
def service(real_store: Store, encoder: FakeEncoder) -> IndexingService:
    return _service(real_store, encoder, "me")


def _service(store: Store, encoder: FakeEncoder, owner: str) -> IndexingService:
    return fake_indexing(store, encoder, owner)


def test_a_run_embeds_what_is_due_and_a_second_one_nothing(
    real_store: Store, service: IndexingService, encoder: FakeEncoder
) -> None:
    real_store.notes.create("Cats", "# Cats\nThey purr.\n\n# Dogs\nThey bark.")
    real_store.notes.create("Empty", "")
    report = service.run()
    assert (report.notes, report.chunks, report.embedded) == (2, 3, 3)
    assert sorted(encoder.embedded) == ["Cats\nDogs\nThey bark.", "Cats\nThey purr.", "Empty"]
    again = service.run()
    assert (again.chunks, again.embedded) == (3, 0)
    assert len(encoder.embedded) == 3


def test_only_the_changed_passage_is_embedded_again(
    real_store: Store, service: IndexingService, encoder: FakeEncoder
) -> None:
    note = real_store.notes.create("N", "# A\none\n\n# B\ntwo")
    service.run()
    real_store.notes.save(note.id, title="N", text="# A\none\n\n# B\ntwo changed")
    assert service.run().embedded == 1
    assert encoder.embedded[-1].endswith("two changed")


def test_equal_passages_are_embedded_once(real_store: Store, service: IndexingService, encoder: FakeEncoder) -> None:
    for _ in range(3):
        real_store.notes.create("Same", "the same text")
    service.run()
    assert len(encoder.embedded) == 1
    assert service.progress().chunks_due == 0


def test_another_encoder_embeds_everything(real_store: Store, service: IndexingService, encoder: FakeEncoder) -> None:
    real_store.notes.create("N", "text")
    service.run()
    encoder.fingerprint = "other"
    assert service.run().embedded == 1


def test_vectors_of_a_batch_in_which_the_encoder_changed_are_nobodys(
    real_store: Store, service: IndexingService, encoder: FakeEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    real_store.notes.create("N", "text")
    stored: list[str] = []
    add = real_store.passages.add_vectors

    def heard(fingerprint: str, dimensions: int, vectors: Sequence[tuple[str, bytes]]) -> None:
        stored.append(fingerprint)
        add(fingerprint, dimensions, vectors)

    monkeypatch.setattr(real_store.passages, "add_vectors", heard)

    def change(_texts: Sequence[str]) -> None:
        encoder.before_passages = lambda _texts: None
        encoder.fingerprint = "other"
        encoder.ensure()

    encoder.before_passages = change
    service.run()
    assert stored == ["other"]
    assert len(encoder.embedded) == 2


def test_a_note_deleted_since_it_was_listed_stops_nothing(
    real_store: Store, service: IndexingService, monkeypatch: pytest.MonkeyPatch
) -> None:
    for title in ("stays", "goes"):
        real_store.notes.create(title, "text")
    listed = real_store.passages.notes_to_chunk

    def deleted_meanwhile(limit: int = 100) -> list[int]:
        found = listed(limit)
        if limit > 1:  # not where it is only asked whether there are any
            real_store.notes.delete_forever([one for one in found if real_store.notes.get(one).title == "goes"])
        return found

    monkeypatch.setattr(real_store.passages, "notes_to_chunk", deleted_meanwhile)
    assert service.run().embedded == 1


def test_the_newest_edit_comes_first(
    real_store: Store, service: IndexingService, encoder: FakeEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(indexing, "CHUNKS_PER_BATCH", 1)
    for number in range(4):
        real_store.notes.create(f"note {number}", f"text {number}")

    def edit_in_between(texts: Sequence[str]) -> None:
        if not encoder.embedded:
            real_store.notes.create("late", "just written")

    encoder.before_passages = edit_in_between
    service.run()
    assert [text.split("\n")[0] for text in encoder.embedded] == ["note 3", "late", "note 2", "note 1", "note 0"]


def test_what_was_embedded_before_a_crash_is_kept(
    real_store: Store, service: IndexingService, encoder: FakeEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(indexing, "CHUNKS_PER_BATCH", 2)
    for number in range(5):
        real_store.notes.create(f"n{number}", f"text {number}")

    def crash_at_third(texts: Sequence[str]) -> None:
        if len(encoder.embedded) == 4:
            raise WorkerCrashedError("gone")

    encoder.before_passages = crash_at_third
    with pytest.raises(WorkerCrashedError):
        service.run()
    encoder.before_passages = lambda texts: None
    # A fresh service over the same store: what a restarted program has.
    assert _service(real_store, encoder, "after the restart").run().embedded == 1
    assert len(encoder.embedded) == len(set(encoder.embedded)) == 5


def test_vectors_of_an_encoder_swapped_in_mid_batch_are_not_kept(
    real_store: Store, service: IndexingService, encoder: FakeEncoder
) -> None:
    real_store.notes.create("N", "text")

    def swap(texts: Sequence[str]) -> None:
        if encoder.fingerprint == "fake":
            encoder.fingerprint = "other"
            encoder.ensure()

    encoder.before_passages = swap
    service.run()
    assert list(real_store.passages.vectors("fake")) == []
    assert len(list(real_store.passages.vectors("other"))) == 1


def test_the_first_batch_is_small(
    real_store: Store, service: IndexingService, encoder: FakeEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(indexing, "CUTTING_SECONDS", 60.0)  # all notes are cut, however slow the disk is
    for number in range(100):
        real_store.notes.create(f"n{number}", f"text {number}")
    batches: list[int] = []
    encoder.before_passages = lambda texts: batches.append(len(texts))
    assert service.run().embedded == 100
    assert batches == [16, 64, 20]


def test_embedding_begins_before_all_notes_are_cut(
    real_store: Store, service: IndexingService, encoder: FakeEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(indexing, "CUTTING_SECONDS", 0.0)
    for number in range(30):
        real_store.notes.create(f"n{number}", f"text {number}")
    uncut: list[int] = []
    encoder.before_passages = lambda texts: uncut.append(len(real_store.passages.notes_to_chunk(100)))
    report = service.run()
    assert (report.chunks, report.embedded, len(set(encoder.embedded))) == (30, 30, 30)
    assert uncut[0] > 20
    assert uncut[-1] == 0


def test_notes_are_cut_while_the_encoder_loads(
    real_store: Store, service: IndexingService, encoder: FakeEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        real_store.notes.create(f"n{number}", f"text {number}")
    encoder.gate.clear()
    replace_chunks = real_store.passages.replace_chunks

    def heard(note_id: int, revision: int, chunks: Sequence[Chunk]) -> None:
        replace_chunks(note_id, revision, chunks)
        if not real_store.passages.notes_to_chunk(1):
            encoder.gate.set()

    monkeypatch.setattr(real_store.passages, "replace_chunks", heard)
    assert service.run().embedded == 3


def test_notes_are_cut_even_where_the_encoder_is_missing(
    real_store: Store, service: IndexingService, encoder: FakeEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        real_store.notes.create(f"n{number}", f"text {number}")
    encoder.failure = ModelMissingError("not there")
    replace_chunks = real_store.passages.replace_chunks

    def after_the_failure(note_id: int, revision: int, chunks: Sequence[Chunk]) -> None:
        for thread in threading.enumerate():
            if thread.name == "indexing model":
                thread.join(10)
        replace_chunks(note_id, revision, chunks)

    monkeypatch.setattr(real_store.passages, "replace_chunks", after_the_failure)
    with pytest.raises(ModelMissingError):
        service.run()
    assert real_store.passages.chunk_count() == 3


def test_a_killed_holder_is_not_waited_for_and_a_living_one_is(real_store: Store, encoder: FakeEncoder) -> None:
    real_store.notes.create("N", "text")
    holder = subprocess.Popen([sys.executable, "-c", _HOLD, str(real_store.path)], stdout=subprocess.PIPE)
    assert holder.stdout is not None
    with holder.stdout:
        assert holder.stdout.readline() == b"held\n"
        service = _service(real_store, encoder, this_process())
        waits: list[bool] = []

        def kill(progress: IndexingProgress) -> None:
            if progress.waiting and not waits:
                holder.kill()  # nobody asks for its end before the run is over: it stays in the system's list
            waits.append(progress.waiting)

        started = time.monotonic()
        assert service.run(progress=kill).embedded == 1
    holder.wait()
    assert waits[0]
    assert not waits[-1]
    assert time.monotonic() - started < indexing_lease.LEASE_SECONDS / 2


_HOLD = """
import sys, time
from pathlib import Path
from desktop_app.services.indexing_lease import LEASE
from desktop_app.storage.lease_owner import this_process
from desktop_app.storage.store import Store
path = Path(sys.argv[1])
store = Store.open(path, backups=path.parent / "backups")
assert store.leases.acquire(LEASE, this_process(), 3600)
print("held", flush=True)
time.sleep(3600)
"""


def test_two_indexers_do_not_do_the_same_work(real_store: Store, encoder: FakeEncoder) -> None:
    for number in range(3):
        real_store.notes.create(f"n{number}", f"text {number}")
    first, second = _service(real_store, encoder, "first"), _service(real_store, encoder, "second")
    inside, go_on = threading.Event(), threading.Event()

    def hold(texts: Sequence[str]) -> None:
        inside.set()
        go_on.wait(10)

    encoder.before_passages = hold
    reports: list[int] = []
    one = threading.Thread(target=lambda: reports.append(first.run().embedded))
    one.start()
    assert inside.wait(10)
    waiting = threading.Event()
    two = threading.Thread(target=lambda: reports.append(second.run(progress=lambda p: waiting.set()).embedded))
    two.start()
    assert waiting.wait(10)
    assert encoder.embedded == []
    go_on.set()
    one.join(10)
    two.join(10)
    assert reports == [3, 0]


def test_the_lease_is_kept_while_a_batch_takes_long(
    real_store: Store, service: IndexingService, encoder: FakeEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(indexing_lease, "LEASE_SECONDS", 0.2)
    real_store.notes.create("N", "text")
    taken: list[bool] = []

    def outlast_the_lease(texts: Sequence[str]) -> None:
        for _ in range(10):
            threading.Event().wait(0.05)
            taken.append(real_store.leases.acquire(indexing_lease.LEASE, "other", 0.0))

    encoder.before_passages = outlast_the_lease
    service.run()
    assert taken == [False] * 10


def test_a_lost_lease_is_waited_for_again(
    real_store: Store, service: IndexingService, encoder: FakeEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(indexing_lease, "LEASE_SECONDS", 0.2)
    monkeypatch.setattr(indexing, "CHUNKS_PER_BATCH", 1)
    for number in range(2):
        real_store.notes.create(f"n{number}", f"text {number}")

    lost = threading.Event()

    class HeardKeeper(LeaseKeeper):
        """Says when it knows that the lease is lost: the thread that embeds looks there, not at the store."""

        def __setattr__(self, name: str, value: object) -> None:
            super().__setattr__(name, value)
            if name == "lost" and value:
                lost.set()

    monkeypatch.setattr(indexing_lease, "LeaseKeeper", HeardKeeper)

    def another_takes_it(texts: Sequence[str]) -> None:
        """As after a sleep: the lease ran out, and another process was first."""
        encoder.before_passages = lambda _texts: None
        with real_store.transaction():  # in one step: the lease is renewed every 50 ms
            real_store.leases.release(indexing_lease.LEASE, "me")
            assert real_store.leases.acquire(indexing_lease.LEASE, "other", 60)
        assert lost.wait(10)

    encoder.before_passages = another_takes_it
    waiting = threading.Event()
    reports: list[int] = []

    def heard(progress: IndexingProgress) -> None:
        if len(encoder.embedded) == 1:
            waiting.set()

    run = threading.Thread(target=lambda: reports.append(service.run(progress=heard).embedded))
    run.start()
    assert waiting.wait(10)
    run.join(0.3)
    assert run.is_alive()
    assert len(encoder.embedded) == 1
    real_store.leases.release(indexing_lease.LEASE, "other")
    run.join(10)
    assert reports == [2]


def test_waiting_for_another_indexer_can_be_cancelled(real_store: Store, service: IndexingService) -> None:
    real_store.leases.acquire(indexing_lease.LEASE, "somebody else", 60)
    cancel = CancelToken()
    with pytest.raises(CancelledError):
        service.run(cancel, lambda progress: cancel.cancel())
    assert not real_store.leases.acquire(indexing_lease.LEASE, "me", 60)


def test_a_pause_holds_the_work(real_store: Store, service: IndexingService, encoder: FakeEncoder) -> None:
    real_store.notes.create("N", "text")
    service.pauses.set_answering(True)
    run = threading.Thread(target=service.run)
    run.start()
    run.join(0.3)
    assert run.is_alive()
    assert (encoder.embedded, encoder.paused) == ([], [True])
    service.pauses.set_answering(False)
    run.join(10)
    assert len(encoder.embedded) == 1


def test_a_persons_pause_ends_the_run_after_its_batch_and_frees_the_lease(
    real_store: Store, service: IndexingService, encoder: FakeEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(indexing, "CHUNKS_PER_BATCH", 1)
    for number in range(3):
        real_store.notes.create(f"n{number}", f"text {number}")
    paused = threading.Event()

    def pause(_texts: Sequence[str]) -> None:
        encoder.before_passages = lambda _texts: None
        service.pauses.set_held(True)

    def heard(progress: IndexingProgress) -> None:
        if progress.held and real_store.leases.acquire(indexing_lease.LEASE, "another process", 60):
            real_store.leases.release(indexing_lease.LEASE, "another process")
            paused.set()

    encoder.before_passages = pause
    reports: list[int] = []
    run = threading.Thread(target=lambda: reports.append(service.run(progress=heard).embedded))
    run.start()
    assert paused.wait(10)
    assert (len(encoder.embedded), service.progress().chunks_due) == (1, 2)
    assert encoder.paused == []  # the batch was read to its end
    service.pauses.set_held(False)
    run.join(10)
    assert reports == [3]
    assert len(set(encoder.embedded)) == 3


def test_a_paused_run_can_be_cancelled(real_store: Store, service: IndexingService, encoder: FakeEncoder) -> None:
    real_store.notes.create("N", "text")
    service.pauses.set_held(True)
    cancel = CancelToken()
    with pytest.raises(CancelledError):
        service.run(cancel, lambda progress: cancel.cancel())
    assert encoder.embedded == []


def test_a_pause_is_told_at_once(real_store: Store, service: IndexingService, encoder: FakeEncoder) -> None:
    indexer = BackgroundIndexer(service, settle_seconds=0.0)
    heard: list[IndexingProgress] = []
    inside, go_on = threading.Event(), threading.Event()

    def wait(_texts: Sequence[str]) -> None:
        inside.set()
        go_on.wait(10)

    encoder.before_passages = wait
    indexer.subscribe(heard.append)
    real_store.notes.create("N", "text")
    indexer.wake()
    try:
        assert inside.wait(10)
        indexer.set_held(True)
        assert (heard[-1].held, heard[-1].chunks_due) == (True, 1)
        service.pauses.set_answering(True)
        assert heard[-1].paused
        service.pauses.set_answering(False)
        indexer.set_held(False)
        assert not heard[-1].held
    finally:
        go_on.set()
        indexer.close()


def test_the_time_left_is_known_once_all_notes_are_cut(
    real_store: Store, service: IndexingService, encoder: FakeEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(indexing, "CUTTING_SECONDS", 0.0)
    monkeypatch.setattr(indexing, "FIRST_BATCH", 1)
    monkeypatch.setattr(indexing, "CHUNKS_PER_BATCH", 1)
    for number in range(6):
        real_store.notes.create(f"n{number}", f"text {number}")
    heard: list[tuple[bool, IndexingProgress]] = []
    service.run(progress=lambda told: heard.append((bool(real_store.passages.notes_to_chunk(1)), told)))
    assert all(told.seconds_left is None for uncut, told in heard if uncut)
    known = [told for _, told in heard if told.seconds_left is not None]
    assert known
    for told in known:
        assert told.seconds_left == pytest.approx(told.chunks_due / told.chunks_per_s)
    assert service.progress().seconds_left is None
    # A later run counts what the former ones did.
    real_store.notes.create("n6", "text 6")
    real_store.notes.create("n7", "text 7")
    later: list[IndexingProgress] = []
    service.run(progress=later.append)
    assert (8, 7, 1) in {(told.chunks_total, told.chunks_done, told.chunks_embedded) for told in later}


def test_an_answer_in_the_middle_of_a_batch_says_nothing_of_the_speed(
    real_store: Store, service: IndexingService, encoder: FakeEncoder
) -> None:
    real_store.notes.create("N", "text")

    def answer(_texts: Sequence[str]) -> None:
        service.pauses.set_answering(True)
        service.pauses.set_answering(False)

    encoder.before_passages = answer
    heard: list[float] = []
    service.run(progress=lambda told: heard.append(told.chunks_per_s))
    assert set(heard) == {0.0}


def test_nothing_to_embed_needs_no_encoder(service: IndexingService, encoder: FakeEncoder) -> None:
    encoder.failure = ModelMissingError("not there")
    assert service.run().chunks == 0


class _Heard:
    """What a background indexer told."""

    def __init__(self, indexer: BackgroundIndexer) -> None:
        self.progress: list[IndexingProgress] = []
        self._changed = threading.Condition()
        indexer.subscribe(self._take)

    def wait_for(self, told: Callable[[], bool]) -> None:
        with self._changed:
            assert self._changed.wait_for(told, 10)

    def _take(self, progress: IndexingProgress) -> None:
        with self._changed:
            self.progress.append(progress)
            self._changed.notify_all()


def test_the_background_indexer_wakes_reports_and_recovers(
    real_store: Store, service: IndexingService, encoder: FakeEncoder
) -> None:
    encoder.failure = ModelMissingError("not there")
    indexer = BackgroundIndexer(service, settle_seconds=0.0, retry_seconds=0.05)
    heard = _Heard(indexer)
    try:
        real_store.notes.create("N", "text")
        indexer.wake()
        heard.wait_for(lambda: bool(heard.progress))
        assert not heard.progress[-1].running
        assert isinstance(indexer.problem, ModelMissingError)
        encoder.failure = None
        heard.wait_for(lambda: not heard.progress[-1].chunks_due and not heard.progress[-1].running)
        assert len(encoder.embedded) == 1
    finally:
        indexer.close()
    indexer.wake()
    assert not any(thread.name == "indexing" for thread in threading.enumerate())


def test_a_defect_is_told_and_does_not_end_the_thread(
    real_store: Store, service: IndexingService, encoder: FakeEncoder
) -> None:
    def fail(texts: Sequence[str]) -> None:
        encoder.before_passages = lambda _texts: None
        raise ZeroDivisionError("what a person wrote")

    encoder.before_passages = fail
    indexer = BackgroundIndexer(service, settle_seconds=0.0, retry_seconds=0.05)
    heard = _Heard(indexer)
    try:
        real_store.notes.create("N", "text")
        indexer.wake()
        heard.wait_for(lambda: any(progress.problem for progress in heard.progress))
        problem = next(progress.problem for progress in heard.progress if progress.problem)
        assert "what a person wrote" not in str(problem)
        heard.wait_for(lambda: not heard.progress[-1].chunks_due and heard.progress[-1].problem is None)
    finally:
        indexer.close()
    assert len(encoder.embedded) == 1


def test_a_full_disk_is_told_as_what_it_is_for_indexing_and_it_goes_on_by_itself(
    real_store: Store, service: IndexingService, encoder: FakeEncoder
) -> None:
    def fail(texts: Sequence[str]) -> None:
        encoder.before_passages = lambda _texts: None
        raise failures.disk_full()

    encoder.before_passages = fail
    indexer = BackgroundIndexer(service, settle_seconds=0.0, retry_seconds=0.05)
    heard = _Heard(indexer)
    try:
        real_store.notes.create("N", "text")
        indexer.wake()
        heard.wait_for(lambda: any(progress.problem for progress in heard.progress))
        problem = next(progress.problem for progress in heard.progress if progress.problem)
        assert isinstance(problem, DiskFullError)
        assert problem.what == "Indexing stopped: the disk is full."
        assert "goes on by itself" in problem.todo
        heard.wait_for(lambda: not heard.progress[-1].chunks_due and heard.progress[-1].problem is None)
    finally:
        indexer.close()


def test_a_store_that_will_not_count_either_is_a_failure_that_is_told(
    real_store: Store, service: IndexingService, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_fingerprint: str | None) -> tuple[int, int, int]:
        raise StoreDamagedError("The database cannot be read.")

    real_store.notes.create("N", "text")
    monkeypatch.setattr(real_store.passages, "counts", fail)
    indexer = BackgroundIndexer(service, settle_seconds=0.0)
    heard = _Heard(indexer)
    try:
        indexer.wake()
        heard.wait_for(lambda: bool(heard.progress))
    finally:
        indexer.close()
    told = heard.progress[-1]
    assert isinstance(told.problem, StoreDamagedError)
    assert not told.running


def test_an_encoder_ended_after_the_stop_is_no_failure(
    real_store: Store, service: IndexingService, encoder: FakeEncoder, caplog: pytest.LogCaptureFixture
) -> None:
    indexer = BackgroundIndexer(service, settle_seconds=0.0)
    working = threading.Event()

    def end(_texts: Sequence[str]) -> None:
        working.set()
        indexer.stop()
        raise WorkerCrashedError("The search model stopped.")

    encoder.before_passages = end
    real_store.notes.create("N", "text")
    indexer.wake()
    assert working.wait(10)
    indexer.close()
    assert indexer.problem is None
    assert caplog.messages == []
