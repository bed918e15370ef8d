"""XML of strangers: streamed, without document types or entities, and not nested without end."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NoReturn
from xml.parsers import expat

from desktop_app.domain.errors import ImportFileError
from desktop_app.workers.import_worker.limits import forbidden

MOST_DEPTH = 1_000
_SEPARATOR = " "

Attributes = dict[str, str]


def read_xml(
    chunks: Iterable[bytes],
    start: Callable[[str, Attributes], None],
    end: Callable[[str], None],
    text: Callable[[str], None],
    *,
    may_name_type: bool = False,
) -> None:
    """Parse `chunks`, calling the three for each element and its text. Names are without their namespaces.

    With `may_name_type` a document type may be named, as formats do whose type lies on the web: it is not looked up,
    and it may declare nothing in the file.

    Raises ImportFileError where it is no well-formed XML, ImportLimitError for a document type (which is how XML bombs
    and references to other files are made) and for elements nested too deep.
    """
    depth = 0

    def opened(name: str, attributes: Attributes) -> None:
        nonlocal depth
        depth += 1
        if depth > MOST_DEPTH:
            raise forbidden("its elements are nested without end")
        start(_local(name), {_local(key): value for key, value in attributes.items()})

    def closed(name: str) -> None:
        nonlocal depth
        depth -= 1
        end(_local(name))

    parser = expat.ParserCreate(namespace_separator=_SEPARATOR)
    parser.buffer_text = True
    parser.StartElementHandler = opened
    parser.EndElementHandler = closed
    parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = _refuse_declarations if may_name_type else _refuse_document_type
    try:
        for chunk in chunks:
            parser.Parse(chunk, False)
        parser.Parse(b"", True)
    except (expat.ExpatError, LookupError, ValueError) as error:  # the last two of an encoding that is none
        raise ImportFileError(
            "The file is damaged and cannot be read.", "", "Save it again with the program it is from."
        ) from error


def _local(name: str) -> str:
    return name.rpartition(_SEPARATOR)[2]


def _refuse_declarations(_name: str, _system_id: str | None, _public_id: str | None, has_declarations: bool) -> None:
    if has_declarations:
        _refuse_document_type()


def _refuse_document_type(*_what: object) -> NoReturn:
    raise forbidden("it declares entities of its own")
