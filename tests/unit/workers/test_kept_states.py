"""States on the disk: what is damaged is never given out and does not stay, and the one used last stays longest."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from desktop_app.workers.decoder_worker.kept_states import KeptStates
from desktop_app.workers.decoder_worker.state_file import StateOrigin

ORIGIN = StateOrigin(model="m", context="c", library="library 1", vocabulary_size=1000)
TOKENS = tuple(range(300))
DATA = np.arange(5000, dtype=np.uint32).view(np.uint8)


def states(folder: Path, origin: StateOrigin = ORIGIN, most_bytes: int = 10**9) -> KeptStates:
    return KeptStates(folder, most_bytes, origin, longest=1024, can_roll_back=True)


def damaged(whole: bytes, damage: str) -> bytes:
    changed = bytearray(whole)
    if damage == "cut":
        return whole[:-100]
    if damage == "longer":
        return whole + b"\0"
    if damage == "empty":
        return b""
    if damage == "text":
        return b"not a state at all" * 400
    if damage == "version":
        changed[whole.index(b"library 1") + len("library ")] = ord("9")
    elif damage == "token":
        changed[-DATA.nbytes - 1] ^= 1
    else:
        changed[-1000 if damage == "data" else 30] ^= 255
    return bytes(changed)


@pytest.mark.parametrize("damage", ["cut", "longer", "empty", "text", "version", "token", "data", "head"])
def test_a_damaged_file_is_not_given_out_and_is_removed(tmp_path: Path, damage: str) -> None:
    assert states(tmp_path).save(TOKENS, DATA)
    (path,) = tmp_path.iterdir()
    again = states(tmp_path)
    kept = again.best(TOKENS)
    assert kept is not None
    loaded = again.load(kept)
    assert loaded is not None
    assert loaded[0] == TOKENS
    assert loaded[1].tobytes() == DATA.tobytes()
    again.loaded(kept, loaded[2], taken=True)

    path.write_bytes(damaged(path.read_bytes(), damage))
    for each in (again, states(tmp_path)):
        found = each.best(TOKENS)
        assert found is None or each.load(found) is None
    assert list(tmp_path.iterdir()) == []


def test_the_least_recently_used_goes_first(tmp_path: Path) -> None:
    chats = [(number, *TOKENS) for number in range(3)]
    for when, chat in ((1, chats[0]), (2, chats[1])):
        before = set(tmp_path.iterdir())
        assert states(tmp_path).save(chat, DATA)
        (path,) = set(tmp_path.iterdir()) - before
        os.utime(path, (when, when))
    assert states(tmp_path, most_bytes=int(path.stat().st_size * 2.5)).save(chats[2], DATA)
    held = states(tmp_path)
    usable = [found.usable if (found := held.best(chat)) is not None else 0 for chat in chats]
    assert usable == [0, len(TOKENS), len(TOKENS)]
