"""Formulas of a DOCX file (Office Math) as LaTeX."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec

from desktop_app.workers.import_worker.safe_xml import Attributes

STARTS = frozenset({"oMath", "oMathPara"})
_MOST_DEPTH = 60
"""Elements that are told apart inside each other; what is nested deeper is read as if it stood at this depth."""
_MOST_CHARACTERS = 100_000
_SPECIAL = str.maketrans(
    {sign: f"\\{sign}" for sign in "#$%&_{}"} | {"\\": "\\backslash ", "~": "\\sim ", "^": "\\hat{}"}
)
_FUNCTIONS = frozenset(
    {"arccos", "arcsin", "arctan", "arg", "cos", "cosh", "cot", "coth", "csc", "deg", "det", "dim", "exp", "gcd", "hom"}
    | {"inf", "ker", "lg", "lim", "ln", "log", "max", "min", "Pr", "sec", "sin", "sinh", "sup", "tan", "tanh"}
)
_SUMS = {
    "∫": "\\int",
    "∬": "\\iint",
    "∭": "\\iiint",
    "∮": "\\oint",
    "∑": "\\sum",
    "∏": "\\prod",
    "∐": "\\coprod",
    "⋃": "\\bigcup",
    "⋂": "\\bigcap",
    "⋁": "\\bigvee",
    "⋀": "\\bigwedge",
}
_ACCENTS = {
    "\u0300": "\\grave",
    "\u0301": "\\acute",
    "\u0302": "\\hat",
    "\u0303": "\\tilde",
    "\u0304": "\\bar",
    "\u0305": "\\overline",
    "\u0306": "\\breve",
    "\u0307": "\\dot",
    "\u0308": "\\ddot",
    "\u030c": "\\check",
    "\u20d7": "\\vec",
    "\u2192": "\\vec",
    "^": "\\hat",
    "~": "\\tilde",
    "¯": "\\bar",
}
_FENCES = {"{": "\\{", "}": "\\}", "": ".", "⟨": "\\langle", "⟩": "\\rangle", "‖": "\\|", "⌈": "\\lceil"} | {
    "⌉": "\\rceil",
    "⌊": "\\lfloor",
    "⌋": "\\rfloor",
}


class _Node(msgspec.Struct):
    name: str
    value: str | None = None
    children: list[_Node] = msgspec.field(default_factory=list)
    text: list[str] = msgspec.field(default_factory=list)

    def child(self, name: str) -> _Node | None:
        """The first child of that name."""
        return next((each for each in self.children if each.name == name), None)

    def setting(self, name: str, otherwise: str) -> str:
        """What the element's own properties say; `otherwise` where they say nothing."""
        own = self.child(f"{self.name}Pr")
        found = own.child(name) if own is not None else None
        return otherwise if found is None else found.value if found.value is not None else ""

    def is_set(self, name: str) -> bool:
        """Whether the element's own properties switch that on."""
        return self.setting(name, "0") not in ("0", "false", "off")


class DocxFormula:
    """A formula while it is read. Feed it what stands in its element.

    Attributes:
        is_display: whether it stands in a line of its own.
    """

    def __init__(self, name: str) -> None:
        self.is_display = name == "oMathPara"
        self._root = _Node("oMath")
        self._opened: list[_Node] = [self._root]
        self._depth = 1
        self._words: list[str] = []

    def start(self, name: str, attributes: Attributes) -> None:
        """An element begins in it."""
        self._depth += 1
        if len(self._opened) < _MOST_DEPTH:
            node = _Node(name, attributes.get("val"))
            self._opened[-1].children.append(node)
            self._opened.append(node)

    def text(self, text: str) -> None:
        """Text in it."""
        self._opened[-1].text.append(text)
        self._words.append(text)

    def end(self) -> bool:
        """An element ends; true where it was the formula's own."""
        if self._depth <= len(self._opened):
            self._opened.pop()
        self._depth -= 1
        return self._depth == 0

    @property
    def words(self) -> str:
        """What is written in it, without its form."""
        return "".join(self._words)

    @property
    def latex(self) -> str:
        """The formula on one line; "" where nothing is in it, or it is too long or too deep to be one."""
        written = " ".join(_inside(self._root).split())
        return written if len(written) <= _MOST_CHARACTERS else ""


def _inside(node: _Node | None) -> str:
    """What stands in an element, one after the other."""
    if node is None:
        return ""
    return "".join(_WRITERS.get(each.name, _inside)(each) for each in node.children)


def _group(node: _Node | None) -> str:
    return f"{{{_inside(node)}}}"


def _nothing(_node: _Node) -> str:
    return ""


