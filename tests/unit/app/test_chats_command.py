"""`inkwell chats` on a real store."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from desktop_app.app.cli import main
from desktop_app.domain.chat_record import ChatRecord, MessageRecord
from desktop_app.domain.conversation import Role
from desktop_app.domain.generation import StopReason
from desktop_app.services.chat_files.inkwell_format import file_of
from desktop_app.storage.store import Store

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


class Line:
    """Runs command lines on one data folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.out = self.err = ""

    def __call__(self, *arguments: str) -> int:
        out, err = io.StringIO(), io.StringIO()
        line = ["chats", *arguments, "--data-dir", str(self.folder / "data")]
        code = main(line, environ={}, stdin=io.StringIO(), stdout=out, stderr=err)
        self.out, self.err = out.getvalue(), err.getvalue()
        return code

    def json(self, *arguments: str, code: int = 0) -> dict[str, Any]:
        assert self(*arguments, "--json") == code, self.err
        assert self.out.count("\n") == 1
        values: dict[str, Any] = json.loads(self.out)
        return values

    def file(self, *chats: ChatRecord, name: str = "chats.json") -> str:
        path = self.folder / name
        path.write_bytes(file_of(chats, NOW))
        return str(path)


@pytest.fixture
def line(tmp_path: Path) -> Line:
    return Line(tmp_path)


def chat(title: str, **changes: Any) -> ChatRecord:
    question = MessageRecord(None, 0, Role.USER, "Question?", NOW)
    first = MessageRecord(0, 0, Role.ASSISTANT, "First", NOW, model_name="Tiny", stop_reason=StopReason.END)
    second = MessageRecord(0, 1, Role.ASSISTANT, "Second", NOW, model_name="Tiny", stop_reason=StopReason.LIMIT)
    return ChatRecord(
        **{"title": title, "created_at": NOW, "changed_at": NOW, "active_leaf": 2} | changes,
        messages=(question, first, second),
    )


def test_import_says_what_came_in(line: Line) -> None:
    file = line.file(chat("One"), chat("Two"))
    assert line.json("import", file) == {"imported": 2, "messages": 6, "chat_ids": [1, 2], "skipped": [], "failed": []}
    assert line("import", file) == 0
    assert line.out == "2 chats imported, 6 messages.\n"
    assert line.err == ""
    assert len(line.json("list")["chats"]) == 4


def test_import_of_what_is_no_chat_fails_and_stores_nothing(line: Line) -> None:
    bad = line.folder / "bad.json"
    bad.write_text('[{"mapping": ')
    report = line.json("import", str(bad), code=1)
    assert (report["imported"], report["messages"]) == (0, 0)
    (failed,) = report["failed"]
    assert failed["name"] == "bad.json"
    assert "cut off" in failed["reason"]
    assert line.err.count("\n") == 1
    assert line("import", str(bad)) == 1
    assert line("import", str(line.folder / "missing.json")) == 1
    assert "cannot be read" in line.err
    assert line.json("list") == {"chats": []}


def test_one_file_that_fails_does_not_stop_the_others(line: Line) -> None:
    bad = line.folder / "bad.json"
    bad.write_text("{}")
    report = line.json("import", str(bad), line.file(chat("One")))
    assert (report["imported"], [one["name"] for one in report["failed"]]) == (1, ["bad.json"])


def test_list_tells_desk_archive_and_trash_apart(line: Line) -> None:
    line(
        "import",
        line.file(chat("Two  words", folder="a/b"), chat("Old", archived_at=NOW), chat("Gone", trashed_at=NOW)),
    )
    assert line("list") == 0
    assert line.out == "1\ta/b/Two words\n"
    (one,) = line.json("list")["chats"]
    assert one == {
        "id": 1,
        "title": "Two  words",
        "folder": "a/b",
        "kind": "chat",
        "messages": 3,
        "pinned": False,
        "archived": False,
        "trashed": False,
        "created_at": "2026-01-02T03:04:05+00:00",
        "changed_at": "2026-01-02T03:04:05+00:00",
    }
    assert [one["title"] for one in line.json("list", "--archived")["chats"]] == ["Old"]
    assert [one["title"] for one in line.json("list", "--trashed")["chats"]] == ["Gone"]
    assert line("list", "--trashed", "--archived") == 2


