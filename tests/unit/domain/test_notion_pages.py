"""Pages of Notion in Markdown: boxes become quotes, and what stands above a text is read."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from desktop_app.domain.notion_pages import is_page_table, properties, without_boxes


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("a\n<aside>\n💡 b\n\n</aside>\nc", "a\n> 💡 b\nc"),
        ("<aside>\n💡\n\nb\n\nc\n</aside>", "> 💡 b\n>\n> c"),
        ("- x\n    <aside>\n    b\n    </aside>", "- x\n    > b"),
        ("<aside>\na\n<aside>\nb\n</aside>\n</aside>", "> a\n> > b"),
        ("<aside>\nno end", "<aside>\nno end"),
        ("</aside>\nx", "</aside>\nx"),
        ("```\n<aside>\nx\n</aside>\n```", "```\n<aside>\nx\n</aside>\n```"),
        ("<aside>\n```\n</aside>\n```\n</aside>", "> ```\n> </aside>\n> ```"),
        ("inline <aside> word", "inline <aside> word"),
    ],
)
def test_boxes_become_quotes(text: str, quoted: str) -> None:
    assert without_boxes(text) == quoted


def test_times_with_odd_blanks_and_a_zone() -> None:
    found = properties(
        "# T\n\nCreated time: March 1, 2024 3:04\u202fPM (GMT+1)\nLast edited time: 2024/03/02 05:06\n\ntext"
    )
    assert found.created == datetime(2024, 3, 1, 15, 4, tzinfo=UTC)
    assert found.edited == datetime(2024, 3, 2, 5, 6, tzinfo=UTC)


def test_tables_are_told_by_their_ids() -> None:
    assert is_page_table(f"Tasks {'a' * 32}.csv")
    assert is_page_table(f"Tasks {'a' * 32}_all.CSV")
    assert not is_page_table("data.csv")
