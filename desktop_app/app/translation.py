"""The window in the person's language, where a translation for it is installed."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QTranslator


class InstalledTranslation:
    """What speaks now: the language, and its translators. `language` is empty for English."""

    def __init__(self, language: str = "") -> None:
        self.language = language
        self._translators: list[QTranslator] = []

    def add(self, app: QCoreApplication, name: str, folder: Path) -> bool:
        """Install a file's translations; false where there is no such file, or not a whole one."""
        translator = QTranslator()
        if not translator.load(name, str(folder)):
            return False
        self._translators.append(translator)
        return app.installTranslator(translator)

    def remove(self, app: QCoreApplication) -> None:
        """Speak English again."""
        while self._translators:
            app.removeTranslator(self._translators.pop())


def install_translation(
    app: QCoreApplication, folder: Path, languages: list[str] | None = None
) -> InstalledTranslation:
    """Install the first of the person's languages that `folder` has a file for. Keep what is returned.

    English needs no file: what comes after it in the person's list is not looked for. Qt's own words, such as those of
    a text field's menu, come in the same language.
    """
    for name in languages if languages is not None else QLocale.system().uiLanguages():
        language = name.replace("-", "_")
        if language.partition("_")[0] in ("en", "C"):
            break
        installed = InstalledTranslation(language)
        if installed.add(app, f"inkwell_{language}", folder):
            installed.add(app, f"qtbase_{language}", Path(QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)))
            return installed
    return InstalledTranslation()
