"""The card of one model: what it is, whether it fits, whether its file is whole, what is loaded."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QSizePolicy, QWidget

from desktop_app.domain.errors import InkwellError
from desktop_app.domain.generation import WorkerPhase
from desktop_app.domain.model_description import ModelKind
from desktop_app.presenters.model_words import Fact, facts_of, hash_words, sentence_of, status_words, verdict_of
from desktop_app.presenters.models import ModelCard, ModelsPresenter
from desktop_app.presenters.setting_row import Tone
from desktop_app.ui.theme.theme import Theme
from desktop_app.ui.widgets import Card, ErrorBox, PlainLabel, TextButton, ThinProgress, set_role

TONE_ROLES = {Tone.MUTED: "small", Tone.OK: "ok", Tone.WARNING: "warning"}
_FAILED = (WorkerPhase.CRASHED, WorkerPhase.QUARANTINED)


class ModelCardWidget(Card):
    """Shows a `ModelCard` of the presenter and offers what can be done with it."""

    def __init__(self, kind: ModelKind, presenter: ModelsPresenter, theme: Theme, choose: Callable[[], object]) -> None:
        super().__init__()
        self._kind, self._presenter, self._theme = kind, presenter, theme
        self._facts_shown: list[Fact] = []
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        decoder = kind is ModelKind.DECODER
        self._role = self.tr("Chat model (decoder)") if decoder else self.tr("Search model (encoder)")
        self.layout_.setSpacing(5)
        self.layout_.addWidget(PlainLabel(self._role, "small"))
        self.name = PlainLabel("", "title", wrap=True, selectable=True)
        self.sentence = PlainLabel("", "muted", wrap=True)
        self.layout_.addWidget(self.name)
        self.layout_.addWidget(self.sentence)
        self._problem: ErrorBox | None = None
        self._facts = QWidget()
        self._grid = QGridLayout(self._facts)
        self._grid.setContentsMargins(0, 6, 0, 4)
        self._grid.setHorizontalSpacing(16)
        self._grid.setVerticalSpacing(3)
        self._grid.setColumnStretch(1, 1)
        self.layout_.addWidget(self._facts)
        self.verdict = PlainLabel("", "ok", wrap=True)
        self.layout_.addWidget(self.verdict)
        self._add_hash_line()
        self.status = PlainLabel("", "small", wrap=True)
        self.loading = ThinProgress(theme, name=self.tr("Loading: {0}").format(self._role))
        self.layout_.addWidget(self.status)
        self.layout_.addWidget(self.loading)
        self.layout_.addStretch(1)
        self._add_buttons(choose)
        self.refresh()

    def refresh(self) -> None:
        """Show the card as it is now."""
        card = self._presenter.card(self._kind)
        description = card.description
        self.name.setText(description.name if description else self._name_without(card))
        self.sentence.setText(sentence_of(description.entry) if description else "")
        self.sentence.setVisible(bool(self.sentence.text()))
        self._show_facts(facts_of(card))
        self._show_line(self.verdict, *verdict_of(card))
        self._show_hash(card)
        self._show_status(card)
        self._show_problem(card)
        phase = card.status.phase
        self.load.setVisible(phase is WorkerPhase.OFF and card.error is None and description is not None)
        self.starter.setVisible(not self._presenter.is_starter(self._kind))
        self.own_template.setVisible(description is not None and description.built_in_template is not None)
        self.setAccessibleName(f"{self._role}: {self.name.text()}")
        self.setAccessibleDescription(f"{self.verdict.text()}. {self.status.text()}.")

    # Parts --------------------------------------------------------------------------------------

    def _add_hash_line(self) -> None:
        line = QHBoxLayout()
        line.setSpacing(10)
        self.hash = PlainLabel("", "small", wrap=True)
        self.check = TextButton(self.tr("Check again"), "small_link")
        self.check.setAccessibleName(self.tr("Check the hash again: {0}").format(self._role))
        self.check.clicked.connect(lambda: self._presenter.verify(self._kind))
        line.addWidget(self.hash, 1)
        line.addWidget(self.check, 0, Qt.AlignmentFlag.AlignTop)
        self.hash_progress = ThinProgress(self._theme, name=self.tr("Comparing the file with its hash"))
        self.layout_.addLayout(line)
        self.layout_.addWidget(self.hash_progress)

    def _add_buttons(self, choose: Callable[[], object]) -> None:
        row = QHBoxLayout()
        row.setContentsMargins(0, 8, 0, 0)
        row.setSpacing(8)
        words = self.tr("Change…") if self._kind is ModelKind.DECODER else self.tr("Choose a folder…")
        self.choose = TextButton(words)
        self.choose.setAccessibleName(f"{self._role}: {words}")
        self.choose.clicked.connect(choose)
        self.load = TextButton(self.tr("Load now"))
        self.load.setAccessibleName(self.tr("Load now: {0}").format(self._role))
        self.load.clicked.connect(lambda: self._presenter.load(self._kind))
        self.starter = TextButton(self.tr("Use the starter"), "quiet")
        self.starter.setAccessibleName(self.tr("Use the starter: {0}").format(self._role))
        self.starter.clicked.connect(lambda: self._presenter.use_starter(self._kind))
        self.own_template = TextButton(self.tr("Use the file's own template"), "quiet")
        self.own_template.clicked.connect(self._presenter.use_own_template)
        for button in (self.choose, self.load, self.starter, self.own_template):
            row.addWidget(button)
        row.addStretch()
        self.layout_.addLayout(row)

    def _show_facts(self, facts: list[Fact]) -> None:
        if facts == self._facts_shown:
            return
        self._facts_shown = facts
        while (item := self._grid.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for number, (name, value) in enumerate(facts):
            self._grid.addWidget(PlainLabel(name, "muted"), number, 0, Qt.AlignmentFlag.AlignTop)
            self._grid.addWidget(PlainLabel(value, wrap=True, selectable=True), number, 1)
        self._facts.setVisible(bool(facts))

    def _show_line(self, label: PlainLabel, text: str, tone: Tone) -> None:
        label.setText(text)
        label.setVisible(bool(text))
        set_role(label, TONE_ROLES[tone])

    def _show_hash(self, card: ModelCard) -> None:
        running = card.hash_progress is not None
        text, tone = hash_words(card) if card.description else ("", Tone.MUTED)
        self._show_line(self.hash, text, tone)
        known = card.description is not None and card.description.expected_sha256 is not None
        self.check.setVisible(known and not running)
        self.hash_progress.setVisible(running)
        self.hash_progress.set_fraction(card.hash_progress or 0.0)

    def _show_status(self, card: ModelCard) -> None:
        self._show_line(self.status, *status_words(card))
        loading = card.status.phase in (WorkerPhase.STARTING, WorkerPhase.LOADING, WorkerPhase.RESTARTING)
        self.loading.setVisible(loading)
        measured = card.status.phase is WorkerPhase.LOADING and card.kind is ModelKind.DECODER
        self.loading.set_fraction(card.status.progress if measured else None)
        if not loading:
            self.loading.set_fraction(0.0)

    def _show_problem(self, card: ModelCard) -> None:
        error: Exception | None = card.error
        if error is None and card.status.phase in _FAILED:
            error = card.status.error
        if self._problem is not None:
            self._problem.setVisible(isinstance(error, InkwellError))
        if not isinstance(error, InkwellError):
            return
        if self._problem is None:
            again = (self.tr("Try again"), lambda: self._presenter.try_again(self._kind))
            self._problem = ErrorBox(error, [again], icon=self._theme.icon("warning", "warning"))
            self.layout_.insertWidget(self.layout_.indexOf(self._facts), self._problem)
        self._problem.set_error(error)
        self._problem.show()

    def _name_without(self, card: ModelCard) -> str:
        return self.tr("Reading the model…") if card.loading else self.tr("No model")
