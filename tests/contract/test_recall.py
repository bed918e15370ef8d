"""What comes back of a long chat, with the real encoder: by meaning, where no word is the same."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.search import EncoderSpec
from desktop_app.engines.encoder import EncoderProcess
from desktop_app.engines.launcher import WorkerLauncher
from desktop_app.services.chat import ChatService
from desktop_app.services.context_window import ContextWindow
from desktop_app.services.recall import Recall
from desktop_app.storage.store import Store
from tests.fakes.workers import starter_encoder
from tests.unit.services.test_chat import Desk

CONTEXT = 1000
FACT = "By the way, my doctor told me that I must never eat peanuts."
TOPICS = (
    "The lighthouse keeper trims the lamp at dusk and writes the weather into a long grey book beside the window.",
    "A compiler turns source text into machine code and keeps the types of every variable while it works through it.",
    "The orchestra rehearsed the second movement twice because the horns came in late after the quiet passage.",
    "Granite forms deep below the surface where molten rock cools slowly over many thousands of years of quiet.",
    "The timetable of the mountain railway changes in winter when snow closes the upper stations for months.",
    "Parliament debated the budget for the harbour until midnight and voted on the amendments one after another.",
    "The printing press stamped each sheet twice so that the black letters stood sharply upon the heavy paper.",
)


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EncoderProcess]:
    folder = tmp_path_factory.mktemp("recall")
    process = EncoderProcess(WorkerLauncher(folder / "runtime"), folder / "encoder.json")
    process.load(EncoderSpec(str(starter_encoder())))
    yield process
    process.close()


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    store = Store.open(tmp_path / "inkwell.sqlite3", backups=tmp_path / "backups")
    yield Desk(store)
    store.close()


def long_chat(desk: Desk) -> int:
    """Eight windows long; the fact stands at its beginning."""
    chat = desk.chat.create().id
    desk.decoder.answer = "I see. " + "Let us go on with it then. " * 10
    desk.ask(chat, FACT)
    words = 0
    number = 0
    while words < 8 * CONTEXT:
        question = f"{TOPICS[number % len(TOPICS)]} That was part {number}. " * 5
        desk.ask(chat, question)
        words += len(question.split()) + len(desk.decoder.answer.split())
        number += 1
    return chat


def test_a_fact_from_the_beginning_comes_back_by_its_meaning_alone(desk: Desk, encoder: EncoderProcess) -> None:
    chat = long_chat(desk)
    conversations = desk.store.conversations
    recall = Recall(conversations, encoder)
    window = ContextWindow(conversations, desk.decoder, desk.session, desk.settings, recall)
    desk.chat = ChatService(conversations, desk.decoder, desk.session, desk.settings, window=window)
    start = desk.chat.get(chat).memory_start_id
    assert start is not None
    recall.learn(chat, conversations.left_out(start)[0], CancelToken())
    assert FACT not in " ".join(turn.text for turn in desk.decoder.requests[-1].turns)
    desk.ask(chat, "Which food allergies should the cook know about?")
    *before, last = desk.decoder.requests[-1].turns
    assert FACT in last.text
    assert last.text.endswith("\n\nWhich food allergies should the cook know about?")
    assert len(last.text.split()) <= CONTEXT / 8 + 10
    assert FACT not in " ".join(turn.text for turn in before)
    desk.ask(chat, "Thanks. How are printed letters kept sharp?")
    last = desk.decoder.requests[-1].turns[-1]
    assert "printing press" in last.text
    assert FACT not in last.text
    desk.ask(chat, "Translate good evening into Finnish")
    assert desk.decoder.requests[-1].turns[-1].text == "Translate good evening into Finnish"
