"""What goes wrong around the window is said in it, with a next step, and costs nothing that was kept."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from pytestqt.qtbot import QtBot

from desktop_app.app.container import Container
from desktop_app.app.paths import data_paths
from desktop_app.app.single_instance import SingleInstance
from desktop_app.domain.conversation import Role
from desktop_app.domain.generation import StopReason, WorkerPhase
from desktop_app.domain.model_description import ModelKind
from desktop_app.ui.models.models_screen import ModelsScreen
from tests.end_to_end.program import PATIENCE_MS, Open, press, words_in

ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.usefixtures("no_complaints")


def start_process(folder: Path) -> subprocess.Popen[str]:
    """`inkwell` without a verb, in a process of its own."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("INKWELL_")}
    environment |= {"PYTHONPATH": str(ROOT), "QT_QPA_PLATFORM": "offscreen"}
    line = [sys.executable, "-P", "-m", "desktop_app", "--data-dir", str(folder)]
    return subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT, env=environment)


def fill(folder: Path) -> None:
    """A chat and a note, and the folder closed again."""
    paths = data_paths(folder, {})
    paths.create()
    container = Container(paths)
    chats = container.store.conversations
    chat = chats.create("Kept chat")
    chats.add_message(chat.id, None, Role.USER, "Kept words")
    container.notes.create(text="# Kept note\n\nKept words.")
    container.backups.back_up_now()
    container.close()


# The model -----------------------------------------------------------------------------------------


def test_a_missing_model_is_said_and_the_starter_brings_the_chat_back(start: Open, tmp_path: Path) -> None:
    program = start(
        settings={
            "decoder.model_file": str(tmp_path / "gone.gguf"),
            "decoder.max_answer_tokens": 16,
            "sampling.temperature": 0.0,
        }
    )
    program.until(lambda: program.chat.empty.problem is not None)
    words = words_in(program.chat.empty.problem)
    assert "gone.gguf" in words
    assert "Try again" in words
    press(program.chat.empty.problem, "Choose a model…")
    program.until(lambda: program.window.room == "models")
    models = program.window.screen_of("models")
    assert isinstance(models, ModelsScreen)
    press(models.cards[ModelKind.DECODER], "Use the starter")
    program.model_ready()
    program.until(lambda: program.chat.model_pill.text() == "SmolLM2 135M · starter")
    program.until(lambda: program.chat.empty.problem is None)
    program.send("What is the capital of France?")
    program.until(lambda: len(program.messages) == 2 and program.idle)
    assert "Paris" in program.messages[-1].text


def test_a_model_that_crashes_three_times_is_set_aside_until_it_is_forgiven(start: Open) -> None:
    program = start(script={"behaviour": "crash", "at": "write", "after_tokens": 3})
    program.model_ready()
    program.send("Hello")
    for crashes in (1, 2):
        program.until(lambda: program.chat.tail.problem is not None and program.idle)
        assert program.container.decoder.status.crashes == crashes
        assert len(program.messages[-1].text.split()) == 3
        assert program.messages[-1].stop_reason is StopReason.INTERRUPTED
        press(program.chat.tail.problem, "Try again")
        program.until(lambda: program.chat.tail.problem is None)
    program.until(lambda: program.container.decoder.status.phase is WorkerPhase.QUARANTINED)
    program.until(lambda: program.chat.tail.problem is not None and program.idle)
    words = words_in(program.chat.tail.problem)
    assert "set aside" in words
    assert "crashed 3 times" in words
    assert "Choose another model…" in words
    assert "The chat model is set aside" in program.window.status_bar.texts
    press(program.chat.tail.problem, "Try this one again")
    program.until(lambda: program.container.decoder.status.crashes == 1 and program.idle)
    assert program.container.decoder.status.phase is WorkerPhase.CRASHED


# The store -----------------------------------------------------------------------------------------


