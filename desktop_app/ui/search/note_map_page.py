"""The page of the map: made in the background with a way to stop, then shown."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QApplication, QStackedWidget, QVBoxLayout, QWidget

from desktop_app.presenters.note_map import MapPhase, NoteMapPresenter
from desktop_app.ui.search.note_map_view import NoteMapView
from desktop_app.ui.search.search_page import SearchPage
from desktop_app.ui.theme.theme import Theme
from desktop_app.ui.widgets import EmptyState, ErrorBox, PlainLabel, TextButton, ThinProgress


class NoteMapPage(SearchPage):
    """One of: the map, its progress, or why there is none."""

    open_note = Signal(int)

    def __init__(self, presenter: NoteMapPresenter, theme: Theme) -> None:
        super().__init__("", theme)
        self.head.title.setText(self.tr("Map of your notes"))
        self.setAccessibleName(self.head.title.text())
        self._presenter = presenter
        self.count = PlainLabel("", "small")
        self.fit_button = TextButton(self.tr("Show all"), "quiet", tip=self.tr("The key 0 does the same"))
        self.head.add(self.count)
        self.head.add(self.fit_button)
        self._stack = QStackedWidget()
        self.body.addWidget(self._stack)
        self.view = NoteMapView(theme)
        self.view.opened.connect(self.open_note)
        self.fit_button.clicked.connect(self.view.fit_all)
        self._making = self._making_page()
        self._stack.addWidget(self.view)
        self._stack.addWidget(self._making)
        self._message: QWidget | None = None
        presenter.changed.connect(self._show)
        presenter.progressed.connect(self.progress.set_fraction)
        self.setFocusProxy(self.view)

    def opened(self) -> None:
        self._presenter.load()
        self._show()
        self._take_keys()

    def _making_page(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.addStretch(2)
        column.addWidget(PlainLabel(self.tr("Drawing the map…"), "muted"), 0, Qt.AlignmentFlag.AlignHCenter)
        self.progress = ThinProgress(self.theme, name=self.tr("Drawing the map"))
        self.progress.setFixedWidth(self.theme.px(240))
        column.addWidget(self.progress, 0, Qt.AlignmentFlag.AlignHCenter)
        self.stop_button = TextButton(self.tr("Stop"))
        self.stop_button.clicked.connect(self._presenter.stop)
        column.addWidget(self.stop_button, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(3)
        return page

    def _show(self) -> None:
        presenter = self._presenter
        phase = presenter.phase
        before = self._stack.currentWidget()
        shown = phase is MapPhase.SHOWN and presenter.map is not None
        self.fit_button.setVisible(shown)
        self.count.setVisible(shown)
        if presenter.map is not None and shown:
            count = len(presenter.map.note_ids)
            self.count.setText(self.tr("1 note") if count == 1 else self.tr("{n} notes").format(n=f"{count:,}"))
            self.view.show_map(presenter.map)
            self._stack.setCurrentWidget(self.view)
        elif phase is MapPhase.MAKING:
            self._stack.setCurrentWidget(self._making)
        else:
            self._say(self._words_for(phase))
        focused = QApplication.focusWidget()
        # A map that comes while somebody types elsewhere, or a newer one, takes no key from anybody.
        if self._stack.currentWidget() is not before and (focused is None or self.isAncestorOf(focused)):
            self._take_keys()

    def _take_keys(self) -> None:
        """The keyboard goes to what is shown."""
        shown = self._stack.currentWidget()
        if not self.isVisible():
            return
        if shown is self.view or shown is self._making:
            (self.view if shown is self.view else self.stop_button).setFocus()
        else:
            buttons = self._message.findChildren(TextButton) if self._message is not None else []
            (buttons[0] if buttons else self.back).setFocus()

    def _words_for(self, phase: MapPhase) -> QWidget:
        presenter = self._presenter
        icon = self.theme.icon("notes", "muted_text")
        if phase is MapPhase.FAILED and presenter.error is not None:
            holder = QWidget()
            column = QVBoxLayout(holder)
            column.setContentsMargins(24, 24, 24, 24)
            again = ((self.tr("Try again"), presenter.load),)
            column.addWidget(ErrorBox(presenter.error, again, icon=self.theme.icon("warning", "warning")))
            column.addStretch()
            return holder
        if phase is MapPhase.NOTHING:
            return EmptyState(
                icon,
                self.tr("There is nothing to draw yet"),
                self.tr("The map needs three notes that are indexed by meaning. Indexing needs the search model."),
            )
        return EmptyState(
            icon,
            self.tr("The map was not drawn"),
            self.tr("You stopped it."),
            ((self.tr("Draw the map"), presenter.load),),
        )

    def _say(self, widget: QWidget) -> None:
        if self._message is not None:
            self._stack.removeWidget(self._message)
            self._message.deleteLater()
        self._message = widget
        self._stack.addWidget(widget)
        self._stack.setCurrentWidget(widget)
