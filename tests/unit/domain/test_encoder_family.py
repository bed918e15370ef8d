"""Which prompts an encoder gets."""

from __future__ import annotations

import pytest

from desktop_app.domain.encoder_family import encoder_prompts

BGE = "Represent this sentence for searching relevant passages: "


@pytest.mark.parametrize(
    ("name", "query", "passage"),
    [
        ("intfloat/e5-base-v2", "query: ", "passage: "),
        ("multilingual-e5-small", "query: ", "passage: "),
        ("models--intfloat--e5-large", "query: ", "passage: "),
        ("BAAI/bge-base-en", BGE, ""),
        ("bge-large-en-v1.5", BGE, ""),
        ("bge-m3", "", ""),
        ("thenlper/gte-base", "", ""),
        ("all-MiniLM-L12-v2", "", ""),
        ("some5model", "", ""),
        ("e5/gte-base", "", ""),
        ("", "", ""),
    ],
)
def test_a_family_is_known_by_the_last_part_of_its_name(name: str, query: str, passage: str) -> None:
    prompts = encoder_prompts({}, [name])
    assert (prompts.query, prompts.passage) == (query, passage)
    assert prompts.by_family is bool(query)


def test_an_instructed_e5_reads_passages_as_they_are() -> None:
    prompts = encoder_prompts({}, ["multilingual-e5-large-instruct"])
    assert prompts.query.startswith("Instruct: ")
    assert prompts.passage == ""


def test_what_the_folder_gives_comes_before_the_family() -> None:
    prompts = encoder_prompts({"query": "q: ", "document": ""}, ["e5-base"])
    assert (prompts.query, prompts.passage, prompts.by_family) == ("q: ", "", False)
    # sentence-transformers fills in empty ones where a folder gives none
    assert encoder_prompts({"query": "", "document": ""}, ["e5-base"]).query == "query: "


def test_any_of_the_names_will_do() -> None:
    assert encoder_prompts({}, ["3f2a9c", "snapshots", "models--intfloat--e5-small"]).query == "query: "
