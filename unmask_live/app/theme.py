"""The window's colours, light and dark, and which of the two the system asks for."""

from __future__ import annotations

from dataclasses import dataclass

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QColor, QGuiApplication, QPalette

APPEARANCES = ("system", "light", "dark")


@dataclass(frozen=True)
class Theme:
    """One set of colours as #rrggbb; text on its ground is at least 4.5 to 1 (WCAG AA)."""

    name: str
    ground: str
    surface: str
    raised: str
    line: str
    text: str
    muted: str
    accent: str
    on_accent: str
    good: str
    warning: str
    bad: str
    stage: str = "#0a0b0d"
    on_stage: str = "#f2f4f7"
    on_stage_muted: str = "#a3abb8"


DARK = Theme(
    name="dark",
    ground="#15171b",
    surface="#1d2026",
    raised="#2a2e36",
    line="#30353e",
    text="#eef0f3",
    muted="#a3abb8",
    accent="#7aa8ff",
    on_accent="#0b1220",
    good="#5fd08a",
    warning="#f0b752",
    bad="#ff7b72",
)
LIGHT = Theme(
    name="light",
    ground="#f6f7f9",
    surface="#ffffff",
    raised="#e8ebf0",
    line="#d5dae2",
    text="#15181d",
    muted="#555e6c",
    accent="#1d5bd0",
    on_accent="#ffffff",
    good="#177a41",
    warning="#8a5a00",
    bad="#c22f27",
)
ON_STAGE_ACCENT = "#7aa8ff"
"""The accent on the picture, which is dark in both themes."""


def choose(appearance: str) -> Theme:
    """Return the theme for "light", "dark" or "system"; dark where the system does not say."""
    if appearance in ("light", "dark"):
        return LIGHT if appearance == "light" else DARK
    hints = QGuiApplication.styleHints()
    light = hints is not None and hints.colorScheme() == Qt.ColorScheme.Light
    return LIGHT if light else DARK


def palette(theme: Theme) -> QPalette:
    """Return Qt's palette in the theme's colours, for what the style sheet does not reach."""
    made = QPalette()
    role = QPalette.ColorRole
    for which, colour in (
        (role.Window, theme.ground),
        (role.Base, theme.surface),
        (role.AlternateBase, theme.raised),
        (role.Button, theme.surface),
        (role.WindowText, theme.text),
        (role.Text, theme.text),
        (role.ButtonText, theme.text),
        (role.PlaceholderText, theme.muted),
        (role.Highlight, theme.accent),
        (role.HighlightedText, theme.on_accent),
        (role.ToolTipBase, theme.surface),
        (role.ToolTipText, theme.text),
        (role.Link, theme.accent),
    ):
        made.setColor(which, QColor(colour))
    for which in (role.WindowText, role.Text, role.ButtonText):
        made.setColor(QPalette.ColorGroup.Disabled, which, QColor(theme.muted))
    return made
