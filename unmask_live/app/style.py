"""The style sheet, filled in with a theme's colours."""

from __future__ import annotations

from dataclasses import asdict
from string import Template

from unmask_live.app.theme import Theme

_SHEET = Template("""
* { outline: 0; }
QWidget { color: $text; font-size: 13px; }
#window { background: $ground; }
QToolTip { background: $surface; color: $text; border: 1px solid $line; padding: 5px 8px; }

#toolbar { background: $ground; border-bottom: 1px solid $line; }
#strip { background: $ground; border-top: 1px solid $line; }
#strip QLabel { font-size: 12px; }
#strip QLabel[role="caption"] { color: $muted; }

QToolButton, QPushButton {
    background: transparent; border: 2px solid transparent; border-radius: 9px;
    padding: 5px 10px; min-height: 22px; color: $text;
}
QToolButton::menu-indicator { image: none; }
QToolButton[compact="true"] { padding: 5px 6px; }
QToolButton:hover, QPushButton:hover { background: $raised; }
QToolButton:pressed, QPushButton:pressed, QToolButton:open { background: $line; }
QToolButton:checked { background: $raised; color: $accent; }
QToolButton:disabled, QPushButton:disabled { color: $muted; }
QToolButton:focus, QPushButton:focus { border-color: $accent; }
QToolButton[role="source"] {
    background: $surface; border-color: $line; text-align: left; padding-right: 30px;
}
QToolButton[role="source"]:hover { background: $raised; }
QToolButton[role="source"]:focus { border-color: $accent; }
QToolButton[role="record"]:checked { background: $bad; color: $on_bad; }
QToolButton[role="primary"], QPushButton[role="primary"] {
    background: $accent; color: $on_accent; font-weight: 600;
}
QToolButton[role="primary"]:hover, QPushButton[role="primary"]:hover { background: $accent_hover; }
QToolButton[role="primary"]:focus, QPushButton[role="primary"]:focus { border-color: $text; }
QToolButton[role="primary"]:disabled { background: $raised; color: $muted; }
QPushButton[role="plain"] { background: $raised; }
QPushButton[role="plain"]:hover { background: $line; }

QMenu {
    background: $surface; border: 1px solid $line; border-radius: 10px; padding: 6px;
}
QMenu::item { padding: 7px 28px 7px 12px; border-radius: 6px; }
QMenu::item:selected { background: $raised; }
QMenu::item:disabled { color: $muted; }
QMenu::separator { height: 1px; background: $line; margin: 6px 8px; }
QMenu::indicator { width: 8px; height: 8px; left: 6px; border-radius: 4px; }
QMenu::indicator:checked { background: $accent; }

#panel { background: $surface; border-left: 1px solid $line; }
QScrollArea, #scrolled, #viewport { background: transparent; border: 0; }
QLabel[role="title"] { font-size: 17px; font-weight: 600; }
QLabel[role="heading"] { color: $muted; font-size: 11px; font-weight: 600; }
QLabel[role="note"] { color: $muted; font-size: 12px; }
QLabel[role="key"] {
    background: $raised; border: 1px solid $line; border-radius: 5px; padding: 2px 7px;
    font-size: 12px;
}
QFrame[role="rule"] { background: $line; border: 0; max-height: 1px; }

QComboBox, QLineEdit {
    background: $ground; border: 2px solid $line; border-radius: 8px; padding: 5px 9px;
    min-height: 20px; selection-background-color: $accent; selection-color: $on_accent;
}
QComboBox:hover, QLineEdit:hover { border-color: $muted; }
QComboBox:focus, QLineEdit:focus { border-color: $accent; }
#panel QComboBox::drop-down { border: 0; width: 24px; }
#panel QComboBox::down-arrow { image: none; }
QComboBox QAbstractItemView {
    background: $surface; border: 1px solid $line; border-radius: 8px; padding: 4px;
    selection-background-color: $raised; selection-color: $text;
}
QSlider { min-height: 26px; }
QSlider::groove:horizontal { height: 4px; border-radius: 2px; background: $line; }
QSlider::sub-page:horizontal { height: 4px; border-radius: 2px; background: $accent; }
QSlider::handle:horizontal {
    width: 16px; height: 16px; margin: -8px 0; border-radius: 10px;
    background: $accent; border: 2px solid $surface;
}
QSlider::handle:horizontal:focus { border-color: $text; }
QScrollBar:vertical { background: transparent; width: 10px; margin: 2px; }
QScrollBar::handle:vertical { background: $line; border-radius: 3px; min-height: 32px; }
QScrollBar::handle:vertical:hover { background: $muted; }
QScrollBar::add-line, QScrollBar::sub-line, QScrollBar::add-page, QScrollBar::sub-page {
    background: transparent; border: 0; height: 0;
}

#stage { background: $stage; }
#stage #welcome QLabel { color: $on_stage; }
#stage #welcome QLabel[role="note"] { color: $on_stage_muted; }
#welcome QLabel[role="title"] { font-size: 22px; }
#veil { background: rgba(6, 7, 9, 190); }
#card { background: $surface; border: 1px solid $line; border-radius: 14px; }
#banner { background: $surface; border: 1px solid $line; border-radius: 12px; }
#banner QPushButton { padding: 3px 10px; }
QDialog { background: $surface; }
QDialogButtonBox { dialogbuttonbox-buttons-have-icons: 0; }
QDialog QPushButton { background: $raised; min-width: 72px; }
QDialog QPushButton:default { background: $accent; color: $on_accent; }
QProgressBar { background: $raised; border: 0; border-radius: 4px; max-height: 8px; }
QProgressBar::chunk { background: $accent; border-radius: 4px; }
""")


def sheet(theme: Theme) -> str:
    """Return the application's style sheet."""
    colours = asdict(theme)
    dark = theme.name == "dark"
    colours["on_bad"] = "#1d0705" if dark else "#ffffff"
    colours["accent_hover"] = "#9abdff" if dark else "#174bae"
    return _SHEET.substitute(colours)
