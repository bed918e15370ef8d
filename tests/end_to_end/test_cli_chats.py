"""`inkwell ask --chat`: own processes, the real starter model, one data folder."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.end_to_end.test_cli import Inkwell

LONG = "The keeper wrote of wind, of ships and of the long winter nights above the sea. " * 15
pytestmark = pytest.mark.timeout(300)

ASK = ("--max-tokens", "16", "--seed", "11")


@pytest.fixture
def inkwell(tmp_path: Path) -> Inkwell:
    return Inkwell(tmp_path / "data")


def kept(program: Inkwell) -> list[Path]:
    return sorted((program.folder / "cache" / "kv").glob("*"))


def test_a_chat_goes_on_from_its_kept_state_in_the_same_words_each_time(inkwell: Inkwell) -> None:
    first = inkwell.json("ask", LONG, "--chat", "new", *ASK)
    assert first["restored_tokens"] == first["evicted_messages"] == 0
    (state,) = kept(inkwell)
    whole, kept_at = state.read_bytes(), state.stat().st_mtime_ns
    assert inkwell.json("ask", LONG, *ASK)["restored_tokens"] == 0, "a question without a chat touches no kept state"
    assert [(path, path.stat().st_mtime_ns) for path in kept(inkwell)] == [(state, kept_at)]
    second = inkwell.json("ask", "Who wrote of the sea?", "--chat", str(first["chat_id"]), *ASK)
    assert second["chat_id"] == first["chat_id"]
    assert second["message_id"] > first["message_id"]
    assert second["restored_tokens"] == second["cached_tokens"] > 270

    for path in kept(inkwell):
        path.unlink()
    state.write_bytes(whole)
    again = inkwell.json("ask", LONG, "--chat", "new", *ASK, "--no-cache")
    assert again["text"] == first["text"]
    assert [path.read_bytes() for path in kept(inkwell)] == [whole]
    follow = ("ask", "Who wrote of the sea?", "--chat", str(again["chat_id"]), *ASK)
    third = inkwell.json(*follow)
    assert (third["text"], third["restored_tokens"]) == (second["text"], second["restored_tokens"])


def test_without_a_cache_an_answer_always_repeats_and_nothing_is_kept(inkwell: Inkwell) -> None:
    texts = set()
    for _ in range(2):
        answer = inkwell.json("ask", "Who looks at the sea?", "--chat", "new", "--no-cache", *ASK)
        # Long enough to be kept, were it permitted.
        follow = inkwell.json("ask", LONG, "--chat", str(answer["chat_id"]), "--no-cache", *ASK)
        assert follow["cached_tokens"] == follow["restored_tokens"] == 0
        texts.add((answer["text"], follow["text"]))
    assert len(texts) == 1
    assert kept(inkwell) == []


def test_what_cannot_be_gone_on_with_is_said(inkwell: Inkwell) -> None:
    code, _out, err = inkwell("ask", "Hello", "--chat", "7")
    assert code == 1
    assert "not there" in err
    assert inkwell("ask", "Hello", "--chat", "seven")[0] == 2
    assert inkwell("ask", "Hello", "--chat", "new", "--max-tokens", "0")[0] == 2


def test_the_command_line_stands_above_the_chats_preset_for_that_answer(inkwell: Inkwell) -> None:
    chat = str(
        inkwell.json("ask", "Teh sea.", "--chat", "new", "--preset", "Proofreader", "--max-tokens", "3")["chat_id"]
    )
    given = ("--temperature", "1.5", "--set", "sampling.top_k=3", "--max-tokens", "17", "--system", "Be brief.")
    inkwell.json("ask", "And teh wind.", "--chat", chat, *given)
    inkwell.json("ask", "And teh sky.", "--chat", chat, "--max-tokens", "16")
    code, out, _err = inkwell("chats", "export", chat, "--format", "json")
    assert code == 0
    messages = json.loads(out)["conversations"][0]["messages"]
    first, second, third = (each["settings_used"] for each in messages if each["role"] == "assistant")
    assert (second["temperature"], second["top_k"], second["max_answer_tokens"]) == (1.5, 3, 17)
    assert first["max_answer_tokens"] == 3
    assert second["system_prompt"] == "Be brief."
    for name in ("temperature", "top_k", "system_prompt"):
        assert first[name] == third[name] != second[name]


def test_answers_from_notes_name_their_passages_and_where_nothing_is_found_no_chat_is_left(inkwell: Inkwell) -> None:
    note = inkwell.folder.parent / "bread.md"
    note.write_text("# Bread\n\nThe dough stays fourteen hours in the fridge.\n", encoding="utf-8")
    assert inkwell("notes", "add", str(note))[0] == 0
    code, _out, err = inkwell("ask", "--chat", "new", "--notes", "Which vaccines need refrigeration?")
    assert code == 1
    assert "Nothing about this question was found" in err
    code, _out, err = inkwell("ask", "How long?", "--chat", "new", "--notes-in", "bread")
    assert "no filter of notes" in err
    assert inkwell.json("chats", "list")["chats"] == []
    answer = inkwell.json("ask", "How many hours does the dough stay in the fridge?", "--chat", "new", "--notes", *ASK)
    assert [(each["number"], each["name"]) for each in answer["sources"]] == [(1, "Bread")]
    code, _out, err = inkwell("ask", "And the dough?", "--chat", str(answer["chat_id"]), *ASK)
    assert code == 0
