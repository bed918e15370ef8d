"""Spelling of notes: the dictionaries that are on this computer, those that are chosen, and a person's own words."""

from __future__ import annotations

import errno
import os
import re
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from desktop_app.domain.errors import SettingError, system_reason
from desktop_app.domain.spelling import SpellingProblem
from desktop_app.services.private_file import replace_private_file

AUTO = "auto"
"""The setting's word for the language of the system."""

_MOST_BYTES = 64 << 20
_MOST_OWN_BYTES = 4 << 20
_SEPARATORS = re.compile(r"[\s,;]+")


class SpellingEngine(Protocol):
    """Looks words up in dictionaries, which are paths without their suffixes (engines/spelling.py)."""

    def wrong(self, dictionaries: Sequence[Path], words: Sequence[str]) -> frozenset[str]:
        """Those of the words that no dictionary knows. Blocks, and ends within a bounded time; raises WorkerError where
        there was no answer.
        """
        ...

    def suggestions(self, dictionaries: Sequence[Path], word: str) -> list[str]:
        """What may have been meant, the likeliest first. Blocks, and ends within a bounded time."""
        ...


def usual_folders(environ: Mapping[str, str], home: Path, platform: str = sys.platform) -> list[Path]:
    """Where systems and LibreOffice keep dictionaries of Hunspell, as patterns."""
    folders = [Path(part) for part in environ.get("DICPATH", "").split(os.pathsep) if part]
    if platform == "win32":
        for name in ("PROGRAMFILES", "PROGRAMFILES(X86)"):
            if environ.get(name):
                folders.append(Path(environ[name]) / "LibreOffice" / "share" / "extensions" / "dict-*")
        for name in ("LOCALAPPDATA", "APPDATA"):
            if environ.get(name):
                folders.append(Path(environ[name]) / "hunspell")
        profile = Path(environ.get("APPDATA", home)) / "LibreOffice" / "4" / "user"
    elif platform == "darwin":
        folders += [home / "Library" / "Spelling", Path("/Library/Spelling"), Path("/opt/homebrew/share/hunspell")]
        folders.append(Path("/Applications/LibreOffice.app/Contents/Resources/extensions/dict-*"))
        profile = home / "Library" / "Application Support" / "LibreOffice" / "4" / "user"
    else:
        data = Path(environ.get("XDG_DATA_HOME") or home / ".local" / "share")
        folders += [data / "hunspell", home / ".hunspell"]
        folders += [
            Path(root) / name for root in ("/usr/local/share", "/usr/share") for name in ("hunspell", "myspell")
        ]
        folders += [Path("/usr/share/myspell/dicts"), Path("/run/current-system/sw/share/hunspell")]
        folders += [
            Path(root) / "share" / "extensions" / "dict-*"
            for root in ("/usr/lib/libreoffice", "/usr/lib64/libreoffice")
        ]
        folders.append(Path("/opt/libreoffice*/share/extensions/dict-*"))
        profile = home / ".config" / "libreoffice" / "4" / "user"
    folders.append(profile / "uno_packages" / "cache" / "uno_packages" / "*" / "*")
    return folders


def find_dictionaries(folders: Sequence[Path]) -> dict[str, Path]:
    """Dictionaries by language ("en_US"), as paths without suffixes; of two of one language the first that is found."""
    found: dict[str, Path] = {}
    for pattern in folders:
        for folder in _expanded(pattern):
            for affixes in sorted(_files(folder)):
                base = affixes.with_suffix("")
                if base.name.startswith("hyph_") or not _usable(base):
                    continue
                found.setdefault(base.name.replace("-", "_"), base)
    return dict(sorted(found.items()))


def chosen_languages(setting: str, available: Sequence[str], system: str) -> list[str]:
    """Which of the available languages a setting means: "auto", or languages with commas between them ("en_US, de").

    A language without a country, or with one that is not there, stands for the first of the same language.
    """
    wanted = [part for part in _SEPARATORS.split(setting.strip()) if part]
    chosen: list[str] = []
    for part in wanted or [AUTO]:
        match = _nearest(system if part.casefold() == AUTO else part, available)
        if match and match not in chosen:
            chosen.append(match)
    return chosen


def _nearest(language: str, available: Sequence[str]) -> str:
    wanted = language.replace("-", "_").partition(".")[0].casefold()
    if not wanted or wanted in ("c", "posix"):
        return ""
    fold = {name.casefold(): name for name in available}
    if wanted in fold:
        return fold[wanted]
    beginning = next((name for key, name in fold.items() if key.startswith(wanted + "_")), "")
    return beginning or next(
        (name for key, name in fold.items() if key.partition("_")[0] == wanted.partition("_")[0]), ""
    )


