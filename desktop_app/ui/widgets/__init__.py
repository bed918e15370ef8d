"""The building blocks that all screens share."""

from desktop_app.ui.widgets.buttons import (
    ActionButton,
    ButtonAction,
    ChipButton,
    ElidedButton,
    IconButton,
    Pill,
    SegmentedControl,
    TextButton,
    keys_of,
)
from desktop_app.ui.widgets.cards import Banner, Card, EmptyState, ErrorBox, IconLabel, button_row
from desktop_app.ui.widgets.filter_box import FilterBox
from desktop_app.ui.widgets.flat_list import FlatList, RowDelegate
from desktop_app.ui.widgets.labels import ElidedLabel, PlainLabel, breakable, literal, plain_tool_tip, set_role
from desktop_app.ui.widgets.line_dialog import LineDialog
from desktop_app.ui.widgets.panes import DRAWER_WIDTH, HEAD_HEIGHT, PANE_WIDTH, PaneHead, SideDrawer, SidePane
from desktop_app.ui.widgets.progress import ThinProgress
from desktop_app.ui.widgets.question_box import QuestionBox

__all__ = [
    "DRAWER_WIDTH",
    "HEAD_HEIGHT",
    "PANE_WIDTH",
    "ActionButton",
    "Banner",
    "ButtonAction",
    "Card",
    "ChipButton",
    "ElidedButton",
    "ElidedLabel",
    "EmptyState",
    "ErrorBox",
    "FilterBox",
    "FlatList",
    "IconButton",
    "IconLabel",
    "LineDialog",
    "PaneHead",
    "Pill",
    "PlainLabel",
    "QuestionBox",
    "RowDelegate",
    "SegmentedControl",
    "SideDrawer",
    "SidePane",
    "TextButton",
    "ThinProgress",
    "breakable",
    "button_row",
    "keys_of",
    "literal",
    "plain_tool_tip",
    "set_role",
]
