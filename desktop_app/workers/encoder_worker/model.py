"""A loaded sentence-transformers model: texts in, vectors out."""

from __future__ import annotations

import copy
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import torch
from numpy.typing import NDArray
from sentence_transformers import SentenceTransformer
from threadpoolctl import ThreadpoolController

from desktop_app.domain.encoder_family import encoder_prompts
from desktop_app.domain.encoder_folder import declared_dimensions, names_of
from desktop_app.domain.errors import ModelLoadError
from desktop_app.domain.query import parse_query
from desktop_app.domain.search import SimilarityMeasure, WordLikeness
from desktop_app.workers.encoder_worker.batches import LEAST_TOKENS, Batches
from desktop_app.workers.encoder_worker.calibration import (
    LEAST_COSINE,
    SAMPLE_TEXTS,
    Calibration,
    CalibrationFile,
    machine_key,
)
from desktop_app.workers.encoder_worker.fingerprint import fingerprint_of
from desktop_app.workers.encoder_worker.known_words import KnownWords, known_words_of
from desktop_app.workers.encoder_worker.lanes import in_lanes
from desktop_app.workers.encoder_worker.packed_layers import pack_layers
from desktop_app.workers.encoder_worker.traced_transformer import TracedTransformer, traced
from desktop_app.workers.encoder_worker.word_likeness import EmbeddedWord, compared, telling, words_of
from desktop_app.workers.encoder_worker.word_pieces import word_pieces_of

Vectors = NDArray[np.float32]

_LENGTH_STEP_BF16 = 16
"""Attention in bf16 takes up to twice as long over texts of any other length."""

_TEXTS_TOKENIZED_AT_ONCE = 32
_MOST_KNOWN_WORDS = 64
_TIMED_ROUNDS = 3

_CLEARLY_SLOWER = 1.5
_TEXTS_OF_A_LANE = 4
"""Some 500 tokens: half of the largest batch of a lane."""

_SECONDS_OF_A_TEXT = 1.0
"""A stop waits for the end of a batch, and a process that does not stop within 2 s is ended."""


