"""Loading what the settings ask for, one load at a time."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from desktop_app.domain.built_in_templates import BuiltInTemplate
from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.errors import CancelledError
from desktop_app.services.model_session import ModelSession
from tests.fakes.fake_decoder import FakeDecoder
from tests.fakes.fake_encoder import FakeEncoder


class _Model:
    name = "tiny"
    sampling: Mapping[str, float | int] = {}
    catalogue_sampling: Mapping[str, float | int] = {}
    expected_sha256 = None
    built_in_template = BuiltInTemplate.CHATML


class _Library:
    def decoder_path(self) -> Path:
        return Path("tiny.gguf")

    def encoder_path(self) -> Path:
        return Path("encoder")

    def describe(self, path: Path) -> _Model:
        return _Model()

    def verify_hash(self, path: Path, progress: None, cancel: CancelToken | None) -> None:
        return None

    def context_in_force(self, path: Path, asked: int | None = None) -> int:
        return 512


class _Settings:
    def get(self, key: str) -> Any:
        return {"decoder.gpu_layers": "auto", "encoder.precision": "auto"}.get(key, 1)

    def person_value(self, key: str) -> Any:
        return None


def test_who_waits_behind_anothers_load_can_be_stopped_at_once() -> None:
    encoder = FakeEncoder()
    encoder.gate.clear()
    session = ModelSession(FakeDecoder(), encoder, _Settings(), _Library())
    first = threading.Thread(target=session.ensure_encoder)
    first.start()
    cancel = CancelToken()
    threading.Timer(0.05, cancel.cancel).start()
    began = time.monotonic()
    try:
        with pytest.raises(CancelledError):
            session.ensure_encoder(cancel)
        assert time.monotonic() - began < 1.0
        assert first.is_alive()
    finally:
        encoder.gate.set()
        first.join(10)
    assert session.ensure_encoder(CancelToken()).name == "Fake"


def test_the_template_chosen_for_a_model_is_part_of_what_is_loaded() -> None:
    session = ModelSession(FakeDecoder(), FakeEncoder(), _Settings(), _Library())
    assert session.decoder_spec().template is BuiltInTemplate.CHATML
