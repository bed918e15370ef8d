"""Encoders of several families: what stands in front of their texts, and how long their vectors are."""

from __future__ import annotations

import platform
from typing import Any

import numpy as np
import pytest

from tests.fakes.probes import ask_probe
from tests.fakes.tiny_encoder import WIDTH, write_tiny_encoder, write_tiny_table

TEXTS = ["ink on paper", "the river"]
LONGER = ["", "a river of ink over all of the paper that there is", "bread " * 90]
MANY = [" ".join(["ink on paper, the river and bread"] * count) for count in range(1, 41)]
BGE = "Represent this sentence for searching relevant passages: "
GIVEN = {"query": "goal: ", "document": "bread: "}

# (case, prefix a question must get, prefix a passage must get)
CASES = [
    ("e5-small-v2", "query: ", "passage: "),
    ("bge-small-en-v1.5", BGE, ""),
    ("gte-small", "", ""),
    ("all-MiniLM-L6-v2", "", ""),
    ("e5-that-says-it-itself", GIVEN["query"], GIVEN["document"]),
    ("e5-that-leaves-prompts-out-of-the-mean", "query: ", "passage: "),
]

#: The same weights in other files than most have.
SHAPES: dict[str, dict[str, Any]] = {
    "in-a-folder-of-its-own": {"inside": "0_Transformer"},
    "in-parts": {"in_parts": True},
    "of-16-bits": {"halved": True},
}


#: (Seconds of two batches by all threads one after the other, and side by side), by what is to come of it.
LANES = {"lanes quicker": [0.2, 0.1], "lanes slower": [0.1, 0.2], "lanes too slow for a stop": [60.0, 30.0]}


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """All answers of one process, by what was asked."""
    root = tmp_path_factory.mktemp("families")
    orders: dict[str, dict[str, Any]] = {}
    for name, query, passage in CASES:
        folder = write_tiny_encoder(
            root / name,
            prompts=GIVEN if "itself" in name else None,
            pooling="cls" if name.startswith("bge") else "mean",
            pools_prompt="leaves" not in name,
        )
        orders[f"{name} query"] = {"folder": str(folder), "texts": TEXTS, "query": True, "prefixed": query}
        orders[f"{name} passage"] = {"folder": str(folder), "texts": TEXTS, "prefixed": passage}
    shortened = write_tiny_encoder(root / "shortened", dimensions=(8, 16))
    for asked in (0, 8, 10, 20):
        orders[f"dimensions {asked}"] = {"folder": str(shortened), "texts": TEXTS, "dimensions": asked}
    whole = root / "gte-small"
    orders["not declared"] = {"folder": str(whole), "texts": TEXTS, "dimensions": 8}
    for kind in ("query", "passage"):
        orders[f"two threads {kind}"] = {"folder": str(whole), "texts": TEXTS, "query": kind == "query", "threads": 2}
    for kind in ("query", "passage"):
        order = {"folder": str(whole), "texts": MANY, "query": kind == "query", "threads": 2, "lanes": 2}
        orders[f"lanes {kind}"] = order
    for case, seconds in LANES.items():
        orders[case] = {"folder": str(whole), "texts": TEXTS, "threads": 2, "choose": seconds}
    orders["table lanes"] = {
        "folder": str(write_tiny_table(root / "lanes")),
        "texts": TEXTS,
        "threads": 2,
        "choose": [2, 1],
    }
    orders["one thread"] = {**orders["lanes quicker"], "threads": 1}
    orders["lanes few"] = {**orders["lanes passage"], "texts": TEXTS}
    for layers in ("packed", "refused"):
        orders[f"bf16 {layers}"] = {"folder": str(whole), "texts": TEXTS, "rounded": layers}
    for name, query, _ in CASES:
        order = {"folder": str(root / name), "texts": [*TEXTS, *LONGER], "query": True, "prefixed": query}
        orders[f"{name} traced"] = {**order, "traced": "rightly"}
        for how in ("wrong", "refused", "coarse", "not halved") if name == "gte-small" else ():
            orders[f"traced {how}"] = {**order, "traced": how}
    for name, shape in SHAPES.items():
        orders[name] = {"folder": str(write_tiny_encoder(root / name, **shape)), "texts": TEXTS}
    table = write_tiny_table(root / "table", prompts=GIVEN)
    for kind in ("query", "document"):
        order = {"folder": str(table), "texts": [*TEXTS, "", "?"], "query": kind == "query", "prefixed": GIVEN[kind]}
        orders[f"table {kind}"] = {**order, "words": ["ink, in the oven", "Bread and ink"]}
    orders["table traced"] = {**orders["table query"], "texts": TEXTS, "traced": "rightly"}
    orders["table bf16"] = {"folder": str(table), "texts": TEXTS, "rounded": "packed", "prefixed": GIVEN["document"]}
    replies = ask_probe("tests.contract.encoder_probe", list(orders.values()))
    return dict(zip(orders, replies, strict=True))


