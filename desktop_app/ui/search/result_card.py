"""One note or message that was found."""

from __future__ import annotations

from datetime import date, datetime

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QFocusEvent, QFont, QMouseEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QSizePolicy, QWidget

from desktop_app.domain.errors import InkwellError
from desktop_app.domain.search import SearchHit, WordLikeness
from desktop_app.presenters.search import HitLikeness
from desktop_app.presenters.search_rows import Hit, SearchRow, at_places, key_of
from desktop_app.presenters.search_words import excerpt, likeness_words, place_of, ranks_of, reasons_of
from desktop_app.ui.dates import day_in_words
from desktop_app.ui.note_drag import drag_notes
from desktop_app.ui.search.passage_text import PassageText
from desktop_app.ui.search.place_list import PlaceList
from desktop_app.ui.theme.theme import Theme
from desktop_app.ui.widgets import Card, ElidedLabel, PlainLabel, TextButton, breakable
from desktop_app.ui.widgets.flow_row import FlowRow


class ResultCard(Card):
    """Title, place, passage with highlights, ranks, and "Why?". `chosen` selects it, `opened` goes to the place.

    A note can be dragged: onto a chat, it is attached there.
    """

    chosen = Signal()
    opened = Signal()
    likeness_wanted = Signal(object)  # Hit
    similar_wanted = Signal(int)  # note id
    place_chosen = Signal(int)  # number of a place among all of the hit; 0 is the one that is shown first
    tab_stops_changed = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__(interactive=True)
        self.hit: Hit | None = None
        self._pressed_at: QPoint | None = None
        self._theme = theme
        self._question = self._like = ""
        self._likeness: tuple[WordLikeness, ...] = ()
        self._likeness_awaited = False
        self._shown: tuple[SearchRow, str, str, date] | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        head = QHBoxLayout()
        head.setSpacing(14)
        self.title = ElidedLabel("", "strong")
        theme.changed.connect(self._make_fonts)
        self._make_fonts()
        self.place = ElidedLabel("", "small")
        self.place.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        head.addWidget(self.title, 1)
        head.addWidget(self.place)
        self.layout_.addLayout(head)
        self.passage = PassageText(theme, name=self.tr("Passage"))
        self.layout_.addWidget(self.passage)
        self.layout_.addWidget(self._make_foot())
        self.places = PlaceList(theme)
        self.gone = PlainLabel("", "warning", wrap=True)
        self.gone.hide()
        self.layout_.addWidget(self.gone)
        self.places.chosen.connect(self.place_chosen)
        self.places.hide()
        self.layout_.addWidget(self.places)
        self.why = PlainLabel("", "muted", wrap=True, selectable=True)
        self.why.hide()
        self.layout_.addWidget(self.why)
        self.likeness_button = TextButton(self.tr("Which words carry the likeness?"), "link")
        self.likeness_button.clicked.connect(self.ask_likeness)
        self.likeness_button.hide()
        self.layout_.addWidget(self.likeness_button)
        self.clicked.connect(self.opened)

    @property
    def tab_stops(self) -> tuple[QWidget, ...]:
        """What Tab goes to, in order; the card itself first."""
        return (
            self,
            self.why_button,
            self.similar_button,
            self.places_button,
            *self.places.tab_stops,
            self.likeness_button,
        )

    def _make_foot(self) -> FlowRow:
        """In lines, where a large font meets a narrow window."""
        self.weaker_mark = PlainLabel(self.tr("Weaker match"), "warning")
        self.ranks = PlainLabel("", "small")
        self.places_button = TextButton("", "link")
        self.places_button.setCheckable(True)
        self.places_button.toggled.connect(self._open_places)
        self.places_button.clicked.connect(self._leave_places)
        self.why_button = TextButton(self.tr("Why?"), "link")
        self.why_button.setCheckable(True)
        self.why_button.toggled.connect(self._show_why)
        self.similar_button = TextButton(self.tr("Similar notes"), "link")
        self.similar_button.clicked.connect(self._ask_similar)
        foot = FlowRow()
        foot.set_widgets([self.weaker_mark, self.ranks, self.why_button, self.similar_button, self.places_button])
        self.weaker_mark.hide()
        self.places_button.hide()
        return foot

    def show_row(self, row: SearchRow, question: str, like: str, now: datetime) -> None:
        """Show what the words `question`, or the note titled `like`, found. "Why?" closes when it is another hit than
        before.
        """
        state = (row, question, like, now.date())
        if state == self._shown:
            return
        self._shown = state
        self.gone.hide()
        hit = row.hit
        if self.hit is None or key_of(self.hit) != row.key:
            self.why_button.setChecked(False)
            self.places_button.setChecked(False)
        another = self.hit is None or key_of(self.hit) != row.key or self._question != question
        ask_again = self._likeness_awaited and not another and self.hit != hit
        if self.hit != hit or self._question != question:
            self._likeness = ()
        self._likeness_awaited = self._likeness_awaited and not another
        self.hit, self._question, self._like = hit, question, like
        is_note = isinstance(hit, SearchHit)
        title = hit.title or (self.tr("Untitled") if is_note else self.tr("New chat"))
        self.title.setText(title)
        changed = self.tr("edited {day}") if isinstance(hit, SearchHit) else "{day}"
        moment = hit.edited_at if isinstance(hit, SearchHit) else hit.said_at
        changed = changed.replace("{day}", day_in_words(moment, now))
        place = place_of(hit)
        shown = place if len(place) <= 60 else "…" + place[-59:]
        self.place.setText(f"{shown} · {changed}" if shown else changed)
        self.weaker_mark.setVisible(row.weaker)
        self.ranks.setText(ranks_of(hit))
        self.ranks.setVisible(bool(self.ranks.text()))
        self.similar_button.setVisible(is_note)
        self.similar_button.setAccessibleName(self.tr("Notes similar to {title}").replace("{title}", title))
        self.why_button.setAccessibleName(self.tr("Why was {title} found?").replace("{title}", title))
        self.setAccessibleName(title)
        self._show_places()
        self._show_passage()
        self._show_reasons()
        if ask_again:  # its nearest sentence was marked since
            self.likeness_wanted.emit(hit)

    def select_place(self, number: int) -> None:
        """Show which of the hit's places is looked at; another one than the first opens the list of them."""
        if number:
            self.places_button.setChecked(True)
        self.places.select(number)

    def show_likeness(self, likeness: HitLikeness) -> None:
        """Shade the words that carry the likeness, and name them; or say why that is not known."""
        if likeness.hit != self.hit or self.hit is None:
            return
        self._likeness, self._likeness_awaited = likeness.words, False
        reasons = reasons_of(self.hit, self._question, self._like, shaded=bool(likeness.words))
        said = str(likeness.error) if likeness.error is not None else likeness_words(self.hit, likeness.words)
        self._show_passage()
        self.why.setText(breakable("\n".join([*reasons, said])))
        self.likeness_button.hide()

    def show_gone(self, error: InkwellError) -> None:
        """Say that what was found is not there any more; its words stay until the next search."""
        self.gone.setText(" ".join(part for part in (error.what, error.why) if part))
        self.gone.show()
        self.setAccessibleDescription(self.gone.text())

    def ask_likeness(self) -> None:
        """Open the reasons, and ask which words carry the likeness."""
        self.why_button.setChecked(True)
        if self.hit is not None and self.can_tell_likeness and not self._likeness:
            if self.likeness_button.hasFocus():
                self.why_button.setFocus()
            self._likeness_awaited = True
            self._show_reasons()
            self.likeness_wanted.emit(self.hit)

    @property
    def can_tell_likeness(self) -> bool:
        """Meaning found it by a question in words."""
        hit = self.hit
        return hit is not None and hit.similarity is not None and bool(self._question.strip())

    def _show_places(self) -> None:
        others = at_places(self.hit)[1:] if self.hit is not None else []
        words = self.tr("1 more place") if len(others) == 1 else self.tr("{n} more places")
        self.places_button.setText(words.replace("{n}", str(len(others))))
        self.places_button.setVisible(bool(others))
        name = self.tr("More places in {title}").replace("{title}", self.title.text())
        self.places_button.setAccessibleName(name)
        if not others:
            self.places_button.setChecked(False)
        if self.places_button.isChecked():
            self.places.show_places([hit for hit in others if isinstance(hit, SearchHit)])

    def _open_places(self, opened: bool) -> None:
        if opened:
            self._show_places()
        self.places.setVisible(opened)
        self.tab_stops_changed.emit()

    def _leave_places(self, opened: bool) -> None:
        if not opened:
            self.place_chosen.emit(0)

    def _ask_similar(self) -> None:
        if isinstance(self.hit, SearchHit):
            self.similar_wanted.emit(self.hit.note_id)

    def _show_passage(self) -> None:
        if self.hit is None:
            return
        part = excerpt(self.hit, likeness=self._likeness)
        self.passage.show_text(part.text, part.marks, part.strong, shades=part.shades, code=part.code)
        weaker = self.tr("Weaker match") + ". " if self.weaker_mark.isVisibleTo(self) else ""
        self.setAccessibleDescription(f"{weaker}{self.place.text()}. {part.text}")

    def _show_reasons(self) -> None:
        """Where they are asked for; most never are."""
        asked = self.why_button.isChecked()
        if not asked:
            self.why.setText("")
        elif self.hit is not None and not self._likeness:
            reasons = reasons_of(self.hit, self._question, self._like)
            if self._likeness_awaited:
                reasons = [*reasons, self.tr("Comparing the words…")]
            self.why.setText(breakable("\n".join(reasons)))
        self.likeness_button.setVisible(
            asked and self.can_tell_likeness and not self._likeness and not self._likeness_awaited
        )

    def mousePressEvent(self, event: QMouseEvent) -> None:
        super().mousePressEvent(event)
        self._pressed_at = event.position().toPoint() if event.button() == Qt.MouseButton.LeftButton else None
        event.accept()  # else the moves that follow would go to what lies below

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Far enough from where the button went down, the note is dragged."""
        start = self._pressed_at
        if start is None or not isinstance(self.hit, SearchHit) or not event.buttons() & Qt.MouseButton.LeftButton:
            return
        if (event.position().toPoint() - start).manhattanLength() >= QApplication.startDragDistance():
            self._pressed_at = None
            drag_notes(self, self._theme, [self.hit.note_id], self.title.text())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A click selects; what a card does on Enter is to open."""
        if event.button() == Qt.MouseButton.LeftButton and self.rect().contains(event.position().toPoint()):
            self.chosen.emit()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.opened.emit()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason):
            self.chosen.emit()

    def _make_fonts(self) -> None:
        # With the weight: after a change of font or theme this outdoes the style sheet's.
        self.title.setFont(self._theme.interface_font(14.5, QFont.Weight.DemiBold))

    def _show_why(self, shown: bool) -> None:
        self.why.setVisible(shown)
        self.why_button.setText(self.tr("Less") if shown else self.tr("Why?"))
        self._likeness_awaited = self._likeness_awaited and shown
        if not shown and self._likeness:
            self._likeness = ()  # closed with its reasons: the sentence is highlighted again
            self._show_passage()
        self._show_reasons()
