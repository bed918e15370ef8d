"""Lines in and outside of fenced code."""

from __future__ import annotations

import re

import pytest

from desktop_app.domain.fenced_code import FENCE, outside_fences
from desktop_app.domain.task_lists import task_items
from desktop_app.domain.wiki_links import find_links

_LINES = re.compile(FENCE + r"|^[ ]*x[^\n]*", re.MULTILINE)


@pytest.mark.parametrize(
    ("text", "outside"),
    [
        ("x1\n```\nx2\n```\nx3", ["x1", "x3"]),
        ("- ```sh\n  x1\n  ```\nx2", ["x2"]),
        ("10. ~~~\n    x1\n    ~~~\nx2", ["x2"]),
        ("- a\n  - ```\n    x1\n    ```\nx2", ["x2"]),
        ("- ```\n  - ```\n  x1\n  ```\nx2", ["x2"]),
        ("- ```\n  x1\n```\nx2", []),  # the item ends at the edge, where new code begins
        ("    ```\nx1", ["x1"]),
        ("```\n    ```\nx1\n```\nx2", ["x2"]),
        ("- `x` ```a`b\nx1", ["x1"]),
    ],
)
def test_code_may_begin_on_the_line_of_an_item(text: str, outside: list[str]) -> None:
    assert [found[0].strip() for found in outside_fences(_LINES, text)] == outside


def test_tasks_and_links_below_code_in_a_list_are_there() -> None:
    text = "- ```\n  - [ ] code [[A]]\n  ```\n- [ ] task [[B]]\n"
    assert [item.label for item in task_items(text)] == ["task [[B]]"]
    assert [link.target for link in find_links(text)] == ["B"]
