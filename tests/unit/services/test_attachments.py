"""What a draft carries: attached, counted, sent, read by the decoder, and kept."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from desktop_app.domain.attachments import AttachmentKind, FileFormat, ImportedText, quoted
from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.errors import MessageTooLongError, NoTextError
from desktop_app.services.attachments import AttachmentService
from desktop_app.services.export import Export
from desktop_app.storage.attachment_files import AttachmentFiles
from desktop_app.storage.store import Store
from tests.fakes.chat_desk import ChatDesk
from tests.unit.services.test_chat import Desk

__all__ = ["desk"]

LONG = "word " * 300


class FakeImporter:
    """Reads a file's text as it is."""

    def read(self, path: Path, cancel: CancelToken, progress: Callable[[int, int], None] | None = None) -> ImportedText:
        return ImportedText(path.read_text(encoding="utf-8"), FileFormat.TEXT, path.stat().st_size)

    def close(self) -> None: ...


@pytest.fixture
def desk(real_store: Store) -> Desk:
    return Desk(real_store)


@pytest.fixture
def attachments(desk: Desk) -> AttachmentService:
    store = desk.store
    return AttachmentService(store.conversations.attachments, store.notes, FakeImporter(), desk.decoder)


def test_a_file_goes_with_the_message_and_is_read_before_it(
    desk: Desk, attachments: AttachmentService, tmp_path: Path
) -> None:
    chat = desk.chat.create()
    (tmp_path / "plan.md").write_text("# Plan\nBuy ink.", encoding="utf-8")
    attached = attachments.read_file(lambda: chat.id, tmp_path / "plan.md", CancelToken())
    assert attachments.of_draft(chat.id) == [attached]
    desk.ask(chat.id, "What is to be bought?")
    assert attachments.of_draft(chat.id) == []
    read = desk.decoder.requests[-1].turns[-1].text
    assert read == f"{quoted(attached)}\n\nWhat is to be bought?"
    question = desk.chat.messages(chat.id)[0]
    assert question.text == "What is to be bought?"
    assert [each.name for each in question.attachments] == ["plan.md"]


def test_later_turns_and_regenerating_read_it_again(desk: Desk, attachments: AttachmentService) -> None:
    chat = desk.chat.create()
    attachments.add_paste(chat.id, "pasted words")
    desk.ask(chat.id, "One")
    desk.ask(chat.id, "Two")
    first = desk.decoder.requests[-1].turns[0].text
    assert "pasted words" in first
    answer = desk.chat.messages(chat.id)[1]
    list(desk.chat.regenerate(chat.id, answer.id, CancelToken()))
    assert desk.decoder.requests[-1].turns[0].text == first


def test_an_edited_message_carries_the_same_and_so_does_a_branch(desk: Desk, attachments: AttachmentService) -> None:
    chat = desk.chat.create()
    attachments.add_paste(chat.id, "pasted words")
    desk.ask(chat.id, "One")
    question = desk.chat.messages(chat.id)[0]
    list(desk.chat.edit(chat.id, question.id, "Another", CancelToken()))
    assert desk.decoder.requests[-1].turns[0].text == f"{quoted(question.attachments[0])}\n\nAnother"
    edited, answer = desk.chat.messages(chat.id)
    assert [each.text for each in edited.attachments] == ["pasted words"]
    assert desk.store.conversations.get_message(question.id).attachments == question.attachments
    branch = desk.chat.branches.branch_off(chat.id, answer.id)
    assert [each.text for each in desk.chat.messages(branch.id)[0].attachments] == ["pasted words"]


def test_attachments_alone_can_be_sent_and_name_the_chat(desk: Desk, attachments: AttachmentService) -> None:
    chat = desk.chat.create()
    attachments.add_paste(chat.id, "pasted words\nand more")
    desk.ask(chat.id, "")
    assert desk.chat.get(chat.id).title == "pasted words"
    assert desk.decoder.requests[-1].turns[-1].text.endswith("and more\n```")


def test_what_does_not_fit_is_refused_and_stays_attached(desk: Desk, attachments: AttachmentService) -> None:
    chat = desk.chat.create()
    attached = attachments.add_paste(chat.id, "word " * 900)
    with pytest.raises(MessageTooLongError):
        desk.ask(chat.id, "Hello")
    assert attachments.of_draft(chat.id) == [attached]
    assert desk.chat.messages(chat.id) == []


def test_a_text_beyond_all_measure_is_refused_without_counting_it(desk: Desk, attachments: AttachmentService) -> None:
    chat = desk.chat.create()
    desk.session.ensure_decoder()
    attachments.add_paste(chat.id, "x" * 100_000)

    def counted(*_what: object, **_more: object) -> None:
        raise AssertionError("it was counted")

    desk.decoder.measure = counted  # type: ignore[method-assign, assignment]
    with pytest.raises(MessageTooLongError, match="far too long"):
        desk.ask(chat.id, "Hello")
    meter = desk.chat.meter(chat.id, "")
    assert meter is not None
    assert not meter.fits