class OwnWords:
    """The words that a person added, one a line, in a file of the data folder. Thread-safe."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._lock = threading.Lock()
        try:
            self._words = self._read()
        except OSError:
            self._words = frozenset()  # `add` says what is wrong with the file

    def knows(self, word: str) -> bool:
        """Whether it was added, as it is or in small letters."""
        return word in self._words or word.lower() in self._words

    def add(self, word: str) -> None:
        """Keep a word. Raises SettingError where the file cannot be read, or not be written: it is as it was then."""
        with self._lock:
            try:
                words = self._read() | {word}
                replace_private_file(self._file, "".join(f"{each}\n" for each in sorted(words)))
            except OSError as error:
                raise SettingError(
                    "The word was not added to your dictionary.",
                    system_reason(error),
                    f"Check the folder {self._file.parent}.",
                ) from error
            self._words = words

    def _read(self) -> frozenset[str]:
        """Raises OSError, also where there is more than a person's own words."""
        try:
            if self._file.stat().st_size > _MOST_OWN_BYTES:
                raise OSError(errno.EFBIG, os.strerror(errno.EFBIG))
            lines = self._file.read_text(encoding="utf-8", errors="replace").splitlines()
        except FileNotFoundError:
            return frozenset()
        return frozenset(word for line in lines if (word := line.strip()))


class Spelling:
    """What is wrong in a person's notes, by the dictionaries on this computer. Thread-safe."""

    def __init__(
        self,
        engine: Callable[[], SpellingEngine],
        folders: Sequence[Path],
        own_words: OwnWords,
        languages: Callable[[], str],
        system_language: str,
        has_library: Callable[[], bool] = lambda: True,
    ) -> None:
        """`engine()` is called with the first words; `languages()` is the setting, empty where spelling is off;
        `has_library()` tells whether what looks words up is installed.
        """
        self._engine = engine
        self._folders = folders
        self._own = own_words
        self._languages = languages
        self._system = system_language
        self._has_library = has_library
        self._found: dict[str, Path] | None = None

    def available(self) -> list[str]:
        """The languages whose dictionaries are on this computer. Reads folders the first time."""
        if self._found is None:
            self._found = find_dictionaries(self._folders)
        return list(self._found)

    def languages(self) -> list[str]:
        """The languages that are checked; none where spelling is off or no dictionary fits."""
        setting = self._languages()
        return chosen_languages(setting, self.available(), self._system) if setting else []

    def problem(self) -> SpellingProblem | None:
        """Why nothing is checked though spelling is on, else None. Reads folders the first time."""
        if not self._languages():
            return None
        if not self._has_library():
            return SpellingProblem.NO_LIBRARY
        if not self.available():
            return SpellingProblem.NO_DICTIONARY
        return None if self.languages() else SpellingProblem.OTHER_LANGUAGES

    def wrong(self, words: Sequence[str]) -> frozenset[str]:
        """Those of the words that no dictionary, and not the person, knows. Blocks; raises WorkerError where
        there was no answer.
        """
        paths = self._paths()
        asked = [word for word in words if not self._own.knows(word)]
        return self._engine().wrong(paths, asked) if paths and asked else frozenset()

    def suggestions(self, word: str) -> list[str]:
        """What may have been meant, the likeliest first. Blocks."""
        paths = self._paths()
        return self._engine().suggestions(paths, word) if paths else []

    def add(self, word: str) -> None:
        """A word that is right. Raises SettingError where it cannot be kept."""
        self._own.add(word)

    def _paths(self) -> list[Path]:
        chosen = self.languages()
        found = self._found or {}
        return [found[language] for language in chosen if language in found]


def _expanded(pattern: Path) -> list[Path]:
    if "*" not in str(pattern):
        return [pattern]
    root = Path(pattern.anchor or ".")
    try:
        return sorted(root.glob(str(pattern.relative_to(root))))
    except (OSError, ValueError):
        return []


def _files(folder: Path) -> list[Path]:
    try:
        return [entry for entry in folder.iterdir() if entry.suffix == ".aff"] if folder.is_dir() else []
    except OSError:
        return []


def _usable(base: Path) -> bool:
    try:
        sizes = [base.with_name(base.name + suffix).stat().st_size for suffix in (".aff", ".dic")]
    except OSError:
        return False
    return all(0 < size <= _MOST_BYTES for size in sizes)
