"""XML of strangers is read without document types and entities, and not nested without end."""

from __future__ import annotations

import pytest

from desktop_app.domain.errors import ImportFileError, ImportLimitError
from desktop_app.workers.import_worker.safe_xml import MOST_DEPTH, read_xml


def elements(document: str, *, may_name_type: bool = False) -> list[str]:
    """The names of all elements, as they end."""
    ended: list[str] = []
    encoded = document.encode()
    chunks = (encoded[start : start + 7] for start in range(0, len(encoded), 7))
    read_xml(chunks, lambda _name, _given: None, ended.append, lambda _text: None, may_name_type=may_name_type)
    return ended


def test_elements_are_nested_so_deep_and_no_deeper() -> None:
    assert len(elements("<a>" * MOST_DEPTH + "</a>" * MOST_DEPTH)) == MOST_DEPTH
    with pytest.raises(ImportLimitError):
        elements("<a>" * (MOST_DEPTH + 1) + "</a>" * (MOST_DEPTH + 1))


def test_many_elements_beside_each_other_are_not_nested() -> None:
    assert len(elements("<a>" + "<b/>" * (2 * MOST_DEPTH) + "</a>")) == 2 * MOST_DEPTH + 1


@pytest.mark.parametrize("may_name_type", [True, False])
def test_nothing_is_declared_in_the_file(may_name_type: bool) -> None:
    for inside in ('<!ENTITY a "b">', '<!ENTITY a SYSTEM "file:///etc/passwd">', '<!ENTITY % a "b">'):
        with pytest.raises(ImportLimitError):
            elements(f"<!DOCTYPE x [{inside}]><x/>", may_name_type=may_name_type)


def test_a_type_may_be_named_where_formats_do() -> None:
    named = '<!DOCTYPE x SYSTEM "http://example.org/x.dtd"><x/>'
    assert elements(named, may_name_type=True) == ["x"]
    with pytest.raises(ImportLimitError):
        elements(named)


def test_what_is_no_xml_is_damaged() -> None:
    with pytest.raises(ImportFileError):
        elements("<a><b></a>")
