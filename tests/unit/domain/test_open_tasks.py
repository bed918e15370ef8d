"""Open tasks of a note: words, headings, days."""

from __future__ import annotations

from datetime import date

import pytest

from desktop_app.domain.open_tasks import OpenTask, due_day, open_tasks_in, task_now

TEXT = """- [ ] above all
# Plan

## Next

1. [ ] ask [[Ada|her]] for **figures**
   - [x] done
- [ ]
```
- [ ] code
```
> - [ ] quoted
"""


def _tasks(text: str) -> list[OpenTask]:
    return open_tasks_in(1, "Plan", "Work", text)


def test_tasks_have_plain_words_the_heading_over_them_and_their_place() -> None:
    found = _tasks(TEXT)
    assert [(one.words, one.heading, one.number) for one in found] == [
        ("above all", "", 0),
        ("ask her for figures", "Next", 1),
        ("quoted", "Next", 3),
    ]
    assert [TEXT[one.start :].partition("\n")[0] for one in found] == [one.label for one in found]


def test_a_heading_that_is_the_title_is_not_said_twice() -> None:
    assert [one.heading for one in _tasks("# Plan\n\n- [ ] a\n\n# Other\n\n- [ ] b")] == ["", "Other"]


@pytest.mark.parametrize(
    ("label", "day"),
    [
        ("send it due 2026-12-01", date(2026, 12, 1)),
        ("minutes of 2026-11-03 📅 2026-12-01", date(2026, 12, 1)),
        ("minutes of 2026-11-03, due: 2026-12-01", date(2026, 12, 1)),
        ("since 2026-11-03 [due:: 2026-12-01]", date(2026, 12, 1)),
        ("by 2026-11-03", date(2026, 11, 3)),
        ("2026-02-30 is none, 2026-03-01 is", date(2026, 3, 1)),
        ("order 12026-11-03 and 2026-11-031", None),
        ("nothing", None),
    ],
)
def test_the_day_that_a_task_is_due(label: str, day: date | None) -> None:
    assert due_day(label) == day


def test_the_day_stands_apart_from_the_words() -> None:
    assert _tasks("- [ ] pay [due:: 2026-12-01]")[0].words == "pay"
    found = _tasks("- [ ] send it (due 2026-12-01) to Ada\n- [ ] by 2026-12-02\n- [ ] due 2026-12-03")
    assert [one.words for one in found] == ["send it to Ada", "by 2026-12-02", "due 2026-12-03"]


def test_a_task_is_found_again_where_lines_came_and_went() -> None:
    task = _tasks("- [ ] a\n- [ ] b\n- [ ] b")[2]
    again = "- [x] b\nnew\n- [ ] c\n- [ ] b\n- [ ] d\n- [ ] b\n"
    now = task_now(again, task)
    assert now is not None
    assert again[: now.sign].count("\n") == 3
    assert task_now("- [ ] b!", task) is None
    done = task_now(again, task, done=True)
    assert done is not None
    assert done.sign == 3


def test_a_line_as_long_as_a_note_and_headings_without_end_are_read_in_time() -> None:
    label = "2026-12-01 " * 20_000  # took minutes when all in front of each day was looked at again
    assert [one.due for one in _tasks(f"- [ ] {label}")] == [date(2026, 12, 1)]
    assert open_tasks_in(1, "", "", "- [ ] one\n" * 50, 20)[-1].number == 19
