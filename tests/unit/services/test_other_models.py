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

    def decoder_path(self) -> Path:
        if self.chosen is None:
            raise ModelMissingError("It is gone.")
        return self.chosen

    def starter_decoder(self) -> Path | None:
        return STARTER

    def describe(self, path: Path) -> Any:
        return SimpleNamespace(name=path.stem.title(), size_bytes=SIZES[path])

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
        self.others = OtherModels(self.library, self.decoder, self._load, lambda _chat, _draft: self.meter)

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
