"""The settings screen: the form from the schema, changes and resets, search, data jobs, keyboard, large fonts."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QGuiApplication, QTextTable, QWheelEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QScrollArea,
    QSlider,
    QWidget,
)
from pytestqt.qtbot import QtBot

from desktop_app.domain.sampling_lists import SAMPLERS
from desktop_app.presenters.tasks import TaskRunner
from desktop_app.settings.schema import SETTINGS, Section
from desktop_app.settings.values import SettingsFile
from desktop_app.ui.actions import Actions
from desktop_app.ui.chat.message_text import MarkdownText
from desktop_app.ui.notes.read_view import ReadView
from desktop_app.ui.settings.about_page import AboutPage
from desktop_app.ui.settings.editors import ChoiceEditor, LongTextEditor, SliderEditor, TextEditor, TypedNumberEditor
from desktop_app.ui.settings.form_page import FormPage
from desktop_app.ui.settings.order_editor import OrderEditor
from desktop_app.ui.settings.settings_screen import PAGES
from desktop_app.ui.theme.theme import Theme
from tests.ui.settings_room import Rig


@pytest.fixture
def environ() -> dict[str, str]:
    return {}


@pytest.fixture
def rig(
    tmp_path: Path, qtbot: QtBot, tasks: TaskRunner, theme: Theme, actions: Actions, environ: dict[str, str]
) -> Iterator[Rig]:
    made = Rig(tmp_path, tasks, theme, actions, environ)
    qtbot.addWidget(made.screen)
    made.screen.show()
    qtbot.waitUntil(lambda: tasks.idle)
    yield made
    qtbot.waitUntil(lambda: tasks.idle and not made.presenter._pending and not made.presenter._writing)
    made.watcher.close()


def written(rig: Rig) -> str:
    return rig.settings.path.read_text() if rig.settings.path.exists() else ""


def test_every_setting_has_a_row_on_its_page(rig: Rig) -> None:
    shown: list[str] = []
    for section in Section:
        rig.screen.show_page(section.value)
        page = rig.screen._pages[section.value]
        assert isinstance(page, FormPage)
        shown += list(page.rows)
    assert sorted(shown) == sorted(setting.key for setting in SETTINGS)


def test_rare_settings_are_folded_away_until_they_are_asked_for_or_changed(rig: Rig, qtbot: QtBot) -> None:
    rig.screen.show_page("Generation")
    page = rig.screen._pages["Generation"]
    assert isinstance(page, FormPage)
    assert page._fold is not None
    fold = page._fold
    shown = {key for key, row in page.rows.items() if row.isVisible()}
    assert {"sampling.temperature", "sampling.top_k", "sampling.repeat_penalty"} <= shown
    assert not shown & {"sampling.mirostat", "sampling.order", "sampling.seed"}
    assert "Mirostat" in fold.button.accessibleDescription()
    qtbot.keyClick(fold.button, Qt.Key.Key_Space)
    assert page.rows["sampling.mirostat"].isVisible()
    qtbot.keyClick(fold.button, Qt.Key.Key_Space)
    assert not page.rows["sampling.mirostat"].isVisible()
    rig.screen.show_setting("sampling.seed")
    assert page.rows["sampling.seed"].isVisible()
    fold.set_open(False)
    rig.presenter.set("sampling.mirostat", 2)
    assert page.rows["sampling.mirostat"].isVisible(), "what was changed is not hidden"


def test_the_slider_changes_the_value_the_file_and_the_reset_link(rig: Rig, qtbot: QtBot) -> None:
    row = rig.row("sampling.temperature")
    editor = row.editor
    assert isinstance(editor, SliderEditor)
    assert (editor.field.text(), row.remark.text(), row.reset.isVisible()) == ("0.50", "from the model", False)
    editor.slider.setValue(14)
    assert (editor.field.text(), row.reset.text()) == ("0.70", "↺ 0.50 (model)")
    qtbot.waitUntil(lambda: "temperature = 0.7" in written(rig))
    qtbot.mouseClick(row.reset, Qt.MouseButton.LeftButton)
    assert (editor.field.text(), editor.slider.value(), row.reset.isVisible()) == ("0.50", 10, False)
    qtbot.waitUntil(lambda: "temperature" not in written(rig))


def test_a_number_can_be_typed_and_stepped_and_taken_back(rig: Rig, qtbot: QtBot) -> None:
    editor = rig.row("decoder.context_length").editor
    assert isinstance(editor, SliderEditor)
    field = editor.field
    field.setFocus()
    field.selectAll()
    qtbot.keyClicks(field, "2,048")
    assert rig.settings.person_value("decoder.context_length") is None
    qtbot.keyClick(field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: rig.settings.get("decoder.context_length") == 2048)
    qtbot.keyClick(field, Qt.Key.Key_Up)
    assert field.text() == "2,304"
    field.selectAll()
    qtbot.keyClicks(field, "999999")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert field.text() == "8,192"  # the trained context
    field.selectAll()
    qtbot.keyClicks(field, "words")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert field.text() == "8,192"
    field.selectAll()
    qtbot.keyClicks(field, "5")
    qtbot.keyClick(field, Qt.Key.Key_Escape)
    assert field.text() == "8,192"


def test_a_decimal_comma_is_understood(rig: Rig, qtbot: QtBot) -> None:
    editor = rig.row("sampling.top_p").editor
    assert isinstance(editor, SliderEditor)
    editor.field.selectAll()
    qtbot.keyClicks(editor.field, "0,7")
    qtbot.keyClick(editor.field, Qt.Key.Key_Return)
    assert rig.presenter.row("sampling.top_p").value == 0.7


def test_the_context_row_names_its_memory_beside_what_would_come_back(rig: Rig, qtbot: QtBot) -> None:
    row = rig.row("decoder.context_length")
    qtbot.waitUntil(lambda: row.memory.text().startswith("needs 0.10 of 23 GB"))
    assert row.memory.property("role") == "ok"
    rig.held = 2 * 10**9
    rig.presenter.refresh_model()
    qtbot.waitUntil(lambda: row.memory.text() == "needs 0.10 of 25 GB")


def test_every_slider_position_gives_a_value_in_range_that_leads_back(rig: Rig) -> None:
    for setting in SETTINGS:
        if not setting.is_number or setting.key == "sampling.seed":
            continue
        editor = rig.row(setting.key, setting.section.value).editor
        assert isinstance(editor, SliderEditor)
        positions = range(0, editor.slider.maximum() + 1, max(1, editor.slider.maximum() // 50))
        values = [editor._value(position) for position in positions]
        assert values == sorted(values)
        assert values[0] == setting.minimum
        assert editor._value(editor.slider.maximum()) == editor._high
        for value in values:
            assert abs(editor._value(editor._position(value)) - value) <= max(setting.step, value * 0.02)


def test_the_wheel_scrolls_the_page_and_changes_no_value(rig: Rig) -> None:
    editor = rig.row("sampling.temperature").editor
    assert isinstance(editor, SliderEditor)
    middle = QPointF(editor.slider.rect().center())
    event = QWheelEvent(
        middle,
        QPointF(editor.slider.mapToGlobal(middle.toPoint())),
        QPoint(0, 120),
        QPoint(0, 120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    before = editor.slider.value()
    QApplication.sendEvent(editor.slider, event)
    assert editor.slider.value() == before
    assert not event.isAccepted()


def test_choices_and_the_number_beside_them(rig: Rig, qtbot: QtBot) -> None:
    editor = rig.row("decoder.gpu_layers", "Chat model").editor
    assert isinstance(editor, ChoiceEditor)
    assert editor.number is not None
    assert editor.buttons["auto"].isChecked()
    assert not editor.number.isVisible()
    qtbot.mouseClick(editor.buttons[""], Qt.MouseButton.LeftButton)
    assert editor.number.isVisible()
    editor.number.selectAll()
    qtbot.keyClicks(editor.number, "24")
    qtbot.keyClick(editor.number, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: rig.settings.get("decoder.gpu_layers") == "24")
    qtbot.mouseClick(editor.buttons["none"], Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: rig.settings.get("decoder.gpu_layers") == "none")


def test_the_seed_is_typed_and_empty_means_a_new_one_each_time(rig: Rig, qtbot: QtBot) -> None:
    row = rig.row("sampling.seed")
    editor = row.editor
    assert isinstance(editor, TypedNumberEditor)
    assert editor.field.placeholderText() == "new each time"
    qtbot.keyClicks(editor.field, "42")
    qtbot.keyClick(editor.field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: rig.settings.get("sampling.seed") == 42)
    editor.field.selectAll()
    qtbot.keyClicks(editor.field, "many")
    qtbot.keyClick(editor.field, Qt.Key.Key_Return)
    assert row._error.isVisible()
    assert "whole number" in row._error.text()
    assert editor.field.text() == "42"
    editor.field.clear()
    qtbot.keyClick(editor.field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: rig.settings.get("sampling.seed") is None)


def test_what_is_being_typed_stays_when_the_row_is_told_anew(rig: Rig, qtbot: QtBot) -> None:
    editor = rig.row("sampling.seed").editor
    assert isinstance(editor, TypedNumberEditor)
    rig.screen.activateWindow()
    editor.field.setFocus()
    qtbot.waitUntil(editor.field.hasFocus)
    qtbot.keyClicks(editor.field, "17")
    rig.presenter.row_changed.emit("sampling.seed")
    assert editor.field.text() == "17"
    qtbot.keyClick(editor.field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: rig.settings.get("sampling.seed") == 17)


def test_the_samplers_are_ordered_and_switched_off_by_keyboard(rig: Rig, qtbot: QtBot) -> None:
    row = rig.row("sampling.order")
    editor = row.editor
    assert isinstance(editor, OrderEditor)
    names = list(SAMPLERS)
    editor.list.setFocus()
    editor.list.setCurrentRow(1)
    qtbot.keyClick(editor.list, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    qtbot.keyClick(editor.list, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    moved = [names[0], *names[2:4], names[1], *names[4:]]
    qtbot.waitUntil(lambda: rig.settings.person_value("sampling.order") == ", ".join(moved))
    assert editor.list.currentRow() == 3, "the moved one stays the current one"
    qtbot.keyClick(editor.list, Qt.Key.Key_Space)
    without = [name for name in moved if name != "dry"]
    qtbot.waitUntil(lambda: rig.settings.person_value("sampling.order") == ", ".join(without))
    row.reset.click()
    qtbot.waitUntil(lambda: rig.settings.person_value("sampling.order") is None)
    shown = [editor.list.item(place).text() for place in range(editor.list.count())]
    assert shown == list(SAMPLERS.values())


def test_the_last_sampler_cannot_be_switched_off(rig: Rig, qtbot: QtBot) -> None:
    row = rig.row("sampling.order")
    editor = row.editor
    assert isinstance(editor, OrderEditor)
    rig.presenter.set("sampling.order", "top_k")
    qtbot.waitUntil(lambda: rig.settings.person_value("sampling.order") == "top_k")
    editor.list.setCurrentRow(0)
    assert not editor.up.isEnabled()
    assert editor.down.isEnabled()
    editor.list.item(0).setCheckState(Qt.CheckState.Unchecked)
    assert row._error.isVisibleTo(row)
    assert editor.list.item(0).checkState() is Qt.CheckState.Checked


def test_a_bad_logit_bias_says_which_entry_is_wrong(rig: Rig, qtbot: QtBot) -> None:
    row = rig.row("sampling.logit_bias")
    editor = row.editor
    assert isinstance(editor, TextEditor)
    editor.field.setText("sea=2, sky")
    editor.field.editingFinished.emit()
    assert "“sky” is not one" in row._error.text()
    assert row._error.text().startswith("Logit bias cannot be"), "by its name, not by its key"
    editor.field.setText("sea=2, sky=never")
    editor.field.editingFinished.emit()
    qtbot.waitUntil(lambda: rig.settings.person_value("sampling.logit_bias") == "sea=2, sky=never")


def test_the_system_prompt_keeps_its_text(rig: Rig, qtbot: QtBot) -> None:
    editor = rig.row("decoder.system_prompt", "General").editor
    assert isinstance(editor, LongTextEditor)
    qtbot.keyClicks(editor.field, "Be brief. ")
    editor.field.insertPlainText("\n“Ünïcode” 😀")
    qtbot.waitUntil(lambda: rig.settings.get("decoder.system_prompt") == "Be brief. \n“Ünïcode” 😀")


def test_a_refused_model_file_says_why_and_keeps_the_old(rig: Rig, qtbot: QtBot, tmp_path: Path) -> None:
    row = rig.row("decoder.model_file", "Chat model")
    bad = tmp_path / "bad.gguf"
    bad.write_bytes(b"not a model")
    row.editor.edited.emit(str(bad))
    qtbot.waitUntil(row._error.isVisible)
    assert "bad.gguf" in row._error.text()
    assert rig.settings.person_value("decoder.model_file") is None


def test_a_file_that_cannot_be_written_shows_the_old_value_and_why(rig: Rig, qtbot: QtBot) -> None:
    row = rig.row("sampling.temperature")
    rig.settings.path.mkdir()  # a folder where the file should be
    editor = row.editor
    assert isinstance(editor, SliderEditor)
    editor.slider.setValue(30)
    qtbot.waitUntil(row._error.isVisible)
    assert "not saved" in row._error.text()
    assert editor.field.text() == "0.50"


@pytest.mark.parametrize("environ", [{"INKWELL_SAMPLING__TEMPERATURE": "0.9"}])
def test_a_value_from_the_environment_is_locked_and_says_so(rig: Rig) -> None:
    row = rig.row("sampling.temperature")
    assert not row.editor.isEnabled()
    assert row.remark.text() == "set by INKWELL_SAMPLING__TEMPERATURE"
    rig.presenter.set("sampling.temperature", 0.1)
    assert rig.presenter.row("sampling.temperature").value == 0.9


def test_reset_page_resets_only_it_and_can_be_undone(rig: Rig, qtbot: QtBot) -> None:
    rig.presenter.set("sampling.temperature", 0.9)
    rig.presenter.set("decoder.threads", 1)
    rig.screen.show_page("Generation")
    qtbot.waitUntil(lambda: rig.settings.get("decoder.threads") == 1)
    assert rig.screen.reset_page.isEnabled()
    with qtbot.waitSignal(rig.screen.notice_wanted) as told:
        qtbot.mouseClick(rig.screen.reset_page, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: rig.settings.person_value("sampling.temperature") is None)
    assert rig.settings.get("decoder.threads") == 1
    assert not rig.screen.reset_page.isEnabled()
    assert told.args is not None
    told.args[1]()
    qtbot.waitUntil(lambda: rig.settings.get("sampling.temperature") == 0.9)


def test_what_the_command_line_sets_shows_in_the_open_form(rig: Rig, qtbot: QtBot) -> None:
    row = rig.row("sampling.temperature")
    other = SettingsFile(rig.settings.path, {})
    other.load()
    other.set("sampling.temperature", 1.25)
    rig.watcher.look()
    editor = row.editor
    assert isinstance(editor, SliderEditor)
    qtbot.waitUntil(lambda: editor.field.text() == "1.25")


def test_search_finds_by_any_word_and_says_when_there_is_nothing(rig: Rig, qtbot: QtBot) -> None:
    box = rig.screen._filter
    qtbot.keyClicks(box, "variety")
    results = rig.screen._stack.currentWidget()
    assert isinstance(results, FormPage)
    assert list(results.rows) == ["sampling.temperature"]
    box.setText("zzzz")
    assert not isinstance(rig.screen._stack.currentWidget(), FormPage)
    assert rig.screen.on_escape()
    assert rig.screen._stack.currentWidget() is rig.screen._pages["Generation"]
    assert not rig.screen.on_escape()


@pytest.mark.parametrize(
    ("words", "key"),
    [
        ("creativity", "sampling.temperature"),
        ("randomness", "sampling.temperature"),
        ("imagination", "sampling.temperature"),
        ("memory", "decoder.context_length"),
        ("it forgets", "decoder.context_length"),
        ("length", "decoder.max_answer_tokens"),
        ("longer answers", "decoder.max_answer_tokens"),
        ("personality", "decoder.system_prompt"),
        ("repeating itself", "sampling.repeat_penalty"),
        ("same answer", "sampling.seed"),
        ("speed", "decoder.threads"),
        ("CPU", "decoder.threads"),
        ("GPU", "decoder.gpu_layers"),
        ("graphics card", "decoder.gpu_layers"),
        ("threads", "encoder.threads"),
        ("where are my files", "storage.data_folder"),
        ("folder", "storage.data_folder"),
        ("saving", "notes.autosave_ms"),
        ("keywords", "search.dense_weight"),
        ("dark mode", "appearance.theme"),
        ("colours", "appearance.theme"),
        ("size of text", "appearance.font_size"),
        ("bigger letters", "appearance.font_size"),
        ("top-k", "sampling.top_k"),
        ("repeat_penalty", "sampling.repeat_penalty"),
        ("decoder.thr", "decoder.threads"),
    ],
)
def test_search_finds_a_setting_by_plain_words(rig: Rig, words: str, key: str) -> None:
    found = [setting.key for setting in rig.presenter.find(words)]
    assert key in found
    assert len(found) <= 8, "a search that finds everything finds nothing"


def test_search_finds_beginnings_of_words_and_no_pieces_from_within(rig: Rig) -> None:
    assert [setting.key for setting in rig.presenter.find("size of text")] == ["appearance.font_size"]
    dynamic = ["sampling.dynatemp_range", "sampling.dynatemp_exponent"]
    assert [setting.key for setting in rig.presenter.find("temp")] == ["sampling.temperature", *dynamic]
    assert rig.presenter.find("emperature") == []


def test_the_name_of_a_page_finds_its_settings_only_where_they_do_not_say_the_words_themselves(rig: Rig) -> None:
    assert "notes.autosave_ms" not in [setting.key for setting in rig.presenter.find("folder")]
    assert [setting.key for setting in rig.presenter.find("folder saving")] == ["notes.autosave_ms"]


def test_many_settings_that_are_found_are_made_a_few_at_a_time(rig: Rig, qtbot: QtBot) -> None:
    found = [setting.key for setting in rig.presenter.find("a")]
    assert len(found) > 20
    rig.screen._filter.setText("a")
    results = rig.screen._stack.currentWidget()
    assert isinstance(results, FormPage)
    assert 0 < len(results.rows) < 10, "a key waits for what can be seen at most"
    qtbot.waitUntil(lambda: len(results.rows) == len(found), timeout=20_000)
    assert sorted(results.rows) == sorted(found)
    rig.screen._filter.setText("variety")


def test_a_change_in_the_search_results_reaches_the_page(rig: Rig, qtbot: QtBot) -> None:
    page_row = rig.row("sampling.temperature")
    rig.screen._filter.setText("temperature")
    results = rig.screen._stack.currentWidget()
    assert isinstance(results, FormPage)
    results.rows["sampling.temperature"].editor.edited.emit(1.5)
    assert isinstance(page_row.editor, SliderEditor)
    assert page_row.editor.field.text() == "1.50"


@pytest.mark.parametrize("name", PAGES)
def test_a_page_that_is_gone_no_longer_hears_of_the_theme(rig: Rig, theme: Theme, qtbot: QtBot, name: str) -> None:
    """As with the pages of search results, which go with every letter. A slot that fails fails the test."""
    page = rig.screen._make_page(name)
    assert page is not rig.screen._pages.get(name)
    gone: list[bool] = []
    page.destroyed.connect(lambda: gone.append(True))
    page.deleteLater()
    qtbot.waitUntil(lambda: bool(gone))
    theme.set_font_size(20.0)
    theme.set_mode("dark")


def test_fields_and_their_hints_follow_the_font_size(rig: Rig, theme: Theme) -> None:
    for name in ("General", "Generation"):
        rig.screen.show_page(name)
    fields = [*rig.screen.findChildren(QLineEdit), *rig.screen.findChildren(QPlainTextEdit)]
    hints = [field for field in fields if field.placeholderText()]
    assert len(hints) >= 3
    before = [field.fontMetrics().height() for field in fields]
    theme.set_font_size(27.0)
    for field, height in zip(fields, before, strict=True):
        assert field.fontMetrics().height() == pytest.approx(2 * height, rel=0.1), field.placeholderText()


def test_about_shows_versions_and_every_licence(rig: Rig) -> None:
    rig.screen.show_page("About")
    page = rig.screen._pages["About"]
    assert isinstance(page, AboutPage)
    page.copy.click()
    assert "Qt 6" in QGuiApplication.clipboard().text()
    assert page.licences.count() == len(page._files) > 0
    for number in range(page.licences.count()):
        page.licences.setCurrentRow(number)
        if page._files[number].suffix != ".md":
            assert page.right.currentWidget() is page.text
            assert page.text.toPlainText().strip()


def test_the_list_of_parts_is_a_table_to_read(rig: Rig) -> None:
    rig.screen.show_page("About")
    page = rig.screen._pages["About"]
    assert isinstance(page, AboutPage)
    assert page._files[0].suffix == ".md"
    shown = page.right.currentWidget()
    assert isinstance(shown, ReadView)
    parts = [part for body in shown.bodies for part in body.parts if isinstance(part, MarkdownText)]
    assert any(isinstance(frame, QTextTable) for part in parts for frame in part.document().rootFrame().childFrames())
    assert "|---|" not in " ".join(part.toPlainText() for part in parts)
    page.licences.setCurrentRow(1)
    assert page.right.currentWidget() is page.text
    page.licences.setCurrentRow(0)
    assert page.right.currentWidget() is shown


def test_the_screen_remembers_its_page(rig: Rig) -> None:
    rig.screen.show_page("Appearance")
    state = rig.screen.save_state()
    rig.screen.show_page("About")
    rig.screen.restore_state(state)
    assert rig.screen._head.title.text() == "Appearance"
    rig.screen.restore_state({"page": "gone"})
    assert rig.screen._head.title.text() == "Generation"


def test_every_control_has_an_accessible_name_and_takes_the_focus_by_tab(rig: Rig) -> None:
    for page in PAGES:
        rig.show_all_of(page)
        for kind in (QAbstractButton, QLineEdit, QPlainTextEdit, QSlider):
            for control in rig.screen.findChildren(kind):
                if control.isVisible():
                    assert control.accessibleName(), f"{page}: {control}"
                    assert control.focusPolicy() & Qt.FocusPolicy.TabFocus, f"{page}: {control.accessibleName()}"


@pytest.mark.parametrize(
    ("size", "width", "height"),
    [
        (13.5, 740, 560),
        (13.5, 940, 600),
        (13.5, 1040, 660),
        (13.5, 1380, 860),
        (27.0, 621, 480),
        (27.0, 740, 560),
        (27.0, 940, 600),
        (27.0, 1380, 860),
    ],
)
def test_nothing_is_clipped(rig: Rig, theme: Theme, qtbot: QtBot, size: float, width: int, height: int) -> None:
    theme.set_font_size(size)
    rig.screen.resize(width, height)
    for page in PAGES:
        rig.screen.show_page(page)
        qtbot.waitUntil(partial(_assert_all_texts_whole, rig.screen, page))
        rig.show_all_of(page)
        qtbot.waitUntil(partial(_assert_all_texts_whole, rig.screen, page))
        shown = rig.screen._stack.currentWidget()
        assert shown.horizontalScrollBar().maximum() == 0, f"{page} is wider than its window"
        qtbot.waitUntil(partial(_assert_as_wide_as_its_window, shown, page))
    theme.set_font_size(13.5)


def test_long_names_wrap_where_a_narrow_window_meets_large_letters(rig: Rig, theme: Theme) -> None:
    theme.set_font_size(27.0)
    rig.screen.resize(740, 560)
    for page in PAGES:
        rig.show_all_of(page)
        form = rig.screen._stack.currentWidget()
        if isinstance(form, FormPage):
            room = form.viewport().width()
            wide = [row.setting.key for row in form.rows.values() if row._words.minimumSizeHint().width() > room - 60]
            assert not wide
    theme.set_font_size(13.5)


def _assert_as_wide_as_its_window(area: QScrollArea, page: str) -> None:
    assert area.widget().width() == area.viewport().width(), f"{page} is wider than its window"


def _assert_all_texts_whole(screen: QWidget, page: str) -> None:
    clipped = [text for widget in _texts(screen) if (text := _clipped(widget))]
    assert not clipped, f"{page}: {clipped}"


def _texts(screen: QWidget) -> list[QWidget]:
    kinds = (QLabel, QAbstractButton)
    return [widget for kind in kinds for widget in screen.findChildren(kind) if widget.isVisible()]


def _clipped(widget: QWidget) -> str:
    """The text of a label or button that has less room than it needs (labels that elide on purpose are exempt)."""
    if not isinstance(widget, QLabel | QAbstractButton) or type(widget).__name__ == "ElidedLabel" or not widget.text():
        return ""
    if isinstance(widget, QLabel) and widget.wordWrap():
        needed = widget.heightForWidth(widget.width())
        return widget.text() if widget.height() + 1 < needed else ""
    return widget.text() if widget.width() + 1 < widget.sizeHint().width() else ""
