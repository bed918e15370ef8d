"""Files dropped on the window and on what lies over it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from desktop_app.presenters.tasks import TaskRunner
from desktop_app.ui.drop_zone import DropArea, DropVeil
from desktop_app.ui.theme.theme import Theme
from tests.ui.chat_room import said
from tests.ui.window_house import House, no_question_unasked


@pytest.fixture
def house(theme: Theme, tasks: TaskRunner, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    no_question_unasked(monkeypatch)
    made = House(theme, tasks, qtbot)
    yield made
    made.window._memory.save_now()


def drop(house: House, paths: Sequence[Path], at: QPoint | None = None, onto: QWidget | None = None) -> None:
    """As the desktop does it: the window is told, and finds the widget below the pointer."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    at = at or QPoint(20, 20)
    copy, left = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
    none = Qt.KeyboardModifier.NoModifier
    window = onto or house.window
    veil = window.findChild(DropVeil, options=Qt.FindChildOption.FindDirectChildrenOnly)
    enter = QDragEnterEvent(at, copy, data, left, none)
    QApplication.sendEvent(window.windowHandle(), enter)
    assert enter.isAccepted()
    assert veil is not None
    assert veil.isVisible()
    QApplication.sendEvent(window.windowHandle(), QDropEvent(QPointF(at), copy, data, left, none))
    assert not veil.isVisible()


def test_files_dropped_on_a_field_are_imported_too(house: House, qtbot: QtBot, tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("x")
    field = house.screen("chat").field
    drop(house, [tmp_path / "a.md"], field.mapTo(house.window, field.rect().center()))
    qtbot.waitUntil(lambda: house.window.import_question is not None)
    assert field.text() == ""
    one = house.window.import_question
    assert one is not None
    assert one.informativeText() == "Its text is copied into your notes. The original stays where it is."
    (tmp_path / "b.md").write_text("x")
    drop(house, [tmp_path / "a.md", tmp_path / "b.md"], field.mapTo(house.window, field.rect().center()))
    qtbot.waitUntil(lambda: house.window.import_question is not one)
    several = house.window.import_question
    assert several is not None
    assert several.informativeText().startswith("Their texts")


def test_a_screen_keeps_the_drops_that_are_its_own(house: House, tmp_path: Path) -> None:
    house.screen("chat").takes_drop = lambda data: True  # type: ignore[attr-defined]
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(tmp_path))])
    none = Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(QPoint(20, 20), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, none)
    QApplication.sendEvent(house.window.windowHandle(), enter)
    assert not house.window._veil.isVisible()


def test_a_screen_that_attaches_says_so_and_gets_the_files(house: House, tmp_path: Path) -> None:
    got: list[list[Path]] = []
    chat = house.screen("chat")
    chat.drop_words = lambda: ("Drop to attach", "They go with your message.")  # type: ignore[attr-defined]
    chat.attach_dropped = lambda paths: not got.append(paths)  # type: ignore[attr-defined, func-returns-value]
    drop(house, [tmp_path / "a.md"])
    assert got == [[tmp_path / "a.md"]]
    assert house.window.import_question is None
    assert "Drop to attach" in said(house.window._veil)
    house.window.show_room("notes")
    (tmp_path / "b.md").write_text("x")
    drop(house, [tmp_path / "b.md"])
    assert "Drop to import" in said(house.window._veil)
    assert len(got) == 1


def test_a_drop_means_what_the_screen_says_of_the_place(house: House, tmp_path: Path) -> None:
    chat = house.screen("chat")
    took: list[list[Path]] = []
    seen: list[bool] = []
    window = house.window

    def take(paths: list[Path]) -> None:
        took.append(paths)

    chat.drop_areas = lambda _paths: [DropArea(chat.field, "Drop here", "It is kept.", take)]  # type: ignore[attr-defined]
    place = chat.field.mapTo(window, chat.field.rect().center())
    drop(house, [tmp_path / "a.md"], place)
    assert took == [[tmp_path / "a.md"]]
    assert "Drop here" in said(window._veil)
    ((_, card),) = window._veil._cards
    assert card.property("selected") is True
    (tmp_path / "b.md").write_text("x")
    window._veil.dropped.connect(lambda _paths: seen.append(True))
    drop(house, [tmp_path / "b.md"], QPoint(2, 2))
    assert seen
    assert len(took) == 1


