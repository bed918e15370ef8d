"""Pieces of free writing in the store: changed together or not at all, and there after a kill."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from desktop_app.domain.conversation import EDITED, WRITING, Role
from desktop_app.domain.errors import NotFoundError
from desktop_app.domain.free_writing import PieceChanges, whole_text
from desktop_app.domain.generation import StopReason
from desktop_app.storage.store import Store

_CHILD = """
import os, sys
from pathlib import Path
from desktop_app.domain.conversation import WRITING
from desktop_app.domain.free_writing import changed_pieces
from desktop_app.storage.store import Store
store = Store.open(Path(sys.argv[1]), backups=Path(sys.argv[2]))
page = store.conversations.create(kind=WRITING).id
text = ""
for number in range(100_000):
    text += f"{number} "
    store.conversations.change_pieces(page, changed_pieces(store.conversations.path(page), text))
    os.write(1, f"{page} {number}\\n".encode())
"""


def page_of(store: Store) -> tuple[int, int, int]:
    """A page with a piece of each; its id and theirs."""
    chats = store.conversations
    page = chats.create(kind=WRITING).id
    own = chats.add_message(page, None, Role.USER, "Once")
    piece = chats.add_message(page, own.id, Role.ASSISTANT, "")
    chats.finish_message(piece.id, " upon", [5], StopReason.END, None, alternatives=b"x" * 32)
    return page, own.id, piece.id


def test_all_changes_come_in_together_or_none(store: Store) -> None:
    page, own, piece = page_of(store)
    other, *_ = page_of(store)
    with pytest.raises(NotFoundError):
        store.conversations.change_pieces(page, PieceChanges({own: "Twice", 999: "x"}), title="New")
    with pytest.raises(NotFoundError):
        store.conversations.change_pieces(other, PieceChanges({own: "Twice"}))
    assert whole_text(store.conversations.path(page)) == "Once upon"
    assert store.conversations.get(page).title == ""
    store.conversations.change_pieces(page, PieceChanges({own: "Twice"}, None, " a"), title="New")
    assert [each.text for each in store.conversations.path(page)] == ["Twice", " upon", " a"]
    assert (store.conversations.get(page).title, store.conversations.get(page).preview) == ("New", "a")
    assert store.conversations.get(page).kind == WRITING
    assert store.conversations.path(page)[1].token_ids == (5,)
    assert piece == store.conversations.path(page)[1].id


def test_an_edited_piece_of_the_models_is_no_longer_known_by_its_tokens(store: Store) -> None:
    page, _own, piece = page_of(store)
    store.conversations.change_pieces(page, PieceChanges({piece: " upon a"}))
    edited = store.conversations.path(page)[1]
    assert (edited.token_ids, edited.settings_used[EDITED]) == (None, True)
    assert store.conversations.alternatives_of(piece) == b""


def test_what_is_taken_back_stays_in_the_tree(store: Store) -> None:
    page, own, piece = page_of(store)
    store.conversations.change_pieces(page, PieceChanges(dropped_id=piece))
    assert [each.id for each in store.conversations.path(page)] == [own]
    assert [each.text for each in store.conversations.tree(page)] == ["Once", " upon"]
    store.conversations.change_pieces(page, PieceChanges(dropped_id=own))
    assert store.conversations.path(page) == []
    store.words.integrity_check()


@pytest.mark.skipif(sys.platform == "win32", reason="there is no kill -9")
@pytest.mark.parametrize("point", [1, 7, 23, 60])
def test_every_acknowledged_word_survives_a_kill(tmp_path: Path, point: int) -> None:
    database, backups = tmp_path / "inkwell.sqlite3", tmp_path / "backups"
    child = subprocess.Popen(
        [sys.executable, "-c", _CHILD, str(database), str(backups)], stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    lines = [child.stdout.readline() for _ in range(point)]
    child.send_signal(signal.SIGKILL)
    lines += [line for line in child.stdout.read().splitlines() if line]
    child.wait(30)
    page, last = (int(word) for word in lines[-1].split()[:2])
    store = Store.open(database, backups=backups)
    words = whole_text(store.conversations.path(page)).split()
    assert words[: last + 1] == [str(number) for number in range(last + 1)]
    assert store.integrity_check() == []
    store.close()
