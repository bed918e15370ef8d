"""What was deleted in a chat, in a sheet over the window: to be put back, or removed for good."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QWidget

from desktop_app.domain.conversation import DeletedBranchSummary, Role
from desktop_app.domain.errors import InkwellError
from desktop_app.presenters.rows import Row, RowListModel
from desktop_app.ui.chat.chat_questions import confirm_for_good
from desktop_app.ui.dates import when_in_words
from desktop_app.ui.theme.theme import Theme
from desktop_app.ui.widgets import EmptyState, ErrorBox, FlatList, PlainLabel, TextButton
from desktop_app.ui.widgets.floating_sheet import FloatingSheet


class DeletedSheet(FloatingSheet):
    """Lists deleted branches, newest first. Enter puts the marked one back, Delete removes it, Esc closes."""

    restore_wanted = Signal(object)  # DeletedBranchSummary
    remove_wanted = Signal(object)  # DeletedBranchSummary
    again_wanted = Signal()
    """Read the list again."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(theme, parent, width=620, height=460)
        self._deleted: list[DeletedBranchSummary] = []
        self._message: QWidget | None = None
        self.set_name(self.tr("Deleted messages"))
        self.content.setContentsMargins(18, 14, 14, 12)
        self.content.setSpacing(8)
        self.content.addWidget(PlainLabel(self.tr("Deleted messages of this chat"), "title"))
        words = self.tr("They wait here until you put them back, remove them, or delete the chat.")
        self.content.addWidget(PlainLabel(words, "muted", wrap=True))
        self._rows = RowListModel(self)
        self.list = FlatList(theme, self._rows, name=self.tr("Deleted messages"))
        self.list.selectionModel().currentChanged.connect(lambda *_: self._allow())
        self.list.remove_wanted.connect(lambda _id: self._ask())
        self._stack = QStackedWidget()
        self._stack.setStyleSheet("QStackedWidget { background: transparent; }")
        self._stack.addWidget(self.list)
        self.content.addWidget(self._stack, 1)
        self.content.addLayout(self._make_foot())
        self._allow()

    def _make_foot(self) -> QHBoxLayout:
        foot = QHBoxLayout()
        foot.setSpacing(8)
        self.remove_button = TextButton(self.tr("Remove forever…"), "danger")
        self.remove_button.setAutoDefault(False)
        self.remove_button.clicked.connect(self._ask)
        self.close_button = TextButton(self.tr("Close"))
        self.close_button.setAutoDefault(False)
        self.close_button.clicked.connect(self.reject)
        self.restore_button = TextButton(self.tr("Put back"), "primary")
        self.restore_button.setDefault(True)
        self.restore_button.clicked.connect(self._restore)
        foot.addWidget(self.remove_button)
        foot.addStretch()
        foot.addWidget(self.close_button)
        foot.addWidget(self.restore_button)
        return foot

    def open_over(self, window: QWidget) -> None:
        """Show the sheet before it is known what was deleted."""
        self._deleted = []
        self._rows.set_rows([])
        self._show(EmptyState(None, "", self.tr("Looking…"), width=220))
        super().open_over(window)
        self.close_button.setFocus()

    def show_deleted(self, deleted: Sequence[DeletedBranchSummary]) -> None:
        """Fill the list; the marked line stays where it was, as far as there is one."""
        before = max(0, self.list.currentIndex().row())
        self._deleted = list(deleted)
        now = datetime.now(UTC)
        self._rows.set_rows([self._row(each, now) for each in deleted])
        if not deleted:
            title = self.tr("Nothing is deleted in this chat")
            self._show(EmptyState(None, title, self.tr("Messages that you delete wait here."), width=380))
            self.close_button.setFocus()
            return
        self._show(None)
        self.list.setCurrentIndex(self._rows.index(min(before, len(deleted) - 1)))
        self.list.setFocus()

    def show_error(self, error: InkwellError) -> None:
        """The list could not be read, or a branch not be removed."""
        self._show(ErrorBox(error, ((self.tr("Try again"), self.again_wanted.emit),)))

    def _row(self, each: DeletedBranchSummary, now: datetime) -> Row:
        who = self.tr("Your message") if each.role is Role.USER else self.tr("Answer")
        count = self.tr("1 message") if each.messages == 1 else self.tr("{0} messages").format(f"{each.messages:,}")
        when = when_in_words(each.deleted_at, now)
        when = self.tr("deleted {0}").format(when[:1].lower() + when[1:])
        if each.is_inside:
            when = self.tr("{0} · comes back with the branch that it was in").format(when)
        return Row(each.branch.message_id, each.beginning or self.tr("No words"), f"{who} · {when}", count)

    def _show(self, message: QWidget | None) -> None:
        """A message in place of the list; None: the list."""
        if self._message is not None:
            self._stack.removeWidget(self._message)
            self._message.deleteLater()
        self._message = message
        if message is not None:
            self._stack.addWidget(message)
        self._stack.setCurrentWidget(message or self.list)
        self._allow()

    @property
    def _marked(self) -> DeletedBranchSummary | None:
        row = self.list.currentIndex().row()
        return self._deleted[row] if self._message is None and 0 <= row < len(self._deleted) else None

    def _allow(self) -> None:
        for button in (self.restore_button, self.remove_button):
            button.setEnabled(self._marked is not None)

    def _restore(self) -> None:
        marked = self._marked
        if marked is not None:
            self.hide()
            self.restore_wanted.emit(marked)

    def _ask(self) -> None:
        marked = self._marked
        if marked is None:
            return
        one = marked.messages == 1
        confirm_for_good(
            self,
            self.tr("Remove this message forever?")
            if one
            else self.tr("Remove these {0} messages forever?").format(f"{marked.messages:,}"),
            self.tr("“{0}” will be gone. Nothing brings it back.").format(marked.beginning[:80])
            if one
            else self.tr("“{0}” and what followed it will be gone. Nothing brings them back.").format(
                marked.beginning[:80]
            ),
            self.tr("Remove forever"),
            lambda: self.remove_wanted.emit(marked),
        )
