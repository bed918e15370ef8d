"""Sections and named paragraphs of a note."""

from __future__ import annotations

import pytest

from desktop_app.domain.named_places import block_names, line_to_name, place_named, section_named

TEXT = """# Ink

Oak galls,
iron and gum. ^recipe

- crush
- simmer ^step
  for an hour

| a |
|---|
| 1 |

^table

```
no name ^code
```

## Keep

cool

### Dark

too

## End ^not-a-block
"""


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("^recipe", "Oak galls,\niron and gum."),
        ("^RECIPE", "Oak galls,\niron and gum."),
        ("^step", "- simmer"),
        ("^table", "| a |\n|---|\n| 1 |"),
        ("^code", None),
        ("^nothing", None),
        ("Keep", "cool\n\n### Dark\n\ntoo"),
        ("Dark", "too"),
        ("Ink#Keep", "cool\n\n### Dark\n\ntoo"),
        ("Missing", None),
    ],
)
def test_what_an_embed_shows(name: str, shown: str | None) -> None:
    assert section_named(TEXT, name) == shown


def test_names_and_places() -> None:
    assert block_names(TEXT) == ["recipe", "step", "table", "not-a-block"]
    place = place_named(TEXT, "^recipe")
    assert place is not None
    assert TEXT[slice(*place)] == "Oak galls,\niron and gum. ^recipe"
    assert place_named("^alone", "^alone") == (0, 6)


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        (["one", "two", "", "three"], (1, "")),
        (["one ^a", ""], (0, "a")),
        (["- one", "- two ^b"], (0, "")),
        (["- one", "  more ^c", "- two"], (1, "c")),
    ],
)
def test_the_line_that_gets_a_name(lines: list[str], found: tuple[int, str]) -> None:
    assert line_to_name(lines, 0) == found
