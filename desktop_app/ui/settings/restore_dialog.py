"""Which backup to go back to. A dialog, because data is at stake."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QDateTime, QLocale, Qt, Signal
from PySide6.QtWidgets import QDialog, QHBoxLayout, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from desktop_app.domain.backup_thinning import BEFORE_RESTORE
from desktop_app.domain.model_description import readable_size
from desktop_app.services.backup_ports import BackupInfo
from desktop_app.services.backups import BY_HAND
from desktop_app.ui.widgets import PlainLabel, TextButton
from desktop_app.ui.widgets.labels import least_width


class RestoreDialog(QDialog):
    """The backups, newest first, and Restore. Esc or Cancel changes nothing."""

    restore_wanted = Signal(object)
    """Path of the chosen backup."""

    def __init__(self, backups: Sequence[BackupInfo], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Restore a backup"))
        self.setMinimumWidth(least_width(440, parent))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 18, 20, 16)
        column.setSpacing(10)
        column.addWidget(PlainLabel(self.tr("Restore a backup"), "title"))
        text = (
            self.tr("Chats and notes go back to how they were then. What is there now is backed up first.")
            if backups
            else self.tr("There is no backup yet. “Back up now” makes one.")
        )
        column.addWidget(PlainLabel(text, "muted", wrap=True))
        self.list = QListWidget()
        self.list.setAccessibleName(self.tr("Backups, newest first"))
        for backup in backups:
            made = QDateTime.fromSecsSinceEpoch(int(backup.made_at.timestamp()))
            when = QLocale().toString(made, "d MMMM yyyy, HH:mm")
            words = (when, readable_size(backup.size_bytes), self._reason(backup.reason))
            item = QListWidgetItem(" · ".join(part for part in words if part))
            item.setData(Qt.ItemDataRole.UserRole, str(backup.path))
            self.list.addItem(item)
        self.list.setVisible(bool(backups))
        column.addWidget(self.list)
        buttons = QHBoxLayout()
        buttons.addStretch()
        self.cancel = TextButton(self.tr("Cancel") if backups else self.tr("Close"))
        self.cancel.clicked.connect(self.reject)
        self.restore = TextButton(self.tr("Restore"), "primary")
        self.restore.clicked.connect(self._restore)
        self.restore.setVisible(bool(backups))
        buttons.addWidget(self.cancel)
        buttons.addWidget(self.restore)
        column.addLayout(buttons)
        self.list.itemActivated.connect(lambda _item: self.restore.setFocus())
        if backups:
            self.list.setCurrentRow(0)
            self.list.setFocus()

    def _restore(self) -> None:
        item = self.list.currentItem()
        if item is not None:
            self.restore_wanted.emit(Path(str(item.data(Qt.ItemDataRole.UserRole))))
            self.accept()

    def _reason(self, reason: str) -> str:
        words = {
            "daily": self.tr("daily"),
            BY_HAND: self.tr("made by hand"),
            BEFORE_RESTORE: self.tr("before a restore"),
            "before-migration": self.tr("before an update of Inkwell"),
        }
        return words.get(reason, reason)
