"""Whatever is done to chats in whatever order, and wherever indexing is killed: words and vectors fit the messages.

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
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, multiple, rule

from desktop_app.domain.chunking import Chunker
from desktop_app.domain.conversation import Role
from desktop_app.domain.errors import NotFoundError, WorkerCrashedError
from desktop_app.domain.generation import StopReason
from desktop_app.domain.message_passages import message_chunks
from desktop_app.domain.reasoning import OPENS_REASONING
from desktop_app.services import message_indexing
from desktop_app.storage.store import Store
from tests.fakes.fake_encoder import FakeEncoder, fake_indexing

PARTS = (
    "ink on paper",
    "# Head\nthe river bends behind the mill",
    "<think>\nwhat would they like\n</think>\n\nbread out of the oven",
    "thanks",
    "",
    "gull heron egret crane osprey grebe and a long tail of words behind them, so that the title of the chat stands "
    "in front of what the encoder reads, since a longer message does not say all by itself",
)
TEXTS = st.lists(st.sampled_from(PARTS), max_size=3).map("\n\n".join)
TITLES = st.sampled_from(("Mills", "Birds", ""))
BATCH = 2
"""Passages in a batch, so that a kill finds something done and something not, of one message, too."""


class MessageMachine(RuleBasedStateMachine):
    """A store with chats and a few notes, and an indexer."""

    chats = Bundle("chats")
    trashed = Bundle("trashed")
    said = Bundle("said")
    begun = Bundle("begun")
    deleted = Bundle("deleted")

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="inkwell-messages-"))
        self.encoder = FakeEncoder("a")
        self.store = self._open()

    def teardown(self) -> None:
        self.store.close()
        shutil.rmtree(self.folder)

    def _open(self) -> Store:
        return Store.open(self.folder / "inkwell.sqlite3", backups=self.folder / "backups")

    # What is done --------------------------------------------------------------------------------

    @rule(target=chats, title=TITLES)
    def begin_a_chat(self, title: str) -> int:
        return self.store.conversations.create(title).id

    @rule(target=said, chat=chats, text=TEXTS)
    def ask(self, chat: int, text: str) -> int:
        return self._add(chat, Role.USER, text)

    @rule(target=said, chat=chats, text=TEXTS, opened=st.booleans())
    def answer(self, chat: int, text: str, opened: bool) -> int:
        message = self._add(chat, Role.ASSISTANT, "", opened=opened)
        self.store.conversations.finish_message(message, text, [], StopReason.END, None)
        return message

    @rule(target=begun, chat=chats, text=TEXTS)
    def begin_an_answer(self, chat: int, text: str) -> int:
        message = self._add(chat, Role.ASSISTANT, "")
        self.store.conversations.save_partial(message, text, [])
        return message

    @rule(target=said, message=consumes(begun), text=TEXTS)
    def finish_an_answer(self, message: int, text: str) -> int:
        with self._perhaps_gone():
            self.store.conversations.finish_message(message, text, [], StopReason.LIMIT, None)
        return message

    @rule(target=said, message=said, text=TEXTS)
    def ask_otherwise(self, message: int, text: str) -> object:
        """Another version beside it."""
        with self._perhaps_gone():
            old = self.store.conversations.get_message(message)
            return self.store.conversations.add_message(old.conversation_id, old.parent_id, Role.USER, text).id
        return multiple()

    @rule(message=said, text=TEXTS, in_front=st.booleans())
    def change_an_answer(self, message: int, text: str, in_front: bool) -> None:
        with self._perhaps_gone():
            old = self.store.conversations.get_message(message)
            if old.role is Role.ASSISTANT:
                changed = f"{text}\n\n{old.text}" if in_front else f"{old.text}{text}"
                self.store.conversations.finish_message(message, changed, [], StopReason.END, None)

    @rule(target=deleted, message=consumes(said))
    def delete_a_branch(self, message: int) -> object:
        with self._perhaps_gone():
            self.store.conversations.delete_branch(message)
            return message
        return multiple()

    @rule(target=said, message=consumes(deleted))
    def restore_a_branch(self, message: int) -> object:
        with self._perhaps_gone():
            self.store.conversations.restore_branch(message, message)
            return message
        return multiple()

    @rule(message=consumes(deleted))
    def remove_a_branch(self, message: int) -> None:
        with self._perhaps_gone():
            self.store.conversations.remove_branch(message)

    @rule(chat=chats, title=TITLES)
    def rename(self, chat: int, title: str) -> None:
        self.store.conversations.rename(chat, title)

    @rule(target=chats, chat=chats, title=TITLES)
    def copy(self, chat: int, title: str) -> int:
        return self.store.conversations.add_copy(self.store.conversations.copy_of(chat), title).id

    @rule(target=chats, chat=chats)
    def export_and_import(self, chat: int) -> object:
        return multiple(*self.store.chat_records.add([self.store.chat_records.read(chat)]))

    @rule(target=trashed, chat=consumes(chats))
    def trash(self, chat: int) -> int:
        self.store.conversations.trash(chat)
        return chat

    @rule(target=chats, chat=consumes(trashed))
    def restore(self, chat: int) -> object:
        with self._perhaps_gone():
            self.store.conversations.restore(chat)
            return chat
        return multiple()

    @rule(chat=consumes(trashed))
    def delete_forever(self, chat: int) -> None:
        with self._perhaps_gone():
            self.store.conversations.delete_forever(chat)

    @rule()
    def empty_the_trash(self) -> None:
        self.store.conversations.empty_trash()

    @rule(text=st.sampled_from(("note one", "note two\n\n# Part\nnote three")))
    def write_a_note(self, text: str) -> None:
        self.store.notes.create("N", text)

    @rule(fingerprint=st.sampled_from(("a", "a", "b")))
    def choose_encoder(self, fingerprint: str) -> None:
        self.encoder.fingerprint = fingerprint

    @rule()
    def start_anew(self) -> None:
        """The program ends, and marks what was being written when it starts again."""
        self.store.close()
        self.store = self._open()
        self.store.conversations.mark_interrupted()

    @rule(kills=st.lists(st.integers(0, 3), min_size=1, max_size=3))
    def index_with_kills(self, kills: Sequence[int]) -> None:
        """What was committed before a process was gone is not embedded by the next one."""
        before = len(self.encoder.embedded)
        for batches in kills:
            left = batches

            def kill(_texts: Sequence[str]) -> None:
                nonlocal left
                left -= 1
                if left < 0:
                    raise WorkerCrashedError("killed")

            self.encoder.before_passages = kill
            with contextlib.suppress(WorkerCrashedError):
                self._run()
            self.store.close()
            self.store = self._open()
            self.every_mark_has_its_passages()
        self.index()
        fresh = Counter(self.encoder.embedded[before:])
        assert set(fresh.values()) <= {1}, "something was embedded once more after a kill"

    @rule()
    def index(self) -> None:
        self.encoder.before_passages = lambda _texts: None
        self._run()
        assert self.store.message_passages.due_ids(self.encoder.fingerprint, 100) == []
        assert self._run() == 0

    # What holds ----------------------------------------------------------------------------------

    @invariant()
    def words_fit_the_messages(self) -> None:
        self.store.words.integrity_check()

    @invariant()
    def every_mark_has_its_passages(self) -> None:
        """Of each message that an encoder has read there are the passages of its text as it is, and no others."""
        with closing(sqlite3.connect(f"file:{self.store.path}?mode=ro", uri=True)) as connection:
            listed = [row[0] for row in connection.execute("SELECT id FROM messages")]
            read = dict(connection.execute("SELECT message_id, embedded_by FROM message_index"))
            passages = connection.execute(
                'SELECT message_id, fingerprint, hash, start, "end" FROM message_passages ORDER BY message_id, ordinal'
            ).fetchall()
        assert sorted(read) == sorted(listed)
        assert {row[0] for row in passages} <= set(listed)
        for message in self.store.message_passages.read([each for each in listed if read[each] is not None]):
            chunks = message_chunks(
                Chunker(), message.title, message.role, message.text, begins_inside=message.begins_inside
            )
            wanted = [(chunk.hash, chunk.start, chunk.end) for chunk in chunks]
            own = [row for row in passages if row[0] == message.message_id]
            assert [row[2:] for row in own] == wanted
            assert {row[1] for row in own} <= {read[message.message_id]}

    # Inside --------------------------------------------------------------------------------------

    def _add(self, chat: int, role: Role, text: str, *, opened: bool = False) -> int:
        leaf = self.store.conversations.get(chat).active_leaf_id
        used = {OPENS_REASONING: True} if opened else {}
        return self.store.conversations.add_message(chat, leaf, role, text, settings_used=used).id

    @contextlib.contextmanager
    def _perhaps_gone(self) -> Iterator[None]:
        """A branch went with the one it is in, or a chat with the trash."""
        try:
            yield
        except NotFoundError:
            assume(False)

    def _run(self) -> int:
        size, message_indexing.PASSAGES_PER_BATCH = message_indexing.PASSAGES_PER_BATCH, BATCH
        before = len(self.encoder.embedded)
        try:
            return fake_indexing(self.store, self.encoder).run().embedded
        finally:
            message_indexing.PASSAGES_PER_BATCH = size
            fresh = self.encoder.embedded[before:]
            assert len(fresh) == len(set(fresh)), "something was embedded twice in one run"


TestMessageIndexInvariants = MessageMachine.TestCase
TestMessageIndexInvariants.settings = settings(
    max_examples=15 * int(os.environ.get("INKWELL_EXAMPLES", "1")),
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


@pytest.mark.skipif(sys.platform == "win32", reason="there is no kill -9")
@pytest.mark.parametrize("batches", [1, 2, 4])
def test_after_a_real_kill_no_message_is_embedded_again(real_store: Store, tmp_path: Path, batches: int) -> None:
    chat = real_store.conversations.create("Mills")
    long = "\n\n".join(f"# Part {number}\nof the longest answer the words number {number}" for number in range(25))
    for text in [f"what was asked of the river, number {number}" for number in range(30)]:
        real_store.conversations.add_message(chat.id, None, Role.USER, text)
    answer = real_store.conversations.add_message(chat.id, None, Role.ASSISTANT, "")
    real_store.conversations.finish_message(answer.id, long, [], StopReason.END, None)
    real_store.notes.create("N", "a note")
    log = tmp_path / "embedded.txt"
    process = subprocess.Popen(
        [sys.executable, "-c", _INDEX, str(real_store.path), str(log), str(batches)],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    with process.stdout:
        assert process.stdout.readline() == "done so far\n"
        os.kill(process.pid, signal.SIGKILL)
    process.wait()
    before = log.read_text(encoding="utf-8").split("\0")
    assert len(before) == 1 + 10 * (batches - 1)
    encoder = FakeEncoder()
    service = fake_indexing(real_store, encoder)
    assert service.run().embedded == 56 - len(before)
    assert not set(before) & set(encoder.embedded)
    assert len(set(encoder.embedded)) == len(encoder.embedded)
    assert service.progress().messages_due == 0
    assert real_store.message_passages.passage_count("fake") == 55
    assert real_store.integrity_check() == []


_INDEX = """
import sys, time
from pathlib import Path
from desktop_app.services import message_indexing
from desktop_app.storage.lease_owner import this_process
from desktop_app.storage.store import Store
from tests.fakes.fake_encoder import FakeEncoder, fake_indexing
path, log = Path(sys.argv[1]), Path(sys.argv[2])
message_indexing.PASSAGES_PER_BATCH = 10
store = Store.open(path, backups=path.parent / "backups")
encoder = FakeEncoder()
left = int(sys.argv[3])
def before(texts):
    global left
    left -= 1
    if left < 0:
        log.write_text("\\0".join(encoder.embedded), encoding="utf-8")
        print("done so far", flush=True)
        time.sleep(60)
encoder.before_passages = before
fake_indexing(store, encoder, this_process()).run()
"""