def _run(node: _Node) -> str:
    text = "".join("".join(each.text) for each in node.children if each.name == "t")
    if not text.strip():
        return "\\ " if text else ""
    own = node.child("rPr")
    written = text.translate(_SPECIAL)
    if own is not None and own.child("nor") is not None:
        return f"\\text{{{written}}}"
    if text in _FUNCTIONS:
        return f"\\{text} "
    style = own.child("sty") if own is not None else None
    if style is not None and style.value == "p" and len(text) > 1 and text.isalpha() and text.isascii():
        return f"\\mathrm{{{text}}}"
    if style is not None and style.value in ("b", "bi") and text.isalnum() and text.isascii():
        return f"\\mathbf{{{text}}}"
    return written


def _fraction(node: _Node) -> str:
    above, below, kind = _group(node.child("num")), _group(node.child("den")), node.setting("type", "bar")
    if kind == "lin":
        return f"{above}/{below}"
    return f"\\binom{above}{below}" if kind == "noBar" else f"\\frac{above}{below}"


def _scripts(node: _Node) -> str:
    written = _group(node.child("e"))
    for name, mark in (("sub", "_"), ("sup", "^")):
        if (part := node.child(name)) is not None:
            written += mark + _group(part)
    return written


def _scripts_before(node: _Node) -> str:
    return f"{{}}_{_group(node.child('sub'))}^{_group(node.child('sup'))}{_group(node.child('e'))}"


def _root(node: _Node) -> str:
    degree = "" if node.is_set("degHide") else _inside(node.child("deg"))
    return f"\\sqrt{f'[{degree}]' if degree else ''}{_group(node.child('e'))}"


def _sum(node: _Node) -> str:
    sign = node.setting("chr", "∫")
    written = _SUMS.get(sign, sign.translate(_SPECIAL))
    for name, mark in (("sub", "_"), ("sup", "^")):
        if not node.is_set(f"{name}Hide") and (limit := _inside(node.child(name))):
            written += f"{mark}{{{limit}}}"
    return f"{written} {_inside(node.child('e'))}"


def _fenced(node: _Node) -> str:
    first, last, between = node.setting("begChr", "("), node.setting("endChr", ")"), node.setting("sepChr", "|")
    parts = [_inside(each) for each in node.children if each.name == "e"]
    return f"\\left{_FENCES.get(first, first)} {between.join(parts)} \\right{_FENCES.get(last, last)}"


def _function(node: _Node) -> str:
    return f"{_inside(node.child('fName'))} {_group(node.child('e'))}"


def _limit(node: _Node) -> str:
    base, limit = _inside(node.child("e")).strip(), _group(node.child("lim"))
    if base.startswith("\\") and base[1:] in _FUNCTIONS:
        return f"{base}{'_' if node.name == 'limLow' else '^'}{limit} "
    return f"\\{'underset' if node.name == 'limLow' else 'overset'}{limit}{{{base}}}"


def _accent(node: _Node) -> str:
    return _ACCENTS.get(node.setting("chr", "\u0302"), "\\hat") + _group(node.child("e"))


def _bar(node: _Node) -> str:
    return ("\\overline" if node.setting("pos", "bot") == "top" else "\\underline") + _group(node.child("e"))


def _brace(node: _Node) -> str:
    is_above = node.setting("pos", "bot") == "top" or node.setting("chr", "⏟") == "⏞"
    return ("\\overbrace" if is_above else "\\underbrace") + _group(node.child("e"))


def _matrix(node: _Node) -> str:
    rows = [[_inside(cell) for cell in row.children if cell.name == "e"] for row in node.children if row.name == "mr"]
    return "\\begin{matrix} " + " \\\\ ".join(" & ".join(row) for row in rows) + " \\end{matrix}"


def _lines(node: _Node) -> str:
    rows = [_inside(each).replace("\\&", "&") for each in node.children if each.name == "e"]
    return "\\begin{aligned} " + " \\\\ ".join(rows) + " \\end{aligned}"


_WRITERS: Mapping[str, Callable[[_Node], str]] = {
    "r": _run,
    "f": _fraction,
    "sSup": _scripts,
    "sSub": _scripts,
    "sSubSup": _scripts,
    "sPre": _scripts_before,
    "rad": _root,
    "nary": _sum,
    "d": _fenced,
    "func": _function,
    "limLow": _limit,
    "limUpp": _limit,
    "acc": _accent,
    "bar": _bar,
    "groupChr": _brace,
    "m": _matrix,
    "eqArr": _lines,
    "del": _nothing,
    "ctrlPr": _nothing,
}
