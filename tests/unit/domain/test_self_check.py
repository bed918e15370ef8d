"""The known-item test: which sentences are asked, how they are hidden, and what the figures say."""

from __future__ import annotations

import pytest

from desktop_app.domain.self_check import better_weight, figures_of, half_remembered, telling_sentences

SENTENCE = "The fermented sourdough starter slowly doubles beside the warm kitchen radiator overnight."


@pytest.mark.parametrize(
    "text",
    [
        f"# {SENTENCE}",
        f"```\n{SENTENCE}\n```",
        f"| {SENTENCE} |\n| --- |",
        f"    {SENTENCE}",
        "Too short a sentence.",
        "It is what it is, and that was that, so there it was, as it had been before now.",
        f"See https://example.org/page where {SENTENCE}",
        SENTENCE.removesuffix(".") + " and" + " so on and on" * 12 + ".",
    ],
)
def test_headings_code_tables_addresses_and_phrases_that_say_nothing_are_not_asked(text: str) -> None:
    assert telling_sentences(text) == []


def test_sentences_of_paragraphs_and_lists_are_asked_without_their_marks() -> None:
    text = f"# Bread\n\nShort one. {SENTENCE.replace('sourdough', '**sourdough**')}\n- {SENTENCE}\n"
    assert telling_sentences(text) == [SENTENCE, SENTENCE]


def test_the_rarest_third_of_the_telling_words_is_hidden() -> None:
    frequencies = {"fermented": 1, "sourdough": 2, "starter": 3, "slowly": 40, "doubles": 30, "beside": 50, "warm": 60}
    frequencies |= {"kitchen": 70, "radiator": 4, "overnight": 90}
    hidden = half_remembered(SENTENCE, frequencies)
    assert hidden == "The slowly doubles beside the warm kitchen overnight"


def test_figures_count_the_first_ten() -> None:
    figures = figures_of([1, 2, None, 11, 10])
    assert (figures.asked, figures.found, figures.first) == (5, 3, 1)
    assert figures.recall == pytest.approx(0.6)
    assert figures.mean_reciprocal_rank == pytest.approx((1 + 0.5 + 0.1) / 5)
    assert figures_of([]).recall == 0.0


def test_a_weight_is_offered_only_where_it_is_clearly_better() -> None:
    worse: list[int | None] = [3] * 20
    better: list[int | None] = [1] * 20
    assert better_weight({0.7: worse, 0.3: better}, 0.7) == 0.3
    assert better_weight({0.7: better, 0.3: worse}, 0.7) is None
    assert better_weight({0.7: better, 0.3: better}, 0.7) is None
    # As often better as worse, but for a lucky few: chance.
    lucky: list[int | None] = [1] * 3 + [4] * 2 + [3] * 15
    assert better_weight({0.7: worse, 0.3: lucky}, 0.7) is None
