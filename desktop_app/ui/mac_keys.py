"""Shortcuts that macOS or its text fields want for themselves, and what takes their place there.

Qt writes ⌘ as "Ctrl" and ⌥ as "Alt". A text field that has the focus takes ⌥ and ⌘ with an arrow first, to go by words,
lines and paragraphs; ⌘H hides the program, and F11 shows the desktop.
"""

from __future__ import annotations

from collections.abc import Mapping

MAC_KEYS: Mapping[str, tuple[str, ...]] = {
    "go.back": ("Ctrl+[",),
    "go.forward": ("Ctrl+]",),
    "chat.previous_version": ("Ctrl+Alt+Up",),
    "chat.next_version": ("Ctrl+Alt+Down",),
    "note.replace": ("Ctrl+Alt+F",),
    "note.line_up": ("Ctrl+Alt+Up",),
    "note.line_down": ("Ctrl+Alt+Down",),
    "note.alone": ("Ctrl+Alt+Return",),
    "search.next_place": ("Ctrl+Alt+Down",),
    "search.previous_place": ("Ctrl+Alt+Up",),
}
"""By the ids of actions."""
