"""The shared building blocks."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QFontMetrics, QImage
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QMenu,
    QVBoxLayout,
    QWidget,
)
from pytestqt.qtbot import QtBot

from desktop_app.domain.errors import DiskFullError, ModelMissingError
from desktop_app.presenters.rows import Row, RowListModel, RowRole
from desktop_app.ui.actions import Actions
from desktop_app.ui.chat.chat_questions import confirm_for_good
from desktop_app.ui.theme.theme import Theme
from desktop_app.ui.widgets import (
    ActionButton,
    Banner,
    Card,
    ChipButton,
    ElidedLabel,
    EmptyState,
    ErrorBox,
    FilterBox,
    FlatList,
    IconButton,
    IconLabel,
    PaneHead,
    PlainLabel,
    SegmentedControl,
    SideDrawer,
    SidePane,
    TextButton,
    ThinProgress,
    plain_tool_tip,
)
from desktop_app.ui.widgets.flat_list import brought_into_view
from desktop_app.ui.widgets.flow_row import FlowRow
from desktop_app.ui.widgets.problem_place import ProblemPlace
from desktop_app.ui.widgets.question_box import QuestionBox

ROWS = [
    Row("today", "Today", is_section=True),
    Row(1, "Attention", "Allows a model to focus", "12:30"),
    Row(2, "Backups", "Two copies"),
    Row("old", "Earlier", is_section=True),
    Row(3, "Zebra", "Stripes"),
]


def colours(image: QImage) -> set[str]:
    return {image.pixelColor(x, y).name() for x in range(image.width()) for y in range(image.height())}


# Labels -----------------------------------------------------------------------------------------


def test_labels_take_nothing_for_html(theme: Theme, qtbot: QtBot) -> None:
    text = '<b>bold</b> <img src="file:///etc/passwd">'
    label = PlainLabel(text)
    qtbot.addWidget(label)
    assert label.textFormat() is Qt.TextFormat.PlainText
    plain = PlainLabel("x")
    qtbot.addWidget(plain)
    assert label.sizeHint().width() > 10 * plain.sizeHint().width()


def test_tool_tips_show_marks_as_marks() -> None:
    assert plain_tool_tip('<img src="x">\n&') == "<qt>&lt;img src=&quot;x&quot;&gt;<br>&amp;</qt>"
    assert plain_tool_tip("") == ""


def test_a_cut_label_tells_the_rest_in_its_tool_tip(theme: Theme, qtbot: QtBot) -> None:
    label = ElidedLabel("A title that is far too long for its place")
    qtbot.addWidget(label)
    label.resize(60, 20)
    label.show()
    assert "far too long" in label.toolTip()
    label.resize(900, 20)
    assert label.toolTip() == ""
    assert label.minimumSizeHint().width() < 30


# Buttons ----------------------------------------------------------------------------------------


def test_an_action_button_follows_its_action(theme: Theme, actions: Actions, qtbot: QtBot) -> None:
    action = actions["chat.new"]
    button = ActionButton(action, text="New")
    qtbot.addWidget(button)
    assert button.text() == "New  Ctrl N"
    assert button.accessibleName() == "New chat"
    with qtbot.waitSignal(action.triggered):
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    action.setEnabled(False)
    assert not button.isEnabled()


def test_an_action_button_drops_its_keys_where_it_is_narrow(theme: Theme, actions: Actions, qtbot: QtBot) -> None:
    pane = SidePane("Chats", actions["chat.new"])
    qtbot.addWidget(pane)
    pane.resize(268, 300)
    pane.show()
    button = pane.findChild(ActionButton)
    assert button is not None
    assert button.text() == "New  Ctrl N"
    theme.set_font_size(27.0)
    QApplication.processEvents()
    assert button.text() == "New"
    assert pane.rect().contains(button.geometry())


def test_enter_presses_the_button_that_has_the_focus(theme: Theme, qtbot: QtBot) -> None:
    dialog = QDialog()
    qtbot.addWidget(dialog)
    column = QVBoxLayout(dialog)
    done, other, icon = TextButton("Done", "primary"), TextButton("Other"), IconButton(theme.icon("close"), "Close")
    done.setDefault(True)
    for button in (done, other, icon):
        column.addWidget(button)
    dialog.show()
    with qtbot.assertNotEmitted(done.clicked):
        for button in (other, icon):
            with qtbot.waitSignal(button.clicked):
                qtbot.keyClick(button, Qt.Key.Key_Return)
            with qtbot.assertNotEmitted(button.clicked):
                qtbot.keyClick(button, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    menu = QMenu(dialog)
    chip = ChipButton("Filter", menu=menu)
    column.addWidget(chip)
    menu.addAction("tag:")
    qtbot.keyClick(chip, Qt.Key.Key_Enter)
    qtbot.waitUntil(menu.isVisible)
    menu.close()


def test_segments_take_one_value(theme: Theme, qtbot: QtBot) -> None:
    control = SegmentedControl([("both", "Best of both"), ("meaning", "Meaning")], name="Mode")
    qtbot.addWidget(control)
    control.show()
    assert control.value == "both"
    button = control.findChildren(TextButton)[1]
    with qtbot.waitSignal(control.changed) as sent:
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert sent.args == ["meaning"]
    with qtbot.assertNotEmitted(control.changed):
        control.set_value("both")
    assert control.value == "both"
    with pytest.raises(KeyError):
        control.set_value("neither")


def test_an_ampersand_is_shown(theme: Theme, qtbot: QtBot) -> None:
    chip = ChipButton("Salt & pepper")
    qtbot.addWidget(chip)
    assert chip.text() == "Salt && pepper"
    assert chip.accessibleName() == "Salt & pepper"


# Filter box -------------------------------------------------------------------------------------


def test_escape_clears_the_filter_before_it_goes_on(theme: Theme, qtbot: QtBot) -> None:
    passed: list[int] = []

    class Outer(QWidget):
        def keyPressEvent(self, event: object) -> None:
            passed.append(1)

    outer = Outer()
    qtbot.addWidget(outer)
    box = FilterBox("Filter chats…")
    QHBoxLayout(outer).addWidget(box)
    outer.show()
    qtbot.keyClicks(box, "ink")
    qtbot.keyClick(box, Qt.Key.Key_Escape)
    assert (box.text(), passed) == ("", [])
    qtbot.keyClick(box, Qt.Key.Key_Escape)
    assert passed == [1]
    assert box.accessibleName() == "Filter chats"


# Rows and the flat list -------------------------------------------------------------------------


def test_rows_change_as_little_as_they_can() -> None:
    model = RowListModel()
    model.set_rows(ROWS)
    removed: list[tuple[int, int]] = []
    inserted: list[tuple[int, int]] = []
    model.rowsRemoved.connect(lambda _, first, last: removed.append((first, last)))
    model.rowsInserted.connect(lambda _, first, last: inserted.append((first, last)))
    model.set_rows([ROWS[0], Row(9, "New"), *ROWS[1:]])
    assert (removed, inserted) == ([], [(1, 1)])
    model.set_rows([ROWS[0], *ROWS[2:]])
    assert removed == [(1, 2)]
    assert [row.id for row in model.rows] == ["today", 2, "old", 3]
    model.set_rows([])
    assert model.rowCount() == 0


def test_a_changed_row_is_repainted_and_stays_selected(theme: Theme, qtbot: QtBot) -> None:
    model = RowListModel()
    model.set_rows(ROWS)
    listed = FlatList(theme, model, name="Chats", sections=True)
    qtbot.addWidget(listed)
    assert listed.select(2)
    with qtbot.waitSignal(model.dataChanged):
        model.set_rows([*ROWS[:2], Row(2, "Backups", "Three copies"), *ROWS[3:]])
    assert listed.current_id == 2
    assert model.index(2).data(RowRole.SECOND_LINE) == "Three copies"


def test_clicks_and_keys_choose_rows_but_not_sections(theme: Theme, qtbot: QtBot) -> None:
    model = RowListModel()
    model.set_rows(ROWS)
    listed = FlatList(theme, model, name="Chats", sections=True)
    qtbot.addWidget(listed)
    listed.resize(268, 400)
    listed.show()
    chosen: list[object] = []
    listed.chosen.connect(chosen.append)
    for row in (0, 1):
        place = listed.visualRect(model.index(row)).center()
        qtbot.mouseClick(listed.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert chosen == [1]
    listed.setFocus()
    qtbot.waitUntil(listed.hasFocus)
    qtbot.keyClick(listed, Qt.Key.Key_Down)
    qtbot.keyClick(listed, Qt.Key.Key_Down)
    assert chosen == [1, 2, 3]
    with qtbot.waitSignal(listed.remove_wanted) as removed:
        qtbot.keyClick(listed, Qt.Key.Key_Delete)
    assert removed.args == [3]


def test_select_is_silent_and_says_what_it_could_not_do(theme: Theme, qtbot: QtBot) -> None:
    model = RowListModel()
    model.set_rows(ROWS)
    listed = FlatList(theme, model, name="Chats", sections=True)
    qtbot.addWidget(listed)
    with qtbot.assertNotEmitted(listed.chosen):
        assert listed.select(3)
        assert not listed.select(77)
        assert not listed.select("today")
    assert listed.current_id is None


def test_the_selected_row_has_an_accent_edge(theme: Theme, qtbot: QtBot) -> None:
    model = RowListModel()
    model.set_rows(ROWS)
    listed = FlatList(theme, model, name="Chats", sections=True)
    qtbot.addWidget(listed)
    listed.resize(268, 400)
    listed.show()
    accent = theme.color("accent").name()
    assert accent not in colours(listed.grab().toImage())
    listed.select(1)
    rect = listed.visualRect(model.index(1))
    image = listed.grab(rect).toImage()
    assert image.pixelColor(1, rect.height() // 2).name() == accent
    assert image.pixelColor(rect.width() // 2, 3).name() == theme.color("selected_row").name()


def test_a_mark_far_to_the_right_is_brought_into_view() -> None:
    metrics = QFontMetrics(QApplication.font())
    text = "many words that stand in front of the mark and then some behind it " * 3
    start = text.index("mark")
    width = metrics.horizontalAdvance(text[:20])
    shown, marks = brought_into_view(text, [(start, start + 4), (start + 9, start + 13)], metrics, width)
    assert [shown[left:right] for left, right in marks] == ["mark", "then"]
    assert shown.startswith("…")
    assert shown[1:] == text[text.index(shown[1:]) :]
    assert metrics.horizontalAdvance(shown[: marks[0][1]] + "…") <= width
    assert brought_into_view(text, [(5, 10)], metrics, width) == (text, [(5, 10)])


def test_a_long_list_is_laid_out_without_measuring_each_row(theme: Theme, qtbot: QtBot) -> None:
    model = RowListModel()
    model.set_rows([Row(number, f"Note {number}", "text") for number in range(10_000)])
    listed = FlatList(theme, model, name="Notes")
    qtbot.addWidget(listed)
    measured: list[int] = []
    delegate = listed.itemDelegate()
    hint = delegate.sizeHint
    delegate.sizeHint = lambda option, index: (measured.append(index.row()), hint(option, index))[1]  # type: ignore[method-assign]
    listed.resize(268, 600)
    listed.show()
    assert listed.verticalScrollBar().maximum() > 100_000
    assert len(measured) < 200


# Cards and states -------------------------------------------------------------------------------


def test_an_interactive_card_works_by_mouse_and_keyboard(theme: Theme, qtbot: QtBot) -> None:
    card = Card(interactive=True)
    qtbot.addWidget(card)
    card.show()
    with qtbot.waitSignal(card.clicked):
        qtbot.mouseClick(card, Qt.MouseButton.LeftButton)
    with qtbot.waitSignal(card.clicked):
        qtbot.keyClick(card, Qt.Key.Key_Return)
    plain = Card()
    qtbot.addWidget(plain)
    with qtbot.assertNotEmitted(plain.clicked):
        qtbot.mouseClick(plain, Qt.MouseButton.LeftButton)


def test_the_focus_shows_on_an_interactive_card(theme: Theme, qtbot: QtBot) -> None:
    house = QWidget()
    qtbot.addWidget(house)
    column = QVBoxLayout(house)
    first, other = Card(interactive=True), Card(interactive=True)
    column.addWidget(first)
    column.addWidget(other)
    house.resize(300, 200)
    house.show()
    house.activateWindow()
    qtbot.waitUntil(house.isActiveWindow)
    other.setFocus()
    without = first.grab().toImage()
    first.setFocus()
    assert first.hasFocus()
    assert first.grab().toImage() != without


def test_an_error_says_what_why_and_what_to_do(theme: Theme, qtbot: QtBot) -> None:
    tried: list[int] = []
    box = ErrorBox(
        ModelMissingError("The chat model is not there.", "It was moved.", "Choose another."),
        [("Try again", lambda: tried.append(1))],
    )
    qtbot.addWidget(box)
    box.show()
    texts = [label.text() for label in box.findChildren(PlainLabel) if label.isVisible()]
    assert texts == ["The chat model is not there.", "It was moved.", "Choose another."]
    button = box.findChild(TextButton)
    assert button is not None
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert tried == [1]
    box.set_error(ModelMissingError("Gone."))
    assert [label.text() for label in box.findChildren(PlainLabel) if label.isVisible()] == ["Gone."]
    assert box.accessibleName() == "Gone."


def test_an_empty_state_leads_on(theme: Theme, qtbot: QtBot) -> None:
    went: list[str] = []
    state = EmptyState(theme.icon("chat"), "No chats yet", "Ask something.", [("New chat", lambda: went.append("new"))])
    qtbot.addWidget(state)
    button = state.findChild(TextButton)
    assert button is not None
    assert button.property("role") == "primary"
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert went == ["new"]


@pytest.mark.parametrize("size", [13.5, 27.0])
def test_states_clip_nothing_at_twice_the_font(theme: Theme, qtbot: QtBot, size: float) -> None:
    theme.set_font_size(size)
    sentence = "A sentence that needs more than one line at any size that a person would choose to read. " * 2
    error = ModelMissingError(sentence, sentence, sentence)
    for widget in (
        EmptyState(theme.icon("chat"), "No chats yet", sentence, [("New chat", lambda: None)]),
        ErrorBox(error, [("Try again", lambda: None)]),
        Banner(sentence, [("Why?", lambda: None)]),
    ):
        qtbot.addWidget(widget)
        widget.resize(700, 900)
        widget.show()
        QApplication.processEvents()
        for label in widget.findChildren(PlainLabel):
            assert label.height() >= label.heightForWidth(label.width()), label.text()
        for button in widget.findChildren(TextButton):
            assert button.width() >= button.sizeHint().width()


# Drawer and progress ----------------------------------------------------------------------------


def test_actions_stand_below_one_another_where_there_is_no_room(theme: Theme, qtbot: QtBot) -> None:
    state = EmptyState(
        None, "No notes", "Words.", [(words, lambda: None) for words in ("New", "Import a folder…", "Files…")]
    )
    qtbot.addWidget(state)
    state.resize(700, 500)
    state.show()
    buttons = state.findChildren(TextButton)
    qtbot.waitUntil(lambda: len({button.y() for button in buttons}) == 1)
    state.resize(200, 500)
    qtbot.waitUntil(lambda: len({button.y() for button in buttons}) == 3)
    assert all(button.width() >= button.sizeHint().width() for button in buttons)


def test_a_head_gives_its_controls_what_they_need(theme: Theme, qtbot: QtBot) -> None:
    head = PaneHead("A title that is long enough")
    buttons = [TextButton(words) for words in ("Put back", "Delete forever…")]
    for button in buttons:
        head.add(button)
    qtbot.addWidget(head)
    head.resize(600, 60)
    head.show()
    needed = sum(button.sizeHint().width() for button in buttons)
    qtbot.waitUntil(lambda: head.title.width() > 100)
    gap = buttons[1].x() - buttons[0].geometry().right()
    head.resize(needed + 26, 60)
    qtbot.waitUntil(lambda: buttons[1].x() - buttons[0].geometry().right() < gap)
    assert all(button.width() >= button.sizeHint().width() for button in buttons)
    head.resize(600, 60)
    qtbot.waitUntil(lambda: head.title.width() > 100)


def test_the_right_pane_becomes_a_drawer(theme: Theme, qtbot: QtBot) -> None:
    middle, side = QLineEdit(), QWidget()
    drawer = SideDrawer(middle, side, close_icon=theme.icon("close"), close_text="Close")
    qtbot.addWidget(drawer)
    drawer.resize(1000, 600)
    drawer.show()
    assert drawer.drawer_open
    assert not drawer.close_drawer()
    drawer.set_compact(True)
    assert not side.isVisible()
    assert middle.width() == 1000
    drawer.open_drawer()
    assert side.isVisible()
    assert drawer.close_drawer()
    assert not side.isVisible()
    assert not drawer.close_drawer()
    drawer.set_compact(False)
    assert side.isVisible()
    assert middle.width() < 1000


def test_progress_of_unknown_length_moves_only_while_seen(theme: Theme, qtbot: QtBot) -> None:
    bar = ThinProgress(theme, name="Loading")
    qtbot.addWidget(bar)
    bar.set_fraction(None)
    assert not bar._timer.isActive()
    bar.show()
    assert bar._timer.isActive()
    bar.set_fraction(0.5)
    assert not bar._timer.isActive()
    assert bar.accessibleDescription() == "50%"
    bar.set_fraction(None)
    bar.hide()
    assert not bar._timer.isActive()


def test_progress_fills_its_share(theme: Theme, qtbot: QtBot) -> None:
    bar = ThinProgress(theme, name="Loading")
    qtbot.addWidget(bar)
    bar.resize(200, 4)
    bar.set_fraction(0.5)
    bar.show()
    image = bar.grab().toImage()
    assert image.pixelColor(50, 2).name() == theme.color("accent").name()
    assert image.pixelColor(150, 2).name() == theme.color("line").name()


def test_icons_grow_with_the_font(theme: Theme, qtbot: QtBot) -> None:
    square = IconButton(theme.icon("more"), "More", size=18)
    words = TextButton("Search", icon=theme.icon("search"))
    label = IconLabel(theme.icon("lock"), 20)
    for widget in (square, words, label):
        qtbot.addWidget(widget)
        widget.show()
    for size in (10, 13.5, 20):
        theme.set_font_size(size)
        shown = (square.iconSize().width(), words.iconSize().width(), label.width())
        assert shown == (theme.px(18), theme.px(16), theme.px(20))


class _WindowsShown(QObject):
    """Labels that were shown as windows of their own."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Show and isinstance(watched, QLabel) and watched.isWindow():
            self.seen.append(watched.text())
        return False


