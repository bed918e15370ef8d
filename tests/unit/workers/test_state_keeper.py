"""When a state is kept, and when one comes back: decided without a model and without waiting."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from desktop_app.workers.decoder_worker.kept_states import KeptState, usable_tokens
from desktop_app.workers.decoder_worker.state_keeper import IDLE_SECONDS, StateKeeper

CHAT = tuple(range(400))
OTHER = tuple(range(5000, 5100))


class FakeContext:
    """Holds tokens; its state is their number."""

    def __init__(self) -> None:
        self.held: list[int] = []
        self.refuses = False
        self.state_bytes = 8

    def state(self) -> Any:
        return np.zeros(self.state_bytes, np.uint8)

    def restore(self, tokens: Sequence[int], _data: Any) -> bool:
        self.held = [] if self.refuses else list(tokens)
        return not self.refuses

    def clear(self) -> None:
        self.held = []


class FakeStates:
    """A folder in memory."""

    def __init__(self) -> None:
        self.most_bytes = 1000
        self.kept: list[tuple[int, ...]] = []
        self.told: list[bool] = []
        self.can_roll_back = True

    def save(self, tokens: tuple[int, ...], _data: Any) -> bool:
        self.kept.append(tokens)
        return True

    def discard(self, tokens: tuple[int, ...]) -> None:
        self.kept.remove(tokens)

    def best(self, tokens: Sequence[int]) -> KeptState | None:
        found = [usable_tokens(kept, tokens, can_roll_back=self.can_roll_back) for kept in self.kept]
        best = max(found, default=0)
        return KeptState(Path(str(found.index(best))), best) if best else None

    def load(self, kept: KeptState) -> Any:
        return self.kept[int(str(kept.path))], np.zeros(8, np.uint8), Path("aside")

    def loaded(self, _kept: KeptState, _aside: Path, *, taken: bool) -> None:
        self.told.append(taken)


class Desk:
    def __init__(self, *, can_roll_back: bool = True) -> None:
        self.now = 0.0
        self.context = FakeContext()
        self.states = FakeStates()
        self.states.can_roll_back = can_roll_back
        self.keeper = StateKeeper(
            self.context,  # type: ignore[arg-type]
            self.states,  # type: ignore[arg-type]
            can_roll_back=can_roll_back,
            clock=lambda: self.now,
        )

    def answer(self, tokens: Sequence[int], *, permitted: bool = True, afresh: bool = False) -> int:
        """A prompt is read and answered; how many tokens came from the folder."""
        restored = self.keeper.prepare(tokens, permitted=permitted, afresh=afresh)
        self.context.held = list(tokens)
        self.keeper.finished()
        return restored

    @property
    def kept(self) -> list[tuple[int, ...]]:
        self.keeper.wait_written()
        return self.states.kept


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_an_answered_chat_is_kept_once_nothing_was_asked_for_a_while(desk: Desk) -> None:
    assert desk.keeper.patience() is None
    desk.answer(CHAT)
    assert desk.keeper.patience() == IDLE_SECONDS
    desk.now = IDLE_SECONDS + 1
    assert desk.keeper.patience() == 0
    desk.keeper.save()
    assert desk.kept == [CHAT]
    assert desk.keeper.patience() is None
    desk.keeper.finished()
    assert desk.keeper.patience() is None, "it would be written again and again"


@pytest.mark.parametrize(("tokens", "permitted"), [(CHAT[:255], True), (CHAT, False)])
def test_what_does_not_pay_or_is_not_permitted_is_not_kept(desk: Desk, tokens: Sequence[int], permitted: bool) -> None:
    desk.answer(tokens, permitted=permitted)
    assert desk.keeper.patience() is None
    assert not desk.keeper.has_more(writing=False)
    assert desk.keeper.has_more(writing=True) is permitted


def test_a_chat_is_kept_before_another_takes_its_place_and_comes_back(desk: Desk) -> None:
    desk.answer(CHAT)
    assert desk.answer(OTHER, permitted=False) == 0
    assert desk.kept == [CHAT]
    assert desk.answer((*CHAT, 1, 2)) == len(CHAT)
    assert desk.states.told == [True]


def test_a_chat_that_goes_on_is_not_written_before_its_answer(desk: Desk) -> None:
    desk.answer(CHAT)
    desk.keeper.prepare((*CHAT, 1, 2), permitted=True)
    assert desk.kept == []
    assert desk.keeper.patience() is None


def test_a_few_words_read_ahead_are_not_worth_writing_but_the_answer_before_them_is(desk: Desk) -> None:
    def read_ahead(tokens: Sequence[int]) -> None:
        desk.keeper.prepare(tokens, permitted=True)
        desk.context.held = list(tokens)
        desk.keeper.finished(least_new=256)

    desk.answer(CHAT)
    read_ahead((*CHAT, 1, 2))
    assert desk.keeper.patience() is not None
    desk.keeper.save()
    assert desk.kept == [(*CHAT, 1, 2)]
    read_ahead((*CHAT, 1, 2, *range(40)))
    assert desk.keeper.patience() is None
    read_ahead((*CHAT, 1, 2, *range(300)))
    assert desk.keeper.patience() is not None


def test_what_memory_holds_is_not_restored(desk: Desk) -> None:
    desk.answer(CHAT)
    desk.keeper.save()
    assert desk.answer((*CHAT, 1, 2)) == 0


def test_without_permission_or_afresh_nothing_is_restored(desk: Desk) -> None:
    desk.states.kept = [CHAT]
    assert desk.answer((*CHAT, 1), permitted=False) == 0
    desk.context.clear()
    assert desk.answer((*CHAT, 1), afresh=True) == 0


def test_afresh_lets_go_of_what_memory_holds(desk: Desk) -> None:
    desk.answer(CHAT)
    desk.keeper.prepare(CHAT, permitted=False, afresh=True)
    assert desk.context.held == []
    assert desk.kept == [CHAT]


def test_a_refused_state_is_told_and_costs_only_reading(desk: Desk) -> None:
    desk.states.kept = [CHAT]
    desk.context.refuses = True
    assert desk.answer((*CHAT, 1)) == 0
    assert desk.states.told == [False]


def test_a_model_that_cannot_go_back_gets_a_state_only_whole() -> None:
    desk = Desk(can_roll_back=False)
    desk.states.kept = [CHAT]
    assert desk.answer((*CHAT[:390], 7, 7)) == 0
    desk.context.clear()
    assert desk.answer((*CHAT, 7, 7)) == len(CHAT)


def test_what_is_forgotten_is_not_kept_even_when_it_is_being_written(desk: Desk) -> None:
    desk.answer(CHAT)
    desk.keeper.forget()
    desk.keeper.save()
    assert desk.kept == []
    desk.answer(CHAT)
    saving = desk.states.save

    def save(tokens: tuple[int, ...], data: Any) -> bool:
        desk.keeper.forget()
        return saving(tokens, data)

    desk.states.save = save  # type: ignore[method-assign]
    desk.keeper.save()
    assert desk.kept == []


def test_at_the_end_only_what_is_quick_is_kept(desk: Desk) -> None:
    desk.answer(CHAT)
    desk.context.state_bytes = 900
    desk.keeper._write_speed = 100.0
    desk.keeper.save_within(1.0)
    assert desk.kept == []
    desk.keeper._write_speed = 1e9
    desk.keeper.save_within(1.0)
    assert desk.kept == [CHAT]


@pytest.mark.parametrize(("state_bytes", "available"), [(1001, 10**9), (900, 1000)])
def test_a_state_beyond_the_bound_or_the_memory_is_not_copied(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, state_bytes: int, available: int
) -> None:
    monkeypatch.setattr("psutil.virtual_memory", lambda: SimpleNamespace(available=available))
    desk.answer(CHAT)
    desk.context.state_bytes = state_bytes
    desk.keeper.save()
    assert desk.kept == []
    assert desk.keeper.patience() is None