def test_the_meter_counts_attachments_apart(desk: Desk, attachments: AttachmentService) -> None:
    chat = desk.chat.create()
    desk.session.ensure_decoder()
    attached = attachments.add_paste(chat.id, LONG)
    tokens = attachments.tokens(attached)
    assert tokens is not None
    assert tokens >= 300
    before = desk.chat.meter(chat.id, "Hello you")
    assert before is not None
    assert (before.attachments, before.draft_attachments) == (tokens, tokens)
    assert before.draft == 2 + 4
    desk.ask(chat.id, "Hello you")
    after = desk.chat.meter(chat.id, "More")
    assert after is not None
    assert (after.attachments, after.draft_attachments) == (tokens, 0)
    assert after.conversation < 40
    assert after.used_fraction == pytest.approx(
        (after.instructions + after.attachments + after.conversation + after.draft) / after.context_length
    )


def test_the_meter_counts_notes_apart_from_files_and_names_both(desk: Desk, attachments: AttachmentService) -> None:
    chat = desk.chat.create()
    desk.session.ensure_decoder()
    paste = attachments.add_paste(chat.id, LONG)
    note = attachments.add_note(lambda: chat.id, desk.store.notes.create("Ink", "Black or blue").id)
    for _ in range(2):
        meter = desk.chat.meter(chat.id, "Hello you")
        assert meter is not None
        assert (meter.attachments, meter.notes) == (attachments.tokens(paste), attachments.tokens(note))
        assert (meter.attachment_names, meter.note_names) == ((paste.name,), ("Ink",))
        desk.ask(chat.id, "Hello you")


def test_a_note_is_attached_as_it_is_now_and_once(desk: Desk, attachments: AttachmentService) -> None:
    chat = desk.chat.create()
    note = desk.store.notes.create("Ink", "Black or blue")
    first = attachments.add_note(lambda: chat.id, note.id)
    assert (first.kind, first.name, first.note_id) == (AttachmentKind.NOTE, "Ink", note.id)
    assert attachments.add_note(lambda: chat.id, note.id) == first
    desk.store.notes.save(note.id, title="Ink", text="Black")
    assert attachments.add_note(lambda: chat.id, note.id).text == "Black"


def test_an_empty_note_makes_no_chat(desk: Desk, attachments: AttachmentService) -> None:
    note = desk.store.notes.create("Ink", " ")

    def no_chat() -> int:
        raise AssertionError("a chat was made")

    with pytest.raises(NoTextError):
        attachments.add_note(no_chat, note.id)


def test_removed_and_put_back(desk: Desk, attachments: AttachmentService) -> None:
    chat = desk.chat.create()
    attached = attachments.add_paste(chat.id, "words")
    attachments.remove(attached.id)
    assert attachments.of_draft(chat.id) == []
    back = attachments.put_back(attached)
    assert (back.name, back.text) == (attached.name, attached.text)


def test_titles_that_begin_with_the_word_come_first(desk: Desk, attachments: AttachmentService) -> None:
    desk.store.notes.create("Ink", "x")
    desk.store.notes.create("All about ink", "x")
    assert [note.title for note in attachments.note_titles("in", 5)] == ["Ink", "All about ink"]


def test_exports_hold_what_messages_carry(desk: Desk, attachments: AttachmentService, tmp_path: Path) -> None:
    chat = desk.chat.create()
    attachments.add_paste(chat.id, "pasted words")
    desk.ask(chat.id, "One")
    Export(desk.store, AttachmentFiles(tmp_path / "attachments")).run(tmp_path / "out", lambda *_: None, CancelToken())
    whole = json.loads((tmp_path / "out" / "inkwell.json").read_text(encoding="utf-8"))
    assert whole["conversations"][0]["messages"][0]["attachments"][0]["text"] == "pasted words"
    assert "*Attached: pasted words*" in desk.chat.as_markdown(chat.id)


def test_a_temporary_chat_keeps_its_attachments_off_the_disk_until_it_is_kept(tmp_path: Path) -> None:
    desk = ChatDesk(tmp_path)
    attachments = AttachmentService(desk.conversations.attachments, desk.store.notes, FakeImporter(), desk.decoder)
    chat = desk.chat.create(temporary=True)
    attachments.add_paste(chat.id, "of the message")
    desk.ask(chat.id, "One")
    attachments.add_paste(chat.id, "of the draft")
    assert [each.text for each in desk.chat.messages(chat.id)[0].attachments] == ["of the message"]
    assert b"of the message" not in b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    kept = desk.chat.keep(chat.id)
    assert [each.text for each in desk.chat.messages(kept.id)[0].attachments] == ["of the message"]
    assert [each.text for each in attachments.of_draft(kept.id)] == ["of the draft"]
    desk.store.close()