def test_building_an_empty_state_opens_no_window(qapp: QApplication) -> None:
    shown = _WindowsShown()
    qapp.installEventFilter(shown)
    state = EmptyState(None, "Nothing here", "A sentence that says why.", ())
    qapp.removeEventFilter(shown)
    assert shown.seen == []
    assert not state.sentence.isHidden()


def test_a_row_of_small_widgets_makes_room_for_a_chip_with_more_words(theme: Theme, qtbot: QtBot) -> None:
    row = FlowRow()
    qtbot.addWidget(row)
    row.resize(600, 40)
    chip, other = ChipButton("Newest first", menu=QMenu(row)), ChipButton("Saved")
    row.set_widgets([chip, other])
    row.show()
    qtbot.waitExposed(row)
    chip.set_text("Most relevant first")
    qtbot.waitUntil(lambda: chip.width() == chip.sizeHint().width())
    assert other.x() > chip.geometry().right()


def test_a_row_of_small_widgets_keeps_fixed_sizes_and_centres_its_lines(theme: Theme, qtbot: QtBot) -> None:
    row = FlowRow()
    qtbot.addWidget(row)
    row.resize(600, 40)
    low, high, last = QWidget(), QWidget(), QWidget()
    for widget, size in ((low, (50, 20)), (high, (60, 36)), (last, (500, 20))):
        widget.setFixedSize(*size)
    row.set_widgets([low, high, last])
    assert [widget.size().toTuple() for widget in (low, high, last)] == [(50, 20), (60, 36), (500, 20)]
    assert low.geometry().center().y() == high.geometry().center().y()
    assert last.y() > high.geometry().bottom()
    assert row.height() == last.geometry().bottom() + 1


