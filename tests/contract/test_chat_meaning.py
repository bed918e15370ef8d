"""Messages of chats found by meaning with the real encoder, and nothing where nothing was said of it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from benchmarks.encoder_setup import SearchParts, search_parts
from desktop_app.domain.conversation import Role
from desktop_app.domain.generation import StopReason
from desktop_app.domain.search import SearchMode
from desktop_app.domain.search_question import Scope
from tests.fakes.workers import starter_encoder

pytestmark = pytest.mark.timeout(300)

CHATS = {
    "Explain the KV cache": (
        "Explain it to me, please, as if I were new to it.",
        "Each new token reuses the keys and values of those before it, so that they are not read again. That costs "
        "memory, and saves the decoder from going through the whole text at each step.",
        "thanks",
        "You're welcome! Let me know if you have other questions.",
    ),
    "Sourdough": (
        "My loaf is flat and dense, what did I do wrong?",
        "<think>Proofing, I guess.</think>\n\nMost likely the starter was not active enough. Feed it twice, and let "
        "the dough double before it goes into the oven.",
    ),
    "Trip to Lisbon": (
        "Which neighbourhood should we stay in for three days with kids?",
        "Alfama is lovely but hilly; with a pram, Baixa or Belém are flatter and close to the tram.",
    ),
}
"""Questions and answers by turns."""

ASKED = [
    ("how do models remember earlier words?", "Explain the KV cache"),
    ("bread did not rise", "Sourdough"),
    ("hotel district for a family in Portugal", "Trip to Lisbon"),
]


NOT_SPOKEN_OF = [
    "treatment of chronic kidney disease in elderly patients",
    "baroque violin sonatas",
    "buddhist monks meditation retreat",
    "hello",
    "zxqv wobblefrotz",
    "qqwrt pltkm vbnz",
]


@pytest.fixture(scope="module")
def chats(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SearchParts]:
    """A store with these chats, read by the encoder."""
    starter_encoder()
    with search_parts(tmp_path_factory.mktemp("chats")) as parts:
        conversations = parts.store.conversations
        for title, said in CHATS.items():
            chat = conversations.create(title)
            parent: int | None = None
            for number, text in enumerate(said):
                is_answer = number % 2 == 1
                role = Role.ASSISTANT if is_answer else Role.USER
                message = conversations.add_message(chat.id, parent, role, "" if is_answer else text)
                if is_answer:
                    conversations.finish_message(message.id, text, [], StopReason.END, None)
                parent = message.id
        report = parts.indexing.run()
        messages = sum(map(len, CHATS.values()))
        assert (report.messages, report.embedded) == (messages, messages - 1)
        assert parts.indexing.run().embedded == 0
        yield parts


@pytest.mark.parametrize(("query", "title"), ASKED)
def test_a_question_finds_what_was_said_in_other_words(chats: SearchParts, query: str, title: str) -> None:
    for scope in (Scope.CHATS, Scope.ALL):
        result = chats.search.explain_nearest(chats.search.search_once(query, scope=scope))
        first = result.messages[0]
        assert (first.title, first.meaning_rank, first.words_rank) == (title, 1, None)
        assert first.nearest_span is not None
        assert first.passage[first.nearest_span.start : first.nearest_span.end].strip()
        assert "think" not in first.passage
        assert not [message for message in result.messages if message.title != title]


@pytest.mark.parametrize("query", NOT_SPOKEN_OF)
def test_what_was_not_spoken_of_is_not_found_in_chats(chats: SearchParts, query: str) -> None:
    for mode in SearchMode:
        assert [message.title for message in chats.search.search_once(query, mode, scope=Scope.CHATS).messages] == []
