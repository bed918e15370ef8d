"""What stands inside a line of Markdown that was HTML: marks, links, escapes."""

from __future__ import annotations

import re
from collections.abc import Callable

import msgspec

Attributes = dict[str, str]
LinkWriter = Callable[[str, str], str]
"""The Markdown of a link, from its text and its target."""

BREAK = "\x00"
"""A line break that was asked for."""
MARKS = {
    "b": "**",
    "strong": "**",
    "i": "*",
    "em": "*",
    "s": "~~",
    "del": "~~",
    "strike": "~~",
    "mark": "==",
    "code": "`",
    "tt": "`",
    "kbd": "`",
    "samp": "`",
    "a": "",
    "span": "",
    "font": "",
    "sup": "",
    "sub": "",
}
"""The elements inside lines, and the mark that each is written with; those with none may have one by their style."""
BACKTICKS = re.compile(r"`+")
_BLANKS = re.compile(r"[ \t\r\n\f\v\xa0\u2028\u2029]+")
_LINE_START = re.compile(r"^(#{1,6}|[-+*>]|\d{1,9}[.)])(?=\s|$)|^(?=---|===|```|~~~)")
_BOLD = re.compile(r"font-weight:\s*(?:bold|bolder|[6-9]00)\b", re.IGNORECASE)
_NOT_BOLD = re.compile(r"font-weight:\s*(?:normal|[1-5]00)\b", re.IGNORECASE)
_ITALIC = re.compile(r"font-style:\s*(?:italic|oblique)\b", re.IGNORECASE)
_HIGHLIGHT = re.compile(r"-en-highlight:|-evernote-highlight:\s*true", re.IGNORECASE)
_LIFTED = {
    "sup": str.maketrans("0123456789+-=()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿ"),
    "sub": str.maketrans("0123456789+-=()", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎"),
}


class Frame(msgspec.Struct):
    """An inline element that is open, and what was written in it."""

    tag: str
    target: str = ""
    mark: str = ""
    parts: list[str] = msgspec.field(default_factory=list)

    def again(self) -> Frame:
        """The same element, going on in the next block."""
        return Frame(self.tag, self.target, self.mark)


def mark_of(tag: str, attributes: Attributes) -> str:
    """The mark that an element is written with; "" for none."""
    style = attributes.get("style", "")
    mark = MARKS[tag]
    if mark == "**" and _NOT_BOLD.search(style):  # what word processors put around a whole text
        return ""
    if tag in ("span", "font"):
        if _HIGHLIGHT.search(style):
            return "=="
        return "**" if _BOLD.search(style) else "*" if _ITALIC.search(style) else ""
    return mark


def plain_link(text: str, target: str) -> str:
    """A link to where it led."""
    if target == text and re.match(r"https?://\S+$", target):
        return f"<{target}>"
    return f"[{text}]({written_target(target)})"


def written_target(target: str) -> str:
    """A link's target as Markdown takes it."""
    return f"<{target}>" if re.search(r"[\s()]", target) else target


def lifted(tag: str, text: str) -> str:
    """Text above or below the line: in the letters that mean that, where there are such; else as it is."""
    written = text.translate(_LIFTED[tag])
    return written if all(ord(letter) > 127 for letter in written) else text


def is_picture_of(written: str, target: str) -> bool:
    """Whether a link's text is nothing but the picture that the link leads to."""
    return written.startswith("![") and written.count("](") == 1 and written.endswith(f"]({written_target(target)})")


def collapsed(text: str) -> str:
    """Blanks as HTML reads them; a line break where one was asked for, none at the ends."""
    lines = [_BLANKS.sub(" ", line).strip() for line in text.split(BREAK)]
    return re.sub(r"\n{2,}", "\n\n", "\n".join(lines)).strip()


def escaped(text: str) -> str:
    """Marks that Markdown would read as its own; a star between blanks means nothing to it."""
    return re.sub(r"\\(?=[*`_\[\]\\#])|`|(?<!\s)\*|\*(?!\s)", r"\\\g<0>", text)


def unescaped(text: str) -> str:
    """What `escaped` was made of."""
    return re.sub(r"\\([*`\\_\[\]#])", r"\1", text)


def plain(text: str) -> str:
    """A line without its marks and links."""
    text = re.sub(r"!?\[((?:[^\[\]\\]|\\.)*)\]\((?:<[^<>]*>|[^()\s]*)\)", r"\1", text)
    return unescaped(text.replace("**", ""))


def paragraph(text: str) -> str:
    """Text whose lines stay lines, and begin no heading, list, quote or fence of their own."""
    lines = [_safe_line_start(line) for line in text.split("\n")]
    followed = [*(bool(line) for line in lines[1:]), False]
    return "\n".join(line + "\\" if line and more else line for line, more in zip(lines, followed, strict=True))


def code(text: str) -> str:
    """Code inside a line."""
    text = text.replace("\n", " ")
    ticks = "`" * (1 + max((len(run) for run in BACKTICKS.findall(text)), default=0))
    pad = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{ticks}{pad}{text}{pad}{ticks}"


def _safe_line_start(line: str) -> str:
    found = _LINE_START.match(line)
    if found is None:
        return line
    mark = found[0]
    if mark[:1].isdigit():
        return f"{mark[:-1]}\\{mark[-1]}{line[len(mark) :]}"
    return "\\" + line
