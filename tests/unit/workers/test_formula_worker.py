"""What the formula worker draws, and that a formula can do nothing else."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import pytest

from desktop_app.domain.formulas import COLOUR
from desktop_app.workers.formula_worker import NotDrawableError, Typesetter, _shapes_only


@pytest.fixture(scope="module")
def typesetter() -> Typesetter:
    return Typesetter()


@pytest.mark.parametrize(
    "source",
    [
        r"x = \frac{-b \pm \sqrt{b^2-4ac}}{2a}",
        r"\begin{align} a &= b \\ &= c \end{align}",
        r"\begin{equation} E = mc^2 \label{e} \end{equation}",
        r"\begin{pmatrix} a & b \\ c & d \end{pmatrix}^{-1}",
        r"f(x) = \begin{cases} 1 & x > 0 \\ 0 & \text{otherwise} \end{cases} \tag{3}",
        r"\operatorname{softmax}(x)_i = \frac{e^{x_i}}{\sum_j e^{x_j}} \nonumber",
        r"\overline{AB} \quad \boxed{42} \quad \cancel{y}",
    ],
)
def test_usual_formulas_are_drawn_in_one_colour(typesetter: Typesetter, source: str) -> None:
    svg, width, ascent, descent = typesetter.typeset(source, display=True)
    assert width > 0.4
    assert ascent > 0.4
    assert descent >= 0
    colours = set(re.findall(r'(?:fill|stroke)="([^"]*)"', svg))
    assert colours <= {COLOUR, "none"}


def test_lengths_are_in_units_of_the_font(typesetter: Typesetter) -> None:
    _, width, ascent, descent = typesetter.typeset("x", display=False)
    assert width == pytest.approx(0.54, abs=0.05)
    assert ascent == pytest.approx(0.48, abs=0.05)
    assert descent == pytest.approx(0.01, abs=0.02)


@pytest.mark.parametrize(
    "source",
    [
        r"\foo{x}",
        r"\input{/etc/passwd}",
        r"\includegraphics{/etc/passwd}",
        r"\frac{",
        r"\left( x",
        r"\text{中}",
        r'\text{<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>&e;}',
        r"\quad",
    ],
)
def test_what_cannot_be_drawn_is_said_to_be_so(typesetter: Typesetter, source: str) -> None:
    with pytest.raises(NotDrawableError):
        typesetter.typeset(source, display=False)


@pytest.mark.parametrize(
    "source",
    [r"\href{file:///etc/passwd}{x}", r"\color{url(file:///etc/passwd)}{x}", r"\class{a}{x} \style{background:red}{y}"],
)
def test_no_address_gets_into_a_picture(typesetter: Typesetter, source: str) -> None:
    try:
        svg, *_ = typesetter.typeset(source, display=False)
    except NotDrawableError:
        return
    assert "passwd" not in svg
    assert "url" not in svg
    assert "href" not in svg
    assert set(re.findall(r"<(\w+)", svg)) <= {"svg", "path", "rect", "ellipse"}


def test_a_drawing_with_more_than_shapes_is_refused() -> None:
    picture = ET.fromstring('<svg><g><image href="file:///etc/passwd"/></g></svg>')
    with pytest.raises(NotDrawableError):
        _shapes_only(picture, (0, 0, 10, 10))
