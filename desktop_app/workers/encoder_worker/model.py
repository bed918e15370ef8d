"""A loaded sentence-transformers model: texts in, vectors out."""

from __future__ import annotations

import copy
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

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
from desktop_app.workers.encoder_worker.calibration import (
    LEAST_COSINE,
    SAMPLE_TEXTS,
    Calibration,
    CalibrationFile,
    machine_key,
)
from desktop_app.workers.encoder_worker.fingerprint import fingerprint_of
from desktop_app.workers.encoder_worker.known_words import KnownWords, known_words_of
from desktop_app.workers.encoder_worker.packed_layers import pack_layers
from desktop_app.workers.encoder_worker.word_likeness import EmbeddedWord, compared, telling, words_of

Vectors = NDArray[np.float32]

TOKENS_PER_BATCH = 2048
"""Padded tokens in one forward pass: more is no faster, and a pause waits for the end of one."""

_LENGTH_STEP_BF16 = 16
"""Attention in bf16 takes up to twice as long over texts of any other length."""

_TEXTS_TOKENIZED_AT_ONCE = 32
_MOST_KNOWN_WORDS = 64
_TIMED_ROUNDS = 3


class EncoderModel:
    """A model in one precision. `embed` may run in two threads at once: it changes nothing.

    Args:
        folder: a checked sentence-transformers folder.
        max_word_pieces: texts are cut there, or earlier where the model reads less.
        threads: CPU threads of one forward pass; 0 leaves it to torch.
        dimensions: the shortest declared length of at least so many values is kept of a vector; all of it where it is
            0, or where the model declares none (Matryoshka).

    Raises ModelLoadError.
    """

    def __init__(self, folder: Path, max_word_pieces: int, threads: int, dimensions: int = 0) -> None:
        if threads:
            torch.set_num_threads(threads)
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
        self._tokenizer: Any = self._model.tokenizer
        own_limit = self._model.max_seq_length
        self.max_word_pieces = min(max_word_pieces, int(own_limit)) if own_limit else max_word_pieces
        self.measure = _measure(self._model.similarity_fn_name)
        self.prompts = encoder_prompts(self._model.prompts or {}, names_of(folder))
        self._pooling_skips_prompt = any(getattr(module, "include_prompt", True) is False for module in self._model)
        self._cut_at: int | None = None
        self.precision = "fp32"
        whole = int(self._embed_batch([self._tokens(["a"])["input_ids"][0]]).shape[1])
        self.dimensions = _cut_length(dimensions, declared_dimensions(folder), whole)
        self._cut_at = self.dimensions if self.dimensions < whole else None
        self.fingerprint = fingerprint_of(folder, self.max_word_pieces, self._cut_at or 0, self.prompts)
        if self.measure is not SimilarityMeasure.COSINE:
            # These vectors keep their lengths: they must not mix with vectors that were made alike.
            self.fingerprint = f"{self.fingerprint}-{self.measure}"
        self.calibration: Calibration

    def settle_precision(self, wanted: str, memory: CalibrationFile) -> None:
        """Take the precision `wanted` ("auto", "fp32", "bf16"), measuring what is not remembered yet."""
        key = machine_key(torch.__version__, self.fingerprint, str(torch.get_num_threads()))
        calibration = memory.get(key)
        if calibration is None:
            calibration = self._calibrate()
            memory.put(key, calibration)
        self.calibration = calibration
        if calibration.precision == "bf16" if wanted == "auto" else wanted == "bf16":
            self._model.to(torch.bfloat16)
            pack_layers(self._model)
            self.precision = "bf16"
        if wanted == "bf16" and calibration.cosine < LEAST_COSINE:
            # Asked for in spite of the difference: these vectors must not mix with others.
            self.fingerprint = f"{self.fingerprint}-bf16"

    def embed(
        self, texts: Sequence[str], go_on: Callable[[int], bool] = lambda done: True, *, is_query: bool = False
    ) -> Vectors | None:
        """Vectors (rows, in the order of `texts`), of length 1 where cosines compare them; None when `go_on` said no.

        `go_on(done)` is asked before each batch, and now and then while texts are cut into pieces.

        Texts are sorted by length, so that batches need little padding, and batched by tokens.
        """
        with self._one_thread() if is_query else nullcontext():
            return self._embedded(texts, go_on, is_query)

    def _one_thread(self) -> AbstractContextManager[object]:
        """One OpenMP thread for what the calling thread computes until the end.

        A question is a few tokens, whose forward pass is hundreds of short parallel regions. Two threads save it a
        tenth on two idle cores; beside a search for its words they wait for each other, and it took 25 ms, not 11.
        """
        torch.get_num_threads()  # torch sets a thread's number when first asked: before ours, not after it
        limit: AbstractContextManager[object] = self._thread_pools.limit(limits=1, user_api="openmp")
        return limit

    def _embedded(self, texts: Sequence[str], go_on: Callable[[int], bool], is_query: bool) -> Vectors | None:
        prompt = self.prompts.query if is_query else self.prompts.passage
        skipped = self._prompt_pieces(prompt) if self._pooling_skips_prompt else 0
        tokens: list[list[int]] = []
        for start in range(0, len(texts), _TEXTS_TOKENIZED_AT_ONCE):
            if not go_on(0):
                return None
            part = texts[start : start + _TEXTS_TOKENIZED_AT_ONCE]
            tokens += self._tokens([prompt + text for text in part])["input_ids"]
        vectors = np.zeros((len(texts), self.dimensions), np.float32)
        done = 0
        for batch in _batches([len(ids) for ids in tokens]):
            if not go_on(done):
                return None
            vectors[batch] = self._embed_batch([tokens[place] for place in batch], skipped)
            done += len(batch)
        if not np.isfinite(vectors).all():
            raise ModelLoadError(
                "The search model gives no usable vectors.",
                "Its numbers overflow in this precision.",
                "Set the search model's precision to fp32, or choose another model.",
            )
        return vectors

    def known_words(self, text: str) -> KnownWords:
        """What the vocabulary makes of the words of a question; single letters are never whole in it."""
        words = parse_query(text).terms[:_MOST_KNOWN_WORDS]
        if not words:
            return KnownWords()
        pieces = self._tokenizer(list(words), add_special_tokens=False)["input_ids"]
        return known_words_of(words, pieces, getattr(self._tokenizer, "unk_token_id", None))

    def compare_words(self, question: str, sentence: str) -> list[WordLikeness]:
        """Each telling word of the sentence beside the one of the question that is nearest to it, by the cosine of
        their embeddings in their places. None where the tokenizer does not say where its pieces stand.
        """
        if not self._tokenizer.is_fast:
            return []
        asked = self._embedded_words(question, self.prompts.query)
        said = self._embedded_words(sentence, self.prompts.passage)
        return compared(telling(asked), telling(said))

    def _embedded_words(self, text: str, prompt: str) -> list[EmbeddedWord]:
        encoded = self._tokenizer(
            prompt + text, truncation=True, max_length=self.max_word_pieces, return_offsets_mapping=True
        )
        embeddings = self._features(self._model, [encoded["input_ids"]])["token_embeddings"][0].float().numpy()
        places = [(start - len(prompt), end - len(prompt)) for start, end in encoded["offset_mapping"]]
        return words_of(text, places, embeddings)

    def _tokens(self, texts: list[str]) -> Any:
        return self._tokenizer(texts, truncation=True, max_length=self.max_word_pieces, padding=False)

    def _prompt_pieces(self, prompt: str) -> int:
        """Pieces of a prompt that stays out of the pooling, the mark at the beginning included."""
        pieces = self._tokenizer([prompt])["input_ids"][0] if prompt else []
        ends = pieces and pieces[-1] in (self._tokenizer.sep_token_id, self._tokenizer.eos_token_id)
        return len(pieces) - 1 if ends else len(pieces)

    def _embed_batch(self, tokens: Sequence[Sequence[int]], skipped: int = 0) -> Vectors:
        return self._forward(self._model, tokens, skipped)

    def _forward(self, model: SentenceTransformer, tokens: Sequence[Sequence[int]], skipped: int = 0) -> Vectors:
        with torch.inference_mode():
            vectors = self._features(model, tokens, skipped)["sentence_embedding"].float()[:, : self._cut_at]
            if self.measure is SimilarityMeasure.COSINE:
                vectors = torch.nn.functional.normalize(vectors, dim=1)
        array: Vectors = vectors.numpy()
        return array

    def _features(
        self, model: SentenceTransformer, tokens: Sequence[Sequence[int]], skipped: int = 0
    ) -> dict[str, Any]:
        encodings = {"input_ids": list(tokens), "attention_mask": [[1] * len(ids) for ids in tokens]}
        step = self._length_step(max(map(len, tokens)))
        features = dict(self._tokenizer.pad(encodings, pad_to_multiple_of=step, return_tensors="pt"))
        if skipped:
            features["prompt_length"] = skipped
        with torch.inference_mode():
            found: dict[str, Any] = model.forward(features)
        return found

    def _length_step(self, longest: int) -> int | None:
        """The multiple to which a batch is padded; None for no more than its longest text."""
        step = _LENGTH_STEP_BF16 if self.precision == "bf16" else 1
        return step if step > 1 and -(-longest // step) * step <= self.max_word_pieces else None

    def _calibrate(self) -> Calibration:
        """Measure both precisions on the same texts, in turns, so that a busy computer slows both alike."""
        texts = list(SAMPLE_TEXTS)
        long_texts = [" ".join(texts[place:] + texts[:place])[:700] for place in range(0, len(texts), 2)]
        tokens = self._tokens(long_texts)["input_ids"]
        rounded = copy.deepcopy(self._model).to(torch.bfloat16)
        pack_layers(rounded)
        exact_vectors, rounded_vectors = self._forward(self._model, tokens), self._forward(rounded, tokens)
        exact_seconds = rounded_seconds = float("inf")
        for _ in range(_TIMED_ROUNDS):
            exact_seconds = min(exact_seconds, self._seconds(self._model, tokens))
            rounded_seconds = min(rounded_seconds, self._seconds(rounded, tokens))
        lengths = np.linalg.norm(exact_vectors, axis=1) * np.linalg.norm(rounded_vectors, axis=1)
        cosine = float(((exact_vectors * rounded_vectors).sum(axis=1) / np.maximum(lengths, 1e-12)).min())
        close = bool(np.isfinite(cosine)) and cosine >= LEAST_COSINE
        asked, told = self.embed(texts, is_query=True), self.embed(texts)
        assert asked is not None
        assert told is not None
        between = self._between(asked, told)
        return Calibration(
            precision="bf16" if close and rounded_seconds < exact_seconds else "fp32",
            cosine=cosine if np.isfinite(cosine) else 0.0,
            speed_up=exact_seconds / max(rounded_seconds, 1e-9),
            unrelated_similarity=float(between.mean()),
            unrelated_deviation=float(between.std()),
        )

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
        self._forward(model, tokens)
        return time.perf_counter() - started


def _cut_length(asked: int, declared: Sequence[int], whole: int) -> int:
    """How many values of a vector are kept: the shortest length the model declares that is not below `asked`."""
    return min((length for length in declared if asked and asked <= length < whole), default=whole)


def _measure(name: object) -> SimilarityMeasure:
    """What the model's configuration asks for; cosine for what is not known here, as for models that say nothing."""
    try:
        return SimilarityMeasure(str(name))
    except ValueError:
        return SimilarityMeasure.COSINE


def _batches(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Places grouped by length, longest first, at most TOKENS_PER_BATCH padded tokens in a group."""
    order = sorted(range(len(lengths)), key=lambda place: -lengths[place])
    position = 0
    while position < len(order):
        count = max(1, TOKENS_PER_BATCH // max(1, lengths[order[position]]))
        yield order[position : position + count]
        position += count
