"""Templates and the note of the day."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from desktop_app.domain.date_formats import formatted
from desktop_app.domain.note_templates import filled, without_cursor
from desktop_app.services.note_templates import NoteTemplates
from desktop_app.services.notes import NoteService

NOW = datetime(2026, 3, 4, 9, 5, tzinfo=UTC)


def test_places_are_filled_in_and_all_else_stays() -> None:
    text = "{{title}} on {{ Date }}, {{time}}\r\n{{other}} {{{date}}} {date}"
    assert filled(text, "A {{date}}\\1", NOW) == "A {{date}}\\1 on 2026-03-04, 09:05\r\n{{other}} {2026-03-04} {date}"


def test_one_note_a_day(notes: NoteService) -> None:
    times = [NOW]
    templates = NoteTemplates(notes, lambda: times[-1])
    first = templates.daily()
    assert (first.folder, first.title, first.text) == ("Daily", "2026-03-04", "")
    notes.save(first.id, "# A walk\n\nwritten", first.title)
    again = templates.daily()
    assert (again.id, again.title, again.text) == (first.id, "2026-03-04", "# A walk\n\nwritten")
    times.append(NOW + timedelta(days=1))
    assert templates.daily().id != first.id
    notes.trash([first.id])
    times.append(NOW)
    assert templates.daily().id != first.id


def test_a_day_begins_with_its_template(notes: NoteService) -> None:
    notes.create("Templates", "# Daily\n\nA heading, and {{date}} at {{time}}")
    note = NoteTemplates(notes, lambda: NOW).daily()
    assert (note.title, note.text) == ("2026-03-04", "# Daily\n\nA heading, and 2026-03-04 at 09:05")
    assert NoteTemplates(notes, lambda: NOW).daily().id == note.id


def test_templates_are_the_notes_of_their_folder(notes: NoteService) -> None:
    made = notes.create("Templates/Work", "# Meeting\n\n{{title}}, {{date}}")
    notes.create("", "# Meeting of old")
    templates = NoteTemplates(notes, lambda: NOW)
    assert [row.id for row in templates.templates("meet")] == [made.id]
    assert templates.text_of(made.id, "Plans") == "# Meeting\n\nPlans, 2026-03-04"


@pytest.mark.parametrize(
    ("pattern", "shown"),
    [
        ("DD.MM.YYYY", "04.03.2026"),
        ("D.M.YY", "4.3.26"),
        ("dddd, Do MMMM", "Wednesday, 4th March"),
        ("GGGG-[W]WW", "2026-W10"),
        ("hh:mm A", "09:05 AM"),
        ("[at] HH [hours, day] DDD", "at 09 hours, day 63"),
        ("YYYY/MM", "2026/03"),
        ("", ""),
    ],
)
def test_dates_are_written_as_a_person_wants_them(pattern: str, shown: str) -> None:
    assert formatted(NOW, pattern) == shown


def test_places_may_say_their_format() -> None:
    assert filled("{{date:DD.MM.YYYY}}, {{ Time : H }} h, {{date:}}", "x", NOW) == "04.03.2026, 9 h, {{date:}}"


def test_the_place_of_the_cursor_is_taken_out() -> None:
    assert without_cursor("a {{cursor}}b {{ Cursor }}c") == ("a b c", 2)
    assert without_cursor("a") == ("a", None)


def test_daily_notes_go_where_they_are_wanted(notes: NoteService) -> None:
    notes.create("Templates", "# Daily\n\n{{title}} {{cursor}}!")
    templates = NoteTemplates(notes, lambda: NOW, folder=lambda: "Life/ Journal ", title_format=lambda: "YYYY/DD.MM.")
    note = templates.daily()
    assert (note.folder, note.title, note.text) == ("Life/Journal/2026", "04.03.", "# Daily\n\n04.03. !")
    assert templates.daily().id == note.id
    plain = NoteTemplates(notes, lambda: NOW, folder=lambda: "", title_format=lambda: " ")
    assert (plain.daily().folder, plain.daily().title) == ("", "2026-03-04")


@pytest.mark.parametrize(("folder", "pattern"), [("Daily", ""), ("Life/Journal", "YYYY/MM/DD dddd"), ("", "D.M.YYYY")])
def test_the_daily_notes_before_and_after_are_found_over_gaps(notes: NoteService, folder: str, pattern: str) -> None:
    times = [NOW]
    templates = NoteTemplates(notes, lambda: times[-1], folder=lambda: folder, title_format=lambda: pattern)
    other = notes.create(folder, "# No day")
    made = []
    for away in (-400, -3, 2):
        times.append(NOW + timedelta(days=away))
        made.append(templates.daily().id)
    times.append(NOW)

    def beside(note_id: int | None, *, later: bool) -> int | None:
        found = templates.daily_beside(note_id, later=later)
        return None if found is None else found.id

    long_ago, before, after = made
    assert [beside(note, later=False) for note in (None, other.id, after, before, long_ago)] == [
        before,
        before,
        before,
        long_ago,
        None,
    ]
    assert [beside(note, later=True) for note in (long_ago, before, other.id, after)] == [before, after, after, None]
    notes.trash([before])
    assert beside(after, later=False) == long_ago
