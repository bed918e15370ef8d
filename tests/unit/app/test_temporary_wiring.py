"""Everything that is asked about a chat by its id is wired to both stores, so that temporary chats have it, too."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop_app.app.container import Container
from desktop_app.app.paths import data_paths
from desktop_app.domain.conversation import Role


@pytest.fixture
def container(tmp_path: Path) -> Iterator[Container]:
    paths = data_paths(tmp_path / "data", {})
    paths.create()
    made = Container(paths)
    yield made
    made.close()


def test_a_temporary_chat_has_what_other_chats_have(container: Container) -> None:
    chat = container.chat.create(temporary=True).id
    container.presets.set_own(chat, "decoder.max_answer_tokens", 64)
    assert container.presets.choices(chat).value("decoder.max_answer_tokens") == 64
    assert container.chat_constraints.of(chat) is None
    assert container.attachments.of_draft(chat) == []
    message = container.conversations.add_message(chat, None, Role.USER, "About ink")
    found = container.chat._window._recall
    assert found is not None
    assert [each.id for each in found._conversations.messages_by_id([message.id])] == [message.id]
    assert container.store.conversations.list_conversations() == []
