"""The chat screen: chats at the left, the transcript and the composer in the middle."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QPaintEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QMenu, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from desktop_app.domain.errors import InkwellError, TemplateError
from desktop_app.domain.generation import WorkerPhase
from desktop_app.presenters.chat import ChatPresenter, Phase, UnopenedChat
from desktop_app.presenters.chat_rows import MessageRowId
from desktop_app.ui.actions import ON_PAGE
from desktop_app.ui.chat.attaching import Attaching
from desktop_app.ui.chat.chat_list_pane import ChatListPane
from desktop_app.ui.chat.chat_organising import OF_OPEN_CHAT, ChatOrganising
from desktop_app.ui.chat.composer import Composer
from desktop_app.ui.chat.context_controls import ContextControls
from desktop_app.ui.chat.context_meter_bar import ContextMeterBar
from desktop_app.ui.chat.empty_chat import EmptyChat
from desktop_app.ui.chat.find_controls import FindControls
from desktop_app.ui.chat.foot import Foot
from desktop_app.ui.chat.links import Opener, ask_to_open, open_in_browser
from desktop_app.ui.chat.message_actions import MessageActions
from desktop_app.ui.chat.temporary_bar import LeaveQuestion, TemporaryBar
from desktop_app.ui.chat.transcript_tail import TranscriptTail
from desktop_app.ui.chat.transcript_view import TranscriptView
from desktop_app.ui.widgets import PANE_WIDTH, IconButton, PaneHead, Pill, PlainLabel, plain_tool_tip

if TYPE_CHECKING:
    from desktop_app.presenters.shell import ShellPresenter
    from desktop_app.ui.actions import Actions
    from desktop_app.ui.chat.unopened_chat import UnopenedChatPage
    from desktop_app.ui.chat.writing_page import Retry, WritingPage
    from desktop_app.ui.theme.theme import Theme
    from desktop_app.ui.widgets import ButtonAction

_COMPACT_PANE = 220
_MOST_OF_WIDTH = 1 / 3  # of the screen's, for the list, whatever the font's size
_AFTER_FIRST_PAINT_MS = 30  # what the first picture can do without is made then, not within the paint event
_WARM_UP_MS = 600  # after that, while the model loads
_MODEL_CODES = (
    "model",
    "model_missing",
    "model_unreadable",
    "model_damaged",
    "model_unsafe",
    "model_load",
    "out_of_memory",
    "template",
)


class ChatScreen(QWidget):
    """Draws ChatPresenter, and asks it for everything."""

    painted = Signal()  # once, soon after its first picture: what that does without can be made

    def __init__(
        self,
        presenter: ChatPresenter,
        theme: Theme,
        actions: Actions,
        shell: ShellPresenter,
        *,
        open_link: Opener = open_in_browser,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._presenter = presenter
        self._theme = theme
        self._actions = actions
        self._shell = shell
        self._open_link = open_link
        self._started = False
        self._was_painted = False
        self.next_steps_for: dict[str, Callable[[], list[ButtonAction]]] = {}
        """What can be done about an error of that code, beside what the screen itself knows."""
        self._choose_scope: Callable[[str, list[str]], object] | None = None
        self._waiting_scope: tuple[str, list[str]] | None = None
        self.closes_first: list[Callable[[], bool]] = []
        """Asked by Esc before the answer is stopped; each says whether it closed something."""
        self._wanted_anchor: tuple[int, int] | None = None
        self._writing: WritingPage | None = None
        self.unopened: UnopenedChatPage | None = None
        """What stands in the place of a chat that could not be opened, once there was one."""
        self.pane = ChatListPane(presenter.chats, theme, actions)
        self.head = PaneHead()
        self.temporary = TemporaryBar(actions["chat.keep"])
        self.model_pill = Pill("")
        self.tail = TranscriptTail(theme)
        self.transcript = TranscriptView(presenter.transcript, theme, self.tail, presenter.branches.edit_of)
        self.messages = MessageActions(presenter, self.transcript, actions, shell, theme, self.focus_default)
        self.empty = EmptyChat(theme)
        self.composer = Composer(theme, actions["chat.stop"], actions["window.escape"], actions["chat.attach"])
        self.attaching = Attaching(
            presenter.attachments, self.composer, actions, shell, theme, self, in_trash=lambda: self.messages.in_trash
        )
        self.meter = ContextMeterBar(presenter.meter, theme, presenter.window)
        self.context = ContextControls(presenter, self.transcript, theme, actions, self)
        self._link_target = PlainLabel("", "keys")
        self._lay_out()
        self._connect_presenter()
        self._connect_widgets()
        self._connect_actions()
        theme.changed.connect(self._fit_pane)
        self.pane.narrowest_changed.connect(self._fit_pane)
        self._fit_pane()
        self._show_chat()
        self._show_model()

    # Building -----------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        self.model_pill.setAccessibleDescription(self.tr("The chat model. Opens the Models screen."))
        self.head.add(self.model_pill)
        more = IconButton(self._theme.icon("more"), self.tr("More"))
        menu = QMenu(more)
        for name in OF_OPEN_CHAT:
            menu.addAction(self._actions[name])
        more.set_menu(menu)
        self.head.add(more)
        self.finding = FindControls(
            self._presenter, self.transcript, self._theme, self._actions, lambda: self.writing.find_bar
        )
        self.stack = QStackedWidget()
        self.stack.addWidget(self.empty)
        self.stack.addWidget(self.transcript)
        self._foot = Foot(self._theme)
        self._foot.column.addWidget(self.composer)
        self._foot.column.addWidget(self.meter)
        self._feet = QWidget()  # it holds the composer's and the page's, of which one at most is shown
        self._feet_rows = QVBoxLayout(self._feet)
        self._feet_rows.setContentsMargins(0, 0, 0, 0)
        self._feet_rows.setSpacing(0)
        self._feet_rows.addWidget(self._foot)
        self.organising = ChatOrganising(self._presenter.chats, self.pane, self._actions, self._shell, self._show_foot)
        middle = QFrame()
        middle.setProperty("role", "window")
        rows = QVBoxLayout(middle)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(0)
        rows.addWidget(self.head)
        rows.addWidget(self.temporary)
        rows.addWidget(self.organising.trash_bar)
        rows.addWidget(self.finding.bar)
        rows.addWidget(self.stack, 1)
        rows.addWidget(self._feet)
        self._compact = False
        self._pane_chosen: float | None = None  # the width a person gave the list, in designed pixels
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        self.splitter.setHandleWidth(1)
        self.splitter.setChildrenCollapsible(False)
        self.splitter.addWidget(self.pane)
        self.splitter.addWidget(middle)
        self.splitter.setStretchFactor(0, 0)
        self.splitter.setStretchFactor(1, 1)
        self.splitter.splitterMoved.connect(self._pane_moved)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.splitter)
        self._link_target.setParent(self.stack)
        self._link_target.hide()
        QWidget.setTabOrder(self.composer.edit, self.meter)

    @property
    def writing(self) -> WritingPage:
        """The page of free writing, made when it is first asked for."""
        if self._writing is None:
            from desktop_app.ui.chat.writing_page import WritingPage

            self._writing = WritingPage(
                self._presenter,
                self._theme,
                self._actions,
                lambda error, retry: self._next_steps(error, retry=retry),
                self._loading_text,
            )
            self.stack.addWidget(self._writing)
            self._feet_rows.addWidget(self._writing.foot)
        return self._writing

    def _connect_presenter(self) -> None:
        presenter = self._presenter
        presenter.opened.connect(self._show_chat)
        presenter.title_changed.connect(self._show_title)
        presenter.activity_changed.connect(self._show_activity)
        presenter.problem_changed.connect(self._show_problem)
        presenter.model_changed.connect(self._show_model)
        presenter.composer_replaced.connect(self._replace_draft)
        presenter.markdown_ready.connect(self._copy_chat)
        presenter.failed.connect(self._shell.show_error)
        presenter.meter.changed.connect(self._show_refusal)
        presenter.meter.changed.connect(self._enable_actions)
        presenter.attachments.content_changed.connect(self._enable_actions)
        presenter.writing.changed.connect(self._enable_keep)
        presenter.temporary.leave_asked.connect(self._ask_to_leave)
        presenter.temporary.kept.connect(self._say_kept)
        presenter.chats.trashed.connect(self._offer_undo)
        presenter.chats.restored.connect(presenter.open)
        presenter.answers.began.connect(self._answer_began)
        presenter.transcript.appended.connect(lambda _index: self._show_stack())
        presenter.transcript.truncated.connect(lambda _index: self._show_stack())
        presenter.transcript.path_changed.connect(lambda _index: self._show_stack())
        presenter.transcript.version_changed.connect(lambda _index: self._enable_actions())
        presenter.branches.path_changed.connect(self._enable_actions)
        presenter.transcript.replaced.connect(lambda _index: self._enable_actions())
        self._shell.open_chat.connect(presenter.open)
        self._shell.open_message.connect(lambda chat, message: presenter.jump.go(MessageRowId(chat, message)))
        self._shell.ask_among.connect(self._ask_among_notes)
        self._shell.add_closer(presenter.unsaved)

    def _connect_widgets(self) -> None:
        presenter, shell = self._presenter, self._shell
        self.pane.chat_chosen.connect(self._open_chosen)
        self.pane.message_chosen.connect(presenter.jump.go)
        presenter.jump.arrived.connect(self._go_to_message)
        self.pane.search_wanted.connect(shell.search)
        self.model_pill.clicked.connect(lambda: shell.go("models"))
        self.composer.draft_changed.connect(self._draft_changed)
        self.composer.send_wanted.connect(self._send)
        self.composer.stop_wanted.connect(presenter.stop)
        self.composer.withdraw_wanted.connect(self._withdraw)
        self.transcript.link_activated.connect(self._ask_link)
        self.transcript.attachment_wanted.connect(presenter.attachments.open)
        self.transcript.link_hovered.connect(self._show_link_target)
        self.tail.resized.connect(self.transcript.place)
        self.empty.search_wanted.connect(lambda: shell.search(self.tr("where are my notes kept")))
        self.empty.notes_wanted.connect(self._add_notes)
        self.empty.models_wanted.connect(lambda: shell.go("models"))
        self.empty.better_wanted.connect(presenter.model.use_better)
        self.empty.writing_wanted.connect(self._go_to_writing)

    def _connect_actions(self) -> None:
        for name, slot in (
            ("chat.new", self._new_chat),
            ("chat.temporary", self._new_temporary_chat),
            ("chat.writing", self._new_writing),
            ("chat.temporary_writing", self._new_temporary_writing),
            ("chat.keep", self._keep),
            ("chat.copy", self._presenter.copy_markdown),
            ("chat.filter", self._focus_filter),
            ("chat.stop", self._presenter.stop),
            ("chat.withdraw", self._withdraw),
            ("chat.latest", self.transcript.go_to_latest),
            ("chat.context", self.meter.open_popup),
        ):
            self._actions[name].triggered.connect(slot)
        for name in self._actions:
            if name.startswith(ON_PAGE):
                self._actions[name].triggered.connect(lambda _=False, name=name: self.writing.act(name))

    def choose_scope_by(self, choose: Callable[[str, list[str]], object]) -> None:
        """`choose(filters, titles)` has the shown chat answer from these notes; what was asked for before is chosen."""
        self._choose_scope = choose
        waiting, self._waiting_scope = self._waiting_scope, None
        if waiting is not None:
            choose(*waiting)

    # What MainWindow asks -----------------------------------------------------------------------

    def save_state(self) -> dict[str, Any]:
        """The open chat, the place in it, and the pane's width."""
        anchor = None if self.transcript.following else self.transcript.anchor()
        if self._presenter.temporary.is_shown:
            return {"chat": None, "anchor": None, "pane": self._pane_chosen}
        unopened = self._presenter.unopened
        return {
            "chat": self._presenter.conversation_id if unopened is None else unopened.conversation_id,
            "anchor": list(anchor) if anchor is not None else None,
            "pane": self._pane_chosen,
        }

    def restore_state(self, state: dict[str, Any]) -> None:
        """Undo `save_state`, as far as what was saved still makes sense."""
        pane = state.get("pane")
        if isinstance(pane, int | float) and pane > 0:
            self._pane_chosen = float(pane)
            self._fit_pane()
        anchor = state.get("anchor")
        if isinstance(anchor, list) and len(anchor) == 2 and all(isinstance(number, int) for number in anchor):
            self._wanted_anchor = (anchor[0], anchor[1])
        chat = state.get("chat")
        if isinstance(chat, int):
            self._presenter.open(chat)

    def focus_default(self) -> None:
        """What one writes in has the keyboard."""
        if self._presenter.unopened is not None:
            self.pane.list.setFocus()
        else:
            (self.writing.editor if self._presenter.slot.is_writing else self.composer.edit).setFocus()

    def on_escape(self) -> bool:
        """Close the editor that has the keyboard, the find bar, the archive or the trash; else take back what waits for
        another chat, else stop the answer, else close any editor; false for none of it.
        """
        if self.messages.leave_edit(only_with_keyboard=True) or self.finding.close() or self.pane.on_escape():
            return True
        if any(close() for close in self.closes_first) or self._presenter.withdraw_elsewhere():
            return True
        return self._presenter.stop() or self.messages.leave_edit(only_with_keyboard=False)

    def attach_dropped(self, paths: list[Path]) -> bool:
        """Attach dropped files; false for folders and models, which mean something else, and where nothing is sent."""
        presenter = self._presenter
        return not presenter.slot.is_writing and presenter.unopened is None and self.attaching.take_drop(paths)

    def attach_notes(self, note_ids: list[int]) -> None:
        """Attach notes that were dropped on the way here; to a new chat where a page of free writing is shown."""
        if self._presenter.slot.is_writing or self._presenter.unopened is not None:
            self._in_new_chat(lambda: self.attaching.take_notes(note_ids))
        else:
            self.attaching.take_notes(note_ids)

    def drop_words(self) -> tuple[str, str] | None:
        """What dropping files here does; None where it is what it is everywhere."""
        takes = not self._presenter.slot.is_writing and self._presenter.unopened is None
        return self.attaching.drop_words() if takes else None

    def notices_keep_clear_of(self) -> QWidget:
        """The foot: no notice may lie over what is being written, or over Send and Stop."""
        return self._feet

    def set_compact(self, compact: bool) -> None:
        """A narrower list in a narrow window; the width that a person chose stays otherwise."""
        self._compact = compact
        self._fit_pane()

    def _pane_moved(self) -> None:
        self._pane_chosen = self.splitter.sizes()[0] / self._theme.scale

    def _fit_pane(self) -> None:
        """The list keeps its width in letters, but leaves most of the screen to the messages."""
        designed = self._pane_chosen or (_COMPACT_PANE if self._compact else PANE_WIDTH)
        most = max(int(self.width() * _MOST_OF_WIDTH), self.pane.minimumWidth())
        wanted = max(self.pane.minimumWidth(), min(self._theme.px(designed), most))
        if self.splitter.sizes()[0] != wanted:
            self.splitter.setSizes([wanted, max(1, self.width() - wanted - self.splitter.handleWidth())])

    def showEvent(self, event: QShowEvent) -> None:
        """The list and the model are asked for once the window is on the screen."""
        super().showEvent(event)
        if not self._started:
            self._started = True
            QTimer.singleShot(0, self, self._presenter.start)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Counted from here and not from the show, which a slow computer paints long after."""
        super().paintEvent(event)
        if not self._was_painted:
            self._was_painted = True
            QTimer.singleShot(_AFTER_FIRST_PAINT_MS, self, self._after_first_paint)

    def _after_first_paint(self) -> None:
        self._presenter.load_model()
        self.painted.emit()
        QTimer.singleShot(_WARM_UP_MS, self, self._warm_up)

    def _warm_up(self) -> None:
        if self._presenter.is_closed:
            return
        from desktop_app.ui.chat import message_rows  # noqa: F401  # before the first message
        from desktop_app.ui.chat.markdown_document import warm_up

        self._shell.tasks.run(lambda _cancel: warm_up(), done=lambda _result: None, channel="chat.warm_up")

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The composer may take its share of the new height, the list of the new width."""
        super().resizeEvent(event)
        self._fit_pane()
        self.composer.set_room_height(self.height())

    # Showing ------------------------------------------------------------------------------------

    def _show_chat(self) -> None:
        self.pane.select_chat(self._presenter.conversation_id)
        self._show_stack()
        self._show_title()
        self._enable_actions()
        if self._wanted_anchor is not None and self._presenter.conversation_id is not None:
            self.transcript.go_to(self._wanted_anchor)
            self._wanted_anchor = None

    def _show_stack(self) -> None:
        if self._presenter.unopened is not None:
            self._show_unopened(self._presenter.unopened)
        elif self._presenter.slot.is_writing:
            self.stack.setCurrentWidget(self.writing)
        else:
            self.stack.setCurrentWidget(self.empty if self._presenter.is_empty else self.transcript)
        self._show_foot()
        self.composer.set_follow_up(not self._presenter.is_empty)
        if self._presenter.is_empty:
            self._show_welcome()
        self._enable_actions()

    def _show_unopened(self, chat: UnopenedChat) -> None:
        if self.unopened is None:
            from desktop_app.ui.chat.unopened_chat import UnopenedChatPage

            self.unopened = UnopenedChatPage(self._theme, self._presenter.open_unopened, self._new_chat)
            self.stack.addWidget(self.unopened)
        self.unopened.show_chat(chat)
        self.stack.setCurrentWidget(self.unopened)

    def _show_welcome(self) -> None:
        if self._presenter.model_cannot_chat is not None:
            self.empty.show_base_model()
        else:
            error = self._presenter.model.error
            missing = error is not None and error.code == "model_missing"
            self.empty.show_welcome(starter=self._presenter.model.is_starter, missing=missing)
            better = self._presenter.model.better
            name = better.name if better is not None else ""
            self.empty.show_better(name, self._presenter.model.better_words)

    def _show_foot(self) -> None:
        """What one writes with; not where the chat is in the trash, or begun with a model that cannot chat."""
        presenter = self._presenter
        in_trash = presenter.chats.opened is not None and presenter.chats.opened.trashed_at is not None
        begins = presenter.is_empty and presenter.model_cannot_chat is not None
        shown = not in_trash and not begins and not presenter.slot.is_writing and presenter.unopened is None
        if not shown and self._foot.isAncestorOf(self.focusWidget() or self):
            self.pane.list.setFocus()  # Qt would give the keyboard to whatever comes next in the window
        self._foot.setVisible(shown)
        if self._writing is not None:
            self._writing.foot.setVisible(not in_trash and presenter.slot.is_writing)
            self._writing.set_in_trash(in_trash)

    def _show_title(self) -> None:
        title, temporary = self._presenter.title, self._presenter.temporary.is_shown
        is_page = self._presenter.slot.is_writing
        self._actions["chat.keep"].setText(self.tr("Keep this free writing") if is_page else self.tr("Keep this chat"))
        self.head.title.setText(title)
        self.temporary.setVisible(temporary)
        self.pane.temporary.show_title(title if temporary else "")
        self.pane.select_chat(self._presenter.conversation_id)

    def _show_activity(self) -> None:
        activity = self._presenter.activity
        self.composer.show_activity(activity)
        self._show_refusal()
        self.tail.show_activity(activity, self._loading_text() if activity.phase is Phase.WAITING_FOR_MODEL else "")
        self._enable_actions()

    def _show_problem(self) -> None:
        """Say what went wrong with a message, else with the model; under the messages, or where none is yet."""
        presenter = self._presenter
        error, retry = presenter.problem, presenter.retry_last
        of_model = error is None
        if of_model:
            error, retry = presenter.model.error, presenter.model.start
        if error is None and not presenter.is_empty:
            error = presenter.model_cannot_chat
        actions = self._next_steps(error, retry=retry) if error is not None else []
        self.empty.show_problem(error, actions)
        hidden = of_model and presenter.activity.phase is not Phase.IDLE
        self.tail.show_problem(None if hidden else error, [] if hidden else actions)

    def _show_model(self) -> None:
        self.model_pill.set_text(self._presenter.model.pill)
        self.model_pill.setVisible(bool(self._presenter.model.pill))
        loading = self._presenter.model.is_loading and self._presenter.model.error is None
        status = self._presenter.model.status
        fraction = status.progress if status.phase is WorkerPhase.LOADING else None
        self.empty.show_loading(self._loading_text(), fraction, shown=loading)
        if self._presenter.is_empty:
            self._show_welcome()
        self._show_foot()
        self._show_problem()
        if self._presenter.activity.phase is Phase.WAITING_FOR_MODEL:
            self._show_activity()

    def _loading_text(self) -> str:
        status = self._presenter.model.status
        if status.phase is WorkerPhase.LOADING and status.progress > 0:
            return self.tr("Loading the chat model, {0} %").format(round(status.progress * 100))
        if status.phase is WorkerPhase.RESTARTING:
            return self.tr("Starting the chat model again")
        return self.tr("Starting the chat model")

    def _next_steps(self, error: InkwellError, *, retry: Retry) -> list[ButtonAction]:
        """What can be done about an error, the most useful first."""
        if error.code in self.next_steps_for:
            return self.next_steps_for[error.code]()
        if error.code == "message_too_long":
            return [(self.tr("Open settings"), lambda: self._shell.go("settings"))]
        if error.code == "context_full":
            return self.context.next_steps()
        if error.code == "model_quarantined":
            return [
                (self.tr("Choose another model…"), lambda: self._shell.go("models")),
                (self.tr("Try this one again"), lambda: retry(forgive=True)),
            ]
        if isinstance(error, TemplateError) and error.built_in is not None:
            words = self.tr("Use the built-in template for this model ({0})").format(error.built_in.family)
            return [(words, self._presenter.use_built_in_template)]
        if error.code == "base_model":
            return [
                (self.tr("Free writing"), self._go_to_writing),
                (self.tr("Choose another model…"), lambda: self._shell.go("models")),
            ]
        again: ButtonAction = (self.tr("Try again"), retry)
        if error.code in _MODEL_CODES:
            return [(self.tr("Choose a model…"), lambda: self._shell.go("models")), again]
        return [again]

    def _show_refusal(self) -> None:
        refused = self._presenter.meter.refuses(self.composer.draft)
        self.composer.show_refusal(self._presenter.meter.too_long_error() if refused else None)

    def _replace_draft(self, text: str) -> None:
        self.composer.set_draft(text)

    def _enable_actions(self) -> None:
        known = self._presenter.conversation_id is not None
        idle = self._presenter.activity.phase is Phase.IDLE
        self._enable_keep()
        messages, is_writing = self._presenter.transcript.messages, self._presenter.slot.is_writing
        self._actions["chat.copy"].setEnabled(known and (is_writing or bool(messages)))
        for name in ("chat.attach", "chat.attach_note", "chat.format", "chat.notes", "chat.notes_where"):
            self._actions[name].setEnabled(not is_writing and self._presenter.unopened is None)
        self._actions["chat.stop"].setEnabled(not idle)
        self._actions["chat.withdraw"].setEnabled(bool(self._presenter.activity.queued))
        self._actions["chat.context"].setEnabled(self._presenter.meter.meter is not None)
        self._actions["chat.latest"].setEnabled(bool(messages))
        self.messages.enable()
        self.context.enable_actions()

    def _enable_keep(self) -> None:
        self._actions["chat.keep"].setEnabled(self._presenter.temporary.would_be_lost)

    # Doing --------------------------------------------------------------------------------------

    def _send(self) -> None:
        if self._presenter.send():
            self.transcript.go_to_latest()

    def _answer_began(self) -> None:
        if self._presenter.answers.is_here:
            self.organising.leave_trash()

    def _withdraw(self) -> None:
        self._presenter.withdraw()
        self.focus_default()

    def _draft_changed(self, text: str) -> None:
        self._presenter.set_draft(text)
        self._enable_keep()

    def _new_chat(self) -> None:
        self._presenter.new_chat()
        self.focus_default()

    def _in_new_chat(self, act: Callable[[], object]) -> None:
        """Once a new chat is shown: leaving a temporary one is asked about first."""
        self._presenter.new_chat(then=act)
        self.focus_default()

    def _new_writing(self) -> None:
        self._presenter.new_writing()
        self.focus_default()

    def _go_to_message(self, message_id: int) -> None:
        if self._presenter.slot.is_writing:
            self.writing.go_to_piece(message_id)
        else:
            self.transcript.go_to_message(message_id)

    def _new_temporary_chat(self) -> None:
        self._presenter.new_chat(temporary=True)
        self.focus_default()

    def _new_temporary_writing(self) -> None:
        self._presenter.new_writing(temporary=True)
        self.focus_default()

    def _go_to_writing(self) -> None:
        """To a page instead of the shown chat: as temporary as that."""
        self._presenter.new_writing(temporary=self._presenter.temporary.is_shown)
        self.focus_default()

    def _keep(self) -> None:
        self._presenter.temporary.keep()

    def _say_kept(self) -> None:
        is_page = self._presenter.slot.is_writing
        words = self.tr("This free writing is kept now") if is_page else self.tr("This chat is kept now")
        self._shell.show_notice(words)

    def _ask_to_leave(self, go: Callable[[], None]) -> None:
        keep = partial(self._presenter.temporary.keep, go)
        LeaveQuestion(go, keep, self.window(), of_page=self._presenter.slot.is_writing).open()
        self.pane.select_chat(self._presenter.conversation_id)

    def _open_chosen(self, conversation_id: int) -> None:
        self._presenter.open(conversation_id)

    def _offer_undo(self, conversation_id: int, title: str) -> None:
        self._shell.show_notice(
            self.tr("“{0}” moved to the trash").format(title),
            lambda: self._presenter.chats.restore(conversation_id),
        )

    def _focus_filter(self) -> None:
        self.pane.filter.setFocus()
        self.pane.filter.selectAll()

    def _ask_among_notes(self, note_ids: list[int], titles: list[str], question: str) -> None:
        from desktop_app.domain.search_question import among  # not needed for the first picture

        def carry() -> None:
            if self._choose_scope is not None:
                self._choose_scope(among(note_ids), titles)
            else:  # the screen was made for this question, and is about to get it
                self._waiting_scope = (among(note_ids), titles)
            if question:
                self._replace_draft(question)
                self._draft_changed(question)

        self._in_new_chat(carry)

    def _add_notes(self) -> None:
        self._shell.go("notes")
        self._actions["note.import_folder"].trigger()

    def _copy_chat(self, markdown: str) -> None:
        QGuiApplication.clipboard().setText(markdown)
        self._shell.show_notice(self.tr("Chat copied as Markdown"))

    def message_menu(self, message_id: int) -> QMenu:
        """What can be done with one message."""
        return self.messages.menu(message_id)

    def _ask_link(self, target: str) -> None:
        ask_to_open(target, self._open_link, self)

    def _show_link_target(self, target: str) -> None:
        self._link_target.setVisible(bool(target))
        if target:
            shown = target if len(target) <= 120 else target[:119] + "…"
            self._link_target.setText(shown)
            self._link_target.setToolTip(plain_tool_tip(target))
            self._link_target.adjustSize()
            self._link_target.move(8, self.stack.height() - self._link_target.height() - 8)
            self._link_target.raise_()
