"""Templates and the note of the day."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from desktop_app.domain.note_templates import filled
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
