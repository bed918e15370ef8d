"""Chats exported, imported and exported again; files that are none."""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from desktop_app.domain import chat_record
from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.chat_record import AttachmentRecord, ChatImportReport, ChatRecord, MessageRecord
from desktop_app.domain.conversation import Role
from desktop_app.domain.errors import CancelledError, ExportError, ImportFileError, NotFoundError
from desktop_app.domain.generation import GenerationFigures, StopReason
from desktop_app.services import chat_transfer
from desktop_app.services.chat_files import reading
from desktop_app.services.chat_files.inkwell_format import file_of
from desktop_app.services.chat_transfer import ChatFormat, ChatTransfer
from desktop_app.services.export import Export
from desktop_app.storage.attachment_files import AttachmentFiles
from desktop_app.storage.store import Store

NOW = datetime(2026, 5, 6, tzinfo=UTC)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """One store for all examples."""
    folder = tmp_path_factory.mktemp("store")
    opened = Store.open(folder / "inkwell.sqlite3", backups=folder / "backups")
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def transfer(store: Store) -> ChatTransfer:
    return ChatTransfer(store.chat_records, store.presets.all, lambda: NOW)


def bring_in(transfer: ChatTransfer, path: Path, cancel: CancelToken | None = None) -> ChatImportReport:
    return transfer.import_file(path, lambda _done, _total, _name: None, cancel or CancelToken())


def written(folder: Path, content: bytes | str | list[Any] | dict[str, Any], name: str = "chats.json") -> Path:
    path = folder / name
    if isinstance(content, list | dict):
        content = json.dumps(content)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


# Round trip -------------------------------------------------------------------------------------

moments = st.datetimes(datetime(1970, 1, 2), datetime(2199, 1, 1), timezones=st.just(UTC))
maybe_moments = st.none() | moments
words = st.text(max_size=20)
plain = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False) | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=6,
)
objects = st.dictionaries(words, plain, max_size=3)
counts = st.integers(0, 2**40)
seconds = st.floats(0, 1e6)
attachments = st.lists(
    st.builds(AttachmentRecord, st.sampled_from(["file", "paste", "note"]), words, words, counts, moments, words),
    max_size=2,
).map(tuple)
figures = st.builds(GenerationFigures, counts, counts, counts, counts, seconds, seconds, seconds, seconds, counts)


def named_messages(place: int) -> st.SearchStrategy[dict[str, Any]]:
    """What an answer at that place says of the messages before it."""
    if not place:
        return st.just({})
    earlier = st.integers(0, place - 1)
    quotes = st.lists(st.tuples(earlier, st.integers(0, 4), st.integers(5, 9)).map(list), max_size=2)
    return st.fixed_dictionaries({}, optional={"memory_start": earlier, "recalled": quotes})


@st.composite
def messages_at(draw: st.DrawFn, place: int) -> MessageRecord:
    return MessageRecord(
        parent=draw(st.none() | st.integers(0, place - 1)) if place else None,
        sibling_order=draw(st.integers(0, 5)),
        role=draw(st.sampled_from(Role)),
        text=draw(words),
        created_at=draw(moments),
        token_ids=draw(st.none() | st.lists(st.integers(0, 2**32 - 1), max_size=4).map(tuple)),
        model_fingerprint=draw(st.none() | words),
        model_name=draw(st.none() | words),
        stop_reason=draw(st.sampled_from(StopReason)),
        error=draw(words),
        figures=draw(st.none() | figures),
        settings_used=draw(objects) | draw(named_messages(place)),
        deleted_at=draw(maybe_moments),
        pinned=draw(st.booleans()),
        kind=draw(st.sampled_from(["", "summary"])),
        alternatives=draw(st.none() | st.binary(max_size=8)),
        attachments=draw(attachments),
    )


