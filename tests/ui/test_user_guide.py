"""The user guide's table of keys says what the program does."""

from __future__ import annotations

import re
from pathlib import Path

from desktop_app.ui.actions import ACTIONS

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "user-guide.md"
ROW = re.compile(r"^\| (`.+`) \| (.+) \| (.+) \|$", re.MULTILINE)


def test_the_guide_lists_every_shortcut_and_no_other() -> None:
    section = GUIDE.read_text(encoding="utf-8").partition("\n## Keyboard\n")[2].partition("\n## ")[0]
    documented = [(tuple(re.findall(r"`([^`]+)`", keys)), text, where) for keys, text, where in ROW.findall(section)]
    declared = [(spec.keys, spec.text, spec.room or "everywhere") for spec in ACTIONS if spec.keys]
    assert documented == declared
