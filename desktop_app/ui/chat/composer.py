"""Where a message is written: grows with its text, Enter sends, Shift+Enter breaks the line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QMimeData, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent, QFont, QFontMetricsF, QIcon, QKeyEvent, QResizeEvent, QTextOption
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPlainTextEdit, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from desktop_app.domain.attachments import LONG_PASTE
from desktop_app.domain.errors import InkwellError
from desktop_app.domain.markdown_blocks import soft_broken, without_soft_breaks
from desktop_app.presenters.attachments import Chip, ChipState
from desktop_app.presenters.chat import Activity, Phase
from desktop_app.ui.chat.attachment_chips import ChipRow
from desktop_app.ui.chat.note_completer import NoteCompleter
from desktop_app.ui.drop_zone import local_paths
from desktop_app.ui.widgets import IconButton, PlainLabel, TextButton, keys_of, literal, plain_tool_tip, set_role

if TYPE_CHECKING:
    from PySide6.QtGui import QAction

    from desktop_app.presenters.chat_service import ChatSlot
    from desktop_app.ui.theme.theme import Theme

LARGEST_CHIPS = 0.24
"""Of the screen's height that the chips may take."""
LARGEST_SHARE = 0.4
"""Of the screen's height that the composer may take."""

_LONGEST_WHERE = 28


class DraftEdit(QPlainTextEdit):
    """The text. Long unbroken runs are soft-broken on their way in; `draft` gives the text back as it was."""

    send_wanted = Signal()
    slash_typed = Signal()
    """"/" in an empty field: the person wants to choose a preset."""
    focus_changed = Signal()
    long_pasted = Signal(str)  # instead of being put into the text
    files_pasted = Signal(list)  # of Path

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._has_soft_breaks = False
        self.set_font(theme.reading_font())
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setTabChangesFocus(True)
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.document().setDocumentMargin(0)
        self.viewport().setAutoFillBackground(False)

    def set_font(self, font: QFont) -> None:
        """Set the text in another font, and with it the words of the empty field, which Qt draws in the viewport's."""
        self.setFont(font)
        self.viewport().setFont(font)

    def draft(self) -> str:
        """The text as the person wrote it."""
        text = self.toPlainText()
        return without_soft_breaks(text) if self._has_soft_breaks else text

    def set_draft(self, text: str) -> None:
        """Show another draft."""
        shown = soft_broken(text)
        self._has_soft_breaks = shown != text
        self.setPlainText(shown)
        cursor = self.textCursor()
        cursor.movePosition(cursor.MoveOperation.End)
        self.setTextCursor(cursor)

    def canInsertFromMimeData(self, source: QMimeData) -> bool:
        """Text, and files to attach."""
        return bool(local_paths(source)) or super().canInsertFromMimeData(source)

    def insertFromMimeData(self, source: QMimeData) -> None:
        """Paste plain text only. Files and long texts are no part of the text: they are attached."""
        paths = local_paths(source)
        if paths:
            self.files_pasted.emit(paths)
        elif len(source.text()) > LONG_PASTE:
            self.long_pasted.emit(source.text())
        else:
            self.insert_text(source.text())

    def insert_text(self, text: str) -> None:
        """Put text in at the cursor."""
        shown = soft_broken(text)
        self._has_soft_breaks = self._has_soft_breaks or shown != text
        self.textCursor().insertText(shown)
        self.ensureCursorVisible()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter sends, with Shift (or Alt) it breaks the line; Esc is the screen's."""
        breaks = event.modifiers() & (Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.AltModifier)
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not breaks:
            self.send_wanted.emit()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if not self.isReadOnly():
                self.insertPlainText("\n")
                self.ensureCursorVisible()
        elif event.key() == Qt.Key.Key_Escape:
            event.ignore()
        elif event.text() == "/" and not self.isReadOnly() and self.document().isEmpty():
            self.slash_typed.emit()
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """The frame around it shows the focus."""
        super().focusInEvent(event)
        self.focus_changed.emit()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """And its going."""
        super().focusOutEvent(event)
        self.focus_changed.emit()


