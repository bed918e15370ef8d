"""Doctor looks at everything, whatever it meets, and says how to mend it."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from desktop_app.app import machine_facts
from desktop_app.app.doctor import Check, Doctor, DoctorReport, State
from desktop_app.app.paths import DataPaths, data_paths
from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.errors import CancelledError, ModelDamagedError, StoreDamagedError
from desktop_app.domain.note_attachments import StoredFile


class Healthy:
    """A container in which all is well; tests break one part of it."""

    def __init__(self, paths: DataPaths) -> None:
        self.settings_file = SimpleNamespace(load=lambda: SimpleNamespace(notice=""), integer=lambda _key: 1000)
        self.kept_states = SimpleNamespace(size=lambda: 5_000_000, folder=paths.kept_states)
        description = SimpleNamespace(name="Tiny", size_bytes=98_000_000, has_template=True)
        self.library = SimpleNamespace(
            decoder_path=lambda: Path("/models/tiny.gguf"),
            encoder_path=lambda: Path("/models/minilm"),
            describe=lambda path: description,
            verify_hash=lambda path, progress, cancel: SimpleNamespace(value="verified"),
        )
        self.store = SimpleNamespace(
            integrity_check=list,
            read_only=False,
            words=SimpleNamespace(integrity_check=lambda: None),
            note_attachments=SimpleNamespace(all_files=lambda: [StoredFile("a" * 64, "a.png", "image/png", 5_000)]),
            open_report=SimpleNamespace(notices=("12 notes were saved.",), damaged_copy=None, read_only=""),
        )
        self.attachment_files = SimpleNamespace(is_whole=lambda _hash: True)
        self.made_at = datetime.now(UTC)
        self.backups = SimpleNamespace(list_backups=lambda: [SimpleNamespace(made_at=self.made_at)])


@pytest.fixture
def paths(tmp_path: Path) -> DataPaths:
    made = data_paths(tmp_path / "data", {})
    made.create()
    made.database.write_bytes(b"x" * 1000)
    return made


@pytest.fixture(autouse=True)
def qt_loads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine_facts, "qt_problem", lambda: "")


def examine(paths: DataPaths, container: object) -> DoctorReport:
    return Doctor(paths, lambda: container, lambda *_: None).examine(CancelToken())  # type: ignore[arg-type,return-value]


def check(report: DoctorReport, name: str) -> Check:
    (found,) = [check for check in report.checks if check.name == name]
    return found


def test_all_is_well(paths: DataPaths) -> None:
    report = examine(paths, Healthy(paths))
    assert report.healthy, report.checks
    assert report.folders["data"] == str(paths.data)
    assert "known one" in check(report, "decoder").finding
    assert all(check.state is not State.PROBLEM for check in report.checks)
    assert {"inkwell", "python", "sqlite", "torch", "llama-cpp-python"} <= set(report.versions)


def damaged_decoder(container: Healthy) -> None:
    def verify(path: Path, progress: object, cancel: object) -> None:
        raise ModelDamagedError("Tiny is damaged.", "Its sha256 differs.", "Copy it again.")

    container.library.verify_hash = verify


def base_model(container: Healthy) -> None:
    described = SimpleNamespace(name="Base", size_bytes=1, has_template=False)
    container.library.describe = lambda path: described


def damaged_store(container: Healthy) -> None:
    container.store.integrity_check = lambda: ["page 3 is torn"]


def store_that_does_not_open(container: Healthy) -> None:
    class Broken:
        def __getattr__(self, name: str) -> Any:
            raise StoreDamagedError("The database is damaged.", "Not a database.", "inkwell restore latest")

    container.store = Broken()  # type: ignore[assignment]


def read_only_store(container: Healthy) -> None:
    container.store.read_only = True


def mended_store(container: Healthy) -> None:
    container.store.open_report.damaged_copy = Path("/data/inkwell.sqlite3.damaged-1")


def lost_file(container: Healthy) -> None:
    container.attachment_files.is_whole = lambda _hash: False


def no_backup(container: Healthy) -> None:
    container.backups.list_backups = list


def old_backup(container: Healthy) -> None:
    container.made_at = datetime.now(UTC) - timedelta(days=30)


def broken_settings(container: Healthy) -> None:
    container.settings_file.load = lambda: SimpleNamespace(notice="The settings file is broken.")


@pytest.mark.parametrize(
    ("damage", "name", "state", "words"),
    [
        (damaged_decoder, "decoder", State.PROBLEM, "sha256"),
        (base_model, "decoder", State.WARNING, "no chat template"),
        (damaged_store, "store", State.PROBLEM, "page 3 is torn"),
        (store_that_does_not_open, "store", State.PROBLEM, "Not a database"),
        (store_that_does_not_open, "full_text", State.PROBLEM, "damaged"),
        (read_only_store, "store", State.WARNING, "only be read"),
        (mended_store, "store", State.WARNING, "12 notes were saved"),
        (lost_file, "attachments", State.PROBLEM, "1 of 1 are missing or damaged: a.png"),
        (no_backup, "backups", State.WARNING, "none"),
        (old_backup, "backups", State.WARNING, "newest"),
        (broken_settings, "settings", State.WARNING, "broken"),
    ],
)
def test_what_is_wrong_is_found_with_the_way_to_mend_it(
    paths: DataPaths, damage: Callable[[Healthy], None], name: str, state: State, words: str
) -> None:
    container = Healthy(paths)
    damage(container)
    report = examine(paths, container)
    found = check(report, name)
    assert found.state is state
    assert words in found.finding
    assert found.mend
    assert len(report.checks) == 14
    assert report.healthy is (state is not State.PROBLEM)


def test_a_store_that_is_not_there_yet_is_not_made(paths: DataPaths) -> None:
    paths.database.unlink()
    container = Healthy(paths)
    store_that_does_not_open(container)
    assert check(examine(paths, container), "store").state is State.OK
    assert not paths.database.exists()


def test_a_full_disk_is_warned_about(paths: DataPaths, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: SimpleNamespace(free=1_000_000))
    assert check(examine(paths, Healthy(paths)), "space").state is State.WARNING


@pytest.mark.skipif(sys.platform == "win32", reason="modes of POSIX systems")
def test_a_data_folder_that_cannot_be_made_is_said_and_the_rest_is_looked_at(tmp_path: Path) -> None:
    """Just then somebody asks the doctor."""
    (tmp_path / "file").touch()
    paths = data_paths(tmp_path / "file" / "data", {})
    report = examine(paths, Healthy(paths))
    assert "cannot be made" in check(report, "folders").finding
    space = check(report, "space")
    assert (space.state, space.finding) == (State.PROBLEM, "It could not be looked at. Not a directory.")
    assert check(report, "decoder").state is State.OK


def test_outside_linux_qt_is_asked_by_importing_it() -> None:
    assert machine_facts._loading_problem("json") == ""
    assert "no_such_module" in machine_facts._loading_problem("json", "no_such_module")


@pytest.mark.skipif(os.name != "posix", reason="modes of POSIX systems")
def test_an_open_data_folder_is_warned_about(paths: DataPaths) -> None:
    paths.data.chmod(0o755)
    assert "chmod 700" in check(examine(paths, Healthy(paths)), "folders").mend


@pytest.mark.parametrize("closed", ["data", "database"])
def test_what_can_only_be_read_is_one_thing_to_mend(
    paths: DataPaths, monkeypatch: pytest.MonkeyPatch, closed: str
) -> None:
    denied = {paths.data, paths.database} if closed == "data" else {paths.database}
    monkeypatch.setattr("desktop_app.app.doctor.os.access", lambda path, mode: path not in denied)
    container = Healthy(paths)
    read_only_store(container)
    container.store.words.integrity_check = lambda: pytest.fail("it writes")
    report = examine(paths, container)
    mend = {name: check(report, name).mend for name in ("folders", "store", "full_text", "backups")}
    assert all("Update" not in advice for advice in mend.values())
    if closed == "data":
        assert str(paths.data) in mend["folders"]
        assert "--data-dir" in mend["folders"]
        assert mend["store"] == mend["full_text"] == "Mend the folder, as said above."
        assert [one.name for one in report.checks if one.state is State.PROBLEM] == ["folders"]
        container.backups.list_backups = list
        assert check(examine(paths, container), "backups").mend.startswith("Once the folder can be written")
    else:
        assert str(paths.database) in mend["store"]
        assert mend["folders"] == ""


def test_missing_packages_and_qt_libraries_are_problems(paths: DataPaths, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine_facts, "PACKAGES", ("no-such-package",))
    monkeypatch.setattr(machine_facts, "qt_problem", lambda: "libEGL.so.1 is missing")
    report = examine(paths, Healthy(paths))
    assert check(report, "packages").state is State.PROBLEM
    assert check(report, "qt").finding == "libEGL.so.1 is missing"


def test_it_can_be_stopped(paths: DataPaths) -> None:
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(CancelledError):
        Doctor(paths, lambda: Healthy(paths), lambda *_: None).examine(cancel)  # type: ignore[arg-type,return-value]


@pytest.mark.parametrize(
    ("version", "buggy"),
    [((3, 6, 23), False), ((3, 7, 0), True), ((3, 40, 1), True), ((3, 51, 2), True), ((3, 51, 3), False)],
)
def test_the_sqlite_versions_with_the_wal_bug(version: tuple[int, int, int], buggy: bool) -> None:
    assert machine_facts.sqlite_has_wal_bug(version) is buggy


def test_cpu_features_are_read(tmp_path: Path) -> None:
    cpuinfo = tmp_path / "cpuinfo"
    cpuinfo.write_text("processor : 0\nflags\t\t: fpu avx avx2 fma avx512_bf16 xyz\n")
    assert machine_facts.cpu_features(cpuinfo) == ["avx", "avx2", "fma", "avx512_bf16"]
    assert machine_facts.cpu_features(tmp_path / "none") == []
