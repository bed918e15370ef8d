"""The page of free writing: the model goes on in place, and what it wrote is taken over or taken back."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QTextBlock, QTextCursor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from desktop_app.domain.editor_text import decode, encode
from desktop_app.domain.errors import DiskFullError, ModelLoadError, WorkerCrashedError
from desktop_app.domain.generation import LoadedDecoder, StopReason, WorkerPhase, WorkerStatus
from desktop_app.presenters.chat_rows import MessageRowId
from desktop_app.presenters.rows import RowRole
from desktop_app.presenters.save_state import SaveKind
from desktop_app.presenters.tasks import TaskRunner
from desktop_app.ui.actions import Actions
from desktop_app.ui.chat.writing_editor import WritingEditor
from desktop_app.ui.theme.theme import Theme
from tests.fakes.fake_writing import READING, FakeMeter
from tests.ui.chat_room import Room, open_room, said

CTRL = Qt.KeyboardModifier.ControlModifier


class Page:
    """The page in its room."""

    def __init__(self, room: Room) -> None:
        self.room = room
        self.service = room.writing
        self.presenter = room.presenter.writing
        self.view = room.screen.writing

    @property
    def editor(self) -> WritingEditor:
        return self.view.editor

    @property
    def text(self) -> str:
        return decode(self.editor.display_text())

    @property
    def pending(self) -> str:
        return self.editor.pending_text()

    @property
    def id(self) -> int:
        shown = self.room.presenter.conversation_id
        assert shown is not None
        return shown

    @property
    def stored(self) -> str:
        return self.service.text(self.id) if self.room.presenter.conversation_id is not None else ""

    def new(self) -> None:
        self.room.actions["chat.writing"].trigger()

    def open(self, page: int) -> None:
        self.room.presenter.open(page)
        self.room.until(lambda: self.room.presenter.conversation_id == page)
        self.room.settle()

    def type(self, text: str) -> None:
        QTest.keyClicks(self.editor, text)

    def key(self, key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        QTest.keyClick(self.editor, key, modifiers)

    def act(self, name: str) -> None:
        action = self.room.actions[name]
        assert action.isEnabled(), name
        action.trigger()

    def can(self, name: str) -> bool:
        return self.room.actions[name].isEnabled()

    def go_on(self, *pieces: str | StopReason, text: str = "") -> None:
        """Continue, and see these pieces come."""
        before = text or self.text
        self.act("writing.go_on")
        self.service.feed(*pieces)
        words = "".join(each for each in pieces if not isinstance(each, StopReason))
        self.until(lambda: self.text == before + words)
        if isinstance(pieces[-1], StopReason):
            self.idle()

    def idle(self) -> None:
        self.until(lambda: self.room.presenter.answers.running is None)
        self.room.settle()

    def saved(self) -> None:
        self.until(lambda: self.presenter.state.kind is SaveKind.SAVED and self.room.tasks.idle)

    def until(self, condition: Callable[[], object]) -> None:
        self.room.until(condition)


@pytest.fixture
def page(theme: Theme, actions: Actions, tasks: TaskRunner, qtbot: QtBot) -> Iterator[Page]:
    with open_room(qtbot, theme, actions, tasks) as room:
        room.show()
        room.screen.activateWindow()
        made = Page(room)
        room.until(lambda: not room.presenter.model.is_loading)
        made.new()
        yield made


def test_an_empty_page_says_what_it_is_for(page: Page) -> None:
    assert page.editor.isVisible()
    assert not page.room.screen.composer.isVisible()
    assert page.editor.hint == "Write a beginning. The model goes on from there."
    assert page.room.screen.head.title.text() == "Free writing"
    assert not page.can("writing.go_on")
    page.type("  ")
    assert not page.can("writing.go_on"), "blanks are no beginning"
    page.type("Once")
    assert page.can("writing.go_on")


def test_making_the_page_shows_no_window_of_its_own(
    theme: Theme, actions: Actions, tasks: TaskRunner, qtbot: QtBot, qapp: QApplication
) -> None:
    shown: list[QObject] = []

    class Watch(QObject):
        def eventFilter(self, watched: QObject, event: QEvent) -> bool:
            if event.type() == QEvent.Type.Show and isinstance(watched, QWidget) and watched.isWindow():
                shown.append(watched)
            return False

    with open_room(qtbot, theme, actions, tasks) as room:
        room.show()
        watch = Watch()
        qapp.installEventFilter(watch)
        Page(room).new()
        room.turn()
        qapp.removeEventFilter(watch)
    assert shown == []


def test_the_model_goes_on_in_place_in_a_quieter_colour(page: Page, theme: Theme) -> None:
    page.type("Once")
    page.act("writing.go_on")
    page.service.feed(" upon a time")
    page.until(lambda: page.text == "Once upon a time")
    assert page.pending == " upon a time"
    (quiet,) = page.editor.extraSelections()
    assert quiet.format.foreground().color() == theme.color("muted_text")  # type: ignore[attr-defined]
    assert page.view.stop.isVisible()
    page.until(lambda: page.room.screen.head.title.text() == "Once")
    assert page.view.saved.text() == "Saving…"
    assert not page.view.go_on.isVisible()
    page.service.feed(StopReason.END)
    page.idle()
    assert page.view.go_on.isVisible()
    assert page.stored == "Once upon a time"
    assert page.view.saved.text() == "Saved"
    assert page.pending == " upon a time", "it stays pending until it is taken over"
    assert page.service.asked == ["Once"]


def test_it_is_stopped_by_button_and_by_escape(page: Page) -> None:
    page.type("Once")
    page.go_on(" upon")
    page.room.qtbot.mouseClick(page.view.stop, Qt.MouseButton.LeftButton)
    page.idle()
    assert page.view.note.text() == "Stopped"
    assert page.pending == " upon"
    page.go_on(" a", text="Once upon")
    assert page.room.screen.on_escape()
    page.idle()
    assert page.stored == "Once upon a"


def test_undo_takes_the_continuation_back_and_ctrl_z_brings_it_again(page: Page) -> None:
    page.type("Once")
    page.go_on(" upon", " a", " time", StopReason.END)
    page.act("writing.take_back")
    assert page.text == "Once"
    assert not page.can("writing.take_back")
    page.saved()
    assert page.stored == "Once"
    page.key(Qt.Key.Key_Z, CTRL)
    assert page.text == "Once upon a time"


def test_ctrl_z_takes_a_whole_continuation_back_in_one_step(page: Page) -> None:
    page.type("Once")
    page.go_on(" upon", " a", StopReason.END)
    page.key(Qt.Key.Key_Z, CTRL)
    assert page.text == "Once", "what was typed before is another step"
    page.key(Qt.Key.Key_Y, CTRL)
    assert page.text == "Once upon a"
    page.type("!")
    page.key(Qt.Key.Key_Z, CTRL)
    assert page.text == "Once upon a", "what is typed behind it is another step"
    page.saved()
    assert page.stored == page.text


def test_two_continuations_are_taken_back_one_by_one(page: Page) -> None:
    page.type("Once")
    page.go_on(" upon", StopReason.END)
    page.go_on(" a time", StopReason.END)
    assert page.pending == " a time"
    page.key(Qt.Key.Key_Z, CTRL)
    assert page.text == "Once upon"
    page.key(Qt.Key.Key_Z, CTRL)
    assert page.text == "Once"


def test_try_again_writes_another_continuation_in_its_place(page: Page) -> None:
    page.type("Once")
    page.go_on(" upon", StopReason.END)
    page.act("writing.try_again")
    page.service.feed(" there", StopReason.END)
    page.idle()
    assert page.text == "Once there"
    assert page.service.asked == ["Once", "Once"]
    page.saved()
    assert page.stored == "Once there"


def test_try_again_stops_the_continuation_under_way_first(page: Page) -> None:
    page.type("Once")
    page.go_on(" upon")
    page.act("writing.try_again")
    page.until(lambda: len(page.service.asked) == 2)
    page.service.feed(" there", StopReason.END)
    page.idle()
    assert page.text == "Once there"


def test_words_are_accepted_one_by_one_and_then_all(page: Page) -> None:
    page.type("Once")
    page.go_on(" upon a time", StopReason.END)
    page.key(Qt.Key.Key_Right, CTRL)
    assert page.pending == " a time"
    page.act("writing.accept_word")
    assert page.pending == " time"
    page.saved()
    page.act("writing.take_back")
    assert page.text == "Once upon a", "only what was not accepted goes"
    page.go_on(" well", StopReason.END)
    page.key(Qt.Key.Key_Tab)
    assert page.pending == ""
    assert page.editor.hasFocus()
    assert not page.can("writing.accept")
    page.saved()
    page.key(Qt.Key.Key_Tab)
    assert not page.editor.hasFocus(), "without anything pending Tab leaves the text"


def test_what_was_accepted_stays_so_when_the_page_is_opened_again(page: Page) -> None:
    page.type("Once")
    page.go_on(" upon a time", StopReason.END)
    page.act("writing.accept_word")
    page.saved()
    written = page.id
    page.room.presenter.new_chat()
    page.open(written)
    assert page.pending == " a time"


def test_typing_takes_over_what_stands_there(page: Page) -> None:
    page.type("Once")
    page.go_on(" upon", StopReason.END)
    page.type("!")
    assert (page.text, page.pending) == ("Once upon!", "")
    page.saved()
    assert [piece.text for piece in page.service.pieces(page.id)] == ["Once", " upon", "!"]


def test_moving_and_clicking_take_nothing_over(page: Page) -> None:
    page.type("Once")
    page.go_on(" upon")
    page.key(Qt.Key.Key_Home)
    QTest.mouseClick(page.editor.viewport(), Qt.MouseButton.LeftButton)
    assert page.pending == " upon"
    assert page.presenter.is_running


def test_typing_while_the_model_writes_stops_it_and_loses_nothing(page: Page) -> None:
    page.type("Once")
    page.go_on(" upon")
    page.type(", well")
    page.service.feed(" a time")
    page.idle()
    page.saved()
    assert page.text == "Once upon, well"
    assert page.stored == "Once upon, well", "what came after the first key is not wanted"
    assert page.pending == ""


def test_the_text_is_saved_while_it_is_written_and_said_to_be(page: Page) -> None:
    page.type("Once upon")
    assert page.view.saved.text() == "Not saved yet"
    page.until(lambda: page.view.saved.text() == "Saved")
    assert page.stored == "Once upon"
    assert page.room.presenter.title == "Once upon"
    model = page.room.presenter.chats.model
    page.until(lambda: [row.title for row in model.rows if row.id == page.id] == ["Once upon"])
    assert [row.icon for row in model.rows if row.id == page.id] == ["writing"]
    assert model.index(model.row_of(page.id)).data(RowRole.ICON) == "writing"


def test_what_cannot_be_saved_stays_and_is_said(page: Page) -> None:
    page.service.save_error = DiskFullError("The text is not saved.", "The disk is full.", "Free some space.")
    page.type("Once")
    page.until(lambda: page.view.problem is not None)
    assert page.view.saved.text() == "Not saved"
    assert "The disk is full." in said(page.view.problem)
    assert "Free some space. What you typed is still here." in said(page.view.problem)
    page.room.presenter.new_chat()
    assert page.room.presenter.unsaved() == "A text you were writing is not saved: The text is not saved."
    page.service.save_error = None
    assert page.room.presenter.unsaved() == ""
    assert "Once" in page.service.saves


def test_a_text_that_was_not_saved_is_there_when_its_page_is_opened_again(page: Page) -> None:
    page.type("Once")
    page.saved()
    written = page.id
    page.service.save_error = DiskFullError("The text is not saved.")
    page.type(" more")
    page.room.presenter.new_chat()
    page.until(lambda: page.room.tasks.idle)
    page.room.presenter.open(written)
    page.room.settle()
    page.service.save_error = None
    page.room.presenter.open(written)
    page.until(lambda: page.room.presenter.conversation_id == written)
    page.saved()
    assert page.text == page.stored == "Once more"


def test_a_model_that_fails_is_said_where_it_happened(page: Page) -> None:
    page.type("Once")
    page.go_on(" upon")
    page.service.feed(WorkerCrashedError("The chat model stopped.", "It ran out of memory.", "Try again."))
    page.until(lambda: page.view.problem is not None)
    page.room.settle()
    assert "It ran out of memory." in said(page.view.problem)
    assert page.pending == " upon", "what came is kept"
    assert page.view.note.text().startswith("Interrupted")
    page.act("writing.go_on")
    page.service.feed(" a time", StopReason.END)
    page.idle()
    assert page.text == "Once upon a time"
    assert page.view.problem is None


def test_a_model_that_cannot_be_loaded_is_said_before_anything_is_asked(page: Page) -> None:
    page.room.load_error = ModelLoadError("The model could not be loaded.", "It is damaged.")
    page.room.presenter.model.start()
    page.until(lambda: page.view.problem is not None)
    assert "It is damaged." in said(page.view.problem)
    page.room.load_error = None
    page.room.presenter.model.start()
    page.until(lambda: page.view.problem is None)


def test_loading_and_reading_are_said(page: Page) -> None:
    page.room.decoder.become(WorkerStatus(WorkerPhase.LOADING, 0.4))
    page.until(lambda: page.view.note.text() == "Loading the chat model, 40 %")
    page.room.decoder.become(WorkerStatus(WorkerPhase.READY))
    page.type("Once")
    page.act("writing.go_on")
    page.service.feed(READING)
    page.until(lambda: page.view.note.text() == "Reading 512 tokens, 2 s")
    assert page.view.meter.fraction == 0.25
    page.service.feed(" upon", StopReason.END)
    page.idle()


def test_the_meter_says_how_full_the_context_is(page: Page) -> None:
    page.type("Once")
    page.until(lambda: page.view.note.text() == "40 % of context used · starts in about 0.2 s")
    assert page.view.meter.fraction == 0.4


def test_where_the_model_begins_to_read_a_long_text_is_marked(page: Page) -> None:
    page.service.meter_result = FakeMeter(reads_from=7, tokens=900)
    page.open(page.service.add_page("First.\nSecond.\nThird."))
    page.until(lambda: page.editor.reads_from is not None)
    assert page.editor.reads_from == 7
    assert page.view.note.text() == "The model reads the last 900 tokens, from the line in the text on"
    page.room.screen.grab()


def test_an_interrupted_continuation_is_kept_and_said(page: Page) -> None:
    page.open(page.service.add_page("Once", " upon", title="Once", stop_reason=StopReason.INTERRUPTED))
    assert page.text == "Once upon"
    assert page.pending == " upon"
    assert page.view.note.text() == "Interrupted. Continue goes on from here."


def test_the_model_goes_on_while_another_chat_is_shown(page: Page) -> None:
    chat = page.room.service.add_chat("Other", "Hello", "Hi")
    page.type("Once")
    page.go_on(" upon")
    written = page.id
    page.room.presenter.open(chat)
    page.until(lambda: page.room.presenter.conversation_id == chat)
    assert not page.can("writing.go_on")
    page.service.feed(" a")
    page.until(lambda: page.service.text(written) == "Once upon a")
    page.room.presenter.open(written)
    page.until(lambda: page.room.presenter.conversation_id == written)
    page.until(lambda: page.text == "Once upon a")
    assert page.pending == " upon a"
    page.service.feed(" time", StopReason.END)
    page.idle()
    assert page.text == "Once upon a time"


def test_a_page_is_not_gone_on_with_while_a_chat_is_answered(page: Page) -> None:
    page.type("Once")
    page.saved()
    written = page.id
    page.room.presenter.new_chat()
    page.room.type_and_send("Hello")
    page.until(lambda: page.room.presenter.answers.is_here)
    page.room.presenter.open(written)
    page.until(lambda: page.room.presenter.conversation_id == written)
    assert not page.can("writing.go_on")
    assert "An answer is being written" in page.view.note.text()
    page.room.service.feed("Hi", StopReason.END)
    page.idle()
    assert page.can("writing.go_on")


def test_a_hit_in_the_text_is_gone_to(page: Page) -> None:
    written = page.service.add_page("Öl 👩‍👩‍👧\n", "und Tinte", title="Öl")
    piece = page.service.pieces(written)[1]
    page.open(written)
    page.room.screen._go_to_message(piece.id)
    assert page.editor.textCursor().selectedText() == "und Tinte"
    assert MessageRowId(written, piece.id).message_id == piece.id


def test_awkward_text_comes_back_byte_for_byte(page: Page) -> None:
    text = "a\r\nb\0c\u2028d 👩‍👩‍👧 שלום\r\n"
    written = page.service.add_page(text, title="Odd")
    page.open(written)
    before = page.editor.display_text()
    page.act("writing.go_on")
    page.service.feed("x\r", "\ny\0z", "\u2028e", StopReason.END)
    page.until(lambda: len(page.editor.display_text()) > len(before) + 8)
    page.idle()
    page.type("!")
    page.saved()
    assert page.stored == f"{text}x\r\ny\0z\u2028e!"


def test_a_word_of_200_kb_does_not_hold_the_page_up(page: Page) -> None:
    word = "x" * 200_000
    written = page.service.add_page(word, title="Long")
    page.open(written)
    page.act("writing.go_on")
    page.service.feed(*("y" * 3_000 for _ in range(10)), StopReason.END)
    page.idle()
    assert decode(page.editor.display_text()) == word + "y" * 30_000
    assert decode(page.pending) == "y" * 30_000, "breaking long lines takes nothing over"
    longest = max(block.length() for block in _blocks(page.editor))
    assert longest < 25_000
    page.key(Qt.Key.Key_Z, CTRL)
    assert decode(page.editor.display_text()) == word


def _blocks(editor: WritingEditor) -> list[QTextBlock]:
    found, block = [], editor.document().begin()
    while block.isValid():
        found.append(block)
        block = block.next()
    return found


def test_another_look_takes_nothing_over(page: Page, theme: Theme) -> None:
    page.type("Once")
    page.go_on(" upon", StopReason.END)
    theme.set_mode("dark")
    theme.set_font_size(20)
    page.room.turn()
    assert page.pending == " upon"
    (quiet,) = page.editor.extraSelections()
    assert quiet.format.foreground().color() == theme.color("muted_text")  # type: ignore[attr-defined]


def test_the_view_follows_the_end_unless_the_reader_is_elsewhere(page: Page) -> None:
    page.open(page.service.add_page("line\n" * 200, title="Lines"))
    bar = page.editor.verticalScrollBar()
    page.go_on("more\n" * 30)
    page.until(lambda: bar.value() == bar.maximum())
    bar.triggerAction(bar.SliderAction.SliderToMinimum)
    page.service.feed("again\n" * 30, StopReason.END)
    page.idle()
    assert bar.value() == 0


def test_a_page_in_the_trash_is_read_only(page: Page) -> None:
    page.type("Once")
    page.saved()
    written = page.id
    page.room.presenter.chats.trash(written)
    page.until(lambda: page.room.presenter.conversation_id is None and page.room.tasks.idle)
    page.open(written)
    page.until(lambda: page.room.presenter.chats.opened is not None)
    assert page.editor.isReadOnly()
    assert not page.view.foot.isVisible()
    assert not page.can("writing.go_on")


def _base() -> LoadedDecoder:
    return LoadedDecoder("f", "Gemma", 4096, 4096, 100, False, True, 1, 0.1)


def test_a_base_model_is_offered_the_page_in_place_of_a_chat(page: Page) -> None:
    room = page.room
    room.presenter.new_chat()
    assert room.screen.composer.isVisible()
    room.decoder.loaded = _base()
    room.decoder.become(WorkerStatus(WorkerPhase.READY, model="Gemma"))
    page.until(lambda: not room.screen.composer.isVisible())
    assert "it has no chat template" in said(room.screen.empty)
    button = next(
        each for each in room.screen.empty.findChildren(type(page.view.stop)) if each.text() == "Free writing"
    )
    assert button.isVisible()
    button.click()
    assert page.editor.isVisible()
    assert page.editor.hasFocus()


def test_a_chat_that_a_base_model_cannot_go_on_with_says_so(page: Page) -> None:
    room = page.room
    chat = room.service.add_chat("Ink", "What is ink?", "A dye.")
    room.open(chat)
    room.decoder.loaded = _base()
    room.decoder.become(WorkerStatus(WorkerPhase.READY, model="Gemma"))
    page.until(lambda: "This model cannot chat." in said(room.screen.tail))
    assert "Free writing" in said(room.screen.tail)
    room.screen.composer.edit.setPlainText("Hello")
    assert not room.presenter.can_send
    room.decoder.loaded = None
    room.decoder.become(WorkerStatus(WorkerPhase.LOADING))
    page.until(lambda: "This model cannot chat." not in said(room.screen.tail))


def test_nothing_is_read_ahead_or_counted_as_a_chat(page: Page) -> None:
    page.room.settle()
    page.room.service.read_ahead_of.clear()
    page.room.service.drafts_measured.clear()
    page.type("Once")
    page.go_on(" upon", StopReason.END)
    page.saved()
    page.room.presenter.read_ahead._timer.timeout.emit()
    page.room.presenter.meter.refresh()
    page.room.settle()
    assert page.room.service.read_ahead_of == []
    assert page.room.service.drafts_measured == []


def test_the_caret_goes_to_the_end_where_the_text_goes_on(page: Page) -> None:
    page.type("Once")
    page.editor.moveCursor(QTextCursor.MoveOperation.Start)
    page.go_on(" upon", StopReason.END)
    page.type("!")
    assert page.text == "Once upon!"


def test_a_line_that_grows_too_long_is_broken_while_the_model_writes(page: Page) -> None:
    page.type("Once")
    page.go_on(" ")
    for _ in range(30):
        page.editor.add_continuation("y" * 1_000)
        page.room.turn()
    page.until(lambda: max(block.length() for block in _blocks(page.editor)) < 15_000)
    assert page.presenter.is_running, "breaking a line is no change of the person's"
    assert decode(page.pending) == " " + "y" * 30_000
    page.key(Qt.Key.Key_Z, CTRL)
    assert page.text == "Once"


@pytest.mark.parametrize("width", [940, 1400])
def test_no_button_is_cut_at_twice_the_letters(page: Page, theme: Theme, width: int) -> None:
    page.room.screen.resize(width, 700)
    theme.set_font_size(27)
    page.type("Once")
    page.go_on(" upon", StopReason.END)
    page.room.turn()
    view = page.view
    for button in (view.go_on, view.take_back, view.try_again, view.accept_word, view.accept):
        assert button.width() >= button.minimumSizeHint().width(), button.text()
        corner = button.mapTo(view.foot, button.rect().topRight())
        assert view.foot.rect().contains(corner), button.text()


def test_what_is_about_the_messages_of_a_chat_is_not_offered(page: Page) -> None:
    page.type("Once")
    page.go_on(" upon", StopReason.END)
    page.saved()
    about_messages = ("chat.deleted", "chat.format", "chat.attach", "chat.regenerate", "chat.continue")
    assert [name for name in about_messages if page.can(name)] == []
    assert page.can("chat.copy")
    page.room.presenter.new_chat()
    assert page.can("chat.attach")


def test_what_is_written_right_before_the_window_closes_is_kept_as_it_stands(page: Page) -> None:
    page.type("Once")
    page.go_on(" upon")
    page.service.may_end.clear()
    page.service.last_word = " a"
    page.type(", well")
    threading.Timer(0.3, page.service.may_end.set).start()
    assert page.room.presenter.unsaved() == ""
    page.room.tasks.close()
    assert page.service.pieces(page.id)[1].stop_reason is StopReason.STOPPED
    assert page.stored == "Once upon, well", "the model's last word does not stand in it"


def test_a_text_is_found_on_the_page_and_what_is_pending_stays_so(page: Page) -> None:
    page.type("Ink and paper and ink")
    page.go_on(" and more ink", StopReason.END)
    page.act("chat.find")
    bar = page.view.find_bar
    assert bar.isVisible()
    assert not bar.other.isVisible(), "nothing is replaced here"
    QTest.keyClicks(bar.line, "ink")
    page.until(lambda: bar.count.text() == "3 places")
    page.act("chat.find_next")
    assert (bar.count.text(), page.editor.textCursor().selectedText()) == ("1 of 3", "Ink")
    page.act("chat.find_previous")
    assert bar.count.text() == "3 of 3"
    assert page.pending == " and more ink"
    assert page.room.screen.on_escape()
    assert not bar.isVisible()
    page.act("chat.find")
    other = page.room.writing.add_page("Elsewhere")
    page.open(other)
    assert not bar.isVisible()


def test_what_was_pending_on_a_page_that_was_left_while_it_loaded_is_not_on_the_next(
    theme: Theme, qtbot: QtBot
) -> None:
    editor = WritingEditor(theme)
    qtbot.addWidget(editor)
    editor.show_page(encode("words of the first page\n" * 20_000), 6)
    assert editor.loading
    editor.show_page(encode("words of the second page, long enough to reach beyond"), None)
    assert not editor.loading
    assert not editor.has_pending
    editor.show_page(encode("words of the first page\n" * 20_000), None)
    editor.show_page(encode("a few words of the second page"), 2)
    assert editor.pending_text() == "few words of the second page"


def test_a_long_page_in_the_trash_is_read_only_once_it_is_there(page: Page, qtbot: QtBot) -> None:
    page.new()
    page.view.set_in_trash(True)
    page.editor.show_page(encode("words of a long page\n" * 20_000), None)
    assert page.editor.loading
    qtbot.waitUntil(lambda: not page.editor.loading)
    assert page.editor.isReadOnly()
