"""Whatever is done to notes in whatever order, and wherever indexing is killed: words and vectors fit the notes.

INKWELL_EXAMPLES=20 in the environment tries twenty times as many orders.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, multiple, rule

from desktop_app.domain import long_notes
from desktop_app.domain.chunking import Chunker
from desktop_app.domain.errors import WorkerCrashedError
from desktop_app.domain.long_notes import tail_start
from desktop_app.domain.note_merging import MergeWay
from desktop_app.domain.notes import ImportSource, Note
from desktop_app.services import indexing
from desktop_app.services.note_merging import NoteMerging
from desktop_app.services.note_renaming import NoteRenaming
from desktop_app.services.notes import IncomingNote, NoteService
from desktop_app.storage.link_rows import fill_links
from desktop_app.storage.store import Store
from tests.fakes.fake_encoder import FakeEncoder, fake_indexing

PARTS = (
    "ink",
    "# Head\npaper",
    "## Below\nriver bread",
    "oven\n\ngoal",
    "",
    "ink",
    "[[One]] [[two#Head|x]]",
    "`[[One]]`",
    "gull heron egret crane osprey grebe [[Two]] with a long tail of words behind it",
)
TEXTS = st.lists(st.sampled_from(PARTS), max_size=4).map("\n\n".join)
WHEN = datetime(2026, 3, 1, tzinfo=UTC)
HEAD, PIECE = 48, 24
"""Bytes and characters, so that notes of some words have a head and a tail of pieces, as those of megabytes have."""
TITLES = st.sampled_from(("One", "Two", ""))


class IndexMachine(RuleBasedStateMachine):
    """A store, an indexer, and what should be in them."""

    notes = Bundle("notes")
    trashed = Bundle("trashed")

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="inkwell-invariants-"))
        self.encoder = FakeEncoder("a")
        self.texts: dict[int, tuple[str, str]] = {}
        self.in_trash: set[int] = set()
        self.imported: dict[str, int] = {}
        self.patched = pytest.MonkeyPatch()
        self.patched.setattr(long_notes, "HEAD_BYTES", HEAD)
        self.patched.setattr(long_notes, "PIECE_CHARACTERS", PIECE)
        self._open().close()
        cut_heads_shorter(self.folder / "inkwell.sqlite3")
        self.store = self._open()

    def teardown(self) -> None:
        self.patched.undo()
        self.store.close()
        shutil.rmtree(self.folder)

    @property
    def service(self) -> NoteService:
        """As the program has it, over the store that is open now."""
        return NoteService(self.store)

    def _stored(self) -> dict[int, tuple[str, str]]:
        """(title, text) of each note there should be, as the store has them."""
        return {note.id: (note.title, note.text) for note in self.store.notes.get_many(list(self.texts))}

    def _open(self) -> Store:
        return Store.open(self.folder / "inkwell.sqlite3", backups=self.folder / "backups")

    @rule(target=notes, title=TITLES, text=TEXTS)
    def create(self, title: str, text: str) -> int:
        note = self.store.notes.create(title, text)
        self._keep(note)
        return note.id

    @rule(note_id=notes, title=TITLES, text=TEXTS)
    def edit(self, note_id: int, title: str, text: str) -> None:
        self._keep(self.store.notes.save(note_id, title=title, text=text))

    @rule(note_id=notes, folder=st.sampled_from(("", "A", "A/B")))
    def move(self, note_id: int, folder: str) -> None:
        self.store.notes.move([note_id], folder)

    @rule(note_id=notes, tags=st.lists(st.sampled_from(("x", "y")), unique=True))
    def tag(self, note_id: int, tags: Sequence[str]) -> None:
        self.store.notes.set_tags(note_id, tags)

    @rule(note_id=notes, title=st.sampled_from(("One", "Two", "Three | #")))
    def rename(self, note_id: int, title: str) -> None:
        renaming = NoteRenaming(self.service, self.store.note_links)
        before = self._stored()
        renamed = renaming.rename(note_id, title)
        after = self._stored()
        renaming.take_back(renamed)
        assert self._stored() == before
        renaming.rename(note_id, title)
        self.texts = self._stored()
        assert self.texts == after

    @rule(target=trashed, kept_id=notes, other_id=consumes(notes), way=st.sampled_from(MergeWay))
    def merge(self, kept_id: int, other_id: int, way: MergeWay) -> int:
        if kept_id != other_id:
            merging = NoteMerging(self.service, self.store.note_links, self.store.note_attachments)
            before = self._stored(), self.store.notes.tags_by_note()
            merged = merging.merge(merging.preview(kept_id, other_id, way))
            assert self.store.notes.get(other_id).trashed_at is not None
            assert merging.take_back(merged) == []
            assert (self._stored(), self.store.notes.tags_by_note()) == before
            merging.merge(merging.preview(kept_id, other_id, way))
            self.texts = self._stored()
            lines = self.texts[kept_id][1].splitlines()
            lost = [line for line in self.texts[other_id][1].splitlines() if line.strip() and "[[" not in line]
            assert all(line in lines for line in lost)
        else:
            self.store.notes.trash([other_id])
        self.in_trash.add(other_id)
        return other_id

    @rule(note_id=notes, choose=st.integers(0, 3))
    def restore_version(self, note_id: int, choose: int) -> None:
        versions = self.store.notes.versions(note_id)
        if versions:
            self._keep(self.service.restore_version(versions[choose % len(versions)].id))

    @rule(target=notes, name=st.sampled_from(("One.md", "x/Two.md")), title=TITLES, text=TEXTS)
    def import_again(self, name: str, title: str, text: str) -> object:
        source = ImportSource(name, f"/{name}", str(hash(text)), front_matter="aliases: Two\n" if text else "")
        incoming = IncomingNote(title, text, "Imported", ("x",), source, WHEN, WHEN)
        known = self.imported.get(name)
        if known in self.texts and known is not None:
            self.service.update_imported(known, incoming)
            self._keep(self.store.notes.get(known))
            return multiple()
        note = self.service.add_imported(incoming)
        self._keep(note)
        self.imported[name] = note.id
        return note.id

    @rule(note_id=notes, title=TITLES, text=TEXTS)
    def take_from_its_file(self, note_id: int, title: str, text: str) -> None:
        """A linked file was edited."""
        before = self.store.notes.get(note_id)
        source = ImportSource(f"{note_id}.md", f"/linked/{note_id}.md", str(hash(text)), front_matter="status: new\n")
        incoming = IncomingNote(title, text, before.folder, ("y",), source, WHEN, WHEN)
        self._keep(self.service.take_from_file(note_id, incoming, before.revision, before))

    @rule(target=trashed, note_id=consumes(notes))
    def lose_its_file(self, note_id: int) -> int:
        self.service.take_away(note_id)
        self.in_trash.add(note_id)
        return note_id

    @rule(target=notes, note_id=consumes(trashed))
    def find_its_file_again(self, note_id: int) -> int:
        self.service.bring_back(note_id)
        self.in_trash.discard(note_id)
        return note_id

    @rule(target=trashed, note_id=consumes(notes))
    def trash(self, note_id: int) -> int:
        self.store.notes.trash([note_id])
        self.in_trash.add(note_id)
        return note_id

    @rule(target=notes, note_id=consumes(trashed))
    def restore(self, note_id: int) -> int:
        self.store.notes.restore([note_id])
        self.in_trash.discard(note_id)
        return note_id

    @rule(note_id=consumes(trashed))
    def delete(self, note_id: int) -> None:
        self.store.notes.delete_forever([note_id])
        self.in_trash.discard(note_id)
        del self.texts[note_id]

    @rule(fingerprint=st.sampled_from(("a", "a", "b")))
    def choose_encoder(self, fingerprint: str) -> None:
        self.encoder.fingerprint = fingerprint

    @rule(kill_at=st.integers(0, 3))
    def index_until_a_kill(self, kill_at: int) -> None:
        """The process is gone in the middle: what a new one finds is what was committed."""
        batches = 0

        def kill(_texts: Sequence[str]) -> None:
            nonlocal batches
            batches += 1
            if batches > kill_at:
                raise WorkerCrashedError("killed")

        self.encoder.before_passages = kill
        with contextlib.suppress(WorkerCrashedError):
            self._run()
        self.store.close()
        self.store = self._open()

    @rule()
    def index(self) -> None:
        self.encoder.before_passages = lambda _texts: None
        self._run()
        live = {note_id: texts for note_id, texts in self.texts.items() if note_id not in self.in_trash}
        wanted = {
            (note_id, chunk.hash) for note_id, texts in live.items() for chunk in Chunker().chunks(texts[0], texts[1])
        }
        ids = {chunk_id: note_id for chunk_id, note_id, _ in self.store.passages.vectors(self.encoder.fingerprint)}
        found = {(chunk.note_id, chunk.hash) for chunk in self.store.passages.chunks_by_id(list(ids))}
        assert found == wanted
        assert self.store.passages.counts(self.encoder.fingerprint)[1:] == (0, 0)
        assert self.store.passages.notes_unindexed(self.encoder.fingerprint) == 0
        assert self.store.long_notes.due() == []
        other = "b" if self.encoder.fingerprint == "a" else "a"
        # Without a note no encoder is loaded, and what another one made waits for the next run.
        assert not self.store.passages.has_vectors(other) or not wanted
        served = self.store.served_index.served()
        assert served is None or served.fingerprint == self.encoder.fingerprint or not wanted
        assert self._run() == 0

    def _run(self) -> int:
        before = len(self.encoder.embedded)
        service = fake_indexing(self.store, self.encoder)
        try:
            return service.run().embedded
        finally:
            fresh = self.encoder.embedded[before:]
            assert len(fresh) == len(set(fresh)), "something was embedded twice in one run"

    def _keep(self, note: Note) -> None:
        self.texts[note.id] = (note.title, note.text)

    @invariant()
    def words_fit_the_notes(self) -> None:
        self.store.words.integrity_check()
        assert self.store.words.note_count() == len(self.texts) - len(self.in_trash)

    @invariant()
    def tails_fit_the_notes(self) -> None:
        """Those that are not due have the words behind their heads, piece by piece, and no others."""
        due = set(self.store.long_notes.due())
        wanted = {
            note_id: text[tail_start(text) :]
            for note_id, (_, text) in self.texts.items()
            if note_id not in self.in_trash and note_id not in due
        }
        found = tails(self.store.path)
        assert {key: text for key, text in found.items() if key not in due} == {k: v for k, v in wanted.items() if v}

    @invariant()
    def links_and_names_fit_the_notes(self) -> None:
        """They are kept up change by change; made anew of the notes they are the same."""
        with closing(sqlite3.connect(self.store.path)) as connection:
            kept = link_and_name_rows(connection)
            fill_links(connection)
            assert link_and_name_rows(connection) == kept
            connection.rollback()

    @invariant()
    def every_vector_has_a_chunk_and_every_mark_a_vector(self) -> None:
        assert orphans(self.store.path) == (0, 0)


def cut_heads_shorter(database: Path) -> None:
    """Let the store's triggers and views take texts for long from `HEAD` bytes on."""
    with closing(sqlite3.connect(database)) as connection:
        told = "SELECT type, name, sql FROM sqlite_schema WHERE sql LIKE ?"
        made = connection.execute(told, (f"%{long_head()}%",)).fetchall()
        for kind, name, _ in made:
            connection.execute(f"DROP {kind} {name}")
        for _, _, sql in made:
            connection.execute(sql.replace(long_head(), str(HEAD)))
        connection.commit()
    assert len(made) >= 7