@st.composite
def chats(draw: st.DrawFn) -> ChatRecord:
    count = draw(st.integers(0, 6))
    places = st.none() | st.integers(0, count - 1) if count else st.none()
    return ChatRecord(
        title=draw(words),
        created_at=draw(moments),
        changed_at=draw(moments),
        messages=tuple(draw(messages_at(place)) for place in range(count)),
        active_leaf=draw(places),
        memory_start=draw(places),
        draft=draw(words),
        draft_attachments=draw(attachments),
        settings=draw(objects),
        trashed_at=draw(maybe_moments),
        pinned_at=draw(maybe_moments),
        archived_at=draw(maybe_moments),
        folder=draw(words),
        kind=draw(st.sampled_from(["chat", "writing"])),
    )


@settings(max_examples=60, deadline=None)
@given(made=st.lists(chats(), min_size=1, max_size=3))
def test_what_was_exported_and_imported_is_exported_alike(
    made: list[ChatRecord], transfer: ChatTransfer, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("round")
    first = file_of(made, NOW)
    report = bring_in(transfer, written(folder, first))
    assert report.failed == ()
    assert report.messages == sum(len(chat.messages) for chat in made)
    again = [transfer.read(chat_id) for chat_id in report.chat_ids]
    assert again == made
    assert file_of(again, NOW) == first
    for chat_id in report.chat_ids:
        one = folder / "one.json"
        transfer.export(chat_id, ChatFormat.JSON, one)
        (copy,) = bring_in(transfer, one).chat_ids
        assert transfer.read(copy) == transfer.read(chat_id)


def small_chat(title: str = "A chat") -> ChatRecord:
    question = MessageRecord(None, 0, Role.USER, "Question?", NOW)
    answer = MessageRecord(0, 0, Role.ASSISTANT, "Answer", NOW, model_name="Tiny", stop_reason=StopReason.END)
    return ChatRecord(title, NOW, NOW, (question, answer), active_leaf=1)


def test_markdown_is_what_is_shown(transfer: ChatTransfer, store: Store) -> None:
    (chat_id,) = store.chat_records.add([small_chat()])
    assert transfer.exported(chat_id, ChatFormat.MARKDOWN) == "# A chat\n\n## You\n\nQuestion?\n\n## Tiny\n\nAnswer\n"
    with pytest.raises(NotFoundError):
        transfer.exported(chat_id + 1, ChatFormat.MARKDOWN)


def test_an_export_of_everything_comes_back(tmp_path: Path) -> None:
    stores = [Store.open(tmp_path / name / "i.sqlite3", backups=tmp_path / name / "b") for name in ("one", "two")]
    kept = [small_chat("On the desk"), small_chat("Twice"), small_chat("Twice")]
    stores[0].chat_records.add(kept)
    stores[0].notes.create("A note", "text")
    stores[0].presets.add("Terse", "", {"sampling.top_k": 1})
    report = Export(stores[0], AttachmentFiles(tmp_path / "attachments")).run(
        tmp_path / "out", lambda *_: None, CancelToken()
    )
    other = ChatTransfer(stores[1].chat_records)
    done = bring_in(other, report.folder / "inkwell.json")
    everything = json.loads((report.folder / "inkwell.json").read_text("utf-8"))
    assert [(one["name"], one["values"]) for one in everything["presets"]] == [("Terse", {"sampling.top_k": 1})]
    assert sorted(other.read(one).title for one in done.chat_ids) == ["On the desk", "Twice", "Twice"]
    assert all(other.read(one).messages == kept[0].messages for one in done.chat_ids)
    for store in stores:
        store.close()


def test_a_chat_follows_its_own_preset_and_no_other_of_that_number(
    transfer: ChatTransfer, store: Store, tmp_path: Path
) -> None:
    preset = store.presets.add("Terse", "", {"decoder.system_prompt": "Be brief."})
    values = {"decoder.system_prompt": "Be brief."}
    for name, kept in (("Terse", preset.ref), ("Another store's", "own:0")):
        following = {"preset": preset.ref, "preset_name": name, "preset_values": values}
        chat = replace(small_chat(), settings=following)
        (chat_id,) = bring_in(transfer, written(tmp_path, file_of([chat], NOW))).chat_ids
        assert transfer.read(chat_id).settings == {**following, "preset": kept}
    chat = replace(small_chat(), settings={"preset": "builtin:coder"})
    (chat_id,) = bring_in(transfer, written(tmp_path, file_of([chat], NOW))).chat_ids
    assert transfer.read(chat_id).settings == {"preset": "builtin:coder"}


def test_an_export_replaces_a_file_and_not_what_a_link_names(
    transfer: ChatTransfer, store: Store, tmp_path: Path
) -> None:
    (chat_id,) = store.chat_records.add([small_chat()])
    precious, link = tmp_path / "precious.md", tmp_path / "link.md"
    precious.write_text("mine")
    link.symlink_to(precious)
    transfer.export(chat_id, ChatFormat.MARKDOWN, link)
    assert precious.read_text() == "mine"
    assert link.read_text().startswith("# A chat")
    with pytest.raises(ExportError):
        transfer.export(chat_id, ChatFormat.JSON, tmp_path / "missing" / "x.json")


def test_a_failed_export_leaves_the_old_file(
    transfer: ChatTransfer, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (chat_id,) = store.chat_records.add([small_chat()])
    target = written(tmp_path, "old", "chat.md")

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ExportError, match="No space left"):
        transfer.export(chat_id, ChatFormat.MARKDOWN, target)
    assert target.read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["chat.md"]


# Files that are none ----------------------------------------------------------------------------

WHOLE = file_of([small_chat()], NOW)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"\xef\xbb\xbf \n", "is empty"),
        (WHOLE[: len(WHOLE) // 2], "is cut off"),
        (WHOLE[:-3], "is cut off"),
        (b"# A chat\n", "is not a JSON file"),
        (b'{"format": }', "is not a whole JSON file"),
        (WHOLE + b"}", "is not a whole JSON file"),
        (b'{"name": "tsconfig", "version": 3}', "is not an export of chats"),
        (b'[{"id": 1}, null, 3]', "is not an export of chats"),
        (b"[]", "holds no chats"),
        (b'{"format": "inkwell", "version": 1, "conversations": []}', "holds no chats"),
        (b'{"format": "inkwell", "version": 1, "conversations": {}}', "no list"),
        (b'{"format": "inkwell", "version": 9, "conversations": []}', "newer Inkwell"),
        (b'{"format": "inkwell", "conversations": []}', "does not say which version"),
        (b'{"a":' + b"[" * 200_000, "nested too deeply"),
        ("[]".encode("utf-16"), "is not a JSON file"),
    ],
)
def test_a_file_that_is_no_export_is_one_clear_error(
    transfer: ChatTransfer, store: Store, tmp_path: Path, content: bytes, words: str
) -> None:
    before = len(store.chat_records.summaries())
    with pytest.raises(ImportFileError, match=words):
        bring_in(transfer, written(tmp_path, content))
    assert len(store.chat_records.summaries()) == before


