"""Changing the chat model for an answer: what can be changed to, what it costs, and what a failure leaves."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.chat_events import ContextMeter
from desktop_app.domain.errors import ModelMissingError, OutOfMemoryError
from desktop_app.domain.model_description import FoundModel
from desktop_app.services.other_models import ModelChoice, OtherModels
from tests.fakes.fake_decoder import FakeDecoder

STARTER, SMALL, LARGE = Path("starter.gguf"), Path("small.gguf"), Path("large.gguf")
SIZES = {STARTER: 100, SMALL: 200, LARGE: 1000}
METER = ContextMeter(100, 700, 0, 100, 100, 1000, 10, 0.1, True)


class FakeLibrary:
    def __init__(self) -> None:
        self.chosen: Path | None = STARTER
        self.without_template: set[Path] = set()
        self.damaged: set[Path] = set()

    def decoder_path(self) -> Path:
        if self.chosen is None:
            raise ModelMissingError("It is gone.")
        return self.chosen

    def starter_decoder(self) -> Path | None:
        return STARTER

    def describe(self, path: Path) -> Any:
        if path in self.damaged:
            raise ModelMissingError("It is damaged.")
        return SimpleNamespace(
            name=path.stem.title(), size_bytes=SIZES[path], has_template=path not in self.without_template
        )

    def discover(self, cancel: CancelToken | None = None) -> list[FoundModel]:
        return [FoundModel(path, path.stem.title(), "Jan", SIZES[path]) for path in (SMALL, LARGE)]

    def choose_decoder(self, path: Path) -> Any:
        self.chosen = path
        return self.describe(path)


class Desk:
    def __init__(self) -> None:
        self.library = FakeLibrary()
        self.decoder = FakeDecoder()
        self.load_error: Exception | None = None
        self.loads: list[Path | None] = []
        self.meter: ContextMeter | None = METER
        self.memory = 10_000
        self.others = OtherModels(
            self.library,
            self.decoder,
            self._load,
            lambda _chat, _draft: self.meter,
            available_memory=lambda: self.memory,
        )

    def _load(self, _cancel: CancelToken) -> None:
        self.loads.append(self.library.chosen)
        if self.load_error is not None:
            raise self.load_error


@pytest.fixture
def desk() -> Desk:
    return Desk()


def choice(path: Path) -> ModelChoice:
    return ModelChoice(path, path.stem.title(), "Jan", SIZES[path])


def test_the_chosen_model_is_not_offered(desk: Desk) -> None:
    assert [each.path for each in desk.others.choices(CancelToken())] == [SMALL, LARGE]
    desk.library.chosen = SMALL
    assert [(each.path, each.source) for each in desk.others.choices(CancelToken())] == [(STARTER, ""), (LARGE, "Jan")]
    desk.library.chosen = None
    assert [each.path for each in desk.others.choices(CancelToken())] == [STARTER, SMALL, LARGE]


def test_a_model_of_twice_the_size_reads_half_as_fast(desk: Desk) -> None:
    desk.decoder.read_tokens_per_s = 400.0
    assert desk.others.cost(1, choice(SMALL)).seconds == pytest.approx(800 / 400 * 2)
    assert desk.others.cost(1, choice(LARGE)).tokens == 800
    desk.decoder.read_tokens_per_s = 0.0
    assert desk.others.cost(1, choice(SMALL)).seconds is None
    desk.meter = None
    assert desk.others.cost(1, choice(SMALL)).tokens == 0


def test_a_model_that_cannot_be_loaded_leaves_the_old_one_chosen(desk: Desk) -> None:
    desk.others.change_to(choice(SMALL), CancelToken())
    assert desk.library.chosen == SMALL
    desk.load_error = OutOfMemoryError("It does not fit.")
    with pytest.raises(OutOfMemoryError):
        desk.others.change_to(choice(LARGE), CancelToken())
    assert desk.library.chosen == SMALL
    assert desk.loads == [SMALL, LARGE]


def test_the_largest_chat_model_that_fits_is_better_than_the_starter(desk: Desk) -> None:
    better = desk.others.better(CancelToken())
    assert better is not None
    assert (better.path, better.source) == (LARGE, "Jan")
    desk.memory = 500
    better = desk.others.better(CancelToken())
    assert better is not None
    assert better.path == SMALL
    desk.memory = 200
    assert desk.others.better(CancelToken()) is None
    desk.memory = 0  # not known
    better = desk.others.better(CancelToken())
    assert better is not None
    assert better.path == LARGE


def test_a_model_that_cannot_chat_or_be_read_is_not_offered(desk: Desk) -> None:
    desk.library.without_template.add(LARGE)
    better = desk.others.better(CancelToken())
    assert better is not None
    assert better.path == SMALL
    desk.library.damaged.add(SMALL)
    assert desk.others.better(CancelToken()) is None


def test_nothing_is_better_than_what_the_person_chose(desk: Desk) -> None:
    desk.library.chosen = SMALL
    assert desk.others.better(CancelToken()) is None
    desk.library.chosen = None
    assert desk.others.better(CancelToken()) is None
