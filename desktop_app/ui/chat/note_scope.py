"""The composer's switch "My notes", the choice of the notes that are meant, and what to do where they hold nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, Qt
from PySide6.QtWidgets import QMenu, QWidget

from desktop_app.presenters.note_scope import NotePlaces, NoteScopePresenter
from desktop_app.ui.widgets import keys_of, literal, plain_tool_tip

if TYPE_CHECKING:
    from collections.abc import Callable

    from desktop_app.ui.actions import Actions
    from desktop_app.ui.chat.composer import Composer
    from desktop_app.ui.widgets import ButtonAction

_MOST_LISTED = 40


class NoteScopeControls(QObject):
    """Joins the composer's two buttons and their actions with the presenter."""

    def __init__(self, presenter: NoteScopePresenter, composer: Composer, actions: Actions, screen: QWidget) -> None:
        super().__init__(screen)
        self._presenter = presenter
        self._composer = composer
        self._screen = screen
        self.menu: QMenu | None = None
        switch, where = actions["chat.notes"], actions["chat.notes_where"]
        self._switch = composer.notes_button
        self._where = composer.where_button
        self._switch.setToolTip(
            plain_tool_tip(
                self.tr("Answers are written from passages of your notes, and cite them. {0}").format(keys_of(switch))
            )
        )
        self._switch.clicked.connect(self.toggle)
        self._where.clicked.connect(presenter.ask_places)
        composer.all_notes_button.clicked.connect(lambda: presenter.choose(""))
        switch.triggered.connect(self.toggle)
        where.triggered.connect(presenter.ask_places)
        presenter.changed.connect(self._show)
        presenter.places_ready.connect(self._open_menu)
        self._show()

    def toggle(self) -> None:
        """Answer from notes, or no more."""
        self._presenter.switch(self._presenter.scope is None)

    def next_steps(self, send_again: Callable[[], object], search: Callable[[], object]) -> list[ButtonAction]:
        """What can be done where the notes hold nothing about a question."""

        def without() -> None:
            self._presenter.leave_out_once()
            send_again()

        return [(self.tr("Ask without my notes"), without), (self.tr("Search my notes"), search)]

    def _show(self) -> None:
        scope = self._presenter.scope
        self._composer.show_notes(scope is not None, self._words(scope or ""), limited=bool(scope))

    def _words(self, scope: str) -> str:
        names = self._presenter.names
        if "among:" in scope:
            if len(names) == 1:
                return names[0] or self.tr("Untitled")
            return self.tr("{0} notes").format(len(names)) if names else self.tr("Notes that are gone")
        return scope or self.tr("All notes")

    def _open_menu(self, places: NotePlaces) -> None:
        from desktop_app.domain.search_question import FilterKind, written  # not needed for the first picture

        menu = QMenu(self._screen)
        menu.setAccessibleName(self.tr("Notes to answer from"))
        self._add(menu, self.tr("All notes"), "")
        folders = [(each, written(FilterKind.FOLDER, each)) for each in places.folders]
        tags = [(f"#{each}", written(FilterKind.TAG, each)) for each in places.tags]
        for words, choices in ((self.tr("Folder"), folders), (self.tr("Tag"), tags)):
            if choices:
                below = menu.addMenu(words)
                for label, scope in choices[:_MOST_LISTED]:
                    self._add(below, label, scope)
        menu.addSeparator()
        menu.addAction(self.tr("Other filters…")).triggered.connect(self._ask_filters)
        if self._presenter.scope is not None:
            menu.addAction(self.tr("Do not use my notes")).triggered.connect(lambda: self._presenter.choose(None))
        menu.aboutToHide.connect(menu.deleteLater)
        self.menu = menu
        button = self._where if self._where.isVisible() else self._switch
        menu.popup(button.mapToGlobal(QPoint(0, -menu.sizeHint().height())))

    def _add(self, menu: QMenu, label: str, scope: str) -> None:
        action = menu.addAction(literal(label))
        action.setCheckable(True)
        action.setChecked(self._presenter.scope == scope)
        action.triggered.connect(lambda: self._presenter.choose(scope))

    def _ask_filters(self) -> None:
        from desktop_app.ui.widgets.line_dialog import LineDialog

        dialog = LineDialog(
            self.tr("Answer from these notes"),
            self.tr("Filters as in Search, such as folder:Thesis tag:read after:2025"),
            self._presenter.scope or "",
            (),
            act=self.tr("Use these"),
            cancel=self.tr("Cancel"),
            parent=self._screen.window(),
        )
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.answered.connect(self._presenter.choose)
        dialog.open()
