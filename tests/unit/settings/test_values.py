"""The settings file survives damage, other versions and other writers, and keeps what it does not understand."""

from __future__ import annotations

import os
import stat
import threading
from datetime import datetime
from pathlib import Path

import pytest

from desktop_app.domain.errors import SettingError
from desktop_app.settings import values
from desktop_app.settings.values import SettingsFile

NOON = datetime(2026, 5, 4, 12, 0, 0)


def opened(path: Path, environ: dict[str, str] | None = None) -> SettingsFile:
    settings = SettingsFile(path, environ or {}, clock=lambda: NOON)
    settings.load()
    return settings


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "config" / "settings.toml"


def written(path: Path, text: str | bytes) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_without_a_file_everything_is_default_and_nothing_is_said(path: Path) -> None:
    settings = SettingsFile(path, {})
    report = settings.load()
    assert report.notices == ()
    assert settings.get("decoder.context_length") == 4096
    assert settings.get("sampling.temperature") is None
    assert settings.person_value("decoder.context_length") is None
    assert not path.exists()


def test_a_value_is_there_after_a_restart(path: Path) -> None:
    opened(path).set("decoder.context_length", 8192)
    again = opened(path)
    assert again.get("decoder.context_length") == 8192
    assert again.person_value("decoder.context_length") == 8192


def test_only_what_was_set_stands_in_the_file(path: Path) -> None:
    settings = opened(path)
    settings.set("sampling.temperature", 1)
    settings.set("appearance.theme", "dark")
    settings.reset("appearance.theme")
    text = path.read_text()
    assert "temperature = 1.0" in text
    assert "theme =" not in text
    assert "top_k" not in text


def test_comments_order_and_unknown_keys_survive_a_write(path: Path) -> None:
    written(path, '# mine\nplugin = "x"\n\n[decoder]\n# long chats\ncontext_length = 2048 # why\nlater_key = [1, 2]\n')
    settings = opened(path)
    settings.set("decoder.context_length", 8192)
    settings.set("appearance.theme", "dark")
    text = path.read_text()
    assert text.startswith('# mine\nplugin = "x"\n')
    assert "# long chats\ncontext_length = 8192 # why\nlater_key = [1, 2]\n" in text


def test_unknown_keys_are_said_once_and_ignored(path: Path) -> None:
    written(path, "[decoder]\nnonsense = 1\n[elsewhere]\na = 2\n")
    report = SettingsFile(path, {}).load()
    assert len(report.notices) == 1
    assert "decoder.nonsense" in report.notice
    assert "elsewhere.a" in report.notice
    assert report.kept_aside is None


def test_a_wrong_type_takes_the_default_for_that_key_only(path: Path) -> None:
    written(path, '[decoder]\ncontext_length = "long"\nthreads = 3\n[appearance]\ntheme = "pink"\n')
    settings = SettingsFile(path, {})
    report = settings.load()
    assert settings.get("decoder.context_length") == 4096
    assert settings.get("decoder.threads") == 3
    assert settings.get("appearance.theme") == "system"
    assert len(report.notices) == 2


@pytest.mark.parametrize(
    "damage",
    [
        "[decoder\ncontext_length = 1",
        "decoder = ",
        b"\xff\xfe\x00junk",
        "a = " + "[" * 5000,
        "a = " + "1" * 5000,
        b"\0" * 100,
        "# " + "x" * (1 << 20),
        "[decoder]\nthreads = 1\nthreads = 2\n",
    ],
    ids=["bracket", "half", "bytes", "deep", "long", "zeros", "huge", "twice"],
)
def test_a_damaged_file_is_kept_aside_and_defaults_are_used(path: Path, damage: str | bytes) -> None:
    written(path, damage)
    content = path.read_bytes()
    settings = SettingsFile(path, {}, clock=lambda: NOON)
    report = settings.load()
    assert len(report.notices) == 1
    assert report.kept_aside is not None
    assert report.kept_aside.name == "settings.toml.broken-20260504-120000"
    assert report.kept_aside.read_bytes() == content
    assert settings.get("decoder.threads") == 0
    settings.set("decoder.threads", 2)
    assert opened(path).get("decoder.threads") == 2
    assert report.kept_aside.read_bytes() == content


def test_two_damaged_files_of_one_second_are_both_kept(path: Path) -> None:
    for text in ("[[[", "]]]"):
        opened(written(path, text))
    kept = sorted(file.name for file in path.parent.iterdir())
    assert kept == ["settings.toml.broken-20260504-120000", "settings.toml.broken-20260504-120000-2"]


def test_a_file_damaged_after_the_start_is_kept_aside_at_the_next_write(path: Path) -> None:
    settings = opened(path)
    settings.set("decoder.threads", 2)
    path.write_text("[[[ damaged")
    settings.set("appearance.theme", "dark")
    assert opened(path).get("decoder.threads") == 2
    assert opened(path).get("appearance.theme") == "dark"
    assert (path.parent / "settings.toml.broken-20260504-120000").read_text() == "[[[ damaged"


def test_a_newer_file_is_copied_once_used_as_far_as_understood_and_keeps_its_version(path: Path) -> None:
    text = 'version = 99\nfuture = "x"\n[decoder]\nthreads = 2\n'
    written(path, text)
    report = SettingsFile(path, {}, clock=lambda: NOON).load()
    assert report.kept_aside is not None
    assert report.kept_aside.read_text() == text
    assert "newer" in report.notices[0]
    settings = opened(path)
    assert settings.get("decoder.threads") == 2
    assert len(list(path.parent.glob("*.newer-*"))) == 1
    settings.set("decoder.threads", 3)
    assert path.read_text().startswith('version = 99\nfuture = "x"\n')


