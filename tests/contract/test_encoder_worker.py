"""The encoder client against the real worker and the real starter model."""

from __future__ import annotations

import json
import os
import shutil
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.errors import CancelledError, ModelError, ModelMissingError, ModelUnsafeError, WorkerError
from desktop_app.domain.generation import WorkerPhase
from desktop_app.domain.search import EncoderSpec, SimilarityMeasure
from desktop_app.engines.encoder import EncoderProcess
from desktop_app.engines.launcher import WorkerLauncher
from desktop_app.engines.requests import Request
from desktop_app.protocol.encoder_messages import ComparedWord, WordsCompared
from desktop_app.services.similarity import similarities
from tests.fakes.workers import starter_encoder


@pytest.fixture(scope="module")
def model_folder() -> Path:
    return starter_encoder()


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("encoder")


@pytest.fixture(scope="module")
def encoder(work: Path, model_folder: Path) -> Iterator[EncoderProcess]:
    process = EncoderProcess(WorkerLauncher(work / "runtime"), work / "cache" / "encoder.json")
    process.load(EncoderSpec(str(model_folder)))
    yield process
    process.close()


def _rows(vectors: list[bytes]) -> np.ndarray:
    return np.frombuffer(b"".join(vectors), "<f4").reshape(len(vectors), -1)


def test_what_was_loaded(encoder: EncoderProcess, work: Path) -> None:
    loaded = encoder.loaded
    assert loaded is not None
    assert (loaded.dimensions, loaded.max_word_pieces) == (384, 256)
    assert len(loaded.fingerprint) == 64
    assert encoder.status.phase is WorkerPhase.READY
    (measured,) = json.loads((work / "cache" / "encoder.json").read_text()).values()
    assert measured["precision"] == loaded.precision
    assert measured["cosine"] >= 0.998 or loaded.precision == "fp32"


def test_vectors_are_unit_and_mean_something(encoder: EncoderProcess) -> None:
    texts = [
        "How to bake bread",
        "",
        "An oven for loaves of sourdough",
        "x" * 5000,
        "\ud800 \x00 😀",
        "Stock prices fell",
    ]
    rows = _rows(encoder.embed_passages(texts))
    assert np.linalg.norm(rows, axis=1) == pytest.approx(np.ones(len(texts)), abs=1e-3)
    assert rows[0] @ rows[2] > 0.4 > 0.2 > rows[0] @ rows[5]
    one_by_one = _rows([encoder.embed_sentences([text])[0] for text in texts])
    assert float((rows * one_by_one).sum(axis=1).min()) > 0.998
    assert encoder.embed_passages([]) == []


def test_questions_say_which_words_are_known(encoder: EncoderProcess) -> None:
    found = encoder.embed_query("Running sqlite qzxwv x")
    assert found.known_words == {"running"}
    assert len(found.vector) == 4 * 384


def test_questions_say_how_the_vocabulary_spells_their_language(encoder: EncoderProcess) -> None:
    english = encoder.embed_query("the garden behind the house").letters_per_piece
    german = encoder.embed_query("Krankenversicherungskarte verlängern").letters_per_piece
    chinese = encoder.embed_query("麻婆豆腐").letters_per_piece
    assert english > 4.0 > 3.5 > german > chinese == 2.0


def test_the_words_that_carry_the_likeness(encoder: EncoderProcess) -> None:
    sentence = "😀 Call the garage about the clutch \ud800 before Friday, unbelievably."
    found = {sentence[word.start : word.end]: word for word in encoder.compare_words("is my car broken?", sentence)}
    assert list(found) == ["Call", "garage", "clutch", "Friday", "unbelievably"]
    assert max(found.values(), key=lambda word: word.likeness) is found["garage"]
    assert found["garage"].nearest == "car"
    assert 0.3 < found["garage"].likeness < 0.6
    (same,) = encoder.compare_words("masks", "masks")
    assert same.likeness == pytest.approx(1.0, abs=0.02)
    assert encoder.compare_words("", sentence) == encoder.compare_words("car", "") == ()
    assert len(encoder.compare_words("word " * 2_000, "word " * 2_000)) < 256


@pytest.mark.parametrize("measure", ["dot", "euclidean"])
def test_vectors_keep_their_length_where_the_model_compares_by_it(
    model_folder: Path, tmp_path: Path, encoder: EncoderProcess, measure: str
) -> None:
    folder = tmp_path / "model"
    shutil.copytree(model_folder, folder, ignore=shutil.ignore_patterns("*.safetensors"))
    (folder / "model.safetensors").symlink_to(model_folder / "model.safetensors")
    (folder / "config_sentence_transformers.json").write_text(json.dumps({"similarity_fn_name": measure}))
    modules = json.loads((folder / "modules.json").read_text())
    kept = [module for module in modules if not module["type"].endswith("Normalize")]
    (folder / "modules.json").write_text(json.dumps(kept))
    process = EncoderProcess(WorkerLauncher(tmp_path / "runtime"))
    try:
        loaded = process.load(EncoderSpec(str(folder), precision="fp32"))
        assert loaded.measure.value == measure
        assert loaded.fingerprint.endswith(f"-{measure}")
        rows = _rows(process.embed_passages(["How to bake bread", "An oven for loaves of sourdough", "Prices fell"]))
    finally:
        process.close()
    lengths = np.linalg.norm(rows, axis=1)
    assert not np.allclose(lengths, 1.0, atol=0.05)
    assert (loaded.unrelated_similarity < 0) is (measure == "euclidean")
    near, far = (similarities(rows[1:], rows[0], SimilarityMeasure(measure))).tolist()
    assert near > loaded.unrelated_similarity + loaded.unrelated_deviation > far - loaded.unrelated_deviation
    assert encoder.loaded is not None
    assert encoder.loaded.measure is SimilarityMeasure.COSINE


