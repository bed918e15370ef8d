"""Marks in HTML that nothing closes, taken for the text that they are, before a parser looks for their ends.

Python's parser goes to the end of the page for each of them: 80,000 take a minute, and 50 MB can have many more.
"""

from __future__ import annotations


def with_open_ends_as_text(html: str) -> str:
    """The page with every `<` that cannot be the beginning of anything written as `&lt;`; what is shown is the same."""
    closed = html.rfind(">") + 1
    head, tail = html[:closed], html[closed:].replace("<", "&lt;")
    for begins, ends in (("<!--", "--"), ("<![", "]")):
        last = max(head.rfind(ends + ">"), head.rfind("--!>") if ends == "--" else -1)
        head = head[: last + 1] + head[last + 1 :].replace(begins, "&lt;" + begins[1:])
    return head + tail