def long_head() -> str:
    """As the store's own statements say it."""
    return str(512 * 1024)


def tails(database: Path) -> dict[int, str]:
    """The pieces of each note that has some, one after the other."""
    found: dict[int, str] = {}
    with closing(sqlite3.connect(database)) as connection:
        for note_id, text in connection.execute("SELECT note_id, text FROM note_tails ORDER BY note_id, ordinal, id"):
            found[note_id] = found.get(note_id, "") + text
    return found


def link_and_name_rows(connection: sqlite3.Connection) -> tuple[list[object], list[object]]:
    """All of them, in an order of their own."""
    links = 'SELECT note_id, start, "end", target, heading, "key", tail, excerpt FROM note_links ORDER BY 1, 2'
    names = 'SELECT note_id, "key", name, is_title FROM note_names ORDER BY 1, 2'
    return connection.execute(links).fetchall(), connection.execute(names).fetchall()


def orphans(database: Path) -> tuple[int, int]:
    """(vectors whose text no chunk has, chunks marked with a vector that is not there)."""
    connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    try:
        (vectors,) = connection.execute(
            "SELECT count(*) FROM vectors WHERE chunk_hash NOT IN (SELECT hash FROM chunks)"
        ).fetchone()
        (marks,) = connection.execute(
            "SELECT count(*) FROM chunks AS c WHERE embedded_by IS NOT NULL AND NOT EXISTS "
            "(SELECT 1 FROM vectors AS v WHERE v.fingerprint = c.embedded_by AND v.chunk_hash = c.hash)"
        ).fetchone()
    finally:
        connection.close()
    return vectors, marks


