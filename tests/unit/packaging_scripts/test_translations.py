"""Texts are collected for translators, translations are kept, and the window loads what was compiled."""

from __future__ import annotations

import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "packaging"))

import translations

from desktop_app.app.translation import install_translation
from desktop_app.presenters.setting_words import page_name, translated
from desktop_app.settings.schema import SETTINGS, Section, setting_for

SOURCE = """
class Pane(QWidget):
    def __init__(self):
        self.tr("New"); QCoreApplication.translate("Other", "Old"); _tr("Mine"); _("Marked"); look(spec.text)

def _tr(text):
    return QCoreApplication.translate("Words", text)

def _(text):
    return str(QT_TRANSLATE_NOOP("Actions", text))

def look(text):
    return QCoreApplication.translate("Actions", text)
"""


def collected(tmp_path: Path, source: str) -> list[tuple[str, str]]:
    package = tmp_path / "package"
    package.mkdir()
    (package / "pane.py").write_text(source, encoding="utf-8")
    return [(each.context, each.text) for each in translations.collect(package) if each.file]


def test_every_way_to_translate_is_collected_under_its_context(tmp_path: Path) -> None:
    found = collected(tmp_path, SOURCE)
    assert found == [("Pane", "New"), ("Other", "Old"), ("Words", "Mine"), ("Actions", "Marked")]


@pytest.mark.parametrize("call", ['self.tr(f"{n} notes")', 'self.tr("a" + b)', "self.tr(words)", '_tr("%d" % n)'])
def test_a_text_that_no_translator_could_find_is_refused(tmp_path: Path, call: str) -> None:
    with pytest.raises(translations.HiddenTextError, match=r"pane\.py"):
        collected(tmp_path, f"{SOURCE}\nclass Late:\n    def say(self):\n        {call}\n")


def test_each_word_of_each_setting_is_collected() -> None:
    found = {(each.context, each.text) for each in translations.collect()}
    words = {text for each in SETTINGS for text in (each.label, each.help, *each.choice_labels) if text}
    assert {("Settings", text) for text in words | {section.value for section in Section}} <= found


def test_what_is_translated_stays_and_the_window_speaks_it(tmp_path: Path, qapp: QCoreApplication) -> None:
    messages = [translations.Message("Settings", text) for text in ("Temperature", "Generation", "On & off <b>")]
    path = tmp_path / "inkwell_fi.ts"
    assert translations.write(path, messages, "fi") == 3
    tree = ET.parse(path)
    for message in tree.iter("message"):
        if message.findtext("source") == "Temperature":
            message.find("translation").text = "Lämpötila"  # type: ignore[union-attr]
    tree.write(path, encoding="utf-8")
    assert translations.write(path, messages[:2], "fi") == 1
    translations.compile_file(path)
    installed = install_translation(qapp, tmp_path, ["fi-FI", "en"])
    try:
        assert installed.language == "fi_FI"
        assert translated(setting_for("sampling.temperature")).label == "Lämpötila"
        assert page_name(Section.GENERATION) == "Generation", "not translated yet"
    finally:
        installed.remove(qapp)
    assert translated(setting_for("sampling.temperature")).label == "Temperature"


def test_a_person_who_reads_english_first_gets_it(tmp_path: Path, qapp: QCoreApplication) -> None:
    path = tmp_path / "inkwell_fi.ts"
    translations.write(path, [translations.Message("Settings", "Temperature")], "fi")
    translations.compile_file(path)
    assert install_translation(qapp, tmp_path, ["en-GB", "fi"]).language == ""
    assert install_translation(qapp, tmp_path, ["sv"]).language == ""
