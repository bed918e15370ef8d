"""What the system says stands beside other sentences, so it must be one."""

from __future__ import annotations

from pathlib import Path

import desktop_app
from desktop_app.domain.errors import system_reason


def test_the_systems_words_are_a_sentence_or_nothing() -> None:
    assert system_reason(OSError(28, "No space left on device")) == "No space left on device."
    assert system_reason(OSError(5, "It failed.")) == "It failed."
    assert system_reason(OSError("no number")) == ""


def test_no_module_puts_the_bare_words_beside_a_sentence() -> None:
    root = Path(desktop_app.__file__).parent
    own = root / "domain" / "errors.py"
    found = [path for path in root.rglob("*.py") if path != own and "strerror or" in path.read_text("utf-8")]
    assert found == []
