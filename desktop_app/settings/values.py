"""The settings file: TOML that holds only what the person set; comments and unknown keys survive every write."""

from __future__ import annotations

import contextlib
import os
import threading
import tomllib
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from desktop_app.domain.errors import SettingError, system_reason
from desktop_app.domain.listeners import Listeners
from desktop_app.settings.schema import BY_KEY, SETTINGS, Setting, Value, setting_for
from desktop_app.settings.validation import check_value, parse_text

if TYPE_CHECKING:
    from tomlkit import TOMLDocument

FILE_VERSION = 1
_VERSION_KEY = "version"
_MAX_BYTES = 1 << 20
_ENVIRONMENT_PREFIX = "INKWELL_"

Listener = Callable[[str], None]


class LoadReport(msgspec.Struct, frozen=True):
    """What reading the file found.

    Attributes:
        notices: sentences for the person, none when all was well.
        kept_aside: where a broken or newer file was kept, None when there was none.
    """

    notices: tuple[str, ...] = ()
    kept_aside: Path | None = None

    @property
    def notice(self) -> str:
        """All notices as one text; empty when all was well."""
        return " ".join(self.notices)


class SettingsFile:
    """Values by key: environment first, then the file, then the default. Thread-safe.

    Args:
        path: the TOML file; it need not exist.
        environ: where INKWELL_TABLE__NAME overrides are looked up.
        fixed: values of read-only settings (the data folder in use).
        clock: names copies kept aside.
    """

    def __init__(
        self,
        path: Path,
        environ: Mapping[str, str],
        *,
        fixed: Mapping[str, Value] | None = None,
        clock: Callable[[], datetime] = datetime.now,
    ) -> None:
        self._path = path
        self._environ = dict(environ)
        self._fixed = dict(fixed or {})
        self._clock = clock
        self._lock = threading.RLock()
        self._from_file: dict[str, Value] = {}
        self._from_environment: dict[str, Value] = {}
        self._listeners = Listeners[str]()
        self._stamp: tuple[int, int, int] | None = None

    @property
    def path(self) -> Path:
        """The settings file."""
        return self._path

    def load(self) -> LoadReport:
        """Read file and environment. Never raises: what cannot be used becomes its default and a notice."""
        with self._lock:
            notices: list[str] = []
            self._from_environment = self._read_environment(notices)
            self._stamp = self._stat()
            content, kept_aside = self._read_file(notices)
            if not self._path.exists():
                self._stamp = None  # a damaged file was moved aside
            self._from_file = _known_values(content, notices)
            return LoadReport(tuple(notices), kept_aside)

    def refresh(self) -> LoadReport | None:
        """Load again when another process changed the file, and tell the listeners; None when nothing changed."""
        with self._lock:
            if self._stat() == self._stamp:
                return None
            before = {setting.key: self.get(setting.key) for setting in SETTINGS}
            report = self.load()
            changed = [key for key, value in before.items() if self.get(key) != value]
        for key in changed:
            self._listeners.tell(key)
        return report

    def get(self, key: str) -> Value:
        """The value in force; None only for an optional setting nobody set. Raises SettingError for an unknown key."""
        setting = setting_for(key)
        value = self.person_value(key)
        return setting.default if value is None else value

    def person_value(self, key: str) -> Value:
        """What the person set, by environment or file; None when not set."""
        setting_for(key)
        with self._lock:
            for source in (self._fixed, self._from_environment, self._from_file):
                if key in source:
                    return source[key]
        return None

    def integer(self, key: str) -> int:
        """The value in force of a whole-number setting that has a default."""
        value = self.get(key)
        if not isinstance(value, int):
            raise TypeError(f"{key} holds no whole number")
        return value

    def real(self, key: str) -> float:
        """The value in force of a number setting that has a default."""
        value = self.get(key)
        if not isinstance(value, int | float):
            raise TypeError(f"{key} holds no number")
        return float(value)

    def text(self, key: str) -> str:
        """The value in force of a text, choice, file or folder setting."""
        value = self.get(key)
        if not isinstance(value, str):
            raise TypeError(f"{key} holds no text")
        return value

    def environment_override(self, key: str) -> str | None:
        """Name of the variable that decides this key now, None when none does."""
        setting = setting_for(key)
        with self._lock:
            return setting.environment_name if key in self._from_environment else None

    def set(self, key: str, value: object) -> None:
        """Check the value and write it to the file. Raises SettingError; the file then is as it was."""
        setting = setting_for(key)
        if setting.read_only:
            raise SettingError(f"{key} cannot be changed here.", setting.help)
        self._store(setting, check_value(setting, value))

    def reset(self, key: str) -> None:
        """Take the person's value out of the file. Raises SettingError when it cannot be written."""
        setting = setting_for(key)
        if setting.read_only:
            raise SettingError(f"{key} cannot be changed here.", setting.help)
        self._store(setting, None)

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Call `listener(key)` after each change, in the thread that made it. Returns the way to unsubscribe."""
        return self._listeners.add(listener)

    def _store(self, setting: Setting, value: Value) -> None:
        with self._lock:
            before = self.get(setting.key)
            was_set = setting.key in self._from_file
            document = self._editable_document()
            _put(document, setting, value)
            self._write(document.as_string())
            if value is None:
                self._from_file.pop(setting.key, None)
            else:
                self._from_file[setting.key] = value
            changed = self.get(setting.key) != before or was_set != (setting.key in self._from_file)
        if changed:
            self._listeners.tell(setting.key)

    # Reading ------------------------------------------------------------------------------------

    def _read_file(self, notices: list[str]) -> tuple[dict[str, Any], Path | None]:
        try:
            raw = self._path.read_bytes() if self._size_allowed() else None
        except FileNotFoundError:
            return {}, None
        except OSError as error:
            notices.append(f"The settings file could not be read ({error.strerror}); defaults are used.")
            return {}, None
        content = _parsed(raw)
        if content is None:
            kept = self._keep_aside("broken", move=True)
            where = f" It was kept as {kept.name}." if kept else ""
            notices.append(f"The settings file is damaged; defaults are used.{where}")
            return {}, kept
        version = content.get(_VERSION_KEY, FILE_VERSION)
        if isinstance(version, int) and not isinstance(version, bool) and version > FILE_VERSION:
            kept = self._copy_once("newer", raw or b"")
            where = f" A copy was kept as {kept.name}." if kept else ""
            notices.append(f"The settings file was written by a newer Inkwell; what is understood is used.{where}")
            return content, kept
        return content, None

    def _size_allowed(self) -> bool:
        return self._path.stat().st_size <= _MAX_BYTES

    def _read_environment(self, notices: list[str]) -> dict[str, Value]:
        values: dict[str, Value] = {}
        for setting in SETTINGS:
            raw = self._environ.get(setting.environment_name)
            if raw is None or setting.read_only:
                continue
            try:
                value = parse_text(setting, raw)
            except SettingError as error:
                notices.append(f"{setting.environment_name} is ignored: {error.what} {error.why}")
                continue
            if value is not None or raw.strip():  # "unset" takes the file's value away, an empty variable does not
                values[setting.key] = value
        known = {setting.environment_name for setting in SETTINGS}
        unknown = sorted(
            name
            for name in self._environ
            if name.startswith(_ENVIRONMENT_PREFIX) and "__" in name and name not in known
        )
        if unknown:
            notices.append(f"Unknown settings in the environment are ignored: {', '.join(unknown)}.")
        return values

    # Keeping aside ------------------------------------------------------------------------------

    def _keep_aside(self, reason: str, *, move: bool) -> Path | None:
        from desktop_app.domain.file_renaming import replace_file

        target = self._free_name(reason)
        try:
            if move:
                replace_file(self._path, target)
            else:
                _write_private(target, self._path.read_bytes())
        except OSError:
            return None
        return target

    def _copy_once(self, reason: str, raw: bytes) -> Path | None:
        for earlier in sorted(self._path.parent.glob(f"{self._path.name}.{reason}-*")):
            with contextlib.suppress(OSError):
                if earlier.read_bytes() == raw:
                    return earlier
        return self._keep_aside(reason, move=False)

    def _free_name(self, reason: str) -> Path:
        stem = f"{self._path.name}.{reason}-{self._clock():%Y%m%d-%H%M%S}"
        target, number = self._path.with_name(stem), 1
        while target.exists():
            number += 1
            target = self._path.with_name(f"{stem}-{number}")
        return target

    # Writing ------------------------------------------------------------------------------------

    def _editable_document(self) -> TOMLDocument:
        """The file as it is on disk now, another process's changes included; what is damaged is moved aside first."""
        import tomlkit
        from tomlkit.exceptions import TOMLKitError

        try:
            raw = self._path.read_bytes() if self._size_allowed() else None
        except FileNotFoundError:
            return self._fresh_document()
        except OSError as error:
            raise _not_written(error) from error
        if _parsed(raw) is not None and raw is not None:
            with contextlib.suppress(TOMLKitError, ValueError, RecursionError):
                return tomlkit.parse(raw.decode("utf-8-sig"))
        if self._keep_aside("broken", move=True) is None:
            raise SettingError(
                "The setting was not saved.",
                "The settings file is damaged and could not be moved aside.",
                f"Check the folder {self._path.parent}.",
            )
        return self._fresh_document()

    def _fresh_document(self) -> TOMLDocument:
        import tomlkit

        document = tomlkit.document()
        document.add(
            tomlkit.comment("Inkwell's settings. Only what was changed stands here; docs/settings.md lists all.")
        )
        document.add(_VERSION_KEY, tomlkit.item(FILE_VERSION))
        for key, value in self._from_file.items():
            _put(document, BY_KEY[key], value)
        return document

    def _write(self, text: str) -> None:
        from desktop_app.domain.file_renaming import replace_file

        temporary = self._path.with_name(f".{self._path.name}.{os.getpid()}.{threading.get_ident()}.tmp")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            temporary.unlink(missing_ok=True)
            _write_private(temporary, text.encode("utf-8"))
            replace_file(temporary, self._path)
            _sync_folder(self._path.parent)
        except OSError as error:
            with contextlib.suppress(OSError):
                temporary.unlink(missing_ok=True)
            raise _not_written(error) from error
        self._stamp = self._stat()

    def _stat(self) -> tuple[int, int, int] | None:
        try:
            found = self._path.stat()
        except OSError:
            return None
        return found.st_ino, found.st_mtime_ns, found.st_size


