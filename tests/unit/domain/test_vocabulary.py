"""Words inside of others, and words with a mistake."""

from __future__ import annotations

import pytest

from desktop_app.domain.vocabulary import Vocabulary, mistakes

TERMS = Vocabulary(
    {
        "apfelkuchen": 2,
        "trust": 9,
        "bicycl": 3,
        "straßenbahn": 1,
        "fußgangerzon": 1,
        "新幹線の切符は": 1,
        "japan": 1,
        "japanes": 4,
    }
)


@pytest.mark.parametrize(
    ("word", "found"),
    [
        ("kuchen", ["apfelkuchen"]),
        ("apfelk", ["apfelkuchen"]),
        ("rust", []),
        ("crust", []),
        ("felkuchen", []),
        ("strassen", ["straßenbahn"]),
        ("fussgangerzone", ["fußgangerzon"]),
        ("切符", ["新幹線の切符は"]),
        ("線の", ["新幹線の切符は"]),
        ("札幌", []),
    ],
)
def test_parts(word: str, found: list[str]) -> None:
    assert TERMS.with_part(word) == found


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("bycicle", "bicycl"),
        ("bicycels", "bicycl"),
        ("trsut", "trust"),
        ("turst", "trust"),
        ("trist", "trust"),
        ("brust", ""),
        ("tru", ""),
        ("japannese", "japanes"),
        ("blarghnitz", ""),
        ("切符", ""),
        ("2291x", ""),
    ],
)
def test_the_words_that_may_be_meant(word: str, meant: str) -> None:
    assert TERMS.spelled_like(word) == ([meant] if meant else [])


def test_mistakes_are_counted_up_to_a_number() -> None:
    assert [mistakes("water", other, 2) for other in ("water", "watre", "wter", "waterr", "wine")] == [0, 1, 1, 1, 3]
