"""Typesets formulas with ziamath, in a process of its own: one that never ends is ended from outside.

What a formula says can name no file and run nothing: latex2mathml knows no such command, the XML that it writes has no
document type, and of the drawing nothing but plain shapes is let through.
"""

from __future__ import annotations

import logging
import re
import xml.etree.ElementTree as ET

from desktop_app.domain.formulas import COLOUR
from desktop_app.protocol.formula_messages import LONGEST_SVG, FormulaFromHost, FormulaTypeset, TypesetFormula
from desktop_app.workers.memory_limit import limit_memory
from desktop_app.workers.worker_runtime import WorkerRuntime

SIZE = 20.0
"""Font size in pixels that is typeset at; pictures are scaled."""

MEMORY_BYTES = 1024**3
_SVG = "http://www.w3.org/2000/svg"
_SHAPES = {
    "path": ("d", "stroke-width"),
    "rect": ("x", "y", "width", "height", "rx", "stroke-width"),
    "ellipse": ("cx", "cy", "rx", "ry", "stroke-width"),
}
_NO_GLYPH = 0
_UNKNOWN_COMMAND = re.compile(r">\s*\\[A-Za-z]")
_LEFT_OUT = re.compile(r"\\label\s*\{[^{}]*\}|\\(?:nonumber|notag)(?![A-Za-z])|\\(?:begin|end)\s*\{equation\*?\}")
_NUMBERED = re.compile(r"\\(begin|end)\s*\{(align|gather|multline|flalign|alignat|eqnarray)\}")
_POWER = re.compile(r"(\\begin\{([pbBvV]?matrix)\}(?:(?!\\begin).)*?\\end\{\2\})([_^])", re.DOTALL)
"""A matrix with a power: the library takes the power for that of nothing, without braces around the matrix."""
_TAG = re.compile(r"\\tag\*?\s*\{([^{}]*)\}")


class NotDrawableError(Exception):
    """This formula cannot be drawn; its source is shown."""


class Typesetter:
    """ziamath behind one method. Importing it takes a fifth of a second."""

    def __init__(self) -> None:
        from ziamath.config import config
        from ziamath.tex import tex2mml
        from ziamath.zmath import Math, loadedfonts

        config.svg2 = False  # shapes in place instead of references to symbols
        self._tex2mml = tex2mml
        self._math = Math
        self._font = loadedfonts["default"]

    def typeset(self, source: str, *, display: bool) -> tuple[str, float, float, float]:
        """(SVG, width, ascent, descent in units of the font's size). Raises NotDrawableError."""
        if any(ord(each) > 127 and self._font.glyphindex(each) == _NO_GLYPH for each in source):
            raise NotDrawableError("a character is not in the font")
        source = _POWER.sub(r"{\1}\3", source)
        source = _TAG.sub(r"\\qquad (\1)", _LEFT_OUT.sub(" ", source))
        source = _NUMBERED.sub(r"\\\1{\2*}", source)  # nothing could refer to the numbers
        try:
            mathml = self._tex2mml(source, inline=not display)
            if _UNKNOWN_COMMAND.search(mathml):
                raise NotDrawableError("it has a command that is not known")
            picture = self._math(mathml, size=SIZE, margin=0.0).svgxml()
        except NotDrawableError:
            raise
        except (Exception, RecursionError) as error:
            # The libraries raise whatever they stumble over; all of it means the same.
            raise NotDrawableError(type(error).__name__) from error
        left, top, width, height = (float(number) for number in picture.attrib["viewBox"].split())
        if not (0 < width < 400 * SIZE and 0 < height < 400 * SIZE):
            raise NotDrawableError("it has no size")
        svg = _shapes_only(picture, (left, top, width, height))
        return svg, width / SIZE, max(0.0, -top) / SIZE, max(0.0, top + height) / SIZE


def _shapes_only(picture: ET.Element, box: tuple[float, float, float, float]) -> str:
    """The drawing's shapes in the one colour. Raises NotDrawableError where it has more than these."""
    clean = ET.Element("svg", {"xmlns": _SVG, "viewBox": " ".join(f"{number:.3f}" for number in box)})
    for shape in picture.iter():
        if shape is picture:
            continue
        attributes = _SHAPES.get(shape.tag)
        if attributes is None:
            raise NotDrawableError(f"it draws {shape.tag!r}")
        kept = {name: shape.attrib[name] for name in attributes if name in shape.attrib}
        kept["fill"] = "none" if shape.attrib.get("fill") == "none" else COLOUR
        if shape.attrib.get("stroke", "none") != "none":
            kept["stroke"] = COLOUR
        ET.SubElement(clean, shape.tag, kept)
    svg = ET.tostring(clean, encoding="unicode")
    if len(svg) > LONGEST_SVG:
        raise NotDrawableError("it is too large")
    return svg


def main() -> int:
    """Serve until the host hangs up."""
    runtime = WorkerRuntime("formula", FormulaFromHost, lambda _message: False)
    runtime.start()
    limit_memory(MEMORY_BYTES)
    logging.disable(logging.CRITICAL)  # the libraries would write what a formula holds
    typesetter = Typesetter()
    for job in runtime.jobs():
        if isinstance(job, TypesetFormula):
            try:
                answer = FormulaTypeset(job.request_id, *typesetter.typeset(job.source, display=job.display))
            except (NotDrawableError, MemoryError):
                answer = FormulaTypeset(job.request_id)
            runtime.send(answer)
    return 0
