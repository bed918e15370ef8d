"""The line below the search box: by words, by meaning or by both, how many were found, and what else there is."""

from __future__ import annotations

from PySide6.QtWidgets import QBoxLayout, QHBoxLayout

from desktop_app.domain.search import SearchMode
from desktop_app.ui.theme.theme import Theme
from desktop_app.ui.widgets import IconButton, PlainLabel, SegmentedControl


class HowToSearch(QBoxLayout):
    """One line, or two of them where large letters meet a narrow window."""

    def __init__(self, theme: Theme, mode: SearchMode) -> None:
        super().__init__(QBoxLayout.Direction.LeftToRight)
        self.setSpacing(10)
        self.segments = SegmentedControl(
            (
                (SearchMode.BOTH.value, self.tr("Best of both")),
                (SearchMode.MEANING.value, self.tr("Meaning")),
                (SearchMode.WORDS.value, self.tr("Exact words")),
            ),
            name=self.tr("How to search"),
            value=mode.value,
        )
        self.number = PlainLabel("", "small")
        self.number.setAccessibleName(self.tr("Number of results"))
        self.facets_button = IconButton(theme.icon("chevron-down", "muted_text"), self.tr("Where the results lie"))
        self.facets_button.setCheckable(True)
        policy = self.facets_button.sizePolicy()
        policy.setRetainSizeWhenHidden(True)  # the count stays where it is
        self.facets_button.setSizePolicy(policy)
        self.facets_button.hide()
        self.more_button = IconButton(theme.icon("more", "muted_text"), self.tr("More about your notes"))
        self.more_button.hide()
        beside = self._beside = QHBoxLayout()
        beside.setSpacing(10)
        beside.addStretch()
        for widget in (self.number, self.facets_button, self.more_button):
            beside.addWidget(widget)
        self.addWidget(self.segments)
        self.addLayout(beside, 1)

    def fit(self, room: int) -> None:
        """Put what stands beside the modes below them where not all is to be read in so many pixels."""
        self.segments.fit(room)
        one_line = self.segments.sizeHint().width() + self.spacing() + self._beside.sizeHint().width() <= room
        self.setDirection(QBoxLayout.Direction.LeftToRight if one_line else QBoxLayout.Direction.TopToBottom)
