"""The messages of the process that typesets formulas; what every worker speaks stands in `messages`."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from desktop_app.protocol.framing import Message
from desktop_app.protocol.messages import CommonFromHost, CommonFromWorker, RequestId

LONGEST_SVG = 1_000_000
_Ems = Annotated[float, Meta(ge=0.0, le=10_000.0)]


class TypesetFormula(Message, frozen=True):
    """Typeset a formula; see domain.formulas.Formula."""

    request_id: RequestId
    source: Annotated[str, Meta(max_length=4_000)]
    display: bool


class FormulaTypeset(Message, frozen=True):
    """Answer to TypesetFormula; see domain.formulas.FormulaPicture. An empty `svg`: it cannot be drawn."""

    request_id: RequestId
    svg: Annotated[str, Meta(max_length=LONGEST_SVG)] = ""
    width: _Ems = 0.0
    ascent: _Ems = 0.0
    descent: _Ems = 0.0


FormulaFromHost = CommonFromHost | TypesetFormula
FormulaFromWorker = CommonFromWorker | FormulaTypeset