@pytest.mark.parametrize("length", range(0, len(WHOLE), 41))
def test_cut_anywhere_it_stores_nothing(transfer: ChatTransfer, store: Store, tmp_path: Path, length: int) -> None:
    before = len(store.chat_records.summaries())
    with pytest.raises(ImportFileError):
        bring_in(transfer, written(tmp_path, WHOLE[:length].rstrip()))
    assert len(store.chat_records.summaries()) == before


def test_what_is_no_file_is_an_error(transfer: ChatTransfer, tmp_path: Path) -> None:
    for path in (tmp_path / "missing.json", tmp_path):
        with pytest.raises(ImportFileError):
            bring_in(transfer, path)


def odd_attachment(**changes: Any) -> dict[str, Any]:
    whole = {"kind": "file", "name": "a", "media_type": "", "size": 1, "created_at": NOW.isoformat(), "text": "a"}
    return {**whole, **changes}


def damaged(change: dict[str, Any]) -> dict[str, Any]:
    values: dict[str, Any] = json.loads(WHOLE)["conversations"][0]
    values["messages"][1].update(change)
    return values


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"parent": 1}, "Message 2: it follows a message that does not stand before it"),
        ({"parent": -1}, "Message 2"),
        ({"parent": "x"}, "messages[1].parent"),
        ({"role": "god"}, "role"),
        ({"text": None}, "text"),
        ({"kind": "spell"}, "kind"),
        ({"settings_used": {"reasoning_s": "long"}}, "reasoning"),
        ({"settings_used": {"reasoning_tokens": None}}, "reasoning"),
        ({"attachments": [odd_attachment(kind="virus")]}, "kind"),
        ({"attachments": [odd_attachment(size=-1)]}, "size"),
        ({"token_ids": [2**32]}, "token id"),
        ({"token_ids": [-1]}, "token id"),
        ({"sibling_order": 2**70}, "sibling order"),
        ({"created_at": "yesterday"}, "created_at"),
        ({"alternatives": "ü"}, "alternatives"),
        ({"settings_used": {"seed": 10**40}}, "too large"),
        ({"figures": dict.fromkeys(GenerationFigures.__struct_fields__, 2**80)}, "figure"),
        (
            {"attachments": [{**dict.fromkeys(("kind", "name", "media_type", "text"), ""), "size": -1}]},
            "attachments[0]",
        ),
    ],
)
def test_one_damaged_chat_stops_all_and_is_named(
    transfer: ChatTransfer, store: Store, tmp_path: Path, change: dict[str, Any], words: str
) -> None:
    before = len(store.chat_records.summaries())
    file = json.loads(WHOLE)
    file["conversations"] += [{**damaged(change), "title": "The  odd one"}, file["conversations"][0]]
    report = bring_in(transfer, written(tmp_path, file))
    assert (report.chat_ids, report.messages) == ((), 0)
    assert [one.name for one in report.failed] == ["The odd one"]
    assert words in report.failed[0].reason
    assert len(store.chat_records.summaries()) == before


