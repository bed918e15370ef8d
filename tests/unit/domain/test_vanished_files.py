"""When files that are gone at once are held back."""

from __future__ import annotations

import pytest

from desktop_app.domain.vanished_files import are_suspicious, go_slowly, vanished_folders


def files(folder: str, count: int) -> list[str]:
    return [f"{folder}{number}.md" for number in range(count)]


@pytest.mark.parametrize(
    ("known", "gone", "held"),
    [
        (files("", 20), files("", 11), True),
        (files("", 20), files("", 10), False),
        (files("", 19), files("", 19), False),
        (files("", 50) + files("a/", 5), files("a/", 5), True),
        (files("", 50) + files("a/", 4), files("a/", 4), False),
        (files("", 50) + files("a/", 6), files("a/", 5), False),
        (files("", 50) + files("a/b/", 3) + files("a/c/", 2), files("a/b/", 3) + files("a/c/", 2), True),
        (files("", 50), [], False),
    ],
)
def test_more_than_half_of_many_or_a_whole_folder(known: list[str], gone: list[str], held: bool) -> None:
    assert are_suspicious(known, gone) is held


def test_folders_that_went_with_all_their_files() -> None:
    known = [*files("a/b/", 2), *files("a/", 1), *files("c/", 2), *files("", 1)]
    assert vanished_folders(known, [*files("a/b/", 2), *files("a/", 1), *files("c/", 1)]) == {"a": 3, "a/b": 2}


@pytest.mark.parametrize(
    ("known", "gone", "held"),
    [
        (files("", 20), files("", 11), True),
        (files("", 20), files("", 10), False),
        (files("", 19), files("", 19), False),
        (files("", 50) + files("a/", 20), files("a/", 20), True),
        (files("", 50) + files("a/", 19), files("a/", 19), False),
        (files("", 50), [], False),
    ],
)
def test_files_that_go_one_after_the_other(known: list[str], gone: list[str], held: bool) -> None:
    assert go_slowly(known, gone) is held
