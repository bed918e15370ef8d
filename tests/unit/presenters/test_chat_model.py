"""The chat model as the chat screen shows it, while loads end as they do not usually end."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from pytestqt.qtbot import QtBot

from desktop_app.domain.built_in_templates import BuiltInTemplate
from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.errors import CancelledError
from desktop_app.presenters.chat_model import ChatModelPresenter
from desktop_app.presenters.chat_service import ChatModel
from desktop_app.presenters.tasks import TaskRunner
from tests.fakes.fake_chat_service import FakeDecoderState


@pytest.fixture
def tasks(qtbot: QtBot) -> Iterator[TaskRunner]:
    made = TaskRunner()
    yield made
    made.close()


def _unloaded(_cancel: CancelToken) -> None:
    raise CancelledError("The chat model was unloaded.")


@pytest.mark.parametrize(
    "begin",
    [
        ChatModelPresenter.start,
        ChatModelPresenter.start_expected,
        lambda model: model.use_template(BuiltInTemplate.CHATML),
    ],
)
def test_a_load_that_was_taken_away_is_over(
    tasks: TaskRunner, qtbot: QtBot, begin: Callable[[ChatModelPresenter], None]
) -> None:
    model = ChatModelPresenter(ChatModel(FakeDecoderState(), _unloaded, lambda: "Tiny", lambda: True), tasks)
    begin(model)
    assert model.is_loading
    qtbot.waitUntil(lambda: not model.is_loading)
    assert model.error is None
    model.close()