def _parsed(raw: bytes | None) -> dict[str, Any] | None:
    if raw is None:
        return None
    try:
        return tomllib.loads(raw.decode("utf-8-sig"))
    except (ValueError, RecursionError):  # among these a number of thousands of digits, which is no TOMLDecodeError
        return None


def _known_values(content: Mapping[str, Any], notices: list[str]) -> dict[str, Value]:
    """The usable values; notices name the wrong ones, and in one sentence the unknown ones."""
    values: dict[str, Value] = {}
    unknown: list[str] = []
    for table, entries in content.items():
        if table == _VERSION_KEY:
            continue
        if not isinstance(entries, Mapping):
            unknown.append(table)
            continue
        for name, raw in entries.items():
            setting = BY_KEY.get(f"{table}.{name}")
            if setting is None or setting.read_only:
                unknown.append(f"{table}.{name}")
                continue
            try:
                values[setting.key] = check_value(setting, raw)
            except SettingError as error:
                notices.append(f"{error.what} {error.why} The default is used.")
    if unknown:
        shown = ", ".join(unknown[:5]) + (" …" if len(unknown) > 5 else "")
        notices.append(f"Unknown settings are kept in the file and ignored: {shown}.")
    return values


def _put(document: TOMLDocument, setting: Setting, value: Value) -> None:
    """Set or take out one key, leaving everything around it as it is."""
    import tomlkit

    table: Any = document.get(setting.table)
    if value is None:
        if isinstance(table, Mapping):
            table.pop(setting.name, None)  # type: ignore[attr-defined]
        return
    if not isinstance(table, Mapping):
        document.pop(setting.table, None)
        table = tomlkit.table()
        document[setting.table] = table
    table[setting.name] = value


def _write_private(path: Path, data: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _not_written(error: OSError) -> SettingError:
    return SettingError(
        "The setting was not saved.",
        f"The settings file could not be written. {system_reason(error)}".strip(),
        "Check that there is room on the disk and that the folder may be written.",
    )
