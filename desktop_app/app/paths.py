"""Where Inkwell keeps its files on this computer."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from desktop_app.domain.errors import DiskFullError, StoreReadOnlyError, system_reason

DATA_DIR_VARIABLE = "INKWELL_DATA_DIR"
_FOLDER_NAME = "inkwell"


class DataPaths(msgspec.Struct, frozen=True):
    """The four folders everything lives in.

    Attributes:
        data: what must not be lost: the database, files of notes, backups, models added by the person.
        config: the settings file, and what was chosen for single models.
        cache: only what can be made again.
        runtime: sockets and locks of running programs.
    """

    data: Path
    config: Path
    cache: Path
    runtime: Path

    @property
    def database(self) -> Path:
        """The one SQLite file."""
        return self.data / "inkwell.sqlite3"

    @property
    def backups(self) -> Path:
        """Verified copies of the database."""
        return self.data / "backups"

    @property
    def attachments(self) -> Path:
        """Pictures and other files of notes."""
        return self.data / "attachments"

    @property
    def dictionaries(self) -> Path:
        """Dictionaries of Hunspell that a person put there; the folder may be missing."""
        return self.data / "dictionaries"

    @property
    def own_words(self) -> Path:
        """Words that a person added to the dictionary, one a line."""
        return self.data / "spelling-words.txt"

    @property
    def kept_states(self) -> Path:
        """States of recent chats, so that they need not be read again."""
        return self.cache / "kv"

    @property
    def opened_files(self) -> Path:
        """Copies of notes' files that other programs were asked to show."""
        return self.cache / "opened"

    @property
    def settings_file(self) -> Path:
        """The person's settings."""
        return self.config / "settings.toml"

    @property
    def template_choices(self) -> Path:
        """Which models are used with a built-in chat template."""
        return self.config / "chat-templates.json"

    @property
    def logs(self) -> Path:
        """Logs and crash reports; they hold no content of notes or chats."""
        return self.data / "logs"

    @property
    def models(self) -> Path:
        """Model files that Inkwell itself keeps."""
        return self.data / "models"

    def create(self) -> None:
        """Make the folders, closed to other users (0700); one that exists keeps its mode.

        In a data folder that can only be read nothing is made: the store is then opened for reading.
        Raises StoreReadOnlyError, DiskFullError.
        """
        inside = () if _only_readable(self.data) else (self.backups, self.logs)
        for folder in (self.data, self.config, self.cache, self.runtime, *inside):
            self._create_folder(folder)

    def _create_folder(self, folder: Path) -> None:
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            if error.errno == errno.ENOSPC:
                raise DiskFullError(
                    "There is no space left on the disk.", f"The folder {folder} could not be made.", "Free some space."
                ) from error
            raise StoreReadOnlyError(
                f"The folder {folder} cannot be made.",
                system_reason(error),
                f"Choose another place with --data-dir or {DATA_DIR_VARIABLE}.",
            ) from error


def data_paths(override: Path | None = None, environ: Mapping[str, str] | None = None) -> DataPaths:
    """The folders in force: `override` (from --data-dir), else INKWELL_DATA_DIR, else the platform's own places.

    With an override everything lives under that one folder.
    """
    environment = os.environ if environ is None else environ
    if override is None and environment.get(DATA_DIR_VARIABLE):
        override = Path(environment[DATA_DIR_VARIABLE])
    if override is not None:
        data = Path(os.path.abspath(override.expanduser()))
        scratch = _scratch_folder(data) if _only_readable(data) else data
        return DataPaths(data=data, config=data, cache=scratch / "cache", runtime=scratch / "run")
    from platformdirs import PlatformDirs

    folders = PlatformDirs(_FOLDER_NAME, appauthor=False, roaming=False)
    cache = Path(folders.user_cache_dir)
    # Without a session's own folder platformdirs would warn and fall back to a guessable name in /tmp.
    no_session = sys.platform.startswith("linux") and not environment.get("XDG_RUNTIME_DIR")
    return DataPaths(
        data=Path(folders.user_data_dir),
        config=Path(folders.user_config_dir),
        cache=cache,
        runtime=cache / "run" if no_session else Path(folders.user_runtime_dir),
    )


def _only_readable(folder: Path) -> bool:
    return folder.is_dir() and not os.access(folder, os.W_OK | os.X_OK)


def _scratch_folder(data: Path) -> Path:
    """Where cache and runtime files go while the data folder can only be read: below the person's own cache."""
    import hashlib

    from platformdirs import user_cache_dir

    name = hashlib.sha256(str(data).encode()).hexdigest()[:12]
    return Path(user_cache_dir(_FOLDER_NAME, appauthor=False)) / "for-read-only-data" / name


def split_data_dir(arguments: Sequence[str]) -> tuple[Path | None, list[str]]:
    """Take `--data-dir DIR` (or `--data-dir=DIR`) out of a command line, wherever it stands before a lone `--`.

    The last one wins. Raises ValueError where the folder's name is missing.
    """
    override: Path | None = None
    rest: list[str] = []
    remaining = iter(arguments)
    for argument in remaining:
        if argument == "--":
            rest.append(argument)
            rest.extend(remaining)
            break
        if argument != "--data-dir" and not argument.startswith("--data-dir="):
            rest.append(argument)
            continue
        folder = next(remaining, "") if argument == "--data-dir" else argument.partition("=")[2]
        if not folder:
            raise ValueError("--data-dir needs the name of a folder")
        override = Path(folder)
    return override, rest
