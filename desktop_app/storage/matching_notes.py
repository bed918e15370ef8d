"""The notes whose words may be those that are looked for, before their texts are read."""

from __future__ import annotations

from sqlalchemy import Integer, literal_column, select, text

from desktop_app.domain.query import POSTING_BUDGET
from desktop_app.storage.tables import note_tails

_IN_HEADS = (
    select(literal_column("rowid", Integer).label("id"))
    .select_from(text("notes_words"))
    .where(text("notes_words MATCH :match"))
    .order_by(literal_column("rowid").desc())
    .limit(POSTING_BUDGET)
    .subquery("in_heads")
)
_IN_TAILS = select(note_tails.c.note_id).where(
    note_tails.c.id.in_(
        select(literal_column("rowid", Integer))
        .select_from(text("tails_words"))
        .where(text("tails_words MATCH :tail_match"))
    )
)

MATCHING_NOTES = select(_IN_HEADS.c.id).union(_IN_TAILS)
"""Ids, the newest of very many, by the FTS5 expressions `match`, and `tail_match` for what lies behind the beginning of
a long note; the trash included.
"""
