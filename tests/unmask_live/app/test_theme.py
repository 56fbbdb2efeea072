from __future__ import annotations

from collections.abc import Callable

import pytest
from PyQt6.QtGui import QColor
from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from unmask_live.app import icons, style
from unmask_live.app.theme import DARK, LIGHT, ON_STAGE_ACCENT, Theme, choose, palette
from unmask_live.app.window import Window


def contrast(one: str, other: str) -> float:
    """WCAG 2.1's contrast ratio of two colours, 1 to 21."""

    def luminance(name: str) -> float:
        colour = QColor(name)
        parts = []
        for share in (colour.redF(), colour.greenF(), colour.blueF()):
            parts.append(share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4)
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]

    bright, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def test_contrast_itself() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=lambda theme: theme.name)
def test_text_can_be_read(theme: Theme) -> None:
    for ground in (theme.ground, theme.surface, theme.raised):
        for text in (theme.text, theme.muted, theme.accent):
            assert contrast(text, ground) >= 4.5, (text, ground)
    for sign in (theme.good, theme.warning, theme.bad):
        assert contrast(sign, theme.surface) >= 4.5, sign
    assert contrast(theme.on_accent, theme.accent) >= 4.5
    for text in (theme.on_stage, theme.on_stage_muted, ON_STAGE_ACCENT):
        assert contrast(text, theme.stage) >= 4.5


def test_the_style_sheet_takes_the_themes_colours(qtbot: QtBot) -> None:
    for theme, other in ((DARK, LIGHT), (LIGHT, DARK)):
        sheet = style.sheet(theme)
        assert theme.ground in sheet
        assert other.ground not in sheet
        assert "$" not in sheet
        assert palette(theme).window().color() == QColor(theme.ground)
    assert (choose("light"), choose("dark")) == (LIGHT, DARK)
    assert choose("system") in (LIGHT, DARK)


@pytest.mark.parametrize("name", icons.NAMES)
@pytest.mark.parametrize("ratio", [1.0, 2.0])
def test_every_icon_is_drawn_in_its_colour(qtbot: QtBot, name: str, ratio: float) -> None:
    image = icons.pixmap(name, "#ff0000", 24, ratio).toImage()
    assert image.width() == round(24 * ratio)
    pixels = [image.pixelColor(x, y) for x in range(image.width()) for y in range(image.height())]
    solid = [colour for colour in pixels if colour.alpha() > 100]
    assert len(solid) > 10
    assert all(colour.red() > 230 and colour.green() < 10 for colour in solid)


def test_the_window_follows_the_system(
    open_window: Callable[..., Window], monkeypatch: pytest.MonkeyPatch
) -> None:
    window = open_window(appearance="system")
    before = window.theme
    other = LIGHT if before is DARK else DARK
    monkeypatch.setattr("unmask_live.app.theme.choose", lambda _: other)
    hints = QApplication.styleHints()
    hints.colorSchemeChanged.emit(hints.colorScheme())
    assert window.theme is other
    assert other.ground in QApplication.instance().styleSheet()