def test_a_place_for_problems_shows_one_at_a_time(theme: Theme, qtbot: QtBot) -> None:
    page = QWidget()
    qtbot.addWidget(page)
    place = ProblemPlace(QVBoxLayout(page), theme)
    page.show()
    assert place.box is None
    place.show(DiskFullError("The disk is full."))
    first = place.box
    place.show(DiskFullError("It is still full."), [("Try again", lambda: None)])
    assert place.box is not None
    assert place.box is not first
    qtbot.waitUntil(lambda: [box for box in page.findChildren(ErrorBox) if box.isVisible()] == [place.box])
    place.show(None)
    assert place.box is None
    qtbot.waitUntil(lambda: page.findChildren(ErrorBox) == [])


@pytest.mark.parametrize("styled", ["mode", "size"])
def test_a_question_keeps_enter_with_its_safe_button_when_the_window_is_styled_anew(
    theme: Theme, qtbot: QtBot, styled: str
) -> None:
    done: list[bool] = []
    window = QWidget()
    qtbot.addWidget(window)
    window.show()
    confirm_for_good(window, "Empty the trash?", "3 chats are gone.", "Empty the trash", lambda: done.append(True))
    box = window.findChild(QuestionBox)
    assert box is not None
    act, cancel = (
        next(each for each in box.buttons() if each.text() == text) for text in ("Empty the trash", "Cancel")
    )
    qtbot.waitUntil(cancel.hasFocus)
    if styled == "mode":
        theme.set_mode("dark")
    else:
        theme.set_font_size(20.0)
    qtbot.waitUntil(lambda: not box._styled.isActive())
    assert cancel.hasFocus()
    assert cancel.isDefault()
    assert not act.isDefault()
    qtbot.keyClick(box, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.findChild(QuestionBox) is None)
    assert done == []
    theme.set_font_size(13.5)
