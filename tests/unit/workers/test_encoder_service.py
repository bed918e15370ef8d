"""Which thread runs the encoder, decided without a model and without pipes."""

from __future__ import annotations

import threading
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from desktop_app.domain.errors import CancelledError
from desktop_app.protocol.encoder_messages import EmbedQuery, EmbedTexts
from desktop_app.workers.encoder_worker.known_words import KnownWords
from desktop_app.workers.encoder_worker.service import EncoderService


class FakeModel:
    """Remembers the threads it was run in."""

    def __init__(self) -> None:
        self.threads: list[threading.Thread] = []
        self.stopped = False

    def embed(self, texts: list[str], go_on: Any = None, *, is_query: bool = False) -> np.ndarray | None:
        self.threads.append(threading.current_thread())
        return None if self.stopped else np.ones((len(texts), 2), np.float32)

    def known_words(self, text: str) -> KnownWords:
        return KnownWords()


@pytest.fixture
def model() -> FakeModel:
    return FakeModel()


@pytest.fixture
def service(model: FakeModel, monkeypatch: pytest.MonkeyPatch) -> EncoderService:
    made = EncoderService()
    made._model = model  # type: ignore[assignment]
    monkeypatch.setattr(made, "_embed_passages", lambda: None)
    return made


def serve(service: EncoderService, *jobs: EmbedQuery | EmbedTexts) -> list[Any]:
    """Do the jobs as the main thread does; what the host was told."""
    told: list[Any] = []
    service._runtime = SimpleNamespace(  # type: ignore[assignment]
        start=lambda: None,
        set_progress=lambda *progress: None,
        jobs=lambda: iter(jobs),
        send=told.append,
        send_failure=lambda request_id, error: told.append(error),
    )
    for job in jobs:
        service._on_control(job)
    service.run()
    return told


def test_a_question_leaves_no_thread_behind_that_keeps_openmp_helpers(
    service: EncoderService, model: FakeModel
) -> None:
    told = serve(service, EmbedQuery(1, "ink"), EmbedTexts(2, ("a", "b"), True))
    assert [message.request_id for message in told] == [1, 2]
    assert len(model.threads) == 2
    assert not any(thread.is_alive() for thread in model.threads)


def test_what_goes_wrong_in_that_thread_is_told(service: EncoderService, model: FakeModel) -> None:
    model.stopped = True
    (error,) = serve(service, EmbedTexts(1, ("a",), True))
    assert isinstance(error, CancelledError)
