"""Dictionaries are found where systems keep them, languages are chosen, and a person's own words are kept."""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from pathlib import Path

import pytest

from desktop_app.domain.errors import SettingError
from desktop_app.domain.spelling import SpellingProblem
from desktop_app.services import spelling
from desktop_app.services.spelling import OwnWords, Spelling, chosen_languages, find_dictionaries, usual_folders


def put(folder: Path, name: str, words: str = "1\nword\n") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.aff").write_text("SET UTF-8\n")
    (folder / f"{name}.dic").write_text(words)
    return folder / name


def test_dictionaries_are_found_in_folders_and_patterns(tmp_path: Path) -> None:
    first = put(tmp_path / "hunspell", "en_US")
    put(tmp_path / "office" / "dict-en", "en_US")
    german = put(tmp_path / "office" / "dict-de", "de-DE")
    put(tmp_path / "office" / "dict-de", "hyph_de")
    (tmp_path / "hunspell" / "fr.aff").write_text("SET UTF-8\n")  # its words are missing
    put(tmp_path / "hunspell", "xx", "")
    found = find_dictionaries([tmp_path / "none", tmp_path / "hunspell", tmp_path / "office" / "dict-*"])
    assert found == {"de_DE": german, "en_US": first}


@pytest.mark.parametrize("fault", ["unreadable", "too large"])
def test_a_dictionary_that_cannot_be_read_is_not_replaced(
    fault: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "words.txt"
    file.write_text("Inkwell\nZettel\n")
    if fault == "too large":
        monkeypatch.setattr(spelling, "_MOST_OWN_BYTES", 3)
    else:

        def refused(*_arguments: object, **_named: object) -> str:
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr(Path, "read_text", refused)
    words = OwnWords(file)
    with pytest.raises(SettingError):
        words.add("new")
    monkeypatch.undo()
    assert file.read_text() == "Inkwell\nZettel\n"
    words.add("new")
    assert OwnWords(file).knows("Zettel")


@pytest.mark.parametrize("platform", ["linux", "darwin", "win32"])
def test_the_usual_folders_are_whole_paths(platform: str, tmp_path: Path) -> None:
    environ = {"PROGRAMFILES": str(tmp_path), "APPDATA": str(tmp_path), "DICPATH": str(tmp_path / "mine")}
    folders = usual_folders(environ, tmp_path, platform)
    assert folders[0] == tmp_path / "mine"
    assert any("LibreOffice" in str(folder) or "libreoffice" in str(folder) for folder in folders)
    assert all(folder.is_absolute() for folder in folders)


@pytest.mark.parametrize(
    ("setting", "chosen"),
    [
        ("auto", ["en_GB"]),
        ("", ["en_GB"]),
        ("de", ["de_DE_frami"]),
        ("de_AT, auto; EN-us", ["de_DE_frami", "en_GB", "en_US"]),
        ("fr", []),
        ("en_US en_US", ["en_US"]),
    ],
)
def test_languages_are_chosen(setting: str, chosen: list[str]) -> None:
    assert chosen_languages(setting, ["de_DE_frami", "en_GB", "en_US"], "en_GB") == chosen


def test_a_system_of_another_language_checks_nothing() -> None:
    assert chosen_languages("auto", ["en_US"], "C") == []
    assert chosen_languages("auto", ["en_US"], "fr_FR") == []


class Engine:
    def __init__(self) -> None:
        self.asked: list[tuple[list[str], list[str]]] = []

    def wrong(self, dictionaries: Sequence[Path], words: Sequence[str]) -> frozenset[str]:
        self.asked.append(([path.name for path in dictionaries], list(words)))
        return frozenset(words)

    def suggestions(self, dictionaries: Sequence[Path], word: str) -> list[str]:
        return [path.name for path in dictionaries]


def test_own_words_are_right_and_survive(tmp_path: Path) -> None:
    put(tmp_path, "en_US")
    engine = Engine()
    setting = "auto"
    file = tmp_path / "words.txt"
    spelling = Spelling(lambda: engine, [tmp_path], OwnWords(file), lambda: setting, "en_US")
    spelling.add("inkwell")
    assert spelling.wrong(["Inkwell", "inkwell", "teh"]) == {"teh"}
    assert engine.asked == [(["en_US"], ["teh"])]
    if os.name == "posix":
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert OwnWords(file).knows("Inkwell")
    setting = ""
    assert spelling.wrong(["teh"]) == frozenset()
    assert spelling.languages() == []
    assert len(engine.asked) == 1, "nothing is asked while it is off"


def test_a_word_that_cannot_be_kept_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SettingError, match="was not added"):
        OwnWords(tmp_path / "file" / "words.txt").add("x")


def test_what_is_missing_is_known(tmp_path: Path) -> None:
    setting, installed = "", True
    folder = tmp_path / "dictionaries"

    def problem() -> SpellingProblem | None:
        words = OwnWords(tmp_path / "own.txt")
        made = Spelling(Engine, [folder], words, lambda: setting, "en_US", lambda: installed)
        return made.problem()

    assert problem() is None, "spelling is off"
    setting = "auto"
    assert problem() is SpellingProblem.NO_DICTIONARY
    folder.mkdir()
    for suffix in (".aff", ".dic"):
        (folder / f"de_DE{suffix}").write_text("x")
    assert problem() is SpellingProblem.OTHER_LANGUAGES
    setting = "de"
    assert problem() is None
    installed = False
    assert problem() is SpellingProblem.NO_LIBRARY