def test_what_the_screen_does_not_attach_is_imported(house: House, qtbot: QtBot, tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("x")
    house.screen("chat").attach_dropped = lambda _paths: False  # type: ignore[attr-defined]
    drop(house, [tmp_path / "a.md"])
    qtbot.waitUntil(lambda: house.window.import_question is not None)


def test_dropped_files_are_imported_after_one_question(house: House, qtbot: QtBot, tmp_path: Path) -> None:
    folder = tmp_path / "Papers"
    folder.mkdir()
    files = [folder / f"{number}.md" for number in range(3)]
    for file in files:
        file.write_text("x")
    drop(house, files)
    qtbot.waitUntil(lambda: house.window.import_question is not None)
    question = house.window.import_question
    assert question is not None
    assert question.text() == "Import 3 files from “Papers”?"
    assert house.told("notes") == []
    with qtbot.waitSignal(house.shell.import_wanted) as asked:
        question._yes.click()
    assert asked.args == [files]
    assert house.told("notes") == [("import", files)]
    assert house.window.room == "notes"


def test_a_dropped_folder_is_asked_about_once_by_whoever_knows_whether_it_is_linked(
    house: House, qtbot: QtBot, tmp_path: Path
) -> None:
    folder = tmp_path / "Papers"
    (folder / "deep").mkdir(parents=True)
    (folder / "deep" / "a.md").write_text("x")
    with qtbot.waitSignal(house.shell.import_wanted) as asked:
        drop(house, [folder])
    assert asked.args == [[folder]]
    assert house.window.import_question is None
    assert house.window.room == "notes"


def test_no_means_no(house: House, qtbot: QtBot, tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("x")
    drop(house, [tmp_path / "a.md"])
    qtbot.waitUntil(lambda: house.window.import_question is not None)
    question = house.window.import_question
    assert question is not None
    assert question.text() == "Import “a.md”?"
    with qtbot.assertNotEmitted(house.shell.import_wanted):
        question.reject()
    assert house.window.room == "chat"


def test_an_empty_folder_is_said_to_be_empty(house: House, qtbot: QtBot, tmp_path: Path) -> None:
    drop(house, [tmp_path])
    qtbot.waitUntil(lambda: bool(house.window.notices.shown))
    assert house.window.import_question is None


def test_a_dropped_model_goes_to_models(house: House, tmp_path: Path) -> None:
    drop(house, [tmp_path / "a.GGUF"])
    assert house.window.room == "models"
    assert house.told("models") == [("model", tmp_path / "a.GGUF")]


def test_files_dropped_on_the_quick_note_are_imported_and_its_text_stays(
    house: House, qtbot: QtBot, tmp_path: Path
) -> None:
    (tmp_path / "a.md").write_text("x")
    sheet = house.window.open_quick_note()
    qtbot.keyClicks(sheet.editor, "half a thought")
    drop(house, [tmp_path / "a.md"], sheet.editor.mapTo(sheet, sheet.editor.rect().center()), onto=sheet)
    qtbot.waitUntil(lambda: house.window.import_question is not None)
    assert not sheet.isVisible(), "the question is not hidden behind it"
    assert house.window.open_quick_note().text == "half a thought"
    sheet.editor.clear()


def test_files_dropped_on_ctrl_k_are_imported_too(house: House, qtbot: QtBot, tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("x")
    palette = house.window.open_palette()
    drop(house, [tmp_path / "a.md"], palette.field.mapTo(palette, palette.field.rect().center()), onto=palette)
    qtbot.waitUntil(lambda: house.window.import_question is not None)
    assert palette.field.text() == ""
    assert not palette.isVisible()


def test_a_model_dropped_on_a_sheet_goes_to_models(house: House, tmp_path: Path) -> None:
    sheet = house.window.open_shortcuts()
    sheet.hide()
    sheet = house.window.open_shortcuts()
    drop(house, [tmp_path / "a.gguf"], onto=sheet)
    assert house.told("models") == [("model", tmp_path / "a.gguf")]
