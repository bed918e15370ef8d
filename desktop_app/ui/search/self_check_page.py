"""The page of the self-check: how many were found, and behind Details the figures."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from desktop_app.domain.search import SearchMode
from desktop_app.domain.self_check import DEPTH, LegFigures, SelfCheckReport
from desktop_app.presenters.self_check import CheckPhase, SelfCheckPresenter
from desktop_app.ui.search.figure_bars import FigureBars
from desktop_app.ui.search.search_page import Column, SearchPage
from desktop_app.ui.theme.theme import Theme
from desktop_app.ui.widgets import Banner, ElidedButton, ErrorBox, PlainLabel, TextButton, ThinProgress, breakable

_MISSED_SHOWN = 12


class SelfCheckPage(SearchPage):
    """Starts the check, shows how far it is, and what it found."""

    open_note = Signal(int)
    models_wanted = Signal()

    def __init__(self, presenter: SelfCheckPresenter, theme: Theme) -> None:
        super().__init__("", theme)
        self.head.title.setText(self.tr("Check how well search finds"))
        self.setAccessibleName(self.head.title.text())
        self._presenter = presenter
        self._shown_report: SelfCheckReport | None = None
        column = Column(theme)
        self.body.addWidget(column)
        self._rows = column.layout_of_page
        self.result = PlainLabel("", "display", wrap=True)
        self._rows.addWidget(self.result)
        self.measures = PlainLabel(self._measured(), "muted", wrap=True)
        self._rows.addWidget(self.measures)
        self._add_progress()
        self._add_buttons()
        self._place = QVBoxLayout()
        self._rows.addLayout(self._place)
        self._about: QWidget | None = None
        self.details = QWidget()
        self._rows.addWidget(self.details)
        self._rows.addStretch(1)
        presenter.changed.connect(self._show)
        self._show()

    def opened(self) -> None:
        (self.stop_button if self.stop_button.isVisible() else self.start_button).setFocus()

    # Building -----------------------------------------------------------------------------------

    def _measured(self) -> str:
        return self.tr(
            "Each question is a sentence of one of your notes without its rarest third of words: the check measures "
            "whether half-remembered words find their note among the first {depth}, not whether other words would."
        ).format(depth=DEPTH)

    def _add_progress(self) -> None:
        self.progress_label = PlainLabel("", "small")
        self.progress_bar = ThinProgress(self.theme, name=self.tr("Questions asked"))
        self._rows.addWidget(self.progress_label)
        self._rows.addWidget(self.progress_bar)

    def _add_buttons(self) -> None:
        row = QHBoxLayout()
        self.start_button = TextButton(self.tr("Start the check"), "primary")
        self.start_button.clicked.connect(self._presenter.start)
        self.stop_button = TextButton(self.tr("Stop"))
        self.stop_button.clicked.connect(self._presenter.stop)
        self.details_button = TextButton(self.tr("Details"), "link")
        self.details_button.setCheckable(True)
        self.details_button.toggled.connect(self._show_details)
        for button in (self.start_button, self.stop_button, self.details_button):
            row.addWidget(button)
        row.addStretch()
        self._rows.addLayout(row)

    # Showing ------------------------------------------------------------------------------------

    def _show_details(self, shown: bool) -> None:
        self.details.setVisible(shown)

    def _show(self) -> None:
        presenter = self._presenter
        running = presenter.phase is CheckPhase.RUNNING
        report = presenter.report if not running else None
        self.progress_label.setVisible(running)
        self.progress_bar.setVisible(running)
        self._exchange_buttons(running)
        self.start_button.setText(self.tr("Check again") if report else self.tr("Start the check"))
        self.details_button.setVisible(report is not None and report.both.asked > 0)
        self.details.setVisible(self.details_button.isChecked() and report is not None and report.both.asked > 0)
        self.result.setVisible(report is not None)
        self._show_progress()
        if report is not None:
            self._show_report(report)
        self._show_about(report)

    def _exchange_buttons(self, running: bool) -> None:
        """Start or Stop; the keyboard stays on the one that is there."""
        shown, other = (self.stop_button, self.start_button) if running else (self.start_button, self.stop_button)
        had_focus = other.hasFocus()
        shown.show()
        if had_focus:
            shown.setFocus()
        other.hide()

    def _show_progress(self) -> None:
        step = self._presenter.progress
        if step.total:
            words = self.tr("Question {n} of {total}").format(n=step.done + 1, total=step.total)
            self.progress_bar.set_fraction(step.done / step.total)
        else:
            words = self.tr("Choosing sentences: {n}").format(n=step.done)
            self.progress_bar.set_fraction(None)
        self.progress_label.setText(words)

    def _show_report(self, report: SelfCheckReport) -> None:
        both = report.both
        self.result.setText(
            self.tr("{found} of {asked} found").format(found=both.found, asked=both.asked)
            if both.asked
            else self.tr("No note has a sentence to ask")
        )
        if report is self._shown_report:
            return
        self._shown_report = report
        self._fill_details(report)

    def _show_about(self, report: SelfCheckReport | None) -> None:
        """One thing at a time below the buttons: an error, what was missing, or the offer."""
        if self._about is not None:
            self._place.removeWidget(self._about)
            self._about.deleteLater()
            self._about = None
        presenter = self._presenter
        if presenter.phase is CheckPhase.FAILED and presenter.error is not None:
            again = ((self.tr("Try again"), presenter.try_again),)
            self._about = ErrorBox(presenter.error, again, icon=self.theme.icon("warning", "warning"))
        elif report is not None:
            self._about = self._banner(report)
        if self._about is not None:
            self._place.addWidget(self._about)
            self._about.show()

    def _banner(self, report: SelfCheckReport) -> QWidget | None:
        presenter = self._presenter
        if not report.both.asked:
            text = self.tr("A sentence of eight words or more that stands in one note only is needed.")
            return Banner(text, (), icon=self.theme.icon("info", "accent"))
        if report.meaning_problem:
            text = report.meaning_problem + " " + self.tr("Words alone were checked.")
            models = ((self.tr("Open Models"), self.models_wanted.emit),)
            return Banner(text, models, icon=self.theme.icon("info", "accent"))
        if presenter.offer is not None:
            better = report.weights[presenter.offer]
            text = self.tr(
                "With {new} for the weight of meaning in place of {old}, {found} are found, and {first} instead of "
                "{before} stand first. Such sentences favour words; questions in other words want meaning."
            ).format(
                new=f"{presenter.offer:g}",
                old=f"{report.weight:g}",
                found=better.found,
                first=better.first,
                before=report.both.first,
            )
            take = self.tr("Use {new}").format(new=f"{presenter.offer:g}")
            keep = self.tr("Keep {old}").format(old=f"{report.weight:g}")
            actions = ((take, presenter.take_offer), (keep, presenter.decline_offer))
            return Banner(text, actions, icon=self.theme.icon("info", "accent"))
        if report.notes_unindexed:
            one = self.tr("1 note is not indexed yet, so meaning did not know it.")
            more = self.tr("{n} notes are not indexed yet, so meaning did not know them.")
            text = one if report.notes_unindexed == 1 else more.format(n=f"{report.notes_unindexed:,}")
            return Banner(text, (), icon=self.theme.icon("info", "accent"))
        return None

    # Details ------------------------------------------------------------------------------------

    def _fill_details(self, report: SelfCheckReport) -> None:
        fresh = QWidget()
        column = QVBoxLayout(fresh)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(14)
        column.addLayout(self._table(report))
        bars = FigureBars(self.theme)
        bars.show_figures(self.tr("Share found among the first ten"), self._shares(report))
        column.addWidget(bars)
        weights = FigureBars(self.theme)
        by_weight = [
            (self.tr("meaning {w}").format(w=f"{w:g}"), figures.mean_reciprocal_rank)
            for w, figures in report.weights.items()
        ]
        if not report.meaning_problem:
            weights.show_figures(self.tr("MRR by the weight of meaning in “Best of both”"), by_weight)
            column.addWidget(weights)
        self._add_missed(column, report)
        self._rows.replaceWidget(self.details, fresh)
        self.details.deleteLater()
        self.details = fresh
        fresh.setVisible(self.details_button.isChecked())

    def _legs(self, report: SelfCheckReport) -> list[tuple[str, LegFigures]]:
        names = {
            SearchMode.BOTH: self.tr("Best of both"),
            SearchMode.MEANING: self.tr("Meaning"),
            SearchMode.WORDS: self.tr("Exact words"),
        }
        shown = (SearchMode.WORDS,) if report.meaning_problem else tuple(names)
        return [(names[mode], report.legs[mode]) for mode in shown]

    def _shares(self, report: SelfCheckReport) -> list[tuple[str, float]]:
        return [(name, figures.recall) for name, figures in self._legs(report)]

    def _table(self, report: SelfCheckReport) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(18)
        heads = ("", self.tr("found"), self.tr("stands first"), self.tr("recall@10"), self.tr("MRR"))
        for place, words in enumerate(heads):
            grid.addWidget(PlainLabel(words, "small", wrap=True), 0, place)
        for row, (name, figures) in enumerate(self._legs(report), start=1):
            cells = (
                name,
                str(figures.found),
                str(figures.first),
                f"{figures.recall:.2f}",
                f"{figures.mean_reciprocal_rank:.2f}",
            )
            for place, words in enumerate(cells):
                grid.addWidget(PlainLabel(words, "" if place else "strong", wrap=not place), row, place)
        grid.setColumnStretch(len(heads), 1)
        return grid

    def _add_missed(self, column: QVBoxLayout, report: SelfCheckReport) -> None:
        if not report.missed:
            return
        column.addWidget(PlainLabel(self.tr("Not found"), "strong"))
        for question in report.missed[:_MISSED_SHOWN]:
            button = ElidedButton(question.title or self.tr("Untitled"), "link")
            button.clicked.connect(lambda _=False, note_id=question.note_id: self.open_note.emit(note_id))
            column.addWidget(button)
            column.addWidget(PlainLabel(breakable(question.asked), "small", wrap=True))