@pytest.mark.parametrize("name", [name for name, _, _ in CASES])
@pytest.mark.parametrize("kind", ["query", "passage"])
def test_texts_get_the_prefix_of_their_family(answers: dict[str, Any], name: str, kind: str) -> None:
    answer = answers[f"{name} {kind}"]
    assert np.array(answer["vectors"]) == pytest.approx(np.array(answer["plain"]), abs=1e-5)


def test_a_question_is_embedded_by_one_thread_and_passages_by_all(answers: dict[str, Any]) -> None:
    assert answers["two threads query"]["threads"] == [1, 2]
    assert answers["two threads passage"]["threads"] == [2, 2]


def test_in_lanes_each_batch_has_one_thread_and_its_own_vectors(answers: dict[str, Any]) -> None:
    answer = answers["lanes passage"]
    assert answer["threads"] == [1, 2]
    assert 1 <= answer["begun"] <= 2
    assert np.array(answer["vectors"]) == pytest.approx(np.array(answer["plain"]), abs=1e-5)


def test_lanes_are_taken_where_they_are_quicker_and_a_stop_comes_through(answers: dict[str, Any]) -> None:
    assert {case: answers[case]["chosen"] for case in LANES} == {
        "lanes quicker": 2,
        "lanes slower": 1,
        "lanes too slow for a stop": 1,
    }
    assert answers["one thread"]["chosen"] == 1
    assert answers["table lanes"]["chosen"] == 1


def test_questions_and_few_passages_take_no_lanes(answers: dict[str, Any]) -> None:
    assert answers["lanes query"]["begun"] == 0
    assert answers["lanes few"]["begun"] == 0
    assert answers["lanes few"]["threads"] == [2, 2]


@pytest.mark.parametrize("name", [name for name, _, _ in CASES])
def test_what_was_recorded_for_questions_tells_what_the_model_does(answers: dict[str, Any], name: str) -> None:
    answer = answers[f"{name} traced"]
    assert answer["recorded"]
    assert answer["half"] == answer["halves"]
    assert answer["own layers"] == ["Linear"]
    assert answer["lengths"] == [], "the model itself was asked"
    assert np.array(answer["vectors"]) == pytest.approx(np.array(answer["plain"]), abs=1e-3)


@pytest.mark.parametrize("how", ["coarse", "not halved"])
def test_weights_are_recorded_whole_where_halves_tell_another_thing_or_cannot_be(
    answers: dict[str, Any], how: str
) -> None:
    answer = answers[f"traced {how}"]
    assert answer["recorded"]
    assert not answer["half"]
    assert answer["own layers"] == ["Linear"]
    assert np.array(answer["vectors"]) == pytest.approx(np.array(answer["plain"]), abs=1e-5)


@pytest.mark.parametrize("how", ["wrong", "refused"])
def test_a_model_that_cannot_be_recorded_answers_questions_itself(answers: dict[str, Any], how: str) -> None:
    answer = answers[f"traced {how}"]
    assert not answer["recorded"]
    assert np.array(answer["vectors"]) == pytest.approx(np.array(answer["plain"]), abs=1e-5)


def test_a_table_is_not_recorded(answers: dict[str, Any]) -> None:
    assert not answers["table traced"]["recorded"]