def test_a_question_does_not_wait_for_passages(encoder: EncoderProcess) -> None:
    cancel = CancelToken()
    outcome: list[BaseException | None] = []

    def embed() -> None:
        try:
            encoder.embed_passages(["many words in a row " * 40] * 256, cancel)
        except CancelledError as error:
            outcome.append(error)

    passages = threading.Thread(target=embed)
    passages.start()
    waits = []
    for number in range(10):
        started = time.monotonic()
        encoder.embed_query(f"question {number}")
        waits.append(time.monotonic() - started)
    assert passages.is_alive()
    started = time.monotonic()
    cancel.cancel()
    passages.join(10)
    assert time.monotonic() - started < 2.0
    assert isinstance(outcome[0], CancelledError)
    assert sorted(waits)[5] < 0.5
    assert encoder.status.phase is WorkerPhase.READY


def test_a_pause_holds_passages_and_not_questions(encoder: EncoderProcess) -> None:
    encoder.set_paused(True)
    done = threading.Event()
    passages = threading.Thread(target=lambda: (encoder.embed_passages(["later"]), done.set()))
    passages.start()
    encoder.embed_query("now")
    encoder.embed_sentences(["now, too"])
    assert not done.is_set()
    encoder.set_paused(False)
    assert done.wait(10)
    passages.join()


def test_it_comes_back_after_a_kill(encoder: EncoderProcess) -> None:
    before, fingerprint = encoder.pid, encoder.loaded.fingerprint if encoder.loaded else ""
    assert before is not None
    os.kill(before, signal.SIGKILL)
    # The process is gone a moment before its end is told.
    while encoder.status.phase is not WorkerPhase.CRASHED:
        time.sleep(0.01)
    assert encoder.loaded is None
    assert len(encoder.embed_query("again").vector) == 4 * 384
    assert encoder.pid != before
    assert encoder.loaded is not None
    assert encoder.loaded.fingerprint == fingerprint


def test_places_outside_of_the_sentence_are_not_believed(
    encoder: EncoderProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lie(life: object, request: Request, message: object, cancel: object) -> WordsCompared:
        return WordsCompared(request.id, (ComparedWord(0, 99, 0.5, "x"),))

    with monkeypatch.context() as patched:
        patched.setattr(encoder, "_ask", lie)
        with pytest.raises(WorkerError):
            encoder.compare_words("ink", "black")
    assert len(encoder.compare_words("ink", "black")) == 1


@pytest.mark.parametrize(
    ("name", "content", "error"),
    [
        ("pytorch_model.bin", "x", ModelUnsafeError),
        ("modeling.py", "raise SystemExit", ModelUnsafeError),
        ("1_Pooling/weights.pkl", "x", ModelUnsafeError),
        ("config.json", '{"auto_map": {"AutoModel": "evil.Model"}}', ModelUnsafeError),
        ("modules.json", '[{"idx": 0, "name": "0", "path": "", "type": "evil.Module"}]', ModelUnsafeError),
        ("config.json", "{", ModelError),
        ("model.safetensors", "", ModelError),
    ],
)
def test_a_bad_folder_is_refused(
    model_folder: Path, tmp_path: Path, name: str, content: str, error: type[ModelError]
) -> None:
    folder = tmp_path / "model"
    shutil.copytree(model_folder, folder, ignore=shutil.ignore_patterns("*.safetensors"))
    (folder / "model.safetensors").symlink_to(model_folder / "model.safetensors")
    if name == "model.safetensors":
        (folder / name).unlink()
    (folder / name).write_text(content)
    started: list[str] = []

    class Launcher(WorkerLauncher):
        def launch(self, worker: str):  # type: ignore[no-untyped-def]
            started.append(worker)
            return super().launch(worker)

    process = EncoderProcess(Launcher(tmp_path / "runtime"))
    try:
        with pytest.raises(error):
            process.load(EncoderSpec(str(folder)))
        if error is ModelUnsafeError:
            assert started == []
        assert process.loaded is None
    finally:
        process.close()


def test_a_missing_folder_and_no_model_at_all(tmp_path: Path) -> None:
    process = EncoderProcess(WorkerLauncher(tmp_path / "runtime"))
    with pytest.raises(ModelMissingError):
        process.embed_query("x")
    with pytest.raises(ModelMissingError):
        process.load(EncoderSpec(str(tmp_path / "nowhere")))


def test_loading_can_be_cancelled(model_folder: Path, tmp_path: Path) -> None:
    process = EncoderProcess(WorkerLauncher(tmp_path / "runtime"))
    cancel = CancelToken()
    seen: list[float] = []

    def listen(status: object) -> None:
        if process.status.phase is WorkerPhase.LOADING and not seen:
            seen.append(time.monotonic())
            cancel.cancel()

    process.subscribe(listen)
    with pytest.raises(CancelledError):
        process.load(EncoderSpec(str(model_folder)), cancel)
    assert time.monotonic() - seen[0] < 5.0
    assert process.loaded is None
    process.close()