def test_a_damaged_database_is_recovered_at_the_start_and_said(start: Open, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    fill(folder)
    database = data_paths(folder, {}).database
    with database.open("r+b") as file:
        file.write(b"\x07" * 4096)
    program = start(script={})
    program.until(lambda: program.window.notices.shown)
    said = " ".join(notice.text for notice in program.window.notices.shown)
    assert "damaged" in said
    assert list(folder.glob("*.damaged-*"))
    program.until(lambda: "Kept chat" in [chat.title for chat in program.container.chat.conversations()])
    assert [note.title for note in map(program.container.notes.get, program.container.store.notes.all_ids())] == [
        "Kept note"
    ]


READ_ONLY = """
import json, sys
from pathlib import Path
from PySide6.QtWidgets import QApplication
from PySide6.QtTest import QTest
from desktop_app.app.container import Container
from desktop_app.app.paths import data_paths
from desktop_app.app.window import Desk
from desktop_app.ui.theme.theme import Theme
from tests.fakes.complaints import none_allowed
from tests.fakes.workers import scripted_decoder

def until(condition):
    for _ in range(2_000):
        if condition():
            return
        QTest.qWait(20)
    raise SystemExit("waited in vain")

app = QApplication([])
paths = data_paths(Path(sys.argv[1]), {})
paths.create()
with none_allowed():
    container = Container(paths)
    container.__dict__["decoder"] = scripted_decoder(Path(sys.argv[2]))
    desk = Desk(container, Theme("light"))
    desk.show()
    chat = desk.window.show_room("chat")
    until(lambda: container.decoder.loaded is not None and desk.window.notices.shown)
    said = [notice.text for notice in desk.window.notices.shown]
    (kept,) = container.chat.conversations()
    desk.shell.show_chat(kept.id)
    until(lambda: bool(chat.transcript.rows))
    texts = [row.message.text for row in chat.transcript.rows]
    chat.composer.edit.setPlainText("More")
    chat._send()
    until(lambda: chat.tail.problem is not None)
    problem, draft = chat.tail.problem.accessibleName(), chat.composer.draft
    chat.composer.edit.setPlainText("")
    desk.window.close()
    desk.close()
print(json.dumps({"said": said, "texts": texts, "problem": problem, "draft": draft}))
"""


def _runs(line: list[str]) -> bool:
    return subprocess.run(line, capture_output=True, check=False).returncode == 0


def read_only_line(folder: Path) -> list[str]:
    """What comes before a command so that it cannot write to `folder`; root may write anywhere but here."""
    if sys.platform == "win32":
        pytest.skip("a folder's read-only mark does not hold on Windows")
    if os.geteuid() != 0:
        folder.chmod(0o500)
        return []
    line = f'mount --bind "{folder}" "{folder}" && mount -o remount,ro,bind "{folder}" && exec "$@"'
    inside = ["unshare", "-m", "sh", "-c", line, "sh"]
    if shutil.which("unshare") is None or not _runs([*inside, "true"]):
        pytest.skip("root, and no mount namespaces")
    return inside


def test_a_read_only_data_folder_opens_and_says_so(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    fill(folder)
    script = tmp_path / "window.py"
    script.write_text(READ_ONLY, encoding="utf-8")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("INKWELL_")}
    environment |= {
        "PYTHONPATH": str(ROOT),
        "QT_QPA_PLATFORM": "offscreen",
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
    }
    ran = subprocess.run(
        [*read_only_line(folder), sys.executable, str(script), str(folder), str(tmp_path / "scripted")],
        capture_output=True,
        text=True,
        env=environment,
        timeout=110,
        check=False,
    )
    folder.chmod(0o700)
    assert ran.returncode == 0, ran.stderr
    told = json.loads(ran.stdout)
    assert any("read-only" in text for text in told["said"])
    assert told["texts"] == ["Kept words"]
    assert "read-only" in told["problem"]
    assert told["draft"] == "More"


# Processes -----------------------------------------------------------------------------------------


def test_a_second_start_raises_the_first_window(start: Open, tmp_path: Path) -> None:
    program = start(script={})
    instance = SingleInstance(program.container.paths)
    assert instance.acquire()
    instance.serve(lambda _message: program.desk.raise_wanted.emit())
    try:
        program.window.showMinimized()
        program.until(program.window.isMinimized)
        second = start_process(tmp_path / "data")
        program.until(lambda: second.poll() is not None)
        out, err = second.communicate()
        assert (second.returncode, out, err) == (0, "", "")
        program.until(lambda: not program.window.isMinimized() and program.window.isVisible())
    finally:
        instance.close()


def workers_of(process: subprocess.Popen[str]) -> list[psutil.Process]:
    try:
        return [child for child in psutil.Process(process.pid).children() if "--worker" in child.cmdline()]
    except psutil.Error:
        return []


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX systems")
def test_a_killed_program_leaves_no_process_and_no_lock_behind(qtbot: QtBot, tmp_path: Path) -> None:
    first = start_process(tmp_path / "data")
    qtbot.waitUntil(lambda: bool(workers_of(first)) or first.poll() is not None, timeout=PATIENCE_MS)
    workers = workers_of(first)
    assert workers, first.communicate()[1]
    first.send_signal(signal.SIGKILL)
    first.communicate()
    _, left = psutil.wait_procs(workers, timeout=3)
    assert not [worker for worker in left if worker.status() != psutil.STATUS_ZOMBIE]
    again = SingleInstance(data_paths(tmp_path / "data", {}))
    assert again.acquire()
    again.close()
