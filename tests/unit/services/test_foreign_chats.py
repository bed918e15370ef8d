"""Exports of other programs: their trees, what is hidden in them, and what is wrong with them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.chat_record import ChatImportReport, ChatRecord, fault_of
from desktop_app.domain.conversation import Role
from desktop_app.domain.errors import ImportFileError
from desktop_app.domain.generation import StopReason
from desktop_app.services.chat_files.foreign_tree import ForeignChat, ForeignMessage, chat_of, moment_of
from desktop_app.services.chat_transfer import ChatTransfer
from desktop_app.services.presets import PresetService
from desktop_app.storage.store import Store

NOW = datetime(2026, 5, 6, tzinfo=UTC)
T0 = 1_700_000_000.25


class Desk:
    """Imports values as a file and gives the chats back."""

    def __init__(self, store: Store, folder: Path) -> None:
        self.store = store
        self.transfer = ChatTransfer(store.chat_records, clock=lambda: NOW)
        self._path = folder / "export.json"

    def report(self, values: Any) -> ChatImportReport:
        self._path.write_text(json.dumps(values))
        return self.transfer.import_file(self._path, lambda *_: None, CancelToken())

    def chat(self, values: Any) -> ChatRecord:
        report = self.report(values)
        assert report.failed == report.skipped == ()
        (chat_id,) = report.chat_ids
        return self.transfer.read(chat_id)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    store = Store.open(tmp_path / "data" / "inkwell.sqlite3", backups=tmp_path / "data" / "backups")
    yield Desk(store, tmp_path)
    store.close()


def shown(chat: ChatRecord) -> list[tuple[str, str]]:
    return [(message.role.value, message.text) for message in chat.path()]


def tree(chat: ChatRecord) -> list[tuple[int | None, int, str]]:
    return [(message.parent, message.sibling_order, message.text) for message in chat.messages]


# ChatGPT ----------------------------------------------------------------------------------------


def gpt_node(parent: str | None, children: list[str], role: str = "", text: Any = "", **more: Any) -> dict[str, Any]:
    if not role:
        return {"id": "x", "parent": parent, "children": children, "message": None}
    content = text if isinstance(text, dict) else {"content_type": "text", "parts": [text]}
    message = {
        "author": {"role": role, "name": None, "metadata": {}},
        "content": content,
        "metadata": {},
        "recipient": "all",
        "create_time": None,
        **more,
    }
    return {"id": "x", "parent": parent, "children": children, "message": message}


def gpt(current: str | None = "a2", **more: Any) -> dict[str, Any]:
    """A question asked twice, the second time answered twice, with a call of a tool in between."""
    mapping = {
        "client-created-root": gpt_node(None, ["sys"]),
        "sys": gpt_node("client-created-root", ["q1", "q2"], "system", "hidden instructions"),
        "a2": gpt_node("q2", [], "assistant", "Second answer", create_time=T0 + 9, metadata={"model_slug": "gpt-5"}),
        "a1": gpt_node("q2", ["call"], "assistant", "Let me look.", create_time=T0 + 5),
        "q1": gpt_node("sys", ["a0"], "user", "First wording", create_time=T0),
        "a0": gpt_node("q1", [], "assistant", "First answer", create_time=T0 + 1),
        "q2": gpt_node("sys", ["a1", "a2"], "user", "Second wording", create_time=T0 + 4),
        "call": gpt_node("a1", ["tool"], "assistant", "search(…)", recipient="browser"),
        "tool": gpt_node("call", ["end"], "tool", "results"),
        "end": gpt_node("tool", [], "assistant", "Found it.", metadata={"finish_details": {"type": "max_tokens"}}),
    }
    return {"title": " A  title ", "mapping": mapping, "current_node": current, "create_time": T0, **more}


def test_chatgpt_branches_and_the_shown_one(desk: Desk) -> None:
    chat = desk.chat([gpt(update_time=T0 + 99, default_model_slug="gpt-4o", is_archived=True)])
    assert chat.title == "A title"
    assert shown(chat) == [("user", "Second wording"), ("assistant", "Second answer")]
    assert tree(chat) == [
        (None, 0, "First wording"),
        (0, 0, "First answer"),
        (None, 1, "Second wording"),
        (2, 0, "Let me look.\n\nFound it."),
        (2, 1, "Second answer"),
    ]
    assert [message.model_name for message in chat.messages] == [None, "gpt-4o", None, "gpt-4o", "gpt-5"]
    assert chat.messages[3].stop_reason is StopReason.LIMIT
    assert chat.messages[0].created_at == chat.created_at == datetime.fromtimestamp(T0, UTC)
    assert chat.changed_at == chat.archived_at == datetime.fromtimestamp(T0 + 99, UTC)


def test_chatgpt_shows_what_it_was_at_even_where_that_is_hidden(desk: Desk) -> None:
    assert shown(desk.chat(gpt("tool")))[-1] == ("assistant", "Let me look.")
    assert shown(desk.chat(gpt(None)))[-1] == ("assistant", "Second answer")
    assert shown(desk.chat(gpt("gone")))[-1] == ("assistant", "Second answer")


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ({"content_type": "text", "parts": ["a", "", "b"]}, "a\n\nb"),
        ({"content_type": "code", "language": "python", "text": "1 < 2"}, "```python\n1 < 2\n```"),
        ({"content_type": "code", "language": "unknown", "text": "x"}, "```\nx\n```"),
        (
            {"content_type": "multimodal_text", "parts": [{"content_type": "image_asset_pointer"}, "A cat?"]},
            "[Image]\n\nA cat?",
        ),
        ({"content_type": "multimodal_text", "parts": [{"content_type": "audio_transcription", "text": "hi"}]}, "hi"),
        ({"content_type": "new_kind", "text": "still words"}, "still words"),
        ({"content_type": "thoughts", "thoughts": [{"content": "hm"}]}, None),
        ({"content_type": "user_editable_context", "user_profile": "I am"}, None),
        ({"content_type": "text", "parts": []}, None),
        (None, None),
    ],
)
def test_chatgpt_contents(desk: Desk, content: Any, text: str | None) -> None:
    values = gpt("q1")
    values["mapping"]["q1"]["message"]["content"] = content
    values["mapping"]["q1"]["message"]["metadata"] = None
    chat = desk.chat(values)
    assert ("user", text) in shown(chat) if text is not None else chat.active_leaf is not None
    assert any(message.text == text for message in chat.messages) == (text is not None)


def test_chatgpt_files_are_mentioned_and_its_private_marks_go(desk: Desk) -> None:
    values = gpt("q1")
    message = values["mapping"]["q1"]["message"]
    message["content"]["parts"] = ["Read\ue200cite\ue202turn0search1\ue201 this."]
    message["metadata"] = {
        "attachments": [
            {"name": "a  b.pdf", "mime_type": "application/pdf"},
            {"name": "c.png", "mime_type": "image/png"},
        ]
    }
    assert shown(desk.chat(values)) == [("user", "Read this.\n\n[File: a b.pdf]")]


def test_chatgpt_marks_become_the_names_and_the_links_that_they_stand_for(desk: Desk) -> None:
    values = gpt("a2")
    message = values["mapping"]["a2"]["message"]
    device, player = (f'\ue200entity\ue202["software","{name}","app"]\ue201' for name in ("Apple Devices", "iTunes"))
    source, other = "\ue200cite\ue202turn0search1\ue201", "\ue200cite\ue202turn0search2\ue201"
    message["content"]["parts"] = [f"In **{device}**, not {player}.{source}{other} \ue200image_group\ue202{{}}\ue201"]
    message["metadata"] = {
        "content_references": [
            {"type": "entity", "matched_text": device, "alt": "Apple Devices"},
            {"type": "grouped_webpages", "matched_text": source, "alt": " ([Help](https://example.org/a))"},
            {"type": "hidden", "matched_text": "In", "alt": "nothing of this"},
            None,
        ]
    }
    assert shown(desk.chat(values))[-1][1].strip() == (
        "In **Apple Devices**, not iTunes. ([Help](https://example.org/a))"
    )


def test_chatgpt_documents_and_pictures_that_were_made_are_in_the_answer(desk: Desk) -> None:
    values = gpt("end")
    mapping = values["mapping"]
    document = {"name": "Log.py", "type": "code/python", "content": "print(1)"}
    mapping["call"]["message"].update(
        recipient="canmore.create_textdoc", content={"content_type": "code", "text": json.dumps(document)}
    )
    made = {"content_type": "image_asset_pointer", "metadata": {"generation": {"width": 1}, "dalle": None}}
    looked_at = {"content_type": "image_asset_pointer", "metadata": {"generation": None, "dalle": None}}
    mapping["tool"]["message"].update(
        content={"content_type": "multimodal_text", "parts": ["found in a file", made, looked_at]},
        metadata={"image_gen_title": "A lamp"},
    )
    assert shown(desk.chat(values))[-1][1] == (
        "Let me look.\n\n**Log.py**\n\n```python\nprint(1)\n```\n\n[Image: A lamp]\n\nFound it."
    )
    mapping["tool"]["message"]["content"]["parts"] = ["found in a file", looked_at]
    for damaged in ("{cut off", "[" * 100_000):
        mapping["call"]["message"]["content"] = {"content_type": "text", "parts": [damaged]}
        assert shown(desk.chat(values))[-1][1] == "Let me look.\n\nFound it."


def test_chatgpt_messages_hidden_by_a_flag_are_left_out(desk: Desk) -> None:
    values = gpt("a2")
    values["mapping"]["q2"]["message"]["metadata"] = {"is_visually_hidden_from_conversation": True}
    assert "Second wording" not in [message.text for message in desk.chat(values).messages]


def test_chats_without_a_word_are_passed_over_and_named(desk: Desk) -> None:
    empty = {"title": "Nothing", "mapping": {"r": gpt_node(None, [])}, "current_node": "r"}
    report = desk.report([empty, gpt()])
    assert (len(report.chat_ids), report.messages) == (1, 5)
    assert [one.name for one in report.skipped] == ["Nothing"]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda chat: chat.update(mapping=[]),
        lambda chat: chat["mapping"].update(q1="text"),
        lambda chat: chat["mapping"]["q1"].update(message=[1]),
        lambda chat: chat["mapping"]["q1"].update(parent="a0"),
        lambda chat: chat.clear() or chat.update(title="Odd"),
    ],
)
def test_a_damaged_conversation_stops_all_and_is_named(desk: Desk, spoil: Any) -> None:
    odd = gpt(title="Odd")
    spoil(odd)
    report = desk.report([gpt(), odd, gpt()])
    assert report.chat_ids == ()
    assert [one.name for one in report.failed] == ["Odd"]
    assert desk.transfer.summaries() == []


def test_half_characters_do_not_stop_an_import(desk: Desk) -> None:
    values = gpt("q1", title="half \ud83d, whole \U0001f600, no escape \\ud83d")
    assert desk.chat([values]).title == "half \ufffd, whole \U0001f600, no escape \\ud83d"


def test_odd_times_are_survived(desk: Desk) -> None:
    values = gpt("a0", create_time=-1e300, update_time=1e300)
    values["mapping"]["q1"]["message"]["create_time"] = "soon"
    assert desk.chat([values]).messages
    assert moment_of(True) is None
    assert moment_of(float("nan")) is None
    assert moment_of(T0 * 1000) == moment_of(T0) == datetime.fromtimestamp(T0, UTC)
    assert moment_of("2024-01-02T03:04:05Z") == datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert moment_of("2024-01-02T03:04:05") == datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC)


def test_a_very_long_chat_comes_in(desk: Desk) -> None:
    count = 20_000
    mapping = {
        str(number): gpt_node(
            str(number - 1) if number else None, [str(number + 1)], "assistant" if number % 2 else "user", f"m{number}"
        )
        for number in range(count)
    }
    chat = desk.chat([{"title": "Long", "mapping": mapping, "current_node": str(count - 1)}])
    assert len(chat.path()) == count


# Open WebUI -------------------------------------------------------------------------------------


def webui() -> dict[str, Any]:
    def node(key: str, parent: str | None, children: list[str], role: str, content: Any, **more: Any) -> dict[str, Any]:
        return {"id": key, "parentId": parent, "childrenIds": children, "role": role, "content": content, **more}

    thought = (
        '<details type="reasoning" done="true" duration="3">\n<summary>Thought for 3 seconds</summary>\n'
        "> First this.\n> Then &gt; that.\n</details>\nThe answer."
    )
    messages = {
        "q": node("q", None, ["b", "a"], "user", "Question", timestamp=int(T0)),
        "a": node(
            "a", "q", [], "assistant", thought, model="m:7b", modelName="Model", timestamp=int(T0) + 1, done=True
        ),
        "b": node("b", "q", ["q2"], "assistant", "Cut", model="m:7b", timestamp=int(T0) + 2, done=False),
        "q2": node("q2", "b", ["e"], "user", "More"),
        "e": node("e", "q2", [], "assistant", "", error={"content": "Out of memory"}),
    }
    return {
        "id": "1",
        "title": "Outer",
        "chat": {"title": "Inner", "history": {"messages": messages, "currentId": "a"}, "messages": []},
        "created_at": int(T0),
        "updated_at": int(T0) + 50,
        "pinned": True,
        "archived": False,
    }


def test_open_webui_tree(desk: Desk) -> None:
    chat = desk.chat([webui()])
    assert (chat.title, chat.archived_at) == ("Outer", None)
    assert chat.pinned_at == chat.changed_at == datetime.fromtimestamp(int(T0) + 50, UTC)
    answer = "<think>\nFirst this.\nThen &gt; that.\n</think>\n\nThe answer."
    assert shown(chat) == [("user", "Question"), ("assistant", answer)]
    assert tree(chat) == [(None, 0, "Question"), (0, 1, answer), (0, 0, "Cut"), (2, 0, "More"), (3, 0, "")]
    assert [message.model_name for message in chat.messages] == [None, "Model", "m:7b", None, None]
    assert [message.stop_reason for message in chat.messages[1:3]] == [StopReason.END, StopReason.INTERRUPTED]
    assert chat.messages[4].error == "Out of memory"


def test_open_webui_without_its_row_or_without_a_tree(desk: Desk) -> None:
    assert desk.chat(webui()["chat"]).title == "Inner"
    line = {
        "chat": {"title": "Old", "messages": [{"role": "user", "content": "Q"}, {"role": "assistant", "content": "A"}]}
    }
    assert shown(desk.chat([line])) == [("user", "Q"), ("assistant", "A")]
    parts = {"chat": {"title": "Parts", "messages": [{"role": "user", "content": [{"type": "text", "text": "P"}]}]}}
    assert shown(desk.chat([parts])) == [("user", "P")]


def test_open_webui_files_come_with_their_text(desk: Desk) -> None:
    row = webui()
    message = row["chat"]["history"]["messages"]["q"]
    message["files"] = [
        {
            "type": "file",
            "name": "ink.txt",
            "file": {"data": {"content": "Iron gall"}, "meta": {"content_type": "text/plain", "size": 9}},
        },
        {"type": "image", "url": "data:image/png;base64,AAAA"},
        {"type": "collection", "name": "Papers"},
        None,
    ]
    question = desk.chat([row]).messages[0]
    assert question.text == "Question\n\n[Image]\n\n[File: Papers]\n\n[File]"
    (file,) = question.attachments
    assert (file.kind, file.name, file.media_type, file.size, file.text) == (
        "file",
        "ink.txt",
        "text/plain",
        9,
        "Iron gall",
    )
    message.update(content="", files=message["files"][:1])
    assert [each.name for each in desk.chat([row]).messages[0].attachments] == ["ink.txt"]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda row: row.update(chat="text"),
        lambda row: row["chat"].update(history={"messages": []}),
        lambda row: row["chat"]["history"]["messages"].update(q=None),
        lambda row: row["chat"]["history"]["messages"]["q"].update(parentId="e"),
    ],
)
def test_damage_in_open_webui(desk: Desk, spoil: Any) -> None:
    row = webui()
    spoil(row)
    report = desk.report([webui(), row])
    assert [one.name for one in report.failed] == ["Outer"]
    assert report.chat_ids == ()


# LM Studio --------------------------------------------------------------------------------------


def studio() -> dict[str, Any]:
    def said(text: str) -> dict[str, Any]:
        return {"type": "singleStep", "role": "user", "content": [{"type": "text", "text": text}]}

    def answer(*steps: dict[str, Any]) -> dict[str, Any]:
        return {"type": "multiStep", "role": "assistant", "senderInfo": {"senderName": "qwen"}, "steps": list(steps)}

    def block(text: str, style: str = "", reason: str = "eosFound") -> dict[str, Any]:
        content = [{"type": "text", "text": text}]
        told = {"identifier": "qwen@q4", "stats": {"stopReason": reason}}
        return {"type": "contentBlock", "content": content, "style": {"type": style}, "genInfo": told}

    return {
        "name": "Talk",
        "pinned": False,
        "createdAt": int(T0 * 1000),
        "assistantLastMessagedAt": int(T0 * 1000) + 5000,
        "messages": [
            {"versions": [said("Hello")], "currentlySelected": 0},
            {
                "versions": [
                    answer(block("Cut", reason="maxPredictedTokensReached")),
                    answer(block("Hm", "thinking"), {"type": "debugInfoBlock", "debugInfo": "x"}, block("Hi there")),
                ],
                "currentlySelected": 1,
            },
            {"versions": [said("Bye")], "currentlySelected": 0},
        ],
    }


def test_lm_studio_versions_become_branches(desk: Desk) -> None:
    chat = desk.chat(studio())
    answer = "<think>\nHm\n</think>\n\nHi there"
    assert shown(chat) == [("user", "Hello"), ("assistant", answer), ("user", "Bye")]
    assert tree(chat) == [(None, 0, "Hello"), (0, 0, "Cut"), (0, 1, answer), (2, 0, "Bye")]
    assert [message.stop_reason for message in chat.messages[1:3]] == [StopReason.LIMIT, StopReason.END]
    assert chat.messages[1].model_name == "qwen"
    assert chat.created_at == datetime.fromtimestamp(T0, UTC)
    assert (chat.changed_at - chat.created_at).total_seconds() == 5


def test_lm_studio_files_are_mentioned(desk: Desk) -> None:
    chat = studio()
    files = [{"type": "file", "fileIdentifier": "1.pdf"}, {"type": "file", "name": "cat.png", "fileType": "image"}]
    chat["messages"][0]["versions"][0]["content"] += files
    assert shown(desk.chat(chat))[0] == ("user", "Hello\n\n[File: 1.pdf]\n\n[Image: cat.png]")


@pytest.mark.parametrize(
    "spoil",
    [
        lambda chat: chat.update(messages={}),
        lambda chat: chat["messages"].append(None),
        lambda chat: chat["messages"].append({"versions": []}),
        lambda chat: chat["messages"][1].update(currentlySelected=2),
        lambda chat: chat["messages"][1].update(currentlySelected=True),
    ],
)
def test_damage_in_lm_studio(desk: Desk, spoil: Any) -> None:
    chat = studio()
    spoil(chat)
    report = desk.report(chat)
    assert [one.name for one in report.failed] == ["Talk"]
    assert desk.transfer.summaries() == []


def test_a_chat_keeps_the_instructions_that_are_its_own(desk: Desk) -> None:
    row, chat = webui(), studio()
    row["chat"]["params"] = {"system": "Be brief."}
    chat["systemPrompt"] = "Older place"
    assert desk.chat(chat).settings == {"own": {"decoder.system_prompt": "Older place"}}
    chat["perChatPredictionConfig"] = {"fields": [{"key": "llm.prediction.systemPrompt", "value": "Be kind."}, None]}
    presets = PresetService(desk.store.presets, desk.store.conversations)
    for values, instructions in ((row, "Be brief."), (chat, "Be kind.")):
        (chat_id,) = desk.report(values if values is chat else [values]).chat_ids
        assert presets.choices(chat_id).value("decoder.system_prompt") == instructions
    assert desk.chat(studio()).settings == {}


# Any tree ---------------------------------------------------------------------------------------


@st.composite
def trees(draw: st.DrawFn) -> ForeignChat:
    count = draw(st.integers(1, 12))
    messages = [
        ForeignMessage(
            key=str(number),
            parent=draw(st.sampled_from([None, "gone", *map(str, range(number))])),
            role=draw(st.sampled_from([None, Role.USER, Role.ASSISTANT])),
            text=draw(st.sampled_from(["", " ", f"text {number}"])),
            created_at=draw(st.none() | st.datetimes(timezones=st.just(UTC), min_value=datetime(1971, 1, 1))),
            rank=draw(st.integers(0, 3)),
        )
        for number in range(count)
    ]
    active = draw(st.none() | st.sampled_from([str(number) for number in range(count)]))
    return ForeignChat("", draw(st.permutations(messages)), active)


@settings(max_examples=300, deadline=None)
@given(foreign=trees())
def test_any_tree_becomes_a_possible_chat_in_which_nothing_is_lost(foreign: ForeignChat) -> None:
    chat = chat_of(foreign, NOW)
    said = [message.text for message in foreign.messages if message.role is not None and message.text.strip()]
    if chat is None:
        assert not said
        return
    assert fault_of(chat) == ""
    assert chat.path()
    texts = "\n\n".join(message.text for message in chat.messages).split("\n\n")
    assert set(texts) == set(said)
    for message in chat.messages:
        if message.parent is not None and message.role is Role.ASSISTANT:
            assert chat.messages[message.parent].role is not Role.ASSISTANT
    places = [(message.parent, message.sibling_order) for message in chat.messages]
    assert len(set(places)) == len(places)


def test_a_long_row_of_answers_costs_what_it_holds() -> None:
    row = [
        ForeignMessage(str(number), str(number - 1) if number else None, Role.ASSISTANT, f"part {number}")
        for number in range(30_000)
    ]
    chat = chat_of(ForeignChat("", row, None), NOW)
    assert chat is not None
    (whole,) = chat.messages
    assert whole.text.startswith("part 0\n\npart 1\n\n")
    assert whole.text.endswith("\n\npart 29999")


def test_answers_that_would_be_copied_without_end_are_refused() -> None:
    long = ForeignMessage("0", None, Role.ASSISTANT, "x" * 100_000)
    star = [ForeignMessage(str(number), "0", Role.ASSISTANT, "y") for number in range(1, 40)]
    with pytest.raises(ImportFileError, match="branch too often"):
        chat_of(ForeignChat("", [long, *star], None), NOW)
    assert chat_of(ForeignChat("", [long, *star[:5]], None), NOW) is not None


def test_two_messages_of_one_name_are_damage() -> None:
    twice = [ForeignMessage("a", None, Role.USER, "x"), ForeignMessage("a", None, Role.USER, "y")]
    with pytest.raises(ImportFileError, match="same id"):
        chat_of(ForeignChat("", twice, None), NOW)