def test_layers_in_bf16_are_packed_and_give_the_same_vectors(answers: dict[str, Any]) -> None:
    packed, refused = answers["bf16 packed"], answers["bf16 refused"]
    if platform.machine() == "x86_64":  # torch for others may be built without oneDNN
        assert (packed["packed"][0] > 0) == packed["multiplies_bf16"]
    assert 0 in packed["packed"]
    assert refused["packed"] == [0, sum(packed["packed"])]
    for answer in (packed, refused):
        assert np.array(answer["vectors"]) == pytest.approx(np.array(answer["rounded"]), abs=0.01)
        assert np.array(answer["vectors"]) == pytest.approx(np.array(answer["plain"]), abs=0.03)


def test_batches_in_bf16_are_padded_to_lengths_that_are_quick(answers: dict[str, Any]) -> None:
    assert {length % 16 for length in answers["bf16 packed"]["lengths"]} == {0}
    assert any(length % 16 for length in answers["dimensions 0"]["lengths"])


def test_a_prefix_changes_the_vector_and_the_fingerprint(answers: dict[str, Any]) -> None:
    bare, e5 = answers["gte-small query"], answers["e5-small-v2 query"]
    assert np.abs(np.array(bare["vectors"]) - np.array(e5["vectors"])).max() > 1e-3
    # The same weights under another name are another encoder where the name brings prompts, and the same where not.
    assert len({answers[f"{name} query"]["fingerprint"] for name in ("gte-small", "all-MiniLM-L6-v2")}) == 1
    assert e5["fingerprint"] != bare["fingerprint"]


@pytest.mark.parametrize(("asked", "length"), [(0, WIDTH), (8, 8), (10, 16), (20, WIDTH)])
def test_vectors_are_cut_to_a_length_the_model_declares(answers: dict[str, Any], asked: int, length: int) -> None:
    vectors = np.array(answers[f"dimensions {asked}"]["vectors"])
    whole = np.array(answers["dimensions 0"]["vectors"])
    assert vectors.shape == (2, length)
    cut = whole[:, :length] / np.linalg.norm(whole[:, :length], axis=1, keepdims=True)
    assert vectors == pytest.approx(cut, abs=1e-5)


def test_the_length_is_part_of_the_fingerprint(answers: dict[str, Any]) -> None:
    prints = [answers[f"dimensions {asked}"]["fingerprint"] for asked in (0, 8, 10, 20)]
    assert len(set(prints)) == 3
    assert prints[0] == prints[3]


def test_a_model_that_declares_no_length_keeps_all(answers: dict[str, Any]) -> None:
    assert np.array(answers["not declared"]["vectors"]).shape == (2, WIDTH)


@pytest.mark.parametrize("name", list(SHAPES))
def test_weights_are_found_wherever_the_folder_keeps_them(answers: dict[str, Any], name: str) -> None:
    whole = np.array(answers["dimensions 0"]["vectors"])
    assert np.array(answers[name]["vectors"]) == pytest.approx(whole, abs=0.01 if name == "of-16-bits" else 1e-5)


def test_weights_of_16_bits_are_computed_with_in_32(answers: dict[str, Any]) -> None:
    assert answers["of-16-bits"]["type"] == "torch.float32"


@pytest.mark.parametrize("kind", ["query", "document"])
def test_a_table_of_embeddings_is_an_encoder_too(answers: dict[str, Any], kind: str) -> None:
    """Texts without a piece of their own included: only the prompt is left of them."""
    answer = answers[f"table {kind}"]
    found, plain = np.array(answer["vectors"]), np.array(answer["plain"])
    plain /= np.maximum(np.linalg.norm(plain, axis=1, keepdims=True), 1e-9)
    assert found == pytest.approx(plain, abs=1e-5)
    assert answer["known"] == ["ink", "oven"]
    likest = max(answer["likeness"], key=lambda word: word["likeness"])
    assert (likest["start"], likest["end"], likest["nearest"]) == (10, 13, "ink")


def test_a_table_is_never_rounded(answers: dict[str, Any]) -> None:
    answer = answers["table bf16"]
    assert answer["precision"] == "fp32"
    plain = np.array(answer["plain"])
    assert np.array(answer["vectors"]) == pytest.approx(plain / np.linalg.norm(plain, axis=1, keepdims=True), abs=1e-5)
