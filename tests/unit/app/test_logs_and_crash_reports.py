"""Logs and crash reports say what failed and where, and never what the person wrote."""

from __future__ import annotations

import logging
import stat
import sys
import threading
from pathlib import Path

import pytest

from desktop_app.app.crash_report import CrashReports, describe_failure
from desktop_app.app.logging import start_logging
from desktop_app.domain.errors import DiskFullError

SECRET = "my secret diary"


def fail() -> None:
    try:
        {}[SECRET]
    except KeyError as error:
        raise ValueError(f"cannot parse {SECRET!r}") from error


def failure() -> Exception:
    try:
        fail()
    except ValueError as error:
        return error
    raise AssertionError


def test_a_description_names_kind_place_and_cause_but_no_text() -> None:
    text = describe_failure(failure())
    assert "builtins.ValueError" in text
    assert "builtins.KeyError" in text
    assert "in fail" in text
    assert SECRET not in text


def test_errors_of_the_system_and_our_own_keep_their_safe_words() -> None:
    assert "No such file" in describe_failure(FileNotFoundError(2, SECRET, f"/home/{SECRET}"))
    ours = describe_failure(DiskFullError(SECRET))
    assert "disk_full" in ours
    assert SECRET not in ours


def test_the_log_is_private_and_holds_no_texts_of_exceptions(tmp_path: Path) -> None:
    handler = start_logging(tmp_path, {})
    assert handler is not None
    try:
        logging.getLogger("desktop_app.test").error("it failed", exc_info=failure())
    finally:
        logging.getLogger("desktop_app").removeHandler(handler)
        handler.close()
    text = (tmp_path / "inkwell.log").read_text()
    assert "it failed" in text
    assert "builtins.ValueError" in text
    assert SECRET not in text
    if sys.platform != "win32":
        assert stat.S_IMODE((tmp_path / "inkwell.log").stat().st_mode) == 0o600


def test_a_log_that_cannot_be_written_does_not_stop_the_program(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert start_logging(tmp_path / "file", {}) is None


def test_uncaught_failures_of_any_thread_leave_a_report(tmp_path: Path) -> None:
    told: list[Path] = []
    reports = CrashReports(tmp_path, told.append)
    reports.install()
    try:
        thread = threading.Thread(target=fail)
        thread.start()
        thread.join()
        error = failure()
        sys.excepthook(type(error), error, error.__traceback__)
    finally:
        reports.uninstall()
    assert len(told) == 2
    text = told[0].read_text()
    assert "Inkwell 0." in text
    assert "in fail" in text
    assert SECRET not in text


def test_only_the_last_reports_are_kept(tmp_path: Path) -> None:
    for number in range(30):
        (tmp_path / f"crash-19990101-{number:06}-1.txt").write_text("old")
    written = CrashReports(tmp_path).write(failure())
    left = sorted(tmp_path.glob("crash-*.txt"))
    assert len(left) == 20
    assert left[-1] == written


def test_uninstall_gives_the_hooks_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = sys.excepthook, threading.excepthook
    reports = CrashReports(tmp_path)
    reports.install()
    reports.uninstall()
    assert (sys.excepthook, threading.excepthook) == before
