"""The chat screen with everything around it, over a service and a model that the test moves."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from desktop_app.domain.built_in_templates import BuiltInTemplate
from desktop_app.domain.generation import StopReason
from desktop_app.presenters.chat import ChatPresenter
from desktop_app.presenters.chat_service import (
    ChatModel,
    ChatUseCases,
    OtherModelUseCases,
    OtherPresetUseCases,
    WritingUseCases,
)
from desktop_app.presenters.shell import Notice, ShellPresenter
from desktop_app.presenters.tasks import TaskRunner
from desktop_app.ui.actions import Actions
from desktop_app.ui.chat.chat_screen import ChatScreen
from desktop_app.ui.chat.code_block import CodeBlock
from desktop_app.ui.chat.message_rows import AnswerMessage
from desktop_app.ui.theme.theme import Theme
from tests.fakes.fake_attachments import FakeAttachments
from tests.fakes.fake_chat_search import FakeChatSearch
from tests.fakes.fake_chat_service import FakeChatService, FakeDecoderState
from tests.fakes.fake_writing import FakeWriting


class Room:
    """The screen with everything around it."""

    def __init__(
        self,
        qtbot: QtBot,
        theme: Theme,
        actions: Actions,
        tasks: TaskRunner,
        service: ChatUseCases | None = None,
        others: OtherModelUseCases | None = None,
        presets: OtherPresetUseCases | None = None,
        writing: WritingUseCases | None = None,
    ) -> None:
        """`service` and `writing` stand in the place of the fake ones; `others` and `presets` are what one regenerates
        with.
        """
        self.qtbot = qtbot
        self.service = FakeChatService()
        self.attachments = FakeAttachments()
        self.decoder = FakeDecoderState()
        self.actions = actions
        self.tasks = tasks
        self.shell = ShellPresenter(tasks)
        self.starter = True
        self.load_error: Exception | None = None
        self.templates: list[BuiltInTemplate] = []
        self.opened: list[str] = []
        self.rooms: list[str] = []
        self.searches: list[str] = []
        self.notices: list[Notice] = []
        self.shell.open_screen.connect(self.rooms.append)
        self.shell.open_search.connect(self.searches.append)
        self.shell.notice.connect(self.notices.append)
        model = ChatModel(
            self.decoder, self._load, lambda: "Tiny 1B · starter", lambda: self.starter, others, self.templates.append
        )
        self.search = FakeChatSearch(self.service)
        self.writing = FakeWriting(self.service)
        self.presenter = ChatPresenter(
            service or self.service,
            tasks,
            model,
            self.attachments,
            writing or self.writing,
            search=self.search,
            other_presets=presets,
        )
        self.screen = ChatScreen(self.presenter, theme, actions, self.shell, open_link=self.opened.append)
        qtbot.addWidget(self.screen)
        self.screen.resize(1180, 760)

    def _load(self, _cancel: object) -> None:
        if self.load_error is not None:
            raise self.load_error

    def show(self) -> None:
        self.screen.show()
        self.until(lambda: self.presenter.chats.is_loaded and self.tasks.idle)

    def until(self, condition: Callable[[], object]) -> None:
        self.qtbot.waitUntil(lambda: bool(condition()), timeout=8_000)

    def open(self, chat: int) -> None:
        self.presenter.open(chat)
        self.until(lambda: self.presenter.conversation_id == chat and self.screen.transcript.rows)
        self.settle()

    def settle(self) -> None:
        self.until(lambda: self.tasks.idle)
        self.turn()

    def turn(self) -> None:
        for _ in range(8):
            QApplication.processEvents()

    def type_and_send(self, text: str) -> None:
        self.screen.composer.edit.setPlainText(text)
        self.qtbot.keyClick(self.screen.composer.edit, Qt.Key.Key_Return)

    def last(self) -> AnswerMessage:
        row = self.screen.transcript.rows[-1]
        assert isinstance(row, AnswerMessage)
        return row


@contextmanager
def open_room(
    qtbot: QtBot,
    theme: Theme,
    actions: Actions,
    tasks: TaskRunner,
    service: ChatUseCases | None = None,
    others: OtherModelUseCases | None = None,
    presets: OtherPresetUseCases | None = None,
    writing: WritingUseCases | None = None,
) -> Iterator[Room]:
    """A room that is left in peace after the test."""
    made = Room(qtbot, theme, actions, tasks, service, others, presets, writing)
    yield made
    made.presenter.stop()
    made.service.feed(StopReason.STOPPED)
    made.writing.feed(StopReason.STOPPED)
    made.presenter.close()


def said(widget: QWidget | None) -> str:
    """All words of a part of the screen."""
    assert widget is not None
    return " ".join(each.text() for each in widget.findChildren(QWidget) if hasattr(each, "text"))


def shown_text(row: AnswerMessage) -> str:
    return "\n".join(part.code if isinstance(part, CodeBlock) else part.toPlainText() for part in row.body.parts)
