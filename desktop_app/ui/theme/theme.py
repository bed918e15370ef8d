"""The one source of colours, fonts, icons and the style sheet. Handed to every screen through its constructor."""

from __future__ import annotations

import re
import sys
from functools import cache
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QGuiApplication, QIcon
from PySide6.QtWidgets import QApplication, QStyleFactory

from desktop_app.domain.resources import resource_path
from desktop_app.ui.theme.icons import IconPainter, ThemedIconEngine
from desktop_app.ui.theme.palette import Colours, mixed

if TYPE_CHECKING:
    from desktop_app.presenters.formulas import FormulaBook

INTERFACE_FAMILY = "Inter"
CODE_FAMILY = "JetBrains Mono"

#: Size of the interface's text in CSS pixels (1/96 inch) that the style sheet is drawn for.
BASE_SIZE = 13.5
READING_SIZE = 15.5
CODE_SIZE = 13.0
READING_LINE_HEIGHT = 1.6
READING_COLUMN = 720

_PLACEHOLDER = re.compile(r"\{\{(?:(pt|px|mark) ([\w.]+)|(\w+))\}\}")


class Theme(QObject):
    """Light or dark, at one font size.

    `mode` is "system", "light" or "dark"; "system" follows the desktop while the program runs, as the wish for high
    contrast does in any mode. `changed` is sent after the application was restyled. Icons repaint themselves in the new
    colours; whoever caches a colour listens.
    """

    changed = Signal()

    def __init__(self, mode: str = "system", font_size: float = BASE_SIZE, parent: QObject | None = None) -> None:
        super().__init__(parent)
        load_bundled_fonts()
        self._mode = mode
        self._font_size = font_size
        self._icons = IconPainter()
        self._formulas: FormulaBook | None = None
        self._themes: dict[tuple[bool, bool], Colours] = {}
        self._applied_to: QApplication | None = None
        self._dark = self._wants_dark()
        self._hints = QGuiApplication.styleHints()
        self._accessibility = self._hints.accessibility()  # kept with what it belongs to: Python lets go of both else
        self._high_contrast = self._wants_contrast()
        self._hints.colorSchemeChanged.connect(self._follow_system)
        self._accessibility.contrastPreferenceChanged.connect(self._follow_contrast)

    # Colours ------------------------------------------------------------------------------------

    @property
    def is_dark(self) -> bool:
        """True while the dark colours are shown."""
        return self._dark

    @property
    def mode(self) -> str:
        """What was asked for: "system", "light" or "dark"."""
        return self._mode

    def color(self, role: str) -> QColor:
        """The colour of a role of `resources/themes/*.toml`; KeyError for an unknown one."""
        return QColor(self._colours.roles[role])

    @property
    def _colours(self) -> Colours:
        shown = self._dark, self._high_contrast
        if shown not in self._themes:
            colours = Colours.read(resource_path("themes", "dark.toml" if self._dark else "light.toml"))
            self._themes[shown] = colours.with_more_contrast() if self._high_contrast else colours
        return self._themes[shown]

    # Icons --------------------------------------------------------------------------------------

    def icon(self, name: str, role: str = "text", on_role: str | None = None) -> QIcon:
        """The line icon `resources/icons/NAME.svg` in a role's colour.

        `on_role` colours it where its button is checked. A disabled icon is faded. The icon follows the theme.
        """
        path = resource_path("icons", f"{name}.svg")
        if not path.is_file():
            raise KeyError(f"no icon named {name!r}")

        def colour(mode: QIcon.Mode, state: QIcon.State) -> QColor:
            chosen = on_role if on_role is not None and state == QIcon.State.On else role
            result = self.color(chosen)
            if mode == QIcon.Mode.Disabled:
                result = mixed(result, self.color("window"), 0.55)
            return result

        return QIcon(ThemedIconEngine(self._icons, name, colour))

    # Fonts --------------------------------------------------------------------------------------

    @property
    def font_size(self) -> float:
        """The size the person chose for interface text, in CSS pixels."""
        return self._font_size

    @property
    def scale(self) -> float:
        """The chosen font size as a multiple of the designed one; for lengths that grow with the text."""
        return self._font_size / BASE_SIZE

    def interface_font(self, size: float = BASE_SIZE, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
        """Inter, for everything but reading text. `size` is the designed one in CSS pixels; the setting scales it."""
        return self._font(INTERFACE_FAMILY, size, weight)

    def reading_font(self) -> QFont:
        """Inter a little larger, for messages and notes, set at a line height of 1.6."""
        return self._font(INTERFACE_FAMILY, READING_SIZE, QFont.Weight.Normal)

    def code_font(self) -> QFont:
        """JetBrains Mono."""
        font = self._font(CODE_FAMILY, CODE_SIZE, QFont.Weight.Normal)
        font.setStyleHint(QFont.StyleHint.Monospace)
        return font

    def px(self, length: float) -> int:
        """A designed length in pixels that grows with the font size."""
        return max(1, round(length * self.scale))

    def _font(self, family: str, size: float, weight: QFont.Weight) -> QFont:
        font = QFont(family)
        font.setPointSizeF(self._points(size))
        font.setWeight(weight)
        return font

    def _points(self, css_pixels: float) -> float:
        # Points, not pixels: Qt keeps fractions of a point, and honours a desktop that asks for a finer resolution.
        per_css_pixel = 1.0 if sys.platform == "darwin" else 0.75
        return css_pixels * self.scale * per_css_pixel

    @property
    def formulas(self) -> FormulaBook | None:
        """Where texts get their formulas' pictures, as they get letters from the fonts; None: they show sources."""
        return self._formulas

    def set_formulas(self, book: FormulaBook) -> None:
        """Draw formulas from now on, in what is shown after this."""
        self._formulas = book

    # Applying -----------------------------------------------------------------------------------

    def apply(self, app: QApplication) -> None:
        """Style the application and keep it styled through later changes."""
        self._applied_to = app
        style = QStyleFactory.create("Fusion")
        if style is not None:
            app.setStyle(style)
        self._restyle()

    def set_mode(self, mode: str) -> None:
        """Choose "system", "light" or "dark"; takes effect at once."""
        self._mode = mode
        self._update(self._wants_dark(), self._font_size)

    def set_font_size(self, css_pixels: float) -> None:
        """Choose the size of interface text; everything else scales with it; takes effect at once."""
        self._update(self._dark, css_pixels)

    def style_sheet(self) -> str:
        """The application's style sheet: the one template with colours and sizes filled in."""

        def value(match: re.Match[str]) -> str:
            kind, argument, role = match.groups()
            if kind == "pt":
                return f"{self._points(float(argument)):.2f}pt"
            if kind == "px":
                return f"{self.px(float(argument))}px"
            if kind == "mark":
                name = f"{argument}-{'dark' if self._dark else 'light'}.svg"
                return f'url("{resource_path("themes", "marks", name).as_posix()}")'
            return self.color(role).name()

        return _PLACEHOLDER.sub(value, _template())

    def _update(self, dark: bool, font_size: float) -> None:
        if (dark, font_size) == (self._dark, self._font_size):
            return
        self._dark, self._font_size = dark, font_size
        self._restyle()
        self.changed.emit()

    def _wants_contrast(self) -> bool:
        return self._accessibility.contrastPreference() == Qt.ContrastPreference.HighContrast

    def _follow_contrast(self) -> None:
        wanted = self._wants_contrast()
        if wanted != self._high_contrast:
            self._high_contrast = wanted
            self._restyle()
            self.changed.emit()

    def _restyle(self) -> None:
        app = self._applied_to
        if app is None:
            return
        app.setPalette(self._colours.qt_palette())
        app.setFont(self.interface_font())
        app.setStyleSheet(self.style_sheet())

    def _wants_dark(self) -> bool:
        if self._mode == "system":
            return QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Dark
        return self._mode == "dark"

    def _follow_system(self) -> None:
        if self._mode == "system":
            self._update(self._wants_dark(), self._font_size)


@cache
def load_bundled_fonts() -> tuple[str, ...]:
    """Make Inter and JetBrains Mono known to Qt, once for each process; the families that came in."""
    families: list[str] = []
    for file in sorted(resource_path("fonts").glob("*.[ot]tf")):
        number = QFontDatabase.addApplicationFont(str(file))
        families += [name for name in QFontDatabase.applicationFontFamilies(number) if name not in families]
    return tuple(families)


@cache
def _template() -> str:
    return resource_path("themes", "style.qss").read_text(encoding="utf-8")
