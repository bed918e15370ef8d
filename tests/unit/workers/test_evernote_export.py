"""What Evernote's own exports hold beside plain text: tasks, locked parts, reminders, and small faults of their XML."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from desktop_app.domain.errors import ImportFileError
from desktop_app.domain.foreign_notes import ForeignNote
from desktop_app.workers.import_worker.attached import Attachments
from desktop_app.workers.import_worker.found_note import Remark
from desktop_app.workers.import_worker.note_reading import read_notes
from desktop_app.workers.import_worker.xml_faults import mended
from tests.fakes import note_files as made


def read(path: Path, attachments: Attachments | None = None) -> tuple[list[ForeignNote], list[Remark]]:
    found = list(read_notes(path, attachments or Attachments(), lambda done, total: None))
    return [each for each in found if isinstance(each, ForeignNote)], [
        each for each in found if isinstance(each, Remark)
    ]


def one_text(tmp_path: Path, content: str) -> str:
    ((note,), _remarks) = read(made.write_enex(tmp_path / "x.enex", made.enex_note("t", content)))
    return note.text


def test_checklists_inside_each_other(tmp_path: Path) -> None:
    todo = 'style="--en-todo:true;"'
    text = one_text(
        tmp_path,
        f'<ul {todo}><li style="--en-checked:false;"><div>pack</div></li>'
        f'<ul {todo}><li style="--en-checked:true;"><div>socks</div></li></ul>'
        '<li style="--en-checked:true;"><div>lock up</div></li></ul>'
        "<ul><li><div>plain</div></li><ol><li><div>first</div></li></ol></ul>",
    )
    assert text == "- [ ] pack\n  - [x] socks\n- [x] lock up\n- plain\n  1. first\n"


def test_tasks_stand_where_the_content_names_them(tmp_path: Path) -> None:
    place = (
        '<div style="--en-task-group:true; --en-id:a1-b2;color:red"><div>Content not supported</div>'
        "<div>This is a placeholder</div></div>"
    )
    tasks = "".join(
        f"<task><title>{title}</title><taskStatus>{status}</taskStatus><sortWeight>{weight}</sortWeight>"
        f"<taskGroupNoteLevelID>{group}</taskGroupNoteLevelID><dueDate>{due}</dueDate>"
        "<reminder><created>20210101T000000Z</created></reminder></task>"
        for title, status, weight, group, due in (
            ("last", "completed", "J", "a1-b2", "2757600913T000000Z"),
            ("first", "open", "B", "a1-b2", "20230709T080237Z"),
            ("loose", "open", "A", "gone", ""),
        )
    )
    note = made.enex_note("t", f"<div>before</div>{place}<div>after</div>").replace("</content>", f"</content>{tasks}")
    ((found,), _) = read(made.write_enex(tmp_path / "x.enex", note))
    assert found.text == "before\n\n- [ ] first (due 2023-07-09)\n- [x] last\n\nafter\n\n- [ ] loose\n"


def test_a_locked_part_stays_whole_and_is_told(tmp_path: Path) -> None:
    note = made.enex_note("Bank", '<div>a</div><en-crypt hint="dog" cipher="AES" length="128">RU5D/x=</en-crypt>')
    ((found,), (remark,)) = read(made.write_enex(tmp_path / "x.enex", note))
    assert found.text == "a\n\nEncrypted in Evernote (hint: dog):\n\n```encrypted\nRU5D/x=\n```\n"
    assert (remark.failed, remark.reason[:10]) == (False, "In “Bank” ")


def test_reminder_and_place_are_kept_with_the_note(tmp_path: Path) -> None:
    attributes = (
        "<note-attributes><latitude>52.5</latitude><longitude>13.4</longitude><place-name>Hall 2</place-name>"
        "<reminder-time>20220120T070000Z</reminder-time><reminder-order>0</reminder-order></note-attributes>"
    )
    ((found,), _) = read(made.write_enex(tmp_path / "x.enex", made.enex_note("t", "x", attributes)))
    assert found.front_matter == (
        "place: Hall 2\nlatitude: 52.5\nlongitude: 13.4\nreminder: 2022-01-20T07:00:00+00:00\n"
    )


def test_content_that_is_written_as_elements(tmp_path: Path) -> None:
    note = "<note><title>t</title><content><div>a &lt; b <b>c</b><br/>d</div></content></note>"
    ((found,), _) = read(made.write_enex(tmp_path / "x.enex", note))
    assert found.text == "a < b **c**\\\nd\n"


def test_newer_links_to_notes(tmp_path: Path) -> None:
    link = '<a rev="{}" href="https://share.evernote.com/note/1-2">Other</a>'
    notes, _ = read(made.write_enex(tmp_path / "x.enex", made.enex_note("One", link), made.enex_note("Other", "x")))
    assert notes[0].text == "[[Other]]\n"


def test_a_file_that_the_content_does_not_name_is_the_notes_all_the_same(tmp_path: Path) -> None:
    data = base64.b64encode(b"%PDF-").decode()
    resource = (
        f"<resource><data>{data}</data><mime>application/pdf</mime><resource-attributes><file-name>bill.pdf</file-name>"
        "</resource-attributes></resource><resource><data/></resource>"
    )
    path = made.write_enex(tmp_path / "x.enex", made.enex_note("t", "text", resource))
    sent: dict[str, str] = {}
    attachments = Attachments(lambda key, name, _chunks: sent.update({key: name}))
    ((found,), _) = read(path, attachments)
    assert found.text == "text\n\n[bill.pdf](bill.pdf)\n"
    assert [name for name, _key in found.attachments][-1] == "bill.pdf"
    assert list(sent.values()) == ["bill.pdf"]
    assert (attachments.skipped, attachments.skipped_names) == (1, ["t/attachment"])


def test_small_faults_of_the_xml_cost_no_note(tmp_path: Path) -> None:
    attributes = (
        '<note-attributes><application-data key="c">A & B &nbsp; &odd; &#11; \x0b</application-data></note-attributes>'
    )
    path = made.write_enex(
        tmp_path / "x.enex", made.enex_note("R & D", "x & y", attributes), made.enex_note("b", "two")
    )
    notes, _ = read(path)
    assert [(note.title, note.text) for note in notes] == [("R & D", "x & y\n"), ("b", "two\n")]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
def test_mending_is_the_same_in_pieces_of_any_size(size: int) -> None:
    data = b"<a>x & y &amp; &eacute; &#65; <![CDATA[ & &nbsp; ]] ]>]]> &z</a>&"
    whole = b"<a>x &amp; y &amp; &#233; &#65; <![CDATA[ & &nbsp; ]] ]>]]> &amp;z</a>&amp;"
    assert b"".join(mended(data[at : at + size] for at in range(0, len(data), size))) == whole


def test_damage_is_told_with_its_place(tmp_path: Path) -> None:
    path = made.write_enex(tmp_path / "x.enex", made.enex_note("Good one", "1"), made.enex_note("b", "2"))
    path.write_text(path.read_text().replace("<title>b</title>", "<title>b</wrong>"))
    with pytest.raises(ImportFileError) as caught:
        read(path)
    assert caught.value.why == "The fault is behind its note 1, “Good one”."
