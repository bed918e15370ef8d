"""The width of a picture in its text."""

from __future__ import annotations

import pytest

from desktop_app.domain.picture_width import picture_at, with_width


@pytest.mark.parametrize(
    ("picture", "narrow", "natural"),
    [
        ("![a cat](cat.png)", "![a cat|300](cat.png)", "![a cat](cat.png)"),
        ("![a cat|120x80](cat.png)", "![a cat|300](cat.png)", "![a cat](cat.png)"),
        ("![](cat.png)", "![|300](cat.png)", "![](cat.png)"),
        ("![year 1999](cat.png)", "![year 1999|300](cat.png)", "![year 1999](cat.png)"),
        ("![[cat.png]]", "![[cat.png|300]]", "![[cat.png]]"),
        ("![[cat.png|90]]", "![[cat.png|300]]", "![[cat.png]]"),
        ("![[cat.png|a cat|90]]", "![[cat.png|a cat|300]]", "![[cat.png|a cat]]"),
    ],
)
def test_a_width_replaces_the_one_before(picture: str, narrow: str, natural: str) -> None:
    line = f"see {picture} and ![x](y)"
    for width, wanted in ((300, narrow), (0, natural)):
        found = picture_at(line, 6)
        assert found is not None
        start, end = found
        assert line[:start] + with_width(line[start:end], width) + line[end:] == f"see {wanted} and ![x](y)"


def test_where_no_picture_is() -> None:
    assert picture_at("see ![x](y) here", 2) is None
    assert picture_at("see ![x](y) here", 13) is None
    assert picture_at("see [x](y) and ![x]", 6) is None
    assert picture_at("see ![x](y) here", 11) == (4, 8)