class EncoderModel:
    """A model in one precision. `embed` may run in two threads at once: it changes nothing but how many passages are
    computed at once.

    Args:
        folder: a checked sentence-transformers folder.
        max_word_pieces: texts are cut there, or earlier where the model reads less.
        threads: CPU threads that embed passages; 0 leaves it to torch.
        dimensions: the shortest declared length of at least so many values is kept of a vector; all of it where it is
            0, or where the model declares none (Matryoshka).

    Raises ModelLoadError.
    """

    def __init__(self, folder: Path, max_word_pieces: int, threads: int, dimensions: int = 0) -> None:
        try:
            self._model = SentenceTransformer(
                str(folder),
                device="cpu",
                trust_remote_code=False,
                local_files_only=True,
                model_kwargs={"use_safetensors": True},
            )
        except Exception as error:  # the libraries raise classes of their own for bad files
            print(f"load: {type(error).__name__}: {error}", file=sys.stderr, flush=True)
            raise ModelLoadError(
                "The search model could not be loaded.",
                f"{type(error).__name__}: {str(error)[:300]}",
                "Copy its folder again, or choose another one on the Models screen.",
            ) from error
        self._model.eval()
        self._thread_pools = ThreadpoolController()
        self._threads = threads or torch.get_num_threads()
        self._lanes = 1
        self._model.float()  # weights kept in half precision are computed with in full until the precision is settled
        self._pieces = word_pieces_of(self._model)
        own_limit = self._model.max_seq_length
        self.max_word_pieces = int(min(max_word_pieces, own_limit or max_word_pieces))  # a table reads without end
        self.measure = _measure(self._model.similarity_fn_name)
        self.prompts = encoder_prompts(self._model.prompts or {}, names_of(folder))
        self._pooling_skips_prompt = any(getattr(module, "include_prompt", True) is False for module in self._model)
        self._cut_at: int | None = None
        self._for_questions: SentenceTransformer | TracedTransformer = self._model
        self._batches = Batches()
        self.precision = "fp32"
        whole = int(self._forward(self._model, self._tokens(["a"])).shape[1])
        self.dimensions = _cut_length(dimensions, declared_dimensions(folder), whole)
        self._cut_at = self.dimensions if self.dimensions < whole else None
        self.fingerprint = fingerprint_of(folder, self.max_word_pieces, self._cut_at or 0, self.prompts)
        if self.measure is not SimilarityMeasure.COSINE:
            # These vectors keep their lengths: they must not mix with vectors that were made alike.
            self.fingerprint = f"{self.fingerprint}-{self.measure}"
        self.calibration: Calibration

    def settle_precision(self, wanted: str, memory: CalibrationFile) -> None:
        """Take the precision `wanted` ("auto", "fp32", "bf16"), measuring what is not remembered yet."""
        key = machine_key(torch.__version__, self.fingerprint, str(self._threads))
        remembered = memory.get(key)
        self.calibration = calibration = remembered or self._calibrate()
        rounded = calibration.precision == "bf16" if wanted == "auto" else wanted == "bf16"
        if rounded and self._pieces.may_round:
            self._model.to(torch.bfloat16)
            pack_layers(self._model)
            self.precision = "bf16"
        elif self._pieces.may_round:
            self._for_questions = traced(self._model) or self._model
        if remembered is None:
            self.calibration = msgspec.structs.replace(calibration, lanes=self._quicker_lanes())
            memory.put(key, self.calibration)
        self._lanes = self.calibration.lanes
        if self.precision == "bf16" and wanted == "bf16" and calibration.cosine < LEAST_COSINE:
            # Asked for in spite of the difference: these vectors must not mix with others.
            self.fingerprint = f"{self.fingerprint}-bf16"

    def embed(
        self,
        texts: Sequence[str],
        go_on: Callable[[int], bool] = lambda done: True,
        *,
        is_query: bool = False,
        at_start: Callable[[], None] = lambda: None,
    ) -> Vectors | None:
        """Vectors (rows, in the order of `texts`), of length 1 where cosines compare them; None when `go_on` said no.

        `go_on(done)` is asked before each batch, and now and then while texts are cut into pieces; `at_start` runs
        first in each thread that is started for them.

        Texts are sorted by length, so that batches need little padding, and batched by tokens (`Batches`).
        """
        prompt = self.prompts.query if is_query else self.prompts.passage
        skipped = self._pieces.leading(prompt) if self._pooling_skips_prompt else 0
        tokens: list[list[int]] = []
        for start in range(0, len(texts), _TEXTS_TOKENIZED_AT_ONCE):
            if not go_on(0):
                return None
            part = texts[start : start + _TEXTS_TOKENIZED_AT_ONCE]
            tokens += self._tokens([prompt + text for text in part])
        lengths = [len(ids) for ids in tokens]
        lanes = 1 if is_query or sum(lengths) <= LEAST_TOKENS else self._lanes
        threads = 1 if is_query or lanes > 1 else self._threads
        vectors = np.zeros((len(texts), self.dimensions), np.float32)
        done = 0

        def compute(batch: list[int]) -> Vectors:
            model = self._for_questions if is_query and len(batch) == 1 else self._model
            with self._limited(threads):
                return self._forward(model, [tokens[place] for place in batch], skipped)

        def keep(batch: list[int], found: Vectors, seconds: float) -> None:
            nonlocal done
            vectors[batch] = found
            done += len(batch)
            if not is_query:
                self._batches.took(len(batch) * lengths[batch[0]], seconds)

        groups = self._batches.groups(lengths, lanes)
        if not in_lanes(lanes, groups, compute, keep, lambda: go_on(done), at_start):
            return None
        if not np.isfinite(vectors).all():
            raise ModelLoadError(
                "The search model gives no usable vectors.",
                "Its numbers overflow in this precision.",
                "Set the search model's precision to fp32, or choose another model.",
            )
        return vectors

    def _limited(self, threads: int) -> AbstractContextManager[object]:
        """So many OpenMP threads for what the calling thread computes until the end.

        A question gets one: it is a few tokens, whose forward pass is hundreds of short parallel regions. Two threads
        save it a tenth on two idle cores; beside a search for its words they wait for each other, and it took 25 ms,
        not 11. (`torch.set_num_threads` would count for all threads that multiply by MKL.)
        """
        torch.get_num_threads()  # torch sets a thread's number when first asked: before ours, not after it
        limit: AbstractContextManager[object] = self._thread_pools.limit(limits=threads, user_api="openmp")
        return limit

    def known_words(self, text: str) -> KnownWords:
        """What the vocabulary makes of the words of a question; single letters are never whole in it."""
        words = parse_query(text).terms[:_MOST_KNOWN_WORDS]
        if not words:
            return KnownWords()
        return known_words_of(words, self._pieces.of_words(words), self._pieces.unknown)

    def compare_words(self, question: str, sentence: str) -> list[WordLikeness]:
        """Each telling word of the sentence beside the one of the question that is nearest to it, by the cosine of
        their embeddings in their places. None where the tokenizer does not say where its pieces stand.
        """
        asked = self._embedded_words(question, self.prompts.query)
        said = self._embedded_words(sentence, self.prompts.passage)
        return compared(telling(asked), telling(said))

    def _embedded_words(self, text: str, prompt: str) -> list[EmbeddedWord]:
        found = self._pieces.placed(prompt + text, self.max_word_pieces)
        if found is None or not found[0]:
            return []
        ids, offsets = found
        with self._limited(self._threads), torch.inference_mode():
            embeddings = self._pieces.embedded(self._model, self._features([ids])).float().numpy()
        places = [(start - len(prompt), end - len(prompt)) for start, end in offsets]
        return words_of(text, places, embeddings)

    def _tokens(self, texts: Sequence[str]) -> list[list[int]]:
        return self._pieces.ids(texts, self.max_word_pieces)

    def _forward(
        self, model: SentenceTransformer | TracedTransformer, tokens: Sequence[Sequence[int]], skipped: int = 0
    ) -> Vectors:
        with torch.inference_mode():
            found: Any = model.forward(self._features(tokens, skipped))
            vectors = found["sentence_embedding"].float()[:, : self._cut_at]
            if self.measure is SimilarityMeasure.COSINE:
                vectors = torch.nn.functional.normalize(vectors, dim=1)
        array: Vectors = vectors.numpy()
        return array

    def _features(self, tokens: Sequence[Sequence[int]], skipped: int = 0) -> dict[str, Any]:
        features = self._pieces.features(tokens, self._length_step(max(map(len, tokens))))
        if skipped:
            features["prompt_length"] = skipped
        return features

    def _length_step(self, longest: int) -> int | None:
        """The multiple to which a batch is padded; None for no more than its longest text."""
        step = _LENGTH_STEP_BF16 if self.precision == "bf16" else 1
        return step if step > 1 and -(-longest // step) * step <= self.max_word_pieces else None

    def _calibrate(self) -> Calibration:
        """Measure both precisions on the same texts, in turns, so that a busy computer slows both alike."""
        texts = list(SAMPLE_TEXTS)
        cosine, speed_up = self._compare_rounded(self._tokens(_long_texts())) if self._pieces.may_round else (1.0, 1.0)
        asked, told = self.embed(texts, is_query=True), self.embed(texts)
        assert asked is not None
        assert told is not None
        between = self._between(asked, told)
        return Calibration(
            precision="bf16" if cosine >= LEAST_COSINE and speed_up > 1.0 else "fp32",
            cosine=cosine,
            speed_up=speed_up,
            unrelated_similarity=float(between.mean()),
            unrelated_deviation=float(between.std()),
        )

    def _compare_rounded(self, tokens: Sequence[Sequence[int]]) -> tuple[float, float]:
        """(least cosine between a vector and its rounded one, 0 where there is none; how much faster bf16 is)."""
        rounded = copy.deepcopy(self._model).to(torch.bfloat16)
        pack_layers(rounded)
        exact_vectors, rounded_vectors = self._forward(self._model, tokens), self._forward(rounded, tokens)
        exact_seconds = rounded_seconds = float("inf")
        for _ in range(_TIMED_ROUNDS):
            exact_seconds = min(exact_seconds, self._seconds(self._model, tokens))
            rounded_seconds = min(rounded_seconds, self._seconds(rounded, tokens))
            if rounded_seconds > _CLEARLY_SLOWER * exact_seconds:  # without bf16 in hardware it takes long to measure
                break
        lengths = np.linalg.norm(exact_vectors, axis=1) * np.linalg.norm(rounded_vectors, axis=1)
        cosine = float(((exact_vectors * rounded_vectors).sum(axis=1) / np.maximum(lengths, 1e-12)).min())
        return cosine if np.isfinite(cosine) else 0.0, exact_seconds / max(rounded_seconds, 1e-9)

    def _quicker_lanes(self) -> int:
        """How many batches are computed at once: as many as there are threads, where that is quicker than all threads
        on each of them in turn, and a stop still comes through in time.
        """
        lanes = self._threads
        batch = self._tokens(_long_texts())[:_TEXTS_OF_A_LANE]
        if lanes == 1 or not self._pieces.may_round:
            return 1

        def seconds(at_once: int, threads: int) -> float:
            def compute(_: list[int]) -> Vectors:
                with self._limited(threads):
                    return self._forward(self._model, batch)

            started = time.perf_counter()
            in_lanes(at_once, iter([[place] for place in range(lanes)]), compute, lambda *_: None)
            return time.perf_counter() - started

        together = apart = float("inf")
        for _ in range(_TIMED_ROUNDS):
            together, apart = min(together, seconds(1, lanes)), min(apart, seconds(lanes, 1))
        longest = apart * self.max_word_pieces / sum(map(len, batch))
        return lanes if apart < together and longest <= _SECONDS_OF_A_TEXT else 1

    def _between(self, asked: Vectors, told: Vectors) -> Vectors:
        """How similar each of the texts, as a question, is to each other one, by the model's own measure."""
        first, second = np.nonzero(~np.eye(len(asked), dtype=bool))
        if self.measure is SimilarityMeasure.EUCLIDEAN:
            distances: Vectors = -np.linalg.norm(asked[first] - told[second], axis=1)
            return distances
        products: Vectors = (asked[first] * told[second]).sum(axis=1)
        return products

    def _seconds(self, model: SentenceTransformer, tokens: Sequence[Sequence[int]]) -> float:
        started = time.perf_counter()
        with self._limited(self._threads):
            self._forward(model, tokens)
        return time.perf_counter() - started


def _long_texts() -> list[str]:
    """Texts as long as passages of notes are."""
    texts = list(SAMPLE_TEXTS)
    return [" ".join(texts[place:] + texts[:place])[:700] for place in range(0, len(texts), 2)]


def _cut_length(asked: int, declared: Sequence[int], whole: int) -> int:
    """How many values of a vector are kept: the shortest length the model declares that is not below `asked`."""
    return min((length for length in declared if asked and asked <= length < whole), default=whole)


def _measure(name: object) -> SimilarityMeasure:
    """What the model's configuration asks for; cosine for what is not known here, as for models that say nothing."""
    try:
        return SimilarityMeasure(str(name))
    except ValueError:
        return SimilarityMeasure.COSINE
