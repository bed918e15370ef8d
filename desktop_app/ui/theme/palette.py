"""Colours by role, read from `resources/themes/*.toml`, and what follows from them: the Qt palette and contrast."""

from __future__ import annotations

import tomllib
from pathlib import Path

import msgspec
from PySide6.QtGui import QColor, QPalette

#: Roles that text is drawn in, and the roles it is drawn on: each pair keeps a contrast of 4.5:1 in both themes.
TEXT_ON_GROUND: tuple[tuple[str, str], ...] = tuple(
    [
        (text, ground)
        for text in ("text", "muted_text", "accent", "ok", "warning")
        for ground in ("window", "sidebar", "surface")
    ]
    + [
        ("text", "accent_soft"),
        ("accent", "accent_soft"),
        ("muted_text", "accent_soft"),
        ("text", "own_message"),
        ("text", "highlight"),
        ("text", "hover"),
        ("muted_text", "hover"),
        ("text", "selected_row"),
        ("muted_text", "selected_row"),
        ("on_accent", "accent"),
        ("on_accent", "accent_pressed"),
        ("on_toast", "toast"),
        ("toast_accent", "toast"),
        ("tag", "window"),
        ("tag", "sidebar"),
        ("tag", "surface"),
    ]
    + [(f"code_{kind}", "code_block") for kind in ("text", "keyword", "function", "string", "number", "comment")]
)

_HIGH_CONTRAST = 7.0  # WCAG 2.2, level AAA
_ON_COLOURED = ("on_accent", "on_toast", "toast_accent")
"""Their grounds are deep in light themes and pale in dark ones, and stand out from them as they are."""


class Colours(msgspec.Struct, frozen=True):
    """One theme: colours by role."""

    dark: bool
    roles: dict[str, QColor]

    @classmethod
    def read(cls, path: Path) -> Colours:
        """Read a theme file; roles name a colour of its palette or give one as #RRGGBB. Raises KeyError, OSError."""
        with path.open("rb") as file:
            data = tomllib.load(file)
        palette: dict[str, str] = data["palette"]
        roles = {
            role: QColor(value if value.startswith("#") else palette[value]) for role, value in data["roles"].items()
        }
        return cls(dark=bool(data["dark"]), roles=roles)

    def with_more_contrast(self) -> Colours:
        """The same theme for who asks the system for high contrast: text at 7:1 or more, lines that are seen.

        Colours of text go towards black or white until they stand out from every ground that they are drawn on.
        """
        end = QColor("white" if self.dark else "black")
        roles = dict(self.roles)
        for text, ground in TEXT_ON_GROUND:
            share = 0.0
            while text not in _ON_COLOURED and share < 1.0 and contrast(roles[text], roles[ground]) < _HIGH_CONTRAST:
                share += 0.05
                roles[text] = mixed(self.roles[text], end, min(share, 1.0))
        roles["line"] = mixed(self.roles["line"], roles["text"], 0.55)
        roles["line_strong"] = mixed(self.roles["line_strong"], roles["text"], 0.8)
        return Colours(self.dark, roles)

    def qt_palette(self) -> QPalette:
        """The palette that Fusion draws with, for whatever the style sheet does not name."""
        palette = QPalette()
        groups = QPalette.ColorRole
        for group, role in (
            (groups.Window, "window"),
            (groups.WindowText, "text"),
            (groups.Base, "surface"),
            (groups.AlternateBase, "sidebar"),
            (groups.Text, "text"),
            (groups.PlaceholderText, "muted_text"),
            (groups.Button, "surface"),
            (groups.ButtonText, "text"),
            (groups.BrightText, "on_accent"),
            (groups.ToolTipBase, "toast"),
            (groups.ToolTipText, "on_toast"),
            (groups.Highlight, "accent"),
            (groups.HighlightedText, "on_accent"),
            (groups.Accent, "accent"),
            (groups.Link, "accent"),
            (groups.LinkVisited, "accent"),
            (groups.Light, "surface"),
            (groups.Midlight, "line"),
            (groups.Mid, "line"),
            (groups.Dark, "line_strong"),
            (groups.Shadow, "line_strong"),
        ):
            palette.setColor(group, self.roles[role])
        for group in (groups.WindowText, groups.Text, groups.ButtonText):
            palette.setColor(
                QPalette.ColorGroup.Disabled, group, mixed(self.roles["muted_text"], self.roles["window"], 0.35)
            )
        return palette


def mixed(colour: QColor, other: QColor, share: float) -> QColor:
    """`colour` with `share` (0.0 to 1.0) of `other` mixed in, opaque."""
    keep = 1.0 - share
    return QColor.fromRgbF(
        colour.redF() * keep + other.redF() * share,
        colour.greenF() * keep + other.greenF() * share,
        colour.blueF() * keep + other.blueF() * share,
    )


def contrast(one: QColor, other: QColor) -> float:
    """Contrast ratio of two opaque colours, 1.0 to 21.0 (WCAG 2.2, relative luminance)."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: QColor) -> float:
    def linear(channel: float) -> float:
        return channel / 12.92 if channel <= 0.04045 else float(((channel + 0.055) / 1.055) ** 2.4)

    return 0.2126 * linear(colour.redF()) + 0.7152 * linear(colour.greenF()) + 0.0722 * linear(colour.blueF())
