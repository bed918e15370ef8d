"""Lists while they are written: items go in and out with what is below them, numbers follow, boxes are ticked.

Everything here takes lines and gives lines; a line that is not concerned comes back as it was.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

_ITEM = re.compile(
    r"(?P<indent>[ \t]*)(?P<sign>[-*+]|(?P<number>\d{1,9})[.)])(?:[ \t]+|$)(?P<box>\[[ xX]\](?:[ \t]+|$))?"
)
_RULE = re.compile(r" {0,3}([-*_])[ \t]*(?:\1[ \t]*){2,}$")
_TAB = 4
_STEP = " " * 4
"""Deep enough below every sign, and what other programs read as a list in a list."""


class ListItem(msgspec.Struct, frozen=True):
    """The beginning of a line that is a list item.

    Attributes:
        indent: the blanks in front of the sign.
        number: of an ordered list's item, else None.
        lead: characters in front of the words, a task's box included.
        box: where the character between a task's brackets stands; -1 for what is no task.
    """

    indent: str
    sign: str
    number: int | None
    lead: int
    box: int = -1

    @property
    def depth(self) -> int:
        """The column of the sign."""
        return depth_of(self.indent)


def item_of(line: str) -> ListItem | None:
    """What a line begins with as a list item; None for every other line."""
    match = _ITEM.match(line)
    if match is None or _RULE.match(line):
        return None
    number = int(match["number"]) if match["number"] else None
    box = match.start("box") + 1 if match["box"] else -1
    return ListItem(match["indent"], match["sign"], number, match.end(), box)


def depth_of(line: str) -> int:
    """How many columns of blanks a line begins with."""
    column = 0
    for character in line:
        if character == "\t":
            column += _TAB - column % _TAB
        elif character == " ":
            column += 1
        else:
            break
    return column


def indented(lines: Sequence[str], at: int) -> list[str]:
    """The item of line `at` as the last one below the item before it, with all that is below itself.

    As it was where no item of the same depth stands before it.
    """
    item = item_of(lines[at])
    parent = _sibling_before(lines, at, item) if item is not None else None
    if item is None or parent is None:
        return list(lines)
    below = [one for line in lines[parent + 1 : at] if (one := item_of(line)) is not None and one.depth > item.depth]
    child = min(below, key=lambda one: one.depth, default=None)
    return _shifted(lines, at, item, child.indent if child is not None else _step_in(lines, lines[parent]))


def outdented(lines: Sequence[str], at: int) -> list[str]:
    """The item of line `at` beside the item that it is below, with all that is below itself."""
    item = item_of(lines[at])
    if item is None or not item.indent:
        return list(lines)
    above = (item_of(line) for line in reversed(lines[:at]))
    parent = next((one for one in above if one is not None and one.depth < item.depth), None)
    return _shifted(lines, at, item, parent.indent if parent is not None else "")


def renumbered(before: Sequence[str], lines: Sequence[str], start: int) -> list[str]:
    """`lines` with the numbers from line `start` on counted anew, down to the end of its list.

    Lists whose items all bear one number, as Markdown allows, keep that: `before` says how it was.
    """
    if _repeats_numbers(before) or start >= len(lines):
        return list(lines)
    changed = list(lines)
    floor = min((depth_of(line) for line in (*before[start : start + 1], lines[start]) if line.strip()), default=0)
    last: dict[int, int | None] = {}
    for number, line in enumerate(lines):
        item = item_of(line)
        if item is None:
            if number > start and line.strip() and depth_of(line) <= floor:
                break
            continue
        if number > start and item.depth < floor:
            break
        for deeper in [depth for depth in last if depth > item.depth]:
            del last[deeper]
        value = item.number
        if value is not None and number >= start and item.depth >= floor:
            previous = last.get(item.depth)
            if previous is not None:
                value = previous + 1
            elif number == start:
                was = item_of(before[start]) if start < len(before) else None
                value = was.number if was is not None and was.depth == item.depth and was.number is not None else 1
            words = line[len(item.indent) :]
            if words.startswith(str(item.number)):  # not with zeros in front: somebody's own way of counting
                changed[number] = f"{item.indent}{value}{words[len(str(item.number)) :]}"
        last[item.depth] = value
    return changed


def number_after(lines: Sequence[str], at: int) -> int | None:
    """The number of an item that comes right behind the one of line `at`; None for a bullet."""
    item = item_of(lines[at])
    if item is None or item.number is None:
        return None
    return item.number if _repeats_numbers(lines) else item.number + 1


def with_tasks(lines: Sequence[str]) -> list[str]:
    """All lines as tasks; ticked where all are tasks already, and opened again where all of them are done."""
    items = [item_of(line) for line in lines]
    written = [(line, item) for line, item in zip(lines, items, strict=True) if line.strip()]
    tasks = bool(written) and all(item is not None and item.box >= 0 for _, item in written)
    done = tasks and all(item is not None and line[item.box] in "xX" for line, item in written)
    return [
        line if not line.strip() and len(lines) > 1 else _as_task(line, item, None if not tasks else not done)
        for line, item in zip(lines, items, strict=True)
    ]


def shifted_lines(lines: Sequence[str], *, back: bool) -> list[str]:
    """Several lines one step to the right, or back to the left."""
    step = "\t" if any(line.startswith("\t") for line in lines) else _STEP
    if back:
        return [_without_step(line) for line in lines]
    return [step + line if line.strip() else line for line in lines]


def _without_step(line: str) -> str:
    if line.startswith("\t"):
        return line[1:]
    return line[min(_TAB, len(line) - len(line.lstrip(" "))) :]


def _as_task(line: str, item: ListItem | None, done: bool | None) -> str:
    """`done` None: what is no task yet becomes one."""
    if item is not None and item.box >= 0:
        return line if done is None else line[: item.box] + (" x"[done]) + line[item.box + 1 :]
    if item is not None:
        gap = "" if line[: item.lead].endswith((" ", "\t")) else " "
        return f"{line[: item.lead]}{gap}[ ] {line[item.lead :]}"
    words = line.lstrip(" \t")
    return f"{line[: len(line) - len(words)]}- [ ] {words}"


def _sibling_before(lines: Sequence[str], at: int, item: ListItem) -> int | None:
    for number in range(at - 1, -1, -1):
        if not lines[number].strip():
            continue
        depth = depth_of(lines[number])
        if depth <= item.depth:
            return number if depth == item.depth and item_of(lines[number]) is not None else None
    return None


def _step_in(lines: Sequence[str], parent: str) -> str:
    """The blanks in front of a first item below `parent`: as far in as elsewhere in this list."""
    above = item_of(parent)
    assert above is not None
    step = _STEP
    outer: ListItem | None = None
    for item in map(item_of, lines):
        if item is not None and outer is not None and item.depth > outer.depth:
            step = "\t" if "\t" in item.indent else " " * (item.depth - outer.depth)
            break
        outer = item or outer
    if step != "\t":
        step = " " * max(len(step), len(above.sign) + 1)
    return above.indent + step


def _shifted(lines: Sequence[str], at: int, item: ListItem, indent: str) -> list[str]:
    """Line `at` and all that is deeper below it with `indent` in place of the item's own."""
    changed = list(lines)
    for number in range(at, len(lines)):
        line = lines[number]
        if number > at and line.strip() and depth_of(line) <= item.depth:
            break
        if line.strip() and line.startswith(item.indent):
            changed[number] = indent + line[len(item.indent) :]
    return changed


def _repeats_numbers(lines: Sequence[str]) -> bool:
    """Whether two items of one list that follow each other bear the same number."""
    last: dict[int, int | None] = {}
    for line in lines:
        item = item_of(line)
        if item is None:
            if line.strip() and depth_of(line) == 0:
                last.clear()
            continue
        for deeper in [depth for depth in last if depth > item.depth]:
            del last[deeper]
        if item.number is not None and last.get(item.depth) == item.number:
            return True
        last[item.depth] = item.number
    return False