def test_show_gives_the_shown_branch(line: Line) -> None:
    line("import", line.file(chat("One")))
    assert line("show", "1") == 0
    assert line.out == "# One\n\n## You\n\nQuestion?\n\n## Tiny\n\nSecond\n"
    shown = line.json("show", "1")
    assert [(one["role"], one["text"], one["stop_reason"]) for one in shown["messages"]] == [
        ("user", "Question?", None),
        ("assistant", "Second", "limit"),
    ]
    assert (shown["id"], shown["all_messages"]) == (1, 3)
    assert line("show", "9") == 1
    assert line("show", "none") == 2


def test_export_to_standard_output_and_to_a_file(line: Line) -> None:
    line("import", line.file(chat("One")))
    assert line("export", "1", "--format", "markdown") == 0
    assert line.out.startswith("# One\n")
    assert line("export", "1", "--format", "json") == 0
    assert [one["text"] for one in json.loads(line.out)["conversations"][0]["messages"]] == [
        "Question?",
        "First",
        "Second",
    ]
    assert json.loads(line.json("export", "1", "--format", "json")["text"])["format"] == "inkwell"
    target = line.folder / "out.json"
    assert line.json("export", "1", "--format", "json", "--output", str(target)) == {
        "id": 1,
        "format": "json",
        "file": str(target),
    }
    assert line.json("import", str(target))["imported"] == 1
    assert line("export", "9", "--format", "json", "--output", str(line.folder / "none.json")) == 1
    assert not (line.folder / "none.json").exists()
    assert line("export", "1") == 2
    assert line("export", "1", "--format", "json", "--output", str(line.folder / "no" / "x")) == 1


def test_it_works_while_the_window_is_open(line: Line) -> None:
    line("list")
    store = Store.open(line.folder / "data" / "inkwell.sqlite3", backups=line.folder / "data" / "backups")
    try:
        open_chat = store.conversations.create("In the window")
        before = store.data_version()
        assert line.json("import", line.file(chat("From outside")))["imported"] == 1
        assert store.data_version() != before, "the window hears of it"
        store.conversations.add_message(open_chat.id, None, Role.USER, "goes on")
        assert {one.title for one in store.chat_records.summaries()} == {"In the window", "From outside"}
    finally:
        store.close()


def test_delete_goes_to_the_trash_or_is_for_good(line: Line) -> None:
    line("import", line.file(chat("One"), chat("Two")))
    assert line.json("delete", "1") == {"id": 1, "trashed": True}
    assert [one["id"] for one in line.json("list", "--trashed")["chats"]] == [1]
    assert line.json("delete", "1", "--forever") == {"id": 1, "deleted": True}
    assert line.json("list", "--trashed") == {"chats": []}
    assert line("delete", "2", "--forever") == 0
    assert line.out == "“Two” is deleted for good.\n"
    assert line("delete", "2") == 1


def test_free_writing_is_shown_and_exported_as_its_text(line: Line) -> None:
    own = MessageRecord(None, 0, Role.USER, "# Once\r\n", NOW)
    continuation = MessageRecord(0, 0, Role.ASSISTANT, "upon", NOW, model_name="Tiny", stop_reason=StopReason.LIMIT)
    page = ChatRecord("", NOW, NOW, messages=(own, continuation), active_leaf=1, kind="writing")
    assert line("import", line.file(page)) == 0
    assert line("list") == 0
    assert line.out == "1\tFree writing\n"
    assert line.json("list")["chats"][0]["kind"] == "writing"
    assert line("show", "1") == 0
    assert line.out == "# Once\r\nupon"
    shown = line.json("show", "1")
    assert (shown["kind"], [message["text"] for message in shown["messages"]]) == ("writing", ["# Once\r\n", "upon"])
    assert line("export", "1", "--format", "markdown") == 0
    assert line.out == "# Once\r\nupon"