class SmallBatches(IndexMachine):
    """So that a kill finds something done and something not."""

    def _run(self) -> int:
        first, size = indexing.FIRST_BATCH, indexing.CHUNKS_PER_BATCH
        indexing.FIRST_BATCH, indexing.CHUNKS_PER_BATCH = 1, 2
        try:
            return super()._run()
        finally:
            indexing.FIRST_BATCH, indexing.CHUNKS_PER_BATCH = first, size


TestIndexInvariants = SmallBatches.TestCase
TestIndexInvariants.settings = settings(
    max_examples=25 * int(os.environ.get("INKWELL_EXAMPLES", "1")),
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


def test_after_a_real_kill_nothing_is_embedded_again(real_store: Store, tmp_path: Path) -> None:
    for number in range(60):
        real_store.notes.create(f"n{number}", f"text {number}")
    log = tmp_path / "embedded.txt"
    process = subprocess.Popen(
        [sys.executable, "-c", _INDEX, str(real_store.path), str(log)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    with process.stdout:
        assert process.stdout.readline() == "third batch\n"
        os.kill(process.pid, signal.SIGKILL)
    process.wait()
    before = log.read_text(encoding="utf-8").splitlines()
    assert len(before) == 25
    encoder = FakeEncoder()
    report = fake_indexing(real_store, encoder).run()
    assert report.embedded == 60 - len(before)
    assert not set(before) & {text.split("\n")[0] for text in encoder.embedded}
    assert orphans(real_store.path) == (0, 0)
    assert real_store.integrity_check() == []


_INDEX = """
import sys, time
from pathlib import Path
from desktop_app.services import indexing
from desktop_app.storage.lease_owner import this_process
from desktop_app.storage.store import Store
from tests.fakes.fake_encoder import FakeEncoder, fake_indexing
path, log = Path(sys.argv[1]), Path(sys.argv[2])
indexing.FIRST_BATCH, indexing.CHUNKS_PER_BATCH = 10, 15
store = Store.open(path, backups=path.parent / "backups")
encoder = FakeEncoder()
batches = 0
def before(texts):
    global batches
    batches += 1
    if batches == 3:
        log.write_text("\\n".join(text.split("\\n")[0] for text in encoder.embedded), encoding="utf-8")
        print("third batch", flush=True)
        time.sleep(60)
encoder.before_passages = before
fake_indexing(store, encoder, this_process()).run()
"""
