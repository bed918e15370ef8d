"""Colours, contrast, icons, fonts and the style sheet."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QFontInfo, QIcon
from PySide6.QtWidgets import QApplication, QFileDialog, QLineEdit, QPushButton
from pytestqt.qtbot import QtBot

from desktop_app.domain.resources import resource_path
from desktop_app.ui.theme.palette import TEXT_ON_GROUND, Colours, contrast
from desktop_app.ui.theme.theme import Theme, load_bundled_fonts

#: What each role must be: (light, dark).
AGREED = {
    "window": ("#F6F4F0", "#18191C"),
    "sidebar": ("#EFECE6", "#131417"),
    "surface": ("#FFFFFF", "#202125"),
    "text": ("#201E1B", "#E9E6E0"),
    "muted_text": ("#6A655D", "#A19C93"),
    "line": ("#E0DBD2", "#303238"),
    "track": ("#E0DBD2", "#303238"),
    "on_accent": ("#FFFFFF", "#18191C"),
    "accent": ("#2C5C8C", "#8CB6EA"),
    "accent_soft": ("#E2ECF6", "#22303F"),
    "own_message": ("#E8EEF5", "#25303C"),
    "code_block": ("#F3F1EC", "#17181B"),
    "highlight": ("#FCE9B0", "#3F3412"),
    "ok": ("#28714A", "#6CC592"),
    "warning": ("#8F5A00", "#E0AE5A"),
    "meter_instructions": ("#7C6BB0", "#A596DA"),
    "meter_pinned": ("#A8516E", "#E295AE"),
    "meter_attachments": ("#6F7A2E", "#B9C274"),
    "meter_notes": ("#3C8D7C", "#6BC3B0"),
    "meter_conversation": ("#2C5C8C", "#8CB6EA"),
    "meter_draft": ("#C98A2B", "#E3B15C"),
}

ICONS = sorted(path.stem for path in resource_path("icons").glob("*.svg"))


def colours(name: str) -> Colours:
    return Colours.read(resource_path("themes", f"{name}.toml"))


@pytest.mark.parametrize("role", AGREED)
def test_roles_have_the_agreed_values(role: str) -> None:
    light, dark = AGREED[role]
    assert colours("light").roles[role] == QColor(light)
    assert colours("dark").roles[role] == QColor(dark)


def test_both_themes_have_the_same_roles() -> None:
    assert colours("light").roles.keys() == colours("dark").roles.keys()


@pytest.mark.parametrize("name", ["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), TEXT_ON_GROUND)
def test_text_keeps_its_contrast(name: str, text: str, ground: str) -> None:
    roles = colours(name).roles
    assert contrast(roles[text], roles[ground]) >= 4.5


@pytest.mark.parametrize("name", ["light", "dark"])
def test_high_contrast_makes_every_text_and_line_stand_out(name: str) -> None:
    plain, roles = colours(name), colours(name).with_more_contrast().roles
    for text, ground in TEXT_ON_GROUND:
        assert contrast(roles[text], roles[ground]) >= 7.0, (text, ground)
    for ground in ("window", "sidebar", "surface"):
        assert contrast(roles["line"], roles[ground]) >= 3.0
        assert roles[ground] == plain.roles[ground]


def test_contrast_of_black_on_white_is_21() -> None:
    assert contrast(QColor("black"), QColor("white")) == pytest.approx(21.0)
    assert contrast(QColor("white"), QColor("white")) == pytest.approx(1.0)


def test_the_style_sheet_is_complete(qapp: QApplication) -> None:
    theme = Theme("light")
    sheet = theme.style_sheet()
    assert "{{" not in sheet
    assert "}}" not in sheet
    for url in re.findall(r'url\("([^"]+)"\)', sheet):
        assert Path(url).is_file()


def test_the_style_sheet_grows_with_the_font(qapp: QApplication) -> None:
    theme = Theme("light")
    before = theme.interface_font().pointSizeF()
    theme.set_font_size(27.0)
    assert theme.scale == 2.0
    assert theme.interface_font().pointSizeF() == pytest.approx(2 * before)
    assert "padding: 10px 22px" in theme.style_sheet()


def test_modes_change_colours_at_once(qapp: QApplication, qtbot: QtBot) -> None:
    theme = Theme("light")
    theme.apply(qapp)
    assert qapp.palette().window().color() == QColor("#F6F4F0")
    with qtbot.waitSignal(theme.changed):
        theme.set_mode("dark")
    assert theme.is_dark
    assert qapp.palette().window().color() == QColor("#18191C")
    assert "#18191c" in qapp.styleSheet()


def test_the_wish_for_high_contrast_is_followed_while_it_changes(
    qapp: QApplication, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    theme = Theme("light")
    theme.apply(qapp)
    plain = theme.color("muted_text")
    monkeypatch.setattr(theme, "_wants_contrast", lambda: True)
    with qtbot.waitSignal(theme.changed):
        theme._accessibility.contrastPreferenceChanged.emit(Qt.ContrastPreference.HighContrast)
    assert contrast(theme.color("muted_text"), theme.color("sidebar")) >= 7.0 > contrast(plain, theme.color("sidebar"))
    assert theme.color("line").name() in qapp.styleSheet()
    monkeypatch.setattr(theme, "_wants_contrast", lambda: False)
    theme._follow_contrast()
    assert theme.color("muted_text") == plain


def test_setting_the_same_mode_restyles_nothing(qapp: QApplication, qtbot: QtBot) -> None:
    theme = Theme("light")
    with qtbot.assertNotEmitted(theme.changed):
        theme.set_mode("light")


def test_bundled_fonts_come_in() -> None:
    assert {"Inter", "JetBrains Mono"} <= set(load_bundled_fonts())
    for licence in ("Inter-OFL.txt", "JetBrainsMono-OFL.txt"):
        assert "SIL OPEN FONT LICENSE" in resource_path("fonts", licence).read_text(encoding="utf-8")


def test_fonts_resolve_to_the_bundled_families(qapp: QApplication) -> None:
    theme = Theme("light")
    assert QFontInfo(theme.interface_font()).family() == "Inter"
    assert QFontInfo(theme.code_font()).family() == "JetBrains Mono"
    assert QFontInfo(theme.code_font()).fixedPitch()


def drawn(icon: QIcon, size: int, scale: float = 1.0, mode: QIcon.Mode = QIcon.Mode.Normal) -> set[str]:
    image = icon.pixmap(QSize(size, size), scale, mode).toImage()
    assert image.width() == round(size * scale)
    return {
        image.pixelColor(x, y).name()
        for x in range(image.width())
        for y in range(image.height())
        if image.pixelColor(x, y).alpha() == 255
    }


@pytest.mark.parametrize("name", ICONS)
def test_every_icon_draws_in_the_role_colour_only(name: str, qapp: QApplication) -> None:
    theme = Theme("light")
    wanted = theme.color("accent")
    colours_seen = [QColor(colour) for colour in drawn(theme.icon(name, "accent"), 48)]
    assert colours_seen
    for seen in colours_seen:  # blending of edges rounds by a step or two
        assert max(abs(a - b) for a, b in zip(seen.getRgb()[:3], wanted.getRgb()[:3], strict=True)) <= 2


@pytest.mark.parametrize("name", ICONS)
def test_icons_are_of_one_style(name: str) -> None:
    source = resource_path("icons", f"{name}.svg").read_text(encoding="utf-8")
    assert 'viewBox="0 0 24 24"' in source
    assert 'stroke="currentColor"' in source
    assert not re.search(r"#[0-9a-fA-F]{3,6}", source)


def test_icons_are_sharp_at_twice_the_size(qapp: QApplication) -> None:
    assert drawn(Theme("light").icon("chat"), 20, 2.0)


def test_icons_follow_the_theme(qapp: QApplication) -> None:
    theme = Theme("light")
    icon = theme.icon("stop")
    assert drawn(icon, 32) == {"#201e1b"}
    theme.set_mode("dark")
    assert drawn(icon, 32) == {"#e9e6e0"}


def test_disabled_icons_are_fainter(qapp: QApplication) -> None:
    theme = Theme("light")
    icon = theme.icon("stop")
    assert drawn(icon, 32, mode=QIcon.Mode.Disabled) != drawn(icon, 32)


def test_icons_survive_their_python_wrappers(qtbot: QtBot) -> None:
    theme = Theme("light")
    buttons = [QPushButton(theme.icon(name), "") for name in ICONS]
    for button in buttons:
        qtbot.addWidget(button)
        copy = QIcon(button.icon())
        del copy
        assert not button.grab().isNull()


def test_an_unknown_icon_is_a_mistake_of_the_caller(qapp: QApplication) -> None:
    with pytest.raises(KeyError):
        Theme("light").icon("no-such-icon")


def test_names_offered_by_a_file_dialog_stand_on_a_ground(theme: Theme, qtbot: QtBot, tmp_path: Path) -> None:
    """They are in a window of their own, where nothing is below what is transparent."""
    (tmp_path / "vault").mkdir()
    dialog = QFileDialog(None, "", str(tmp_path))
    dialog.setOption(QFileDialog.Option.DontUseNativeDialog)
    dialog.setFileMode(QFileDialog.FileMode.Directory)
    qtbot.addWidget(dialog)
    dialog.show()
    field = dialog.findChild(QLineEdit)
    assert isinstance(field, QLineEdit)
    popup = field.completer().popup()
    qtbot.waitUntil(lambda: field.completer().completionModel() is not None)
    popup.resize(80, 60)
    popup.show()
    qtbot.waitExposed(popup)
    assert popup.grab().toImage().pixelColor(70, 50) == theme.color("surface")
    popup.hide()
