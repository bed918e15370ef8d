"""The user guide and the README speak of keys and controls that the program has."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from desktop_app.ui.actions import ACTIONS
from desktop_app.ui.mac_keys import MAC_KEYS
from tests.architecture.documents import controls, prose

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "packaging"))

import translations

ROOT = Path(__file__).resolve().parents[2]
GUIDE = ROOT / "docs" / "user-guide.md"
ROW = re.compile(r"^\| (`.+`) \| (.+) \| (.+) \|$", re.MULTILINE)
SPOKEN_OF = {
    # Words that people type, and that notes and other programs have.
    *("diary", "dark mode", "decoder", "encoder", "Ink", "Daily", "walks", "walking", "Kuchen", "Apfelkuchen"),
    *("C++", "C#", ".NET", "node.js", "f(x)", "3.11", "File → Export → JEX", "RAW", "Häuser", "Haus"),
    "today, yesterday, this week, last week, this month, last month, this year, last year",
}
WITH_VALUES = {
    "Recalled 2 earlier messages": "Recalled {0} earlier messages",
    "Undo: move of 12 notes": "Undo: {change}",
    "Place 2 of 4": "Place {number} of {count}",
}


def test_the_guide_lists_every_shortcut_and_no_other() -> None:
    section = GUIDE.read_text(encoding="utf-8").partition("\n## Keyboard\n")[2].partition("\n## ")[0]
    documented = [(tuple(re.findall(r"`([^`]+)`", keys)), text, where) for keys, text, where in ROW.findall(section)]
    declared = [(spec.keys, spec.text, spec.room or "everywhere") for spec in ACTIONS if spec.keys]
    assert documented == declared


def test_the_guide_lists_the_keys_that_are_others_on_macos() -> None:
    section = GUIDE.read_text(encoding="utf-8").partition("| On macOS |")[2].partition("\nInside")[0]
    signs = {"Ctrl+Alt+": "⌥⌘", "Ctrl+": "⌘", "Up": "↑", "Down": "↓"}
    texts = {spec.id: spec.text for spec in ACTIONS}
    declared = [
        (re.sub("|".join(map(re.escape, signs)), lambda word: signs[word.group()], keys), texts[action_id])
        for action_id, (keys,) in MAC_KEYS.items()
    ]
    assert re.findall(r"^\| `([^`]+)` \| (.+) \|$", section, re.MULTILINE) == declared


def plain(text: str) -> str:
    """Without what a document leaves out of a control's words: the dots, and a value at the end."""
    words = text.replace("&", "").replace("’", "'")
    return re.sub(r"( ?…)?( ?\{\w+\}[^{]*)?$", "", words).strip()


@pytest.mark.parametrize("document", [GUIDE, ROOT / "README.md"], ids=lambda path: path.name)
def test_controls_are_called_what_the_window_calls_them(document: Path) -> None:
    shown = {plain(message.text) for message in translations.collect()}
    named = {plain(WITH_VALUES.get(name, name)) for name in controls(prose(document)) if name not in SPOKEN_OF}
    assert named - shown == set()
    assert len(named) > 3


def test_a_control_of_another_name_is_seen() -> None:
    assert list(controls("*Send* and `*code*` and **bold** and *Try\nit*")) == ["Send", "Try it"]
    assert plain("Keep {name}") == plain("Keep …") == "Keep"