@pytest.mark.parametrize("place", ["active_leaf", "memory_start"])
def test_a_leaf_that_is_not_there_is_damage(transfer: ChatTransfer, tmp_path: Path, place: str) -> None:
    file = json.loads(WHOLE)
    file["conversations"][0][place] = 2
    (failed,) = bring_in(transfer, written(tmp_path, file)).failed
    assert place in failed.reason


def test_settings_without_end_are_damage(transfer: ChatTransfer, tmp_path: Path) -> None:
    deep: Any = 1
    for _ in range(40):
        deep = [deep]
    file = json.loads(WHOLE)
    file["conversations"][0]["settings"] = {"deep": deep}
    (failed,) = bring_in(transfer, written(tmp_path, file)).failed
    assert "nested too deeply" in failed.reason


# Limits -----------------------------------------------------------------------------------------


def test_a_file_may_not_be_larger_than_the_limit(
    transfer: ChatTransfer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path, WHOLE)
    monkeypatch.setattr(reading, "MOST_BYTES", len(WHOLE))
    assert bring_in(transfer, path).failed == ()
    monkeypatch.setattr(reading, "MOST_BYTES", len(WHOLE) - 1)
    with pytest.raises(ImportFileError, match="too large"):
        bring_in(transfer, path)


def test_messages_are_counted_over_all_chats(
    transfer: ChatTransfer, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path, file_of([small_chat(), small_chat()], NOW))
    before = len(store.chat_records.summaries())
    monkeypatch.setattr(chat_transfer, "MOST_MESSAGES", 3)
    with pytest.raises(ImportFileError, match="too many messages"):
        bring_in(transfer, path)
    assert len(store.chat_records.summaries()) == before
    assert chat_record.MOST_MESSAGES == 100_000


def test_a_conversation_may_not_have_more_values_than_memory_should_hold(
    transfer: ChatTransfer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "_MOST_VALUES", 20)
    monkeypatch.setattr(reading, "_MOST_OWN_VALUES", 20)
    one = {"title": "Odd", "mapping": {}, "more": list(range(30))}
    files: list[Any] = [[one], {"format": "inkwell", "version": 1, "conversations": [one]}]
    for content in files:
        (failed,) = bring_in(transfer, written(tmp_path, content)).failed
        assert (failed.name, failed.reason) == ("Odd", "It is too large for one conversation.")


