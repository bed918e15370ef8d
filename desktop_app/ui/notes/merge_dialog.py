"""Shows what two notes would become, before they do."""

from __future__ import annotations

from PySide6.QtCore import QObject, QSize, Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from desktop_app.domain.errors import InkwellError
from desktop_app.domain.note_merging import MergeWay
from desktop_app.domain.notes import Note
from desktop_app.presenters.note_merging import NoteMergingPresenter
from desktop_app.presenters.note_renaming import count_of_links
from desktop_app.services.note_merging import MergePreview
from desktop_app.ui.notes.change_view import ChangeView
from desktop_app.ui.theme.theme import Theme
from desktop_app.ui.widgets import PlainLabel, SegmentedControl, TextButton
from desktop_app.ui.widgets.answers import AnswersWhileOpen
from desktop_app.ui.widgets.problem_place import ProblemPlace

CHANGES, TEXT = "changes", "text"
_MOST_TITLE = 60
_SIDE = 22
#: What of the window is to be seen around the dialog at least, in pixels.
_AROUND = 40


class MergeDialog(QDialog):
    """Asks which of two notes is kept and how the texts come together; closes itself once they are merged."""

    def __init__(
        self, presenter: NoteMergingPresenter, theme: Theme, first: int, second: int, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._presenter = presenter
        self._preview: MergePreview | None = None
        self._answers = AnswersWhileOpen(self)
        self.setWindowTitle(self.tr("Merge notes"))
        self._wanted = QSize(theme.px(760), theme.px(560))
        if parent is not None:
            self._wanted = self._wanted.boundedTo(parent.window().size() - QSize(_AROUND, _AROUND))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(_SIDE, 18, _SIDE, 18)
        layout.setSpacing(10)
        layout.addWidget(PlainLabel(self.tr("Merge notes"), "title"))
        self._ids = (first, second)
        self.which = PlainLabel("", wrap=True)
        self.swap_button = TextButton(self.tr("Keep the other one"))
        self.swap_button.clicked.connect(self._swap)
        kept = QHBoxLayout()
        kept.addWidget(self.which, 1)
        kept.addWidget(self.swap_button)
        layout.addLayout(kept)
        self.ways = SegmentedControl(
            ((MergeWay.DIFFERENT, self.tr("Only what differs")), (MergeWay.JOINED, self.tr("One below the other"))),
            name=self.tr("How the texts come together"),
        )
        self.ways.changed.connect(lambda _: self._look())
        self.tabs = SegmentedControl(
            ((CHANGES, self.tr("What is added")), (TEXT, self.tr("Whole text"))), name=self.tr("Additions or text")
        )
        self.tabs.changed.connect(lambda _: self._show())
        row = QHBoxLayout()
        row.addWidget(self.ways)
        row.addStretch()
        row.addWidget(self.tabs)
        layout.addLayout(row)
        self.text = ChangeView(theme, self.tr("The text they become"))
        layout.addWidget(self.text, 1)
        theme.changed.connect(self._show)
        self.facts = PlainLabel("", "muted", wrap=True)
        layout.addWidget(self.facts)
        place = QVBoxLayout()
        layout.addLayout(place)
        self._problem = ProblemPlace(place, theme)
        buttons = QHBoxLayout()
        buttons.addStretch()
        self.merge_button = TextButton(self.tr("Merge"), "primary")
        self.merge_button.clicked.connect(self._merge)
        cancel = TextButton(self.tr("Cancel"))
        cancel.clicked.connect(self.reject)
        buttons.addWidget(self.merge_button)
        buttons.addWidget(cancel)
        layout.addLayout(buttons)
        self._look()

    def showEvent(self, event: QShowEvent) -> None:
        """Within the window, at large letters too: the choices then stand one below the other."""
        for choices in (self.ways, self.tabs):
            choices.fit((self._wanted.width() - 2 * _SIDE) // 2)
        self.resize(self._wanted)
        super().showEvent(event)

    # What it would become -----------------------------------------------------------------------

    def _look(self) -> None:
        self.merge_button.setEnabled(False)
        self._say(None)
        show, fail = self._answers.to(MergeDialog._take), self._answers.to(MergeDialog._say)
        self._presenter.look(*self._ids, MergeWay(self.ways.value), show, fail)

    def _take(self, preview: MergePreview) -> None:
        self._preview = preview
        words = self.tr("“{kept}” is kept, “{other}” goes to the trash.")
        self.which.setText(
            words.replace("{other}", self._name(preview.other)).replace("{kept}", self._name(preview.kept))
        )
        self.merge_button.setEnabled(True)
        self._show()

    def _name(self, note: Note) -> str:
        title = note.title or self.tr("Untitled")
        title = title if len(title) <= _MOST_TITLE else title[: _MOST_TITLE - 1] + "…"
        return f"{note.folder}/{title}" if note.folder else title

    def _swap(self) -> None:
        self._ids = (self._ids[1], self._ids[0])
        self._look()

    def _show(self) -> None:
        preview = self._preview
        if preview is None:
            return
        if self.tabs.value == TEXT:
            self.text.show_text(preview.text)
        else:
            self.text.show_changes(preview.changes, self.tr("Nothing: the kept note says all of it already."))
        self.facts.setText(" ".join(self._facts(preview)))

    def _facts(self, preview: MergePreview) -> list[str]:
        facts = []
        if preview.tags:
            facts.append(self.tr("Tags: {tags}.").replace("{tags}", ", ".join(f"#{tag}" for tag in preview.tags)))
        if preview.new_names:
            facts.append(self.tr("Other names: {names}.").replace("{names}", ", ".join(preview.new_names)))
        if preview.links:
            words = count_of_links(
                len(preview.links),
                len({link.note_id for link in preview.links}),
                self.tr("1 link in 1 note will lead to the kept note."),
                self.tr("{links} links in 1 note will lead to the kept note."),
                self.tr("{links} links in {notes} notes will lead to the kept note."),
            )
            facts.append(words)
        facts.append(self.tr("What stands in the notes now is kept among their versions."))
        return facts

    # Doing it -----------------------------------------------------------------------------------

    def _merge(self) -> None:
        preview = self._preview
        if preview is None:
            return
        self.merge_button.setEnabled(False)
        self._presenter.merge(preview, self._answers.to(MergeDialog.accept), self._answers.to(MergeDialog._say))

    def _say(self, error: InkwellError | None) -> None:
        self._problem.show(error, ((self.tr("Look again"), self._look),))


class MergeControls(QObject):
    """Opens the dialog over a screen. What is written and not yet saved has to be saved before."""

    def __init__(self, presenter: NoteMergingPresenter, theme: Theme, over: QWidget) -> None:
        super().__init__(over)
        self._presenter = presenter
        self._theme = theme
        self._over = over

    def ask(self, first: int, second: int) -> None:
        """Show what these two would become; the first one is kept unless the other is chosen."""
        dialog = MergeDialog(self._presenter, self._theme, first, second, self._over)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()