def test_a_byte_order_mark_is_no_damage(path: Path) -> None:
    written(path, b"\xef\xbb\xbf[decoder]\r\nthreads = 2\r\n")
    settings = opened(path)
    assert settings.get("decoder.threads") == 2
    settings.set("decoder.threads", 3)
    assert opened(path).get("decoder.threads") == 3
    assert not list(path.parent.glob("*.broken*"))


def test_the_environment_decides_and_a_wrong_one_is_said(path: Path) -> None:
    written(path, "[decoder]\nthreads = 2\ncontext_length = 2048\n")
    environ = {
        "INKWELL_DECODER__CONTEXT_LENGTH": "8192",
        "INKWELL_DECODER__THREADS": "many",
        "INKWELL_DECODER__NONSENSE": "1",
        "INKWELL_DATA_DIR": "/x",
    }
    settings = SettingsFile(path, environ)
    report = settings.load()
    assert settings.get("decoder.context_length") == 8192
    assert settings.get("decoder.threads") == 2
    assert settings.environment_override("decoder.context_length") == "INKWELL_DECODER__CONTEXT_LENGTH"
    assert settings.environment_override("decoder.threads") is None
    assert any("INKWELL_DECODER__THREADS" in notice for notice in report.notices)
    assert any("INKWELL_DECODER__NONSENSE" in notice for notice in report.notices)
    assert "DATA_DIR" not in report.notice


def test_a_refused_value_leaves_the_file_as_it_was(path: Path) -> None:
    settings = opened(path)
    settings.set("decoder.threads", 2)
    before = path.read_bytes()
    with pytest.raises(SettingError):
        settings.set("decoder.threads", 999)
    with pytest.raises(SettingError):
        settings.set("storage.data_folder", "/elsewhere")
    with pytest.raises(SettingError):
        settings.set("no.such_key", 1)
    assert path.read_bytes() == before
    assert settings.get("decoder.threads") == 2


def test_what_another_process_wrote_is_not_lost_by_a_write(path: Path) -> None:
    window, command_line = opened(path), opened(path)
    command_line.set("decoder.threads", 2)
    window.set("appearance.theme", "dark")
    both = opened(path)
    assert (both.get("decoder.threads"), both.get("appearance.theme")) == (2, "dark")


def test_refresh_tells_what_another_process_changed(path: Path) -> None:
    window, command_line = opened(path), opened(path)
    told: list[str] = []
    window.subscribe(told.append)
    assert window.refresh() is None
    command_line.set("decoder.threads", 2)
    assert window.refresh() is not None
    assert told == ["decoder.threads"]
    assert window.refresh() is None


def test_listeners_hear_each_change_and_nothing_after_unsubscribing(path: Path) -> None:
    settings = opened(path)
    told: list[str] = []
    unsubscribe = settings.subscribe(told.append)
    settings.set("decoder.threads", 2)
    settings.set("decoder.threads", 2)
    settings.reset("decoder.threads")
    unsubscribe()
    settings.set("decoder.threads", 3)
    assert told == ["decoder.threads", "decoder.threads"]


@pytest.mark.skipif(os.name == "nt", reason="POSIX modes")
def test_the_file_and_its_folder_are_private(path: Path) -> None:
    old = os.umask(0)
    try:
        opened(path).set("decoder.threads", 2)
    finally:
        os.umask(old)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert [file.name for file in path.parent.iterdir()] == ["settings.toml"]


def test_a_full_disk_leaves_the_old_file_and_no_scraps(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = opened(path)
    settings.set("decoder.threads", 2)

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(values.os, "fsync", full)
    with pytest.raises(SettingError) as caught:
        settings.set("decoder.threads", 3)
    assert "No space left" in caught.value.why
    assert settings.get("decoder.threads") == 2
    assert [file.name for file in path.parent.iterdir()] == ["settings.toml"]
    assert opened(path).get("decoder.threads") == 2


def test_the_text_is_on_the_disk_before_it_replaces_the_old(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    order: list[str] = []
    real_sync, real_replace = os.fsync, os.replace
    monkeypatch.setattr(values.os, "fsync", lambda descriptor: (order.append("fsync"), real_sync(descriptor)))
    monkeypatch.setattr(values.os, "replace", lambda old, new: (order.append("replace"), real_replace(old, new)))
    opened(path).set("decoder.threads", 2)
    assert order[:2] == ["fsync", "replace"]


def test_threads_that_write_different_keys_lose_nothing(path: Path) -> None:
    settings = opened(path)
    jobs = [("decoder.threads", 2), ("encoder.threads", 3), ("decoder.batch_size", 64), ("appearance.theme", "dark")]
    threads = [threading.Thread(target=settings.set, args=job) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    again = opened(path)
    assert [(key, again.get(key)) for key, _value in jobs] == jobs


def test_fixed_values_are_shown_and_not_taken_from_the_file(path: Path) -> None:
    written(path, '[storage]\ndata_folder = "/evil"\n')
    settings = SettingsFile(path, {}, fixed={"storage.data_folder": "/data"})
    report = settings.load()
    assert settings.get("storage.data_folder") == "/data"
    assert "storage.data_folder" in report.notice


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root reads everything")
def test_an_unreadable_file_is_said_and_left_alone(path: Path) -> None:
    written(path, "[decoder]\nthreads = 2\n")
    path.chmod(0)
    report = SettingsFile(path, {}).load()
    assert "could not be read" in report.notice
    assert path.exists()