def test_stopped_it_stores_nothing(transfer: ChatTransfer, store: Store, tmp_path: Path) -> None:
    cancel = CancelToken()
    before = len(store.chat_records.summaries())
    path = written(tmp_path, file_of([small_chat(), small_chat()], NOW))
    with pytest.raises(CancelledError):
        transfer.import_file(path, lambda done, _total, _name: cancel.cancel() if done else None, cancel)
    assert len(store.chat_records.summaries()) == before


# Archives ---------------------------------------------------------------------------------------


def zipped(folder: Path, members: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> Path:
    path = folder / "export.zip"
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def chatgpt_file(*titles: str) -> bytes:
    node = {"id": "a", "parent": None, "children": [], "message": None}
    said = {"author": {"role": "user"}, "content": {"content_type": "text", "parts": ["Hello"]}}
    one = {"mapping": {"a": {**node, "message": said}}, "current_node": "a"}
    return json.dumps([{**one, "title": title} for title in titles]).encode()


def test_the_conversations_of_an_archive_come_in(transfer: ChatTransfer, tmp_path: Path) -> None:
    path = zipped(
        tmp_path,
        {
            "x/conversations-001.json": chatgpt_file("b"),
            "x/conversations-000.json": chatgpt_file("a"),
            "user.json": b"{",
        },
    )
    report = bring_in(transfer, path)
    assert [transfer.read(one).title for one in report.chat_ids] == ["a", "b"]
    assert transfer.looks_like_chats(path)


def test_archives_that_are_odd_are_one_clear_error(
    transfer: ChatTransfer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ImportFileError, match=r"no conversations\.json"):
        bring_in(transfer, zipped(tmp_path, {"user.json": b"{}"}))
    bomb = b"[" + b" " * 5_000_000 + b"]"
    with pytest.raises(ImportFileError, match="too large"):
        bring_in(transfer, zipped(tmp_path, {"conversations.json": bomb}))
    whole = zipped(tmp_path, {"conversations.json": chatgpt_file("a" * 5000)}, zipfile.ZIP_STORED).read_bytes()
    damaged = bytearray(whole)
    damaged[200] ^= 0xFF
    with pytest.raises(ImportFileError, match="damaged"):
        bring_in(transfer, written(tmp_path, bytes(damaged), "damaged.zip"))
    with pytest.raises(ImportFileError):
        bring_in(transfer, written(tmp_path, whole[:-40], "cut.zip"))
    monkeypatch.setattr(reading, "_MOST_ENTRIES", 1)
    with pytest.raises(ImportFileError, match="too many files"):
        bring_in(transfer, zipped(tmp_path, {"conversations.json": chatgpt_file("a"), "b": b""}))
    monkeypatch.undo()
    one = chatgpt_file("a" * 2000)  # two of them are smaller in the archive than one is outside
    both = {"conversations-0.json": one, "conversations-1.json": one}
    monkeypatch.setattr(reading, "MOST_BYTES", 2 * len(one) - 1)
    with pytest.raises(ImportFileError, match="too large"):
        bring_in(transfer, zipped(tmp_path, both))


@pytest.mark.parametrize(
    ("name", "content", "is_one"),
    [
        ("a.json", WHOLE, True),
        ("a.JSON", chatgpt_file("a"), True),
        ("a.json", b'[{"chat": {"history": {"messages": {}}}}]', True),
        ("a.json", b'{"name": "x", "messages": [{"versions": []}]}', True),
        ("a.json", b'{"name": "package"}', False),
        ("a.md", WHOLE, False),
        ("a.zip", b"no archive", False),
    ],
)
def test_a_look_tells_exports_of_chats_from_other_files(
    transfer: ChatTransfer, tmp_path: Path, name: str, content: bytes, is_one: bool
) -> None:
    assert transfer.looks_like_chats(written(tmp_path, content, name)) is is_one
    assert not transfer.looks_like_chats(tmp_path / "missing.json")
    assert not transfer.looks_like_chats(tmp_path)
