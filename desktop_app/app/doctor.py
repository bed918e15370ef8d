"""Looks at everything Inkwell stands on and says what is wrong and how to mend it."""

from __future__ import annotations

import os
import shlex
import shutil
import stat
from collections.abc import Callable
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from desktop_app.app import machine_facts
from desktop_app.app.paths import DataPaths
from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.errors import InkwellError, system_reason

if TYPE_CHECKING:
    from desktop_app.app.container import Container

_LITTLE_SPACE = 500_000_000
_OLD_BACKUP_DAYS = 7
_INSTALL_AGAIN = "In a checkout, remove .venv and run: python3 packaging/dev.py run; else install Inkwell again."
_QT_LIBRARIES = (
    "On Debian and Ubuntu: sudo apt-get install libegl1 libgl1 libdbus-1-3 libfontconfig1 libglib2.0-0 "
    "libxkbcommon-x11-0 libxcb-cursor0 libxcb-icccm4 libxcb-image0 libxcb-keysyms1 libxcb-render-util0 libxcb-shape0. "
    "Windows and macOS bring all that Qt needs from Windows 10 22H2 and macOS 13 on."
)


class State(StrEnum):
    """How a check ended."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"


class Check(msgspec.Struct, frozen=True):
    """One thing looked at.

    Attributes:
        name: stable, for --json.
        title: what was looked at, for people.
        finding: what was found.
        mend: what to do; empty where nothing needs to be done.
    """

    name: str
    title: str
    state: State
    finding: str
    mend: str = ""


class DoctorReport(msgspec.Struct, frozen=True):
    """All checks, with the facts they rest on."""

    checks: tuple[Check, ...]
    versions: dict[str, str]
    folders: dict[str, str]
    cpu_features: tuple[str, ...]

    @property
    def healthy(self) -> bool:
        """True when no check found a problem; warnings do not count."""
        return all(check.state is not State.PROBLEM for check in self.checks)

    def as_json(self) -> dict[str, object]:
        """The object of `inkwell doctor --json`."""
        return {
            "healthy": self.healthy,
            "versions": self.versions,
            "folders": self.folders,
            "cpu_features": list(self.cpu_features),
            "checks": [
                {
                    "name": check.name,
                    "title": check.title,
                    "state": check.state.value,
                    "finding": check.finding,
                    "mend": check.mend,
                }
                for check in self.checks
            ],
        }


class Doctor:
    """Runs every check, whatever the others found.

    Args:
        container: makes the parts when a check first needs them; it may raise InkwellError.
        progress: told (checks done, checks in all, what is looked at).
    """

    def __init__(
        self, paths: DataPaths, container: Callable[[], Container], progress: Callable[[int, int, str], None]
    ) -> None:
        self._paths = paths
        self._container = container
        self._progress = progress

    def examine(self, cancel: CancelToken) -> DoctorReport:
        """Look at everything. Raises CancelledError, nothing else that a check can meet."""
        found = machine_facts.versions()
        looks: list[tuple[str, str, Callable[[], Check]]] = [
            ("packages", "Packages", lambda: self._packages(found)),
            ("sqlite", "SQLite", self._sqlite),
            ("cpu", "Processor", self._cpu),
            ("qt", "Qt's system libraries", self._qt),
            ("folders", "Folders", self._folders),
            ("space", "Disk space", self._space),
            ("settings", "Settings file", self._settings),
            ("decoder", "Chat model (decoder)", lambda: self._model("decoder", cancel)),
            ("encoder", "Search model (encoder)", lambda: self._model("encoder", cancel)),
            ("store", "Database", self._store),
            ("full_text", "Full-text index", self._full_text),
            ("attachments", "Files of notes", lambda: self._attachments(cancel)),
            ("backups", "Backups", self._backups),
            ("kept_states", "Kept chat states", self._kept_states),
        ]
        checks = []
        for number, (name, title, look) in enumerate(looks):
            cancel.raise_if_cancelled()
            self._progress(number, len(looks), title)
            try:
                checks.append(look())
            except InkwellError as error:
                cancel.raise_if_cancelled()
                finding = " ".join(part for part in (error.what, error.why) if part)
                checks.append(Check(name, title, State.PROBLEM, finding, error.todo))
            except OSError as error:  # a folder that is not there or is none: it is said above, the rest is looked at
                finding = f"It could not be looked at. {system_reason(error)}".strip()
                checks.append(Check(name, title, State.PROBLEM, finding, "Mend the folders first, as said above."))
        folders = {"data": self._paths.data, "config": self._paths.config, "cache": self._paths.cache}
        return DoctorReport(
            checks=tuple(checks),
            versions=found,
            folders={**{name: str(path) for name, path in folders.items()}, "runtime": str(self._paths.runtime)},
            cpu_features=tuple(machine_facts.cpu_features()),
        )

    # The machine --------------------------------------------------------------------------------

    def _packages(self, versions: dict[str, str]) -> Check:
        title = "Packages"
        missing = [name for name, version in versions.items() if version == "missing"]
        if missing:
            return Check("packages", title, State.PROBLEM, f"Not installed: {', '.join(missing)}.", _INSTALL_AGAIN)
        if machine_facts.is_installed("kernels"):
            return Check(
                "packages",
                title,
                State.WARNING,
                "The package “kernels” is installed; with it, a model's configuration can run code.",
                "Remove it: pip uninstall kernels",
            )
        shown = ", ".join(f"{name} {version}" for name, version in versions.items() if name != "system")
        return Check("packages", title, State.OK, f"{shown}; {versions['system']}")

    def _sqlite(self) -> Check:
        version = machine_facts.versions()["sqlite"]
        if machine_facts.sqlite_has_wal_bug():
            return Check(
                "sqlite",
                "SQLite",
                State.WARNING,
                f"{version} can damage a database when two connections write and checkpoint at once; "
                "Inkwell writes through one connection and checkpoints under a lock, which avoids it.",
                "Fixed in 3.51.3, which comes with newer Pythons and systems. Open the file with no other program.",
            )
        return Check("sqlite", "SQLite", State.OK, version)

    def _cpu(self) -> Check:
        features = machine_facts.cpu_features()
        if machine_facts.is_x86() and features and "avx2" not in features:
            return Check("cpu", "Processor", State.WARNING, f"No AVX2 ({', '.join(features)}): models will be slow.")
        return Check("cpu", "Processor", State.OK, ", ".join(features) or "This system does not tell its features.")

    def _qt(self) -> Check:
        problem = machine_facts.qt_problem()
        if problem:
            return Check("qt", "Qt's system libraries", State.PROBLEM, problem, _QT_LIBRARIES)
        return Check("qt", "Qt's system libraries", State.OK, "They load.")

    # Files --------------------------------------------------------------------------------------

    def _folders(self) -> Check:
        title = "Folders"
        self._paths.create()
        for folder in (self._paths.data, self._paths.config, self._paths.cache):
            if not os.access(folder, os.W_OK | os.X_OK):
                what = "you can read everything, but nothing is saved" if folder == self._paths.data else "it is needed"
                finding = f"You may not write to the folder {folder}: {what}."
                return Check("folders", title, State.PROBLEM, finding, _right_to_write(folder))
        if os.name == "posix" and stat.S_IMODE(self._paths.data.stat().st_mode) & 0o077:
            return Check(
                "folders",
                title,
                State.WARNING,
                f"Other users of this computer can look into {self._paths.data}.",
                f"Close it to them: chmod 700 {shlex.quote(str(self._paths.data))}",
            )
        return Check("folders", title, State.OK, f"Everything is kept in {self._paths.data}.")

    def _space(self) -> Check:
        free = shutil.disk_usage(self._paths.data).free
        finding = f"{free / 1e9:.1f} GB free."
        if free < _LITTLE_SPACE:
            return Check("space", "Disk space", State.WARNING, finding, "Free some space before the disk is full.")
        return Check("space", "Disk space", State.OK, finding)

    def _settings(self) -> Check:
        report = self._container().settings_file.load()
        if report.notice:
            return Check(
                "settings",
                "Settings file",
                State.WARNING,
                report.notice,
                f"Change it in Settings, or edit {self._paths.settings_file}.",
            )
        return Check("settings", "Settings file", State.OK, str(self._paths.settings_file))

    # Models -------------------------------------------------------------------------------------

    def _model(self, kind: str, cancel: CancelToken) -> Check:
        library = self._container().library
        decoder = kind == "decoder"
        title = "Chat model (decoder)" if decoder else "Search model (encoder)"
        path = library.decoder_path() if decoder else library.encoder_path()
        description = library.describe(path)
        state = library.verify_hash(path, None, cancel)
        words = "its hash is the known one" if state.value == "verified" else "no hash is known to compare with"
        finding = f"{description.name}, {description.size_bytes / 1e6:,.0f} MB, {words}: {path}"
        if decoder and not description.has_template:
            return Check(
                kind,
                title,
                State.WARNING,
                f"{finding}. It has no chat template: it continues text and does not answer.",
                "Choose an instruct model in Models.",
            )
        return Check(kind, title, State.OK, finding)

    # The store ----------------------------------------------------------------------------------

    def _store(self) -> Check:
        if not self._paths.database.exists():
            return Check("store", "Database", State.OK, "Not there yet; it is made when the window first opens.")
        store = self._container().store
        opened = store.open_report
        problems = store.integrity_check()
        if problems:
            return Check(
                "store",
                "Database",
                State.PROBLEM,
                f"{self._paths.database} is damaged: {problems[0]}",
                "Close the window, then put a backup in place: inkwell restore latest",
            )
        if opened.damaged_copy is not None:
            return Check(
                "store",
                "Database",
                State.WARNING,
                f"It was damaged and has just been mended. {' '.join(opened.notices)}",
                f"See whether something is missing; the damaged file is kept: {opened.damaged_copy}",
            )
        if store.read_only:
            return Check(
                "store",
                "Database",
                State.WARNING,
                f"No damage found, but it can only be read. {opened.read_only}",
                self._way_to_write(),
            )
        size = self._paths.database.stat().st_size
        return Check("store", "Database", State.OK, f"{size / 1e6:,.1f} MB, no damage found: {self._paths.database}")

    def _full_text(self) -> Check:
        if not self._paths.database.exists():
            return Check("full_text", "Full-text index", State.OK, "Not there yet.")
        store = self._container().store
        if store.read_only:
            finding = "It was not compared with the notes, because that needs the right to write."
            return Check("full_text", "Full-text index", State.WARNING, finding, self._way_to_write())
        store.words.integrity_check()
        return Check("full_text", "Full-text index", State.OK, "It agrees with the notes.")

    def _attachments(self, cancel: CancelToken) -> Check:
        title = "Files of notes"
        if not self._paths.database.exists():
            return Check("attachments", title, State.OK, "Nothing to look at yet.")
        container = self._container()
        files = container.store.note_attachments.all_files()
        damaged = []
        for file in files:
            cancel.raise_if_cancelled()
            if not container.attachment_files.is_whole(file.hash):
                damaged.append(file.name)
        if damaged:
            some = ", ".join(damaged[:5]) + (" and others" if len(damaged) > 5 else "")
            return Check(
                "attachments",
                title,
                State.PROBLEM,
                f"{len(damaged):,} of {len(files):,} are missing or damaged: {some}.",
                f"Copy the folder {self._paths.attachments} from a copy of yours, or import those notes again.",
            )
        size = sum(file.size for file in files)
        return Check(
            "attachments",
            title,
            State.OK,
            f"{len(files):,}, {size / 1e6:,.1f} MB, all whole: {self._paths.attachments}",
        )

    def _way_to_write(self) -> str:
        """What to do about a store that can only be read."""
        if not os.access(self._paths.data, os.W_OK | os.X_OK):
            return "Mend the folder, as said above."
        if not os.access(self._paths.database, os.W_OK):
            return _right_to_write(self._paths.database)
        return "Update Inkwell: a newer one wrote this database."

    def _backups(self) -> Check:
        if not self._paths.database.exists():
            return Check("backups", "Backups", State.OK, "Nothing to back up yet.")
        known = self._container().backups.list_backups()
        writable = os.access(self._paths.data, os.W_OK | os.X_OK)
        make_one = (
            "Make one: inkwell backup" if writable else "Once the folder can be written, make one: inkwell backup"
        )
        if not known:
            return Check("backups", "Backups", State.WARNING, "There is none.", make_one)
        newest = max(backup.made_at for backup in known)
        age = datetime.now(UTC) - (newest if newest.tzinfo else newest.astimezone())
        finding = f"{len(known)}, the newest of {newest.astimezone():%Y-%m-%d %H:%M}, in {self._paths.backups}."
        if age.days >= _OLD_BACKUP_DAYS:
            return Check("backups", "Backups", State.WARNING, finding, make_one)
        return Check("backups", "Backups", State.OK, finding)

    def _kept_states(self) -> Check:
        title = "Kept chat states"
        container = self._container()
        most = container.settings_file.integer("decoder.kept_states_size")
        folder = container.kept_states
        if not most:
            return Check("kept_states", title, State.OK, "Switched off: chats are read again after a restart.")
        finding = f"{folder.size() / 1e6:,.0f} of at most {most:,} MB, all of which can be made again: {folder.folder}"
        return Check("kept_states", title, State.OK, finding)


def _right_to_write(path: Path) -> str:
    """How the person who owns it gets the right to write to `path`."""
    elsewhere = "Or start Inkwell with another folder: --data-dir DIR"
    if os.name != "posix":
        return f"Allow writing to it in its properties. {elsewhere}"
    return f"If it is yours: chmod -R u+rwX {shlex.quote(str(path))}   {elsewhere}"