class _ShrinkingButton(TextButton):
    """A button with an icon whose words get fewer where room is short."""

    def __init__(self, words: str, fewer: str, role: str, icon: QIcon) -> None:
        self._words = words
        self._fewer = fewer
        super().__init__(words, role, icon=icon)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)

    def set_words(self, words: str) -> None:
        """Other words where there is room; the fewer ones stay."""
        if words != self._words:
            self._words = words
            self._fit()
            self.updateGeometry()

    def sizeHint(self) -> QSize:
        hint = super().sizeHint()
        missing = self._advance(self._words) - self._advance(self.text().replace("&&", "&"))
        return QSize(hint.width() + missing, hint.height())

    def minimumSizeHint(self) -> QSize:
        hint = self.sizeHint()
        return QSize(hint.width() - self._advance(self._words) + self._advance(self._fewer), hint.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        wanted = self._words if self.width() >= self.sizeHint().width() else self._fewer
        if literal(wanted) != self.text():
            self.setText(wanted)

    def _advance(self, text: str) -> int:
        return self.fontMetrics().horizontalAdvance(text)


class Composer(QFrame):
    """What the message carries, its text, a line of what is the matter, and Send or Stop."""

    draft_changed = Signal(str)
    send_wanted = Signal()
    stop_wanted = Signal()
    withdraw_wanted = Signal()
    slash_typed = Signal()

    def __init__(
        self, theme: Theme, stop_action: QAction, escape: QAction, attach: QAction, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._room_height = 600
        self._can_send = False
        self._is_busy = False
        self._hint_text = ""
        self._carries = False
        self._reads = False
        self._sends_when_read: frozenset[int] = frozenset()
        """Keys of the chips without which the message, sent meanwhile, does not go."""
        self._chat: ChatSlot | None = None
        self._left_waiting: dict[ChatSlot, frozenset[int]] = {}
        """The same keys of chats that were left meanwhile."""
        self._reading_words = ""
        """What is said about a message that waits, or waited, for its file."""
        self._refused = False
        self._follow_up = False
        self._uses_notes = self._limits_notes = False
        self.setProperty("role", "composer")
        self._make_text()
        self._make_chips()
        self._make_buttons(stop_action, escape, attach)
        self._lay_out()
        theme.changed.connect(self._restyle)
        self.set_follow_up(False)
        self.show_activity(Activity(Phase.IDLE))
        self._grow()

    def _make_text(self) -> None:
        self.edit = DraftEdit(self._theme, self)
        self.edit.setAccessibleName(self.tr("Message"))
        self.edit.textChanged.connect(self._text_changed)
        self.edit.send_wanted.connect(self._send)
        self.edit.slash_typed.connect(self.slash_typed)
        self.completer = NoteCompleter(self.edit, self._theme)
        self._grow_soon = QTimer(self)
        self._grow_soon.setSingleShot(True)
        self._grow_soon.timeout.connect(self._grow)
        self.edit.document().documentLayout().documentSizeChanged.connect(lambda _size: self._grow_soon.start(0))

    def _make_chips(self) -> None:
        """What the message carries, in an area that scrolls where it is much."""
        self.chips = ChipRow(self._theme, removable=True)
        self._chip_area = QScrollArea(self)
        self._chip_area.setFrameShape(QFrame.Shape.NoFrame)
        self._chip_area.setWidgetResizable(True)
        self._chip_area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._chip_area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._chip_area.setWidget(self.chips)
        self._chip_area.hide()
        self.chips.height_changed.connect(self._fit_chips)
        self.chips.focused.connect(self._chip_area.ensureWidgetVisible)

    def _make_buttons(self, stop: QAction, escape: QAction, attach: QAction) -> None:
        """The controls of the foot, and the line between them."""
        theme = self._theme
        self.attach_button = _ShrinkingButton(self.tr("Attach"), "", "chip", theme.icon("paperclip", "muted_text"))
        self.attach_button.setAccessibleName(attach.text())
        self.attach_button.setToolTip(plain_tool_tip(f"{attach.text()}  {keys_of(attach)}"))
        self.attach_button.clicked.connect(attach.trigger)
        self.notes_button = _ShrinkingButton(self.tr("My notes"), "", "chip", theme.icon("note", "muted_text"))
        self.notes_button.setCheckable(True)
        self.notes_button.setAccessibleName(self.tr("Answer from my notes"))
        self.where_button = _ShrinkingButton("", "", "chip", theme.icon("chevron-down", "muted_text"))
        self.where_button.hide()
        self.all_notes_button = IconButton(theme.icon("close", "muted_text"), self.tr("Answer from all notes"), size=13)
        self.all_notes_button.setProperty("role", "chip_close")
        self.all_notes_button.hide()
        self._hint = PlainLabel("", "small", wrap=True, parent=self)
        self.send_button = TextButton(self.tr("Send"), "primary", icon=None, parent=self)
        self._send_tip = self.tr("Send with Enter; Shift+Enter breaks the line")
        self.send_button.clicked.connect(self._send)
        self._escape = escape
        self.stop_button = _ShrinkingButton(self.tr("Stop"), self.tr("Stop"), "", theme.icon("stop"))
        self.stop_button.setAccessibleName(stop.text())
        self.stop_button.clicked.connect(self.stop_wanted)
        self.withdraw_button = TextButton(self.tr("Withdraw"), "link", parent=self)
        self.withdraw_button.setAccessibleDescription(self.tr("Takes the waiting question back to be changed."))
        self.withdraw_button.clicked.connect(self.withdraw_wanted)

    def _lay_out(self) -> None:
        self._foot = QHBoxLayout()
        self._foot.setSpacing(8)
        self._foot.addWidget(self.attach_button)
        self._foot.addWidget(self.notes_button)
        self._foot.addWidget(self.where_button)
        self._foot.addWidget(self.all_notes_button)
        self._scope_row = QHBoxLayout()  # the chip of the notes that are meant, where it has no room in the foot
        self._scope_row.setSpacing(8)
        self._scope_row.addStretch(1)
        self._foot.addWidget(self._hint, 1)
        self._foot.addStretch(0)  # keeps the buttons at the right where the hint stands above them
        self._foot.addWidget(self.withdraw_button)
        self._foot.addWidget(self.stop_button)
        self._foot.addWidget(self.send_button)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(15, 13, 12, 10)
        self._column.setSpacing(6)
        self._column.addWidget(self._chip_area)
        self._column.addWidget(self.edit)
        self._column.addLayout(self._scope_row)
        self._column.addLayout(self._foot)

    @property
    def waits(self) -> bool:
        """True while what is written waits to be sent: it is not changed meanwhile, nor is what it carries."""
        return self.edit.isReadOnly()

    @property
    def draft(self) -> str:
        """What is written."""
        return self.edit.draft()

    def set_draft(self, text: str) -> None:
        """Show another draft."""
        if text != self.edit.draft():
            waits, words = self._sends_when_read, self._reading_words
            self.edit.set_draft(text)
            self._say_of_reading(words, waits)  # the person has changed nothing

    def show_notes(self, used: bool, where: str, *, limited: bool = False) -> None:
        """Say whether answers are written from notes, and from which; `limited`: not from all of them."""
        self._limits_notes = limited
        self.notes_button.setChecked(used)
        shown = where if len(where) <= _LONGEST_WHERE else where[: _LONGEST_WHERE - 1] + "…"
        self.where_button.set_words(shown)
        self.where_button.setToolTip(plain_tool_tip(where))
        self.where_button.setAccessibleName(self.tr("Notes to answer from: {0}").format(where))
        self._uses_notes = used
        self._place_note_buttons()

    def _place_note_buttons(self) -> None:
        self.where_button.setVisible(self._uses_notes and not self.waits)
        self.all_notes_button.setVisible(self._uses_notes and self._limits_notes and not self.waits)
        self.notes_button.setVisible(not self.waits)
        self._place_scope()
        self._place_hint()

    def _place_scope(self) -> None:
        """Above the other buttons where its words have no room beside them: alone, its arrow would say nothing."""
        buttons = (self.attach_button, self.notes_button, self.withdraw_button, self.stop_button, self.send_button)
        beside = sum(each.minimumSizeHint().width() + self._foot.spacing() for each in buttons if not each.isHidden())
        own = (self.where_button, self.all_notes_button)
        needed = sum(each.sizeHint().width() + self._foot.spacing() for each in own if not each.isHidden())
        room = self.contentsRect().width() - self._column.contentsMargins().left() * 2
        above = not self.where_button.isHidden() and beside + needed > room
        if above == (self._scope_row.indexOf(self.where_button) >= 0):
            return
        for place, button in enumerate(own):
            (self._foot if above else self._scope_row).removeWidget(button)
            if above:
                self._scope_row.insertWidget(place, button)
            else:
                self._foot.insertWidget(2 + place, button)

    def set_follow_up(self, follow_up: bool) -> None:
        """Word the empty field for a chat that has begun, or for a new one."""
        self._follow_up = follow_up
        self._show_placeholder()

    def _show_placeholder(self) -> None:
        """The words of the empty field; what can be typed besides is told where there is room for it."""
        begins = self.tr("Ask a follow-up…") if self._follow_up else self.tr("Ask something…")
        whole = self.tr("{0}  type @ to add a note, / for a preset").format(begins)
        fits = QFontMetricsF(self.edit.font()).horizontalAdvance(whole) < self.edit.width() - 4
        self.edit.setPlaceholderText(whole if fits else begins)

    def show_activity(self, activity: Activity) -> None:
        """Stop while something goes on, Send while there is something to send. A text that waits is not changed."""
        waits = activity.draft_waits or bool(activity.queued)
        self._is_busy = activity.phase is not Phase.IDLE
        self._can_send = not waits
        self.stop_button.setVisible(self._is_busy)
        self.stop_button.setEnabled(activity.phase is not Phase.STOPPING)
        self.withdraw_button.setVisible(bool(activity.queued))
        self._say_what_escape_does(activity)
        tip = self.tr("Sent when the answer has ended") if self._is_busy else self._send_tip
        self.send_button.setToolTip(plain_tool_tip(tip))
        self.edit.setReadOnly(waits)
        self.chips.setEnabled(not waits)
        self.attach_button.setVisible(not waits)
        self._place_note_buttons()
        tells = activity.phase is Phase.ELSEWHERE or activity.draft_waits
        self._hint_text = activity.queued or (activity.text if tells else "")
        self._show_hint(None)
        self._allow(refused=False)

    def _say_what_escape_does(self, activity: Activity) -> None:
        """Esc takes back a question that waits for another chat's answer, and leaves that one alone; else it stops."""
        keys = keys_of(self._escape)
        takes_back = bool(activity.queued) and activity.phase is Phase.ELSEWHERE
        stop, withdraw = self.tr("Stop"), self.tr("Withdraw")
        self.stop_button.set_words(stop if takes_back or not keys else f"{stop}  {keys}")
        self.withdraw_button.setText(f"{withdraw}  {keys}" if takes_back and keys else withdraw)
        self.withdraw_button.setAccessibleName(withdraw)
        tip = ""
        if takes_back:
            tip = self.tr("Stops the answer in the other chat; Esc takes your waiting question back")
        elif activity.queued:
            tip = self.tr("Stops this answer; your waiting question is sent then")
        self.stop_button.setToolTip(plain_tool_tip(tip) if tip else "")

    def _show_hint(self, error: InkwellError | None) -> None:
        text = self._hint_text or self._reading_words
        if error is not None:
            text = " ".join(part for part in (error.what, error.todo) if part)
        set_role(self._hint, "warning" if error is not None else "small")
        self._hint.setText(text)
        self._place_hint()

    def _place_hint(self) -> None:
        """Beside the buttons where it fits on one line, else above them."""
        buttons: list[QWidget] = [
            self.attach_button,
            self.notes_button,
            self.where_button,
            self.all_notes_button,
            self.withdraw_button,
            self.stop_button,
            self.send_button,
        ]
        buttons = [each for each in buttons if not each.isHidden() and self._foot.indexOf(each) >= 0]
        taken = sum(button.sizeHint().width() + self._foot.spacing() for button in buttons)
        room = self.contentsRect().width() - self._column.contentsMargins().left() * 2 - taken
        above = self._hint.fontMetrics().horizontalAdvance(self._hint.text()) > room
        if above == (self._column.indexOf(self._hint) >= 0):
            return
        if above:
            self._foot.removeWidget(self._hint)
            self._column.insertWidget(self._column.count() - 2, self._hint)
        else:
            self._column.removeWidget(self._hint)
            self._foot.insertWidget(self._foot.indexOf(self.withdraw_button) - 1, self._hint, 1)

    def show_carried(self, chips: Sequence[Chip], *, reading: bool, chat: ChatSlot) -> None:
        """What the message of this `chat` carries. Sent while a file is being read, it goes as soon as that one is
        read; while another chat is shown it does not go.
        """
        came_back = chat is not self._chat and self._go_to_chat(chat)
        self.chips.show_chips(chips)
        self._carries = any(chip.state is ChipState.READY for chip in chips)
        self._reads = reading
        self._allow(refused=self._refused)
        ready = {chip.key for chip in chips if chip.state is ChipState.READY}
        wanted, known = self._sends_when_read, {chip.key for chip in chips if chip.state is not ChipState.FAILED}
        if wanted and not (reading and wanted <= known):  # all read; or one failed, or was taken off
            self._say_of_reading(self.tr("Not sent: you were in another chat meanwhile") if came_back else "")
            if wanted <= ready:
                self._send()

    def _go_to_chat(self, chat: ChatSlot) -> bool:
        """Keep what the chat that is left waits for; whether the one that is come to waits for something."""
        if self._sends_when_read and self._chat is not None:
            self._left_waiting[self._chat] = self._sends_when_read
        self._chat = chat
        same = (each for each in self._left_waiting if each is chat or (chat.id is not None and each.id == chat.id))
        left = next(same, None)
        waits = self._left_waiting.pop(left) if left is not None else frozenset()
        self._say_of_reading(self._words_of_waiting() if waits else "", waits)
        return bool(waits)

    def _words_of_waiting(self) -> str:
        return self.tr("Sent as soon as the file is read")

    def _say_of_reading(self, words: str, waits_for: frozenset[int] = frozenset()) -> None:
        self._sends_when_read = waits_for
        if words != self._reading_words:
            self._reading_words = words
            self._show_hint(None)

    def _fit_chips(self) -> None:
        """Many chips scroll: they leave room for the text and the messages."""
        self._chip_area.setVisible(bool(self.chips.chips))
        most = max(self._theme.px(34), int(self._room_height * LARGEST_CHIPS))
        self._chip_area.setFixedHeight(min(self.chips.height(), most))

    def show_refusal(self, error: InkwellError | None) -> None:
        """Say in place why the draft cannot be sent."""
        self._show_hint(error)
        self._allow(refused=error is not None)

    def set_room_height(self, height: int) -> None:
        """How high the screen is that the composer may take a share of."""
        self._room_height = height
        self._fit_chips()
        self._grow()

    def _text_changed(self) -> None:
        self._say_of_reading("")
        self.draft_changed.emit(self.edit.draft())
        self._allow(refused=False)

    def _allow(self, *, refused: bool) -> None:
        self._refused = refused
        has_content = self._carries or self._reads or bool(self.edit.draft().strip())
        self.send_button.setVisible(self._can_send and (has_content or not self._is_busy))
        self.send_button.setEnabled(self._can_send and not refused and has_content)
        self._place_hint()

    def _send(self) -> None:
        if self._can_send and self._reads:
            self._say_of_reading(self._words_of_waiting(), frozenset(each.chip.key for each in self.chips.chips))
        elif self._can_send:
            self._say_of_reading("")
            self.send_wanted.emit()

    def _grow(self) -> None:
        line = QFontMetricsF(self.edit.font()).lineSpacing()
        lines = self.edit.document().documentLayout().documentSize().height()
        least, most = line * 1.0, max(line * 2, self._room_height * LARGEST_SHARE - 70)
        height = min(max(lines * line, least), most)
        overflows = lines * line > most
        policy = Qt.ScrollBarPolicy.ScrollBarAsNeeded if overflows else Qt.ScrollBarPolicy.ScrollBarAlwaysOff
        self.edit.setVerticalScrollBarPolicy(policy)
        self.edit.setFixedHeight(int(height) + 6)

    def _restyle(self) -> None:
        self.edit.set_font(self._theme.reading_font())
        self._grow()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lines wrap anew."""
        super().resizeEvent(event)
        self._show_placeholder()
        self._place_scope()
        self._place_hint()
        self._grow_soon.start(0)

    def changeEvent(self, event: QEvent) -> None:
        """Font changes change the height of a line."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._grow_soon.start(0)
