"""A table of comma-separated values as Markdown."""

from __future__ import annotations

import csv
import io

from desktop_app.protocol.import_messages import MOST_TEXT_BYTES
from desktop_app.workers.import_worker.html_table import markdown_table


def csv_markdown(text: str) -> str:
    """The table; "" where it has no row. Rows may be of different lengths."""
    csv.field_size_limit(MOST_TEXT_BYTES)
    rows = [row for row in csv.reader(io.StringIO(text.replace("\0", ""), newline="")) if any(row)]
    return markdown_table(rows) + "\n" if rows else ""
