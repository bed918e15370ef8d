"""A table of comma-separated values as Markdown."""

from __future__ import annotations

import csv
import io
from collections.abc import Container

from desktop_app.domain.page_links import link_name, wiki_link
from desktop_app.protocol.import_messages import MOST_TEXT_BYTES
from desktop_app.workers.import_worker.html_table import markdown_table


def csv_markdown(text: str, pages: Container[str] = ()) -> str:
    """The table; "" where it has no row. Rows may be of different lengths. What stands first in a row is a link where
    it is the title of one of the `pages`.
    """
    csv.field_size_limit(MOST_TEXT_BYTES)
    rows = [row for row in csv.reader(io.StringIO(text.replace("\0", ""), newline="")) if any(row)]
    for row in rows[1:]:
        if row[0] in pages and link_name(row[0]) == row[0]:
            row[0] = wiki_link(row[0], row[0])
    return markdown_table(rows) + "\n" if rows else ""
